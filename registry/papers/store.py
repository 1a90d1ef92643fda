"""Files kept by the SHA-256 of their content, outside the web root: written once, never overwritten, proved at reading.

A directory per first two letters, modes 0700 and 0600. A file is whole before it has its name: written beside,
flushed to the disk, then linked, and the directory flushed too.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, cast

from django.conf import settings

_CHUNK = 1024 * 1024


class DamagedStore(Exception):
    """A kept file is missing or is not what its name says."""


def directory() -> Path:
    """Where they are, made if it is not there."""
    return _made(Path(settings.DOCUMENT_DIR))


def incoming() -> Path:
    """Where files are written while they are not yet known."""
    return _made(directory() / "incoming")


@contextmanager
def scratch() -> Iterator[Path]:
    """The path of a file of one's own on the same disk, gone afterwards."""
    path = incoming() / secrets.token_hex(16)
    try:
        yield path
    finally:
        path.unlink(missing_ok=True)


def open_incoming() -> IO[bytes]:
    """A file of one's own on the same disk, mode 0600, gone when it is closed."""
    return cast(IO[bytes], tempfile.NamedTemporaryFile(dir=incoming()))


def digest_of(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path) -> str:
    """Keep a copy of the file at `path` (on the same disk) under its digest, which is returned; one already there
    stays untouched."""
    digest = digest_of(path)
    place = _place(digest)
    _made(place.parent)
    with tempfile.NamedTemporaryFile(dir=incoming()) as copy, path.open("rb") as source:
        while chunk := source.read(_CHUNK):
            copy.write(chunk)
        copy.flush()
        os.fsync(copy.fileno())
        with suppress(FileExistsError):
            os.link(copy.name, place)
    _flush(place.parent)
    return digest


def read(digest: str) -> bytes:
    """The content kept under a digest. Raises DamagedStore where it is missing or another."""
    try:
        content = _place(digest).read_bytes()
    except OSError as error:
        raise DamagedStore(f"{digest}: {error.strerror}") from error
    if hashlib.sha256(content).hexdigest() != digest:
        raise DamagedStore(f"{digest}: the content is another one")
    return content


def path_of(digest: str) -> Path:
    """Where the content of a digest is, for a process that reads it itself."""
    return _place(digest)


def forget(digest: str) -> None:
    """Remove what no row names any more: its caller holds the lock that says so."""
    _place(digest).unlink(missing_ok=True)


def _place(digest: str) -> Path:
    return directory() / digest[:2] / digest


def _made(path: Path) -> Path:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def _flush(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
