"""Give a batch up."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, add_json, require
from reminders.management.shared import BatchCommand, add_batch
from reminders.planning.approval import cancel_batch


class Command(BatchCommand):
    """Give a batch up."""

    help = "Cancel a batch for good: what has not begun to leave is cancelled, and may be planned again."
    examples = "  manage.py cancel_batch 12 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch and who acts."""
        add_batch(parser)
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the call."""
        by = acting_user(options["by"])
        require(by, "reminders.release_batch")
        batch = cancel_batch(batch_id=options["batch"], by=by, now=clock.now())
        if options["json"]:
            self.print_json({"batch": batch.pk, "state": batch.state, "ceiling": batch.ceiling})
            return
        self.stdout.write(f"Lot {batch.pk} annulé.")
