"""« Mon dossier est complet » : true, true since, or not true."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.campaigns import default_campaign
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.facts import CoverFacts, CoverStatus, FileFacts, Reference, RegistrationFacts, Requirement
from reminders.rules.reports import Asked, ReportVerdict, judge_report

V = ReportVerdict
MAILED = date(2026, 2, 10)
TODAY = date(2026, 2, 12)
REFERENCE = Reference(
    (Requirement(Category.COA, CoverKind.RC_PRO, date(2010, 1, 1), None, 100, None, "CA L512-6"),),
    tuple(default_campaign(year) for year in (2025, 2026, 2027)),
)
ASKED = (Asked(CoverKind.RC_PRO, frozenset({Category.COA})),)


def cover(year: int, deposited_on: date | None, status: CoverStatus = CoverStatus.ACCEPTED) -> CoverFacts:
    """The cover from March of the year before to the last of February of `year`."""
    ends_on = date(year, 2, 28)
    return CoverFacts(
        CoverKind.RC_PRO, frozenset({Category.COA}), date(year - 1, 3, 1), ends_on, status, deposited_on=deposited_on
    )


def file(*covers: CoverFacts, removed_on: date | None = None) -> FileFacts:
    registration = RegistrationFacts(
        Category.COA, date(2015, 6, 5), removed_on, None, None, False, False, Filer.SELF, False
    )
    old = cover(2026, date(2025, 1, 15))
    return FileFacts("07000001", "Cabinet", "a@b.fr", "fr", (registration,), (old, *covers))


def verdict(facts: FileFacts, *, untouched: bool = False, asked: Sequence[Asked] = ASKED) -> ReportVerdict:
    return judge_report(facts, REFERENCE, asked, mailed_on=MAILED, day=TODAY, untouched=untouched).verdict


@pytest.mark.parametrize("status", [CoverStatus.ACCEPTED, CoverStatus.DEPOSITED])
@pytest.mark.parametrize(
    ("deposited_on", "expected"),
    [
        (date(2026, 1, 20), V.WRONG),
        (date(2026, 2, 9), V.WRONG),
        (MAILED, V.COMPLETED_SINCE),
        (date(2026, 2, 11), V.COMPLETED_SINCE),
        (None, V.COMPLETED_SINCE),
    ],
)
def test_i12_the_day_of_deposit_tells_a_wrong_mail_from_an_answer_to_it(
    status: CoverStatus, deposited_on: date | None, expected: ReportVerdict
) -> None:
    assert verdict(file(cover(2027, deposited_on, status))) is expected


def test_what_the_file_held_when_the_list_was_frozen_was_there_whatever_day_it_bears() -> None:
    """Fails without `untouched`: a mail that left on the day of the deposit would be called right."""
    assert verdict(file(cover(2027, MAILED)), untouched=True) is V.WRONG


def test_what_is_missing_is_still_due() -> None:
    found = judge_report(file(), REFERENCE, ASKED, mailed_on=MAILED, day=TODAY, untouched=True)
    assert found.verdict is V.STILL_DUE
    assert [f.kind for f in found.open_then] == [f.kind for f in found.open_now] == [CoverKind.RC_PRO]


def test_a_refused_paper_completes_nothing() -> None:
    assert verdict(file(cover(2027, date(2026, 1, 20), CoverStatus.REFUSED))) is V.STILL_DUE


def test_who_was_removed_before_the_mail_was_written_to_wrongly_and_after_it_was_not() -> None:
    assert verdict(file(removed_on=date(2026, 2, 1))) is V.WRONG
    assert verdict(file(removed_on=date(2026, 2, 11))) is V.COMPLETED_SINCE


def test_only_what_the_mail_asked_for_counts() -> None:
    other = (Asked(CoverKind.FINANCIAL_GUARANTEE, frozenset({Category.COA})),)
    assert verdict(file(), asked=other) is V.WRONG
    elsewhere = (Asked(CoverKind.RC_PRO, frozenset({Category.IOB})),)
    assert verdict(file(), asked=elsewhere) is V.WRONG


@given(st.dates(date(2025, 12, 1), date(2026, 3, 15)), st.booleans())
def test_nobody_who_still_owes_a_paper_can_stop_a_release(deposited_on: date, untouched: bool) -> None:
    refused = file(cover(2027, deposited_on, CoverStatus.REFUSED))
    assert verdict(refused, untouched=untouched) is V.STILL_DUE
