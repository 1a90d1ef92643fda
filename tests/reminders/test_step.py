"""The one statement that records an outcome and begins the next intent: each of its guards, one by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from uuid import uuid4

import pgtrigger
import pytest
from django.db import connection
from django.db.models import F

from registry.facts import load_reference
from registry.models import Intermediary
from reminders.models import Attempt, Batch, Notice, NoticeItem, Pace, SenderIdentity, StopSwitch
from reminders.planning.approval import cancel_batch, pause_batch
from reminders.planning.switch import stop_sending
from reminders.rules.smtp_replies import Stage, Verdict
from reminders.sending.claim import Claimed, claim, return_claims
from reminders.sending.identity import give_back_connection, sign
from reminders.sending.outcome import outcome_of
from reminders.sending.step import Intent, Refusal, step, why_not
from tests.factories import NOW, shifted
from tests.plans import forget_statistics
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    LOST_AFTER_DOT,
    SERVER_DOWN,
    lose_the_row,
    person,
    released_batch,
    sign_as_the_sender,
    states,
)

pytestmark = pytest.mark.django_db


def claimed_one(n: int = 1) -> list[Intent]:
    sign_as_the_sender()
    released_batch(n)
    return [intent_of(c) for c in claim(worker="w", size=n, now=NOW, batch_id=None)]


def intent_of(claimed: Claimed) -> Intent:
    version = Intermediary.objects.values_list("facts_version", flat=True).get(pk=claimed.intermediary_id)
    return Intent(claimed, version, load_reference().version)


def begin(intent: Intent, late: timedelta = timedelta()) -> int | None:
    number, _ = step(done=None, intent=intent, now=NOW + late, worker="w")
    return number


def test_an_intent_that_begins_is_in_the_ledger_with_its_attempt() -> None:
    (intent,) = claimed_one()
    assert begin(intent) == 1
    notice = Notice.objects.get()
    assert (notice.state, notice.attempts, notice.fence) == ("SENDING", 1, 1)
    attempt = Attempt.objects.get()
    told = (attempt.number, attempt.fence, attempt.worker, attempt.verdict, attempt.started_at, attempt.finished_at)
    assert told == (1, 1, "w", "", NOW, None)


def how_a_step_reads(table: str) -> list[str]:
    """The lines of its kept plan, made under statistics that call the ledger empty, in which it reads that table."""
    forget_statistics()
    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(parameter_types) FROM pg_prepared_statements WHERE name = 'reminders_step'")
        nothing = ", ".join(["NULL"] * cursor.fetchone()[0])
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        # However large earlier tests have left the tables: an index costs more, and is taken only for want of a choice.
        cursor.execute("SET LOCAL random_page_cost = 10000")
        cursor.execute(f"EXPLAIN EXECUTE reminders_step ({nothing})")
        return [line for (line,) in cursor.fetchall() if table in line and ("Scan" in line or "Lookup" in line)]


def test_a_step_goes_by_an_index_though_the_ledger_was_empty_when_it_was_planned() -> None:
    """Fails without `enable_seqscan` in `sign`: each message of a first batch then reads the attempts of all before."""
    (intent,) = claimed_one()
    begin(intent)
    assert [line.split("(")[0].strip() for line in how_a_step_reads("reminders_attempt ")] == [
        "->  Index Scan using attempt_once on reminders_attempt"
    ]
    give_back_connection()
    assert "Seq Scan" in str(how_a_step_reads("reminders_attempt "))


def facts_move(intent: Intent) -> None:
    Intermediary.objects.filter(pk=intent.claimed.intermediary_id).update(name="Autre nom")


def reference_moves(_: Intent) -> None:
    shifted(2030, due_on=date(2030, 2, 27))


def is_paused(intent: Intent) -> None:
    pause_batch(batch_id=intent.claimed.batch_id, by=person("planner"))


def is_cancelled(intent: Intent) -> None:
    cancel_batch(batch_id=intent.claimed.batch_id, by=person("planner"), now=NOW)


def ceiling_falls(_: Intent) -> None:
    # As nobody can: the database lets a ceiling only grow.
    with pgtrigger.ignore("reminders.Batch:batch_steps_one_at_a_time"):  # type: ignore[no-untyped-call]
        Batch.objects.update(ceiling=0)


def is_stopped(_: Intent) -> None:
    stop_sending(reason="essai", by=None, now=NOW)


def switch_is_lost(_: Intent) -> None:
    lose_the_row(StopSwitch)


def pace_is_lost(_: Intent) -> None:
    Pace.objects.all().delete()


def is_armed_elsewhere(_: Intent) -> None:
    SenderIdentity.objects.update(epoch=uuid4())


def identity_is_restored(_: Intent) -> None:
    """The same words, written by another transaction."""
    SenderIdentity.objects.update(timeline=F("timeline"))


def identity_is_lost(_: Intent) -> None:
    lose_the_row(SenderIdentity)


def connection_is_not_the_senders(_: Intent) -> None:
    sign("", "")


def is_taken_over(intent: Intent) -> None:
    return_claims([intent.claimed], worker="w", now=NOW)
    claim(worker="other", size=1, now=NOW, batch_id=None)


def is_given_back(intent: Intent) -> None:
    return_claims([intent.claimed], worker="w", now=NOW)


def its_waves_are_given_up(intent: Intent) -> None:
    # As nobody can: the database keeps what a notice that may still leave holds.
    with pgtrigger.ignore("reminders.NoticeItem:noticeitem_sent_stays_held"):  # type: ignore[no-untyped-call]
        NoticeItem.objects.filter(notice=intent.claimed.id).update(held=False)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        (its_waves_are_given_up, Refusal.UNHELD),
        (facts_move, Refusal.FACTS_MOVED),
        (reference_moves, Refusal.FACTS_MOVED),
        (is_paused, Refusal.HELD),
        (is_cancelled, Refusal.LOST),
        (ceiling_falls, Refusal.HELD),
        (is_stopped, Refusal.HELD),
        (switch_is_lost, Refusal.HELD),
        (pace_is_lost, Refusal.HELD),
        (is_armed_elsewhere, Refusal.DISARMED),
        (identity_is_restored, Refusal.DISARMED),
        (identity_is_lost, Refusal.DISARMED),
        (connection_is_not_the_senders, Refusal.DISARMED),
        (is_taken_over, Refusal.LOST),
        (is_given_back, Refusal.LOST),
    ],
)
def test_i1_i7_i13_each_thing_that_moved_since_the_claim_forbids_the_intent(
    change: Callable[[Intent], None], refusal: Refusal
) -> None:
    """Fails without the condition in `_STEP` that looks at the thing in question."""
    (intent,) = claimed_one()
    change(intent)
    before = Notice.objects.values_list("state", "fence", "attempts").get()
    assert begin(intent) is None
    assert Notice.objects.values_list("state", "fence", "attempts").get() == before
    assert Attempt.objects.count() == 0
    assert why_not(intent.claimed, now=NOW) is refusal


def test_an_intent_past_the_last_useful_instant_does_not_begin() -> None:
    """Fails without `n.not_after >= …` in `_STEP`."""
    (intent,) = claimed_one()
    late = intent.claimed.not_after - NOW + timedelta(microseconds=1)
    assert begin(intent, late) is None
    assert why_not(intent.claimed, now=NOW + late) is Refusal.TOO_LATE
    assert begin(intent, intent.claimed.not_after - NOW) == 1


def test_one_commit_records_the_outcome_before_and_begins_the_next() -> None:
    first, second = claimed_one(2)
    number = begin(first)
    assert number is not None
    done = outcome_of(first.claimed, number, ACCEPTED, now=NOW, jitter=0)
    assert step(done=done, intent=second, now=NOW, worker="w") == (1, True)
    assert dict(Notice.objects.values_list("rank", "state")) == {1: "ACCEPTED", 2: "SENDING"}


def test_i4_an_outcome_is_recorded_even_where_the_next_intent_is_refused() -> None:
    """Fails if the two halves of `_STEP` depended on each other."""
    first, second = claimed_one(2)
    number = begin(first)
    assert number is not None
    stop_sending(reason="essai", by=None, now=NOW)
    done = outcome_of(first.claimed, number, ACCEPTED, now=NOW, jitter=0)
    assert step(done=done, intent=second, now=NOW, worker="w") == (None, True)
    assert dict(Notice.objects.values_list("rank", "state")) == {1: "ACCEPTED", 2: "CLAIMED"}


def test_i4_an_outcome_under_an_old_fence_is_kept_with_the_attempt_and_moves_nothing() -> None:
    """Fails without `fence = …` in the `done` part of `_STEP`."""
    (intent,) = claimed_one()
    number = begin(intent)
    assert number is not None
    Notice.objects.update(fence=7)
    done = outcome_of(intent.claimed, number, ACCEPTED, now=NOW, jitter=0)
    assert step(done=done, intent=None, now=None, worker="w") == (None, False)
    assert Notice.objects.get().state == "SENDING"
    assert Attempt.objects.get().verdict == "ACCEPTED"


def test_an_outcome_told_twice_is_recorded_once() -> None:
    """Fails without `verdict = ''` in the `told` part of `_STEP`: the ledger's trigger would raise."""
    (intent,) = claimed_one()
    number = begin(intent)
    assert number is not None
    done = outcome_of(intent.claimed, number, ACCEPTED, now=NOW, jitter=0)
    assert step(done=done, intent=None, now=None, worker="w") == (None, True)
    later = replace(done, finished_at=NOW + timedelta(hours=1), verdict=Verdict.UNCERTAIN)
    assert step(done=later, intent=None, now=None, worker="w") == (None, False)
    attempt = Attempt.objects.get()
    assert (attempt.verdict, attempt.finished_at, attempt.stage) == ("ACCEPTED", NOW, Stage.DOT)


def test_a_deferred_outcome_says_when_and_expires_where_that_is_too_late() -> None:
    """Fails without the `not_after` given to `next_attempt` in reminders/sending/outcome.py."""
    (intent,) = claimed_one()
    soon = outcome_of(intent.claimed, 1, LATER, now=NOW, jitter=0)
    assert (soon.state, soon.not_before, soon.settled_at) == ("DEFERRED", NOW + timedelta(minutes=5), None)
    end = intent.claimed.not_after - timedelta(minutes=4)
    late = outcome_of(intent.claimed, 1, LATER, now=end, jitter=0)
    assert (late.state, late.not_before, late.settled_at) == ("EXPIRED", None, end)


def test_what_expires_at_its_last_try_says_why() -> None:
    """Fails without the evidence in `_STEP`."""
    (intent,) = claimed_one()
    number = begin(intent)
    assert number is not None
    end = intent.claimed.not_after - timedelta(minutes=4)
    done = outcome_of(intent.claimed, number, LATER, now=end, jitter=0)
    assert step(done=done, intent=None, now=None, worker="w") == (None, True)
    evidence = Notice.objects.get().evidence or {}
    assert datetime.fromisoformat(evidence.pop("not_after")) == intent.claimed.not_after
    assert evidence == {"code": 451, "reply": LATER.text}


@pytest.mark.parametrize(
    ("reply", "state", "settled"),
    [(ACCEPTED, "ACCEPTED", True), (LOST_AFTER_DOT, "UNCERTAIN", True), (SERVER_DOWN, "PLANNED", False)],
)
def test_only_what_came_to_its_end_is_settled(reply: object, state: str, settled: bool) -> None:
    (intent,) = claimed_one()
    outcome = outcome_of(intent.claimed, 1, reply, now=NOW, jitter=0)  # type: ignore[arg-type]
    assert (outcome.state, outcome.settled_at) == (state, NOW if settled else None)
    assert states(Batch.objects.get()) == {"CLAIMED": 1}
