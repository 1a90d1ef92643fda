"""Numbers and days as each language says them."""

from datetime import date

import pytest

from registry.rules import english, french
from registry.rules.french import counted


@pytest.mark.parametrize(
    ("number", "said"),
    [
        (0, "0 dossier"),
        (1, "1 dossier"),
        (-1, "-1 dossier"),
        (2, "2 dossiers"),
        (4312, "4\u202f312 dossiers"),
        (-18_000, "-18\u202f000 dossiers"),
    ],
)
def test_a_plural_begins_at_two(number: int, said: str) -> None:
    assert counted(number, "dossier") == said


def test_an_irregular_plural_is_given() -> None:
    assert (counted(1, "travail", "travaux"), counted(3, "travail", "travaux")) == ("1 travail", "3 travaux")


@pytest.mark.parametrize(
    ("day", "in_french", "in_english"),
    [
        (date(2026, 3, 1), "1er mars 2026", "1 March 2026"),
        (date(2028, 2, 29), "29 février 2028", "29 February 2028"),
        (date(2027, 8, 12), "12 août 2027", "12 August 2027"),
    ],
)
def test_days_are_written_in_full(day: date, in_french: str, in_english: str) -> None:
    assert (french.day_in_words(day), english.day_in_words(day)) == (in_french, in_english)
    assert (french.day_and_month(day), english.day_and_month(day)) == (in_french[:-5], in_english[:-5])


def test_each_month_has_its_own_name() -> None:
    days = [date(2026, month, 2) for month in range(1, 13)]
    assert len({french.day_in_words(day) for day in days}) == len({english.day_in_words(day) for day in days}) == 12
