"""Incidents: declared, followed, ended, by the same functions as the commands and the API."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from hotline.actions.incidents import Declaration, declare_incident, update_incident
from hotline.errors import HotlineError
from hotline.models import Incident, IncidentUpdate
from hotline.rules.incidents import INCIDENT_TRANSITIONS, IncidentState
from hotline.rules.script import recorded
from registry import clock
from registry.actions import RegisterError
from registry.clock import PARIS
from reminders.errors import ReminderError
from reminders.models import Batch
from reminders.rules.states import LIVE_BATCH_STATES
from web.access import LEAD, SEE_INCIDENTS, page, staff
from web.desk import as_read_aloud
from web.given import whole_number
from web.people.once import act_once, new_token
from web.views.desk_acts import by_of, instant_in, number_in

NEXT_WORD_IN = timedelta(hours=1)
LONGEST_WORDS = 2000
MOST = 50


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SEE_INCIDENTS)
def incidents(request: HttpRequest) -> HttpResponse:
    """All of them, and the form that declares one."""
    if request.method != "POST":
        return _show_all(request)
    if LEAD not in request.rights:  # type: ignore[attr-defined]
        return page(request, "web/staff/forbidden.html", {}, status=403)
    try:
        return act_once(request, by_of(request), clock.now(), lambda: _declared(request))
    except (HotlineError, ReminderError, RegisterError) as error:
        return _show_all(request, status=409, error=str(error))


def _declared(request: HttpRequest) -> str:
    made = declare_incident(
        declaration=_declaration(request),
        by=by_of(request),
        now=clock.now(),
        batch_id=number_in(request, "batch"),
        pause=request.POST.get("pause") == "on",
        stop=request.POST.get("stop") == "on",
    )
    messages.success(request, "Incident déclaré\u00a0: toutes les pages le disent, et le poste le lit à haute voix.")
    return reverse("web:incident", args=[made.pk])


@require_http_methods(["GET", "HEAD", "POST"])
@staff(SEE_INCIDENTS)
def incident(request: HttpRequest, incident_id: int) -> HttpResponse:
    """One, with every word said, what may be recorded for those who wait, and the form for the next word."""
    found = Incident.objects.select_related("declared_by", "batch").filter(pk=incident_id).first()
    if found is None:
        raise Http404
    if request.method != "POST":
        return _show_one(request, found)
    if LEAD not in request.rights:  # type: ignore[attr-defined]
        return page(request, "web/staff/forbidden.html", {}, status=403)
    state = IncidentState.__members__.get(request.POST.get("state", ""), IncidentState(found.state))
    try:
        said = _declaration(request)
        update_incident(incident_id=incident_id, state=state, declaration=said, by=by_of(request), now=clock.now())
    except HotlineError as error:
        return _show_one(request, found, status=409, error=str(error))
    messages.success(request, "C’est dit.")
    return HttpResponseRedirect(reverse("web:incident", args=[incident_id]), status=303)


def _declaration(request: HttpRequest) -> Declaration:
    message, cause = (request.POST.get(name, "")[:LONGEST_WORDS] for name in ("message", "cause"))
    return Declaration(message=message, cause=cause, next_update_at=instant_in(request.POST.get("next_update_at", "")))


def _show_all(request: HttpRequest, *, status: int = 200, **told: Any) -> HttpResponse:
    rows = Incident.objects.select_related("declared_by").order_by("-id")[:MOST]
    live = Batch.objects.filter(state__in=[state.value for state in LIVE_BATCH_STATES]).order_by("-id")
    context = {
        "rows": [(one, IncidentState(one.state)) for one in rows],
        "batches": live[:MOST],
        "batch": number_in(request, "batch") or _asked_batch(request),
        "once": new_token(),
    }
    return _page(request, "web/desk/incidents.html", context | told, status)


def _asked_batch(request: HttpRequest) -> int | None:
    """The batch that the lead's page proposes."""
    return whole_number(request.GET.get("lot", ""))


def _show_one(request: HttpRequest, found: Incident, *, status: int = 200, **told: Any) -> HttpResponse:
    state = IncidentState(found.state)
    after = [state, *sorted(INCIDENT_TRANSITIONS[state], key=list(IncidentState).index)]
    words = IncidentUpdate.objects.select_related("by").filter(incident=found).order_by("-id")
    context = {
        "incident": found,
        "state": state,
        "is_over": state is IncidentState.RESOLVED,
        "after": after,
        "words": [(one, IncidentState(one.state)) for one in words],
        "recorded": recorded(found.message, as_read_aloud(found.next_update_at)) if found.next_update_at else "",
    }
    return _page(request, "web/desk/incident.html", context | told, status)


def _page(request: HttpRequest, template: str, context: dict[str, Any], status: int) -> HttpResponse:
    shared = {
        "section": "desk",
        "tab": "incidents",
        "typed": request.POST,
        "next_word": f"{(clock.now() + NEXT_WORD_IN).astimezone(PARIS):%Y-%m-%dT%H:%M}",
    }
    return page(request, template, shared | context, status=status)
