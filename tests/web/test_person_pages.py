"""The page of one intermediary: everything of it now, for another day, and as it was known at a past instant."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from hotline.board import day_load
from hotline.desk import line_facts
from hotline.models import LookUp
from registry import actions, clock
from registry.models import Intermediary
from registry.past import kept as known_now
from tests.factories import (
    CallFactory,
    ComplaintFactory,
    ContactFactory,
    IntermediaryFactory,
    RenewalRequestFactory,
)
from tests.reminders.scenes import DAY
from tests.web.staff_stage import a_paper
from tests.web.stage import MOST_QUERIES, NUMBER, set_stage, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]


def path(number: str = NUMBER, query: str = "") -> str:
    return f"/espace/dossiers/{number}/{query}"


def plain(answer: Any) -> str:
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ").replace("\u202f", " ")


def full_file() -> Intermediary:
    """Somebody of whom every section has something to say."""
    durand = set_stage().durand
    ContactFactory(intermediary=durand, name="Camille Martin")
    CallFactory(intermediary=durand)
    ComplaintFactory(intermediary=durand)
    RenewalRequestFactory(registration=durand.registrations.get(category="COA"))
    return durand


def test_the_page_tells_everything_of_one() -> None:
    durand = full_file()
    user = User.objects.create(username="alice")
    actions.change_contact(by=user, why="appel du cabinet", day=DAY, intermediary=durand, town="Nantes")
    text = plain(signed_in("hotline_agent").get(path()))
    for said in (
        "Cabinet Durand &amp; &lt;Fils&gt;",
        "À compléter",
        "Camille Martin",
        "<dt>Appels</dt><dd>1</dd>",
        "dont 1 en cours",
        "COA 2026",
        "Les couvertures dans le temps",
        "Relance du 29 janvier 2026 : pourquoi",
        "Fiche",
        '<td>alice</td><td lang="fr">appel du cabinet</td>',
        "R-2025-00001",
    ):
        assert said in text, said


@pytest.mark.parametrize("query", ["", "?jour=2026-03-02"])
def test_that_the_page_was_opened_is_kept_and_is_no_load_of_the_line(query: str) -> None:
    """Fails without `_keep`: what is looked at here could be looked at unseen."""
    durand = full_file()
    signed_in("registry_officer").get(path(query=query))
    kept_of = LookUp.objects.get()
    assert (kept_of.intermediary, kept_of.purpose, kept_of.checked_at) == (durand, "FILE", None)
    assert line_facts(clock.now()).look_ups == 0
    assert {piece.look_ups for piece in day_load(clock.now())} == {0}


def test_an_extra_agent_has_the_desk_and_not_this_page() -> None:
    """Fails without `SEE_PAPERS`: the caller's check could be gone round."""
    set_stage()
    assert signed_in("hotline_extra").get(path()).status_code == 403


def test_what_happened_is_told_the_latest_first() -> None:
    """Fails without `order_by` in the chronicle: a union has no order of its own."""
    durand = set_stage().durand
    long_ago = datetime(2010, 1, 1, tzinfo=UTC)
    CallFactory(intermediary=durand, started_at=long_ago, entered_at=long_ago)
    ComplaintFactory(intermediary=durand, entered_at=datetime(2099, 1, 1, tzinfo=UTC))
    text = signed_in("auditor").get(path()).text
    assert text.index("Réclamation</th>") < text.index("Inscription</th>") < text.index("Appel</th>")


def test_nothing_of_another_is_on_the_page() -> None:
    """Fails without the owner in any of the chronicle's sources or of the counts."""
    set_stage()
    other = a_paper().intermediary
    for make in (CallFactory, ComplaintFactory, ContactFactory):
        make(intermediary=other)
    text = plain(signed_in("auditor").get(path("08000042")))
    assert "<dt>Appels</dt><dd>0</dd>" in text
    assert "<dt>Documents</dt><dd>0</dd>" in text
    assert "attestation.pdf" not in text
    assert "R-2025" not in text
    for what in ("Appel", "Document", "Attestation", "Réclamation"):
        assert text.count(f">{what}</th>") == (what == "Attestation"), what
    assert "Camille Martin" not in text


def test_another_day_is_judged_by_what_is_known_now() -> None:
    set_stage()
    text = plain(signed_in("auditor").get(path(query="?jour=2026-03-10")))
    assert "Jugé pour le <strong>10 mars 2026</strong>" in text
    assert "En retard" in text


@pytest.mark.django_db(transaction=True)
def test_a_past_instant_is_told_as_it_was_known() -> None:
    """Fails where the page shows the rows of now: the address has changed since."""
    durand = set_stage().durand
    then = {"connu": known_now().now.isoformat(), "jour": "2026-01-29"}
    actions.change_contact(by=None, why="x", day=DAY, intermediary=durand, email="nouvelle@example.org")
    client = signed_in("auditor")
    with CaptureQueriesContext(connection) as asked:
        text = plain(client.get(path(), then))
    assert "durand@example.org" in text
    assert "nouvelle@example.org" not in text
    assert "Ce que le registre savait le" in text
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("?connu=2000-01-01", "L’historique commence"),
        ("?connu=2900-01-01", "Nul ne sait"),
        ("?connu=hier", "n’est ni un jour ni un instant"),
        ("?jour=demain", "n’est ni un jour ni un instant"),
        ("?jour=0001-01-01", "entre les années 1900 et 2199"),
        ("?jour=9999-12-31", "entre les années 1900 et 2199"),
    ],
)
def test_a_moment_that_cannot_be_told_is_refused_in_words(query: str, said: str) -> None:
    set_stage()
    answer = signed_in("auditor").get(path(query=query))
    assert answer.status_code == 409
    assert said in plain(answer)
    assert "À compléter" in answer.text


def test_who_is_not_at_the_register_is_not_found() -> None:
    set_stage()
    client = signed_in("auditor")
    assert client.get(path("99999999")).status_code == 404
    today = clock.local_day(datetime.now(UTC)).isoformat()
    assert client.get(path("99999999", f"?connu={today}")).status_code == 404


def test_a_search_leads_to_the_only_one_found_or_lists_them() -> None:
    set_stage()
    client = signed_in("auditor")
    assert client.get("/espace/dossiers/?q=durand").headers["Location"] == path()
    assert path("08000042") in client.get("/espace/dossiers/?q=cabinet").text
    assert "Personne au registre" in client.get("/espace/dossiers/?q=introuvable").text
    assert "Trop court" in client.get("/espace/dossiers/?q=x").text


def test_a_merged_number_leads_to_the_one_it_is_now() -> None:
    durand = set_stage().durand
    IntermediaryFactory(orias_number="08000052", merged_into=durand)
    client = signed_in("auditor")
    assert "Ce numéro est fusionné" in client.get(path("08000052")).text
    assert "Anciens numéros" in client.get(path()).text


@pytest.mark.django_db(transaction=True)
def test_the_page_costs_ten_queries_at_most_with_the_common_facts_kept() -> None:
    """Outside a transaction, as in use: `registry.kept` keeps nothing inside one."""
    full_file()
    client = signed_in("auditor")
    client.get(path())
    with CaptureQueriesContext(connection) as asked:
        assert client.get(path()).status_code == 200
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)
