"""Migrations done by kind: the same steps in the same order, the same state of the models."""

from __future__ import annotations

import pytest
from django.db import migrations, models
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

from registry.migrating import KINDS, QuickMigration, Together, together

RULES = ("constraints", "indexes", "triggers")
OURS = ("registry", "reminders", "hotline", "api")
MIGRATIONS = [key for key in sorted(MigrationLoader(None).disk_migrations) if key[0] in OURS]


def flat(steps: list[Operation]) -> list[Operation]:
    return [one for step in steps for one in (step.steps if isinstance(step, Together) else [step])]


def drawn(state: ProjectState) -> dict[tuple[str, str], tuple[list[str], object]]:
    """Each model's columns and options; an array's clone is equal to nothing."""
    return {key: (list(model.fields), model.options) for key, model in state.models.items()}


@pytest.mark.parametrize("key", MIGRATIONS, ids=".".join)
def test_every_migration_is_quick_and_does_its_own_steps_in_their_order(key: tuple[str, str]) -> None:
    """Fails where makemigrations' own base class was left: an empty database would take minutes again."""
    migration = MigrationLoader(None).get_migration(*key)
    assert isinstance(migration, QuickMigration)
    grouped = list(together(migration.operations))
    assert flat(grouped) == list(migration.operations)
    for group in grouped:
        if isinstance(group, Together):
            assert any(all(isinstance(step, kind) for step in group.steps) for kind in KINDS)


@pytest.mark.parametrize("name", ["0006_merges_and_contacts", "0008_removals"])
def test_told_together_they_make_the_same_models(name: str) -> None:
    """Fails where `Together` left a step out of the state."""
    loader = MigrationLoader(None)
    migration = loader.get_migration("registry", name)
    one_by_one = loader.project_state([("registry", name)], at_end=False)
    at_once = one_by_one.clone()
    for step in migration.operations:
        step.state_forwards("registry", one_by_one)
    for step in together(migration.operations):
        step.state_forwards("registry", at_once)
    assert drawn(at_once) == drawn(one_by_one)


def as_drawn(state: ProjectState) -> dict[str, tuple[list[str], dict[str, list[str]]]]:
    """Each model's columns and relations, those that lead to it too, and its rules by name."""
    return {
        model._meta.label: (
            sorted(field.name for field in model._meta.get_fields(include_hidden=True)),
            {kind: [rule.name for rule in getattr(model._meta, kind, [])] for kind in RULES},
        )
        for model in state.apps.get_models()
    }


@pytest.mark.parametrize("name", ["0006_merges_and_contacts", "0008_removals"])
def test_models_drawn_before_are_as_if_drawn_anew(name: str) -> None:
    """Fails where `_draw` forgets new tables or rules."""
    loader = MigrationLoader(None)
    kept = loader.project_state([("registry", name)], at_end=False)
    before = kept.apps
    for step in together(loader.get_migration("registry", name).operations):
        if isinstance(step, Together) and not isinstance(step.steps[0], migrations.AddField):
            step.state_forwards("registry", kept)
    assert kept.apps is before
    anew = kept.clone()
    del anew.apps
    assert as_drawn(kept) == as_drawn(anew)


def test_what_is_of_no_kind_stands_alone() -> None:
    """SQL and Python see the tables as they are at that step."""
    sql = migrations.RunSQL("SELECT 1")
    column = migrations.AddField("cover", "extra", models.TextField(default=""))
    made = list(together([column, column, sql, sql, column]))
    assert [type(step).__name__ for step in made] == ["Together", "RunSQL", "RunSQL", "Together"]
    assert "2" not in made[0].describe()
    assert made[0].describe().count("Add field extra") == 2
