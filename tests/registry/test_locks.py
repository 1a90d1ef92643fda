"""The advisory lock that says, to every machine, that a register file is being applied."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction

from registry.locks import IMPORT_LOCK, import_in_progress, lock_import

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def other(transactional_db: None) -> Iterator[psycopg.Connection]:
    """Another machine's connection to this database."""
    connection.ensure_connection()
    parameters = connection.get_connection_params()
    wanted = {k: v for k, v in parameters.items() if k in ("dbname", "host", "port", "user", "password") and v}
    with psycopg.connect(**wanted, autocommit=True) as made:
        yield made


def take(other: psycopg.Connection) -> bool:
    row = other.execute("SELECT pg_try_advisory_xact_lock(%s)", [IMPORT_LOCK]).fetchone()
    return bool(row and row[0])


def test_one_holds_it_and_the_others_see_that(other: psycopg.Connection) -> None:
    """Fails without the advisory lock itself, or with one that is shared."""
    assert not import_in_progress()
    with other.transaction():
        assert take(other)
        assert import_in_progress()
        with transaction.atomic():
            assert not lock_import()
    assert not import_in_progress()
    with transaction.atomic():
        assert lock_import()


def test_the_holder_itself_is_no_other_import(other: psycopg.Connection) -> None:
    """Fails without `pid <> pg_backend_pid()`."""
    with transaction.atomic():
        assert lock_import()
        assert lock_import()
        assert not import_in_progress()
        with other.transaction():
            assert not take(other)


def test_a_rollback_gives_it_back(other: psycopg.Connection) -> None:
    with transaction.atomic():
        assert lock_import()
        transaction.set_rollback(True)
    with other.transaction():
        assert take(other)


def test_a_lock_on_something_else_or_in_another_database_is_no_import(other: psycopg.Connection) -> None:
    """Fails without `objid` or `database` in the query: advisory locks are one heap for the whole server."""
    with other.transaction():
        other.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK + 1])
        assert not import_in_progress()
    wanted: dict[str, Any] = {"host": other.info.host, "port": other.info.port, "user": other.info.user}
    if other.info.password:
        wanted["password"] = other.info.password
    with psycopg.connect(**wanted, dbname="postgres") as elsewhere:
        elsewhere.execute("SELECT pg_advisory_xact_lock(%s)", [IMPORT_LOCK])
        assert not import_in_progress()
