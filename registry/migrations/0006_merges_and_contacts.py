"""Merges of two numbers, pairs dismissed, contacts, confirmed addresses; what makes the past quick to ask."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.text
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


# Names are compared by what sounds alike in them. Where the database's owner may not make extensions, a superuser has.
EXTENSIONS = "CREATE EXTENSION IF NOT EXISTS pg_trgm; CREATE EXTENSION IF NOT EXISTS unaccent"
# A file as it stood is looked for by whose rows these were, and a list of the past by number.
INDEXES = """
CREATE INDEX registry_registrationhistory_whose ON registry_registrationhistory (intermediary_id);
CREATE INDEX registry_coverhistory_whose ON registry_coverhistory (intermediary_id);
CREATE INDEX registry_covereventhistory_whose ON registry_covereventhistory (cover_id);
CREATE INDEX registry_decisionhistory_whose ON registry_decisionhistory (intermediary_id);
CREATE INDEX registry_intermediaryhistory_number ON registry_intermediaryhistory (orias_number);
"""
NO_INDEXES = """
DROP INDEX registry_registrationhistory_whose, registry_coverhistory_whose, registry_covereventhistory_whose,
           registry_decisionhistory_whose, registry_intermediaryhistory_number
"""


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0005_history_stays'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AddressCheck',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, verbose_name='courriel')),
                ('checked_on', models.DateField(verbose_name='confirmée le')),
                ('source', models.CharField(choices=[('SELF', 'l’intermédiaire'), ('STAFF', 'le registre')], max_length=5, verbose_name='par')),
                ('reason', models.CharField(max_length=500, verbose_name='comment')),
            ],
            options={
                'verbose_name': 'adresse confirmée',
                'verbose_name_plural': 'adresses confirmées',
            },
        ),
        migrations.CreateModel(
            name='AddressCheckHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('email', models.CharField(max_length=254, verbose_name='courriel')),
                ('checked_on', models.DateField(verbose_name='confirmée le')),
                ('source', models.CharField(choices=[('SELF', 'l’intermédiaire'), ('STAFF', 'le registre')], max_length=5, verbose_name='par')),
                ('reason', models.CharField(max_length=500, verbose_name='comment')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Contact',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('LEGAL_REPRESENTATIVE', 'Représentant légal'), ('COMPLIANCE', 'Conformité'), ('ACCOUNTING', 'Comptabilité'), ('CORRESPONDENT', 'Correspondant'), ('OTHER', 'Autre')], max_length=20, verbose_name='rôle')),
                ('name', models.CharField(blank=True, max_length=250, verbose_name='nom')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='courriel')),
                ('phone_e164', models.CharField(blank=True, max_length=16, verbose_name='téléphone')),
                ('phone_key', models.CharField(blank=True, max_length=9, verbose_name='clé d’appel (neuf chiffres)')),
            ],
            options={
                'verbose_name': 'contact',
            },
        ),
        migrations.CreateModel(
            name='ContactHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('role', models.CharField(choices=[('LEGAL_REPRESENTATIVE', 'Représentant légal'), ('COMPLIANCE', 'Conformité'), ('ACCOUNTING', 'Comptabilité'), ('CORRESPONDENT', 'Correspondant'), ('OTHER', 'Autre')], max_length=20, verbose_name='rôle')),
                ('name', models.CharField(blank=True, max_length=250, verbose_name='nom')),
                ('email', models.CharField(blank=True, max_length=254, verbose_name='courriel')),
                ('phone_e164', models.CharField(blank=True, max_length=16, verbose_name='téléphone')),
                ('phone_key', models.CharField(blank=True, max_length=9, verbose_name='clé d’appel (neuf chiffres)')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='DuplicateDismissal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('dismissed_at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'paire écartée',
                'verbose_name_plural': 'paires écartées',
            },
        ),
        migrations.CreateModel(
            name='DuplicateDismissalHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('dismissed_at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IntermediaryMerge',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('preview_hash', models.CharField(max_length=64, verbose_name='empreinte de l’aperçu')),
                ('moved', models.JSONField(verbose_name='ce qui a été déplacé')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('merged_at', models.DateTimeField(verbose_name='fusionné le')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='défait le')),
                ('undo_reason', models.CharField(blank=True, db_default='', max_length=500, verbose_name='motif du retour')),
            ],
            options={
                'verbose_name': 'fusion',
                'permissions': [('approve_intermediarymerge', 'Peut approuver une fusion')],
            },
        ),
        migrations.CreateModel(
            name='IntermediaryMergeHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('preview_hash', models.CharField(max_length=64, verbose_name='empreinte de l’aperçu')),
                ('moved', models.JSONField(verbose_name='ce qui a été déplacé')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('merged_at', models.DateTimeField(verbose_name='fusionné le')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='défait le')),
                ('undo_reason', models.CharField(blank=True, db_default='', max_length=500, verbose_name='motif du retour')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediary',
            name='facts_version',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediary',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediary',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediary',
            name='delete_delete',
        ),
        migrations.AddField(
            model_name='intermediary',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_index=False, editable=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='absorbed', to='registry.intermediary', verbose_name='fusionné avec'),
        ),
        migrations.AddField(
            model_name='intermediaryhistory',
            name='merged_into',
            field=models.ForeignKey(blank=True, db_constraint=False, editable=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='fusionné avec'),
        ),
        migrations.AddIndex(
            model_name='intermediary',
            index=models.Index(condition=models.Q(('merged_into__isnull', False)), fields=['merged_into'], name='intermediary_merged'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='cover',
            trigger=pgtrigger.compiler.Trigger(name='none_of_a_merged_number', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id\n            WHERE i.merged_into_id IS NOT NULL AND true\n        ) THEN\n            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';\n        END IF;\n        RETURN NULL;\n    ", hash='cd41a8fb78b4fdf13ec138752cb7cc94ab370c76', level='STATEMENT', operation='INSERT', pgid='pgtrigger_none_of_a_merged_number_b8bb5', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_cover', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='facts_version', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."legal_form" IS DISTINCT FROM (NEW."legal_form") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."orias_number" IS DISTINCT FROM (NEW."orias_number") OR OLD."phone_e164" IS DISTINCT FROM (NEW."phone_e164") OR OLD."phone_key" IS DISTINCT FROM (NEW."phone_key") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."siren" IS DISTINCT FROM (NEW."siren") OR OLD."town" IS DISTINCT FROM (NEW."town") OR OLD."trade_name" IS DISTINCT FROM (NEW."trade_name"))', func='NEW.facts_version = OLD.facts_version + 1; RETURN NEW;', hash='fc7238e4de5321e93bb26802f1a0d8c9af55fb39', operation='UPDATE', pgid='pgtrigger_facts_version_3d67b', table='registry_intermediary', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='merged_file_is_empty', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."merged_into_id" IS NOT NULL)', constraint='CONSTRAINT', func="\n    IF EXISTS (\n        SELECT FROM registry_intermediary i\n        WHERE i.id = NEW.id AND i.merged_into_id IS NOT NULL AND (\n            i.merged_into_id = i.id\n            OR EXISTS (\n                SELECT FROM registry_intermediary k WHERE k.id = i.merged_into_id AND k.merged_into_id IS NOT NULL\n            )\n            OR EXISTS (SELECT FROM registry_intermediary o WHERE o.merged_into_id = i.id)\n            OR EXISTS (\n                SELECT FROM registry_registration r WHERE r.intermediary_id = i.id AND r.removed_on IS NULL\n            )\n        )\n    ) THEN\n        RAISE EXCEPTION 'a merged number leads to one that is none, and holds no registration in force'\n            USING ERRCODE = 'check_violation', CONSTRAINT = 'intermediary_merged_is_empty';\n    END IF;\n    RETURN NULL;\n", hash='c289a01399aae129004fb28f55b7172c80062454', operation='INSERT OR UPDATE', pgid='pgtrigger_merged_file_is_empty_6e11a', table='registry_intermediary', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_intermediaryhistory" ("address", "email", "id", "language", "legal_form", "merged_into_id", "name", "orias_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "postcode", "siren", "town", "trade_name") SELECT new_values."address", new_values."email", new_values."id", new_values."language", new_values."legal_form", new_values."merged_into_id", new_values."name", new_values."orias_number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone_e164", new_values."phone_key", new_values."postcode", new_values."siren", new_values."town", new_values."trade_name" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7866af08689295c7047e94988b496afdf843a252', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_ce3f5', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_intermediary', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."address" IS DISTINCT FROM (NEW."address") OR OLD."email" IS DISTINCT FROM (NEW."email") OR OLD."language" IS DISTINCT FROM (NEW."language") OR OLD."legal_form" IS DISTINCT FROM (NEW."legal_form") OR OLD."merged_into_id" IS DISTINCT FROM (NEW."merged_into_id") OR OLD."name" IS DISTINCT FROM (NEW."name") OR OLD."orias_number" IS DISTINCT FROM (NEW."orias_number") OR OLD."phone_e164" IS DISTINCT FROM (NEW."phone_e164") OR OLD."phone_key" IS DISTINCT FROM (NEW."phone_key") OR OLD."postcode" IS DISTINCT FROM (NEW."postcode") OR OLD."siren" IS DISTINCT FROM (NEW."siren") OR OLD."town" IS DISTINCT FROM (NEW."town") OR OLD."trade_name" IS DISTINCT FROM (NEW."trade_name"))', func='INSERT INTO "registry_intermediaryhistory" ("address", "email", "id", "language", "legal_form", "merged_into_id", "name", "orias_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "postcode", "siren", "town", "trade_name") VALUES (NEW."address", NEW."email", NEW."id", NEW."language", NEW."legal_form", NEW."merged_into_id", NEW."name", NEW."orias_number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone_e164", NEW."phone_key", NEW."postcode", NEW."siren", NEW."town", NEW."trade_name"); RETURN NULL;', hash='8e8e3347fd1d42191db214e79e2e784dda63dc32', operation='UPDATE', pgid='pgtrigger_update_update_9cc31', table='registry_intermediary', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediary',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_intermediaryhistory" ("address", "email", "id", "language", "legal_form", "merged_into_id", "name", "orias_number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "postcode", "siren", "town", "trade_name") SELECT old_values."address", old_values."email", old_values."id", old_values."language", old_values."legal_form", old_values."merged_into_id", old_values."name", old_values."orias_number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone_e164", old_values."phone_key", old_values."postcode", old_values."siren", old_values."town", old_values."trade_name" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='936bc3bf7cd8d9b3bc2d66cc27e14ea23710d4e0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_12a8e', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_intermediary', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='none_of_a_merged_number', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id\n            WHERE i.merged_into_id IS NOT NULL AND n.removed_on IS NULL\n        ) THEN\n            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';\n        END IF;\n        RETURN NULL;\n    ", hash='3b34d145fa7527bee910c892052144a04be11401', level='STATEMENT', operation='INSERT', pgid='pgtrigger_none_of_a_merged_number_48dd3', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_registration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='none_to_a_merged_number', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id\n            WHERE i.merged_into_id IS NOT NULL AND n.removed_on IS NULL\n        ) THEN\n            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';\n        END IF;\n        RETURN NULL;\n    ", hash='22e4536e72c8018865e3e827122a1b7e6b917b0e', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_none_to_a_merged_number_eb355', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_registration', when='AFTER')),
        ),
        migrations.AddField(
            model_name='addresscheck',
            name='checked_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AddField(
            model_name='addresscheck',
            name='intermediary',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='address_checks', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='addresscheckhistory',
            name='checked_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AddField(
            model_name='addresscheckhistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='addresscheckhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='addresscheckhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.addresscheck'),
        ),
        migrations.AddField(
            model_name='contact',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='contacts', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='contacthistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='contacthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='contacthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.contact'),
        ),
        migrations.AddField(
            model_name='duplicatedismissal',
            name='dismissed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='duplicatedismissal',
            name='first',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary', verbose_name='premier numéro'),
        ),
        migrations.AddField(
            model_name='duplicatedismissal',
            name='second',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary', verbose_name='second numéro'),
        ),
        migrations.AddField(
            model_name='duplicatedismissalhistory',
            name='dismissed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='duplicatedismissalhistory',
            name='first',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='premier numéro'),
        ),
        migrations.AddField(
            model_name='duplicatedismissalhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='duplicatedismissalhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.duplicatedismissal'),
        ),
        migrations.AddField(
            model_name='duplicatedismissalhistory',
            name='second',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='second numéro'),
        ),
        migrations.AddField(
            model_name='intermediarymerge',
            name='approved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approuvé par'),
        ),
        migrations.AddField(
            model_name='intermediarymerge',
            name='drop',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary', verbose_name='numéro abandonné'),
        ),
        migrations.AddField(
            model_name='intermediarymerge',
            name='keep',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary', verbose_name='numéro gardé'),
        ),
        migrations.AddField(
            model_name='intermediarymerge',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signé par'),
        ),
        migrations.AddField(
            model_name='intermediarymerge',
            name='undone_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='défait par'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='approved_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approuvé par'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='drop',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='numéro abandonné'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='keep',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='numéro gardé'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.intermediarymerge'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='signed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signé par'),
        ),
        migrations.AddField(
            model_name='intermediarymergehistory',
            name='undone_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='défait par'),
        ),
        migrations.AddIndex(
            model_name='addresscheck',
            index=models.Index(fields=['intermediary', '-checked_on'], name='addresscheck_latest'),
        ),
        migrations.AddConstraint(
            model_name='addresscheck',
            constraint=models.CheckConstraint(condition=models.Q(('source__in', ['SELF', 'STAFF'])), name='addresscheck_source_is_known'),
        ),
        migrations.AddConstraint(
            model_name='addresscheck',
            constraint=models.CheckConstraint(condition=models.Q(('email', ''), _negated=True), name='addresscheck_has_an_address'),
        ),
        migrations.AddConstraint(
            model_name='addresscheck',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='addresscheck_says_how'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addresscheck',
            trigger=pgtrigger.compiler.Trigger(name='addresscheck_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='5a9ea38b33a35222baae8067d3045e23dc78c1dd', operation='DELETE OR UPDATE', pgid='pgtrigger_addresscheck_is_kept_5a533', table='registry_addresscheck', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addresscheck',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_addresscheckhistory" ("checked_by_id", "checked_on", "email", "id", "intermediary_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") SELECT new_values."checked_by_id", new_values."checked_on", new_values."email", new_values."id", new_values."intermediary_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."source" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='f46ef99997389232f9d29416131a726a28bb3ae5', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_08f6a', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_addresscheck', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addresscheck',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_addresscheckhistory" ("checked_by_id", "checked_on", "email", "id", "intermediary_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") VALUES (NEW."checked_by_id", NEW."checked_on", NEW."email", NEW."id", NEW."intermediary_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."source"); RETURN NULL;', hash='5150aa76a796d38e3975e0a45d71f603fc80c04c', operation='UPDATE', pgid='pgtrigger_update_update_c6a0b', table='registry_addresscheck', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addresscheck',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_addresscheckhistory" ("checked_by_id", "checked_on", "email", "id", "intermediary_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "source") SELECT old_values."checked_by_id", old_values."checked_on", old_values."email", old_values."id", old_values."intermediary_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."source" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c10737e1f5c9c1a26be1157d69dbedac02243407', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_95fb2', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_addresscheck', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(condition=models.Q(('phone_key', ''), _negated=True), fields=['phone_key'], name='contact_phone_key'),
        ),
        migrations.AddIndex(
            model_name='contact',
            index=models.Index(django.db.models.functions.text.Lower('email'), condition=models.Q(('email', ''), _negated=True), name='contact_email'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['LEGAL_REPRESENTATIVE', 'COMPLIANCE', 'ACCOUNTING', 'CORRESPONDENT', 'OTHER'])), name='contact_role_is_known'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('email', ''), _negated=True), models.Q(('phone_e164', ''), _negated=True), _connector='OR'), name='contact_can_be_reached', violation_error_message='Un contact a une adresse électronique ou un téléphone.'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(('email', ''), ('email__regex', '^[^@[:cntrl:]]+@[^@[:cntrl:]]+$'), _connector='OR'), name='contact_email_is_one_address'),
        ),
        migrations.AddConstraint(
            model_name='contact',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('phone_e164', ''), ('phone_key', '')), models.Q(models.Q(('phone_e164', ''), _negated=True), models.Q(('phone_key', ''), _negated=True)), _connector='OR'), name='contact_phone_has_its_key'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT changed.intermediary_id FROM new_rows AS changed );\n        END IF;\n        RETURN NULL;\n    ", hash='bcc2a7134f2501e8192f694dcdaf3c8cd7be2228', level='STATEMENT', operation='INSERT', pgid='pgtrigger_facts_version_insert_3fbd6', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT changed.intermediary_id FROM old_rows AS changed );\n        END IF;\n        RETURN NULL;\n    ", hash='38c44300f5b29ed09a542746ac24442f5eca8750', level='STATEMENT', operation='DELETE', pgid='pgtrigger_facts_version_delete_926d8', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT changed.intermediary_id FROM ((TABLE new_rows EXCEPT TABLE old_rows) UNION (TABLE old_rows EXCEPT TABLE new_rows)) AS changed );\n        END IF;\n        RETURN NULL;\n    ", hash='d312a57c0e345e1e1220cd14044d374908c1948c', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_facts_version_update_91e17', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='none_of_a_merged_number', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF EXISTS (\n            SELECT FROM new_rows n JOIN registry_intermediary i ON i.id = n.intermediary_id\n            WHERE i.merged_into_id IS NOT NULL AND true\n        ) THEN\n            RAISE EXCEPTION 'a merged number takes nothing any more: write it to the one it leads to'\n                USING ERRCODE = 'check_violation', CONSTRAINT = 'row_is_of_no_merged_number';\n        END IF;\n        RETURN NULL;\n    ", hash='a90e37f8756577c32da0b12c3269d860ed5ddc79', level='STATEMENT', operation='INSERT', pgid='pgtrigger_none_of_a_merged_number_9696e', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_contacthistory" ("email", "id", "intermediary_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "role") SELECT new_values."email", new_values."id", new_values."intermediary_id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."phone_e164", new_values."phone_key", new_values."role" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='ef013d24a310bec6609f0348b58d187723229ca6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_6c826', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_contacthistory" ("email", "id", "intermediary_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "role") VALUES (NEW."email", NEW."id", NEW."intermediary_id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."phone_e164", NEW."phone_key", NEW."role"); RETURN NULL;', hash='77a928eaf88178f57c4f6649e99f46c8644dd339', operation='UPDATE', pgid='pgtrigger_update_update_da879', table='registry_contact', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='contact',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_contacthistory" ("email", "id", "intermediary_id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "phone_e164", "phone_key", "role") SELECT old_values."email", old_values."id", old_values."intermediary_id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."phone_e164", old_values."phone_key", old_values."role" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4043f50a401641c1260256a7851ccd59039787ac', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_41c3f', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_contact', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='duplicatedismissal',
            constraint=models.UniqueConstraint(fields=('first', 'second'), name='dismissal_once_per_pair'),
        ),
        migrations.AddConstraint(
            model_name='duplicatedismissal',
            constraint=models.CheckConstraint(condition=models.Q(('first__lt', models.F('second'))), name='dismissal_is_in_order'),
        ),
        migrations.AddConstraint(
            model_name='duplicatedismissal',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='dismissal_has_a_reason'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedismissal',
            trigger=pgtrigger.compiler.Trigger(name='dismissal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='e8cf5d005c5792c1a32ff4447c79ff2313c7ef0e', operation='DELETE OR UPDATE', pgid='pgtrigger_dismissal_is_kept_ba81a', table='registry_duplicatedismissal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedismissal',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_duplicatedismissalhistory" ("dismissed_at", "dismissed_by_id", "first_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "second_id") SELECT new_values."dismissed_at", new_values."dismissed_by_id", new_values."first_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."second_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='1fc8a8a82faca025ca37df1110f670ac4351c15c', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_472d0', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_duplicatedismissal', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedismissal',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_duplicatedismissalhistory" ("dismissed_at", "dismissed_by_id", "first_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "second_id") VALUES (NEW."dismissed_at", NEW."dismissed_by_id", NEW."first_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."second_id"); RETURN NULL;', hash='6e649978734c63bfcec9b81a9e46b8228320cf46', operation='UPDATE', pgid='pgtrigger_update_update_c5ec8', table='registry_duplicatedismissal', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedismissal',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_duplicatedismissalhistory" ("dismissed_at", "dismissed_by_id", "first_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "second_id") SELECT old_values."dismissed_at", old_values."dismissed_by_id", old_values."first_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."second_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d26fac3f83036cc14d81329f9dd1c5934a997ad0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_e7cc2', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_duplicatedismissal', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.CheckConstraint(condition=models.Q(('keep', models.F('drop')), _negated=True), name='merge_is_of_two'),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.CheckConstraint(condition=models.Q(('signed_by', models.F('approved_by')), _negated=True), name='merge_has_two_people', violation_error_message='Une fusion est approuvée par une autre personne que celle qui la signe.'),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='merge_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('undo_reason', ''), ('undone_at__isnull', True), ('undone_by__isnull', True)), models.Q(('undone_at__isnull', False), ('undone_by__isnull', False), models.Q(('undo_reason', ''), _negated=True)), _connector='OR'), name='merge_undoing_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.CheckConstraint(condition=models.Q(('undone_at__isnull', True), models.Q(('undone_at__gte', models.F('merged_at')), ('undone_at__lte', django.db.models.expressions.CombinedExpression(models.F('merged_at'), '+', models.Value(datetime.timedelta(days=30))))), _connector='OR'), name='merge_is_undone_in_time', violation_error_message='Une fusion ne se défait que dans les trente jours.'),
        ),
        migrations.AddConstraint(
            model_name='intermediarymerge',
            constraint=models.UniqueConstraint(condition=models.Q(('undone_at__isnull', True)), fields=('drop',), name='merge_once_until_undone'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='merge_is_signed', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."approved_by_id" IS DISTINCT FROM (NEW."approved_by_id") OR OLD."drop_id" IS DISTINCT FROM (NEW."drop_id") OR OLD."keep_id" IS DISTINCT FROM (NEW."keep_id") OR OLD."merged_at" IS DISTINCT FROM (NEW."merged_at") OR OLD."moved" IS DISTINCT FROM (NEW."moved") OR OLD."preview_hash" IS DISTINCT FROM (NEW."preview_hash") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."signed_by_id" IS DISTINCT FROM (NEW."signed_by_id"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='8d4b7da43c4f1cf3a2027957d0ad6969b38d326b', operation='UPDATE OF "keep_id", "drop_id", "preview_hash", "moved", "reason", "signed_by_id", "approved_by_id", "merged_at"', pgid='pgtrigger_merge_is_signed_bb61a', table='registry_intermediarymerge', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='merge_is_undone_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."undone_at" IS NOT NULL)', func="RAISE EXCEPTION 'merge % has been undone and stays as it is', OLD.id;", hash='f8fff5969ff0c5e88aaf77f6497540f8bff4dea1', operation='UPDATE', pgid='pgtrigger_merge_is_undone_once_3460c', table='registry_intermediarymerge', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='merge_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='62aca9c6bbe064c6b84d74305b94b51d21c8242a', operation='DELETE', pgid='pgtrigger_merge_is_kept_c9b38', table='registry_intermediarymerge', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_intermediarymergehistory" ("approved_by_id", "drop_id", "id", "keep_id", "merged_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_hash", "reason", "signed_by_id", "undo_reason", "undone_at", "undone_by_id") SELECT new_values."approved_by_id", new_values."drop_id", new_values."id", new_values."keep_id", new_values."merged_at", new_values."moved", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."preview_hash", new_values."reason", new_values."signed_by_id", new_values."undo_reason", new_values."undone_at", new_values."undone_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='8838d5080ff12be83a3ad3f07fcadc0276940b64', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_40a88', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_intermediarymerge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_intermediarymergehistory" ("approved_by_id", "drop_id", "id", "keep_id", "merged_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_hash", "reason", "signed_by_id", "undo_reason", "undone_at", "undone_by_id") VALUES (NEW."approved_by_id", NEW."drop_id", NEW."id", NEW."keep_id", NEW."merged_at", NEW."moved", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."preview_hash", NEW."reason", NEW."signed_by_id", NEW."undo_reason", NEW."undone_at", NEW."undone_by_id"); RETURN NULL;', hash='e4a781d67cea2d6d8a4b686e894fe1826a9b546b', operation='UPDATE', pgid='pgtrigger_update_update_52cca', table='registry_intermediarymerge', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_intermediarymergehistory" ("approved_by_id", "drop_id", "id", "keep_id", "merged_at", "moved", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "preview_hash", "reason", "signed_by_id", "undo_reason", "undone_at", "undone_by_id") SELECT old_values."approved_by_id", old_values."drop_id", old_values."id", old_values."keep_id", old_values."merged_at", old_values."moved", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."preview_hash", old_values."reason", old_values."signed_by_id", old_values."undo_reason", old_values."undone_at", old_values."undone_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='54617d7451caa5b6a70bb6accb3a83bf7d3bb5e1', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d6656', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_intermediarymerge', when='AFTER')),
        ),
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(INDEXES, NO_INDEXES),
        migrations.RunSQL("SELECT register_keep_tables()", migrations.RunSQL.noop),
    ]
