"""Bodies and pages that nobody means well are answered by clear 4xx, and little is read of them."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest

from api.views import LARGEST_BODY
from registry.models import Cover, Intermediary
from tests.api.callers import Keyed, holder_of
from tests.api.test_idempotency import DEPOSIT
from tests.factories import IntermediaryFactory

pytestmark = pytest.mark.django_db
PAGE = "/api/v1/intermediaries/08000071/"
MEGABYTES = 10 * 1024 * 1024


@pytest.fixture
def program() -> Keyed:
    return Keyed(holder_of(IntermediaryFactory(orias_number="08000071")), "file:read", "file:write")


def sent(program: Keyed, body: bytes, media: str = "application/json", path: str = PAGE) -> Any:
    headers = {"If-Match": "*", "Idempotency-Key": "k-1"}
    return program.generic("PATCH" if path == PAGE else "POST", path, body, content_type=media, headers=headers)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"[" * 100_000, 400, "malformed_request"),
        (b'{"a":' * 40_000, 400, "malformed_request"),
        (b'{"town": "\xff\xfe"}', 400, "malformed_request"),
        (b'{"town": NaN}', 400, "malformed_request"),
        (b'{"town": 1' + b"0" * 5000 + b"}", 400, "malformed_request"),
        (b"\x00", 400, "malformed_request"),
        (b'{"town": "a\\u0000b"}', 400, "invalid_parameter"),
        (b'{"town": "\\ud800"}', 400, "malformed_request"),
        (b'{"\\ud800": 1}', 400, "malformed_request"),
        (b'{"town": [{"a": ["\\udfff"]}]}', 400, "malformed_request"),
        (b'"\\ud800"', 400, "malformed_request"),
        (json.dumps({"x" * 200: 1}).encode(), 400, "invalid_parameter"),
    ],
)
def test_a_body_that_cannot_be_read_says_so(program: Keyed, body: bytes, status: int, code: str) -> None:
    answer = sent(program, body)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


@pytest.mark.parametrize(
    ("body", "pointers"),
    [
        (b'{"town": "Brest", "town": "Nantes"}', ["#/town"]),
        (b'{"a": [{}, {"b/c": 1, "x": {"y": 1, "y": 1}, "b/c": 1, "b/c": 2}]}', ["#/a/1/b~1c", "#/a/1/x/y"]),
        (b'[[{"": 1, "\\u0061": 1, "a": 2}]]', ["#/0/0/a"]),
    ],
)
def test_a_name_that_stands_twice_is_refused_wherever_it_stands(
    program: Keyed, body: bytes, pointers: list[str]
) -> None:
    """Fails without `_object`: the last of both would count, unsaid."""
    answer = sent(program, body)
    assert (answer.status_code, answer.json()["code"]) == (400, "duplicate_member")
    assert [(one["pointer"], one["code"]) for one in answer.json()["errors"]] == [(p, "repeated") for p in pointers]


def test_of_many_names_that_stand_twice_some_are_told(program: Keyed) -> None:
    body = "{" + ", ".join(f'"n{n}": 1, "n{n}": 1' for n in range(100)) + "}"
    assert len(sent(program, body.encode()).json()["errors"]) == 20


@pytest.mark.parametrize("size", [LARGEST_BODY + 1, MEGABYTES])
def test_a_body_that_is_too_large_is_refused_before_it_is_read(program: Keyed, size: int) -> None:
    """Fails without the check in `ProblemsMixin.initial`: from 2.5 MB on, Django refuses as well."""

    class Unread:
        def read(self, *_: Any) -> bytes:
            raise AssertionError("the body was read")

        readline = read

        def close(self) -> None:
            """Nothing was opened."""

    arriving: dict[str, Any] = {"CONTENT_LENGTH": str(size), "wsgi.input": Unread()}
    answer = program.generic("PATCH", PAGE, b"{}", content_type="application/json", **arriving)
    assert (answer.status_code, answer.json()["code"]) == (413, "body_too_large")


def in_chunks(body: bytes) -> dict[str, Any]:
    """What a server passes on of a body without a length."""
    return {"HTTP_TRANSFER_ENCODING": "chunked", "CONTENT_LENGTH": "", "wsgi.input": BytesIO(body)}


@pytest.mark.parametrize("path", [f"{PAGE}covers/", "/api/v1/register/check/", "/api/v1/webhooks/"])
def test_a_body_in_chunks_without_its_length_is_refused_and_not_read_as_empty(program: Keyed, path: str) -> None:
    headers = {"Idempotency-Key": "k-1"}
    chunked = in_chunks(b'{"numbers": []}')
    answer = program.generic("POST", path, b"", content_type="application/json", headers=headers, **chunked)
    assert (answer.status_code, answer.json()["code"]) == (411, "length_required")


def test_another_format_is_refused(program: Keyed) -> None:
    answer = sent(program, b"town=Brest", "application/x-www-form-urlencoded")
    assert (answer.status_code, answer.json()["code"]) == (415, "unsupported_media_type")


@pytest.mark.parametrize(
    "query", [{"limit": "201"}, {"limit": "9" * 400}, {"limit": "-1"}, {"cursor": "x" * 201}, {"cursor": "A" * 99}]
)
def test_a_page_that_cannot_be_is_refused(program: Keyed, query: dict[str, str]) -> None:
    answer = program.get(f"{PAGE}covers/", query)
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")


@pytest.mark.parametrize(
    ("sign", "code"), [("\u202e", "bidi_character"), ("\u0007", "control_character"), ("\x1b", "control_character")]
)
def test_characters_that_mislead_or_command_are_taken_from_no_body(sign: str, code: str, program: Keyed) -> None:
    """Such as an insurer's name that reads backwards on a page. Fails without `_unreadable` in Body."""
    body = json.dumps(DEPOSIT | {"issuer": f"Mutu{sign}elle"}).encode()
    answer = sent(program, body, path=f"{PAGE}covers/")
    assert answer.status_code == 400, answer.text
    [error] = answer.json()["errors"]
    assert (error["pointer"], error["code"]) == ("#/issuer", code)
    assert not Cover.objects.exists()


@pytest.mark.parametrize("text", ["\u200b", "\u00ad\u2060", " \ufeff ", "\u3164", "\u180e\ufe0f"])
def test_a_text_of_signs_that_nobody_sees_neither_fills_nor_empties_a_field(text: str, program: Keyed) -> None:
    """Fails without `_unseen` in Body: the register keeps nothing of such signs, and the value would be gone."""
    Intermediary.objects.update(town="Brest")
    answer = sent(program, json.dumps({"town": text}).encode())
    [error] = answer.json()["errors"]
    assert (answer.status_code, error["pointer"], error["code"]) == (400, "#/town", "invisible_characters")
    assert Intermediary.objects.get().town == "Brest"
    answer = sent(program, json.dumps(DEPOSIT | {"issuer": text}).encode(), path=f"{PAGE}covers/")
    assert [(e["pointer"], e["code"]) for e in answer.json()["errors"]] == [("#/issuer", "blank")]


def test_an_empty_text_still_empties_and_letters_of_other_scripts_are_seen(program: Keyed) -> None:
    for town, kept in (("Bre\u00adst", "Brest"), ("Ἀθῆναι", "Ἀθῆναι"), ("", "")):
        answer = program.act("patch", PAGE, {"town": town}, If_Match="*")
        assert (answer.status_code, answer.json().get("town")) == (200, kept), answer.text


NO_OBJECT = ("Un objet JSON est attendu ici\u00a0: { … }.", "A JSON object is expected here: { … }.")


@pytest.mark.parametrize(
    ("path", "body", "words"),
    [
        ("/api/v1/webhooks/", None, NO_OBJECT),
        ("/api/v1/webhooks/", [], NO_OBJECT),
        ("/api/v1/register/check/", {"numbers": []}, ("Donnez 1 élément au moins.", "Give at least 1 item.")),
        (
            "/api/v1/register/check/",
            {"numbers": ["07001003"] * 1001},
            ("Donnez 1000 éléments au plus.", "Give at most 1000 items."),
        ),
        (
            "/api/v1/register/check/",
            {"numbers": "07001003"},
            ("Une liste est attendue ici\u00a0: [ … ].", "A list is expected here: [ … ]."),
        ),
    ],
)
def test_what_is_wrong_with_a_body_is_said_for_people(
    program: Keyed, path: str, body: Any, words: tuple[str, str]
) -> None:
    """Fails without `_worded`: the library says « au moins 1 éléments » and "No data provided"."""
    for language, expected in zip(("fr", "en"), words, strict=True):
        headers = {"Idempotency-Key": "k", "Accept-Language": language}
        answer = program.generic("POST", path, json.dumps(body), content_type="application/json", headers=headers)
        assert [error["detail"] for error in answer.json()["errors"]] == [expected]
