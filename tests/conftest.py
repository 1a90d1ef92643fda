"""What all tests share: the test database, and the way to it for a process of its own."""

import os
import re
from itertools import count
from pathlib import Path

import pytest
from django.conf import settings as django_settings
from django.db import connection
from pytest_django.plugin import DjangoDbBlocker

from settings.embedded import PORT, SUPERUSER
from tests.seed import seed

PLACES = count()
LEFTOVER = re.compile(r"test_register_(?P<pid>\d+)(_gw\d+)?")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """pytest-django's hook just before the test databases are made: drop those of runs that were killed."""
    with django_db_blocker.unblock():
        _drop_leftovers()
        connection.close()


@pytest.fixture(autouse=True)
def _seeded(request: pytest.FixtureRequest) -> None:
    """Give every test that uses the database the rows that migrations put in."""
    if {"db", "transactional_db"} & set(request.fixturenames) or request.node.get_closest_marker("django_db"):
        request.getfixturevalue("_django_db_helper")
        seed()


@pytest.fixture(autouse=True)
def _outside_the_database(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Give every test a journal and an epoch file of its own: the flush after the one before emptied the ledger."""
    place = tmp_path_factory.getbasetemp() / f"sender-{next(PLACES)}"
    django_settings.JOURNAL_DIR, django_settings.EPOCH_FILE = place / "journal", place / "epoch"


@pytest.fixture
def database_env(transactional_db: None) -> dict[str, str]:
    """The environment for a process of its own, ``manage.py …`` say, that works on this test's database.

    It asks for ``transactional_db``, because another process sees only what is committed.
    """
    settings = connection.settings_dict
    host = str(settings["HOST"]).replace("%", "%25").replace("/", "%2F")
    user, password, port = (
        settings["USER"] or SUPERUSER,
        settings.get("PASSWORD", ""),
        settings["PORT"] or PORT,
    )
    url = f"postgresql://{user}:{password}@{host}:{port}/{settings['NAME']}"
    outside = {"JOURNAL_DIR": str(django_settings.JOURNAL_DIR), "EPOCH_FILE": str(django_settings.EPOCH_FILE)}
    return os.environ | outside | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "settings.test"}


def _drop_leftovers() -> None:
    """Drop the test databases whose process is no more; only where the server is ours alone."""
    if "EMBEDDED" not in connection.settings_dict:
        return
    with connection._nodb_cursor() as cursor:
        cursor.execute("SELECT datname FROM pg_database WHERE datname LIKE 'test_register_%%'")
        for (name,) in cursor.fetchall():
            found = LEFTOVER.fullmatch(name)
            if found and not Path(f"/proc/{found['pid']}").exists():
                cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
