"""The tests' database: a copy of a template kept in the server, put back as it was after a test that commits.

On a server of somebody else's (DATABASE_URL) nothing is left behind and no superuser is taken for granted: there the
migrations run each time, and Django's own flush clears the tables.
"""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from importlib import import_module
from pathlib import Path

from django.apps import AppConfig, apps
from django.conf import settings
from django.db import connection
from django.db.backends.utils import CursorWrapper
from django.test import TransactionTestCase

from tests.seed import seed

LEFTOVER = re.compile(r"test_register_(?P<pid>\d+)(_gw\d+)?(_new)?")
MAKING_A_TEMPLATE = 7_302_014
"""The advisory lock of who makes the template: the others wait and then have it."""

_django_s_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def server_is_ours() -> bool:
    return "EMBEDDED" in connection.settings_dict


def prepare_server() -> None:
    """Drop the databases of runs that were killed, and have the next test database copied from the template."""
    if not server_is_ours():
        return
    with connection._nodb_cursor() as cursor:
        _drop_leftovers(cursor)
        cursor.execute("SELECT pg_advisory_lock(%s)", [MAKING_A_TEMPLATE])
        connection.settings_dict["TEST"]["TEMPLATE"] = _template(cursor)
    connection.close()


def _drop_leftovers(cursor: CursorWrapper) -> None:
    for name in _databases(cursor, "test_register_%"):
        found = LEFTOVER.fullmatch(name)
        if found and not Path(f"/proc/{found['pid']}").exists():
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


def _databases(cursor: CursorWrapper, pattern: str) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE %s", [pattern])
    return [name for (name,) in cursor.fetchall()]


# --- the template ---


def _template(cursor: CursorWrapper) -> str:
    """The name of the migrated database for the migrations and models as they are; made where it is not there."""
    name = f"test_template_{_fingerprint()}"
    others = _databases(cursor, "test_template_%")
    if name not in others:
        for other in others:
            cursor.execute(f'DROP DATABASE "{other}" WITH (FORCE)')
        _make(cursor, name)
    return name


def _fingerprint() -> str:
    """What the migrated database follows from: another word for other files. What else may differ, `migrate` mends:
    it runs on the copy too."""
    digest = sha256()
    for app in apps.get_app_configs():
        for path in sorted(_defining(app)):
            digest.update(f"{app.label}/{path.name}\n".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _defining(app: AppConfig) -> Iterator[Path]:
    for pattern in ("apps.py", "models.py", "models/**/*.py", "migrations/*.py"):
        yield from Path(app.path).glob(pattern)


def _make(cursor: CursorWrapper, name: str) -> None:
    """Migrate a database under another name, and give it its own when it is whole: a kill leaves none or all."""
    test = connection.settings_dict["TEST"]
    plain, wanted, fresh = connection.settings_dict["NAME"], test["NAME"], f"{test['NAME']}_new"
    test["NAME"] = fresh
    try:
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    finally:
        connection.close()
        test["NAME"] = wanted
        connection.settings_dict["NAME"] = settings.DATABASES["default"]["NAME"] = plain
    cursor.execute(f'ALTER DATABASE "{fresh}" WITH ALLOW_CONNECTIONS false')
    cursor.execute(f'ALTER DATABASE "{fresh}" RENAME TO "{name}"')


# --- after a test that commits ---

# In one call and only where something changed: Django's flush truncates all the tables and makes the permissions anew.
# Each table's statements are written out, so that PostgreSQL plans them once a connection and not once a test.
_PUT_BACK = """
CREATE FUNCTION as_migrated.put_back() RETURNS SETOF text LANGUAGE plpgsql
-- No trigger fires: they refuse deletions, and write history.
SET session_replication_role = replica
AS $$
BEGIN
{tables}
END
$$
"""
_EMPTIED = """
    IF EXISTS (SELECT FROM public.{table}) THEN
        DELETE FROM public.{table};
        IF pg_relation_size('public.{table}') > 1000000 THEN
            RETURN NEXT '{table}';
        END IF;
    END IF;
"""
_FILLED = """
    IF EXISTS ((TABLE public.{table} EXCEPT ALL TABLE as_migrated.{table})
               UNION ALL (TABLE as_migrated.{table} EXCEPT ALL TABLE public.{table})) THEN
        DELETE FROM public.{table};
        INSERT INTO public.{table} OVERRIDING SYSTEM VALUE TABLE as_migrated.{table};
    END IF;
"""


# The connection is kept: to a new one, every function, trigger and statement is new, a fifth of a second a test.
_AS_IF_NEW = "RESET ALL; SELECT pg_advisory_unlock_all(); DISCARD TEMP"


def loses_its_connection(case: TransactionTestCase) -> bool:
    """Whether a test that commits ends with its connection, as all do by Django's word.

    A browser's driver runs its tests in a context of its own, with a connection of its own that nobody else could end.
    """
    return not server_is_ours() or "DJANGO_ALLOW_ASYNC_UNSAFE" in os.environ


def wait_until_alone(seconds: float = 10.0) -> None:
    """Let what a browser asked for last come to its end: a database that is in use cannot be dropped."""
    until = time.monotonic() + seconds
    while server_is_ours() and _others() and time.monotonic() < until:
        time.sleep(0.05)
    if server_is_ours():
        _end_idle_others()
    # After a browser's test it need not be the connection that drops it: each asynchronous context has its own.
    connection.close()


def _others() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        return int(cursor.fetchone()[0]) - 1


def _end_idle_others() -> None:
    """A browser's kept connections keep their threads, and these their sessions, for as long as nobody ends them."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'"
        )


def remember() -> None:
    """Keep what the migrations put in, to be put back from there."""
    if not server_is_ours():
        return
    with connection.cursor() as cursor:
        _arm_anew(cursor)
        cursor.execute("CREATE SCHEMA as_migrated")
        tables = connection.introspection.table_names(cursor)
        cursor.execute(_PUT_BACK.format(tables="".join(_statements(cursor, table) for table in tables)))


def _statements(cursor: CursorWrapper, table: str) -> str:
    """What puts this table back; what it holds now is kept for that."""
    cursor.execute(f"SELECT EXISTS (SELECT FROM {table})")
    if not cursor.fetchone()[0]:
        return _EMPTIED.format(table=table)
    cursor.execute(f"CREATE TABLE as_migrated.{table} AS TABLE public.{table}")
    return _FILLED.format(table=table)


def _arm_anew(cursor: CursorWrapper) -> None:
    """A copied database cannot send (I13), and this one is a copy."""
    cursor.execute("SET session_replication_role = replica; DELETE FROM reminders_senderidentity")
    cursor.execute(import_module("reminders.migrations.0007_identity").ARM)
    cursor.execute("RESET session_replication_role")


def put_back(case: TransactionTestCase) -> None:
    """Make the database again what it was before the test; stands for Django's flush."""
    if not server_is_ours():
        with _emptying_allowed():
            _django_s_flush(case)
        seed()
        return
    connection.close_if_unusable_or_obsolete()
    with connection.cursor() as cursor:
        cursor.execute(_AS_IF_NEW)
        cursor.execute("SELECT as_migrated.put_back()")
        # The room of many rows is given back, lest every later test read through it.
        for (table,) in cursor.fetchall():
            cursor.execute(f'VACUUM "{table}"')


@contextmanager
def _emptying_allowed() -> Iterator[None]:
    """Django's flush truncates, which the register refuses; who owns the tables may lift that, and no superuser is
    needed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = 'never_emptied'")
        tables = [table for (table,) in cursor.fetchall()]
        cursor.execute(";".join(f"ALTER TABLE {table} DISABLE TRIGGER never_emptied" for table in tables))
        try:
            yield
        finally:
            cursor.execute(";".join(f"ALTER TABLE {table} ENABLE TRIGGER never_emptied" for table in tables))
