"""Keep the answer to a complaint."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import CommandParser

from hotline.actions.complaints import Answer, answer_complaint, requalify_complaint
from hotline.management.shared import HotlineCommand, code_of, names_of
from hotline.rules.complaints import ComplaintOutcome, needs_recourse
from hotline.worklists import complaint_line, standing_of
from registry import clock
from registry.clock import local_day
from registry.management.arguments import iso_day
from registry.management.console import WrongUse, acting_user, add_by, add_json, require


class Command(HotlineCommand):
    """`answer_complaint NUMBER --outcome O TEXT`."""

    help = (
        "Keep the answer that was given (due two months after the sending). One that refuses anything, in whole or in "
        "part, names the recourse: COMPLAINT_RECOURSE, or --recourse. --requalify says instead that it is no "
        "complaint but a request, and why."
    )
    examples = """
  manage.py answer_complaint R-2026-00012 'Vous avez raison, …' --outcome granted --by lea
  manage.py answer_complaint R-2026-00013 'Le délai légal …' --outcome refused --by lea
  manage.py answer_complaint R-2026-00014 'demande d’attestation, transmise' --requalify --by lea
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, what, with what outcome."""
        parser.add_argument("number", metavar="R-YEAR-NUMBER", help="the complaint")
        parser.add_argument("text", metavar="TEXT", help="the answer as it was given; with --requalify, why")
        parser.add_argument("--outcome", type=code_of(ComplaintOutcome), help=f"one of {names_of(ComplaintOutcome)}")
        parser.add_argument("--requalify", action="store_true", help="it is no complaint, but a request")
        parser.add_argument("--recourse", help="where else to turn (COMPLAINT_RECOURSE)")
        parser.add_argument("--on", type=iso_day, metavar="DAY", help="the day it was sent (today)")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Keep it, tell whether it is in time."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.change_complaint")
        if options["requalify"] == (options["outcome"] is not None):
            raise WrongUse("Choisissez\u00a0: --outcome avec le texte de la réponse, ou --requalify avec le motif.")
        if options["requalify"]:
            if len(options["text"].strip()) > LONGEST_WHY:
                raise WrongUse(f"Avec --requalify, le motif a {LONGEST_WHY} caractères au plus\u00a0: abrégez-le.")
            complaint = requalify_complaint(number=options["number"], reason=options["text"], by=by)
        else:
            answer = _answer(options, options["on"] or local_day(now))
            complaint = answer_complaint(number=options["number"], answer=answer, by=by, now=now)
        standing = standing_of(complaint, local_day(now))
        if options["json"]:
            self.print_json(complaint_line(complaint, standing))
            return
        late = ", hors délai" if standing.answered_late else ""
        self.stdout.write(f"Réclamation {complaint.number}\u00a0: {complaint.get_state_display()}{late}.")
        if complaint.recourse:
            self.stdout.write(f"La réponse doit porter\u00a0: {complaint.recourse}")


LONGEST_WHY = 500


def _answer(options: dict[str, Any], day: Any) -> Answer:
    outcome = options["outcome"]
    recourse = options["recourse"] or (settings.COMPLAINT_RECOURSE if needs_recourse(outcome) else "")
    return Answer(outcome=outcome, text=options["text"], on=day, recourse=recourse)
