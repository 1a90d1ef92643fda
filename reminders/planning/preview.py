"""Preview: what a person must see before approving — and what scripts read. The batch is shown, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.db import connection
from django.db.models import F, QuerySet, Window
from django.db.models.functions import RowNumber

from registry.clock import PARIS
from registry.facts import load_papers_of
from registry.models import Intermediary
from registry.rules.categories import Category, CoverKind
from registry.rules.labels import LabelledEnum
from reminders.errors import no_such_batch
from reminders.models import Batch, BatchKind, LeftOut, Notice
from reminders.models.batch import PauseReason
from reminders.planning.assess import Assessed, Circumstances, assess_files
from reminders.planning.corrections import correct_files, load_corrected
from reminders.planning.recall_list import left_to_correct
from reminders.rules.eligibility import SkipReason
from reminders.rules.hotline import DEFAULT_HOTLINE, Hotline, call_load
from reminders.rules.recalls import RecallClass
from reminders.rules.states import BatchState, NoticeState

T = TypeVar("T")

SAMPLES = 10

SAMPLES_OF_A_CLASS = 3
"""Of a recall: so many of each thing it tells."""


def find_batch(batch_id: int) -> Batch:
    """A batch by its number. Raises ReminderError where there is none."""
    batch = Batch.objects.select_related("author", "approved_by", "released_by").filter(pk=batch_id).first()
    if batch is None:
        raise no_such_batch(batch_id)
    return batch


def counts_by_state(batch_id: int) -> dict[str, int]:
    """How many notices stand in each state, every state named (I8: they add up to `planned` at any time)."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT state, count(*) FROM reminders_notice WHERE batch_id = %s GROUP BY state", [batch_id])
        found = dict(cursor.fetchall())
    return {state.value: found.get(state.value, 0) for state in NoticeState}


@dataclass(frozen=True, slots=True)
class Changes:
    """Compared with the batch before: recipients who are new, the same, or gone from the list."""

    previous: int | None
    new: int
    same: int
    gone: int


def changes_since_previous(batch: Batch) -> Changes:
    """What changed since the last batch of reminders that was frozen; a recall has a list of its own."""
    earlier = Batch.objects.filter(id__lt=batch.pk, kind=BatchKind.REMINDER.value).exclude(hash="")
    previous = earlier.order_by("-id").first() if batch.kind == BatchKind.REMINDER else None
    if previous is None:
        return Changes(None, batch.planned, 0, 0)
    before = Notice.objects.filter(batch=previous.pk).values("intermediary")
    same = Notice.objects.filter(batch=batch.pk, intermediary__in=before).count()
    return Changes(previous.pk, batch.planned - same, same, previous.planned - same)


def batch_report(batch: Batch, *, pace_per_hour: int, hotline: Hotline = DEFAULT_HOTLINE) -> dict[str, Any]:
    """Everything of a batch as plain data: the keys that scripts rely on, and more."""
    changes = changes_since_previous(batch)
    return {
        "batch": batch.pk,
        "kind": batch.kind,
        "kind_label": BatchKind(batch.kind).label,
        "state": batch.state,
        "state_label": BatchState(batch.state).label,
        "hash": batch.hash,
        "as_of": batch.as_of.isoformat(),
        "waves": batch.waves,
        "planned": batch.planned,
        "skipped": in_order(batch.skipped, SkipReason),
        "by_category": in_order(batch.by_category, Category),
        "by_item": in_order(batch.by_item, CoverKind),
        "brakes": batch.brakes,
        "counts": counts_by_state(batch.pk),
        "registered": batch.conservation.get("registered"),
        "conservation": in_order(batch.conservation.get("by_category", {}), Category),
        "changes": {"previous": changes.previous, "new": changes.new, "same": changes.same, "gone": changes.gone},
        **calls_report(batch.planned, pace_per_hour, hotline),
        "steps": batch.steps,
        "ceiling": batch.ceiling,
        "author": _name(batch.author),
        "approved_by": _name(batch.approved_by),
        "released_by": _name(batch.released_by),
        "pause_reason": batch.pause_reason,
        "pause_reason_label": PauseReason(batch.pause_reason).label if batch.pause_reason else "",
        "pause_detail": batch.pause_detail,
        "created_at": batch.created_at.astimezone(PARIS).isoformat(),
        "ended_at": batch.ended_at.astimezone(PARIS).isoformat() if batch.ended_at else None,
        "recalls": list(Batch.objects.filter(corrects=batch.pk).order_by("id").values_list("id", flat=True)),
    } | _recall_report(batch)


def _recall_report(batch: Batch) -> dict[str, Any]:
    """What a recall tells besides; `left_to_correct` are those whom no correction has reached or is under way to."""
    if batch.corrects_id is None:
        return {}
    return {
        "corrects": batch.corrects_id,
        "reason": batch.reason,
        "by_class": in_order(batch.by_class, RecallClass),
        "reached": batch.conservation["reached"],
        "corrected_before": batch.conservation["corrected_before"],
        "left_to_correct": left_to_correct(batch.corrects_id),
    }


def nobody_due(as_of: str, waves: list[str], skipped: dict[str, int]) -> dict[str, Any]:
    """The report of a plan that found nobody: the same keys, no batch."""
    return {
        "batch": None,
        "state": None,
        "state_label": None,
        "hash": None,
        "as_of": as_of,
        "waves": waves,
        "planned": 0,
        "skipped": in_order(skipped, SkipReason),
        "by_category": {},
        "by_item": {},
        "brakes": [],
        "counts": {state.value: 0 for state in NoticeState},
        "registered": sum(skipped.values()),
    }


def in_order(counts: dict[str, T], codes: type[LabelledEnum]) -> dict[str, T]:
    """The same counts in the order in which the codes are declared, whatever the database made of it."""
    declared = list(codes)
    return {code: counts[code] for code in sorted(counts, key=lambda c: declared.index(codes(c)))}


def calls_report(planned: int, pace_per_hour: int, hotline: Hotline) -> dict[str, Any]:
    """What the hotline has to expect in the busiest hour at this pace (0: no limit), and whom it needs."""
    load = call_load(planned, pace_per_hour, hotline)
    return {
        "pace_per_hour": pace_per_hour,
        "expected_calls_per_hour": round(load.calls_per_hour),
        "agents_needed": load.agents_needed,
        "agents": hotline.agents,
        "answered_share": round(load.answered_share, 3),
    }


def _name(user: Any) -> str | None:
    return user.get_username() if user else None


@dataclass(frozen=True, slots=True)
class Sample:
    """One message as it would leave now."""

    rank: int
    orias_number: str
    email: str
    subject: str
    text: str
    language: str = "fr"


def samples(batch: Batch, circumstances: Circumstances, size: int = SAMPLES) -> list[Sample]:
    """The first messages of the frozen order, which is a fair draw over the categories, rendered from today's facts.

    Of a recall, the first of each class. One that would be withdrawn now is shown as such, with its reason for a
    subject.
    """
    if batch.kind == BatchKind.RECALL:
        return _samples_of_each_class(batch, circumstances)
    notices = list(_with_person(batch).filter(rank__lte=size).order_by("rank"))
    files = load_papers_of(n.intermediary for n in notices)
    assessed = assess_files(files, circumstances, without=[n.pk for n in notices])
    return [_sample(notice, assessed) for notice in notices]


def _samples_of_each_class(batch: Batch, circumstances: Circumstances) -> list[Sample]:
    place = Window(RowNumber(), partition_by=F("recall_class"), order_by="rank")
    first = _with_person(batch).annotate(place=place).filter(place__lte=SAMPLES_OF_A_CLASS)
    declared = list(RecallClass)
    notices = sorted(first, key=lambda n: (declared.index(RecallClass(n.recall_class)), n.rank))
    corrected = load_corrected(n.corrects_id for n in notices if n.corrects_id)
    assessed = correct_files(load_papers_of(n.intermediary for n in notices), corrected, circumstances)
    return [_sample(notice, assessed) for notice in notices]


def _with_person(batch: Batch) -> QuerySet[Notice]:
    return Notice.objects.filter(batch=batch.pk).select_related("intermediary__merged_into")


def _sample(notice: Notice, assessed: dict[int, Assessed]) -> Sample:
    one = assessed[notice.intermediary_id]
    if one.rendered is None:
        reason = one.decision.reason.label if one.decision.reason else ""
        return Sample(notice.rank, one.facts.orias_number, notice.email, f"(écarté à ce jour\u00a0: {reason})", "")
    language = notice.intermediary.language
    return Sample(notice.rank, one.facts.orias_number, notice.email, one.rendered.subject, one.rendered.text, language)


def everyone(batch: Batch) -> Iterator[dict[str, Any]]:
    """Every recipient, then everyone left out with the reason: one flat row each, for a spreadsheet."""
    numbers = dict(Intermediary.objects.values_list("id", "orias_number"))
    notices = Notice.objects.filter(batch=batch.pk).order_by("rank").iterator()
    for notice in notices:
        yield {
            "rang": notice.rank,
            "numero_orias": numbers[notice.intermediary_id],
            "email": notice.email,
            "etat": NoticeState(notice.state).label,
            "motif": SkipReason(notice.reason).label if notice.reason else "",
            "pieces": "\u00a0; ".join(_told(notice)),
        }
    left_out = LeftOut.objects.filter(batch=batch.pk).order_by("intermediary__orias_number")
    for pk, reason in left_out.values_list("intermediary", "reason").iterator():
        told = {"etat": "Écarté", "motif": SkipReason(reason).label}
        yield {"rang": "", "numero_orias": numbers[pk], "email": "", **told, "pieces": ""}


def _told(notice: Notice) -> Iterator[str]:
    """What the message speaks of; a correction, first what it says of the file."""
    if notice.recall_class:
        yield RecallClass(notice.recall_class).label
    yield from (_item_text(item) for item in notice.items)


def _item_text(item: dict[str, Any]) -> str:
    due = date.fromisoformat(item["due_on"])
    return f"{CoverKind(item['kind']).label} {'+'.join(item['categories'])} au plus tard le {due:%d/%m/%Y}"
