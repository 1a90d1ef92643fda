"""What holds of every decision, for every file, ledger and day."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.categories import Category
from registry.rules.covers import OPEN_STATES, CoverState
from registry.rules.deadlines import Freeze
from registry.rules.facts import FileFacts
from registry.rules.file_state import assess_file
from reminders.rules.eligibility import LedgerFacts, SkipReason, decide_reminder
from reminders.rules.waves import earliest_term, wave_on
from tests.rules.strategies import (
    GUARANTEE,
    POLICY,
    REFERENCE,
    TERM,
    campaign_days,
    campaign_year,
    days,
    file_of,
    files,
    guarantee,
    ledgers,
    moved,
    rc_pro,
    registration,
)

QUIET = {CoverState.IN_FORCE, CoverState.NOT_REQUIRED}
some_day = campaign_days()
NOTHING_SENT = LedgerFacts()
NEAR_THE_END = date(2026, 2, 1)
OLD = rc_pro(*campaign_year(2026))


@given(files(), ledgers(), some_day)
def test_i3_a_complete_file_is_never_reminded(file: FileFacts, ledger: LedgerFacts, day: date) -> None:
    """Fails without `finding.is_remindable` in `due_items`."""
    states = {f.state for f in assess_file(file, REFERENCE, day).findings}
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    if states <= QUIET:
        assert not decision.is_due
        assert decision.items == ()


@given(files(), some_day)
def test_i3_a_file_brought_up_to_date_is_never_reminded(file: FileFacts, day: date) -> None:
    """Fails without `merge`: papers for every year close every question."""
    papers = [make(*campaign_year(year)) for make in (rc_pro, guarantee) for year in range(2023, 2032)]
    full = replace(file, covers=(*file.covers, *papers))
    assert not decide_reminder(full, NOTHING_SENT, REFERENCE, POLICY, day).is_due


@given(files(), ledgers(), some_day)
def test_i3_a_reminder_lists_open_items_only_and_never_a_guarantee_of_a_cif(
    file: FileFacts, ledger: LedgerFacts, day: date
) -> None:
    """Fails without `finding.is_remindable` in `due_items`, or the CIF in `_exemption` with a row that asks."""
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    holders = {r.category for r in file.registrations if r.holds_client_funds}
    for item in decision.items:
        assert {f.state for f in item.findings} <= OPEN_STATES
        assert not any(f.first_validity for f in item.findings)
        assert {(f.kind, f.term, f.due_on) for f in item.findings} == {(item.kind, item.term, item.due_on)}
        if item.kind is GUARANTEE:
            assert set(item.categories) <= holders - {Category.CIF}


@given(files(), ledgers(), some_day)
@example(file_of(registration(removed_on=date(2026, 1, 2)), OLD), NOTHING_SENT, NEAR_THE_END)
@example(file_of(registration(suspended_on=date(2026, 1, 2)), OLD), NOTHING_SENT, NEAR_THE_END)
@example(file_of(registration(registered_on=date(2026, 2, 2)), OLD), NOTHING_SENT, NEAR_THE_END)
def test_i3_nobody_removed_suspended_or_to_come_is_reminded(file: FileFacts, ledger: LedgerFacts, day: date) -> None:
    """Fails without any one of the three filters of `registrations_in_force`."""
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    for item in decision.items:
        for r in (r for r in file.registrations if r.category in item.categories):
            assert r.registered_on <= day
            assert not r.is_removed(day)
            assert not r.is_suspended(day)


@given(files(), ledgers(), some_day)
def test_i2_what_is_held_is_never_discharged_again(file: FileFacts, ledger: LedgerFacts, day: date) -> None:
    """Fails without `if i.key not in ledger.held` in `decide_reminder`."""
    first = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    assert not ledger.held & set(first.discharged)
    assert first.is_due is bool(first.discharged)
    again = replace(ledger, held=ledger.held | set(first.discharged))
    assert not decide_reminder(file, again, REFERENCE, POLICY, day).is_due


@given(files(), ledgers(), some_day)
@example(file_of(registration(Category.COA), registration(Category.CIF), OLD), NOTHING_SENT, date(2026, 1, 20))
def test_i5_a_mail_lists_each_open_finding_once_and_settles_the_waves_of_today(
    file: FileFacts, ledger: LedgerFacts, day: date
) -> None:
    """Fails without `due_on` in the groups of `due_items`, or if `discharged` took other items than `fresh`."""
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    listed = [f for item in decision.items for f in item.findings]
    assert sorted(map(repr, listed)) == sorted(repr(f) for f in decision.state.findings if f.is_remindable)
    assert len({(i.kind, i.term, i.due_on) for i in decision.items}) == len(decision.items)
    assert all(i.wave == wave_on(day, i.due_on, POLICY.waves) for i in decision.items)
    keys = {i.key for i in decision.items if i.key} - ledger.held
    assert decision.discharged == (tuple(sorted(keys)) if decision.is_due else ())


@given(st.sampled_from(Category), st.integers(0, 58), st.integers(0, 400))
def test_i3_the_renewal_alone_keeps_a_file_quiet_through_its_campaign(
    category: Category, days_in: int, stay: int
) -> None:
    """Fails without `self._renewal(current)` in `finding`."""
    day = date(2026, 1, 1) + timedelta(days_in)
    renewal = rc_pro(date(2026, 3, 1), date(2026, 3, 1) + timedelta(stay))
    decision = decide_reminder(file_of(registration(category), renewal), NOTHING_SENT, REFERENCE, POLICY, day)
    assert decision.reason is SkipReason.COMPLETE


@given(files(), some_day, st.integers(0, 30))
def test_i2_mails_to_one_person_are_never_closer_than_the_gap(file: FileFacts, day: date, wait: int) -> None:
    """Fails without `yield self._not_too_soon()`."""
    if decide_reminder(file, LedgerFacts(last_mailed_on=day - timedelta(wait)), REFERENCE, POLICY, day).is_due:
        assert wait >= POLICY.gap_days


@given(files(), ledgers(), some_day)
def test_i10_a_decision_is_the_same_twice_and_in_any_order_of_the_rows(
    file: FileFacts, ledger: LedgerFacts, day: date
) -> None:
    """Fails without `sorted(groups.items())` in `due_items`, or without the sorting of its categories."""
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    turned = replace(file, covers=file.covers[::-1], registrations=file.registrations[::-1])
    other = decide_reminder(turned, ledger, REFERENCE, POLICY, day)
    assert decide_reminder(file, ledger, REFERENCE, POLICY, day) == decision
    assert (other.reason, other.items, other.discharged) == (
        decision.reason,
        decision.items,
        decision.discharged,
    )
    assert [i.categories for i in other.items] == [i.categories for i in decision.items]


@given(files(), some_day, st.integers(-20, 40))
@example(file_of(registration(), OLD), NEAR_THE_END, -5)
def test_i2_moving_a_deadline_never_makes_a_key_of_another_term(file: FileFacts, day: date, shift: int) -> None:
    """Fails if `DueItem.key` took `due_on`, or the rules a term that follows the deadline."""
    due_on = date(2026, 2, 28) + timedelta(shift)
    later = moved(2026, due_on=due_on, tolerated_until=max(due_on, date(2026, 2, 28)))
    before = decide_reminder(file, NOTHING_SENT, REFERENCE, POLICY, day)
    after = decide_reminder(file, NOTHING_SENT, later, POLICY, day)
    assert [(i.kind, i.term) for i in after.items] == [(i.kind, i.term) for i in before.items]


_OUTAGES = st.lists(
    st.builds(lambda first, lost: Freeze(first, first + timedelta(lost)), days(), st.integers(0, 60)), max_size=2
)


@given(files(), some_day, st.integers(-40, 90), _OUTAGES)
@example(file_of(registration(), rc_pro(date(2025, 6, 11), date(2026, 6, 10))), date(2026, 8, 20), 0,
         [Freeze(date(2026, 6, 1), date(2026, 7, 30))])  # fmt: skip
@example(file_of(registration(), OLD), date(2026, 6, 3), 90, [])
def test_i1_no_wave_runs_of_a_term_before_the_earliest_of_the_day(
    file: FileFacts, day: date, shift: int, freezes: list[Freeze]
) -> None:
    """Fails without the days that outages took, or the campaigns that a decision has put off: a plan that asks the
    ledger of later terms alone would not see that their waves were sent."""
    reference = moved(2026, principals_due_on=date(2026, 1, 31) + timedelta(shift), due_on=TERM + timedelta(shift))
    reference = replace(reference, freezes=tuple(freezes))
    decision = decide_reminder(file, NOTHING_SENT, reference, POLICY, day)
    running = [item.term for item in decision.items if item.wave]
    assert all(term >= earliest_term(day, reference, POLICY.waves) for term in running)


@given(files(), ledgers(), some_day)
def test_each_reason_is_true_of_the_file(file: FileFacts, ledger: LedgerFacts, day: date) -> None:
    decision = decide_reminder(file, ledger, REFERENCE, POLICY, day)
    truths = {
        SkipReason.COMPLETE: decision.state.is_complete,
        SkipReason.AWAITING_REVIEW: any(f.state is CoverState.AWAITING_REVIEW for f in decision.state.findings),
        SkipReason.IN_LIVE_BATCH: ledger.live_notice is not None,
        SkipReason.ALREADY_REMINDED: bool(ledger.held),
        SkipReason.NO_EMAIL: not file.email,
        None: bool(decision.items and file.email and decision.last_useful_day),
    }
    assert truths.get(decision.reason, True)
    assert decision.last_useful_day is None or decision.last_useful_day >= day
