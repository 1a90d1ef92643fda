"""The public register as one file a day, signed: written whole or not at all, kept for some days, never rewritten.

What is signed (Ed25519) is the file's checksum as `sha256sum` writes it, name and so day included: a signature over the
file itself would take all of it in memory, on both sides.
"""

from __future__ import annotations

import csv
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from django.conf import settings

from registry.actions import RegisterError
from registry.clock import local_day
from registry.intake.spreadsheet import neutralised
from registry.public import PublicEntry, every_entry

COLUMNS = (
    "numero_orias",
    "siren",
    "denomination",
    "nom_commercial",
    "forme_juridique",
    "ville",
    "categorie",
    "statut",
    "date_inscription",
    "date_suppression",
    "encaissement_fonds",
    "anciens_numeros",
)
"""The public fields, those of register/ : no address, telephone or certificate."""
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_BLOCK = 1 << 20


@dataclass(frozen=True, slots=True)
class DailyFile:
    """The files of one day, in a directory of their own."""

    place: Path

    @property
    def day(self) -> date:
        """The day."""
        return date.fromisoformat(self.place.name)

    @property
    def table(self) -> Path:
        """The register."""
        return self.place / f"registre-{self.place.name}.csv"

    @property
    def checksum(self) -> Path:
        """Its SHA-256 as `sha256sum` writes it: what is signed."""
        return self.place / f"registre-{self.place.name}.sha256"

    @property
    def signature(self) -> Path:
        """64 bytes."""
        return self.place / f"registre-{self.place.name}.sha256.sig"

    @property
    def key(self) -> Path:
        """The public key, in PEM: kept with what it was used for, so that another one may follow."""
        return self.place / "cle-publique.pem"

    @property
    def sha256(self) -> str:
        """Of the register, in hexadecimal."""
        return self.checksum.read_text(encoding="ascii")[:64]


@dataclass(frozen=True, slots=True)
class Published:
    """What was written."""

    file: DailyFile
    rows: int


def publish_register(now: datetime) -> Published | None:
    """Write and sign the file of this day, and remove those that are too old; None where it is there already.

    Raises RegisterError where there is no key, or nowhere to write.
    """
    key, day = signing_key(), local_day(now)
    root = Path(settings.OPEN_DATA_DIR)
    try:
        root.mkdir(parents=True, exist_ok=True)
        made = None if daily_file(day) else _publish(root, day, key)
        _forget(root, day - timedelta(days=settings.OPEN_DATA_DAYS))
    except OSError as error:
        raise RegisterError(
            f"Le fichier du jour ne peut pas être écrit sous {root} ({error.strerror})\u00a0: vérifiez la place et les "
            "droits."
        ) from error
    return made


def daily_file(day: date) -> DailyFile | None:
    """The file of a day; None where there is none."""
    found = DailyFile(Path(settings.OPEN_DATA_DIR) / day.isoformat())
    return found if found.place.is_dir() else None


def daily_files() -> list[DailyFile]:
    """All that are kept, the latest first."""
    return sorted(_days(Path(settings.OPEN_DATA_DIR)), key=lambda file: file.place.name, reverse=True)


def create_signing_key() -> Ed25519PublicKey:
    """Make the key, readable by its owner alone. Raises RegisterError where one is there: a key is not overwritten."""
    path = Path(settings.OPEN_DATA_KEY_FILE)
    key = Ed25519PrivateKey.generate()
    written = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(written)
    except FileExistsError:
        raise RegisterError(
            f"Une clé est déjà là\u00a0: {path}. Pour en changer, rangez-la d’abord ailleurs."
        ) from None
    except OSError as error:
        raise RegisterError(f"La clé ne peut pas être écrite ({error.strerror})\u00a0: {path}.") from error
    return key.public_key()


def signing_key() -> Ed25519PrivateKey:
    """The key. Raises RegisterError where there is none that can be used."""
    path = Path(settings.OPEN_DATA_KEY_FILE)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), password=None)
    except OSError as error:
        raise RegisterError(
            f"La clé qui signe ne peut pas être lue ({error.strerror})\u00a0: {path}. Pour en créer une\u00a0: "
            "manage.py create_signing_key"
        ) from None
    except (ValueError, TypeError, UnsupportedAlgorithm):
        key = None
    if not isinstance(key, Ed25519PrivateKey):
        raise RegisterError(f"{path} n’est pas une clé privée Ed25519 en PEM\u00a0: voyez create_signing_key.")
    return key


def public_pem(key: Ed25519PublicKey) -> bytes:
    """A public key as it is served."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)


def _publish(root: Path, day: date, key: Ed25519PrivateKey) -> Published | None:
    """All files beside their place, then there with one rename: nobody sees half of a day, and the first one stays."""
    draft = DailyFile(Path(tempfile.mkdtemp(prefix=".", dir=root)) / day.isoformat())
    try:
        draft.place.mkdir()
        rows = _write_table(draft.table, day)
        line = f"{_digest(draft.table)}  {draft.table.name}\n".encode()
        draft.checksum.write_bytes(line)
        draft.signature.write_bytes(key.sign(line))
        draft.key.write_bytes(public_pem(key.public_key()))
        made = DailyFile(root / day.isoformat())
        try:
            draft.place.rename(made.place)
        except OSError:
            if not made.place.is_dir():
                raise
            return None
        return Published(made, rows)
    finally:
        shutil.rmtree(draft.place.parent, ignore_errors=True)


def _write_table(path: Path, day: date) -> int:
    """One row for each category of each intermediary; how many. Nothing in it is a formula."""
    rows = 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        writer.writerow(COLUMNS)
        for entry in every_entry(day):
            for row in _rows(entry):
                writer.writerow(map(neutralised, row))
                rows += 1
        file.flush()
        os.fsync(file.fileno())
    return rows


def _rows(entry: PublicEntry) -> Iterator[tuple[str, ...]]:
    person = (entry.orias_number, entry.siren, entry.name, entry.trade_name, entry.legal_form, entry.town)
    for one in entry.categories:
        until = one.until.isoformat() if one.until else ""
        funds = "oui" if one.collects_funds else "non"
        dates = (one.since.isoformat(), until)
        yield *person, one.category.value, one.status.value, *dates, funds, " ".join(entry.former_numbers)


def _digest(path: Path) -> str:
    found = sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            found.update(block)
    return found.hexdigest()


def _days(root: Path) -> Iterator[DailyFile]:
    if root.is_dir():
        yield from (DailyFile(place) for place in root.iterdir() if _is_day(place))


def _is_day(place: Path) -> bool:
    with suppress(ValueError):
        return bool(_DAY.fullmatch(place.name)) and date.fromisoformat(place.name) is not None and place.is_dir()
    return False


def _forget(root: Path, last: date) -> None:
    """Remove the days up to `last`."""
    for file in list(_days(root)):
        if file.day <= last:
            shutil.rmtree(file.place)


def as_json(file: DailyFile) -> dict[str, Any]:
    """What is told of a day's file."""
    return {"day": file.day, "bytes": file.table.stat().st_size, "sha256": file.sha256}
