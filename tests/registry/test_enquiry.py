"""The January enquiry: out as CSV, back with answers, each acted on once."""

from __future__ import annotations

import csv
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from registry.intake.enquiries import export_enquiry
from registry.models import Cover, CoverEvent, Intermediary, Issuer, Signal
from registry.models.issuer import FileContent
from registry.roles import Role
from tests.factories import (
    CoverEventFactory,
    CoverFactory,
    IntermediaryFactory,
    IssuedCoverFactory,
    IssuerFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.registry.commands import run
from tests.registry.issuer_files import take

pytestmark = pytest.mark.django_db
DAY = date(2025, 12, 15)


@pytest.fixture
def issuer() -> Issuer:
    return IssuerFactory.create(code="MUTUELLE", name="Mutuelle d’essai")


@pytest.fixture
def officer() -> User:
    user = UserFactory.create(username="alice")
    user.groups.add(Group.objects.get(name=Role.REGISTRY_OFFICER.group))
    return user


def someone(number: str, **values: Any) -> Intermediary:
    """With an RC Pro of this insurer to the end of February 2026."""
    person = RegistrationFactory.create(intermediary=IntermediaryFactory.create(orias_number=number)).intermediary
    CoverFactory.create(intermediary=person, **({"policy": f"RC-{number}", "categories": ["COA"]} | values))
    return person


def asked(issuer: Issuer, path: Path, day: date = DAY) -> list[dict[str, str]]:
    count = export_enquiry(issuer, day, path)
    rows = list(csv.DictReader(path.read_text(encoding="utf-8-sig").splitlines(), delimiter=";"))
    assert len(rows) == count
    return rows


def test_the_policies_to_confirm_are_those_that_end_with_the_campaign(issuer: Issuer, tmp_path: Path) -> None:
    someone("07000001")
    someone("07000002", issuer="MUTUELLE D'ESSAI")
    someone("07000003", issuer="Quelqu’un d’autre")
    someone("07000004", status="DEPOSITED")
    someone("07000005", ends_on=date(2025, 12, 31))
    someone("07000006", policy="")
    renewed = someone("07000007")
    CoverFactory.create(intermediary=renewed, renewed=True, policy="rc 07000007")
    not_renewed = someone("07000008")
    CoverEventFactory.create(not_renewed=True, cover=not_renewed.covers.get())
    gone = someone("07000009")
    gone.registrations.update(registered_on=date(2026, 6, 1))
    other = someone("07000010", issuer="x")
    IssuedCoverFactory.create(issuer=issuer, cover__intermediary=other, cover__policy="GF", cover__guarantee=True)
    lifted = someone("07000011")
    for kind, day in (("SUSPENDED", date(2025, 6, 1)), ("REINSTATED", date(2025, 7, 1))):
        CoverEventFactory.create(cover=lifted.covers.get(), kind=kind, effective_on=day)
    rows = asked(issuer, tmp_path / "a.csv")
    assert [(r["numero_orias"], r["nature"]) for r in rows] == [
        ("07000001", "RC_PRO"), ("07000002", "RC_PRO"), ("07000010", "GF"), ("07000011", "RC_PRO")
    ]  # fmt: skip
    assert rows[0] | {"denomination": ""} == {
        "numero_orias": "07000001", "denomination": "", "nature": "RC_PRO", "police": "RC-07000001",
        "categories": "COA", "debut": "2025-03-01", "fin": "2026-02-28", "montant": "1564610,00",
        "montant_annuel": "2315610,00", "reponse": "",
    }  # fmt: skip
    assert asked(issuer, tmp_path / "b.csv", date(2060, 1, 1)) == []


def test_a_policy_that_a_register_file_cut_by_category_is_asked_for_once(issuer: Issuer, tmp_path: Path) -> None:
    person = someone("07000001", policy="RC 1", amount_cents=None)
    RegistrationFactory.create(intermediary=person, iob=True)
    CoverFactory.create(intermediary=person, policy="RC-1", categories=["IOB"])
    (row,) = asked(issuer, tmp_path / "a.csv")
    assert (row["categories"], row["montant"]) == ("COA IOB", "1564610,00")


def test_a_name_that_a_spreadsheet_would_run_is_made_harmless(issuer: Issuer, tmp_path: Path) -> None:
    person = someone("07000001", policy="=cmd|' /C calc'!A0")
    Intermediary.objects.filter(pk=person.pk).update(name="@SUM(1)")
    (row,) = asked(issuer, tmp_path / "a.csv")
    assert (row["denomination"], row["police"]) == ("'@SUM(1)", "'=cmd|' /C calc'!A0")


def answered(path: Path, answers: dict[str, str]) -> Path:
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file, delimiter=";")
        rows, titles = list(reader), list(reader.fieldnames or [])
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, titles, delimiter=";")
        writer.writeheader()
        writer.writerows(row | {"reponse": answers.get(row["numero_orias"], "")} for row in rows)
    return path


def test_the_answers_are_acted_on_once(issuer: Issuer, officer: User, tmp_path: Path) -> None:
    for n, values in enumerate([{}, {"policy": "=RC2"}, {}, {}], start=1):
        someone(f"0700000{n}", **values)
    path = tmp_path / "enquete.csv"
    told = run("export_enquiry", "MUTUELLE", "--as-of", "2025-12-15", "--csv", path)
    assert (told.code, "4 polices à confirmer" in told.out) == (0, True)
    answered(path, {"07000001": "RENOUVELEE", "07000002": "NON_RENOUVELEE", "07000003": "INCONNUE"})
    tally = take(path, issuer, officer, content=FileContent.ENQUIRY)
    assert (tally.as_json()["new"], tally.as_json()["ignored"]) == (3, 1)
    cover = Cover.objects.get(channel="ISSUER")
    assert (cover.starts_on, cover.ends_on, cover.amount_cents) == (date(2026, 3, 1), date(2027, 2, 28), 156_461_000)
    event = CoverEvent.objects.get()
    assert (event.kind, event.effective_on, event.cover.policy) == ("NOT_RENEWED", date(2026, 3, 1), "=RC2")
    assert Signal.objects.get().intermediary.orias_number == "07000003"
    again = run("import_enquiry", path, "--issuer", "MUTUELLE", "--apply", "--by", "alice", "--json")
    assert (again.json["unchanged"], again.json["ignored"]) == (3, 1)


def test_an_answer_about_a_policy_of_another_makes_nothing(issuer: Issuer, officer: User, tmp_path: Path) -> None:
    someone("07000001")
    path = tmp_path / "enquete.csv"
    asked(issuer, path)
    answered(path, {"07000001": "RENOUVELEE"})
    stranger = IssuerFactory.create()
    tally = take(path, stranger, officer, content=FileContent.ENQUIRY)
    assert tally.as_json()["refused"] == 1
    assert Cover.objects.filter(channel="ISSUER").count() == 0
