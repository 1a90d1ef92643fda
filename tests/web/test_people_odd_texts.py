"""Texts that nobody types by hand, in every form and at every address of the intermediaries' pages; and markup in what
they show."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from api.keys import create_key
from api.scopes import Scope
from registry.models import Contact, Cover, Document, Intermediary
from tests.factories import NOW, ContactFactory, CorrectionRequestFactory, CoverFactory, DocumentFactory
from tests.web.people import MINE, AtOnce, Desk
from tests.web.stage import Page
from tests.web.test_odd_texts import MARKUP, ODD, Forms
from tests.web.test_people_pages import ROWS, SHOWN, call, fill

DOORS = {
    "/mon-espace/connexion/": ("email", "next"),
    "/mon-espace/connexion/code/": ("code", "next"),
    "/mon-espace/connexion/cle/": ("credential", "next"),
}
FREE = ("once", "csrfmiddlewaretoken")
ONCE = {"once": "f" * 32}


@pytest.fixture(autouse=True)
def _that_morning(at_nine_thirty: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("web.people.mail._POOL", AtOnce())


class All(Forms):
    """Their forms with all that is sent: what is typed, what is chosen and what is hidden."""

    def keep(self, tag: str, name: str, said: dict[str, str | None]) -> None:
        """A choice too."""
        super().keep(tag, name, said)
        if tag in ("select", "button"):
            self.found[-1][1][name] = said.get("value") or ""


@pytest.fixture
def full(desk: Desk) -> Desk:
    """A desk on whose pages every form is shown: a clean file, a certificate sent back, a key, a webhook."""
    fill(desk)
    DocumentFactory(intermediary=desk.mine, clean=True, name=MARKUP)
    CorrectionRequestFactory(cover=CoverFactory(intermediary=desk.mine, renewed=True, status="RETURNED"))
    create_key(holder=desk.marie, name=MARKUP[:60], scopes=[Scope.FILE_READ], by=desk.marie, now=NOW)
    return desk


def shown(desk: Desk) -> Iterator[str]:
    """Where its pages with forms are."""
    yield from (row.path(desk, MINE) for row in SHOWN.values())
    yield from (f"/mon-espace/{MINE}/pieces/{pk}/" for pk in Document.objects.values_list("pk", flat=True))


def bodies(held: dict[str, str], typed: list[str]) -> Iterator[tuple[str, dict[str, Any]]]:
    """What is typed all odd at once, and each other value by itself."""
    plain = held | dict.fromkeys(typed, "essai") | ONCE
    for name, odd in ODD.items():
        if typed:
            yield f"typed: {name}", plain | dict.fromkeys(typed, odd)
    for field in [one for one in held if one not in FREE]:
        yield field, plain | {field: ODD["markup, right to left"]}


def test_no_form_breaks_on_what_nobody_types(full: Desk) -> None:
    """Answered with a page: done, or refused in words."""
    marie, broken = full.client, []
    marie.raise_request_exception = False
    forms = {
        (where, *held, *typed): (where, held, typed)
        for path in shown(full)
        for where, held, typed in All(marie.get(path).text, path).found
    }
    fields = {name for _, held, typed in forms.values() for name in (*held, *typed)}
    for where, held, typed in forms.values():
        for name, body in bodies(held, typed):
            answer: Any = marie.post(where, urlencode(body), content_type="application/x-www-form-urlencoded")
            if answer.status_code >= 500:
                broken.append((where, name, answer.exc_info))
    assert not broken, "\n".join(map(str, broken))
    # Nothing of the stage was left out.
    assert {"answers", "replaces", "url", "email", "trade_name", "policy", "facts_version", "answer"} <= fields
    assert len(forms) > 15


def test_no_address_breaks_on_them_whatever_its_form(full: Desk) -> None:
    """Each address and each door, also where a page shows no form: all names at once."""
    names = ("name", "email", "url", "replaces", "answers", "kind", "policy", "amount", "starts_on", "piece", "types")
    marie, broken = full.client, []
    marie.raise_request_exception = False
    for odd, text in ODD.items():
        body = urlencode(dict.fromkeys(names, text) | ONCE)
        for name, row in ROWS.items():
            if name == "leave":
                continue
            answer: Any = marie.post(row.path(full, MINE), body, content_type="application/x-www-form-urlencoded")
            if answer.status_code >= 500:
                broken.append((name, odd, answer.exc_info))
        for path, fields in DOORS.items():
            stranger = Client(raise_request_exception=False)
            answer = stranger.post(path, urlencode(dict.fromkeys(fields, text)), "application/x-www-form-urlencoded")
            if answer.status_code >= 500:
                broken.append((path, odd, answer.exc_info))
    assert not broken, "\n".join(map(str, broken))


def test_a_file_is_taken_whatever_its_name(full: Desk) -> None:
    """The name is the sender's; nothing of it is a path, and no sign of it commands."""
    marie, path = full.client, f"/mon-espace/{MINE}/pieces/deposer/"
    marie.raise_request_exception = False
    for place, name in enumerate(
        (MARKUP, f"\u202e{MARKUP}.pdf", "x" * 5000, "../../etc/passwd", "a\x01b.pdf", "\ufffd")
    ):
        file = SimpleUploadedFile(name or "x", b"no paper at all")
        file.name = name
        answer = marie.post(path, {"file": file, "once": f"{place:032x}"})
        assert answer.status_code < 500, name
        assert "<script>alert" not in answer.text


def test_markup_in_what_people_type_is_text_on_every_page(full: Desk) -> None:
    """Fails with `safe` or `autoescape off` at any of them, or an attribute without quotes."""
    Intermediary.objects.update(name=MARKUP, trade_name=MARKUP, town=MARKUP, address=MARKUP)
    Cover.objects.update(policy=MARKUP[:60], issuer=MARKUP)
    ContactFactory(intermediary=full.mine)
    Contact.objects.update(name=MARKUP)
    found = 0
    for name, row in SHOWN.items():
        text = call(full.client, row, full).text
        found += "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text, name
        assert not [attrs for _, attrs in Page(text).tags if any(key.startswith("on") for key in attrs)], name
    assert found >= 8
