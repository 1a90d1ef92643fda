"""What an issuer's word does to a certificate, from which day on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import CoverKind
from registry.rules.facts import ENDING_EVENTS, CoverEventKind
from registry.rules.periods import Period, merge
from registry.rules.working_days import clear_days_after

GUARANTEE_CLEAR_DAYS = 3


def earliest_end(kind: CoverKind, told_on: date) -> date | None:
    """The first day without cover that a notice received on `told_on` can bring about; None where no text sets one.

    A guarantee never ends before three clear days after the register was told by the guarantor (CA R512-17, CMF
    R519-18). Clear days are days of the calendar: Sundays and holidays count, and nothing is put off to a working day.
    """
    return clear_days_after(told_on, GUARANTEE_CLEAR_DAYS) if kind is CoverKind.FINANCIAL_GUARANTEE else None


@dataclass(frozen=True, slots=True)
class Said:
    """One word of an issuer; `effective_on` is the first day without cover, or the first with cover again."""

    kind: CoverEventKind
    effective_on: date


def lifted_on(said: tuple[Said, ...], place: int) -> date | None:
    """From when the ending word at `place` counts no more: a suspension, by a reinstatement told after it."""
    one = said[place]
    if one.kind is not CoverEventKind.SUSPENDED:
        return None
    lifts = [s.effective_on for s in said[place + 1 :] if s.kind is CoverEventKind.REINSTATED]
    return max(one.effective_on, min(lifts)) if lifts else None


def days_lost(events: Iterable[Said]) -> tuple[date | None, tuple[Period, ...]]:
    """What the words of an issuer, in the order in which they were told, take from a certificate.

    The first day of what is lost for good (None: nothing is), and the suspensions that were lifted before it. The
    twin of the view `registry_coverword`.
    """
    said = tuple(events)
    ends, gaps = [], []
    for place, one in enumerate(said):
        if one.kind not in ENDING_EVENTS:
            continue
        lifted = lifted_on(said, place)
        if lifted is None:
            ends.append(one.effective_on)
        else:
            gaps.append(Period(one.effective_on, lifted))
    if not ends:
        return None, merge(gaps)
    ended_on = min(ends)
    for gap in reversed(merge(gaps)):
        ended_on = gap.start if gap.start <= ended_on <= gap.end else ended_on
    return ended_on, tuple(g for g in merge(gaps) if g.end < ended_on)
