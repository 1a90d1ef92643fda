"""What the queue calls for the API: read the clock, make one call."""

from __future__ import annotations

from datetime import UTC, datetime

from api.feed import MOST_NUMBERED, forget_events, number_events
from api.ticks import TICKS
from reminders.ticks import take_tick


def forget_tonight() -> str:
    """Number what nobody has read, and forget what was told for thirty days."""
    while number_events() == MOST_NUMBERED:
        pass
    return f"{forget_events()} forgotten"


def tick(name: str, intended_at: str) -> str:
    """Act on one scheduled instant, once, and only if it is not long past (queue time, not the register's clock)."""
    intended = datetime.fromisoformat(intended_at).astimezone(UTC)
    return take_tick(name, intended, datetime.now(UTC), _WORK[name], TICKS)


_WORK = {"feed": forget_tonight}
