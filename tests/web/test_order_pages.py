"""Orders of the authorities on pages: previewed, entered, confirmed from the act by another; registered anew."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User

from registry import clock
from registry.models import AuthorityOrder, Letter, Registration
from tests.removing import at, lapsed, ordered
from tests.web.staff_stage import as_role

pytestmark = pytest.mark.django_db
DAY = date(2027, 5, 3)
ORDERS = "/espace/ordres/"


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(DAY))


@pytest.fixture
def mine() -> Registration:
    return lapsed()


def typed(mine: Registration, **given: str) -> dict[str, str]:
    order = {"number": mine.intermediary.orias_number, "kind": "REMOVAL", "category": "COA", "authority": "ACPR"}
    return order | {"act": "2027-C-3", "dated_on": "2027-04-30", "reason": "manquements"} | given


def enter(mine: Registration, **given: str) -> Any:
    return as_role("registry_officer").post(f"{ORDERS}saisir/", typed(mine, **given))


def test_an_order_is_shown_with_what_it_will_do_and_nothing_is_written(mine: Registration) -> None:
    """Fails without the roll back in `undone`."""
    shown = enter(mine)
    assert shown.status_code == 200
    assert "supprimé le 30\u00a0avril\u00a02027" in shown.text
    assert not AuthorityOrder.objects.exists()
    assert 'value="2027-C-3"' in enter(mine, amend="oui").text
    answer = enter(mine, sure="oui")
    made = AuthorityOrder.objects.get()
    assert answer.headers["Location"] == f"{ORDERS}{made.pk}/"
    assert Registration.objects.get(pk=mine.pk).removed_on is None


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "99999999"},
        {"category": "CIF"},
        {"kind": "REGISTRATION"},
        {"authority": "COMMISSION"},
        {"authority": "X"},
        {"act": " "},
        {"dated_on": "hier"},
        {"dated_on": "2027-05-04"},
        {"ends_on": "2027-06-01"},
        {"kind": "SUSPENSION", "ends_on": "2027-01-01"},
        {"reason": ""},
    ],
)
def test_what_cannot_be_an_order_is_refused_and_what_was_typed_stays(mine: Registration, wrong: dict[str, str]) -> None:
    for sure in ({}, {"sure": "oui"}):
        answer = enter(mine, **wrong, **sure)
        assert answer.status_code == 409
        assert 'role="alert"' in answer.text
    assert not AuthorityOrder.objects.exists()


def test_another_person_confirms_it_by_the_reference_read_on_the_act(mine: Registration) -> None:
    enter(mine, sure="oui")
    order = AuthorityOrder.objects.get()
    where = f"{ORDERS}{order.pk}/"
    approver = as_role("approver")
    assert "2027-C-3" not in approver.get(where).text
    assert "2027-C-3" not in approver.get(ORDERS).text
    assert "une autre personne le confirme" in as_role("registry_officer").get(where).text
    assert as_role("registry_officer").post(where, {"act": "2027-C-3"}).status_code == 403
    User.objects.filter(username="registry_officer").update(is_superuser=True)
    assert as_role("registry_officer").post(where, {"act": "2027-C-3"}).status_code == 409
    assert approver.post(where, {"act": "2027-C-4"}).status_code == 409
    assert approver.post(where, {"act": "2027-C-3"}).status_code == 303
    assert Registration.objects.get(pk=mine.pk).removed_on == date(2027, 4, 30)
    assert Letter.objects.get().number in approver.get(where).text
    assert approver.post(where, {"act": "2027-C-3"}).status_code == 409
    assert approver.get(f"{ORDERS}987654/").status_code == 404


def test_a_registration_is_decided_anew_after_a_preview(mine: Registration) -> None:
    given = {"number": mine.intermediary.orias_number, "category": "COA", "registered_on": "2027-05-03"}
    given |= {"act": "CI-2027-000004", "reason": "dossier complet"}
    post = as_role("registry_officer").post
    assert post(f"{ORDERS}reinscrire/", given).status_code == 409
    ordered(mine, date(2027, 4, 1))
    for wrong in ({"act": ""}, {"registered_on": "2027-04-01"}, {"category": "CIF"}, {"reason": ""}, {"number": "1"}):
        assert post(f"{ORDERS}reinscrire/", given | wrong).status_code == 409, wrong
    shown = post(f"{ORDERS}reinscrire/", given)
    assert "au 1er\u00a0avril\u00a02027" in shown.text
    assert Registration.objects.get(pk=mine.pk).removed_on == date(2027, 4, 1)
    assert 'value="CI-2027-000004"' in post(f"{ORDERS}reinscrire/", given | {"amend": "oui"}).text
    assert post(f"{ORDERS}reinscrire/", given | {"sure": "oui"}).status_code == 303
    fresh = Registration.objects.get(pk=mine.pk)
    assert (fresh.registered_on, fresh.removed_on) == (DAY, None)
    assert "depuis le 3\u00a0mai\u00a02027" in as_role("auditor").get(ORDERS).text


def test_an_order_that_bars_it_refuses_a_new_registration(mine: Registration) -> None:
    ordered(mine, date(2027, 4, 1), barred_until=date(2030, 1, 1))
    given = {"number": mine.intermediary.orias_number, "category": "COA", "registered_on": "2027-05-03", "act": "A"}
    answer = as_role("registry_officer").post(f"{ORDERS}reinscrire/", given | {"reason": "x", "sure": "oui"})
    assert answer.status_code == 409
    assert "jusqu’au 1er\u00a0janvier\u00a02030" in answer.text
    assert "aucune inscription jusqu’au 1er\u00a0janvier\u00a02030" in as_role("auditor").get(ORDERS).text


def test_the_forms_begin_with_the_number_they_are_asked_for(mine: Registration) -> None:
    for path in ("saisir/", "reinscrire/"):
        assert 'value="08000041"' in as_role("registry_officer").get(f"{ORDERS}{path}?numero=08000041").text
        assert as_role("approver").get(f"{ORDERS}{path}").status_code == 403
