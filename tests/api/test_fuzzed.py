"""Whatever is sent, the API answers as its description says: drawn from the schema, and malformed by hand."""

from __future__ import annotations

import json
import tracemalloc
from contextlib import suppress
from datetime import date
from typing import Any

import hypothesis
import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import status_code_conformance

from api.throttling import ByBudget
from api.v1 import covers
from registry import clock
from registry.models import Cover
from tests.api.callers import Keyed, holder_of, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.factories import (
    NOW,
    BatchFactory,
    CoverFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalRequestFactory,
)

pytestmark = pytest.mark.django_db
EXAMPLES = 2
"""For each operation; the same ones each time."""
COVERS = "/api/v1/intermediaries/08000161/covers/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(ByBudget, "allow_request", lambda *_: True)


@pytest.fixture
def program() -> Keyed:
    one = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000161")).intermediary
    CoverFactory(intermediary=one)
    RenewalRequestFactory(registration=one.registrations.get())
    return Keyed(holder_of(one), "file:read", "file:write")


# --- drawn from the schema ------------------------------------------------------------------------------

CHECKS = [not_a_server_error, status_code_conformance]
DRAWN = settings(
    max_examples=EXAMPLES,
    derandomize=True,
    database=None,
    deadline=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
SCHEMA = "/api/v1/schema/?format=json"


def known(path: str, one: Any) -> dict[str, Any]:
    """Names in an address that lead to something."""
    found = {
        "orias_number": "08000161",
        "cover_id": Cover.objects.values_list("pk", flat=True).first(),
        "renewal_id": one.renewal,
        "batch_id": one.batch,
        "code": "not_found",
        "webhook_id": one.webhook,
    }
    return {name: value for name, value in found.items() if f"{{{name}}}" in path}


class Known:
    """What there is."""

    def __init__(self, program: Keyed) -> None:
        self.renewal = RenewalRequestFactory(registration__intermediary__orias_number="08000169").pk
        self.batch = BatchFactory().pk
        made = program.act("post", "/api/v1/webhooks/", {"url": "https://hook.example/"})
        self.webhook = made.json()["id"]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Any:
    """The connection of this test, in its one transaction, outlives a request."""
    monkeypatch.setattr(BaseDatabaseWrapper, "close_if_unusable_or_obsolete", lambda _: None)
    return schemathesis.openapi.from_wsgi(SCHEMA, WSGIHandler())


@pytest.mark.slow
@pytest.mark.parametrize(("who", "mode"), [("program", GenerationMode.POSITIVE), ("officer", GenerationMode.NEGATIVE)])
def test_every_operation_answers_as_described_whatever_is_drawn(
    who: str, mode: GenerationMode, program: Keyed, drawn: Any
) -> None:
    caller = program if who == "program" else Keyed(staff_in("administrator"), "staff:*")
    there = Known(caller)
    headers = {"Authorization": f"Bearer {caller.token}"}
    for result in drawn.get_all_operations():
        operation = result.ok()
        given = operation.as_strategy(generation_mode=mode, path_parameters=known(operation.path, there) or None)

        @DRAWN
        @hypothesis.given(given)
        def ask(case: Any) -> None:
            case.validate_response(case.call(headers=headers), checks=CHECKS)

        # What takes nothing cannot be given anything wrong.
        with suppress(Unsatisfiable):
            ask()


@pytest.mark.slow
def test_what_one_call_makes_is_followed_by_the_next_ones(program: Keyed, drawn: Any) -> None:
    headers = {"Authorization": f"Bearer {program.token}"}

    class Following(drawn.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: Any) -> dict[str, Any]:
            return {"headers": headers}

        def validate_response(self, response: Any, case: Any, **_: Any) -> None:
            case.validate_response(response, checks=CHECKS)

    assert drawn.statistic.transitions.total, "no call leads to another"
    Following.run(settings=settings(DRAWN, max_examples=3, stateful_step_count=6))


# --- malformed by hand ----------------------------------------------------------------------------------

MALFORMED: dict[str, tuple[bytes, int, str]] = {
    "ten megabytes": (b'{"issuer": "' + b"x" * 10_000_000 + b'"}', 413, "body_too_large"),
    "just too much": (b" " * (256 * 1024 + 1), 413, "body_too_large"),
    "nested deep": (b'{"issuer": ' + b"[" * 100_000 + b"]" * 100_000 + b"}", 400, "malformed_request"),
    "never closed": (b"[" * 200_000, 400, "malformed_request"),
    "bad UTF-8": (b'{"issuer": "\xff\xfe"}', 400, "malformed_request"),
    "another encoding": ('{"issuer": "é"}'.encode("utf-16"), 400, "malformed_request"),
    "NUL": (json.dumps({"issuer": "a\x00b"}).encode(), 400, "invalid_parameter"),
    "half a character": (b'{"issuer": "\\ud800"}', 400, "malformed_request"),
    "no number": (b'{"amount_cents": NaN}', 400, "malformed_request"),
    "a huge number": (b'{"amount_cents": ' + b"9" * 100_000 + b"}", 400, "malformed_request"),
    "a list": (b"[1, 2]", 400, "invalid_parameter"),
    "nothing": (b"", 400, "invalid_parameter"),
}


@pytest.mark.parametrize("name", MALFORMED)
def test_what_cannot_be_read_is_a_clear_problem_in_little_memory(name: str, program: Keyed) -> None:
    body, status, code = MALFORMED[name]
    headers = {"Idempotency-Key": "k"}
    program.get("/api/v1/me/")  # The first call of a process imports the API.
    tracemalloc.start()
    answer = program.generic("POST", COVERS, body, content_type="application/json", headers=headers)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    # The client's own copy; there is no second one.
    assert peak < len(body) + 3_000_000
    assert Cover.objects.count() == 1


@pytest.mark.parametrize(
    "query",
    [
        "limit=201",
        "limit=-1",
        "limit=99999999999999999999",
        "cursor=%00",
        "cursor=" + "x" * 5000,
        "fields=%00",
        "limit=1e9",
    ],
)
def test_a_page_that_is_too_large_or_none_is_pointed_at(query: str, program: Keyed) -> None:
    answer = program.get(f"{COVERS}?{query}")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] in query


@pytest.mark.parametrize("query", ["q=%00", "q=%ff", "q=" + "%F0%9F%98%80" * 50, "q=%25%25%25", "q='; DROP"])
def test_whatever_the_public_types_is_answered(query: str) -> None:
    assert Client().get(f"/api/v1/register/?{query}").status_code in (200, 400)


def test_what_the_database_refuses_is_a_conflict_and_no_bug(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    """A real refusal of a constraint, that no check before it foresaw. Fails without IntegrityError in `_CODES`."""

    def unforeseen(**_: Any) -> Cover:
        return CoverFactory(starts_on=NOW.date(), ends_on=date(2020, 1, 1))

    monkeypatch.setattr(covers, "record_cover", unforeseen)
    answer = program.act("post", COVERS, DEPOSIT)
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")
    assert "base de données" in answer.json()["reason"]
    assert "cover_" not in answer.text
    assert Cover.objects.count() == 1
