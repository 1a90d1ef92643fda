"""Recalls: batches that correct a batch gone wrong, and notices that correct a notice that was got."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0002_reference_rows'),
        ('reminders', '0003_state_leaves_indexes_alone'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='batch',
            name='batch_is_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='batch',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='batch',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='batch',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_is_frozen',
        ),
        migrations.RemoveConstraint(
            model_name='batch',
            name='batch_one_live_plan_a_day',
        ),
        migrations.AddField(
            model_name='batch',
            name='by_class',
            field=models.JSONField(default=dict, verbose_name='par situation (rectificatif)'),
        ),
        migrations.AddField(
            model_name='batch',
            name='corrects',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='recalls', to='reminders.batch', verbose_name='rectifie le lot'),
        ),
        migrations.AddField(
            model_name='batch',
            name='kind',
            field=models.CharField(choices=[('REMINDER', 'relance'), ('RECALL', 'rectificatif')], default='REMINDER', max_length=8, verbose_name='nature'),
        ),
        migrations.AddField(
            model_name='batch',
            name='reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='motif du rectificatif'),
        ),
        migrations.AddField(
            model_name='batchhistory',
            name='by_class',
            field=models.JSONField(default=dict, verbose_name='par situation (rectificatif)'),
        ),
        migrations.AddField(
            model_name='batchhistory',
            name='corrects',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.batch', verbose_name='rectifie le lot'),
        ),
        migrations.AddField(
            model_name='batchhistory',
            name='kind',
            field=models.CharField(choices=[('REMINDER', 'relance'), ('RECALL', 'rectificatif')], default='REMINDER', max_length=8, verbose_name='nature'),
        ),
        migrations.AddField(
            model_name='batchhistory',
            name='reason',
            field=models.CharField(blank=True, max_length=300, verbose_name='motif du rectificatif'),
        ),
        migrations.AddField(
            model_name='notice',
            name='corrects',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='corrections', to='reminders.notice', verbose_name='rectifie'),
        ),
        migrations.AddField(
            model_name='notice',
            name='recall_class',
            field=models.CharField(blank=True, choices=[('COMPLETE', 'dossier complet, rien à faire'), ('IN_REVIEW', 'pièces reçues, à nous de les contrôler'), ('DUE', 'pièces bien attendues'), ('OTHER', 'excuses sans détail du dossier')], db_default='', default='', max_length=9, verbose_name='situation dite'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.hash <> '' AND (OLD.reason, OLD.as_of, OLD.only_wave, OLD.author_id, OLD.hash, OLD.planned, OLD.steps, OLD.by_category, OLD.by_item, OLD.by_class, OLD.skipped, OLD.conservation, OLD.waves, OLD.rules_digest, OLD.brakes) IS DISTINCT FROM (NEW.reason, NEW.as_of, NEW.only_wave, NEW.author_id, NEW.hash, NEW.planned, NEW.steps, NEW.by_category, NEW.by_item, NEW.by_class, NEW.skipped, NEW.conservation, NEW.waves, NEW.rules_digest, NEW.brakes))", func="RAISE EXCEPTION 'batch % is frozen: plan a new one', OLD.id;", hash='e4d196dbddd3c8c2b2bf5c28f87012760af1ad8b', operation='UPDATE', pgid='pgtrigger_batch_is_frozen_a42d3', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_stays_of_its_kind', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='1d5ac89802cc31ac749ff0282389c215735df1cf', operation='UPDATE', pgid='pgtrigger_batch_stays_of_its_kind_8c0ec', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_recall_is_of_what_ended', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."kind" = \'RECALL\')', func="\n                    IF NOT EXISTS (\n                        SELECT FROM reminders_batch\n                        WHERE id = NEW.corrects_id AND kind = 'REMINDER' AND state IN ('COMPLETED', 'CANCELLED')\n                    ) THEN\n                        RAISE EXCEPTION 'batch % is no reminder batch that has ended', NEW.corrects_id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='36f9c918c627f98e283620865364022ca12848f4', operation='INSERT', pgid='pgtrigger_batch_recall_is_of_what_ended_85a6e', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") SELECT new_values."approved_at", new_values."approved_by_id", new_values."as_of", new_values."author_id", new_values."brakes", new_values."by_category", new_values."by_class", new_values."by_item", new_values."ceiling", new_values."conservation", new_values."corrects_id", new_values."created_at", new_values."ended_at", new_values."hash", new_values."id", new_values."kind", new_values."only_wave", new_values."pause_detail", new_values."pause_reason", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."planned", new_values."reason", new_values."released_at", new_values."released_by_id", new_values."rules_digest", new_values."skipped", new_values."state", new_values."steps", new_values."waves" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='88992c5b55057929bbb20e9999b903c336d17bda', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c5e87', referencing='REFERENCING NEW TABLE AS new_values ', table='reminders_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") VALUES (NEW."approved_at", NEW."approved_by_id", NEW."as_of", NEW."author_id", NEW."brakes", NEW."by_category", NEW."by_class", NEW."by_item", NEW."ceiling", NEW."conservation", NEW."corrects_id", NEW."created_at", NEW."ended_at", NEW."hash", NEW."id", NEW."kind", NEW."only_wave", NEW."pause_detail", NEW."pause_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."planned", NEW."reason", NEW."released_at", NEW."released_by_id", NEW."rules_digest", NEW."skipped", NEW."state", NEW."steps", NEW."waves"); RETURN NULL;', hash='5f831a8c1c01cf623495e75b5c9c1de3d34084c4', operation='UPDATE', pgid='pgtrigger_update_update_ca2ae', table='reminders_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") SELECT old_values."approved_at", old_values."approved_by_id", old_values."as_of", old_values."author_id", old_values."brakes", old_values."by_category", old_values."by_class", old_values."by_item", old_values."ceiling", old_values."conservation", old_values."corrects_id", old_values."created_at", old_values."ended_at", old_values."hash", old_values."id", old_values."kind", old_values."only_wave", old_values."pause_detail", old_values."pause_reason", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."planned", old_values."reason", old_values."released_at", old_values."released_by_id", old_values."rules_digest", old_values."skipped", old_values."state", old_values."steps", old_values."waves" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='acefc5dea07329a44b5771078c88cedbc0cdd293', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_45b1b', referencing='REFERENCING OLD TABLE AS old_values ', table='reminders_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."body_digest" IS DISTINCT FROM (NEW."body_digest") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."facts_version" IS DISTINCT FROM (NEW."facts_version") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."not_after" IS DISTINCT FROM (NEW."not_after") OR OLD."rank" IS DISTINCT FROM (NEW."rank") OR OLD."recall_class" IS DISTINCT FROM (NEW."recall_class"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='134805f191dfaf9ef3c6443685fd65d199cfacfd', operation='UPDATE OF "batch_id", "intermediary_id", "rank", "key", "email", "items", "not_after", "body_digest", "facts_version", "corrects_id", "recall_class"', pgid='pgtrigger_notice_is_frozen_09b17', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_corrects_its_own', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM reminders_batch b\n        WHERE b.kind = 'RECALL' AND b.id IN (SELECT DISTINCT batch_id FROM new_rows WHERE corrects_id IS NULL)\n    ) OR EXISTS (\n        SELECT FROM new_rows n\n        JOIN reminders_batch b ON b.id = n.batch_id\n        JOIN reminders_notice c ON c.id = n.corrects_id\n        WHERE c.batch_id IS DISTINCT FROM b.corrects_id OR c.intermediary_id <> n.intermediary_id\n           OR c.email <> n.email OR c.state NOT IN ('ACCEPTED', 'UNCERTAIN')\n    ) THEN\n        RAISE EXCEPTION 'a recall corrects what its people got of its own batch, at the same address';\n    END IF;\n    RETURN NULL;\n", hash='5b4f01122f6ca52b7ff002914a1923ed999c5091', level='STATEMENT', operation='INSERT', pgid='pgtrigger_notice_corrects_its_own_91d00', referencing='REFERENCING NEW TABLE AS new_rows ', table='reminders_notice', when='AFTER')),
        ),
        migrations.AddField(
            model_name='notice',
            name='unsent',
            field=models.GeneratedField(db_persist=True, expression=models.Case(models.When(state__in=['CANCELLED', 'EXPIRED', 'SKIPPED'], then=models.Value(True)), default=models.Value(False)), output_field=models.BooleanField(verbose_name='jamais parti')),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'REMINDER'), ('state__in', ['DRAFT', 'APPROVED'])), fields=('as_of', 'only_wave'), name='batch_one_live_plan_a_day'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['APPROVED', 'DRAFT', 'PAUSED', 'RELEASING'])), fields=('corrects',), name='batch_one_live_recall'),
        ),
        migrations.AddConstraint(
            model_name='batch',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', False), ('kind', 'RECALL')), models.Q(('corrects__isnull', True), ('kind', 'REMINDER')), _connector='OR'), name='batch_recall_names_what_it_corrects'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.UniqueConstraint(condition=models.Q(('corrects__isnull', False), ('unsent', False)), fields=('corrects',), name='notice_corrected_once'),
        ),
        migrations.AddConstraint(
            model_name='notice',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('corrects__isnull', True), ('recall_class', '')), models.Q(('corrects__isnull', False), models.Q(('recall_class', ''), _negated=True)), _connector='OR'), name='notice_correction_says_what_it_tells'),
        ),
    ]
