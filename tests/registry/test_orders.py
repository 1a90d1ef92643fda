"""Orders of the ACPR and the AMF: two people, at once, undone by no document; who comes back keeps the number."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from registry.actions import RegisterError, orders
from registry.models import AuthorityOrder, Decision, Letter, PastRegistration, Registration
from registry.models.registration import Authority, DecisionKind
from registry.public import PublicStatus, public_entry, published
from tests.factories import CoverFactory, RegisterImportFactory, RegistrationFactory, UserFactory
from tests.removing import at, ordered

pytestmark = pytest.mark.django_db

DAY = date(2027, 5, 4)


def commit() -> None:
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


@pytest.fixture
def registration() -> Registration:
    return RegistrationFactory.create()


def entered(mine: Registration, **values: Any) -> AuthorityOrder:
    given = {
        "by": UserFactory.create(),
        "now": at(DAY),
        "intermediary": mine.intermediary,
        "registration": mine,
        "kind": DecisionKind.REMOVAL,
        "authority": Authority.AMF,
        "act_reference": "SAN-2027-04",
        "dated_on": DAY,
        "effective_on": DAY,
        "reason": "manquement",
    }
    return orders.record_order(**(given | values))


def test_an_order_is_nothing_until_a_second_person_confirms_it_and_then_all(registration: Registration) -> None:
    order = entered(registration)
    registration.refresh_from_db()
    assert registration.removed_on is None
    with pytest.raises(RegisterError, match="une autre personne"):
        orders.confirm_order(by=order.entered_by, now=at(DAY), order=order, act_reference="SAN-2027-04")
    with pytest.raises(RegisterError, match="comparez avec l’acte"):
        orders.confirm_order(by=UserFactory.create(), now=at(DAY), order=order, act_reference="SAN-2027-40")
    orders.confirm_order(by=UserFactory.create(), now=at(DAY), order=order, act_reference="SAN-2027-04")
    commit()
    registration.refresh_from_db()
    assert registration.removed_on == DAY
    assert Decision.objects.get().authority == "AMF"
    assert Letter.objects.get().order == order
    with pytest.raises(RegisterError, match="déjà confirmé"):
        orders.confirm_order(by=UserFactory.create(), now=at(DAY), order=order, act_reference="SAN-2027-04")


@pytest.mark.parametrize(
    "values",
    [
        {"authority": Authority.COMMISSION},
        {"kind": DecisionKind.REGISTRATION},
        {"kind": DecisionKind.STRIKING_OFF},
        {"registration": None},
        {"effective_on": date(2027, 5, 5)},
        {"dated_on": date(2027, 5, 5)},
    ],
    ids=str,
)
def test_what_is_no_order_is_not_entered(registration: Registration, values: dict[str, Any]) -> None:
    with pytest.raises(RegisterError):
        entered(registration, **values)


def test_raw_sql_carries_out_no_order_that_is_not_confirmed(registration: Registration) -> None:
    """Fails without `decision_of_a_confirmed_order`."""
    order = entered(registration)
    with pytest.raises(IntegrityError, match="confirmed by a second person"), transaction.atomic():
        Decision.objects.create(
            intermediary=registration.intermediary, registration=registration, kind="REMOVAL", authority="AMF",
            decided_on=DAY, order=order, act_reference="SAN-2027-04",
        )  # fmt: skip
    for change in ({"act_reference": "autre"}, {"effective_on": date(2027, 5, 5)}):
        with pytest.raises(DatabaseError, match="stays as it was entered"), transaction.atomic():
            AuthorityOrder.objects.update(**change)


def test_a_file_s_decision_is_of_the_file_that_is_being_applied(registration: Registration) -> None:
    """Fails without `decision_of_a_file_being_applied`: an old import would be a way for anything."""
    old = RegisterImportFactory.create(written_in="1")
    with pytest.raises(IntegrityError, match="in the transaction that applies it"), transaction.atomic():
        Decision.objects.create(
            intermediary=registration.intermediary, registration=registration, kind="REMOVAL", authority="COMMISSION",
            decided_on=DAY, register_import=old, act_reference="import",
        )  # fmt: skip


def undo(registration: Registration, **change: Any) -> None:
    """Raw SQL, and what its commit would run."""
    Registration.objects.filter(pk=registration.pk).update(**change)
    commit()


UNDONE = [{"removed_on": None}, {"removed_on": date(2027, 6, 1)}]


@pytest.mark.parametrize("change", UNDONE, ids=str)
@pytest.mark.parametrize("kind", ["REMOVAL", "STRIKING_OFF"])
def test_no_document_and_no_sql_undoes_an_order(registration: Registration, kind: str, change: dict[str, Any]) -> None:
    """Fails without the trigger `order_stands`."""
    ordered(registration, DAY, kind)
    commit()
    CoverFactory.create(intermediary=registration.intermediary, starts_on=DAY, ends_on=date(2028, 2, 29))
    registration.refresh_from_db()
    assert registration.removed_on == DAY
    with (
        pytest.raises(IntegrityError, match="the AMF stands|without a decision"),
        transaction.atomic(),
    ):
        undo(registration, **change)


def test_a_suspension_by_order_stands_until_another_order(registration: Registration) -> None:
    ordered(registration, DAY, "SUSPENSION", ends_on=date(2027, 8, 31))
    commit()
    registration.refresh_from_db()
    assert (registration.suspended_on, registration.suspended_until) == (DAY, date(2027, 8, 31))
    with pytest.raises(IntegrityError, match="stands"), transaction.atomic():
        undo(registration, suspended_on=None, suspended_until=None)
    ordered(registration, date(2027, 6, 1), "SUSPENSION", act_reference="2027-C-9", ends_on=date(2027, 6, 30))
    commit()
    registration.refresh_from_db()
    assert registration.suspended_until == date(2027, 6, 30)


def test_what_is_removed_already_is_not_removed_by_order_again(registration: Registration) -> None:
    ordered(registration, DAY)
    with pytest.raises(RegisterError, match="rien à exécuter"):
        ordered(registration, date(2027, 6, 1), act_reference="autre")


# --- coming back ------------------------------------------------------------------------------------------


def reenter(registration: Registration, day: date) -> Registration:
    return orders.record_reentry(
        by=UserFactory.create(), why="nouvelle demande", day=day, registration=registration, registered_on=day,
        act_reference="CI-2028-000004",
    )  # fmt: skip


def test_who_comes_back_keeps_the_number_and_the_past_stays_public(registration: Registration) -> None:
    """Fails without the trigger `registration_period_is_remembered`, or the past periods in the public entry."""
    number = registration.intermediary.orias_number
    ordered(registration, DAY)
    back = date(2028, 1, 7)
    reenter(registration, back)
    commit()
    entry = public_entry(published().get(orias_number=number), back)
    [mine] = entry.categories
    assert (mine.status, mine.since, mine.until) == (PublicStatus.REGISTERED, back, None)
    assert [(p.since, p.until) for p in mine.earlier] == [(date(2015, 6, 5), DAY)]
    assert PastRegistration.objects.count() == 1


def test_a_removed_one_stays_public_with_its_dates(registration: Registration) -> None:
    ordered(registration, DAY)
    [mine] = public_entry(published().get(pk=registration.intermediary_id), date(2031, 1, 1)).categories
    assert (mine.status, mine.since, mine.until) == (PublicStatus.REMOVED, date(2015, 6, 5), DAY)


def test_nobody_comes_back_while_an_order_bars_it(registration: Registration) -> None:
    """Fails without `_bar`, or `decision_is_not_barred` in the database."""
    ordered(registration, DAY, "STRIKING_OFF", barred_until=date(2029, 5, 3))
    for day in (date(2028, 1, 7), date(2029, 5, 3)):
        with pytest.raises(RegisterError, match="interdit toute inscription"):
            reenter(registration, day)
    with pytest.raises(IntegrityError, match="bars this registration"), transaction.atomic():
        Decision.objects.create(
            intermediary=registration.intermediary, registration=registration, kind="REGISTRATION",
            authority="COMMISSION", decided_on=date(2029, 5, 3), act_reference="CI",
        )  # fmt: skip
    assert reenter(registration, date(2029, 5, 4)).removed_on is None


@pytest.mark.parametrize("day", [DAY, date(2015, 6, 5)])
def test_a_new_registration_follows_the_removal(registration: Registration, day: date) -> None:
    with pytest.raises(RegisterError, match="suit la suppression"):
        reenter(registration, day)
    ordered(registration, DAY)
    with pytest.raises(RegisterError, match="suit la suppression"):
        reenter(registration, day)
