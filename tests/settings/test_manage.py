"""manage.py as a shell sees it: one French line for whatever ends a command, and the right exit code."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.db import DatabaseError, InterfaceError, OperationalError, ProgrammingError
from psycopg import errors

from settings import last_words
from settings.embedded import BASE_DIR, EmbeddedPostgresError
from settings.garbage import SELDOM

BARE = {key: os.environ[key] for key in ("PATH", "HOME") if key in os.environ} | {"PYTHONDONTWRITEBYTECODE": "1"}
NOBODY_THERE = "postgresql://register@127.0.0.1:1/register"


def manage(*words: str | bytes, **environment: str | bytes) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE_DIR,
        env={**BARE, **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def is_one_line(done: subprocess.CompletedProcess[str]) -> bool:
    return done.stdout == "" and len(done.stderr.splitlines()) == 1 and "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("name", "value", "must_be"),
    [
        ("DJANGO_SETTINGS_MODULE", "settings.prod", "settings.production"),
        ("DJANGO_SETTINGS_MODULE", "settings.queue", "settings.production"),
        ("SEND_WINDOW", "garbage", "mon-fri 09:00-17:00"),
    ],
)
def test_a_variable_that_cannot_be_used_is_told_on_one_line_with_exit_code_2(
    name: str, value: str, must_be: str
) -> None:
    """Fails without `_choose_settings`, or where SEND_WINDOW is first read by a command."""
    done = manage("check", **{name: value})
    assert (done.returncode, is_one_line(done)) == (2, True), done.stderr
    for word in (name, value, must_be):
        assert word in done.stderr


def test_settings_named_on_the_command_line_are_those_that_are_used() -> None:
    """Fails without `handle_default_options`: the settings are read before Django looks at --settings."""
    done = manage("check", "--settings=settings.production")
    assert (done.returncode, is_one_line(done)) == (2, True), done.stderr
    assert "manque" in done.stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("plan_reminder",), "plan_reminders"),
        (("explain", b"0700\xff"), "UTF-8"),
    ],
)
def test_what_manage_itself_cannot_use_is_told_on_one_line_with_exit_code_2(
    words: tuple[str | bytes, ...], told: str
) -> None:
    done = manage(*words)
    assert (done.returncode, is_one_line(done)) == (2, True), done.stderr
    assert told in done.stderr


def test_a_database_that_does_not_answer_ends_every_command_on_one_line_with_exit_code_1() -> None:
    for words in (("explain", "07001003"), ("migrate",)):
        done = manage(*words, DATABASE_URL=NOBODY_THERE)
        assert (done.returncode, is_one_line(done)) == (1, True), done.stderr
        assert "DATABASE_URL" in done.stderr


def test_a_reader_that_has_read_enough_ends_it_without_a_word() -> None:
    """Fails without the BrokenPipeError of main(), or without its `dup2`: the interpreter would complain."""
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w") as stdout:
        done = subprocess.run(
            [sys.executable, "manage.py", "help"],
            cwd=BASE_DIR, env=BARE, stdout=stdout, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert (done.returncode, done.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a disk that is always full is Linux's")
def test_an_answer_that_cannot_be_written_is_no_success() -> None:
    """Fails without the `flush` of `_flushed`."""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "manage.py", "help"],
            cwd=BASE_DIR, env=BARE, stdout=full, stderr=subprocess.PIPE, text=True, timeout=60, check=False,
        )  # fmt: skip
    assert done.returncode == 1
    assert "n’a pas pu être écrite" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-"])
def test_a_closed_stream_is_no_fault(closed: str) -> None:
    """Fails without `_open_streams`, where stdout or stderr is closed."""
    line = f'"{sys.executable}" manage.py check {closed}'
    done = subprocess.run(
        ["/bin/sh", "-c", line], cwd=BASE_DIR, env=BARE, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (0, False), done.stderr


def test_a_terminal_without_accents_gets_question_marks_and_no_error() -> None:
    """Fails without `errors="replace"`."""
    done = manage("plan_reminder", PYTHONIOENCODING="ascii:strict")
    assert (done.returncode, is_one_line(done)) == (2, True), done.stderr


def test_ctrl_c_ends_it_with_one_word_and_exit_code_130() -> None:
    with subprocess.Popen(
        [sys.executable, "manage.py", "shell", "--no-startup", "-c", "print('here', flush=True); input()"],
        cwd=BASE_DIR, env=BARE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    ) as process:  # fmt: skip
        assert process.stdout
        while "here" not in process.stdout.readline():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        _, stderr = process.communicate(timeout=30)
    assert (process.returncode, stderr) == (130, "Interrompu.\n")


# --- in which words --------------------------------------------------------------------------------------


def of_the_database(kind: type[Exception], said: str, cause: Exception | None = None) -> Exception:
    error = kind(said)
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "words"),
    [
        (last_words.WrongUse("ceci"), 2, "ceci"),
        (ImproperlyConfigured("SITE_URL"), 2, "SITE_URL"),
        (EmbeddedPostgresError("disque plein"), 1, "disque plein"),
        (of_the_database(OperationalError, "refused\n\tIs it running?", errors.OperationalError()), 1, "ne répond pas"),
        (of_the_database(InterfaceError, "the connection is closed"), 1, "ne répond pas"),
        (of_the_database(OperationalError, "deadlock detected", errors.DeadlockDetected()), 1, "a interrompu"),
        (of_the_database(ProgrammingError, "no relation x", errors.UndefinedTable()), 1, "manage.py migrate"),
        (of_the_database(ProgrammingError, "no column x", errors.UndefinedColumn()), 1, "manage.py migrate"),
        (of_the_database(ProgrammingError, "for table x", errors.InsufficientPrivilege()), 1, "n’a pas ce droit"),
        (of_the_database(DatabaseError, "is frozen: plan a new one", errors.RaiseException()), 1, "a interrompu"),
        (ValueError("a term is needed\nhere"), 1, "Défaut du programme, à signaler (ValueError"),
        (KeyError(), 1, "sans explication"),
    ],
    ids=lambda value: value if isinstance(value, str) else type(value).__name__,
)
def test_each_kind_of_error_is_told_on_one_line_with_its_exit_code(error: Exception, code: int, words: str) -> None:
    told, exit_code = last_words.told(error)
    assert exit_code == code
    assert words in told
    assert "\n" not in told


def test_a_fault_of_the_program_names_the_line_of_ours_that_it_came_from() -> None:
    with pytest.raises(AttributeError) as fault:
        last_words._require_utf8([7])  # type: ignore[list-item]
    told, _ = last_words.told(fault.value)
    assert "settings/last_words.py:" in told


def test_a_command_starts_without_what_only_the_site_needs_and_the_checks_find_it() -> None:
    """Fails with Django's own AdminConfig, or where the API is imported as its app gets ready, or without
    `look_seldom`; without `_check_whole_site` the checks would pass whatever the administration's classes say."""
    heavy = {"registry.admin", "reminders.admin", "rest_framework.serializers", "requests", "fpdf"}
    ask = (
        "import gc, sys; from django.contrib.admin import site; from django.core import checks; "
        f"print(sorted({heavy} & set(sys.modules)), len(site._registry), gc.get_threshold()); "
        "checks.run_checks(tags=['admin']); print(len(site._registry) > 20)"
    )
    done = manage("shell", "--no-startup", "--no-imports", "-c", ask)
    assert done.stdout.splitlines() == [f"[] 0 {SELDOM}", "True"], done.stderr
