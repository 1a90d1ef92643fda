"""Periods of cover: half-open inside, inclusive legal days outside."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

ONE_DAY = timedelta(days=1)
LEAP_DAY = 29


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """Days from `start` (in) to `end` (out), local dates; empty when they are equal.

    Raises ValueError where the end comes before the start.
    """

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise ValueError(f"a period cannot end ({self.end}) before it starts ({self.start})")

    @classmethod
    def of_days(cls, first: date, last: date) -> Period:
        """The period a certificate states: both days included.

        One that ends on 28 February runs to the end of February: in a leap year many still say the 28th.
        """
        if last == date.max:
            return cls(first, last)
        end = last + ONE_DAY
        return cls(first, end.replace(month=3, day=1) if (end.month, end.day) == (2, LEAP_DAY) else end)

    @property
    def last_day(self) -> date:
        """The inclusive legal last day."""
        return self.end - ONE_DAY

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def __bool__(self) -> bool:
        return self.start < self.end


def merge(periods: Iterable[Period]) -> tuple[Period, ...]:
    """Continuous stretches in order of time: periods that touch or overlap become one, empty ones vanish."""
    merged: list[Period] = []
    for period in sorted(filter(None, periods)):
        if merged and period.start <= merged[-1].end:
            merged[-1] = Period(merged[-1].start, max(merged[-1].end, period.end))
        else:
            merged.append(period)
    return tuple(merged)


def without(whole: Period, gaps: Iterable[Period]) -> tuple[Period, ...]:
    """What is left of a period once `gaps` are taken out of it, in order of time."""
    left, start = [], whole.start
    for gap in merge(gaps):
        left.append(Period(start, max(start, min(gap.start, whole.end))))
        start = max(start, min(gap.end, whole.end))
    return tuple(filter(None, [*left, Period(start, whole.end)]))
