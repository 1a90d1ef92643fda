"""Import a register file: compare and report; with --apply, apply what was compared."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from registry import clock
from registry.actions import RegisterError
from registry.intake.applying import Comparison, Outputs, Permissions, apply_file, compare_file
from registry.intake.reading import RegisterFile, RegisterFileError, open_register
from registry.intake.reporting import ReportError
from registry.management.console import (
    RegisterCommand,
    WrongUse,
    acting_user,
    add_by,
    add_json,
    progress,
    require,
    require_writable,
)
from registry.rules.french import counted, grouped
from registry.rules.rows import Verdict


class Command(RegisterCommand):
    """Import."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReportError,)
    wrong_uses: ClassVar[tuple[type[Exception], ...]] = (RegisterFileError,)
    help = (
        "Compare a register file (CSV; delimiter and encoding are found) with the register and report. Nothing is "
        "written without --apply, which applies the whole file in one transaction or nothing of it."
    )
    examples = """
  manage.py import_register registre.csv --report verdicts.json --errors a-corriger.csv
  manage.py import_register registre.csv --apply --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whether to apply it, and what to report."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the register file")
        parser.add_argument("--apply", action="store_true", help="write to the register")
        add_by(parser, required=False)
        parser.add_argument("--skip-errors", action="store_true", help="apply the other rows where some are in error")
        parser.add_argument(
            "--allow-mass-change", action="store_true", help="apply even if many registrations would be removed"
        )
        parser.add_argument("--report", type=Path, metavar="OUT.json", help="write every record's verdict")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the rows to put right")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell the outcome."""
        if options["apply"] and options["by"] is None:
            raise WrongUse("--apply écrit au registre\u00a0: dites qui en répond, avec --by NOM.")
        by = acting_user(options["by"]) if options["by"] is not None else None
        if by:
            require(by, "registry.change_intermediary")
        outputs = _writable(options["file"], options["report"], options["errors"])
        register = open_register(options["file"])
        try:
            comparison = _apply(register, outputs, by, options) if options["apply"] else _compare(register, outputs)
        except RegisterError:
            if options["json"]:
                # What was counted went with the transaction: count once more what stands against the file.
                self.print_json(_compare(register, Outputs()).as_json())
            else:
                self._tell_written(outputs)
            raise
        if options["json"]:
            self.print_json(comparison.as_json())
        else:
            self._tell(comparison, options["file"])
            self._tell_written(outputs)

    def _tell_written(self, outputs: Outputs) -> None:
        for path in filter(None, (outputs.report, outputs.errors)):
            self.stdout.write(f"Écrit\u00a0: {path}")

    def _tell(self, comparison: Comparison, path: Path) -> None:
        lines = comparison.verdicts
        self.stdout.write(
            f"{counted(lines.total(), 'ligne')}\u00a0: {counted(lines[Verdict.OK], 'bonne')}, "
            f"{grouped(lines[Verdict.ERROR])} en erreur, {grouped(lines[Verdict.DUPLICATE])} en double, "
            f"{counted(lines[Verdict.IGNORED], 'vide')}\u00a0; {counted(comparison.warnings, 'avertissement')}."
        )
        self.stdout.write(
            f"Au registre\u00a0: {counted(comparison.new, 'nouvelle inscription', 'nouvelles inscriptions')}, "
            f"{counted(comparison.changed, 'modifiée')}, {counted(comparison.unchanged, 'inchangée')}, "
            f"{counted(comparison.removed, 'suppression')}."
        )
        for line, message in comparison.first_errors:
            self.stdout.write(f"  ligne {line}\u00a0: {message}")
        if comparison.errors > len(comparison.first_errors):
            self.stdout.write(f"  … et {grouped(comparison.errors - len(comparison.first_errors))} autres en erreur")
        self.stdout.write("Appliqué." if comparison.applied else _to_apply(comparison, path))


def _to_apply(comparison: Comparison, path: Path) -> str:
    if not comparison.errors:
        return f"Rien n’est écrit. Pour appliquer\u00a0: manage.py import_register {path} --apply --by NOM"
    return (
        "Rien n’est écrit, et --apply serait refusé tant que des lignes sont en erreur. Pour les voir toutes\u00a0: "
        "--errors A-CORRIGER.csv (à corriger puis à réimporter) ou --report VERDICTS.json\u00a0; pour appliquer les "
        f"autres\u00a0: manage.py import_register {path} --apply --skip-errors --by NOM"
    )


def _compare(register: RegisterFile, outputs: Outputs) -> Comparison:
    with progress("Lecture", total=register.lines) as advance:
        return compare_file(register, outputs, advance=advance)


def _apply(register: RegisterFile, outputs: Outputs, by: User | None, options: dict[str, Any]) -> Comparison:
    allow = Permissions(options["skip_errors"], options["allow_mass_change"])
    with progress("Lecture", total=register.lines) as advance:
        return apply_file(register, outputs, by=by, now=clock.now(), allow=allow, advance=advance)


def _writable(file: Path, report: Path | None, errors: Path | None) -> Outputs:
    """Where to write, known before the work to be writable, and to be nobody else's place."""
    for path in (report, errors):
        require_writable(path)
        if path and path.exists() and not path.is_file():
            raise WrongUse(f"«\u00a0{path}\u00a0» n’est pas un fichier ordinaire. Indiquez un autre nom.")
    for one, other in ((report, file), (errors, file), (report, errors)):
        if one and other and os.path.realpath(one) == os.path.realpath(other):
            raise WrongUse(f"«\u00a0{one}\u00a0» servirait à deux choses. Donnez à chaque fichier un nom à lui.")
    return Outputs(report, errors)
