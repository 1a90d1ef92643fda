"""What the database asks of a removal or a suspension: a decision about it, and its days."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from registry.models import (
    Decision,
    Registration,
)
from tests.factories import (
    DecisionFactory,
    IntermediaryFactory,
    RegistrationFactory,
)

pytestmark = pytest.mark.django_db


def run(sql: str, *values: Any) -> None:
    """One statement of raw SQL."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)


def commit() -> None:
    """Run what the commit would run: the deferred checks."""
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("SET CONSTRAINTS ALL DEFERRED")


REMOVAL = "registration_removal_needs_a_decision|is removed on .* without a decision"


def remove() -> None:
    Registration.objects.filter(pk=RegistrationFactory.create().pk).update(removed_on=date(2026, 3, 6))


@pytest.mark.parametrize("write", [remove, lambda: RegistrationFactory.create(removed_on=date(2026, 3, 6))])
def test_i11_a_registration_is_not_removed_without_a_decision(write: Callable[[], Any]) -> None:
    """Fails without the trigger `removal_needs_a_decision`, or one of its two operations."""

    @transaction.atomic
    def in_one_transaction() -> None:
        write()
        commit()

    with pytest.raises(IntegrityError, match=REMOVAL):
        in_one_transaction()


@pytest.mark.parametrize(
    "otherwise",
    [
        {"decided_on": date(2026, 3, 5)},
        {"kind": "SUSPENSION"},
        {"kind": "REGISTRATION"},
        {"registration": "another", "intermediary": "the same"},
        {"registration": "another"},
        {"kind": "STRIKING_OFF", "registration": "another"},
    ],
    ids=str,
)
def test_i11_a_decision_about_something_else_removes_nothing(otherwise: dict[str, Any]) -> None:
    """Fails without the day, the kind, the registration or the person in the trigger's WHERE."""
    registration = RegistrationFactory.create(iob=True)
    values = {"registration": registration, "decided_on": date(2026, 3, 6)} | otherwise
    if otherwise.get("registration"):
        same = "intermediary" in otherwise
        values["registration"] = RegistrationFactory.create(
            **({"intermediary": registration.intermediary} if same else {})
        )
        values.pop("intermediary", None)
    DecisionFactory.create(**values)
    Registration.objects.filter(pk=registration.pk).update(removed_on=date(2026, 3, 6))
    with pytest.raises(IntegrityError, match=REMOVAL), transaction.atomic():
        commit()
    DecisionFactory.create(registration=registration, decided_on=date(2026, 3, 6))


def test_the_decision_may_be_written_after_the_removal_in_the_same_transaction() -> None:
    registration = RegistrationFactory.create(removed_on=date(2026, 3, 6))
    DecisionFactory.create(registration=registration, decided_on=date(2026, 3, 6))
    commit()


def test_a_striking_off_removes_every_registration_of_the_person() -> None:
    registration = RegistrationFactory.create()
    other = RegistrationFactory.create(intermediary=registration.intermediary, iob=True)
    DecisionFactory.create(
        kind="STRIKING_OFF", registration=None, intermediary=other.intermediary, decided_on=date(2026, 3, 6)
    )
    Registration.objects.filter(intermediary=other.intermediary).update(removed_on=date(2026, 3, 6))
    commit()


def striking_off() -> Decision:
    """A decision about the person, without a registration."""
    return DecisionFactory.create(kind="STRIKING_OFF", registration=None, intermediary=IntermediaryFactory.create())


@pytest.mark.parametrize("make", [lambda: RegistrationFactory.create(removed=True), striking_off])
@pytest.mark.parametrize("act", ["DELETE FROM registry_decision", "UPDATE registry_decision SET kind = 'SUSPENSION'"])
def test_i11_a_decision_is_kept_as_it_was_taken(make: Callable[[], Any], act: str) -> None:
    """Fails without the trigger `decision_is_kept`, or without one of its two operations."""
    make()
    with pytest.raises(DatabaseError, match="rows from registry_decision"), transaction.atomic():
        run(act)
    assert Decision.objects.count() == 1


def test_a_removal_older_than_the_registration_is_taken_as_the_register_has_it() -> None:
    """Real registers hold such rows; a constraint here would refuse their whole file."""
    again = RegistrationFactory.create(registered_on=date(2026, 1, 5), removed=True, removed_on=date(2025, 3, 7))
    commit()
    assert again.removed_on < again.registered_on


@pytest.mark.parametrize(
    "values",
    [
        {"suspended_on": date(2026, 1, 2)},
        {"suspended_on": date(2026, 1, 2), "suspended_until": date(2026, 1, 2)},
        {"suspended_on": date(2026, 1, 2), "suspended_until": date(2026, 6, 30)},
    ],
)
def test_a_suspension_with_a_start_is_let_through_with_an_end_or_without(values: dict[str, Any]) -> None:
    Registration.objects.filter(pk=RegistrationFactory.create().pk).update(**values)


def test_a_suspension_cannot_lose_its_start() -> None:
    """Fails without `suspended_on__isnull=False`: SQL lets through what it cannot compare."""
    one = RegistrationFactory.create(suspended_on=date(2026, 1, 2), suspended_until=date(2026, 6, 30))
    with pytest.raises(IntegrityError, match="registration_suspension_has_a_start"), transaction.atomic():
        Registration.objects.filter(pk=one.pk).update(suspended_on=None)
