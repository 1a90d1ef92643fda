"""Enter an insurer or guarantor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.actions.issuers import record_issuer
from registry.management.console import RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """`record_issuer CODE NAME`."""

    help = (
        "Enter an insurer or guarantor, or add spellings to one that is there. A certificate on record is its own "
        "where it names it by one of these, whatever the case, accents and punctuation."
    )
    examples = "  manage.py record_issuer MUTUELLE-OUEST \"Mutuelle de l'Ouest\" --alias 'MO Assurances' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who it is, and how it is spelt."""
        parser.add_argument("code", metavar="CODE", help="2 to 30 capitals, digits or hyphens; never changes")
        parser.add_argument("name", metavar="NAME", help="its name")
        parser.add_argument("--alias", action="append", default=[], metavar="NAME", help="another spelling; repeat")
        parser.add_argument("--reason", default="assureur ou garant enregistré", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """One call."""
        by = acting_user(options["by"])
        require(by, "registry.change_cover")
        issuer = record_issuer(
            by=by, why=options["reason"], code=options["code"], name=options["name"], aliases=options["alias"]
        )
        names = ", ".join(issuer.names.order_by("name").values_list("name", flat=True))
        self.stdout.write(f"{issuer.code}\u00a0: {names}.")
