#!/usr/bin/python3
"""Does things to a real tensord that nobody should, and prints what each cost and whether the daemon recovered.

One line per fault: what was done; what it cost the daemon (CPU seconds beyond the quiet rate, growth of its peak
memory); what a well-behaved client beside it noticed (failed calls, its 99th percentile and, in brackets, that of a
quiet second before); whether a good call on a new connection was answered again within 10 s.

Exit codes: 0 all recovered and as expected; 1 not; 2 usage.
"""

import argparse
import fnmatch
import json
import os
import resource
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.dont_write_bytecode = True

from harness import table  # noqa: E402
from harness.bench import Bench, all_faults  # noqa: E402
from harness.fault import NOT, Row  # noqa: E402


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--tensord", type=Path, default=Path("build/release/bin/tensord"))
    parser.add_argument("--tensorctl", type=Path, help="default: beside tensord")
    parser.add_argument("--short", action="store_true", help="smaller counts, for CI")
    parser.add_argument("--only", action="append", metavar="NAME", help="only these (wildcards; repeatable)")
    parser.add_argument("--except", dest="without", action="append", metavar="NAME", default=[], help="all but these")
    parser.add_argument("--door", choices=("direct", "edge", "both"), default="both")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the rows there too")
    parser.add_argument("--publish", type=Path, metavar="FILE", help="replace the table in that Markdown file")
    parser.add_argument("--list", action="store_true", help="print the faults' names and leave")
    parser.add_argument("--self-check", action="store_true",
                        help="plant daemons and expectations that have to fail, and see that they do")
    return parser.parse_args()


def wanted(arguments, faults):
    def matches(name, patterns):
        return any(fnmatch.fnmatch(name, pattern) for pattern in patterns)

    chosen = [f for f in faults if not arguments.only or matches(f.name, arguments.only)]
    return [f for f in chosen if not matches(f.name, arguments.without)]


def run_one(fault, door, bench):
    row = Row(fault.name, door)
    start = time.monotonic()
    try:
        fault.run(bench, row)
    except Exception as error:  # a fault that breaks is reported as such, and the others go on
        row.recovered = row.recovered or NOT
        row.problems.append(f"the harness: {type(error).__name__}: {error}")
    row.seconds = row.seconds or time.monotonic() - start
    return row


def about(arguments):
    asked = subprocess.run([arguments.tensord, "--version"], capture_output=True, text=True, check=True)
    return (f"{asked.stdout.strip()}, {os.cpu_count()} processors shared with the attacks and the client beside, "
            f"{time.strftime('%Y-%m-%d')}{', --short' if arguments.short else ''}:")


def main():
    arguments = parse_arguments()
    faults = wanted(arguments, all_faults())
    if arguments.list:
        for fault in faults:
            print(f"{fault.name:26} {'/'.join(fault.doors):12} {fault.what}")
        return 0
    if not faults:
        print(f"run.py: no fault is named {' or '.join(arguments.only)}; --list lists them", file=sys.stderr)
        return 2
    if not arguments.tensord.exists():
        print(f"run.py: there is no {arguments.tensord}: build it, or say where it is with --tensord", file=sys.stderr)
        return 2
    # The connections of an attack are open files here, and in the daemon that is started from here.
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    bench = Bench(arguments.tensord, arguments.short, arguments.tensorctl or arguments.tensord.with_name("tensorctl"))
    try:
        if arguments.self_check:
            from harness import self_check
            return self_check.main(bench)
        # The daemon's own TLS is straight at the daemon too.
        doors = {"direct": ("direct", "tls"), "edge": ("edge",), "both": ("direct", "tls", "edge")}[arguments.door]
        rows = []
        table.print_header()
        for fault in faults:
            for door in (door for door in doors if door in fault.doors):
                rows.append(run_one(fault, door, bench))
                table.print_row(rows[-1])
        if arguments.json:
            arguments.json.write_text(json.dumps([row.as_json() for row in rows], indent=1) + "\n", encoding="utf-8")
        if arguments.publish:
            table.publish(rows, arguments.publish, about(arguments))
        return table.print_summary(rows)
    finally:
        bench.close()


if __name__ == "__main__":
    sys.exit(main())
