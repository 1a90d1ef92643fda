"""No index looks at a notice's state any more, and each page keeps room: a change of state is written once, in place."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0002_reference_rows'),
        ('reminders', '0002_controls_and_roles'),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='notice',
            name='notice_one_live_per_intermediary',
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_claimable',
        ),
        migrations.RemoveIndex(
            model_name='notice',
            name='notice_held',
        ),
        migrations.AddField(
            model_name='notice',
            name='live',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=['CLAIMED', 'DEFERRED', 'PLANNED', 'SENDING'], then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField(verbose_name='en cours')),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(condition=models.Q(('live', True)), fields=['batch', 'rank'], name='notice_live'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('live', True)), fields=('intermediary',), name='notice_one_live_per_intermediary'),
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='batch',
            name='batch_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_transitions',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_is_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_unsent_frees_its_waves',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='noticeitem',
            name='noticeitem_is_frozen',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('APCA APRE APST DRAP DRCA DRST PACA PACO PARE RECA RECO REPA', left(OLD.state, 2) || left(NEW.state, 2)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='3dde17cfeb1918e349dffeab2ba5489411019eed', operation='UPDATE OF "state"', pgid='pgtrigger_batch_transitions_6e01d', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('CLCA CLEX CLPL CLSE CLSK DECA DECL DEEX PLCA PLCL PLEX SEAC SEDE SEEX SEPL SERE SEUN', left(OLD.state, 2) || left(NEW.state, 2)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='8632baad15ed69d9392b7a0211fe91f596d61082', operation='UPDATE OF "state"', pgid='pgtrigger_notice_transitions_d6e56', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."body_digest" IS DISTINCT FROM (NEW."body_digest") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."facts_version" IS DISTINCT FROM (NEW."facts_version") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."not_after" IS DISTINCT FROM (NEW."not_after") OR OLD."rank" IS DISTINCT FROM (NEW."rank"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='969ff29160061b4c3f18f6ee2073f89be142b2fd', operation='UPDATE OF "batch_id", "intermediary_id", "rank", "key", "email", "items", "not_after", "body_digest", "facts_version"', pgid='pgtrigger_notice_is_frozen_09b17', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_unsent_frees_its_waves', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state IN ('CANCELLED', 'EXPIRED', 'SKIPPED') AND OLD.state <> NEW.state)", func='\n                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.id;\n                    RETURN NULL;\n                ', hash='4e50094866b384f96c84499b2962d5a9f4b40761', operation='UPDATE OF "state"', pgid='pgtrigger_notice_unsent_frees_its_waves_33714', table='reminders_notice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticeitem',
            trigger=pgtrigger.compiler.Trigger(name='noticeitem_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."notice_id" IS DISTINCT FROM (NEW."notice_id") OR OLD."term" IS DISTINCT FROM (NEW."term") OR OLD."wave" IS DISTINCT FROM (NEW."wave"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='a66042c1e67779410b654d3874362e20425a9c0b', operation='UPDATE OF "notice_id", "intermediary_id", "kind", "term", "wave"', pgid='pgtrigger_noticeitem_is_frozen_b51dd', table='reminders_noticeitem', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(('state__regex', '^(DRAFT|APPROVED|RELEASING|PAUSED|COMPLETED|CANCELLED|STALE)$')), name='batch_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(('state__regex', '^(PLANNED|CLAIMED|SENDING|DEFERRED|ACCEPTED|UNCERTAIN|REFUSED|SKIPPED|EXPIRED|CANCELLED)$')), name='notice_state_is_known'),
        ),
        migrations.RunSQL(
            "ALTER TABLE reminders_notice SET (fillfactor = 50); ALTER TABLE reminders_attempt SET (fillfactor = 80);",
            "ALTER TABLE reminders_notice RESET (fillfactor); ALTER TABLE reminders_attempt RESET (fillfactor);",
        ),
    ]
