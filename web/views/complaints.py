"""Complaints: entered, acknowledged, answered, closed, counted, by the same functions as the commands and the API."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from api.english import told
from hotline.actions.complaints import (
    Answer,
    Grievance,
    acknowledge_complaint,
    answer_complaint,
    record_complaint,
    record_writing,
    requalify_complaint,
    tell_late,
)
from hotline.actions.look_ups import own_look_up, record_complaint_of_call
from hotline.errors import HotlineError
from hotline.models import Complaint, LookUp
from hotline.rules.complaints import (
    OPEN_STATES,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    Duty,
    Matter,
    Standing,
    needs_recourse,
)
from hotline.rules.letters import acknowledgement, invitation, late_notice
from hotline.worklists import open_complaints, standing_of
from registry import clock
from registry.actions import RegisterError
from registry.models import Intermediary
from reminders.models import Batch
from web.access import ANSWER_COMPLAINTS, SEE_COMPLAINTS, TAKE_COMPLAINTS, page, staff
from web.given import whole_number
from web.people.once import act_once, new_token
from web.views.desk_acts import by_of, number_in

LONGEST_TEXT = 10_000
LONGEST_LINE = 250
MOST_BATCHES = 20


def day_in(request: HttpRequest, name: str) -> date:
    """A day of a form. Raises HotlineError."""
    try:
        return date.fromisoformat(request.POST.get(name, ""))
    except ValueError:
        raise HotlineError("Donnez le jour, par exemple 2026-01-29.") from None


@require_safe
@staff(SEE_COMPLAINTS)
def worklist(request: HttpRequest) -> HttpResponse:
    """What waits, the late first, each with its two clocks; of one batch where it is named."""
    batch, day = whole_number(request.GET.get("lot", "")), clock.local_day(clock.now())
    rows = [(one, standing, ComplaintState(one.state)) for one, standing in open_complaints(day, batch_id=batch)]
    late = sum(standing.is_late for _, standing, _ in rows)
    context = {"rows": rows, "late": late, "day": day, "batch": batch, "year": day.year}
    return _page(request, "web/complaints/list.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(TAKE_COMPLAINTS)
def new(request: HttpRequest) -> HttpResponse:
    """Enter one: said aloud it invites to write, written its clocks run from its sending."""
    try:
        opened = _look_up(request)
        if request.method != "POST":
            return _form(request, opened)
        return act_once(request, by_of(request), clock.now(), lambda: _entered(request, opened))
    except (HotlineError, RegisterError) as error:
        return _form(request, None, status=409, error=str(error))


def _entered(request: HttpRequest, opened: LookUp | None) -> str:
    made = _record(request, opened)
    messages.success(request, f"Réclamation {made.number} enregistrée.")
    return reverse("web:complaint", args=[made.number])


def _look_up(request: HttpRequest) -> LookUp | None:
    """The file at the desk that the complaint comes from. Raises HotlineError where it is another agent's."""
    named = whole_number(request.POST.get("consultation", "") or request.GET.get("consultation", ""))
    return None if named is None else own_look_up(look_up_id=named, by=by_of(request))


def _record(request: HttpRequest, opened: LookUp | None) -> Complaint:
    now, by, grievance = clock.now(), by_of(request), _grievance(request)
    if opened is None:
        return record_complaint(grievance=grievance, by=by, now=now)
    return record_complaint_of_call(look_up_id=opened.pk, grievance=grievance, by=by, now=now)


def _grievance(request: HttpRequest) -> Grievance:
    channel, matter = request.POST.get("channel", ""), request.POST.get("matter", "")
    if channel not in ComplaintChannel.__members__ or matter not in Matter.__members__:
        raise HotlineError("Dites par quel canal la réclamation est venue, et de quoi elle se plaint.")
    return Grievance(
        channel=ComplaintChannel(channel),
        matter=Matter(matter),
        text=request.POST.get("text", "")[:LONGEST_TEXT],
        complainant=request.POST.get("complainant", "")[:LONGEST_LINE],
        reply_to=request.POST.get("reply_to", "")[:LONGEST_LINE],
        on=day_in(request, "on"),
        satisfied=request.POST.get("satisfied") == "on",
        intermediary=_whose(request.POST.get("orias_number", "").strip()),
        batch=_batch(number_in(request, "batch")),
    )


def _whose(number: str) -> Intermediary | None:
    found = Intermediary.objects.filter(orias_number=number).first() if number else None
    if number and found is None:
        raise HotlineError("Aucun intermédiaire ne porte ce numéro\u00a0: laissez-le vide s’il n’est pas connu.")
    return found


def _batch(number: int | None) -> Batch | None:
    return Batch.objects.filter(pk=number).first() if number else None


def _form(request: HttpRequest, opened: LookUp | None, *, status: int = 200, error: str = "") -> HttpResponse:
    context = {
        "opened": opened,
        "channels": list(ComplaintChannel),
        "matters": list(Matter),
        "batches": Batch.objects.exclude(released_at=None).order_by("-id")[:MOST_BATCHES],
        "day": clock.local_day(clock.now()),
        "once": new_token(),
        "error": error,
        "typed": request.POST,
    }
    return _page(request, "web/complaints/new.html", context, status)


@require_safe
@staff(SEE_COMPLAINTS)
def detail(request: HttpRequest, number: str) -> HttpResponse:
    """One complaint: its clocks, what is to be done, what to write to the person."""
    return _show(request, number)


def _show(request: HttpRequest, number: str, *, status: int = 200, error: str = "") -> HttpResponse:
    people = ("intermediary", "batch", "entered_by", "acknowledged_by", "answered_by")
    found = Complaint.objects.select_related(*people).filter(number=number).first()
    if found is None:
        raise Http404
    day = clock.local_day(clock.now())
    standing = standing_of(found, day)
    state = ComplaintState(found.state)
    context = {
        "complaint": found,
        "standing": standing,
        "state": state,
        "is_open": state in OPEN_STATES,
        "letters": list(_letters(found, standing)),
        "outcomes": list(ComplaintOutcome),
        "recourse": settings.COMPLAINT_RECOURSE,
        "day": day,
        "error": error,
        "typed": request.POST,
    }
    return _page(request, "web/complaints/one.html", context, status)


def _letters(found: Complaint, standing: Standing) -> Iterator[tuple[str, str]]:
    """What is to be written to the person now, ready to be copied: nothing here sends mail."""
    if ComplaintState(found.state) is ComplaintState.SPOKEN:
        said = found.spoken_on or found.entered_on
        yield told("Invitation à écrire"), invitation(found.number, said, settings.REPLY_TO)
    if found.sent_on is None or standing.answer_by is None:
        return
    if Duty.TELL_LATE in standing.duties:
        late = late_notice(found.number, standing.answer_by, settings.COMPLAINT_RECOURSE)
        yield told("Annonce d’un retard"), late
    if Duty.ACKNOWLEDGE in standing.duties:
        yield told("Accusé de réception"), acknowledgement(found.number, found.sent_on, standing.answer_by)


@dataclass(frozen=True, slots=True)
class Act:
    """Something to do with a complaint: what it takes, how it is done, what is said after it."""

    needs: str
    do: Callable[[HttpRequest, str, User], object]
    said: str


def _write(request: HttpRequest, number: str, by: User) -> object:
    return record_writing(number=number, sent_on=day_in(request, "on"), by=by, now=clock.now())


def _acknowledge(request: HttpRequest, number: str, by: User) -> object:
    return acknowledge_complaint(number=number, on=day_in(request, "on"), by=by, now=clock.now())


def _late(request: HttpRequest, number: str, by: User) -> object:
    return tell_late(number=number, on=day_in(request, "on"), by=by, now=clock.now())


def _answer(request: HttpRequest, number: str, by: User) -> object:
    outcome = request.POST.get("outcome", "")
    if outcome not in ComplaintOutcome.__members__:
        raise HotlineError("Dites ce que la réponse donne à la personne.")
    given = ComplaintOutcome(outcome)
    recourse = request.POST.get("recourse", "")[:LONGEST_TEXT].strip() or settings.COMPLAINT_RECOURSE
    answer = Answer(
        outcome=given,
        text=request.POST.get("text", "")[:LONGEST_TEXT],
        on=day_in(request, "on"),
        recourse=recourse if needs_recourse(given) else "",
    )
    return answer_complaint(number=number, answer=answer, by=by, now=clock.now())


def _requalify(request: HttpRequest, number: str, by: User) -> object:
    return requalify_complaint(number=number, reason=request.POST.get("reason", ""), by=by)


ACTS = {
    "ecrit": Act(TAKE_COMPLAINTS, _write, "L’écrit est enregistré\u00a0: les délais courent de son envoi."),
    "accuser": Act(ANSWER_COMPLAINTS, _acknowledge, "Accusé de réception noté."),
    "retard": Act(ANSWER_COMPLAINTS, _late, "La personne est prévenue du retard."),
    "repondre": Act(ANSWER_COMPLAINTS, _answer, "Réponse enregistrée\u00a0: la réclamation est close."),
    "requalifier": Act(ANSWER_COMPLAINTS, _requalify, "Requalifiée en demande\u00a0: ses délais ne courent plus."),
}


@require_POST
@staff(SEE_COMPLAINTS)
def act(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """Do it, then show the complaint; where it is refused, say why on the same page."""
    wanted = ACTS.get(act)
    if wanted is None:
        raise Http404
    if wanted.needs not in request.rights:  # type: ignore[attr-defined]
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        wanted.do(request, number, by_of(request))
    except HotlineError as error:
        return _show(request, number, status=409, error=str(error))
    messages.success(request, wanted.said)
    return HttpResponseRedirect(reverse("web:complaint", args=[number]), status=303)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    return page(request, template, {"section": "desk", "tab": "complaints"} | context, status=status)
