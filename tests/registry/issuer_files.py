"""Files of insurers and guarantors for tests of the import."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User

from registry.intake.issuer_files import FORMATS, Job, Reports, Tally, apply_issuer_file, compare_issuer_file
from registry.intake.reading import open_register
from registry.models import Issuer
from registry.models.issuer import FileContent
from tests.factories import NOW

COVER = {
    "numero_orias": "07000001", "nature": "RC_PRO", "police": "RC-1", "categories": "COA",
    "debut": "2026-03-01", "fin": "2027-02-28", "montant": "1564610", "montant_annuel": "2315610",
}  # fmt: skip
EVENT = {
    "numero_orias": "07000001", "nature": "RC_PRO", "police": "RC-1", "fait": "RESILIATION", "date_effet": "2026-06-01",
}  # fmt: skip


def written(path: Path, rows: Iterable[dict[str, str]], content: FileContent = FileContent.COVERS) -> Path:
    """The rows as a file of that kind."""
    columns = FORMATS[content].columns
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(columns)
        writer.writerows([row[column] for column in columns] for row in rows)
    return path


def covers_of(count: int) -> list[dict[str, str]]:
    """One certificate for each of the first so many intermediaries."""
    return [COVER | {"numero_orias": f"07{n:06d}", "police": f"RC-{n}"} for n in range(count)]


def job(issuer: Issuer, by: User | None, content: FileContent = FileContent.COVERS) -> Job:
    """The work on a file of this issuer."""
    return Job(issuer, content, by, NOW)


def take(path: Path, issuer: Issuer, by: User | None, *, apply: bool = True, **options: Any) -> Tally:
    """Apply the file, or compare it."""
    content = options.pop("content", FileContent.COVERS)
    work = apply_issuer_file if apply else compare_issuer_file
    reports = Reports(options.get("report"), options.get("errors"))
    return work(open_register(path, FORMATS[content].columns), job(issuer, by, content), reports)
