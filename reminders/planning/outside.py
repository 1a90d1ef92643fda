"""What an app above the engine knows and the engine must ask: it registers who answers, and is never imported."""

from __future__ import annotations

from collections.abc import Callable, Sequence

_SOURCES: list[Callable[[], Sequence[str]]] = []


def tell_of_incidents(source: Callable[[], Sequence[str]]) -> None:
    """Register who knows the open incidents, once for the process; it answers with a short name for each."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def open_incidents() -> tuple[str, ...]:
    """The open incidents, as their sources name them now."""
    return tuple(name for source in _SOURCES for name in source())
