"""Let an account act as an insurer or guarantor."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.issuers import grant_issuer
from api.management.accounts import account_of, program_account
from registry import clock
from registry.actions.issuers import find_issuer
from registry.management.arguments import iso_day
from registry.management.console import RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """`grant_issuer HOLDER CODE`."""

    help = (
        "Let an account act as an insurer or guarantor: with a key of the scope issuer:write it pushes certificates "
        "and notices, for its own policies only. With --new the account is made, without password, for keys only."
    )
    examples = "  manage.py grant_issuer mutuelle-ouest MUTUELLE-OUEST --new --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, as whom, since when."""
        parser.add_argument("holder", metavar="HOLDER", help="the account that will act")
        parser.add_argument("issuer", metavar="CODE", help="code of the insurer or guarantor")
        parser.add_argument("--new", action="store_true", help="make the account where there is none")
        parser.add_argument("--from", dest="starts_on", type=iso_day, metavar="DAY", help="first day (default: today)")
        parser.add_argument("--reason", default="mandat donné", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant it."""
        by = acting_user(options["by"])
        require(by, "api.manage_keys")
        issuer = find_issuer(options["issuer"])
        holder = account_of(options["holder"]) if options["new"] else program_account(options["holder"])
        starts_on = options["starts_on"] or clock.local_day(clock.now())
        grant_issuer(holder=holder, issuer=issuer, starts_on=starts_on, by=by, why=options["reason"])
        self.stdout.write(f"{holder.get_username()} agit pour {issuer} à compter du {starts_on:%d/%m/%Y}.")
