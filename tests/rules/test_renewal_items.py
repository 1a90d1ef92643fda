"""A renewal item by item: request, covers, fee, each Complete, To do, Being checked or Problem, with reasons."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.covers import assess_cover
from registry.rules.deadlines import Freeze
from registry.rules.facts import CoverFacts, CoverStatus, RegistrationFacts
from registry.rules.prefill import FIELDS, AnswerState, prefill
from registry.rules.renewals import (
    GRAVITY,
    FeeRate,
    FilingChannel,
    ItemKind,
    ItemReason,
    ItemState,
    Renewal,
    RenewalItem,
    RenewalState,
    RequestFacts,
    assess_renewal,
    fee_on,
    is_concerned,
    payment_due_on,
)
from tests.rules.strategies import CIF, COA, EDGE_DAYS, IOB, REFERENCE, campaign_year, on, rc_pro, registration

CAMPAIGN = replace(default_campaign(2026), tolerated_until=date(2026, 3, 31))
OLD, NEW = rc_pro(*campaign_year(2026)), rc_pro(*campaign_year(2027))
FILED: dict[str, Any] = {"state": RenewalState.FILED, "channel": FilingChannel.ONLINE, "filed_on": on("2026-01-20")}


def assessed(
    day: str | date, *covers: CoverFacts, who: RegistrationFacts | None = None, freezes: Any = (), **request: Any
) -> Renewal:
    """The renewal of a COA of long standing, unless another is named."""
    day = on(day) if isinstance(day, str) else day
    who = who or registration()
    facts = RequestFacts(category=who.category, year=2026, **{"fee_cents": 2_500, **request})
    campaigns = tuple(CAMPAIGN if c.year == 2026 else c for c in REFERENCE.campaigns)
    reference = replace(REFERENCE, campaigns=campaigns)
    findings = [assess_cover(who, kind, covers, reference, day) for kind in CoverKind]
    return assess_renewal(facts, who, CAMPAIGN, findings, covers, freezes, day)


def item(renewal: Renewal, kind: ItemKind) -> RenewalItem:
    return next(i for i in renewal.items if i.kind is kind)


def told(renewal: Renewal, kind: ItemKind) -> tuple[str, str | None, tuple[str, ...]]:
    one = item(renewal, kind)
    due_on = one.due_on.isoformat() if one.due_on else None
    return one.state.value, due_on, tuple(r.value for r in one.reasons)


@pytest.mark.parametrize(
    ("day", "request_facts", "expected"),
    [
        ("2026-01-05", {}, ("TO_DO", "2026-02-28", ("NOT_FILED",))),
        ("2026-02-28", {}, ("TO_DO", "2026-02-28", ("NOT_FILED",))),
        ("2026-03-01", {}, ("TO_DO", "2026-02-28", ("NOT_FILED", "OVERDUE"))),
        ("2026-03-31", {}, ("TO_DO", "2026-02-28", ("NOT_FILED", "OVERDUE"))),
        ("2026-04-01", {}, ("PROBLEM", "2026-02-28", ("NEVER_FILED",))),
        ("2026-04-01", FILED, ("COMPLETE", None, ("FILED_IN_TIME",))),
        ("2026-04-01", FILED | {"filed_on": on("2026-02-28")}, ("COMPLETE", None, ("FILED_IN_TIME",))),
        ("2026-04-01", FILED | {"filed_on": on("2026-03-01")}, ("COMPLETE", None, ("FILED_IN_TOLERANCE",))),
        ("2026-04-01", FILED | {"filed_on": on("2026-04-01")}, ("PROBLEM", None, ("FILED_LATE",))),
        (
            "2026-04-01",
            FILED | {"state": RenewalState.ENTERED, "channel": FilingChannel.PAPER},
            ("BEING_CHECKED", None, ("AWAITS_CONFIRMATION",)),
        ),
    ],
)
def test_i12_the_request_stands_by_its_day_of_deposit_however_late_one_looks(
    day: str, request_facts: dict[str, Any], expected: tuple[str, str | None, tuple[str, ...]]
) -> None:
    """Fails if the day asked stood for the deposit's, or if a paper counted before its confirmation."""
    assert told(assessed(day, NEW, **request_facts), ItemKind.REQUEST) == expected


def test_a_request_filed_by_another_is_due_a_month_earlier() -> None:
    who = registration(CIF)
    assert item(assessed("2026-01-05", OLD, who=who), ItemKind.REQUEST).due_on == on("2026-01-31")
    late = assessed("2026-04-01", OLD, who=who, **FILED | {"filed_on": on("2026-02-01")})
    assert told(late, ItemKind.REQUEST)[2] == ("FILED_IN_TOLERANCE",)


REFUSED = replace(NEW, status=CoverStatus.REFUSED, deposited_on=on("2026-01-10"))
WAITING = replace(NEW, status=CoverStatus.DEPOSITED, deposited_on=on("2026-01-12"))
TAKEN_BACK = replace(WAITING, status=CoverStatus.WITHDRAWN)
INFORMED = FILED | {"informed_on": on("2026-02-02")}


@pytest.mark.parametrize(
    ("day", "covers", "state", "reasons"),
    [
        ("2025-12-31", [OLD], "COMPLETE", ("COVERED", "ENDS_WITH_CAMPAIGN")),
        ("2026-01-15", [OLD], "TO_DO", ("ENDS_WITH_CAMPAIGN",)),
        ("2026-01-15", [OLD, NEW], "COMPLETE", ("COVERED", "ENDS_WITH_CAMPAIGN")),
        ("2026-01-15", [OLD, WAITING], "BEING_CHECKED", ("PAPER_AWAITS_US",)),
        ("2026-01-15", [OLD, REFUSED, WAITING], "BEING_CHECKED", ("PAPER_AWAITS_US",)),
        ("2026-01-15", [OLD, REFUSED], "PROBLEM", ("ENDS_WITH_CAMPAIGN", "PAPER_REFUSED")),
        ("2026-01-15", [OLD, REFUSED, TAKEN_BACK], "TO_DO", ("ENDS_WITH_CAMPAIGN",)),
        ("2026-01-15", [OLD, replace(NEW, amount_cents=1)], "PROBLEM", ("AMOUNT_TOO_LOW",)),
        ("2026-03-05", [OLD], "PROBLEM", ("COVER_ENDED", "OVERDUE")),
        ("2026-01-15", [], "TO_DO", ("NEVER_COVERED",)),
        ("2026-03-05", [replace(REFUSED, categories=frozenset({Category.IOB}))], "TO_DO", ("NEVER_COVERED",)),
    ],
)  # fmt: skip
def test_a_cover_is_told_in_the_same_four_words(
    day: str, covers: list[CoverFacts], state: str, reasons: tuple[str, ...]
) -> None:
    found = told(assessed(day, *covers), ItemKind.RC_PRO)
    assert (found[0], found[2]) == (state, reasons)
    assert told(assessed(day, *covers), ItemKind.FINANCIAL_GUARANTEE)[0] == "COMPLETE"


@pytest.mark.parametrize(
    ("day", "request_facts", "expected"),
    [
        ("2026-01-15", {"fee_cents": None}, ("TO_DO", "2026-02-28", ("FEE_WITH_REQUEST",))),
        # A paper counts for nothing yet: fails if `counts_from` took its day before the confirmation.
        ("2026-01-25", FILED | {"state": RenewalState.ENTERED}, ("TO_DO", "2026-02-28", ("FEE_WITH_REQUEST",))),
        ("2026-01-25", FILED, ("TO_DO", None, ("FEE_UNPAID",))),
        ("2026-01-25", FILED | {"fee_cents": None}, ("COMPLETE", None, ("NO_FEE",))),
        ("2026-01-25", FILED | {"paid_cents": 2_500}, ("COMPLETE", None, ("FEE_PAID",))),
        ("2026-01-25", FILED | {"paid_cents": 2_499}, ("TO_DO", None, ("FEE_UNPAID",))),
        ("2026-03-04", FILED | {"informed_on": on("2026-02-02")}, ("TO_DO", "2026-03-04", ("FEE_NOTICE_RUNS",))),
        ("2026-03-05", FILED | {"informed_on": on("2026-02-02")}, ("PROBLEM", "2026-03-04", ("FEE_NOTICE_OVER",))),
        ("2026-03-05", INFORMED | {"paid_cents": 2_500}, ("COMPLETE", None, ("FEE_PAID",))),
    ],
)  # fmt: skip
def test_the_fee_is_due_with_the_request_and_thirty_days_after_the_notice(
    day: str, request_facts: dict[str, Any], expected: tuple[str, str | None, tuple[str, ...]]
) -> None:
    assert told(assessed(day, NEW, **request_facts), ItemKind.FEE) == expected


def test_a_freeze_moves_the_thirty_days() -> None:
    """Fails without `after_freezes` in `payment_due_on`."""
    outage = Freeze(on("2026-02-24"), on("2026-02-26"))
    informed = FILED | {"informed_on": on("2026-02-02")}
    one = item(assessed("2026-03-05", NEW, freezes=(outage,), **informed), ItemKind.FEE)
    assert (one.state, one.due_on) == (ItemState.TO_DO, on("2026-03-07"))
    assert payment_due_on(RequestFacts(category=COA, year=2026), [outage]) is None


def test_a_renewal_is_as_grave_as_its_gravest_item() -> None:
    assert assessed("2026-01-25", NEW, **FILED, paid_cents=2_500).state is ItemState.COMPLETE
    assert assessed("2026-01-25", OLD, WAITING, **FILED, paid_cents=2_500).state is ItemState.BEING_CHECKED
    assert assessed("2026-01-25", OLD, WAITING, **FILED).state is ItemState.TO_DO
    assert assessed("2026-01-25", OLD, REFUSED, **FILED).state is ItemState.PROBLEM
    assert [state.label for state in GRAVITY] == ["Complet", "En contrôle", "À faire", "Problème"]


RATES = (
    FeeRate(COA, on("2014-01-01"), on("2014-12-31"), 3_000),
    FeeRate(COA, on("2025-01-01"), None, 2_500),
    FeeRate(COA, on("2030-01-01"), None, 2_600),
)


@pytest.mark.parametrize(
    ("day", "cents"), [("2014-06-01", 3_000), ("2020-01-01", None), ("2026-01-01", 2_500), ("2030-01-01", 2_600)]
)
def test_the_fee_is_that_of_the_day_of_the_deposit(day: str, cents: int | None) -> None:
    assert fee_on(COA, on(day), RATES) == cents
    assert fee_on(CIF, on(day), RATES) is None


@pytest.mark.parametrize(
    ("channel", "who", "may"),
    [
        (FilingChannel.PRINCIPAL, registration(IOB, filer=Filer.PRINCIPAL), True),
        (FilingChannel.PRINCIPAL, registration(COA), False),
        (FilingChannel.ASSOCIATION, registration(COA, filer=Filer.ASSOCIATION), True),
        (FilingChannel.ASSOCIATION, registration(CIF, filer=Filer.SELF), True),
        (FilingChannel.ASSOCIATION, registration(COA), False),
        (FilingChannel.PAPER, registration(COA), True),
        (FilingChannel.ONLINE, registration(IOB, filer=Filer.PRINCIPAL), True),
    ],
)
def test_another_files_only_where_that_other_files(channel: FilingChannel, who: RegistrationFacts, may: bool) -> None:
    assert channel.is_open_to(who) is may


@pytest.mark.parametrize(
    ("who", "day", "concerned"),
    [
        (registration(registered_on=on("2025-12-31")), "2026-01-01", True),
        (registration(registered_on=on("2026-01-01")), "2026-01-01", False),
        (registration(registered_on=on("2026-02-28")), "2026-02-28", False),
        (registration(registered_on=on("2025-12-31")), "2025-12-30", False),
        (registration(removed_on=on("2026-01-01")), "2026-01-01", False),
        (registration(removed_on=on("2026-01-02")), "2026-01-01", True),
        (registration(suspended_on=on("2025-09-05")), "2026-01-01", True),
    ],
)
def test_i3_a_request_is_opened_for_those_whom_the_campaign_concerns(
    who: RegistrationFacts, day: str, concerned: bool
) -> None:
    """Fails without any one of the three conditions of `is_concerned`."""
    assert is_concerned(who, CAMPAIGN, on(day)) is concerned


# --- properties -------------------------------------------------------------------------------------------

days = st.sampled_from([d for d in EDGE_DAYS if d.year == 2026]) | st.dates(on("2025-12-01"), on("2026-06-30"))
maybe_day = st.none() | days
papers = st.lists(st.sampled_from([OLD, NEW, REFUSED, WAITING, replace(NEW, amount_cents=1)]), max_size=3)
whos = st.sampled_from([registration(), registration(CIF), registration(IOB, holds_client_funds=True)])


@st.composite
def requests(draw: Any) -> dict[str, Any]:
    """A request as the database lets it be."""
    state = draw(st.sampled_from(list(RenewalState)))
    if state is RenewalState.OPEN:
        return {"fee_cents": None}
    channel = FilingChannel.PAPER if state is RenewalState.ENTERED else draw(st.sampled_from(list(FilingChannel)))
    facts: dict[str, Any] = {"state": state, "channel": channel, "filed_on": draw(days)}
    facts |= {"fee_cents": draw(st.sampled_from([None, 2_500])), "paid_cents": draw(st.sampled_from([None, 1, 2_500]))}
    if state is RenewalState.FILED:
        facts["informed_on"] = draw(maybe_day)
    return facts


@given(days, papers, whos, requests())
def test_every_item_has_its_reasons_and_only_an_open_one_a_last_day(
    day: date, covers: list[CoverFacts], who: RegistrationFacts, facts: dict[str, Any]
) -> None:
    renewal = assessed(day, *covers, who=who, **facts)
    assert {i.kind for i in renewal.items} == set(ItemKind)
    for one in renewal.items:
        assert one.reasons
        assert one.due_on is None or one.state in (ItemState.TO_DO, ItemState.PROBLEM)
    if renewal.state is ItemState.COMPLETE:
        assert facts.get("state") is RenewalState.FILED


@given(days, requests(), days)
def test_i12_filing_earlier_is_never_worse(day: date, facts: dict[str, Any], earlier: date) -> None:
    """Fails if the entry, or the day one looks, decided."""
    if facts.get("filed_on") and earlier <= facts["filed_on"]:
        before = item(assessed(day, NEW, **facts | {"filed_on": earlier}), ItemKind.REQUEST)
        after = item(assessed(day, NEW, **facts), ItemKind.REQUEST)
        assert GRAVITY[before.state] <= GRAVITY[after.state]


@given(days, requests(), days, st.integers(1, 30))
def test_a_freeze_is_never_worse_for_the_payer(day: date, facts: dict[str, Any], first: date, lost: int) -> None:
    freeze = Freeze(first, first + timedelta(lost - 1))
    plain, frozen = (item(assessed(day, NEW, freezes=f, **facts), ItemKind.FEE) for f in ((), (freeze,)))
    assert GRAVITY[frozen.state] <= GRAVITY[plain.state]


@given(days, papers, requests())
def test_i12_a_paper_that_nobody_confirmed_completes_nothing(
    day: date, covers: list[CoverFacts], facts: dict[str, Any]
) -> None:
    if facts.get("state") is RenewalState.ENTERED:
        renewal = assessed(day, *covers, **facts)
        assert item(renewal, ItemKind.REQUEST).reasons == (ItemReason.AWAITS_CONFIRMATION,)
        assert renewal.state is not ItemState.COMPLETE


# --- pre-filled -------------------------------------------------------------------------------------------


def test_only_what_changed_is_asked_again() -> None:
    now: dict[str, object] = dict.fromkeys(FIELDS, "x")
    first = prefill(now, None)
    assert [a.field for a in first] == list(FIELDS)
    assert {a.state for a in first} == {AnswerState.TO_CONFIRM}
    again = prefill(now, now | {"town": "Lyon"})
    assert [(a.label, a.then, a.now) for a in again if a.state is AnswerState.CHANGED] == [("ville", "Lyon", "x")]
    assert sum(a.state is AnswerState.STILL_TRUE for a in again) == len(FIELDS) - 1
