"""A statement that many requests run: planned once a connection, then run by Django's cursor like any other.

PostgreSQL takes longer to plan a look-up by key than to run it. It is run as `EXECUTE`, so that what watches Django's
statements (a log, a test that counts them, a wrapper) sees each, which a protocol call of the driver would pass by.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

from django.db import connection
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from django.db.backends.utils import CursorWrapper
    from psycopg import Connection

_planned: WeakKeyDictionary[Connection, set[str]] = WeakKeyDictionary()
"""By name, what each connection has planned."""


@dataclass(frozen=True, slots=True)
class _Form:
    name: str
    statement: bytes
    execute: str


def run_planned(cursor: CursorWrapper, statement: str, values: Sequence[Any]) -> None:
    """Run a statement on a cursor of Django's default connection; its parameters are `%s`, and it has no other per cent
    sign. Raises Django's database errors, as the cursor does."""
    form = _form(statement)
    driver: Connection = connection.connection
    names = _planned.setdefault(driver, set())
    if form.name not in names:
        with connection.wrap_database_errors:
            _prepare(driver, form)
        names.add(form.name)
    cursor.execute(form.execute, values)


@functools.lru_cache(maxsize=64)
def _form(statement: str) -> _Form:
    """Of texts there are few, each written in the source; one text has one name in every process."""
    first, *others = statement.split("%s")
    numbered = first + "".join(f"${place}{part}" for place, part in enumerate(others, start=1))
    name = f"planned_{sha256(numbered.encode()).hexdigest()[:24]}"
    return _Form(name, numbered.encode(), f"EXECUTE {name} ({', '.join(['%s'] * len(others))})")


def _prepare(driver: Connection, form: _Form) -> None:
    result = driver.pgconn.prepare(form.name.encode(), form.statement)
    if result.status != ExecStatus.COMMAND_OK:
        raise error_from_result(result)
