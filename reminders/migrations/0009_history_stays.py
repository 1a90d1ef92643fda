"""The only rows of the controls are never deleted; the ledger's history only grows."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0005_history_stays'),
        ('reminders', '0008_emptied_by_nobody'),
    ]

    operations = [
        pgtrigger.migrations.AddTrigger(
            model_name='senderidentity',
            trigger=pgtrigger.compiler.Trigger(name='senderidentity_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='11b261da971632fb59f7389d3396f629494d45d2', operation='DELETE', pgid='pgtrigger_senderidentity_is_kept_0bf83', table='reminders_senderidentity', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='stopswitch',
            trigger=pgtrigger.compiler.Trigger(name='stopswitch_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='346e50015ea329c9d84295540965eed99fb9b98b', operation='DELETE', pgid='pgtrigger_stopswitch_is_kept_2cf4d', table='reminders_stopswitch', when='BEFORE')),
        ),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
