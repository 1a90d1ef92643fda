"""What keeps migrations quick: steps of one kind are worked out on one state of the models, not each on its own.

Django draws the models anew after each step, and all that refer to one another with them: in a register where all
refers to the person, that is nearly every model for each constraint and trigger, minutes for an empty database.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Any

import pgtrigger.migrations
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ModelState, ProjectState, StateApps
from django.db.models import Model
from pgtrigger.compiler import UpsertTriggerSql

_TABLES: tuple[type[Operation], ...] = (migrations.CreateModel,)
_COLUMNS: tuple[type[Operation], ...] = (migrations.AddField,)
_RULES: tuple[type[Operation], ...] = (
    migrations.AddConstraint,
    migrations.AddIndex,
    migrations.RemoveConstraint,
    migrations.RemoveIndex,
    pgtrigger.migrations.AddTrigger,
    pgtrigger.migrations.RemoveTrigger,
)
KINDS = (_TABLES, _COLUMNS, _RULES)
"""Steps of one kind do not stand in one another's way; what is of no kind (SQL, Python) stands alone."""


class Together(Operation):
    """Steps of one kind: all told to the state first, then all done, in their order."""

    reduces_to_sql = True

    def __init__(self, steps: Sequence[Operation]) -> None:
        self.steps: list[Any] = list(steps)
        self.reversible = all(step.reversible for step in steps)  # type: ignore[misc]

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Have each change the state; what is drawn of its models is kept where it can be.

        Rules change no model, and new tables only add some; after new columns all are drawn anew, once, when they are
        next asked for.
        """
        drawn = state.__dict__.pop("apps", None)
        for step in self.steps:
            step.state_forwards(app_label, state)
        if drawn and not isinstance(self.steps[0], _COLUMNS):
            self._draw(app_label, state, drawn)
            state.__dict__["apps"] = drawn

    def _draw(self, app_label: str, state: ProjectState, drawn: StateApps) -> None:
        if isinstance(self.steps[0], _TABLES):
            drawn.render_multiple([state.models[app_label, step.name_lower] for step in self.steps])
        else:
            for model in {step.model_name.lower() for step in self.steps}:
                _tell_rules(state.models[app_label, model], drawn.get_model(app_label, model))

    def database_forwards(
        self, app_label: str, schema_editor: BaseDatabaseSchemaEditor, from_state: ProjectState, to_state: ProjectState
    ) -> None:
        """Do them."""
        for step in self.steps:
            step.database_forwards(app_label, schema_editor, from_state, to_state)

    def describe(self) -> str:
        """What is done, step by step."""
        return "; ".join(step.describe() for step in self.steps)


def _tell_rules(told: ModelState, drawn: type[Model]) -> None:
    """Have a drawn model know the rules of its state: a later step may ask for them."""
    for name in ("constraints", "indexes", "triggers"):
        setattr(drawn._meta, name, told.options.get(name, []))


class QuickMigration(migrations.Migration):
    """A migration that does steps of one kind together. Undone it is step by step, as ever."""

    def apply(
        self, project_state: ProjectState, schema_editor: BaseDatabaseSchemaEditor, collect_sql: bool = False
    ) -> ProjectState:
        """Apply it as Django does, with the steps grouped."""
        steps = self.operations
        self.operations = list(together(steps))  # type: ignore[misc]
        try:
            applied: ProjectState = super().apply(project_state, schema_editor, collect_sql)
            return applied
        finally:
            self.operations = steps  # type: ignore[misc]


def together(steps: Sequence[Operation]) -> Iterator[Operation]:
    """The steps in their order, neighbours of one kind as one."""
    for kind, run in groupby(steps, key=_kind):
        if kind is None:
            yield from run
        else:
            yield Together(list(run))


def _kind(step: Any) -> int | None:
    return next((n for n, kind in enumerate(KINDS) if isinstance(step, kind)), None)


class PlainTriggerSql(UpsertTriggerSql):
    """A trigger's function as it is written: pgtrigger's own template asks first whether the trigger is to be ignored,
    inside a caught exception, which takes longer than all else that a trigger of a hot row does."""

    def get_template(self) -> str:
        """The SQL of the function and its trigger. Migrations refer to it: not to be changed."""
        return """
            CREATE OR REPLACE FUNCTION {pgid}() RETURNS TRIGGER AS $$
                {declare}
                BEGIN
                    {func}
                END;
            $$ LANGUAGE plpgsql;

            DROP TRIGGER IF EXISTS {pgid} ON {table};
            CREATE {constraint} TRIGGER {pgid}
                {when} {operation} ON {table}
                {timing}
                {referencing}
                FOR EACH {level} {condition}
                EXECUTE FUNCTION {execute};

            COMMENT ON TRIGGER {pgid} ON {table} IS '{hash}';
        """
