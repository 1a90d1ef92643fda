"""An earlier state of the whole database put back, as a restored dump does: rows, and the numbers to come.

The identity's row is written again, so that its transaction is another one (I13). A real pg_dump: test_restore.py.
"""

from __future__ import annotations

from django.db import connection

_MAKE = """
DROP SCHEMA IF EXISTS snapshot CASCADE;
CREATE SCHEMA snapshot;

CREATE FUNCTION snapshot.take() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('DROP TABLE IF EXISTS snapshot.%1$I', name);
        EXECUTE format('CREATE TABLE snapshot.%1$I AS TABLE public.%1$I', name);
    END LOOP;
    DROP TABLE IF EXISTS snapshot.numbers;
    CREATE TABLE snapshot.numbers AS
        SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
END
$$;

CREATE FUNCTION snapshot.restore() RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica
AS $$
DECLARE
    name text;
    columns text;
    changed boolean;
BEGIN
    FOR name IN SELECT relname FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace LOOP
        EXECUTE format('SELECT EXISTS ((TABLE public.%1$I EXCEPT ALL TABLE snapshot.%1$I) UNION ALL'
                       ' (TABLE snapshot.%1$I EXCEPT ALL TABLE public.%1$I))', name) INTO changed;
        CONTINUE WHEN NOT changed AND name <> 'reminders_senderidentity';
        SELECT string_agg(format('%I', attname), ', ') INTO columns FROM pg_attribute
        WHERE attrelid = format('public.%I', name)::regclass AND attnum > 0 AND NOT attisdropped AND attgenerated = '';
        EXECUTE format('DELETE FROM public.%I', name);
        EXECUTE format('INSERT INTO public.%1$I (%2$s) OVERRIDING SYSTEM VALUE SELECT %2$s FROM snapshot.%1$I',
                       name, columns);
    END LOOP;
    PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
    FROM snapshot.numbers;
END
$$
"""


def make() -> None:
    """Have the two functions in the database."""
    _run(_MAKE)


def take() -> None:
    """Keep the database as it is now."""
    _run("SELECT snapshot.take()")


def restore() -> None:
    """Put back what was kept."""
    _run("SELECT snapshot.restore()")


def forget() -> None:
    """Leave nothing behind."""
    _run("DROP SCHEMA IF EXISTS snapshot CASCADE")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
