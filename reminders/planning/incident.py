"""The report on a batch, for the day it went wrong: what left, when, who acted, what came back, what was corrected."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.apps import apps
from django.contrib.auth.models import AbstractBaseUser, User
from django.contrib.postgres.expressions import ArraySubquery
from django.db import connection
from django.db.models import Case, Exists, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.fields.json import KeyTextTransform
from django.db.models.functions import Cast, Coalesce, JSONObject

from registry.clock import PARIS
from registry.rules.french import counted
from reminders.errors import ReminderError
from reminders.models import Attempt, Batch, Bounce, IncidentNote, Notice
from reminders.models.batch import PauseReason
from reminders.models.settlement import Decision, Evidence
from reminders.planning.outside import readings_of
from reminders.rules.bounces import RETURNED_KINDS, BounceKind
from reminders.rules.states import MAILED_STATES, BatchState, NoticeState

_COUNTS = """
SELECT 'STATE', '', state, count(*), NULL::timestamptz, NULL::timestamptz
FROM reminders_notice WHERE batch_id = %(batch)s GROUP BY state
UNION ALL
SELECT 'SKIPPED', '', reason, count(*), NULL, NULL
FROM reminders_notice WHERE batch_id = %(batch)s AND state = 'SKIPPED' GROUP BY reason
UNION ALL
SELECT 'CATEGORY', category, state, count(*), NULL, NULL
FROM (
    SELECT DISTINCT n.id, n.state, c.category
    FROM reminders_notice n, jsonb_array_elements(n.items) item,
         jsonb_array_elements_text(item -> 'categories') c (category)
    WHERE n.batch_id = %(batch)s
) held
GROUP BY category, state
UNION ALL
SELECT 'MAILED', '', '', 0, min(a.started_at), max(a.started_at)
FROM reminders_attempt a JOIN reminders_notice n ON n.id = a.notice_id WHERE n.batch_id = %(batch)s
ORDER BY 1, 2, 3
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
    """Everything about a batch, found with its people, as plain data, instants in ISO 8601, in Paris: six queries.

    `readers`, `called_after` and `spared` are None where no hotline counts them.
    """
    counts, found, told = _counts(batch.pk), _notices(batch), _told_of(batch, now)
    mine = [n for n in found if n.batch_id == batch.pk]
    came, read = _bounces(mine), readings_of(batch.pk, now)
    return {
        "batch": batch.pk,
        "as_of": batch.as_of.isoformat(),
        "state": batch.state,
        "hash": batch.hash,
        "rules": batch.rules_digest[:12],
        "planned": batch.planned,
        "author": batch.author.get_username() if batch.author else None,
        "approved_by": batch.approved_by.get_username() if batch.approved_by else None,
        "written_at": local(now),
        "counts": counts.by_state,
        "by_category": counts.by_category,
        "skipped": counts.skipped,
        "bounces_by_kind": _by_kind(came),
        "readers": read and read.readers,
        "called_after": read and read.called_after,
        "spared": read and read.spared,
        "notes": [{"at": local(n["at"]), "by": n["who"], "text": n["why"]} for n in told if n["what"] == "NOTE"],
        "timeline": [event | {"at": local(event["at"])} for event in _timeline(batch, counts, told)],
        "refused": [_refused(n) for n in mine if n.state == NoticeState.REFUSED],
        "expired": [_expired(n) for n in mine if n.state == NoticeState.EXPIRED],
        "expired_untried": counts.by_state["EXPIRED"] - sum(n.state == NoticeState.EXPIRED for n in mine),
        "uncertain": [_uncertain(n) for n in mine if n.state == NoticeState.UNCERTAIN],
        "bounced": [_bounced(n, b) for n, b in came if BounceKind(b["kind"]) in RETURNED_KINDS],
        "complaints": [_bounced(n, b) for n, b in came if b["kind"] == BounceKind.COMPLAINT],
        "corrected": [
            *_settled(mine),
            *_addresses_changed(mine, came),
            *_recalled(n for n in found if n.batch_id != batch.pk),
        ],
    }


def local(instant: datetime) -> str:
    """An instant as the whole report writes it: the time of Paris, to the second."""
    return instant.astimezone(PARIS).isoformat(timespec="seconds")


# --- counts and lists ---


@dataclass(frozen=True, slots=True)
class _Counts:
    """How many notices stand in each state, in all and by category, how many were withdrawn for which reason, and when
    the first and the last mail left."""

    by_state: dict[str, int]
    by_category: dict[str, dict[str, int]]
    skipped: dict[str, int]
    mailed: tuple[datetime, datetime] | None


def _counts(batch_id: int) -> _Counts:
    """Recipients by state; by category, one who holds two of them is counted in both."""
    by_state, by_category = (
        dict.fromkeys((state.value for state in NoticeState), 0),
        defaultdict[str, dict[str, int]](dict),
    )
    skipped: dict[str, int] = {}
    mailed = None
    with connection.cursor() as cursor:
        cursor.execute(_COUNTS, {"batch": batch_id})
        for told, category, code, n, first, last in cursor.fetchall():
            match told:
                case "STATE":
                    by_state[code] = n
                case "CATEGORY":
                    by_category[category][code] = n
                case "SKIPPED":
                    skipped[code] = n
                case _ if first:
                    mailed = (first, last)
    return _Counts(by_state, dict(by_category), skipped, mailed)


Came = list[tuple[Any, dict[str, Any]]]


def _by_kind(came: Came) -> dict[str, int]:
    return dict(sorted(Counter(bounce["kind"] for _, bounce in came).items()))


def _notices(batch: Batch) -> list[Any]:
    """The notices that something must be said of, by rank, and those of later batches that correct one of this."""
    tried_in_vain = Q(state=NoticeState.EXPIRED.value, attempts__gt=0)
    refused_or_uncertain = Q(state__in=[NoticeState.REFUSED.value, NoticeState.UNCERTAIN.value])
    spoken_of = refused_or_uncertain | tried_in_vain | Exists(_reports())
    mailed = [s.value for s in MAILED_STATES]
    which = Notice.objects.filter(spoken_of, batch=batch).values("pk")
    correct = Notice.objects.filter(corrects__batch=batch, unsent=False, state__in=mailed).values("pk")
    tried = Attempt.objects.filter(notice=OuterRef("pk")).order_by("-number")
    answer = JSONObject(verdict=F("verdict"), code=F("code"), reply=F("reply"))
    report = JSONObject(kind=F("kind"), status=F("status"), diagnostic=F("diagnostic"), at=F("reported_at"))
    found = Notice.objects.filter(pk__in=which.union(correct, all=True)).annotate(
        last_try=Subquery(tried.values(row=answer)[:1]),
        came_back=ArraySubquery(_reports().order_by("reported_at", "pk").values(row=report)),
    )
    return list(found.select_related("intermediary", "settlement__by", "batch__author").order_by("rank", "pk"))


def _reports() -> QuerySet[Bounce]:
    return Bounce.objects.filter(notice=OuterRef("pk"))


def _bounces(notices: Iterable[Any]) -> Came:
    """Every report about a mail of the batch, by rank and date."""
    return [(n, bounce) for n in notices for bounce in n.came_back]


def _whom(notice: Notice) -> dict[str, Any]:
    return {"notice": notice.pk, "orias_number": notice.intermediary.orias_number, "email": notice.email}


def _refused(notice: Any) -> dict[str, Any]:
    return _whom(notice) | (notice.last_try or {"verdict": "", "code": None, "reply": ""})


def _expired(notice: Any) -> dict[str, Any]:
    return _refused(notice) | {"not_after": local(notice.not_after)}


def _uncertain(notice: Notice) -> dict[str, Any]:
    settlement = getattr(notice, "settlement", None)
    return _whom(notice) | {
        "since": local(notice.settled_at) if notice.settled_at else None,
        "settlement": settlement.decision if settlement else None,
    }


def _bounced(notice: Notice, bounce: dict[str, Any]) -> dict[str, Any]:
    return _whom(notice) | bounce | {"at": local(datetime.fromisoformat(bounce["at"]))}


def _settled(notices: Iterable[Any]) -> Iterator[dict[str, Any]]:
    for notice in notices:
        settlement = getattr(notice, "settlement", None)
        if settlement and notice.state == NoticeState.UNCERTAIN:
            yield _whom(notice) | {
                "what": settlement.decision,
                "why": settlement.reason or Evidence(settlement.evidence).label,
                "by": settlement.by.get_username() if settlement.by else None,
                "at": local(settlement.at),
            }


def _addresses_changed(notices: Iterable[Any], came: Came) -> Iterator[dict[str, Any]]:
    """Whose mail came back or was refused, and who has another address now."""
    returned = {n.pk: n for n, b in came if BounceKind(b["kind"]) in RETURNED_KINDS}
    refused = {n.pk: n for n in notices if n.state == NoticeState.REFUSED}
    for notice in (returned | refused).values():
        if notice.intermediary.email.lower() != notice.email.lower():
            yield _whom(notice) | {"what": "ADDRESS_CHANGED", "why": "", "by": None, "at": None}


def _recalled(sent: Iterable[Any]) -> Iterator[dict[str, Any]]:
    """Who was sent a correction, or may have been."""
    for notice in sorted(sent, key=lambda one: one.pk):
        what = "RECALLED" if notice.state == NoticeState.ACCEPTED else "RECALL_UNCERTAIN"
        author = notice.batch.author
        yield _whom(notice) | {
            "what": what,
            "why": notice.batch.reason,
            "by": author.get_username() if author else None,
            "at": local(notice.settled_at) if notice.settled_at else None,
        }


# --- what happened, in order ---


def _timeline(batch: Batch, counts: _Counts, told: Iterable[Event]) -> list[Event]:
    events = [*_acts(batch), *_moves(batch), *told, *_mails(counts), *_recalls(batch)]
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
    key = Cast(KeyTextTransform("user", OuterRef("pgh_context__metadata")), IntegerField())
    name = Coalesce(Subquery(User.objects.filter(pk=key).values("username")), Value(""))
    rows = history.objects.filter(id=batch.pk).order_by("pgh_id").select_related("pgh_context").annotate(who=name)
    for before, after in pairwise(rows):
        why = str((after.pgh_context.metadata if after.pgh_context else {}).get("why") or "")
        if after.state != before.state and after.state == BatchState.PAUSED:
            reason = PauseReason(after.pause_reason).label
            detail = f"\u00a0: {after.pause_detail}" if after.pause_detail else ""
            yield _event(after.pgh_created_at, "PAUSED", after.who, f"{reason}{detail}")
        elif after.state != before.state and before.state == BatchState.PAUSED and after.state == BatchState.RELEASING:
            yield _event(after.pgh_created_at, "RESUMED", after.who, why)
        if after.ceiling != before.ceiling:
            yield _event(after.pgh_created_at, "STEP", after.who, f"{before.ceiling} → {after.ceiling}")


def _mails(counts: _Counts) -> Iterator[Event]:
    if counts.mailed:
        yield _event(counts.mailed[0], "FIRST_MAIL")
        yield _event(counts.mailed[1], "LAST_MAIL")


def _told_of(batch: Batch, now: datetime) -> list[Event]:
    """The notes, in their order; then the stop switch as it was turned while mails could leave."""
    notes = batch.notes.annotate(what=Value("NOTE"), order=F("id"))
    history: Any = apps.get_model("reminders", "StopSwitchHistory")
    act = Case(When(stopped=True, then=Value("STOPPED")), default=Value("OPENED"))
    turned = history.objects.exclude(pgh_label="delete").annotate(what=act, order=F("pgh_id"))
    while_sending = (batch.released_at, batch.ended_at or now)
    turned = turned.filter(changed_at__range=while_sending) if batch.released_at else turned.none()
    rows = notes.values_list("what", "order", "at", "by__username", "text").union(
        turned.values_list("what", "order", "changed_at", "changed_by__username", "reason"), all=True
    )
    return [_event(at, what, who or "", why) for what, _, at, who, why in sorted(rows, key=_in_order)]


def _in_order(row: tuple[Any, ...]) -> tuple[bool, int]:
    return row[0] != "NOTE", row[1]
