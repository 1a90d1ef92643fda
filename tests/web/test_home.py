"""The public pages: small, in French, without a script, without a request to anybody else."""

from __future__ import annotations

import re
from datetime import date
from html.parser import HTMLParser
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client, RequestFactory
from django.views.defaults import server_error

from registry.models import Intermediary
from settings.embedded import BASE_DIR
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory
from web.middleware import CONTENT_SECURITY_POLICY, BrowserPolicies

pytestmark = pytest.mark.django_db
PAGES = [
    "/",
    "/recherche/",
    "/recherche/?q=cabinet",
    "/recherche/?q=ab",
    "/recherche/?q=rien",
    "/dossier/08000041/",
]
MISSING = ["/nulle-part/", "/dossier/99999999/", "/dossier/1/", "/pourquoi/faux/"]


@pytest.fixture
def durand() -> Intermediary:
    durand = IntermediaryFactory(
        orias_number="08000041",
        name="Cabinet Durand & <Fils>",
        siren="552100554",
        email="secret@example.org",
        town="Lyon",
    )
    RegistrationFactory(intermediary=durand, registered_on=date(2015, 1, 1), with_funds=True)
    CoverFactory(intermediary=durand, policy="POLICE-SECRETE")
    return durand


class Page(HTMLParser):
    """What a browser would load, run and announce."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def all(self, name: str) -> list[dict[str, str | None]]:
        return [attrs for tag, attrs in self.tags if tag == name]


def page(client: Client, path: str) -> Page:
    return Page(client.get(path).text)


def test_the_home_page_works_on_an_empty_register_and_asks_for_announcements_and_incidents_only(
    client: Client, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2):
        answer = client.get("/")
    assert answer.status_code == 200
    for address in ("/api/v1/docs/", "/api/v1/status/", "/espace/"):
        assert f'href="{address}"' in answer.text


@pytest.mark.parametrize("path", PAGES + MISSING)
def test_every_page_is_french_accessible_and_strict(client: Client, durand: Intermediary, path: str) -> None:
    answer = client.get(path, headers={"accept-language": "en"})
    assert answer.status_code == (404 if path in MISSING else 200)
    found = Page(answer.text)
    assert [html["lang"] for html in found.all("html")] == ["fr"]
    assert len(found.all("h1")) == len(found.all("main")) == len(found.all("title")) == 1
    assert not found.all("script")
    assert not found.all("style")
    assert not [attrs for _, attrs in found.tags for name in attrs if name == "style" or name.startswith("on")]
    labels = {label["for"] for label in found.all("label")}
    assert {field["id"] for field in found.all("input")} <= labels
    described = {i for f in found.all("input") for i in (f.get("aria-describedby") or "").split()}
    assert described <= {attrs.get("id") for _, attrs in found.tags}


@pytest.mark.parametrize("path", PAGES + MISSING)
def test_every_page_loads_from_here_only_and_what_it_loads_is_there(
    client: Client, durand: Intermediary, path: str
) -> None:
    found = page(client, path)
    loaded = [str(link["href"]) for link in found.all("link")] + [str(i["src"]) for i in found.all("img")]
    assert loaded
    for address in loaded:
        assert address.startswith("/static/")
        assert finders.find(address.removeprefix("/static/"))
    links = [str(a["href"]) for a in found.all("a")]
    assert all(link.startswith(("/", "#", "mailto:")) and not link.startswith("//") for link in links)


def test_the_style_sheet_asks_nobody_for_anything_and_knows_light_and_dark() -> None:
    text = (BASE_DIR / "web/static/web/site.css").read_text(encoding="utf-8")
    assert "url(" not in text
    assert "@import" not in text
    assert "color-scheme: light dark" in text
    assert text.count("light-dark(") > 20


@pytest.mark.parametrize("q", ["08000041", "8000041", "552 100 554", "durand", "FILS cabinet"])
def test_somebody_is_found_by_number_siren_and_name(client: Client, durand: Intermediary, q: str) -> None:
    text = client.get("/recherche/", {"q": q}).text
    assert "1 résultat<" in text
    assert 'href="/dossier/08000041/"' in text
    assert "Cabinet Durand &amp; &lt;Fils&gt;" in text
    assert "depuis le 1er\u00a0janvier\u00a02015" in text


@pytest.mark.parametrize(("q", "close"), [("durand", False), ("durandd", True), ("cabinet durrand", True)])
def test_names_that_are_only_alike_are_said_to_be(client: Client, durand: Intermediary, q: str, close: bool) -> None:
    text = client.get("/recherche/", {"q": q}).text
    assert 'href="/dossier/08000041/"' in text
    assert ("voici les plus proches" in text) == close


@pytest.mark.parametrize("q", ["secret@example.org", "0612345678", "introuvable"])
def test_nobody_is_found_by_what_is_private(client: Client, durand: Intermediary, q: str) -> None:
    text = client.get("/recherche/", {"q": q}).text
    assert "Aucun intermédiaire trouvé" in text
    assert "Durand" not in text


def test_what_was_typed_is_kept_and_harmless(client: Client) -> None:
    text = client.get("/recherche/", {"q": '"><script>alert(1)</script>'}).text
    assert "<script" not in text
    assert "&quot;&gt;&lt;script&gt;" in text


def test_too_short_a_name_is_told_beside_the_box(client: Client) -> None:
    found = page(client, "/recherche/?q=ab")
    (box,) = found.all("input")
    assert box["aria-invalid"] == "true"
    assert "q-error" in str(box["aria-describedby"])


def test_of_many_the_first_fifty_are_shown_and_it_is_said(client: Client) -> None:
    for _ in range(51):
        RegistrationFactory()
    text = client.get("/recherche/?q=cabinet").text
    assert text.count("<li><h3>") == 50
    assert "Les 50 premiers résultats" in text


@pytest.mark.parametrize(("path", "queries"), [("/dossier/08000041/", 2), ("/recherche/?q=cabinet", 5)])
def test_a_page_shows_nothing_private_and_costs_few_queries(
    client: Client, durand: Intermediary, django_assert_num_queries: Any, path: str, queries: int
) -> None:
    with django_assert_num_queries(queries):
        text = client.get(path).text
    assert "Durand" in text
    assert "secret@" not in text
    assert "SECRETE" not in text


def test_the_page_of_a_file_tells_where_to_send_papers(client: Client, durand: Intermediary, settings: Any) -> None:
    settings.REPLY_TO = "greffe@registre.example"
    assert "mailto:greffe@registre.example" in client.get("/dossier/08000041/").text


@pytest.mark.parametrize("path", ["/", "/recherche/", "/dossier/08000041/"])
def test_pages_are_read_only(client: Client, durand: Intermediary, path: str) -> None:
    assert client.post(path).status_code == 405


def test_a_failure_of_ours_is_told_in_french_by_a_page_that_needs_nothing() -> None:
    answer = server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "Erreur de notre côté" in answer.content.decode()
    assert re.findall(r"(?:src|href)=\"([^\"]*)\"", answer.content.decode()) == ["/"]


def test_browsers_are_told_what_no_page_here_does(client: Client, settings: Any) -> None:
    """Fails without `web.middleware.BrowserPolicies`."""
    path = f"{BrowserPolicies.__module__}.{BrowserPolicies.__name__}"
    settings.MIDDLEWARE = [*(m for m in settings.MIDDLEWARE if m != path), path]
    for address in ("/", "/nulle-part/", "/admin/login/", "/api/v1/status/"):
        answer = client.get(address)
        assert answer.headers["Content-Security-Policy"] == CONTENT_SECURITY_POLICY
        assert "camera=()" in answer.headers["Permissions-Policy"]
    assert "unsafe" not in CONTENT_SECURITY_POLICY
    assert "unsafe-inline" in client.get("/api/v1/docs/").headers["Content-Security-Policy"]
