"""`manage.py create_user`, the roles, and what all commands share."""

from __future__ import annotations

import io
import logging
import re
import subprocess
import sys
from typing import Any

import pytest
from django.contrib.auth.models import Group, Permission, User
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError

from registry.actions import RegisterError
from registry.management.console import (
    Failed,
    RegisterCommand,
    WrongUse,
    acting_user,
    in_one_line,
    progress,
    require,
)
from registry.roles import Role
from settings.embedded import BASE_DIR
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
STRONG = "violet-horse-staple-93"


def create(*arguments: str) -> str:
    out = io.StringIO()
    call_command("create_user", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Any:
    return lambda text: monkeypatch.setattr(sys, "stdin", io.StringIO(text))


# --- roles ---


def test_the_roles_and_the_groups_of_the_database_are_the_same() -> None:
    assert {role.group for role in Role} == set(Group.objects.values_list("name", flat=True))


@pytest.mark.parametrize(
    ("role", "may", "may_not"),
    [
        (
            Role.REGISTRY_OFFICER,
            ["reminders.plan_batch", "registry.change_cover"],
            ["reminders.approve_batch"],
        ),
        (Role.APPROVER, ["reminders.approve_batch", "reminders.stop_sending"], ["registry.change_cover"]),
        (
            Role.HOTLINE_AGENT,
            ["registry.view_intermediary", "hotline.add_complaint"],
            ["reminders.plan_batch", "registry.change_cover", "hotline.change_complaint"],
        ),
        (
            Role.HOTLINE_LEAD,
            ["hotline.add_complaint", "hotline.change_complaint", "reminders.add_wrongreport"],
            ["reminders.plan_batch", "reminders.stop_sending", "registry.change_cover"],
        ),
        (Role.AUDITOR, ["reminders.view_notice"], ["reminders.stop_sending", "registry.change_cover"]),
        (Role.ADMINISTRATOR, ["registry.change_requirement", "auth.add_user"], ["auth.change_permission"]),
    ],
)
def test_each_role_may_do_its_work_and_no_more(role: Role, may: list[str], may_not: list[str]) -> None:
    create("somebody", "--role", role.group)
    user = User.objects.get()
    assert all(user.has_perm(permission) for permission in may)
    assert not any(user.has_perm(permission) for permission in may_not)
    assert user.is_staff
    assert not user.is_superuser


@pytest.mark.parametrize("written", ["registry_officer", "registry-officer", "Registry Officer", " REGISTRY__OFFICER "])
def test_a_role_is_known_however_it_is_written(written: str) -> None:
    assert Role.named(written) is Role.REGISTRY_OFFICER


def test_an_unknown_role_is_wrong_use_and_all_are_named() -> None:
    with pytest.raises(WrongUse) as refused:
        create("somebody", "--role", "boss")
    assert refused.value.returncode == 2
    assert all(role.group in str(refused.value) for role in Role)
    assert not User.objects.exists()


# --- the account ---


def test_a_strong_password_is_made_shown_once_and_works(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        said = create("marie", "--role", "approver", "--email", "marie@registre.example")
    (password,) = re.findall(r"Mot de passe, affiché cette seule fois\u00a0: (\S+)", said)
    user = User.objects.get(username="marie")
    assert user.check_password(password)
    assert user.email == "marie@registre.example"
    assert re.fullmatch(r"([a-z2-9]{5}-){4}[a-z2-9]{5}", password)
    assert password not in caplog.text


def test_two_passwords_are_never_the_same() -> None:
    assert len({create(name, "--role", "auditor").split()[-1] for name in "abcdef"}) == 6


def test_a_password_from_stdin_is_taken_and_not_shown(typed: Any) -> None:
    typed(f"{STRONG}\nignored\n")
    said = create("marie", "--role", "approver", "--password-stdin")
    assert User.objects.get().check_password(STRONG)
    assert STRONG not in said


@pytest.mark.parametrize("weak", ["", "short", "12345678901234567", "password1234"])
def test_a_weak_password_is_refused_and_nobody_is_made(typed: Any, weak: str) -> None:
    typed(f"{weak}\n")
    with pytest.raises(WrongUse, match="Mot de passe refusé"):
        create("marie", "--role", "approver", "--password-stdin")
    assert not User.objects.exists()


@pytest.mark.parametrize(
    ("name", "email", "field"),
    [
        ("marie durand", "", "nom d’utilisateur"),
        ("", "", "nom d’utilisateur"),
        ("x" * 151, "", "nom d’utilisateur"),
        ("marie", "not an address", "adresse électronique"),
    ],
)
def test_a_name_or_an_address_that_cannot_be_one_is_wrong_use(name: str, email: str, field: str) -> None:
    with pytest.raises(WrongUse, match=f"rien n’est créé. {field}\u00a0: "):
        create(name, "--role", "approver", "--email", email)
    assert not User.objects.exists()


def test_the_same_again_changes_nothing_and_says_so() -> None:
    create("marie", "--role", "approver")
    before = User.objects.values().get()
    assert "rien n’est changé" in create("marie", "--role", "Approver")
    assert User.objects.values().get() == before


def test_an_existing_name_in_another_role_is_refused() -> None:
    create("marie", "--role", "approver")
    with pytest.raises(Failed, match="existe déjà, avec le rôle approver") as refused:
        create("marie", "--role", "auditor")
    assert refused.value.returncode == 1
    assert [g.name for g in User.objects.get().groups.all()] == ["approver"]


def test_an_account_that_was_closed_is_not_opened_by_making_it_again() -> None:
    create("marie", "--role", "approver")
    User.objects.update(is_active=False)
    with pytest.raises(Failed, match=f"fermé.*/user/{User.objects.get().pk}/change/"):
        create("marie", "--role", "approver")


def test_a_database_without_roles_says_what_to_do() -> None:
    Group.objects.all().delete()
    with pytest.raises(Failed, match=r"manage\.py migrate"):
        create("marie", "--role", "approver")
    assert not User.objects.exists()


# --- what all commands share ---


def test_who_acts_is_found_by_name() -> None:
    marie = UserFactory(username="marie")
    assert acting_user("marie") == marie


def test_an_unknown_name_is_wrong_use_and_tells_the_nearest_and_what_to_do() -> None:
    UserFactory(username="marie")
    with pytest.raises(WrongUse, match=r"Vouliez-vous dire marie\u00a0\?.*create_user maria"):
        acting_user("maria")


def test_a_closed_account_answers_for_nothing() -> None:
    UserFactory(username="marie", is_active=False)
    with pytest.raises(WrongUse, match="fermé"):
        acting_user("marie")


def test_who_lacks_the_permission_is_told_which_roles_hold_it() -> None:
    create("marie", "--role", "auditor")
    create("paul", "--role", "approver")
    require(User.objects.get(username="paul"), "reminders.approve_batch")
    told = r"marie n’a pas la permission reminders\.approve_batch.*administrator, approver"
    with pytest.raises(Failed, match=told) as refused:
        require(User.objects.get(username="marie"), "reminders.approve_batch")
    assert refused.value.returncode == 1


def test_a_permission_that_no_role_holds_is_told_so() -> None:
    Permission.objects.get(codename="approve_batch").group_set.clear()
    with pytest.raises(Failed, match="Aucun rôle ne l’a"):
        require(UserFactory(), "reminders.approve_batch")


class OwnError(Exception):
    """An error of a command's own domain."""


class Breaking(RegisterCommand):
    """Raises what it is given."""

    expected_errors = (OwnError,)

    def __init__(self, error: Exception) -> None:
        super().__init__(stderr=io.StringIO())
        self.error = error

    def handle(self, *args: Any, **options: Any) -> None:
        raise self.error

    def at_the_command_line(self, *arguments: str) -> tuple[int, str]:
        with pytest.raises(SystemExit) as ended:
            self.run_from_argv(["manage.py", "breaking", *arguments])
        return int(str(ended.value.code)), str(self.stderr._out.getvalue())  # type: ignore[attr-defined]


EXPECTED: list[tuple[Exception, int, str]] = [
    (OwnError("The lot is frozen.\nPlan a new one."), 1, "The lot is frozen. Plan a new one.\n"),
    (RegisterError("Aucune campagne 2099."), 1, "Aucune campagne 2099.\n"),
    (RegisterError("Voyez\u00a0:\n «\u00a0a\u00a0»."), 1, "Voyez\u00a0: «\u00a0a\u00a0».\n"),
    (ValidationError(["One.", "Two."]), 1, "One. Two.\n"),
    (FileNotFoundError(2, "No such file", "x.csv"), 1, "«\u00a0x.csv\u00a0» n’existe pas. Vérifiez le chemin.\n"),
    (PermissionError(13, "Denied", "x"), 1, "«\u00a0x\u00a0» n’est pas accessible. Vérifiez les droits.\n"),
    (IsADirectoryError(21, "Is one", "x"), 1, "«\u00a0x\u00a0» est un dossier. Indiquez un fichier.\n"),
    (OSError(28, "No space", "x"), 1, "«\u00a0x\u00a0» ne peut être ni lu ni écrit (No space).\n"),
    (ConnectionError("reset"), 1, "Erreur du système\u00a0: reset\n"),
    (UnicodeError("bad byte"), 1, "Caractères illisibles, travaillez en UTF-8\u00a0: bad byte\n"),
    (IntegrityError("violates\n  it"), 1, "La base de données refuse cette écriture\u00a0: violates it\n"),
    (User.DoesNotExist("no User"), 1, "Introuvable dans la base de données\u00a0: no User\n"),
    (Failed("Refused."), 1, "Refused.\n"),
    (WrongUse("Not like this."), 2, "Not like this.\n"),
]


@pytest.mark.parametrize(("error", "code", "line"), EXPECTED)
def test_an_expected_error_is_one_line_with_its_exit_code(error: Exception, code: int, line: str) -> None:
    """Fails without `RegisterCommand.execute`."""
    assert Breaking(error).at_the_command_line("--no-color") == (code, line)


def test_a_program_that_calls_a_command_gets_the_error_itself() -> None:
    with pytest.raises(Failed, match="Aucune campagne"):
        call_command(Breaking(RegisterError("Aucune campagne 2099.")))


def test_with_traceback_the_cause_is_shown() -> None:
    with pytest.raises(CommandError) as raised:
        Breaking(OwnError("why")).run_from_argv(["manage.py", "breaking", "--traceback"])
    assert isinstance(raised.value.__cause__, OwnError)


def test_what_was_not_expected_is_not_hidden() -> None:
    with pytest.raises(ZeroDivisionError):
        Breaking(ZeroDivisionError()).run_from_argv(["manage.py", "breaking"])


def test_an_error_without_words_is_told_by_its_name() -> None:
    told = "Erreur RuntimeError, sans explication\u00a0: relancez avec --traceback pour la voir."
    assert in_one_line(RuntimeError()) == told


def test_a_bar_is_silent_where_nobody_watches(capfd: pytest.CaptureFixture[str]) -> None:
    with progress("Planning", total=3) as advance:
        advance(1)
        advance(2)
    assert capfd.readouterr() == ("", "")


def test_an_answer_for_scripts_is_json_with_iso_dates() -> None:
    out = io.StringIO()
    command = RegisterCommand(stdout=out)
    command.print_json({"été": [1]})
    assert out.getvalue() == '{\n  "été": [\n    1\n  ]\n}\n'


@pytest.mark.slow
def test_at_a_real_command_line_it_helps_and_refuses_without_a_traceback(
    database_env: dict[str, str],
) -> None:
    def run(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", "create_user", *arguments]
        return subprocess.run(command, cwd=BASE_DIR, env=database_env, capture_output=True, text=True, check=False)

    helped, refused, missing = run("--help"), run("marie", "--role", "boss"), run("marie")
    assert helped.returncode == 0
    assert "Exit code: 0 done, 1 refused or failed, 2 wrong use." in helped.stdout
    assert refused.returncode == missing.returncode == 2
    assert refused.stdout == ""
    assert len(refused.stderr.splitlines()) == 1
    assert "Traceback" not in refused.stderr + missing.stderr
