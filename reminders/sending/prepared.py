"""A statement that runs for every message: planned once a connection, its parameters handed to libpq as they are.

The driver's cursor takes longer to adapt two dozen parameters than PostgreSQL to run the statement.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from django.db import DEFAULT_DB_ALIAS, InterfaceError, OperationalError, connections
from psycopg import errors
from psycopg.errors import error_from_result
from psycopg.pq import ExecStatus

if TYPE_CHECKING:
    from psycopg import Connection
    from psycopg.pq.abc import PGresult

DATABASE_ERRORS = (OperationalError, InterfaceError, errors.OperationalError, errors.InterfaceError)
"""What a database that is gone, or will not answer, raises: by Django's name and by the driver's."""

Value = str | int | datetime | None
_NAMED = re.compile(r"%\((\w+)\)s")


class Prepared:
    """One statement under a name of its own; it gives one row.

    Raises the driver's own errors (`psycopg.errors`), like a cursor of its own would.
    """

    def __init__(self, name: str, statement: str) -> None:
        """`statement` names its parameters as `%(name)s`."""
        self._parameters = tuple(dict.fromkeys(_NAMED.findall(statement)))
        places = {parameter: f"${place}" for place, parameter in enumerate(self._parameters, start=1)}
        self._statement = _NAMED.sub(lambda found: places[found[1]], statement).encode()
        self._name = name.encode()
        self._known_to: WeakSet[Connection] = WeakSet()

    def row(self, values: Mapping[str, Value]) -> tuple[bytes | None, ...]:
        """Run it on Django's connection: the columns of its one row as PostgreSQL writes them."""
        ours = connections[DEFAULT_DB_ALIAS]
        ours.ensure_connection()
        driver: Connection = ours.connection
        if driver not in self._known_to:
            _checked(driver, driver.pgconn.prepare(self._name, self._statement), ExecStatus.COMMAND_OK)
            self._known_to.add(driver)
        written: list[Any] = [_written(values[parameter]) for parameter in self._parameters]
        result = _checked(driver, driver.pgconn.exec_prepared(self._name, written), ExecStatus.TUPLES_OK)
        return tuple(result.get_value(0, column) for column in range(result.nfields))


def _checked(driver: Connection, result: PGresult, wanted: ExecStatus) -> PGresult:
    if result.status == wanted:
        return result
    if driver.closed:
        raise errors.OperationalError(f"the connection to the database was lost: {result.get_error_message()}")
    raise error_from_result(result)


def _written(value: Value) -> bytes | None:
    """A value as PostgreSQL reads it; libpq would end a text at a NUL without a word."""
    if value is None:
        return None
    if isinstance(value, str):
        if "\0" in value:
            raise ValueError(f"a parameter may not hold NUL: {value!r}")
        return value.encode()
    return b"%d" % value if isinstance(value, int) else value.isoformat().encode()
