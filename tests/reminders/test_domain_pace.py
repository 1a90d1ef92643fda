"""Pace by mail domain: the one that says "slow down" is left alone for a while, the others go on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from reminders.models import Batch, DomainPace
from reminders.models.controls import domain_sql
from reminders.rules.domain_pace import HOLDS, SPREAD
from reminders.rules.smtp_replies import SmtpReply, Stage
from reminders.rules.states import NoticeState
from reminders.sending.claim import Claimed, claim
from reminders.sending.deliver import Delivery, deliver
from reminders.sending.domain_pace import learn_pace
from tests.factories import NOW, DomainPaceFactory
from tests.races.processes import session
from tests.reminders.scenes import LATER, RecordingTransport, clock_at, due_file, engine, released_batch, send, states
from tests.smtp_server import Reply, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

SLOW_DOWN = SmtpReply(Stage.RCPT, 451, "4.7.1", "4.7.1 too many messages, slow down")
HOUR = timedelta(hours=1)


def batch_of(*addresses: str) -> Batch:
    for address in addresses:
        due_file(email=address)
    return released_batch()


def a_claim(email: str = "a@Orange.example") -> Claimed:
    batch_of(email)
    (claimed,) = claim(worker="w", size=1, now=NOW, batch_id=None)
    return claimed


def held() -> dict[str, int]:
    return dict(DomainPace.objects.values_list("domain", "failures"))


def test_others_go_on_while_one_domain_waits_and_then_it_has_its_turn() -> None:
    """A real server. Fails without NOT IN in `_CLAIM`, or without `learn_pace` in `_Sender._send`."""
    slow = [f"a{n}@orange.example" for n in range(40)]
    quick = [f"b{n}@cabinet-{n}.example" for n in range(40)]
    batch = batch_of(*slow, *quick)
    with SmtpServer() as server:
        server.for_domain("orange.example", Reply("450 4.7.1 too many connections, slow down"))

        def run(after: timedelta) -> Delivery:
            return deliver(worker="w", engine=engine(), transport=session(server), clock=clock_at(NOW + after))

        first = run(timedelta())
        assert first.counts[NoticeState.ACCEPTED] == 40, "every other domain has had its mail"
        assert 1 <= first.counts[NoticeState.DEFERRED] <= 25, "of the slow one, what the first claim held, and no more"
        assert held() == {"orange.example": 1}
        assert +run(HOLDS[0] - timedelta(seconds=1)).counts == {}
        server.for_domain("orange.example", None)
        run(HOUR)
    assert states(batch) == {"ACCEPTED": 80}


def test_a_claim_passes_over_a_domain_that_is_held_whatever_its_capitals_and_not_a_moment_longer() -> None:
    """Fails without `lower` in `domain_sql`."""
    batch_of("a@ORANGE.example", "b@free.example")
    DomainPaceFactory(domain="orange.example", not_before=NOW + timedelta(seconds=1))
    assert [c.email for c in claim(worker="w", size=9, now=NOW, batch_id=None)] == ["b@free.example"]
    later = NOW + timedelta(seconds=1)
    assert [c.email for c in claim(worker="w", size=9, now=later, batch_id=None)] == ["a@ORANGE.example"]


def test_each_hold_in_a_row_is_longer_and_the_last_goes_on() -> None:
    claimed, now, holds = a_claim(), NOW, []
    for _ in range(len(HOLDS) + 2):
        learn_pace(claimed, SLOW_DOWN, now=now, jitter=0.0)
        until = DomainPace.objects.get().not_before
        holds.append(until - now)
        now = until
    assert holds == [*HOLDS, HOLDS[-1], HOLDS[-1]]


def test_jitter_lengthens_a_hold() -> None:
    learn_pace(a_claim(), SLOW_DOWN, now=NOW, jitter=0.5)
    assert DomainPace.objects.get().not_before == NOW + HOLDS[0] * (1 + SPREAD / 2)


def test_what_was_in_flight_when_a_hold_began_adds_nothing_to_it() -> None:
    """Fails without the WHERE of the upsert: ten messages under way would make it an hour."""
    claimed = a_claim()
    for second in range(10):
        learn_pace(claimed, SLOW_DOWN, now=NOW + timedelta(seconds=second), jitter=0.0)
    assert held() == {"orange.example": 1}
    assert DomainPace.objects.get().not_before == NOW + HOLDS[0]


def test_an_accepted_message_clears_the_account() -> None:
    """Fails without the CASE of the upsert."""
    batch = batch_of("a@orange.example", "b@orange.example", "c@orange.example")
    send(RecordingTransport([SLOW_DOWN, SLOW_DOWN, SLOW_DOWN]))
    DomainPace.objects.update(failures=5)
    send(RecordingTransport([SmtpReply(Stage.DOT, 250, None, "ok"), SLOW_DOWN, LATER]), clock=clock_at(NOW + HOUR))
    assert states(batch) == {"ACCEPTED": 1, "DEFERRED": 2}
    assert held() == {"orange.example": 1}


def test_greylisting_and_what_is_accepted_hold_no_domain() -> None:
    batch_of("a@orange.example", "b@orange.example")
    send(RecordingTransport([LATER]))
    assert held() == {}


def test_two_machines_learn_one_lesson() -> None:
    claimed = a_claim()
    for _ in "ab":
        learn_pace(claimed, SLOW_DOWN, now=NOW, jitter=0.0)
    assert held() == {"orange.example": 1}


@pytest.mark.parametrize(
    ("email", "domain"), [("a@b.fr", "b.fr"), ("A.B+c@Sous.Domaine.FR", "sous.domaine.fr"), ("nobody", "")]
)
def test_the_domain_of_an_address(email: str, domain: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {domain_sql('%s')}", [email])
        assert cursor.fetchone() == (domain,)
