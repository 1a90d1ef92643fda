"""Insurers and guarantors with what they push, associations and principals, and signals for staff."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


WORD = """
-- The days that an issuer's words take from a certificate, up to infinity where for good. A suspension counts until the
-- reinstatements told after it: the twin of rules.cover_events.days_lost.
CREATE VIEW registry_coverword AS
SELECT said.cover_id, range_agg(daterange(said.effective_on, said.lifted_on)) AS lost
FROM (
    SELECT e.cover_id, e.effective_on,
           CASE WHEN e.kind = 'SUSPENDED' THEN (
               SELECT greatest(e.effective_on, min(r.effective_on))
               FROM registry_coverevent r
               WHERE r.cover_id = e.cover_id AND r.kind = 'REINSTATED' AND r.id > e.id
               HAVING count(*) > 0
           ) END AS lifted_on
    FROM registry_coverevent e
    WHERE e.kind <> 'REINSTATED'
) said
GROUP BY said.cover_id;
"""
KEEP = "SELECT register_keep_tables()"


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0008_removals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Affiliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('files', models.BooleanField(db_default=False, default=False, verbose_name='dépose pour l’inscrit')),
                ('starts_on', models.DateField(verbose_name='premier jour')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='dernier jour')),
                ('end_told_on', models.DateField(blank=True, null=True, verbose_name='fin annoncée le')),
            ],
            options={
                'verbose_name': 'adhésion ou mandat',
                'verbose_name_plural': 'adhésions et mandats',
            },
        ),
        migrations.CreateModel(
            name='AffiliationHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('files', models.BooleanField(db_default=False, default=False, verbose_name='dépose pour l’inscrit')),
                ('starts_on', models.DateField(verbose_name='premier jour')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='dernier jour')),
                ('end_told_on', models.DateField(blank=True, null=True, verbose_name='fin annoncée le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FilingBody',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, unique=True, verbose_name='code')),
                ('kind', models.CharField(choices=[('ASSOCIATION', 'Association professionnelle'), ('PRINCIPAL', 'Mandant')], max_length=11, verbose_name='nature')),
                ('name', models.CharField(max_length=250, verbose_name='dénomination')),
                ('siren', models.CharField(blank=True, max_length=9, verbose_name='SIREN')),
            ],
            options={
                'verbose_name': 'association ou mandant',
                'verbose_name_plural': 'associations et mandants',
            },
        ),
        migrations.CreateModel(
            name='FilingBodyHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('kind', models.CharField(choices=[('ASSOCIATION', 'Association professionnelle'), ('PRINCIPAL', 'Mandant')], max_length=11, verbose_name='nature')),
                ('name', models.CharField(max_length=250, verbose_name='dénomination')),
                ('siren', models.CharField(blank=True, max_length=9, verbose_name='SIREN')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IssuedCover',
            fields=[
                ('cover', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='issued', serialize=False, to='registry.cover')),
                ('kind', models.CharField(choices=[('RC_PRO', 'assurance de responsabilité civile professionnelle'), ('FINANCIAL_GUARANTEE', 'garantie financière')], max_length=19, verbose_name='nature')),
                ('policy_key', models.CharField(max_length=120, verbose_name='numéro comparé')),
                ('starts_on', models.DateField(verbose_name='premier jour')),
            ],
            options={
                'verbose_name': 'attestation transmise par son émetteur',
                'verbose_name_plural': 'attestations transmises par leur émetteur',
            },
        ),
        migrations.CreateModel(
            name='Issuer',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(max_length=30, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='dénomination')),
            ],
            options={
                'verbose_name': 'assureur ou garant',
                'verbose_name_plural': 'assureurs et garants',
            },
        ),
        migrations.CreateModel(
            name='IssuerFile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('content', models.CharField(choices=[('COVERS', 'Attestations'), ('EVENTS', 'Avis'), ('ENQUIRY', 'Réponses à l’enquête de janvier')], max_length=7, verbose_name='contenu')),
                ('file_name', models.CharField(max_length=255, verbose_name='fichier')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte')),
                ('rows_per_lot', models.PositiveIntegerField(verbose_name='lignes par lot')),
                ('begun_at', models.DateTimeField(verbose_name='commencé le')),
                ('finished_at', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
                ('counts', models.JSONField(default=dict, verbose_name='décompte')),
            ],
            options={
                'verbose_name': 'fichier d’assureur ou de garant',
                'verbose_name_plural': 'fichiers d’assureurs et de garants',
            },
        ),
        migrations.CreateModel(
            name='IssuerHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.CharField(max_length=30, verbose_name='code')),
                ('name', models.CharField(max_length=120, verbose_name='dénomination')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IssuerLot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.PositiveIntegerField(verbose_name='numéro')),
                ('fates', models.JSONField(verbose_name='sort de chaque ligne')),
            ],
            options={
                'verbose_name': 'lot appliqué',
                'verbose_name_plural': 'lots appliqués',
            },
        ),
        migrations.CreateModel(
            name='IssuerName',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('key', models.CharField(max_length=240, unique=True, verbose_name='nom comparé')),
            ],
            options={
                'verbose_name': 'nom d’assureur ou de garant',
                'verbose_name_plural': 'noms d’assureurs et de garants',
            },
        ),
        migrations.CreateModel(
            name='IssuerNameHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('name', models.CharField(max_length=120, verbose_name='nom')),
                ('key', models.CharField(max_length=240, verbose_name='nom comparé')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('MEMBERSHIP_ENDED', 'Fin d’adhésion'), ('MANDATE_ENDED', 'Fin de mandat'), ('POLICY_UNKNOWN', 'Police inconnue de l’assureur')], max_length=16, verbose_name='objet')),
                ('told_by', models.CharField(max_length=250, verbose_name='annoncé par')),
                ('opened_on', models.DateField(verbose_name='ouvert le')),
                ('due_on', models.DateField(verbose_name='à régler avant le')),
                ('settled_on', models.DateField(blank=True, null=True, verbose_name='réglé le')),
                ('outcome', models.CharField(blank=True, db_default='', max_length=500, verbose_name='suite donnée')),
            ],
            options={
                'verbose_name': 'signalement',
            },
        ),
        migrations.CreateModel(
            name='SignalHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('MEMBERSHIP_ENDED', 'Fin d’adhésion'), ('MANDATE_ENDED', 'Fin de mandat'), ('POLICY_UNKNOWN', 'Police inconnue de l’assureur')], max_length=16, verbose_name='objet')),
                ('told_by', models.CharField(max_length=250, verbose_name='annoncé par')),
                ('opened_on', models.DateField(verbose_name='ouvert le')),
                ('due_on', models.DateField(verbose_name='à régler avant le')),
                ('settled_on', models.DateField(blank=True, null=True, verbose_name='réglé le')),
                ('outcome', models.CharField(blank=True, db_default='', max_length=500, verbose_name='suite donnée')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.RemoveConstraint(
            model_name='coverevent',
            name='coverevent_kind_is_known',
        ),
        migrations.AlterField(
            model_name='coverevent',
            name='kind',
            field=models.CharField(choices=[('SUSPENDED', 'Suspension'), ('NOT_RENEWED', 'Dénonciation au terme'), ('TERMINATED', 'Résiliation'), ('REINSTATED', 'Remise en vigueur')], max_length=11, verbose_name='fait'),
        ),
        migrations.AlterField(
            model_name='covereventhistory',
            name='kind',
            field=models.CharField(choices=[('SUSPENDED', 'Suspension'), ('NOT_RENEWED', 'Dénonciation au terme'), ('TERMINATED', 'Résiliation'), ('REINSTATED', 'Remise en vigueur')], max_length=11, verbose_name='fait'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='coverevent',
            trigger=pgtrigger.compiler.Trigger(name='guarantee_has_three_clear_days', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF NEW.kind <> 'REINSTATED'\n               AND NEW.effective_on < (NEW.received_at AT TIME ZONE 'Europe/Paris')::date + 4\n               AND EXISTS (SELECT FROM registry_cover c WHERE c.id = NEW.cover_id AND c.kind = 'FINANCIAL_GUARANTEE')\n            THEN\n                RAISE EXCEPTION 'a guarantee does not end on %: less than three clear days after its notice',\n                    NEW.effective_on\n                    USING ERRCODE = 'check_violation', CONSTRAINT = 'guarantee_has_three_clear_days';\n            END IF;\n            RETURN NEW;\n        ", hash='0b15f51b3667e6a40b1da47882498c0530d72486', operation='INSERT OR UPDATE OF "cover_id", "kind", "effective_on", "received_at"', pgid='pgtrigger_guarantee_has_three_clear_days_f2207', table='registry_coverevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='coverevent',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['SUSPENDED', 'NOT_RENEWED', 'TERMINATED', 'REINSTATED'])), name='coverevent_kind_is_known'),
        ),
        migrations.AddConstraint(
            model_name='coverevent',
            constraint=models.UniqueConstraint(fields=('cover', 'kind', 'effective_on'), name='coverevent_once'),
        ),
        migrations.AddField(
            model_name='affiliation',
            name='registration',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='affiliations', to='registry.registration'),
        ),
        migrations.AddField(
            model_name='affiliationhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='affiliationhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.affiliation'),
        ),
        migrations.AddField(
            model_name='affiliationhistory',
            name='registration',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registration'),
        ),
        migrations.AddConstraint(
            model_name='filingbody',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{1,29}$')), name='filingbody_code_is_plain'),
        ),
        migrations.AddConstraint(
            model_name='filingbody',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['ASSOCIATION', 'PRINCIPAL']), models.Q(('name', ''), _negated=True)), name='filingbody_kind_is_known'),
        ),
        migrations.AddField(
            model_name='affiliationhistory',
            name='body',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.filingbody', verbose_name='organisme'),
        ),
        migrations.AddField(
            model_name='affiliation',
            name='body',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='affiliations', to='registry.filingbody', verbose_name='organisme'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='filingbody',
            trigger=pgtrigger.compiler.Trigger(name='filingbody_stays_what_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."kind" IS DISTINCT FROM (NEW."kind"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='38f12e6b85a5d9be610cefca7694e481d59be98b', operation='UPDATE OF "code", "kind"', pgid='pgtrigger_filingbody_stays_what_it_is_24968', table='registry_filingbody', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='filingbody',
            trigger=pgtrigger.compiler.Trigger(name='filingbody_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b731bd3b204b007529039f4858ad8d0d9d02d0a3', operation='DELETE', pgid='pgtrigger_filingbody_is_kept_dd9f4', table='registry_filingbody', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='filingbody',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_filingbodyhistory" ("code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "siren") SELECT new_values."code", new_values."id", new_values."kind", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."siren" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='95ba305a935a57cea55353a2035f9d2ce7b8a7df', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_61284', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_filingbody', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='filingbody',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_filingbodyhistory" ("code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "siren") VALUES (NEW."code", NEW."id", NEW."kind", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."siren"); RETURN NULL;', hash='cd48c00e8c156ff0a78c22345425337afaf99d55', operation='UPDATE', pgid='pgtrigger_update_update_54d4c', table='registry_filingbody', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='filingbody',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_filingbodyhistory" ("code", "id", "kind", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "siren") SELECT old_values."code", old_values."id", old_values."kind", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."siren" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d81aa578d7c8bcf93cb02d07680183f2ad355428', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_41d92', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_filingbody', when='AFTER')),
        ),
        migrations.AddField(
            model_name='filingbodyhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='filingbodyhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.filingbody'),
        ),
        migrations.AddField(
            model_name='issuedcover',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary'),
        ),
        migrations.AddConstraint(
            model_name='issuer',
            constraint=models.CheckConstraint(condition=models.Q(('code__regex', '^[A-Z0-9][A-Z0-9-]{1,29}$')), name='issuer_code_is_plain', violation_error_message='Un code s’écrit en capitales, chiffres et tirets.'),
        ),
        migrations.AddConstraint(
            model_name='issuer',
            constraint=models.CheckConstraint(condition=models.Q(('name', ''), _negated=True), name='issuer_has_a_name'),
        ),
        migrations.AddField(
            model_name='issuedcover',
            name='issuer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issued_covers', to='registry.issuer'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuer',
            trigger=pgtrigger.compiler.Trigger(name='issuer_keeps_its_code', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."code" IS DISTINCT FROM (NEW."code"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='b3381c1d64edf5ed3657640594ce5e3689116489', operation='UPDATE OF "code"', pgid='pgtrigger_issuer_keeps_its_code_9890e', table='registry_issuer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuer',
            trigger=pgtrigger.compiler.Trigger(name='issuer_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ba1483e628f608d33d13250f61263486050a7222', operation='DELETE', pgid='pgtrigger_issuer_is_kept_71067', table='registry_issuer', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuer',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_issuerhistory" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."id", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='eeb96fc69d37947107775476f4607c9963bbed5d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_82bc9', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_issuer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuer',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_issuerhistory" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."code", NEW."id", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='524c76504bd313c6013bbcdf47acb2134b24fc14', operation='UPDATE', pgid='pgtrigger_update_update_8a419', table='registry_issuer', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuer',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_issuerhistory" ("code", "id", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."id", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='f5cadcbaad5735f9f3f4d799536826d746a82a48', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_679d5', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_issuer', when='AFTER')),
        ),
        migrations.AddField(
            model_name='issuerfile',
            name='begun_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='issuerfile',
            name='issuer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='files', to='registry.issuer'),
        ),
        migrations.AddField(
            model_name='issuerhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='issuerhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.issuer'),
        ),
        migrations.AddField(
            model_name='issuerlot',
            name='file',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='lots', to='registry.issuerfile'),
        ),
        migrations.AddField(
            model_name='issuername',
            name='issuer',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='names', to='registry.issuer'),
        ),
        migrations.AddField(
            model_name='issuernamehistory',
            name='issuer',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.issuer'),
        ),
        migrations.AddField(
            model_name='issuernamehistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='issuernamehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.issuername'),
        ),
        migrations.AddField(
            model_name='signal',
            name='affiliation',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='registry.affiliation'),
        ),
        migrations.AddField(
            model_name='signal',
            name='cover',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='registry.cover'),
        ),
        migrations.AddField(
            model_name='signal',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='signals', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='signal',
            name='settled_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='réglé par'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='affiliation',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.affiliation'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='cover',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.cover'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.signal'),
        ),
        migrations.AddField(
            model_name='signalhistory',
            name='settled_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='réglé par'),
        ),
        migrations.AddConstraint(
            model_name='affiliation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('end_told_on__isnull', True), ('ends_on__isnull', True)), models.Q(('end_told_on__isnull', False), ('ends_on__gte', models.F('starts_on')), ('ends_on__isnull', False)), _connector='OR'), name='affiliation_end_is_told', violation_error_message='Une fin a son jour et celui où elle fut annoncée, et suit le début.'),
        ),
        migrations.AddConstraint(
            model_name='affiliation',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on__isnull', True)), fields=('registration', 'body'), name='affiliation_open_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM new_rows AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='98607cf9d0e3f2aefdbcf5e0814317e95246dd9e', level='STATEMENT', operation='INSERT', pgid='pgtrigger_facts_version_insert_6aa4c', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM old_rows AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='0bb7fb1e9bdfdbb3ff80fb701edd2d5b2573d8ff', level='STATEMENT', operation='DELETE', pgid='pgtrigger_facts_version_delete_da61e', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM ((TABLE new_rows EXCEPT TABLE old_rows) UNION (TABLE old_rows EXCEPT TABLE new_rows)) AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='148645553c61094e702828324bc787622a67275b', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_facts_version_update_c135e', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='affiliation_stays_of_its_parties', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."body_id" IS DISTINCT FROM (NEW."body_id") OR OLD."registration_id" IS DISTINCT FROM (NEW."registration_id") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='c0185a8d9d2b73628785e49fed7072d7fee7dcc9', operation='UPDATE OF "registration_id", "body_id", "starts_on"', pgid='pgtrigger_affiliation_stays_of_its_parties_b1019', table='registry_affiliation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='affiliation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='6b6c870d1df8644f02a52c3d1d077eccd8fdc8fd', operation='DELETE', pgid='pgtrigger_affiliation_is_kept_6b129', table='registry_affiliation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_affiliationhistory" ("body_id", "end_told_on", "ends_on", "files", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "starts_on") SELECT new_values."body_id", new_values."end_told_on", new_values."ends_on", new_values."files", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."registration_id", new_values."starts_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='2bd94f28f0be8e467ef4736e82815d0017b98853', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_8f6cf', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_affiliationhistory" ("body_id", "end_told_on", "ends_on", "files", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "starts_on") VALUES (NEW."body_id", NEW."end_told_on", NEW."ends_on", NEW."files", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."starts_on"); RETURN NULL;', hash='63bdb9448c9c2d522e740d995ae4f23517a3d21b', operation='UPDATE', pgid='pgtrigger_update_update_10484', table='registry_affiliation', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_affiliationhistory" ("body_id", "end_told_on", "ends_on", "files", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "starts_on") SELECT old_values."body_id", old_values."end_told_on", old_values."ends_on", old_values."files", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."registration_id", old_values."starts_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='61de8905244fb32a317c9f47b2a97d3b0ca14c94', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ab8e7', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_affiliation', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='issuedcover',
            constraint=models.UniqueConstraint(fields=('intermediary', 'issuer', 'kind', 'policy_key', 'starts_on'), name='issuedcover_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuedcover',
            trigger=pgtrigger.compiler.Trigger(name='issuedcover_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='1a7a904461f1c299cbd9da9510171b81ff14de97', operation='UPDATE OR DELETE', pgid='pgtrigger_issuedcover_stays_c6d24', table='registry_issuedcover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuedcover',
            trigger=pgtrigger.compiler.Trigger(name='issuedcover_is_of_its_cover', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_cover c\n                        WHERE c.id = NEW.cover_id AND c.channel = 'ISSUER' AND c.kind = NEW.kind\n                          AND c.intermediary_id = NEW.intermediary_id AND c.starts_on = NEW.starts_on\n                    ) THEN\n                        RAISE EXCEPTION 'certificate % is not what its issuer is said to have pushed', NEW.cover_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'issuedcover_is_of_its_cover';\n                    END IF;\n                    RETURN NEW;\n                ", hash='816736e971b2f0bd053ba0ebe3f81b23a34d8922', operation='INSERT', pgid='pgtrigger_issuedcover_is_of_its_cover_e640e', table='registry_issuedcover', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='issuerfile',
            constraint=models.UniqueConstraint(condition=models.Q(('finished_at__isnull', True)), fields=('issuer', 'content', 'sha256'), name='issuerfile_runs_once'),
        ),
        migrations.AddConstraint(
            model_name='issuerfile',
            constraint=models.CheckConstraint(condition=models.Q(('finished_at__isnull', True), ('finished_at__gte', models.F('begun_at')), _connector='OR'), name='issuerfile_ends_after_it_began'),
        ),
        migrations.AddConstraint(
            model_name='issuerlot',
            constraint=models.UniqueConstraint(fields=('file', 'number'), name='issuerlot_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuerlot',
            trigger=pgtrigger.compiler.Trigger(name='issuerlot_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot update or delete rows from % table', TG_TABLE_NAME;", hash='a68180e148f826e498efdc36ba2ddbe5d3fa469b', operation='UPDATE OR DELETE', pgid='pgtrigger_issuerlot_stays_86125', table='registry_issuerlot', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='issuername',
            constraint=models.CheckConstraint(condition=models.Q(('key', ''), _negated=True), name='issuername_is_not_empty'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuername',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_issuernamehistory" ("id", "issuer_id", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."id", new_values."issuer_id", new_values."key", new_values."name", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='012c2cd9f7b7ef1723641686cbc6d543e6f8ccbd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e2957', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_issuername', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuername',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_issuernamehistory" ("id", "issuer_id", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."id", NEW."issuer_id", NEW."key", NEW."name", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='835a5851e38ea957b25221c646c6585b86f9b860', operation='UPDATE', pgid='pgtrigger_update_update_350f2', table='registry_issuername', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuername',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_issuernamehistory" ("id", "issuer_id", "key", "name", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."id", old_values."issuer_id", old_values."key", old_values."name", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c9e28366b854f4731daa63a9928761e681c4066e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_a96dc', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_issuername', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='signal',
            index=models.Index(condition=models.Q(('settled_on__isnull', True)), fields=['due_on'], name='signal_worklist'),
        ),
        migrations.AddConstraint(
            model_name='signal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('affiliation__isnull', True), ('cover__isnull', False), ('kind', 'POLICY_UNKNOWN')), models.Q(('affiliation__isnull', False), ('cover__isnull', True), ('kind__in', ['MEMBERSHIP_ENDED', 'MANDATE_ENDED'])), _connector='OR'), name='signal_names_its_cause'),
        ),
        migrations.AddConstraint(
            model_name='signal',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', ''), ('settled_by__isnull', True), ('settled_on__isnull', True)), models.Q(('settled_by__isnull', False), ('settled_on__isnull', False), models.Q(('outcome', ''), _negated=True)), _connector='OR'), name='signal_settlement_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='signal',
            constraint=models.UniqueConstraint(condition=models.Q(('settled_on__isnull', True)), fields=('kind', 'affiliation', 'cover'), name='signal_open_once', nulls_distinct=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='signal_settled_for_good', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."settled_on" IS NOT NULL)', func="RAISE EXCEPTION 'signal % is settled for good', OLD.id;", hash='1cc35931721d18c66f5b737b1e618d64d5dcecfc', operation='UPDATE', pgid='pgtrigger_signal_settled_for_good_c8613', table='registry_signal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='signal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='e7f6d99b0aacefe3ef9826c13263e571a8faf1df', operation='DELETE', pgid='pgtrigger_signal_is_kept_84796', table='registry_signal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_signalhistory" ("affiliation_id", "cover_id", "due_on", "id", "intermediary_id", "kind", "opened_on", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "settled_on", "told_by") SELECT new_values."affiliation_id", new_values."cover_id", new_values."due_on", new_values."id", new_values."intermediary_id", new_values."kind", new_values."opened_on", new_values."outcome", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."settled_by_id", new_values."settled_on", new_values."told_by" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7c2afea9a1dada3543c4576ffdd652d215838c39', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_f4dce', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_signal', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_signalhistory" ("affiliation_id", "cover_id", "due_on", "id", "intermediary_id", "kind", "opened_on", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "settled_on", "told_by") VALUES (NEW."affiliation_id", NEW."cover_id", NEW."due_on", NEW."id", NEW."intermediary_id", NEW."kind", NEW."opened_on", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."settled_by_id", NEW."settled_on", NEW."told_by"); RETURN NULL;', hash='9b82d2ea141bea180900d771b5e4c37d96657c25', operation='UPDATE', pgid='pgtrigger_update_update_e8e47', table='registry_signal', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_signalhistory" ("affiliation_id", "cover_id", "due_on", "id", "intermediary_id", "kind", "opened_on", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "settled_by_id", "settled_on", "told_by") SELECT old_values."affiliation_id", old_values."cover_id", old_values."due_on", old_values."id", old_values."intermediary_id", old_values."kind", old_values."opened_on", old_values."outcome", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."settled_by_id", old_values."settled_on", old_values."told_by" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ed5ba87afb2fa8ebc0ba0067a970b79072481c58', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_0129a', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_signal', when='AFTER')),
        ),
        migrations.RunSQL(WORD, "DROP VIEW registry_coverword"),
        migrations.RunSQL(KEEP, migrations.RunSQL.noop),
    ]
