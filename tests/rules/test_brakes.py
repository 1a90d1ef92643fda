"""Brakes: each judgement on both sides of each of its limits."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.brakes import Brake, BrakeLevel, DraftFacts, Limits, blocks, judge

GREEN, AMBER, RED = BrakeLevel.GREEN, BrakeLevel.AMBER, BrakeLevel.RED
NBSP = "\u00a0"

CALM = DraftFacts(
    registered=10_000,
    planned=1_000,
    left_out=9_000,
    same_wave_last_year=1_000,
    disagreements=(),
    complete_recipients=(),
    mailed_lately=0,
    stale_files=0,
    import_in_progress=False,
    sending_stopped=False,
    may_leave_that_day=True,
    most_shared_address=1,
    most_used_domain=100,
    rules_changed=False,
)
CODES = (
    "COMPLETE_FILE",
    "EVALUATORS_DISAGREE",
    "CONSERVATION",
    "SIZE_REGISTER",
    "SIZE_LAST_YEAR",
    "MAILED_LATELY",
    "REGISTER_STALE",
    "IMPORT_IN_PROGRESS",
    "SENDING_STOPPED",
    "SEND_WINDOW",
    "CONCENTRATION",
    "RULES_CHANGED",
    "OPEN_INCIDENT",
)


def brake(code: str, **facts: Any) -> Brake:
    return next(b for b in judge(replace(CALM, **facts)) if b.code == code)


def test_an_ordinary_draft_is_green_throughout_and_every_brake_is_told() -> None:
    told = judge(CALM)
    assert tuple(b.code for b in told) == CODES
    assert {b.level for b in told} == {GREEN}
    assert all(b.message for b in told)
    assert blocks(told) == ()


BOUNDARIES: list[tuple[str, dict[str, Any], BrakeLevel]] = [
    ("COMPLETE_FILE", {"complete_recipients": ("07000001",)}, RED),
    ("EVALUATORS_DISAGREE", {"disagreements": ("07000001",)}, RED),
    ("CONSERVATION", {"left_out": 8_999}, RED),
    ("CONSERVATION", {"left_out": 9_001}, RED),
    ("CONSERVATION", {"planned": 0, "left_out": 10_000}, GREEN),
    ("SIZE_REGISTER", {"planned": 5_000}, GREEN),
    ("SIZE_REGISTER", {"planned": 5_001}, AMBER),
    ("SIZE_REGISTER", {"planned": 10_000}, AMBER),
    ("SIZE_REGISTER", {"registered": 0, "planned": 0}, GREEN),
    ("SIZE_LAST_YEAR", {"planned": 1_500}, GREEN),
    ("SIZE_LAST_YEAR", {"planned": 1_501}, AMBER),
    ("SIZE_LAST_YEAR", {"planned": 3_000}, AMBER),
    ("SIZE_LAST_YEAR", {"planned": 3_001}, RED),
    ("SIZE_LAST_YEAR", {"planned": 76, "same_wave_last_year": 25}, RED),
    ("SIZE_LAST_YEAR", {"planned": 26, "same_wave_last_year": 1}, RED),
    ("SIZE_LAST_YEAR", {"planned": 25, "same_wave_last_year": 1}, AMBER),
    ("SIZE_LAST_YEAR", {"planned": 9_999, "same_wave_last_year": None}, GREEN),
    ("SIZE_LAST_YEAR", {"planned": 9_999, "same_wave_last_year": 0}, GREEN),
    ("MAILED_LATELY", {"mailed_lately": 500}, GREEN),
    ("MAILED_LATELY", {"mailed_lately": 501}, AMBER),
    ("MAILED_LATELY", {"planned": 0}, GREEN),
    ("REGISTER_STALE", {"stale_files": 1}, AMBER),
    ("REGISTER_STALE", {"stale_files": 100}, AMBER),
    ("REGISTER_STALE", {"stale_files": 101}, RED),
    ("REGISTER_STALE", {"stale_files": 1, "registered": 0}, RED),
    ("IMPORT_IN_PROGRESS", {"import_in_progress": True}, RED),
    ("SENDING_STOPPED", {"sending_stopped": True}, AMBER),
    ("SEND_WINDOW", {"may_leave_that_day": False}, AMBER),
    ("CONCENTRATION", {"most_shared_address": 20}, GREEN),
    ("CONCENTRATION", {"most_shared_address": 21}, AMBER),
    ("CONCENTRATION", {"most_used_domain": 500}, GREEN),
    ("CONCENTRATION", {"most_used_domain": 501}, AMBER),
    ("CONCENTRATION", {"planned": 120, "most_used_domain": 99}, GREEN),
    ("CONCENTRATION", {"planned": 120, "most_used_domain": 100}, AMBER),
    ("RULES_CHANGED", {"rules_changed": True}, AMBER),
    ("RULES_CHANGED", {"rules_changed": None}, GREEN),
    ("OPEN_INCIDENT", {"open_incidents": ("incident 3",)}, AMBER),
    ("OPEN_INCIDENT", {"open_incidents": ()}, GREEN),
]


@pytest.mark.parametrize(("code", "facts", "level"), BOUNDARIES)
def test_each_brake_turns_exactly_at_its_limit(code: str, facts: dict[str, Any], level: BrakeLevel) -> None:
    assert brake(code, **facts).level is level


def test_incidents_are_told_apart_though_their_names_hold_commas() -> None:
    told = brake("OPEN_INCIDENT", open_incidents=("lot 3, du 2 mars", "lot 4")).message
    assert told.startswith("lot 3, du 2 mars\u00a0; lot 4\u00a0: ")


def test_every_brake_that_may_turn_has_been_turned() -> None:
    assert {code for code, _, level in BOUNDARIES if level is not GREEN} == set(CODES)


@pytest.mark.parametrize("code", ["COMPLETE_FILE", "EVALUATORS_DISAGREE", "CONSERVATION", "IMPORT_IN_PROGRESS"])
def test_i3_i5_i8_what_must_never_be_blocks(code: str) -> None:
    """Fails where the brake is amber, or where `blocks` lets red ones pass."""
    bad = {
        "COMPLETE_FILE": {"complete_recipients": ("07000001",)},
        "EVALUATORS_DISAGREE": {"disagreements": ("07000001",)},
        "CONSERVATION": {"left_out": 0},
        "IMPORT_IN_PROGRESS": {"import_in_progress": True},
    }
    facts = replace(CALM, **bad[code])  # type: ignore[arg-type]
    assert [b.code for b in blocks(judge(facts))] == [code]


def test_an_amber_brake_does_not_block() -> None:
    told = judge(replace(CALM, sending_stopped=True, rules_changed=True))
    assert [b.level for b in told].count(AMBER) == 2
    assert blocks(told) == ()


def test_those_who_must_not_be_there_are_named_but_not_without_end() -> None:
    numbers = tuple(f"0700{n:04d}" for n in range(11))
    assert brake("COMPLETE_FILE", complete_recipients=numbers[:10]).message.endswith("07000008, 07000009")
    long = brake("COMPLETE_FILE", complete_recipients=numbers).message
    assert long.startswith("11 destinataires")
    assert "07000009 …" in long
    assert "07000010" not in long


def test_a_share_is_written_as_french_does() -> None:
    assert brake("SIZE_REGISTER", planned=5_001).message == f"50{NBSP}% du registre"


def test_the_account_is_told_in_numbers_and_said_wrong_where_it_is() -> None:
    assert brake("CONSERVATION").message == "1\u202f000 prévus + 9\u202f000 écartés = 10\u202f000 au registre"
    assert brake("CONSERVATION", left_out=1).message.startswith("le compte n’y est pas\u00a0: 1\u202f000 prévus + 1 ")


def test_an_installation_may_set_its_own_limits() -> None:
    narrow = Limits(share_of_register=0.01, shared_address=0, domain_at_least=1, domain_share=0.01)
    levels = {b.code: b.level for b in judge(CALM, narrow)}
    assert levels["SIZE_REGISTER"] is levels["CONCENTRATION"] is AMBER


def test_a_first_batch_has_none_before_it() -> None:
    assert "aucun lot avant" in brake("RULES_CHANGED", rules_changed=None).message


def test_a_red_size_says_what_to_do_and_offers_no_way_round() -> None:
    message = brake("SIZE_LAST_YEAR", planned=3_001).message
    assert "Vérifiez le registre" in message
    assert "cancel_batch" in message
    assert "--wave" not in message


counts = st.integers(0, 20_000)


@given(
    st.builds(
        DraftFacts,
        registered=counts,
        planned=counts,
        left_out=counts,
        same_wave_last_year=st.none() | counts,
        disagreements=st.lists(st.just("07000001"), max_size=20).map(tuple),
        complete_recipients=st.lists(st.just("07000002"), max_size=20).map(tuple),
        mailed_lately=counts,
        stale_files=counts,
        import_in_progress=st.booleans(),
        sending_stopped=st.booleans(),
        may_leave_that_day=st.booleans(),
        most_shared_address=counts,
        most_used_domain=counts,
        rules_changed=st.none() | st.booleans(),
    )
)
def test_whatever_the_draft_each_brake_is_judged_once_and_no_bad_one_passes(facts: DraftFacts) -> None:
    told = {b.code: b.level for b in judge(facts)}
    assert tuple(told) == CODES
    must_block = (
        bool(facts.complete_recipients or facts.disagreements or facts.import_in_progress)
        or facts.planned + facts.left_out != facts.registered
    )
    assert not must_block or blocks(judge(facts))
