"""Import register files into an empty register, then once more unchanged; beside it, COPY of the same rows."""

from __future__ import annotations

import csv
import tempfile
from dataclasses import asdict
from itertools import islice
from pathlib import Path

from bench.place import NOW, Row, empty, peak_megabytes, say, set_up, stopwatch

SIZES = (24_000, 100_000)
CHUNK = 1 << 16
AIM = "≤ 15 × COPY"


def write_file(path: Path, rows: int) -> None:
    """So many rows of the fictional register of February 2026."""
    from registry.intake.fiction import fictional_rows
    from registry.rules.rows import COLUMNS

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        writer.writerows(islice(fictional_rows(rows), rows))


def copy_seconds(path: Path) -> float:
    """COPY of the file's bytes into a logged table of text, committed: what storing the rows costs at least."""
    from django.db import connection

    from registry.rules.rows import COLUMNS

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_copy ({', '.join(f'{column} text' for column in COLUMNS)})")
        try:
            with stopwatch() as taken:
                _copy(cursor, path)
        finally:
            cursor.execute("DROP TABLE bench_copy")
    return taken[0]


def _copy(cursor: object, path: Path) -> None:
    statement = "COPY bench_copy FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')"
    with path.open("rb") as file, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
        while chunk := file.read(CHUNK):
            copy.write(chunk)


LEFT = (
    "intermediary",
    "intermediaryhistory",
    "registration",
    "registrationhistory",
    "cover",
    "coverhistory",
    "decision",
    "decisionhistory",
    "storedfinding",
)


def stored_seconds() -> float:
    """COPY of all rows that an import leaves (files, history, findings) into tables with the same indexes, committed:
    what storing them costs at least, with no row read, compared, checked or computed."""
    return sum(_copied_again(f"registry_{name}") for name in LEFT)


def _copied_again(table: str) -> float:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_stored (LIKE {table} INCLUDING INDEXES)")
        try:
            with cursor.copy(f"COPY {table} TO STDOUT (FORMAT binary)") as out:  # type: ignore[attr-defined]
                rows = b"".join(bytes(part) for part in out)
            with stopwatch() as taken, cursor.copy("COPY bench_stored FROM STDIN (FORMAT binary)") as into:  # type: ignore[attr-defined]
                into.write(rows)
        finally:
            cursor.execute("DROP TABLE bench_stored")
    return taken[0]


def import_seconds(path: Path, new: int) -> float:
    """The file read, judged, compared, written with its history, its findings computed, committed."""
    from registry.intake.applying import apply_file
    from registry.intake.reading import open_register

    with stopwatch() as taken:
        done = apply_file(open_register(path), by=None, now=NOW)
    if done.new != new or done.errors:
        raise RuntimeError(f"{done.new} of {new} rows were new and {done.errors} in error")
    return taken[0]


def run() -> list[Row]:
    """Both sizes, COPY before and after each import; the faster COPY is the limit."""
    set_up()
    rows = []
    with tempfile.TemporaryDirectory() as place:
        for size in SIZES:
            path = Path(place) / f"{size}.csv"
            write_file(path, size)
            rows += _measured(path, size)
    return rows


def _measured(path: Path, size: int) -> list[Row]:
    empty()
    say(f"  {size} rows")
    before = copy_seconds(path)
    first = import_seconds(path, new=size)
    peak = peak_megabytes()
    stored = stored_seconds()
    again = import_seconds(path, new=0)
    limit = min(before, copy_seconds(path))
    return [
        _row(f"import {size:,} register rows (peak {peak:.0f} MB)", first, limit, size, AIM),
        _row("the same, beside COPY of all that it leaves", first, stored, size, "–"),
        _row(f"import the same {size:,} rows again, nothing changed", again, limit, size, "–"),
    ]


def _row(work: str, seconds: float, limit: float, size: int, aim: str) -> Row:
    return Row(
        work=work,
        figure=f"{seconds:.2f} s, {size / seconds:,.0f} rows/s",
        limit=f"COPY {limit:.2f} s, {size / limit:,.0f} rows/s",
        ratio=f"{seconds / limit:.1f} ×",
        aim=aim,
    )


def measure() -> list[dict[str, str]]:
    """The results as plain values."""
    return [asdict(row) for row in run()]


if __name__ == "__main__":
    for row in run():
        print(" | ".join(asdict(row).values()))
