"""When a message that was not taken is tried again, as values; and when its subscription is given up."""

from __future__ import annotations

from datetime import timedelta

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
OLD_SECRET_LIVES = timedelta(hours=24)
"""After a rotation each message is signed with both."""


def delay_after(failures: int, jitter: float) -> timedelta | None:
    """How long to wait after so many failures of one message (1 or more); None: no more. `jitter` in [0, 1)."""
    if failures > len(DELAYS):
        return None
    return DELAYS[failures - 1] * (1 + JITTER * jitter)
