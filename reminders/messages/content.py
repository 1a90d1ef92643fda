"""What a message says, as values: the facts of one file, and the letterhead they are written under."""

import unicodedata
from dataclasses import dataclass
from datetime import date
from email.utils import parseaddr

from registry.rules.categories import Category, CoverKind
from registry.rules.covers import OPEN_STATES, CoverState
from reminders.messages.addresses import wire_address
from reminders.rules.recalls import RecallClass

LANGUAGES = frozenset({"fr", "en"})
RECEIVED_STATUSES = frozenset({"AWAITING_REVIEW", "ACCEPTED", "REFUSED", "RETURNED"})

_DROPPED = {"Cc", "Cs", "Cn", "Co"}
_DIRECTION_MARKS = frozenset("\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u061c\ufeff")


@dataclass(frozen=True, slots=True)
class Letterhead:
    """Who writes: settings, the same for all messages.

    ``sender`` and ``reply_to`` are addresses, with or without a name (``Registre
    <registre@registre.example>``). Without one, ``site_name`` is the sender's name. A setting that cannot be
    written is a ``ValueError`` here, at start, and not in a worker.
    """

    sender: str
    reply_to: str
    site_url: str
    site_name: str
    mail_domain: str

    def __post_init__(self) -> None:
        """Check what will stand in headers and links."""
        for setting in (self.sender, self.reply_to):
            if clean(setting) != setting:
                raise ValueError(f"expected an address on one line, with or without a name: {setting!r}")
            wire_address(parseaddr(setting)[1])
        wire_address(f"x@{self.mail_domain}")
        if not self.site_url.startswith(("https://", "http://")) or clean(self.site_url) != self.site_url:
            raise ValueError(f"site_url must be an address such as https://registre.example: {self.site_url!r}")
        if not self.site_name or clean(self.site_name) != self.site_name:
            raise ValueError(f"site_name must be a name on one line: {self.site_name!r}")

    @property
    def envelope_sender(self) -> str:
        """The bare address for ``MAIL FROM``, to which bounces return."""
        return wire_address(parseaddr(self.sender)[1])


@dataclass(frozen=True, slots=True)
class ItemLine:
    """One certificate that is missing. ``state``: the code of a CoverState in which the intermediary must
    act.

    ``term``: last day of the cover to renew, ``due_on``: last day to file, both inclusive. ``overdue``:
    whether ``due_on`` is past on the day of the decision; the letter has no clock of its own.
    """

    kind: CoverKind
    categories: tuple[Category, ...]
    state: str
    term: date | None
    due_on: date
    overdue: bool = False

    def __post_init__(self) -> None:
        """Refuse a line that no sentence can be made of, so that the plan finds it and not a worker."""
        if self.state not in OPEN_STATES:
            raise ValueError(f"nothing is missing in state {self.state!r}: expected one of {sorted(OPEN_STATES)}")
        if not self.categories:
            raise ValueError(f"a missing {self.kind} needs the categories it is for")
        if self.term is None and self.state == CoverState.DUE:
            raise ValueError("a cover that is due for renewal needs its term, the last day it covers")


@dataclass(frozen=True, slots=True)
class ReceivedLine:
    """One certificate that was received, and what became of it; ``until``: last day it covers."""

    kind: CoverKind
    categories: tuple[Category, ...]
    received_on: date
    status: str
    until: date | None

    def __post_init__(self) -> None:
        """Refuse a line that no sentence can be made of."""
        if self.status not in RECEIVED_STATUSES:
            raise ValueError(f"status {self.status!r} is not one of {sorted(RECEIVED_STATUSES)}")
        if not self.categories:
            raise ValueError(f"a received {self.kind} needs the categories it is for")


@dataclass(frozen=True, slots=True)
class ReminderContent:
    """All that one reminder states. ``why_token`` signs the no-login page "why this message?"."""

    orias_number: str
    name: str
    email: str
    language: str
    items: tuple[ItemLine, ...]
    received: tuple[ReceivedLine, ...]
    why_token: str

    def __post_init__(self) -> None:
        """Refuse a reminder of nothing, or in a language we have no words in."""
        _require_language(self.language)
        if not self.items:
            raise ValueError(f"file {self.orias_number} has nothing missing: there is nothing to remind of")


@dataclass(frozen=True, slots=True)
class RecallContent:
    """All that one corrective notice (rectificatif) states.

    ``corrected_key`` is the identity of the message it corrects, ``mailed_on`` the local day that one left;
    ``is_uncertain``: or may have left. ``items`` are what is truly due, in class DUE only.
    """

    orias_number: str
    name: str
    email: str
    language: str
    recall_class: RecallClass
    corrected_key: str
    mailed_on: date
    is_uncertain: bool
    items: tuple[ItemLine, ...]
    received: tuple[ReceivedLine, ...]
    why_token: str

    def __post_init__(self) -> None:
        """Refuse items where nothing is said to be due, and the reverse."""
        _require_language(self.language)
        if (self.recall_class is RecallClass.DUE) != bool(self.items):
            raise ValueError(f"file {self.orias_number}: a correction of class {self.recall_class} has wrong items")


Content = ReminderContent | RecallContent


def _require_language(language: str) -> None:
    if language not in LANGUAGES:
        raise ValueError(f"language {language!r} is not one of {sorted(LANGUAGES)}")


@dataclass(frozen=True, slots=True)
class Rendered:
    """A message in words, before it is dated and addressed."""

    subject: str
    text: str
    html: str


def clean(name: str) -> str:
    """Return a name on one line: runs of white space as one space, no control and no direction marks.

    Control characters could end a header; direction marks could turn the rest of the sentence around.
    """
    if name.isprintable() and "  " not in name:
        return name.strip()
    one_line = " ".join(name.split())
    return "".join(
        char for char in one_line if char not in _DIRECTION_MARKS and unicodedata.category(char) not in _DROPPED
    ).strip()
