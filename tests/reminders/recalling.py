"""Scenes for tests of recalls: a batch that went wrong, the batch that corrects it, and both moved by the real code."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import zip_longest

from registry.models import Intermediary
from reminders.models import Batch, Notice
from reminders.planning.approval import approve_batch, cancel_batch, end_step, release_batch
from reminders.planning.recall import recall_batch
from reminders.rules.recalls import RecallClass
from reminders.rules.smtp_replies import SmtpReply
from reminders.rules.states import BatchState, NoticeState
from tests.factories import NOW, reach
from tests.reminders.scenes import DAY, RecordingTransport, due_file, engine, person, released_batch, renew, send

# --- a batch gone wrong ------------------------------------------------------------------------------------


def gone_wrong(n: int = 0, *states: NoticeState, steps: tuple[int, ...] = ()) -> Batch:
    """A batch of everyone due (and `n` more) that has ended, its released notices in these states by rank: ACCEPTED
    beyond them. The ledger alone is moved, so that no test of a plan has to commit."""
    return settled(released_batch(n, release_steps=steps), *states)


def settled(batch: Batch, *states: NoticeState) -> Batch:
    """A released batch whose notices came to these states by rank, ACCEPTED beyond them; cancelled if a step is
    left."""
    released = Notice.objects.filter(batch=batch.pk, rank__lte=batch.ceiling).order_by("rank")
    for notice, state in zip_longest(released, states, fillvalue=NoticeState.ACCEPTED):
        reach(notice, state)  # type: ignore[arg-type]
    end_step(batch_id=batch.pk, now=NOW)
    return ended(batch)


def sent_wrongly(n: int = 0, replies: Sequence[SmtpReply] = (), steps: tuple[int, ...] = ()) -> Batch:
    """A batch of everyone due (and `n` more) really sent, with these replies and then acceptances, and ended."""
    batch = released_batch(n, release_steps=steps)
    send(RecordingTransport(replies=list(replies)), batch=batch)
    return ended(batch)


def ended(batch: Batch) -> Batch:
    """The batch as it is, cancelled where a step of it is left."""
    batch.refresh_from_db()
    if batch.state != BatchState.COMPLETED:
        cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
        batch.refresh_from_db()
    return batch


def people_of_each_class() -> dict[RecallClass, Intermediary]:
    """One due file for each thing that a correction may tell; see `situations_change`."""
    return {told: due_file() for told in RecallClass}


def situations_change(people: dict[RecallClass, Intermediary]) -> None:
    """What happened, or came to light, since the batch left: only one of them is still due."""
    renew(people[RecallClass.COMPLETE])
    renew(people[RecallClass.IN_REVIEW], deposited=True)
    people[RecallClass.OTHER].registrations.update(suspended_on=DAY)


# --- its correction ----------------------------------------------------------------------------------------


def recalled(wrong: Batch, *, now: datetime = NOW, steps: tuple[int, ...] = ()) -> Batch:
    """The draft that corrects a batch."""
    made = recall_batch(
        batch_id=wrong.pk, by=person("planner"), now=now, engine=engine(release_steps=steps), reason="essai"
    )
    return made.batch


def released(recall: Batch) -> Batch:
    """A recall approved by a second person and let through, its first step at least."""
    count, list_hash = recall.planned, recall.hash
    approve_batch(batch_id=recall.pk, by=person("approver"), list_hash=list_hash, count=count, now=NOW)
    return release_batch(batch_id=recall.pk, by=person("planner"), now=NOW)


def corrected(wrong: Batch, transport: RecordingTransport | None = None) -> Batch:
    """Plan, approve, release and really send the corrections of a batch."""
    recall = released(recalled(wrong))
    send(transport, batch=recall)
    recall.refresh_from_db()
    return recall


def in_batch(batch: Batch, whom: Intermediary) -> Notice:
    """Somebody's notice in that batch."""
    return Notice.objects.get(batch=batch.pk, intermediary=whom)
