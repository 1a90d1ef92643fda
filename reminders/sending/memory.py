"""What is remembered outside the database: by the journal's directory, for whom it is kept; by a machine, its identity
(EPOCH_FILE); by both, how far database and journal had come when somebody last began to send (I13)."""

from __future__ import annotations

import fcntl
import json
import logging
import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from socket import gethostname
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from django.db import connection
from django.db.models import Sum

from reminders.config import EngineSettings
from reminders.errors import ReminderError
from reminders.models import SendingMachine
from reminders.rules.sender import Armed, Held, Owner, Seen, remembered
from reminders.sending.files import give_to_the_owner_of, write_whole

OWNER, SEEN, LOCK = "armed.json", "seen.json", "seen.lock"
_ONE_MORE = """
INSERT INTO reminders_sendingmachine (machine, host, passes, passed_at, refusal)
VALUES (%(machine)s, %(host)s, 1, %(now)s, '')
ON CONFLICT (machine) DO UPDATE
SET passes = reminders_sendingmachine.passes + 1, host = %(host)s, passed_at = %(now)s, refusal = '', refused_at = NULL
"""

logger = logging.getLogger(__name__)


# --- of the journal's directory -----------------------------------------------------------------------------


def read_owner(directory: Path) -> Owner | None:
    """For whom the journal is kept; None where it does not say. What cannot be read is nobody's."""
    try:
        told = json.loads((directory / OWNER).read_text(encoding="utf-8"))
        return Owner(str(told["epoch"]), bool(told["begun"]))
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Owner("", begun=True)


def write_owner(directory: Path, owner: Owner | None) -> None:
    """Say for whom the journal is kept; None: say nothing. Raises ReminderError where it cannot be written."""
    path = directory / OWNER
    try:
        if owner is None:
            path.unlink(missing_ok=True)
        else:
            write_whole(path, lambda _: {"epoch": owner.epoch, "begun": owner.begun})
    except OSError as error:
        raise _unwritten("La marque du journal", path, "JOURNAL_DIR", error) from error


def require_own(directory: Path, epoch: str) -> None:
    """Raises OSError where the journal is not this epoch's: somebody has armed another database since."""
    owner = read_owner(directory)
    if owner and owner.epoch != epoch:
        another = "une autre vient d’être armée" if owner.epoch else "il vient d’être déclaré perdu"
        raise OSError(f"ce journal n’est plus au nom de cette base\u00a0: {another}")


def mark_begun(directory: Path, epoch: str) -> None:
    """Have it known that there is a journal: where it is empty from now on, it is lost."""
    owner = read_owner(directory)
    if owner is None or not owner.begun:
        with one_at_a_time(directory):
            write_whole(directory / OWNER, lambda _: {"epoch": epoch, "begun": True})


def mark_new(directory: Path, epoch: str) -> None:
    """Say of a new register's journal that it is one, where nobody has yet. Raises ReminderError."""
    with one_at_a_time(directory):
        if read_owner(directory) is None:
            write_owner(directory, Owner(epoch, begun=False))


# --- of a machine -------------------------------------------------------------------------------------------


def write_epoch_file(path: Path, armed: Armed) -> None:
    """Give this machine the identity. The file holds its own number on the disk (inode): a copy of it is no identity.

    Raises ReminderError where it cannot be written.
    """
    told = {"epoch": armed.epoch, "version": armed.version, "system_identifier": armed.place.system_identifier}
    try:
        write_whole(path, lambda inode: told | {"inode": inode})
    except OSError as error:
        raise _unwritten("L’identité de l’expéditeur", path, "EPOCH_FILE", error) from error


def read_epoch_file(path: Path) -> Held | None:
    """The identity that this machine holds, or None where it holds none. What cannot be read is not in place."""
    try:
        with path.open(encoding="utf-8") as file:
            told = json.load(file)
            return Held(told["epoch"], told["version"], told["inode"] == os.fstat(file.fileno()).st_ino)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError):
        return Held("", "", in_place=False)


# --- of both ------------------------------------------------------------------------------------------------


@contextmanager
def one_at_a_time(directory: Path) -> Iterator[None]:
    """What is remembered is looked at and written anew by nobody else meanwhile. Where there is no room for the lock
    there is none for the journal either, whose writer says so."""
    with ExitStack() as held:
        try:
            directory.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(directory / LOCK, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            held.callback(os.close, descriptor)
            give_to_the_owner_of(directory, descriptor)
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        except OSError as error:
            logger.warning("the memory of the passes could not be locked: %s", error)
        yield


@dataclass(slots=True)
class Others:
    """Whether anybody may have begun a pass since it was asked last: a memory is another file then."""

    engine: EngineSettings
    _numbers: tuple[tuple[int, int], ...] = ()

    def may_have_begun(self) -> bool:
        """Two looks at the disk, no database."""
        numbers = tuple(_number(place) for place in _places(self.engine))
        moved, self._numbers = numbers != self._numbers, numbers
        return moved


def memories(engine: EngineSettings) -> list[Seen]:
    """What this machine and the journal's directory remember of the last passes."""
    return [seen for place in _places(engine) if (seen := _read_seen(place))]


def passes_counted() -> int:
    """How many passes of all machines the database has counted."""
    counted: int | None = SendingMachine.objects.aggregate(all=Sum("passes"))["all"]
    return counted or 0


def this_machine(engine: EngineSettings) -> str:
    """Which machine this is, whatever its file says."""
    return uuid5(NAMESPACE_URL, f"{gethostname()}:{engine.epoch_file}").hex


def note_refusal(engine: EngineSettings, why: str, *, now: datetime) -> None:
    """Have it known to all why this machine sends nothing, until it does."""
    told = {"host": _host(), "refusal": why, "refused_at": now}
    SendingMachine.objects.update_or_create(
        machine=this_machine(engine), defaults=told, create_defaults=told | {"passes": 0}
    )


def remember(engine: EngineSettings, epoch: str, entries: Mapping[str, int], *, now: datetime | None) -> None:
    """Count this pass in the database, and only then outside: so the database never knows less, unless it has gone
    back. No instant: at the end of a pass, which is counted already. Where it cannot be written the memory is older.

    Must be called inside `one_at_a_time`: what another has written meanwhile would be forgotten.
    """
    machine = this_machine(engine)
    if now:
        with connection.cursor() as cursor:
            cursor.execute(_ONE_MORE, {"machine": machine, "host": _host(), "now": now})
    counted = passes_counted() if now else 0
    for place in _places(engine):
        before = _read_seen(place)
        mine = before if before and before.epoch == epoch else Seen(epoch, machine, 0, {})
        most = remembered(Owner(epoch, begun=True), [mine, Seen(epoch, machine, 0, entries)])
        told = {"epoch": epoch, "machine": machine, "passes": max(counted, mine.passes), "entries": most}
        try:
            write_whole(place, partial(_as_it_is, told))
        except OSError as error:
            logger.warning("the memory of this pass could not be written: %s", error)


def _host() -> str:
    return gethostname()[:64]


def _as_it_is(told: Mapping[str, Any], _: int) -> Mapping[str, Any]:
    return told


def _places(engine: EngineSettings) -> tuple[Path, Path]:
    """The machine's, then the directory's."""
    return engine.epoch_file.with_name(f"{engine.epoch_file.name}.seen"), engine.journal_dir / SEEN


def _number(path: Path) -> tuple[int, int]:
    try:
        told = path.stat()
    except OSError:
        return 0, 0
    return told.st_ino, told.st_mtime_ns


def _read_seen(path: Path) -> Seen | None:
    """None where nothing is remembered that can be read."""
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
        entries = {str(sender): int(number) for sender, number in told["entries"].items()}
        return Seen(str(told["epoch"]), str(told["machine"]), int(told["passes"]), entries)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None


def _unwritten(what: str, path: Path, name: str, error: OSError) -> ReminderError:
    return ReminderError(
        f"{what} n’a pas pu être écrite («\u00a0{path}\u00a0», {name})\u00a0: {error}. "
        "Faites de la place ou rendez l’endroit accessible, puis recommencez."
    )
