"""deliver() over a real socket: what a mail server can do to a batch."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta

import pytest

from reminders.models import Attempt, Batch, Notice
from reminders.sending.deliver import Delivery, Halt, deliver
from tests.factories import NOW
from tests.races.processes import accepted_keys, session
from tests.reminders.scenes import clock_at, engine, header, released_batch, states, verdicts
from tests.smtp_server import Drop, Mail, Reply, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)


def run(server: SmtpServer, now: datetime = NOW) -> Delivery:
    return deliver(worker="w", engine=engine(), transport=session(server), clock=clock_at(now))


def key(mail: Mail) -> str:
    return header(mail.data, "X-Reminder-Key")


def test_a_storm_of_not_now_defers_everyone_and_in_the_end_everyone_has_one_mail() -> None:
    """Fails if a deferred notice were lost, retried at once, or sent under another identity."""
    batch = released_batch(6)
    with SmtpServer() as server:
        server.always("RCPT", Reply("451 4.7.1 try again later"))
        assert +run(server).counts == {"DEFERRED": 6}
        assert +run(server).counts == {}, "retried before its time"
        server.always("RCPT", Reply("250 2.1.5 ok"))
        server.always("DOT", Reply("452 4.3.1 queue full"))
        assert +run(server, NOW + timedelta(minutes=7)).counts == {"DEFERRED": 6}
        server.always("DOT", Reply("250 2.0.0 queued"))
        assert +run(server, NOW + timedelta(minutes=30)).counts == {"ACCEPTED": 6}
    assert states(batch) == {"ACCEPTED": 6}
    assert set(accepted_keys(server).values()) == {1}
    assert Counter(map(key, server.mails)) == dict.fromkeys(accepted_keys(server), 2)
    assert verdicts(batch) == {"DEFERRED": 12, "ACCEPTED": 6}
    assert list(Attempt.objects.filter(notice__rank=1).order_by("number").values_list("number", flat=True)) == [1, 2, 3]


def test_a_storm_that_does_not_end_lets_everyone_expire_and_nobody_is_written_to_late() -> None:
    batch = released_batch(2)
    with SmtpServer() as server:
        server.always("RCPT", Reply("450 4.2.1 mailbox busy"))
        now = NOW
        while Batch.objects.get().state == "RELEASING":
            run(server, now)
            now += timedelta(hours=36)
        assert server.mails == []
    assert states(batch) == {"EXPIRED": 2}
    assert Batch.objects.get().state == "COMPLETED"
    assert Notice.objects.filter(attempts__gte=5).count() == 2


def test_i4_connections_lost_before_the_dot_are_tried_again_and_those_lost_after_it_never() -> None:
    """Fails if a loss after the final dot were DEFERRED: those whom the server had accepted would get two mails."""
    batch = released_batch(4)
    with SmtpServer() as server:
        server.on("DATA", Drop())
        server.on("DOT", Drop())
        first = run(server)
        assert +first.counts == {"DEFERRED": 1, "UNCERTAIN": 1, "ACCEPTED": 2}
        second = run(server, NOW + timedelta(minutes=7))
        assert +second.counts == {"ACCEPTED": 1}
        assert +run(server, NOW + timedelta(hours=9)).counts == {}
    assert states(batch) == {"ACCEPTED": 3, "UNCERTAIN": 1}
    assert set(Counter(map(key, server.mails)).values()) == {1}


def test_a_server_that_is_gone_holds_the_batch_and_costs_one_attempt() -> None:
    batch = released_batch(3)
    with SmtpServer() as server:
        pass
    assert run(server).halt is Halt.SMTP_DOWN
    assert (states(batch), verdicts(batch)) == ({"PLANNED": 3}, {"SYSTEMIC": 1})


def test_one_connection_carries_the_whole_batch() -> None:
    released_batch(5)
    with SmtpServer() as server:
        run(server)
        assert len(server.dialogues) == 1
    assert len(server.mails) == 5
