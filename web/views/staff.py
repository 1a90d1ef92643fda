"""Signing in and out, the work at hand, and the stop switch."""

from __future__ import annotations

import math
from datetime import date
from http import HTTPStatus
from typing import Any

from django.contrib import messages
from django.contrib.auth.views import LoginView, LogoutView
from django.db.models import Count, Min, QuerySet, Subquery, Value
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse, reverse_lazy
from django.views.decorators.http import require_http_methods, require_safe

from api.authentication import address_of
from api.problems import said
from registry import clock
from registry.models import (
    AuthorityOrder,
    CommissionSession,
    Cover,
    ReferenceVersion,
    RegisterImport,
    RenewalRequest,
    Signal,
)
from registry.rules.facts import CoverStatus
from registry.rules.renewals import RenewalState
from reminders.errors import ReminderError, WrongRequest
from reminders.models import Alarm, Batch, BatchKind
from reminders.planning.settling import uncertain
from reminders.planning.switch import resume_sending, stop_sending
from reminders.rules.states import LIVE_BATCH_STATES, BatchState
from reminders.sending.identity import database_trouble
from web.access import STOP, Rights, page, staff
from web.people.limits import note_password

LONGEST_REASON = 300


class StaffLogin(LoginView):
    """The door of the staff: a name and a password, tried so often and no more."""

    template_name = "web/staff/login.html"
    redirect_authenticated_user = True

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at the password, unless too many were tried for this name from this place of the network."""
        if wait := note_password(request.POST.get("username", ""), address_of(request), clock.now()):
            seconds = math.ceil(wait.total_seconds())
            context, status = {"minutes": math.ceil(seconds / 60)}, HTTPStatus.TOO_MANY_REQUESTS
            response = render(request, "429.html", context, status=status)
            response.headers["Retry-After"] = str(seconds)
            return response
        return super().post(request, *args, **kwargs)


login = StaffLogin.as_view()
logout = LogoutView.as_view(next_page=reverse_lazy("web:home"))


@require_safe
@staff()
def work(request: HttpRequest) -> HttpResponse:
    """What waits for this person."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    day = clock.local_day(clock.now())
    context: dict[str, Any] = {"section": "work", "day": day}
    if rights.sees_papers:
        context["acts"] = _waiting_acts(day)
    if rights.sees_batches:
        context |= _batches_at_hand(request, rights)
    return page(request, "web/staff/work.html", context)


def _batches_at_hand(request: HttpRequest, rights: Rights) -> dict[str, Any]:
    live = Batch.objects.select_related("author").filter(state__in=[s.value for s in LIVE_BATCH_STATES])
    return {
        "tasks": [_task(batch, rights, request) for batch in live.order_by("-id")],
        "uncertain": uncertain().count(),
        "alarms": Alarm.objects.filter(closed_at=None).count(),
        "awaiting": _awaiting(),
        "last_import": RegisterImport.objects.order_by("-applied_at").first(),
    }


def _waiting_acts(day: date) -> dict[str, Any]:
    """Acts that wait for a second person, or for anybody: one query."""
    rows: dict[str, QuerySet[Any]] = {
        "sessions": CommissionSession.objects.filter(signed_by=None),
        "orders": AuthorityOrder.objects.filter(confirmed_by=None),
        "requests": RenewalRequest.objects.filter(state=RenewalState.ENTERED.value),
        "signals": Signal.objects.filter(settled_on=None),
        "late_signals": Signal.objects.filter(settled_on=None, due_on__lt=day),
    }
    counts = {name: _counted(found) for name, found in rows.items()}
    return dict(ReferenceVersion.objects.annotate(**counts).values(*counts).get())


def _counted(found: QuerySet[Any]) -> Subquery:
    return Subquery(found.order_by().annotate(one=Value(1)).values("one").annotate(n=Count("pk")).values("n"))


def _awaiting() -> dict[str, Any]:
    """Papers that wait for our review: how many, and since when the first."""
    mine = Cover.objects.filter(status=CoverStatus.DEPOSITED.value)
    return mine.aggregate(count=Count("id"), since=Min("deposited_on"))


def _task(batch: Batch, rights: Rights, request: HttpRequest) -> tuple[Batch, BatchState, BatchKind, str]:
    return batch, BatchState(batch.state), BatchKind(batch.kind), said(*_next_act(batch, rights, request))


def _next_act(batch: Batch, rights: Rights, request: HttpRequest) -> tuple[str, str]:
    """What this person may do next with a live batch, or whom it waits for, in both languages."""
    mine = rights.approves and batch.author_id != request.user.pk if batch.state == "DRAFT" else rights.releases
    return _NEXT_ACTS.get((batch.state, mine), ("à suivre", "to follow"))


_NEXT_ACTS = {
    ("DRAFT", True): ("à relire et approuver", "to read and approve"),
    ("DRAFT", False): ("attend une seconde personne", "waits for a second person"),
    ("APPROVED", True): ("à lancer", "to release"),
    ("APPROVED", False): ("attend son lancement", "waits to be released"),
    ("PAUSED", True): ("à reprendre ou annuler", "to resume or cancel"),
    ("PAUSED", False): ("en pause", "paused"),
}
"""By the state, and whether it is this person's turn."""


@require_http_methods(["GET", "HEAD", "POST"])
@staff(STOP)
def switch(request: HttpRequest) -> HttpResponse:
    """The stop switch: asked with a reason, then turned."""
    if request.method != "POST":
        return _asked(request)
    reason = request.POST.get("reason", "")[:LONGEST_REASON]
    try:
        _turn(request, reason)
    except ReminderError as error:
        return _asked(request, str(error), reason, status=409)
    return HttpResponseRedirect(reverse("web:work"), status=303)


def _turn(request: HttpRequest, reason: str) -> None:
    now = clock.now()
    if request.POST.get("act") == "resume":
        if why := database_trouble():
            raise ReminderError(
                f"Les envois restent arrêtés\u00a0: {why.label}. "
                "Sur la machine qui envoie\u00a0: resume_sending --by NOM."
            )
        resume_sending(by=request.user, now=now)  # type: ignore[arg-type]
        messages.success(request, said("Les envois sont rouverts.", "Sending is open again."))
        return
    if request.POST.get("sure") != "on":
        raise WrongRequest("Cochez la case\u00a0: l’arrêt vaut pour toutes les machines.")
    stop_sending(reason=reason, by=request.user, now=now)  # type: ignore[arg-type]
    messages.success(
        request, said("Les envois sont arrêtés, sur toutes les machines.", "Sending is stopped, on all machines.")
    )


def _asked(request: HttpRequest, error: str = "", reason: str = "", status: int = 200) -> HttpResponse:
    context = {"section": "switch", "error": error, "reason": reason, "longest": LONGEST_REASON}
    return page(request, "web/staff/switch.html", context, status=status)
