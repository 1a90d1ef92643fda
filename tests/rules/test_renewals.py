"""The turn of the year of cover: renewals filed already, deadlines that are moved, and first validities."""

from dataclasses import replace
from datetime import date

import pytest

from registry.rules.categories import Filer
from registry.rules.facts import CoverFacts, CoverStatus
from tests.rules.strategies import (
    CIF,
    GUARANTEE,
    REFERENCE,
    TERM,
    campaign_year,
    find,
    moved,
    on,
    rc_pro,
    registration,
)

OLD = rc_pro(*campaign_year(2026))
NEW = rc_pro(*campaign_year(2027))
THE_NIGHT = date(2026, 2, 24)


# --- a renewal filed already -------------------------------------------------------------------------------

LOW = replace(OLD, amount_cents=1)
SHORT = replace(OLD, ends_on=date(2026, 2, 20))
LONG_AGO = rc_pro(*campaign_year(2025))


@pytest.mark.parametrize(
    ("day", "papers"),
    [
        ("2026-01-01", [NEW]),
        ("2026-02-28", [NEW]),
        ("2026-02-24", [NEW, LOW]),
        ("2026-02-24", [NEW, LOW, LONG_AGO]),
        ("2026-02-20", [NEW, SHORT]),
        ("2026-02-20", [NEW, SHORT, rc_pro(*campaign_year(2024))]),
        ("2026-02-24", [replace(NEW, starts_on=on("2026-02-26"))]),
        ("2026-02-24", [replace(OLD, starts_on=on("2026-02-26")), NEW]),
        ("2026-02-24", [NEW, replace(NEW, status=CoverStatus.DEPOSITED)]),
    ],
    ids=["first day", "last day", "old too low", "too low now", "a gap to come", "gaps", "early", "two", "deposit"],
)
def test_i3_a_renewal_accepted_in_the_running_campaign_is_enough_though_it_does_not_touch_today(
    day: str, papers: list[CoverFacts]
) -> None:
    """Fails without `self._renewal(current)` in `finding`, or `current is None` or `too_low_today` in `_renewal`."""
    finding = find(day, *papers)
    assert (finding.state, finding.reasons) == ("IN_FORCE", ("RENEWED",))
    assert finding.covered_until == finding.term == finding.due_on == date(2027, 2, 28)
    assert not finding.is_open


@pytest.mark.parametrize(
    ("day", "papers", "state"),
    [
        ("2026-02-24", [NEW, LONG_AGO], "LAPSED"),
        ("2026-02-24", [NEW, LONG_AGO, replace(LOW, ends_on=on("2026-02-10"))], "LAPSED"),
        ("2026-02-20", [SHORT, replace(NEW, starts_on=on("2026-03-02"))], "DUE"),
        ("2026-02-24", [replace(NEW, starts_on=on("2026-03-02"))], "MISSING"),
        ("2026-02-24", [replace(NEW, status=CoverStatus.REFUSED)], "MISSING"),
        ("2026-02-24", [replace(NEW, amount_cents=1), LOW], "BELOW_MINIMUM"),
        ("2026-02-24", [replace(NEW, ended_on=NEW.starts_on)], "MISSING"),
        ("2026-02-24", [replace(NEW, kind=GUARANTEE), replace(NEW, categories=frozenset({CIF}))], "MISSING"),
    ],
)
def test_what_is_not_the_next_cover_filed_in_its_campaign_closes_nothing(
    day: str, papers: list[CoverFacts], state: str
) -> None:
    """Fails without `has_lapsed` in `_renewal`, `campaign_to_come`, or `campaign.term + ONE_DAY in p`."""
    assert find(day, *papers).state == state


def test_cover_that_goes_on_past_the_campaign_is_told_as_it_is_and_not_as_renewed() -> None:
    for papers in ([OLD, NEW], [replace(OLD, ends_on=on("2026-08-31"))]):
        assert find(THE_NIGHT, *papers).reasons[0] == "COVERED"
    gap_later = [replace(OLD, ends_on=on("2026-03-31")), replace(NEW, starts_on=on("2026-04-15"))]
    finding = find(THE_NIGHT, *gap_later)
    assert (finding.state, finding.term, finding.reasons) == ("DUE", on("2026-03-31"), ("ENDS_ALONE",))


def test_a_renewal_that_spans_years_counts_to_its_own_end_and_one_beginning_after_is_not_counted() -> None:
    assert find(THE_NIGHT, replace(NEW, ends_on=on("2028-02-28"))).covered_until == on("2028-02-29")
    later = rc_pro(*campaign_year(2029))
    assert find(THE_NIGHT, NEW, later).covered_until == on("2027-02-28")


# --- deadlines that are moved ------------------------------------------------------------------------------

TOLERANCE = moved(2026, **dict.fromkeys(["due_on", "tolerated_until", "expires_on"], on("2026-03-31")))


@pytest.mark.parametrize(
    ("day", "papers", "state"),
    [
        ("2026-02-24", [OLD], "DUE"),
        ("2026-03-01", [OLD], "LAPSED"),
        ("2026-03-31", [OLD], "LAPSED"),
        ("2026-02-24", [], "MISSING"),
        ("2026-03-31", [], "MISSING"),
        ("2026-03-31", [replace(NEW, amount_cents=1)], "BELOW_MINIMUM"),
    ],
)
def test_a_tolerance_to_the_end_of_march_moves_the_filing_day_and_not_the_term(
    day: str, papers: list[CoverFacts], state: str
) -> None:
    """Domain, 1.1: in 2023 the date moved to 31 March. Fails with `min(filing day, term)` in `_dated`."""
    finding = find(day, *papers, reference=TOLERANCE)
    assert (finding.state, finding.term, finding.due_on) == (state, TERM, on("2026-03-31"))
    association = find(day, *papers, who=registration(filer=Filer.ASSOCIATION), reference=TOLERANCE)
    assert (association.term, association.due_on) == (TERM, on("2026-01-31"))


def test_after_the_tolerance_a_missing_cover_is_that_of_the_next_campaign() -> None:
    assert find("2026-04-01", reference=TOLERANCE).term == on("2027-02-28")
    assert find("2026-04-01", OLD, reference=TOLERANCE).due_on == on("2026-03-31")


# --- first validity ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("registered_on", "state", "first"),
    [
        ("2025-12-31", "DUE", False),
        ("2026-01-01", "IN_FORCE", True),
        ("2026-01-31", "IN_FORCE", True),
        ("2026-02-20", "IN_FORCE", True),
    ],
)
def test_i3_one_first_registered_in_the_campaign_is_not_in_it(registered_on: str, state: str, first: bool) -> None:
    """Fails without `if first_validity` in `_covered_until`."""
    who = registration(registered_on=on(registered_on))
    finding = find(THE_NIGHT, rc_pro(on(registered_on), TERM), who=who)
    assert (finding.state, finding.first_validity) == (state, first)
    assert (finding.reasons == ("FIRST_VALIDITY",)) is first
    assert not (finding.is_remindable and first)


def test_a_first_validity_lasts_up_to_fourteen_months() -> None:
    who = registration(registered_on=on("2026-01-02"))
    paper = rc_pro(on("2026-01-02"), date(2027, 2, 28))
    states = [find(day, paper, who=who).state for day in ("2026-02-24", "2026-12-31", "2027-01-01")]
    assert states == ["IN_FORCE", "IN_FORCE", "DUE"]
    assert find("2026-02-24", who=who).term == date(2027, 2, 28)


@pytest.mark.parametrize(
    ("day", "first", "term", "due_on"),
    [
        ("2026-03-01", True, TERM, TERM),
        ("2026-12-31", True, TERM, TERM),
        ("2027-01-01", False, date(2027, 2, 28), date(2027, 2, 28)),
        ("2027-02-28", False, date(2027, 2, 28), date(2027, 2, 28)),
        ("2027-03-01", False, date(2028, 2, 29), date(2028, 2, 29)),
    ],
)
def test_a_first_validity_ends_when_the_following_campaign_opens_and_that_campaign_asks(
    day: str, first: bool, term: date, due_on: date
) -> None:
    """Fails without `self.day < following.opens_on` in `_first_validity`, or `_is_new_to` in `_uncovered`."""
    finding = find(day, OLD, who=registration(registered_on=on("2026-01-02")))
    assert (finding.state, finding.covered_until, finding.reasons) == ("LAPSED", TERM, ("COVER_ENDED",))
    assert (finding.first_validity, finding.term, finding.due_on) == (first, term, due_on)
    assert finding.is_remindable is not first


def test_a_first_validity_does_not_end_while_the_following_campaign_is_not_on_record() -> None:
    bare = replace(REFERENCE, campaigns=tuple(c for c in REFERENCE.campaigns if c.year == 2026))
    assert find("2027-06-01", OLD, who=registration(registered_on=on("2026-01-02")), reference=bare).first_validity


@pytest.mark.parametrize(
    ("opens_on", "registered_on", "first"),
    [("2026-01-15", "2026-01-05", True), ("2025-12-15", "2025-12-19", False)],
)
def test_i3_an_opening_that_is_moved_changes_nobodys_first_validity(
    opens_on: str, registered_on: str, first: bool
) -> None:
    """Fails with `opens_on` for 1 January in `CampaignDates.concerns`."""
    who = registration(registered_on=on(registered_on))
    finding = find(THE_NIGHT, OLD, who=who, reference=moved(2026, opens_on=on(opens_on)))
    assert finding.first_validity is first
