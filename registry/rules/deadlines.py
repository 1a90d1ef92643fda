"""Signed decisions about deadlines: a shift of a campaign's dates, a freeze of all running legal clocks.

Each is folded, in the order of signing, over the dates a campaign started from; a decision that was reverted counts
for nothing from the instant of its reversal on. So the dates of any instant can be told as they were believed then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from registry.rules.campaigns import CampaignDates
from registry.rules.labels import LabelledEnum

MOVABLE = ("opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on")
"""The five dates of a campaign, in their order."""
_IN_ORDER = MOVABLE[:4]
SHOWN_FOR = timedelta(days=60)
"""How long after an outage its freeze is told to the public: as long as the longest clock that ran in it."""


class DeadlineAct(LabelledEnum):
    """What was decided about deadlines."""

    SHIFT = "SHIFT", "Décalage de campagne", "Campaign shift"
    FREEZE = "FREEZE", "Gel des délais", "Deadline freeze"
    REVERSAL = "REVERSAL", "Annulation", "Reversal"


@dataclass(frozen=True, slots=True)
class Freeze:
    """Our own outage, from `from_on` to `until_on` (local days, both included)."""

    from_on: date
    until_on: date

    @property
    def days_lost(self) -> int:
        """By how many days each running clock is moved."""
        return (self.until_on - self.from_on).days + 1

    def move(self, day: date, opened_on: date) -> date:
        """The day on which a clock ends that was to end on `day` and began to run on `opened_on`.

        It is moved if it was running: begun by the end of the outage, not over when that began.
        """
        runs = opened_on <= self.until_on and day >= self.from_on
        return day + timedelta(days=self.days_lost) if runs else day

    def is_shown(self, day: date) -> bool:
        """Whether the public is still told of it."""
        return day <= self.until_on + SHOWN_FOR

    def overlaps(self, other: Freeze) -> bool:
        """Whether some day was lost by both: it is given back once."""
        return self.from_on <= other.until_on and other.from_on <= self.until_on


@dataclass(frozen=True, slots=True)
class Shift:
    """Some dates (keys of MOVABLE) of the campaign of `year`, set to new days."""

    year: int
    dates: Mapping[str, date] = field(hash=False)


@dataclass(frozen=True, slots=True)
class SignedDecision:
    """A decision, when it was signed, and when its reversal was, if ever. `number` orders them."""

    number: int
    act: Shift | Freeze
    signed_at: datetime
    reverted_at: datetime | None = None

    def is_in_force(self, at: datetime | None = None) -> bool:
        """Whether it counted at that instant; None: today, whatever the clocks say."""
        if at is None:
            return self.reverted_at is None
        return self.signed_at <= at and (self.reverted_at is None or self.reverted_at > at)


def acts_in_force(decisions: Iterable[SignedDecision], at: datetime | None = None) -> tuple[Shift | Freeze, ...]:
    """The acts that counted at an instant (None: that count now), in the order of signing."""
    return tuple(d.act for d in sorted(decisions, key=lambda d: d.number) if d.is_in_force(at))


def dates_in_force(original: CampaignDates, acts: Iterable[Shift | Freeze]) -> CampaignDates:
    """The five dates of a campaign after these acts, taken in their order.

    A freeze moves the dates that had not passed when the outage began, of a campaign open by its end.
    """
    dates = original
    for act in acts:
        if isinstance(act, Freeze):
            opened_on = dates.opens_on
            dates = _with(dates, {name: act.move(getattr(dates, name), opened_on) for name in MOVABLE})
        elif act.year == dates.year:
            dates = _with(dates, act.dates)
    return dates


def _with(dates: CampaignDates, moved: Mapping[str, date]) -> CampaignDates:
    return CampaignDates(dates.year, *(moved.get(name, getattr(dates, name)) for name in MOVABLE))


def after_freezes(day: date, opened_on: date, freezes: Iterable[Freeze]) -> date:
    """The last day of a clock that runs from `opened_on` to `day`, after these freezes in the order of signing."""
    for freeze in freezes:
        day = freeze.move(day, opened_on)
    return day


def are_in_order(dates: CampaignDates) -> bool:
    """Whether opening, both deadlines and the tolerance follow one another; the same day is allowed."""
    days = [getattr(dates, name) for name in _IN_ORDER]
    return days == sorted(days)


def freeze_in_words(freeze: Freeze, language: str = "fr") -> str:
    """The line that tells the public of a freeze, in French or English."""
    lost = freeze.days_lost
    first, last = freeze.from_on, freeze.until_on
    if language == "en":
        return (
            f"Because our service was unavailable from {first:%d/%m/%Y} to {last:%d/%m/%Y}, every deadline that was "
            f"running is extended by {lost} day{'s' if lost > 1 else ''}."
        )
    return (
        f"En raison de l’indisponibilité de notre service du {first:%d/%m/%Y} au {last:%d/%m/%Y}, tous les délais en "
        f"cours sont prolongés de {lost} jour{'s' if lost > 1 else ''}."
    )
