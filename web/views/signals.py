"""Signals: what issuers, associations and principals told that a person must look at, settled with what was done."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from registry import clock
from registry.actions import RegisterError
from registry.actions.affiliations import settle_signal
from registry.models import Signal
from registry.rules.affiliations import SignalKind
from web.access import SEE_FILES, SEE_PAPERS, Rights, page, staff
from web.given import BIGGEST

SEES = (SEE_FILES, SEE_PAPERS)
SETTLES = "registry.change_registration"
LONGEST_OUTCOME, LONGEST_WHY = 500, 300
A_PAGE, LATEST = 50, 20


@require_safe
@staff(*SEES)
def index(request: HttpRequest) -> HttpResponse:
    """The open ones, the earliest day first; then the last that were settled."""
    return _index(request)


def _index(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    found = Signal.objects.select_related("intermediary", "settled_by")
    day = clock.local_day(clock.now())
    waiting = list(found.filter(settled_on=None).order_by("due_on", "id")[: A_PAGE + 1])
    closed = found.exclude(settled_on=None).order_by("-settled_on", "-id")
    context = {
        "section": "signals",
        "waiting": [(one, SignalKind(one.kind), one.due_on < day) for one in waiting[:A_PAGE]],
        "more": len(waiting) > A_PAGE,
        "settled": [(one, SignalKind(one.kind)) for one in closed[:LATEST]],
        "settles": SETTLES in request.rights,  # type: ignore[attr-defined]
    }
    return page(request, "web/staff/signals/index.html", context | told, status=status)


@require_POST
@staff(*SEES, SETTLES)
def settle(request: HttpRequest, signal_id: int) -> HttpResponse:
    """Close one with what was done about it, for good."""
    rights: Rights = request.rights  # type: ignore[attr-defined]
    outcome, day = request.POST.get("outcome", "").strip()[:LONGEST_OUTCOME], clock.local_day(clock.now())
    which = min(signal_id, BIGGEST)
    try:
        settle_signal(by=rights.user, why=outcome[:LONGEST_WHY], day=day, signal_id=which, outcome=outcome)
    except RegisterError as error:
        return _index(request, status=409, error=str(error), refused=which, typed=outcome)
    messages.success(request, "Signalement réglé\u00a0: la suite donnée est au dossier.")
    return HttpResponseRedirect(reverse("web:signals"), status=303)
