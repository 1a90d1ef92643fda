"""BOUNCES_URL taken apart."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from settings.mailbox import MailboxSettings, parse_mailbox

IMAP: dict[str, Any] = {"host": "imap.example", "username": "rejets"}


@pytest.mark.parametrize(
    ("text", "mailbox"),
    [
        ("/srv/mail/rejets", MailboxSettings(path=Path("/srv/mail/rejets"))),
        ("imaps://rejets@imap.example", MailboxSettings(**IMAP, port=993)),
        (
            "imaps://rejets%40registre.example:p%2Fw@imap.example:1993/Re%C3%A7us/2026",
            MailboxSettings(
                host="imap.example",
                port=1993,
                username="rejets@registre.example",
                password="p/w",
                folder="Reçus/2026",
            ),
        ),
        ("imap://rejets@imap.example", MailboxSettings(**IMAP, port=143, tls="starttls")),
        ("imap://rejets@imap.example?tls=none", MailboxSettings(**IMAP, port=143, tls="none")),
        ("imap://rejets@imap.example?tls=tls", MailboxSettings(**IMAP, port=993)),
    ],
)
def test_an_address_is_taken_apart(text: str, mailbox: MailboxSettings) -> None:
    assert parse_mailbox(text) == mailbox


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("pop3://rejets:hunter2@imap.example", "imap or imaps"),
        ("imaps://imap.example", "a user and a host"),
        ("imaps://rejets:hunter2@", "a user and a host"),
        ("imaps://rejets:hunter2@imap.example?tls=maybe", "starttls"),
        ("imaps://rejets:hunter2@imap.example?verify=no", "unknown"),
    ],
)
def test_what_cannot_be_used_is_refused_without_the_password(text: str, told: str) -> None:
    with pytest.raises(ValueError, match=told) as refusal:
        parse_mailbox(text)
    assert "hunter2" not in str(refusal.value)


def test_a_mailbox_is_shown_without_its_password() -> None:
    mailbox = parse_mailbox("imaps://rejets:hunter2@imap.example/Rejets")
    assert str(mailbox) == "imap.example/Rejets"
    assert "hunter2" not in repr(mailbox)
    assert str(parse_mailbox("/srv/mail/rejets")) == "/srv/mail/rejets"
