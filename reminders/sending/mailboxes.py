"""Where reports are read from: a Maildir, an mbox, one mail in a file, or a folder of an IMAP server.

A mail is marked as read only once what it says is stored; one that is no report is left as it was, for people. An mbox
or a single mail is only read: reading it again stores nothing new.
"""

from __future__ import annotations

import imaplib
import logging
import random
import re
import ssl
from base64 import b64encode
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from reminders.errors import ReminderError
from reminders.sending.reports import LARGEST

PATIENCE = 30.0
"""Seconds to wait for an IMAP server's answer."""

_SEEN = "S"
_FROM = b"From "
_NOT_ASCII = re.compile(r"[^\x20-\x7e]+")


T = TypeVar("T")

logger = logging.getLogger(__name__)


class MailboxLike(Protocol):
    """Where to read; ``settings.mailbox.MailboxSettings`` is one."""

    @property
    def path(self) -> Path | None: ...
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def folder(self) -> str: ...
    @property
    def tls(self) -> Literal["none", "starttls", "tls"]: ...


class MailboxError(ReminderError):
    """The mailbox cannot be read; told without its password."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail: its first bytes, as many as are read, and what marks it as read."""

    raw: bytes
    mark: Callable[[], None]


@contextmanager
def letters(mailbox: MailboxLike, *, again: bool = False) -> Iterator[Iterator[Letter]]:
    """The mails that are not marked as read (`again`: all of them), one at a time.

    Raises MailboxError where there is no such mailbox, or its server refuses or does not answer.
    """
    try:
        if mailbox.path is not None:
            yield _in_files(mailbox.path, again)
        else:
            with _connected(mailbox) as server:
                yield _on_server(server, again)
    except (OSError, imaplib.IMAP4.error, UnicodeError) as error:
        raise MailboxError(f"La boîte «\u00a0{mailbox}\u00a0» ne peut pas être lue\u00a0: {_told(error)}") from error


def _told(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "elle n’existe pas. Vérifiez le chemin."
    if isinstance(error, PermissionError):
        return "elle n’est pas accessible. Vérifiez les droits."
    return " ".join(str(error).split())[:200] or type(error).__name__


# --- files ---


def _in_files(path: Path, again: bool) -> Iterator[Letter]:
    if path.is_dir():
        if not ((path / "new").is_dir() and (path / "cur").is_dir()):
            raise MailboxError(f"«\u00a0{path}\u00a0» est un dossier sans new/ ni cur/\u00a0: ce n’est pas un Maildir.")
        return _in_maildir(path, again)
    return _in_one_file(path)


def _in_maildir(path: Path, again: bool) -> Iterator[Letter]:
    for place in _in_turn([*(path / "new").iterdir(), *(path / "cur").iterdir()]):
        if place.name.startswith(".") or place.is_symlink() or not place.is_file():
            continue
        if again or _SEEN not in place.name.rpartition(":2,")[2]:
            yield from _one_of_maildir(place)


def _one_of_maildir(place: Path) -> Iterator[Letter]:
    try:
        with place.open("rb") as file:
            raw = file.read(LARGEST)
    except FileNotFoundError:
        # Another reader, or a person's mail program, was quicker.
        return
    except PermissionError as error:
        logger.warning("mailbox: %s cannot be read, the others are: %s", place, error.strerror)
        return
    yield Letter(raw, lambda: _mark_in_maildir(place))


def _mark_in_maildir(place: Path) -> None:
    name, _, flags = place.name.partition(":2,")
    marked = "".join(sorted({*flags, _SEEN}))
    # Renaming within a mailbox is one step: the mail is never in two places, nor in none.
    try:
        place.rename(place.parent.parent / "cur" / f"{name}:2,{marked}")
    except FileNotFoundError:
        return


def _in_turn(found: Sequence[T]) -> list[T]:
    """In another order each time: what is left unread for people is not in the way of what comes after it."""
    return random.sample(found, len(found))


def _in_one_file(path: Path) -> Iterator[Letter]:
    """An mbox, whose mails begin at a line "From " after an empty one; or one mail, where no such line is first."""
    lines: list[bytes] = []
    size, after_empty = 0, True
    with path.open("rb") as file:
        while line := file.readline(LARGEST):
            if after_empty and line.startswith(_FROM):
                yield from _one_of_mbox(lines)
                lines, size = [], 0
            elif size < LARGEST:
                lines.append(line)
                size += len(line)
            after_empty = line in {b"\n", b"\r\n"}
    yield from _one_of_mbox(lines)


def _one_of_mbox(lines: list[bytes]) -> Iterator[Letter]:
    if lines:
        yield Letter(b"".join(lines)[:LARGEST], lambda: None)


# --- IMAP ---


@contextmanager
def _connected(mailbox: MailboxLike) -> Iterator[imaplib.IMAP4]:
    context = ssl.create_default_context()
    if mailbox.tls == "tls":
        server: imaplib.IMAP4 = imaplib.IMAP4_SSL(mailbox.host, mailbox.port, ssl_context=context, timeout=PATIENCE)
    else:
        server = imaplib.IMAP4(mailbox.host, mailbox.port, timeout=PATIENCE)
    with server:
        if mailbox.tls == "starttls":
            server.starttls(context)
        server.login(mailbox.username, mailbox.password)
        _require(server.select(_quoted(mailbox.folder)))
        yield server


def _on_server(server: imaplib.IMAP4, again: bool) -> Iterator[Letter]:
    found = _require(server.uid("SEARCH", "ALL" if again else "UNSEEN"))
    for uid in _in_turn(b" ".join(part for part in found if isinstance(part, bytes)).decode("ascii").split()):
        # PEEK: the mail stays unread; and no more of it is sent than is read.
        answer = _require(server.uid("FETCH", uid, f"(BODY.PEEK[]<0.{LARGEST}>)"))
        for part in answer:
            if isinstance(part, tuple):
                yield Letter(part[1][:LARGEST], _marker(server, uid))


def _marker(server: imaplib.IMAP4, uid: str) -> Callable[[], None]:
    return lambda: _mark_on_server(server, uid)


def _mark_on_server(server: imaplib.IMAP4, uid: str) -> None:
    _require(server.uid("STORE", uid, "+FLAGS.SILENT", r"(\Seen)"))


def _require(answer: tuple[str, Sequence[Any]]) -> Sequence[Any]:
    """What the server answered. Raises IMAP4.error where it refused."""
    status, data = answer
    if status != "OK":
        said = next((part.decode("ascii", "replace") for part in data if isinstance(part, bytes)), "")
        raise imaplib.IMAP4.error(said or status)
    return data


def _quoted(folder: str) -> str:
    """A folder's name as it goes on the wire: in the UTF-7 of IMAP (RFC 3501, 5.1.3), so that no sign can end it."""
    encoded = _NOT_ASCII.sub(_in_utf7, folder.replace("&", "&-"))
    escaped = encoded.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _in_utf7(found: re.Match[str]) -> str:
    return f"&{b64encode(found[0].encode('utf-16-be')).decode('ascii').rstrip('=').replace('/', ',')}-"
