"""A reminder of the ledger as the notice of a removal case: a mail that told of the same, was taken and stayed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Exists, OuterRef

from registry.clock import local_day
from registry.models import RemovalCase
from registry.removals import read_ground
from registry.rules.categories import Category, CoverKind
from registry.rules.removals import Ground
from reminders.errors import ReminderError
from reminders.models import Attempt, Bounce, Notice
from reminders.rules.bounces import RETURNED_KINDS
from reminders.rules.smtp_replies import Verdict
from reminders.rules.states import NoticeState


@dataclass(frozen=True, slots=True)
class MailProof:
    """The identity of the notice, and the day on which the addressee's server took it."""

    key: str
    mailed_on: date


def find_mail(case: RemovalCase, day: date) -> MailProof:
    """The first reminder that told the person of a case of what is missing on `day`: the same cover, the same term.

    Raises ReminderError where none did: then the notice is a letter. An uncertain mail proves nothing, nor one
    that came back: a server that takes everything sends it back an hour later.
    """
    if case.ground != Ground.COVER:
        raise ReminderError("Seul un défaut d’assurance ou de garantie a pu être annoncé par une relance.")
    returned = Bounce.objects.filter(notice=OuterRef("notice"), kind__in=sorted(RETURNED_KINDS))
    accepted = Attempt.objects.filter(
        ~Exists(returned),
        notice__intermediary=case.intermediary_id,
        notice__state=NoticeState.ACCEPTED.value,
        notice__corrects__isnull=True,
        verdict=Verdict.ACCEPTED.value,
        finished_at__isnull=False,
    ).select_related("notice")
    asked = {(f.kind, f.term, f.category) for f in read_ground(case, day).findings if f.is_open and f.term}
    for attempt in accepted.order_by("finished_at"):
        if attempt.finished_at and asked & _told(attempt.notice):
            return MailProof(attempt.notice.key, local_day(attempt.finished_at))
    raise ReminderError(
        f"Aucune relance acceptée et jamais revenue n’a parlé à {case.intermediary.orias_number} de ce qui lui est "
        "reproché\u00a0: adressez l’avis par lettre."
    )


def _told(notice: Notice) -> set[tuple[CoverKind, date, Category]]:
    return {
        (CoverKind(item["kind"]), date.fromisoformat(item["term"]), Category(category))
        for item in notice.items
        for category in item["categories"]
    }
