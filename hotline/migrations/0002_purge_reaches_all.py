"""The purge of a file reaches its calls and complaints."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('hotline', '0001_initial'),
        ('registry', '0011_purge_reaches_all'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='call',
            name='call_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='complaint',
            name='complaint_is_kept',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='call_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='aab4f4b28ed5f0adc7ba03c007a96b7f68479c24', operation='DELETE', pgid='pgtrigger_call_is_kept_4b8f7', table='hotline_call', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='1bbc5144915398e24d19f2c037e174233b2d5747', operation='DELETE', pgid='pgtrigger_complaint_is_kept_d24f7', table='hotline_complaint', when='BEFORE')),
        ),
    ]
