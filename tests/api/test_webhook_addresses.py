"""Where a webhook may go: the public internet and nowhere else, however it is dressed (SSRF)."""

from __future__ import annotations

import socket
import ssl
import time
from ipaddress import ip_address
from threading import Event
from typing import Any

import pytest

from api import webhook_transport
from api.webhook_addresses import BadTargetError, may_connect, read_target
from api.webhook_transport import Outcome, post
from tests.receiver import Receiver

PRIVATE = [
    "127.0.0.1", "127.255.0.9", "0.0.0.0", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
    "192.0.2.1", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "::1", "::", "fe80::1", "fe80::1%eth0",
    "fec0::1", "fc00::1", "fd00:ec2::254", "ff02::1", "2001:db8::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1",
    "::ffff:169.254.169.254", "::127.0.0.1", "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::", "2002:a00:1::1",
    "2001:0:7f00:1::", "192.0.0.192", "192.0.0.8", "192.88.99.1", "168.63.129.16", "2001:4:112::1", "3fff::1",
]  # fmt: skip
PUBLIC = ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "::ffff:93.184.215.14"]

DRESSED = [
    "https://localhost/", "https://LOCALHOST./", "https://a.localhost/", "https://2130706433/", "https://127.1/",
    "https://0x7f000001/", "https://0x7f.1/", "https://0177.0.0.1/", "https://127.0.0.1./", "https://db.internal/",
    "https://printer.local/", "https://intranet/", "https://nas.lan/", "https://router.home.arpa/", "https://a..example/",
    "https://evil.example\x7f/", "https://ev%00il.example/", "https://*.example/", 'https://a"b.example/', "https://[v1.a]/",
    "https://-a.example/", "https://a-.example/",
]  # fmt: skip
"""Names that are none, or of no public host."""


@pytest.mark.parametrize("text", PRIVATE)
def test_no_address_of_ours_or_of_a_private_network_is_connected_to(text: str) -> None:
    """Fails without the line of `may_connect` for that kind."""
    assert not may_connect(ip_address(text), loopback=False)


@pytest.mark.parametrize("text", PUBLIC)
def test_a_public_address_is(text: str) -> None:
    assert may_connect(ip_address(text), loopback=False)


@pytest.mark.parametrize("text", PRIVATE)
def test_the_allowance_for_trials_is_for_this_machine_alone(text: str) -> None:
    allowed = may_connect(ip_address(text), loopback=True)
    assert allowed == (text in {"127.0.0.1", "127.255.0.9", "::1", "::ffff:127.0.0.1"})


@pytest.mark.parametrize(
    "url",
    [
        "http://hook.example/", "ftp://hook.example/", "https://", "hook.example", "https://u:p@hook.example/",
        "https://u@hook.example/", "https://hook.example/#x", "https://[::1]/", "https://127.0.0.1/", "https://10.0.0.1/",
        "https://[::ffff:169.254.169.254]/", "https://hook.example:99999/", "https://hook.example:x/", "https://[x/",
        "https://hook.example:22/", "https://hook.example:25/", "https://hook.example:0/", "https://hook.example:80/",
        f"https://{'a' * 64}.example/",
        *DRESSED, "https://hook.example/a b", "https://hook.example/\r\nHost: x", "https://hök.example/", "file:///etc/passwd",
    ],
)  # fmt: skip
def test_an_address_that_leads_elsewhere_is_refused_when_it_is_given(url: str) -> None:
    with pytest.raises(BadTargetError):
        read_target(url, loopback=False)


def test_a_name_that_looks_like_those_is_taken_and_this_machine_s_for_trials() -> None:
    for host in ("localhost.example", "127.1.example", "internal.example", "0x7f.fr", "a_b.x-y.example"):
        assert read_target(f"https://{host}/", loopback=False).host == host
    # No certificate has the dot.
    assert read_target("https://hook.example./", loopback=False).host == "hook.example"
    assert read_target("http://localhost:8000/", loopback=True).port == 8000


def test_the_parts_of_an_address() -> None:
    assert read_target("https://hook.example/a/b?c=d", loopback=False) == (True, "hook.example", 443, "/a/b?c=d")
    assert read_target("https://hook.example:8443", loopback=False) == (True, "hook.example", 8443, "/")


def named(monkeypatch: pytest.MonkeyPatch, *addresses: str) -> list[Any]:
    """Every name leads to these addresses; what was asked and connected to."""
    asked: list[Any] = []

    def resolve(host: str, port: int, **_: Any) -> list[Any]:
        asked.append(("resolved", host))
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in addresses]

    def connect(address: tuple[str, int], timeout: float) -> socket.socket:
        asked.append(("connected", *address))
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    monkeypatch.setattr(socket, "create_connection", connect)
    return asked


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.8", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_name_that_leads_to_a_private_address_is_not_connected_to(
    address: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `_resolve`'s look at each address."""
    asked = named(monkeypatch, "93.184.215.14", address)
    outcome = post("https://hook.example/", b"{}", {}, loopback=False)
    assert (outcome.status, "publique" in outcome.error) == (None, True)
    assert asked == [("resolved", "hook.example")]


def test_the_name_is_asked_once_and_the_address_that_was_judged_is_the_one_connected_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A second answer (DNS rebinding) has no second question to come in by."""
    asked = named(monkeypatch, "93.184.215.14")
    assert post("https://hook.example/", b"{}", {}, loopback=False).status is None
    assert asked == [("resolved", "hook.example"), ("connected", "93.184.215.14", 443)]


def test_tls_proves_the_name_and_not_the_address(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []
    left, right = socket.socketpair()

    class Context:
        def wrap_socket(self, plain: socket.socket, server_hostname: str) -> socket.socket:
            seen.append(server_hostname)
            return plain

    named(monkeypatch, "93.184.215.14")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: left)
    monkeypatch.setattr(ssl, "create_default_context", Context)
    right.sendall(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert post("https://hook.example:8443/", b"{}", {}, loopback=False) == Outcome(204)
    assert seen == ["hook.example"]
    assert b"\r\nHost: hook.example:8443\r\n" in right.recv(4096)
    right.close()


def test_a_redirect_is_an_answer_and_is_not_followed() -> None:
    with Receiver(307) as receiver:
        outcome = post(receiver.url, b"{}", {}, loopback=True)
    assert (outcome.status, outcome.taken, len(receiver.messages)) == (307, False, 1)


@pytest.mark.parametrize("how", [{"delay": 2.0}, {"drip": True}])
def test_who_does_not_answer_in_time_is_left(how: dict[str, Any], monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `_left`: each byte of a dribble would begin the wait anew."""
    monkeypatch.setattr(webhook_transport, "DEADLINE_SECONDS", 0.2)
    with Receiver(**how) as receiver:
        assert post(receiver.url, b"{}", {}, loopback=True) == Outcome(None, "pas de réponse à temps")


def test_a_name_service_that_does_not_answer_in_time_is_left(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the name is looked up in the thread that counts the time."""
    answer = Event()
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: answer.wait(5) and [])
    monkeypatch.setattr(webhook_transport, "DEADLINE_SECONDS", 0.2)
    started = time.monotonic()
    assert post("https://hook.example/", b"{}", {}, loopback=False) == Outcome(None, "pas de réponse à temps")
    assert time.monotonic() - started < 2
    answer.set()


def test_a_name_that_is_unknown_is_told_like_one_that_leads_inside(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(*_: Any, **__: Any) -> list[Any]:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    unknown_one = post("https://hook.example/", b"{}", {}, loopback=False)
    named(monkeypatch, "10.0.0.1")
    assert unknown_one == post("https://hook.example/", b"{}", {}, loopback=False)
    assert unknown_one == Outcome(None, "adresse refusée\u00a0: ce nom ne mène à aucune adresse publique")


def test_where_one_address_is_down_the_name_s_next_one_is_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `_first_that_answers`."""
    asked = named(monkeypatch, "93.184.215.14", "93.184.215.15")
    assert post("https://hook.example/", b"{}", {}, loopback=False).status is None
    assert asked[1:] == [("connected", "93.184.215.14", 443), ("connected", "93.184.215.15", 443)]


def test_what_is_no_http_or_no_end_is_not_read_on(monkeypatch: pytest.MonkeyPatch) -> None:
    left, right = socket.socketpair()
    named(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: left)
    right.sendall(b"x" * 20_000)
    assert post("http://hook.example/", b"{}", {}, loopback=True) == Outcome(None, "la réponse n’est pas du HTTP")
    right.close()


def answered(monkeypatch: pytest.MonkeyPatch, *parts: bytes, more_to_come: bool = False) -> Outcome:
    """What becomes of an answer that comes in these parts."""
    left, right = socket.socketpair()
    named(monkeypatch, "127.0.0.1")
    monkeypatch.setattr(socket, "create_connection", lambda *_, **__: left)
    for part in parts:
        right.sendall(part)
    if not more_to_come:
        right.shutdown(socket.SHUT_WR)
    try:
        return post("http://hook.example/", b"{}", {}, loopback=True)
    finally:
        right.close()


@pytest.mark.parametrize(
    ("parts", "outcome"),
    [
        ((b"HTTP/1.1 204 No Content\r\n",), Outcome(204)),
        ((b"HTTP/1.1 100 Continue\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"), Outcome(200)),
        ((b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 500 No\r\n\r\n",), Outcome(500, "a répondu 500")),
        ((b"HTTP/1.1 100 Continue\r\n\r\n",), Outcome(None, "la réponse n’est pas du HTTP")),
        ((b"HTTP/1.1 101 Switching Protocols\r\n\r\n",), Outcome(101, "a répondu 101")),
        ((b"HTTP/1.1 429 Slow\r\nServer: a\r\nretry-after:  120 \r\n\r\n",), Outcome(429, "a répondu 429", "120")),
        ((b"HTTP/1.1 503 Later\r\nServer: a\r\n\r\nRetry-After: 9",), Outcome(503, "a répondu 503")),
        ((b"HTTP/1.1 500 No\r\nRetry-After: 120\r\n\r\n",), Outcome(500, "a répondu 500")),
        ((b"HTTP/1.1 503 Later\r\n" + b"a: b\r\n" * 4000,), Outcome(503, "a répondu 503")),
    ],
)
def test_an_answer_is_its_first_line_after_interim_ones_and_the_wait_it_asks_for(
    monkeypatch: pytest.MonkeyPatch, parts: tuple[bytes, ...], outcome: Outcome
) -> None:
    """Fails where an interim answer (RFC 9110, 15.2) is taken for the last one, or a body's line for a header."""
    assert answered(monkeypatch, *parts) == outcome


def test_a_head_that_does_not_end_in_time_asks_for_no_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook_transport, "DEADLINE_SECONDS", 0.2)
    told = answered(monkeypatch, b"HTTP/1.1 503 Later\r\nServer: a\r\n", more_to_come=True)
    assert told == Outcome(503, "a répondu 503")


def test_nobody_there_is_an_outcome() -> None:
    with Receiver() as receiver:
        url = receiver.url
    outcome = post(url, b"{}", {}, loopback=True)
    assert (outcome.status, outcome.error[:23]) == (None, "ConnectionRefusedError\u00a0")
