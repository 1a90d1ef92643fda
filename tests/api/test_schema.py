"""The OpenAPI description is complete and true, and its reader asks nobody else for anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from io import StringIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.core.management import call_command
from django.test import Client
from django.urls import get_resolver

PUBLIC = {"/status/", "/problems/", "/problems/{code}/", "/register/", "/register/{orias_number}/", "/register/check/"}
FILE = "/intermediaries/{orias_number}/"
FILES = {FILE, f"{FILE}state/", f"{FILE}notices/", f"{FILE}covers/", f"{FILE}covers/{{cover_id}}/"} | {
    f"{FILE}covers/{{cover_id}}/{act}/" for act in ("withdraw", "accept", "refuse", "ask", "correct", "assign")
}
RENEWAL = f"{FILE}renewals/{{renewal_id}}/"
FILES |= {f"{FILE}renewals/", RENEWAL} | {f"{RENEWAL}{act}/" for act in ("confirm", "send-back", "fee", "fee-notice")}
FILES |= {f"{FILE}contacts/{part}" for part in ("", "{contact_id}/", "{contact_id}/remove/")}
FILES |= {f"{FILE}documents/", f"{FILE}documents/{{document_id}}/", f"{FILE}documents/{{document_id}}/content/"}
BATCH = "/batches/{batch_id}/"
STAFF = {"/batches/", BATCH, f"{BATCH}notices/", "/sending/", "/hotline/lookup/", "/reviews/"} | {
    f"{BATCH}{act}/" for act in ("approve", "release", "pause", "resume", "cancel", "recall")
}
CASE, SESSION = "/removals/{case_id}/", "/sessions/{session_number}/"
STAFF |= {"/reviews/accept/", "/removals/", CASE, "/sessions/", SESSION, f"{SESSION}sign/", f"{SESSION}minutes/"}
STAFF |= {f"{CASE}{act}/" for act in ("advance", "mailed", "publish", "hold", "resume", "withdraw")}
STAFF |= {f"{CASE}letters/{{letter_number}}/{part}" for part in ("", "pdf/", "proof/")}
ISSUERS = {"/issuer/covers/", "/issuer/events/"}
WEBHOOK = "/webhooks/{webhook_id}/"
WEBHOOKS = {"/webhooks/", WEBHOOK} | {f"{WEBHOOK}{a}/" for a in ("secret", "rotate", "test", "enable", "replay")}
HOTLINE = {
    f"/hotline/{part}/" for part in ("calls", "complaints", "events", "incidents", "incidents/{incident_id}/updates")
}
HOTLINE |= {f"/hotline/complaints/{{complaint_number}}/{act}/" for act in ("acknowledge", "answer")}
CALLERS = {"/me/", "/events/"} | WEBHOOKS | FILES | STAFF | ISSUERS | HOTLINE
FILES_OF = {"content/": "application/octet-stream", "pdf/": "application/pdf", "minutes/": "application/pdf"}
READS_BY_POST = "/register/check/"
"""A thousand numbers fit no address."""
EXTERNAL = re.compile(r"""(?:src|href)=["']?(?:https?:)?//""")


@pytest.fixture
def schema(client: Client) -> dict[str, Any]:
    answer = client.get("/api/v1/schema/", headers={"accept": "application/vnd.oai.openapi+json"})
    assert answer.status_code == 200
    described: dict[str, Any] = answer.json()
    return described


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in schema["paths"].items():
        for operation in item.values():
            yield path.removeprefix("/api/v1"), operation


def test_it_is_made_without_a_warning() -> None:
    call_command("spectacular", "--validate", "--fail-on-warn", stdout=StringIO())


def test_it_describes_every_address_of_the_api(schema: dict[str, Any]) -> None:
    described = {path for path, _ in operations(schema)}
    assert described == PUBLIC | CALLERS
    routed = {str(p.name) for p in get_resolver("api.v1.urls").url_patterns if p.name}  # type: ignore[union-attr]
    assert len(routed - {"schema", "docs"}) == len(described)


def test_every_operation_has_a_summary_and_tells_of_its_problems(schema: dict[str, Any]) -> None:
    for path, operation in operations(schema):
        assert operation["summary"], path
        assert {"429", "500", "503"} <= set(operation["responses"]), path
        assert len(operation["responses"].keys() & {"200", "201"}) == 1, path
        for status, answer in operation["responses"].items():
            media = "application/json" if status < "300" else "application/problem+json"
            if status == "200":
                media = FILES_OF.get(path.rpartition("}/")[2], media)
            assert set(answer["content"]) == {media}, (path, status)
        assert "404" in operation["responses"] or "{" not in path, path


def test_public_addresses_ask_for_no_login_and_the_others_do(schema: dict[str, Any]) -> None:
    open_to_all = {path for path, operation in operations(schema) if {} in operation.get("security", [{}])}
    assert open_to_all == PUBLIC


def test_i15_every_operation_that_writes_takes_an_idempotency_key_and_a_patch_if_match(schema: dict[str, Any]) -> None:
    """What is described is so: `acts_once` marks the handler that it wraps."""
    for path, item in schema["paths"].items():
        if path.endswith(READS_BY_POST):
            continue
        for method, operation in item.items():
            headers = {
                p["name"]: p.get("required", False) for p in operation.get("parameters", []) if p["in"] == "header"
            }
            assert ("Idempotency-Key" in headers) == (method != "get"), (method, path)
            assert headers.get("Idempotency-Key", False) == (method == "post"), (method, path)
            assert headers.get("If-Match", False) == (method == "patch"), (method, path)


def test_i15_every_handler_that_writes_acts_once() -> None:
    """Fails for a handler without `@acts_once`."""
    for pattern in get_resolver("api.v1.urls").url_patterns:
        view = pattern.callback.view_class  # type: ignore[union-attr]
        for method in ("post", "put", "patch", "delete"):
            handler = getattr(view, method, None)
            acts = getattr(handler, "acts_once", False) or getattr(handler, "reads_only", False)
            assert handler is None or acts, (view, method)


def test_the_reader_asks_no_other_server_and_runs_no_inline_script(client: Client) -> None:
    page = client.get("/api/v1/docs/").text
    assert not EXTERNAL.search(page)
    assert page.count("<script ") == page.count("<script") == page.count("<script src=") == 3
    assert "<style" not in page
    assert "style=" not in page
    script = client.get("/api/v1/docs/?script=")
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert 'url: "/api/v1/schema/"' in script.text.replace("\\u002D", "-")


def test_what_the_reader_loads_is_served_from_here(client: Client) -> None:
    page = client.get("/api/v1/docs/").text
    loaded = re.findall(r'(?:src|href)="/static/([^"]+)"', page)
    assert len(loaded) == 4
    assert all(finders.find(path) for path in loaded)
