"""File the renewal request of one registration."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import file_renewal
from registry.management.console import acting_user, require
from registry.management.renewals import PERMISSION, RequestCommand, year_of
from registry.rules.categories import Category
from registry.rules.renewals import FilingChannel


class Command(RequestCommand):
    """File it."""

    day_argument = ("--filed-on", "the day of the deposit, that of posting for a letter; it may be before today")
    help = (
        "File the renewal request of one registration. A deposit on paper (--channel PAPER) only counts once another "
        "person has confirmed it: confirm_paper."
    )
    examples = """
  manage.py file_renewal 07001003 --category COA --channel ONLINE --filed-on 2027-01-12 --by alice
  manage.py file_renewal 07001003 --category COA --channel PAPER --filed-on 2027-02-27 --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The way, besides what all take."""
        super().add_arguments(parser)
        channels = [c.value for c in FilingChannel]
        parser.add_argument("--channel", choices=channels, required=True, help="by which way it came")

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        day = clock.local_day(clock.now())
        by = acting_user(options["by"])
        require(by, PERMISSION)
        request = file_renewal(
            by=by,
            why=options["reason"] or "dépôt d’une demande de renouvellement",
            day=day,
            year=year_of(options, day),
            orias_number=options["orias_number"],
            category=Category(options["category"]),
            channel=FilingChannel(options["channel"]),
            filed_on=options["filed_on"],
        )
        self.tell(request, day, options)
