"""What the database does by itself at every change of a fact, raw SQL included (I9).

History: `tracked` records each insert, update and delete. Freshness: `bumps_facts_version` raises the
`facts_version` of the intermediary concerned, so that whatever was derived from older facts is known to be stale.
Inserts are taken statement by statement: a set of 100,000 rows costs one pass, not 100,000 calls.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import cast

import pghistory
import pgtrigger
from django.db import models
from pgtrigger import compiler

from registry.migrating import PlainTriggerSql

_Decorator = Callable[[type[models.Model]], type[models.Model]]


def row_update_event(condition: pgtrigger.Condition | None = None) -> pghistory.UpdateEvent:
    """An update is recorded row by row: set-based it would join the old and the new rows, and PostgreSQL, which
    keeps the plan it made for the first few, joins 24,000 of them in minutes."""
    return pghistory.UpdateEvent(condition=condition or pgtrigger.AnyChange(), level=pgtrigger.Row)


def tracked(history: str, *, exclude: Iterable[str] = ()) -> _Decorator:
    """Keep every insert, update and delete of a table's rows, but for the columns in `exclude`, in a table named
    `history`."""
    events = (pghistory.InsertEvent(), row_update_event(), pghistory.DeleteEvent())
    return cast(_Decorator, pghistory.track(*events, model_name=history, exclude=list(exclude)))


BUMPED_AT_THE_END = "register.bumped_at_the_end"
"""Setting that names the one transaction whose writer raises the versions itself, once for all its statements: the
import, which would otherwise write each intermediary anew for its registrations and again for its covers. Naming the
transaction, it cannot outlive it, nor be set beforehand for others."""


def _bump(source: str, owner: str) -> str:
    return f"""
        IF current_setting('{BUMPED_AT_THE_END}', true) IS DISTINCT FROM pg_current_xact_id()::text THEN
            UPDATE registry_intermediary SET facts_version = facts_version + 1
            WHERE id IN (SELECT DISTINCT {owner} FROM {source});
        END IF;
        RETURN NULL;
    """


def bumps_facts_version(owner: str = "changed.intermediary_id", join: str = "") -> list[pgtrigger.Trigger]:
    """Triggers that raise `facts_version` of the intermediary named by `owner` at any change of the table."""
    new, old = f"new_rows AS changed {join}", f"old_rows AS changed {join}"
    # Only rows that really changed: an UPDATE that writes what was there leaves the file as it was.
    moved = "((TABLE new_rows EXCEPT TABLE old_rows) UNION (TABLE old_rows EXCEPT TABLE new_rows)) AS changed"
    return [
        _statement("facts_version_insert", pgtrigger.Insert, _bump(new, owner), new="new_rows"),
        _statement("facts_version_delete", pgtrigger.Delete, _bump(old, owner), old="old_rows"),
        _statement(
            "facts_version_update",
            pgtrigger.Update,
            _bump(f"{moved} {join}", owner),
            new="new_rows",
            old="old_rows",
        ),
    ]


def finding_has_a_registration() -> pgtrigger.Trigger:
    """A trigger that refuses findings of a registration that is not there: a foreign key, checked set by set."""
    body = """
        IF EXISTS (
            SELECT FROM new_rows f LEFT JOIN registry_registration r ON r.id = f.registration_id WHERE r.id IS NULL
        ) THEN
            RAISE EXCEPTION 'a finding names a registration that is not there'
                USING ERRCODE = 'foreign_key_violation', CONSTRAINT = 'finding_has_a_registration';
        END IF;
        RETURN NULL;
    """
    return _statement("finding_has_a_registration", pgtrigger.Insert, body, new="new_rows")


def takes_its_findings_along() -> pgtrigger.Trigger:
    """A trigger that deletes the findings of a registration together with it."""
    body = """
        DELETE FROM registry_storedfinding f USING old_rows r WHERE f.registration_id = r.id;
        RETURN NULL;
    """
    return _statement("findings_go_along", pgtrigger.Delete, body, old="old_rows")


def stays_out_of_merged(condition: str = "true", *, updates: bool = False) -> list[pgtrigger.Trigger]:
    """Triggers that refuse new rows (and changed ones, with `updates`) of a number that was merged into another, where
    they meet `condition`: set by set."""
    body = f"""
        IF EXISTS (
            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id
            WHERE i.merged_into_id IS NOT NULL AND {condition}
        ) THEN
            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'
                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';
        END IF;
        RETURN NULL;
    """
    found = [_statement("none_of_a_merged_number", pgtrigger.Insert, body, new="new_rows")]
    if updates:
        found.append(_statement("none_to_a_merged_number", pgtrigger.Update, body, new="new_rows"))
    return found


def follows(name: str, field: str, edges: Iterable[tuple[str, str]]) -> pgtrigger.Trigger:
    """A state machine: `field` moves along `edges` only.

    The question is asked in the trigger's WHEN: a function is called for a forbidden move alone, since it is asked
    three times for each message sent. PostgreSQL reads the question's text anew for every statement, so each state is
    written as its first few letters.
    """
    pairs = tuple(edges)
    letters = _telling_letters({state for pair in pairs for state in pair})
    allowed = " ".join(before[:letters] + after[:letters] for before, after in pairs)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(field),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(
            f"OLD.{field} <> NEW.{field}"
            f" AND strpos('{allowed}', left(OLD.{field}, {letters}) || left(NEW.{field}, {letters})) = 0"
        ),
        func=f"""
            RAISE EXCEPTION 'Invalid transition of field "{field}" from "%" to "%" on table %',
                OLD.{field}, NEW.{field}, TG_TABLE_NAME;
        """,
    )


class PlainTrigger(pgtrigger.Trigger):
    """A trigger that no setting ignores and whose function is called for each row, where that is cheaper than a WHEN.

    PostgreSQL reads CHECK constraints, generated columns and the WHEN of triggers from their stored text anew for every
    statement; the body of a function it reads once a connection.
    """

    def compile(self, model: models.Model) -> compiler.Trigger:
        """As pgtrigger compiles it, with the plain template."""
        kwargs = super().compile(model).sql.kwargs
        known = {name: value for name, value in kwargs.items() if name != "ignore_func_name"}
        return compiler.Trigger(name=self.name, sql=PlainTriggerSql(**known))


def _telling_letters(states: set[str]) -> int:
    """How many first letters tell these states apart. That a state is one of them is for `is_one_of` to check."""
    return next(n for n in range(1, 99) if len({state[:n] for state in states}) == len(states))


def is_one_of(name: str, field: str, values: Iterable[str]) -> models.CheckConstraint:
    """A constraint that `field` is one of `values`: as a pattern, which is the shortest to read for each statement."""
    return models.CheckConstraint(name=name, condition=models.Q(**{f"{field}__regex": f"^({'|'.join(values)})$"}))


def stays_as_it_was(name: str, columns: Iterable[str]) -> pgtrigger.Trigger:
    """A trigger that refuses a change of `columns`; a statement that names none of them is not even asked."""
    frozen = tuple(columns)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(*frozen),  # type: ignore[no-untyped-call]
        condition=pgtrigger.AnyChange(*frozen),
        func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;",
    )


def kept(
    name: str,
    operation: pgtrigger.Operation = pgtrigger.Delete,
    columns: Iterable[str] = (),
    people: Iterable[str] = (),
) -> pgtrigger.Trigger:
    """A trigger that refuses to delete (or also to update) a row, unless an open certificate of destruction names the
    intermediary it belongs to: see `register_purging` and `register_owner` in the migration of the purge.

    `columns`: an update is refused only where it changes one of these. `people`: the row belongs to several, in these
    columns, and goes with any of them.
    """
    frozen = tuple(columns)
    owners = [f"OLD.{column}" for column in people] or ["register_owner(TG_TABLE_NAME, to_jsonb(OLD))"]
    is_destroyed = " OR ".join(f"register_purging({owner})" for owner in owners)
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.UpdateOf(*frozen) if frozen else operation,  # type: ignore[no-untyped-call]
        condition=pgtrigger.AnyChange(*frozen) if frozen else None,
        func=f"""
            IF {is_destroyed} THEN
                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
            END IF;
            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;
        """,
    )


def three_clear_days() -> pgtrigger.Trigger:
    """A trigger that refuses a guarantee's end before three clear days after its notice (CA R512-17, CMF R519-18)."""
    return pgtrigger.Trigger(
        name="guarantee_has_three_clear_days",
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf("cover_id", "kind", "effective_on", "received_at"),  # type: ignore[no-untyped-call]
        func="""
            IF NEW.kind <> 'REINSTATED'
               AND NEW.effective_on < (NEW.received_at AT TIME ZONE 'Europe/Paris')::date + 4
               AND EXISTS (SELECT FROM registry_cover c WHERE c.id = NEW.cover_id AND c.kind = 'FINANCIAL_GUARANTEE')
            THEN
                RAISE EXCEPTION 'a guarantee does not end on %: less than three clear days after its notice',
                    NEW.effective_on
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'guarantee_has_three_clear_days';
            END IF;
            RETURN NEW;
        """,
    )


def bumps_reference_version() -> list[pgtrigger.Trigger]:
    """A trigger that counts every change of the register's common facts (requirements, campaigns)."""
    body = """
        UPDATE registry_referenceversion SET version = version + 1;
        RETURN NULL;
    """
    operation = pgtrigger.Insert | pgtrigger.Update | pgtrigger.Delete
    return [
        pgtrigger.Trigger(
            name="reference_version",
            level=pgtrigger.Statement,
            when=pgtrigger.After,
            operation=operation,
            func=body,
        )
    ]


def _statement(
    name: str, operation: pgtrigger.Operation, body: str, *, new: str | None = None, old: str | None = None
) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=pgtrigger.Referencing(new=new, old=old),  # type: ignore[no-untyped-call]
        func=body,
    )
