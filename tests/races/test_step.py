"""The one statement of a message, while somebody else holds a row it is to write."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connection, transaction

from reminders.models import Attempt, Notice
from reminders.sending.claim import claim
from reminders.sending.outcome import outcome_of
from reminders.sending.step import step
from tests.factories import NOW
from tests.reminders.scenes import ACCEPTED, at_once, released_batch, sign_as_the_sender
from tests.reminders.test_step import intent_of

pytestmark = pytest.mark.django_db(transaction=True)

_WAITING_FOR_A_ROW = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"


def await_the_step() -> None:
    """Until the step waits for the row held here; well within the time it waits."""
    until = time.monotonic() + 0.4
    with connection.cursor() as cursor:
        while time.monotonic() < until:
            cursor.execute(_WAITING_FOR_A_ROW)
            if cursor.fetchone() is not None:
                return
            time.sleep(0.005)
    raise AssertionError("the step did not wait")


@pytest.mark.parametrize(
    ("held", "change", "begun", "recorded"),
    [
        ("next", {"fence": 7}, None, True),
        ("next", {"state": "PLANNED", "lease_until": None}, None, True),
        ("next", {"worker": "w"}, 1, True),
        ("last", {"fence": 7}, 1, False),
        ("last", {"worker": "w"}, 1, True),
    ],
)
def test_i2_i4_a_row_that_changes_while_a_step_waits_for_it_is_compared_again(
    held: str, change: dict[str, object], begun: int | None, recorded: bool
) -> None:
    """What becomes of one notice says nothing of the other.

    Fails without the fence or the state in `done` or `begun` of `_STEP`, and where they are asked of the rows as they
    were before the wait.
    """
    sign_as_the_sender()
    released_batch(2)
    last, following = [intent_of(c) for c in claim(worker="w", size=2, now=NOW, batch_id=None)]
    step(done=None, intent=last, now=NOW, worker="w")
    done = outcome_of(last.claimed, 1, ACCEPTED, now=NOW, jitter=0)
    row = Notice.objects.filter(pk=(following if held == "next" else last).claimed.id)
    holds = threading.Event()

    def other() -> None:
        with transaction.atomic():
            row.update(**change)
            holds.set()
            await_the_step()

    def worker() -> tuple[int | None, bool]:
        sign_as_the_sender()
        assert holds.wait(5)
        return step(done=done, intent=following, now=NOW, worker="w")

    said, outcome = at_once(other, worker)
    assert said is None, said
    assert outcome == (begun, recorded)
    assert Notice.objects.filter(state="SENDING").count() == (begun or 0) + (not recorded)
    assert Attempt.objects.get(notice=last.claimed.id).verdict == "ACCEPTED", "the answer is kept in any case"
    assert Attempt.objects.count() == 1 + (begun or 0)
