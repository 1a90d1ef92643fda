"""When a message that was not taken is tried again, as values; and when its subscription is given up."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from django.utils.http import parse_http_date_safe

DELAYS = (
    timedelta(seconds=10),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=6),
    timedelta(hours=12),
    timedelta(hours=24),
    timedelta(hours=28),
)
"""After the first failure, the second …: three days in all. After the last, the subscription is switched off."""
JITTER = 0.2
"""By up to this share later, so that those who came back together do not call together."""
LONGEST_ASKED = timedelta(hours=24)
"""A receiver may ask for so long a wait before the next try (Retry-After), and for no longer."""
OLD_SECRET_LIVES = timedelta(hours=24)
"""After a rotation each message is signed with both."""


def delay_after(failures: int, jitter: float) -> timedelta | None:
    """How long to wait after so many failures of one message (1 or more); None: no more. `jitter` in [0, 1)."""
    if failures > len(DELAYS):
        return None
    return DELAYS[failures - 1] * (1 + JITTER * jitter)


def asked_wait(retry_after: str, now: datetime) -> timedelta:
    """How long a receiver asks to be left alone: seconds or a date (RFC 9110, 10.2.3); nothing where it is neither."""
    if retry_after.isascii() and retry_after.isdigit():
        # More digits than any wait has would be no interval.
        return min(timedelta(seconds=int(retry_after[:9])), LONGEST_ASKED)
    at = parse_http_date_safe(retry_after)
    return min(max(datetime.fromtimestamp(at, UTC) - now, timedelta()), LONGEST_ASKED) if at else timedelta()
