"""What the commands that read a file of an insurer or guarantor share."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from registry.actions.issuers import find_issuer
from registry.intake.issuer_files import (
    FORMATS,
    Job,
    Reports,
    Tally,
    apply_issuer_file,
    compare_issuer_file,
)
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
from registry.models.issuer import FileContent
from registry.rules.french import counted, grouped
from registry.rules.pushes import Fate


class IssuerFileCommand(RegisterCommand):
    """Compare a file of an issuer with the register and report; with --apply, apply it lot by lot."""

    content: ClassVar[FileContent]
    expected_errors: ClassVar[tuple[type[Exception], ...]] = (ReportError,)
    wrong_uses: ClassVar[tuple[type[Exception], ...]] = (RegisterFileError,)

    def add_arguments(self, parser: CommandParser) -> None:
        """The file, whose it is, whether to apply it, and what to report."""
        parser.add_argument("file", metavar="FILE", type=Path, help="the issuer’s file (CSV; see docs/issuers.md)")
        parser.add_argument("--issuer", metavar="CODE", required=True, help="code of the insurer or guarantor")
        parser.add_argument("--apply", action="store_true", help="write to the register")
        add_by(parser, required=False)
        parser.add_argument("--report", type=Path, metavar="OUT.json", help="write every row’s fate")
        parser.add_argument("--errors", type=Path, metavar="OUT.csv", help="write the rows that were refused")
        add_json(parser)

    def take(self, now: datetime, options: dict[str, Any]) -> None:
        """Make one call, tell the outcome."""
        if options["apply"] and options["by"] is None:
            raise WrongUse("--apply écrit au registre\u00a0: dites qui en répond, avec --by NOM.")
        by = acting_user(options["by"]) if options["by"] is not None else None
        if by:
            require(by, "registry.change_cover")
        reports = _reports(options["file"], options["report"], options["errors"])
        job = Job(find_issuer(options["issuer"]), self.content, by, now)
        file = open_register(options["file"], FORMATS[self.content].columns)
        tally = _run(file, job, reports, apply=options["apply"])
        if options["json"]:
            self.print_json(tally.as_json())
        else:
            self._tell(tally, reports)

    def _tell(self, tally: Tally, reports: Reports) -> None:
        fates = tally.fates
        self.stdout.write(
            f"{counted(fates.total(), 'ligne')}\u00a0: {counted(fates[Fate.NEW], 'nouvelle')}, "
            f"{counted(fates[Fate.CHANGED], 'modifiée')}, {grouped(fates[Fate.UNCHANGED])} sans changement, "
            f"{grouped(fates[Fate.DUPLICATE])} en double, {grouped(fates[Fate.IGNORED])} sans rien à faire, "
            f"{counted(fates[Fate.REFUSED], 'refusée')}\u00a0; {counted(tally.warnings, 'avertissement')}."
        )
        if tally.resumed:
            self.stdout.write(f"Reprise après {counted(tally.resumed, 'ligne')} déjà en place.")
        for line, message in tally.first_refusals:
            self.stdout.write(f"  ligne {line}\u00a0: {message}")
        self.stdout.write("Appliqué." if tally.applied else "Rien n’est écrit. Pour appliquer\u00a0: --apply --by NOM")
        for path in filter(None, (reports.report, reports.errors)):
            self.stdout.write(f"Écrit\u00a0: {path}")


def _run(file: RegisterFile, job: Job, reports: Reports, *, apply: bool) -> Tally:
    work = apply_issuer_file if apply else compare_issuer_file
    with progress("Lignes", total=file.lines) as advance:
        return work(file, job, reports, advance=advance)


def _reports(file: Path, report: Path | None, errors: Path | None) -> Reports:
    """Where to write, known before the work to be writable, and to be nobody else's place."""
    for path in (report, errors):
        require_writable(path)
    for one, other in ((report, file), (errors, file), (report, errors)):
        if one and other and os.path.realpath(one) == os.path.realpath(other):
            raise WrongUse(f"«\u00a0{one}\u00a0» servirait à deux choses. Donnez à chaque fichier un nom à lui.")
    return Reports(report, errors)
