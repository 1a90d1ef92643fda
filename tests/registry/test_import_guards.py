"""What stops an import: a wave of removals, another import, the death of its process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import connection, transaction

from registry.actions import RegisterError
from registry.intake.applying import MASS_REMOVAL_AT_LEAST, MASS_REMOVAL_SHARE, compare_file
from registry.intake.reading import open_register
from registry.locks import IMPORT_LOCK, import_in_progress, lock_import
from registry.models import Intermediary, RegisterImport, Registration
from settings.embedded import BASE_DIR
from tests.factories import UserFactory
from tests.registry.commands import run
from tests.registry.register_files import CLEAN, apply, facts, query, removed, row, snapshot, written


def register_of(path: Path, size: int, gone: int = 0) -> Path:
    """A file of so many people, of whom the first are removed."""
    return written(path, *(row(n + 10, **(removed() if n < gone else {})) for n in range(size)))


# --- a wave of removals -----------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(("size", "gone", "refused"), [(250, 5, False), (250, 6, True), (20, 4, False), (20, 5, True)])
def test_a_file_that_removes_too_many_registrations_is_refused(
    tmp_path: Path, size: int, gone: int, refused: bool
) -> None:
    """More than one in fifty, and at least five. Fails without either half of the condition."""
    assert (MASS_REMOVAL_SHARE, MASS_REMOVAL_AT_LEAST) == (0.02, 5)
    apply(register_of(tmp_path / "r.csv", size))
    by = UserFactory.create(is_superuser=True).username
    before = snapshot()
    answer = run("import_register", register_of(tmp_path / "r.csv", size, gone), "--apply", "--by", by)
    assert answer.code == (1 if refused else 0)
    assert (snapshot() == before) is refused
    if refused:
        assert f"{gone} inscriptions sur {size}" in answer.err
        assert "--allow-mass-change" in answer.err
        assert run("import_register", tmp_path / "r.csv", "--apply", "--by", by, "--allow-mass-change").code == 0
    assert Registration.objects.filter(removed_on__isnull=False).count() == gone


@pytest.mark.django_db
def test_removals_that_the_register_knows_already_and_new_ones_removed_before_count_for_nothing(
    tmp_path: Path,
) -> None:
    """A first import of an old register holds thousands of them."""
    assert apply(register_of(tmp_path / "r.csv", 30, 20)).applied
    assert apply(register_of(tmp_path / "r.csv", 31, 20)).removed == 0


# --- one at a time ----------------------------------------------------------------------------------------


@contextmanager
def elsewhere(work: Callable[[], Any]) -> Iterator[list[Any]]:
    """Run `work` in a thread with a connection of its own; what it returned or raised."""
    outcome: list[Any] = []

    def body() -> None:
        try:
            outcome.append(work())
        except Exception as error:  # noqa: BLE001 - handed to the test
            outcome.append(error)
        finally:
            connection.close()

    thread = threading.Thread(target=body)
    thread.start()
    try:
        yield outcome
    finally:
        thread.join(30)
        assert not thread.is_alive()


@pytest.mark.django_db(transaction=True)
def test_of_two_imports_at_once_the_second_is_refused_in_clear_words(tmp_path: Path) -> None:
    """Fails without `lock_import` in apply_file: the second would wait for the first's rows, then collide."""
    path = register_of(tmp_path / "r.csv", 6)
    with transaction.atomic():
        first = apply(path)
        with elsewhere(lambda: apply(path)) as second:
            pass
    assert first.applied
    assert isinstance(second[0], RegisterError)
    assert "Un autre import est en cours" in str(second[0])
    assert (Intermediary.objects.count(), RegisterImport.objects.count()) == (6, 1)
    assert apply(path).unchanged == 6


@pytest.mark.django_db(transaction=True)
def test_two_imports_started_together_never_both_write(tmp_path: Path) -> None:
    paths = [register_of(tmp_path / f"{n}.csv", 300) for n in (1, 2)]
    start = threading.Barrier(2)

    def work(path: Path) -> Any:
        start.wait(10)
        return apply(path)

    with elsewhere(lambda: work(paths[0])) as one, elsewhere(lambda: work(paths[1])) as two:
        pass
    done = [outcome[0] for outcome in (one, two)]
    assert all(isinstance(o, RegisterError) or o.applied for o in done)
    assert any(not isinstance(o, RegisterError) for o in done)
    assert (Intermediary.objects.count(), RegisterImport.objects.count()) == (300, 1)


@pytest.mark.django_db(transaction=True)
def test_a_comparison_waits_for_nobody(tmp_path: Path) -> None:
    path = register_of(tmp_path / "r.csv", 6)
    with transaction.atomic():
        apply(path)
        with elsewhere(lambda: compare_file(open_register(path)).new) as seen:
            pass
    assert seen == [6]


# --- killed -----------------------------------------------------------------------------------------------

KILLED_HALF_WAY = """
import os, signal, sys
import django
django.setup()
from registry.intake import applying
from registry.intake.reading import open_register
from datetime import datetime, UTC
run = applying._run
def told(name, parameters=None):
    outcome = run(name, parameters)
    if name == sys.argv[2]:
        print("here", flush=True)
        sys.stdin.read()
    return outcome
applying._run = told
applying.apply_file(open_register(sys.argv[1]), by=None, now=datetime(2026, 1, 29, 9, tzinfo=UTC))
"""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("statement", ["insert_covers", "touched"])
def test_an_import_killed_half_way_leaves_nothing_and_the_next_one_goes_on(
    database_env: dict[str, str], statement: str
) -> None:
    """SIGKILL after that statement. Fails if any part were committed on the way, or the lock outlived its process."""
    before = snapshot()
    process = subprocess.Popen(
        [sys.executable, "-c", KILLED_HALF_WAY, str(CLEAN), statement],
        cwd=BASE_DIR,
        env=database_env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout
        assert process.stdout.readline() == "here\n"
        assert import_in_progress()
        with pytest.raises(RegisterError, match="Un autre import est en cours"):
            apply(CLEAN)
    finally:
        os.kill(process.pid, signal.SIGKILL)
        process.communicate(timeout=10)
    assert until(lambda: not import_in_progress())
    assert snapshot() == before
    assert apply(CLEAN).new == 1422
    assert len(facts()["registrations"]) == 1422


def until(what: Callable[[], bool], seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


# --- the lock ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_the_lock_ends_with_its_transaction_even_one_that_fails(tmp_path: Path) -> None:
    with pytest.raises(RegisterError, match="en erreur"):
        apply(written(tmp_path / "r.csv", row(1, email="x")))
    with transaction.atomic():
        assert lock_import()
    # Of this database: another test may be importing into its own.
    held = "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database WHERE datname = current_database()"
    assert query(f"{held} AND objid = %s", IMPORT_LOCK) == [(0,)]
