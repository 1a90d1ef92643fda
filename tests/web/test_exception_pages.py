"""The worklists of what the machine leaves to people, and the acts on them."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.models import Intermediary
from reminders.models import AddressConfirmation, Notice, Settlement
from reminders.planning.dead_addresses import dead_addresses
from reminders.rules.states import NoticeState
from tests.factories import NOW, AttemptFactory, reach
from tests.reminders.recalling import gone_wrong, recalled, released
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import due_file
from tests.web.staff_stage import as_role
from tests.web.stage import MOST_QUERIES

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
WORKLISTS = ("incertains", "refuses", "adresses")


def listed(tab: str, role: str = "approver") -> str:
    return as_role(role).get(f"/espace/exceptions/{tab}/").text


def act(name: str, which: object, role: str = "registry_officer", **given: str) -> Any:
    return as_role(role).post(f"/espace/exceptions/{name}/{which}/", given)


def a_dead_address(number: str = "08000061") -> Intermediary:
    someone = due_file(number)
    came_back(mailed(person=someone, discharges=None))
    return someone


@pytest.mark.parametrize(("name", "decision"), [("partie", "AS_SENT"), ("renvoyer", "SEND_AGAIN")])
def test_an_uncertain_one_is_settled_once_with_a_reason(name: str, decision: str) -> None:
    """The second press finds it settled: fails without the one row of a settlement."""
    notice = mailed("UNCERTAIN")
    assert f"Relance {notice.pk}" in listed("incertains")
    answer = act(name, notice.pk, reason="absent du journal complet")
    assert answer.headers["Location"] == "/espace/exceptions/incertains/"
    assert f"Relance {notice.pk}" not in listed("incertains")
    again = act("partie", notice.pk, reason="encore")
    assert again.status_code == 409
    assert "déjà réglée" in again.text
    settlement = Settlement.objects.get()
    assert (settlement.decision, settlement.reason) == (decision, "absent du journal complet")


def test_an_uncertain_correction_says_what_would_take_it_up_again() -> None:
    wrong = gone_wrong(1)
    correction = reach(released(recalled(wrong)).notices.get(), NoticeState.UNCERTAIN)
    text = listed("incertains", "registry_officer")
    assert f"Rectificatif {correction.pk}" in text
    assert f"un rectificatif du lot {wrong.pk}, demandé de nouveau, le reprendra" in text


def test_a_decision_says_on_what_it_rests_and_keeps_what_was_typed() -> None:
    notice, other = mailed("UNCERTAIN"), mailed("ACCEPTED")
    assert act("partie", notice.pk, reason=" ").status_code == 409
    answer = act("renvoyer", other.pk, reason="pour voir")
    assert answer.status_code == 409
    assert "n’est pas incertaine" in answer.text
    assert not Settlement.objects.exists()


def test_a_refusal_is_told_with_what_the_server_said() -> None:
    notice = mailed("REFUSED")
    AttemptFactory(
        notice=notice, finished_at=NOW, verdict="REFUSED_OURS", stage="DATA", code=554, reply="554 politique <b>"
    )
    text = listed("refuses")
    assert "554 politique &lt;b&gt;" in text
    assert "à corriger de notre côté" in text


def test_a_dead_address_is_changed_where_it_is_still_the_one_that_was_shown() -> None:
    """Fails without the comparison in `_change`: somebody has typed another one meanwhile."""
    someone = a_dead_address()
    assert someone.email in listed("adresses")
    given = {"email": someone.email, "new": "Nouvelle@Cabinet.example", "reason": "au téléphone"}
    for change in ({"new": "pas une adresse"}, {"reason": " "}, {"email": "autre@cabinet.example"}):
        assert act("changer", someone.orias_number, **given | change).status_code == 409
    assert act("changer", someone.orias_number, **given).status_code == 303
    someone.refresh_from_db()
    assert someone.email.lower() == "nouvelle@cabinet.example"
    assert not dead_addresses().exists()
    assert act("changer", someone.orias_number, **given).status_code == 409
    assert act("changer", "99999999", **given).status_code == 409


def test_an_address_is_confirmed_where_it_is_still_the_one_that_was_shown() -> None:
    """Fails without `email` in `confirm_address`: the new one was never in trouble, or is for another reason."""
    someone = a_dead_address()
    stale = act("confirmer", someone.orias_number, email="ancienne@cabinet.example", reason="vu")
    assert stale.status_code == 409
    assert "a changé entre-temps" in stale.text
    assert act("confirmer", someone.orias_number, email=someone.email, reason="boîte vidée").status_code == 303
    assert AddressConfirmation.objects.get().reason == "boîte vidée"
    assert act("confirmer", someone.orias_number, email=someone.email, reason="encore").status_code == 409


@pytest.mark.parametrize("role", ["auditor", "hotline_agent"])
def test_who_may_only_look_settles_nothing(role: str) -> None:
    """Fails without `needs` in the acts."""
    notice, someone = mailed("UNCERTAIN"), a_dead_address()
    for name, which in (("partie", notice.pk), ("renvoyer", notice.pk), ("confirmer", someone.orias_number)):
        assert act(name, which, role, reason="x", email=someone.email).status_code == 403
    assert act("changer", someone.orias_number, "approver", reason="x", email=someone.email).status_code == 403
    assert f'id="reason-{notice.pk}"' in listed("incertains", "approver")
    assert f'id="reason-{notice.pk}"' not in listed("incertains", role)


def test_an_act_or_a_list_that_is_not_there_is_not_found() -> None:
    assert act("effacer", 1).status_code == 404
    assert act("partie", "9" * 30, reason="x").status_code == 404
    assert act("partie", 987654321, reason="x").status_code == 409
    assert as_role("auditor").get("/espace/exceptions/autres/").status_code == 404


@pytest.mark.parametrize("tab", WORKLISTS)
def test_a_worklist_goes_on_and_costs_ten_queries_however_long(tab: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for n in range(3):
        if tab == "adresses":
            a_dead_address(f"0800006{n}")
        else:
            mailed("UNCERTAIN" if tab == "incertains" else "REFUSED")
    client = as_role("auditor")
    with CaptureQueriesContext(connection) as asked:
        whole = client.get(f"/espace/exceptions/{tab}/").text
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)
    numbers = set(Notice.objects.values_list("intermediary__orias_number", flat=True))
    assert {number for number in numbers if f"/espace/dossiers/{number}/" in whole} == numbers
    monkeypatch.setattr("web.views.exceptions.A_PAGE", 2)
    first = client.get(f"/espace/exceptions/{tab}/").text
    where = first.split('href="?apres=')[1].split('"')[0]
    second = client.get(f"/espace/exceptions/{tab}/?apres={where}").text
    told = [sum(f"/espace/dossiers/{number}/" in text for number in numbers) for text in (first, second)]
    assert told == [2, 1]
