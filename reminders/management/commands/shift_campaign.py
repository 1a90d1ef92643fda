"""Move dates of a renewal campaign by a signed decision, previewed first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from registry import clock
from registry.actions import shift_campaign
from registry.management.arguments import YEARS
from registry.management.console import whole_number
from registry.rules.deadlines import DeadlineAct
from reminders.management.deadlines import DeadlineCommand, moved_date, needs
from reminders.planning.deadlines import Decide


class Command(DeadlineCommand):
    """Shift a campaign."""

    act = DeadlineAct.SHIFT
    help = (
        "Move one or more of the five dates of a year's campaign. Without --apply nothing is written: whom it affects "
        "and which waves would move is shown. With it the decision is signed and every stored finding follows. "
        "Reminders follow by themselves; none is sent twice. --revert signs the reversal of an earlier shift."
    )
    examples = """
  manage.py shift_campaign 2027 --date due_on=2027-03-31 --date tolerated_until=2027-03-31 \\
      --reason 'tolérance' --act 'CI-2027-014' --by alice
  manage.py shift_campaign 2027 --date due_on=2027-03-31 … --apply
  manage.py shift_campaign --revert 3 --reason 'décision annulée' --by alice --apply
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The year and the dates, besides what both take."""
        year = whole_number(YEARS[0], YEARS[-1])
        parser.add_argument("year", type=year, nargs="?", metavar="YEAR", help="year of the campaign")
        parser.add_argument(
            "--date", type=moved_date, action="append", default=[], metavar="NAME=DAY",
            help="a date to move, such as due_on=2027-03-31; may be repeated",
        )  # fmt: skip
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell the outcome."""
        self.carry_out(clock.now(), options)

    def decision(self, by: User, now: datetime, options: Mapping[str, Any]) -> Decide:
        """The shift asked for."""
        needs(options, "YEAR", "--date", "--act")
        return partial(
            shift_campaign,
            by=by,
            reason=options["reason"],
            act_reference=options["act"],
            now=now,
            year=options["year"],
            dates=dict(options["date"]),
        )
