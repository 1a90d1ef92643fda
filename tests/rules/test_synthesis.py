"""The yearly synthesis of complaints: every one is counted once, and requests are not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hotline.rules.complaints import ComplaintChannel, ComplaintFacts, ComplaintOutcome, ComplaintState, Matter
from hotline.rules.synthesis import YearlyComplaint, quantile, synthesise

S = ComplaintState
DAY = date(2026, 12, 31)


def one(state: S, sent: date | None, after: int | None = None, batch: int | None = None) -> YearlyComplaint:
    answered = sent + timedelta(days=after) if sent and after is not None else None
    return YearlyComplaint(
        facts=ComplaintFacts(state, sent, answered_on=answered),
        began_on=sent or date(2026, 3, 1),
        channel=ComplaintChannel.LETTER if sent else ComplaintChannel.PHONE,
        matter=Matter.DELAY,
        outcome=ComplaintOutcome.REFUSED if state is S.ANSWERED else None,
        batch=batch,
    )


def test_a_year_is_counted() -> None:
    found = synthesise(
        [
            one(S.ANSWERED, date(2026, 2, 2), 5, batch=7),
            one(S.ANSWERED, date(2026, 2, 2), 90, batch=7),
            one(S.RECEIVED, date(2026, 12, 30), batch=3),
            one(S.REQUALIFIED, date(2026, 5, 5), batch=9),
            one(S.SATISFIED, None),
            one(S.SPOKEN, None),
        ],
        year=2026,
        day=DAY,
    )
    assert (found.complaints, found.requalified, found.waiting, found.written) == (5, 1, 2, 3)
    assert found.by_channel == {"LETTER": 3, "PHONE": 2}
    assert found.by_outcome == {"REFUSED": 2}
    assert found.by_batch == ((7, 2), (3, 1))
    assert (found.by_month[1], found.by_month[11], sum(found.by_month)) == (2, 1, 5)
    assert (found.acknowledged_late, found.answered_late) == (1, 1)
    assert (found.delays.answered, found.delays.median, found.delays.longest) == (2, 5, 90)


def test_a_year_without_complaints_has_no_delays() -> None:
    found = synthesise([], year=2026, day=DAY)
    assert (found.complaints, found.delays.median, found.delays.longest) == (0, None, None)


@given(st.lists(st.integers(0, 400), min_size=1), st.floats(0.01, 1))
def test_a_quantile_is_one_of_them_and_not_exceeded_by_its_share(days: list[int], share: float) -> None:
    ordered = sorted(days)
    found = quantile(ordered, share)
    assert found in ordered
    assert sum(day <= found for day in ordered) >= share * len(ordered)


def test_the_median_of_four_is_the_second() -> None:
    assert quantile([1, 2, 3, 4], 0.5) == 2


@pytest.mark.parametrize("share", [0, 1.1])
def test_a_share_lies_between_nothing_and_all(share: float) -> None:
    with pytest.raises(ValueError, match="no share"):
        quantile([1], share)
