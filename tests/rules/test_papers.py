"""What is found in a certificate without a person: the classic error first, the amounts of the day, the text beside."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.facts import CoverFacts, CoverStatus
from registry.rules.paper_text import PaperText, plain
from registry.rules.papers import (
    LEVELS,
    PaperCode,
    PaperFacts,
    PaperLevel,
    assess_paper,
    assess_text,
    wanted_period,
    worst,
)
from tests.rules.strategies import CAMPAIGNS, CIF, COA, GUARANTEE, IOB, RC_PRO, REFERENCE, registration

C = PaperCode
IN_CAMPAIGN, BEFORE, AFTER = date(2026, 1, 20), date(2025, 12, 10), date(2026, 3, 10)
NUMBER = "08000101"
SAYS = (
    "Attestation d’assurance : Mutuelle d’Essai atteste que le cabinet n° 08 000 101 est couvert par le contrat "
    "RC-2026/77 du 1er mars 2026 au 28 février 2027, 1 564 610 € par sinistre et 2.315.610 € par an"
)


def cover(**changes: Any) -> CoverFacts:
    values: dict[str, Any] = {
        "kind": RC_PRO,
        "categories": frozenset({COA}),
        "starts_on": date(2026, 3, 1),
        "ends_on": date(2027, 2, 28),
        "status": CoverStatus.DEPOSITED,
        "amount_cents": 156_461_000,
        "annual_cents": 231_561_000,
    }
    return CoverFacts(**(values | changes))


def paper(text: str | None = SAYS, known: bool = True, policy: str = "RC 2026 77", **changes: Any) -> PaperFacts:
    said = None if text is None else PaperText(text)
    return PaperFacts(cover=cover(**changes), issuer="Mutuelle d'essai", policy=policy, issuer_known=known, text=said)


def codes(given: PaperFacts, *registrations: Any, day: date = IN_CAMPAIGN) -> list[PaperCode]:
    return [f.code for f in assess_paper(given, NUMBER, registrations or (registration(),), REFERENCE, day)]


def test_a_good_certificate_raises_no_question() -> None:
    found = assess_paper(paper(), NUMBER, (registration(),), REFERENCE, IN_CAMPAIGN)
    assert worst(found) is PaperLevel.GOOD
    assert [f.code for f in found] == [
        C.PERIOD_WHOLE, C.AMOUNTS_MET, C.CATEGORIES_COVERED, C.ISSUER_KNOWN, *[C.TEXT_AGREES] * 7,
    ]  # fmt: skip
    assert worst(()) is PaperLevel.GOOD


@pytest.mark.parametrize("ends_on", [date(2026, 2, 28), date(2026, 1, 31), date(2026, 2, 27)])
def test_the_classic_error_has_its_own_code_and_words(ends_on: date) -> None:
    found = assess_paper(
        paper(text=None, starts_on=date(2025, 3, 1), ends_on=ends_on), NUMBER, (registration(),), REFERENCE, IN_CAMPAIGN
    )
    assert (found[0].code, found[0].level) == (C.PERIOD_OLD, PaperLevel.WRONG)
    french, english = found[0].in_words
    assert french.startswith(f"ancienne période\u00a0: l’attestation s’arrête au {ends_on:%d/%m/%Y}")
    assert "du 01/03/2026 au 28/02/2027" in french
    assert english.startswith("old period")


@pytest.mark.parametrize(
    ("day", "starts_on", "ends_on", "code"),
    [
        (IN_CAMPAIGN, date(2026, 3, 1), date(2027, 2, 27), C.PERIOD_PARTIAL),
        (IN_CAMPAIGN, date(2026, 3, 2), date(2027, 2, 28), C.PERIOD_PARTIAL),
        (IN_CAMPAIGN, date(2026, 1, 1), date(2026, 12, 31), C.PERIOD_PARTIAL),
        (IN_CAMPAIGN, date(2027, 3, 1), date(2028, 2, 29), C.PERIOD_PARTIAL),
        (IN_CAMPAIGN, date(2025, 3, 1), date(2027, 2, 28), C.PERIOD_WHOLE),
        (date(2027, 1, 20), date(2027, 3, 1), date(2028, 2, 28), C.PERIOD_WHOLE),
        (BEFORE, date(2025, 3, 1), date(2026, 2, 28), C.PERIOD_WHOLE),
        (BEFORE, date(2026, 3, 1), date(2027, 2, 28), C.PERIOD_WHOLE),
        (BEFORE, date(2024, 3, 1), date(2025, 2, 28), C.PERIOD_OLD),
        (AFTER, date(2026, 3, 1), date(2027, 2, 28), C.PERIOD_WHOLE),
        (AFTER, date(2025, 3, 1), date(2026, 2, 28), C.PERIOD_OLD),
        (AFTER, date(2026, 3, 10), date(2027, 2, 28), C.PERIOD_PARTIAL),
    ],
)
def test_the_period_to_cover_is_that_of_the_campaign_once_it_is_open(
    day: date, starts_on: date, ends_on: date, code: PaperCode
) -> None:
    """A leap year that says the 28th runs to the 29th; before the opening either year will do."""
    assert codes(paper(text=None, starts_on=starts_on, ends_on=ends_on), day=day)[0] is code


def test_who_registered_within_the_year_is_to_be_covered_from_that_day() -> None:
    new = registration(registered_on=date(2026, 6, 5))
    since = paper(text=None, starts_on=date(2026, 6, 5), ends_on=date(2027, 2, 28))
    assert codes(since, new, day=date(2026, 6, 4))[0] is C.PERIOD_WHOLE
    assert codes(since, registration(), day=date(2026, 6, 4))[0] is C.PERIOD_PARTIAL


def test_without_campaigns_the_year_that_runs_is_wanted() -> None:
    assert wanted_period(date(2026, 1, 20), ()).start == date(2025, 3, 1)
    assert wanted_period(date(2026, 1, 20), CAMPAIGNS).start == date(2026, 3, 1)


@given(st.dates(date(2020, 1, 1), date(2030, 12, 31)))
def test_the_wanted_year_is_always_a_whole_one_about_to_begin_or_running(day: date) -> None:
    wanted = wanted_period(day, CAMPAIGNS)
    assert (wanted.start.month, wanted.start.day, wanted.end) == (
        3,
        1,
        wanted.start.replace(year=wanted.start.year + 1),
    )
    assert wanted.start <= day + timedelta(days=60)
    assert day < wanted.end


def test_amounts_are_those_of_the_day_and_the_text_is_quoted() -> None:
    found = assess_paper(paper(text=None, annual_cents=200_000_000), NUMBER, (registration(),), REFERENCE, IN_CAMPAIGN)
    assert (found[1].code, found[1].level) == (C.AMOUNTS_BELOW, PaperLevel.WRONG)
    assert "1\u202f564\u202f610\u00a0€ / 2\u202f315\u202f610\u00a0€" in found[1].in_words[0]
    assert "A512-4" in found[1].in_words[0]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"amount_cents": None}, C.AMOUNTS_UNKNOWN),
        ({"annual_cents": None}, C.AMOUNTS_UNKNOWN),
        ({"kind": GUARANTEE, "amount_cents": 11_500_000, "annual_cents": None}, C.AMOUNTS_MET),
        ({"kind": GUARANTEE, "amount_cents": 11_499_999, "annual_cents": None}, C.AMOUNTS_BELOW),
    ],
)
def test_amounts_that_are_not_stated_are_no_reproach(changes: dict[str, Any], code: PaperCode) -> None:
    assert codes(paper(text=None, **changes), registration(holds_client_funds=True))[1] is code


def test_categories_are_those_registered() -> None:
    both = (registration(), registration(IOB))
    gone = registration(CIF, removed_on=date(2025, 3, 7))
    assert codes(paper(text=None), *both)[2] is C.CATEGORY_MISSING
    assert codes(paper(text=None, categories=frozenset({COA, IOB})), *both)[2] is C.CATEGORIES_COVERED
    assert codes(paper(text=None, categories=frozenset({COA, CIF})), registration(), gone)[2] is C.CATEGORY_FOREIGN
    agent = registration(IOB, principal_bears_liability=True)
    assert codes(paper(text=None), registration(), agent)[2] is C.CATEGORIES_COVERED


def test_an_issuer_never_seen_is_told() -> None:
    assert C.ISSUER_UNKNOWN in codes(paper(known=False))


def test_every_finding_has_its_level() -> None:
    assert set(LEVELS) == set(PaperCode)


def test_a_certificate_without_a_policy_is_not_compared_by_it() -> None:
    found = assess_paper(paper(policy=""), NUMBER, (), REFERENCE, IN_CAMPAIGN)
    compared = [f.facts["what"] for f in found if "what" in f.facts]
    assert compared
    assert not any("police" in what for what in compared)


def test_no_document_and_a_scan_are_told_apart() -> None:
    assert codes(paper(text=None))[-1] is C.NO_DOCUMENT
    assert codes(paper(text=" 12 "))[-1] is C.NO_TEXT


def test_what_the_text_does_not_say_is_named_and_never_decides() -> None:
    other = SAYS.replace("08 000 101", "08 000 102").replace("1 564 610", "1 500 000").replace("RC-2026", "RC-2025")
    found = assess_paper(paper(text=other), NUMBER, (registration(),), REFERENCE, IN_CAMPAIGN)
    differing = [f.in_words[0] for f in found if f.code is C.TEXT_DIFFERS]
    assert [one.partition("\u00a0: ")[2] for one in differing] == [
        f"numéro {NUMBER}", "police RC 2026 77", "montant 1\u202f564\u202f610\u00a0€",
    ]  # fmt: skip
    assert worst(found) is PaperLevel.DOUBT


def test_a_text_of_the_old_period_is_seen_whatever_was_entered() -> None:
    old = SAYS.replace("2026 au", "2025 au").replace("2027", "2026")
    found = codes(paper(text=old))
    assert found[0] is C.PERIOD_WHOLE
    assert found[-1] is C.TEXT_OLD_PERIOD


def test_a_document_alone_tells_what_it_says() -> None:
    old = PaperText(SAYS.replace("2026 au", "2025 au").replace("2027", "2026"))
    assert [f.code for f in assess_text(PaperText(""), NUMBER, IN_CAMPAIGN, REFERENCE)] == [C.NO_TEXT]
    assert [f.code for f in assess_text(PaperText(SAYS), NUMBER, IN_CAMPAIGN, REFERENCE)] == [C.TEXT_AGREES]
    assert [f.code for f in assess_text(old, "08000102", IN_CAMPAIGN, REFERENCE)] == [C.TEXT_DIFFERS, C.TEXT_OLD_PERIOD]


@pytest.mark.parametrize(
    ("written", "day"),
    [
        ("01/03/2026", date(2026, 3, 1)),
        ("1.3.2026", date(2026, 3, 1)),
        ("28 - 02 - 2027", date(2027, 2, 28)),
        ("1er Mars 2026", date(2026, 3, 1)),
        ("29 FÉVRIER 2028", date(2028, 2, 29)),
        ("31 août\n2026", date(2026, 8, 31)),
    ],
)
def test_days_are_found_however_they_are_written(written: str, day: date) -> None:
    assert PaperText(f"du {written}, soit").days == {day}


def test_what_is_no_day_is_none() -> None:
    assert PaperText("30/02/2026, 31 avril 2026, 1/1/20260, 00/01/2026").days == frozenset()


@pytest.mark.parametrize("end", ["28/02/2028", "29/02/2028", "01/03/2028"])
def test_the_end_of_february_may_be_written_in_three_ways(end: str) -> None:
    text = f"Attestation {NUMBER} assurance mutuelle essai contrat rc202677 du 01/03/2027 au {end}"
    day = date(2027, 1, 20)
    found = assess_paper(
        paper(text=text, starts_on=date(2027, 3, 1), ends_on=date(2028, 2, 28), amount_cents=None, annual_cents=None),
        NUMBER, (registration(),), REFERENCE, day,
    )  # fmt: skip
    assert C.TEXT_DIFFERS not in [f.code for f in found] or end == "01/03/2028"
    last = date(2028, 2, 29)
    found = assess_paper(
        paper(text=text, starts_on=date(2027, 3, 1), ends_on=last, amount_cents=None, annual_cents=None),
        NUMBER, (registration(),), REFERENCE, day,
    )  # fmt: skip
    assert C.TEXT_DIFFERS not in [f.code for f in found] or end == "28/02/2028"


def test_sums_numbers_and_names_are_found() -> None:
    text = PaperText("Montant : 1\u202f564\u202f610 €, 2.315.610 EUR, 115000€ ; AXA France IARD ; n° 07.001.003")
    assert {1_564_610, 2_315_610, 115_000} <= text.sums
    assert text.has_number("07001003")
    assert not text.has_number("07001004")
    assert text.has_words_of("axa france")
    assert not text.has_words_of("Allianz France")
    assert not text.has_words_of("–")
    assert not text.has_code("–")
    assert plain("  Été\u00a0à  Nîmes ") == "ete a nimes"


@given(st.text(max_size=400))
def test_any_text_is_read_without_a_crash(text: str) -> None:
    found = assess_text(PaperText(text), NUMBER, IN_CAMPAIGN, REFERENCE)
    assert all(all(f.in_words) for f in found)
