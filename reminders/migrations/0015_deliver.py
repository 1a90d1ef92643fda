"""What a notice is asked at each change is asked by one function, which is read once and not at every statement."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from registry.migrating import PlainTriggerSql, QuickMigration

# The columns keep their values and their indexes.
PLAIN = """
ALTER TABLE reminders_notice ALTER live DROP EXPRESSION, ALTER unsent DROP EXPRESSION;
ALTER TABLE reminders_notice ALTER live SET DEFAULT true, ALTER live SET NOT NULL;
ALTER TABLE reminders_notice ALTER unsent SET DEFAULT false, ALTER unsent SET NOT NULL;
"""
GENERATED = """
ALTER TABLE reminders_notice DROP live, DROP unsent;
ALTER TABLE reminders_notice
    ADD live boolean
        GENERATED ALWAYS AS (state IN ('CLAIMED', 'DEFERRED', 'PLANNED', 'SENDING')) STORED,
    ADD unsent boolean GENERATED ALWAYS AS (state IN ('CANCELLED', 'EXPIRED', 'SKIPPED')) STORED;
CREATE INDEX notice_live ON reminders_notice (batch_id, rank) WHERE live;
CREATE UNIQUE INDEX notice_one_live_per_intermediary ON reminders_notice (intermediary_id) WHERE live;
CREATE UNIQUE INDEX notice_corrected_once ON reminders_notice (corrects_id)
    WHERE corrects_id IS NOT NULL AND NOT unsent;
"""


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0014_staff'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_begins_as_planned',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_unsent_frees_its_waves',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_skipped_says_why',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_has_an_address',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_claimed_has_a_lease',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_state_is_known',
        ),
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_correction_says_what_it_tells',
        ),
        migrations.RunSQL(
            PLAIN,
            GENERATED,
            state_operations=[
                migrations.AlterField(
                    model_name='notice',
                    name='live',
                    field=models.BooleanField(db_default=True, default=True, editable=False, verbose_name='en cours'),
                ),
                migrations.AlterField(
                    model_name='notice',
                    name='unsent',
                    field=models.BooleanField(db_default=False, default=False, editable=False, verbose_name='jamais parti'),
                ),
            ],
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_transitions', sql=PlainTriggerSql(func='\n            IF NEW.state <> OLD.state\n               AND strpos(\' CLAIMED>CANCELLED CLAIMED>EXPIRED CLAIMED>PLANNED CLAIMED>SENDING CLAIMED>SKIPPED DEFERRED>CANCELLED DEFERRED>CLAIMED DEFERRED>EXPIRED PLANNED>CANCELLED PLANNED>CLAIMED PLANNED>EXPIRED SENDING>ACCEPTED SENDING>DEFERRED SENDING>EXPIRED SENDING>PLANNED SENDING>REFUSED SENDING>UNCERTAIN \', \' \' || OLD.state || \'>\' || NEW.state || \' \') = 0 THEN\n                RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                    OLD.state, NEW.state, TG_TABLE_NAME;\n            ELSIF NEW.lease_until IS NULL AND NEW.state IN (\'CLAIMED\', \'SENDING\') THEN\n                RAISE EXCEPTION \'notice_claimed_has_a_lease: notice % is in hand and nobody knows until when\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_claimed_has_a_lease\';\n            ELSIF NEW.reason = \'\' AND NEW.state = \'SKIPPED\' THEN\n                RAISE EXCEPTION \'notice_skipped_says_why: notice % is left out without a reason\', NEW.id\n                    USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_skipped_says_why\';\n            END IF;\n            IF NEW.live <> (NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\')) OR NEW.unsent <> (NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\')) THEN\n                NEW.live = NEW.state IN (\'CLAIMED\', \'DEFERRED\', \'PLANNED\', \'SENDING\');\n                NEW.unsent = NEW.state IN (\'CANCELLED\', \'EXPIRED\', \'SKIPPED\');\n            END IF;\n            RETURN NEW;\n        ', hash='d5067fb84c9330b0a8f171df4316c4e2ffb1c843', operation='UPDATE', pgid='pgtrigger_notice_transitions_d6e56', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_has_an_address', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.email = '')", func='\n            RAISE EXCEPTION \'new row for relation "%" violates "notice_has_an_address"\', TG_TABLE_NAME\n                USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_has_an_address\';\n        ', hash='b73cdaa69b13f6244b954e863179ca19aab93990', operation='INSERT OR UPDATE OF "email"', pgid='pgtrigger_notice_has_an_address_e1350', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_correction_says_what_it_tells', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.corrects_id IS NULL AND NEW.recall_class <> '' OR NEW.corrects_id IS NOT NULL AND NEW.recall_class = '')", func='\n            RAISE EXCEPTION \'new row for relation "%" violates "notice_correction_says_what_it_tells"\', TG_TABLE_NAME\n                USING ERRCODE = \'check_violation\', CONSTRAINT = \'notice_correction_says_what_it_tells\';\n        ', hash='a794bc3309de321bc608da5143e4fcc24124010b', operation='INSERT OR UPDATE OF "corrects_id", "recall_class"', pgid='pgtrigger_notice_correction_says_what_it_tells_da58b', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_begins_as_planned', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state <> 'PLANNED' OR NOT NEW.live OR NEW.unsent)", func="RAISE EXCEPTION 'a notice begins as planned, not as %', NEW.state;", hash='872deedca91e6661e2b931a8c306ce72825ca216', operation='INSERT', pgid='pgtrigger_notice_begins_as_planned_02cce', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_unsent_frees_its_waves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.unsent AND NOT OLD.unsent)', func='\n                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.id;\n                    RETURN NULL;\n                ', hash='1a43b624e38eb94d838f448fb181f1c573974fd7', operation='UPDATE OF "state"', pgid='pgtrigger_notice_unsent_frees_its_waves_33714', table='reminders_notice', when='AFTER')),
        ),
    ]
