"""The journal outside the database: each intent before SMTP, each outcome after, on disk before it counts (I13).

A sender is a name: the first free of `machine-01`, `machine-02` … Its files follow one another
(`machine-01.0001.journal` …), and who writes holds the lock of the last: so no two processes write one chain, and a
killed one leaves its own to the next.
"""

from __future__ import annotations

import fcntl
import logging
import os
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, NoReturn

from reminders.errors import ReminderError
from reminders.rules.journal import DamagedJournal, End, Entry, EntryKind, read_entry, write_entry
from reminders.sending.files import give_to_the_owner_of, sync_directory
from reminders.sending.memory import mark_begun, require_own

ROTATE_AT = 16 * 2**20
"""A file of so many bytes is followed by the next one: about 20,000 messages."""

SENDERS_OF_A_MACHINE = 999
"""Those too whose files were set aside: such a name is not used again."""

_BLOCK = 2**16
_FILE = re.compile(r"(?P<sender>.+)\.(?P<part>\d{4,})\.journal(?P<aside>\.abime(?P<time>\d*))?")
_ASIDE = ".abime"
_UNSAFE = re.compile(r"[^A-Za-z0-9_-]")

logger = logging.getLogger(__name__)


class JournalError(ReminderError):
    """The journal cannot be written or read: nothing may be sent."""


@dataclass(slots=True)
class Journal:
    """One worker's journal. `begin` opens it; until then nothing is touched.

    The outcome of a message waits for the intent of the next: one write and one fsync a message. `require_alone` raises
    JournalError where somebody else has begun to send with it.
    """

    directory: Path
    worker: str
    epoch: str
    system: int
    require_alone: Callable[[], None] = lambda: None
    sender: str = ""
    file: str = ""
    end: End = field(default_factory=End)
    _waiting: list[tuple[EntryKind, Mapping[str, Any]]] = field(default_factory=list)
    _descriptor: int | None = None
    _length: int = 0

    def begin(self, now: datetime) -> None:
        """Make sure that it can be written, before any notice is touched. Raises JournalError where it cannot."""
        if self._descriptor is not None:
            return
        try:
            require_own(self.directory, self.epoch)
            self._take_a_place()
            # Again, now that the place is held: who is arming another database looks for places that are.
            require_own(self.directory, self.epoch)
            mark_begun(self.directory, self.epoch)
            self._go_on_where_it_ends()
        except (OSError, DamagedJournal) as error:
            self._give_up(error)
        told = {"at": now.isoformat(), "worker": self.worker, "epoch": self.epoch, "system": self.system}
        self._put(EntryKind.OPEN, told)

    def intend(self, body: Mapping[str, Any]) -> None:
        """Write what is about to be sent. When this returns it is on disk; where it raises JournalError, nothing may
        be sent."""
        self._put(EntryKind.INTENT, {**body, "worker": self.worker})
        # After it: who begins says so first and reads the journal then, so that of two one always sees the other.
        self.require_alone()

    def tell(self, body: Mapping[str, Any]) -> None:
        """Keep an outcome for the next write."""
        self._waiting.append((EntryKind.OUTCOME, body))

    def flush(self) -> None:
        """Write the outcome that waits, if any. Raises JournalError."""
        if self._waiting and self._descriptor is not None:
            self._write()

    def close(self) -> None:
        """Let the place go to the next worker; what waits is not written any more."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _put(self, kind: EntryKind, body: Mapping[str, Any]) -> None:
        self._waiting.append((kind, body))
        self._write()

    def _write(self) -> None:
        """All that waits, in one write and one fsync."""
        lines, end = b"", self.end
        told, self._waiting = self._waiting, []
        for kind, body in told:
            line, end = write_entry(end, kind, body)
            lines += line
        try:
            if self._descriptor is None:
                raise OSError("le journal n’est pas ouvert")
            if self._length >= ROTATE_AT:
                self._open_next()
            _write_all(self._descriptor, lines)
            os.fsync(self._descriptor)
        except OSError as error:
            self._take_back()
            self._say_what_is_missing(body for kind, body in told if kind is EntryKind.OUTCOME)
            self._give_up(error)
        self._length, self.end = self._length + len(lines), end

    def _take_a_place(self) -> None:
        self.directory.mkdir(parents=True, exist_ok=True)
        machine = _UNSAFE.sub("-", self.worker.partition(":")[0])[:60] or "machine"
        given_up = files_set_aside(self.directory)
        for number in range(1, SENDERS_OF_A_MACHINE + 1):
            self.sender = f"{machine}-{number:02}"
            if self.sender not in given_up and self._is_free():
                return
        raise OSError(f"plus de {SENDERS_OF_A_MACHINE} exécutants écrivent déjà ici")

    def _is_free(self) -> bool:
        """Whether nobody writes this sender's chain; then its last file is open, and locked."""
        name = self._last_file()
        descriptor = self._opened(name)
        if descriptor is None:
            return False
        # Whoever had it may have gone on to the next file meanwhile, and holds that.
        if self._last_file() != name:
            os.close(descriptor)
            return False
        self._go_on_in(name, descriptor)
        return True

    def _last_file(self) -> str:
        paths = files_of(self.directory).get(self.sender)
        return paths[-1].name if paths else f"{self.sender}.0001.journal"

    def _go_on_where_it_ends(self) -> None:
        """Cut a torn last line off. Raises DamagedJournal."""
        latest = latest_of(files_of(self.directory)[self.sender])
        self.end = latest.end
        if latest.torn:
            logger.warning("journal %s: %d bytes of a torn line are cut off", self.file, latest.torn)
            self._length -= latest.torn
            self._take_back()

    def _open_next(self) -> None:
        part = int(self.file.rsplit(".", 2)[1])
        full, name = self._descriptor, f"{self.sender}.{part + 1:04}.journal"
        descriptor = self._opened(name)
        if descriptor is None:
            raise OSError(f"{name} est déjà écrit par un autre exécutant")
        self._go_on_in(name, descriptor)
        if full is not None:
            os.close(full)

    def _opened(self, name: str) -> int | None:
        """A file of this sender's, open and locked until it is closed or its process ends; None where another has
        it. What is open already stays as it is."""
        descriptor = os.open(self.directory / name, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            if _is_locked(descriptor, fcntl.LOCK_EX):
                give_to_the_owner_of(self.directory, descriptor)
                sync_directory(self.directory)
                return descriptor
        except OSError:
            os.close(descriptor)
            raise
        os.close(descriptor)
        return None

    def _go_on_in(self, name: str, descriptor: int) -> None:
        self.file, self._descriptor, self._length = name, descriptor, os.fstat(descriptor).st_size

    def _take_back(self) -> None:
        """Cut off what was not written whole. Where that fails too, whoever opens the file next does it."""
        if self._descriptor is not None:
            try:
                os.ftruncate(self._descriptor, self._length)
            except OSError as error:
                logger.error("journal %s: a torn line stays for now: %s", self.file, error)

    def _say_what_is_missing(self, outcomes: Iterable[Mapping[str, Any]]) -> None:
        for body in outcomes:
            told = "journal %s: the outcome of notice %s (%s) is missing: after a restoration it would be uncertain"
            logger.error(told, self.file, body["notice"], body["state"])

    def _give_up(self, error: Exception) -> NoReturn:
        self._waiting.clear()
        self.close()
        where = self.directory / self.file if self.file else self.directory
        raise JournalError(f"«\u00a0{where}\u00a0»\u00a0: {error}") from error


@contextmanager
def nobody_writes(directory: Path) -> Iterator[None]:
    """While inside, no chain that is there is written. Raises ReminderError naming a sender that is at work."""
    with ExitStack() as held:
        looked: set[Path] = set()
        # A writer that goes on to the next file holds that before it lets the one before go.
        while new := {paths[-1] for paths in files_of(directory).values()} - looked:
            for path in sorted(new):
                _keep_still(path, held)
            looked |= new
        yield


def _keep_still(path: Path, held: ExitStack) -> None:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return  # Whoever reads it says so, with its name.
    held.callback(os.close, descriptor)
    if not _is_locked(descriptor, fcntl.LOCK_SH):
        raise ReminderError(
            f"L’exécutant {_sender_of(path)} envoie encore\u00a0: arrêtez d’abord les envois (stop_sending), "
            "sur l’ancien serveur aussi s’il y en a un, puis recommencez."
        )


def _is_locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _sender_of(path: Path) -> str:
    return path.name.rsplit(".", 2)[0]


def files_of(directory: Path) -> dict[str, list[Path]]:
    """Every sender's files, in the order in which they were written."""
    return _by_sender(directory, aside=False)


def files_set_aside(directory: Path) -> dict[str, list[Path]]:
    """What was set aside of each sender, each time's files together: an older backup does not know the mails in
    them."""
    return _by_sender(directory, aside=True)


def _by_sender(directory: Path, *, aside: bool) -> dict[str, list[Path]]:
    found: dict[str, list[tuple[int, int, Path]]] = defaultdict(list)
    for path in directory.iterdir() if directory.is_dir() else ():
        match = _FILE.fullmatch(path.name)
        if match and bool(match["aside"]) == aside:
            found[match["sender"]].append((int(match["time"] or 1), int(match["part"]), path))
    return {sender: [path for *_, path in sorted(parts)] for sender, parts in sorted(found.items())}


def set_aside(path: Path) -> None:
    """Give a file of a damaged chain another name, that of no earlier one: its sender begins anew."""
    aside = path.with_name(f"{path.name}{_ASIDE}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}{_ASIDE}{number}")
    path.rename(aside)


@dataclass(frozen=True, slots=True)
class Latest:
    """Where a chain stands: its end, its last intent, and how many bytes of a torn line follow."""

    file: str = ""
    end: End = field(default_factory=End)
    intent: Entry | None = None
    torn: int = 0


def chains(directory: Path) -> dict[str, Latest]:
    """Where each sender's chain stands. Raises DamagedJournal, with the name of the file."""
    found = {}
    for sender, paths in files_of(directory).items():
        try:
            found[sender] = latest_of(paths)
        except DamagedJournal as error:
            raise DamagedJournal(error.line, f"{paths[-1].name}\u00a0: {error.why}") from None
    return found


def latest_of(paths: list[Path]) -> Latest:
    """The end of a chain and its last intent, read backwards. Raises DamagedJournal."""
    last: Entry | None = None
    torn = 0
    for path in reversed(paths):
        for line in _backwards(path):
            if not line.endswith(b"\n"):
                torn = _torn(line, path, paths)
                continue
            entry = read_entry(line)
            last = last or entry
            if entry.kind is EntryKind.INTENT:
                return Latest(paths[-1].name, last.end, entry, torn)
    return Latest(paths[-1].name if paths else "", last.end if last else End(), None, torn)


def _torn(line: bytes, path: Path, paths: list[Path]) -> int:
    if path != paths[-1]:
        raise DamagedJournal(0, f"{path.name} finit par une ligne coupée")
    return len(line)


def _backwards(path: Path) -> Iterator[bytes]:
    """The lines of a file, the last first."""
    with path.open("rb") as file:
        position, rest = file.seek(0, os.SEEK_END), b""
        while position:
            step = min(_BLOCK, position)
            position -= step
            file.seek(position)
            # Not splitlines(): to that, other bytes end a line too.
            *whole, last = (file.read(step) + rest).split(b"\n")
            lines = [line + b"\n" for line in whole] + ([last] if last else [])
            yield from reversed(lines[1:])
            rest = lines[0]
        if rest:
            yield rest


def _write_all(descriptor: int, data: bytes) -> None:
    while data:
        data = data[os.write(descriptor, data) :]
