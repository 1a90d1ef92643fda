"""A file of an insurer or guarantor, compared or applied lot by lot; one that stopped half-way goes on where it was.

Each lot is one transaction, in which the fates of its rows are kept as well: whatever stops the run, a lot is applied
whole or not at all, and never twice. A comparison does the same and takes each lot back.
"""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from django.contrib.auth.models import User
from django.db import transaction

from registry.actions.pushes import push_lot
from registry.actions.recording import RegisterError
from registry.intake.reading import RegisterFile
from registry.intake.reporting import ERROR_COLUMNS, WholeFile
from registry.intake.spreadsheet import neutralised
from registry.locks import lock_import
from registry.models import Issuer, IssuerFile, IssuerLot
from registry.models.issuer import FileContent
from registry.rules.issuer_rows import COVER_ROWS, ENQUIRY_ROWS, EVENT_ROWS, Read, RowFormat
from registry.rules.problems import Problem
from registry.rules.pushes import Fate, LotChecker, Pushed, Ruling

ROWS_PER_LOT = 1000
FORMATS: dict[FileContent, RowFormat] = {
    FileContent.COVERS: COVER_ROWS,
    FileContent.EVENTS: EVENT_ROWS,
    FileContent.ENQUIRY: ENQUIRY_ROWS,
}
FIRST_REFUSALS = 3
"""So many are told at a terminal; the reports hold all."""

Advance = Callable[[int], None]
Told = dict[str, Any]
"""The fate of a row, as it is kept and reported."""
Line = tuple[int, Sequence[str], Read]


@dataclass(frozen=True, slots=True)
class Job:
    """Whose file this is and what it holds; who answers for it (None: nobody, in a comparison), since when."""

    issuer: Issuer
    content: FileContent
    by: User | None
    now: datetime

    @property
    def format(self) -> RowFormat:
        """How its rows are read."""
        return FORMATS[self.content]


@dataclass(slots=True)
class Tally:
    """What became of a file's rows. `resumed`: how many of them an earlier run had applied."""

    fates: Counter[Fate] = field(default_factory=Counter)
    warnings: int = 0
    resumed: int = 0
    applied: bool = False
    first_refusals: list[tuple[int, str]] = field(default_factory=list)

    def add(self, told: Told) -> None:
        """Count one row."""
        self.fates[Fate(told["fate"])] += 1
        self.warnings += len(told["warnings"])
        if told["fate"] == Fate.REFUSED and len(self.first_refusals) < FIRST_REFUSALS:
            self.first_refusals.append((told["line"], told["message"]))

    def as_json(self) -> dict[str, object]:
        """The counts that scripts read."""
        named = {fate.value.lower(): self.fates[fate] for fate in Fate}
        counted: dict[str, object] = {"rows": self.fates.total(), **named, "warnings": self.warnings}
        return counted | {"resumed": self.resumed, "applied": self.applied}


def compare_issuer_file(
    file: RegisterFile, job: Job, reports: Reports | None = None, *, advance: Advance = lambda _: None
) -> Tally:
    """What the file would change, lot by lot. Nothing is kept."""

    def tried(number: int, lines: list[Line], checker: LotChecker) -> tuple[list[Told], bool]:
        with transaction.atomic():
            fates = _push(file, job, lines, checker)
            transaction.set_rollback(True)
        return fates, False

    return _through(file, job, reports or Reports(), tried, ROWS_PER_LOT, advance)


def apply_issuer_file(
    file: RegisterFile, job: Job, reports: Reports | None = None, *, advance: Advance = lambda _: None
) -> Tally:
    """Apply the file; the same one begun before and not finished goes on after its last lot.

    Raises RegisterError while another import is running: what was applied until then stays.
    """
    run = _run_of(file, job)

    def applied(number: int, lines: list[Line], checker: LotChecker) -> tuple[list[Told], bool]:
        with transaction.atomic():
            if not lock_import():
                raise RegisterError(
                    "Un autre import est en cours\u00a0: attendez sa fin, puis relancez le même fichier."
                )
            kept = IssuerLot.objects.filter(file=run, number=number).values_list("fates", flat=True).first()
            if kept is not None:
                _seen(lines, checker)
                return kept, True
            fates = _push(file, job, lines, checker)
            IssuerLot.objects.create(file=run, number=number, fates=fates)
            return fates, False

    tally = _through(file, job, reports or Reports(), applied, run.rows_per_lot, advance)
    tally.applied = True
    IssuerFile.objects.filter(pk=run.pk, finished_at=None).update(finished_at=job.now, counts=tally.as_json())
    return tally


def _run_of(file: RegisterFile, job: Job) -> IssuerFile:
    if job.by is None:
        raise RegisterError("Un fichier appliqué a un responsable : dites qui en répond.")
    run, _ = IssuerFile.objects.get_or_create(
        issuer=job.issuer,
        content=job.content.value,
        sha256=file.sha256,
        finished_at=None,
        defaults={
            "file_name": file.path.name[:255],
            "rows_per_lot": ROWS_PER_LOT,
            "begun_at": job.now,
            "begun_by": job.by,
        },
    )
    return run


def _through(
    file: RegisterFile,
    job: Job,
    reports: Reports,
    handle: Callable[[int, list[Line], LotChecker], tuple[list[Told], bool]],
    size: int,
    advance: Advance,
) -> Tally:
    """Lot after lot in the file's order; of the file only the lot at hand is in memory, and two integers a row."""
    tally, checker = Tally(), LotChecker()
    rows = ((line, cells, job.format.parse(cells)) for line, cells in file)
    with reports.open(file) as write:
        for number, lines in enumerate(_lots(rows, size)):
            fates, known = handle(number, lines, checker)
            tally.resumed += len(lines) if known else 0
            for told, (_, cells, _) in zip(fates, lines, strict=True):
                tally.add(told)
                write(told, cells)
            advance(len(lines))
    return tally


def _lots(rows: Iterator[Line], size: int) -> Iterator[list[Line]]:
    while lot := list(islice(rows, size)):
        yield lot


def _push(file: RegisterFile, job: Job, lines: list[Line], checker: LotChecker) -> list[Told]:
    """One lot: what can be judged by itself first, the rest by the register."""
    rulings, rows = _judged(lines, checker)
    why = f"{job.content.label} de {job.issuer.code}, {file.path.name} (sha256 {file.sha256[:12]})"
    pushed = push_lot(by=job.by, why=why, now=job.now, issuer=job.issuer, rows=[row for _, row in rows])
    for (place, _), ruling in zip(rows, pushed, strict=True):
        rulings[place] = ruling
    return [_told(line, read, rulings[place]) for place, (line, _, read) in enumerate(lines)]


def _judged(lines: list[Line], checker: LotChecker) -> tuple[dict[int, Ruling], list[tuple[int, Pushed]]]:
    rulings: dict[int, Ruling] = {}
    rows: list[tuple[int, Pushed]] = []
    for place, (_, _, read) in enumerate(lines):
        if read.pushed is None:
            fate = Fate.REFUSED if read.problems else Fate.IGNORED
            rulings[place] = Ruling(fate, next(iter(read.problems), None))
        elif ruling := checker.check(read.pushed):
            rulings[place] = ruling
        else:
            rows.append((place, read.pushed))
    return rulings, rows


def _seen(lines: list[Line], checker: LotChecker) -> None:
    for _, _, read in lines:
        if read.pushed is not None:
            checker.check(read.pushed)


def _told(line: int, read: Read, ruling: Ruling) -> Told:
    return {"line": line, "orias_number": read.orias_number, **told_of(ruling)}


def told_of(ruling: Ruling) -> Told:
    """A fate in plain values: what is wrong, and what was kept with a doubt."""
    said = _said(ruling.problem) if ruling.problem else {"field": "", "code": "", "message": ""}
    effective_on = ruling.effective_on.isoformat() if ruling.effective_on else None
    warnings = [_said(warning) for warning in ruling.warnings]
    return {"fate": ruling.fate.value, **said, "effective_on": effective_on, "warnings": warnings}


def _said(found: Problem) -> dict[str, str]:
    return {"field": found.field, "code": found.code, "message": found.message}


# --- reports ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reports:
    """Where to write every row's fate (JSON), and the rows to put right (CSV)."""

    report: Path | None = None
    errors: Path | None = None

    def open(self, file: RegisterFile) -> _Writing:
        """Begin them; they appear under their names when all is written."""
        fates = [_FatesJson(self.report)] if self.report else []
        errors = [_RefusedCsv(self.errors, file)] if self.errors else []
        return _Writing([*fates, *errors])


class _Writing(ExitStack):
    """The reports asked for, as one that is called with each row."""

    def __init__(self, reports: list[_FatesJson | _RefusedCsv]) -> None:
        super().__init__()
        self._reports = reports

    def __enter__(self) -> _Writing:
        super().__enter__()
        for report in self._reports:
            self.enter_context(report)
        return self

    def __call__(self, told: Told, cells: Sequence[str]) -> None:
        for report in self._reports:
            report.add(told, cells)


class _FatesJson(WholeFile):
    """``{"records": [{line, orias_number, fate, field, code, message, effective_on, warnings}]}``, one a line."""

    _separator = "\n"

    def begin(self) -> None:
        self._file.write('{"records": [')

    def add(self, told: Told, cells: Sequence[str]) -> None:
        """Append a row."""
        self._file.write(self._separator + json.dumps(told, ensure_ascii=False))
        self._separator = ",\n"

    def end(self) -> None:
        self._file.write("\n]}\n")


class _RefusedCsv(WholeFile):
    """The rows refused, in the file's own columns, followed by what is wrong; may be corrected and handed in again.

    Opens in a spreadsheet (UTF-8 with BOM) and runs no formula.
    """

    encoding = "utf-8-sig"

    def __init__(self, path: Path, file: RegisterFile) -> None:
        super().__init__(path)
        self._of = file

    def begin(self) -> None:
        self._writer = csv.writer(self._file, delimiter=self._of.delimiter)
        self._writer.writerow([*self._of.columns, *ERROR_COLUMNS])

    def add(self, told: Told, cells: Sequence[str]) -> None:
        """Append the row if it was refused."""
        if told["fate"] != Fate.REFUSED:
            return
        width = len(self._of.columns)
        said = [str(told["line"]), told["field"], told["code"], told["message"]]
        row = [*cells[:width], *[""] * (width - len(cells)), *said, *cells[width:]]
        self._writer.writerow([neutralised(cell) for cell in row])
