"""Small files that are written whole or not at all, and are on disk before they count. What root writes is the
directory's owner's: a worker must be able to read what was written for it."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any


def write_whole(path: Path, tell: Callable[[int], Mapping[str, Any]]) -> None:
    """Put a JSON file in its place. `tell` is given its number on the disk (inode). Raises OSError; nothing is left
    behind then."""
    fresh = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
    exclusively = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with open(os.open(fresh, exclusively, 0o600), "w", encoding="utf-8") as file:
            give_to_the_owner_of(path.parent, file.fileno())
            json.dump(tell(os.fstat(file.fileno()).st_ino), file)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)
        sync_directory(path.parent)
    except OSError:
        fresh.unlink(missing_ok=True)
        raise


def give_to_the_owner_of(directory: Path, descriptor: int) -> None:
    """Have an open file belong to whom its directory belongs; only root may, and only root need. Raises OSError."""
    if os.geteuid() == 0:
        owner = directory.stat()
        os.fchown(descriptor, owner.st_uid, owner.st_gid)


def sync_directory(directory: Path) -> None:
    """Have the names in a directory on disk."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
