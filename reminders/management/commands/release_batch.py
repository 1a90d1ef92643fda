"""Release an approved batch: its first step may leave."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, add_json, require
from registry.rules.french import counted, grouped
from reminders.config import engine_settings
from reminders.desk import release
from reminders.management.shared import BatchCommand, add_batch, calls_told
from reminders.planning.preview import calls_report


class Command(BatchCommand):
    """Release, and wake the workers."""

    help = (
        "Release an approved batch: its first step leaves as soon as a worker runs and the send window is open. "
        "Without workers, send it with: manage.py deliver --batch ID --until-empty"
    )
    examples = "  manage.py release_batch 12 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch and who releases it."""
        add_batch(parser)
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Release and ring in one transaction: both or neither."""
        by = acting_user(options["by"])
        require(by, "reminders.release_batch")
        engine = engine_settings()
        batch = release(batch_id=options["batch"], by=by, now=clock.now())
        calls = calls_report(batch.planned, engine.pace_per_hour, engine.hotline)
        if options["json"]:
            released = {"batch": batch.pk, "state": batch.state, "ceiling": batch.ceiling, "planned": batch.planned}
            self.print_json(released | calls)
            return
        first = counted(batch.ceiling, "message")
        self.stdout.write(f"Lot {batch.pk} lancé\u00a0: {first} au premier palier, {grouped(batch.planned)} en tout.")
        self.stdout.write(calls_told(calls))
