"""The complaints that wait for somebody, the late first."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser
from rich.table import Table

from hotline.management.shared import HotlineCommand, in_french
from hotline.models import Complaint
from hotline.rules.complaints import Duty, Standing
from hotline.rules.letters import late_notice
from hotline.worklists import complaint_line, next_due, open_complaints
from registry import clock
from registry.clock import local_day
from registry.management.console import Terminal, add_json, whole_number


class Command(HotlineCommand):
    """The worklist."""

    help = "List the complaints to be acknowledged or answered: the late first, then by the end of the next clock."
    examples = """
  manage.py complaints
  manage.py complaints --batch 12 --json
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """All, or those about one batch."""
        parser.add_argument("--batch", type=whole_number(1, 2**31 - 1), metavar="ID", help="only those about this one")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """List them."""
        day = local_day(clock.now())
        found = open_complaints(day, batch_id=options["batch"])
        if options["json"]:
            late = sum(standing.is_late for _, standing in found)
            self.print_json({"day": day, "late": late, "complaints": [complaint_line(*pair) for pair in found]})
        else:
            _show(found, Terminal())


def _show(found: list[tuple[Complaint, Standing]], console: Terminal) -> None:
    if not found:
        console.print("Aucune réclamation en attente.")
        return
    table = Table("Numéro", "Personne", "Objet", "Lot", "À faire", "Pour le", "Retard")
    for complaint, standing in found:
        duties = ", ".join(duty.label for duty in standing.duties) or "attendre l’écrit"
        late = "EN RETARD" if standing.is_late else ""
        lot = str(complaint.batch_id or "")
        due = in_french(next_due(complaint, standing))
        table.add_row(complaint.number, complaint.complainant, complaint.get_matter_display(), lot, duties, due, late)
    for column in table.columns:
        column.overflow = "fold"
    console.print(table)
    for complaint, standing in found:
        if Duty.TELL_LATE in standing.duties and standing.answer_by:
            words = late_notice(complaint.number, standing.answer_by, settings.COMPLAINT_RECOURSE)
            console.print(f"{complaint.number}, à écrire\u00a0: {words}", soft_wrap=True)
    console.print(f"En attente\u00a0: {len(found)}.")
