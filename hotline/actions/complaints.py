"""Writers of complaints: taken, acknowledged, answered; every day given is checked against the one before."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import connection

from hotline.errors import HotlineError
from hotline.models import Complaint
from hotline.rules.complaints import (
    COMPLAINT_TRANSITIONS,
    OPEN_STATES,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    Matter,
    answer_by,
    needs_recourse,
)
from hotline.rules.days import why_no_day
from registry.actions import recording
from registry.clock import local_day
from registry.models import Intermediary
from registry.rules.problems import shown
from reminders.models import Batch, Notice

_NEXT = """
INSERT INTO hotline_complaintcounter AS counter (year, last) VALUES (%s, 1)
ON CONFLICT (year) DO UPDATE SET last = counter.last + 1 RETURNING last
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Grievance:
    """What somebody complains of. `on` is the day of *sending*, of a spoken one the day it was said; `satisfied`: a
    spoken one that was settled at once."""

    channel: ComplaintChannel
    matter: Matter
    text: str
    complainant: str
    on: date
    reply_to: str = ""
    satisfied: bool = False
    intermediary: Intermediary | None = None
    batch: Batch | None = None
    notice: Notice | None = None


def record_complaint(*, grievance: Grievance, by: AbstractBaseUser, now: datetime) -> Complaint:
    """Enter a complaint under the next number of the year. Raises HotlineError where it cannot be one."""
    today = local_day(now)
    _require_whole(grievance, today)
    spoken = grievance.channel.is_spoken
    with recording(by=by, why="réclamation reçue"):
        return Complaint.objects.create(
            number=_next_number(today.year),
            state=_first_state(grievance).value,
            channel=grievance.channel.value,
            matter=grievance.matter.value,
            text=grievance.text.strip(),
            complainant=grievance.complainant.strip(),
            reply_to=grievance.reply_to.strip(),
            intermediary=_whose(grievance),
            batch=grievance.notice.batch if grievance.notice else grievance.batch,
            notice=grievance.notice,
            spoken_on=grievance.on if spoken else None,
            invited_on=today if spoken and not grievance.satisfied else None,
            sent_on=None if spoken else grievance.on,
            entered_on=today,
            entered_at=now,
            entered_by_id=by.pk,
        )


def _first_state(grievance: Grievance) -> ComplaintState:
    if not grievance.channel.is_spoken:
        return ComplaintState.RECEIVED
    return ComplaintState.SATISFIED if grievance.satisfied else ComplaintState.SPOKEN


def _whose(grievance: Grievance) -> Intermediary | None:
    """Anyone may complain: of a notice, its own intermediary is known without being named."""
    return grievance.intermediary or (grievance.notice.intermediary if grievance.notice else None)


def _require_whole(grievance: Grievance, today: date) -> None:
    if not grievance.text.strip() or not grievance.complainant.strip():
        raise HotlineError("Une réclamation dit qui se plaint, et de quoi\u00a0: donnez les deux.")
    if grievance.satisfied and not grievance.channel.is_spoken:
        raise HotlineError(
            "Seule une réclamation orale peut être satisfaite aussitôt\u00a0: enregistrez celle-ci, puis répondez-y."
        )
    _require_day(grievance.on, today)


def _require_day(day: date, today: date) -> None:
    if why := why_no_day(day, today):
        raise HotlineError(why)


def _next_number(year: int) -> str:
    """Wait for whoever takes a number at this moment: it is free again if its complaint is not kept."""
    with connection.cursor() as cursor:
        cursor.execute(_NEXT, [year])
        return f"R-{year}-{cursor.fetchone()[0]:05}"


def record_writing(*, number: str, sent_on: date, by: AbstractBaseUser, now: datetime) -> Complaint:
    """The writing that follows a spoken complaint has come: the clocks run from the day it was sent.

    Raises HotlineError where there is none to follow, or the day cannot be.
    """
    with _moving(number, ComplaintState.RECEIVED, by=by, why="réclamation confirmée par écrit") as complaint:
        _require_day(sent_on, local_day(now))
        _require_not_before(sent_on, complaint.spoken_on, "la réclamation orale")
        complaint.sent_on = sent_on
    return complaint


def acknowledge_complaint(*, number: str, on: date, by: AbstractBaseUser, now: datetime) -> Complaint:
    """Say on which day a written complaint was acknowledged. Raises HotlineError where it cannot have been."""
    with _moving(number, ComplaintState.ACKNOWLEDGED, by=by, why="accusé de réception") as complaint:
        _require_day(on, local_day(now))
        _require_not_before(on, complaint.sent_on, "l’envoi de la réclamation")
        complaint.acknowledged_on, complaint.acknowledged_by_id = on, by.pk
    return complaint


def tell_late(*, number: str, on: date, by: AbstractBaseUser, now: datetime) -> Complaint:
    """Say on which day the person was told that the answer is late. Raises HotlineError where it is not, or was."""
    with _locked(number, by=by, why="personne prévenue du retard") as complaint:
        _require_day(on, local_day(now))
        if complaint.sent_on is None or ComplaintState(complaint.state) not in OPEN_STATES:
            raise HotlineError(f"La réclamation {number} n’attend pas de réponse écrite\u00a0: rien à annoncer.")
        if complaint.told_late_on:
            raise HotlineError(f"La personne est prévenue depuis le {complaint.told_late_on:%d/%m/%Y}.")
        if on <= (last := answer_by(complaint.sent_on)):
            raise HotlineError(f"La réponse à {number} n’est pas en retard\u00a0: elle est due le {last:%d/%m/%Y}.")
        complaint.told_late_on, complaint.told_late_by_id = on, by.pk
    return complaint


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An answer as it was given, on which day; `recourse` says where else the person may turn."""

    outcome: ComplaintOutcome
    text: str
    on: date
    recourse: str = ""


def answer_complaint(*, number: str, answer: Answer, by: AbstractBaseUser, now: datetime) -> Complaint:
    """Keep the answer to a complaint; one that refuses anything names the recourse.

    Raises HotlineError where it may not be answered, or the answer is not whole.
    """
    with _moving(number, ComplaintState.ANSWERED, by=by, why="réponse à la réclamation") as complaint:
        _require_day(answer.on, local_day(now))
        _require_not_before(answer.on, complaint.sent_on or complaint.spoken_on, "la réclamation")
        _require_not_before(answer.on, complaint.acknowledged_on, "l’accusé de réception")
        if not answer.text.strip():
            raise HotlineError("Une réponse est claire et motivée\u00a0: donnez-en le texte.")
        if needs_recourse(answer.outcome) and not answer.recourse.strip():
            raise HotlineError("Un refus, même partiel, dit où la personne peut s’adresser\u00a0: donnez le recours.")
        complaint.answered_on, complaint.answered_by_id = answer.on, by.pk
        complaint.outcome, complaint.answer = answer.outcome.value, answer.text.strip()
        complaint.recourse = answer.recourse.strip()
    return complaint


def requalify_complaint(*, number: str, reason: str, by: AbstractBaseUser) -> Complaint:
    """Found to be no complaint but a request: its clocks stop, its number stays. Raises HotlineError without a reason,
    or where it is over."""
    if not reason.strip():
        raise HotlineError("Dites pourquoi ce n’est pas une réclamation\u00a0: le motif est obligatoire.")
    with _moving(number, ComplaintState.REQUALIFIED, by=by, why="requalifiée en demande") as complaint:
        complaint.requalified_because = reason.strip()[:500]
    return complaint


def _require_not_before(day: date, earlier: date | None, what: str) -> None:
    if earlier is not None and day < earlier:
        raise HotlineError(f"Le {day:%d/%m/%Y} précède {what}, du {earlier:%d/%m/%Y}.")


@contextmanager
def _moving(number: str, wanted: ComplaintState, *, by: AbstractBaseUser, why: str) -> Iterator[Complaint]:
    with _locked(number, by=by, why=why) as complaint:
        state = ComplaintState(complaint.state)
        if wanted not in COMPLAINT_TRANSITIONS[state]:
            raise HotlineError(
                f"La réclamation {number} est «\u00a0{state.label}\u00a0»\u00a0: elle ne peut pas devenir "
                f"«\u00a0{wanted.label}\u00a0»."
            )
        yield complaint
        complaint.state = wanted.value


@contextmanager
def _locked(number: str, *, by: AbstractBaseUser, why: str) -> Iterator[Complaint]:
    """The complaint, kept as it is left where nothing is raised. Raises HotlineError for a number that there is not."""
    with recording(by=by, why=why):
        complaint = Complaint.objects.select_for_update(of=("self",)).filter(number=number).first()
        if complaint is None:
            raise HotlineError(
                f"Aucune réclamation ne porte le numéro {shown(number)}\u00a0: voyez manage.py complaints."
            )
        yield complaint
        complaint.save()
