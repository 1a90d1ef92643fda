"""History only grows: none of its rows is changed or deleted, by plain SQL either."""

from django.db import migrations
from registry.migrating import QuickMigration

# pghistory writes a context's words anew while its own transaction goes on: those of a transaction that has ended stay.
# register_keep_tables(), which every migration that brings tables calls, now keeps both: facts from being emptied at
# one go, and history from being rewritten.
KEEP = """
CREATE FUNCTION register_history_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'pghistory_context' AND TG_OP = 'UPDATE' THEN
        IF OLD.created_at = now() AND NEW.created_at = OLD.created_at AND NEW.id = OLD.id THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'history only grows: a row of % is neither changed nor deleted', TG_TABLE_NAME;
END
$$;

CREATE FUNCTION register_keep_history() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept regclass;
BEGIN
    FOR kept IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
          AND (c.relname = 'pghistory_context' OR EXISTS (
              SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'pgh_context_id' AND NOT a.attisdropped))
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'only_grows')
    LOOP
        EXECUTE format('CREATE TRIGGER only_grows BEFORE UPDATE OR DELETE ON %s'
                       ' FOR EACH ROW EXECUTE FUNCTION register_history_only_grows()', kept);
    END LOOP;
END
$$;

ALTER FUNCTION register_keep_tables() RENAME TO register_keep_from_truncate;

CREATE FUNCTION register_keep_tables() RETURNS void LANGUAGE sql
AS 'SELECT register_keep_from_truncate(); SELECT register_keep_history()';

SELECT register_keep_tables();
"""
FREE = """
DROP FUNCTION register_keep_tables();
ALTER FUNCTION register_keep_from_truncate() RENAME TO register_keep_tables;
DROP FUNCTION register_keep_history();
DROP FUNCTION register_history_only_grows() CASCADE;
"""


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0004_deadlines_and_renewals'),
        ('pghistory', '0007_auto_20250421_0444'),
    ]

    operations = [
        migrations.RunSQL(KEEP, FREE),
    ]
