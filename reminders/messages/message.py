"""From the facts of a file to the bytes of a reminder: values in, bytes out; no clock, no database, no
setting but the secret that signs a Message-ID.

``render`` puts the facts into words, ``body_digest`` names those words, ``compose`` dates and addresses them.
"""

import hashlib
from datetime import datetime
from email.utils import parseaddr
from functools import lru_cache

from reminders.messages.addresses import wire_address
from reminders.messages.content import (
    Content,
    ItemLine,
    Letterhead,
    RecallContent,
    ReceivedLine,
    ReminderContent,
    Rendered,
    clean,
)
from reminders.messages.layout import as_html, as_text, write
from reminders.messages.mime import BOUNDARY, encoded_words, header_date, mailbox, quoted_printable
from reminders.messages.recall import write_recall
from reminders.messages.tokens import mail_token

__all__ = [
    "Content",
    "ItemLine",
    "Letterhead",
    "RecallContent",
    "ReceivedLine",
    "Rendered",
    "ReminderContent",
    "body_digest",
    "compose",
    "message_id",
    "render",
]


def render(content: Content, letterhead: Letterhead) -> Rendered:
    """Put the facts of one file into words.

    ``ValueError`` if the address could not be written to: found when the plan renders all messages once.
    """
    wire_address(content.email)
    letter = write_recall(content, letterhead) if isinstance(content, RecallContent) else write(content, letterhead)
    return Rendered(letter.subject, as_text(letter), as_html(letter))


def body_digest(rendered: Rendered) -> str:
    """Return the SHA-256, in hex, of what the recipient reads: date, key and address are not part of it."""
    parts = "\0".join((rendered.subject, rendered.text, rendered.html))
    return hashlib.sha256(parts.encode()).hexdigest()


def message_id(key: str, letterhead: Letterhead) -> str:
    """Return the Message-ID of a notice: the same on every attempt and machine (RFC 5322, 3.6.4).

    It is signed, because what a report says of it is believed: see ``reminders.messages.tokens``. ``ValueError``
    where ``key`` is no notice's identity.
    """
    return f"<{mail_token(key)}@{letterhead.mail_domain}>"


def compose(rendered: Rendered, content: Content, letterhead: Letterhead, key: str, sent_at: datetime) -> bytes:
    """Return the whole message (RFC 5322), ASCII, lines ended by CRLF, dots not yet stuffed.

    ``sent_at`` is aware and shown in the time of Paris. ``ValueError`` for a bad address, key or naive
    instant.
    """
    if sent_at.tzinfo is None:
        raise ValueError(f"an aware datetime is needed, got {sent_at!r} without a time zone")
    head, between, tail = _skeleton(letterhead, content.language)
    own = (
        f"To: {mailbox(clean(content.name), wire_address(content.email))}\r\n"
        f"Subject: {encoded_words(rendered.subject)}\r\n"
        f"Date: {header_date(sent_at)}\r\n"
        f"Message-ID: {message_id(key, letterhead)}\r\n"
        f"X-Reminder-Key: {key}\r\n"
        f"{_thread(content, letterhead)}"
    )
    return b"".join(
        (
            own.encode("ascii"),
            head,
            quoted_printable(rendered.text),
            between,
            quoted_printable(rendered.html),
            tail,
        )
    )


def _thread(content: Content, letterhead: Letterhead) -> str:
    """Put a correction beneath the message it corrects, in the programs that show threads (RFC 5322, 3.6.4)."""
    if not isinstance(content, RecallContent):
        return ""
    corrected = message_id(content.corrected_key, letterhead)
    return f"In-Reply-To: {corrected}\r\nReferences: {corrected}\r\n"


@lru_cache(maxsize=8)
def _skeleton(letterhead: Letterhead, language: str) -> tuple[bytes, bytes, bytes]:
    """Return what all messages of a letterhead have in common: before, between and after the two texts."""
    head = (
        f"From: {_sender(letterhead.sender, letterhead.site_name)}\r\n"
        f"Reply-To: {_sender(letterhead.reply_to, '')}\r\n"
        "Auto-Submitted: auto-generated\r\n"
        f"Content-Language: {language}\r\n"
        "MIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{BOUNDARY}"\r\n'
        "\r\n"
    )
    tail = f"\r\n--{BOUNDARY}--\r\n"
    return (
        (head + _part("plain")).encode("ascii"),
        ("\r\n" + _part("html")).encode("ascii"),
        tail.encode("ascii"),
    )


def _part(subtype: str) -> str:
    return (
        f"--{BOUNDARY}\r\n"
        f"Content-Type: text/{subtype}; charset=utf-8\r\n"
        "Content-Transfer-Encoding: quoted-printable\r\n"
        "\r\n"
    )


def _sender(setting: str, default_name: str) -> str:
    name, address = parseaddr(setting)
    return mailbox(clean(name) or default_name, wire_address(address))
