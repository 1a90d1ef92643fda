"""What every language must be able to say, and the words that do not depend on the language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Protocol

from registry.rules.categories import Category
from reminders.messages.content import Content, ItemLine, Letterhead, ReceivedLine, ReminderContent

ABBREVIATIONS = {Category.COA: "COA", Category.IOB: "IOBSP", Category.CIF: "CIF"}
"""As intermediaries know themselves; IOB stands for the whole IOBSP family."""

_ONE_DAY = timedelta(days=1)


class Wording(Protocol):
    """The sentences of a reminder in one language.

    They state facts of one file and nothing else: no marketing, no threat, and no way to unsubscribe, because
    a statutory notice cannot be refused.
    """

    def subject(self, content: ReminderContent) -> str:
        """Name the file, what is missing and until when, or since when."""

    def greeting(self) -> str:
        """Greet."""

    def opening(self, content: ReminderContent) -> str:
        """Say how many certificates are missing from which file."""

    def item_title(self, item: ItemLine) -> str:
        """Name a missing certificate and the categories it is for."""

    def item_facts(self, item: ItemLine) -> str:
        """Say by when it must be filed and until when the present cover runs."""

    def received_heading(self) -> str:
        """Introduce what was received."""

    def received(self, line: ReceivedLine) -> str:
        """Say what was received, when, and what became of it."""

    def reassurance(self, content: Content) -> str:
        """Say that there is nothing to do for those who have filed since."""

    def file_link(self) -> str:
        """Name the link to the file."""

    def why_question(self) -> str:
        """Name the link to the explanation of this message."""

    def why_link(self) -> str:
        """Name the same link in a reminder: there one can also say that it is wrong."""

    def footer(self, content: Content, letterhead: Letterhead, reply_to: str) -> str:
        """Say who sends this, to which address, and where an answer goes."""


def is_late(content: Content) -> bool:
    """Tell whether the time to file is over for some item."""
    return any(item.overdue for item in content.items)


@dataclass(frozen=True, slots=True)
class Deadline:
    """What the subject of a reminder says of time: of how many items it is over (`late`), and the one day named.

    The latest of the days that are over, so that it is true of each late item; else the earliest to come. `alike`: the
    day is that of all items.
    """

    late: int
    day: date
    alike: bool


def deadline_of(content: ReminderContent) -> Deadline:
    """Return what may be said in one line of all items of a reminder, and be true of each."""
    over = [item.due_on for item in content.items if item.overdue]
    days = {item.due_on for item in content.items}
    return Deadline(len(over), max(over) if over else min(days), len(days) == 1)


def day_after(day: date) -> date:
    """Return the first day the next cover must include."""
    return day + _ONE_DAY


def enumerate_categories(categories: Sequence[Category], conjunction: str) -> str:
    """Return "COA", "COA et CIF", "COA, IOBSP et CIF"."""
    names = [ABBREVIATIONS[category] for category in categories]
    if len(names) == 1:
        return names[0]
    return f"{', '.join(names[:-1])} {conjunction} {names[-1]}"
