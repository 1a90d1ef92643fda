"""End the mandate of an account for an intermediary."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.management.base import CommandParser

from api.keys import end_mandate
from api.management.commands.grant_mandate import file_of
from registry import clock
from registry.management.arguments import iso_day, orias_number
from registry.management.console import Failed, RegisterCommand, acting_user, add_by, require


class Command(RegisterCommand):
    """`end_mandate HOLDER ORIAS_NUMBER`."""

    help = "End the mandate of an account for an intermediary: after the last day, its file is as if absent to it."
    examples = """
  manage.py end_mandate cabinet-durand 07001003 --by alice
  manage.py end_mandate cabinet-durand 07001003 --now --reason 'numéro faux' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, for whom, when."""
        parser.add_argument("holder", metavar="HOLDER", help="the account that acts")
        parser.add_argument("number", type=orias_number, metavar="ORIAS_NUMBER", help="for whom")
        parser.add_argument("--last-day", type=iso_day, metavar="DAY", help="last day (default: today)")
        parser.add_argument("--now", action="store_true", help="at once, and not at the end of today")
        parser.add_argument("--reason", default="fin de mandat", help="why, for the history")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """End it."""
        by = acting_user(options["by"])
        require(by, "api.manage_keys")
        holder, whose = acting_user(options["holder"]), file_of(options["number"])
        today = clock.local_day(clock.now())
        last_day = today - timedelta(days=1) if options["now"] else options["last_day"] or today
        ended = end_mandate(holder=holder, intermediary=whose, last_day=last_day, by=by, why=options["reason"])
        if not ended:
            raise Failed(
                f"{holder.get_username()} n’a pas de mandat pour {whose.orias_number} qui coure encore après le "
                f"{last_day:%d/%m/%Y} et ait commencé d’ici là."
            )
        self.stdout.write(f"{holder.get_username()} n’agit plus pour {whose} après le {last_day:%d/%m/%Y}.")
