"""Whether a number was purged is asked once a statement, as an import asks for thousands."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0011_purge_reaches_all'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='registration_of_no_purged_file',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='registration_of_no_purged_file', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT FROM registry_purgedfile WHERE intermediary_id IN\n                               (SELECT intermediary_id FROM new_rows)) THEN\n                        RAISE EXCEPTION 'the file was purged: its number is not given again'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_of_no_purged_file';\n                    END IF;\n                    RETURN NULL;\n                ", hash='8020e2c1dfb875335f76a28139313cd3eba55f95', level='STATEMENT', operation='INSERT', pgid='pgtrigger_registration_of_no_purged_file_065db', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_registration', when='AFTER')),
        ),
    ]
