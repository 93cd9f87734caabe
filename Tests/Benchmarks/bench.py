"""Runs the benchmarks asked for and prints their figures: see Scripts/bench."""

import argparse
import importlib
import sys
import tempfile
import time
from pathlib import Path

from results import Context, Row, Wrong, table, write_json

SUBJECTS = [
    "drain", "flood", "latency", "memory", "growth", "restart", "disk", "hostile", "register", "ledgers",
    "report_queries", "sparkplug", "syscalls", "web", "formats",
]
TOP = Path(__file__).resolve().parents[2]


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="Scripts/bench", description=__doc__)
    parser.add_argument("subjects", nargs="*", metavar="SUBJECT", help=f"of {', '.join(SUBJECTS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5, help="how often those that take turns do (5)")
    parser.add_argument("--quick", action="store_true", help="a tenth of everything: to see that it runs")
    parser.add_argument("--results", type=Path, default=TOP / "var/bench", help="folder for results.json and plots")
    options = parser.parse_args()
    unknown = set(options.subjects) - set(SUBJECTS)
    if unknown:
        parser.error(f"there is no {', '.join(sorted(unknown))}; there are {', '.join(SUBJECTS)}")
    if options.rounds < 1:
        parser.error("--rounds must be 1 or more")
    return options


def note(text: str) -> None:
    print(f"{time.strftime('%H:%M:%S')}  {text}", file=sys.stderr, flush=True)


def main() -> int:
    options = arguments()
    options.results.mkdir(parents=True, exist_ok=True)
    rows: list[Row] = []
    failed = False
    for subject in options.subjects or SUBJECTS:
        with tempfile.TemporaryDirectory(prefix="millwright-bench-") as work:
            context = Context(
                millwright=TOP / ".build/release/millwright", report_bench=TOP / ".build/release/report-bench",
                config=TOP / "Config/millwright.yaml", work=Path(work), results=options.results,
                rounds=options.rounds, quick=options.quick, note=note)
            try:
                found = importlib.import_module(subject).run(context)
            except Wrong as problem:
                note(f"{subject}: {problem}")
                failed = True
                continue
        rows += found
        print(table(found), flush=True)
        # After each, so that what was measured is kept whatever becomes of the next.
        write_json(options.results / "results.json", rows)
    note(f"written to {options.results}/results.json")
    missed = [row for row in rows if row.holds is False]
    for row in missed:
        note(f"does not hold: {row.subject}, {row.what}: {row.target}")
    return 1 if failed or missed else 0


if __name__ == "__main__":
    sys.exit(main())
