"""What the relay's log says of mails, found by their Message-ID."""

from __future__ import annotations

import pytest

from reminders.rules.relay_log import LONGEST_LINE, RelayFate, read_relay_log

HEAD = "Jan 29 10:30:01 relay postfix"


def cleanup(queue: str, left: str) -> str:
    return f"{HEAD}/cleanup[12]: {queue}: message-id=<{left}@registre.example>"


def active(queue: str) -> str:
    return f"{HEAD}/qmgr[9]: {queue}: from=<ne-pas-repondre@registre.example>, size=3240, nrcpt=1 (queue active)"


def told(queue: str, status: str, service: str = "smtp") -> str:
    return (
        f"{HEAD}/{service}[31]: {queue}: to=<a@b.example>, relay=mx.b.example[192.0.2.1]:25, dsn=2.0.0, status={status}"
    )


def fates(*lines: str, wanted: tuple[str, ...] = ("mine",)) -> dict[str, RelayFate]:
    return {left: word.fate for left, word in read_relay_log(lines, wanted).items()}


@pytest.mark.parametrize(
    ("status", "fate"),
    [
        ("sent (250 2.0.0 Ok)", RelayFate.SENT),
        ("bounced (host said: 550 5.1.1 no)", RelayFate.BOUNCED),
        ("expired, returned to sender", RelayFate.BOUNCED),
        ("deferred (host said: 451 4.7.1 later, status=sent)", RelayFate.DEFERRED),
    ],
)
def test_the_latest_word_on_a_mail_is_told_with_its_line(status: str, fate: RelayFate) -> None:
    lines = [cleanup("4F2A1C", "mine"), active("4F2A1C"), told("4F2A1C", status) + "\n"]
    word = read_relay_log(lines, {"mine"})["mine"]
    assert (word.fate, word.line) == (fate, lines[-1].strip())


def test_a_mail_whose_message_id_alone_was_seen_was_not_taken() -> None:
    """Fails if `cleanup` were believed: it reads the head of a mail before its end, and the end may never have come."""
    assert fates(cleanup("4F2A1C", "mine")) == {}
    assert fates(cleanup("4F2A1C", "mine"), active("4F2A1C")) == {"mine": RelayFate.QUEUED}


def test_other_mails_and_other_programs_are_not_looked_at() -> None:
    assert fates(cleanup("4F2A1C", "theirs"), active("4F2A1C"), told("4F2A1C", "sent")) == {}
    assert fates(told("4F2A1C", "sent"), "Jan 29 10:30:01 relay sshd[1]: message-id=<mine@x>", "", "\0\udcff") == {}
    assert fates(cleanup("4F2A1C", "mine"), f"{HEAD}/cleanup[12]: 4F2A1C: milter-reject: END-OF-MESSAGE") == {}


def test_a_queue_number_used_again_is_another_mail() -> None:
    """Fails without `queued.pop`: the second mail's word would be told of the first."""
    lines = (cleanup("4F2A1C", "mine"), cleanup("4F2A1C", "theirs"), told("4F2A1C", "sent"))
    assert fates(*lines) == {}


def test_nobody_can_write_a_message_id_into_the_log_by_what_a_server_says() -> None:
    forged = f"{HEAD}/smtp[31]: ABCDEF: to=<a@b.example>, status=deferred (said: message-id=<mine@registre.example>)"
    assert fates(forged, told("ABCDEF", "sent")) == {}


def test_a_line_without_end_is_read_up_to_a_limit() -> None:
    endless = told("4F2A1C", "sent " + "x" * 10**6)
    word = read_relay_log([cleanup("4F2A1C", "mine"), endless], {"mine"})["mine"]
    assert (word.fate, len(word.line)) == (RelayFate.SENT, LONGEST_LINE)
