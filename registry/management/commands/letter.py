"""Show a letter on paper, or write it out again as it was issued."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry.actions.letters import find_letter
from registry.management.console import Failed, RegisterCommand, add_json, require_writable
from registry.rules.letters import LetterKind


class Command(RegisterCommand):
    """Show it."""

    help = (
        "Show a letter by its number, or by the verify code printed on it; --out writes the PDF again, byte for byte "
        "as it was issued; --compare says whether a file is that letter (exit code 1: it is not)."
    )
    examples = """
  manage.py letter 2027-000012 --out lettre.pdf
  manage.py letter 7F3K-0QXA-9M2B-C4DE --compare recue.pdf
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which one, where to."""
        parser.add_argument("letter", metavar="NUMBER", help="number of the letter, or its verify code")
        parser.add_argument("--out", type=Path, metavar="FILE", help="write the PDF there")
        parser.add_argument("--compare", type=Path, metavar="FILE", help="is this file that letter?")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Look, write, tell."""
        require_writable(options["out"])
        found = find_letter(options["letter"])
        told = {
            "number": found.number,
            "kind": found.kind,
            "kind_label": LetterKind(found.kind).label,
            "dated_on": found.dated_on,
            "addressee": found.addressee,
            "subject": found.subject,
            "case": found.case_id,
            "order": found.order_id,
            "verify_code": found.verify_code,
            "sha256": found.sha256,
        }
        if options["out"]:
            options["out"].write_bytes(found.pdf)
        if options["json"]:
            self.print_json(told)
        else:
            self.stdout.write(f"{told['kind_label']} {found.number} du {found.dated_on}, à {found.addressee}.")
            self.stdout.write(f"{found.subject}. SHA-256\u00a0: {found.sha256}.")
        if options["compare"]:
            if hashlib.sha256(options["compare"].read_bytes()).hexdigest() != found.sha256:
                raise Failed(f"Ce fichier n’est pas la lettre {found.number} telle qu’elle a été émise.")
            self.stdout.write("Ce fichier est bien cette lettre.")
