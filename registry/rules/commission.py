"""How the registration commission votes: quorum, two thirds, declared interests (CA R512-3 V; CMF R546-1)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from registry.rules.labels import LabelledEnum


class Choice(LabelledEnum):
    """What a member who is present says on one case."""

    FOR = "FOR", "Pour", "For"
    AGAINST = "AGAINST", "Contre", "Against"
    ABSTAINED = "ABSTAINED", "Abstention", "Abstained"
    CONFLICT = "CONFLICT", "Intérêt déclaré, ne siège pas", "Declared interest, does not sit"


CHOICES: Mapping[str, Choice] = {
    "for": Choice.FOR,
    "against": Choice.AGAINST,
    "abstained": Choice.ABSTAINED,
    "conflict": Choice.CONFLICT,
}
"""How a file or a program names the lists of members who said so."""


def choices_named(lists: Mapping[str, Iterable[str]]) -> dict[str, Choice]:
    """By member's code, what the lists (keys of CHOICES) say. Raises ValueError for another list, or two voices."""
    if foreign := set(lists) - set(CHOICES):
        raise ValueError(f"inconnu\u00a0: {', '.join(sorted(foreign))}")
    pairs = [(code, CHOICES[name]) for name, codes in lists.items() for code in codes]
    if len(dict(pairs)) < len(pairs):
        raise ValueError("un membre n’a qu’une voix par affaire")
    return dict(pairs)


class Outcome(LabelledEnum):
    """What a vote on a removal comes to."""

    CARRIED = "CARRIED", "Suppression décidée", "Removal decided"
    REJECTED = "REJECTED", "Suppression rejetée", "Removal rejected"
    NO_QUORUM = "NO_QUORUM", "Quorum non réuni", "No quorum"


@dataclass(frozen=True, slots=True)
class Vote:
    """One vote counted. `sitting` are the members present who have declared no interest."""

    seats: int
    sitting: int
    votes_for: int
    votes_against: int
    abstained: int
    conflicts: int

    @property
    def has_quorum(self) -> bool:
        """Whether half of all members in office sit. Who declares an interest leaves, and is missing from the half."""
        return self.seats > 0 and 2 * self.sitting >= self.seats

    @property
    def outcome(self) -> Outcome:
        """Two thirds of the votes cast remove; an abstention is no vote cast, and no vote at all removes nobody."""
        if not self.has_quorum:
            return Outcome.NO_QUORUM
        cast = self.votes_for + self.votes_against
        carried = self.votes_for > 0 and 3 * self.votes_for >= 2 * cast
        return Outcome.CARRIED if carried else Outcome.REJECTED


def count_vote(seats: int, choices: Iterable[Choice]) -> Vote:
    """Count the choices of those present; `seats` is the number of members in office, present or not."""
    told = Counter(choices)
    return Vote(
        seats=seats,
        sitting=told.total() - told[Choice.CONFLICT],
        votes_for=told[Choice.FOR],
        votes_against=told[Choice.AGAINST],
        abstained=told[Choice.ABSTAINED],
        conflicts=told[Choice.CONFLICT],
    )
