"""A request is read as UTF-8 whatever its Content-Type says: Python knows "charsets" that inflate or break."""

from __future__ import annotations

import base64
import bz2
import tracemalloc
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from rest_framework.exceptions import ParseError

from api.parsers import JsonBody

pytestmark = pytest.mark.django_db
CODECS = ("bz2", "zlib", "rot13", "hex", "undefined", "idna", "utf-16", "latin-1", "bogus")


@pytest.mark.parametrize("codec", CODECS)
def test_every_door_reads_its_text_as_utf_8_whatever_is_announced(codec: str) -> None:
    """Fails without `OneCharset`: most were answered by the server itself, with no page and no problem."""
    client = Client(raise_request_exception=False)
    asked: list[tuple[str, str, bytes, str, int]] = [
        ("get", "/api/v1/register/?q=dur%C3%A9", b"", "text/plain", 200),
        ("get", "/?q=dur%C3%A9", b"", "text/plain", 200),
        ("post", "/api/v1/register/check/", b'{"numbers": ["07000071"]}', "application/json", 200),
        ("post", "/mon-espace/connexion/", b"email=%C3%A9", "application/x-www-form-urlencoded", 400),
        ("post", "/ws/service/", b"<a/>", "text/xml", 500),
    ]
    found = {
        path: client.generic(method.upper(), path, body, content_type=f"{kind}; charset={codec}")
        for method, path, body, kind, _ in asked
    }
    assert [answer.status_code for answer in found.values()] == [status for *_, status in asked]
    assert found["/api/v1/register/check/"].json()["unknown"] == ["07000071"]
    assert "<soap:Fault>" in found["/ws/service/"].text


def test_a_body_is_not_inflated_by_its_charset() -> None:
    """115 bytes were 60 MB. Fails where the parser reads by the encoding that it is given."""
    bomb = bz2.compress(b'{"numbers": ["' + b"0" * 8_000_000 + b'"]}')
    tracemalloc.start()
    try:
        for context in ({"encoding": "bz2"}, {}):
            with pytest.raises(ParseError):
                JsonBody().parse(BytesIO(bomb), "application/json", context)
        most = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert most < 1_000_000
    with pytest.raises(ParseError):
        JsonBody().parse(BytesIO(base64.b64encode(b"{}")), "application/json", {"encoding": "base64"})


@pytest.mark.parametrize("length", ["x", "-1", "1.5", "٣", "1 1"])
@pytest.mark.parametrize("path", ["/api/v1/register/check/", "/mon-espace/connexion/", "/ws/service/"])
def test_a_length_that_is_no_number_is_refused_in_words(client: Client, path: str, length: str) -> None:
    given: Any = {"CONTENT_LENGTH": length}
    answer = client.generic("POST", path, b"{}", content_type="application/json", **given)
    assert answer.status_code == 400
    if path.startswith("/api/"):
        assert answer.json()["code"] == "malformed_request"
