"""When to try again after a "not now": a value, never a loop around SMTP.

RFC 5321, 4.5.4.1 asks for at least 30 minutes between tries *in general* and welcomes variable strategies.
The two first delays are shorter on purpose: the usual first "not now" is greylisting, which clears within
minutes, and a reminder is of use for a few days only. All later delays are 30 minutes or more, up to 4 hours.
"""

from datetime import UTC, datetime, timedelta

DELAYS = tuple(timedelta(minutes=minutes) for minutes in (5, 15, 30, 60, 120, 240))
SPREAD = 0.25
"""Jitter lengthens a delay by up to this share, so that a batch deferred at once does not come back at
once."""


def next_attempt(attempts: int, now: datetime, not_after: datetime, jitter: float) -> datetime | None:
    """Return when to try again after ``attempts`` tries; ``None`` if that is later than ``not_after``.

    ``jitter``, in [0, 1), is drawn by the caller. Instants are aware, the answer is in UTC; anything else is
    a ``ValueError``.
    """
    if attempts < 1:
        raise ValueError(f"attempts counts the tries already made, so at least 1; got {attempts}")
    if not 0 <= jitter < 1:
        raise ValueError(f"jitter must be in [0, 1), got {jitter}")
    if now.tzinfo is None or not_after.tzinfo is None:
        raise ValueError(f"aware datetimes are needed, got now={now!r} and not_after={not_after!r}")
    delay = DELAYS[min(attempts, len(DELAYS)) - 1]
    at = now.astimezone(UTC) + delay * (1 + SPREAD * jitter)
    return at if at <= not_after else None
