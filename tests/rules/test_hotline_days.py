"""Days and hours at the hotline that can be meant, and slips of the keyboard that cannot."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from hotline.rules.days import (
    LONGEST_PROMISE,
    LONGEST_SILENCE,
    OLDEST_CALL,
    OLDEST_COMPLAINT,
    why_no_day,
    why_no_next_word,
    why_no_promise,
    why_no_start,
)
from hotline.rules.readings import Opening, is_reading

TODAY = date(2026, 2, 25)
NOW = datetime(2026, 2, 25, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.mark.parametrize(
    ("day", "told"),
    [
        (TODAY, None),
        (TODAY - OLDEST_COMPLAINT, None),
        (TODAY + timedelta(days=1), "à venir"),
        (date.max, "Le 31/12/9999 est à venir"),
        (TODAY - OLDEST_COMPLAINT - timedelta(days=1), "plus de cinq ans"),
        (date.min, "Le 01/01/0001 remonte à plus de cinq ans"),
    ],
)
def test_a_day_of_a_complaint_is_past_and_of_the_last_five_years(day: date, told: str | None) -> None:
    why = why_no_day(day, TODAY)
    assert (why is None) if told is None else (why is not None and told in why)


FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
Rule = Callable[[datetime, datetime], str | None]


@pytest.mark.parametrize(
    ("rule", "earliest", "latest"),
    [
        (why_no_start, NOW - OLDEST_CALL, NOW),
        (why_no_promise, NOW + MINUTE, NOW + LONGEST_PROMISE),
        (why_no_next_word, NOW + MINUTE, NOW + LONGEST_SILENCE),
    ],
)
def test_an_hour_lies_within_its_bounds_and_no_further(rule: Rule, earliest: datetime, latest: datetime) -> None:
    assert rule(earliest, NOW) is None
    assert rule(latest, NOW) is None
    for beyond in (FIRST, earliest - MINUTE, latest + MINUTE, LAST):
        assert rule(beyond, NOW), beyond


def test_an_open_incident_says_when() -> None:
    assert why_no_next_word(None, NOW)


SEEN = Opening("GET", "document", "navigate")


@pytest.mark.parametrize(
    ("opening", "counts"),
    [
        (SEEN, True),
        (Opening("GET"), False),
        (Opening("HEAD", "document", "navigate"), False),
        (Opening("GET", "image", "no-cors"), False),
        (Opening("GET", "document", "navigate", "prefetch;prerender"), False),
        (Opening("GET", "document", "navigate", by_staff=True), False),
    ],
)
def test_a_page_counts_as_read_where_a_browser_goes_to_it(opening: Opening, counts: bool) -> None:
    """Fails where a program that looks into mails for viruses, and opens every link in them, would count."""
    assert is_reading(opening) is counts
