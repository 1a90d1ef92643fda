"""An empty, migrated database for the demonstration: its own is emptied, anybody else's never.

Its own is the embedded server under `var/postgres-demo`. There a blank copy is kept from the first run on, so
that a later run begins by copying files (0.2 s) and not by migrating (some seconds). Its name carries a hash of
the migrations: where one of them changes, a new blank is made.
"""

from __future__ import annotations

import hashlib
import shutil
import time
from contextlib import AbstractContextManager
from typing import Any

from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from registry.models import Intermediary
from reminders.config import engine_settings
from reminders.sending.arming import arm
from settings.embedded import BASE_DIR
from web.demo.errors import DemoError
from web.demo.stage import AUTUMN

BLANK = "register_blank_"
PATIENCE_SECONDS = 3.0
"""How long connections of a run that has just ended may take to go."""


def fresh_database() -> None:
    """Leave the default database migrated and empty.

    Raises DemoError where it is not the demonstration's own and holds anything, or where another run uses it.
    """
    if "EMBEDDED" in connection.settings_dict:
        _from_blank()
    else:
        _migrate()
        _require_empty()
    _fresh_sender()


def _fresh_sender() -> None:
    """Forget the journal of the run before, which is the demonstration's own too, and make this database the sender."""
    engine = engine_settings()
    shutil.rmtree(engine.journal_dir, ignore_errors=True)
    arm(engine, by=None, now=AUTUMN)


def _from_blank() -> None:
    name, blank = connection.settings_dict["NAME"], BLANK + _migrations_digest()
    connection.close()
    with _server() as cursor:
        _require_alone(cursor, name)
        _run(cursor, "DROP DATABASE IF EXISTS {}", name)
        known = _blanks(cursor)
        if blank in known:
            _run(cursor, "CREATE DATABASE {} TEMPLATE {}", name, blank)
            return
        for outdated in known:
            _run(cursor, "DROP DATABASE {}", outdated)
        _run(cursor, "CREATE DATABASE {}", name)
    _migrate()
    connection.close()
    with _server() as cursor:
        _run(cursor, "CREATE DATABASE {} TEMPLATE {}", blank, name)


def _server() -> AbstractContextManager[Any]:
    """A cursor on the server, in no database that we make or drop."""
    cursor: AbstractContextManager[Any] = connection._nodb_cursor()
    return cursor


def _run(cursor: Any, statement: str, *names: str) -> None:
    cursor.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))


def _blanks(cursor: Any) -> list[str]:
    cursor.execute("SELECT datname FROM pg_database WHERE starts_with(datname, %s)", [BLANK])
    return [name for (name,) in cursor.fetchall()]


def _require_alone(cursor: Any, name: str) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while _in_use(cursor, name):
        if time.monotonic() > until:
            raise DemoError(
                "Une autre démonstration se sert encore de cette base : terminez-la (Ctrl-C dans son terminal), "
                "puis recommencez."
            )
        time.sleep(0.1)


def _in_use(cursor: Any, name: str) -> bool:
    cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE datname = %s", [name])
    return bool(cursor.fetchone()[0])


def _migrations_digest() -> str:
    digest = hashlib.sha256(repr(sorted(MigrationLoader(None).disk_migrations)).encode())
    for path in sorted(BASE_DIR.glob("*/migrations/*.py")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def _migrate() -> None:
    call_command("migrate", interactive=False, verbosity=0)


def _require_empty() -> None:
    if Intermediary.objects.exists() or User.objects.exists():
        raise DemoError(
            "La base que DATABASE_URL désigne n’est pas vide, et la démonstration ne vide que la sienne : "
            "retirez DATABASE_URL, ou désignez une base vide."
        )
