"""The question whether a wave was held under a merged number is asked only where numbers were merged."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0011_removals'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='noticeitem',
            name='noticeitem_once_per_person',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticeitem',
            trigger=pgtrigger.compiler.Trigger(name='noticeitem_once_per_person', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (SELECT FROM registry_intermediary WHERE merged_into_id IS NOT NULL) AND EXISTS (\n        SELECT FROM registry_intermediary m\n        JOIN new_rows i ON i.intermediary_id = m.merged_into_id\n        JOIN reminders_noticeitem h ON h.intermediary_id = m.id AND h.held\n                                   AND h.kind = i.kind AND h.term = i.term AND h.wave = i.wave\n        JOIN reminders_notice n ON n.id = h.notice_id AND n.state NOT IN ('CLAIMED', 'DEFERRED', 'PLANNED')\n        JOIN reminders_notice own ON own.id = i.notice_id\n        JOIN reminders_batch b ON b.id = own.batch_id\n        -- What the journal brings back has left, whatever is thought of it now.\n        WHERE m.merged_into_id IS NOT NULL AND b.only_wave IS DISTINCT FROM 'JOURNAL'\n    ) THEN\n        RAISE EXCEPTION 'this wave was held under a number that has been merged into this one'\n            USING ERRCODE = 'unique_violation', CONSTRAINT = 'noticeitem_once_per_person';\n    END IF;\n    RETURN NULL;\n", hash='e8881fd59d89cb88d03b385b1052bb85f53c00cf', level='STATEMENT', operation='INSERT', pgid='pgtrigger_noticeitem_once_per_person_b2c80', referencing='REFERENCING NEW TABLE AS new_rows ', table='reminders_noticeitem', when='AFTER')),
        ),
    ]
