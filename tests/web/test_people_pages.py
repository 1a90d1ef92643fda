"""Every address of the intermediaries' pages: for whom, and for whose file; what it costs and what it loads."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from api.keys import create_key
from api.models import ApiKey, Mandate, WebhookSubscription
from api.scopes import Scope
from api.webhooks import subscribe
from registry import clock
from registry.models import Document, RenewalRequest
from reminders.rules.states import NoticeState
from tests.api.callers import holder_of, staff_in
from tests.factories import NOW, NoticeFactory, reach
from tests.web.people import ABSENT, MINE, OTHERS, Desk, account_for, set_desk, signed_in_as
from tests.web.stage import MOST_QUERIES, Page
from tests.web.test_every_page import require_strict_and_light
from tests.web.test_why import ITEM
from web.people_urls import urlpatterns
from web.sign_in_urls import urlpatterns as doors

pytestmark = pytest.mark.usefixtures("at_nine_thirty")
ONCE = "0" * 32


@dataclass(frozen=True)
class Row:
    """One address: how it is reached, whose (None: of the account), what comes back to its own person."""

    path: Callable[[Desk, str], str]
    of_a_file: bool = True
    method: str = "get"
    done: int = 200


def in_file(rest: str = "") -> Callable[[Desk, str], str]:
    return lambda desk, number: f"/mon-espace/{number}/{rest}"


def at(path: str) -> Callable[[Desk, str], str]:
    return lambda desk, number: path


def paper_of(desk: Desk, number: str) -> str:
    paper = desk.paper if number == MINE else desk.paper_of_others
    return f"/mon-espace/{number}/pieces/{paper.pk}/"


def end_of(desk: Desk, number: str) -> str:
    mandate = Mandate.objects.filter(intermediary__orias_number=number).first()
    return f"/mon-espace/{number}/personnes/{mandate.pk if mandate else 1}/fin/"


ROWS: dict[str, Row] = {
    "mine": Row(at("/mon-espace/"), of_a_file=False, done=302),
    "start_over": Row(at("/mon-espace/connexion/recommencer/"), False, "post", 303),
    "leave": Row(at("/mon-espace/deconnexion/"), False, "post", 302),
    "account": Row(at("/mon-espace/compte/"), False),
    "passkeys": Row(at("/mon-espace/compte/acces/"), False),
    "remove_passkey": Row(at("/mon-espace/compte/acces/1/retirer/"), False, "post", 403),
    "my_keys": Row(at("/mon-espace/compte/cles/"), False),
    "revoke_my_key": Row(at("/mon-espace/compte/cles/absent/revoquer/"), False, "post", 404),
    "my_webhooks": Row(at("/mon-espace/compte/webhooks/"), False),
    "my_webhook_act": Row(at("/mon-espace/compte/webhooks/1/essai/"), False, "post", 404),
    "my_file": Row(in_file()),
    "my_papers": Row(in_file("pieces/")),
    "my_deposit": Row(in_file("pieces/deposer/")),
    "my_paper": Row(paper_of),
    "my_renewal": Row(in_file("renouvellement/")),
    "my_changes": Row(in_file("renouvellement/changer/")),
    "my_check": Row(in_file("renouvellement/verifier/")),
    "my_receipt": Row(in_file("renouvellement/recu/"), done=404),
    "my_messages": Row(in_file("messages/")),
    "my_people": Row(in_file("personnes/")),
    "end_my_mandate": Row(end_of, method="post", done=409),
}
OPEN_TO_ALL = {"start_over", "leave"}
FILES = {name: row for name, row in ROWS.items() if row.of_a_file}
SHOWN = {name: row for name, row in ROWS.items() if row.method == "get" and row.done == 200}


def call(client: Client, row: Row, desk: Desk, number: str = MINE, method: str = "") -> Any:
    return getattr(client, method or row.method)(row.path(desk, number))


def test_every_address_has_its_row() -> None:
    """Fails where an address is added without one."""
    assert {pattern.name for pattern in urlpatterns} == set(ROWS)
    assert {pattern.name for pattern in doors} == {
        "account_login", "account_request_login_code", "account_confirm_login_code", "mfa_login_webauthn"
    }  # fmt: skip


def test_i14_each_page_opens_for_its_own_file_and_any_other_is_as_if_absent(desk: Desk) -> None:
    """Fails where a page takes its file from anywhere but `find_file`."""
    marie = desk.client
    holder_of(desk.others, name="somebody-else")
    for name, row in FILES.items():
        assert call(marie, row, desk).status_code == row.done, name
        for method in ("get", "post"):
            others, absent = (call(marie, row, desk, number, method) for number in (OTHERS, ABSENT))
            assert (others.status_code, absent.status_code) in {(404, 404), (405, 405)}, (name, method)
            if others.status_code == 404:
                assert without_address(others.text) == without_address(absent.text), name


def without_address(text: str) -> str:
    """A page but for its own address, to which the choice of a language leads back."""
    return re.sub(r"vers=[^\"]+", "", text)


def test_i14_a_paper_of_another_file_is_absent_in_ones_own(desk: Desk) -> None:
    marie = desk.client
    for method in ("get", "post"):
        answer = getattr(marie, method)(f"/mon-espace/{MINE}/pieces/{desk.paper_of_others.pk}/")
        assert answer.status_code == 404


def test_the_pages_of_an_account_open_for_it(desk: Desk) -> None:
    for name, row in ROWS.items():
        if not row.of_a_file:
            assert call(desk.client, row, desk).status_code == row.done, name


def test_who_is_not_signed_in_is_asked_to_be(client: Client, desk: Desk) -> None:
    for name, row in ROWS.items():
        if name not in OPEN_TO_ALL:
            answer = call(client, row, desk)
            assert answer.headers["Location"].startswith("/mon-espace/connexion/?next=/mon-espace/"), name


@pytest.mark.parametrize("role", ["registry_officer", "administrator"])
def test_staff_have_pages_of_their_own(desk: Desk, role: str) -> None:
    """Nobody decides on a file that she also files for."""
    officer = Client()
    officer.force_login(staff_in(role))
    for name, row in ROWS.items():
        if name not in OPEN_TO_ALL:
            assert call(officer, row, desk).headers["Location"] == "/espace/", name


def test_a_mandate_that_has_ended_opens_nothing(desk: Desk) -> None:
    Mandate.objects.update(ends_on=clock.local_day(NOW).replace(day=28))
    assert desk.client.get(f"/mon-espace/{MINE}/").status_code == 404
    assert "Aucun dossier" in desk.client.get("/mon-espace/").text


def test_whoever_acts_for_several_files_chooses(desk: Desk) -> None:
    marie = signed_in_as(account_for("deux@cabinet.example", desk.mine, desk.others))
    text = marie.get("/mon-espace/").text
    assert f'href="/mon-espace/{MINE}/"' in text
    assert f'href="/mon-espace/{OTHERS}/"' in text


def fill(desk: Desk) -> None:
    """Something on every page."""
    reach(NoticeFactory(intermediary=desk.mine, items=[ITEM]), NoticeState.ACCEPTED)
    create_key(holder=desk.marie, name="caisse", scopes=[Scope.FILE_READ], by=desk.marie, now=NOW)
    subscribe(holder=desk.marie, url="https://hooks.example/a", types=[], now=NOW)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_every_page_is_strict_and_light_in_both_languages(desk: Desk, language: str) -> None:
    """No style, script or handler in it; all it loads is ours; 150 kB at most; each field has its label."""
    fill(desk)
    marie = desk.client
    marie.cookies["langue"] = language
    for name, row in SHOWN.items():
        text = call(marie, row, desk).text
        require_strict_and_light(name, text)
        assert f'<html lang="{language}"' in text
    require_strict_and_light("door", Client().get("/mon-espace/connexion/").text)


@pytest.mark.django_db(transaction=True)
def test_every_page_costs_ten_queries_at_most_with_the_common_facts_kept() -> None:
    """Outside a transaction, as in use: `registry.kept` keeps nothing inside one."""
    desk = set_desk()
    fill(desk)
    marie = desk.client
    marie.get(f"/mon-espace/{MINE}/")
    for name, row in SHOWN.items():
        with CaptureQueriesContext(connection) as asked:
            assert call(marie, row, desk).status_code == 200
        assert len(asked) <= MOST_QUERIES, name + "\n".join(q["sql"][:150] for q in asked)


def test_no_page_is_kept_by_a_browser(desk: Desk) -> None:
    for name, row in SHOWN.items():
        answer = call(desk.client, row, desk)
        assert "no-store" in answer.headers["Cache-Control"], name


def test_every_act_is_a_post_with_its_token(desk: Desk) -> None:
    """Fails where a view is exempt from the middleware against forged posts, uploads included."""
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = desk.client.cookies
    for name, row in ROWS.items():
        assert call(strict, row, desk, method="post").status_code in {403, 405}, name
    assert not RenewalRequest.objects.exclude(state="OPEN").exists()
    assert Document.objects.count() == 2


def test_i14_keys_and_webhooks_of_somebody_else_are_absent(desk: Desk) -> None:
    other = account_for("autre@cabinet.example")
    key, _ = create_key(holder=other, name="caisse", scopes=[Scope.FILE_READ], by=other, now=NOW)
    hook = subscribe(holder=other, url="https://hooks.example/b", types=[], now=NOW)
    marie, account = desk.client, "/mon-espace/compte"
    assert marie.post(f"{account}/cles/{key.key_id}/revoquer/").status_code == 404
    assert marie.post(f"{account}/cles/", {"once": ONCE, "replaces": key.key_id}).status_code == 404
    for act in ("secret", "essai", "reprendre", "supprimer"):
        assert marie.post(f"{account}/webhooks/{hook.pk}/{act}/", {"once": ONCE}).status_code == 404
    assert marie.post(f"{account}/webhooks/{hook.pk}/autre/", {"once": ONCE}).status_code == 404
    assert ApiKey.objects.get().revoked_at is None
    assert WebhookSubscription.objects.get().test_id == ""
    for page in ("cles", "webhooks"):
        text = marie.get(f"{account}/{page}/").text
        assert key.key_id not in text
        assert "hooks.example/b" not in text


def test_a_closed_account_opens_nothing(desk: Desk) -> None:
    marie = desk.client
    User.objects.filter(pk=desk.marie.pk).update(is_active=False)
    assert marie.get(f"/mon-espace/{MINE}/").status_code == 302


def test_every_link_of_every_page_leads_somewhere(desk: Desk) -> None:
    fill(desk)
    marie = desk.client
    seen: set[str] = set()
    for row in SHOWN.values():
        links = {str(a["href"]).partition("#")[0] for a in Page(call(marie, row, desk).text).all("a")}
        for link in sorted(link for link in links - seen if link.startswith("/") and "/affichage/" not in link):
            # Staff and the API ask who one is; all others are there.
            assert marie.get(link).status_code in {200, 302}, link
        seen |= links
