"""Destroy the files of those removed more than five years ago."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.purging import PurgeList, list_purgeable, purge_files
from registry.management.arguments import iso_day
from registry.management.cases import PURGE_PERMISSION
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
from registry.models import PurgeCertificate
from registry.rules.french import counted

FIRST = 20
"""So many numbers are told at a terminal; --json tells all."""


class Command(RegisterCommand):
    """Preview, or destroy."""

    help = (
        "List the files that may be destroyed: every registration removed more than five years before, no legal hold, "
        "no order that still bars, no case under way. With --apply they are destroyed, history included, by two people "
        "and bound to the hash of the list that was previewed; a certificate stays, and the numbers, never given again."
    )
    examples = """
  manage.py purge_files --json
  manage.py purge_files --apply --by alice --approved-by bruno --hash 5f0c… --out certificat.pdf
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """On which day, who, which list."""
        parser.add_argument("--as-of", type=iso_day, metavar="DAY", help="as on that day (default: today)")
        parser.add_argument("--apply", action="store_true", help="destroy them; without this they are only listed")
        add_by(parser, required=False)
        parser.add_argument("--approved-by", metavar="USER", help="the second person")
        parser.add_argument("--hash", metavar="SHA256", help="of the list that was previewed")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write the certificate there (PDF)")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look or make one call, tell."""
        now = clock.now()
        as_of = options["as_of"] or clock.local_day(now)
        listed = list_purgeable(as_of=as_of)
        if not options["apply"]:
            self._preview(listed, options["json"])
            return
        missing = [flag for flag in ("by", "approved_by", "hash") if not options[flag]]
        if missing:
            flags = ", ".join(f"--{flag.replace('_', '-')}" for flag in missing)
            raise WrongUse(f"Une destruction demande aussi {flags}\u00a0: faites d’abord lire la liste, sans --apply.")
        require_writable(options["out"])
        by, second = acting_user(options["by"]), acting_user(options["approved_by"])
        for user in (by, second):
            require(user, PURGE_PERMISSION)
        with progress("Dossiers", total=len(listed.files)) as advance:
            certificate = purge_files(
                by=by, approved_by=second, now=now, as_of=as_of, list_hash=options["hash"], advance=advance
            )
        if options["out"]:
            options["out"].write_bytes(certificate.pdf)
        self._tell(certificate, options["json"])

    def _preview(self, listed: PurgeList, as_json: bool) -> None:
        numbers = [number for _, number, _ in listed.files]
        if as_json:
            self.print_json({"as_of": listed.as_of, "files": len(numbers), "numbers": numbers, "hash": listed.hash})
            return
        self.stdout.write(f"{counted(len(numbers), 'dossier')} à détruire au {listed.as_of}. Rien n’est écrit.")
        self.stdout.write(", ".join(numbers[:FIRST]) + (" …" if len(numbers) > FIRST else ""))
        self.stdout.write(f"Empreinte\u00a0: {listed.hash}")

    def _tell(self, certificate: PurgeCertificate, as_json: bool) -> None:
        if as_json:
            told = {"certificate": certificate.number, "files": certificate.files, "hash": certificate.list_hash}
            self.print_json(told | {"counts": certificate.counts, "sha256": certificate.sha256})
            return
        self.stdout.write(f"{counted(certificate.files, 'dossier détruit', 'dossiers détruits')}.")
        self.stdout.write(f"Certificat {certificate.number}, SHA-256 {certificate.sha256}.")
