"""A planned statement is planned once a connection, is seen by what watches, and fails as any other."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import ProgrammingError, connection
from django.test.utils import CaptureQueriesContext

from registry.planned import run_planned

TEXT = "SELECT u.username, %s::int + 1 FROM auth_user u WHERE u.username = %s"

pytestmark = pytest.mark.django_db


def rows(statement: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        run_planned(cursor, statement, values)
        return list(cursor.fetchall())


def kept_by_the_server() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE name LIKE %s", ["planned%"])
        return int(cursor.fetchone()[0])


def test_it_gives_the_rows_of_the_statement(django_user_model: Any) -> None:
    django_user_model.objects.create_user("o'neil %s")
    assert rows(TEXT, 4, "o'neil %s") == [("o'neil %s", 5)]
    assert rows(TEXT, 4, "nobody") == []


def test_it_is_planned_once_a_connection() -> None:
    """Fails where it is not known what a connection has planned: PostgreSQL refuses a second one of a name."""
    before, statement = kept_by_the_server(), f"{TEXT} OR u.id = -1"
    for number in range(3):
        rows(statement, number, "nobody")
    assert kept_by_the_server() == before + 1


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_plans_it_anew() -> None:
    rows(TEXT, 1, "nobody")
    connection.close()
    assert rows(TEXT, 1, "nobody") == []
    assert kept_by_the_server() == 1


def test_what_watches_statements_sees_each_run() -> None:
    with CaptureQueriesContext(connection) as seen:
        rows(f"{TEXT} OR u.id = -2", 1, "nobody")
        rows(f"{TEXT} OR u.id = -2", 1, "nobody")
    assert len(seen) == 2


@pytest.mark.django_db(transaction=True)
def test_a_wrong_statement_is_told_by_djangos_errors_each_time() -> None:
    for _ in range(2):
        with pytest.raises(ProgrammingError, match="no_such_table"):
            rows("SELECT * FROM no_such_table WHERE id = %s", 1)
