"""Let an account act for an intermediary."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from api.keys import grant_mandate
from api.management.accounts import account_of, program_account
from registry import clock
from registry.management.arguments import iso_day, orias_number
from registry.management.console import Failed, RegisterCommand, acting_user, add_by, require
from registry.models import Intermediary


class Command(RegisterCommand):
    """`grant_mandate HOLDER ORIAS_NUMBER`."""

    help = (
        "Let an account act for an intermediary: the intermediary's own software, or its principal's. With --new the "
        "account is made, without password: it is used by keys only."
    )
    examples = """
  manage.py grant_mandate cabinet-durand 07001003 --new --by alice
  manage.py grant_mandate mandant-ouest 07001003 --from 2026-01-01 --until 2026-12-31 --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Who, for whom, when."""
        parser.add_argument("holder", metavar="HOLDER", help="the account that will act")
        parser.add_argument("number", type=orias_number, metavar="ORIAS_NUMBER", help="for whom")
        parser.add_argument("--new", action="store_true", help="make the account where there is none")
        parser.add_argument("--from", dest="starts_on", type=iso_day, metavar="DAY", help="first day (default: today)")
        parser.add_argument("--until", dest="ends_on", type=iso_day, metavar="DAY", help="last day (default: none)")
        parser.add_argument("--reason", default="mandat donné", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Grant it."""
        by = acting_user(options["by"])
        require(by, "api.manage_keys")
        whose = file_of(options["number"])
        holder = account_of(options["holder"]) if options["new"] else program_account(options["holder"])
        starts_on: date = options["starts_on"] or clock.local_day(clock.now())
        grant_mandate(
            holder=holder, intermediary=whose, starts_on=starts_on, ends_on=options["ends_on"], by=by,
            why=options["reason"],
        )  # fmt: skip
        until = f" jusqu’au {options['ends_on']:%d/%m/%Y}" if options["ends_on"] else ""
        self.stdout.write(f"{holder.get_username()} agit pour {whose} à compter du {starts_on:%d/%m/%Y}{until}.")


def file_of(number: str) -> Intermediary:
    """The intermediary of that number. Raises Failed."""
    found = Intermediary.objects.filter(orias_number=number).first()
    if found is None:
        raise Failed(
            f"Le numéro ORIAS {number} n’est pas au registre\u00a0: vérifiez ses huit chiffres, zéros compris."
        )
    return found
