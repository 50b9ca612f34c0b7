"""Runs the standard mix for long, watches the daemon meanwhile, and tells whether it grew.

scripts/soak-test starts the daemon, the edge and this. docs/ops/capacity.md explains the figures.
"""

import argparse
import csv
import json
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import watch  # noqa: E402  (beside this file)

COLUMNS = ("seconds", "rss_kib", "threads", "files", "cpu_seconds", "group_bytes", "series", "memory_used_bytes",
           "queue_length")
SETTLE_SECONDS = 600
LATENCY_GOALS_MS = (("p50_ms", 2), ("p99_ms", 15), ("p999_ms", 50))
STEADY = 3  # threads and files may differ by so many
REST_SECONDS = 3
# A short run's memory has not settled: what it shows is a leak of some hundred bytes a call, not less.
SHORT_RUN_GROWTH = 1000


def is_short(duration):
    return duration < 3 * SETTLE_SECONDS


def settle_seconds(duration):
    """What is left out of the growth: ten minutes, in a run of less than half an hour its first third."""
    return duration / 3 if is_short(duration) else SETTLE_SECONDS


def growth(rows, duration):
    """MiB an hour that the resident memory grew after it settled, with the standard error; None with too few rows."""
    settled = settle_seconds(duration)
    line = watch.slope([(row["seconds"] / 3600, row["rss_kib"] / 1024) for row in rows if row["seconds"] >= settled])
    return line


def grows(line, limit):
    """Whether the growth is above the limit by more than chance."""
    return line is not None and line[0] - 2 * line[1] > limit


def chart(rows, limit_bytes):
    """The resident memory over time, as an SVG."""
    width, height, left, bottom = 900, 320, 70, 40
    last = max(row["seconds"] for row in rows) or 1
    top = max(row["rss_kib"] for row in rows) / 1024 * 1.15
    at = lambda seconds, mib: (left + (width - left - 20) * seconds / last, (height - bottom) * (1 - mib / top) + 10)
    line = " ".join("{:.1f},{:.1f}".format(*at(row["seconds"], row["rss_kib"] / 1024)) for row in rows)
    parts = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height + 20}" font-family="sans-serif" '
             f'font-size="12"><rect width="100%" height="100%" fill="white"/>']
    for step in range(6):
        x, y = at(last * step / 5, top * step / 5)
        parts.append(f'<line x1="{left}" x2="{width - 20}" y1="{y:.1f}" y2="{y:.1f}" stroke="#ddd"/>'
                     f'<text x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{top * step / 5:.0f} MiB</text>'
                     f'<text x="{x:.1f}" y="{height - 12}" text-anchor="middle">{last * step / 300:.1f} min</text>')
    limit = f" (the group's limit: {limit_bytes / 2**20:.0f} MiB)" if limit_bytes else ""
    parts.append(f'<polyline points="{line}" fill="none" stroke="#06c" stroke-width="1.5"/>'
                 f'<text x="{left}" y="{height + 10}">Resident memory of the daemon{limit}</text></svg>\n')
    return "".join(parts)


class Watcher:
    """Takes a row of figures every five seconds while the load runs, and at least ninety rows."""

    def __init__(self, options):
        self.options = options
        self.daemon = watch.Process(options.pid)
        self.group = watch.MemoryGroup(options.group)
        self.rows = []
        self.start = time.monotonic()
        self.shares = watch.Shares(self.daemon)

    def take(self):
        metrics = watch.read_metrics(self.options.metrics)
        row = {"seconds": round(time.monotonic() - self.start, 1), "rss_kib": self.daemon.status_kib("VmRSS"),
               "threads": self.daemon.threads(), "files": self.daemon.files(),
               "cpu_seconds": self.daemon.cpu_seconds(), "group_bytes": self.group.used_bytes(),
               "series": len(metrics), "memory_used_bytes": metrics.get("tensord_memory_used_bytes"),
               "queue_length": metrics.get("tensord_queue_length")}
        self.rows.append(row)
        return row

    def run(self, command):
        """Runs the load to its end; its exit code, or None where the daemon ended first."""
        load = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            while load.poll() is None:
                if not self.daemon.alive():
                    return None
                self.take()
                try:
                    load.wait(min(5, self.options.minutes * 60 / 90))
                except subprocess.TimeoutExpired:
                    pass
            return load.returncode
        finally:
            if load.poll() is None:
                load.kill()
                load.wait()


def write_rows(rows, path):
    with open(path, "w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(rows)


def mib(number):
    return "unknown" if number is None else f"{number / 2**20:.1f} MiB"


class Summary:
    """Lines to print, what is wrong whatever the machine is, and which goals were missed."""

    def __init__(self, options, watcher, rest, result):
        self.options, self.watcher, self.rest, self.result = options, watcher, rest, result
        self.rows, self.duration = watcher.rows, options.minutes * 60
        self.phase = result["phases"][-1]
        self.calls = sum(row["count"] for phase in result["phases"] for row in phase["codes"])
        self.lines, self.wrong, self.missed = [], [], []
        self.answers()
        self.memory()
        self.steadiness()

    def answers(self):
        phase, accepted, unexpected = self.phase, self.phase["accepted"], self.result["unexpected"]
        self.lines += [
            f"calls             {self.calls}, of them hostile {phase['hostile']['count']}; "
            f"{phase['due'] / phase['seconds']:.1f} a second were due, {phase['skipped']} not sent",
            f"unexpected codes  {unexpected} [goal 0]",
            f"compared answers  {phase['compared_answers']}, differing {phase['differing_answers']}",
            f"latency           p50 {accepted['p50_ms']:.3f}  p99 {accepted['p99_ms']:.3f}  p99.9 "
            f"{accepted['p999_ms']:.3f}  max {accepted['max_ms']:.3f} ms "
            f"[goals {', '.join(str(goal) for _, goal in LATENCY_GOALS_MS)}]"]
        if unexpected:
            self.wrong.append(f"{unexpected} unexpected answers")
        if phase["skipped"]:
            self.missed.append(f"{phase['skipped']} calls were due and not sent")
        for name, goal in LATENCY_GOALS_MS:
            if accepted[name] > goal:
                self.missed.append(f"{name} {accepted[name]:.3f} > {goal}")

    def memory(self):
        group, duration = self.watcher.group, self.duration
        kills = group.kills()
        if kills:
            self.wrong.append(f"{kills} processes were ended for want of memory")
        self.lines.append(
            f"memory            peak of the group {mib(group.peak_bytes())} of {mib(group.limit_bytes())}, OOM kills "
            f"{'unknown' if kills is None else kills}; peak resident "
            f"{mib(self.watcher.daemon.status_kib('VmHWM') * 1024)}; at rest before "
            f"{mib(self.rows[0]['rss_kib'] * 1024)}, after {mib(self.rest['rss_kib'] * 1024)}")
        line = growth(self.rows, duration)
        limit = max(self.options.growth, SHORT_RUN_GROWTH) if is_short(duration) else self.options.growth
        told = "too few samples" if line is None else f"{line[0]:+.2f} MiB an hour (standard error {line[1]:.2f})"
        self.lines.append(f"growth            {told}, after the first {settle_seconds(duration):.0f} s "
                          f"[goal <= {limit:g}{', of so short a run' if is_short(duration) else ''}]")
        if grows(line, limit):
            self.missed.append(f"memory grew by {line[0]:.2f} MiB an hour")

    def steadiness(self):
        settled = [row for row in self.rows if row["seconds"] >= settle_seconds(self.duration)] or self.rows
        start, first, last = self.rows[0], settled[0], settled[-1]
        for name in ("threads", "files"):
            self.lines.append(f"{name:17} at rest before {start[name]}, settled {first[name]}, at the end "
                              f"{last[name]}, at rest after {self.rest[name]}")
            if last[name] - first[name] > STEADY:
                self.missed.append(f"{name} grew under load")
        # The edge keeps its connections to the daemon for the next client.
        if self.options.direct and self.rest["files"] - start["files"] > STEADY:
            self.missed.append("files stayed open")
        self.lines.append(f"metrics series    settled {first['series']}, at the end {last['series']} [goal: the same]")
        if first["series"] != last["series"]:
            self.missed.append("the number of metrics series changed")
        cpu = last["cpu_seconds"] - start["cpu_seconds"]
        shares = self.watcher.shares.since(self.result["generator_cpu_seconds"])
        self.lines.append(f"CPU               a call: daemon {1e6 * cpu / max(self.calls, 1):.1f} us, generator "
                          f"{self.result['generator_cpu_us_per_call']:.1f} us; {watch.shares_text(shares)} (with "
                          "the edge)")


def unexpected_lines(result):
    rows = [row for phase in result["phases"] for row in phase["codes"] if not row["own"]]
    examples = {label: message for phase in result["phases"] for label, message in phase["examples"].items()}
    return [*(f"  {row['kind']:24} {row['answer']:44} {row['count']}" for row in rows),
            *(f"  {label}, for example: {message!r}" for label, message in examples.items())]


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("metrics", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--group", default="", help="the daemon's memory cgroup")
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--growth", type=float, default=1.0, help="MiB an hour that are no leak")
    parser.add_argument("--direct", action="store_true", help="there is no edge between")
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("command", nargs="+", help="the load generator with its arguments, after --")
    return parser.parse_args(arguments)


def main():
    options = parse(sys.argv[1:])
    out = Path(options.out)
    watcher = Watcher(options)
    watcher.take()
    code = watcher.run([*options.command, "--json", str(out / "load.json")])
    write_rows(watcher.rows, out / "soak.csv")
    (out / "rss.svg").write_text(chart(watcher.rows, watcher.group.limit_bytes()), encoding="utf-8")
    if code not in (0, 1) or not watcher.daemon.alive():
        kills = watcher.group.kills()
        sys.exit(f"soak: {'the daemon ended' if code is None else f'the load generator ended with {code}'}; OOM kills: "
                 f"{'unknown' if kills is None else kills}")
    time.sleep(REST_SECONDS)
    under_load = list(watcher.rows)
    rest = watcher.take()
    write_rows(watcher.rows, out / "soak.csv")
    watcher.rows = under_load
    result = json.loads((out / "load.json").read_text())
    summary = Summary(options, watcher, rest, result)
    print("\n".join(summary.lines + unexpected_lines(result)))
    for what in summary.wrong:
        print(f"FAILED: {what}")
    for what in summary.missed:
        print(f"goal missed: {what}")
    print(f"files: {out}/soak.csv, {out}/rss.svg, {out}/load.json")
    return 1 if summary.wrong or (options.strict and summary.missed) else 0


if __name__ == "__main__":
    # So that the load ends with this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
