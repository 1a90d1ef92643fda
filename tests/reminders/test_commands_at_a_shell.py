"""The commands as a shell sees them: a process of its own, what it prints where, and its exit code."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from django.contrib.auth.models import Group
from django.core.management import load_command_class

from reminders.models import Batch
from settings.embedded import BASE_DIR
from tests.reminders.scenes import approved_batch, due_file, person

COMMANDS = (
    "plan_reminders",
    "show_batch",
    "approve_batch",
    "release_batch",
    "deliver",
    "pause_batch",
    "resume_batch",
    "cancel_batch",
    "stop_sending",
    "resume_sending",
    "explain",
    "recall_batch",
    "read_bounces",
    "dead_addresses",
    "settle_uncertain",
    "incident_report",
    "report_wrong",
    "forecast",
)


def shell(env: dict[str, str], *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE_DIR,
        env=env | {"REGISTER_NOW": "2026-01-29T10:30:00+01:00"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_number_that_is_none_is_wrong_use(database_env: dict[str, str]) -> None:
    done = shell(database_env, "report_wrong", "abc", "--by", "hugo")
    assert (done.returncode, done.stdout) == (2, "")
    assert "n’est pas un numéro ORIAS" in done.stderr


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_explains_itself_with_an_example_and_its_exit_codes(command: str) -> None:
    parser = load_command_class("reminders", command).create_parser("manage.py", command)
    shown = " ".join(parser.format_help().split())
    assert "Exit code: 0 done, 1 refused or failed, 2 wrong use." in shown
    assert f"manage.py {command}" in shown.split("Examples:")[1]
    undocumented = [a.dest for a in parser._actions if not a.help]
    assert not undocumented


def test_what_is_done_is_told_on_stdout_as_json_with_exit_code_0(database_env: dict[str, str]) -> None:
    due_file()
    done = shell(database_env, "plan_reminders", "--json")
    assert (done.returncode, done.stderr) == (0, "")
    assert json.loads(done.stdout)["batch"] == Batch.objects.get().pk


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("show_batch", "4711"), "Le lot 4711 n’existe pas"),
        (("explain", "99999999", "--json"), "n’est pas au registre"),
        (("cancel_batch", "1", "--by", "planner"), "reminders.release_batch"),
    ],
)
def test_what_is_refused_is_one_line_on_stderr_with_exit_code_1(
    arguments: tuple[str, ...], told: str, database_env: dict[str, str]
) -> None:
    person("planner")
    done = shell(database_env, *arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert told in done.stderr
    assert len(done.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan_reminders", "--as-of", "24/02/2026"), "2026-02-24"),
        (("plan_reminders", "--by", "nobody"), "nobody"),
        (("plan_reminders", "--wave", "J-7"), "J-7"),
        (("stop_sending", "  "), "motif"),
    ],
)
def test_wrong_use_says_what_is_right_with_exit_code_2(
    arguments: tuple[str, ...], told: str, database_env: dict[str, str]
) -> None:
    done = shell(database_env, *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert told in done.stderr
    assert "Traceback" not in done.stderr


def test_a_release_leaves_no_line_of_the_queues_log(database_env: dict[str, str]) -> None:
    """Fails without `_quiet`: django-q2 told of each doorbell on stderr."""
    due_file()
    batch = approved_batch()
    person("planner").groups.add(Group.objects.get(name="registry_officer"))
    for command in ("release_batch", "pause_batch", "resume_batch"):
        done = shell(database_env, command, str(batch.pk), "--by", "planner")
        assert (done.returncode, done.stderr) == (0, "")
