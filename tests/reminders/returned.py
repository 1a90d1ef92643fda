"""What comes back to the bounce mailbox: samples in the formats of the servers that write them."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from registry.models import Intermediary
from reminders.messages.tokens import mail_token
from reminders.models import Bounce, Notice
from reminders.sending.bounces import record_bounce
from reminders.sending.reports import read_report
from tests.factories import NOW, IntermediaryFactory, NoticeFactory, reach

SAMPLES = Path(__file__).resolve().parent.parent / "data" / "bounces"
ADDRESS = "contact@cabinet.example"
"""To whom the samples say the mail was written."""
UNKNOWN = "x" * 47
"""A token that was never made."""


def sample(name: str, token: str = UNKNOWN) -> bytes:
    """A sample about the mail of that token."""
    return (SAMPLES / f"{name}.eml").read_bytes().replace(b"MAIL_TOKEN", token.encode("ascii"))


def mailed(state: str = "ACCEPTED", person: Intermediary | None = None, **values: Any) -> Notice:
    """A notice that began to leave, to the address of the samples unless its person has another."""
    who = person or IntermediaryFactory.create(email=ADDRESS)
    notice: Notice = reach(NoticeFactory.create(intermediary=who, **values), state)  # type: ignore[arg-type]
    Notice.objects.filter(pk=notice.pk).update(attempts=1, settled_at=NOW)
    notice.refresh_from_db()
    return notice


def about(notice: Notice, name: str = "postfix_unknown_user") -> bytes:
    """A sample about a notice."""
    return sample(name, mail_token(notice.key))


def came_back(notice: Notice, name: str = "postfix_unknown_user", at: datetime = NOW, days: int = 0) -> Bounce:
    """A sample about a notice, written and read at an instant, stored."""
    instant = at + timedelta(days)
    raw = about(notice, name).replace(ADDRESS.encode(), notice.email.encode())
    dated = raw.replace(b"Thu, 29 Jan 2026 10:30:04 +0100 (CET)", f"{instant:%a, %d %b %Y %H:%M:%S +0000}".encode())
    # Each report has an identifier of its own.
    bounce = record_bounce(read_report(dated.replace(b"<20260129", f"<{instant:%Y%m%d%H}".encode())), now=instant)
    assert bounce is not None
    return bounce
