"""Enter a complaint, or the writing that follows a spoken one."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from hotline.actions.complaints import Grievance, record_complaint, record_writing
from hotline.management.shared import HotlineCommand, code_of, names_of, the_batch, the_intermediary, the_notice
from hotline.models import Complaint
from hotline.rules.complaints import ComplaintChannel, ComplaintState, Matter, answer_by
from hotline.rules.letters import acknowledgement, invitation
from hotline.worklists import complaint_line, standing_of
from registry import clock
from registry.clock import local_day
from registry.management.arguments import iso_day, orias_number
from registry.management.console import WrongUse, acting_user, add_by, add_json, require, whole_number


class Command(HotlineCommand):
    """`record_complaint TEXT --from WHO --channel C --matter M`."""

    help = (
        "Enter a complaint: an expression of dissatisfaction, from anyone and by any channel. A request for "
        "information is none: record_call. --on is the day it was SENT (of a spoken one: said); the clocks run from "
        "the sending. A spoken one (phone, counter, chat) is satisfied at once, or the person is invited to write; "
        "--follows records that writing. Prints what to say to the person."
    )
    examples = """
  manage.py record_complaint 'relance alors que mon dossier est complet' --from 'Cabinet Durand' --channel email \\
      --matter unwanted_mail --on 2026-11-23 --reply-to durand@example.org --orias 07001003 --batch 12 --by hugo
  manage.py record_complaint 'attente' --from 'M. Martin' --channel phone --matter welcome --satisfied --by hugo
  manage.py record_complaint --follows R-2026-00012 --on 2026-11-25 --by hugo
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """What, who, how, when, about what."""
        number = whole_number(1, 2**31 - 1)
        parser.add_argument("text", nargs="?", default="", metavar="TEXT", help="what is said, in the person's words")
        parser.add_argument("--from", dest="complainant", default="", metavar="WHO", help="who complains")
        parser.add_argument("--reply-to", default="", metavar="WHERE", help="where to answer: address, e-mail")
        parser.add_argument("--channel", type=code_of(ComplaintChannel), help=f"one of {names_of(ComplaintChannel)}")
        parser.add_argument("--matter", type=code_of(Matter), help=f"one of {names_of(Matter)}")
        parser.add_argument("--on", type=iso_day, metavar="DAY", help="when it was sent, or said (today)")
        parser.add_argument("--satisfied", action="store_true", help="spoken, and settled at once")
        parser.add_argument("--orias", type=orias_number, metavar="NUMBER", help="the intermediary concerned")
        parser.add_argument("--batch", type=number, metavar="ID", help="the batch complained of")
        parser.add_argument("--notice", type=number, metavar="ID", help="the message complained of")
        parser.add_argument("--follows", metavar="R-YEAR-NUMBER", help="the spoken complaint that this writing follows")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Enter it, tell its number, its clocks and what to say."""
        by, now = acting_user(options["by"]), clock.now()
        require(by, "hotline.add_complaint")
        day = options["on"] or local_day(now)
        complaint = _writing(options, day, by, now) if options["follows"] else _entered(options, day, by, now)
        if options["json"]:
            self.print_json(complaint_line(complaint, standing_of(complaint, local_day(now))))
            return
        self.stdout.write(f"Réclamation {complaint.number}\u00a0: {ComplaintState(complaint.state).label}.")
        if words := to_say(complaint):
            self.stdout.write(f"À écrire à la personne\u00a0:\n{words}")


def _writing(options: dict[str, Any], day: date, by: User, now: datetime) -> Complaint:
    if options["text"] or options["channel"] or options["matter"]:
        raise WrongUse("Avec --follows, seuls --on et --by comptent\u00a0: le reste est déjà enregistré.")
    return record_writing(number=options["follows"], sent_on=day, by=by, now=now)


def _entered(options: dict[str, Any], day: date, by: User, now: datetime) -> Complaint:
    if options["channel"] is None or options["matter"] is None:
        raise WrongUse("Dites par où la réclamation est venue (--channel) et son objet (--matter).")
    grievance = Grievance(
        channel=options["channel"],
        matter=options["matter"],
        text=options["text"],
        complainant=options["complainant"],
        reply_to=options["reply_to"],
        on=day,
        satisfied=options["satisfied"],
        intermediary=the_intermediary(options["orias"]),
        batch=the_batch(options["batch"]),
        notice=the_notice(options["notice"]),
    )
    return record_complaint(grievance=grievance, by=by, now=now)


def to_say(complaint: Complaint) -> str:
    """What to write to the person now; nothing where all is said."""
    if complaint.state == ComplaintState.SPOKEN and complaint.spoken_on:
        return invitation(complaint.number, complaint.spoken_on, settings.REPLY_TO)
    if complaint.state == ComplaintState.RECEIVED and complaint.sent_on:
        return acknowledgement(complaint.number, complaint.sent_on, answer_by(complaint.sent_on))
    return ""
