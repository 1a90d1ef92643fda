"""Stored findings: two ways to bring them up to date, one result; and how a departure from it is told."""

from __future__ import annotations

from datetime import date
from random import Random
from typing import Any

import pytest
from django.db import IntegrityError

from registry import findings
from registry.findings import (
    DifferenceKind,
    Verification,
    refresh_findings,
    stale_files,
    store_findings,
    verify_findings,
)
from registry.models import Cover, Intermediary, ReferenceVersion, Registration, StoredFinding
from tests.factories import CoverFactory, DecisionFactory, RegistrationFactory, StoredFindingFactory, shifted
from tests.plans import counted_work, forget_statistics
from tests.registry.register_files import query, snapshot
from tests.registry.test_assessment_agrees import Dealer

pytestmark = pytest.mark.django_db

DAY = date(2026, 2, 10)
FILES = 90
COLUMNS = (
    "registration_id, kind, state, covered_until, term, due_on, first_validity, reasons, as_of, facts_version,"
    " reference_version"
)


def stored() -> list[tuple[Any, ...]]:
    return query(f"SELECT {COLUMNS} FROM registry_storedfinding ORDER BY registration_id, kind")


def verified(day: date = DAY) -> Verification:
    total = Verification(0, 0, [])
    for chunk in verify_findings(day=day):
        total.checked += chunk.checked
        total.outdated += chunk.outdated
        total.differences += chunk.differences
    return total


@pytest.fixture
def registration() -> Registration:
    """A COA whose RC Pro ends with February 2026, its findings stored."""
    made = RegistrationFactory.create()
    CoverFactory.create(intermediary=made.intermediary)
    refresh_findings(as_of=DAY)
    return made


# --- two ways, one result ---------------------------------------------------------------------------------


@pytest.mark.slow
@pytest.mark.parametrize("day", [date(2025, 12, 31), date(2026, 1, 1), DAY, date(2026, 3, 1)])
def test_the_set_and_the_single_file_store_identical_rows(day: date) -> None:
    """Four times 90 files with events, deposits, suspensions, removals. Fails if either wrote a column otherwise."""
    ids = Dealer(Random(1000 + day.month)).register(FILES)
    refresh_findings(as_of=day)
    by_set = stored()
    StoredFinding.objects.all().delete()
    for pk in ids:
        store_findings(pk, as_of=day)
    assert stored() == by_set
    assert len(by_set) > FILES


@pytest.mark.slow
def test_either_way_changes_what_the_other_stored_into_the_same_rows() -> None:
    """From the findings of another day: what is out of force goes, what came into force comes."""
    ids = Dealer(Random(5)).register(FILES)
    refresh_findings(as_of=date(2024, 3, 1))
    old = stored()
    for pk in ids:
        store_findings(pk, as_of=DAY)
    by_file = [row[:8] for row in stored()]
    StoredFinding.objects.all().delete()
    refresh_findings(as_of=date(2024, 3, 1))
    assert stored() == old
    refresh_findings(as_of=DAY)
    assert [row[:8] for row in stored()] == by_file
    keys, old_keys = {row[:2] for row in by_file}, {row[:2] for row in old}
    assert keys - old_keys
    assert old_keys - keys


def test_findings_deleted_come_back_the_same(registration: Registration) -> None:
    before = stored()
    assert StoredFinding.objects.all().delete()[0] == 2
    assert refresh_findings(as_of=DAY) == 2
    assert stored() == before


def test_a_refresh_that_finds_all_as_it_is_writes_nothing(registration: Registration) -> None:
    """Fails without the WHERE of ON CONFLICT: every night would rewrite the table."""
    before = snapshot("registry_storedfinding")
    assert refresh_findings(as_of=DAY) == 0
    assert snapshot("registry_storedfinding") == before


def test_a_refresh_of_some_files_leaves_the_others(registration: Registration) -> None:
    """Fails without `ids` in either half of the statement."""
    other = StoredFindingFactory.create(facts_version=0, registration__removed=True)
    StoredFinding.objects.filter(registration=registration).update(facts_version=0)
    assert refresh_findings(as_of=DAY, ids=[registration.intermediary_id]) == 2
    assert StoredFinding.objects.get(pk=other.pk).facts_version == 0
    assert refresh_findings(as_of=DAY, ids=[]) == 0
    refresh_findings(as_of=DAY)
    assert not StoredFinding.objects.filter(pk=other.pk).exists()


def test_a_registration_out_of_force_has_no_findings(registration: Registration) -> None:
    DecisionFactory.create(registration=registration, decided_on=DAY)
    Registration.objects.filter(pk=registration.pk).update(removed_on=DAY)
    refresh_findings(as_of=DAY)
    assert stored() == []
    Registration.objects.filter(pk=registration.pk).update(removed_on=None)
    store_findings(registration.intermediary_id, as_of=DAY)
    assert len(stored()) == 2


# --- planned for empty tables -----------------------------------------------------------------------------


def test_where_statistics_are_not_there_yet_the_set_is_still_joined_by_hashing() -> None:
    """Fails without `joined_by_sets`: the rows of every file would be compared with those of every other."""
    forget_statistics()
    Dealer(Random(5)).register(FILES)
    with counted_work("registry_storedfinding") as work:
        refresh_findings(as_of=DAY)
    assert work.most < FILES * 400


def test_where_statistics_are_not_there_yet_a_single_file_still_looks_at_its_own_findings() -> None:
    """Fails if the findings to delete were found by a join, which was a loop over all in a loop over all."""
    forget_statistics()
    ids = Dealer(Random(5)).register(FILES)
    refresh_findings(as_of=date(2024, 3, 1))
    with counted_work("DELETE") as work:
        store_findings(ids[-1], as_of=DAY)
    assert work.most < FILES * 20


# --- I9: stale --------------------------------------------------------------------------------------------


def test_i9_a_change_of_a_fact_makes_the_file_stale_until_its_findings_are_computed_again(
    registration: Registration,
) -> None:
    """Fails without the triggers that raise facts_version, or the comparison with it in stale_files."""
    RegistrationFactory.create()
    assert stale_files() == 0
    Cover.objects.filter(intermediary=registration.intermediary).update(issuer="Autre")
    assert stale_files() == 1
    refresh_findings(as_of=DAY)
    assert stale_files() == 0


def test_i9_a_change_of_a_campaign_makes_every_file_stale(registration: Registration) -> None:
    """Fails without `reference_version` in stale_files."""
    StoredFindingFactory.create(reference_version=ReferenceVersion.objects.get().version)
    shifted(2030, due_on=date(2030, 2, 20))
    assert stale_files() == 2
    refresh_findings(as_of=DAY)
    assert stale_files() == 0


def test_several_stale_findings_of_a_file_are_one_stale_file(registration: Registration) -> None:
    assert StoredFinding.objects.update(facts_version=0) == 2
    assert stale_files() == 1


# --- verification -----------------------------------------------------------------------------------------


def test_a_register_in_order_has_no_difference(registration: Registration) -> None:
    told = verified()
    assert (told.checked, told.outdated, told.differences) == (1, 0, [])


def test_a_finding_of_older_facts_is_stale(registration: Registration) -> None:
    Intermediary.objects.update(town="Autre")
    assert [d.difference for d in verified().differences] == [DifferenceKind.STALE] * 2


def test_a_finding_of_older_texts_is_stale(registration: Registration) -> None:
    shifted(2030, due_on=date(2030, 2, 20))
    assert [d.difference for d in verified().differences] == [DifferenceKind.STALE] * 2


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("state", "MISSING"),
        ("covered_until", date(2020, 1, 1)),
        ("term", None),
        ("due_on", date(2020, 1, 1)),
        ("first_validity", True),
        ("reasons", ["NEVER_COVERED"]),
    ],
)
def test_a_finding_that_says_otherwise_than_the_rules_is_wrong(
    registration: Registration, column: str, value: Any
) -> None:
    """Fails without that column in the comparison."""
    StoredFinding.objects.filter(kind="RC_PRO").update(**{column: value})
    [told] = verified().differences
    assert (told.difference, told.kind, told.category) == (DifferenceKind.WRONG, "RC_PRO", "COA")
    assert told.orias_number == registration.intermediary.orias_number
    assert told.stored == ("MISSING" if column == "state" else told.computed)


def test_a_finding_that_is_not_there_is_absent(registration: Registration) -> None:
    StoredFinding.objects.filter(kind="RC_PRO").delete()
    [told] = verified().differences
    assert (told.difference, told.kind, told.stored) == (DifferenceKind.ABSENT, "RC_PRO", None)
    assert told.computed


def test_a_finding_of_a_registration_out_of_force_is_surplus(registration: Registration) -> None:
    kept = StoredFinding.objects.get(kind="RC_PRO")
    DecisionFactory.create(registration=registration, decided_on=date(2026, 1, 9))
    Registration.objects.filter(pk=registration.pk).update(removed_on=date(2026, 1, 9))
    refresh_findings(as_of=DAY)
    kept.facts_version = Intermediary.objects.get().facts_version
    kept.pk = None
    kept.save()
    [told] = verified().differences
    assert (told.difference, told.stored, told.computed) == (DifferenceKind.SURPLUS, kept.state, None)


def test_time_that_has_passed_makes_a_finding_outdated_and_no_difference(registration: Registration) -> None:
    """Fails if the rules were asked about today instead of the day that the finding was stored for."""
    told = verified(date(2026, 3, 10))
    assert told.differences == []
    assert told.outdated == 1
    refresh_findings(as_of=date(2026, 3, 10))
    assert verified(date(2026, 3, 10)).outdated == 0


def test_every_file_is_verified_chunk_by_chunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if a chunk's end were skipped or read twice."""
    monkeypatch.setattr(findings, "CHUNK", 7)
    Dealer(Random(3)).register(40)
    chunks = list(verify_findings(day=DAY))
    assert [chunk.checked for chunk in chunks] == [7, 7, 7, 7, 7, 5]
    absent = [d for chunk in chunks for d in chunk.differences]
    assert refresh_findings(as_of=DAY) == len(absent) == len({(d.orias_number, d.category, d.kind) for d in absent})


# --- a finding and its registration -----------------------------------------------------------------------


def test_a_finding_names_a_registration_that_is_there() -> None:
    """Fails without the trigger `finding_has_a_registration`."""
    with pytest.raises(IntegrityError, match="a finding names a registration that is not there"):
        query(
            "INSERT INTO registry_storedfinding (registration_id, kind, state, first_validity, reasons, as_of,"
            " facts_version, reference_version) VALUES (0, 'RC_PRO', 'MISSING', false, '{}', '2026-01-01', 1, 1)"
        )


def test_findings_go_with_their_registration(registration: Registration) -> None:
    """Fails without the trigger `findings_go_along`: raw SQL would leave findings of nothing."""
    other = StoredFindingFactory.create()
    query("DELETE FROM registry_registration WHERE id = %s", registration.pk)
    assert list(StoredFinding.objects.values_list("pk", flat=True)) == [other.pk]
