"""The history of the sandbox, dated by the clock that its callers move: what is written "at" an instant is found
`as_of` that instant.

Triggers of the sandbox's own database do it, put there beside the mark that says what it is. The register's database
has none of them: its history is dated by its own clock, which no setting moves.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection

# What a table holds when it is given its trigger came with the migrations, or is older than these triggers.
_DATED = """
CREATE OR REPLACE FUNCTION sandbox.date_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.pgh_created_at := coalesce(nullif(current_setting('sandbox.now', true), ''), '{since}')::timestamptz;
    RETURN NEW;
END
$$;

DO $$
DECLARE
    history regclass;
BEGIN
    FOR history IN
        SELECT c.oid FROM pg_class c
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'pgh_created_at' AND NOT a.attisdropped
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'dated_by_the_sandbox')
    LOOP
        EXECUTE format('ALTER TABLE %s DISABLE TRIGGER only_grows', history);
        EXECUTE format('UPDATE %s SET pgh_created_at = %L', history, '{since}');
        EXECUTE format('ALTER TABLE %s ENABLE TRIGGER only_grows', history);
        EXECUTE format('CREATE TRIGGER dated_by_the_sandbox BEFORE INSERT ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION sandbox.date_history()', history);
    END LOOP;
END
$$;
"""


def date_history(since: datetime) -> None:
    """Have every history of the sandbox's database be dated by `date_by`; `since`: where nobody has said by what, as
    in commands, and what is in it already."""
    with connection.cursor() as cursor:
        cursor.execute(_DATED.format(since=since.isoformat()))


def date_by(instant: datetime) -> None:
    """Have what this connection writes from now on be dated by that instant, in the sandbox's database."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('sandbox.now', %s, false)", [instant.isoformat()])
