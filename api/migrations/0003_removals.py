"""A mandate goes with the file that a certificate destroys, and not otherwise."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('api', '0002_history_stays'),
        ('registry', '0008_removals'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='mandate',
            name='mandate_is_kept',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='mandate',
            trigger=pgtrigger.compiler.Trigger(name='mandate_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='2a4d58fc4f39ead1ae0c6571d63ae2332b07251d', operation='DELETE', pgid='pgtrigger_mandate_is_kept_ad253', table='api_mandate', when='BEFORE')),
        ),
    ]
