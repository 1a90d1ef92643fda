"""Runs the examples of the description: each is asked for as it says, and compared with what is answered."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from random import Random
from typing import Any

from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client

from api.examples import FILE, JSON
from tests.factories import NOW

CODE = re.compile(r"[A-Z][A-Z0-9_]*")
BY_CHANCE = {
    "secrets": ["whsec_RXhlbXBsZS1xdWktbmUtc2lnbmUtcmllbi0wMDAwMDA="],
    "timestamp": NOW.isoformat(),
}
"""Members whose values are drawn, or told by the database's clock: what is written in their place."""
MOST = 4
"""Of a list of objects."""
SITE = "https://registre.example"
IDS_FROM = 1001
"""Whatever other tests have made, so that an example names the same ids each time."""


def operations(schema: dict[str, Any]) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Each operation: its name, method, path and description."""
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            yield operation["operationId"], method, path, operation


def success(operation: dict[str, Any]) -> tuple[int, dict[str, Any]]:
    """The status of an operation's success, and its contents by media type."""
    [status] = [status for status in operation["responses"] if status < "300"]
    return int(status), operation["responses"][status]["content"]


def count_ids_from_the_same() -> None:
    """Have every table give the same ids as in any other run; undone with the test's transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT format('%I.%I', schemaname, sequencename) FROM pg_sequences")
        for (name,) in cursor.fetchall():
            cursor.execute(f"ALTER SEQUENCE {name} RESTART WITH {IDS_FROM}")


def told(document: Any) -> Any:
    """A document as the description shows it: of a long list of objects the first, and nothing drawn by chance."""
    if isinstance(document, dict):
        return {name: (value and BY_CHANCE.get(name)) or told(value) for name, value in document.items()}
    if isinstance(document, list):
        return [told(one) for n, one in enumerate(document) if n < MOST or not isinstance(one, dict)]
    return document.replace("http://testserver", SITE) if isinstance(document, str) else document


def differences(kept: Any, found: Any, place: str = "#") -> Iterator[tuple[str, Any, Any]]:
    """Where two answers differ in their members, types or codes; of anything else each may tell its own."""
    if isinstance(kept, dict) and isinstance(found, dict):
        for name in sorted(kept.keys() | found.keys()):
            yield from differences(kept.get(name, Absent), found.get(name, Absent), f"{place}/{name}")
    elif isinstance(kept, list) and isinstance(found, list) and len(kept) == len(found):
        for number, (one, other) in enumerate(zip(kept, found, strict=True)):
            yield from differences(one, other, f"{place}/{number}")
    elif _kind(kept) != _kind(found):
        yield place, kept, found


def _kind(value: Any) -> Any:
    """A code's own name, a document as it is, the type of all else."""
    is_code = isinstance(value, str) and CODE.fullmatch(value)
    return value if is_code or isinstance(value, dict | list) else type(value)


class Absent:
    """What a member is that there is not."""


class Refused(Exception):
    """An act without which a scene cannot go on."""


@dataclass
class Run:
    """Asks for one operation after the other and keeps what does not hold; `recorded` is what was found instead."""

    described: dict[str, tuple[str, str, dict[str, Any]]]
    examples: dict[str, dict[str, Any]]
    is_recording: bool
    now: datetime = NOW
    chance: Random = field(default_factory=Random)
    recorded: dict[str, dict[str, Any]] = field(default_factory=dict)
    wrong: list[Any] = field(default_factory=list)

    def play(self, scene: Callable[[Run], None]) -> None:
        """One scene, undone at its end: at NOW unless it says otherwise, with the same ids and draws each time."""
        with transaction.atomic():
            count_ids_from_the_same()
            self.now = NOW
            self.chance.seed(scene.__name__)
            with suppress(Refused):
                scene(self)
            transaction.set_rollback(True)

    def __call__(self, operation: str, client: Client, body: Any = None, *, query: str = "", **names: Any) -> Any:
        """Ask for an operation in the words of its example (`body` when recording); `names` are those in its path."""
        method, path, described = self.described[operation]
        address = path.format(**names) + query
        example = self.examples.get(operation, {})
        sent = body if self.is_recording else example.get("request")
        cache.clear()
        answer = send(client, method, address, sent, described)
        self.keep(operation, sent, answer, success(described)[0])
        return answer.json()

    def keep(self, operation: str, sent: Any, answer: Any, status: int) -> None:
        """Keep the example as it was found, and whether it is as it was kept. Raises Refused."""
        request = {} if sent is None else {"request": sent}
        found = request | {"status": answer.status_code, "response": told(answer.json())}
        kept = found if self.is_recording else self.examples.get(operation, {})
        self.recorded[operation] = found
        if answer.status_code != status or kept.get("status") != status:
            self.wrong.append((operation, answer.status_code, answer.text))
            raise Refused
        self.wrong += [(operation, *one) for one in differences(kept.get("response"), found["response"])]


def send(client: Client, method: str, address: str, body: Any, operation: dict[str, Any]) -> Any:
    """Send a request as the description has it: a file where it takes one, an ETag where it asks for one."""
    if method == "get":
        return client.get(address)
    headers = {"Idempotency-Key": f"exemple-{operation['operationId']}"}
    if method == "patch":
        headers["If-Match"] = client.get(address).headers["ETag"]
    if "multipart/form-data" in operation.get("requestBody", {}).get("content", {}):
        return client.post(address, data={"file": paper()}, headers=headers)
    call = getattr(client, method)
    return call(address, data={} if body is None else body, content_type=JSON, headers=headers)


def paper() -> SimpleUploadedFile:
    """A certificate."""
    return SimpleUploadedFile("attestation-rc-pro.pdf", b"%PDF-1.7\n".ljust(48_213))


def write(recorded: dict[str, dict[str, Any]]) -> None:
    """Write down what was recorded, in the order of names; a space that does not break is one that can be seen."""
    text = json.dumps(dict(sorted(recorded.items())), ensure_ascii=False, indent=1)
    FILE.write_text(text.replace("\u00a0", "\\u00a0").replace("\u202f", "\\u202f") + "\n", encoding="utf-8")
