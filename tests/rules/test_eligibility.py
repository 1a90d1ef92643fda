"""Whom to remind, of what, on which day, and the first reason not to."""

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest

from registry.rules.categories import Filer
from registry.rules.facts import CoverStatus, FileFacts, Reference, Requirement
from reminders.rules.bounces import AddressTrouble
from reminders.rules.eligibility import Decision, LedgerFacts, Policy, SkipReason, decide_reminder
from reminders.rules.identity import WaveKey
from reminders.rules.waves import WaveRule
from tests.rules.strategies import (
    CIF,
    COA,
    GUARANTEE,
    IOB,
    POLICY,
    RC_PRO,
    REFERENCE,
    TERM,
    campaign_year,
    file_of,
    guarantee,
    moved,
    on,
    rc_pro,
    registration,
)

D30_DAY, THE_NIGHT = on("2026-01-29"), on("2026-02-24")
OLD, NEW = rc_pro(*campaign_year(2026)), rc_pro(*campaign_year(2027))
OLD_GUARANTEE, NEW_GUARANTEE = (guarantee(*campaign_year(year)) for year in (2026, 2027))
DEPOSIT = replace(NEW, status=CoverStatus.DEPOSITED)
DUE = file_of(registration(), OLD)
SUMS_OF_2024: dict[str, Any] = {"amount_cents": 1_564_610_00, "annual_cents": 2_315_610_00}
LEAP_YEAR = file_of(registration(), rc_pro(on("2027-03-01"), on("2028-02-28")), rc_pro(*campaign_year(2029)))
LOW_OF_2024 = rc_pro(*campaign_year(2025), amount_cents=1_500_000_00, annual_cents=2_000_000_00)
RC_D30, RC_D7 = WaveKey(RC_PRO, TERM, "D-30"), WaveKey(RC_PRO, TERM, "D-7")


def decide(
    file: FileFacts,
    day: date = D30_DAY,
    *,
    policy: Policy = POLICY,
    reference: Reference = REFERENCE,
    **ledger: Any,
) -> Decision:
    return decide_reminder(file, LedgerFacts(**ledger), reference, policy, day)


# --- one who is due ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "wave", "last_useful_day"),
    [
        ("2026-01-14", "D-45", "2026-01-28"),
        ("2026-01-29", "D-30", "2026-02-12"),
        ("2026-02-13", "D-15", "2026-02-20"),
        ("2026-02-21", "D-7", "2026-02-25"),
        ("2026-02-26", "D-2", "2026-02-28"),
        ("2026-03-01", "D+1", "2026-03-14"),
        ("2026-03-14", "D+1", "2026-03-14"),
    ],
)
def test_one_who_has_not_renewed_is_reminded_in_each_wave(day: str, wave: str, last_useful_day: str) -> None:
    decision = decide(DUE, on(day))
    assert decision.is_due
    assert decision.discharged == (WaveKey(RC_PRO, TERM, wave),)
    assert decision.last_useful_day == on(last_useful_day)
    assert [c.name for c in decision.checks] == CHECKS
    assert all(c.passed and c.reason is None for c in decision.checks)


CHECKS = [
    "REGISTERED",
    "SOMETHING_IS_MISSING",
    "A_WAVE_RUNS_TODAY",
    "NOT_IN_A_LIVE_BATCH",
    "NOT_YET_REMINDED",
    "NOT_TOO_SOON",
    "IN_THE_WAVE_ASKED",
    "HAS_AN_ADDRESS",
    "ADDRESS_WORKS",
]


def test_a_person_of_three_categories_gets_one_item_a_kind_and_deadline() -> None:
    funds = {"holds_client_funds": True}
    file = file_of(registration(COA, **funds), registration(IOB, **funds), registration(CIF), OLD, OLD_GUARANTEE)
    decision = decide(file, on("2026-01-10"))
    assert [(i.kind, i.term, i.due_on, i.categories) for i in decision.items] == [
        (GUARANTEE, TERM, TERM, (COA, IOB)),
        (RC_PRO, TERM, on("2026-01-31"), (CIF,)),
        (RC_PRO, TERM, TERM, (COA, IOB)),
    ]
    assert decision.discharged == (RC_D30,)
    assert [len(i.findings) for i in decision.items] == [2, 1, 2]
    all_three = decide(file, on("2026-01-20"))
    d15, d45 = WaveKey(RC_PRO, TERM, "D-15"), WaveKey(RC_PRO, TERM, "D-45")
    assert all_three.discharged == (WaveKey(GUARANTEE, TERM, "D-45"), d15, d45)
    assert all_three.last_useful_day == on("2026-01-23")


def test_items_of_different_terms_are_different_items_in_one_mail() -> None:
    summer = rc_pro(on("2025-03-15"), on("2026-03-14"), IOB)
    file = file_of(registration(COA), registration(IOB), rc_pro(*campaign_year(2026), COA), summer)
    decision = decide(file)
    assert [i.term for i in decision.items] == [TERM, on("2026-03-14")]
    assert decision.discharged == (WaveKey(RC_PRO, TERM, "D-30"), WaveKey(RC_PRO, on("2026-03-14"), "D-45"))


def test_an_open_item_without_a_wave_today_is_listed_but_not_discharged() -> None:
    file = file_of(registration(holds_client_funds=True), OLD, guarantee(on("2025-03-26"), on("2026-03-25")))
    decision = decide(file)
    assert decision.is_due
    assert [(i.kind, i.key, i.last_useful_day) for i in decision.items] == [
        (GUARANTEE, None, None),
        (RC_PRO, RC_D30, on("2026-02-12")),
    ]
    assert decision.discharged == (RC_D30,)


def test_only_the_wave_asked_selects_but_the_mail_discharges_all_that_are_due() -> None:
    file = file_of(registration(COA, holds_client_funds=True), registration(CIF), OLD, OLD_GUARANTEE)
    asked = replace(POLICY, only_wave="D-45")
    decision = decide(file, on("2026-01-20"), policy=asked)
    assert decision.is_due
    waves = [(k.kind, k.wave) for k in decision.discharged]
    assert waves == [(GUARANTEE, "D-45"), (RC_PRO, "D-15"), (RC_PRO, "D-45")]
    sent = frozenset({WaveKey(GUARANTEE, TERM, "D-45"), WaveKey(RC_PRO, TERM, "D-45")})
    assert decide(file, on("2026-01-20"), policy=asked, held=sent).reason is SkipReason.OTHER_WAVE


# --- two deadlines for one term ----------------------------------------------------------------------------

TWO_DATES = file_of(registration(COA), registration(CIF), OLD)


def test_each_of_two_deadlines_has_its_own_waves_and_one_mail_lists_both() -> None:
    """Fails if `due_items` grouped by kind and term alone: the later would be reminded by the earlier one's waves."""
    early, late = on("2026-01-31"), TERM
    told = {}
    for day in ("2026-01-10", "2026-01-20", "2026-02-10", "2026-02-20"):
        told[day] = [(i.due_on, i.wave and i.wave.code) for i in decide(TWO_DATES, on(day)).items]
    assert told == {
        "2026-01-10": [(early, "D-30"), (late, None)],
        "2026-01-20": [(early, "D-15"), (late, "D-45")],
        "2026-02-10": [(early, "D+1"), (late, "D-30")],
        "2026-02-20": [(early, None), (late, "D-15")],
    }


def test_i2_two_deadlines_in_the_same_wave_are_settled_by_one_key_until_the_earlier_day() -> None:
    """Fails without the set in `discharged`, or the `min` in `Decision.last_useful_day`."""
    wide = Policy((WaveRule("WIDE", -60, 10),))
    decision = decide(TWO_DATES, on("2026-01-20"), policy=wide)
    assert [i.key for i in decision.items] == [WaveKey(RC_PRO, TERM, "WIDE")] * 2
    assert decision.discharged == (WaveKey(RC_PRO, TERM, "WIDE"),)
    assert decision.last_useful_day == on("2026-02-10")
    again = decide(TWO_DATES, on("2026-02-10"), policy=wide, held=frozenset(decision.discharged))
    assert again.reason is SkipReason.ALREADY_REMINDED


def test_i2_a_wave_sent_for_the_earlier_deadline_is_not_sent_again_for_the_later_one() -> None:
    """I2 names kind, term and wave, not the deadline. Fails if `DueItem.key` took `due_on`."""
    d30_of_the_cif = decide(TWO_DATES, on("2026-01-10")).discharged
    assert d30_of_the_cif == (RC_D30,)
    later = decide(TWO_DATES, on("2026-02-05"), held=frozenset(d30_of_the_cif))
    assert later.discharged == (WaveKey(RC_PRO, TERM, "D+1"),)
    assert [i.categories for i in later.items] == [(CIF,), (COA,)]


def test_one_of_two_deadlines_that_is_met_leaves_the_other_with_its_waves() -> None:
    new_of_cif = replace(NEW, categories=frozenset({CIF}))
    file = replace(TWO_DATES, covers=(OLD, new_of_cif))
    decision = decide(file, on("2026-01-29"))
    assert [(i.categories, i.due_on, i.wave and i.wave.code) for i in decision.items] == [((COA,), TERM, "D-30")]


# --- every reason ------------------------------------------------------------------------------------------

SUSPENDED: dict[str, Any] = {"suspended_on": on("2026-01-05")}
NEWCOMER = registration(registered_on=on("2026-01-02"))
NO_CAMPAIGN = replace(REFERENCE, campaigns=())
LAPSED = rc_pro(on("2024-03-01"), on("2025-02-28"))

CASES: dict[str, tuple[FileFacts, date, dict[str, Any], str]] = {
    "no registration": (file_of(OLD), D30_DAY, {}, "REMOVED"),
    "removed": (file_of(registration(removed_on=on("2026-01-29")), OLD), D30_DAY, {}, "REMOVED"),
    "to be registered": (
        file_of(registration(registered_on=on("2026-01-30"))), D30_DAY, {}, "NOT_YET_REGISTERED",
    ),
    "suspended": (file_of(registration(**SUSPENDED), OLD), D30_DAY, {}, "SUSPENDED"),
    "renewed": (file_of(registration(), OLD, NEW), THE_NIGHT, {}, "COMPLETE"),
    "before the campaign": (DUE, on("2025-12-31"), {}, "COMPLETE"),
    "covered by a principal": (
        file_of(registration(IOB, principal_bears_liability=True)), D30_DAY, {}, "COMPLETE",
    ),
    "paper with us": (file_of(registration(), OLD, DEPOSIT), THE_NIGHT, {}, "AWAITING_REVIEW"),
    "late paper with us": (file_of(registration(), OLD, DEPOSIT), on("2026-03-01"), {}, "AWAITING_REVIEW"),
    "first paper with us": (file_of(registration(), DEPOSIT), THE_NIGHT, {}, "AWAITING_REVIEW"),
    "registered in January": (file_of(NEWCOMER, OLD), THE_NIGHT, {}, "REGISTERED_TOO_LATE"),
    "and its cover over": (file_of(NEWCOMER, OLD), on("2026-03-01"), {}, "REGISTERED_TOO_LATE"),
    "registered in January, uncovered": (file_of(NEWCOMER), THE_NIGHT, {}, "NOT_DUE"),
    "no campaign on record": (file_of(registration()), D30_DAY, {"reference": NO_CAMPAIGN}, "NOT_DUE"),
    "campaign open, no wave yet": (DUE, on("2026-01-13"), {}, "NOT_DUE"),
    "every wave over": (DUE, on("2026-03-15"), {}, "NO_WAVE_LEFT"),
    "lapsed long ago": (file_of(registration(), LAPSED), D30_DAY, {}, "NO_WAVE_LEFT"),
    "no waves at all": (DUE, D30_DAY, {"policy": Policy(())}, "NO_WAVE_LEFT"),
    "live notice": (DUE, D30_DAY, {"live_notice": 3}, "IN_LIVE_BATCH"),
    "this wave sent": (DUE, D30_DAY, {"held": frozenset({RC_D30})}, "ALREADY_REMINDED"),
    "mailed yesterday": (DUE, D30_DAY, {"last_mailed_on": on("2026-01-28")}, "TOO_SOON"),
    "merged into another": (replace(DUE, merged_into="07000002"), D30_DAY, {}, "MERGED"),
    "other wave": (DUE, D30_DAY, {"policy": replace(POLICY, only_wave="D-7")}, "OTHER_WAVE"),
    "no address": (replace(DUE, email=""), D30_DAY, {}, "NO_EMAIL"),
    "dead address": (DUE, D30_DAY, {"trouble": AddressTrouble(DUE.email.upper(), hard=1)}, "ADDRESS_DEAD"),
    "address silent for long": (DUE, D30_DAY, {"trouble": AddressTrouble(DUE.email, 0, 3)}, "ADDRESS_DEAD"),
}  # fmt: skip


@pytest.mark.parametrize(("file", "day", "given", "reason"), CASES.values(), ids=CASES)
def test_the_first_check_that_fails_is_the_reason(
    file: FileFacts, day: date, given: dict[str, Any], reason: str
) -> None:
    decision = decide(file, day, **given)
    assert (decision.reason, decision.is_due, decision.discharged) == (reason, False, ())
    assert decision.last_useful_day is None
    *passed, failed = decision.checks
    assert all(c.passed and c.reason is None for c in passed)
    assert (failed.passed, failed.reason) == (False, reason)
    assert [c.name for c in decision.checks] == CHECKS[: len(decision.checks)]


def test_every_reason_a_plan_can_give_is_reached() -> None:
    """FACTS_CHANGED is given by the sending alone."""
    assert {reason for *_, reason in CASES.values()} == set(SkipReason) - {SkipReason.FACTS_CHANGED}


def test_reasons_come_in_the_order_of_the_checks_whatever_else_would_fail() -> None:
    everything: dict[str, Any] = {
        "live_notice": 1,
        "held": frozenset({RC_D30}),
        "last_mailed_on": D30_DAY,
        "policy": replace(POLICY, only_wave="D-7"),
        "trouble": AddressTrouble("", hard=1),
    }
    mute, reasons = replace(DUE, email=""), []
    for lifted in (None, *everything):
        everything.pop(lifted or "", None)
        reasons.append(decide(mute, **everything).reason)
    assert reasons == ["IN_LIVE_BATCH", "ALREADY_REMINDED", "TOO_SOON", "OTHER_WAVE", "NO_EMAIL", "NO_EMAIL"]


def test_an_address_that_was_changed_or_came_back_too_seldom_is_written_to() -> None:
    """Fails without the comparison of the addresses in `is_dead`, or with another number of days than the policy's."""
    assert decide(DUE, trouble=AddressTrouble("ancienne@cabinet.example", hard=9, soft_days=9)).is_due
    twice = AddressTrouble(DUE.email, soft_days=2)
    assert decide(DUE, trouble=twice).is_due
    assert decide(DUE, trouble=twice, policy=replace(POLICY, soft_days_make_dead=2)).reason is SkipReason.ADDRESS_DEAD


@pytest.mark.parametrize(
    ("days_since", "reason"),
    [(0, "TOO_SOON"), (4, "TOO_SOON"), (5, None), (30, None), (-1, "TOO_SOON"), (-400, "TOO_SOON")],
)
def test_i2_two_mails_to_one_person_are_five_days_apart_and_a_clock_set_back_sends_nothing(
    days_since: int, reason: str | None
) -> None:
    """Fails without `too_soon` in `_not_too_soon`, or with the distance taken as a positive number."""
    assert decide(DUE, last_mailed_on=D30_DAY - timedelta(days_since)).reason == reason


def test_the_gap_between_two_mails_is_a_setting() -> None:
    last: dict[str, Any] = {"last_mailed_on": on("2026-01-28")}
    assert decide(DUE, policy=replace(POLICY, gap_days=1), **last).is_due
    assert decide(DUE, policy=replace(POLICY, gap_days=2), **last).reason is SkipReason.TOO_SOON


# --- once, and what was held -------------------------------------------------------------------------------


def test_i2_a_wave_held_is_not_sent_again_and_the_next_one_is() -> None:
    """Fails without `if i.key not in ledger.held` in `decide_reminder`."""
    held = frozenset({RC_D30, WaveKey(RC_PRO, on("2025-02-28"), "D-7"), WaveKey(GUARANTEE, TERM, "D-7")})
    for day in map(on, ["2026-01-29", "2026-02-05", "2026-02-12"]):
        assert decide(DUE, day, held=held).reason is SkipReason.ALREADY_REMINDED
    assert decide(DUE, on("2026-02-21"), held=held).discharged == (RC_D7,)


def test_i2_a_deadline_moved_by_a_decision_does_not_start_the_waves_afresh() -> None:
    """Fails if `DueItem.key` took `due_on` instead of `term`."""
    earlier = moved(2026, due_on=on("2026-02-20"), tolerated_until=TERM)
    decision = decide(DUE, on("2026-01-21"), reference=earlier)
    assert decision.discharged == (RC_D30,)
    held = frozenset({RC_D30})
    assert decide(DUE, on("2026-01-29"), held=held).reason is SkipReason.ALREADY_REMINDED


def test_a_mail_discharges_only_what_is_not_held() -> None:
    file = file_of(registration(holds_client_funds=True), OLD, OLD_GUARANTEE)
    decision = decide(file, held=frozenset({RC_D30}))
    assert decision.discharged == (WaveKey(GUARANTEE, TERM, "D-30"),)
    assert len(decision.items) == 2


def test_after_an_outage_only_the_latest_useful_wave_is_sent() -> None:
    waves = (WaveRule("D-30", -30, 0), WaveRule("D-7", -7, 0))
    decision = decide(DUE, THE_NIGHT, policy=Policy(waves))
    assert decision.discharged == (RC_D7,)


# --- the night of 24 February ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "file",
    [
        file_of(registration(COA), OLD, NEW),
        file_of(registration(IOB, holds_client_funds=True), OLD, NEW, OLD_GUARANTEE, NEW_GUARANTEE),
        file_of(registration(CIF), OLD, NEW),
        file_of(registration(CIF, holds_client_funds=True), OLD, NEW, OLD_GUARANTEE),
        file_of(registration(COA, funds_mandate=True, holds_client_funds=True), OLD, NEW, OLD_GUARANTEE),
        file_of(registration(IOB, filer=Filer.PRINCIPAL, principal_bears_liability=True), OLD),
        file_of(registration(COA), rc_pro(on("2025-03-01"), on("2027-02-28"))),
    ],
)  # fmt: skip
def test_i3_nobody_whose_file_is_complete_is_reminded_that_night(file: FileFacts) -> None:
    """Fails if `due_items` took every finding, or `merge` or an exemption were left out."""
    decision = decide(file, THE_NIGHT)
    assert decision.reason is SkipReason.COMPLETE
    assert decision.items == ()
    assert decision.state.is_complete


def test_i3_a_cif_with_everything_else_is_asked_for_its_rc_pro_only() -> None:
    """Fails without the CIF in `_exemption`: a row entered by mistake asks for nothing."""
    file = file_of(registration(CIF, holds_client_funds=True), OLD, OLD_GUARANTEE)
    row = Requirement(CIF, GUARANTEE, date(2007, 1, 1), None, 115_000_00, None, "aucun texte")
    wrong = replace(REFERENCE, requirements=(*REFERENCE.requirements, row))
    decision = decide(file, on("2026-01-10"), reference=wrong)
    assert [i.kind for i in decision.items] == [RC_PRO]


def test_the_checks_tell_the_facts_they_were_answered_with() -> None:
    facts: dict[str, Any] = {c.name: c.facts for c in decide(DUE, last_mailed_on=on("2026-01-15")).checks}
    assert facts["REGISTERED"] == {"status": "TO_COMPLETE"}
    rc, gf = facts["SOMETHING_IS_MISSING"]["findings"]
    assert (rc["state"], rc["term"], rc["reasons"]) == ("DUE", TERM, ["ENDS_WITH_CAMPAIGN"])
    assert (gf["state"], gf["legal_text"]) == ("NOT_REQUIRED", "")
    assert facts["A_WAVE_RUNS_TODAY"]["items"] == [{"kind": "RC_PRO", "due_on": TERM, "wave": "D-30"}]
    assert facts["NOT_TOO_SOON"] == {"last_mailed_on": on("2026-01-15"), "gap_days": 5}
    assert facts["HAS_AN_ADDRESS"] == {"email": "cabinet@example.org"}
    held = decide(DUE, held=frozenset({RC_D30})).checks[-1]
    assert held.facts == {"held": ["RC_PRO/2026-02-28/D-30"]}
    assert decide(DUE, live_notice=3).checks[-1].facts == {"notice": 3}


# --- renewals filed, deadlines moved, first validities ----------------------------------------------------


@pytest.mark.parametrize(
    ("file", "day"),
    [
        (file_of(registration(), NEW), "2026-02-24"),
        (file_of(registration(CIF), NEW), "2026-01-20"),
        (file_of(registration(), rc_pro(on("2025-03-01"), on("2026-02-27")), NEW), "2026-02-24"),
        (LEAP_YEAR, "2028-02-01"),
        (LEAP_YEAR, "2028-02-29"),
        (file_of(registration(), LOW_OF_2024, rc_pro(*campaign_year(2026), **SUMS_OF_2024)), "2025-02-15"),
    ],
    ids=["the new paper alone", "a CIF's", "a day short", "leap year", "on the 29th", "minimum raised"],
)  # fmt: skip
def test_i3_whoever_has_filed_the_renewal_is_not_reminded_of_it(file: FileFacts, day: str) -> None:
    """What the campaign asks for is the next year's cover.

    Fails without `self._renewal(current)` in `finding`, or the leap year in `Period.of_days`.
    """
    decision = decide(file, on(day))
    assert (decision.reason, decision.items) == (SkipReason.COMPLETE, ())
    without = replace(file, covers=file.covers[:-1])
    assert decide(without, on(day)).items


def test_i3_one_whose_cover_lapsed_before_the_campaign_is_reminded_although_the_next_one_is_filed() -> None:
    """Fails without `has_lapsed` in `_renewal`: somebody is uncovered for months and must hear of it."""
    file = file_of(registration(), rc_pro(on("2025-03-01"), on("2025-12-20")), NEW)
    assert decide(file, on("2025-12-20")).reason is SkipReason.COMPLETE
    assert decide(file, on("2025-12-23")).discharged == (WaveKey(RC_PRO, on("2025-12-20"), "D+1"),)
    assert decide(file, on("2026-03-01")).reason is SkipReason.COMPLETE


def test_i3_a_gap_inside_the_campaign_is_no_reminder_once_the_next_cover_is_filed() -> None:
    """Fails without `over[-1] < campaign.opens_on` in `_renewal`."""
    file = file_of(registration(), rc_pro(on("2025-03-01"), on("2026-02-20")), NEW)
    for day in ("2026-02-20", "2026-02-21", "2026-02-24", "2026-03-01"):
        assert decide(file, on(day)).reason is SkipReason.COMPLETE


@pytest.mark.parametrize(
    ("day", "wave"),
    [("2026-02-24", "D-45"), ("2026-03-01", "D-30"), ("2026-03-31", "D-2"), ("2026-04-01", "D+1")],
)
def test_a_deadline_moved_past_the_term_is_the_deadline_and_the_waves_follow_it(day: str, wave: str) -> None:
    """Design, 5: `due_on` is the campaign's filing date for those whose cover ends with the campaign."""
    later = moved(2026, **dict.fromkeys(["due_on", "tolerated_until", "expires_on"], on("2026-03-31")))
    decision = decide(DUE, on(day), reference=later)
    assert [i.due_on for i in decision.items] == [on("2026-03-31")]
    assert decision.discharged == (WaveKey(RC_PRO, TERM, wave),)


def test_one_registered_in_january_is_reminded_in_the_campaign_of_the_next_year() -> None:
    """Domain, 1.1: a first validity lasts from 2 to 14 months; then it is renewed like any other.

    Fails without `_is_new_to` in `_uncovered`: all waves of the old term are over by then.
    """
    file = file_of(NEWCOMER, OLD)
    assert decide(file, on("2026-03-02")).reason is SkipReason.REGISTERED_TOO_LATE
    assert decide(file, on("2026-12-31")).reason is SkipReason.REGISTERED_TOO_LATE
    assert decide(file, on("2027-01-02")).reason is SkipReason.NOT_DUE
    assert decide(file, on("2027-01-29")).discharged == (WaveKey(RC_PRO, on("2027-02-28"), "D-30"),)
    paid = replace(file, covers=(OLD, rc_pro(*campaign_year(2027))))
    assert decide(paid, on("2027-01-29")).discharged == (WaveKey(RC_PRO, on("2027-02-28"), "D-30"),)


@pytest.mark.parametrize(
    ("opens_on", "registered_on", "due"),
    [("2026-01-15", "2026-01-05", False), ("2025-12-15", "2025-12-19", True)],
)
def test_i3_the_first_of_january_decides_who_is_in_the_campaign(opens_on: str, registered_on: str, due: bool) -> None:
    """Domain, 1.1: someone registered after 1 January of year N is valid to the end of February N+1."""
    file = file_of(registration(registered_on=on(registered_on)), rc_pro(on(registered_on), TERM))
    assert decide(file, THE_NIGHT, reference=moved(2026, opens_on=on(opens_on))).is_due is due


def test_a_cover_without_end_is_a_cover() -> None:
    assert not decide(file_of(registration(), rc_pro(on("2025-03-01"), date.max))).is_due
