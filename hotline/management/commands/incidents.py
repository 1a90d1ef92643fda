"""The incidents that are open."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser
from rich.table import Table

from hotline.desk import incident_line, open_incidents
from hotline.management.shared import HotlineCommand
from hotline.models import Incident
from hotline.rules.incidents import IncidentState
from registry import clock
from registry.clock import PARIS
from registry.management.console import Terminal, add_json

MOST = 100


class Command(HotlineCommand):
    """The list."""

    help = "List the open incidents; --all lists the last hundred, those that are over too."
    examples = "  manage.py incidents\n  manage.py incidents --all --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, in what form."""
        parser.add_argument("--all", action="store_true", help="those that are over too")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """List them; an hour promised and gone by is told."""
        now = clock.now()
        found = list((Incident.objects.order_by("-id") if options["all"] else open_incidents())[:MOST])
        overdue = {one.pk for one in found if one.next_update_at and one.next_update_at < now}
        if options["json"]:
            self.print_json({"incidents": [incident_line(one) | {"overdue": one.pk in overdue} for one in found]})
        else:
            _show(found, overdue)


def _show(found: list[Incident], overdue: set[int]) -> None:
    console = Terminal()
    if not found:
        console.print("Aucun incident.")
        return
    table = Table("Incident", "État", "Message", "Prochaine information (Paris)")
    for one in found:
        due = f"{one.next_update_at.astimezone(PARIS):%d/%m %H:%M}" if one.next_update_at else ""
        late = "\nEN RETARD" if one.pk in overdue else ""
        table.add_row(str(one.pk), IncidentState(one.state).label, one.message, due + late)
    console.print(table)
