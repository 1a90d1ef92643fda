"""No table of facts, ledger or history is emptied at one go, and an e-mail address is one address."""

from django.db import migrations, models
from registry.migrating import QuickMigration

# TRUNCATE asks no trigger of a row: what refuses deletions, and what writes history, would not notice. Later migrations
# that bring tables call register_keep_tables() again. What is derived, or a mere trace of the clock, may be emptied.
KEEP = """
CREATE FUNCTION register_refuses_truncate() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'table % holds facts, the ledger or their history: it is never emptied at one go', TG_TABLE_NAME;
END
$$;

CREATE FUNCTION register_keep_tables() RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    kept regclass;
BEGIN
    FOR kept IN
        SELECT c.oid FROM pg_class c
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
          AND c.relname ~ '^(registry|reminders|hotline|continuity|pghistory)_'
          AND c.relname NOT IN ('registry_storedfinding', 'reminders_tick', 'reminders_domainpace')
          AND NOT EXISTS (SELECT FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname = 'never_emptied')
    LOOP
        EXECUTE format('CREATE TRIGGER never_emptied BEFORE TRUNCATE ON %s'
                       ' FOR EACH STATEMENT EXECUTE FUNCTION register_refuses_truncate()', kept);
    END LOOP;
END
$$;

SELECT register_keep_tables();
"""
FREE = """
DROP FUNCTION register_keep_tables();
DROP FUNCTION register_refuses_truncate() CASCADE;
"""


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0002_reference_rows'),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='intermediary',
            constraint=models.CheckConstraint(condition=models.Q(('email', ''), ('email__regex', '^[^@[:cntrl:]]+@[^@[:cntrl:]]+$'), _connector='OR'), name='intermediary_email_is_one_address', violation_error_message='Une adresse électronique comporte une @ et une seule, du texte de part et d’autre, et ni retour à la ligne ni autre signe invisible.'),
        ),
        migrations.RunSQL(KEEP, FREE),
    ]
