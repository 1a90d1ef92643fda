"""The hotline's desk: whoever calls is found, and what is said is true."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from registry.models import Intermediary
from reminders.models import Notice
from reminders.rules.states import NoticeState
from tests.factories import (
    CallFactory,
    ComplaintFactory,
    CoverFactory,
    IntermediaryFactory,
    NoticeFactory,
    RegistrationFactory,
    reach,
)
from tests.web.stage import Page, checked, signed_in

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
ITEM = {
    "kind": "RC_PRO",
    "categories": ["COA"],
    "state": "DUE",
    "term": "2026-02-28",
    "due_on": "2026-02-28",
    "wave": "D-30",
}


@pytest.fixture
def durand() -> Intermediary:
    durand = IntermediaryFactory(
        orias_number="08000041",
        siren="552100554",
        name="Cabinet Durand",
        email="durand@example.org",
        phone_e164="+590690123456",
        phone_key="690123456",
        town="Lyon",
    )
    RegistrationFactory(intermediary=durand)
    CoverFactory(intermediary=durand, imported=True)
    return durand


def screen(q: str, **more: str) -> str:
    client = signed_in("hotline_agent", f"agent {q} {more}")
    return plain(client.get("/assistance/", {"q": q} | more))


def plain(answer: Any) -> str:
    assert answer.status_code == 200
    return str(answer.text).replace("\u00a0", " ").replace("&nbsp;", " ")


def whole(number: str) -> str:
    """The file of a caller who has proved who they are."""
    client = signed_in("hotline_agent", f"agent {number}")
    checked(client, number)
    return plain(client.get("/assistance/", {"q": number}))


PUBLIC = ("Cabinet Durand", "inscrit comme COA", "Lyon", "il me faut deux de ces éléments")
PRIVATE = (
    "À compléter",
    "Il nous manque l’attestation de responsabilité civile professionnelle",
    "28 février 2026",
    "durand@example.org",
    "+590690123456",
)


@pytest.mark.parametrize("q", ["08000041", "552 100 554", "0690 12 34 56", "durand@example.org", "durand", "durrand"])
def test_a_caller_is_found_by_whatever_is_said(durand: Intermediary, q: str) -> None:
    text = screen(q)
    assert [said for said in PUBLIC if said not in text] == []


def test_private_facts_are_sent_once_the_caller_is_checked_and_not_before(durand: Intermediary) -> None:
    """Fails where the whole screen is rendered and hidden."""
    reach(NoticeFactory(intermediary=durand, items=[ITEM]), NoticeState.ACCEPTED)
    CallFactory(intermediary=durand, note="a parlé de son divorce")
    ComplaintFactory(intermediary=durand)
    secrets = (*PRIVATE, "divorce", "/pourquoi/", "Réclamation en cours")
    before = screen("08000041")
    assert [said for said in secrets if said in before] == []
    after = whole("08000041")
    assert [said for said in secrets if said not in after] == []


def test_several_are_picked_by_a_key_and_one_of_them_is_shown(durand: Intermediary) -> None:
    for n in range(6):
        RegistrationFactory(intermediary=IntermediaryFactory(orias_number=f"0900000{n}", name=f"Cabinet Martin {n}"))
    found = Page(screen("cabinet"))
    picks = [a["data-pick"] for a in found.all("a") if "data-pick" in a]
    assert picks == ["1", "2", "3", "4", "5"]
    assert "À lire" in screen("cabinet", n="08000041")
    assert "À lire" not in screen("cabinet", n="99999999")


def test_the_last_three_messages_are_told_with_what_they_asked_and_lead_to_why(durand: Intermediary) -> None:
    for n in range(4):
        batch_day = {"discharges": None} if n else {}
        state = NoticeState.ACCEPTED if n == 0 else NoticeState.REFUSED
        notice = reach(NoticeFactory(intermediary=durand, items=[ITEM], **batch_day), state)
        Notice.objects.filter(pk=notice.pk).update(settled_at=datetime(2026, 1, 20 + n, 9, tzinfo=UTC))
    text = whole("08000041")
    assert text.count("/pourquoi/") == 3
    assert "RC Pro COA au plus tard le 28/02/2026" in text
    assert "23 janvier 2026" in text


def test_the_last_message_that_left_is_in_what_is_read_aloud_whatever_never_left_after_it(
    durand: Intermediary,
) -> None:
    """Fails where what was cancelled, or is only planned, is among the last three: no caller has seen it."""
    notice = reach(NoticeFactory(intermediary=durand, items=[ITEM]), NoticeState.ACCEPTED)
    Notice.objects.filter(pk=notice.pk).update(settled_at=datetime(2026, 1, 20, 9, tzinfo=UTC))
    for _ in range(3):
        reach(NoticeFactory(intermediary=durand, items=[ITEM], discharges=None), NoticeState.CANCELLED)
    text = whole("08000041")
    assert text.count("/pourquoi/") == 1
    assert "Un rappel vous a été envoyé le 20 janvier" in text


def test_a_complete_file_is_told_so(durand: Intermediary) -> None:
    CoverFactory(intermediary=durand, renewed=True)
    text = whole("08000041")
    assert "Votre dossier est en règle" in text
    assert "En règle" in text


EMPTY = [("", "Tapez ce que dit"), ("ab", "Trop court"), ("introuvable", "Personne au registre")]


@pytest.mark.parametrize(("q", "said"), EMPTY)
def test_an_empty_screen_says_why(q: str, said: str) -> None:
    assert said in screen(q)


def test_single_keys_can_be_switched_off(durand: Intermediary) -> None:
    """WCAG 2.1.4: fails where the script is loaded whatever was chosen."""
    client = signed_in("hotline_agent")
    assert any("desk.js" in address for address in Page(client.get("/assistance/").text).loaded)
    client.get("/affichage/", {"touches": "non", "vers": "/assistance/"})
    assert not any("desk.js" in address for address in Page(client.get("/assistance/").text).loaded)


def test_somebody_who_is_no_longer_registered_is_shown_without_a_paper(durand: Intermediary) -> None:
    IntermediaryFactory(orias_number="08000077", name="Ancien Cabinet", siren="732829320")
    assert "Ancien Cabinet n’est pas inscrit au registre" in screen("08000077")
    assert "Vous n’êtes plus inscrit au registre" in whole("08000077")


@pytest.mark.parametrize(("q", "close"), [("durand", False), ("durandd", True)])
def test_names_that_are_only_alike_are_said_to_be(durand: Intermediary, q: str, close: bool) -> None:
    RegistrationFactory(intermediary=IntermediaryFactory(name="Durand Conseil"))
    told = screen(q)
    assert "2 possibles" in told
    assert ("voici les plus proches" in told) == close
