"""Preview: what a person must see before approving — and what scripts read. The batch is shown, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db import connection

from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.models import Batch, LeftOut, Notice
from reminders.planning.assess import Circumstances, assess
from reminders.rules.hotline import DEFAULT_HOTLINE, Hotline, call_load
from reminders.rules.states import NoticeState

SAMPLES = 10


def find_batch(batch_id: int) -> Batch:
    """A batch by its number. Raises ReminderError where there is none."""
    batch = Batch.objects.select_related("author", "approved_by", "released_by").filter(pk=batch_id).first()
    if batch is None:
        raise ReminderError(f"Le lot {batch_id} n’existe pas. {_latest()}.")
    return batch


def _latest() -> str:
    latest = Batch.objects.order_by("-id").values_list("id", flat=True).first()
    return f"Le dernier lot est le {latest}" if latest else "Aucun lot n’a encore été préparé"


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
    """What changed since the last batch that was frozen."""
    previous = Batch.objects.filter(id__lt=batch.pk).exclude(hash="").order_by("-id").first()
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
        "state": batch.state,
        "hash": batch.hash,
        "as_of": batch.as_of.isoformat(),
        "waves": batch.waves,
        "planned": batch.planned,
        "skipped": batch.skipped,
        "by_category": batch.by_category,
        "by_item": batch.by_item,
        "brakes": batch.brakes,
        "counts": counts_by_state(batch.pk),
        "registered": batch.conservation.get("registered"),
        "conservation": batch.conservation.get("by_category", {}),
        "changes": {"previous": changes.previous, "new": changes.new, "same": changes.same, "gone": changes.gone},
        **calls_report(batch.planned, pace_per_hour, hotline),
        "steps": batch.steps,
        "ceiling": batch.ceiling,
        "author": _name(batch.author),
        "approved_by": _name(batch.approved_by),
        "released_by": _name(batch.released_by),
        "pause_reason": batch.pause_reason,
        "pause_detail": batch.pause_detail,
    }


def nobody_due(as_of: str, waves: list[str], skipped: dict[str, int]) -> dict[str, Any]:
    """The report of a plan that found nobody: the same keys, no batch."""
    return {
        "batch": None,
        "state": None,
        "hash": None,
        "as_of": as_of,
        "waves": waves,
        "planned": 0,
        "skipped": skipped,
        "by_category": {},
        "by_item": {},
        "brakes": [],
        "counts": {state.value: 0 for state in NoticeState},
        "registered": sum(skipped.values()),
    }


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


def samples(batch: Batch, circumstances: Circumstances, size: int = SAMPLES) -> list[Sample]:
    """The first messages of the frozen order, which is a fair draw over the categories, rendered from today's facts.

    One that would be withdrawn now is shown as such, with its reason for a subject.
    """
    notices = list(Notice.objects.filter(batch=batch.pk, rank__lte=size).order_by("rank"))
    assessed = assess([n.intermediary_id for n in notices], circumstances, without=[n.pk for n in notices])
    return [_sample(notice, assessed) for notice in notices]


def _sample(notice: Notice, assessed: dict[int, Any]) -> Sample:
    one = assessed[notice.intermediary_id]
    if one.rendered is None:
        reason = one.decision.reason.label
        return Sample(notice.rank, one.facts.orias_number, notice.email, f"(écarté à ce jour\u00a0: {reason})", "")
    return Sample(notice.rank, one.facts.orias_number, notice.email, one.rendered.subject, one.rendered.text)


def everyone(batch: Batch) -> Iterator[dict[str, Any]]:
    """Every recipient, then everyone left out with the reason: one flat row each, for a spreadsheet."""
    numbers = dict(Intermediary.objects.values_list("id", "orias_number"))
    notices = Notice.objects.filter(batch=batch.pk).order_by("rank").iterator()
    for notice in notices:
        yield {
            "rang": notice.rank,
            "numero_orias": numbers[notice.intermediary_id],
            "email": notice.email,
            "etat": notice.state,
            "motif": notice.reason,
            "pieces": "\u00a0; ".join(_item_text(item) for item in notice.items),
        }
    left_out = LeftOut.objects.filter(batch=batch.pk).order_by("intermediary__orias_number")
    for pk, reason in left_out.values_list("intermediary", "reason").iterator():
        yield {"rang": "", "numero_orias": numbers[pk], "email": "", "etat": "ECARTE", "motif": reason, "pieces": ""}


def _item_text(item: dict[str, Any]) -> str:
    return f"{item['kind']} {'+'.join(item['categories'])} avant le {item['due_on']}"
