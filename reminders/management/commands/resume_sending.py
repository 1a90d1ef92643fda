"""Open sending again after stop_sending."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, require
from reminders.config import engine_settings
from reminders.management.shared import BatchCommand
from reminders.sending.arming import resume_sending


class Command(BatchCommand):
    """Open again."""

    help = (
        "Open sending again after stop_sending. Batches held by a person or an alarm stay held. After a restoration, "
        "or on a copy, it makes this database the one that sends, once reconcile_journal has been run; on a further "
        "machine it gives that machine the sender's identity."
    )
    examples = "  manage.py resume_sending --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who."""
        add_by(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Open."""
        by = acting_user(options["by"])
        require(by, "reminders.stop_sending")
        resumed = resume_sending(by=by, now=clock.now(), engine=engine_settings())
        self.stdout.write(f"{resumed.label}.")
        self.stdout.write("Les lots en pause le restent\u00a0: manage.py resume_batch ID --by NOM")
