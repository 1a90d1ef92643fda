"""Legal holidays and the three French ways of counting days.

*Jours ouvrés*: Monday to Friday. *Jours ouvrables*: Monday to Saturday. Both without the eleven legal
holidays of Code du travail L3133-1. *Jours francs*: every day counts, except the first and the last.

``subdivision`` adds local holidays: ``ALSACE`` and ``MOSELLE`` have Good Friday and 26 December (L3134-13).
"""

from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache

import holidays

ALSACE = "6AE"
MOSELLE = "57"

_ONE_DAY = timedelta(days=1)
_SATURDAY = 5
_SUNDAY = 6


@lru_cache(maxsize=256)
def legal_holidays(year: int, subdivision: str | None = None) -> frozenset[date]:
    """Return the legal holidays (*jours fériés*) of a year in metropolitan France, or in one of its parts."""
    return frozenset(holidays.country_holidays("FR", years=year, subdiv=subdivision))


def is_legal_holiday(day: date, subdivision: str | None = None) -> bool:
    """Tell whether the day is a legal holiday."""
    return day in legal_holidays(day.year, subdivision)


def is_working_day(day: date, subdivision: str | None = None) -> bool:
    """Tell whether the day is a *jour ouvré*: Monday to Friday and no legal holiday."""
    return day.weekday() < _SATURDAY and not is_legal_holiday(day, subdivision)


def is_business_day(day: date, subdivision: str | None = None) -> bool:
    """Tell whether the day is a *jour ouvrable*: Monday to Saturday and no legal holiday."""
    return day.weekday() < _SUNDAY and not is_legal_holiday(day, subdivision)


def next_working_day(day: date, subdivision: str | None = None) -> date:
    """Return the first *jour ouvré* strictly after the day."""
    return _nth_day(day, 1, subdivision, is_working_day)


def add_business_days(day: date, count: int, subdivision: str | None = None) -> date:
    """Return the ``count``-th *jour ouvrable* after the day; the day itself is not counted.

    Ten of them are the time to acknowledge a complaint (ACPR 2024-R-02). A negative count is a
    ``ValueError``.
    """
    if count < 0:
        raise ValueError(f"count must be 0 or more jours ouvrables, got {count}")
    return _nth_day(day, count, subdivision, is_business_day)


def clear_days_after(day: date, count: int) -> date:
    """Return the first day on which an act may take effect, ``count`` *jours francs* after the day.

    Neither the day of the notice nor the day of the effect counts (CA R512-17: three clear days before a
    guarantee ends): noticed on a Monday, three clear days later is Friday. A negative count is a
    ``ValueError``.
    """
    if count < 0:
        raise ValueError(f"count must be 0 or more jours francs, got {count}")
    return day + timedelta(days=count + 1)


def _nth_day(day: date, count: int, subdivision: str | None, counts: Callable[[date, str | None], bool]) -> date:
    while count:
        day += _ONE_DAY
        count -= counts(day, subdivision)
    return day
