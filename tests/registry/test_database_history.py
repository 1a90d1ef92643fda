"""What the database keeps of facts: versions, whose they are, addresses, and a history that only grows."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pghistory
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction
from pghistory.models import Context

from registry.models import (
    Cover,
    Intermediary,
    RenewalCampaign,
)
from tests.factories import (
    CoverEventFactory,
    CoverFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalCampaignFactory,
)
from tests.registry.test_database_removals import commit, run, striking_off

pytestmark = pytest.mark.django_db


def test_i9_the_version_of_the_facts_never_goes_back() -> None:
    """Fails without the trigger `facts_version_never_goes_back`."""
    person = IntermediaryFactory.create()
    CoverFactory.create(intermediary=person)
    with pytest.raises(DatabaseError, match="facts_version never goes back"):
        Intermediary.objects.filter(pk=person.pk).update(facts_version=1)


def test_i9_a_version_set_back_together_with_a_fact_goes_on_instead() -> None:
    """Fails without the trigger `facts_version`."""
    person = IntermediaryFactory.create()
    CoverFactory.create(intermediary=person)
    Intermediary.objects.filter(pk=person.pk).update(name="Autre", facts_version=1)
    person.refresh_from_db()
    assert person.facts_version == 3


@pytest.mark.parametrize("make", [RegistrationFactory, CoverFactory, striking_off])
def test_a_fact_cannot_outlive_its_intermediary(make: Callable[[], Any]) -> None:
    fact = make()
    run("DELETE FROM registry_intermediary WHERE id = %s", fact.intermediary_id)
    with pytest.raises(IntegrityError, match=fact._meta.db_table), transaction.atomic():
        commit()
    Intermediary.objects.bulk_create([fact.intermediary])


def test_the_factories_make_rows_in_order() -> None:
    RegistrationFactory.create(removed=True)
    RegistrationFactory.create(cif=True, suspended=True)
    RegistrationFactory.create(agent=True, mandated=True)
    CoverEventFactory.create(suspension=True)
    assert RenewalCampaign.objects.filter(pk=RenewalCampaignFactory.create().pk).exists()
    assert Cover.objects.get().status == "ACCEPTED"
    commit()


@pytest.mark.parametrize(
    "email",
    [
        "a",
        "@",
        "a@",
        "@b.fr",
        "a@b@c.fr",
        "a@b.fr\n",
        "a@b.fr\r\nBcc: x",
        "a\t@b.fr",
        "a@b\x7f.fr",
        "x" * 250 + "@b.fr",
    ],
)
def test_what_is_no_single_address_is_refused_from_whoever_writes_it(email: str) -> None:
    """Fails without the constraint, whatever the import and the actions check."""
    someone = IntermediaryFactory.create()
    with pytest.raises(DatabaseError), transaction.atomic():
        Intermediary.objects.filter(pk=someone.pk).update(email=email)


@pytest.mark.parametrize("email", ["", "a@b.fr", "O'Neil+x@cabinet.example", "é@b.fr"])
def test_an_address_or_none_is_kept(email: str) -> None:
    someone = IntermediaryFactory.create()
    assert Intermediary.objects.filter(pk=someone.pk).update(email=email) == 1


DERIVED = {"registry_storedfinding", "reminders_tick", "reminders_domainpace"}
"""What may be emptied: it is made again from the facts, or is a mere trace of the clock."""


def kept_tables() -> list[str]:
    tables = [m._meta.db_table for m in apps.get_models(include_auto_created=True) if m._meta.managed]
    ours = ("registry_", "reminders_", "hotline_", "continuity_", "pghistory_context")
    return sorted({table for table in tables if table.startswith(ours)} - DERIVED)


@pytest.mark.parametrize("table", kept_tables())
def test_i9_no_table_of_facts_ledger_or_history_is_emptied_at_one_go(table: str) -> None:
    """Fails where a migration that makes tables does not end with `SELECT register_keep_tables()`: TRUNCATE asks no
    trigger of a row, neither those that refuse a deletion nor those that write history."""
    with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {table} CASCADE")


def test_i9_nor_by_way_of_a_table_that_refers_to_it() -> None:
    """A cascade asks each table it reaches."""
    with pytest.raises(DatabaseError, match="never emptied"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("TRUNCATE auth_user CASCADE")


def history_tables() -> list[str]:
    """Those of pghistory: every table whose rows name the context of their change, and the contexts."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT DISTINCT table_name FROM information_schema.columns"
            " WHERE table_schema = current_schema() AND column_name = 'pgh_context_id' ORDER BY 1"
        )
        return [*(name for (name,) in cursor.fetchall()), "pghistory_context"]


def test_i9_history_only_grows_in_every_table_of_it() -> None:
    """Fails, naming the tables, where a migration that makes a history does not end with
    `SELECT register_keep_tables()`."""
    tables = history_tables()
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'only_grows' AND tgenabled = 'O'")
        kept = {name for (name,) in cursor.fetchall()}
    models = {m._meta.db_table for m in apps.get_models() if m._meta.db_table.endswith("history")}
    assert models <= set(tables)
    assert sorted(set(tables) - kept) == []


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM registry_intermediaryhistory",
        "UPDATE registry_intermediaryhistory SET pgh_label = 'x'",
        "UPDATE registry_intermediaryhistory SET pgh_context_id = NULL",
        "DELETE FROM pghistory_context",
    ],
)
def test_i9_a_row_of_history_is_neither_changed_nor_deleted(statement: str) -> None:
    """Fails without the trigger, or where it lets one of the two pass."""
    with pghistory.context(user=None, why="essai"):
        IntermediaryFactory.create()
    with pytest.raises(DatabaseError, match="history only grows"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_i9_who_and_why_stay_once_their_transaction_has_ended() -> None:
    """Fails where the trigger does not ask for the transaction: pghistory itself writes a context anew within it."""
    with transaction.atomic(), pghistory.context(user=None, why="essai"):
        IntermediaryFactory.create()
        with pghistory.context(what="adresse"):
            Intermediary.objects.update(name="Autre")
    with pytest.raises(DatabaseError, match="history only grows"), connection.cursor() as cursor:
        cursor.execute("UPDATE pghistory_context SET metadata = '{}'")
    assert Context.objects.get().metadata == {"user": None, "why": "essai", "what": "adresse"}
