"""The journal brings a correction back with what it corrects; a wave is its own person's; no table is emptied at one go."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0003_emptied_by_nobody'),
        ('reminders', '0007_identity'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_corrects_its_own',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_corrects_its_own', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM reminders_batch b\n        WHERE b.kind = 'RECALL' AND b.id IN (SELECT DISTINCT batch_id FROM new_rows WHERE corrects_id IS NULL)\n    ) OR EXISTS (\n        SELECT FROM new_rows n\n        JOIN reminders_batch b ON b.id = n.batch_id\n        JOIN reminders_notice c ON c.id = n.corrects_id\n        WHERE c.intermediary_id <> n.intermediary_id OR c.state NOT IN ('ACCEPTED', 'UNCERTAIN') OR c.email <> n.email\n           -- What the journal brings back is in a batch of its day: there the identity proves what it corrects.\n           OR CASE b.only_wave WHEN 'JOURNAL' THEN left(encode(sha256(convert_to(E'recall\\n' || c.key, 'UTF8')), 'hex'), 40) <> n.key\n                               ELSE c.batch_id IS DISTINCT FROM b.corrects_id END\n    ) THEN\n        RAISE EXCEPTION 'a recall corrects what its people got of its own batch, at the same address';\n    END IF;\n    RETURN NULL;\n", hash='a711e26e305b7b80e5dfac8787e4b6efa2ff3d8d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_notice_corrects_its_own_91d00', referencing='REFERENCING NEW TABLE AS new_rows ', table='reminders_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticeitem',
            trigger=pgtrigger.compiler.Trigger(name='noticeitem_is_its_notices', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM new_rows i JOIN reminders_notice n ON n.id = i.notice_id\n                        WHERE n.intermediary_id <> i.intermediary_id\n                    ) THEN\n                        RAISE EXCEPTION 'a notice discharges waves of its own person only';\n                    END IF;\n                    RETURN NULL;\n                ", hash='8e0ad9e1c6f36079e018fbc06d1bbe400cf01d62', level='STATEMENT', operation='INSERT', pgid='pgtrigger_noticeitem_is_its_notices_f0a8a', referencing='REFERENCING NEW TABLE AS new_rows ', table='reminders_noticeitem', when='AFTER')),
        ),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
