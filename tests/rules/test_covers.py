"""Where one kind of cover stands for one registration: the states, the dates and the reasons."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.covers import RENEWAL_NOTICE, CoverFinding, CoverState
from registry.rules.facts import CoverFacts, CoverStatus, RegistrationFacts, Requirement
from tests.rules.strategies import (
    CIF,
    COA,
    EVERY_CATEGORY,
    GUARANTEE,
    IOB,
    RC_PRO,
    REFERENCE,
    TERM,
    campaign_year,
    find,
    guarantee,
    on,
    rc_pro,
    registration,
)

OLD = rc_pro(*campaign_year(2026))
NEW = rc_pro(*campaign_year(2027))
THE_NIGHT = date(2026, 2, 24)


# --- the year of a cover that ends with the campaign -------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "state", "reasons"),
    [
        ("2025-12-31", "IN_FORCE", ("COVERED", "ENDS_WITH_CAMPAIGN")),
        ("2026-01-01", "DUE", ("ENDS_WITH_CAMPAIGN",)),
        ("2026-01-31", "DUE", ("ENDS_WITH_CAMPAIGN",)),
        ("2026-02-28", "DUE", ("ENDS_WITH_CAMPAIGN",)),
        ("2026-03-01", "LAPSED", ("COVER_ENDED",)),
        ("2027-01-15", "LAPSED", ("COVER_ENDED",)),
    ],
)
def test_a_cover_falls_due_when_its_campaign_opens_and_lapses_after_its_last_day(
    day: str, state: str, reasons: tuple[str, ...]
) -> None:
    finding = find(day, OLD)
    assert (finding.state, finding.reasons) == (state, reasons)
    assert (finding.covered_until, finding.term, finding.due_on) == (TERM, TERM, TERM)


@pytest.mark.parametrize("day", ["2025-12-31", "2026-01-01", "2026-02-24", "2026-02-28", "2026-03-01"])
def test_i3_a_renewed_cover_is_in_force_throughout_the_campaign(day: str) -> None:
    """Fails without `merge` in `_Papers.sort`: the old period alone would be due."""
    finding = find(day, NEW, OLD)
    assert finding.state is CoverState.IN_FORCE
    assert finding.covered_until == finding.term == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("last_day", "day", "state", "covered_until"),
    [
        (date(2025, 12, 27), "2025-12-27", "IN_FORCE", date(2027, 2, 28)),
        (date(2025, 12, 27), "2025-12-28", "LAPSED", date(2025, 12, 27)),
        (date(2026, 2, 27), "2026-03-01", "IN_FORCE", date(2027, 2, 28)),
        (date(2026, 2, 28), "2026-02-28", "IN_FORCE", date(2027, 2, 28)),
        (date(2026, 6, 30), "2026-02-28", "IN_FORCE", date(2027, 2, 28)),
        (date(2027, 6, 30), "2026-02-28", "IN_FORCE", date(2027, 6, 30)),
    ],
    ids=["before a gap", "in a gap of one day", "after it", "touching", "overlapping", "nested"],
)
def test_covers_that_touch_or_overlap_are_one_and_a_day_between_them_is_a_gap(
    last_day: date, day: str, state: str, covered_until: date
) -> None:
    finding = find(day, NEW, replace(OLD, ends_on=last_day))
    assert (finding.state, finding.covered_until) == (state, covered_until)


@pytest.mark.parametrize("last_day", [date(2028, 2, 28), date(2028, 2, 29)])
def test_in_a_leap_year_a_cover_to_the_28th_falls_due_with_the_campaign_too(last_day: date) -> None:
    finding = find("2028-01-20", rc_pro(date(2027, 3, 1), last_day))
    assert (finding.state, finding.term, finding.due_on) == ("DUE", date(2028, 2, 29), date(2028, 2, 29))
    assert finding.reasons == ("ENDS_WITH_CAMPAIGN",)
    renewed = find("2028-02-29", rc_pro(date(2027, 3, 1), last_day), rc_pro(*campaign_year(2029)))
    assert (renewed.state, renewed.reasons) == ("IN_FORCE", ("COVERED", "ENDS_WITH_CAMPAIGN"))


@pytest.mark.parametrize(
    ("day", "state"),
    [("2026-06-01", "IN_FORCE"), ("2026-07-01", "IN_FORCE"), ("2026-07-02", "DUE"), ("2026-09-01", "LAPSED")],
)
def test_a_cover_that_ends_alone_falls_due_sixty_days_before(day: str, state: str) -> None:
    finding = find(day, rc_pro(on("2025-09-01"), on("2026-08-31")))
    assert timedelta(days=60) == RENEWAL_NOTICE
    assert (finding.state, finding.term, finding.due_on) == (state, on("2026-08-31"), on("2026-08-31"))


def test_a_finding_tells_the_reason_and_the_text_it_rests_on() -> None:
    assert find("2026-06-20", rc_pro(on("2025-09-01"), on("2026-12-31"))).reasons == ("COVERED", "ENDS_ALONE")
    assert find("2026-12-20", rc_pro(on("2025-09-01"), on("2026-12-31"))).reasons == ("ENDS_ALONE",)
    assert "arrêté du 29 octobre 2024" in find("2026-01-20", OLD).legal_text
    assert find("2026-01-20", who=registration(principal_bears_liability=True)).legal_text == ""


# --- who files by when -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "due_on"),
    [
        (registration(COA), TERM),
        (registration(IOB), TERM),
        (registration(COA, filer=Filer.PRINCIPAL), date(2026, 1, 31)),
        (registration(IOB, filer=Filer.ASSOCIATION), date(2026, 1, 31)),
        (registration(CIF), date(2026, 1, 31)),
        (registration(CIF, filer=Filer.SELF), date(2026, 1, 31)),
    ],
)
def test_the_filing_day_depends_on_who_files_covered_or_not(who: RegistrationFacts, due_on: date) -> None:
    for finding in (find("2026-01-10", OLD, who=who), find("2026-01-10", who=who)):
        assert (finding.term, finding.due_on) == (TERM, due_on)


# --- nothing in force --------------------------------------------------------------------------------------


def test_with_no_certificate_at_all_the_campaign_ahead_says_by_when() -> None:
    finding = find("2026-01-20")
    assert (finding.state, finding.reasons, finding.covered_until) == ("MISSING", ("NEVER_COVERED",), None)
    assert (finding.term, finding.due_on) == (TERM, TERM)
    assert find("2026-03-01").term == date(2027, 2, 28)


def test_without_a_campaign_on_record_a_missing_certificate_has_no_date() -> None:
    bare = replace(REFERENCE, campaigns=())
    finding = find("2026-01-20", reference=bare)
    assert (finding.state, finding.term, finding.due_on) == ("MISSING", None, None)
    waiting = find("2026-06-01", replace(NEW, status=CoverStatus.DEPOSITED), OLD, reference=bare)
    assert (waiting.state, waiting.covered_until, waiting.term) == ("AWAITING_REVIEW", TERM, None)


def test_a_cover_that_has_not_begun_does_not_count_before_its_first_day() -> None:
    beginner = registration(registered_on=date(2025, 6, 6))
    paper = rc_pro(date(2025, 6, 20), TERM)
    assert find("2025-06-19", paper, who=beginner).state is CoverState.MISSING
    assert find("2025-06-20", paper, who=beginner).state is CoverState.IN_FORCE


@pytest.mark.parametrize(
    ("ended_on", "day", "state", "covered_until"),
    [
        ("2025-11-01", "2025-10-31", "DUE", "2025-10-31"),
        ("2025-11-01", "2025-11-01", "LAPSED", "2025-10-31"),
        ("2025-11-01", "2026-02-24", "LAPSED", "2025-10-31"),
        ("2026-03-01", "2026-01-01", "DUE", "2026-02-28"),
        ("2026-09-01", "2026-01-01", "DUE", "2026-02-28"),
        ("2026-02-28", "2026-01-01", "DUE", "2026-02-27"),
        ("2025-03-01", "2025-06-01", "MISSING", None),
        ("2024-12-31", "2025-06-01", "MISSING", None),
    ],
)
def test_the_issuers_word_ends_a_cover_on_the_day_before_it_takes_effect(
    ended_on: str, day: str, state: str, covered_until: str | None
) -> None:
    finding = find(day, replace(OLD, ended_on=on(ended_on)))
    until = on(covered_until) if covered_until else None
    assert (finding.state, finding.covered_until, finding.term or TERM) == (state, until, until or TERM)


def test_a_termination_opens_a_renewed_file_again() -> None:
    ended = replace(NEW, ended_on=date(2026, 9, 1))
    assert find("2026-07-01", OLD, ended).state is CoverState.IN_FORCE
    assert find("2026-07-02", OLD, ended).state is CoverState.DUE
    assert find("2026-09-01", OLD, ended).state is CoverState.LAPSED


# --- amounts -----------------------------------------------------------------------------------------------

FUNDS: dict[str, Any] = {"holds_client_funds": True}


@pytest.mark.parametrize(
    ("category", "kind", "amount", "annual"),
    [
        (COA, RC_PRO, 1_564_610_00, 2_315_610_00),
        (IOB, RC_PRO, 500_000_00, 800_000_00),
        (CIF, RC_PRO, 150_000_00, 150_000_00),
        (COA, GUARANTEE, 115_000_00, None),
        (IOB, GUARANTEE, 115_000_00, None),
    ],
)
def test_the_minimum_is_enough_and_a_cent_below_is_not(
    category: Category, kind: CoverKind, amount: int, annual: int | None
) -> None:
    who = registration(category, **FUNDS)
    paper = CoverFacts(kind, EVERY_CATEGORY, *campaign_year(2027), amount_cents=amount, annual_cents=annual)
    assert find("2026-06-01", paper, who=who, kind=kind).state is CoverState.IN_FORCE
    short = [replace(paper, amount_cents=amount - 1)]
    short += [replace(paper, annual_cents=annual - 1)] if annual else []
    for each in short:
        finding = find("2026-06-01", each, who=who, kind=kind)
        assert (finding.state, finding.reasons) == ("BELOW_MINIMUM", ("AMOUNT_TOO_LOW",))
        assert (finding.covered_until, finding.term) == (None, date(2027, 2, 28))


def test_an_amount_that_is_not_on_record_is_not_held_against_a_cover() -> None:
    for known in (NEW, replace(NEW, amount_cents=1_564_610_00), replace(NEW, annual_cents=2_315_610_00)):
        assert find("2026-06-01", known).state is CoverState.IN_FORCE


@pytest.mark.parametrize(("day", "state"), [("2024-10-31", "IN_FORCE"), ("2024-11-01", "BELOW_MINIMUM")])
def test_the_minimum_of_a_coa_rose_on_the_first_of_november_2024(day: str, state: str) -> None:
    old = rc_pro(*campaign_year(2025), amount_cents=1_500_000_00, annual_cents=2_000_000_00)
    assert find(day, old).state == state


def test_a_renewal_below_the_minimum_is_told_during_the_campaign() -> None:
    low = replace(NEW, amount_cents=1_564_609_99)
    assert find("2025-12-31", OLD, low).state is CoverState.IN_FORCE
    finding = find(THE_NIGHT, OLD, low)
    assert (finding.state, finding.term, finding.due_on) == ("BELOW_MINIMUM", TERM, TERM)
    ended_at_once = replace(low, ended_on=low.starts_on)
    assert find(THE_NIGHT, OLD, ended_at_once).state is CoverState.DUE
    of_the_same_year = replace(OLD, amount_cents=1)
    assert find(THE_NIGHT, OLD, of_the_same_year).state is CoverState.DUE


def test_a_cover_that_lapsed_is_lapsed_also_beside_an_old_one_below_the_minimum() -> None:
    assert find("2026-03-05", OLD, replace(OLD, amount_cents=1)).state is CoverState.LAPSED
    assert find("2026-03-05", OLD, replace(NEW, amount_cents=1)).state is CoverState.BELOW_MINIMUM


# --- what is not required ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "kind", "reason"),
    [
        (registration(IOB, principal_bears_liability=True), RC_PRO, "PRINCIPAL_BEARS_LIABILITY"),
        (registration(COA, principal_bears_liability=True), RC_PRO, "PRINCIPAL_BEARS_LIABILITY"),
        (registration(COA), GUARANTEE, "NO_FUNDS_HELD"),
        (registration(IOB), GUARANTEE, "NO_FUNDS_HELD"),
        (registration(COA, funds_mandate=True, **FUNDS), GUARANTEE, "FUNDS_MANDATE"),
        (registration(CIF, **FUNDS), GUARANTEE, "NO_RULE_BINDS"),
    ],
)
def test_i3_what_no_text_asks_for_is_not_required(who: RegistrationFacts, kind: CoverKind, reason: str) -> None:
    """Fails without the line of `_exemption` that gives the reason."""
    finding = find(THE_NIGHT, who=who, kind=kind)
    assert (finding.state, finding.reasons) == ("NOT_REQUIRED", (reason,))
    assert finding == CoverFinding(who.category, kind, CoverState.NOT_REQUIRED, reasons=finding.reasons)


@pytest.mark.parametrize(
    ("who", "kind"),
    [
        (registration(IOB, funds_mandate=True, **FUNDS), GUARANTEE),
        (registration(COA, **FUNDS), GUARANTEE),
        (registration(IOB, principal_bears_liability=True, **FUNDS), GUARANTEE),
        (registration(COA, funds_mandate=True, **FUNDS), RC_PRO),
        (registration(CIF), RC_PRO),
    ],
)
def test_an_exemption_goes_no_further_than_its_text(who: RegistrationFacts, kind: CoverKind) -> None:
    assert find(THE_NIGHT, who=who, kind=kind).state is CoverState.MISSING


def test_a_requirement_binds_from_its_first_to_its_last_day_and_the_latest_row_wins() -> None:
    row = Requirement(COA, RC_PRO, on("2026-03-01"), on("2026-03-31"), 10_000_000_00, None, "loi d’essai")
    more = replace(REFERENCE, requirements=(row, *REFERENCE.requirements))
    sums: dict[str, Any] = {"amount_cents": 1_564_610_00, "annual_cents": 2_315_610_00}
    states = {day: find(day, replace(NEW, **sums), OLD, reference=more).state for day in map(on, _AROUND)}
    assert list(states.values()) == ["IN_FORCE", "BELOW_MINIMUM", "BELOW_MINIMUM", "IN_FORCE"]
    gone = replace(REFERENCE, requirements=(row,))
    finding = find("2026-04-01", OLD, reference=gone)
    assert (finding.state, finding.reasons) == ("NOT_REQUIRED", ("NO_RULE_BINDS",))


_AROUND = ("2026-02-28", "2026-03-01", "2026-03-31", "2026-04-01")


# --- papers that do not count, or count for us -------------------------------------------------------------


@pytest.mark.parametrize("year", [2020, 2025, 2026, 2027, 2028], ids="deposit for {}".format)
@pytest.mark.parametrize(
    ("day", "papers", "state"),
    [
        ("2025-12-31", [OLD], "IN_FORCE"),
        ("2026-02-24", [OLD], "AWAITING_REVIEW"),
        ("2026-03-01", [OLD], "AWAITING_REVIEW"),
        ("2026-02-24", [], "AWAITING_REVIEW"),
        ("2026-02-24", [replace(OLD, amount_cents=1)], "AWAITING_REVIEW"),
        ("2026-02-24", [OLD, replace(NEW, amount_cents=1)], "AWAITING_REVIEW"),
        ("2026-02-24", [OLD, NEW], "IN_FORCE"),
    ],
)
def test_i3_a_paper_that_waits_for_our_review_stops_the_question_whatever_its_period(
    year: int, day: str, papers: list[CoverFacts], state: str
) -> None:
    """Fails without `if self.papers.awaiting_us` in `_covered_until`, or in `_uncovered`."""
    deposit = rc_pro(*campaign_year(year), status=CoverStatus.DEPOSITED, amount_cents=1)
    finding = find(day, deposit, *papers)
    assert finding.state == state
    assert ("PAPER_AWAITS_US" in finding.reasons) is (state == "AWAITING_REVIEW")
    assert finding.term is not None


@pytest.mark.parametrize(
    "paper",
    [
        replace(NEW, status=CoverStatus.REFUSED),
        replace(NEW, status=CoverStatus.WITHDRAWN),
        replace(NEW, kind=GUARANTEE),
        replace(NEW, categories=frozenset({IOB, CIF})),
        replace(NEW, categories=frozenset({IOB}), status=CoverStatus.DEPOSITED),
        replace(NEW, kind=GUARANTEE, status=CoverStatus.DEPOSITED),
    ],
    ids=[
        "refused",
        "withdrawn",
        "another kind",
        "other categories",
        "another's deposit",
        "another kind's deposit",
    ],
)
def test_a_paper_that_says_nothing_of_the_requirement_changes_nothing(paper: CoverFacts) -> None:
    for day in (THE_NIGHT, date(2026, 3, 1), date(2026, 12, 31)):
        assert find(day, OLD, paper) == find(day, OLD)
        assert find(day, paper) == find(day)


def test_one_certificate_counts_for_every_category_it_names() -> None:
    paper = guarantee(*campaign_year(2027), COA, IOB)
    states = [
        find("2026-06-01", paper, who=registration(category, **FUNDS), kind=GUARANTEE).state for category in Category
    ]
    assert states == ["IN_FORCE", "IN_FORCE", "NOT_REQUIRED"]


def test_a_cover_without_end_asks_for_nothing() -> None:
    endless = rc_pro(date(2025, 3, 1), date.max)
    for day in ("2026-02-24", "2050-01-01"):
        finding = find(day, endless)
        assert (finding.state, finding.covered_until) == ("IN_FORCE", date.max - timedelta(1))
    assert find(THE_NIGHT, replace(endless, amount_cents=1)).state is CoverState.BELOW_MINIMUM
