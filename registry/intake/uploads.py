"""Register files that came by the web site: kept beside the documents until they are applied, a week at most.

They hold personal data: a directory per SHA-256, modes 0700 and 0600, gone once applied or too old.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from datetime import datetime, timedelta
from pathlib import Path

from registry.papers import store
from registry.rules.documents import neutral_name

KEPT_FOR = timedelta(days=7)
MOST_BYTES = 10 * 1024 * 1024
"""Some 30,000 records, compared within seconds; a larger file is for the command `import_register`."""
LONGEST_NAME = 60
_ERRORS = "a-corriger.csv"


class UploadError(Exception):
    """A file that is not taken or not there any more, in words for whoever sent it: what, and what to do."""


def keep_upload(name: str, chunks: Iterable[bytes], now: datetime) -> Path:
    """Keep a file under its own name; what is older than a week goes. Raises UploadError for one too large."""
    sweep(now)
    digest, size = hashlib.sha256(), 0
    with store.scratch() as draft:
        with draft.open("xb") as file:
            draft.chmod(0o600)
            for chunk in chunks:
                size += len(chunk)
                if size > MOST_BYTES:
                    raise UploadError(
                        f"Ce fichier dépasse {MOST_BYTES // 1024**2}\u00a0Mo\u00a0: importez-le par la commande "
                        "import_register, ou partagez-le."
                    )
                digest.update(chunk)
                file.write(chunk)
        place = _place(digest.hexdigest())
        shutil.rmtree(place, ignore_errors=True)
        place.mkdir(mode=0o700, parents=True)
        return draft.rename(place / _plain(name))


def find_upload(sha256: str) -> Path:
    """The file of that digest. Raises UploadError where it is not there any more."""
    found = [path for path in _place(sha256).glob("*") if path.name != _ERRORS]
    if not found:
        raise UploadError(
            "Ce fichier n’est plus là\u00a0: il a été appliqué, ou déposé il y a plus d’une semaine. "
            "Déposez-le de nouveau."
        )
    return found[0]


def errors_of(upload: Path) -> Path:
    """Where the rows to put right of a kept file are written."""
    return upload.with_name(_ERRORS)


def forget_upload(sha256: str) -> None:
    """Remove a file and what was written beside it."""
    shutil.rmtree(_place(sha256), ignore_errors=True)


def sweep(now: datetime) -> None:
    """Remove what came more than a week ago."""
    for place in _directory().iterdir():
        if place.stat().st_mtime < (now - KEPT_FOR).timestamp():
            shutil.rmtree(place, ignore_errors=True)


def _plain(name: str) -> str:
    shown = neutral_name(name)[-LONGEST_NAME:]
    return "registre.csv" if shown.strip(".") == "" or shown == _ERRORS else shown


def _place(sha256: str) -> Path:
    return _directory() / sha256


def _directory() -> Path:
    place = store.directory() / "register-files"
    place.mkdir(mode=0o700, exist_ok=True)
    return place
