"""What rules remember from one call to the next, and how to have them forget it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import registry.rules
import reminders.rules


def _forgetters(package: ModuleType) -> Iterator[Callable[[], None]]:
    """What empties each cache of a package's rules."""
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(import_module(found.name)).values():
            if hasattr(value, "cache_clear"):
                yield value.cache_clear


FORGETTERS = [*_forgetters(registry.rules), *_forgetters(reminders.rules)]


def forget() -> None:
    """Empty every cache of the rules."""
    for empty in FORGETTERS:
        empty()
