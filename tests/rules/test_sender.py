"""I13: who may send, judged from what is known of the database, the machine and the journal."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from reminders.rules.journal import BEGINNING, End
from reminders.rules.sender import (
    ABOUT_THE_DATABASE,
    OF_THIS_MACHINE,
    Armed,
    Disarmed,
    Held,
    Owner,
    Place,
    Seen,
    ahead,
    is_read_to_its_end,
    judge_database,
    judge_file,
    judge_journal,
    judge_owner,
    judge_passes,
    missing,
    remembered,
)

PLACE = Place(7_710_788_455_174_988_465, 16_384, 1)
ARMED = Armed("epoch", "742", PLACE)
HELD = Held("epoch", "742", in_place=True)
FIRST, LATER = End(3, "3" * 64), End(9, "9" * 64)


def test_the_database_that_was_armed_sends_from_the_machine_that_holds_its_identity() -> None:
    assert judge_database(ARMED, PLACE) is None
    assert judge_file(ARMED, HELD) is None


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"system_identifier": 1}, Disarmed.OTHER_DATABASE),
        ({"database_oid": 1}, Disarmed.OTHER_DATABASE),
        ({"timeline": 2}, Disarmed.OTHER_TIMELINE),
        ({"timeline": 0}, Disarmed.OTHER_TIMELINE),
    ],
)
def test_i13_a_copy_or_a_recovery_is_another_database(change: dict[str, int], why: Disarmed) -> None:
    """Fails without the comparison of the thing in question in `judge_database`."""
    assert judge_database(ARMED, replace(PLACE, **change)) is why


def test_i13_a_database_without_an_identity_does_not_send() -> None:
    assert judge_database(None, PLACE) is Disarmed.NO_IDENTITY


@pytest.mark.parametrize(
    ("held", "why"),
    [
        (None, Disarmed.NO_FILE),
        (replace(HELD, in_place=False), Disarmed.FILE_COPIED),
        (replace(HELD, epoch="older"), Disarmed.OTHER_EPOCH),
        (replace(HELD, version="743"), Disarmed.ROW_RESTORED),
    ],
)
def test_i13_a_machine_must_hold_the_very_identity_that_the_database_has(held: Held | None, why: Disarmed) -> None:
    """Fails without the comparison of the thing in question in `judge_file`."""
    assert judge_file(ARMED, held) is why


@pytest.mark.parametrize(
    ("found", "known", "expected", "lost"),
    [
        ({}, {}, False, False),
        ({}, {}, True, True),
        ({}, {"a": FIRST}, False, True),
        ({"b": FIRST}, {"a": FIRST}, False, True),
        ({"a": FIRST}, {"a": LATER}, False, True),
        ({"a": End(9, BEGINNING)}, {"a": LATER}, False, True),
        ({"a": LATER}, {"a": FIRST}, False, False),
        ({"a": LATER}, {"a": LATER}, True, False),
        ({"a": FIRST}, {}, True, False),
    ],
)
def test_i13_a_journal_that_is_missing_short_or_altered_at_its_end_is_lost(
    found: dict[str, End], known: dict[str, End], expected: bool, lost: bool
) -> None:
    assert judge_journal(found, known, {}, expected=expected) is (Disarmed.JOURNAL_LOST if lost else None)


@pytest.mark.parametrize(
    ("found", "seen", "lacking"),
    [
        ({}, {}, ()),
        ({"a": FIRST}, {"a": 3}, ()),
        ({"a": FIRST}, {"a": 4}, ("a",)),
        ({"b": LATER}, {"a": 1, "b": 9}, ("a",)),
        ({"b": LATER}, {"a": 0, "b": 10}, ("b",)),
    ],
)
def test_i13_so_is_one_that_has_fewer_entries_than_were_seen_in_it(
    found: dict[str, End], seen: dict[str, int], lacking: tuple[str, ...]
) -> None:
    assert missing(found, {}, seen) == lacking
    assert judge_journal(found, {}, seen, expected=False) is (Disarmed.JOURNAL_LOST if lacking else None)


def test_i13_a_journal_is_read_to_its_end_where_each_chain_ends_where_the_database_knows_it_to() -> None:
    cases: list[tuple[Any, Any, bool]] = [
        ({}, {}, True),
        ({"a": FIRST}, {"a": FIRST}, True),
        ({"a": LATER}, {"a": FIRST}, False),
        ({"a": FIRST}, {}, False),
        ({}, {"a": FIRST}, False),
    ]
    for found, known, read in cases:
        assert is_read_to_its_end(found, known) is read, (found, known)
    assert ahead({"a": LATER, "b": FIRST, "c": FIRST}, {"a": FIRST, "b": FIRST}) == ("a", "c")


SEEN = Seen("epoch", "m", 7, {"a": 3})


@pytest.mark.parametrize(
    ("seen", "passes", "why"),
    [
        (None, 0, None),
        (SEEN, 7, None),
        (SEEN, 8, None),
        (SEEN, 6, Disarmed.GONE_BACK),
        (SEEN, 0, Disarmed.GONE_BACK),
        (replace(SEEN, epoch="older"), 0, None),
    ],
)
def test_i13_a_database_that_knows_of_fewer_passes_than_its_machine_has_gone_back(
    seen: Seen | None, passes: int, why: Disarmed | None
) -> None:
    assert judge_passes(ARMED.epoch, [seen] if seen else [], passes) is why


@pytest.mark.parametrize(
    ("owner", "found", "why"),
    [
        (None, [], None),
        (None, ["a"], Disarmed.JOURNAL_OF_ANOTHER),
        (Owner("epoch", begun=True), ["a"], None),
        (Owner("epoch", begun=False), [], None),
        (Owner("later", begun=True), ["a"], Disarmed.JOURNAL_OF_ANOTHER),
        (Owner("", begun=False), [], Disarmed.JOURNAL_OF_ANOTHER),
    ],
)
def test_i13_a_journal_is_its_owner_s_alone(owner: Owner | None, found: list[str], why: Disarmed | None) -> None:
    assert judge_owner(ARMED, owner, found) is why


def test_what_a_machine_saw_counts_under_the_epoch_that_is_armed() -> None:
    owner = Owner("epoch", begun=True)
    assert remembered(owner, [SEEN]) == {"a": 3}
    assert remembered(replace(owner, epoch="later"), [SEEN]) == {}
    assert remembered(None, [SEEN]) == remembered(owner, []) == {}


def test_of_several_memories_the_furthest_counts() -> None:
    owner, other = Owner("epoch", begun=True), replace(SEEN, entries={"a": 1, "b": 9})
    assert remembered(owner, [SEEN, other]) == remembered(owner, [other, SEEN]) == {"a": 3, "b": 9}
    assert judge_passes(ARMED.epoch, [SEEN, replace(SEEN, passes=9)], 8) is Disarmed.GONE_BACK


def test_what_is_true_of_the_database_stops_all_and_the_rest_one_machine() -> None:
    assert not ABOUT_THE_DATABASE & OF_THIS_MACHINE
    of_the_journal = {Disarmed.JOURNAL_OF_ANOTHER, Disarmed.JOURNAL_LOST, Disarmed.JOURNAL_DAMAGED}
    assert ABOUT_THE_DATABASE | OF_THIS_MACHINE | of_the_journal == set(Disarmed)
