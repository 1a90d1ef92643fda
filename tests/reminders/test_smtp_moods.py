"""Every mood of a mail server that is the same for all: the batch is held under an alarm, and no recipient is burnt."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from reminders.models import Alarm, Attempt, Batch, Watch
from reminders.planning.approval import resume_batch
from reminders.planning.watch import watch_releases
from reminders.rules.smtp_replies import SmtpReply, Stage
from reminders.sending import company
from reminders.sending.deliver import Delivery, Halt, deliver
from reminders.sending.transport import SmtpSession, Timeouts
from settings.mail import SmtpSettings
from tests.factories import NOW
from tests.races.processes import accepted_keys
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    POLICY,
    RecordingTransport,
    clock_at,
    due_file,
    engine,
    person,
    released_batch,
    send,
    states,
    verdicts,
)
from tests.reminders.test_transport_security import TLS_FILES
from tests.smtp_server import Action, Drop, Hang, Reply, SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

SHORT = Timeouts(connect=1.0, command=0.3, body=1.0, dot=0.3)
LATE = NOW + timedelta(minutes=30)

Mood = tuple[str, Action]
NOBODY: dict[str, tuple[dict[str, Any], Mood, str]] = {
    "421 at the greeting": ({}, ("GREETING", Reply("421 4.3.2 too busy")), "GREETING"),
    "554 at the greeting": ({}, ("GREETING", Reply("554 5.7.1 your address is listed")), "GREETING"),
    "hangs up before the greeting": ({}, ("CONNECT", Drop()), "GREETING"),
    "silent": ({}, ("GREETING", Hang()), "GREETING"),
    "password refused": ({"username": "u", "password": "p"}, ("AUTH", Reply("535 5.7.8 no")), "AUTH"),
    "no TLS on offer": ({"tls": "starttls"}, ("GREETING", Reply("220 hello")), "TLS"),
    "asks for authentication": ({}, ("MAIL", Reply("530 5.7.0 authentication required")), "MAIL"),
    "our sender refused": ({}, ("MAIL", Reply("550 5.7.1 sender denied by policy")), "MAIL"),
}
FOR_ALL: dict[str, Mood] = {
    "policy at RCPT": ("RCPT", Reply("554 5.7.1 relay access denied")),
    "policy at RCPT in bare words": ("RCPT", Reply("550 blocked by policy")),
    "policy at DATA": ("DATA", Reply("550 5.7.1 not from you")),
    "policy after the dot": ("DOT", Reply("550-5.7.26 unauthenticated\r\n550 5.7.26 mail is refused")),
    "content after the dot": ("DOT", Reply("554 5.6.0 not like this")),
}


def run(server: SmtpServer, minutes: int = 0, **settings: Any) -> Delivery:
    smtp = SmtpSettings(server.host, server.port, **settings)
    transport = SmtpSession(smtp, SHORT, local_hostname="client.example")
    return deliver(worker="w", engine=engine(), transport=transport, clock=clock_at(NOW + timedelta(minutes=minutes)))


def held(batch: Batch) -> tuple[str, str, list[str]]:
    batch.refresh_from_db()
    alarms = Alarm.objects.filter(closed_at=None).values_list("code", flat=True)
    return batch.state, batch.pause_reason, list(alarms)


@pytest.mark.parametrize("mood", NOBODY)
def test_a_server_that_serves_nobody_holds_the_batch_and_burns_no_recipient(mood: str) -> None:
    """Fails without the session stages, AUTH_CODES or MAIL being SYSTEMIC, or without `_hold`."""
    settings, (stage, action), at = NOBODY[mood]
    batch = released_batch(4)
    with SmtpServer(["AUTH PLAIN"] if settings.get("username") else []) as server:
        server.always(stage, action)
        delivery = run(server, **settings)
        assert (delivery.halt, server.mails) == (Halt.SMTP_DOWN, [])
    assert held(batch) == ("PAUSED", "SMTP_DOWN", ["SMTP_DOWN"])
    assert (states(batch), verdicts(batch)) == ({"PLANNED": 4}, {"SYSTEMIC": 1})
    assert Attempt.objects.get().stage == at


def test_a_certificate_of_somebody_else_holds_the_batch() -> None:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS_FILES / "certificate.pem", TLS_FILES / "key.pem")
    batch = released_batch(2)
    with SmtpServer(["STARTTLS"], tls=context) as server:
        assert run(server, tls="starttls").halt is Halt.SMTP_DOWN
        assert server.mails == []
    assert (states(batch), held(batch)[:2]) == ({"PLANNED": 2}, ("PAUSED", "SMTP_DOWN"))
    assert "CERTIFICATE_VERIFY_FAILED" in Attempt.objects.get().reply


@pytest.mark.parametrize("mood", FOR_ALL)
def test_a_server_that_refuses_everyone_holds_the_batch_and_burns_no_recipient(mood: str) -> None:
    """Fails without `judge_in_company`: every recipient in turn would be refused, for good."""
    stage, action = FOR_ALL[mood]
    batch = released_batch(6)
    with SmtpServer() as server:
        server.always(stage, action)
        assert run(server).halt is Halt.SMTP_DOWN
        assert held(batch) == ("PAUSED", "SMTP_DOWN", ["SMTP_DOWN"])
        assert states(batch) == {"DEFERRED": 2, "PLANNED": 4}
        assert verdicts(batch) == {"DEFERRED": 2, "SYSTEMIC": 1}

        server.always(stage, Reply({"RCPT": "250 ok", "DATA": "354 go", "DOT": "250 ok"}[stage]))
        resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="le serveur va de nouveau")
        run(server, minutes=30)
    assert states(batch) == {"ACCEPTED": 6}
    assert set(accepted_keys(server).values()) == {1}


PUTS_OFF: dict[str, Mood] = {
    "4yz at MAIL": ("MAIL", Reply("452 4.3.1 Insufficient system storage")),
    "slow down at MAIL": ("MAIL", Reply("450 4.7.1 too much mail from you")),
    "4yz at DATA": ("DATA", Reply("451 4.3.0 queue file write error")),
    "421 at DATA": ("DATA", Drop("421 4.3.2 closing")),
    "hangs up at DATA": ("DATA", Drop()),
}
BODY_LOST = SmtpReply(Stage.BODY, None, None, "ConnectionResetError")


@pytest.mark.parametrize("mood", PUTS_OFF)
def test_a_server_that_puts_everyone_off_holds_the_batch_and_burns_no_recipient(mood: str) -> None:
    """Fails without `_judge_trouble`: all would be tried again and again until each has expired, and no alarm."""
    stage, action = PUTS_OFF[mood]
    batch = released_batch(8)
    with SmtpServer() as server:
        server.always(stage, action)
        assert run(server).halt is Halt.SMTP_DOWN
        assert held(batch) == ("PAUSED", "SMTP_DOWN", ["SMTP_DOWN"])
        assert states(batch) == {"DEFERRED": 4, "PLANNED": 4}
        assert verdicts(batch) == {"DEFERRED": 4, "SYSTEMIC": 1}

        server.always(stage, Reply({"MAIL": "250 ok", "DATA": "354 go"}[stage]))
        resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="le serveur va de nouveau")
        run(server, minutes=30)
    assert states(batch) == {"ACCEPTED": 8}
    assert set(accepted_keys(server).values()) == {1}


def test_connections_lost_in_every_message_hold_the_batch() -> None:
    batch = released_batch(8)
    assert send(RecordingTransport(always=BODY_LOST)).halt is Halt.SMTP_DOWN
    assert (states(batch), held(batch)[0]) == ({"DEFERRED": 4, "PLANNED": 4}, "PAUSED")


def test_troubles_among_messages_that_are_taken_hold_nothing() -> None:
    """Fails without the end at a message that was taken in `company_of`."""
    batch = released_batch(18)
    send(RecordingTransport([BODY_LOST, BODY_LOST, ACCEPTED] * 6))
    assert (states(batch), held(batch)[0]) == ({"DEFERRED": 12, "ACCEPTED": 6}, "RELEASING")


def test_greylisting_by_several_domains_holds_nothing_and_all_are_taken_minutes_later() -> None:
    for n in range(20):
        due_file(email=f"cabinet@d{n % 4}.example")
    batch = released_batch()
    assert send(RecordingTransport(always=LATER)).halt is None
    assert (states(batch), held(batch)) == ({"DEFERRED": 20}, ("RELEASING", "", []))
    for minute in range(1, 10):
        now = NOW + timedelta(minutes=minute)
        watch_releases(engine=engine(), now=now, stalls=True)
        send(clock=clock_at(now))
    assert (states(batch), held(batch)) == ({"ACCEPTED": 20}, ("COMPLETED", "", []))


def test_a_server_that_turns_in_the_middle_costs_one_recipient_and_no_more() -> None:
    """The first refusal after a message that was taken cannot be told from that message's own."""
    batch = released_batch(8)
    send(RecordingTransport([ACCEPTED, ACCEPTED], always=POLICY))
    assert held(batch)[:2] == ("PAUSED", "SMTP_DOWN")
    assert states(batch) == {"ACCEPTED": 2, "REFUSED": 1, "DEFERRED": 1, "PLANNED": 4}


def test_a_refusal_among_messages_that_are_taken_is_that_messages_own_and_dead_addresses_between_change_nothing() -> (
    None
):
    batch = released_batch(5)
    send(RecordingTransport([ACCEPTED, NO_SUCH_USER, POLICY, ACCEPTED, POLICY]))
    assert (states(batch), held(batch)[0]) == ({"ACCEPTED": 2, "REFUSED": 3}, "COMPLETED")


def test_one_refused_before_any_was_taken_is_tried_again_and_then_refused_as_itself() -> None:
    batch = released_batch(3)
    send(RecordingTransport([POLICY]))
    assert states(batch) == {"DEFERRED": 1, "ACCEPTED": 2}
    send(RecordingTransport([POLICY]), clock=clock_at(LATE))
    assert (states(batch), verdicts(batch)["REFUSED_OURS"]) == ({"REFUSED": 1, "ACCEPTED": 2}, 1)


def test_three_who_are_refused_for_themselves_do_not_hold_the_batch_for_ever() -> None:
    """Fails without `going_after` in `_OTHERS`: after each resumption the first would be refused for all again."""
    batch = released_batch(5)
    alone = RecordingTransport([POLICY] * 3)
    assert send(alone).halt is Halt.SMTP_DOWN
    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="le serveur va de nouveau")
    after = clock_at(LATE)
    send(RecordingTransport([POLICY, POLICY]), clock=after)
    assert Watch.objects.get().going_since == LATE
    assert states(batch) == {"DEFERRED": 2, "ACCEPTED": 3}


def test_a_server_that_refuses_everyone_is_seen_by_a_machine_whose_clock_is_behind() -> None:
    """Fails where `_OTHERS` compares instants: each refusal would be the first since the release."""
    batch = released_batch(6, now=NOW + timedelta(minutes=10))
    transport = RecordingTransport(always=POLICY)
    assert send(transport).halt is Halt.SMTP_DOWN
    assert (len(transport.sent), held(batch)[:2]) == (3, ("PAUSED", "SMTP_DOWN"))


def test_i4_a_storm_of_messages_without_an_answer_ends_with_the_third() -> None:
    """Fails without `_runs_uncertain`: the watch would find a hundred, each for a person to settle."""
    batch = released_batch(12)
    transport = RecordingTransport([LOST_AFTER_DOT, ACCEPTED, LOST_AFTER_DOT, NO_SUCH_USER], always=LOST_AFTER_DOT)
    delivery = send(transport)
    assert (delivery.halt, len(transport.sent)) == (Halt.HELD, 6)
    assert held(batch) == ("PAUSED", "UNCERTAIN", ["UNCERTAIN_TOO_MANY"])
    assert states(batch) == {"UNCERTAIN": 4, "ACCEPTED": 1, "REFUSED": 1, "PLANNED": 6}
    assert batch.pause_detail.startswith("3 envois incertains de suite, le dernier\u00a0: point final envoyé\u00a0: ")

    resume_batch(batch_id=batch.pk, by=person("planner"), now=LATE, reason="le serveur les a tous pris")
    send(clock=clock_at(LATE))
    assert states(batch)["ACCEPTED"] == 7


def test_a_database_lost_while_a_refusal_is_judged_puts_the_message_off(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the `except` in `verdict_of`: the answer would be lost and the notice uncertain."""
    batch = released_batch(1)

    def lost(*_: object) -> None:
        raise OperationalError("the connection was lost")

    monkeypatch.setattr(company, "_company", lost)
    send(RecordingTransport([POLICY]))
    assert (states(batch), verdicts(batch)) == ({"DEFERRED": 1}, {"DEFERRED": 1})


NOT_NOW: dict[str, Mood] = {
    "421 at MAIL": ("MAIL", Drop("421 4.3.2 closing")),
    "4yz at MAIL": ("MAIL", Reply("451 4.3.0 later")),
    "421 at RCPT": ("RCPT", Drop("421 4.7.0 closing")),
    "4yz at RCPT": ("RCPT", Reply("450 4.2.1 later")),
    "4yz at DATA": ("DATA", Reply("451 4.3.0 later")),
    "421 at DATA": ("DATA", Drop("421 4.3.2 closing")),
    "4yz after the dot": ("DOT", Reply("452 4.3.1 later")),
    "421 after the dot": ("DOT", Drop("421 4.3.2 closing")),
    "hangs up at DATA": ("DATA", Drop()),
    "silent at RCPT": ("RCPT", Hang()),
}


@pytest.mark.parametrize("mood", NOT_NOW)
def test_a_not_now_concerns_one_message_which_is_tried_again_once_its_time_has_come(mood: str) -> None:
    stage, action = NOT_NOW[mood]
    batch = released_batch(3)
    with SmtpServer() as server:
        server.on(stage, action)
        assert +run(server).counts == {"DEFERRED": 1, "ACCEPTED": 2}
        assert held(batch) == ("RELEASING", "", [])
        assert +run(server, minutes=10).counts == {"ACCEPTED": 1}
    assert states(batch) == {"ACCEPTED": 3}
    assert set(accepted_keys(server).values()) == {1}


ODD: dict[str, tuple[Reply, str, Callable[[Attempt], bool]]] = {
    "many lines": (
        Reply("550-5.1.1 no such user\r\n550-5.1.1 here\r\n550 5.1.1 ever"),
        "REFUSED",
        lambda a: a.reply == "5.1.1 no such user\n5.1.1 here\n5.1.1 ever",
    ),
    "no ASCII": (Reply("550 5.1.1 boîte inconnue – désolé"), "REFUSED", lambda a: "boîte inconnue" in a.reply),
    "a NUL": (Reply("550 5.1.1 no\0body"), "REFUSED", lambda a: "no" in a.reply and "\0" not in a.reply),
    "very long": (Reply("550 5.1.1 " + "x" * 5000), "REFUSED", lambda a: len(a.reply) == 500),
    "too long for a line": (Reply("550 5.1.1 " + "x" * 50_000), "DEFERRED", lambda a: a.code is None),
    "too many lines": (
        Reply("\r\n".join(["550-5.1.1 no"] * 300 + ["550 5.1.1 no"])),
        "DEFERRED",
        lambda a: a.code is None,
    ),
}


@pytest.mark.parametrize("mood", ODD)
def test_an_odd_reply_is_read_kept_or_given_up_and_the_next_message_has_its_own(mood: str) -> None:
    reply, state, is_kept = ODD[mood]
    batch = released_batch(2)
    with SmtpServer() as server:
        server.on("RCPT", reply)
        run(server)
    assert states(batch) == {state: 1, "ACCEPTED": 1}
    first = Attempt.objects.get(notice__rank=1)
    assert (first.stage, is_kept(first)) == ("RCPT", True)


def test_a_connection_that_has_carried_too_many_is_renewed_and_says_so_to_nobody() -> None:
    """Fails without `_is_tired`: the second message would hold the batch."""
    batch = released_batch(4)
    with SmtpServer() as server:
        server.on("MAIL", Reply("250 ok"), Reply("550 5.7.1 too many messages on this connection"))
        run(server)
        assert len(server.dialogues) == 2
    assert states(batch) == {"ACCEPTED": 4}
    assert set(Counter(accepted_keys(server)).values()) == {1}
