"""Show a batch: the preview before it leaves, the account afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import Terminal, add_json, require_writable
from registry.management.spreadsheet import write_csv
from reminders.config import engine_settings
from reminders.desk import plain_sample, samples_of, whole_report
from reminders.management.shared import (
    BatchCommand,
    add_batch,
    show_report,
    show_samples,
    show_watch,
)
from reminders.models import Batch
from reminders.planning.preview import Sample, everyone, find_batch

COLUMNS = ["rang", "numero_orias", "email", "etat", "motif", "pieces"]


class Command(BatchCommand):
    """Show one batch, as text, JSON or a spreadsheet."""

    help = (
        "Show a batch: how many by category and item, who is left out and why, the brakes, ten rendered "
        "samples, the hash to approve; once it is released, its pause and its alarms, each with its remedy."
    )
    examples = """
  manage.py show_batch 12
  manage.py show_batch 12 --json
  manage.py show_batch 12 --csv liste.csv
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """The batch, and in which form."""
        add_batch(parser)
        add_json(parser)
        parser.add_argument("--csv", type=Path, metavar="OUT", help="write everyone, planned and left out, to OUT")
        parser.add_argument("--no-samples", action="store_true", help="leave the rendered samples out")

    def handle(self, *args: Any, **options: Any) -> None:
        """Find it, show it."""
        require_writable(options["csv"])
        engine = engine_settings()
        batch = find_batch(options["batch"])
        report = whole_report(batch, engine)
        shown = [] if options["no_samples"] else samples_of(batch, engine, clock.now())
        if options["csv"]:
            write_csv(options["csv"], everyone(batch), COLUMNS)
        if options["json"]:
            self.print_json(report | {"samples": [plain_sample(s) for s in shown]})
            return
        self._show(report, batch, shown)
        if options["csv"]:
            self.stdout.write(f"Écrit\u00a0: {options['csv']}")

    def _show(self, report: dict[str, Any], batch: Batch, shown: list[Sample]) -> None:
        console = Terminal()
        show_report(report, console)
        if report["sending_off"]:
            console.print(f"Envois arrêtés\u00a0: {report['sending_off']}", style="bold red", soft_wrap=True)
        show_watch(report, console)
        show_samples(shown, console)
        if batch.state == "DRAFT":
            console.rule()
            console.print(
                f"Pour approuver, une autre personne lance\u00a0:\n  manage.py approve_batch {batch.pk} --by NOM "
                f"--hash {batch.hash} --count {batch.planned}",
                soft_wrap=True,
            )
