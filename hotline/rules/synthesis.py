"""The yearly synthesis of complaints (ACPR 2024-R-02): volume, nature, delays, quality of the answers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from math import ceil

from hotline.rules.complaints import (
    ComplaintChannel,
    ComplaintFacts,
    ComplaintOutcome,
    ComplaintState,
    Matter,
    assess_complaint,
)

MOST_BATCHES = 10


@dataclass(frozen=True, slots=True)
class YearlyComplaint:
    """One complaint of the year: its clocks' facts, and what is counted."""

    facts: ComplaintFacts
    began_on: date
    channel: ComplaintChannel
    matter: Matter
    outcome: ComplaintOutcome | None = None
    batch: int | None = None


@dataclass(frozen=True, slots=True)
class Delays:
    """Of those that were answered in writing, in days from the sending; None where there is none."""

    answered: int
    median: int | None
    ninth_decile: int | None
    longest: int | None


@dataclass(frozen=True, slots=True)
class Synthesis:
    """A year's complaints on a day. `complaints` leaves out those found to be requests (`requalified`).

    Late: whose clock ran out, be they answered since or not. `by_month`: twelve counts, by the day they began.
    """

    year: int
    on: date
    complaints: int
    requalified: int
    waiting: int
    by_channel: dict[str, int]
    by_matter: dict[str, int]
    by_outcome: dict[str, int]
    by_month: tuple[int, ...]
    by_batch: tuple[tuple[int, int], ...]
    written: int
    acknowledged_late: int
    answered_late: int
    delays: Delays


def synthesise(
    complaints: Iterable[YearlyComplaint], *, year: int, day: date, subdivision: str | None = None
) -> Synthesis:
    """Count a year's complaints as they stand on `day`."""
    entered = list(complaints)
    true = [c for c in entered if c.facts.state is not ComplaintState.REQUALIFIED]
    standings = [assess_complaint(c.facts, day=day, subdivision=subdivision) for c in true]
    months = Counter(c.began_on.month for c in true)
    batches = Counter(c.batch for c in true if c.batch is not None)
    return Synthesis(
        year=year,
        on=day,
        complaints=len(true),
        requalified=len(entered) - len(true),
        waiting=sum(c.outcome is None and c.facts.state is not ComplaintState.SATISFIED for c in true),
        by_channel=_counts(c.channel.value for c in true),
        by_matter=_counts(c.matter.value for c in true),
        by_outcome=_counts(c.outcome.value for c in true if c.outcome),
        by_month=tuple(months[month] for month in range(1, 13)),
        by_batch=tuple(sorted(batches.items(), key=lambda pair: (-pair[1], pair[0])))[:MOST_BATCHES],
        written=sum(c.facts.sent_on is not None for c in true),
        acknowledged_late=sum(standing.acknowledged_late for standing in standings),
        answered_late=sum(standing.answered_late for standing in standings),
        delays=_delays(true),
    )


def _counts(codes: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(codes).items(), key=lambda pair: (-pair[1], pair[0])))


def _delays(complaints: Iterable[YearlyComplaint]) -> Delays:
    facts = (c.facts for c in complaints)
    days = sorted((f.answered_on - f.sent_on).days for f in facts if f.answered_on and f.sent_on)
    return Delays(len(days), quantile(days, 0.5), quantile(days, 0.9), days[-1] if days else None)


def quantile(ordered: Sequence[int], share: float) -> int | None:
    """The smallest value that at least this share of them does not exceed (nearest rank); None of nothing.

    Raises ValueError for a share that is not over 0 and up to 1.
    """
    if not 0 < share <= 1:
        raise ValueError(f"no share: {share}")
    return ordered[ceil(share * len(ordered)) - 1] if ordered else None
