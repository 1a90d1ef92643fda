"""Whose address is to be confirmed: the set-based list agrees with the rule, and each way of confirming counts."""

from __future__ import annotations

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.db import IntegrityError, transaction
from django.db.utils import ProgrammingError

from registry.actions import RegisterError, confirm_address
from registry.contacts import addresses_to_check
from registry.models import AddressCheck, Contact, Intermediary
from registry.rules.contacts import CheckSource, is_to_check
from tests.factories import ContactFactory, IntermediaryFactory, RegistrationFactory, UserFactory
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 1)


def checked(one: Intermediary, day: date) -> AddressCheck:
    return confirm_address(by=None, why="essai", day=day, intermediary=one, source=CheckSource.STAFF)


def listed(day: date = DAY) -> set[str]:
    return {one.orias_number for one in addresses_to_check(day)}


def test_the_list_says_of_everyone_what_the_rule_says() -> None:
    expected = set()
    for since in (date(2015, 6, 5), DAY - timedelta(days=365), DAY - timedelta(days=364)):
        for days in (None, 364, 365, 900):
            one = RegistrationFactory(registered_on=since).intermediary
            on = None if days is None else DAY - timedelta(days=days)
            if on:
                checked(one, on)
            if is_to_check(on, since, DAY):
                expected.add(one.orias_number)
    assert listed() == expected


def test_those_who_are_not_registered_or_have_no_address_are_not_asked() -> None:
    RegistrationFactory(removed=True)
    RegistrationFactory(registered_on=DAY + timedelta(days=1))
    RegistrationFactory(intermediary=IntermediaryFactory(unreachable=True))
    assert listed() == set()


def test_only_the_address_as_it_is_now_counts_as_confirmed() -> None:
    """Fails without the comparison of the address."""
    one = RegistrationFactory().intermediary
    checked(one, DAY)
    assert listed() == set()
    Intermediary.objects.filter(pk=one.pk).update(email="autre@example.org")
    assert listed() == {one.orias_number}


def test_the_list_for_the_telephone_has_every_number(tmp_path: Path) -> None:
    one = RegistrationFactory(intermediary__phone_e164="+33100000000", intermediary__phone_key="100000000").intermediary
    ContactFactory(intermediary=one)
    out = tmp_path / "adresses.csv"
    told = run("addresses_to_check", "--on", "2026-06-01", "--json", "--csv", out)
    assert told.json["addresses"][0]["phones"] == ["+33100000000", "+33612345678 (Camille Martin, Comptabilité)"]
    with out.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file, delimiter=";")
    assert (row["numero_orias"], row["confirmee_le"]) == (one.orias_number, "")
    assert "Camille Martin" in row["telephones"]


def test_staff_confirm_at_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    one = RegistrationFactory().intermediary
    UserFactory(username="alice", is_superuser=True)
    UserFactory(username="hugo")
    confirm = ("confirm_address", one.orias_number, "--reason", "lue au téléphone")
    assert run(*confirm, "--by", "hugo").code == 1
    assert run("confirm_address", "99999999", "--reason", "x", "--by", "alice").code == 1
    run("addresses_to_check")
    assert one.orias_number in capsys.readouterr().out
    assert run(*confirm, "--by", "alice").code == 0
    assert AddressCheck.objects.get().checked_by.username == "alice"  # type: ignore[union-attr]
    run("addresses_to_check")
    assert "Aucune adresse" in capsys.readouterr().out


def test_nobody_confirms_nothing() -> None:
    with pytest.raises(RegisterError, match="pas d’adresse"):
        checked(IntermediaryFactory(unreachable=True), DAY)
    with pytest.raises(RegisterError, match="motif"):
        confirm_address(by=None, why=" ", day=DAY, intermediary=IntermediaryFactory(), source=CheckSource.STAFF)


def test_the_database_keeps_what_was_confirmed_and_contacts_that_can_be_reached() -> None:
    one = RegistrationFactory().intermediary
    kept = checked(one, DAY)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        AddressCheck.objects.filter(pk=kept.pk).update(checked_on=DAY)
    with pytest.raises(ProgrammingError, match="Cannot"), transaction.atomic():
        kept.delete()
    contact = ContactFactory(intermediary=one)
    for wrong, name in (
        ({"email": "", "phone_e164": "", "phone_key": ""}, "contact_can_be_reached"),
        ({"role": "CHIEF"}, "contact_role_is_known"),
        ({"email": "a@b@c"}, "contact_email_is_one_address"),
        ({"phone_key": ""}, "contact_phone_has_its_key"),
    ):
        with pytest.raises(IntegrityError, match=name), transaction.atomic():
            Contact.objects.filter(pk=contact.pk).update(**wrong)
