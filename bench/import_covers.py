"""Import an insurer's certificates for intermediaries on the register, then once more unchanged; beside it, COPY."""

from __future__ import annotations

import csv
import os
import tempfile
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from bench.import_rows import CHUNK
from bench.place import NOW, Row, empty, peak_megabytes, say, set_up, stopwatch

SIZE = int(os.environ.get("BENCH_COVER_ROWS", "50000"))
AIM = "–"


def populate(size: int) -> Any:
    """So many COAs whose cover ends with February 2026, their findings stored, and the insurer."""
    from django.contrib.auth.models import User

    from registry.actions.issuers import record_issuer
    from registry.findings import refresh_findings
    from registry.models import Cover, Intermediary, Registration

    people = Intermediary.objects.bulk_create(
        (Intermediary(orias_number=f"{n:08d}", name=f"Cabinet {n}") for n in range(1, size + 1)), batch_size=5000
    )
    since = date(2015, 6, 5)
    Registration.objects.bulk_create(
        (Registration(intermediary=p, category="COA", registered_on=since) for p in people), batch_size=5000
    )
    Cover.objects.bulk_create(
        (
            Cover(
                intermediary=p, kind="RC_PRO", categories=["COA"], issuer="Mutuelle", policy=f"RC{p.pk}",
                starts_on=date(2025, 3, 1), ends_on=date(2026, 2, 28), amount_cents=156_461_000,
                annual_cents=231_561_000, status="ACCEPTED", channel="IMPORT", deposited_on=date(2025, 1, 15),
            )
            for p in people
        ),
        batch_size=5000,
    )  # fmt: skip
    refresh_findings(as_of=date(2026, 1, 29))
    by, _ = User.objects.get_or_create(username="bench")
    return record_issuer(by=None, why="bench", code="MUTUELLE", name="Mutuelle"), by


def write_file(path: Path, size: int) -> None:
    """A certificate for the year to come of each."""
    from registry.rules.issuer_rows import COVER_ROWS

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(COVER_ROWS.columns)
        for n in range(1, size + 1):
            writer.writerow([f"{n:08d}", "RC_PRO", f"RC{n}", "COA", "2026-03-01", "2027-02-28", "1564610", "2315610"])


def copy_seconds(path: Path) -> float:
    """COPY of the file's bytes into a logged table of text, committed: what storing the rows costs at least."""
    from django.db import connection

    from registry.rules.issuer_rows import COVER_ROWS

    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE bench_copy ({', '.join(f'{column} text' for column in COVER_ROWS.columns)})")
        try:
            statement = "COPY bench_copy FROM STDIN (FORMAT csv, HEADER, DELIMITER ';')"
            with stopwatch() as taken, path.open("rb") as file, cursor.copy(statement) as copy:  # type: ignore[attr-defined]
                while chunk := file.read(CHUNK):
                    copy.write(chunk)
        finally:
            cursor.execute("DROP TABLE bench_copy")
    return taken[0]


def import_seconds(path: Path, issuer: Any, by: Any, new: int) -> float:
    """The file read, judged, decided, written with history and fates, findings brought up to date, lot by lot."""
    from registry.intake.issuer_files import Job, apply_issuer_file
    from registry.intake.reading import open_register
    from registry.models.issuer import FileContent
    from registry.rules.issuer_rows import COVER_ROWS

    with stopwatch() as taken:
        job = Job(issuer, FileContent.COVERS, by, NOW)
        done = apply_issuer_file(open_register(path, COVER_ROWS.columns), job)
    if done.as_json()["new"] != new or done.as_json()["refused"]:
        raise RuntimeError(f"{done.as_json()} where {new} were to be new")
    return taken[0]


def run() -> list[Row]:
    """COPY before and after the import; the faster one is the limit."""
    set_up()
    empty()
    say(f"  {SIZE} certificates")
    issuer, by = populate(SIZE)
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / "covers.csv"
        write_file(path, SIZE)
        before = copy_seconds(path)
        base = peak_megabytes()
        first = import_seconds(path, issuer, by, new=SIZE)
        peak = peak_megabytes()
        again = import_seconds(path, issuer, by, new=0)
        limit = min(before, copy_seconds(path))
    grown = f"peak {peak:.0f} MB, {peak - base:.0f} more than before it"
    return [
        _row(f"import {SIZE:,} certificates of an insurer ({grown})", first, limit, AIM),
        _row(f"import the same {SIZE:,} again, nothing changed", again, limit, "–"),
    ]


def _row(work: str, seconds: float, limit: float, aim: str) -> Row:
    return Row(
        work=work,
        figure=f"{seconds:.2f} s, {SIZE / seconds:,.0f} rows/s",
        limit=f"COPY {limit:.2f} s, {SIZE / limit:,.0f} rows/s",
        ratio=f"{seconds / limit:.1f} ×",
        aim=aim,
    )


if __name__ == "__main__":
    for row in run():
        print(" | ".join(asdict(row).values()))
