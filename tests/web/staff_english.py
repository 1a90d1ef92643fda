"""Pages of the staff asked for in both languages, and what their English leaves in French."""

from __future__ import annotations

from collections.abc import Callable
from html import unescape
from http import HTTPStatus
from typing import Any
from urllib.parse import unquote

from django.contrib.auth.models import User
from django.test import Client

from registry.models import Intermediary
from tests.web.languages import left_in_french, switches
from tests.web.staff_stage import as_role

Ask = Callable[[Client], Any]
ALIKE = (
    "Incidents", "Incident", "Cause", "Contacts", "Contact", "Document", "Absent", "commission", "Suspension", "ACPR",
    "AMF",
)  # fmt: skip
"""What is the same in both languages."""


def get(path: str) -> Ask:
    return lambda browser: browser.get(path)


def post(path: str, **given: Any) -> Ask:
    return lambda browser: browser.post(path, given)


def french_of(asked: dict[str, Ask], browser: Client | None = None, *names: str) -> dict[str, list[str]]:
    """By request, what a page in English still says in French; `names` are of people and places."""
    browser = browser or as_role("administrator")
    left = {}
    known = (*ALIKE, *called(), *names)
    for name, ask in asked.items():
        browser.cookies["langue"] = "en"
        english = ask(browser)
        require_english_page(name, english)
        if found := left_in_french(english.text, _in_french(browser, ask, english), *known):
            left[name] = found
    return left


def require_english_page(name: str, english: Any) -> None:
    """It is one, and its switch comes back to it in French."""
    assert english.status_code in (200, 403, 409), (name, english.status_code)
    assert '<html lang="en"' in english.text, name
    [back] = switches(english.text)
    assert unquote(unescape(back)) == f"/affichage/?langue=fr&vers={address_of(english)}", name


def _in_french(browser: Client, ask: Ask, english: Any) -> str:
    """The same in French, to find what both say alike; a refusal's page is the one that was asked for before it."""
    if english.status_code != HTTPStatus.OK:
        return ""
    browser.cookies["langue"] = "fr"
    return str(ask(browser).text)


def address_of(answer: Any) -> str:
    """What was asked for."""
    asked = answer.request["QUERY_STRING"]
    return str(answer.request["PATH_INFO"]) + (f"?{asked}" if asked else "")


def called() -> set[str]:
    """What people, places and accounts are called, in any language."""
    rows = Intermediary.objects.values_list("name", "town", "email")
    return {name for row in rows for name in row if name} | set(User.objects.values_list("username", flat=True))
