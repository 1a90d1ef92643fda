"""A plugin of pytest's: the test database without one constraint or trigger, which UNGUARDED names."""

from __future__ import annotations

import os

import pytest
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

_DROP = """
DO $$
DECLARE
    statement text;
    found integer := 0;
BEGIN
    FOR statement IN
        SELECT format('ALTER TABLE %s DROP CONSTRAINT %I', conrelid::regclass, conname)
        FROM pg_constraint WHERE conname = 'NAME'
        UNION ALL
        SELECT format('DROP INDEX %I', c.relname) FROM pg_class c
        WHERE c.relkind = 'i' AND c.relname = 'NAME' AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = c.oid)
        UNION ALL
        SELECT format('DROP TRIGGER %I ON %s', tgname, tgrelid::regclass)
        FROM pg_trigger WHERE tgname ~ '^pgtrigger_NAME_[0-9a-f]+$'
    LOOP
        EXECUTE statement;
        found := found + 1;
    END LOOP;
    IF found <> 1 THEN
        RAISE EXCEPTION 'of NAME there are %', found;
    END IF;
END
$$
"""


@pytest.fixture(scope="session", autouse=True)
def _unguarded(request: pytest.FixtureRequest) -> None:
    name = os.environ.get("UNGUARDED", "")
    if name:
        request.getfixturevalue("django_db_setup")
        blocker: DjangoDbBlocker = request.getfixturevalue("django_db_blocker")
        with blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(_DROP.replace("NAME", name))
