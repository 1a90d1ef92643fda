"""When reminders may leave: on days and hours when people are there to see them, to answer, and to stop them.

A window is half-open, ``[opens, closes)``, in the wall-clock time of Paris, and closed on legal holidays. The
faulty mailing of 24 February 2014 left at night; "always" exists for demonstrations and tests.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from registry.rules.working_days import is_legal_holiday

PARIS = ZoneInfo("Europe/Paris")
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")

_MINUTES_AN_HOUR = 60
_MINUTES_A_DAY = 24 * _MINUTES_AN_HOUR
_CLOCKS_CHANGE_AT = time(1, tzinfo=UTC)
"""The instant of the day at which clocks change throughout the Union (directive 2000/84/EC)."""

_FORMAT = re.compile(
    r"(?P<first>[a-z]{3})(?:-(?P<last>[a-z]{3}))? (?P<opens>\d\d:\d\d)-(?P<closes>\d\d:\d\d)", re.ASCII
)


@dataclass(frozen=True, slots=True)
class SendWindow:
    """Weekdays (Monday is 0) and minutes after midnight between which a message may leave."""

    weekdays: frozenset[int]
    opens: int
    closes: int
    on_holidays: bool = False


ALWAYS = SendWindow(frozenset(range(7)), 0, _MINUTES_A_DAY, on_holidays=True)


def parse_window(text: str) -> SendWindow:
    """Read ``"mon-fri 09:00-17:00"`` (the end may be 24:00) or ``"always"``; ``ValueError`` says why not."""
    wanted = " ".join(text.lower().split())
    if wanted == "always":
        return ALWAYS
    if (found := _FORMAT.fullmatch(wanted)) is None:
        raise _unreadable(text, "it does not have that form")
    opens, closes = _minutes(text, found["opens"]), _minutes(text, found["closes"])
    if opens >= closes:
        raise _unreadable(text, "it must close after it opens, on the same day")
    return SendWindow(_weekdays(text, found["first"], found["last"] or found["first"]), opens, closes)


def is_open(window: SendWindow, now: datetime) -> bool:
    """Tell whether a message may leave at this aware instant."""
    local = _local(now)
    minute = local.hour * 60 + local.minute
    return window.opens <= minute < window.closes and opens_on(window, local.date())


def next_opening(window: SendWindow, now: datetime) -> datetime:
    """Return the first instant, ``now`` included, at which the window is open; in UTC."""
    start = _local(now).astimezone(UTC)
    if is_open(window, start):
        return start
    return next(instant for instant in _openings(window, start) if instant >= start and is_open(window, instant))


def opened_at(window: SendWindow, now: datetime) -> datetime:
    """Return the instant, in UTC, at which the window of this day in Paris opens, or has opened."""
    wall = datetime.combine(_local(now).date(), time(*divmod(window.opens, 60)), PARIS)
    return wall.astimezone(UTC)


def opens_on(window: SendWindow, day: date) -> bool:
    """Tell whether the window opens at some time of this day in Paris."""
    return day.weekday() in window.weekdays and (window.on_holidays or not is_legal_holiday(day))


def may_leave_on(window: SendWindow, day: date, now: datetime) -> bool:
    """Tell whether some message may leave on this day in Paris, now or later."""
    local = _local(now)
    if not opens_on(window, day) or day < local.date():
        return False
    return day > local.date() or local.hour * 60 + local.minute < window.closes


def _openings(window: SendWindow, start: datetime) -> Iterator[datetime]:
    """Yield without end, in order, the instants at which the window may open, from the day of ``start`` on.

    In UTC, because Python compares two instants of one zone by their wall clock, blind to the hour that
    happens twice in October. In March an opening may not happen at all: the window then opens when clocks
    jump over it.
    """
    day = start.astimezone(PARIS).date()
    while True:
        wall = datetime.combine(day, time(*divmod(window.opens, 60)), PARIS)
        jump = datetime.combine(day, _CLOCKS_CHANGE_AT)
        yield from sorted({wall.astimezone(UTC), wall.replace(fold=1).astimezone(UTC), jump})
        day += timedelta(days=1)


def _local(now: datetime) -> datetime:
    if now.tzinfo is None:
        raise ValueError(f"an aware datetime is needed, got {now!r} without a time zone")
    return now.astimezone(PARIS)


def _weekdays(text: str, first: str, last: str) -> frozenset[int]:
    unknown = [name for name in (first, last) if name not in WEEKDAYS]
    if unknown:
        raise _unreadable(text, f"“{unknown[0]}” is not one of {', '.join(WEEKDAYS)}")
    start, end = WEEKDAYS.index(first), WEEKDAYS.index(last)
    if start > end:
        raise _unreadable(text, "the first day must not come after the last one")
    return frozenset(range(start, end + 1))


def _minutes(text: str, clock: str) -> int:
    hours, minutes = int(clock[:2]), int(clock[3:])
    total = hours * 60 + minutes
    if minutes >= _MINUTES_AN_HOUR or total > _MINUTES_A_DAY:
        raise _unreadable(text, f"{clock} is not an hour between 00:00 and 24:00")
    return total


def _unreadable(text: str, problem: str) -> ValueError:
    return ValueError(
        f"send window {text!r} cannot be read: {problem}. Write days and hours as “mon-fri 09:00-17:00”, or “always”."
    )
