"""What an agent does at the desk, by the same functions as the commands and the API: check a caller, log a call, call
back. POST alone; a refusal is told on the desk, with what was typed."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.contrib import messages
from django.contrib.auth.models import User
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from hotline.actions.calls import Conversation, record_call, record_call_back
from hotline.actions.look_ups import began_at, check_caller, log_call, own_look_up
from hotline.desk import open_call_backs
from hotline.errors import HotlineError
from hotline.models import LineCall, LookUp
from hotline.rules.caller_check import Said
from hotline.rules.calls import CallOutcome, CallReason
from registry import clock
from registry.actions import RegisterError
from registry.clock import PARIS
from web.access import CALL_BACK, LOG_CALLS, SEE_CALLS, SEE_FILES, Rights, page, staff
from web.given import whole_number
from web.people.once import act_once
from web.views.desk import Asked, desk_address, show_desk

LONGEST_WORDS = 250
LONGEST_NOTE = 500
DAY_SECONDS = 86_400


def number_in(request: HttpRequest, name: str) -> int | None:
    """A whole number of a form."""
    return whole_number(request.POST.get(name, ""))


def by_of(request: HttpRequest) -> User:
    """Whoever acts."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    return rights.user


def instant_in(text: str) -> datetime | None:
    """What a field of day and hour holds, in Paris; None for an empty one. Raises HotlineError."""
    if not text:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise HotlineError("Donnez le jour et l’heure, par exemple 2026-01-29T14:30.") from None
    return found if found.tzinfo else found.replace(tzinfo=PARIS)


@require_POST
@staff(SEE_FILES, LOG_CALLS)
def check(request: HttpRequest) -> HttpResponse:
    """Two proofs, or nothing more is told."""
    said = Said(
        number=request.POST.get("number") == "on",
        siren=request.POST.get("siren") == "on",
        contact=request.POST.get("contact", "")[:LONGEST_WORDS],
        policy=request.POST.get("policy", "")[:LONGEST_WORDS],
    )
    try:
        opened = check_caller(look_up_id=_id(request), said=said, by=by_of(request), now=clock.now())
    except HotlineError as error:
        return _refused(request, str(error), check_refused=True)
    return HttpResponseRedirect(desk_address(opened), status=303)


@require_POST
@staff(SEE_FILES, LOG_CALLS)
def log(request: HttpRequest) -> HttpResponse:
    """One key, and the call is on record; the desk is free for the next."""
    by, now, opened = by_of(request), clock.now(), number_in(request, "consultation")
    try:
        if opened is None:
            return act_once(request, by, now, lambda: _log_alone(request, by, now))
        return HttpResponseRedirect(_log(request, by, now, opened), status=303)
    except (HotlineError, RegisterError) as error:
        return _refused(request, str(error))


def _log_alone(request: HttpRequest, by: User, now: datetime) -> str:
    """A call of whom no file was opened; a look-up's is one by itself, this is one by its form."""
    line = LineCall.objects.filter(pk=number_in(request, "ligne") or 0, agent=by.pk).first()
    began = (line.answered_at or line.rang_at) if line else now
    record_call(conversation=_conversation(request, began, now), by=by, now=now)
    return _noted(request)


def _log(request: HttpRequest, by: User, now: datetime, opened: int) -> str:
    look_up = own_look_up(look_up_id=opened, by=by)
    conversation = _conversation(request, began_at(look_up), now, look_up)
    log_call(look_up_id=opened, conversation=conversation, by=by, now=now)
    return _noted(request)


def _noted(request: HttpRequest) -> str:
    messages.success(request, "Appel noté.")
    return reverse("web:desk")


def _conversation(request: HttpRequest, began: datetime, now: datetime, opened: LookUp | None = None) -> Conversation:
    reason, outcome = (request.POST.get(name, "") for name in ("reason", "outcome"))
    if reason not in CallReason.__members__ or outcome not in CallOutcome.__members__:
        raise HotlineError("Dites pourquoi on appelle, et ce qu’il en est sorti.")
    promised = outcome == CallOutcome.CALL_BACK
    return Conversation(
        reason=CallReason(reason),
        outcome=CallOutcome(outcome),
        started_at=began,
        caller=request.POST.get("caller", "")[:LONGEST_WORDS],
        duration_seconds=min(max(0, int((now - began) / timedelta(seconds=1))), DAY_SECONDS),
        intermediary=opened.intermediary if opened else None,
        note=request.POST.get("note", "")[:LONGEST_NOTE],
        call_back_by=instant_in(request.POST.get("call_back_by", "")) if promised else None,
    )


def _id(request: HttpRequest) -> int:
    return number_in(request, "consultation") or 0


def _refused(request: HttpRequest, why: str, **told: Any) -> HttpResponse:
    """The desk again, with the file that was open."""
    mine = LookUp.objects.select_related("intermediary").filter(pk=_id(request), agent=request.user.pk).first()
    asked = Asked(text=mine.intermediary.orias_number if mine else request.POST.get("q", "")[:LONGEST_WORDS])
    typed = {name: request.POST.get(name, "")[:LONGEST_NOTE] for name in ("note", "contact", "policy", "call_back_by")}
    return show_desk(request, asked, status=409, error=why, typed=typed, **told)


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SEE_FILES, SEE_CALLS)
def call_backs(request: HttpRequest) -> HttpResponse:
    """Promised calls, the oldest promise first; a call made keeps all promises to that caller."""
    error = ""
    if request.method == "POST":
        if CALL_BACK not in request.rights:  # type: ignore[attr-defined]
            return page(request, "web/staff/forbidden.html", {}, status=403)
        try:
            record_call_back(call_id=number_in(request, "call") or 0, by=by_of(request), now=clock.now())
        except HotlineError as refused:
            error = str(refused)
        else:
            messages.success(request, "Rappel fait\u00a0: tenu.")
            return HttpResponseRedirect(reverse("web:call_backs"), status=303)
    context = {"section": "desk", "tab": "call_backs", "rows": open_call_backs(), "now": clock.now(), "error": error}
    return page(request, "web/desk/call_backs.html", context, status=409 if error else 200)
