"""What one trigger asks of a notice at each change, and keeps up to date: the hottest row of the house.

As CHECK constraints, generated columns and a WHEN these questions were read from their stored text anew at each UPDATE
of each message, which took as long as all else that PostgreSQL does for it. A function is read once a connection.
"""

from __future__ import annotations

from collections.abc import Iterable

import pgtrigger

from registry.models.triggers import PlainTrigger
from reminders.rules.states import NOTICE_TRANSITIONS, TROUBLED_STATES, UNSENT_STATES, WAITING_STATES, edges


def in_sql(states: Iterable[str]) -> str:
    """States as SQL lists them."""
    return ", ".join(f"'{state}'" for state in sorted(map(str, states)))


_IS_LIVE = f"NEW.state IN ({in_sql(WAITING_STATES)})"
_IS_UNSENT = f"NEW.state IN ({in_sql(UNSENT_STATES)})"
_IS_TROUBLED = f"NEW.state IN ({in_sql(TROUBLED_STATES)})"
_EDGES = " ".join(f"{before}>{after}" for before, after in edges(NOTICE_TRANSITIONS))


def moves_as_it_may(name: str) -> PlainTrigger:
    """The state machine, whole words compared, so that no state is reached that is none; what a state needs; and the
    three columns that the indexes ask for, whatever a statement says of them."""
    return PlainTrigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update,
        func=f"""
            IF NEW.state <> OLD.state
               AND strpos(' {_EDGES} ', ' ' || OLD.state || '>' || NEW.state || ' ') = 0 THEN
                RAISE EXCEPTION 'Invalid transition of field "state" from "%" to "%" on table %',
                    OLD.state, NEW.state, TG_TABLE_NAME;
            ELSIF NEW.lease_until IS NULL AND NEW.state IN ('CLAIMED', 'SENDING') THEN
                RAISE EXCEPTION 'notice_claimed_has_a_lease: notice % is in hand and nobody knows until when', NEW.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_claimed_has_a_lease';
            ELSIF NEW.reason = '' AND NEW.state = 'SKIPPED' THEN
                RAISE EXCEPTION 'notice_skipped_says_why: notice % is left out without a reason', NEW.id
                    USING ERRCODE = 'check_violation', CONSTRAINT = 'notice_skipped_says_why';
            END IF;
            IF NEW.live <> ({_IS_LIVE}) OR NEW.unsent <> ({_IS_UNSENT}) OR NEW.troubled <> ({_IS_TROUBLED}) THEN
                NEW.live = {_IS_LIVE};
                NEW.unsent = {_IS_UNSENT};
                NEW.troubled = {_IS_TROUBLED};
            END IF;
            -- Asked apart, since few are uncertain: whether a person has said that it never left.
            IF NEW.state = 'UNCERTAIN' THEN
                NEW.unsent = EXISTS (
                    SELECT FROM reminders_settlement WHERE notice_id = NEW.id AND decision = 'SEND_AGAIN'
                );
            END IF;
            RETURN NEW;
        """,
    )


def is_refused(name: str, columns: Iterable[str], condition: str) -> pgtrigger.Trigger:
    """A trigger that refuses a row which meets `condition`, asked where it is new or one of `columns` is written: what
    a CHECK constraint of that name would refuse."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.UpdateOf(*columns),  # type: ignore[no-untyped-call]
        condition=pgtrigger.Condition(condition),
        func=f"""
            RAISE EXCEPTION 'new row for relation "%" violates "{name}"', TG_TABLE_NAME
                USING ERRCODE = 'check_violation', CONSTRAINT = '{name}';
        """,
    )
