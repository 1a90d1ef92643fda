"""I1: a reminder leaves only if the source rows, as they are at that moment, still say that it is due."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from psycopg.errors import LockNotAvailable

from registry.actions import accept_cover, change_contact, shift_campaign
from registry.facts import load_reference
from registry.models import Cover, Intermediary
from registry.rules.categories import CoverKind
from reminders.ledger import load_policy
from reminders.models import Batch, Notice, NoticeItem, Wave
from reminders.planning.assess import Circumstances, assess
from reminders.rules.eligibility import SkipReason
from reminders.rules.identity import WaveKey
from reminders.sending import deliver as engine_module
from reminders.sending import readying
from reminders.sending.claim import claim
from reminders.sending.deliver import TRIES_ON_MOVING_FACTS, WHILE_FACTS_MOVE, Delivery
from reminders.sending.readying import withdrawal
from reminders.sending.step import Intent, step
from tests.factories import NOW
from tests.reminders.scenes import (
    DAY,
    RecordingTransport,
    clock_at,
    complete_file,
    due_file,
    elsewhere,
    engine,
    notice_of,
    person,
    planned_batch,
    released_batch,
    renew,
    send,
    sign_as_the_sender,
    states,
)
from tests.removing import ordered

pytestmark = pytest.mark.django_db(transaction=True)

ACT: dict[str, Any] = {"by": None, "why": "essai", "day": DAY}


def move(dates: dict[str, date]) -> None:
    shift_campaign(by=person("registrar"), reason="essai", act_reference="CI-2026-D1", now=NOW, year=2026, dates=dates)


def remove(someone: Intermediary) -> None:
    ordered(someone.registrations.get(), DAY)


def suspend(someone: Intermediary) -> None:
    ordered(someone.registrations.get(), DAY, "SUSPENSION")


def deposit(someone: Intermediary) -> None:
    renew(someone, deposited=True)


def move_away(someone: Intermediary) -> None:
    change_contact(**ACT, intermediary=someone, email="neu@example.org")


def lose_the_address(someone: Intermediary) -> None:
    change_contact(**ACT, intermediary=someone, email="")


CHANGES: dict[str, Callable[[Intermediary], object]] = {
    "COMPLETE": renew,
    "AWAITING_REVIEW": deposit,
    "SUSPENDED": suspend,
    "REMOVED": remove,
    "FACTS_CHANGED": move_away,
    "NO_EMAIL": lose_the_address,
}


def test_i1_i3_what_happened_between_the_plan_and_the_sending_withdraws_the_mail_for_its_own_reason() -> None:
    """Fails without `if reason := withdrawal(…)` in `_one_notice`."""
    people = {reason: due_file() for reason in CHANGES}
    unchanged = due_file()
    batch = released_batch()
    for reason, change in CHANGES.items():
        change(people[reason])
    transport = RecordingTransport()
    delivery = send(transport)
    assert {reason: notice_of(someone).reason for reason, someone in people.items()} == {r: r for r in CHANGES}
    assert transport.recipients == [unchanged.email]
    assert states(batch) == {"SKIPPED": len(CHANGES), "ACCEPTED": 1}
    assert +delivery.counts == states(batch)


def test_i3_a_complete_file_is_in_no_batch_at_all() -> None:
    complete_file()
    someone = due_file()
    batch = released_batch()
    assert list(batch.notices.values_list("intermediary", flat=True)) == [someone.pk]


def test_i1_a_mail_whose_words_would_differ_from_the_approved_ones_is_withdrawn() -> None:
    """Fails without `claimed.body_digest == one.digest` in `withdrawal`: it is due still, in other words."""
    someone = due_file(categories=("COA", "CIF"))
    released_batch()
    Cover.objects.filter(intermediary=someone).update(categories=["COA"])
    transport = RecordingTransport()
    send(transport)
    assert transport.sent == []
    assert (notice_of(someone).state, notice_of(someone).reason) == ("SKIPPED", "FACTS_CHANGED")


def test_i1_each_thing_that_was_approved_must_still_be_so_word_for_word() -> None:
    """Fails without the comparison in `withdrawal` of the thing in question: address, words, waves."""
    due_file()
    released_batch()
    (claimed,) = claim(worker="w", size=1, now=NOW, batch_id=None)
    circumstances = Circumstances(DAY, load_reference(), load_policy(gap_days=5), engine().letterhead)
    one = assess([claimed.intermediary_id], circumstances, without=[claimed.id])[claimed.intermediary_id]
    assert withdrawal(claimed, one) is None
    other_wave = frozenset({WaveKey(CoverKind.RC_PRO, date(2026, 2, 28), "D-15")})
    for other in (
        replace(claimed, email="old@example.org"),
        replace(claimed, body_digest="0" * 64),
        replace(claimed, waves=claimed.waves | other_wave),
    ):
        assert withdrawal(other, one) is SkipReason.FACTS_CHANGED


def test_i1_a_campaign_moved_by_decree_withdraws_every_mail_that_is_no_longer_due() -> None:
    """Fails if deliver() kept the plan's reference rows instead of loading them again."""
    batch = released_batch(2)
    move(dict.fromkeys(("due_on", "tolerated_until", "expires_on"), date(2026, 4, 30)))
    transport = RecordingTransport()
    send(transport)
    assert transport.sent == []
    assert set(batch.notices.values_list("state", "reason")) == {("SKIPPED", "NOT_DUE")}


def test_i1_a_wave_that_was_switched_off_is_not_sent() -> None:
    """Fails if deliver() kept the plan's policy instead of loading the waves again."""
    released_batch(1)
    Wave.objects.update(active=False)
    transport = RecordingTransport()
    send(transport)
    assert (transport.sent, Notice.objects.get().reason) == ([], "NO_WAVE_LEFT")


def test_a_withdrawn_mail_frees_its_waves_and_says_what_it_was_decided_on() -> None:
    someone = due_file()
    released_batch()
    renew(someone)
    send()
    someone.refresh_from_db()
    assert not NoticeItem.objects.get().held
    notice = notice_of(someone)
    assert notice.evidence == {"facts_version": someone.facts_version, "status": "IN_ORDER"}
    assert notice.settled_at == NOW


def test_i1_a_paper_accepted_between_the_decision_and_the_intent_withdraws_the_mail(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `file.facts_version = …` in `_STEP`: the decision had been made on the old file."""
    someone = due_file()
    paper = renew(someone, deposited=True)
    Cover.objects.filter(pk=paper.pk).update(status="WITHDRAWN")
    released_batch()

    def accepted_meanwhile(**values: Any) -> tuple[int | None, bool]:
        if values["intent"]:
            elsewhere(lambda: Cover.objects.filter(pk=paper.pk).update(status="ACCEPTED"))
        return step(**values)

    monkeypatch.setattr(engine_module, "step", accepted_meanwhile)
    transport = RecordingTransport()
    send(transport)
    assert (transport.sent, notice_of(someone).reason) == ([], "COMPLETE")


def test_i1_an_intent_waits_for_an_acceptance_that_is_being_committed_and_then_gives_way(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `FOR SHARE` in `_STEP`: the intent would not see what is not committed yet, and go first."""
    someone = due_file()
    released_batch()
    changed, asked = threading.Event(), threading.Event()

    def slow_acceptance() -> None:
        with transaction.atomic():
            renew(someone)
            changed.set()
            assert asked.wait(10)
            # The intent is under way; it must find the lock before this commits.
            threading.Event().wait(0.15)

    def step_meanwhile(**values: Any) -> tuple[int | None, bool]:
        asked.set()
        return step(**values)

    monkeypatch.setattr(engine_module, "step", step_meanwhile)
    monkeypatch.setattr(readying, "assess", _assessed_before(changed, assess, slow_acceptance))
    transport = RecordingTransport()
    send(transport)
    assert (transport.sent, notice_of(someone).reason) == ([], "COMPLETE")


def _assessed_before(changed: threading.Event, real: Any, acceptance: Callable[[], None]) -> Any:
    """The real assessment; right after the first one an acceptance begins elsewhere and holds the file."""

    def assessed(*args: Any, **values: Any) -> Any:
        found = real(*args, **values)
        if not changed.is_set():
            threading.Thread(target=_closing(acceptance), daemon=True).start()
            assert changed.wait(10)
        return found

    return assessed


def _closing(work: Callable[[], None]) -> Callable[[], None]:
    def run() -> None:
        try:
            work()
        finally:
            connection.close()

    return run


def test_i1_an_acceptance_waits_for_an_intent_that_is_being_committed() -> None:
    """Fails without the lock on the file's row in `_STEP`: the two could both believe to have been first."""
    someone = due_file()
    paper = renew(someone, deposited=True)
    Cover.objects.filter(pk=paper.pk).update(status="WITHDRAWN")
    released_batch()
    Cover.objects.filter(pk=paper.pk).update(status="DEPOSITED")
    someone.refresh_from_db()
    sign_as_the_sender()
    (claimed,) = claim(worker="w", size=1, now=NOW, batch_id=None)

    def accept_at_once() -> None:
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '100ms'")
        accept_cover(**ACT, cover=paper)

    with transaction.atomic():
        version = load_reference().version
        number, _ = step(done=None, intent=Intent(claimed, someone.facts_version, version), now=NOW, worker="w")
        assert number == 1
        with pytest.raises(Exception, match="lock timeout") as stopped:
            elsewhere(accept_at_once)
    assert isinstance(stopped.value.__cause__, LockNotAvailable)
    elsewhere(accept_at_once)
    assert notice_of(someone).state == "SENDING"


def test_a_file_that_never_holds_still_is_tried_five_times_then_left_alone_for_a_while(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails if `TRIES_ON_MOVING_FACTS` bounded nothing, or without `wait=`: the same worker would take it again at
    once, and again. The sixth intent is of a new claim, with a new fence."""
    someone = due_file()
    batch = released_batch()
    fences: list[int] = []

    def moving(**values: Any) -> tuple[int | None, bool]:
        if values["intent"]:
            fences.append(values["intent"].claimed.fence)
            if len(fences) <= TRIES_ON_MOVING_FACTS:
                elsewhere(lambda: Intermediary.objects.filter(pk=someone.pk).update(facts_version=100 + len(fences)))
        return step(**values)

    monkeypatch.setattr(engine_module, "step", moving)
    transport = RecordingTransport()
    assert send(transport).halt is None
    assert (fences, states(batch), transport.sent) == ([1] * TRIES_ON_MOVING_FACTS, {"PLANNED": 1}, [])
    assert send(transport, clock=clock_at(NOW + WHILE_FACTS_MOVE / 2)).counts.total() == 0
    send(transport, clock=clock_at(NOW + WHILE_FACTS_MOVE))
    assert fences == [1] * TRIES_ON_MOVING_FACTS + [2]
    assert len(transport.sent) == 1


def test_a_file_that_somebody_keeps_locked_holds_nobody_else_up(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `wait=`: the worker would turn round on the one file for as long as the lock lasts."""
    monkeypatch.setattr(engine_module, "TRIES_ON_MOVING_FACTS", 1)
    batch = released_batch(2)
    first = Notice.objects.get(rank=1).intermediary

    def with_the_file_locked() -> Delivery:
        with transaction.atomic():
            Intermediary.objects.select_for_update().get(pk=first.pk)
            return elsewhere(send)

    assert with_the_file_locked().halt is None
    assert states(batch) == {"PLANNED": 1, "ACCEPTED": 1}
    send(clock=clock_at(NOW + WHILE_FACTS_MOVE))
    assert states(batch) == {"ACCEPTED": 2}


def test_i2_a_notice_whose_waves_are_no_longer_its_own_is_withdrawn_and_not_turned_round_for_ever() -> None:
    """Fails without UNHELD in `why_not`: refused as if its file moved, given back, taken again, without end. Nothing
    but a hand in the database brings it about."""
    batch = released_batch(2)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "UPDATE reminders_noticeitem SET held = false WHERE notice_id IN"
            " (SELECT id FROM reminders_notice WHERE rank = 1)"
        )
        cursor.execute("SET session_replication_role = DEFAULT")
    delivery = send()
    assert +delivery.counts == {"SKIPPED": 1, "ACCEPTED": 1}
    skipped = Notice.objects.get(rank=1)
    assert skipped.evidence is not None
    assert (skipped.state, skipped.reason, skipped.evidence["refusal"]) == ("SKIPPED", "FACTS_CHANGED", "UNHELD")
    assert Batch.objects.get(pk=batch.pk).state == "COMPLETED"


def test_i1_a_mail_is_decided_for_the_day_on_which_it_leaves() -> None:
    """Fails if the day of the decision were the plan's: the suspension begins between the two."""
    due_file(suspended_on=date(2026, 2, 2))
    batch = released_batch()
    transport = RecordingTransport()
    send(transport, clock=clock_at(NOW.replace(month=2, day=2)))
    assert (transport.sent, batch.notices.get().reason) == ([], "SUSPENDED")


def test_i1_a_mail_is_decided_once_more_where_the_day_turns_within_a_chunk() -> None:
    """Fails without the day in `_begin`: what was decided before midnight leaves after it."""
    for _ in range(2):
        due_file(suspended_on=DAY + timedelta(days=1))
    batch = released_batch()
    clock = clock_at(NOW.replace(hour=22, minute=59))
    transport = RecordingTransport(before=lambda _: clock.forward(timedelta(minutes=2)))
    send(transport, clock=clock)
    assert len(transport.sent) == 1
    assert list(batch.notices.order_by("rank").values_list("state", "reason")) == [
        ("ACCEPTED", ""),
        ("SKIPPED", "SUSPENDED"),
    ]


def test_i1_what_the_pace_has_kept_waiting_is_decided_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `was_long_in_coming` in `_begin`: a slow pace sends what was decided a departure ago. The departure
    is not lost by it."""
    batch = released_batch(3)
    clock = clock_at()

    def sleep(seconds: float) -> None:
        clock.forward(timedelta(seconds=seconds))
        if clock() - NOW > timedelta(seconds=15):
            Wave.objects.update(active=False)

    monkeypatch.setattr(time, "sleep", sleep)
    left: list[datetime] = []
    send(RecordingTransport(before=lambda _: left.append(clock())), clock=clock, pace_per_hour=360)
    assert left == [NOW, NOW + timedelta(seconds=10)]
    assert states(batch) == {"ACCEPTED": 2, "SKIPPED": 1}


def test_i2_a_deadline_moved_inside_its_wave_does_not_send_the_wave_again() -> None:
    """Fails if a wave's identity were its deadline: the term of the cover does not move."""
    released_batch(1)
    send()
    move({"due_on": date(2026, 2, 27)})
    with pytest.raises(AssertionError, match="ALREADY_REMINDED"):
        planned_batch()
