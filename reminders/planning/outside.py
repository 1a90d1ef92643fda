"""What an app above the engine knows and the engine must ask: it registers who answers, and is never imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Readings:
    """Of a batch: how many opened the page that tells why they were written to, and how many of these called after."""

    readers: int
    called_after: int

    @property
    def spared(self) -> int:
        """Who read and has not called since."""
        return self.readers - self.called_after


_SOURCES: list[Callable[[], Sequence[str]]] = []
_READINGS: list[Callable[[int, datetime], Readings]] = []


def tell_of_incidents(source: Callable[[], Sequence[str]]) -> None:
    """Register who knows the open incidents, once for the process; it answers with a short name for each."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def open_incidents() -> tuple[str, ...]:
    """The open incidents, as their sources name them now."""
    return tuple(name for source in _SOURCES for name in source())


def tell_of_readings(source: Callable[[int, datetime], Readings]) -> None:
    """Register who counts, for a batch and an instant, the readings of its pages; once for the process."""
    if source not in _READINGS:
        _READINGS.append(source)


def readings_of(batch_id: int, now: datetime) -> Readings | None:
    """As its source counts them now; None where nobody does."""
    return next((source(batch_id, now) for source in _READINGS), None)
