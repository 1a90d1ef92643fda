"""Memberships and mandates, their ends, and the signals that staff settle."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group, User

from registry import clock
from registry.actions.affiliations import record_body, record_membership, record_membership_end, settle_signal
from registry.actions.recording import RegisterError
from registry.findings import verify_findings
from registry.models import Affiliation, FilingBody, Registration, Signal, StoredFinding
from registry.roles import Role
from registry.rules.affiliations import BodyKind
from tests.factories import (
    NOW,
    AffiliationFactory,
    CoverFactory,
    FilingBodyFactory,
    IntermediaryFactory,
    RegistrationFactory,
    SignalFactory,
    UserFactory,
)
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 29)


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def officer() -> User:
    user = UserFactory.create(username="alice")
    user.groups.add(Group.objects.get(name=Role.REGISTRY_OFFICER.group))
    return user


@pytest.fixture
def registration() -> Registration:
    person = IntermediaryFactory.create(orias_number="07000001")
    CoverFactory.create(intermediary=person)
    made: Registration = RegistrationFactory.create(intermediary=person, iob=True)
    return made


@pytest.fixture
def bank() -> FilingBody:
    made: FilingBody = FilingBodyFactory.create(code="BANQUE", principal=True)
    return made


def joins(registration: Registration, body: FilingBody, **values: Any) -> Affiliation:
    given: dict[str, Any] = {"by": None, "why": "essai", "day": DAY, "starts_on": date(2026, 1, 5)} | values
    return record_membership(registration=registration, body=body, **given)


def leaves(registration: Registration, body: FilingBody, **values: Any) -> Signal | None:
    given: dict[str, Any] = {"by": None, "why": "essai", "day": DAY, "ends_on": DAY, "told_on": DAY} | values
    return record_membership_end(registration=registration, body=body, **given)


def filer(registration: Registration) -> str:
    registration.refresh_from_db()
    for verification in verify_findings(day=DAY):
        assert verification.differences == []
    return registration.filer


def test_a_principal_that_files_moves_the_deadline_and_gives_it_back(
    registration: Registration, bank: FilingBody
) -> None:
    """Fails without `_set_filer` in either writer."""
    joins(registration, bank, files=True)
    assert filer(registration) == "PRINCIPAL"
    assert StoredFinding.objects.get(kind="RC_PRO").due_on == date(2026, 1, 31)
    signal = leaves(registration, bank, ends_on=date(2026, 1, 20))
    assert signal
    assert (signal.kind, signal.due_on, signal.told_by) == ("MANDATE_ENDED", date(2026, 2, 28), str(bank))
    assert filer(registration) == "SELF"
    assert StoredFinding.objects.get(kind="RC_PRO").due_on == date(2026, 2, 28)


def test_an_end_that_lies_ahead_gives_back_the_filing_once_it_has_come(
    registration: Registration, bank: FilingBody, officer: User
) -> None:
    """Fails without `_set_filer` in `settle_signal`."""
    joins(registration, bank, files=True)
    signal = leaves(registration, bank, ends_on=date(2026, 2, 10))
    assert signal
    assert filer(registration) == "PRINCIPAL"
    settle_signal(by=officer, why="x", day=date(2026, 2, 11), signal_id=signal.pk, outcome="dépose désormais lui-même")
    registration.refresh_from_db()
    assert registration.filer == "SELF"


def test_another_association_within_the_month_leaves_nothing_to_look_at(registration: Registration) -> None:
    old, new = FilingBodyFactory.create_batch(2)
    joins(registration, old)
    joins(registration, new, starts_on=date(2026, 2, 1))
    assert leaves(registration, old) is None
    assert filer(registration) == "SELF"
    ended = Affiliation.objects.get(body=old)
    assert (ended.ends_on, ended.end_told_on) == (DAY, DAY)


def test_a_cif_s_association_always_files_and_it_has_no_principal(bank: FilingBody) -> None:
    cif = RegistrationFactory.create(cif=True)
    association = FilingBodyFactory.create()
    joins(cif, association)
    leaves(cif, association)
    assert filer(cif) == "ASSOCIATION"
    assert Signal.objects.get().kind == "MEMBERSHIP_ENDED"
    with pytest.raises(RegisterError, match="n’a pas de mandant"):
        joins(cif, bank)


REFUSED: list[tuple[dict[str, Any], str]] = [
    ({"told_on": date(2026, 1, 30)}, "après aujourd’hui"),
    ({"ends_on": date(2026, 1, 4)}, "La fin précède le début"),
]


@pytest.mark.parametrize(("values", "words"), REFUSED)
def test_an_end_that_cannot_be_is_refused(
    registration: Registration, bank: FilingBody, values: dict[str, Any], words: str
) -> None:
    joins(registration, bank)
    with pytest.raises(RegisterError, match=words):
        leaves(registration, bank, **values)
    assert Affiliation.objects.get().ends_on is None


def test_what_is_open_is_not_opened_again_and_what_is_over_not_ended(
    registration: Registration, bank: FilingBody
) -> None:
    joins(registration, bank)
    with pytest.raises(RegisterError, match="déjà rattaché"):
        joins(registration, bank)
    leaves(registration, bank)
    with pytest.raises(RegisterError, match="n’a pas d’adhésion"):
        leaves(registration, bank)
    joins(registration, bank, starts_on=date(2026, 3, 1))


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": "asso"}, "n’est pas un code"),
        ({"name": " "}, "est vide"),
        ({"code": "BANQUE"}, "d’une autre nature"),
    ],
)
def test_a_body_is_entered_as_what_it_is(bank: FilingBody, values: dict[str, str], words: str) -> None:
    given: dict[str, Any] = {"code": "ASSO", "name": "Association", "kind": BodyKind.ASSOCIATION} | values
    with pytest.raises(RegisterError, match=words):
        record_body(by=None, why="essai", **given)
    assert FilingBody.objects.count() == 1


def test_a_signal_is_settled_once_with_what_was_done(officer: User) -> None:
    signal = SignalFactory.create()
    settle = {"by": officer, "why": "essai", "day": DAY, "signal_id": signal.pk}
    with pytest.raises(RegisterError, match="quelle suite"):
        settle_signal(outcome=" ", **settle)
    assert settle_signal(outcome="adhère ailleurs", **settle).settled_by == officer
    for pk in (signal.pk, 0):
        with pytest.raises(RegisterError, match="déjà réglé"):
            settle_signal(outcome="encore", **(settle | {"signal_id": pk}))
    doubt = SignalFactory.create(unknown_policy=True)
    assert settle_signal(outcome="vérifié", **(settle | {"signal_id": doubt.pk})).settled_on == DAY


def test_the_commands_live_through_a_mandate(registration: Registration, officer: User) -> None:
    by = ("--by", "alice")
    assert run("record_body", "BANQUE", "Banque d’essai", "--kind", "PRINCIPAL", *by).code == 0
    assert run("record_body", "BANQUE", "Banque nouvelle", "--kind", "PRINCIPAL", "--siren", "732829320", *by).code == 0
    named = ("07000001", "IOB", "BANQUE")
    assert run("record_membership", *named, "--from", "2026-01-05", "--files", *by).code == 0
    ended = run("record_membership_end", *named, "--last-day", "2025-12-31", *by)
    assert (ended.code, "La fin précède" in ended.err) == (1, True)
    ended = run("record_membership_end", *named, "--last-day", "2026-01-10", *by)
    assert (ended.code, "à régler avant le 28/02/2026" in ended.out) == (0, True)
    (listed,) = run("list_signals", "--json", "--kind", "MANDATE_ENDED").json
    assert (listed["orias_number"], listed["due_on"], listed["settled_by"]) == ("07000001", "2026-02-28", None)
    assert run("settle_signal", listed["id"], "dépose lui-même", *by).code == 0
    assert run("list_signals").out.strip() == "0 signalement."
    assert "Réglé le 29/01/2026\u00a0: dépose lui-même" in run("list_signals", "--all").out
    assert FilingBody.objects.get().name == "Banque nouvelle"


def test_the_commands_say_what_is_late_and_what_is_not_there(registration: Registration, officer: User) -> None:
    AffiliationFactory.create(registration=registration, body__code="ASSO")
    AffiliationFactory.create(registration=registration, body__code="AUTRE")
    late = run("record_membership_end", "07000001", "IOB", "ASSO", "--last-day", "2025-10-01", "--by", "alice")
    assert "Annonce tardive" in late.out
    assert "pas de signalement" in late.out
    ended = Affiliation.objects.get(body__code="ASSO")
    SignalFactory.create(affiliation=ended, due_on=date(2026, 1, 1))
    assert "(en retard)" in run("list_signals").out
    for named, words in ((("07000001", "COA", "ASSO"), "n’a pas d’inscription"), (("07000001", "IOB", "X"), "Aucun")):
        answer = run("record_membership", *named, "--by", "alice")
        assert (answer.code, words in answer.err) == (1, True)
