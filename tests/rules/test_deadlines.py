"""Signed decisions about deadlines, folded over the dates a campaign started from."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.campaigns import CampaignDates, default_campaign
from registry.rules.deadlines import (
    MOVABLE,
    Freeze,
    Shift,
    SignedDecision,
    acts_in_force,
    after_freezes,
    are_in_order,
    dates_in_force,
    freeze_in_words,
)
from tests.rules.strategies import REFERENCE, TERM, find, rc_pro, registration

ORIGINAL = default_campaign(2026)
OUTAGE = Freeze(date(2026, 2, 24), date(2026, 2, 26))
LATER = Shift(2026, {"due_on": date(2026, 3, 31), "tolerated_until": date(2026, 3, 31)})


def days(dates: CampaignDates) -> list[str]:
    return [f"{getattr(dates, name):%d/%m}" for name in MOVABLE]


@pytest.mark.parametrize(
    ("acts", "expected"),
    [
        ([], ["01/01", "31/01", "28/02", "28/02", "28/02"]),
        ([LATER], ["01/01", "31/01", "31/03", "31/03", "28/02"]),
        ([Shift(2027, {"due_on": date(2027, 3, 31)})], ["01/01", "31/01", "28/02", "28/02", "28/02"]),
        ([LATER, Shift(2026, {"due_on": date(2026, 3, 15)})], ["01/01", "31/01", "15/03", "31/03", "28/02"]),
        # Only what had not passed when the outage began.
        ([OUTAGE], ["01/01", "31/01", "03/03", "03/03", "03/03"]),
        ([Freeze(date(2026, 1, 31), date(2026, 1, 31))], ["01/01", "01/02", "01/03", "01/03", "01/03"]),
        ([Freeze(date(2026, 2, 28), date(2026, 3, 2))], ["01/01", "31/01", "03/03", "03/03", "03/03"]),
        ([Freeze(date(2026, 3, 1), date(2026, 3, 2))], ["01/01", "31/01", "28/02", "28/02", "28/02"]),
        # A campaign that opens during the outage is moved as a whole; one that has not opened by its end, not at all.
        ([Freeze(date(2025, 12, 30), date(2026, 1, 1))], ["04/01", "03/02", "03/03", "03/03", "03/03"]),
        ([Freeze(date(2025, 12, 29), date(2025, 12, 31))], ["01/01", "31/01", "28/02", "28/02", "28/02"]),
        # In the order of signing: a date set after a freeze is not moved by it, one set before is.
        ([LATER, OUTAGE], ["01/01", "31/01", "03/04", "03/04", "03/03"]),
        ([OUTAGE, LATER], ["01/01", "31/01", "31/03", "31/03", "03/03"]),
    ],
)
def test_the_dates_of_a_campaign_follow_from_its_original_ones_and_the_acts(
    acts: list[Shift | Freeze], expected: list[str]
) -> None:
    assert days(dates_in_force(ORIGINAL, acts)) == expected


def test_no_act_moves_the_term() -> None:
    """I2: the term, not the deadline, is what a wave is sent once for."""
    assert dates_in_force(ORIGINAL, [LATER, OUTAGE]).term == TERM


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        (None, (OUTAGE,)),
        (datetime(2026, 2, 1, 8, 59, tzinfo=UTC), ()),
        (datetime(2026, 2, 1, 9, 0, tzinfo=UTC), (LATER,)),
        (datetime(2026, 3, 1, 9, 0, tzinfo=UTC), (LATER, OUTAGE)),
        (datetime(2026, 3, 5, 8, 59, tzinfo=UTC), (LATER, OUTAGE)),
        (datetime(2026, 3, 5, 9, 0, tzinfo=UTC), (OUTAGE,)),
    ],
)
def test_as_of_a_past_instant_what_was_believed_then_is_told(
    at: datetime | None, expected: tuple[Shift | Freeze, ...]
) -> None:
    """Fails without `signed_at <= at` or `reverted_at > at` in `is_in_force`."""
    signed = [
        SignedDecision(2, OUTAGE, datetime(2026, 2, 27, 9, tzinfo=UTC)),
        SignedDecision(1, LATER, datetime(2026, 2, 1, 9, tzinfo=UTC), datetime(2026, 3, 5, 9, tzinfo=UTC)),
    ]
    assert acts_in_force(signed, at) == expected


@pytest.mark.parametrize(
    ("last_on", "opened_on", "moved"),
    [
        (date(2026, 2, 23), date(2026, 1, 1), 0),
        (date(2026, 2, 24), date(2026, 1, 1), 3),
        (date(2026, 4, 20), date(2026, 2, 26), 3),
        (date(2026, 4, 20), date(2026, 2, 27), 0),
    ],
)
def test_a_clock_is_moved_if_it_ran_during_the_outage(last_on: date, opened_on: date, moved: int) -> None:
    """Fails with `<` for `<=`, or `>` for `>=`, in `Freeze.move`."""
    assert after_freezes(last_on, opened_on, [OUTAGE]) == last_on + timedelta(moved)


def test_two_freezes_add_up_and_the_second_sees_what_the_first_made() -> None:
    second = Freeze(date(2026, 3, 3), date(2026, 3, 3))
    assert after_freezes(TERM, date(2026, 1, 1), [OUTAGE, second]) == date(2026, 3, 4)
    assert after_freezes(TERM, date(2026, 1, 1), [second]) == TERM


@pytest.mark.parametrize(
    ("first", "last", "twice"),
    [("2026-02-20", "2026-02-23", False), ("2026-02-20", "2026-02-24", True), ("2026-02-26", "2026-03-01", True),
     ("2026-02-27", "2026-03-01", False), ("2026-02-25", "2026-02-25", True)],
)  # fmt: skip
def test_a_day_is_lost_once(first: str, last: str, twice: bool) -> None:
    other = Freeze(date.fromisoformat(first), date.fromisoformat(last))
    assert OUTAGE.overlaps(other) is other.overlaps(OUTAGE) is twice


def test_a_freeze_moves_the_filing_day_of_a_cover_that_ends_alone_and_not_its_term() -> None:
    """Fails without `after_freezes` in `_dated`."""
    frozen = replace(REFERENCE, freezes=(Freeze(date(2026, 6, 1), date(2026, 6, 10)),))
    paper = rc_pro(date(2025, 7, 1), date(2026, 6, 30))
    finding = find("2026-06-15", paper, reference=frozen)
    assert (finding.state, finding.term, finding.due_on) == ("DUE", date(2026, 6, 30), date(2026, 7, 10))
    late = find("2026-07-05", paper, reference=frozen)
    assert (late.state, late.term, late.due_on) == ("LAPSED", date(2026, 6, 30), date(2026, 7, 10))
    early = replace(REFERENCE, freezes=(Freeze(date(2026, 4, 1), date(2026, 4, 30)),))
    assert find("2026-06-15", paper, reference=early).due_on == date(2026, 6, 30)


def test_the_public_is_told_in_french_and_in_english() -> None:
    assert freeze_in_words(OUTAGE) == (
        "En raison de l’indisponibilité de notre service du 24/02/2026 au 26/02/2026, tous les délais en cours sont "
        "prolongés de 3 jours."
    )
    one = Freeze(date(2026, 2, 24), date(2026, 2, 24))
    assert freeze_in_words(one).endswith("de 1 jour.")
    assert freeze_in_words(one, "en").endswith("is extended by 1 day.")
    assert freeze_in_words(OUTAGE, "en").endswith("is extended by 3 days.")


near = st.dates(date(2025, 11, 1), date(2026, 5, 1))
freezes = st.builds(lambda first, n: Freeze(first, first + timedelta(n)), near, st.integers(0, 40))


@given(st.lists(freezes, max_size=3))
def test_freezes_keep_the_dates_in_order_and_never_bring_one_forward(acts: list[Freeze]) -> None:
    moved = dates_in_force(ORIGINAL, acts)
    assert are_in_order(moved)
    for name in MOVABLE:
        lost = sum(f.days_lost for f in acts)
        assert getattr(ORIGINAL, name) <= getattr(moved, name) <= getattr(ORIGINAL, name) + timedelta(lost)


def test_dates_out_of_order_are_known() -> None:
    assert are_in_order(ORIGINAL)
    assert not are_in_order(replace(ORIGINAL, due_on=date(2026, 1, 30)))
    assert are_in_order(replace(ORIGINAL, expires_on=date(2026, 1, 1)))


EDGES = [date(y, m, d) for y in (2025, 2026, 2027) for m, d in ((12, 31), (1, 1), (2, 28), (3, 1))] + [
    date(2028, 2, 29), date(2028, 2, 28), date(2028, 3, 1), date(2028, 1, 1), date(2027, 12, 31)
]  # fmt: skip


@given(st.sampled_from(EDGES) | st.dates(date(2024, 1, 1), date(2028, 12, 31)))
def test_i3_a_first_validity_lasts_from_two_to_fourteen_months(registered_on: date) -> None:
    """Fails with `opens_on`, or the term, for 1 January in `CampaignDates.concerns`."""
    first = next(c for c in map(default_campaign, range(2024, 2035)) if c.concerns(registered_on))
    assert first.year == registered_on.year + 1
    # Full months between the day of registration and the end of that February.
    months = (first.term.year - registered_on.year) * 12 + 2 - registered_on.month
    assert 2 <= months <= 13 + (registered_on.day == 1)
    # Never asked by a campaign that it is too new for, whenever one looks.
    who = registration(registered_on=registered_on)
    paper = rc_pro(registered_on, first.term)
    for day in (registered_on, registered_on + timedelta(40), date(first.year, 1, 1) - timedelta(1)):
        if registered_on <= day < date(first.year, 1, 1):
            assert not find(day, paper, who=who).is_remindable
    assert find(date(first.year, 1, 1), paper, who=who).is_remindable


def test_a_freeze_is_told_for_sixty_days() -> None:
    assert OUTAGE.is_shown(date(2026, 2, 24))
    assert OUTAGE.is_shown(OUTAGE.until_on + timedelta(60))
    assert not OUTAGE.is_shown(OUTAGE.until_on + timedelta(61))
