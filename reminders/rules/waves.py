"""Waves (vagues): on which days before or after a deadline a reminder may go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from registry.rules.facts import Reference


@dataclass(frozen=True, slots=True)
class WaveRule:
    """A wave runs from `due_on + first_offset` to `due_on + last_offset` (days, both included).

    The last one is its last useful day: nothing of the wave is sent after it.
    """

    code: str
    first_offset: int
    last_offset: int

    def first_day(self, due_on: date) -> date:
        """The first day on which the wave may be sent."""
        return due_on + timedelta(days=self.first_offset)

    def last_day(self, due_on: date) -> date:
        """Its last useful day."""
        return due_on + timedelta(days=self.last_offset)

    def runs_on(self, day: date, due_on: date) -> bool:
        """Whether `day` is one of its useful days."""
        return self.first_offset <= (day - due_on).days <= self.last_offset


DEFAULT_WAVES = (
    WaveRule("D-45", -45, -31),
    WaveRule("D-30", -30, -16),
    WaveRule("D-15", -15, -8),
    WaveRule("D-7", -7, -3),
    WaveRule("D-2", -2, 0),
    WaveRule("D+1", 1, 14),
)
"""What the wave table starts with; the rows decide."""


def wave_on(day: date, due_on: date, waves: Iterable[WaveRule]) -> WaveRule | None:
    """The latest wave useful on `day`: after an outage the missed ones are not made up for."""
    running = [w for w in waves if w.runs_on(day, due_on)]
    return max(running, key=lambda w: (w.first_offset, w.code), default=None)


def earliest_term(day: date, reference: Reference, waves: Iterable[WaveRule]) -> date:
    """The first term of which a wave may run on `day`: of what was sent for earlier ones nothing hangs any more.

    A cover that ends alone is due on its term, or as many days later as outages took; one that ends with a campaign
    when that campaign is, whenever a decision has put that.
    """
    ended = day - timedelta(days=max((w.last_offset for w in waves), default=0))
    alone = ended - timedelta(days=sum(freeze.days_lost for freeze in reference.freezes))
    still_due = (c.term for c in reference.campaigns if max(c.principals_due_on, c.due_on) >= ended)
    return min(alone, *still_due)


def is_before_all(day: date, due_on: date, waves: Iterable[WaveRule]) -> bool:
    """Whether some wave is still to come."""
    return any(day < w.first_day(due_on) for w in waves)
