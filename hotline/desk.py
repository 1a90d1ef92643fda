"""What the lead and the wallboard look at: promised calls, the line against its usual load, open incidents."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet

from hotline.models import Call, Incident, LineCall
from hotline.rules.calls import WINDOW, BatchCallers, CallReason, LineFacts
from hotline.rules.incidents import IncidentState
from registry.clock import PARIS
from reminders.models import Batch
from reminders.rules.states import MAILED_STATES

WEEKS = 4
"""How many earlier weeks say what is usual."""
RECENT = timedelta(days=14)
"""Batches released since then are looked at: later on nobody calls about them."""


def open_call_backs() -> list[dict[str, Any]]:
    """Promised calls, one line a caller, the oldest promise first."""
    waiting = Call.objects.filter(call_back_by__isnull=False, called_back_at__isnull=True)
    rows: dict[Any, dict[str, Any]] = {}
    for call in waiting.select_related("intermediary", "agent").order_by("call_back_by", "id"):
        line = rows.setdefault(call.intermediary_id or call.caller_key, _call_back(call))
        line["promises"] += 1
    return list(rows.values())


def _call_back(call: Call) -> dict[str, Any]:
    who = call.intermediary
    return {
        "call": call.pk,
        "caller": call.caller_key,
        "orias_number": who.orias_number if who else None,
        "name": who.name if who else "",
        "phone": who.phone_e164 if who else "",
        "call_back_by": call.call_back_by,
        "reason": call.reason,
        "note": call.note,
        "agent": call.agent.get_username(),
        "promises": 0,
    }


def line_facts(now: datetime) -> LineFacts:
    """The line now: its last five minutes, the same five on this weekday in earlier weeks (by the clock of Paris), and
    who called about the batches released lately."""
    return LineFacts(
        calls=_calls_until(now),
        usual=tuple(_calls_until(_weeks_ago(now, weeks)) for weeks in range(1, WEEKS + 1)),
        batches=tuple(batch_callers(now)),
    )


def _weeks_ago(now: datetime, weeks: int) -> datetime:
    local = now.astimezone(PARIS)
    return local - timedelta(weeks=weeks)


def _calls_until(end: datetime) -> int:
    """Calls in the five minutes before: those that the telephone system told of, else those that agents logged."""
    rang = LineCall.objects.filter(rang_at__gt=end - WINDOW, rang_at__lte=end).count()
    return rang or Call.objects.filter(started_at__gt=end - WINDOW, started_at__lte=end).count()


def batch_callers(now: datetime) -> list[BatchCallers]:
    """For each batch released lately: whom its mail reached, and how many of them called about it."""
    mailed = Q(notices__state__in=[s.value for s in MAILED_STATES])
    about = Q(notices__calls__reason=CallReason.WHY_MAIL.value)
    rows = Batch.objects.filter(released_at__gt=now - RECENT, released_at__lte=now).annotate(
        mailed=Count("notices", filter=mailed, distinct=True),
        callers=Count("notices", filter=about, distinct=True),
    )
    return [BatchCallers(batch.pk, batch.mailed, batch.callers) for batch in rows.order_by("id")]


def open_incidents() -> QuerySet[Incident]:
    """Those that are not over, the latest first."""
    return Incident.objects.exclude(state=IncidentState.RESOLVED.value).order_by("-id")


def incidents_in_words() -> tuple[str, ...]:
    """The open incidents as a brake names them."""
    return tuple(f"incident {one.pk} ({IncidentState(one.state).label})" for one in open_incidents())


def incident_line(incident: Incident) -> dict[str, Any]:
    """One incident for scripts and lists, without a name."""
    return {
        "incident": incident.pk,
        "state": incident.state,
        "message": incident.message,
        "cause": incident.cause,
        "next_update_at": incident.next_update_at,
        "declared_at": incident.declared_at,
        "updated_at": incident.updated_at,
        "resolved_at": incident.resolved_at,
        "batch": incident.batch_id,
        "batch_paused": incident.batch_paused,
        "sending_stopped": incident.sending_stopped,
    }
