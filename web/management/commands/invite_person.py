"""Let somebody sign in for an intermediary by an e-mailed code."""

from __future__ import annotations

from datetime import date
from typing import Any

from allauth.account.internal.emailkit import valid_email_or_none
from django.core.management.base import CommandParser

from api.management.commands.grant_mandate import file_of
from registry import clock
from registry.management.arguments import iso_day, orias_number
from registry.management.console import RegisterCommand, WrongUse, acting_user, add_by, require
from web.people.accounts import invite


class Command(RegisterCommand):
    """`invite_person ADDRESS ORIAS_NUMBER`."""

    help = (
        "Let whoever reads an e-mail address sign in on the site for an intermediary. The account has no password: "
        "each time a code is mailed to the address. Nothing is mailed now. Who reads the principal address of a file "
        "needs no invitation, once that address is confirmed (confirm_address)."
    )
    examples = """
  manage.py invite_person marie@cabinet-martin.fr 07001003 --by alice
  manage.py invite_person stagiaire@cabinet-martin.fr 07001003 --until 2026-06-30 --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whom, for whom, until when."""
        parser.add_argument("address", metavar="ADDRESS", help="the e-mail address that codes are mailed to")
        parser.add_argument("number", type=orias_number, metavar="ORIAS_NUMBER", help="for whom")
        parser.add_argument("--until", dest="ends_on", type=iso_day, metavar="DAY", help="last day (default: none)")
        parser.add_argument("--reason", default="personne invitée par le registre", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Invite."""
        by = acting_user(options["by"])
        require(by, "api.manage_keys")
        address = valid_email_or_none(options["address"])
        if address is None:
            raise WrongUse(f"«\u00a0{options['address']}\u00a0» n’est pas une adresse électronique\u00a0: corrigez-la.")
        whose = file_of(options["number"])
        ends_on: date | None = options["ends_on"]
        day = clock.local_day(clock.now())
        invite(address=address, intermediary=whose, day=day, ends_on=ends_on, by=by, why=options["reason"])
        until = f" jusqu’au {ends_on:%d/%m/%Y}" if ends_on else ""
        self.stdout.write(f"{address} agit pour {whose}{until}, en entrant par /mon-espace/ avec un code.")
