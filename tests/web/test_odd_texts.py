"""Texts that nobody types by hand, in every form of every page; and markup in names and reasons, on every page."""

from __future__ import annotations

from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any
from urllib.parse import urlencode, urljoin

import pytest
from django.test import Client

from registry.models import Intermediary
from reminders.models import IncidentNote, StopSwitch
from tests.factories import (
    NOW,
    CallFactory,
    ComplaintFactory,
    ContactFactory,
    DeadlineDecisionFactory,
    IncidentFactory,
    SignalFactory,
)
from tests.reminders.scenes import person
from tests.web.staff_stage import a_paper
from tests.web.stage import Page, Stage
from tests.web.test_every_page import ANYONE, SHOWN, signed_in_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
MARKUP = '"><img src=x onerror=alert(1)><script>alert(1)</script>'
ODD: dict[str, bytes] = {
    "nul": b"a\0b",
    "long": b"x" * 100_000,
    "lone surrogate": b"\xed\xa0\x80",
    "markup, right to left": f"\u202e{MARKUP}".encode(),
}
TYPED = {"text", "search", "email", "tel", "password", None}


class Forms(HTMLParser):
    """The forms of a page that are posted: where to, and what each field would hold."""

    def __init__(self, text: str, page: str) -> None:
        super().__init__()
        self.page, self.found, self.form = page, list[tuple[str, dict[str, str], list[str]]](), False
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Keep a form, and what is in it."""
        said = dict(attrs)
        if tag == "form":
            self.form = said.get("method") == "post"
            if self.form:
                self.found.append((urljoin(self.page, said.get("action") or ""), {}, []))
        elif self.form and (name := said.get("name")):
            self.keep(tag, name, said)

    def handle_endtag(self, tag: str) -> None:
        """What follows belongs to no form."""
        if tag == "form":
            self.form = False

    def keep(self, tag: str, name: str, said: dict[str, str | None]) -> None:
        """Its own value, or that it is typed."""
        if tag == "textarea" or (tag == "input" and said.get("type") in TYPED):
            self.found[-1][2].append(name)
        elif tag == "input":
            self.found[-1][1][name] = said.get("value") or ("2026-01-27" if said.get("type") == "date" else "on")


def forms(stage: Stage) -> Iterator[tuple[Client, str, dict[str, str], list[str]]]:
    """Each form once, by where it goes and what it holds."""
    seen = set()
    for row in SHOWN.values():
        client, path = Client() if row.by is ANYONE else signed_in_once(), row.path(stage)
        for where, kept_values, typed in Forms(client.get(path).text, path).found:
            mark = (where, *kept_values, *typed)
            if typed and mark not in seen:
                seen.add(mark)
                yield client, where, kept_values, typed


def test_no_form_breaks_on_what_nobody_types(stage: Stage) -> None:
    """Answered with a page: done, or refused in words. Fails too without `_unless_refused`: the stage's case is of
    another year, and the database lets no step come before the last one."""
    broken, found = [], [*forms(stage)]
    for client, where, kept_values, typed in found:
        client.raise_request_exception = False
        for name, odd in ODD.items():
            body = urlencode(kept_values | dict.fromkeys(typed, odd))
            answer: Any = client.post(where, body, content_type="application/x-www-form-urlencoded")
            if answer.status_code >= 500:
                broken.append((where, name, answer.exc_info))
    assert len(found) > 30
    assert not broken, "\n".join(map(str, broken))


def test_markup_in_names_and_reasons_is_text_on_every_page(stage: Stage) -> None:
    """Fails with `safe` or `autoescape off` at any of them, or an attribute without quotes."""
    with_markup(stage)
    shown = 0
    for name, row in SHOWN.items():
        client = Client() if row.by is ANYONE else signed_in_once()
        text = client.get(row.path(stage)).text
        shown += "&lt;script&gt;alert(1)" in text
        assert "<script>alert" not in text, name
        assert not [attrs for _, attrs in Page(text).tags if any(key.startswith("on") for key in attrs)], name
    assert shown > 15


def with_markup(stage: Stage) -> None:
    """In each text that a person types, of what the pages of the stage show."""
    Intermediary.objects.update(name=MARKUP, trade_name=MARKUP, town=MARKUP)
    CallFactory(promised=True, intermediary=stage.durand, note=MARKUP)
    ComplaintFactory(batch=stage.batch, intermediary=stage.durand, text=MARKUP, complainant=MARKUP)
    IncidentFactory(batch=stage.batch, message=MARKUP)
    ContactFactory(intermediary=stage.durand, name=MARKUP)
    SignalFactory(intermediary=stage.durand)
    DeadlineDecisionFactory(freeze=True, reason=MARKUP)
    IncidentNote.objects.create(batch=stage.batch, text=MARKUP, by=person("planner"), at=NOW)
    StopSwitch.objects.update(stopped=True, reason=MARKUP, changed_by=person("planner"), changed_at=NOW)
    a_paper(policy=MARKUP[:60], issuer=MARKUP)
