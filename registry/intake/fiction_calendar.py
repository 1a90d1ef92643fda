"""The dates of the fictional register: every one it can draw, made once for a campaign's year."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Self

Span = tuple[str, str]
"""First and last day, both inclusive, in ISO form."""

FIRST_YEAR = 2007
"""The register's first year: the lowest two digits an ORIAS number begins with are 07."""

_FRIDAY = 4
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Calendar:
    """Dates in ISO form around the campaign of `year`; registrations and removals fall on Fridays.

    `old` ends with February of the campaign's year and `new` follows it; `summers` are covers that run on
    past the campaign; `lapsed` ended the year before. `fridays` are the days of registration of each year: up
    to September in the last one before the campaign, and up to 20 February in the campaign's own.
    """

    year: int
    old: Span
    new: Span
    summers: tuple[Span, ...]
    lapsed: tuple[Span, ...]
    removals: tuple[str, ...]
    fridays: dict[int, tuple[str, ...]]

    @classmethod
    def of(cls, year: int) -> Self:
        """Make the calendar of the campaign of `year`.

        Raises ValueError before 2011: there would be no years to have registered in.
        """
        if year < FIRST_YEAR + 4:
            raise ValueError(f"campaign_year={year}: the register starts in {FIRST_YEAR}; ask for 2011 or later.")
        fridays = {past: _fridays(date(past, 1, 1), date(past, 12, 31)) for past in range(FIRST_YEAR, year - 1)}
        fridays[year - 1] = _fridays(date(year - 1, 1, 1), date(year - 1, 9, 30))
        fridays[year] = _fridays(date(year, 1, 2), date(year, 2, 20))
        return cls(
            year=year,
            old=_whole_year(date(year - 1, 3, 1)),
            new=_whole_year(date(year, 3, 1)),
            summers=_whole_years(date(year - 1, 6, 1), days=90),
            lapsed=_whole_years(date(year - 2, 4, 1), days=150),
            removals=_fridays(date(year - 1, 3, 2), date(year - 1, 9, 30)),
            fridays=fridays,
        )


def _fridays(first: date, last: date) -> tuple[str, ...]:
    start = first + timedelta(days=(_FRIDAY - first.weekday()) % 7)
    return tuple((start + timedelta(weeks=week)).isoformat() for week in range((last - start).days // 7 + 1))


def _whole_year(start: date) -> Span:
    return start.isoformat(), (start.replace(year=start.year + 1) - _DAY).isoformat()


def _whole_years(first: date, *, days: int) -> tuple[Span, ...]:
    """Covers of a year, one beginning on each of `days` days."""
    return tuple(_whole_year(first + timedelta(days=offset)) for offset in range(days))
