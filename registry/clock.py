"""The clock, read at the edges only: tasks, commands, views and admin take ``now()`` once, and pass it on."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

PARIS = ZoneInfo("Europe/Paris")

_started = time.monotonic()
_moved: ContextVar[datetime | None] = ContextVar("moved", default=None)


def now() -> datetime:
    """Return this instant, aware, in UTC.

    With ``settings.REGISTER_NOW`` the clock stood at that instant when the process started, and runs on. Within
    ``moved_to`` it stands still.
    """
    return moved() or unmoved()


def moved() -> datetime | None:
    """Return where the sandbox's clock has been moved to; None: nowhere, as always outside the sandbox."""
    return _moved.get()


def unmoved() -> datetime:
    """Return this instant as ``now()`` does, wherever the sandbox's clock has been moved to."""
    if settings.REGISTER_NOW is None:
        return datetime.now(UTC)
    start: datetime = settings.REGISTER_NOW
    return start.astimezone(UTC) + timedelta(seconds=time.monotonic() - _started)


@contextmanager
def moved_to(instant: datetime) -> Iterator[None]:
    """Have the clock stand at an aware instant within the block, for this thread.

    Raises:
        RuntimeError: this process is not the sandbox's, so its clock is nobody's to move.
    """
    if not settings.SANDBOX:
        raise RuntimeError("Only the clock of the sandbox can be moved.")
    before = _moved.set(instant.astimezone(UTC))
    try:
        yield
    finally:
        _moved.reset(before)


def local_day(instant: datetime) -> date:
    """Return the legal day of an aware instant: the day in Paris.

    Raises:
        ValueError: the instant is naive, so its day is unknown.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone: its day in Paris is unknown.")
    return instant.astimezone(PARIS).date()
