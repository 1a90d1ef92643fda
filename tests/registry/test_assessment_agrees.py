"""Two evaluators, one answer: the set-based `finding` of assessment.sql says what the pure rules say."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple, dataclass
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.db import connection

import registry
from registry.facts import load_files, load_reference
from registry.findings import assessment_parameters
from registry.models import (
    Cover,
    CoverEvent,
    Decision,
    Intermediary,
    Registration,
    RenewalCampaign,
    Requirement,
)
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.covers import CoverFinding, assess_cover
from registry.rules.facts import CoverEventKind, CoverStatus, FileFacts, Reference
from registry.rules.file_state import registrations_in_force
from tests.factories import DeadlineDecisionFactory, RegisterImportFactory, shifted, told_in_time
from tests.rules.strategies import EDGE_DAYS, SUMS, campaign_year

pytestmark = pytest.mark.django_db

FILES = 300
SQL = (Path(registry.__file__).parent / "assessment.sql").read_text(encoding="utf-8")
QUERY = f"""
    WITH {SQL}
    SELECT intermediary_id, category, kind, state, covered_until, term, due_on, first_validity, reasons
    FROM finding
"""
DAYS = (
    date(2024, 2, 29),
    date(2024, 11, 1),
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 1, 31),
    date(2026, 2, 24),
    date(2026, 2, 28),
    date(2026, 3, 1),
    date(2027, 2, 27),
    date(2028, 2, 29),
)


@dataclass(frozen=True)
class Row:
    """One finding, as both evaluators must tell it."""

    intermediary: int
    category: str
    kind: str
    state: str
    covered_until: date | None
    term: date | None
    due_on: date | None
    first_validity: bool
    reasons: tuple[str, ...]


def by_sql(day: date, ids: list[int] | None) -> set[Row]:
    with connection.cursor() as cursor:
        cursor.execute(QUERY, assessment_parameters(day, ids))
        rows: list[Any] = cursor.fetchall()
    return {Row(*[*one[:-1], tuple(one[-1])]) for one in rows}


def by_rules(files: dict[int, FileFacts], reference: Reference, day: date) -> set[Row]:
    return {
        row(pk, assess_cover(registration, kind, facts.covers, reference, day))
        for pk, facts in files.items()
        for registration in registrations_in_force(facts, day)[0]
        for kind in CoverKind
    }


def row(pk: int, finding: CoverFinding) -> Row:
    return Row(
        pk,
        finding.category.value,
        finding.kind.value,
        finding.state.value,
        finding.covered_until,
        finding.term,
        finding.due_on,
        finding.first_validity,
        tuple(reason.value for reason in finding.reasons),
    )


@dataclass(frozen=True)
class Dealer:
    """Deals files from a seed: every status, sum, gap and date the rules look at, edges the most."""

    random: Random

    def day(self) -> date:
        if self.random.random() < 0.6:
            return self.random.choice(EDGE_DAYS)
        return date(2023, 6, 1) + timedelta(days=self.random.randrange(1900))

    def maybe_day(self, share: float) -> date | None:
        return self.day() if self.random.random() < share else None

    def later(self, day: date, share: float) -> date | None:
        return day + timedelta(days=self.random.randrange(500)) if self.random.random() < share else None

    def registration(self, intermediary: Intermediary, category: str) -> Registration:
        registered_on = self.random.choice([date(2010, 4, 2), date(2019, 9, 6), date(2026, 1, 2), self.day()])
        suspended_on = self.maybe_day(0.15)
        return Registration(
            intermediary=intermediary,
            category=category,
            filer=self.random.choice([f.value for f in Filer]),
            holds_client_funds=category != "CIF" and self.random.random() < 0.6,
            funds_mandate=self.random.random() < 0.3,
            principal_bears_liability=self.random.random() < 0.15,
            registered_on=registered_on,
            removed_on=self.later(registered_on, 0.1),
            suspended_on=suspended_on,
            suspended_until=self.later(suspended_on, 0.6) if suspended_on else None,
        )

    def cover(self, intermediary: Intermediary) -> Cover:
        starts_on, ends_on = campaign_year(self.random.choice([2024, 2025, 2026, 2026, 2027, 2028]))
        if self.random.random() < 0.5:
            starts_on = self.day()
            ends_on = self.random.choice([starts_on, starts_on + timedelta(self.random.randrange(500))])
        if self.random.random() < 0.03:
            ends_on = date.max - timedelta(self.random.randrange(2))
        return Cover(
            intermediary=intermediary,
            kind=self.random.choice([k.value for k in CoverKind]),
            categories=self.random.sample([c.value for c in Category], self.random.randint(1, 3)),
            starts_on=starts_on,
            ends_on=ends_on,
            status=self.random.choice([*(s.value for s in CoverStatus), "ACCEPTED", "ACCEPTED"]),
            channel="PORTAL",
            deposited_on=starts_on,
            amount_cents=self.random.choice([*SUMS, None, None]),
            annual_cents=self.random.choice([*SUMS, None, None]),
        )

    def event(self, cover: Cover) -> CoverEvent:
        kind = self.random.choice([k.value for k in CoverEventKind])
        day = self.day()
        return CoverEvent(cover=cover, kind=kind, effective_on=day, received_at=told_in_time(day))

    def register(self, size: int) -> list[int]:
        """Write `size` files; return their ids."""
        people = Intermediary.objects.bulk_create(
            Intermediary(orias_number=f"{n:08d}", name=f"Cabinet {n}", email="a@example.org") for n in range(size)
        )
        inscriptions = Registration.objects.bulk_create(
            self.registration(person, category)
            for person in people
            for category in self.random.sample([c.value for c in Category], self.random.randint(1, 3))
        )
        Decision.objects.bulk_create(_removals(inscriptions))
        papers = Cover.objects.bulk_create(
            self.cover(person) for person in people for _ in range(self.random.randrange(7))
        )
        CoverEvent.objects.bulk_create(
            (self.event(cover) for cover in papers for _ in range(self.random.choice([0, 0, 0, 1, 2, 3]))),
            ignore_conflicts=True,
        )
        with connection.cursor() as cursor:
            # Else PostgreSQL takes the tables for empty, and half a second for a day.
            cursor.execute("ANALYZE registry_registration, registry_cover, registry_coverevent, registry_decision")
        return [person.pk for person in people]


def _removals(inscriptions: list[Registration]) -> Iterator[Decision]:
    file = RegisterImportFactory.create()
    for one in inscriptions:
        if one.removed_on:
            yield Decision(
                intermediary=one.intermediary,
                registration=one,
                kind="REMOVAL",
                authority="COMMISSION",
                decided_on=one.removed_on,
                act_reference="CI",
                register_import=file,
            )


def _the_defaults() -> None:
    """Nothing is moved."""


def _dates_moved_by_decisions() -> None:
    """A tolerance to the end of March, as in 2023, and an opening moved forward; the terms do not move."""
    for year in (2024, 2026, 2028):
        end = date(year, 3, 31)
        shifted(year, due_on=end, tolerated_until=end, expires_on=end)
    shifted(2027, opens_on=date(2026, 12, 15), due_on=date(2027, 2, 10))


def _outages_and_decisions() -> None:
    """Both days of the clocks of covers that end alone, and of three campaigns; one shift after, one reverted."""
    for first, days in ((date(2025, 12, 30), 4), (date(2026, 2, 24), 5), (date(2024, 2, 1), 40)):
        last = first + timedelta(days - 1)
        DeadlineDecisionFactory.create(freeze=True, from_on=first, until_on=last, days_lost=days)
    shifted(2026, due_on=date(2026, 3, 20), tolerated_until=date(2026, 3, 31))
    undone = shifted(2024, due_on=date(2024, 4, 20), tolerated_until=date(2024, 4, 30))
    DeadlineDecisionFactory.create(reversal=True, reverts=undone)


def _no_campaign_on_record() -> None:
    RenewalCampaign.objects.filter(year__gte=2026).delete()


def _no_rule_and_two_rules() -> None:
    """One requirement has ended, and another is overtaken by a later one that overlaps it."""
    Requirement.objects.filter(category="IOB", kind="RC_PRO").update(valid_until=date(2026, 1, 31))
    Requirement.objects.create(
        category="CIF", kind="RC_PRO", valid_from=date(2026, 2, 1), amount_cents=30_000_000, annual_cents=None
    )


@pytest.mark.slow
@pytest.mark.parametrize(
    "decree",
    [
        _the_defaults,
        _dates_moved_by_decisions,
        _outages_and_decisions,
        _no_campaign_on_record,
        _no_rule_and_two_rules,
    ],
)
@pytest.mark.parametrize("seed", [2014])
def test_i5_the_set_based_findings_are_those_of_the_rules_field_by_field(seed: int, decree: Any) -> None:
    """Fails without any one line of assessment.sql, `WHEN s.awaits_us THEN` for one."""
    decree()
    ids = Dealer(Random(seed)).register(FILES)  # noqa: S311
    files, reference = load_files(ids), load_reference()
    for day in DAYS:
        expected, got = by_rules(files, reference, day), by_sql(day, None)
        assert len(expected) > FILES / 2
        assert not _differences(expected, got, files), f"on {day}"


def test_findings_can_be_asked_for_some_files_only() -> None:
    ids = Dealer(Random(7)).register(40)
    everybody = by_sql(date(2026, 2, 24), None)
    some = by_sql(date(2026, 2, 24), ids[:10])
    assert some == {row for row in everybody if row.intermediary in ids[:10]}
    assert some
    assert by_sql(date(2026, 2, 24), []) == set()


def _differences(expected: set[Row], got: set[Row], files: dict[int, FileFacts]) -> list[object]:
    """The first finding told differently, both ways, with the facts it was told of."""
    odd = sorted(expected ^ got, key=lambda r: astuple(r)[:3])[:2]
    return [*odd, files[odd[0].intermediary]] if odd else []
