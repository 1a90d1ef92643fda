"""What holds for every registration, every set of covers and every day."""

from dataclasses import replace
from datetime import date, timedelta

from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.categories import CoverKind
from registry.rules.covers import OPEN_STATES, CoverFinding, CoverState
from registry.rules.facts import CoverFacts, RegistrationFacts, Requirement
from tests.rules.strategies import (
    CAMPAIGNS,
    CIF,
    EVERY_CATEGORY,
    GUARANTEE,
    ONE_DAY,
    REFERENCE,
    TERM,
    campaign_days,
    campaign_year,
    covers,
    days,
    find,
    moved,
    rc_pro,
    registration,
    registrations,
    usual_covers,
    usual_registrations,
)

papers_of_a_file = st.lists(covers() | usual_covers(), max_size=4)
anybody = registrations() | usual_registrations()
kinds = st.sampled_from(CoverKind)


@given(campaign_days(), papers_of_a_file, anybody, kinds, st.integers(-20, 40))
@example(date(2026, 2, 1), [rc_pro(*campaign_year(2026))], registration(), CoverKind.RC_PRO, -5)
def test_i2_moving_a_deadline_never_moves_a_term(
    day: date, papers: list[CoverFacts], who: RegistrationFacts, kind: CoverKind, shift: int
) -> None:
    """Fails if `CampaignDates.term` or `_dated` took the term from `due_on`."""
    deadline = TERM + timedelta(shift)
    later = moved(2026, due_on=deadline, tolerated_until=max(TERM, deadline))
    before = find(day, *papers, who=who, kind=kind)
    after = find(day, *papers, who=who, kind=kind, reference=later)
    assert replace(after, due_on=None) == replace(before, due_on=None)


@given(days(), papers_of_a_file, registrations(CIF))
def test_i3_a_cif_is_never_asked_for_a_guarantee(day: date, papers: list[CoverFacts], who: RegistrationFacts) -> None:
    """Fails without `registration.category is Category.CIF` in `_exemption`: a wrong row asks for nothing."""
    row = Requirement(CIF, GUARANTEE, date(2007, 1, 1), None, 11_500_000, None, "aucun texte")
    wrong = replace(REFERENCE, requirements=(*REFERENCE.requirements, row))
    for reference in (REFERENCE, wrong):
        finding = find(day, *papers, who=who, kind=GUARANTEE, reference=reference)
        assert finding.state is CoverState.NOT_REQUIRED


any_finding = st.builds(
    lambda day, papers, who, kind: (day, find(day, *papers, who=who, kind=kind)),
    campaign_days(), papers_of_a_file, anybody, kinds,
)  # fmt: skip


@given(any_finding)
def test_the_dates_of_a_finding_agree_with_its_state(case: tuple[date, CoverFinding]) -> None:
    day, finding = case
    if finding.state in ("IN_FORCE", "DUE"):
        assert finding.covered_until
        assert finding.covered_until >= day
    if finding.state in ("LAPSED", "MISSING", "NOT_REQUIRED"):
        assert finding.covered_until is None or finding.covered_until < day
    assert (finding.term is None) == (finding.due_on is None) == (finding.state == "NOT_REQUIRED")
    assert finding.is_open is (finding.state in OPEN_STATES)
    assert finding.reasons


@given(campaign_days(), papers_of_a_file, anybody, kinds)
def test_the_order_of_the_covers_does_not_matter(
    day: date, papers: list[CoverFacts], who: RegistrationFacts, kind: CoverKind
) -> None:
    finding = find(day, *papers, who=who, kind=kind)
    assert find(day, *papers[::-1], who=who, kind=kind) == finding
    assert find(day, *sorted(papers, key=repr), who=who, kind=kind) == finding


@given(campaign_days(), papers_of_a_file, anybody, kinds)
@example(date(2026, 2, 1), [rc_pro(date(2025, 3, 1), date(2028, 2, 29))], registration(), CoverKind.RC_PRO)
def test_i3_an_accepted_sufficient_cover_for_the_next_year_never_makes_a_finding_worse(
    day: date, papers: list[CoverFacts], who: RegistrationFacts, kind: CoverKind
) -> None:
    """Fails if `merge` kept the last period of a stretch instead of its latest end."""
    campaign = next(c for c in CAMPAIGNS if c.expires_on >= day)
    renewal = CoverFacts(kind, EVERY_CATEGORY, *campaign_year(campaign.year + 1))
    before = find(day, *papers, who=who, kind=kind)
    after = find(day, *papers, renewal, who=who, kind=kind)
    assert before.is_open or not after.is_open
    assert before.is_remindable or not after.is_remindable
    assert (after.covered_until or date.min) >= (before.covered_until or date.min)
    assert after.state is before.state or after.state is CoverState.IN_FORCE


@given(registrations(), kinds, days())
def test_a_year_covered_to_the_next_february_asks_for_nothing(
    who: RegistrationFacts, kind: CoverKind, day: date
) -> None:
    campaign = next(c for c in CAMPAIGNS if c.opens_on > day)
    paper = CoverFacts(kind, EVERY_CATEGORY, day - ONE_DAY, campaign.term)
    assert find(day, paper, who=who, kind=kind).state in ("IN_FORCE", "NOT_REQUIRED")
