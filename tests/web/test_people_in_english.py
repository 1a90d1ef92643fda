"""Whoever reads English reads no French on the pages of intermediaries: found by walking the source and the pages."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from api.english import LITERAL, TEXTS, told
from registry import clock
from registry.rules.contact import read_contact
from registry.rules.problems import Problem
from registry.rules.text import _REASONS
from tests.factories import NOW, DocumentFactory
from tests.reaching import modules_under, reached, template
from tests.web.people import MINE, Desk
from tests.web.test_people_pages import SHOWN, fill
from web.people import words

PAGES = ("web/views/people_*.py", "web/people/*.py")
WAYS = reached(modules_under(*PAGES))
OF_PROBLEMS = {("registry.actions.files", "_checked")}
"""Raises what a parser said of a field, which the pages ask beforehand: its code is looked for below."""
FRENCH = re.compile(r"[àâçèéêëîïôöùûœÀÇÉÈ«»]|\b(?:le|la|les|des|une|du|vous|votre|est|pas|ce|cette|aucun|aucune)\b")


def plain(text: str | None) -> str:
    return (text or "").replace("\u00a0", " ").replace("\u202f", " ")


def calls(*names: str) -> Iterator[tuple[tuple[str, str], ast.Call]]:
    """Whatever the pages can come to that calls one of these."""
    for place, node in WAYS.items():
        for one in ast.walk(node):
            if isinstance(one, ast.Call) and isinstance(one.func, ast.Name) and one.func.id in names:
                yield place, one


def refused() -> Iterator[tuple[tuple[str, str], str | None]]:
    """The texts of all refusals, and of what is put into them; None for one that is no text."""
    for place, call in calls("RegisterError", "BadTargetError"):
        if not (isinstance(call.args[0], ast.Call) and getattr(call.args[0].func, "id", "") == "said"):
            yield place, template(call.args[0])
    for place, node in WAYS.items():
        if place[1] == "_refusal":
            told = (one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value)
            yield from ((place, text) for one in told if (text := template(one)))


def test_the_walk_sees_what_pages_come_to() -> None:
    """Fails where the walk would lose its way: these lie two and three modules away."""
    places = {place for place, _ in refused()}
    assert {("registry.actions.documents", "require_room"), ("api.webhook_addresses", "read_target")} <= places
    assert ("registry.actions.cases", "open_case") not in WAYS


def test_every_refusal_that_a_page_can_come_to_has_its_english() -> None:
    """Fails for a refusal that is written tomorrow: add its English to api.english."""
    missing = [(place, text) for place, text in refused() if plain(text) not in TEXTS and place not in OF_PROBLEMS]
    assert missing == []


def test_every_fault_of_a_field_has_its_english() -> None:
    codes = {code for code, _ in _REASONS.values()}
    codes |= {
        str(call.args[1].value) for _, call in calls("problem") if isinstance(call.args[1], ast.Constant)
    }  # fmt: skip
    assert {"date_year", "email_no_at", "nul_character"} <= codes
    assert codes <= set(words.ENGLISH)


@pytest.mark.parametrize("french", sorted({text for _, text in refused() if text}))
def test_a_refusal_is_told_in_the_language_of_the_page(french: str) -> None:
    """Each value in its place; the English has no word of French."""
    values = [f"V{n}" for n in range(french.count("{}"))]
    said = french.format(*values)
    assert told(said) == said
    if plain(french) in TEXTS and len(plain(french)) >= LITERAL:
        with translation.override("en"):
            english = told(said)
        assert english == TEXTS[plain(french)].format(*values)
        assert not FRENCH.search(english)


def test_what_stands_in_a_refusal_is_told_in_english_too() -> None:
    refused_twice = "08000051 COA\u00a0: cette demande est déjà «\u00a0déposée\u00a0» (2026-02-25)."
    broken = "Le document 4 ne peut pas être joint (écarté par l’antivirus)\u00a0: déposez-en un autre."
    address = "Cette adresse ne peut recevoir de messages\u00a0: elle ne commence pas par https://."
    with translation.override("en"):
        assert told(refused_twice).lower() == "08000051 coa: this request is “filed” already (2026-02-25)."
        assert "rejected by the virus scanner" in told(broken).lower()
        assert told(address).endswith("it must begin with https://.")


def test_no_page_shows_a_refusal_as_the_register_said_it() -> None:
    """Fails for `str(error)` in a page."""
    raw = [
        name
        for name in modules_under("web/views/people_*.py")
        for (module, _), node in WAYS.items()
        if module == name and re.search(r"(?<!told\()str\(error\)|error\.args", ast.unparse(node))
    ]
    assert raw == []


def test_a_fault_of_a_field_is_told_in_english() -> None:
    _, problems = read_contact({"email": "nobody", "phone": "x", "town": "a\0b"})
    with translation.override("en"):
        assert not [p for p in problems if FRENCH.search(words.shown_problem(p))]
    assert all(isinstance(p, Problem) for p in problems)


@pytest.fixture
def english(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> Client:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    client = desk.client
    client.cookies["langue"] = "en"
    return client


def spoken(text: str, *names: str) -> str:
    """What a page says: without its head, tags, what is marked as French, and what people are called."""
    body = re.sub(r"<(\w+)[^>]* lang=\"fr\".*?</\1>", " ", text.split("<main", 1)[1], flags=re.DOTALL)
    bare = html.unescape(re.sub(r"<[^>]*>", " ", body))
    for name in names:
        bare = bare.replace(name, " ")
    return bare


@pytest.mark.django_db
def test_every_page_is_english_throughout(english: Client, desk: Desk) -> None:
    """Fails for a word that a template or a label forgot."""
    fill(desk)
    french = {}
    for name, row in SHOWN.items():
        answer = english.get(row.path(desk, MINE))
        assert answer.status_code == 200, name
        if found := FRENCH.findall(spoken(answer.text, desk.mine.name, desk.mine.town)):
            french[name] = found
    assert french == {}


@pytest.mark.django_db
def test_refusals_and_faults_are_english_on_the_page(english: Client, desk: Desk) -> None:
    """From the form to the page: a day's room is used up, an address is not public, a contact is none."""
    DocumentFactory.create_batch(20, intermediary=desk.mine, received_at=NOW)
    base = f"/mon-espace/{MINE}/"
    token = {"once": "0" * 32}
    asked: list[tuple[str, dict[str, Any], str]] = [
        ("/mon-espace/compte/webhooks/", token | {"url": "http://example.org/"}, "it must begin with https://"),
        (f"{base}renouvellement/changer/", {"email": "nobody"}, "there is no @"),
        (f"{base}pieces/deposer/", token | {"file": BytesIO(b"%PDF-1.7")}, "has received 20 documents today"),
        (f"{base}personnes/", token | {"email": "nobody"}, "This is not an e-mail address."),
    ]
    for path, typed, expected in asked:
        answer = english.post(path, typed)
        assert answer.status_code in (400, 409), path
        assert expected in html.unescape(answer.text)
        assert not FRENCH.findall(spoken(answer.text, desk.mine.name, desk.mine.town)), path
