"""Enter a professional association or a principal."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.actions.affiliations import record_body
from registry.management.console import RegisterCommand, acting_user, add_by, require
from registry.rules.affiliations import BodyKind


class Command(RegisterCommand):
    """`record_body CODE NAME --kind KIND`."""

    help = "Enter a professional association or a principal (an insurer, a bank, an intermediary), or rename one."
    examples = "  manage.py record_body ASSO-CIF 'Association de conseillers' --kind ASSOCIATION --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who it is."""
        parser.add_argument("code", metavar="CODE", help="2 to 30 capitals, digits or hyphens; never changes")
        parser.add_argument("name", metavar="NAME", help="its name")
        parser.add_argument("--kind", required=True, choices=[k.value for k in BodyKind], help="what it is")
        parser.add_argument("--siren", default="", help="its SIREN, where it has one")
        parser.add_argument("--reason", default="organisme enregistré", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """One call."""
        by = acting_user(options["by"])
        require(by, "registry.change_registration")
        body = record_body(
            by=by, why=options["reason"], code=options["code"], kind=BodyKind(options["kind"]), name=options["name"],
            siren=options["siren"],
        )  # fmt: skip
        self.stdout.write(f"{body} ({BodyKind(body.kind).label}).")
