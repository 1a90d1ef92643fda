"""Say that a complaint was acknowledged, or that the person was told of a late answer."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from hotline.actions.complaints import acknowledge_complaint, tell_late
from hotline.management.shared import HotlineCommand
from hotline.worklists import complaint_line, standing_of
from registry import clock
from registry.clock import local_day
from registry.management.arguments import iso_day
from registry.management.console import acting_user, add_by, add_json, require


class Command(HotlineCommand):
    """`acknowledge_complaint NUMBER`."""

    help = (
        "Record that a written complaint was acknowledged (due by the tenth jour ouvrable after its sending), or with "
        "--late-answer that the person was told that the answer is late."
    )
    examples = """
  manage.py acknowledge_complaint R-2026-00012 --by lea
  manage.py acknowledge_complaint R-2026-00012 --late-answer --by lea
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, when, which of the two."""
        parser.add_argument("number", metavar="R-YEAR-NUMBER", help="the complaint")
        parser.add_argument("--on", type=iso_day, metavar="DAY", help="the day it was done (today)")
        parser.add_argument("--late-answer", action="store_true", help="the person was told that the answer is late")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Record it, tell what is due next."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.change_complaint")
        act = tell_late if options["late_answer"] else acknowledge_complaint
        complaint = act(number=options["number"], on=options["on"] or local_day(now), by=by, now=now)
        standing = standing_of(complaint, local_day(now))
        if options["json"]:
            self.print_json(complaint_line(complaint, standing))
            return
        late = " Cet accusé est hors délai." if standing.acknowledged_late and not options["late_answer"] else ""
        self.stdout.write(f"Noté. Réponse à {complaint.number} due le {standing.answer_by:%d/%m/%Y}.{late}")
