"""From the bytes of whatever came to the bounce mailbox to a report as values.

Anyone can write to that mailbox. So: the size and the number of parts read are bounded, only fields are read and never
the words for people, what is kept is short printable text, and whatever the parser cannot bear is no report.

Known forms: multipart/report (RFC 6522) with a delivery status (RFC 3464), a complaint (RFC 5965) or a read receipt
(RFC 8098); qmail's own form (QSBMF); automatic replies (RFC 3834).
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from email import message_from_bytes
from email.message import Message
from email.parser import BytesHeaderParser
from email.policy import Compat32
from email.utils import parsedate_to_datetime
from typing import Any, Final

from reminders.rules.bounces import DeliveryReport, RecipientFields, ReportForm

LARGEST: Final = 256 * 1024
"""Bytes read of one mail; a report says what it has to say at its beginning."""
MOST_BOUNDARIES: Final = 20
"""Each level of nesting costs the parser a comparison for every line: more is no report but an attack."""
MOST_PARTS: Final = 50
MOST_REFERENCES: Final = 30
LONGEST_TEXT: Final = 500
_LONGEST_HEADER: Final = 8 * LONGEST_TEXT
_LONGEST_PARSED: Final = 16 * 1024

_FORMS: Final = {
    "delivery-status": ReportForm.DELIVERY,
    "feedback-report": ReportForm.FEEDBACK,
    "disposition-notification": ReportForm.UNKNOWN,
}
_STATUS_PARTS: Final = frozenset({"message/delivery-status", "message/global-delivery-status"})
_FIELD_PARTS: Final = frozenset({"message/feedback-report", "message/disposition-notification"})
_RETURNED_PARTS: Final = frozenset(
    {
        "message/rfc822",
        "message/global",
        "text/rfc822-headers",
        "message/rfc822-headers",
        "message/global-headers",
        "text/rfc822",
    }
)
_ID = re.compile(r"<\s*([^<>\s@]{1,200})@[^<>\s]{1,255}>")
_QMAIL = re.compile(r"\AHi\. This is ")
_QMAIL_RECIPIENT = re.compile(r"^<([^<>\s]{1,254})>:\n((?:.+\n)*)", re.MULTILINE)
_QMAIL_STATUS = re.compile(r"\(#([245]\.\d{1,3}\.\d{1,3})\)\s*\Z", re.ASCII)
_COPY = re.compile(r"^-{3,} .{0,80}\bcopy of (?:the|your) message\b.*$", re.MULTILINE)


class _Bounded(Compat32):
    """Headers cut short: the parser's own time for the parameters of one grows with the square of its length."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        """The header's name and the beginning of its value."""
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_PARSED]


_POLICY: Final = _Bounded()


def read_report(raw: bytes) -> DeliveryReport:
    """What a mail reports; its form is NONE where it is no report, or one that cannot be read."""
    read = raw[:LARGEST]
    digest = hashlib.sha256(read).hexdigest()
    try:
        return _read(_parsed(read), digest)
    except Exception:
        # Whatever a hostile mail makes the parser do: one mail must not keep us from reading the others.
        return DeliveryReport(ReportForm.NONE, digest)


def _parsed(raw: bytes) -> Message:
    """The mail; of one nested too deep only its head, which may still say what it is about."""
    if raw.lower().count(b"boundary") > MOST_BOUNDARIES:
        return BytesHeaderParser(policy=_POLICY).parsebytes(raw)
    try:
        return message_from_bytes(raw, policy=_POLICY)
    except RecursionError:
        return BytesHeaderParser(policy=_POLICY).parsebytes(raw)


def _read(mail: Message, digest: str) -> DeliveryReport:
    parts = list(_parts(mail))
    blocks = [block for part in parts if part.get_content_type() in _STATUS_PARTS for block in _blocks(part)]
    fields = next((_fields(part) for part in parts if part.get_content_type() in _FIELD_PARTS), {})
    said = _text(mail)
    is_qmail = _QMAIL.match(said) is not None and _COPY.search(said) is not None
    returned = [head for part in parts if (head := _returned(part))] + _copied(said)
    return DeliveryReport(
        form=_form(mail, bool(blocks) or is_qmail),
        digest=digest,
        references=tuple(dict.fromkeys(_references(mail, blocks, fields, returned)))[:MOST_REFERENCES],
        recipients=tuple(map(_recipient, blocks)) if blocks else tuple(_qmail_recipients(said) if is_qmail else ()),
        message_id=_header(mail, "Message-ID")[:255],
        reporter=_last_word(blocks[0].get("reporting-mta", ""))[:254] if blocks else "",
        feedback=fields.get("feedback-type", "")[:40],
        written_at=_written_at(mail),
    )


def _parts(mail: Message) -> Iterator[Message]:
    """The parts in order, those of a returned mail left alone."""
    waiting, count = [mail], 0
    while waiting and count < MOST_PARTS:
        part = waiting.pop(0)
        count += 1
        yield part
        if part.get_content_maintype() == "multipart" and part.is_multipart():
            payload: Any = part.get_payload()
            waiting[:0] = payload


def _form(mail: Message, has_status: bool) -> ReportForm:
    """A form of its own before an automatic reply: many reports also call themselves one."""
    if has_status:
        return ReportForm.DELIVERY
    if mail.get_content_type() == "multipart/report":
        told = str(mail.get_param("report-type", "")).lower()
        # A delivery report without its status was cut, or hidden in too many parts: for a person to read.
        return _FORMS.get(told, ReportForm.UNKNOWN) if told != "delivery-status" else ReportForm.UNKNOWN
    if _header(mail, "X-Failed-Recipients"):
        return ReportForm.UNKNOWN
    return ReportForm.AUTO_REPLY if _is_auto_reply(mail) else ReportForm.NONE


def _is_auto_reply(mail: Message) -> bool:
    """RFC 3834, and those who came before it; "auto-generated" alone is any newsletter, unless it answers something."""
    submitted = re.split(r"[;(\s]", _header(mail, "Auto-Submitted"))[0].lower()
    if submitted == "auto-replied" or _header(mail, "Precedence").lower() == "auto_reply":
        return True
    if any(_header(mail, name) for name in ("X-Autoreply", "X-Autorespond", "X-Autoresponder")):
        return True
    return submitted not in {"", "no"} and bool(_header(mail, "In-Reply-To") or _header(mail, "References"))


def _references(
    mail: Message, blocks: list[dict[str, str]], fields: Mapping[str, str], returned: list[Message]
) -> Iterator[str]:
    """What may name a mail of ours, the surest first: our envelope identifier, the returned mail's own identifier, what
    a reply answers. Before that its References name what that one answered, which a correction's own do (RFC 5322,
    3.6.4): they are read from their end."""
    yield from (block["original-envelope-id"] for block in blocks[:1] if "original-envelope-id" in block)
    for head in returned:
        yield from _ID.findall(_header(head, "Message-ID"))
    yield from _ID.findall(fields.get("original-message-id", ""))
    yield from _ID.findall(_header(mail, "In-Reply-To"))
    thread = _clean(str(mail.get("References", ""))[-_LONGEST_HEADER:], longest=_LONGEST_HEADER)
    yield from reversed(_ID.findall(thread))


# --- fields ---


def _blocks(part: Message) -> list[dict[str, str]]:
    """The groups of fields of a delivery status: the first about the mail, then one a recipient."""
    payload: Any = part.get_payload()
    found = [_headers(block) for block in payload] if isinstance(payload, list) else []
    if part.get_content_type() == "message/global-delivery-status" and found:
        # The parser knows only its first group; the others are what it takes for the body.
        rest = str(payload[0].get_payload()).split("\n\n")
        found += [_headers(message_from_bytes(group.encode("utf-8", "replace"))) for group in rest]
    return [block for block in found if block][:MOST_PARTS]


def _fields(part: Message) -> dict[str, str]:
    payload: Any = part.get_payload()
    return _headers(payload[0]) if isinstance(payload, list) and payload else {}


def _headers(block: Message) -> dict[str, str]:
    return {name.lower(): _clean(value) for name, value in reversed(block.items())}


def _recipient(block: Mapping[str, str]) -> RecipientFields:
    return RecipientFields(
        action=block.get("action", "").partition(" ")[0][:20],
        status=block.get("status", "").partition(" ")[0][:20],
        diagnostic=block.get("diagnostic-code", ""),
        final=_last_word(block.get("final-recipient", ""))[:254],
        original=_last_word(block.get("original-recipient", ""))[:254],
    )


def _last_word(typed: str) -> str:
    """`rfc822; contact@cabinet.example` -> the address, without the brackets some put around it."""
    return typed.rpartition(";")[2].strip().strip("<>")


def _returned(part: Message) -> Message | None:
    """The head of the mail that a part gives back."""
    if part.get_content_type() not in _RETURNED_PARTS:
        return None
    payload: Any = part.get_payload()
    if isinstance(payload, list):
        return payload[0] if payload else None
    text: Any = part.get_payload(decode=True)
    return BytesHeaderParser().parsebytes(text) if text else None


# --- mails that are text: qmail's form, and what others give back below a line ---


def _text(mail: Message) -> str:
    """The text of a mail that is nothing but text: here old mail servers give the mail back."""
    if mail.get_content_type() != "text/plain":
        return ""
    body: Any = mail.get_payload(decode=True)
    return (body or b"").decode("latin-1").replace("\r\n", "\n").lstrip("\n") + "\n"


def _qmail_recipients(text: str) -> Iterator[RecipientFields]:
    """Each failed recipient: `<address>:`, then the reason up to an empty line, a code in brackets at its end."""
    for address, reason in _QMAIL_RECIPIENT.findall(_COPY.split(text)[0])[:MOST_PARTS]:
        told = _clean(reason)
        status = _QMAIL_STATUS.search(told)
        yield RecipientFields("failed", status[1] if status else "", told, final=_clean(address, longest=254))


def _copied(text: str) -> list[Message]:
    """The head of the mail that follows the words "copy of the message", if they are there."""
    return [
        BytesHeaderParser().parsebytes(copy.lstrip("\n").encode("latin-1"))
        for copy in _COPY.split(text, maxsplit=1)[1:]
    ]


# --- text ---


def _header(mail: Message, name: str) -> str:
    return _clean(mail.get(name, ""), longest=_LONGEST_HEADER)


def _clean(value: object, longest: int = LONGEST_TEXT) -> str:
    """Text on one line that any database keeps: no control character, no half character."""
    text = str(value)[: 4 * longest].encode("utf-8", "replace").decode("utf-8")
    return " ".join("".join(c if c.isprintable() else " " for c in text).split())[:longest]


def _written_at(mail: Message) -> datetime | None:
    try:
        written = parsedate_to_datetime(_header(mail, "Date"))
        return written.astimezone(UTC) if written.tzinfo else written.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
