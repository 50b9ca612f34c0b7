"""Measures a daemon's capacity, offers it several times as much, and tells what it does then.

scripts/overload-test starts the daemon and this. docs/ops/capacity.md explains the figures.
"""

import argparse
import json
import signal
import statistics
import subprocess
import sys
import threading
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
import watch  # noqa: E402  (beside this file)

GOODPUT_GOAL = 0.9  # of the capacity
ACCEPTED_P99_GOAL_MS = 250
REFUSED_P99_GOAL_MS = 20
RECOVERY_GOAL_SECONDS = 5
RETRY_INFO_GOAL = 1.0
BASELINE_FACTOR = 2
QUIET_SECONDS = 3
OTHERS_LIMIT = 0.2  # of one processor: more of other work, and the timings are not to be trusted


def recovery(p99s_ms, baseline_ms):
    """After how many seconds the p99 is back within twice the baseline for three seconds in succession, or None; and
    how many of the later seconds are outside again. A second in which nothing was accepted (None) is outside."""
    within = [p99 is not None and p99 <= BASELINE_FACTOR * baseline_ms for p99 in p99s_ms]
    for start in range(len(within) - QUIET_SECONDS + 1):
        if all(within[start:start + QUIET_SECONDS]):
            return start, within[start:].count(False)
    return None, within.count(False)


def seconds_of(result, begin, end):
    """The p99 of each whole second between two moments of the run; None where nothing was accepted."""
    rows = result["seconds"][int(begin):int(end)]
    return [row["p99_ms"] if row["accepted"] else None for row in rows]


def refused_share(part, phase):
    count = phase["refused"]["count"]
    return part / count if count else None


class Poller:
    """Looks at /metrics once a second and keeps the longest queue."""

    def __init__(self, url):
        self.url, self.longest, self.stop = url, None, threading.Event()
        self.thread = threading.Thread(target=self._run)

    def _run(self):
        while not self.stop.wait(1):
            length = watch.read_metrics(self.url).get("tensord_queue_length")
            if length is not None:
                self.longest = max(self.longest or 0, length)

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.stop.set()
        self.thread.join()


class Bench:
    def __init__(self, options):
        self.options = options
        self.daemon = watch.Process(options.pid)

    def load(self, mix, name, *arguments):
        """Runs the generator; its result, with the daemon's CPU time in it."""
        file = Path(self.options.out) / f"{mix}-{name}.json"
        command = [*self.options.prefix.split(), self.options.load, "--target", self.options.target, "--mix", mix,
                   "--connections", "8", "--json", str(file), "--accept-refusals", "--accept-deadline", *arguments]
        before, shares = self.daemon.cpu_seconds(), watch.Shares(self.daemon)
        code = subprocess.run(command, stdout=subprocess.DEVNULL, check=False).returncode
        if code not in (0, 1) or not self.daemon.alive():
            sys.exit(f"overload: {' '.join(command)} ended with {code}, the daemon is "
                     f"{'alive' if self.daemon.alive() else 'gone'}")
        result = json.loads(file.read_text())
        result["daemon_cpu_seconds"] = self.daemon.cpu_seconds() - before
        result["shares"] = shares.since(result["generator_cpu_seconds"])
        return result

    def closed_loop(self, mix, concurrency, when):
        """The goodput of `concurrency` calls in flight, and the answers that were not expected."""
        result = self.load(mix, f"closed-{concurrency}-{when}", "--concurrency", concurrency, "--warm-up", "1",
                           "--seconds", str(self.options.capacity_seconds), "--progress", "0", "--deadline", "5")
        phase = result["phases"][-1]
        answered = sum(p["sent"] for p in result["phases"])
        print(f"  closed loop of {concurrency:>3}, {when}: goodput {phase['goodput']:8.1f}/s  p99 "
              f"{phase['accepted']['p99_ms']:8.3f} ms  refused {phase['refused']['count']:7d}  CPU a call: daemon "
              f"{1e6 * result['daemon_cpu_seconds'] / answered:6.1f} us, generator "
              f"{result['generator_cpu_us_per_call']:6.1f} us", flush=True)
        return phase["goodput"], result["unexpected"]

    def capacity(self, mix):
        """The number of calls in flight whose closed loop has the largest goodput; that goodput, measured again (the
        largest of several is more than any is worth); and the answers that were not expected."""
        runs = [(concurrency, *self.closed_loop(mix, concurrency, "search"))
                for concurrency in self.options.concurrency.split(",")]
        concurrency = max(runs, key=lambda run: run[1])[0]
        goodput, unexpected = self.closed_loop(mix, concurrency, "before")
        return goodput, concurrency, unexpected + sum(run[2] for run in runs)

    def overload(self, mix, capacity):
        options = self.options
        before, after = options.baseline_seconds, options.recovery_seconds
        phases = [f"before={capacity / 2:.3f}:{before}", f"overload={capacity * options.factor:.3f}:{options.seconds}",
                  f"after={capacity / 2:.3f}:{after}"]
        with Poller(options.metrics) as poller:
            result = self.load(mix, "overload", *[a for p in phases for a in ("--phase", p)], "--deadline", "1",
                               "--max-outstanding", str(options.max_outstanding), "--progress", "10")
        start = before + options.seconds
        return result, poller.longest, seconds_of(result, start, start + after)


def figures(result, capacity, longest, after_p99s_ms):
    """Name, value, goal and whether it is reached (None: no goal) of each figure."""
    before, overload, _ = result["phases"]
    baseline_ms = before["accepted"]["p99_ms"]
    ratio = overload["goodput"] / capacity
    back, outside = recovery(after_p99s_ms, baseline_ms)
    accepted, refused = overload["accepted"], overload["refused"]
    told = refused_share(overload["refusals_with_retry_info"], overload)
    pushed = refused_share(overload["refusals_with_pushback"], overload)
    offered = overload["due"] / overload["seconds"]
    sent = overload["sent"] / overload["seconds"]
    share = lambda value: "none was refused" if value is None else f"{100 * value:.2f} %"
    return [
        ("capacity", f"{capacity:.1f} calls/s, the mean of before and after", "", None),
        ("offered", f"{offered:.1f} calls/s ({offered / capacity:.2f} x), sent {sent:.1f}/s "
                    f"({sent / capacity:.2f} x); due and not sent {overload['skipped']}", "", None),
        ("generator", f"sends late by {overload['lag']['p99_ms']:.3f} ms at p99; "
                      f"{result['generator_cpu_us_per_call']:.1f} us of CPU a call", "", None),
        ("goodput", f"{overload['goodput']:.1f} calls/s, {100 * ratio:.1f} % of capacity",
         f">= {100 * GOODPUT_GOAL:.0f} %", ratio >= GOODPUT_GOAL),
        ("accepted p99", f"{accepted['p99_ms']:.3f} ms (before {baseline_ms:.3f}; p50 {accepted['p50_ms']:.3f}, max "
                         f"{accepted['max_ms']:.3f})", f"<= {ACCEPTED_P99_GOAL_MS} ms",
         accepted["p99_ms"] <= ACCEPTED_P99_GOAL_MS),
        ("refusals", f"{refused['count']}, p99 {refused['p99_ms']:.3f} ms", f"<= {REFUSED_P99_GOAL_MS} ms",
         refused["p99_ms"] <= REFUSED_P99_GOAL_MS),
        ("with RetryInfo", f"{share(told)}; with grpc-retry-pushback-ms {share(pushed)}", "100 %",
         None if told is None else told >= RETRY_INFO_GOAL and pushed >= RETRY_INFO_GOAL),
        ("deadline passed", f"{overload['late']} calls of 1 s", "", None),
        ("longest queue", "no tensord_queue_length in /metrics" if longest is None else f"{longest:.0f}", "", None),
        ("recovered", f"{'never' if back is None else f'after {back} s'}; later seconds outside {outside} of "
                      f"{len(after_p99s_ms)}", f"<= {RECOVERY_GOAL_SECONDS} s",
         back is not None and back <= RECOVERY_GOAL_SECONDS),
        ("processors", watch.shares_text(result["shares"]), "", None),
        ("unexpected", str(result["unexpected"]), "0", result["unexpected"] == 0),
    ]


def print_unexpected(result):
    for phase in result["phases"]:
        for row in phase["codes"]:
            if not row["own"]:
                print(f"    {phase['name']:9} {row['kind']:20} {row['answer']:40} {row['count']}")
        for label, message in phase["examples"].items():
            print(f"    {phase['name']:9} unexpected {label}, for example: {message!r}")


def measure_once(bench, mix, before, concurrency):
    """Prints the figures of one overload; its share of the capacity, the answers that were not expected, how many goals
    were missed, and the capacity right after it."""
    result, longest, after = bench.overload(mix, before)
    # A shared machine is not as fast in one minute as in the next: the capacity is measured on both sides.
    again, unexpected = bench.closed_loop(mix, concurrency, "after")
    capacity = (before + again) / 2
    missed = 0
    for name, value, goal, reached in figures(result, capacity, longest, after):
        verdict = "" if reached is None else "reached" if reached else "MISSED"
        missed += reached is False
        print(f"  {name:16} {value}{f'   [goal {goal}: {verdict}]' if goal else ''}", flush=True)
    if result["shares"]["everything else"] > OTHERS_LIMIT:
        print("  OTHER WORK RAN ON THIS MACHINE: these timings are not to be trusted.")
    if result["unexpected"]:
        print_unexpected(result)
    return result["phases"][1]["goodput"] / capacity, unexpected + result["unexpected"], missed, again


def measure(bench, mix, rounds):
    """Prints the figures of one mix: how many answers were unexpected, and how many goals were missed."""
    print(f"== The mix {mix}", flush=True)
    capacity, concurrency, unexpected = bench.capacity(mix)
    if not capacity:
        sys.exit("overload: no call was accepted")
    shares, missed = [], 0
    for round_number in range(1, rounds + 1):
        if rounds > 1:
            print(f"  -- round {round_number} of {rounds}")
        share, more_unexpected, more_missed, capacity = measure_once(bench, mix, capacity, concurrency)
        shares.append(share)
        unexpected += more_unexpected
        missed += more_missed
    if rounds > 1:
        print(f"  median goodput of {rounds} rounds: {100 * statistics.median(shares):.1f} % of capacity "
              f"({', '.join(f'{100 * share:.1f}' for share in shares)})", flush=True)
    return unexpected, missed


def parse(arguments):
    parser = argparse.ArgumentParser(description=__doc__)
    for name in ("load", "target", "metrics", "out"):
        parser.add_argument(f"--{name}", required=True)
    parser.add_argument("--pid", type=int, required=True)
    parser.add_argument("--prefix", default="", help="what to start the generator with, e.g. taskset -c 1")
    parser.add_argument("--mix", default="standard,heavy")
    parser.add_argument("--concurrency", default="2,4,8,16")
    parser.add_argument("--max-outstanding", type=int, default=2000)
    parser.add_argument("--factor", type=float, default=5)
    for name, default in (("seconds", 60), ("baseline-seconds", 10), ("recovery-seconds", 20), ("capacity-seconds", 5)):
        parser.add_argument(f"--{name}", type=int, default=default)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--strict", action="store_true")
    options = parser.parse_args(arguments)
    if options.rounds < 1:
        parser.error(f"--rounds was {options.rounds}, has to be at least 1: nothing would be measured")
    return options


def main():
    options = parse(sys.argv[1:])
    bench = Bench(options)
    unexpected = missed = 0
    for mix in options.mix.split(","):
        more_unexpected, more_missed = measure(bench, mix, options.rounds)
        unexpected += more_unexpected
        missed += more_missed
    print(f"unexpected answers: {unexpected}; goals missed: {missed}")
    return 1 if unexpected or (options.strict and missed) else 0


if __name__ == "__main__":
    # So that the load ends with this.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    sys.exit(main())
