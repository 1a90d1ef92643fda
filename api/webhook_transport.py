"""One message to one address: resolved once, connected to what was judged, no redirect, within a time and a size."""

from __future__ import annotations

import socket
import ssl
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from ipaddress import ip_address
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any

from api.webhook_addresses import BadTargetError, Target, may_connect, read_target

DEADLINE_SECONDS = 10.0
"""For name, connection, TLS, sending and the first line of the answer, together."""
MOST_READ = 8192
_SWITCHING = 101
_ASK_TO_WAIT = (429, 503)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What was answered (`status` None: nothing that is HTTP), what went wrong, and how long the receiver asks to wait,
    in its own words."""

    status: int | None
    error: str = ""
    retry_after: str = ""

    @property
    def taken(self) -> bool:
        """Whether the receiver has it: 2xx and nothing else; a redirect is not followed."""
        return self.status is not None and 200 <= self.status < 300  # noqa: PLR2004


def post(url: str, body: bytes, headers: Mapping[str, str], *, loopback: bool) -> Outcome:
    """Send it, once. Whatever goes wrong is an Outcome."""
    until = time.monotonic() + DEADLINE_SECONDS
    try:
        target = read_target(url, loopback=loopback)
        with _connected(target, _resolve(target, until, loopback=loopback), until) as connection:
            connection.sendall(_request(target, body, headers))
            return _read_outcome(connection, until)
    except BadTargetError as error:
        return Outcome(None, f"adresse refusée\u00a0: {error}")
    except TimeoutError:
        return Outcome(None, "pas de réponse à temps")
    except (OSError, ssl.SSLError, UnicodeError) as error:
        return Outcome(None, f"{type(error).__name__}\u00a0: {error}"[:200])


_NOWHERE = "ce nom ne mène à aucune adresse publique"


def _resolve(target: Target, until: float, *, loopback: bool) -> list[str]:
    """The addresses to connect to. All of the name's must be public: one that is not shows what is meant."""
    found = _looked_up(target, until)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    for text in addresses:
        if not may_connect(ip_address(text), loopback=loopback):
            raise BadTargetError(_NOWHERE)
    return addresses


def _looked_up(target: Target, until: float) -> list[Any]:
    """What the name service says, in a thread of its own: getaddrinfo knows no deadline."""
    told: SimpleQueue[Any] = SimpleQueue()

    def ask() -> None:
        try:
            told.put(socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            told.put(error)

    Thread(target=ask, name="webhook-name", daemon=True).start()
    try:
        answer = told.get(timeout=_left(until))
    except Empty:
        raise TimeoutError from None
    if isinstance(answer, Exception):
        # In the words of one that is not public: which names there are inside is nobody's to learn here.
        raise BadTargetError(_NOWHERE)
    found: list[Any] = answer
    return found


def _connected(target: Target, addresses: list[str], until: float) -> socket.socket:
    """A connection to one of those very addresses: the name is not asked for again, but is what TLS proves."""
    plain = _first_that_answers(addresses, target.port, until)
    if not target.secure:
        return plain
    try:
        plain.settimeout(_left(until))
        return ssl.create_default_context().wrap_socket(plain, server_hostname=target.host)
    except BaseException:
        plain.close()
        raise


def _first_that_answers(addresses: list[str], port: int, until: float) -> socket.socket:
    """A name with an address that is down is still reached by its other ones."""
    *others, last = addresses
    for address in others:
        with suppress(OSError):
            return socket.create_connection((address, port), timeout=_left(until) / 2)
    return socket.create_connection((last, port), timeout=_left(until))


def _request(target: Target, body: bytes, headers: Mapping[str, str]) -> bytes:
    host = f"[{target.host}]" if ":" in target.host else target.host
    given = {
        "Host": host if target.port == (443 if target.secure else 80) else f"{host}:{target.port}",
        "User-Agent": "registre-webhooks/1",
        "Content-Type": "application/json",
        "Content-Length": str(len(body)),
        "Connection": "close",
        **headers,
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return f"POST {target.path} HTTP/1.1\r\n{lines}\r\n".encode("ascii") + body


def _read_outcome(connection: socket.socket, until: float) -> Outcome:
    """The first line of the answer is enough, that of an interim one (1xx) apart; what follows it is read only where
    it may say how long to wait."""
    lines = _lines(connection, until)
    for line in lines:
        status = _status_in(line)
        if status is None:
            break
        if status // 100 == 1 and status != _SWITCHING:
            _skip_head(lines)
        elif status // 100 == 2:  # noqa: PLR2004
            return Outcome(status)
        else:
            return Outcome(status, f"a répondu {status}", _retry_after(lines) if status in _ASK_TO_WAIT else "")
    return Outcome(None, "la réponse n’est pas du HTTP")


def _lines(connection: socket.socket, until: float) -> Iterator[bytes]:
    """The lines that come, with what comes after the last of them; MOST_READ bytes at most."""
    rest, read = b"", 0
    while read < MOST_READ:
        connection.settimeout(_left(until))
        more = connection.recv(1024)
        if not more:
            break
        read += len(more)
        *whole, rest = (rest + more).split(b"\n")
        yield from whole
    yield rest


def _status_in(line: bytes) -> int | None:
    words = line.split()
    if len(words) > 1 and words[0].startswith(b"HTTP/1.") and words[1].isdigit() and len(words[1]) == 3:  # noqa: PLR2004
        return int(words[1])
    return None


def _skip_head(lines: Iterator[bytes]) -> None:
    for line in lines:
        if not line.strip():
            return


def _retry_after(lines: Iterator[bytes]) -> str:
    """What the head says of waiting, in its own words; a head that does not come whole says nothing."""
    with suppress(OSError):
        for line in lines:
            name, _, value = line.partition(b":")
            if name.lower() == b"retry-after":
                return value.strip().decode("ascii", "replace")
            if not line.strip():
                break
    return ""


def _left(until: float) -> float:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    return left
