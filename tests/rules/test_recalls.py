"""What one who got a wrong message is told: the truth of today, and nothing to an address that is not the file's."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.facts import CoverStatus, FileFacts
from registry.rules.file_state import FileStatus, assess_file
from registry.rules.working_days import is_working_day
from reminders.rules.brakes import BrakeLevel, blocks
from reminders.rules.identity import recall_key
from reminders.rules.recalls import (
    Corrected,
    RecallClass,
    RecallDecision,
    RecallFacts,
    decide_recall,
    judge_recall,
    last_useful_day,
)
from tests.rules.strategies import (
    REFERENCE,
    campaign_days,
    campaign_year,
    file_of,
    files,
    on,
    rc_pro,
    registration,
)

DAY = on("2026-01-30")
OLD, NEW = rc_pro(*campaign_year(2026)), rc_pro(*campaign_year(2027))
DEPOSIT = replace(NEW, status=CoverStatus.DEPOSITED)
DUE = file_of(registration(), OLD)
GREEN, AMBER, RED = BrakeLevel.GREEN, BrakeLevel.AMBER, BrakeLevel.RED


def corrected(file: FileFacts) -> Corrected:
    return Corrected("k" * 40, file.email, on("2026-01-29"), is_uncertain=False)


def decide(file: FileFacts, day: date = DAY) -> RecallDecision:
    return decide_recall(file, corrected(file), REFERENCE, day)


# --- the class ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("file", "told"),
    [
        (DUE, RecallClass.DUE),
        (file_of(registration(), OLD, NEW), RecallClass.COMPLETE),
        (file_of(registration(), OLD, DEPOSIT), RecallClass.IN_REVIEW),
        (file_of(registration(removed_on=on("2026-01-30")), OLD), RecallClass.OTHER),
        (file_of(registration(suspended_on=on("2026-01-30")), OLD), RecallClass.OTHER),
        (file_of(registration(registered_on=on("2026-01-31")), OLD), RecallClass.OTHER),
        (file_of(OLD), RecallClass.OTHER),
    ],
)
def test_each_is_told_the_state_of_today(file: FileFacts, told: RecallClass) -> None:
    decision = decide(file)
    assert decision.recall_class is told
    assert bool(decision.items) == (decision.recall_class is RecallClass.DUE)


def test_what_is_open_without_being_asked_for_is_neither_due_nor_complete() -> None:
    """A first registration of January, its cover over: it is renewed in the next campaign."""
    newcomer = file_of(registration(registered_on=on("2026-01-05")), OLD)
    assert decide(newcomer).recall_class is RecallClass.COMPLETE
    assert decide(newcomer, on("2026-03-01")).recall_class is RecallClass.OTHER


def test_what_is_due_is_told_whatever_a_reminder_would_find_against_it() -> None:
    """No wave runs on that day, the ledger is not asked, and there is no address in the register any more."""
    assert decide(DUE, on("2026-06-15")).recall_class is RecallClass.DUE


def test_an_address_that_is_no_longer_the_files_is_told_nothing_of_it() -> None:
    """Fails without the comparison of addresses in `decide_recall`."""
    for file in (DUE, file_of(registration(), OLD, NEW)):
        moved = replace(corrected(file), email="former@cabinet.example")
        decision = decide_recall(file, moved, REFERENCE, DAY)
        assert (decision.recall_class, decision.items) == (RecallClass.OTHER, ())


@given(files(), campaign_days())
def test_i3_a_recall_says_due_only_of_open_items_and_complete_only_of_a_complete_file(
    file: FileFacts, day: date
) -> None:
    """Fails where an item that is not remindable were listed, or a class were given without looking at the state."""
    decision = decide(file, day)
    state = assess_file(file, REFERENCE, day)
    assert decision.state == state
    if decision.recall_class is RecallClass.COMPLETE:
        assert state.is_complete
    if decision.recall_class is RecallClass.IN_REVIEW:
        assert state.status is FileStatus.UNDER_REVIEW
    assert all(f.is_remindable for item in decision.items for f in item.findings)
    assert bool(decision.items) == (decision.recall_class is RecallClass.DUE)


# --- its identity and its time ------------------------------------------------------------------------------


def test_i2_the_identity_of_a_correction_is_the_same_in_every_version_of_the_program() -> None:
    """Fails with any change of the text that `recall_key` hashes: an old ledger would not know its mails."""
    assert recall_key("439f295e16a4f3b7f48644535b65063de8f92d45") == "e587af64ffad5340445ae6ad8fa1a5413c222c58"


@given(st.text("0123456789abcdef", min_size=40, max_size=40), st.text("0123456789abcdef", min_size=40, max_size=40))
def test_i2_each_message_has_a_correction_of_its_own(one: str, other: str) -> None:
    assert (recall_key(one) == recall_key(other)) == (one == other)
    assert recall_key(one) != one
    assert len(recall_key(one)) == 40


@pytest.mark.parametrize(
    ("day", "last"),
    [("2026-01-30", "2026-02-06"), ("2026-01-31", "2026-02-06"), ("2026-04-30", "2026-05-11")],
)
def test_a_correction_is_useful_for_five_working_days_after_its_own(day: str, last: str) -> None:
    assert last_useful_day(on(day)) == on(last)
    assert is_working_day(last_useful_day(on(day)))


# --- brakes -------------------------------------------------------------------------------------------------

CALM = RecallFacts(
    reached=1_000,
    planned=900,
    left_out=0,
    corrected_before=100,
    still_due=450,
    import_in_progress=False,
    sending_stopped=False,
    may_leave_that_day=True,
    rules_changed=False,
)


def test_a_calm_recall_is_green() -> None:
    assert {b.level for b in judge_recall(CALM)} == {GREEN}


BOUNDARIES: list[tuple[str, dict[str, Any], BrakeLevel]] = [
    ("CONSERVATION", {"planned": 899}, RED),
    ("CONSERVATION", {"corrected_before": 101}, RED),
    ("IN_LIVE_BATCH", {"left_out": 1, "planned": 899, "still_due": 0}, AMBER),
    ("STILL_DUE", {"still_due": 450}, GREEN),
    ("STILL_DUE", {"still_due": 451}, AMBER),
    ("STILL_DUE", {"planned": 0, "still_due": 0, "reached": 100}, GREEN),
    ("IMPORT_IN_PROGRESS", {"import_in_progress": True}, RED),
    ("SENDING_STOPPED", {"sending_stopped": True}, AMBER),
    ("SEND_WINDOW", {"may_leave_that_day": False}, AMBER),
    ("RULES_CHANGED", {"rules_changed": True}, AMBER),
]


@pytest.mark.parametrize(("code", "facts", "level"), BOUNDARIES)
def test_each_brake_turns_exactly_at_its_limit(code: str, facts: dict[str, Any], level: BrakeLevel) -> None:
    brakes = {b.code: b for b in judge_recall(replace(CALM, **facts))}
    assert brakes[code].level is level
    assert brakes[code].message


def test_every_brake_has_been_turned_and_two_block() -> None:
    """Fails where a brake is added without its limit here, or where the two that must block would not."""
    assert {code for code, _, level in BOUNDARIES if level is not GREEN} == {b.code for b in judge_recall(CALM)}
    bad = replace(CALM, planned=1, import_in_progress=True)
    assert [b.code for b in blocks(judge_recall(bad))] == ["CONSERVATION", "IMPORT_IN_PROGRESS"]
