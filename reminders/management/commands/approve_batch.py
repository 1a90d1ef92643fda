"""Approve a batch: a second person, for exactly this list."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, add_json, require, whole_number
from registry.rules.french import counted
from reminders.management.shared import BatchCommand, add_batch
from reminders.planning.approval import approve_batch

COUNT = whole_number(1, 2**31 - 1)


class Command(BatchCommand):
    """Approve by hash and count."""

    help = (
        "Approve a draft batch. The approver is another person than its author, and names the list's hash and the "
        "number of recipients as show_batch prints them. Amber brakes are acknowledged by the approver's name."
    )
    examples = "  manage.py approve_batch 12 --by bruno --hash 3f0c… --count 4312"

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch, who approves, and what exactly."""
        add_batch(parser)
        add_by(parser)
        parser.add_argument("--hash", required=True, metavar="H", help="the hash of the list, whole")
        parser.add_argument("--count", required=True, type=COUNT, metavar="N", help="the number of recipients")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the call, say what comes next."""
        by = acting_user(options["by"])
        require(by, "reminders.approve_batch")
        batch = approve_batch(
            batch_id=options["batch"],
            by=by,
            list_hash=options["hash"],
            count=options["count"],
            now=clock.now(),
        )
        amber = [b for b in batch.brakes if b["level"] == "AMBER"]
        if options["json"]:
            self.print_json({"batch": batch.pk, "state": batch.state, "acknowledged": [b["code"] for b in amber]})
            return
        recipients = counted(batch.planned, "destinataire")
        self.stdout.write(f"Lot {batch.pk} approuvé par {by.get_username()}\u00a0: {recipients}.")
        for brake in amber:
            self.stdout.write(f"  Frein orange pris en compte — {brake['code']}\u00a0: {brake['message']}")
        self.stdout.write(f"Pour lancer\u00a0: manage.py release_batch {batch.pk} --by NOM")
