"""Errors are RFC 9457 problems with stable codes, in French or English, wherever they come from."""

from __future__ import annotations

import logging
import sys
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import OperationalError, connection
from django.test import Client
from django.urls import include, path
from rest_framework import exceptions
from rest_framework.request import Request
from rest_framework.response import Response

from api.problems import TEXTS, ProblemCode
from api.views import PublicView
from settings.embedded import BASE_DIR
from tests.api.callers import Keyed, staff_in
from tests.factories import BatchFactory

pytestmark = [pytest.mark.django_db, pytest.mark.urls(__name__)]

RAISED: dict[str, tuple[Exception, int, str]] = {
    "parse": (exceptions.ParseError(), 400, "malformed_request"),
    "login": (exceptions.NotAuthenticated(), 401, "not_authenticated"),
    "credentials": (exceptions.AuthenticationFailed(), 401, "not_authenticated"),
    "permission": (exceptions.PermissionDenied(), 403, "permission_denied"),
    "django-permission": (PermissionDenied(), 403, "permission_denied"),
    "missing": (exceptions.NotFound(), 404, "not_found"),
    "accept": (exceptions.NotAcceptable(), 406, "not_acceptable"),
    "throttled": (exceptions.Throttled(wait=12.2), 429, "too_many_requests"),
    "database": (OperationalError("server closed the connection"), 503, "unavailable"),
    "bug": (ZeroDivisionError("a secret in the message"), 500, "internal_error"),
}


class Raising(PublicView):
    """Raises what its address names; reads what is posted."""

    def get(self, request: Request, name: str) -> Response:
        raise RAISED[name][0]

    def post(self, request: Request, name: str) -> Response:
        if not request.data:
            raise exceptions.ValidationError({"name": ["empty"]}, code="required")
        return Response(request.data)


urlpatterns = [
    path("raise/<str:name>/", Raising.as_view()),
    path("api/v1/", include("api.v1.urls")),
    path("", include("web.urls")),
]


@pytest.fixture
def browser() -> Client:
    """One that is told of errors, as over a network."""
    return Client(raise_request_exception=False)


@pytest.mark.parametrize("name", RAISED)
def test_every_error_is_a_problem_with_its_code(browser: Client, name: str) -> None:
    _, status, code = RAISED[name]
    answer = browser.get(f"/raise/{name}/")
    assert answer.status_code == status
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert answer.headers["Cache-Control"] == "no-store"
    body = answer.json()
    assert (body["status"], body["code"], body["instance"]) == (status, code, f"/raise/{name}/")
    assert body["type"] == f"http://testserver/api/v1/problems/{code}/"
    assert body["title"] == ProblemCode(code).label  # type: ignore[call-arg]


@pytest.mark.parametrize(
    ("method", "address", "options", "status", "code"),
    [
        ("get", "/api/v1/nothing/here/", {}, 404, "not_found"),
        ("post", "/api/v1/nothing/", {}, 404, "not_found"),
        ("get", "/api/v1/", {}, 404, "not_found"),
        ("get", "/api/v1/register/07000896%0A/", {}, 404, "not_found"),
        ("get", "/api/v1/x%0Ay/%0A/", {}, 404, "not_found"),
        ("post", "/api/v1/status/", {}, 405, "method_not_allowed"),
        ("delete", "/api/v1/register/", {}, 405, "method_not_allowed"),
        ("get", "/api/v1/status/", {"headers": {"accept": "text/html"}}, 406, "not_acceptable"),
        ("post", "/raise/x/", {"data": "a=1", "content_type": "text/csv"}, 415, "unsupported_media_type"),
        ("post", "/raise/x/", {"data": "{", "content_type": "application/json"}, 400, "malformed_request"),
        ("post", "/raise/x/", {"data": "{}", "content_type": "application/json"}, 400, "invalid_parameter"),
        ("get", "/api/v1/schema/", {"headers": {"accept": "image/png"}}, 406, "not_acceptable"),
    ],
)
def test_errors_of_the_protocol_are_problems_too(
    client: Client, method: str, address: str, options: dict[str, Any], status: int, code: str
) -> None:
    answer = getattr(client, method)(address, **options)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_value_in_a_body_is_pointed_at(client: Client) -> None:
    answer = client.post("/raise/x/", data="{}", content_type="application/json")
    assert answer.json()["errors"] == [{"pointer": "#/name", "code": "required", "detail": "empty"}]


@pytest.mark.urls("settings.urls")
def test_a_host_that_is_not_ours_is_a_problem_under_the_api_and_a_page_elsewhere(browser: Client) -> None:
    """Fails without handler400: an error page of HTML, which in the sandbox could not even be made."""
    answer = browser.get("/api/v1/status/", headers={"host": "evil.example"})
    assert (answer.status_code, answer.json()["code"]) == (400, "wrong_host")
    assert "evil" not in answer.text
    page = browser.get("/", headers={"host": "evil.example"})
    assert (page.status_code, page.headers["Content-Type"].partition(";")[0]) == (400, "text/html")


@pytest.mark.urls("settings.sandbox_urls")
def test_the_sandbox_has_no_page_but_problems_and_adds_slashes_alike(browser: Client) -> None:
    for address in ("/", "/nothing/", "/admin/"):
        assert browser.get(address).json()["code"] == "not_found"
    assert browser.get("/api/v1/status").headers["Location"] == "/api/v1/status/"
    assert browser.get("/anything", headers={"host": "evil.example"}).json()["code"] == "wrong_host"


@pytest.mark.urls("settings.urls")
@pytest.mark.parametrize("path", ["/api/v1/webhooks", "/api/v1/intermediaries/08000071/covers", "/ws/service"])
@pytest.mark.parametrize("method", ["POST", "PUT", "PATCH", "DELETE"])
def test_an_act_is_never_led_to_another_address(client: Client, path: str, method: str) -> None:
    """Followed, a redirect is a GET, whose list looks like success. Fails without `SlashForReaders`."""
    answer = client.generic(method, path, b"{}", content_type="application/json")
    assert answer.status_code == 404
    if path.startswith("/api/"):
        assert (answer.json()["code"], "se termine par" in answer.json()["reason"]) == ("not_found", True)


def test_what_a_trigger_refuses_is_a_conflict_and_no_fault_of_ours(browser: Client, monkeypatch: Any) -> None:
    """Fails without `RaiseException` in `refused_by_the_database`."""

    def refuse(*_: Any, **__: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DO $$ BEGIN RAISE EXCEPTION 'a step cannot come before the last one'; END $$")

    monkeypatch.setattr("api.v1.sending.stop_sending", refuse)
    alice = Keyed(staff_in("administrator"), "staff:*")
    answer = alice.act("put", "/api/v1/sending/", {"stopped": True, "reason": "essai"})
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")


def test_a_forgotten_slash_is_added(client: Client) -> None:
    assert client.get("/api/v1/status").headers["Location"] == "/api/v1/status/"


@pytest.mark.parametrize(
    ("language", "title"),
    [
        ("fr", "Introuvable"),
        ("en", "Not found"),
        ("en-US,fr;q=0.5", "Not found"),
        ("de", "Introuvable"),
        ("", "Introuvable"),
    ],
)
def test_a_problem_speaks_the_language_asked_for(client: Client, language: str, title: str) -> None:
    headers = {"accept-language": language} if language else {}
    answer = client.get("/api/v1/nothing/", headers=headers)
    assert answer.json()["title"] == title
    assert "Accept-Language" in answer.headers["Vary"]


def test_french_is_set_with_its_no_break_spaces(client: Client) -> None:
    detail = client.get("/api/v1/register/?limit=0").json()["detail"]
    assert "acceptée\u00a0: voyez «\u00a0errors\u00a0»" in detail


@pytest.mark.parametrize(("name", "seconds"), [("throttled", "13"), ("database", "30")])
def test_who_must_wait_is_told_how_long(browser: Client, name: str, seconds: str) -> None:
    assert browser.get(f"/raise/{name}/").headers["Retry-After"] == seconds


def test_an_unforeseen_error_tells_nothing_but_a_number_found_in_the_log(
    browser: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="api.errors"):
        answer = browser.get("/raise/bug/")
    assert "secret" not in answer.text
    (record,) = [r for r in caplog.records if r.name == "api.errors"]
    assert answer.json()["request_id"] in record.getMessage()
    assert record.exc_info
    assert record.exc_info[0] is ZeroDivisionError


def test_an_unforeseen_error_reaches_whoever_watches_failed_requests(client: Client) -> None:
    """The test client raises what the signal tells it; fails if the error were swallowed."""
    with pytest.raises(ZeroDivisionError):
        client.get("/raise/bug/")


def test_a_database_that_does_not_answer_is_told_by_the_status_page(
    browser: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def down() -> None:
        raise OperationalError("no connection")

    monkeypatch.setattr(sys.modules["api.v1.status"], "_status", down)
    answer = browser.get("/api/v1/status/")
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")


def test_every_code_has_its_text_and_its_page_where_its_type_leads(client: Client) -> None:
    assert set(TEXTS) == set(ProblemCode)
    listed = client.get("/api/v1/problems/").json()
    assert [page["code"] for page in listed] == [code.value for code in ProblemCode]
    for page in listed:
        assert client.get(f"/api/v1/problems/{page['code']}/").json() == page
    assert client.get("/api/v1/problems/unheard-of/").status_code == 404


def test_the_page_of_codes_lists_them_all_as_they_are() -> None:
    rows = [
        f"| `{code.value}` | {text.status.value} | {code.label_en}. {text.detail_en} |"
        for code, text in ((code, TEXTS[code]) for code in ProblemCode)
    ]
    page = (BASE_DIR / "docs" / "codes.md").read_text(encoding="utf-8")
    assert [line for line in page.splitlines() if line.startswith("| `")] == rows


def test_a_problem_leaves_no_write_behind_and_no_broken_transaction(browser: Client) -> None:
    browser.get("/raise/bug/")
    assert BatchFactory().pk


@pytest.mark.urls("settings.urls")
@pytest.mark.parametrize("given", ["", "my-number-of-1"])
def test_what_no_view_answers_has_a_number_too_which_stands_in_the_log(
    given: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails without `_told` in api.handlers: `request_id` was empty."""
    caplog.set_level(logging.INFO, "api.requests")
    for address in ("/api/", "/api/v2/me/"):
        answer = Client().get(address, headers={"X-Request-Id": given} if given else {})
        number = answer.json()["request_id"]
        assert (number, answer.headers["X-Request-Id"]) == (given or number, number)
        assert len(number) > 7
        assert f"request_id={number}" in caplog.text


@pytest.mark.urls("settings.urls")
def test_whoever_looks_for_the_beginning_is_told_of_the_description() -> None:
    answer = Client().get("/api/v1/", headers={"Accept-Language": "en"})
    assert (answer.status_code, answer.json()["reason"]) == (404, "The API: http://testserver/api/v1/docs/")
