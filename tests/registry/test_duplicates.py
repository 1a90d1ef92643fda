"""Pairs that may be one person are found without comparing each with each, and not again once dismissed."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, transaction

from registry.actions import RegisterError, dismiss_duplicate
from registry.duplicates import MOST_UNDER_ONE_KEY, suggest_duplicates
from registry.models import DuplicateDismissal, Intermediary
from tests.factories import NOW, ContactFactory, IntermediaryFactory, UserFactory
from tests.plans import counted_work
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
A, B = "08000071", "08000072"


def two(one: dict[str, Any], other: dict[str, Any]) -> None:
    for number, name, values in ((A, "Alizés", one), (B, "Zéphyr", other)):
        IntermediaryFactory(orias_number=number, **{"name": name, "email": ""} | values)


def found() -> dict[tuple[str, str], tuple[str, ...]]:
    return {one.numbers: one.likeness.evidence for one in suggest_duplicates()}


@pytest.mark.parametrize(
    ("one", "other", "evidence"),
    [
        ({"email": "Contact@Durand.fr"}, {"email": "contact@durand.FR"}, ("SAME_EMAIL",)),
        (
            {"name": "Cabinet Le Goff", "phone_key": "298000000"},
            {"name": "SARL LEGOFF Assurances", "phone_key": "298000000"},
            ("SAME_PHONE", "SAME_NAME"),
        ),
        ({"name": "Éric Mévellec"}, {"name": "CABINET ERIC MEVELLEC"}, ("SAME_NAME",)),
        (
            {"name": "Mevelec Courtage", "postcode": "29200", "siren": "552100554"},
            {"name": "Mevellec", "postcode": "29200"},
            ("CLOSE_NAME", "SAME_PLACE", "ONE_SIREN_ONLY"),
        ),
    ],
)
def test_what_they_share_finds_them(one: dict[str, Any], other: dict[str, Any], evidence: tuple[str, ...]) -> None:
    two(one, other)
    assert found() == {(A, B): evidence}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ({"name": "Cabinet Assurances Conseil"}, {"name": "Cabinet Assurances"}),
        ({"name": "Mévellec", "siren": "552100554"}, {"name": "Mévellec", "siren": "732829320"}),
        ({"phone_key": "298000000"}, {"phone_key": "298000000"}),
    ],
)
def test_what_says_nothing_suggests_nothing(one: dict[str, Any], other: dict[str, Any]) -> None:
    two(one, other)
    assert found() == {}


def test_a_contact_s_address_finds_them_too() -> None:
    two({}, {"email": "lea@roy.fr"})
    ContactFactory(intermediary=Intermediary.objects.get(orias_number=A), email="Lea@roy.fr")
    assert list(found()) == [(A, B)]


def test_what_too_many_share_says_nothing() -> None:
    """Fails without MOST_UNDER_ONE_KEY: an association's address would make pairs of all its members."""
    for n in range(MOST_UNDER_ONE_KEY + 1):
        IntermediaryFactory(email="adherents@association.fr", name=f"Membre{n}")
    assert found() == {}


def test_once_dismissed_or_merged_a_pair_is_not_named_again() -> None:
    """Fails without either condition of the query."""
    two({"email": "a@b.fr"}, {"email": "a@b.fr"})
    someone = UserFactory()
    dismiss_duplicate(by=someone, why="père et fils", now=NOW, numbers=(B, A))
    assert found() == {}
    for numbers in ((A, B), (A, A), (A, "99999999")):
        with pytest.raises(RegisterError):
            dismiss_duplicate(by=someone, why="père et fils", now=NOW, numbers=numbers)
    third = IntermediaryFactory(email="a@b.fr")
    assert len(found()) == 2
    Intermediary.objects.filter(pk=third.pk).update(merged_into=Intermediary.objects.get(orias_number=A))
    assert found() == {}


def test_the_database_keeps_a_pair_once_and_in_order() -> None:
    two({}, {})
    first, second = Intermediary.objects.order_by("pk")
    given: dict[str, Any] = {"reason": "x", "dismissed_by": UserFactory(), "dismissed_at": NOW}
    with pytest.raises(IntegrityError, match="dismissal_is_in_order"), transaction.atomic():
        DuplicateDismissal.objects.create(first=second, second=first, **given)
    DuplicateDismissal.objects.create(first=first, second=second, **given)
    with pytest.raises(IntegrityError, match="dismissal_once_per_pair"), transaction.atomic():
        DuplicateDismissal.objects.create(first=first, second=second, **given)


def test_the_work_grows_with_the_register_not_with_its_square() -> None:
    """Counted in rows: four times the files, about four times the work. Fails where each was compared with each."""
    work = []
    for start, end in ((0, 100), (100, 400)):
        Intermediary.objects.bulk_create(
            Intermediary(orias_number=f"{n:08d}", name=f"Nom{n // 2} Cabinet", email=f"a{n // 2}@b.fr")
            for n in range(start, end)
        )
        with counted_work("similarity") as counted:
            suggest_duplicates()
        work.append(counted.most)
    assert work[1] < 6 * work[0]


def test_the_commands_tell_and_write(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    two({"email": "a@b.fr", "name": "=Durand"}, {"email": "a@b.fr"})
    UserFactory(username="alice", is_superuser=True)
    out = tmp_path / "doublons.csv"
    told = run("suggest_duplicates", "--json", "--csv", out).json["suggestions"]
    assert [(one["numbers"], one["points"]) for one in told] == [([A, B], 40)]
    assert told[0]["evidence"] == [{"code": "SAME_EMAIL", "label": "même adresse électronique"}]
    with out.open(encoding="utf-8-sig", newline="") as file:
        [row] = csv.DictReader(file, delimiter=";")
    assert (row["denomination_a"], row["indices"]) == ("'=Durand", "même adresse électronique")
    run("suggest_duplicates")
    assert A in capsys.readouterr().out
    assert run("dismiss_duplicate", A, B, "--reason", "frères", "--by", "alice").code == 0
    run("suggest_duplicates")
    assert "Aucun doublon" in capsys.readouterr().out
