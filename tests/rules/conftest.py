"""What tests of rules share: no answer is remembered from one to the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib import import_module
from pkgutil import iter_modules
from types import ModuleType

import pytest

import registry.rules
import reminders.rules


def _forgetters(package: ModuleType) -> Iterator[Callable[[], None]]:
    """What empties each cache of a package's rules."""
    for found in iter_modules(package.__path__, f"{package.__name__}."):
        for value in vars(import_module(found.name)).values():
            if hasattr(value, "cache_clear"):
                yield value.cache_clear


FORGETTERS = [*_forgetters(registry.rules), *_forgetters(reminders.rules)]


@pytest.fixture(autouse=True)
def _nothing_remembered() -> None:
    """Run each rule anew: one that only gives back what an unmeasured test asked before would not be measured."""
    for forget in FORGETTERS:
        forget()
