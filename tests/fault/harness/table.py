"""The table that is printed."""

COLUMNS = (("fault", 22), ("door", 6), ("CPU s", 7), ("memory", 9), ("failed", 9), ("p99 ms (quiet)", 16),
           ("recovered", 10))


def print_header():
    print(" ".join(f"{name:<{width}}" for name, width in COLUMNS) + " what was done, and what came of it", flush=True)


def cells(row):
    if row.skipped:
        return [row.fault, row.door, "-", "-", "-", "-", "skipped"]
    beside = row.beside
    failed = f"{beside['failed']}/{beside['calls']}" if beside.get("calls") else "-"
    tail = f"{beside['p99']:.1f} ({row.quiet.get('p99', 0):.1f})" if beside.get("calls") else "-"
    return [row.fault, row.door, f"{row.cpu_seconds:.2f}", f"+{row.rss_mib:.1f}M", failed, tail, recovered(row)]


def recovered(row):
    if row.limitation:
        return "no, known"
    if row.recovery_seconds:
        return f"{row.recovered}, {row.recovery_seconds:.1f}s"
    return row.recovered


def print_row(row):
    line = " ".join(f"{cell:<{width}}" for cell, (_, width) in zip(cells(row), COLUMNS))
    print(f"{line} {row.skipped or row.done}", flush=True)
    if row.limitation:
        print(f"{'':23}KNOWN LIMITATION: {row.limitation}", flush=True)
    for problem in row.problems:
        print(f"{'':23}PROBLEM: {problem}", flush=True)


def print_summary(rows):
    failed = [row for row in rows if not row.passed]
    skipped = [row for row in rows if row.skipped]
    known = [row for row in rows if row.limitation]
    good = len(rows) - len(failed) - len(skipped) - len(known)
    print(f"{len(rows)} rows: {good} recovered and as expected, {len(known)} known limitations, "
          f"{len(skipped)} skipped, {len(failed)} with problems" +
          (": " + ", ".join(f"{row.fault}/{row.door}" for row in failed) if failed else ""))
    return 1 if failed else 0


START, END = "<!-- the table: scripts/fault-test --publish -->", "<!-- the end of the table -->"


def publish(rows, file, about):
    """Puts the rows between the two marks in that file, as a Markdown table."""
    text = file.read_text(encoding="utf-8")
    before, rest = text.split(START)
    after = rest.split(END)[1]
    lines = ["", about, "", 
             "| fault | door | CPU s | memory | failed beside | p99 ms (quiet) | recovered | what came of it |",
             "|---|---|---|---|---|---|---|---|"]
    for row in rows:
        done = row.skipped or row.done
        for extra in [row.limitation and f"known: {row.limitation}"] + row.problems:
            done += f"; **{extra}**" if extra else ""
        values = cells(row) + [done]
        lines.append("| " + " | ".join(str(value).replace("|", "\\|").replace("\n", " ") for value in values) + " |")
    file.write_text(before + START + "\n".join(lines) + "\n\n" + END + after, encoding="utf-8")
