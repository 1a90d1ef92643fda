"""Hold a batch."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.management.console import acting_user, add_by, add_json, require, text_up_to
from reminders.management.shared import BatchCommand, add_batch
from reminders.planning.approval import pause_batch


class Command(BatchCommand):
    """Hold a batch."""

    help = (
        "Hold a batch: no message of it leaves any more, until resume_batch. "
        "What was being sent at this instant is finished."
    )
    examples = "  manage.py pause_batch 12 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch and who acts."""
        add_batch(parser)
        add_by(parser)
        parser.add_argument("--reason", type=text_up_to(500), default="", help="why, for those who come after")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the call."""
        by = acting_user(options["by"])
        require(by, "reminders.release_batch")
        batch = pause_batch(batch_id=options["batch"], by=by, detail=options["reason"])
        if options["json"]:
            self.print_json({"batch": batch.pk, "state": batch.state, "ceiling": batch.ceiling})
            return
        self.stdout.write(f"Lot {batch.pk} en pause.")
