"""Let a held batch go on."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import acting_user, add_by, add_json, require, text_up_to
from registry.rules.french import counted, grouped
from reminders.desk import resume
from reminders.management.shared import BatchCommand, add_batch


class Command(BatchCommand):
    """Let a held batch go on."""

    help = (
        "Let a held batch go on. Where a step was done, this is the word that lets the next one leave before the watch "
        "has judged it. Over an alarm, say why with --reason: it is closed, and what it counted begins anew."
    )
    examples = """
  manage.py resume_batch 12 --by alice
  manage.py resume_batch 12 --by alice --reason 'adresses vues une à une'
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch and who acts."""
        add_batch(parser)
        add_by(parser)
        parser.add_argument(
            "--reason", type=text_up_to(500), default="", help="why, in spite of an alarm; kept with the alarm"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make the call."""
        by = acting_user(options["by"])
        require(by, "reminders.release_batch")
        batch = resume(batch_id=options["batch"], by=by, now=clock.now(), reason=options["reason"])
        if options["json"]:
            self.print_json({"batch": batch.pk, "state": batch.state, "ceiling": batch.ceiling})
            return
        of = grouped(batch.planned)
        may_leave = counted(batch.ceiling, f"message sur {of} peut", f"messages sur {of} peuvent")
        self.stdout.write(f"Lot {batch.pk} repris\u00a0: {may_leave} partir.")
