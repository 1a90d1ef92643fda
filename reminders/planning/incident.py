"""The report on a batch, for the day it went wrong: what left, when, who acted, what came back, what was corrected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, User
from django.db import connection
from django.db.models import Max, Min, QuerySet

from registry.rules.french import counted
from reminders.errors import ReminderError
from reminders.models import Attempt, Batch, Bounce, IncidentNote, Notice
from reminders.models.batch import PauseReason
from reminders.models.settlement import Decision, Evidence
from reminders.planning.preview import counts_by_state
from reminders.rules.bounces import RETURNED_KINDS, BounceKind
from reminders.rules.states import MAILED_STATES, BatchState, NoticeState

_BY_CATEGORY = """
SELECT category, state, count(*)
FROM (
    SELECT DISTINCT n.id, n.state, c.category
    FROM reminders_notice n, jsonb_array_elements(n.items) item,
         jsonb_array_elements_text(item -> 'categories') c (category)
    WHERE n.batch_id = %s
) held
GROUP BY category, state
ORDER BY category, state
"""

EVENTS = {
    "PLANNED": "préparé",
    "APPROVED": "approuvé",
    "RELEASED": "lancé",
    "STEP": "palier ouvert",
    "PAUSED": "mis en pause",
    "RESUMED": "repris",
    "STOPPED": "envois arrêtés",
    "OPENED": "envois rouverts",
    "FIRST_MAIL": "premier message",
    "LAST_MAIL": "dernier message",
    "NOTE": "note",
    "COMPLETED": "terminé",
    "CANCELLED": "annulé",
    "STALE": "périmé",
    "RECALL_PLANNED": "rectificatif préparé",
    "RECALL_APPROVED": "rectificatif approuvé",
    "RECALL_RELEASED": "rectificatif lancé",
    "RECALL_COMPLETED": "rectificatif terminé",
    "RECALL_CANCELLED": "rectificatif annulé",
    "RECALL_STALE": "rectificatif périmé",
}
CORRECTIONS = {decision.value: decision.label for decision in Decision} | {
    "ADDRESS_CHANGED": "adresse changée depuis",
    "RECALLED": "rectificatif envoyé",
    "RECALL_UNCERTAIN": "rectificatif peut-être envoyé",
}

Event = dict[str, Any]


def add_note(*, batch: Batch, text: str, by: AbstractBaseUser, now: datetime) -> IncidentNote:
    """Put down what people know of the cause, or did. Raises ReminderError for an empty note."""
    if not text.strip():
        raise ReminderError("La note est vide\u00a0: écrivez la cause, ou ce qui a été fait.")
    return IncidentNote.objects.create(batch=batch, text=text.strip(), by_id=by.pk, at=now)


def incident_report(batch: Batch, *, now: datetime) -> dict[str, Any]:
    """Everything about a batch as plain data, instants in ISO 8601."""
    came = _bounces(batch)
    return {
        "batch": batch.pk,
        "as_of": batch.as_of.isoformat(),
        "state": batch.state,
        "hash": batch.hash,
        "rules": batch.rules_digest[:12],
        "planned": batch.planned,
        "author": batch.author.get_username() if batch.author else None,
        "approved_by": batch.approved_by.get_username() if batch.approved_by else None,
        "written_at": now.isoformat(),
        "counts": counts_by_state(batch.pk),
        "by_category": _by_category(batch.pk),
        "bounces_by_kind": _by_kind(came),
        "notes": [{"at": n["at"].isoformat(), "by": n["who"], "text": n["why"]} for n in _notes(batch)],
        "timeline": [event | {"at": event["at"].isoformat()} for event in _timeline(batch, now)],
        "refused": [_refused(n) for n in _notices(batch, NoticeState.REFUSED)],
        "uncertain": [_uncertain(n) for n in _notices(batch, NoticeState.UNCERTAIN)],
        "bounced": [_bounced(n, b) for n, b in came if BounceKind(b.kind) in RETURNED_KINDS],
        "complaints": [_bounced(n, b) for n, b in came if b.kind == BounceKind.COMPLAINT],
        "corrected": [*_settled(batch), *_addresses_changed(batch, came), *_recalled(batch)],
    }


# --- counts and lists ---


def _by_category(batch_id: int) -> dict[str, dict[str, int]]:
    """Recipients by category and state; one who holds two categories is counted in both."""
    found: dict[str, dict[str, int]] = defaultdict(dict)
    with connection.cursor() as cursor:
        cursor.execute(_BY_CATEGORY, [batch_id])
        for category, state, n in cursor.fetchall():
            found[category][state] = n
    return dict(found)


def _by_kind(came: Iterable[tuple[Notice, Bounce]]) -> dict[str, int]:
    return dict(sorted(Counter(bounce.kind for _, bounce in came).items()))


def _notices(batch: Batch, state: NoticeState) -> QuerySet[Notice]:
    mine = Notice.objects.filter(batch=batch, state=state.value)
    return mine.select_related("intermediary", "settlement__by").prefetch_related("tries").order_by("rank")


def _bounces(batch: Batch) -> list[tuple[Notice, Bounce]]:
    """Every report about a mail of the batch, by rank and date."""
    reported = Notice.objects.filter(batch=batch, bounces__isnull=False).distinct().order_by("rank")
    notices = reported.select_related("intermediary").prefetch_related("bounces")
    return [(n, b) for n in notices for b in sorted(n.bounces.all(), key=lambda b: (b.reported_at, b.pk))]


def _whom(notice: Notice) -> dict[str, Any]:
    return {"notice": notice.pk, "orias_number": notice.intermediary.orias_number, "email": notice.email}


def _refused(notice: Notice) -> dict[str, Any]:
    last = max(notice.tries.all(), key=lambda attempt: attempt.number, default=None)
    return _whom(notice) | {
        "verdict": last.verdict if last else "",
        "code": last.code if last else None,
        "reply": last.reply if last else "",
    }


def _uncertain(notice: Notice) -> dict[str, Any]:
    settlement = getattr(notice, "settlement", None)
    return _whom(notice) | {
        "since": notice.settled_at.isoformat() if notice.settled_at else None,
        "settlement": settlement.decision if settlement else None,
    }


def _bounced(notice: Notice, bounce: Bounce) -> dict[str, Any]:
    return _whom(notice) | {
        "kind": bounce.kind,
        "status": bounce.status,
        "diagnostic": bounce.diagnostic,
        "at": bounce.reported_at.isoformat(),
    }


def _settled(batch: Batch) -> Iterator[dict[str, Any]]:
    for notice in _notices(batch, NoticeState.UNCERTAIN):
        if settlement := getattr(notice, "settlement", None):
            yield _whom(notice) | {
                "what": settlement.decision,
                "why": settlement.reason or Evidence(settlement.evidence).label,
                "by": settlement.by.get_username() if settlement.by else None,
                "at": settlement.at.isoformat(),
            }


def _addresses_changed(batch: Batch, came: Iterable[tuple[Notice, Bounce]]) -> Iterator[dict[str, Any]]:
    """Whose mail came back or was refused, and who has another address now."""
    returned = {n.pk: n for n, b in came if BounceKind(b.kind) in RETURNED_KINDS}
    refused = {n.pk: n for n in _notices(batch, NoticeState.REFUSED)}
    for notice in (returned | refused).values():
        if notice.intermediary.email.lower() != notice.email.lower():
            yield _whom(notice) | {"what": "ADDRESS_CHANGED", "why": "", "by": None, "at": None}


def _recalled(batch: Batch) -> Iterator[dict[str, Any]]:
    """Who was sent a correction, or may have been."""
    mailed = [s.value for s in MAILED_STATES]
    sent = Notice.objects.filter(corrects__batch=batch, state__in=mailed).select_related(
        "intermediary", "batch__author"
    )
    for notice in sent.order_by("id"):
        what = "RECALLED" if notice.state == NoticeState.ACCEPTED else "RECALL_UNCERTAIN"
        author = notice.batch.author
        yield _whom(notice) | {
            "what": what,
            "why": notice.batch.reason,
            "by": author.get_username() if author else None,
            "at": notice.settled_at.isoformat() if notice.settled_at else None,
        }


# --- what happened, in order ---


def _timeline(batch: Batch, now: datetime) -> list[Event]:
    stops = _stops(batch.released_at, batch.ended_at or now) if batch.released_at else ()
    events = [*_acts(batch), *_moves(batch), *stops, *_mails(batch), *_notes(batch), *_recalls(batch)]
    return sorted(events, key=lambda event: event["at"])


def _event(at: datetime, what: str, who: str = "", why: str = "") -> Event:
    return {"at": at, "what": what, "who": who, "why": why}


def _acts(batch: Batch) -> Iterator[Event]:
    """What people did to the batch as a whole, from its own columns."""
    acts = (
        (batch.created_at, "PLANNED", batch.author),
        (batch.approved_at, "APPROVED", batch.approved_by),
        (batch.released_at, "RELEASED", batch.released_by),
    )
    for at, what, who in acts:
        if at:
            yield _event(at, what, who.get_username() if who else "")
    if batch.ended_at:
        yield _event(batch.ended_at, batch.state)


def _recalls(batch: Batch) -> Iterator[Event]:
    """The batches that correct this one: who decided them, who approved them, when they left and how they ended."""
    for recall in batch.recalls.select_related("author", "approved_by", "released_by").order_by("id"):
        for event in _acts(recall):
            told = f"lot {recall.pk}"
            if event["what"] == "PLANNED":
                reason = f"\u00a0: {recall.reason}" if recall.reason else ""
                told = f"{told}, {counted(recall.planned, 'destinataire')}{reason}"
            yield event | {"what": f"RECALL_{event['what']}", "why": told}


def _moves(batch: Batch) -> Iterator[Event]:
    """Steps, pauses and resumptions, from the history that the database keeps."""
    history: Any = apps.get_model("reminders", "BatchHistory")
    rows = list(history.objects.filter(id=batch.pk).order_by("pgh_id").select_related("pgh_context"))
    names = _names(rows)
    for before, after in zip(rows, rows[1:], strict=False):
        context = after.pgh_context.metadata if after.pgh_context else {}
        who, why = names.get(context.get("user"), ""), str(context.get("why") or "")
        if after.state != before.state and after.state == BatchState.PAUSED:
            reason = PauseReason(after.pause_reason).label
            yield _event(after.pgh_created_at, "PAUSED", who, f"{reason} {after.pause_detail}".strip())
        elif after.state != before.state and before.state == BatchState.PAUSED and after.state == BatchState.RELEASING:
            yield _event(after.pgh_created_at, "RESUMED", who, why)
        if after.ceiling != before.ceiling:
            yield _event(after.pgh_created_at, "STEP", who, f"{before.ceiling} → {after.ceiling}")


def _stops(begin: datetime, end: datetime) -> Iterator[Event]:
    """The stop switch, turned while mails could leave."""
    history: Any = apps.get_model("reminders", "StopSwitchHistory")
    turned = history.objects.filter(changed_at__range=(begin, end)).exclude(pgh_label="delete")
    for row in turned.order_by("pgh_id").select_related("changed_by"):
        who = row.changed_by.get_username() if row.changed_by else ""
        yield _event(row.changed_at, "STOPPED" if row.stopped else "OPENED", who, row.reason)


def _mails(batch: Batch) -> Iterator[Event]:
    tried = Attempt.objects.filter(notice__batch=batch).aggregate(first=Min("started_at"), last=Max("started_at"))
    if tried["first"]:
        yield _event(tried["first"], "FIRST_MAIL")
        yield _event(tried["last"], "LAST_MAIL")


def _notes(batch: Batch) -> Iterator[Event]:
    for at, text, who in batch.notes.order_by("id").values_list("at", "text", "by__username"):
        yield _event(at, "NOTE", who, text)


def _names(rows: Iterable[Any]) -> dict[Any, str]:
    keys = {row.pgh_context.metadata.get("user") for row in rows if row.pgh_context}
    return dict(User.objects.filter(pk__in=[k for k in keys if isinstance(k, int)]).values_list("pk", "username"))
