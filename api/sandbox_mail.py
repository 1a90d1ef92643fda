"""Reminders in the sandbox, which mails nothing: a batch whose messages each met with the fate forced by its number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.auth.models import User

from api.sandbox_outcomes import APPROVER, OFFICER, Outcome
from registry.clock import PARIS, local_day
from registry.models import Intermediary
from registry.rules.categories import CoverKind
from registry.rules.covers import CoverState
from reminders.models import Attempt, Batch, Bounce, Notice, NoticeItem
from reminders.models.batch import PauseReason
from reminders.rules.bounces import BounceKind
from reminders.rules.identity import WaveKey, notice_key
from reminders.rules.smtp_replies import Stage, Verdict
from reminders.rules.states import BatchState, NoticeState

WAVE, WORKER = "D-30", "bac-a-sable"
LASTS = timedelta(days=10)

_FATES: Mapping[Outcome, tuple[NoticeState, Verdict, int, str]] = {
    Outcome.MAIL_REFUSED: (NoticeState.REFUSED, Verdict.REFUSED_ADDRESS, 550, "5.1.1 no such user"),
    Outcome.MAIL_DEFERRED: (NoticeState.DEFERRED, Verdict.DEFERRED, 451, "4.7.1 try again later"),
    Outcome.MAIL_BOUNCED: (NoticeState.ACCEPTED, Verdict.ACCEPTED, 250, "2.0.0 queued"),
}
MAILED = frozenset(_FATES)
_STAGES = {Verdict.REFUSED_ADDRESS: Stage.RCPT, Verdict.DEFERRED: Stage.RCPT, Verdict.ACCEPTED: Stage.DOT}


def record_mails(files: Mapping[Outcome, Intermediary], now: datetime) -> None:
    """Write the batch and what became of each message. The steps are the ledger's own; no socket is opened."""
    officer, approver = (User.objects.get(username=name) for name in (OFFICER, APPROVER))
    day = local_day(now)
    numbers = sorted(one.orias_number for one in files.values())
    batch = Batch.objects.create(
        as_of=day,
        # One of that day for each set of numbers.
        only_wave=numbers[0][:6],
        waves=[WAVE],
        author=officer,
        created_at=now,
        planned=len(files),
        steps=[len(files)],
        by_category={"COA": len(files)},
        by_item={CoverKind.RC_PRO.value: len(files)},
    )
    planned = {
        outcome: _plan(batch, rank, whose, now) for rank, (outcome, whose) in enumerate(sorted(files.items()), 1)
    }
    _release(batch, numbers, officer, approver, now)
    for outcome, notice in planned.items():
        _send(notice, outcome, now)
    # Nothing of it goes on, and another set of numbers has its own.
    _move(batch, BatchState.PAUSED, pause_reason=PauseReason.PERSON.value)


def _plan(batch: Batch, rank: int, whose: Intermediary, now: datetime) -> Notice:
    term = whose.covers.order_by("ends_on").values_list("ends_on", flat=True)[0]
    item = {
        "kind": CoverKind.RC_PRO.value,
        "categories": ["COA"],
        "state": CoverState.DUE.value,
        "term": term.isoformat(),
        "due_on": term.isoformat(),
        "wave": WAVE,
    }
    notice = Notice.objects.create(
        batch=batch,
        intermediary=whose,
        rank=rank,
        state=NoticeState.PLANNED.value,
        key=notice_key(whose.orias_number, [WaveKey(CoverKind.RC_PRO, term, WAVE)]),
        email=whose.email,
        items=[item],
        facts_version=whose.facts_version,
        not_after=datetime.combine(local_day(now) + LASTS, time(17), PARIS),
    )
    NoticeItem.objects.create(notice=notice, intermediary=whose, kind=CoverKind.RC_PRO.value, term=term, wave=WAVE)
    return notice


def _release(batch: Batch, numbers: Sequence[str], officer: User, approver: User, now: datetime) -> None:
    Batch.objects.filter(pk=batch.pk).update(hash=sha256("\n".join(numbers).encode()).hexdigest())
    _move(batch, BatchState.APPROVED, approved_by=approver, approved_at=now)
    _move(batch, BatchState.RELEASING, released_by=officer, released_at=now, ceiling=len(numbers))


def _send(notice: Notice, outcome: Outcome, now: datetime) -> None:
    state, verdict, code, text = _FATES[outcome]
    lease = {"lease_until": now + timedelta(minutes=5), "worker": WORKER, "fence": 1}
    _step(notice, NoticeState.CLAIMED, **lease)
    _step(notice, NoticeState.SENDING, attempts=1)
    Attempt.objects.create(
        notice=notice, number=1, fence=1, worker=WORKER, started_at=now, finished_at=now,
        verdict=verdict.value, stage=_STAGES[verdict].value, code=code, reply=text,
    )  # fmt: skip
    is_over = state is not NoticeState.DEFERRED
    when = {"settled_at": now} if is_over else {"not_before": now + timedelta(minutes=30)}
    _step(notice, state, lease_until=None, **when)
    if outcome is Outcome.MAIL_BOUNCED:
        _return(notice, now)


def _return(notice: Notice, now: datetime) -> None:
    Bounce.objects.create(
        notice=notice,
        kind=BounceKind.HARD_ADDRESS.value,
        recipient=notice.email,
        status="5.1.1",
        diagnostic="no such user",
        reporter="mx.cabinet.example",
        reported_at=now,
        stored_at=now,
        digest=sha256(f"bounce {notice.key}".encode()).hexdigest(),
    )


def _move(batch: Batch, state: BatchState, **values: Any) -> None:
    Batch.objects.filter(pk=batch.pk).update(state=state.value, **values)


def _step(notice: Notice, state: NoticeState, **values: Any) -> None:
    Notice.objects.filter(pk=notice.pk).update(state=state.value, **values)
