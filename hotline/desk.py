"""What the lead and the wallboard look at: promised calls, the line against its usual load, open incidents."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import reduce
from operator import or_
from typing import Any

from django.contrib.postgres.fields import ArrayField
from django.db.models import Count, Exists, JSONField, OuterRef, Q, QuerySet
from django.db.models.expressions import RawSQL

from hotline.models import Call, Incident, LineCall, LookUp, WhyReading
from hotline.rules.calls import FRESH_MAIL, WINDOW, BatchCallers, CallReason, LineFacts
from hotline.rules.incidents import IncidentState
from hotline.rules.look_ups import OF_NO_CALL, RINGING
from registry.clock import PARIS
from reminders.models import Batch
from reminders.planning.outside import Readings
from reminders.rules.states import MAILED_STATES

WEEKS = 4
"""How many earlier weeks say what is usual."""
RECENT = FRESH_MAIL
"""Batches released since then are looked at."""


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
        "reason_label": CallReason(call.reason).label,
        "note": call.note,
        "agent": call.agent.get_username(),
        "promises": 0,
    }


def call_at_the_desk(agent_id: int, now: datetime) -> LineCall | None:
    """The call that rings or talks at this agent's desk, until its file is opened or its call is logged: one query."""
    opened = LookUp.objects.filter(line=OuterRef("pk"), agent=agent_id)
    logged = Call.objects.filter(agent=agent_id, entered_at__gte=OuterRef("rang_at"))
    mine = LineCall.objects.filter(agent=agent_id, hung_up_at=None, rang_at__gt=now - RINGING, rang_at__lte=now)
    return mine.filter(~Exists(opened), ~Exists(logged)).order_by("-id").first()


def line_facts(now: datetime) -> LineFacts:
    """The line now: its last five minutes, the same five on this weekday in earlier weeks (by the clock of Paris), and
    who called about the batches released lately. Five queries at most."""
    calls, *usual = _calls_until(now)
    looked, *usually_looked = _counts(LookUp.objects.exclude(purpose__in=[p.value for p in OF_NO_CALL]), "at", now)
    return LineFacts(
        calls=calls,
        usual=tuple(usual),
        batches=tuple(batch_callers(now)),
        look_ups=looked,
        usual_look_ups=tuple(usually_looked),
    )


def weeks_ago(now: datetime, weeks: int) -> datetime:
    """The same hour by the clock of Paris."""
    local = now.astimezone(PARIS)
    return local - timedelta(weeks=weeks)


def _calls_until(now: datetime) -> list[int]:
    """Calls in the five minutes before, then in those of each earlier week: of each, those that the telephone system
    told of, else those that agents logged."""
    rang, logged = _counts(LineCall.objects.all(), "rang_at", now), _counts(Call.objects.all(), "started_at", now)
    return [told or noted for told, noted in zip(rang, logged, strict=True)]


def _counts(rows: QuerySet[Any], column: str, now: datetime) -> list[int]:
    """Rows in the five minutes before now, and before the same hour of each earlier week: one query."""
    ends = [weeks_ago(now, weeks) for weeks in range(WEEKS + 1)]
    spans = {f"w{n}": Q(**{f"{column}__gt": end - WINDOW, f"{column}__lte": end}) for n, end in enumerate(ends)}
    wanted = reduce(or_, spans.values())
    found = rows.filter(wanted).aggregate(**{name: Count("pk", filter=span) for name, span in spans.items()})
    return [found[name] for name in spans]


def batch_callers(now: datetime) -> list[BatchCallers]:
    """For each batch released lately: whom its mail reached, how many of them called about it, and how many read why
    instead. Two queries."""
    mailed = Q(notices__state__in=[s.value for s in MAILED_STATES])
    about = Q(notices__calls__reason=CallReason.WHY_MAIL.value)
    rows = Batch.objects.filter(released_at__gt=now - RECENT, released_at__lte=now).annotate(
        mailed=Count("notices", filter=mailed, distinct=True),
        callers=Count("notices", filter=about, distinct=True),
    )
    read = _readers(now)
    return [
        BatchCallers(batch.pk, batch.mailed, batch.callers, *read.get(batch.pk, (0, 0)))
        for batch in rows.order_by("id")
    ]


def _readers(now: datetime) -> dict[int, tuple[int, int]]:
    """Of each batch released lately, who has opened the page that tells why, and who of them called afterwards."""
    return _read(WhyReading.objects.filter(notice__batch__released_at__gt=now - RECENT, opened_at__lte=now))


def readings_of_batch(batch_id: int, now: datetime) -> Readings:
    """Of one batch, however long ago it was released. One query."""
    rows = WhyReading.objects.filter(notice__batch=batch_id, opened_at__lte=now)
    return Readings(*_read(rows).get(batch_id, (0, 0)))


def _read(rows: QuerySet[WhyReading]) -> dict[int, tuple[int, int]]:
    """By batch: these readings, and how many of them a call followed."""
    later = Call.objects.filter(intermediary=OuterRef("notice__intermediary"), started_at__gte=OuterRef("opened_at"))
    counts = rows.annotate(called=Exists(later)).values_list("notice__batch").order_by("notice__batch")
    found = counts.annotate(readers=Count("id"), called_after=Count("id", filter=Q(called=True)))
    return {batch: (readers, called_after) for batch, readers, called_after in found}


def deflection(now: datetime) -> tuple[int, int]:
    """Of all batches released lately: how many read why they were written to, and how many of these have not called
    since."""
    counts = _readers(now).values()
    readers = sum(read for read, _ in counts)
    return readers, readers - sum(called for _, called in counts)


def open_incidents() -> QuerySet[Incident]:
    """Those that are not over, the latest first."""
    return Incident.objects.exclude(state=IncidentState.RESOLVED.value).order_by("-id")


@dataclass(frozen=True, slots=True)
class Told:
    """An open incident as everybody reads it."""

    pk: int
    state: IncidentState
    message: str
    cause: str
    next_update_at: datetime
    batch_id: int | None


_OPEN_INCIDENTS = """
ARRAY(
    SELECT jsonb_build_object(
        'pk', id, 'state', state, 'message', message, 'cause', cause, 'next_update_at', next_update_at,
        'batch_id', batch_id
    )
    FROM hotline_incident WHERE state <> %s ORDER BY id DESC
)
"""


def open_incidents_column() -> RawSQL:
    """The open incidents as a column, for a query that is made anyway; `told_incidents` reads it. In SQL: each page of
    the staff asks, and to have it put together costs ten times the asking."""
    return RawSQL(_OPEN_INCIDENTS, (IncidentState.RESOLVED.value,), output_field=ArrayField(JSONField()))  # noqa: S611


def told_incidents(column: list[dict[str, Any]] | None) -> tuple[Told, ...]:
    """The incidents of such a column, the latest first; of no column, none."""
    return tuple(
        Told(
            pk=one["pk"],
            state=IncidentState(one["state"]),
            message=one["message"],
            cause=one["cause"],
            next_update_at=datetime.fromisoformat(one["next_update_at"]),
            batch_id=one["batch_id"],
        )
        for one in column or ()
    )


def tell_incidents() -> tuple[Told, ...]:
    """The open incidents, the latest first: one query."""
    return tuple(
        Told(one.pk, IncidentState(one.state), one.message, one.cause, one.next_update_at, one.batch_id)
        for one in open_incidents()
        if one.next_update_at
    )


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
