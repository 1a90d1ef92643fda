"""Two people, or two machines, who do the same at the same instant: it is done once."""

from __future__ import annotations

from typing import Any

import pytest

from registry.findings import refresh_findings
from reminders.errors import ReminderError
from reminders.models import Batch, Notice
from reminders.planning.approval import approve_batch, cancel_batch, release_batch, resume_batch
from reminders.planning.plan import Plan, plan_reminders
from tests.factories import NOW
from tests.reminders.scenes import (
    DAY,
    RecordingTransport,
    approved_batch,
    at_once,
    due_file,
    engine,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def one_and_a_refusal(outcomes: list[Any], refusal: str) -> None:
    """One did it, the other was told why not."""
    batches = [o for o in outcomes if isinstance(o, Batch)]
    errors = [o for o in outcomes if not isinstance(o, Batch)]
    assert (len(batches), len(errors)) == (1, 1), outcomes
    assert isinstance(errors[0], ReminderError)
    assert refusal in str(errors[0])


def test_i2_two_planners_at_once_make_one_batch() -> None:
    """Fails without `lock_planning()` in plan_reminders: both would draw, and the second break on a constraint."""
    for _ in range(5):
        due_file()
    refresh_findings(as_of=DAY)
    planner = person("planner")

    def plan() -> Plan:
        return plan_reminders(day=DAY, now=NOW, engine=engine(), by=planner)

    outcomes = at_once(plan, plan)
    assert all(isinstance(o, Plan) for o in outcomes), outcomes
    assert sorted(o.created for o in outcomes if isinstance(o, Plan)) == [False, True]
    assert (Batch.objects.count(), Notice.objects.count()) == (1, 5)


def test_i6_two_approvers_at_once_approve_once() -> None:
    """Fails without the lock on the batch's row in `moving`: the second name would overwrite the first."""
    due_file()
    batch = planned_batch()
    names = [person("alice"), person("bruno")]

    def approve(by: Any) -> Batch:
        return approve_batch(batch_id=batch.pk, by=by, list_hash=batch.hash, count=1, now=NOW)

    outcomes = at_once(lambda: approve(names[0]), lambda: approve(names[1]))
    one_and_a_refusal(outcomes, "déjà approuvé")
    approved = next(o for o in outcomes if isinstance(o, Batch))
    assert Batch.objects.get().approved_by_id == approved.approved_by_id


def test_two_releases_at_once_release_once() -> None:
    """Fails without the lock on the batch's row in `moving`."""
    due_file()
    batch = approved_batch()
    planner = person("planner")

    def release() -> Batch:
        return release_batch(batch_id=batch.pk, by=planner, now=NOW)

    one_and_a_refusal(at_once(release, release), "déjà lancé")


def test_two_who_resume_at_once_let_one_step_through_and_not_two() -> None:
    """Fails without the lock on the batch's row in `moving`: the ceiling would be raised twice."""
    batch = released_batch(6, release_steps=(1, 2))
    send()
    planner = person("planner")

    def resume() -> Batch:
        return resume_batch(batch_id=batch.pk, by=planner, now=NOW)

    one_and_a_refusal(at_once(resume, resume), "déjà lancé")
    batch.refresh_from_db()
    assert batch.ceiling == 3


def test_i4_a_cancellation_in_the_middle_of_a_delivery_leaves_nobody_between_two_states() -> None:
    """Fails without `cancel_notices`, or if `return_claims` gave back to PLANNED what a cancelled batch held."""
    batch = released_batch(12)
    planner = person("planner")
    transport = RecordingTransport()
    outcomes = at_once(lambda: send(transport), lambda: cancel_batch(batch_id=batch.pk, by=planner, now=NOW))
    assert [type(o).__name__ for o in outcomes] in (["Delivery", "Batch"], ["Delivery", "ReminderError"])
    found = states(batch)
    assert found["ACCEPTED"] == len(transport.sent)
    assert found["ACCEPTED"] + found["CANCELLED"] == found.total() == 12
