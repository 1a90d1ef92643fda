"""Open the renewal requests of a campaign."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import open_renewals
from registry.actions.renewals import count_renewals
from registry.management.arguments import YEARS
from registry.management.console import RegisterCommand, acting_user, add_by, add_json, require, whole_number
from registry.management.renewals import PERMISSION
from registry.rules.french import counted, grouped


class Command(RegisterCommand):
    """Open the requests."""

    help = (
        "Open a renewal request for every registration that the campaign of YEAR concerns and that has none yet; "
        "whoever registered from 1 January of that year on is not concerned. Without --apply they are only counted. "
        "May be repeated."
    )
    examples = """
  manage.py open_renewals 2027 --by alice
  manage.py open_renewals 2027 --by alice --apply
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The year, who acts."""
        parser.add_argument("year", type=whole_number(YEARS[0], YEARS[-1]), metavar="YEAR", help="year of the campaign")
        parser.add_argument("--apply", action="store_true", help="open them; without this they are only counted")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day, year = clock.local_day(clock.now()), options["year"]
        by = acting_user(options["by"])
        require(by, PERMISSION)
        if options["apply"]:
            opening = open_renewals(by=by, why=f"ouverture des demandes {year}", day=day, year=year)
        else:
            opening = count_renewals(year=year, day=day)
        if options["json"]:
            told = {"year": year, "applied": options["apply"], "concerned": opening.concerned}
            self.print_json(told | {"opened": opening.to_open, "there_before": opening.there_before})
            return
        total = sum(opening.to_open.values())
        by_category = ", ".join(f"{grouped(n)} {category}" for category, n in opening.to_open.items() if n) or "aucune"
        if options["apply"]:
            self.stdout.write(f"{counted(total, 'demande ouverte', 'demandes ouvertes')} ({by_category}).")
        else:
            words = counted(total, "demande à ouvrir", "demandes à ouvrir")
            self.stdout.write(f"{words} ({by_category}). Rien n’est écrit. Pour les ouvrir\u00a0: --apply")
