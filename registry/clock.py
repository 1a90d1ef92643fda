"""The clock, read at the edges only: tasks, commands, views and admin take ``now()`` once, and pass it on."""

import time
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings

PARIS = ZoneInfo("Europe/Paris")

_started = time.monotonic()


def now() -> datetime:
    """Return this instant, aware, in UTC.

    With ``settings.REGISTER_NOW`` the clock stood at that instant when the process started, and runs on.
    """
    if settings.REGISTER_NOW is None:
        return datetime.now(UTC)
    start: datetime = settings.REGISTER_NOW
    return start.astimezone(UTC) + timedelta(seconds=time.monotonic() - _started)


def local_day(instant: datetime) -> date:
    """Return the legal day of an aware instant: the day in Paris.

    Raises:
        ValueError: the instant is naive, so its day is unknown.
    """
    if instant.tzinfo is None:
        raise ValueError(f"{instant} has no time zone: its day in Paris is unknown.")
    return instant.astimezone(PARIS).date()
