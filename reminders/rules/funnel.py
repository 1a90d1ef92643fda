"""The preview as a funnel: who is on the register, whose paper is due, who was not reminded yet, who will get it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from reminders.rules.eligibility import SkipReason

NOTHING_DUE = frozenset(
    {
        SkipReason.MERGED,
        SkipReason.REMOVED,
        SkipReason.NOT_YET_REGISTERED,
        SkipReason.SUSPENDED,
        SkipReason.COMPLETE,
        SkipReason.AWAITING_REVIEW,
        SkipReason.REGISTERED_TOO_LATE,
        SkipReason.NOT_DUE,
    }
)
REMINDED = frozenset(
    {
        SkipReason.NO_WAVE_LEFT,
        SkipReason.IN_LIVE_BATCH,
        SkipReason.ALREADY_REMINDED,
        SkipReason.TOO_SOON,
        SkipReason.OTHER_WAVE,
    }
)
OUT_OF_REACH = frozenset({SkipReason.NO_EMAIL, SkipReason.ADDRESS_DEAD, SkipReason.FACTS_CHANGED})


@dataclass(frozen=True, slots=True)
class Funnel:
    """Four numbers, none larger than the one before."""

    registered: int
    due: int
    not_yet_reminded: int
    will_receive: int


def funnel(skipped: Mapping[str, int], planned: int) -> Funnel:
    """The funnel of a plan: those left out, by reason, and those planned. Raises ValueError for an unknown reason."""
    reasons = {SkipReason(code): n for code, n in skipped.items()}
    not_yet = planned + sum(n for reason, n in reasons.items() if reason in OUT_OF_REACH)
    due = not_yet + sum(n for reason, n in reasons.items() if reason in REMINDED)
    return Funnel(planned + sum(reasons.values()), due, not_yet, planned)
