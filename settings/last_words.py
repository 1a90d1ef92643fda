"""What manage.py says of an error that no command has put into words, and with which exit code.

A command tells what it knows (`registry.management.console`). Here is what may end any of them, Django's own too:
settings that cannot be read, a database that does not answer or is not migrated, and last a fault of ours.
"""

from __future__ import annotations

import re
import traceback
from collections.abc import Sequence
from difflib import get_close_matches
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, CommandParser, ManagementUtility, get_commands, handle_default_options
from django.core.management.base import BaseCommand
from django.db import DatabaseError, InterfaceError, OperationalError

from settings import env
from settings.embedded import BASE_DIR, EmbeddedPostgresError

FAILED, WRONG_USE = 1, 2

_UNDEFINED_TABLE, _UNDEFINED_COLUMN, _NO_RIGHT = "42P01", "42703", "42501"


class WrongUse(Exception):
    """manage.py itself was called with something it cannot work with."""


class Utility(ManagementUtility):
    """Django's, to which an unknown command is a wrong use like any other."""

    def fetch_command(self, subcommand: str) -> BaseCommand:
        """The command of that name. Raises WrongUse where there is none."""
        known = get_commands()
        if subcommand in known:
            return super().fetch_command(subcommand)
        close = get_close_matches(subcommand, known, n=1)
        hint = f" Vouliez-vous dire {close[0]}\u00a0?" if close else ""
        raise WrongUse(
            f"La commande «\u00a0{subcommand}\u00a0» n’existe pas.{hint} "
            "Pour voir celles qui existent\u00a0: manage.py help"
        )


def run(arguments: Sequence[str]) -> None:
    """Read the settings, so that nothing begins on bad ones, then run the command.

    Raises WrongUse, ImproperlyConfigured, and whatever the command raises; SystemExit where it has said all.
    """
    _require_utf8(arguments)
    _choose_settings(arguments)
    if "registry" not in settings.INSTALLED_APPS:
        raise env.DJANGO_SETTINGS_MODULE.unusable(settings.SETTINGS_MODULE, "ce n’est pas un module de réglages")
    Utility(list(arguments)).execute()


def told(error: Exception) -> tuple[str, int]:
    """An error in words for people, and the exit code that goes with it."""
    if isinstance(error, WrongUse):
        return str(error), WRONG_USE
    if isinstance(error, EmbeddedPostgresError):
        return str(error), FAILED
    if isinstance(error, ImproperlyConfigured):
        return str(error), WRONG_USE
    if isinstance(error, DatabaseError | InterfaceError):
        return _of_the_database(error), FAILED
    return _fault(error), FAILED


def _require_utf8(arguments: Sequence[str]) -> None:
    for argument in arguments:
        try:
            argument.encode()
        except UnicodeEncodeError:
            readable = argument.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
            raise WrongUse(
                f"L’argument «\u00a0{readable}\u00a0» n’est pas en UTF-8. Réécrivez-le au clavier."
            ) from None


def _choose_settings(arguments: Sequence[str]) -> None:
    """Heed --settings and --pythonpath now, as Django does, since the settings are read before it."""
    parser = CommandParser(add_help=False, allow_abbrev=False)
    parser.add_argument("--settings")
    parser.add_argument("--pythonpath")
    try:
        handle_default_options(parser.parse_known_args(list(arguments[2:]))[0])
    except CommandError:
        return
    finally:
        env.DJANGO_SETTINGS_MODULE.hand_down(env.DJANGO_SETTINGS_MODULE.read())


def _of_the_database(error: Exception) -> str:
    said = str(error).strip().partition("\n")[0].rstrip(".")
    state = getattr(error.__cause__, "sqlstate", None)
    if state in {_UNDEFINED_TABLE, _UNDEFINED_COLUMN}:
        return f"La base de données n’est pas à jour ({said}). Lancez d’abord\u00a0: manage.py migrate"
    if state == _NO_RIGHT:
        return f"Le compte de DATABASE_URL n’a pas ce droit dans la base de données\u00a0: {said}. Donnez-le-lui."
    if state is None and isinstance(error, OperationalError | InterfaceError):
        return f"La base de données ne répond pas\u00a0: {said}. Vérifiez DATABASE_URL et le serveur, puis recommencez."
    return f"La base de données a interrompu la commande\u00a0: {said}. Rien de la transaction en cours n’est écrit."


def _fault(error: Exception) -> str:
    """A fault of the program: enough to find it, on one line."""
    said = re.sub(r"[ \t\r\n]+", " ", str(error)).strip()
    where = f"{type(error).__name__}, {_place(error)}"
    return (
        f"Défaut du programme, à signaler ({where})\u00a0: {said or 'sans explication'}. "
        "Pour voir toute la trace, relancez avec --traceback."
    )


def _place(error: Exception) -> str:
    """The last line of our own code on the way to the error."""
    ours = [
        f"{Path(frame.filename).relative_to(BASE_DIR)}:{frame.lineno}"
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).is_relative_to(BASE_DIR) and ".venv" not in Path(frame.filename).parts
    ]
    return ours[-1] if ours else "hors du projet"
