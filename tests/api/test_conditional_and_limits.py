"""ETags, 304, cursors, the number of a request, and the budgets with their headers."""

from __future__ import annotations

import logging
import re
from datetime import timedelta

import pytest
from django.test import Client

from api import throttling
from api.throttling import Budget
from registry import clock
from registry.models import Intermediary
from tests.api.callers import Keyed, holder_of
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
PAGE = "/api/v1/intermediaries/08000081/"


@pytest.fixture
def mine() -> Intermediary:
    return IntermediaryFactory(orias_number="08000081")


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.mark.parametrize("path", [PAGE, f"{PAGE}state/", f"{PAGE}notices/", f"{PAGE}covers/", "/api/v1/me/"])
def test_what_has_not_changed_is_not_sent_again_and_costs_nothing(program: Keyed, path: str) -> None:
    """Fails without `_conditional`, and without `give_back`."""
    first = program.get(path)
    again = program.get(path, headers={"if-none-match": first.headers["ETag"]})
    assert re.fullmatch(r'"[0-9]*\.[0-9a-f]{20}"', first.headers["ETag"])
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["ETag"] == first.headers["ETag"]
    told = [answer.headers["RateLimit"].partition(";t=")[0] for answer in (first, again, program.get(path))]
    assert told == ['"read";r=119', '"read";r=119', '"read";r=118']


def test_a_304_is_not_given_back_for_ever_nor_to_who_names_nothing(
    program: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without UNCHANGED, and where `*` is taken for an answer that the caller has."""
    monkeypatch.setattr("api.views.READS", Budget("read", 4))
    first = program.get(PAGE).headers["ETag"]
    told = [program.get(PAGE, headers={"if-none-match": first}).status_code for _ in range(25)]
    assert told == [304] * (throttling.UNCHANGED * 4 + 3) + [429] * (25 - throttling.UNCHANGED * 4 - 3)


def test_a_304_to_any_etag_costs_as_any_answer(program: Keyed) -> None:
    program.get(PAGE)
    answer = program.get(PAGE, headers={"if-none-match": "*"})
    assert (answer.status_code, answer.headers["RateLimit"].partition(";t=")[0]) == (304, '"read";r=118')


def test_a_304_says_too_that_the_key_ends_soon(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: program.key.expires_at - timedelta(days=29))
    first = program.get(PAGE)
    again = program.get(PAGE, headers={"if-none-match": first.headers["ETag"]})
    assert again.status_code == 304
    assert again.headers["X-Key-Expires"] == first.headers["X-Key-Expires"]


def test_who_is_refused_takes_nothing_from_the_other_keys(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the question in `draw_with_all_keys`: one program that loops kept all others out."""
    monkeypatch.setattr("api.views.READS", Budget("read", 2))
    told = [program.get(PAGE) for _ in range(6)]
    assert [answer.status_code for answer in told] == [200, 200, 429, 429, 429, 429]
    other = Keyed(holder_of(IntermediaryFactory(orias_number="08000082"), name="autre"), "file:read")
    assert '"keys";r=1197' in other.get("/api/v1/me/").headers["RateLimit"]


def test_a_change_changes_the_etag_and_so_does_the_language(program: Keyed, mine: Intermediary) -> None:
    RegistrationFactory(intermediary=mine)
    first = program.get(PAGE).headers["ETag"]
    assert program.get(PAGE, headers={"accept-language": "en"}).headers["ETag"] != first
    Intermediary.objects.filter(pk=mine.pk).update(town="Brest")
    answer = program.get(PAGE, headers={"if-none-match": first})
    assert answer.status_code == 200


def test_a_public_page_has_an_etag_too(client: Client, mine: Intermediary) -> None:
    first = client.get("/api/v1/problems/")
    again = client.get("/api/v1/problems/", headers={"if-none-match": first.headers["ETag"]})
    assert (again.status_code, again.headers["Cache-Control"]) == (304, "public, max-age=60")


def test_a_cursor_is_good_for_its_own_list_only(program: Keyed, mine: Intermediary) -> None:
    """Fails without the signature in `api.pagination`."""
    made = [CoverFactory(intermediary=mine).pk for _ in range(3)]
    first = program.get(f"{PAGE}covers/", {"limit": 2}).json()
    assert [cover["id"] for cover in first["results"]] == made[:0:-1]
    assert [cover["id"] for cover in program.get(first["next"]).json()["results"]] == made[:1]
    answer = program.get(first["next"].replace("covers", "notices"))
    assert answer.json()["errors"][0]["code"] == "invalid_cursor"


def test_the_budget_is_told_in_the_words_of_the_draft(program: Keyed) -> None:
    answer = program.get(PAGE)
    assert answer.headers["RateLimit-Policy"] == '"read";q=120;w=60, "keys";q=1200;w=60'
    assert re.fullmatch(r'"read";r=119;t=\d+, "keys";r=1199;t=\d+', answer.headers["RateLimit"])


def test_kinds_of_work_have_budgets_of_their_own(program: Keyed) -> None:
    written = program.act("patch", PAGE, {"town": "Brest"}, If_Match="*")
    assert written.headers["RateLimit"].startswith('"write";r=29')
    assert program.get(PAGE).headers["RateLimit"].startswith('"read";r=119')


def test_programs_cannot_starve_the_people_at_the_hotline(
    program: Keyed, staff: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without KEYS_TOGETHER in `ByBudget`, and if sessions drew on it."""
    monkeypatch.setattr(throttling, "KEYS_TOGETHER", Budget("keys", 3))
    others = Keyed(holder_of(IntermediaryFactory(), name="autre"), "file:read")
    statuses = [caller.get("/api/v1/me/").status_code for caller in (program, others, program, others)]
    assert statuses == [200, 200, 200, 429]
    assert [staff.get("/api/v1/me/").status_code for _ in range(5)] == [200] * 5


def test_who_has_spent_the_budget_is_told_until_when(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(throttling, "KEYS_TOGETHER", Budget("keys", 0))
    answer = program.get(PAGE)
    assert (answer.status_code, answer.json()["code"]) == (429, "too_many_requests")
    assert 1 <= int(answer.headers["Retry-After"]) <= 60
    assert "r=0" in answer.headers["RateLimit"]


def test_each_request_has_a_number_in_its_header_its_problem_and_the_log(
    program: Keyed, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO, logger="api.requests"):
        answer = program.get("/api/v1/intermediaries/99999999/?fields=secret")
    number = answer.headers["X-Request-Id"]
    assert answer.json()["request_id"] == number
    (line,) = [record.getMessage() for record in caplog.records if record.name == "api.requests"]
    assert number in line
    assert program.key.key_id in line
    assert "secret" not in line
    assert program.token not in line


@pytest.mark.parametrize(("given", "taken"), [("trace-1234", True), ("a b\r\nX: y", False), ("x" * 65, False)])
def test_the_number_that_a_proxy_gave_is_kept(client: Client, given: str, taken: bool) -> None:
    answer = client.get("/api/v1/problems/", headers={"x-request-id": given})
    assert (answer.headers["X-Request-Id"] == given) is taken
