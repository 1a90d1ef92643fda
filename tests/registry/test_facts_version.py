"""I9: nothing changes unseen. Each change of a fact, by raw SQL too, is counted and kept with who and why."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import connection

from registry.models import Cover, CoverEvent, Intermediary, ReferenceVersion, Registration
from tests.factories import (
    CoverEventFactory,
    CoverFactory,
    DecisionFactory,
    FeeRateFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalCampaignFactory,
    RenewalRequestFactory,
    RequirementFactory,
    shifted,
)

pytestmark = pytest.mark.django_db


def version(person: Intermediary) -> int:
    return Intermediary.objects.values_list("facts_version", flat=True).get(pk=person.pk)


def run(sql: str, *values: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


@pytest.fixture
def event() -> CoverEvent:
    """A person with a registration, a cover and an event; `event.cover.intermediary` leads to all."""
    registration = RegistrationFactory.create()
    return CoverEventFactory.create(cover__intermediary=registration.intermediary)


RAW = [
    "UPDATE registry_intermediary SET email = 'neu@example.org' WHERE id = {person}",
    "UPDATE registry_intermediary SET name = upper(name) WHERE id = {person}",
    "UPDATE registry_registration SET holds_client_funds = true WHERE intermediary_id = {person}",
    "DELETE FROM registry_registration WHERE intermediary_id = {person}",
    "INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate, "
    "principal_bears_liability, registered_on) "
    "VALUES ({person}, 'IOB', 'SELF', false, false, false, '2020-01-03')",
    "UPDATE registry_cover SET status = 'REFUSED' WHERE intermediary_id = {person}",
    "INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, "
    "status, channel, deposited_on) VALUES ({person}, 'RC_PRO', '{{COA}}', '', '', '2026-03-01', "
    "'2027-02-28', 'DEPOSITED', 'PAPER', '2026-01-05')",
    "UPDATE registry_coverevent SET effective_on = '2025-12-24' WHERE id = {event}",
    "DELETE FROM registry_coverevent WHERE id = {event}",
    "INSERT INTO registry_coverevent (cover_id, kind, effective_on, received_at) "
    "SELECT id, 'SUSPENDED', '2025-12-24', now() FROM registry_cover WHERE intermediary_id = {person}",
]  # fmt: skip


@pytest.mark.parametrize("sql", RAW, ids=lambda sql: " ".join(sql.split()[:4]))
def test_i9_raw_sql_on_any_table_of_facts_raises_the_version_of_that_person_only(sql: str, event: CoverEvent) -> None:
    """Fails without the trigger of that table and operation in `bumps_facts_version`."""
    person, bystander = event.cover.intermediary, CoverEventFactory.create().cover.intermediary
    before, other = version(person), version(bystander)
    run(sql.format(person=person.pk, event=event.pk))
    assert version(person) == before + 1
    assert version(bystander) == other


def test_i9_the_deletion_of_a_cover_raises_the_version() -> None:
    """Fails without `facts_version_delete` on `Cover`."""
    cover = CoverFactory.create()
    before = version(cover.intermediary)
    run("DELETE FROM registry_cover WHERE id = %s", cover.pk)
    assert version(cover.intermediary) == before + 1


def test_i9_bulk_writes_and_copy_raise_each_version_once_a_statement() -> None:
    """Fails without `facts_version_insert` or `facts_version_update`; a row trigger would count each row."""
    people = IntermediaryFactory.create_batch(3)
    Cover.objects.bulk_create(CoverFactory.build(intermediary=person) for person in people for _ in "ab")
    assert [version(person) for person in people] == [2, 2, 2]
    Cover.objects.filter(intermediary__in=people[:2]).update(status="WITHDRAWN")
    assert [version(person) for person in people] == [3, 3, 2]
    columns = "cover_id, kind, effective_on, received_at"
    covers = list(Cover.objects.filter(intermediary=people[2]))
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY registry_coverevent ({columns}) FROM STDIN") as copy,
    ):
        for cover in covers:
            copy.write_row((cover.pk, "TERMINATED", date(2026, 1, 5), "2026-01-05T08:00:00Z"))
    assert [version(person) for person in people] == [3, 3, 3]


def test_i9_a_cover_that_changes_hands_raises_both_versions() -> None:
    """Fails without `old_rows` in the update trigger."""
    cover, other = CoverFactory.create(), IntermediaryFactory.create()
    giver = cover.intermediary
    Cover.objects.filter(pk=cover.pk).update(intermediary=other)
    assert (version(giver), version(other)) == (3, 2)


NO_CHANGE: list[Callable[[CoverEvent], Any]] = [
    lambda e: Intermediary.objects.filter(pk=e.cover.intermediary_id).update(name=e.cover.intermediary.name),
    lambda e: Registration.objects.filter(pk=0).update(holds_client_funds=True),
    lambda e: Cover.objects.filter(pk=0).delete(),
    lambda e: CoverEvent.objects.filter(pk=0).update(kind="SUSPENDED"),
    lambda e: CoverEvent.objects.bulk_create([]),
]


@pytest.mark.parametrize("write", NO_CHANGE)
def test_a_write_that_changes_nothing_leaves_the_version(write: Callable[[CoverEvent], Any], event: CoverEvent) -> None:
    before = version(event.cover.intermediary)
    write(event)
    assert version(event.cover.intermediary) == before


@pytest.mark.parametrize(
    "write",
    [
        RequirementFactory,
        FeeRateFactory,
        RenewalCampaignFactory,
        lambda: shifted(2027, due_on=date(2027, 2, 20)),
        lambda: run("UPDATE registry_requirement SET amount_cents = amount_cents + 1 WHERE category = 'CIF'"),
        lambda: run("DELETE FROM registry_renewalcampaign WHERE year = 2040"),
        lambda: run("DELETE FROM registry_requirement WHERE category = 'CIF'"),
    ],
)
def test_i9_a_change_of_a_text_or_a_campaign_raises_the_version_of_the_reference(write: Callable) -> None:
    """Fails without the trigger `reference_version`."""
    before = ReferenceVersion.objects.get().version
    write()
    assert ReferenceVersion.objects.get().version == before + 1


@pytest.mark.parametrize("table", ["registry_registration", "registry_cover", "registry_coverevent"])
def test_an_update_that_sets_what_is_there_already_leaves_the_version(table: str, event: CoverEvent) -> None:
    """Fails without EXCEPT in the update trigger of that table."""
    before = version(event.cover.intermediary)
    run(f"UPDATE {table} SET kind = kind" if "cover" in table else f"UPDATE {table} SET filer = filer")
    assert version(event.cover.intermediary) == before


def test_i9_of_two_rows_written_only_the_one_that_changed_raises_a_version() -> None:
    """Fails without `TABLE new_rows EXCEPT TABLE old_rows`, or if the statement were judged as a whole."""
    covers = [CoverFactory.create(), CoverFactory.create(status="REFUSED")]
    run("UPDATE registry_cover SET status = 'REFUSED' WHERE id IN (%s, %s)", *(c.pk for c in covers))
    assert [version(c.intermediary) for c in covers] == [3, 2]


def test_i9_two_rows_that_change_places_raise_both_versions() -> None:
    """Fails if the update trigger compared the rows without their number."""
    one, other = CoverFactory.create(policy="A"), CoverFactory.create(policy="B")
    run(
        "UPDATE registry_cover c SET intermediary_id = o.intermediary_id, policy = o.policy"
        " FROM registry_cover o WHERE c.id <> o.id"
    )
    assert [version(c.intermediary) for c in (one, other)] == [3, 3]


# --- history ----------------------------------------------------------------------------------------------

TRACKED: dict[str, tuple[Callable[[], Any], str]] = {
    "Intermediary": (IntermediaryFactory, "name = 'Changé'"),
    "Registration": (RegistrationFactory, "holds_client_funds = true"),
    "Cover": (CoverFactory, "issuer = 'Changé'"),
    "CoverEvent": (CoverEventFactory, "effective_on = '2020-01-01'"),
    "Requirement": (RequirementFactory, "legal_text = 'Changé'"),
    "FeeRate": (FeeRateFactory, "source = 'Changé'"),
}


@pytest.mark.parametrize("name", TRACKED)
def test_i9_each_raw_change_of_a_fact_is_in_the_history_with_who_and_why(name: str) -> None:
    """Fails without `@tracked` on the model, or one of its three events."""
    make, change = TRACKED[name]
    row = make()
    table = row._meta.db_table
    with pghistory.context(user=42, reason="courrier du 5 janvier"):
        run(f"UPDATE {table} SET {change} WHERE id = %s", row.pk)
        run(f"DELETE FROM {table} WHERE id = %s", row.pk)
    kept = apps.get_model("registry", f"{name}History").objects.filter(id=row.pk).order_by("pgh_id")
    assert [entry.pgh_label for entry in kept] == ["insert", "update", "delete"]
    assert [entry.pgh_context is not None for entry in kept] == [False, True, True]
    assert kept[1].pgh_context.metadata == {"user": 42, "reason": "courrier du 5 janvier"}
    assert len({entry.pgh_context_id for entry in kept if entry.pgh_context_id}) == 1


def test_i9_a_decision_is_in_the_history_and_then_never_changes() -> None:
    """Fails without `@tracked` on Decision; that it never changes is `decision_is_kept`'s."""
    with pghistory.context(user=42, reason="séance du 5 janvier"):
        decision = DecisionFactory.create(registration=RegistrationFactory.create())
    kept = apps.get_model("registry", "DecisionHistory").objects.get(id=decision.pk)
    assert (kept.pgh_label, kept.pgh_context.metadata["user"]) == ("insert", 42)


def test_i9_a_renewal_request_is_a_fact_of_its_file_with_its_history() -> None:
    """Fails without `bumps_facts_version` or `@tracked` on RenewalRequest."""
    registration = RegistrationFactory.create()
    before = version(registration.intermediary)
    filed = "state = 'FILED', channel = 'API', filed_on = '2026-01-20', entered_on = '2026-01-20'"
    with pghistory.context(user=42, reason="ouverture"):
        request = RenewalRequestFactory.create(registration=registration)
        assert version(registration.intermediary) == before + 1
        run(f"UPDATE registry_renewalrequest SET {filed} WHERE id = %s", request.pk)
    assert version(registration.intermediary) == before + 2
    run("UPDATE registry_renewalrequest SET state = state WHERE id = %s", request.pk)
    assert version(registration.intermediary) == before + 2
    kept = apps.get_model("registry", "RenewalRequestHistory").objects.filter(id=request.pk).order_by("pgh_id")
    told = [(k.pgh_label, k.state, k.pgh_context.metadata["user"]) for k in kept]
    assert told == [("insert", "OPEN", 42), ("update", "FILED", 42)]


def test_i9_a_campaign_and_what_moves_it_are_in_the_history_and_then_never_change() -> None:
    """Fails without `@tracked` on RenewalCampaign or DeadlineDecision; what keeps them is tried in test_deadlines."""
    with pghistory.context(user=42, reason="séance du 5 janvier"):
        rows = [RenewalCampaignFactory.create(), shifted(2027, due_on=date(2027, 2, 20))]
    for row in rows:
        kept = apps.get_model("registry", f"{type(row).__name__}History").objects.get(id=row.pk)
        assert (kept.pgh_label, kept.pgh_context.metadata["user"]) == ("insert", 42)


def test_a_version_that_rises_is_not_itself_a_change_of_a_fact() -> None:
    person = IntermediaryFactory.create()
    CoverFactory.create(intermediary=person)
    assert apps.get_model("registry", "IntermediaryHistory").objects.filter(id=person.pk).count() == 1
