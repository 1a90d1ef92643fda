"""Removal cases on pages: what comes next and what is in the way, each step by its own people."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import clock
from registry.models import CaseProof, Letter, Registration, RemovalCase
from registry.rules.removals import CaseState, Ground
from tests.reminders.test_case_proofs import MAILED_ON, OPENED, mailed
from tests.removing import Procedure, at, lapsed, members, raw_case, raw_letter
from tests.web.staff_stage import as_role
from tests.web.stage import MOST_QUERIES

pytestmark = pytest.mark.django_db
FIRST = date(2027, 4, 5)
CASES = "/espace/suppressions/"


@pytest.fixture(autouse=True)
def _by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    on(monkeypatch, FIRST)


def on(monkeypatch: pytest.MonkeyPatch, day: date) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(day))


@pytest.fixture
def procedure() -> Procedure:
    made = Procedure(lapsed())
    made.open(FIRST)
    return made


def act(case: RemovalCase, name: str, role: str = "registry_officer", **given: str) -> Any:
    state = RemovalCase.objects.values_list("state", flat=True).get(pk=case.pk)
    return as_role(role).post(f"{CASES}{case.pk}/{name}/", {"state": state} | given)


def state(case: RemovalCase) -> str:
    return str(RemovalCase.objects.values_list("state", flat=True).get(pk=case.pk))


def plain(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


def test_the_list_tells_what_comes_next_and_what_is_in_the_way(procedure: Procedure) -> None:
    assert "possible aujourd’hui" in as_role("auditor").get(CASES).text
    procedure.send(FIRST, CaseState.NOTICE)
    text = plain(as_role("auditor").get(CASES))
    assert "bloqué" in text
    assert "l’étape précédente n’est pas prouvée" in text
    assert "dépôt non enregistré" in as_role("auditor").get(f"{CASES}{procedure.case.pk}/").text


def test_a_case_is_opened_where_its_ground_stands() -> None:
    mine = lapsed()
    client = as_role("registry_officer")
    given = {"number": mine.intermediary.orias_number, "category": "COA", "ground": "COVER", "reason": "rien reçu"}
    for wrong in ({"number": "99999999"}, {"category": "CIF"}, {"ground": "X"}, {"reason": ""}, {"ground": "FEE"}):
        assert client.post(f"{CASES}ouvrir/", given | wrong).status_code == 409, wrong
    assert 'value="rien reçu"' in client.post(f"{CASES}ouvrir/", given | {"ground": "X"}).text
    answer = client.post(f"{CASES}ouvrir/", given)
    made = RemovalCase.objects.get()
    assert answer.headers["Location"] == f"{CASES}{made.pk}/"
    assert client.post(f"{CASES}ouvrir/", given).status_code == 409
    assert (made.ground, made.opened_by.username) == (Ground.COVER, "registry_officer")


def test_a_step_is_taken_once_and_its_letter_proved(procedure: Procedure) -> None:
    """A page shown before somebody else's act is refused: fails without the state in the form."""
    case = procedure.case
    assert act(case, "avis").status_code == 303
    stale = act(case, "suspendre", state="OPEN", reason="x")
    assert stale.status_code == 409
    assert "L’affaire a avancé" in stale.text
    assert act(case, "avis", state="OPEN").status_code == 409
    letter = Letter.objects.get()
    given = {"letter": letter.number, "kind": "POSTED", "day": "2027-04-05", "reference": "1A 234"}
    for wrong in ({"letter": "X"}, {"kind": "MAILED"}, {"day": "demain"}, {"reference": ""}):
        assert act(case, "preuve", **given | wrong).status_code == 409, wrong
    assert act(case, "preuve", **given).status_code == 303
    assert CaseProof.objects.get().reference == "1A 234"
    pdf = as_role("auditor").get(f"{CASES}lettres/{letter.number}.pdf")
    assert pdf.content == bytes(letter.pdf)
    assert pdf.headers["Content-Disposition"].startswith("attachment;")
    assert (state(case), Letter.objects.count()) == ("NOTICE", 1)


def test_a_step_too_early_is_refused_with_the_day_on_which_it_may_be_taken(procedure: Procedure) -> None:
    procedure.send(FIRST, CaseState.NOTICE)
    procedure.prove(FIRST)
    answer = act(procedure.case, "demeure")
    assert answer.status_code == 409
    assert re.search("à partir du 2[56]\u00a0avril\u00a02027", answer.text), answer.text
    shown = as_role("registry_officer").get(f"{CASES}{procedure.case.pk}/").text
    assert "Bloqué&nbsp;: le délai n’est pas écoulé" in shown
    assert state(procedure.case) == "NOTICE"


def test_a_file_back_in_good_standing_withdraws_the_case_and_says_so(procedure: Procedure) -> None:
    from tests.factories import CoverFactory  # noqa: PLC0415

    CoverFactory(
        intermediary=procedure.registration.intermediary, categories=["COA"], starts_on=date(2027, 3, 1),
        ends_on=date(2028, 2, 29),
    )  # fmt: skip
    answer = as_role("registry_officer").post(f"{CASES}{procedure.case.pk}/avis/", {"state": "OPEN"}, follow=True)
    assert "revenu en règle" in answer.text
    assert state(procedure.case) == "WITHDRAWN"
    assert not Letter.objects.exists()


def test_a_case_is_held_taken_up_again_and_withdrawn_with_reasons(procedure: Procedure) -> None:
    for name in ("suspendre", "retirer"):
        assert act(procedure.case, name, reason=" ").status_code == 409
    for name, becomes in (("suspendre", "HELD"), ("reprendre", "OPEN"), ("retirer", "WITHDRAWN")):
        assert act(procedure.case, name, reason="vu avec eux").status_code == 303
        assert state(procedure.case) == becomes
    assert "close" in as_role("auditor").get(f"{CASES}{procedure.case.pk}/").text


def test_a_reminder_that_told_of_the_same_cover_is_the_notice(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the ledger's proof: where no mail left, a letter is asked for."""
    on(monkeypatch, OPENED)
    procedure = Procedure(lapsed())
    procedure.open(OPENED)
    refused = act(procedure.case, "relance")
    assert refused.status_code == 409
    assert "adressez l’avis par lettre" in refused.text
    mailed(procedure)
    assert act(procedure.case, "relance").status_code == 303
    assert (state(procedure.case), CaseProof.objects.get().happened_on) == ("NOTICE", MAILED_ON)


def test_another_person_publishes(monkeypatch: pytest.MonkeyPatch) -> None:
    """I11 on the page: fails without the second person in `publish_case`."""
    members()
    procedure = Procedure(lapsed())
    procedure.told(date(2027, 6, 7))
    on(monkeypatch, date(2027, 6, 8))
    case = procedure.case
    assert act(case, "publier", "registry_officer").status_code == 403
    administrator = as_role("administrator")
    assert "Publier la suppression" in administrator.get(f"{CASES}{case.pk}/").text
    User.objects.filter(username="pierre").update(is_superuser=True, is_staff=True)
    opener = as_role("auditor", "pierre")
    assert "une autre personne la publie" in opener.get(f"{CASES}{case.pk}/").text
    refused = opener.post(f"{CASES}{case.pk}/publier/", {"state": "LETTER"})
    assert refused.status_code == 409
    assert act(case, "publier", "administrator").status_code == 303
    assert Registration.objects.get(pk=procedure.registration.pk).removed_on == date(2027, 6, 8)


def test_who_may_only_look_does_nothing(procedure: Procedure) -> None:
    for name in ("avis", "suspendre", "retirer", "preuve", "publier"):
        assert act(procedure.case, name, "hotline_agent", reason="x").status_code == 403
    assert as_role("hotline_agent").get(f"{CASES}ouvrir/").status_code == 403
    assert act(procedure.case, "effacer", reason="x").status_code == 404
    assert as_role("auditor").get(f"{CASES}987654/").status_code == 404
    assert as_role("auditor").get(f"{CASES}lettres/X.pdf").status_code == 404


@pytest.mark.django_db(transaction=True)
def test_a_case_and_the_list_cost_ten_queries_at_most_with_the_common_facts_kept() -> None:
    raw_letter(raw_case(lapsed()))
    mine = raw_case(lapsed(), ground="NOT_FILED", year=2027)
    raw_letter(mine)
    client = as_role("auditor")
    for path in (CASES, f"{CASES}{mine.pk}/"):
        client.get(path)
        with CaptureQueriesContext(connection) as asked:
            assert client.get(path).status_code == 200
        assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)
