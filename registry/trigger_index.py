"""pgtrigger's list of triggers with an index: it reads its whole list anew for each trigger that is added, and with
more than four hundred of them that is a quarter of the time in which any command starts."""

from __future__ import annotations

from typing import Any

import pgtrigger.registry

Key = tuple[str, Any]


class IndexedRegistry(pgtrigger.registry._Registry):
    """The same list, the same refusals; which tables and functions have which trigger is kept as it grows."""

    def __init__(self) -> None:
        self._by_table: dict[Key, Any] = {}
        self._functions: set[str] = set()
        super().__init__()

    @property
    def pg_function_names(self) -> set[str]:
        """The functions of all the triggers in the database."""
        return self._functions

    @property
    def by_db_table(self) -> dict[Key, Any]:
        """Each trigger by its table and name."""
        return self._by_table

    def __setitem__(self, key: str, value: tuple[Any, Any]) -> None:
        super().__setitem__(key, value)  # type: ignore[no-untyped-call]
        model, trigger = value
        self._by_table[model._meta.db_table, trigger.name] = trigger
        self._functions.add(trigger.get_pgid(model))

    def __delitem__(self, key: str) -> None:
        model, trigger = self[key]
        super().__delitem__(key)  # type: ignore[no-untyped-call]
        del self._by_table[model._meta.db_table, trigger.name]
        self._functions.discard(trigger.get_pgid(model))


def install() -> None:
    """Have pgtrigger use the indexed list; before the first model is loaded, since what is in the old one is lost."""
    registry: Any = pgtrigger.registry
    if registry._registry:
        raise RuntimeError("pgtrigger knows triggers already: install the index before any model is loaded.")
    registry._registry = IndexedRegistry()
