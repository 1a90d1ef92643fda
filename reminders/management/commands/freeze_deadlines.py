"""Give back the days lost to our own outage, by a signed decision, previewed first."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from registry import clock
from registry.actions import freeze_deadlines
from registry.management.arguments import iso_day
from registry.rules.deadlines import DeadlineAct
from reminders.management.deadlines import DeadlineCommand, needs
from reminders.planning.deadlines import Decide


class Command(DeadlineCommand):
    """Freeze deadlines."""

    act = DeadlineAct.FREEZE
    help = (
        "Move every legal clock that ran during our own outage by the days lost, both days included: the dates of open "
        "campaigns not yet past, filing days of covers, payment notices. Without --apply nothing is written: whom it "
        "affects is shown. With it the decision is signed and published on the home page and the status API. "
        "--revert signs the reversal of an earlier freeze."
    )
    examples = """
  manage.py freeze_deadlines --from 2027-02-24 --until 2027-02-26 --reason 'panne du portail' --by alice
  manage.py freeze_deadlines --from 2027-02-24 --until 2027-02-26 --reason 'panne du portail' --by alice --apply
  manage.py freeze_deadlines --revert 4 --reason 'panne plus courte' --by alice --apply
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The days of the outage, besides what both take."""
        parser.add_argument("--from", type=iso_day, metavar="DAY", help="first day lost")
        parser.add_argument("--until", type=iso_day, metavar="DAY", help="last day lost")
        super().add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell the outcome."""
        self.carry_out(clock.now(), options)

    def decision(self, by: User, now: datetime, options: Mapping[str, Any]) -> Decide:
        """The freeze asked for."""
        needs(options, "--from", "--until")
        return partial(
            freeze_deadlines,
            by=by,
            reason=options["reason"],
            act_reference=options["act"],
            now=now,
            from_on=options["from"],
            until_on=options["until"],
        )
