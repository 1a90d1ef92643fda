"""Documents go with a merge and back; the fates of a lot forget a destroyed file; a letter of an unpaid fee."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0012_purged_asked_once_a_statement'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='document',
            name='document_stays_what_came',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediary',
            name='merged_file_is_empty',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='issuerlot',
            name='issuerlot_stays',
        ),
        migrations.RemoveConstraint(
            model_name='letter',
            name='letter_belongs_to_an_act',
        ),
        migrations.AddField(
            model_name='letter',
            name='request',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='registry.renewalrequest', verbose_name='demande'),
        ),
        migrations.AlterField(
            model_name='letter',
            name='kind',
            field=models.CharField(choices=[('NOTICE', 'Avis préalable'), ('FORMAL', 'Mise en demeure'), ('LETTER', 'Notification de décision'), ('ORDER', 'Notification d’un ordre'), ('FEE', 'Information de défaut de paiement')], max_length=6, verbose_name='nature'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='document_stays_what_came', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."received_at" IS DISTINCT FROM (NEW."received_at") OR OLD."received_by_id" IS DISTINCT FROM (NEW."received_by_id") OR OLD."received_sha256" IS DISTINCT FROM (NEW."received_sha256") OR OLD."size" IS DISTINCT FROM (NEW."size"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='807b4501f43b2d9c5896ca017f3728a498689fc6', operation='UPDATE OF "name", "size", "received_sha256", "channel", "received_at", "received_by_id"', pgid='pgtrigger_document_stays_what_came_393df', table='registry_document', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='none_of_a_merged_number', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id\n            WHERE i.merged_into_id IS NOT NULL AND true\n        ) THEN\n            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';\n        END IF;\n        RETURN NULL;\n    ", hash='87ae20abcb38c01dd062912b7be17035868d1273', level='STATEMENT', operation='INSERT', pgid='pgtrigger_none_of_a_merged_number_f794e', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_document', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='document',
            trigger=pgtrigger.compiler.Trigger(name='document_moves_with_a_merge', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id"))', func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_intermediary i\n                        WHERE i.id = OLD.intermediary_id AND i.merged_into_id = NEW.intermediary_id\n                    ) AND NOT EXISTS (\n                        SELECT FROM registry_intermediarymerge m\n                        WHERE m.keep_id = OLD.intermediary_id AND m.drop_id = NEW.intermediary_id\n                          AND m.undone_at IS NULL AND m.moved -> 'documents' @> to_jsonb(OLD.id)\n                    ) THEN\n                        RAISE EXCEPTION 'a document changes its file with a merge alone, and back with its undoing'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_moves_with_a_merge';\n                    END IF;\n                    RETURN NEW;\n                ", hash='5f0d0141a5800701a7657b7c5aa0c06c99c3d194', operation='UPDATE OF "intermediary_id"', pgid='pgtrigger_document_moves_with_a_merge_bd8be', table='registry_document', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='merged_file_is_empty', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."merged_into_id" IS NOT NULL)', constraint='CONSTRAINT', func="\n    IF EXISTS (\n        SELECT FROM registry_intermediary i\n        WHERE i.id = NEW.id AND i.merged_into_id IS NOT NULL AND (\n            i.merged_into_id = i.id\n            OR EXISTS (\n                SELECT FROM registry_intermediary k WHERE k.id = i.merged_into_id AND k.merged_into_id IS NOT NULL\n            )\n            OR EXISTS (SELECT FROM registry_intermediary o WHERE o.merged_into_id = i.id)\n            OR EXISTS (\n                SELECT FROM registry_registration r WHERE r.intermediary_id = i.id AND r.removed_on IS NULL\n            )\n            OR EXISTS (\n                SELECT FROM registry_removalcase c\n                WHERE c.intermediary_id = i.id AND c.state NOT IN ('PUBLISHED', 'WITHDRAWN', 'DISMISSED')\n            )\n        )\n    ) THEN\n        RAISE EXCEPTION 'a merged number leads to one that is none, and holds no registration in force, nor a live case'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'intermediary_merged_is_empty';\n    END IF;\n    RETURN NULL;\n", hash='7e30910c896635b0b6313b5b76633e1078799954', operation='INSERT OR UPDATE', pgid='pgtrigger_merged_file_is_empty_6e11a', table='registry_intermediary', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuerlot',
            trigger=pgtrigger.compiler.Trigger(name='issuerlot_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='bd0a2bb577f8d50ec6679b014e6ea4e917a0cb83', operation='DELETE', pgid='pgtrigger_issuerlot_is_kept_f610d', table='registry_issuerlot', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuerlot',
            trigger=pgtrigger.compiler.Trigger(name='issuerlot_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF (OLD.id, OLD.file_id, OLD.number) IS DISTINCT FROM (NEW.id, NEW.file_id, NEW.number)\n                       OR jsonb_array_length(OLD.fates) <> jsonb_array_length(NEW.fates)\n                       OR EXISTS (\n                        SELECT FROM jsonb_array_elements(OLD.fates) WITH ORDINALITY o (fate, place)\n                        JOIN jsonb_array_elements(NEW.fates) WITH ORDINALITY n (fate, place) USING (place)\n                        LEFT JOIN registry_intermediary i ON i.orias_number = o.fate ->> 'orias_number'\n                        WHERE o.fate <> n.fate AND register_purging(i.id) IS NOT TRUE\n                    ) THEN\n                        RAISE EXCEPTION 'the fates of a lot stay, but for those of a file that is being destroyed';\n                    END IF;\n                    RETURN NEW;\n                ", hash='4bfeb999678e74741b55949b47619f18da5cd98b', operation='UPDATE', pgid='pgtrigger_issuerlot_stays_86125', table='registry_issuerlot', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('kind', 'ORDER'), ('order__isnull', False), ('request__isnull', True)), models.Q(('case__isnull', True), ('kind', 'FEE'), ('order__isnull', True), ('request__isnull', False)), models.Q(models.Q(('kind__in', ['ORDER', 'FEE']), _negated=True), ('case__isnull', False), ('order__isnull', True), ('request__isnull', True)), _connector='OR'), name='letter_belongs_to_an_act'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.UniqueConstraint(condition=models.Q(('request__isnull', False)), fields=('request',), name='letter_of_a_fee_once'),
        ),
    ]
