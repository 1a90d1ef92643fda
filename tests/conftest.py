"""What all tests share: the test database, and the way to it for a process of its own."""

import os
import signal
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import hypothesis
import pytest
from django.conf import settings as django_settings
from django.core.cache import cache
from django.db import connection
from django.test import TransactionTestCase
from django.utils import translation
from factory.base import FactoryMetaClass
from pytest_django.plugin import DjangoDbBlocker

from registry import kept
from settings.embedded import PORT, SUPERUSER
from settings.garbage import keep_what_is_loaded, look_seldom
from tests import factories
from tests.database import loses_its_connection, prepare_server, put_back, remember, wait_until_alone

PLACES = count()
FACTORIES = [made for made in vars(factories).values() if isinstance(made, FactoryMetaClass)]

# A busy machine is no fault of the code. What a profile of CI says besides (the same examples each time) stays said.
_usual = hypothesis.settings.get_profile(hypothesis.settings.get_current_profile_name())
hypothesis.settings.register_profile(
    "suite", parent=_usual, deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("suite")
# For pytest --hypothesis-profile=long: properties and the state machine look for longer.
hypothesis.settings.register_profile("long", max_examples=300, stateful_step_count=40, deadline=None)


def pytest_configure() -> None:
    """Be ended by Ctrl-C, and have the processes of the tests be: one started in the background ignores it."""
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    look_seldom()


@pytest.hookimpl(trylast=True)
def pytest_collection_finish() -> None:
    """What was collected stays to the end."""
    keep_what_is_loaded()


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    django_db_modify_db_settings_parallel_suffix: None, django_db_blocker: DjangoDbBlocker
) -> None:
    """pytest-django's hook just before the test databases are made."""
    with django_db_blocker.unblock():
        prepare_server()


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """pytest-django's making of the test databases; after a test that commits, `put_back` instead of a flush."""
    with django_db_blocker.unblock():
        remember()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", put_back)
        patch.setattr(TransactionTestCase, "_should_reload_connections", loses_its_connection)
        yield
    with django_db_blocker.unblock():
        wait_until_alone()


@pytest.fixture(autouse=True)
def _as_if_it_were_the_first(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Begin each test as if it were the first of its process: what fails, fails alone and in company.

    One fixture for all of it: it runs before each of thousands of tests.
    """
    _outside_the_database(tmp_path_factory.getbasetemp() / f"sender-{next(PLACES)}")
    # What the tests before asked for counts against nobody: budgets of callers are counted in the cache.
    cache.clear()
    kept.forget()
    # A page asked for in English leaves its thread in English, as a request may.
    translation.activate(django_settings.LANGUAGE_CODE)
    # By the real clock: the demo sets its own for the whole process.
    django_settings.REGISTER_NOW = None
    os.environ.pop("REGISTER_NOW", None)
    for factory in FACTORIES:
        factory.reset_sequence(force=True)


def _outside_the_database(place: Path) -> None:
    """A journal, an epoch and papers of its own: putting back the database after the test before emptied the ledger."""
    django_settings.JOURNAL_DIR, django_settings.EPOCH_FILE = place / "journal", place / "epoch"
    django_settings.DOCUMENT_DIR = place / "documents"
    django_settings.OPEN_DATA_DIR, django_settings.OPEN_DATA_KEY_FILE = place / "open-data", place / "signing.pem"


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
    outside["DOCUMENT_DIR"] = str(django_settings.DOCUMENT_DIR)
    return os.environ | outside | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "settings.test"}
