"""The indexed list of triggers says and refuses what pgtrigger's own does."""

from __future__ import annotations

from typing import Any

import pgtrigger
import pgtrigger.registry
import pytest

from registry import trigger_index
from registry.models import Cover, Intermediary
from registry.trigger_index import IndexedRegistry

# pgtrigger's annotations want an instance where a model belongs.
INTERMEDIARY: Any = Intermediary
COVER: Any = Cover


def own(name: str, listed: Any) -> Any:
    """What pgtrigger's own list would say."""
    return getattr(pgtrigger.registry._Registry, name).fget(listed)


@pytest.fixture
def listed() -> IndexedRegistry:
    known: Any = pgtrigger.registry._registry
    assert isinstance(known, IndexedRegistry)
    return known


@pytest.mark.parametrize("name", ["pg_function_names", "by_db_table"])
def test_the_index_says_what_the_whole_list_says(name: str, listed: IndexedRegistry) -> None:
    """Fails without the lines of `__setitem__` that keep the index."""
    assert listed
    assert getattr(listed, name) == own(name, listed)


def trigger(name: str, condition: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(name=name, when=pgtrigger.Before, operation=pgtrigger.Insert, func=condition)


def test_a_name_used_twice_on_a_table_is_refused(listed: IndexedRegistry) -> None:
    """Fails without `_by_table`."""
    known = next(known for model, known in listed.values() if model is INTERMEDIARY)
    with pytest.raises(KeyError, match="already used"):
        trigger(known.name, "RETURN NEW;").register(INTERMEDIARY)


def test_what_is_taken_out_is_out_of_the_index(listed: IndexedRegistry) -> None:
    """Fails without the lines of `__delitem__` that keep the index."""
    before = len(listed)
    passing = trigger("passing", "RETURN NEW;")
    passing.register(COVER)
    passing.unregister(COVER)
    assert len(listed) == before
    assert listed.by_db_table == own("by_db_table", listed)
    assert listed.pg_function_names == own("pg_function_names", listed)


def test_it_is_not_put_in_when_triggers_are_known_already() -> None:
    """Fails without the `if` of `install`: triggers would be lost without a word."""
    with pytest.raises(RuntimeError, match="before any model"):
        trigger_index.install()
