"""The table of guards agrees with the tree: what it takes away is there once, and its tests exist."""

from __future__ import annotations

import re

from django.apps import apps

from bench.mutants.guards import GUARDS
from settings.embedded import BASE_DIR


def test_each_guard_in_the_text_is_there_once() -> None:
    """Fails where a guard was reworded or removed and the table still speaks of the old one."""
    for guard in GUARDS:
        if guard.file:
            text = (BASE_DIR / guard.file).read_text(encoding="utf-8")
            assert guard.cut(text) != text


def test_the_tests_of_each_guard_exist() -> None:
    """Fails where a test was renamed and the guard's line still names the old one."""
    for test in {test for guard in GUARDS for test in guard.test.split()}:
        path, _, rest = test.partition("::")
        name = rest.partition("[")[0]
        text = (BASE_DIR / path).read_text(encoding="utf-8")
        assert not name or re.search(rf"^def {name}\(", text, re.MULTILINE), test


def test_every_guard_is_named_once_and_is_of_one_kind() -> None:
    """Fails where two lines share a name, or one says both how to cut a text and what to drop."""
    assert len({guard.name for guard in GUARDS}) == len(GUARDS)
    assert all(bool(guard.file) != bool(guard.constraint) for guard in GUARDS)


def test_every_constraint_that_the_table_drops_is_one_of_a_model() -> None:
    """Fails where a constraint or trigger was renamed."""
    metas = [model._meta for model in apps.get_app_config("reminders").get_models()]
    known = {constraint.name for meta in metas for constraint in meta.constraints}
    known |= {trigger.name for meta in metas for trigger in getattr(meta, "triggers", ())}
    assert {guard.constraint for guard in GUARDS if guard.constraint} <= known
