"""An earlier state of the whole database put back, as a restored dump does: rows, and the numbers to come.

A dump writes the identity's row again, so that its transaction is another one (I13); a snapshot of the disks does not.
A real pg_dump: test_restore.py.
"""

from __future__ import annotations

from django.db import connection

# Each table's statements are written out, so that PostgreSQL plans them once a connection; and the copies are made
# once, since each table that is made leaves its rows in PostgreSQL's own, through which all later work goes.
_MAKE = """
DROP SCHEMA IF EXISTS snapshot CASCADE;
CREATE SCHEMA snapshot;
{copies}
CREATE TABLE snapshot.numbers AS SELECT sequencename, last_value FROM pg_sequences WITH NO DATA;

CREATE FUNCTION snapshot.take() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
{takes}
    DELETE FROM snapshot.numbers;
    INSERT INTO snapshot.numbers SELECT sequencename, last_value FROM pg_sequences WHERE schemaname = 'public';
END
$$;

CREATE FUNCTION snapshot.restore(from_a_dump boolean) RETURNS void LANGUAGE plpgsql
SET session_replication_role = replica
AS $$
BEGIN
{restores}
    PERFORM setval(format('public.%I', sequencename)::regclass, coalesce(last_value, 1), last_value IS NOT NULL)
    FROM snapshot.numbers;
END
$$
"""
_COPY = "CREATE TABLE snapshot.{table} AS TABLE public.{table} WITH NO DATA;"
_IS_ANOTHER = """EXISTS ((TABLE public.{table} EXCEPT ALL TABLE snapshot.{table})
                        UNION ALL (TABLE snapshot.{table} EXCEPT ALL TABLE public.{table}))"""
_TAKE = f"""
    IF {_IS_ANOTHER} THEN
        DELETE FROM snapshot.{{table}};
        INSERT INTO snapshot.{{table}} TABLE public.{{table}};
    END IF;
"""
_RESTORE = f"""
    IF {{always}} OR {_IS_ANOTHER} THEN
        DELETE FROM public.{{table}};
        INSERT INTO public.{{table}} ({{columns}}) OVERRIDING SYSTEM VALUE SELECT {{columns}} FROM snapshot.{{table}};
    END IF;
"""
_TABLES = """
SELECT c.relname, string_agg(quote_ident(a.attname), ', ')
FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace
  AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
GROUP BY c.relname
"""
WRITTEN_AGAIN = "reminders_senderidentity"


def make() -> None:
    """Have room for a copy of each table in the database, and what copies there and back."""
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables = dict(cursor.fetchall())
        copies = "\n".join(_COPY.format(table=table) for table in tables)
        takes = "".join(_TAKE.format(table=table) for table in tables)
        restores = "".join(
            _RESTORE.format(table=table, columns=columns, always="from_a_dump" if table == WRITTEN_AGAIN else "false")
            for table, columns in tables.items()
        )
        cursor.execute(_MAKE.replace("{copies}", copies).replace("{takes}", takes).replace("{restores}", restores))


def take() -> None:
    """Keep the database as it is now."""
    _run("SELECT snapshot.take()")


def restore() -> None:
    """Put back what was kept, as a dump does."""
    _run("SELECT snapshot.restore(true)")


def put_back_the_disks() -> None:
    """Put back what was kept, from below the database."""
    _run("SELECT snapshot.restore(false)")


def forget() -> None:
    """Leave nothing behind."""
    _run("DROP SCHEMA IF EXISTS snapshot CASCADE")


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
