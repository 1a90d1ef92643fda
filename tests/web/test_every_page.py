"""Every address of the site: who may open it, what it costs, what it loads. One without a row here fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hotline.models import WhyReading
from reminders.models import Notice
from reminders.planning.approval import cancel_batch, pause_batch
from reminders.rules.states import NoticeState
from tests.api.callers import staff_in
from tests.factories import NOW, IntermediaryFactory, reach
from tests.reminders.scenes import person
from tests.web.hotline_rows import HOTLINE_ROWS
from tests.web.hotline_rows import NO_PAGES as HOTLINE_FILES
from tests.web.staff_rows import LAW_FILES, LAW_ROWS
from tests.web.staff_stage import a_comparison, an_agreement, the_case, the_paper
from tests.web.stage import (
    HEAVIEST,
    MOST_QUERIES,
    NUMBER,
    ROLES,
    Page,
    Stage,
    approved,
    checked,
    released,
    set_stage,
    signed_in,
    weight,
)
from web import people_urls
from web.urls import urlpatterns
from web.views.batch_acts import ACTS

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]

EVERYBODY = frozenset(ROLES) - {"hotline_extra"}
PLANNERS = frozenset({"registry_officer", "approver", "administrator"})
APPROVERS = frozenset({"approver", "administrator"})
KEEPERS = frozenset({"registry_officer", "administrator"})
ANYONE = None


@dataclass(frozen=True)
class Row:
    """One address: how it is reached on the stage, by whom (None: without signing in), and by which method."""

    path: Callable[[Stage], str]
    by: frozenset[str] | None
    method: str = "get"
    done: int = 200


def batch(rest: str = "") -> Callable[[Stage], str]:
    return lambda stage: f"/espace/lots/{stage.batch.pk}/{rest}"


def at(path: str) -> Callable[[Stage], str]:
    return lambda _: path


def paper(rest: str = "") -> Callable[[Stage], str]:
    return lambda _: f"/espace/pieces/{the_paper().pk}/{rest}"


STAFF_ROWS: dict[str, Row] = {
    "papers": Row(at("/espace/pieces/"), EVERYBODY),
    "papers_lot": Row(at("/espace/pieces/lot/"), KEEPERS, "post", 409),
    "review": Row(paper(), EVERYBODY),
    "review_next": Row(paper("suivante/"), EVERYBODY, done=302),
    "review_document": Row(
        lambda _: f"/espace/pieces/{the_paper().pk}/document/{the_paper().papers.get().document_id}/", EVERYBODY
    ),
    "persons": Row(at("/espace/dossiers/?q=cabinet"), EVERYBODY),
    "person": Row(at(f"/espace/dossiers/{NUMBER}/"), EVERYBODY),
    "exceptions": Row(at("/espace/exceptions/adresses/"), EVERYBODY),
    "exceptions_act": Row(at("/espace/exceptions/partie/1/"), PLANNERS, "post", 409),
    "merges": Row(at("/espace/fusions/"), EVERYBODY),
    "merge_preview": Row(at("/espace/fusions/apercu/?garde=08000042&abandonne=08000043"), EVERYBODY),
    "merge_sign": Row(at("/espace/fusions/signer/"), KEEPERS, "post", 404),
    "merge_dismiss": Row(at("/espace/fusions/ecarter/"), KEEPERS, "post", 409),
    "merge_undo": Row(at("/espace/fusions/1/defaire/"), KEEPERS, "post", 409),
    "merge_agreement": Row(lambda _: f"/espace/fusions/accord/{an_agreement()}/", EVERYBODY),
    "imports": Row(at("/espace/imports/"), EVERYBODY),
    "import_deposit": Row(at("/espace/imports/deposer/"), KEEPERS, "post", 409),
    "import_compared": Row(lambda _: f"/espace/imports/comparaison/{a_comparison()}/", EVERYBODY),
    "import_errors": Row(lambda _: f"/espace/imports/comparaison/{a_comparison()}/a-corriger.csv", KEEPERS, done=409),
    "import_sign": Row(lambda _: f"/espace/imports/comparaison/{a_comparison()}/signer/", frozenset(), "post", 403),
    "import_agreement": Row(lambda _: f"/espace/imports/accord/{a_comparison('import')}/", EVERYBODY),
    "removals": Row(at("/espace/suppressions/"), EVERYBODY),
    "removal_open": Row(at("/espace/suppressions/ouvrir/"), KEEPERS),
    "removal": Row(lambda _: f"/espace/suppressions/{the_case().pk}/", EVERYBODY),
    "removal_letter": Row(lambda _: f"/espace/suppressions/lettres/L{the_case().pk}.pdf", EVERYBODY),
    "removal_act": Row(lambda _: f"/espace/suppressions/{the_case().pk}/avis/", KEEPERS, "post", 409),
    "deadlines": Row(at("/espace/delais/"), EVERYBODY),
    "deadlines_decide": Row(at("/espace/delais/decider/"), frozenset({"administrator"}), "post", 409),
    "reports": Row(at("/espace/rapports/"), EVERYBODY),
    "batch_report": Row(lambda stage: f"/espace/rapports/lots/{stage.batch.pk}/", EVERYBODY),
    "review_act": Row(paper("accepter/"), KEEPERS, "post", 409),
}
ROWS: dict[str, Row] = {
    "home": Row(at("/"), ANYONE),
    "search": Row(at("/recherche/?q=durand"), ANYONE),
    "file": Row(at(f"/dossier/{NUMBER}/"), ANYONE),
    "proof": Row(at(f"/dossier/{NUMBER}/attestation.pdf"), ANYONE),
    "verify": Row(at("/verifier/"), ANYONE),
    "status": Row(at("/etat/"), ANYONE),
    "complaints": Row(at("/reclamations/"), ANYONE),
    "prefer": Row(at("/affichage/?theme=dark"), ANYONE, done=302),
    "why": Row(lambda stage: f"/pourquoi/{stage.token}/", ANYONE),
    "login": Row(at("/connexion/"), ANYONE),
    "logout": Row(at("/deconnexion/"), ANYONE, "post", 302),
    "work": Row(at("/espace/"), frozenset(ROLES)),
    "switch": Row(at("/espace/arret/"), PLANNERS),
    "batches": Row(at("/espace/lots/"), EVERYBODY),
    "plan": Row(at("/espace/lots/preparer/"), PLANNERS),
    "batch": Row(batch(), EVERYBODY),
    "examples": Row(batch("exemples/"), EVERYBODY),
    "live": Row(batch("suivi/"), EVERYBODY, done=302),
    "act": Row(batch("approuver/"), APPROVERS, "post", 409),
    "forecast": Row(at("/espace/prevision/"), EVERYBODY),
    "campaign": Row(at("/espace/campagne/"), EVERYBODY),
    **STAFF_ROWS,
} | {name: Row(row.path, row.by, row.method, row.done) for name, row in (HOTLINE_ROWS | LAW_ROWS).items()}
STAFF = {name: row for name, row in ROWS.items() if row.by is not None}
FILES = HOTLINE_FILES | LAW_FILES | {"proof", "review_document", "removal_letter"}
SHOWN = {name: row for name, row in ROWS.items() if row.method == "get" and row.done == 200 and name not in FILES}
WITH_KEPT_FACTS = {"desk", "papers", "review", "person", "removals", "removal"}
"""Counted outside a transaction, where the common facts are kept: below, and in tests of their own."""


def call(client: Client, row: Row, stage: Stage) -> Any:
    return getattr(client, row.method)(row.path(stage))


def test_every_address_has_its_row() -> None:
    """Fails where an address is added without one. Those of intermediaries: test_people_pages."""
    people = {pattern.name for pattern in people_urls.urlpatterns}
    assert {getattr(pattern, "name", None) for pattern in urlpatterns} - people == set(ROWS)


@pytest.mark.parametrize("role", ROLES)
def test_a_page_of_the_staff_opens_for_its_roles_alone(stage: Stage, role: str) -> None:
    """Fails without `web.access.staff`, or with another permission."""
    client = signed_in(role)
    expected = {name: row.done if role in (row.by or ()) else 403 for name, row in STAFF.items()}
    assert {name: call(client, row, stage).status_code for name, row in STAFF.items()} == expected


def test_who_is_not_signed_in_is_asked_to_be(client: Client, stage: Stage) -> None:
    for name, row in STAFF.items():
        answer = call(client, row, stage)
        assert answer.status_code == 302, name
        assert answer.headers["Location"].startswith("/connexion/?next=/"), name


def test_an_account_that_is_not_of_staff_sees_nothing(client: Client, stage: Stage) -> None:
    """Fails without `is_staff` in the guard: an intermediary's program has an account too."""
    client = signed_in("administrator")
    User.objects.filter(pk=client.session["_auth_user_id"]).update(is_staff=False)
    assert {call(client, row, stage).status_code for row in STAFF.values()} == {302}


def test_a_public_page_opens_for_anyone(client: Client, stage: Stage) -> None:
    public = {name: row for name, row in ROWS.items() if row.by is ANYONE}
    expected = {name: row.done for name, row in public.items()}
    assert {name: call(client, row, stage).status_code for name, row in public.items()} == expected


def test_every_page_is_strict_and_light(client: Client, stage: Stage) -> None:
    """No style, script or handler in it; all it loads is ours; 150 kB at most."""
    for name, row in SHOWN.items():
        require_strict_and_light(name, call(client if row.by is ANYONE else signed_in_once(), row, stage).text)
    released(stage.batch)
    require_strict_and_light("released", signed_in_once().get(batch("suivi/")(stage)).text)


def signed_in_once() -> Client:
    """The same administrator again."""
    client = Client()
    client.force_login(User.objects.filter(username="admin").first() or staff_in("administrator", "admin"))
    return client


def require_strict_and_light(name: str, text: str) -> None:
    found = Page(text)
    assert found.inline == [], name
    assert all(address.startswith("/static/") for address in found.loaded), name
    assert len(found.all("h1")) == len(found.all("main")) == 1, name
    assert weight(text) <= HEAVIEST, name
    labels = {label["for"] for label in found.all("label")}
    fields = [f for f in found.all("input") + found.all("select") if f.get("type") != "hidden"]
    assert {field["id"] for field in fields} <= labels, name
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids)), name


def test_every_page_costs_ten_queries_at_most(client: Client, stage: Stage) -> None:
    """The forecast once it is kept; the desk: see below."""
    mine = signed_in_once()
    mine.get("/espace/prevision/")
    for name, row in SHOWN.items():
        if name not in WITH_KEPT_FACTS:
            browser, path = client if row.by is ANYONE else mine, row.path(stage)
            with CaptureQueriesContext(connection) as asked:
                assert browser.get(path).status_code == 200
            assert len(asked) <= MOST_QUERIES, name + "\n".join(q["sql"][:150] for q in asked)


@pytest.mark.parametrize("state", ["APPROVED", "RELEASING", "PAUSED", "CANCELLED"])
def test_a_batch_costs_ten_queries_at_most_in_every_state(stage: Stage, state: str) -> None:
    (approved if state == "APPROVED" else released)(stage.batch)
    if state == "PAUSED":
        pause_batch(batch_id=stage.batch.pk, by=person("planner"), detail="pour voir")
    if state == "CANCELLED":
        cancel_batch(batch_id=stage.batch.pk, by=person("planner"), now=NOW)
    client = signed_in("administrator")
    for path in ("", "exemples/", "suivi/")[: 2 if state == "APPROVED" else 3]:
        with CaptureQueriesContext(connection) as asked:
            assert client.get(f"/espace/lots/{stage.batch.pk}/{path}").status_code == 200
        assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)


@pytest.mark.django_db(transaction=True)
def test_the_desk_and_why_cost_ten_queries_at_most_with_the_common_facts_kept() -> None:
    """Outside a transaction, as in use: `registry.kept` keeps nothing inside one."""
    stage, client = set_stage(), signed_in("hotline_agent")
    cards = IntermediaryFactory.create_batch(2, name="Cabinet Deux Noms")
    for path in (f"?q={NUMBER}", "?q=durand", "?q=deux"):
        with CaptureQueriesContext(connection) as asked:
            text = client.get(f"/assistance/{path}").text
        assert len(asked) <= MOST_QUERIES, path + "\n".join(q["sql"][:150] for q in asked)
    assert cards[0].orias_number in client.get("/assistance/?q=deux").text
    checked(client, NUMBER)
    client.get(f"/assistance/?q={NUMBER}")
    with CaptureQueriesContext(connection) as asked:
        text = client.get(f"/assistance/?q={NUMBER}").text
    assert stage.durand.name.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;") in text
    assert "durand@example.org" in text
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)
    reach(Notice.objects.get(intermediary=stage.durand), NoticeState.ACCEPTED)
    with CaptureQueriesContext(connection) as asked:
        Client().get(f"/pourquoi/{stage.token}/", headers={"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"})
    assert WhyReading.objects.count() == 1
    assert len(asked) <= MOST_QUERIES, "\n".join(q["sql"][:150] for q in asked)


def test_no_page_of_the_staff_is_kept_by_a_browser(stage: Stage) -> None:
    client = signed_in("administrator")
    for name, row in STAFF.items():
        answer = call(client, row, stage)
        assert "no-store" in answer.headers["Cache-Control"], name
        framed = "'self'" if name == "review_document" else "'none'"
        assert f"frame-ancestors {framed}" in answer.headers["Content-Security-Policy"], name


def test_an_act_is_a_post_with_its_token(stage: Stage) -> None:
    """Fails without `require_POST`, or without the middleware against forged posts."""
    client, strict = signed_in("administrator"), Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    for act in ACTS:
        path = batch(f"{act}/")(stage)
        assert client.get(path).status_code == 405
        assert strict.post(path).status_code == 403
    for name, row in (HOTLINE_ROWS | LAW_ROWS).items():
        if row.method == "post":
            assert client.get(row.path(stage)).status_code == 405, name
            assert strict.post(row.path(stage)).status_code == 403, name
    for path in ("rappels/", "renforts/", "incidents/", "reclamations/nouvelle/"):
        assert strict.post(f"/assistance/{path}").status_code == 403, path
    assert strict.post("/espace/arret/", {"reason": "x", "sure": "on"}).status_code == 403
    assert strict.post("/espace/lots/preparer/", {"day": "2026-01-29"}).status_code == 403
