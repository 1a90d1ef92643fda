"""The page « pourquoi ce message » : no login, no call, no more than the message said and what stands now."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.models import Intermediary
from reminders.messages.links import why_token
from reminders.models import Batch, Notice
from reminders.rules.identity import recall_key
from reminders.rules.states import NoticeState
from tests.factories import (
    BatchFactory,
    CoverFactory,
    IntermediaryFactory,
    NoticeFactory,
    RegistrationFactory,
    reach,
)

pytestmark = pytest.mark.django_db
ITEM = {
    "kind": "RC_PRO",
    "categories": ["COA"],
    "state": "DUE",
    "term": "2026-02-28",
    "due_on": "2026-02-28",
    "wave": "D-30",
}


@pytest.fixture(autouse=True)
def _a_day_in_february(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 2, 3, 9, tzinfo=UTC))


@pytest.fixture
def somebody() -> Intermediary:
    somebody = IntermediaryFactory(orias_number="08000051", name="Cabinet Martin", email="martin@example.org")
    RegistrationFactory(intermediary=somebody)
    CoverFactory(intermediary=somebody, policy="POLICE-SECRETE", issuer="Assureur Caché")
    return somebody


def mailed(somebody: Intermediary, state: NoticeState = NoticeState.ACCEPTED, **values: Any) -> Notice:
    notice = reach(NoticeFactory(intermediary=somebody, **({"items": [ITEM]} | values)), state)
    Notice.objects.filter(pk=notice.pk).update(settled_at=datetime(2026, 1, 31, 23, 30, tzinfo=UTC))
    return notice


def read(client: Client, notice: Notice) -> str:
    answer = client.get(f"/pourquoi/{why_token(notice.key)}/")
    assert answer.status_code == 200
    return answer.text.replace("\u00a0", " ").replace("&nbsp;", " ")


def test_it_tells_when_what_by_which_rule_and_what_stands_now(client: Client, somebody: Intermediary) -> None:
    text = read(client, mailed(somebody))
    for said in (
        "Le 1er février 2026, un rappel est parti vers l’intermédiaire n° 08000051",
        "Vous n’avez pas besoin d’appeler",
        "À compléter",
        "celle qui finit le 28 février 2026",
        "à déposer au plus tard le 28 février 2026",
        "étape qui commence 30 jours avant le 28 février 2026",
        "CA L512-6, R512-14 et A512-4",
    ):
        assert said in text


def test_it_shows_the_file_as_it_is_now_not_as_it_was(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody)
    CoverFactory(intermediary=somebody, renewed=True)
    text = read(client, notice)
    assert "En règle" in text
    assert "Rien ne vous est demandé" in text
    assert "À renouveler" in text  # the state found then


def test_a_paper_that_waits_for_us_asks_for_nothing(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody)
    CoverFactory(intermediary=somebody, renewed=True, deposited=True)
    assert "c’est à nous de les contrôler" in read(client, notice)


@pytest.mark.parametrize(
    ("state", "said"),
    [
        (NoticeState.UNCERTAIN, "un rappel est peut-être parti"),
        (NoticeState.REFUSED, "n’est pas parti (refusé par le serveur)"),
        (NoticeState.CANCELLED, "n’est pas parti (annulé)"),
        (NoticeState.PLANNED, "n’est pas parti (prévu)"),
    ],
)
def test_what_became_of_the_message_is_told_honestly(
    client: Client, somebody: Intermediary, state: NoticeState, said: str
) -> None:
    assert said in read(client, mailed(somebody, state))


def test_of_two_notices_with_one_identity_the_one_that_left_is_told(client: Client, somebody: Intermediary) -> None:
    mailed(somebody, NoticeState.CANCELLED, batch=BatchFactory(as_of=date(2026, 1, 20)))
    sent = mailed(somebody, NoticeState.ACCEPTED)
    mailed(somebody, NoticeState.CANCELLED, discharges=None)
    assert "est parti vers" in read(client, sent)


def test_nothing_is_shown_that_the_message_did_not_say(client: Client, somebody: Intermediary) -> None:
    text = read(client, mailed(somebody))
    for secret in ("martin@example.org", "Cabinet Martin", "SECRETE", "Caché"):
        assert secret not in text


def test_english_is_spoken_to_those_who_chose_it(client: Client, somebody: Intermediary) -> None:
    Intermediary.objects.update(language="en")
    text = read(client, mailed(somebody))
    assert '<html lang="en">' in text
    assert "On 1 February 2026 a reminder left" in text
    assert "You need not call" in text
    assert "begins 30 days before 28 February 2026" in text


CHANGES: list[Callable[[str], str]] = [
    lambda token: token[:-1],
    lambda token: ("1" if token[0] == "0" else "0") + token[1:],
    lambda token: token + ".x",
    lambda token: token.split(".")[0],
    lambda token: "faux",
]


@pytest.mark.parametrize("change", CHANGES)
def test_a_token_that_was_changed_opens_nothing(
    client: Client, somebody: Intermediary, change: Callable[[str], str]
) -> None:
    """Fails if the signature were not checked."""
    token = why_token(mailed(somebody).key)
    assert client.get(f"/pourquoi/{token}/").status_code == 200
    assert client.get(f"/pourquoi/{change(token)}/").status_code == 404


def test_a_token_without_a_notice_opens_nothing(client: Client) -> None:
    assert client.get(f"/pourquoi/{why_token('a' * 40)}/").status_code == 404


def test_its_address_is_told_to_no_cache_no_other_site_and_no_search_engine(
    client: Client, somebody: Intermediary
) -> None:
    headers = client.get(f"/pourquoi/{why_token(mailed(somebody).key)}/").headers
    assert "no-store" in headers["Cache-Control"]
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "noindex" in headers["X-Robots-Tag"]


def test_it_reads_no_session_and_costs_seven_queries(
    client: Client, somebody: Intermediary, django_assert_num_queries: Any
) -> None:
    path = f"/pourquoi/{why_token(mailed(somebody).key)}/"
    with django_assert_num_queries(7):
        client.get(path)


def test_items_that_came_along_without_a_wave_are_shown_too(client: Client, somebody: Intermediary) -> None:
    notice = mailed(somebody, items=[ITEM, ITEM | {"kind": "FINANCIAL_GUARANTEE", "state": "MISSING", "wave": None}])
    text = read(client, notice)
    assert "Garantie financière (COA)" in text
    assert text.count("étape qui") == 1


# --- corrections -------------------------------------------------------------------------------------------


def a_correction(
    bad: Notice, recall_class: str = "COMPLETE", state: NoticeState = NoticeState.ACCEPTED, **values: Any
) -> Notice:
    """The notice that corrects one that was got; its batch gone wrong has ended."""
    Batch.objects.filter(pk=bad.batch_id, state="DRAFT").update(state="CANCELLED")
    recall = BatchFactory(kind="RECALL", corrects=bad.batch)
    key = recall_key(bad.key)
    given = {"batch": recall, "corrects": bad, "email": bad.email, "key": key, "discharges": None, "items": []}
    notice = reach(NoticeFactory(intermediary=bad.intermediary, recall_class=recall_class, **given | values), state)
    Notice.objects.filter(pk=notice.pk).update(settled_at=datetime(2026, 2, 2, 9, tzinfo=UTC))
    return notice


def test_a_correction_says_which_message_it_corrects_and_leads_there(client: Client, somebody: Intermediary) -> None:
    bad = mailed(somebody)
    text = read(client, a_correction(bad))
    for said in (
        "Le 2 février 2026, un rectificatif est parti vers l’intermédiaire n° 08000051",
        f'Il rectifie le <a href="/pourquoi/{why_token(bad.key)}/">message du 1er février 2026</a>',
        "Votre dossier aujourd’hui",
        "reçoit un rectificatif, une seule fois, à la même adresse",
    ):
        assert said in text
    assert "on ne peut pas s’en désabonner" not in text


def test_a_message_gone_wrong_says_that_it_was_corrected(client: Client, somebody: Intermediary) -> None:
    bad = mailed(somebody)
    assert "rectifié" not in read(client, bad)
    correction = a_correction(bad)
    text = read(client, bad)
    assert f'<a href="/pourquoi/{why_token(correction.key)}/">rectificatif</a> l’a suivi le 2 février 2026' in text


def test_a_correction_that_did_not_leave_is_said_to_nobody_but_who_asks_for_it(
    client: Client, somebody: Intermediary
) -> None:
    bad = mailed(somebody)
    correction = a_correction(bad, state=NoticeState.SKIPPED)
    assert "rectifié" not in read(client, bad)
    assert "Ce rectificatif, préparé pour le" in read(client, correction)
    assert "n’est pas parti (écarté)" in read(client, correction)


def test_a_correction_that_told_nothing_of_the_file_leads_to_a_page_that_tells_nothing(
    client: Client, somebody: Intermediary
) -> None:
    """Fails without `tells_file`: the address may be somebody else's now."""
    bad = mailed(somebody)
    text = read(client, a_correction(bad, "OTHER"))
    assert "Il rectifie le message du 1er février 2026" in text
    assert "Votre dossier aujourd’hui" not in text
    assert why_token(bad.key) not in text


def test_what_a_correction_asked_for_is_shown(client: Client, somebody: Intermediary) -> None:
    text = read(client, a_correction(mailed(somebody), "DUE", items=[ITEM | {"wave": None, "discharged": False}]))
    assert "Ce que disait le rectificatif" in text
    assert "celle qui finit le 28 février 2026" in text


def test_the_page_of_a_correction_in_english(client: Client, somebody: Intermediary) -> None:
    Intermediary.objects.filter(pk=somebody.pk).update(language="en")
    bad = mailed(somebody)
    text = read(client, a_correction(bad))
    assert "a correction left for intermediary" in text
    assert "one correction, once, at the same address" in text
    assert "was corrected" in read(client, bad)
