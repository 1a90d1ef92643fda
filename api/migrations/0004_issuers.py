"""Accounts that act as an insurer or guarantor."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('api', '0003_removals'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0009_issuers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='IssuerMandate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('starts_on', models.DateField(verbose_name='premier jour')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='dernier jour')),
                ('holder', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='issuer_mandates', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
                ('issuer', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.issuer', verbose_name='assureur ou garant')),
            ],
            options={
                'verbose_name': 'mandat d’assureur ou de garant',
                'verbose_name_plural': 'mandats d’assureurs et de garants',
            },
        ),
        migrations.CreateModel(
            name='IssuerMandateHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('starts_on', models.DateField(verbose_name='premier jour')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='dernier jour')),
                ('holder', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte')),
                ('issuer', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.issuer', verbose_name='assureur ou garant')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='api.issuermandate')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.AddConstraint(
            model_name='issuermandate',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', models.F('starts_on')), _connector='OR'), name='issuermandate_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='issuermandate',
            constraint=models.UniqueConstraint(condition=models.Q(('ends_on', None)), fields=('holder',), name='issuermandate_open_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuermandate',
            trigger=pgtrigger.compiler.Trigger(name='issuermandate_stays_of_its_parties', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."holder_id" IS DISTINCT FROM (NEW."holder_id") OR OLD."issuer_id" IS DISTINCT FROM (NEW."issuer_id") OR OLD."starts_on" IS DISTINCT FROM (NEW."starts_on"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='00fdcdd893097f5217105a0502171ba81821928a', operation='UPDATE OF "holder_id", "issuer_id", "starts_on"', pgid='pgtrigger_issuermandate_stays_of_its_parties_c3ddb', table='api_issuermandate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuermandate',
            trigger=pgtrigger.compiler.Trigger(name='issuermandate_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='ed1fe156a9bf8acef72c39b15ea9e051d3b059ba', operation='DELETE', pgid='pgtrigger_issuermandate_is_kept_eb841', table='api_issuermandate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuermandate',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "api_issuermandatehistory" ("ends_on", "holder_id", "id", "issuer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT new_values."ends_on", new_values."holder_id", new_values."id", new_values."issuer_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."starts_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='58c0bd73d902afaf4d4acf51b65bbfe2b27bfd2d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1fb2a', referencing='REFERENCING NEW TABLE AS new_values ', table='api_issuermandate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuermandate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "api_issuermandatehistory" ("ends_on", "holder_id", "id", "issuer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") VALUES (NEW."ends_on", NEW."holder_id", NEW."id", NEW."issuer_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."starts_on"); RETURN NULL;', hash='1c6721bf75e5f46cbcb6612384864c4068102bdb', operation='UPDATE', pgid='pgtrigger_update_update_9b645', table='api_issuermandate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuermandate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "api_issuermandatehistory" ("ends_on", "holder_id", "id", "issuer_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "starts_on") SELECT old_values."ends_on", old_values."holder_id", old_values."id", old_values."issuer_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."starts_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='74827332ddeaf5d16e5f57d71439872d63dfc03d', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_6ea54', referencing='REFERENCING OLD TABLE AS old_values ', table='api_issuermandate', when='AFTER')),
        ),
        migrations.RunSQL("SELECT register_keep_tables()", migrations.RunSQL.noop),
    ]
