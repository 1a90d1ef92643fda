"""What makes a reminder the same reminder (I2)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.categories import CoverKind


@dataclass(frozen=True, slots=True, order=True)
class WaveKey:
    """At most one notice per intermediary and key: the cover, the last day of the one being renewed, the wave."""

    kind: CoverKind
    term: date
    wave: str

    def __str__(self) -> str:
        return f"{self.kind}/{self.term.isoformat()}/{self.wave}"


def notice_key(orias_number: str, keys: Iterable[WaveKey | str]) -> str:
    """The notice's identity (X-Reminder-Key, and the local part of its Message-ID): 40 hex digits.

    A hash of the intermediary and the wave keys it discharges: the same on every attempt, machine and restored copy.
    """
    text = "\n".join([orias_number, *sorted(map(str, keys))])
    return hashlib.sha256(text.encode()).hexdigest()[:40]


def recall_key(corrected: str) -> str:
    """The identity of the notice that corrects the one with identity `corrected`: another one, the same for ever."""
    return hashlib.sha256(f"recall\n{corrected}".encode()).hexdigest()[:40]
