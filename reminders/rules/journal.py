"""The journal's format: one line an entry, each chained to the one before by its SHA-256 (I13).

A line is `hash content`, the content being JSON with the entry's `seq`, the hash of the line before (`prev`) and what
it tells. A sender's chain goes on from file to file. A last line without its line end is torn: the machine stopped
while it was being written, so nothing had been said to a mail server yet. Anything else that does not fit is damage.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from registry.rules.labels import LabelledEnum
from reminders.rules.states import NoticeState

BEGINNING = "0" * 64
"""What the first entry of a chain names as the one before."""

WRITTEN_AT_ONCE = 2
"""The outcome of one message and the intent of the next."""

UNKNOWN_WORKER = "?"
"""Who sent what, where the journal's lines that said it are damaged."""

_HASH_LENGTH = 64
_AS_JSON = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class EntryKind(LabelledEnum):
    """What an entry tells."""

    OPEN = "OPEN", "ouverture", "opened"
    INTENT = "INTENT", "départ", "about to be sent"
    OUTCOME = "OUTCOME", "issue", "outcome"


_FIELDS: Mapping[str, frozenset[str]] = {
    EntryKind.OPEN: frozenset({"at", "worker", "epoch", "system"}),
    EntryKind.INTENT: frozenset({"at", "worker", "key", "orias", "items", "email", "batch", "notice", "attempt"}),
    EntryKind.OUTCOME: frozenset({"at", "key", "notice", "attempt", "verdict", "state", "stage", "code"}),
}


class DamagedJournal(ValueError):
    """A journal that does not fit together: nothing may be concluded from it. `line` counts from 1 in its file."""

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"ligne {line}\u00a0: {why}")
        self.line, self.why = line, why


@dataclass(frozen=True, slots=True)
class End:
    """Where a chain ends: the last entry's number and hash."""

    sequence: int = 0
    hash: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as read: its place in the chain, the hash it follows, and what it tells."""

    end: End
    previous: str
    body: Mapping[str, Any]

    @property
    def kind(self) -> EntryKind:
        """What it tells."""
        return EntryKind(self.body["kind"])


def write_entry(after: End, kind: EntryKind, body: Mapping[str, Any]) -> tuple[bytes, End]:
    """The line of the entry that follows `after`, and the chain's new end."""
    told = {"seq": after.sequence + 1, "prev": after.hash, "kind": kind.value, **body}
    content = _AS_JSON(told).encode()
    own = hashlib.sha256(content).hexdigest()
    return b"%b %b\n" % (own.encode(), content), End(after.sequence + 1, own)


def read_entry(line: bytes, number: int = 1) -> Entry:
    """One whole line, looked at by itself. Raises DamagedJournal where it is not what was written."""
    own, content = line[:_HASH_LENGTH], line[_HASH_LENGTH + 1 : -1]
    if line[_HASH_LENGTH : _HASH_LENGTH + 1] != b" " or line[-1:] != b"\n":
        raise DamagedJournal(number, "ce n’est pas une ligne de journal")
    if hashlib.sha256(content).hexdigest().encode() != own:
        raise DamagedJournal(number, "le contenu n’est plus celui de son empreinte")
    return _entry(json.loads(content), own.decode(), number)


def _entry(body: Mapping[str, Any], own: str, number: int) -> Entry:
    kind = body.get("kind", "")
    if kind not in _FIELDS or ({"seq", "prev"} | _FIELDS[kind]) - body.keys():
        raise DamagedJournal(number, f"l’écriture {kind} est inconnue ou incomplète")
    return Entry(End(body["seq"], own), body["prev"], body)


@dataclass(slots=True)
class ChainReader:
    """Reads a chain from file to file; `end` is how far it was read, `torn` what was cut off at its very end.

    `known` is how far the database knows it: the files of before may have been removed, so a chain may begin with any
    entry up to the one after. Where it is `tolerant`, the first `damage` is kept and reading goes on behind it: each
    entry that is whole by itself counts.
    """

    known: End = field(default_factory=End)
    tolerant: bool = False
    end: End = field(default_factory=End)
    torn: bytes = b""
    damage: DamagedJournal | None = None

    def read(self, lines: Iterable[bytes]) -> Iterator[Entry]:
        """The entries of one file, each verified against the one before.

        Raises DamagedJournal at the first that does not follow; also where the file before ended in a torn line,
        since a writer cuts such a line off before it goes on.
        """
        for number, line in enumerate(lines, 1):
            if self.torn:
                self._is_damaged(DamagedJournal(number, "la ligne d’avant est coupée"))
                self.torn = b""
            if not line.endswith(b"\n"):
                self.torn = line
            elif entry := self._whole(line, number):
                self.end = entry.end
                yield entry

    def _whole(self, line: bytes, number: int) -> Entry | None:
        try:
            entry = read_entry(line, number)
        except DamagedJournal as error:
            self._is_damaged(error)
            return None
        if why := self._does_not_follow(entry):
            self._is_damaged(DamagedJournal(number, why))
        return entry

    def _is_damaged(self, error: DamagedJournal) -> None:
        if not self.tolerant:
            raise error
        self.damage = self.damage or error

    def _does_not_follow(self, entry: Entry) -> str:
        number = entry.end.sequence
        if number == self.known.sequence and entry.end != self.known:
            return "ce n’est plus l’écriture que la base a connue"
        before = self.end
        if not before.sequence and number > 1:
            if number <= self.known.sequence:
                return ""
            before = self.known
        if (entry.previous, number) != (before.hash, before.sequence + 1):
            return f"l’écriture {number} ne suit pas la {before.sequence}"
        return ""


@dataclass(frozen=True, slots=True)
class Told:
    """What the journal tells of one attempt: its intent, and its outcome where it was written."""

    intent: Mapping[str, Any]
    outcome: Mapping[str, Any] | None

    @property
    def leaves(self) -> NoticeState | None:
        """The state in which this attempt leaves its notice, or None where it is proved that nothing left.

        Without an outcome the message may have left: UNCERTAIN (I4).
        """
        if self.outcome is None:
            return NoticeState.UNCERTAIN
        state = NoticeState(self.outcome["state"])
        return state if state in _LEFT_OR_REFUSED else None


_LEFT_OR_REFUSED = frozenset({NoticeState.ACCEPTED, NoticeState.UNCERTAIN, NoticeState.REFUSED})


def attempts(entries: Iterable[Entry]) -> Iterator[Told]:
    """Each intent of one sender's chain with its outcome: a sender has one message in its hands at a time.

    An outcome whose intent cannot be read any more is told too: with no recipient, and as the chain's worker's.
    """
    intent: Mapping[str, Any] | None = None
    worker = UNKNOWN_WORKER
    for entry in entries:
        if entry.kind is not EntryKind.OUTCOME:
            worker = entry.body["worker"]
        elif intent is not None and _is_of(entry.body, intent):
            yield Told(intent, entry.body)
            intent = None
        else:
            yield Told({**entry.body, "worker": worker, "orias": None, "items": [], "email": ""}, entry.body)
        if entry.kind is EntryKind.INTENT:
            if intent is not None:
                yield Told(intent, None)
            intent = entry.body
    if intent is not None:
        yield Told(intent, None)


def surely_on_disk(end: End) -> int:
    """How many of a chain's entries no power cut can take away, of one that may be being written: two at most are
    written at a time, and waited for, and the first by itself."""
    return max(end.sequence - WRITTEN_AT_ONCE, min(end.sequence - 1, 1), 0)


def _is_of(outcome: Mapping[str, Any], intent: Mapping[str, Any]) -> bool:
    return all(outcome[name] == intent[name] for name in ("key", "notice", "attempt"))
