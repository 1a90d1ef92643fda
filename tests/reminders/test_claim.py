"""Claims, leases and what becomes of them when a worker dies."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection, transaction

from reminders.models import Batch, Notice
from reminders.planning.approval import cancel_batch, pause_batch
from reminders.planning.plan import expire
from reminders.rules.eligibility import SkipReason
from reminders.rules.states import NoticeState
from reminders.sending.claim import LEASE, Claimed, claim, reap, return_claims, settle_cancelled
from reminders.sending.outcome import settle_claimed
from tests.factories import NOW, reach
from tests.reminders.scenes import (
    approved_batch,
    due_file,
    elsewhere,
    notice_of,
    person,
    released_batch,
    run_leases_out,
    states,
)

pytestmark = pytest.mark.django_db


def take(size: int = 50, worker: str = "w", batch: Batch | None = None, late: timedelta = timedelta()) -> list[Claimed]:
    return claim(worker=worker, size=size, now=NOW + late, batch_id=batch.pk if batch else None)


def test_a_claim_takes_the_frozen_order_from_its_beginning_and_no_more_than_asked() -> None:
    """Fails without ORDER BY and LIMIT in `_CLAIM`."""
    batch = released_batch(5)
    assert [c.rank for c in take(2)] == [1, 2]
    assert [c.rank for c in take(2)] == [3, 4]
    assert [c.rank for c in take(2)] == [5]
    assert states(batch) == {"CLAIMED": 5}


def test_a_claim_carries_what_the_plan_froze_and_a_fence_that_grows() -> None:
    someone = due_file("07009999", email="cabinet@example.org")
    batch = released_batch()
    (first,) = take()
    return_claims([first], worker="w", now=NOW)
    (second,) = take()
    notice = notice_of(someone)
    assert (first.fence, second.fence, notice.fence) == (1, 2, 2)
    assert (second.email, second.batch_id, second.intermediary_id) == (notice.email, batch.pk, someone.pk)
    assert (second.key, second.body_digest, second.not_after) == (notice.key, notice.body_digest, notice.not_after)
    assert {str(w) for w in second.waves} == {"RC_PRO/2026-02-28/D-30"}


def test_who_lost_a_notice_to_another_worker_ends_it_no_more() -> None:
    """Fails without the fence in `settle_claimed`: a worker come back late would skip what another is about to send."""
    batch = released_batch(1)
    (lost,) = take()
    run_leases_out(batch)
    reap(now=NOW)
    (taken,) = take(worker="another")
    skipped = partial(settle_claimed, state=NoticeState.SKIPPED, reason=SkipReason.FACTS_CHANGED, evidence={}, now=NOW)
    assert (skipped(lost), states(batch)) == (0, {"CLAIMED": 1})
    assert (skipped(taken), states(batch)) == (1, {"SKIPPED": 1})


def test_a_lease_runs_on_the_clock_of_the_database_and_not_on_the_workers() -> None:
    """Fails if `lease_until` were reckoned from `now`: here the worker's clock is off by months."""
    released_batch(1)
    take()
    with connection.cursor() as cursor:
        cursor.execute("SELECT lease_until - clock_timestamp() FROM reminders_notice")
        (left,) = cursor.fetchone()
    assert LEASE - timedelta(seconds=20) < left <= LEASE


@pytest.mark.parametrize("state", ["DRAFT", "APPROVED", "PAUSED", "CANCELLED"])
def test_only_a_batch_that_is_being_released_is_claimed_from(state: str) -> None:
    """Fails without `b.state = 'RELEASING'` in `_CLAIM`."""
    if state in ("DRAFT", "APPROVED"):
        due_file()
        approved_batch()
    else:
        batch = released_batch(1)
        act = {"PAUSED": pause_batch, "CANCELLED": cancel_batch}[state]
        values = {"now": NOW} if state == "CANCELLED" else {}
        act(batch_id=batch.pk, by=person("planner"), **values)  # type: ignore[operator]
    assert take() == []


def test_what_lies_beyond_the_step_is_not_claimed() -> None:
    """Fails without `n.rank <= b.ceiling` in `_CLAIM`."""
    released_batch(5, release_steps=(2,))
    assert [c.rank for c in take()] == [1, 2]


def test_only_the_batch_that_is_named_is_claimed_from() -> None:
    released_batch(1)
    second = released_batch(1)
    assert [c.batch_id for c in take(batch=second)] == [second.pk]


def test_a_deferred_notice_is_left_alone_until_its_time() -> None:
    """Fails without the look at `not_before` in `_CLAIM`."""
    released_batch(1)
    notice = reach(Notice.objects.get(), NoticeState.DEFERRED)
    Notice.objects.filter(pk=notice.pk).update(not_before=NOW + timedelta(minutes=5))
    assert take() == []
    assert len(take(late=timedelta(minutes=5))) == 1


@pytest.mark.django_db(transaction=True)
def test_a_claim_passes_over_what_another_transaction_holds_and_does_not_wait() -> None:
    """Fails without SKIP LOCKED: the second worker would wait, and then find nothing."""
    released_batch(4)
    with transaction.atomic():
        mine = take(2)
        theirs = elsewhere(lambda: take(2))
    assert ([c.rank for c in mine], [c.rank for c in theirs]) == ([1, 2], [3, 4])


def test_i4_the_reaper_gives_back_what_was_claimed_and_calls_uncertain_what_was_being_sent() -> None:
    """Fails if `_REAP` treated the two alike: SENDING may have left, so nobody sends it again."""
    batch = released_batch(3)
    claimed, sending, alive = Notice.objects.filter(batch=batch).order_by("rank")
    for notice, state in ((claimed, "CLAIMED"), (sending, "SENDING")):
        reach(notice, NoticeState(state))
    run_leases_out(batch)
    take(1, worker="alive")
    assert reap(now=NOW) == 1
    found = {n.pk: n for n in Notice.objects.filter(batch=batch)}
    assert [found[n.pk].state for n in (claimed, sending, alive)] == ["PLANNED", "UNCERTAIN", "CLAIMED"]
    assert found[sending.pk].settled_at == NOW
    assert (found[sending.pk].evidence or {})["worker"] == "essai-1"
    assert found[claimed.pk].settled_at is None


def test_the_reaper_leaves_alone_whose_lease_still_runs() -> None:
    """Fails without `lease_until < clock_timestamp()` in `_REAP`."""
    batch = released_batch(2)
    take()
    Notice.objects.filter(batch=batch, rank=2).update(state="SENDING")
    assert reap(now=NOW + timedelta(days=300)) == 0
    assert states(batch) == {"CLAIMED": 1, "SENDING": 1}


def test_a_worker_gives_back_only_what_is_its_own_and_not_yet_begun() -> None:
    """Fails without `n.worker = …` or `n.state = 'CLAIMED'` in `_RETURN`."""
    batch = released_batch(3)
    mine = take(2, worker="me")
    theirs = take(1, worker="them")
    Notice.objects.filter(pk=mine[0].id).update(state="SENDING")
    return_claims([*mine, *theirs], worker="me", now=NOW)
    found = dict(batch.notices.values_list("rank", "state"))
    assert found == {1: "SENDING", 2: "PLANNED", 3: "CLAIMED"}


def test_expiry_spares_what_is_in_somebodys_hands_and_what_still_has_time() -> None:
    """Fails if `_EXPIRE` touched CLAIMED or SENDING, or looked at another instant than `not_after`."""
    batch = released_batch(2)
    take(1)
    last = Notice.objects.values_list("not_after", flat=True)[0]
    assert expire(now=last) == 0
    assert expire(now=last + timedelta(microseconds=1)) == 1
    assert states(batch) == {"CLAIMED": 1, "EXPIRED": 1}


def test_i4_what_came_back_to_a_cancelled_batch_is_cancelled() -> None:
    """Fails without `_SETTLE_CANCELLED`; what is being sent comes to its own end."""
    batch = released_batch(3)
    first, second, third = batch.notices.order_by("rank")
    for notice in (first, second, third):
        reach(notice, NoticeState.SENDING)
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    Notice.objects.filter(pk=first.pk).update(state="PLANNED")
    Notice.objects.filter(pk=second.pk).update(state="DEFERRED")
    assert settle_cancelled(now=NOW) == 2
    assert states(batch) == {"CANCELLED": 2, "SENDING": 1}
    assert not first.discharges.get().held


def test_i4_what_a_worker_gives_back_to_a_cancelled_batch_is_cancelled_there_and_then() -> None:
    """Fails without `WHEN 'CANCELLED' THEN 'CANCELLED'` in `_RETURN`: nobody need come by to settle it."""
    batch = released_batch(2)
    mine = take(2, worker="me")
    # A cancellation that a claim under way overtook: it saw nothing in this worker's hands.
    Batch.objects.filter(pk=batch.pk).update(state="CANCELLED")
    return_claims(mine, worker="me", now=NOW)
    assert states(batch) == {"CANCELLED": 2}
