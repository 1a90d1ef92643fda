"""Say the next word about an incident."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from hotline.actions.incidents import Declaration, update_incident
from hotline.desk import incident_line
from hotline.management.arguments import hour, instant_of
from hotline.management.shared import HotlineCommand, code_of, names_of
from hotline.rules.incidents import IncidentState
from registry import clock
from registry.management.console import acting_user, add_by, add_json, require, whole_number


class Command(HotlineCommand):
    """`update_incident ID MESSAGE --state S --next-update HOUR`."""

    help = "Say the next word about an incident: how far we are, the cause once it is known, when the next word comes."
    examples = """
  manage.py update_incident 3 'La règle fautive est trouvée.' --state identified --cause 'règle D-2' \\
      --next-update 14:00 --by lea
"""
    ends = False

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, what, how far, until when."""
        parser.add_argument("incident", type=whole_number(1, 2**31 - 1), metavar="ID", help="the incident")
        parser.add_argument("message", metavar="MESSAGE", help="in words for everybody")
        parser.add_argument("--cause", default="", help="the cause; not given: as it was told before")
        if not self.ends:
            states = f"one of {names_of(IncidentState)}"
            parser.add_argument("--state", type=code_of(IncidentState), required=True, help=states)
            parser.add_argument("--next-update", type=hour, metavar="HOUR", help="when the next word will come: 14:00")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Say it."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.add_incident")
        said = Declaration(
            message=options["message"],
            cause=options["cause"],
            next_update_at=instant_of(options.get("next_update"), now),
        )
        state = IncidentState.RESOLVED if self.ends else options["state"]
        incident = update_incident(incident_id=options["incident"], state=state, declaration=said, by=by, now=now)
        if options["json"]:
            self.print_json(incident_line(incident))
            return
        self.stdout.write(f"Incident {incident.pk}\u00a0: {IncidentState(incident.state).label}.")
