"""`manage.py verify_register`: what it reports, how it ends, and how it heals."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry import clock
from registry.findings import refresh_findings
from registry.models import Cover, Registration, StoredFinding
from tests.factories import NOW, CoverFactory, DecisionFactory, RegistrationFactory
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
DAY = clock.local_day(NOW)


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def registration() -> Registration:
    made = RegistrationFactory.create()
    CoverFactory.create(intermediary=made.intermediary)
    refresh_findings(as_of=DAY)
    return made


def stale(registration: Registration) -> None:
    Cover.objects.update(issuer="Autre")


def wrong(registration: Registration) -> None:
    StoredFinding.objects.filter(kind="RC_PRO").update(state="MISSING")


def absent(registration: Registration) -> None:
    StoredFinding.objects.all().delete()


def surplus(registration: Registration) -> None:
    kept = StoredFinding.objects.get(kind="RC_PRO")
    DecisionFactory.create(registration=registration, decided_on=DAY)
    Registration.objects.filter(pk=registration.pk).update(removed_on=DAY)
    registration.intermediary.refresh_from_db()
    StoredFinding.objects.filter(pk=kept.pk).update(facts_version=registration.intermediary.facts_version)
    StoredFinding.objects.exclude(pk=kept.pk).delete()


CASES = {"STALE": (stale, 2), "WRONG": (wrong, 1), "ABSENT": (absent, 2), "SURPLUS": (surplus, 1)}


def test_a_register_in_order_ends_with_0(registration: Registration) -> None:
    answer = run("verify_register", "--json")
    assert (answer.code, answer.err) == (0, "")
    assert set(answer.json) >= {"checked", "differences"}
    assert (answer.json["checked"], answer.json["differences"]) == (1, [])
    assert "1 dossier vérifié, 0 différence." in run("verify_register").out


@pytest.mark.parametrize("kind", CASES)
def test_each_difference_is_reported_and_ends_with_1(registration: Registration, kind: str) -> None:
    spoil, number = CASES[kind]
    spoil(registration)
    answer = run("verify_register", "--json")
    assert answer.code == 1
    assert [d["difference"] for d in answer.json["differences"]] == [kind] * number
    one = answer.json["differences"][0]
    assert set(one) == {"orias_number", "category", "kind", "difference", "stored", "computed"}
    assert one["orias_number"] == registration.intermediary.orias_number
    assert "verify_register --refresh" in answer.err
    assert answer.err.count("\n") == 1
    said = run("verify_register")
    assert said.code == 1
    assert registration.intermediary.orias_number in said.out


@pytest.mark.parametrize("kind", CASES)
def test_a_refresh_heals_each_of_them(registration: Registration, kind: str) -> None:
    CASES[kind][0](registration)
    answer = run("verify_register", "--refresh", "--json")
    assert (answer.code, answer.json["differences"]) == (0, [])
    assert run("verify_register").code == 0


def test_verifying_without_refresh_writes_nothing(registration: Registration) -> None:
    wrong(registration)
    run("verify_register")
    assert StoredFinding.objects.get(kind="RC_PRO").state == "MISSING"


def test_findings_of_another_day_are_told_and_are_no_failure(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=3, day=10))
    answer = run("verify_register", "--json")
    assert (answer.code, answer.json["outdated"], answer.json["differences"]) == (0, 1, [])
    assert "1 constat attend le passage" in run("verify_register").out
    assert run("verify_register", "--refresh", "--json").json["outdated"] == 0


def test_a_registration_that_begins_in_time_is_told_as_outdated_and_not_as_absent(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `last_stored`: each morning the registrations of the day were said to be against the rules."""
    RegistrationFactory.create(registered_on=DAY + timedelta(days=3))
    refresh_findings(as_of=DAY)
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=5))
    answer = run("verify_register", "--json")
    assert (answer.code, answer.json["outdated"], answer.json["differences"]) == (0, 2, [])
    absent(registration)
    assert {d["difference"] for d in run("verify_register", "--json").json["differences"]} == {"ABSENT"}


def test_a_long_list_is_cut_in_words_and_whole_in_json() -> None:
    many = RegistrationFactory.create_batch(26)
    assert len(many) == 26
    assert len(run("verify_register", "--json").json["differences"]) == 52
    assert run("verify_register").out.count("constat absent") == 50


def test_an_empty_register_is_in_order() -> None:
    answer = run("verify_register", "--json")
    assert (answer.code, answer.json["checked"]) == (0, 0)


def test_i1_a_difference_is_found_by_the_pure_rules_and_not_by_the_statement_that_stored_it(
    registration: Registration, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if verification read the set-based pass: a fault in that would verify itself."""
    monkeypatch.setattr("registry.findings.FINDING_CTES", "broken")
    monkeypatch.setattr("registry.findings._REFRESH", "broken")
    assert run("verify_register").code == 0
