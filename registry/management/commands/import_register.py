"""Import a register file: compare and report; with --apply, apply what was compared."""

from __future__ import annotations

from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from registry import clock
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
)


class Command(RegisterCommand):
    """Import."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReportError,)
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
        try:
            register = open_register(options["file"])
        except RegisterFileError as error:
            raise WrongUse(str(error)) from error
        outputs = Outputs(options["report"], options["errors"])
        with progress("Lecture", total=register.lines) as advance:
            if options["apply"]:
                comparison = self._apply(register, outputs, options, advance)
            else:
                comparison = compare_file(register, outputs, advance=advance)
        if options["json"]:
            self.print_json(comparison.as_json())
        else:
            self._tell(comparison, options["file"])

    def _apply(self, register: RegisterFile, outputs: Outputs, options: dict[str, Any], advance: Any) -> Comparison:
        by = acting_user(options["by"]) if options["by"] else None
        if by:
            require(by, "registry.change_intermediary")
        allow = Permissions(options["skip_errors"], options["allow_mass_change"])
        return apply_file(register, outputs, by=by, now=clock.now(), allow=allow, advance=advance)

    def _tell(self, comparison: Comparison, path: Path) -> None:
        counts = comparison.as_json()
        self.stdout.write(
            f"{counts['records']} lignes\u00a0: {counts['ok']} bonnes, {counts['error']} en erreur, "
            f"{counts['duplicate']} en double, {counts['ignored']} vides\u00a0; {counts['warnings']} avertissements."
        )
        self.stdout.write(
            f"Au registre\u00a0: {counts['new']} nouvelles inscriptions, {counts['changed']} modifiées, "
            f"{counts['unchanged']} inchangées, {counts['removed']} suppressions."
        )
        done = "Appliqué." if comparison.applied else f"Rien n’est écrit\u00a0: import_register {path} --apply"
        self.stdout.write(done)
