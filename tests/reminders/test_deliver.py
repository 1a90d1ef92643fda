"""deliver(): what becomes of each message, in the ledger and in its attempts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from reminders.messages.tokens import mail_token
from reminders.models import Attempt, Batch, Notice, NoticeItem
from reminders.planning.approval import resume_batch
from reminders.rules.smtp_replies import SmtpReply, Stage
from reminders.sending import deliver as engine_module
from reminders.sending.claim import reap
from reminders.sending.deliver import Delivery, Halt
from reminders.sending.step import step
from tests.factories import NOW
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    LOST_AFTER_DOT,
    LOST_BEFORE_DOT,
    NO_SUCH_USER,
    POLICY,
    SERVER_DOWN,
    RecordingTransport,
    clock_at,
    due_file,
    elsewhere,
    engine,
    header,
    notice_of,
    person,
    planned_batch,
    released_batch,
    run_leases_out,
    send,
    states,
    verdicts,
)

pytestmark = pytest.mark.django_db(transaction=True)

REPLIES: list[tuple[SmtpReply, str, str]] = [
    (ACCEPTED, "ACCEPTED", "ACCEPTED"),
    (NO_SUCH_USER, "REFUSED", "REFUSED_ADDRESS"),
    (POLICY, "REFUSED", "REFUSED_OURS"),
    (LATER, "DEFERRED", "DEFERRED"),
    (LOST_BEFORE_DOT, "DEFERRED", "DEFERRED"),
    (LOST_AFTER_DOT, "UNCERTAIN", "UNCERTAIN"),
    (SmtpReply(Stage.DOT, 451, "4.3.0", "4.3.0 queue full"), "DEFERRED", "DEFERRED"),
]


def test_each_reply_leaves_its_own_state_in_the_ledger_and_its_own_words_in_the_attempt() -> None:
    """Fails without the line of reminders/sending/outcome.py that maps the verdict in question."""
    batch = released_batch(len(REPLIES))
    send(RecordingTransport([reply for reply, _, _ in REPLIES]))
    rows = Attempt.objects.filter(notice__batch=batch).order_by("notice__rank")
    found = [(a.notice.state, a.verdict, a.stage, a.code, a.reply, a.number, a.finished_at) for a in rows]
    assert found == [(state, verdict, reply.stage, reply.code, reply.text, 1, NOW) for reply, state, verdict in REPLIES]
    settled = Notice.objects.filter(batch=batch, settled_at=NOW).values_list("state", flat=True)
    assert Counter(settled) == {"ACCEPTED": 1, "REFUSED": 2, "UNCERTAIN": 1}
    assert not Notice.objects.filter(batch=batch, lease_until__isnull=False).exists()
    assert set(NoticeItem.objects.filter(notice__batch=batch).values_list("held", flat=True)) == {True}


def test_whoever_has_the_connection_after_a_delivery_may_read_whole_tables_again() -> None:
    """Fails without `give_back_connection`: a worker of the queue plans and sends by one connection."""
    released_batch(1)
    send()
    with connection.cursor() as cursor:
        cursor.execute("SHOW enable_seqscan")
        assert cursor.fetchone() == ("on",)


def test_the_delivery_counts_what_it_did() -> None:
    released_batch(len(REPLIES))
    delivery = send(RecordingTransport([reply for reply, _, _ in REPLIES]))
    assert +delivery.counts == {"ACCEPTED": 1, "REFUSED": 2, "DEFERRED": 3, "UNCERTAIN": 1}
    assert delivery.halt is None


def test_an_outcome_that_the_next_intent_did_not_carry_is_written_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the second `step` in `_commit`: what was sent would be doubtful once its lease has run out."""
    batch = released_batch(3)

    def losing(*, done: Any, intent: Any, **rest: Any) -> tuple[int | None, bool]:
        return step(done=None if intent else done, intent=intent, **rest)

    monkeypatch.setattr(engine_module, "step", losing)
    assert +send(RecordingTransport([ACCEPTED] * 3)).counts == {"ACCEPTED": 3}
    assert states(batch) == verdicts(batch) == {"ACCEPTED": 3}


def test_a_message_goes_to_the_frozen_address_under_the_identity_of_its_notice() -> None:
    someone = due_file("07001234", email="cabinet@example.org")
    released_batch()
    transport = RecordingTransport()
    send(transport)
    (sent,) = transport.sent
    notice = notice_of(someone)
    assert (sent.sender, sent.recipient) == ("ne-pas-repondre@registre.example", "cabinet@example.org")
    assert sent.key == notice.key
    assert header(sent.message, "Message-ID") == f"<{mail_token(notice.key)}@registre.example>"
    assert transport.closed == 1


def test_i2_a_second_run_sends_nothing() -> None:
    """Fails if `_CLAIM` took notices of any state: the filter on PLANNED and DEFERRED."""
    batch = released_batch(3)
    send()
    again = RecordingTransport()
    assert +send(again).counts == {}
    assert again.sent == []
    assert states(batch) == {"ACCEPTED": 3}


def test_i2_what_was_uncertain_or_refused_is_not_sent_again_nor_planned_again() -> None:
    """Fails if the UNCERTAIN or REFUSED were claimable, or freed their waves."""
    released_batch(2)
    send(RecordingTransport([LOST_AFTER_DOT, NO_SUCH_USER]))
    again = RecordingTransport()
    send(again)
    assert again.sent == []
    with pytest.raises(AssertionError, match="ALREADY_REMINDED"):
        planned_batch()


def test_i4_the_intent_is_committed_before_the_server_hears_a_word() -> None:
    """Fails if `_send` came before `_commit` in `_Sender._begin`, or if the intent were left uncommitted."""
    batch = released_batch(2)
    seen: list[tuple[dict[str, int], int]] = []

    def look(_: int) -> None:
        seen.append(elsewhere(lambda: (dict(states(batch)), Attempt.objects.filter(verdict="").count())))

    send(RecordingTransport(before=look))
    assert seen == [({"SENDING": 1, "CLAIMED": 1}, 1), ({"ACCEPTED": 1, "SENDING": 1}, 1)]


def test_it_refuses_to_run_inside_a_transaction() -> None:
    """Fails without the check at the head of deliver(): the intents would be rolled back with the transaction."""
    released_batch(1)
    transport = RecordingTransport()
    with transaction.atomic(), pytest.raises(RuntimeError, match="inside a transaction"):
        send(transport)
    assert transport.sent == []


def test_i4_an_outcome_is_not_lost_when_the_next_intent_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `self.pending = done` in `_Sender._commit`, or without the flush in `one_chunk`."""
    batch = released_batch(3)
    begun: list[object] = []

    def failing_step(**values: Any) -> tuple[int | None, bool]:
        begun.extend([values["intent"]] if values["intent"] else [])
        if len(begun) == 2 and values["intent"]:
            raise RuntimeError("the database hiccupped")
        return step(**values)

    monkeypatch.setattr(engine_module, "step", failing_step)
    with pytest.raises(RuntimeError, match="hiccupped"):
        send()
    assert states(batch) == {"ACCEPTED": 1, "PLANNED": 2}
    assert verdicts(batch) == {"ACCEPTED": 1}


def test_i4_a_transport_that_breaks_costs_one_notice_and_gives_the_rest_back() -> None:
    """Fails without the `finally` of `one_chunk`: the others would hang CLAIMED until their leases run out."""
    batch = released_batch(3)

    def break_down(already: int) -> None:
        if already == 1:
            raise MemoryError

    with pytest.raises(MemoryError):
        send(RecordingTransport(before=break_down))
    assert states(batch) == {"ACCEPTED": 1, "SENDING": 1, "PLANNED": 1}


def test_i4_a_late_result_is_kept_with_the_attempt_and_changes_the_state_no_more() -> None:
    """Fails without `n.fence = m.fence` and `n.state = m.before` in `_STEP`."""
    batch = released_batch(1)

    def overtaken(_: int) -> None:
        run_leases_out(batch)
        elsewhere(lambda: reap(now=NOW))

    delivery = send(RecordingTransport(before=overtaken))
    assert states(batch) == {"UNCERTAIN": 1}
    assert verdicts(batch) == {"ACCEPTED": 1}
    assert +delivery.counts == {}


def test_i8_the_sum_is_right_between_any_two_messages() -> None:
    """Fails if a notice could be lost or counted twice on its way: each has one state, and they add up."""
    batch = released_batch(len(REPLIES))
    sums: list[int] = []
    transport = RecordingTransport(
        [reply for reply, _, _ in REPLIES], before=lambda _: sums.append(elsewhere(lambda: states(batch)).total())
    )
    delivery = send(transport)
    assert sums == [batch.planned] * batch.planned
    assert states(batch).total() == batch.planned == delivery.counts.total()


def test_a_mail_server_that_takes_nobody_holds_the_batch_and_burns_no_recipient() -> None:
    """Fails without the call of `_hold`: 3 recipients would be tried in vain, and again each minute."""
    batch = released_batch(3)
    transport = RecordingTransport([ACCEPTED, SERVER_DOWN])
    delivery = send(transport)
    assert len(transport.sent) == 2
    assert (delivery.halt, delivery.detail) == (Halt.SMTP_DOWN, "connexion\u00a0: " + SERVER_DOWN.text)
    assert states(batch) == {"ACCEPTED": 1, "PLANNED": 2}
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", "SMTP_DOWN")


def test_after_the_mail_server_is_back_the_held_batch_goes_on_where_it_stood() -> None:
    batch = released_batch(3)
    send(RecordingTransport([ACCEPTED, SERVER_DOWN]))
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW, reason="le serveur va de nouveau")
    again = RecordingTransport()
    send(again)
    assert (len(again.sent), states(batch)) == (2, {"ACCEPTED": 3})


def test_a_batch_is_complete_when_its_last_notice_is_settled() -> None:
    """Fails without `end_steps`."""
    batch = released_batch(2)
    send(RecordingTransport([ACCEPTED, LATER]))
    assert Batch.objects.get().state == "RELEASING"
    send(clock=clock_at(NOW + timedelta(minutes=10)))
    batch.refresh_from_db()
    assert (batch.state, batch.ended_at) == ("COMPLETED", NOW + timedelta(minutes=10))


def test_progress_is_told_while_it_goes_on() -> None:
    released_batch(1)
    told: list[int] = []

    def tell(delivery: Delivery) -> None:
        told.append(delivery.counts.total())

    engine_module.deliver(
        worker="w",
        engine=engine(),
        transport=RecordingTransport(),
        clock=clock_at(),
        on_progress=tell,
    )
    assert told == [0, 1], "after the message, whose outcome is not written yet, and after the chunk"
