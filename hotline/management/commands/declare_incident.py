"""Declare an incident."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from hotline.actions.incidents import Declaration, declare_incident
from hotline.desk import incident_line
from hotline.management.arguments import hour, instant_of
from hotline.management.shared import HotlineCommand
from registry import clock
from registry.management.console import acting_user, add_by, add_json, require
from reminders.management.shared import batch_number


class Command(HotlineCommand):
    """`declare_incident MESSAGE --next-update HOUR`."""

    help = (
        "Declare an incident: everybody reads its message on the status page until it is resolved, and a plan made "
        "meanwhile has an amber brake. The hour of the next word is mandatory. --pause holds the batch and --stop all "
        "sending, in the same transaction; neither is undone by the end of the incident."
    )
    examples = """
  manage.py declare_incident 'Des relances sont parties à tort cette nuit. N’appelez pas.' \\
      --next-update 11:00 --batch 12 --pause --stop --by lea
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """What, until when, about which batch, and what to hold."""
        parser.add_argument("message", metavar="MESSAGE", help="in words for everybody")
        parser.add_argument(
            "--next-update", type=hour, required=True, metavar="HOUR", help="when the next word will come: 11:00"
        )
        parser.add_argument("--cause", default="", help="the cause, where it is known already")
        parser.add_argument("--batch", type=batch_number, metavar="ID", help="the batch concerned")
        parser.add_argument("--pause", action="store_true", help="hold that batch")
        parser.add_argument("--stop", action="store_true", help="stop all sending")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Declare it."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.add_incident")
        incident = declare_incident(
            declaration=Declaration(
                message=options["message"],
                cause=options["cause"],
                next_update_at=instant_of(options["next_update"], now),
            ),
            by=by,
            now=now,
            batch_id=options["batch"],
            pause=options["pause"],
            stop=options["stop"],
        )
        if options["json"]:
            self.print_json(incident_line(incident))
            return
        self.stdout.write(f"Incident {incident.pk} déclaré.")
        if incident.batch_paused:
            self.stdout.write(f"Lot {incident.batch_id} en pause.")
        elif options["pause"]:
            self.stdout.write(f"Le lot {incident.batch_id} n’envoyait rien\u00a0: il reste comme il est.")
        if incident.sending_stopped:
            self.stdout.write("Envois arrêtés.")
