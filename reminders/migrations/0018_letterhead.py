"""The settings that stand in every message of a batch, frozen with its list: another machine's words are not those approved."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0017_going_by_numbers'),
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
        migrations.AddField(
            model_name='batch',
            name='letterhead',
            field=models.JSONField(blank=True, default=dict, verbose_name='réglages de l’en-tête'),
        ),
        migrations.AddField(
            model_name='batchhistory',
            name='letterhead',
            field=models.JSONField(blank=True, default=dict, verbose_name='réglages de l’en-tête'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.hash <> '' AND (OLD.reason, OLD.as_of, OLD.only_wave, OLD.author_id, OLD.hash, OLD.planned, OLD.steps, OLD.by_category, OLD.by_item, OLD.by_class, OLD.skipped, OLD.conservation, OLD.waves, OLD.rules_digest, OLD.letterhead, OLD.brakes) IS DISTINCT FROM (NEW.reason, NEW.as_of, NEW.only_wave, NEW.author_id, NEW.hash, NEW.planned, NEW.steps, NEW.by_category, NEW.by_item, NEW.by_class, NEW.skipped, NEW.conservation, NEW.waves, NEW.rules_digest, NEW.letterhead, NEW.brakes))", func="RAISE EXCEPTION 'batch % is frozen: plan a new one', OLD.id;", hash='0cb8470fb1dd93a5b57f90c42f6a084a74e128d4', operation='UPDATE', pgid='pgtrigger_batch_is_frozen_a42d3', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "letterhead", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") SELECT new_values."approved_at", new_values."approved_by_id", new_values."as_of", new_values."author_id", new_values."brakes", new_values."by_category", new_values."by_class", new_values."by_item", new_values."ceiling", new_values."conservation", new_values."corrects_id", new_values."created_at", new_values."ended_at", new_values."hash", new_values."id", new_values."kind", new_values."letterhead", new_values."only_wave", new_values."pause_detail", new_values."pause_reason", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."planned", new_values."reason", new_values."released_at", new_values."released_by_id", new_values."rules_digest", new_values."skipped", new_values."state", new_values."steps", new_values."waves" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='6216231015e1bb401c03f37bb723ab0e1316dca5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_c5e87', referencing='REFERENCING NEW TABLE AS new_values ', table='reminders_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "letterhead", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") VALUES (NEW."approved_at", NEW."approved_by_id", NEW."as_of", NEW."author_id", NEW."brakes", NEW."by_category", NEW."by_class", NEW."by_item", NEW."ceiling", NEW."conservation", NEW."corrects_id", NEW."created_at", NEW."ended_at", NEW."hash", NEW."id", NEW."kind", NEW."letterhead", NEW."only_wave", NEW."pause_detail", NEW."pause_reason", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."planned", NEW."reason", NEW."released_at", NEW."released_by_id", NEW."rules_digest", NEW."skipped", NEW."state", NEW."steps", NEW."waves"); RETURN NULL;', hash='6ad00ca9a59b97267aba80261ef1b7e8793a02f7', operation='UPDATE', pgid='pgtrigger_update_update_ca2ae', table='reminders_batch', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_batchhistory" ("approved_at", "approved_by_id", "as_of", "author_id", "brakes", "by_category", "by_class", "by_item", "ceiling", "conservation", "corrects_id", "created_at", "ended_at", "hash", "id", "kind", "letterhead", "only_wave", "pause_detail", "pause_reason", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "planned", "reason", "released_at", "released_by_id", "rules_digest", "skipped", "state", "steps", "waves") SELECT old_values."approved_at", old_values."approved_by_id", old_values."as_of", old_values."author_id", old_values."brakes", old_values."by_category", old_values."by_class", old_values."by_item", old_values."ceiling", old_values."conservation", old_values."corrects_id", old_values."created_at", old_values."ended_at", old_values."hash", old_values."id", old_values."kind", old_values."letterhead", old_values."only_wave", old_values."pause_detail", old_values."pause_reason", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."planned", old_values."reason", old_values."released_at", old_values."released_by_id", old_values."rules_digest", old_values."skipped", old_values."state", old_values."steps", old_values."waves" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='fa2ee8c39a109832d5125843962ea0428780a3b3', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_45b1b', referencing='REFERENCING OLD TABLE AS old_values ', table='reminders_batch', when='AFTER')),
        ),
    ]
