"""A register file staged, compared with the register, and applied whole or not at all."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction

from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.findings import refresh_findings
from registry.intake.copying import staged_line
from registry.intake.reading import RegisterFile, judged_rows
from registry.intake.reporting import ErrorsCsv, JsonReport
from registry.locks import lock_import
from registry.models import RegisterImport
from registry.rules.problems import Problem, problem
from registry.rules.rows import ParsedRow, Verdict

MASS_REMOVAL_SHARE, MASS_REMOVAL_AT_LEAST = 0.02, 5
"""A file that removes more than this share of the registrations in force, and at least so many, is refused: more
likely a wrong file than a decision session (own judgement)."""

FEW = 20_000
"""Where up to so many rows are new or changed, their files are refreshed by name; beyond, the whole register is."""

FIRST_ERRORS = 3
"""So many errors are told at a terminal; the reports hold all."""

BLOCK = 1000
"""Records copied, and told to the progress bar, at once."""

Advance = Callable[[int], None]


@dataclass(frozen=True, slots=True)
class Outputs:
    """Where to write every record's verdict, and the rows to put right."""

    report: Path | None = None
    errors: Path | None = None


@dataclass(frozen=True, slots=True)
class Permissions:
    """What the person who applies has allowed: rows in error left aside, a wave of removals."""

    skip_errors: bool = False
    mass_change: bool = False


@dataclass(slots=True)
class Comparison:
    """What a file holds and what it would change, counted in records; the first errors by line, in words."""

    verdicts: Counter[Verdict] = field(default_factory=Counter)
    warnings: int = 0
    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    in_force: int = 0
    applied: bool = False
    first_errors: list[tuple[int, str]] = field(default_factory=list)

    @property
    def errors(self) -> int:
        """Records that cannot be imported."""
        return self.verdicts[Verdict.ERROR]

    def as_json(self) -> dict[str, object]:
        """The counts that scripts read."""
        named = {v.value: self.verdicts[v] for v in Verdict}
        return {
            "records": self.verdicts.total(),
            **named,
            "warnings": self.warnings,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "applied": self.applied,
        }


@dataclass(frozen=True, slots=True)
class SignedComparison:
    """What one person has compared and signed, for another to apply: the counts, as `Comparison.as_json`, and where
    the file comes from."""

    by: AbstractBaseUser
    counts: dict[str, object]
    reason: str


def _statements() -> dict[str, str]:
    text = (Path(__file__).parent / "staging.sql").read_text(encoding="utf-8")
    blocks = text.split("-- name: ")[1:]
    return {block.split("\n", 1)[0].strip(): block.split("\n", 1)[1] for block in blocks}


_SQL = _statements()


def compare_file(
    register: RegisterFile, outputs: Outputs | None = None, *, advance: Advance = lambda _: None
) -> Comparison:
    """Compare a file with the register and report. The register is only read."""
    with transaction.atomic():
        comparison = _stage_and_compare(register, outputs or Outputs(), advance)
        transaction.set_rollback(True)
    return comparison


def apply_file(
    register: RegisterFile,
    outputs: Outputs | None = None,
    *,
    by: AbstractBaseUser | None,
    now: datetime,
    allow: Permissions | None = None,
    signed: SignedComparison | None = None,
    advance: Advance = lambda _: None,
) -> Comparison:
    """Apply a file in one transaction, all or nothing; a file that changes nothing writes nothing.

    Raises RegisterError where rows are in error, where too many registrations would be removed, while another file is
    being applied, or where the comparison is not the one `signed` by another person; the reports are written all the
    same.
    """
    why = f"import de {register.path.name} (sha256 {register.sha256[:12]})"
    if signed is not None:
        why += f", préparé par {signed.by.get_username()}\u00a0: {signed.reason}"
    if signed is not None and (by is None or by.pk == signed.by.pk):
        raise RegisterError("Un fichier est appliqué par une autre personne que celle qui l’a préparé.")
    with recording(by=by, why=why):
        if not lock_import():
            raise RegisterError("Un autre import est en cours\u00a0: attendez sa fin, puis recommencez.")
        comparison = _stage_and_compare(register, outputs or Outputs(), advance)
        _require_allowed(comparison, allow or Permissions())
        if signed is not None and comparison.as_json() != signed.counts:
            raise RegisterError(
                "Le registre a changé depuis que ce fichier lui a été comparé\u00a0: le décompte n’est plus celui qui "
                "a été signé. Déposez-le de nouveau."
            )
        if comparison.new or comparison.changed:
            remembered = _remember(register, comparison, by, now, signed)
            _write(by, why, local_day(now), remembered, rows=comparison.new + comparison.changed)
        comparison.applied = True
    return comparison


def _stage_and_compare(register: RegisterFile, outputs: Outputs, advance: Advance) -> Comparison:
    comparison = Comparison()
    _run("create")
    _stage(register, comparison, advance)
    _run("analyze")
    conflicts = _refuse_conflicts(comparison)
    for statement in ("person", "registration", "cover", "analyze_parts"):
        _run(statement)
    (comparison.new, comparison.changed, comparison.unchanged), *_ = _run("compare")
    (comparison.removed, comparison.in_force), *_ = _run("removals")
    _write_reports(register, outputs, conflicts)
    return comparison


def _stage(register: RegisterFile, comparison: Comparison, advance: Advance) -> None:
    """Judge the records and copy the right ones to `staged`, block by block."""
    block: list[str] = []
    with connection.cursor() as cursor, cursor.copy(_SQL["copy"]) as copy:
        for number, (parsed, _) in enumerate(judged_rows(register), start=1):
            comparison.verdicts[parsed.verdict] += 1
            comparison.warnings += len(parsed.warnings)
            if parsed.verdict is Verdict.ERROR and len(comparison.first_errors) < FIRST_ERRORS and parsed.reported:
                comparison.first_errors.append((parsed.line, parsed.reported.message))
            if parsed.row is not None:
                block.append(staged_line(parsed.line, parsed.row))
            if number % BLOCK == 0:
                copy.write("".join(block))
                block.clear()
                advance(BLOCK)
        copy.write("".join(block))


def _refuse_conflicts(comparison: Comparison) -> dict[int, Problem]:
    """Rows whose SIREN the register has given to another number, or whose number was merged into another: errors that
    only the register can tell."""
    conflicts = {line: _siren_taken(siren, number) for line, siren, number in _run("conflicts")}
    conflicts |= {line: _merged(number, kept) for line, number, kept in _run("merged")}
    if conflicts:
        _run("drop_lines", {"lines": list(conflicts)})
        comparison.verdicts[Verdict.OK] -= len(conflicts)
        comparison.verdicts[Verdict.ERROR] += len(conflicts)
        told = [(line, found.message) for line, found in conflicts.items()]
        comparison.first_errors = sorted(comparison.first_errors + told)[:FIRST_ERRORS]
    return conflicts


def _siren_taken(siren: str, number: str) -> Problem:
    template = "« {value} » est au registre le SIREN du numéro {number}. Corriger l’un ou l’autre."
    return problem("siren", "siren_of_another_number", siren, template, number=number)


def _merged(number: str, kept: str) -> Problem:
    template = "« {value} » a été fusionné avec le numéro {number}. Le remplacer par celui-ci."
    return problem("numero_orias", "number_was_merged", number, template, number=kept)


def _write_reports(register: RegisterFile, outputs: Outputs, conflicts: dict[int, Problem]) -> None:
    """Read the file once more for the reports, where any is asked for: nothing is kept in memory meanwhile."""
    if not (outputs.report or outputs.errors):
        return
    with ExitStack() as stack:
        report = stack.enter_context(JsonReport(outputs.report)) if outputs.report else None
        errors = stack.enter_context(ErrorsCsv(outputs.errors, register.delimiter)) if outputs.errors else None
        for parsed, cells in _finally_judged(register, conflicts):
            if report:
                report.add(parsed)
            if errors:
                errors.add(parsed, cells)


def _finally_judged(register: RegisterFile, conflicts: dict[int, Problem]) -> Iterator[tuple[ParsedRow, Sequence[str]]]:
    for parsed, cells in judged_rows(register):
        found = conflicts.get(parsed.line)
        if found is None:
            yield parsed, cells
        else:
            yield parsed._replace(verdict=Verdict.ERROR, row=None, problems=(found,)), cells


def _require_allowed(comparison: Comparison, allow: Permissions) -> None:
    if comparison.errors and not allow.skip_errors:
        raise RegisterError(
            f"Rien n’a été importé. Lignes en erreur\u00a0: {comparison.errors}. Corrigez-les (--errors FICHIER les "
            "extrait), ou importez les autres avec --skip-errors."
        )
    wave = comparison.removed > MASS_REMOVAL_SHARE * comparison.in_force
    if wave and comparison.removed >= MASS_REMOVAL_AT_LEAST and not allow.mass_change:
        raise RegisterError(
            f"Ce fichier supprimerait {comparison.removed} inscriptions sur {comparison.in_force}\u00a0: rien n’a été "
            "importé. Si c’est bien voulu, recommencez avec --allow-mass-change."
        )


def _write(by: AbstractBaseUser | None, why: str, day: date, remembered: RegisterImport, *, rows: int) -> None:
    parameters = {"act": why[:120], "why": why[:500], "by": by.pk if by else None, "day": day, "file": remembered.pk}
    _run("bump_at_the_end")
    for statement in ("insert_persons", "update_persons", "insert_registrations", "update_registrations"):
        _run(statement)
    for statement in ("insert_decisions", "insert_covers", "update_covers"):
        _run(statement, parameters)
    for statement in ("bump", "bump_at_once_again"):
        _run(statement)
    _run("analyze_register")
    touched = [pk for (pk,) in _run("touched")] if rows <= FEW else None
    refresh_findings(as_of=day, ids=touched)


def _remember(
    register: RegisterFile,
    comparison: Comparison,
    by: AbstractBaseUser | None,
    now: datetime,
    signed: SignedComparison | None,
) -> RegisterImport:
    """Written first: the decisions that the file reports name it."""
    return RegisterImport.objects.create(
        file_name=register.path.name[:255],
        sha256=register.sha256,
        applied_at=now,
        applied_by_id=by.pk if by else None,
        prepared_by_id=signed.by.pk if signed else None,
        counts=comparison.as_json() | {"applied": True},
    )


def _run(name: str, parameters: dict[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(_SQL[name], parameters)
        return list(cursor.fetchall()) if cursor.description else []
