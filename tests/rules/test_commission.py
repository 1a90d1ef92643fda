"""Quorum and two thirds, at their edges and in general."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.commission import Choice, Outcome, choices_named, count_vote

F, A, B, X = Choice.FOR, Choice.AGAINST, Choice.ABSTAINED, Choice.CONFLICT


@pytest.mark.parametrize(
    ("seats", "choices", "outcome"),
    [
        (5, [F, F, A], Outcome.CARRIED),
        (5, [F, F, A, A], Outcome.REJECTED),
        (6, [F, F, F], Outcome.CARRIED),
        (6, [F, F, X], Outcome.NO_QUORUM),
        (6, [F, F, B], Outcome.CARRIED),
        (6, [B, B, B], Outcome.REJECTED),
        (7, [F, F, F], Outcome.NO_QUORUM),
        (3, [F, F, F, A, A], Outcome.REJECTED),
        (0, [], Outcome.NO_QUORUM),
    ],
)
def test_what_a_vote_comes_to(seats: int, choices: list[Choice], outcome: Outcome) -> None:
    assert count_vote(seats, choices).outcome is outcome


ROOM = st.lists(st.sampled_from(Choice), max_size=15)
SEATS = st.integers(0, 15)


@given(SEATS, ROOM)
def test_a_removal_is_carried_exactly_where_the_law_says(seats: int, room: list[Choice]) -> None:
    told = Counter(room)
    sitting = len(room) - told[X]
    lawful = seats > 0 and sitting >= seats / 2 and told[F] > 0 and told[F] / (told[F] + told[A]) >= 2 / 3
    assert (count_vote(seats, room).outcome is Outcome.CARRIED) is lawful


@given(SEATS, ROOM)
def test_one_more_against_or_a_declared_interest_never_carries_what_was_not(seats: int, room: list[Choice]) -> None:
    if count_vote(seats, room).outcome is Outcome.REJECTED:
        assert count_vote(seats, [*room, A]).outcome is Outcome.REJECTED
    if count_vote(seats, room).outcome is Outcome.NO_QUORUM:
        assert count_vote(seats, [*room, X]).outcome is Outcome.NO_QUORUM


@given(SEATS, ROOM)
def test_who_declares_an_interest_counts_for_nothing(seats: int, room: list[Choice]) -> None:
    without = [c for c in room if c is not X]
    assert count_vote(seats, room).outcome is count_vote(seats, without).outcome


def test_lists_of_members_are_read_as_choices_of_one_voice_each() -> None:
    assert choices_named({"for": ["m1"], "against": ["m2"], "abstained": [], "conflict": ["m3"]}) == {
        "m1": F, "m2": A, "m3": X,
    }  # fmt: skip
    for lists, said in (({"maybe": ["m1"]}, "inconnu"), ({"for": ["m1"], "against": ["m1"]}, "une voix")):
        with pytest.raises(ValueError, match=said):
            choices_named(lists)
