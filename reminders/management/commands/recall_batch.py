"""Recall a batch gone wrong: a draft batch of corrections to exactly those who got it. Nothing is sent."""

from __future__ import annotations

from contextlib import nullcontext
from typing import Any

from django.core.management.base import CommandParser
from rich.console import Console

from registry import clock
from registry.management.console import acting_user, add_by, add_json, require, text_up_to
from reminders.config import engine_settings
from reminders.desk import plain_sample, report_of, samples_of
from reminders.management.shared import BatchCommand, add_batch, show_report, show_samples
from reminders.planning.preview import Sample
from reminders.planning.recall import recall_batch, rehearsal


class Command(BatchCommand):
    """Plan the corrections, and show the preview."""

    help = (
        "Correct a batch gone wrong: plan, as a draft batch, one corrective notice to each of those who got a message "
        "of batch ID (accepted by the mail server, or uncertain), by the true state of each file. Nothing is sent: the "
        "draft is shown, approved by a second person, released and delivered like any other (show_batch, "
        "approve_batch, release_batch, deliver). The batch must have ended: pause_batch and cancel_batch first. Asking "
        "twice gives the same draft; once all are corrected, it is refused. Those whose file changed before their "
        "correction left, and those who wait in another batch, are planned by asking again."
    )
    examples = """
  manage.py recall_batch 12 --by alice --reason 'dossiers complets relancés' --dry-run
  manage.py recall_batch 12 --by alice --reason 'dossiers complets relancés'
  manage.py recall_batch 12 --by alice --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch gone wrong, who recalls it, why."""
        add_batch(parser)
        add_by(parser)
        parser.add_argument(
            "--reason", type=text_up_to(300), default="", metavar="TEXT", help="why, for the approver and the record"
        )
        parser.add_argument("--dry-run", action="store_true", help="do it all, show it, and keep nothing of it")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, show the outcome."""
        now, engine, dry = clock.now(), engine_settings(), options["dry_run"]
        by = acting_user(options["by"])
        require(by, "reminders.plan_batch")
        with rehearsal() if dry else nullcontext():
            recall = recall_batch(batch_id=options["batch"], by=by, now=now, engine=engine, reason=options["reason"])
            report = report_of(recall.batch, engine)
            shown = samples_of(recall.batch, engine, now)
        if options["json"]:
            told = {"created": recall.created and not dry, "dry_run": dry, "samples": [plain_sample(s) for s in shown]}
            self.print_json(report | told | ({"batch": None} if dry and recall.created else {}))
            return
        self._show(report, shown, created=recall.created, dry=dry)

    def _show(self, report: dict[str, Any], shown: list[Sample], *, created: bool, dry: bool) -> None:
        console = Console()
        # The number that the draft had while it was tried is nobody's: the real one gets another.
        show_report(report | ({"batch_told": "d’essai"} if dry and created else {}), console)
        show_samples(shown, console)
        if not created:
            self.stdout.write(f"Ce rectificatif existait déjà (lot {report['batch']})\u00a0: rien n’a été préparé.")
        elif dry:
            self.stdout.write("Essai à blanc\u00a0: rien n’a été écrit, ce lot n’existe pas.")
        else:
            self.stdout.write(f"Rectificatif préparé\u00a0: relisez-le avec show_batch {report['batch']}.")
