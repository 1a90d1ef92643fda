"""Close a signal with what was done about it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.affiliations import settle_signal
from registry.management.console import RegisterCommand, acting_user, add_by, require, text_up_to, whole_number


class Command(RegisterCommand):
    """`settle_signal ID OUTCOME`."""

    help = "Close a signal of list_signals with what was done about it: it is settled for good."
    examples = "  manage.py settle_signal 12 'adhère à une autre association depuis le 3 juin' --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, and what was done."""
        parser.add_argument("signal", type=whole_number(1, 10**9), metavar="ID", help="number of the signal")
        parser.add_argument("outcome", type=text_up_to(500), metavar="OUTCOME", help="what was done about it")
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call."""
        by = acting_user(options["by"])
        require(by, "registry.change_registration")
        outcome = options["outcome"]
        day = clock.local_day(clock.now())
        signal = settle_signal(by=by, why=outcome, day=day, signal_id=options["signal"], outcome=outcome)
        self.stdout.write(f"Signalement {signal.pk} réglé\u00a0: {signal.outcome}")
