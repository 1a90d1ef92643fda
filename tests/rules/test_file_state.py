"""The state of a whole file: which registrations count, and what their findings come to."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given

from registry.rules.categories import Category
from registry.rules.covers import CoverState
from registry.rules.facts import CoverStatus, FileFacts, RegistrationFacts
from registry.rules.file_state import FileStatus, assess_file, registrations_in_force
from tests.rules.strategies import (
    CIF,
    COA,
    IOB,
    RC_PRO,
    REFERENCE,
    TERM,
    campaign_year,
    days,
    file_of,
    files,
    guarantee,
    moved,
    on,
    rc_pro,
    registration,
)

THE_NIGHT = date(2026, 2, 24)
OLD, NEW = rc_pro(*campaign_year(2026)), rc_pro(*campaign_year(2027))
DEPOSIT = replace(NEW, status=CoverStatus.DEPOSITED)
NEW_OF_COA, NEW_OF_IOB, NEW_OF_CIF = (replace(NEW, categories=frozenset({c})) for c in (COA, IOB, CIF))


def status(file: FileFacts, day: date = THE_NIGHT) -> FileStatus:
    return assess_file(file, REFERENCE, day).status


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        (file_of(registration(), OLD, NEW), "IN_ORDER"),
        (file_of(registration(principal_bears_liability=True)), "IN_ORDER"),
        (file_of(registration(), OLD), "TO_COMPLETE"),
        (file_of(registration()), "TO_COMPLETE"),
        (file_of(registration(), OLD, DEPOSIT), "UNDER_REVIEW"),
        (file_of(registration(CIF), OLD), "OVERDUE"),
        (file_of(registration(), rc_pro(on("2024-03-01"), on("2025-02-28"))), "OVERDUE"),
        (file_of(registration(COA), registration(CIF), OLD, NEW_OF_CIF), "TO_COMPLETE"),
        (file_of(registration(COA), registration(CIF), OLD, NEW_OF_COA), "OVERDUE"),
        (file_of(registration(holds_client_funds=True), OLD, NEW), "TO_COMPLETE"),
        (file_of(registration(holds_client_funds=True), OLD, DEPOSIT), "TO_COMPLETE"),
        (file_of(registration(CIF, holds_client_funds=True), OLD, NEW), "IN_ORDER"),
        (file_of(registration(), NEW), "IN_ORDER"),
        (file_of(registration(CIF), replace(OLD, amount_cents=1), NEW), "IN_ORDER"),
        (file_of(registration(), rc_pro(on("2025-03-01"), on("2025-12-20")), NEW), "OVERDUE"),
    ],
)  # fmt: skip
def test_the_status_of_a_file_is_that_of_its_most_pressing_finding(file: FileFacts, expected: str) -> None:
    assert status(file) == expected


def test_a_file_is_overdue_from_the_day_after_the_filing_day() -> None:
    assert status(file_of(registration(CIF), OLD), on("2026-01-31")) is FileStatus.TO_COMPLETE
    assert status(file_of(registration(CIF), OLD), on("2026-02-01")) is FileStatus.OVERDUE
    assert status(file_of(registration(COA), OLD), TERM) is FileStatus.TO_COMPLETE
    assert status(file_of(registration(COA), OLD), on("2026-03-01")) is FileStatus.OVERDUE


def test_a_file_is_overdue_from_the_day_after_the_deadline_wherever_it_was_moved() -> None:
    later = moved(2026, **dict.fromkeys(["due_on", "tolerated_until", "expires_on"], on("2026-03-31")))
    days_after = [TERM, on("2026-03-01"), on("2026-03-31"), on("2026-04-01")]
    states = [assess_file(file_of(registration(), OLD), later, day).status for day in days_after]
    assert states == ["TO_COMPLETE", "TO_COMPLETE", "TO_COMPLETE", "OVERDUE"]


def test_an_open_item_without_a_date_is_overdue() -> None:
    bare = replace(REFERENCE, campaigns=())
    assert assess_file(file_of(registration()), bare, THE_NIGHT).status is FileStatus.OVERDUE


# --- registrations in force --------------------------------------------------------------------------------

REMOVED = registration(COA, removed_on=on("2026-02-20"))
AWAY = registration(COA, suspended_on=on("2026-02-20"), suspended_until=on("2026-03-20"))
COMING = registration(IOB, registered_on=on("2026-02-27"))


@pytest.mark.parametrize(
    ("one", "before", "first", "last", "after"),
    [
        (REMOVED, "TO_COMPLETE", "REMOVED", "REMOVED", "REMOVED"),
        (AWAY, "TO_COMPLETE", "SUSPENDED", "SUSPENDED", "OVERDUE"),
        (replace(AWAY, suspended_until=None), "TO_COMPLETE", "SUSPENDED", "SUSPENDED", "SUSPENDED"),
        (replace(COMING, registered_on=on("2026-02-20")), "NOT_YET_REGISTERED", *["IN_ORDER"] * 3),
    ],
    ids=["removed", "suspended", "suspended without end", "registered"],
)
def test_a_removal_a_suspension_and_a_registration_take_effect_on_their_day(
    one: RegistrationFacts, before: str, first: str, last: str, after: str
) -> None:
    days_around = map(on, ["2026-02-19", "2026-02-20", "2026-03-20", "2026-03-21"])
    assert [status(file_of(one, OLD, NEW_OF_IOB), day) for day in days_around] == [before, first, last, after]


@pytest.mark.parametrize(
    ("registrations", "expected"),
    [
        ([], "REMOVED"),
        ([REMOVED], "REMOVED"),
        ([REMOVED, COMING], "NOT_YET_REGISTERED"),
        ([AWAY, COMING], "SUSPENDED"),
        ([REMOVED, replace(AWAY, category=IOB)], "SUSPENDED"),
        ([REMOVED, registration(CIF)], None),
        ([AWAY, registration(CIF)], None),
        ([COMING, registration(CIF)], None),
    ],
)
def test_a_file_with_one_registration_in_force_is_assessed_and_else_says_why_not(
    registrations: list[RegistrationFacts], expected: str | None
) -> None:
    active, why_none = registrations_in_force(file_of(*registrations), THE_NIGHT)
    assert why_none == expected
    assert active == (() if expected else (registration(CIF),))
    state = assess_file(file_of(*registrations, OLD, NEW), REFERENCE, THE_NIGHT)
    assert state.status == (expected or "IN_ORDER")
    assert {f.category for f in state.findings} == (set() if expected else {CIF})


def test_i11_a_date_alone_never_removes_a_registration() -> None:
    """Fails if `registrations_in_force` looked at anything but the recorded removal."""
    years_late = file_of(registration(), rc_pro(on("2019-03-01"), on("2020-02-29")))
    assert status(years_late) is FileStatus.OVERDUE


# --- what the file asks for --------------------------------------------------------------------------------


def test_every_registration_in_force_has_a_finding_for_each_kind_of_cover() -> None:
    state = assess_file(file_of(registration(IOB), registration(COA)), REFERENCE, THE_NIGHT)
    kinds = ["RC_PRO", "FINANCIAL_GUARANTEE"]
    assert [(f.category, f.kind) for f in state.findings] == [(c, k) for c in ("IOB", "COA") for k in kinds]
    assert state.as_of == THE_NIGHT


def test_what_is_missing_is_what_the_intermediary_must_act_on_and_by_when() -> None:
    papers = [guarantee(*campaign_year(2026)), replace(DEPOSIT, categories=frozenset({IOB})), OLD]
    file = file_of(registration(COA), registration(IOB, holds_client_funds=True), registration(CIF), *papers)
    missing = assess_file(file, REFERENCE, on("2026-01-20")).missing
    assert [(m.finding.category, m.finding.kind, m.due_on) for m in missing] == [
        ("COA", "RC_PRO", TERM),
        ("IOB", "FINANCIAL_GUARANTEE", TERM),
        ("CIF", "RC_PRO", on("2026-01-31")),
    ]


@given(files(), days())
def test_a_file_is_complete_when_nothing_is_open_and_nothing_waits(file: FileFacts, day: date) -> None:
    state = assess_file(file, REFERENCE, day)
    if state.findings:
        quiet = {f.state for f in state.findings} <= {CoverState.IN_FORCE, CoverState.NOT_REQUIRED}
        assert state.is_complete is quiet
        assert bool(state.missing) is (state.status in ("TO_COMPLETE", "OVERDUE"))
    else:
        assert not state.is_complete
        assert state.status in ("REMOVED", "NOT_YET_REGISTERED", "SUSPENDED")


@given(files(), days())
def test_only_registrations_in_force_are_assessed(file: FileFacts, day: date) -> None:
    in_force = [
        r for r in file.registrations if r.registered_on <= day and not r.is_removed(day) and not r.is_suspended(day)
    ]
    findings = assess_file(file, REFERENCE, day).findings
    assert [f.category for f in findings if f.kind is RC_PRO] == [r.category for r in in_force]
    assert len(findings) == 2 * len(in_force)
    assert {f.category for f in findings} <= set(Category)
