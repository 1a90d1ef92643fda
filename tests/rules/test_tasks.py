"""The list of what is still to be done: its next step, its two dates, its words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest

from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverReason, CoverState
from registry.rules.renewals import ItemKind, ItemReason, ItemState, Renewal, RenewalItem
from registry.rules.tasks import (
    DateKind,
    Task,
    days_in_words,
    make_task_list,
    tasks_of_findings,
    tasks_of_renewals,
)

DAY = date(2026, 1, 29)
CAMPAIGN = default_campaign(2026)
END = date(2026, 2, 28)


def task(kind: ItemKind, state: ItemState, due_on: date | None = END, category: Category = Category.COA) -> Task:
    return Task(category, RenewalItem(kind, state, due_on, (ItemReason.NOT_FILED,)))


REQUEST = task(ItemKind.REQUEST, ItemState.TO_DO)
PAPER = task(ItemKind.RC_PRO, ItemState.TO_DO, date(2026, 2, 10))
FEE = task(ItemKind.FEE, ItemState.TO_DO, date(2026, 1, 31))
DONE = task(ItemKind.RC_PRO, ItemState.COMPLETE, None)
CHECKED = task(ItemKind.RC_PRO, ItemState.BEING_CHECKED, None)
LAPSED = task(ItemKind.FINANCIAL_GUARANTEE, ItemState.PROBLEM, date(2026, 1, 10))


def finding(covered_until: date | None = END, state: CoverState = CoverState.DUE) -> CoverFinding:
    return CoverFinding(
        category=Category.COA,
        kind=CoverKind.RC_PRO,
        state=state,
        covered_until=covered_until,
        term=END,
        due_on=END,
        reasons=(CoverReason.ENDS_WITH_CAMPAIGN,),
    )


def test_renewals_are_told_item_by_item_and_covers_only_where_no_renewal_is() -> None:
    asked = tasks_of_renewals([Renewal(Category.COA, 2026, (REQUEST.item, PAPER.item))])
    assert asked == (REQUEST, PAPER)
    assert tasks_of_findings([finding()], [], DAY, beside=asked) == ()
    [alone] = tasks_of_findings([finding()], [], DAY)
    assert (alone.category, alone.item.kind, alone.item.state) == (Category.COA, ItemKind.RC_PRO, ItemState.TO_DO)


def test_a_fee_that_goes_with_the_request_is_no_task_of_its_own() -> None:
    """Fails where it counts: three requests filed by one click would be six things to do."""
    with_request = replace(FEE, item=replace(FEE.item, reasons=(ItemReason.FEE_WITH_REQUEST,)))
    assert (with_request.is_open, with_request.comes_with_another) == (False, True)
    made = make_task_list([REQUEST, with_request], [], CAMPAIGN, DAY)
    assert (made.to_do, made.next_task, made.dates[0].day) == (1, REQUEST, END)


def test_nothing_to_do_has_neither_a_next_thing_nor_a_day() -> None:
    made = make_task_list([DONE, CHECKED], [], None, DAY)
    assert (made.to_do, made.next_task, made.dates) == (0, None, ())


@pytest.mark.parametrize(
    ("tasks", "first"),
    [
        ([REQUEST, PAPER], PAPER),
        ([REQUEST, PAPER, LAPSED], LAPSED),
        ([FEE, REQUEST], REQUEST),
        ([FEE, DONE], FEE),
        ([replace(REQUEST, item=replace(REQUEST.item, due_on=None)), PAPER], PAPER),
    ],
)
def test_a_problem_comes_first_then_what_is_due_first_and_the_fee_last(tasks: list[Task], first: Task) -> None:
    assert make_task_list(tasks, [], CAMPAIGN, DAY).next_task == first


@pytest.mark.parametrize(
    ("tasks", "findings", "told"),
    [
        ([REQUEST], [], [(DateKind.TO_DO_BY, END), (DateKind.EXPIRES_ON, END)]),
        ([REQUEST, PAPER], [], [(DateKind.TO_DO_BY, date(2026, 2, 10)), (DateKind.NEXT_TO_DO_BY, END)]),
        ([LAPSED], [finding()], [(DateKind.TO_DO_BY, date(2026, 1, 10)), (DateKind.COVERED_UNTIL, END)]),
        ([DONE], [finding(date(2027, 2, 28))], [(DateKind.COVERED_UNTIL, date(2027, 2, 28))]),
        ([DONE], [finding(date(2025, 2, 28)), finding(None)], []),
    ],
)
def test_the_first_date_is_for_what_is_to_be_done_and_the_second_for_what_comes_after(
    tasks: list[Task], findings: list[CoverFinding], told: list[tuple[DateKind, date]]
) -> None:
    made = make_task_list(tasks, findings, CAMPAIGN, DAY)
    assert [(one.kind, one.day) for one in made.dates] == told
    assert all(one.day == DAY + timedelta(days=one.days_away) for one in made.dates)


def test_without_a_campaign_nothing_is_said_to_expire() -> None:
    made = make_task_list([REQUEST], [], None, DAY)
    assert [one.kind for one in made.dates] == [DateKind.TO_DO_BY]


@pytest.mark.parametrize(
    ("days", "french", "english"),
    [
        (0, "aujourd’hui", "today"),
        (1, "demain", "tomorrow"),
        (-1, "hier", "yesterday"),
        (12, "dans 12\u00a0jours", "in 12 days"),
        (-3, "il y a 3\u00a0jours", "3 days ago"),
    ],
)
def test_how_far_away_a_day_is_in_words(days: int, french: str, english: str) -> None:
    assert days_in_words(days) == (french, english)
