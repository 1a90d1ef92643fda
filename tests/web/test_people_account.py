"""What an account keeps: API keys shown once, webhooks, the people of a file, and what it was written."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from api.keys import find_key
from api.models import ApiKey, Mandate, WebhookSubscription
from api.webhooks import subscribe
from registry import clock
from reminders.rules.states import NoticeState
from tests.factories import NOW, AffiliationFactory, ContactFactory, NoticeFactory, reach
from tests.web.people import ADDRESS, MINE, Desk, account_for, signed_in_as
from tests.web.test_why import ITEM

pytestmark = pytest.mark.django_db
KEYS, HOOKS, PEOPLE = "/mon-espace/compte/cles/", "/mon-espace/compte/webhooks/", f"/mon-espace/{MINE}/personnes/"
ASKED = {"name": "caisse", "scopes": ["file:read"], "days": "30"}


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def send(client: Client, path: str, **given: Any) -> Any:
    token = re.search(r'name="once" value="([0-9a-f]{32})"', client.get(path).text)
    assert token
    return client.post(path, {"once": token[1]} | given)


def token_in(text: str) -> str:
    found = re.search(r"orl_[a-z2-7]{12}_[A-Za-z0-9_-]{43}", text)
    assert found
    return found[0]


def test_a_key_is_shown_once_and_works(marie: Client, client: Client) -> None:
    made = send(marie, KEYS, **ASKED)
    assert made.status_code == 201
    token = token_in(made.text)
    key = find_key(token)
    assert key is not None
    assert (key.name, key.scopes, (key.expires_at - NOW).days) == ("caisse", ["file:read"], 30)
    assert token not in marie.get(KEYS).text
    answer = client.get(f"/api/v1/intermediaries/{MINE}/", headers={"authorization": f"Bearer {token}"})
    assert answer.status_code == 200


def test_i15_a_form_sent_twice_makes_one_key_and_shows_it_once(marie: Client) -> None:
    form = ASKED | {"once": "0" * 32}
    first, second = marie.post(KEYS, form), marie.post(KEYS, form)
    assert (first.status_code, second.status_code) == (201, 303)
    assert ApiKey.objects.count() == 1


def test_a_key_is_replaced_by_another_of_its_name_and_rights_then_revoked(marie: Client) -> None:
    send(marie, KEYS, **ASKED)
    old = ApiKey.objects.get()
    new = find_key(token_in(send(marie, KEYS, replaces=old.key_id).text))
    assert new is not None
    assert (new.name, new.scopes) == (old.name, old.scopes)
    third = send(marie, KEYS, replaces=old.key_id)
    assert third.status_code == 409
    assert marie.post(f"{KEYS}{old.key_id}/revoquer/").status_code == 303
    old.refresh_from_db()
    assert old.revoked_by == User.objects.get(username=ADDRESS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": " "},
        {"scopes": []},
        {"scopes": ["staff:*"]},
        {"scopes": ["issuer:write"]},
        {"days": "400"},
        {"days": "30.5"},
    ],
)
def test_a_key_that_asks_for_too_much_is_not_made(marie: Client, wrong: dict[str, Any]) -> None:
    """Fails where a page takes any right or lifetime that a form may name."""
    assert send(marie, KEYS, **(ASKED | wrong)).status_code == 409
    assert not ApiKey.objects.exists()


def test_a_webhook_is_subscribed_tested_given_another_secret_and_deleted(marie: Client) -> None:
    assert send(marie, HOOKS, url="https://hooks.example/a", types=["cover.changed", "none.such"]).status_code == 303
    hook = WebhookSubscription.objects.get()
    assert hook.types == ["cover.changed"]
    assert len(re.findall(r"whsec_", marie.get(HOOKS).text)) == 1
    for act in ("essai", "secret", "reprendre"):
        assert marie.post(f"{HOOKS}{hook.pk}/{act}/", {"once": "0" * 32}).status_code == 303
    hook.refresh_from_db()
    assert hook.test_id
    assert len(re.findall(r"whsec_", marie.get(HOOKS).text)) == 2
    for _ in range(2):
        assert marie.post(f"{HOOKS}{hook.pk}/supprimer/", {"once": "0" * 32}).status_code == 303
    assert not WebhookSubscription.objects.exists()


@pytest.mark.parametrize("url", ["", "http://hooks.example/a", "https://127.1/", "https://[::1]/"])
def test_a_webhook_goes_to_the_public_internet_alone(marie: Client, url: str) -> None:
    answer = send(marie, HOOKS, url=url)
    assert answer.status_code == 409
    assert not WebhookSubscription.objects.exists()


def test_the_home_says_that_a_webhook_was_switched_off(marie: Client, desk: Desk) -> None:
    """Nobody is mailed about it; and nothing is said while all are told."""
    home = f"/mon-espace/{MINE}/"
    hook = subscribe(holder=desk.marie, url="https://hooks.example/a", types=[], now=NOW)
    assert "n’est plus averti" not in marie.get(home).text
    WebhookSubscription.objects.filter(pk=hook.pk).update(state="FAILING")
    assert "1 webhook de votre compte est arrêté" in marie.get(home).text
    marie.get("/affichage/?langue=en&vers=/")
    assert "1 webhook of your account is switched off" in marie.get(home).text


def test_a_message_is_shown_with_its_why(marie: Client, desk: Desk) -> None:
    notice = reach(NoticeFactory(intermediary=desk.mine, items=[ITEM]), NoticeState.ACCEPTED)
    reach(NoticeFactory(intermediary=desk.others, items=[ITEM], email="autre@example.org"), NoticeState.ACCEPTED)
    NoticeFactory(intermediary=desk.mine, discharges=None, key="0" * 40)
    text = marie.get(f"/mon-espace/{MINE}/messages/").text
    assert text.count("Pourquoi ce message du") == 1
    assert "autre@example.org" not in text
    link = re.search(r'href="(/pourquoi/[^"]+)"', text)
    assert link
    assert notice.email in text
    assert marie.get(link[1]).status_code == 200


def test_a_colleague_is_invited_by_an_address_and_gets_no_mail(marie: Client, desk: Desk, mailoutbox: Any) -> None:
    assert send(marie, PEOPLE, email=" Paul@Cabinet-Martin.example ").status_code == 303
    mandate = Mandate.objects.get(holder__username="paul@cabinet-martin.example")
    assert (mandate.intermediary, mandate.starts_on) == (desk.mine, date(2026, 1, 29))
    assert not mandate.holder.has_usable_password()
    assert mailoutbox == []
    paul = signed_in_as(mandate.holder)
    assert paul.get(f"/mon-espace/{MINE}/").status_code == 200
    assert "déjà un mandat" in send(marie, PEOPLE, email="paul@cabinet-martin.example").text


@pytest.mark.parametrize("address", ["", "pas une adresse", "officer@registre.example", "closed@cabinet.example"])
def test_nobody_is_invited_by_what_is_no_address_or_is_of_staff(marie: Client, address: str) -> None:
    """Fails without `is_person` in invite, or where a name is taken over: nor is a closed account opened again."""
    User.objects.create(username="officer@registre.example", is_staff=True)
    User.objects.filter(pk=account_for("closed@cabinet.example").pk).update(is_active=False)
    assert send(marie, PEOPLE, email=address).status_code == 409
    assert Mandate.objects.count() == 1


def test_a_file_has_so_many_people(marie: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.views.people_told.MOST_PEOPLE", 1)
    assert send(marie, PEOPLE, email="paul@cabinet.example").status_code == 409


def test_an_access_is_taken_away_at_once_but_never_the_last_one(marie: Client, desk: Desk) -> None:
    paul = account_for("paul@cabinet.example", desk.mine)
    his = Mandate.objects.get(holder=paul)
    hers = Mandate.objects.get(holder=desk.marie)
    assert marie.post(f"{PEOPLE}{his.pk}/fin/").status_code == 303
    assert signed_in_as(paul).get(f"/mon-espace/{MINE}/").status_code == 404
    alone = marie.post(f"{PEOPLE}{hers.pk}/fin/")
    assert alone.status_code == 409
    assert "Plus personne" in alone.text


def test_an_access_given_by_mistake_is_taken_back_before_it_is_used(marie: Client, desk: Desk) -> None:
    """Fails where a mandate given today holds till the evening: whoever has it could invite others meanwhile."""
    send(marie, PEOPLE, email="faux@ailleurs.example")
    mistaken = Mandate.objects.exclude(holder=desk.marie).get()
    assert marie.post(f"{PEOPLE}{mistaken.pk}/fin/").status_code == 303
    stranger = signed_in_as(mistaken.holder)
    assert stranger.get(f"/mon-espace/{MINE}/").status_code == 404
    assert stranger.post(PEOPLE, {"email": "complice@ailleurs.example"}).status_code == 404
    assert "faux@ailleurs.example" not in marie.get(PEOPLE).text


def test_who_leaves_a_file_is_led_to_the_others(marie: Client, desk: Desk) -> None:
    account_for("paul@cabinet.example", desk.mine)
    hers = Mandate.objects.get(holder=desk.marie)
    assert marie.post(f"{PEOPLE}{hers.pk}/fin/").headers["Location"] == "/mon-espace/"


def test_principals_associations_and_contacts_are_shown(marie: Client, desk: Desk) -> None:
    ContactFactory(intermediary=desk.mine, name="Jeanne Comptable")
    body = AffiliationFactory(registration=desk.mine.registrations.first()).body
    text = marie.get(PEOPLE).text
    assert "Jeanne Comptable" in text
    assert body.name in text
