"""What is asked of a ledger of many years reads the part that it asks for: what went wrong, the last days, a term."""

import django.contrib.postgres.indexes
import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from registry.migrating import PlainTriggerSql, QuickMigration

MARK = "UPDATE reminders_notice SET troubled = true WHERE state IN ('REFUSED', 'UNCERTAIN');"
# As in 0005, but for `n.troubled`.
TROUBLE = """
DROP VIEW reminders_addresstrouble;
CREATE VIEW reminders_addresstrouble AS
WITH returned AS (
    SELECT n.intermediary_id, lower(n.email COLLATE "C") AS email, b.kind = 'HARD_ADDRESS' AS hard, b.reported_at AS at
    FROM reminders_bounce b
    JOIN reminders_notice n ON n.id = b.notice_id
    WHERE b.kind IN ('HARD_ADDRESS', 'SOFT')
    UNION ALL
    SELECT n.intermediary_id, lower(n.email COLLATE "C"), true, a.finished_at
    FROM reminders_notice n
    JOIN reminders_attempt a ON a.notice_id = n.id AND a.verdict = 'REFUSED_ADDRESS'
    WHERE n.troubled AND n.state = 'REFUSED'
)
SELECT r.intermediary_id, i.email,
       (count(*) FILTER (WHERE r.hard))::integer AS hard,
       (count(DISTINCT (r.at AT TIME ZONE 'Europe/Paris')::date) FILTER (WHERE NOT r.hard))::integer AS soft_days,
       min(r.at) AS first_at, max(r.at) AS last_at
FROM returned r
JOIN registry_intermediary i ON i.id = r.intermediary_id AND lower(i.email COLLATE "C") = r.email
WHERE NOT EXISTS (
    SELECT FROM reminders_addressconfirmation c
    WHERE c.intermediary_id = r.intermediary_id AND lower(c.email COLLATE "C") = r.email AND c.at >= r.at
)
GROUP BY r.intermediary_id, i.email;
"""


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0015_counts'),
        ('reminders', '0015_deliver'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_begins_as_planned',
        ),
        migrations.AddField(
            model_name='notice',
            name='troubled',
            field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='refusée ou incertaine'),
        ),
        migrations.RunSQL(MARK, migrations.RunSQL.noop),
        migrations.RunSQL(TROUBLE, TROUBLE.replace("n.troubled AND ", "")),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('troubled', True)), fields=['intermediary'], name='notice_troubled'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['settled_at'], name='notice_settled'),
        ),
        # By its name: Django's own step drops every index of this one column, the partial unique one of I2 with it.
        migrations.RunSQL(
            "DROP INDEX reminders_notice_intermediary_id_187a539e;",
            "CREATE INDEX reminders_notice_intermediary_id_187a539e ON reminders_notice (intermediary_id);",
            state_operations=[
                migrations.AlterField(
                    model_name='notice',
                    name='intermediary',
                    field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='notices', to='registry.intermediary'),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['intermediary', 'settled_at'], name='notice_of_a_person'),
        ),
        migrations.AddIndex(
            model_name='attempt',
            index=models.Index(condition=models.Q(('verdict', 'REFUSED_ADDRESS')), fields=['notice'], name='attempt_refused'),
        ),
        migrations.AddIndex(
            model_name='noticeitem',
            index=django.contrib.postgres.indexes.BrinIndex(autosummarize=True, fields=['term'], name='noticeitem_term'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_transitions', sql=PlainTriggerSql(func='\n            IF NEW.state <> OLD.state\n               AND strpos(\' CLAIMED>CANCELLED CLAIMED>EXPIRED CLAIMED>PLANNED CLAIMED>SENDING CLAIMED>SKIPPED DEFERRED>CANCELLED DEFERRED>CLAIMED DEFERRED>EXPIRED PLANNED>CANCELLED PLANNED>CLAIMED PLANNED>EXPIRED SENDING>ACCEPTED SENDING>DEFERRED SENDING>EXPIRED SENDING>PLANNED SENDING>REFUSED SENDING>UNCERTAIN \', \' \' || OLD.state || \'>\' || NEW.state || \' \') = 0 THEN\n                RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                    OLD.state, NEW.state, TG_TABLE_NAME;\n            ELSIF NEW.lease_until IS NULL AND NEW.state IN (\'CLAIMED\', \'SENDING\') THEN\n                RAISE EXCEPTION \'notice_claimed_has_a_lease: notice % is in hand and nobody knows until when\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_claimed_has_a_lease\';\n            ELSIF NEW.reason = \'\' AND NEW.state = \'SKIPPED\' THEN\n                RAISE EXCEPTION \'notice_skipped_says_why: notice % is left out without a reason\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_skipped_says_why\';\n            END IF;\n            IF NEW.live <> (NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\')) OR NEW.unsent <> (NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\')) OR NEW.troubled <> (NEW.state IN (\'REFUSED\', \'UNCERTAIN\')) THEN\n                NEW.live = NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\');\n                NEW.unsent = NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\');\n                NEW.troubled = NEW.state IN (\'REFUSED\', \'UNCERTAIN\');\n            END IF;\n            RETURN NEW;\n        ', hash='19f4fd36d96e8fdbfe8bc637b9393dfb74698d80', operation='UPDATE', pgid='pgtrigger_notice_transitions_d6e56', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_begins_as_planned', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state <> 'PLANNED' OR NOT NEW.live OR NEW.unsent OR NEW.troubled)", func="RAISE EXCEPTION 'a notice begins as planned, not as %', NEW.state;", hash='44407caf7b261f0834809db815b3d42e3ce0cba3', operation='INSERT', pgid='pgtrigger_notice_begins_as_planned_02cce', table='reminders_notice', when='BEFORE')),
        ),
    ]
