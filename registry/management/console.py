"""What all commands share: who acts, what is refused and with which exit code, what is printed and where.

Exit codes: 0 done, 1 refused or failed, 2 wrong use. Answers go to stdout; errors and progress to stderr.
"""

from __future__ import annotations

import json
import logging
import os
import re
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from difflib import get_close_matches
from errno import EDQUOT, ENOSPC
from pathlib import Path
from typing import Any, ClassVar

from django.contrib.auth.models import Group, User
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied, ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser, DjangoHelpFormatter
from django.db import IntegrityError
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from registry.actions import RegisterError
from registry.rules.problems import shown

EXIT_FAILED, EXIT_WRONG_USE = 1, 2
_NEWLINE = "\n"
EXIT_CODES = "Exit code: 0 done, 1 refused or failed, 2 wrong use."

Advance = Callable[[int], None]


class Failed(CommandError):
    """The job was refused, or could not be done: exit code 1."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=EXIT_FAILED)


class WrongUse(CommandError):
    """The command was given something it cannot work with: exit code 2."""

    def __init__(self, message: str) -> None:
        super().__init__(message, returncode=EXIT_WRONG_USE)


class _HelpFormatter(DjangoHelpFormatter):
    """Django's, with the lines of the examples left as they are."""

    def _fill_text(self, text: str, width: int, indent: str) -> str:
        return text if "\n" in text else super()._fill_text(text, width, indent)


class RegisterCommand(BaseCommand):
    """A command that tells what goes wrong in one line and the right exit code; `--traceback` shows the rest.

    `expected_errors` are those of the subclass's own domain, exit code 1; `wrong_uses` those among them, or beside
    them, that say what was wrongly asked for, exit code 2. `examples` close its help.
    """

    expected_errors: ClassVar[tuple[type[Exception], ...]] = ()
    wrong_uses: ClassVar[tuple[type[Exception], ...]] = ()
    examples: ClassVar[str] = ""
    _called_from_command_line: bool
    # Django's checks load every page and form, longer than most commands take: `make check` runs them.
    requires_system_checks = ()
    suppressed_base_arguments = frozenset(  # type: ignore[assignment]
        {"--version", "--settings", "--pythonpath", "--no-color", "--force-color", "--skip-checks"}
    )

    def create_parser(self, prog_name: str, subcommand: str, **kwargs: Any) -> CommandParser:
        """The parser, its help ended by examples and exit codes."""
        examples = f"Examples:\n{self.examples.strip(_NEWLINE)}\n\n" if self.examples else ""
        kwargs |= {"epilog": examples + EXIT_CODES, "formatter_class": _HelpFormatter}
        return super().create_parser(prog_name, subcommand, **kwargs)

    def execute(self, *args: Any, **options: Any) -> str | None:
        """Run it; at the command line a CommandError is printed bare, since a class's name helps nobody."""
        try:
            return self._execute(*args, **options)
        except (Failed, WrongUse) as error:
            if options.get("traceback") or not self._called_from_command_line:
                raise
            self.stderr.write(str(error))
            sys.exit(error.returncode)

    def _execute(self, *args: Any, **options: Any) -> str | None:
        try:
            with _quiet():
                return super().execute(*args, **options)
        except BrokenPipeError:
            # Whoever was reading has read enough: manage.py knows how to end.
            raise
        except self.wrong_uses as error:
            raise WrongUse(in_one_line(error)) from error
        except (*_COMMON_ERRORS, *self.expected_errors) as error:
            raise Failed(in_one_line(error)) from error

    def print_json(self, answer: object) -> None:
        """Print an answer for scripts: JSON on stdout, dates in ISO 8601."""
        unicode = (getattr(self.stdout, "encoding", None) or "utf-8").lower().startswith("utf")
        self.stdout.write(json.dumps(answer, ensure_ascii=not unicode, indent=2, default=str))


@contextmanager
def _quiet() -> Iterator[None]:
    """No line of a log below a warning, such as the queue's at every doorbell: what a command has to say it prints."""
    before = logging.root.manager.disable
    logging.disable(max(before, logging.INFO))
    try:
        yield
    finally:
        logging.disable(before)


class Terminal(Console):
    """What is shown to people on stdout: brackets and colons in a name are no markup."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{"markup": False, "emoji": False, "highlight": False} | options)

    def on_broken_pipe(self) -> None:
        """Leave it to manage.py, which ends every command alike when its reader has read enough."""
        self.quiet = True
        raise BrokenPipeError


_COMMON_ERRORS: tuple[type[Exception], ...] = (
    RegisterError,
    ValidationError,
    PermissionDenied,
    ObjectDoesNotExist,
    IntegrityError,
    OSError,
    UnicodeError,
)


_OF_A_FILE: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "n’existe pas. Vérifiez le chemin."),
    (PermissionError, "n’est pas accessible. Vérifiez les droits."),
    (IsADirectoryError, "est un dossier. Indiquez un fichier."),
)
_OF_A_TARGET: tuple[tuple[type[OSError], str], ...] = (
    (FileNotFoundError, "son dossier n’existe pas. Créez-le, ou indiquez un autre chemin."),
    (PermissionError, "l’accès est refusé. Vérifiez les droits."),
    (NotADirectoryError, "son dossier n’en est pas un. Indiquez un autre chemin."),
)
_INTRODUCED: tuple[tuple[type[Exception], str], ...] = (
    (IntegrityError, "La base de données refuse cette écriture\u00a0: "),
    (ObjectDoesNotExist, "Introuvable dans la base de données\u00a0: "),
    (UnicodeError, "Caractères illisibles, travaillez en UTF-8\u00a0: "),
    (OSError, "Erreur du système\u00a0: "),
)
"""Whose words are not ours, and English: a French beginning says what they are about."""


def in_one_line(error: Exception) -> str:
    """An error for staff, on one line: its own words; where these are the system's, what they are about first."""
    if isinstance(error, ValidationError):
        return " ".join(error.messages)
    if isinstance(error, OSError) and error.filename and error.strerror:
        return _about_a_file(error)
    if isinstance(error, OSError) and error.errno in (ENOSPC, EDQUOT):
        return "Le disque est plein\u00a0: la réponse n’a pas pu être écrite. Faites de la place, puis recommencez."
    # Not split(): it takes the no-break spaces of French for spaces like others.
    words = re.sub(r"[ \t\r\n]+", " ", str(error)).strip()
    if not words:
        return f"Erreur {type(error).__name__}, sans explication\u00a0: relancez avec --traceback pour la voir."
    return next((beginning for kind, beginning in _INTRODUCED if isinstance(error, kind)), "") + words


def _about_a_file(error: OSError) -> str:
    said = next((said for kind, said in _OF_A_FILE if isinstance(error, kind)), None)
    return f"«\u00a0{error.filename}\u00a0» {said or f'ne peut être ni lu ni écrit ({error.strerror}).'}"


def add_by(parser: CommandParser, *, required: bool = True) -> None:
    """Give a command `--by USER`: the person who answers for what it does. Read it with `acting_user`."""
    parser.add_argument("--by", metavar="USER", type=_someone, required=required, help="the user who answers for it")


def _someone(name: str) -> str:
    if not name.strip():
        raise ArgumentTypeError("ce nom est vide\u00a0: écrivez celui d’un utilisateur")
    return name


def whole_number(least: int, most: int) -> Callable[[str], int]:
    """A type for argparse: a whole number within these bounds, both included."""

    def read(text: str) -> int:
        if not text.isascii() or not text.removeprefix("-").isdigit() or len(text) > len(str(most)) + 1:
            raise ArgumentTypeError(f"«\u00a0{shown(text)}\u00a0» n’est pas un nombre entier de {least} à {most}")
        if not least <= int(text) <= most:
            raise ArgumentTypeError(f"{text} n’est pas entre {least} et {most}")
        return int(text)

    return read


def text_up_to(most: int) -> Callable[[str], str]:
    """A type for argparse: words of so many characters at most. They are kept whole or refused, and never cut."""

    def read(text: str) -> str:
        words = text.strip()
        if len(words) > most:
            raise ArgumentTypeError(f"ce texte a {len(words)} caractères, {most} au plus sont gardés\u00a0: abrégez-le")
        return words

    return read


def require_writable(path: Path | None) -> None:
    """Ask before a long work, and not after it, whether its file can be written; None: none is wanted.

    Raises:
        WrongUse: it cannot; the message says why not.
    """
    if path is None:
        return
    fault = _fault_of_target(os.fspath(path))
    if fault:
        raise WrongUse(f"«\u00a0{path}\u00a0» ne peut pas être écrit\u00a0: {fault}")


def require_readable(path: Path) -> None:
    """Ask whether the file that is to be read is one that can be.

    Raises:
        WrongUse: it is missing, a directory or not ours to read; the message says which.
    """
    try:
        with path.open("rb"):
            pass
    except OSError as error:
        raise WrongUse(in_one_line(error)) from None


def _is_there(path: str) -> bool:
    """As `lexists`, which says no also of a name that can never be: too long, or below a file."""
    with suppress(FileNotFoundError):
        os.lstat(path)
        return True
    return False


def _fault_of_target(path: str) -> str:
    if os.path.isdir(path):
        return "c’est un dossier. Indiquez un fichier."
    folder = os.path.dirname(path) or "."
    try:
        os.stat(folder)
        if not os.access(path if _is_there(path) else folder, os.W_OK):
            raise PermissionError
    except OSError as error:
        return next((said for kind, said in _OF_A_TARGET if isinstance(error, kind)), f"{error.strerror}.")
    return ""


def add_json(parser: CommandParser) -> None:
    """Give a command `--json`: the answer as JSON, for scripts."""
    parser.add_argument("--json", action="store_true", help="print the answer as JSON, for scripts")


def acting_user(name: str) -> User:
    """The active user of that name.

    Raises:
        WrongUse: there is none, or the account is closed; the message says what to do.
    """
    user = User.objects.filter(username=name).first()
    if user is None:
        raise WrongUse(_no_such_user(name))
    if not user.is_active:
        raise WrongUse(f"Le compte {name} est fermé\u00a0: nommez un autre utilisateur, ou faites-le rouvrir.")
    return user


def _no_such_user(name: str) -> str:
    names = User.objects.filter(is_active=True).order_by("username").values_list("username", flat=True)
    close = get_close_matches(name, names[:1000], n=3)
    hint = f" Vouliez-vous dire {' ou '.join(close)}\u00a0?" if close else ""
    return (
        f"Aucun utilisateur ne s’appelle «\u00a0{shown(name)}\u00a0».{hint} "
        f"Pour le créer\u00a0: manage.py create_user {shown(name)} --role ROLE"
    )


def require(user: User, permission: str) -> None:
    """Let only those pass who hold `permission` (such as `reminders.approve_batch`).

    Raises:
        Failed: the user lacks it; the message names the roles that hold it.
    """
    if user.has_perm(permission):
        return
    app_label, codename = permission.split(".")
    held = Group.objects.filter(
        permissions__content_type__app_label=app_label, permissions__codename=codename
    ).order_by("name")
    roles = ", ".join(held.values_list("name", flat=True))
    who = f"Nommez un utilisateur d’un rôle qui l’a\u00a0: {roles}." if roles else "Aucun rôle ne l’a."
    raise Failed(f"{user.get_username()} n’a pas la permission {permission}, nécessaire ici. {who}")


@contextmanager
def progress(title: str, total: int | None = None) -> Iterator[Advance]:
    """A bar on stderr for long work, silent where that is no terminal; yields what moves it on."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bar:
        task = bar.add_task(title, total=total)

        def advance(steps: int = 1) -> None:
            bar.advance(task, steps)

        yield advance
