"""End an account's acting as an insurer or guarantor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.issuers import end_issuer
from registry import clock
from registry.management.arguments import iso_day
from registry.management.console import Failed, RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """`end_issuer HOLDER`."""

    help = "End an account's acting as an insurer or guarantor: after the last day its keys push nothing more."
    examples = "  manage.py end_issuer mutuelle-ouest --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, when."""
        parser.add_argument("holder", metavar="HOLDER", help="the account that acts")
        parser.add_argument("--last-day", type=iso_day, metavar="DAY", help="last day (default: today)")
        parser.add_argument("--reason", default="fin de mandat", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """End it."""
        by = acting_user(options["by"])
        require(by, "api.manage_keys")
        holder = acting_user(options["holder"])
        last_day = options["last_day"] or clock.local_day(clock.now())
        if not end_issuer(holder=holder, last_day=last_day, by=by, why=options["reason"]):
            raise Failed(f"{holder.get_username()} n’agit pour aucun assureur ni garant après ce jour.")
        self.stdout.write(f"{holder.get_username()} n’agit plus après le {last_day:%d/%m/%Y}.")
