"""What the hotline's commands share: their errors, whom they are about, and codes as arguments."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable
from datetime import date
from typing import ClassVar, TypeVar

from hotline.errors import HotlineError
from registry.management.console import RegisterCommand, WrongUse
from registry.models import Intermediary
from registry.rules.labels import LabelledEnum
from registry.rules.problems import shown
from reminders.errors import ReminderError, WrongRequest
from reminders.models import Batch, Notice

C = TypeVar("C", bound=LabelledEnum)


class HotlineCommand(RegisterCommand):
    """A command of the hotline: what it, or the reminder engine, refuses ends it with exit code 1."""

    expected_errors: ClassVar[tuple[type[Exception], ...]] = (HotlineError, ReminderError)
    wrong_uses: ClassVar[tuple[type[Exception], ...]] = (WrongRequest,)


def code_of(codes: type[C]) -> Callable[[str], C]:
    """A type for argparse: one of the codes, in any case."""

    def read(text: str) -> C:
        found = codes.__members__.get(text.strip().upper().replace("-", "_"))
        if found is None:
            raise ArgumentTypeError(f"«\u00a0{shown(text)}\u00a0» n’est pas parmi {names_of(codes)}")
        return found

    return read


def names_of(codes: type[LabelledEnum]) -> str:
    """The codes, as they are written at a terminal."""
    return ", ".join(code.value.lower() for code in codes)


def the_intermediary(number: str | None) -> Intermediary | None:
    """Whom a number means. Raises WrongUse where there is none."""
    if number is None:
        return None
    found = Intermediary.objects.filter(orias_number=number).first()
    if found is None:
        raise WrongUse(f"Aucun intermédiaire ne porte le numéro {number}.")
    return found


def the_batch(number: int | None) -> Batch | None:
    """The batch of that number. Raises WrongUse where there is none."""
    if number is None:
        return None
    found = Batch.objects.filter(pk=number).first()
    if found is None:
        raise WrongUse(f"Le lot {number} n’existe pas.")
    return found


def the_notice(number: int | None) -> Notice | None:
    """The notice of that number. Raises WrongUse where there is none."""
    if number is None:
        return None
    found = Notice.objects.select_related("batch", "intermediary").filter(pk=number).first()
    if found is None:
        raise WrongUse(f"Le message {number} n’existe pas.")
    return found


def in_french(day: date | None) -> str:
    """A day for a table; nothing where there is none."""
    return f"{day:%d/%m/%Y}" if day else ""
