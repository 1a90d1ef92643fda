"""What is wrong with a cell of a register file, said so that staff can put it right."""

from dataclasses import dataclass
from typing import Generic, NamedTuple, TypeVar

T = TypeVar("T")

SHOWN_LENGTH = 60
"""A message quotes at most this many characters of a value."""


@dataclass(frozen=True, slots=True)
class Problem:
    """An error or a warning about one field.

    ``field`` is a column name, ``rcpro`` or ``gf`` for a cover as a whole, or "" for the whole record.
    ``code`` is stable, for scripts; ``message`` is French, for staff; ``value`` is what the file said.
    """

    field: str
    code: str
    message: str
    value: str

    @property
    def sentence(self) -> str:
        """The message alone, where the name of the column is told beside it or means nothing to who reads."""
        return self.message.removeprefix(f"{self.field}\u00a0: ") if self.field else self.message


class Reading(NamedTuple, Generic[T]):
    """A value that was kept, with the doubt there may be about it."""

    value: T
    warning: Problem | None = None


def shown(value: str) -> str:
    """Return ``value`` fit for a message: cut to ``SHOWN_LENGTH``, invisible characters written as
    escapes."""
    cut = value if len(value) <= SHOWN_LENGTH else value[: SHOWN_LENGTH - 1] + "…"
    if cut.isprintable():
        return cut
    return "".join(char if char.isprintable() else f"\\u{ord(char):04x}" for char in cut)


def typographic(text: str) -> str:
    """Put the no-break spaces that French wants before ``: ; ! ? »`` and after ``«``."""
    for sign in ":;!?»":
        text = text.replace(f" {sign}", f"\u00a0{sign}")
    return text.replace("« ", "«\u00a0")


def problem(field: str, code: str, value: str, template: str, **words: object) -> Problem:
    """Make a ``Problem`` whose message is ``field : template``; ``{value}`` in the template is the value as
    shown."""
    message = typographic(template).format(value=shown(value), **words)
    return Problem(field, code, f"{field}\u00a0: {message}" if field else message, value)
