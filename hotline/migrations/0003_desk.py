"""The desk: look-ups kept, calls at one agent's desk, extra agents; the lead has what agents have."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration

EXTRA = [
    "registry.view_intermediary",
    "reminders.view_notice",
    "hotline.view_call",
    "hotline.add_call",
    "hotline.change_call",
    "hotline.add_complaint",
    "hotline.view_complaint",
    "hotline.view_incident",
]
AUDITS = ["hotline.view_lookup", "hotline.view_extraagent"]
ROLES = {
    "hotline_extra": EXTRA,
    "hotline_lead": [*AUDITS, "hotline.add_extraagent"],
    "auditor": AUDITS,
    "administrator": [*AUDITS, "hotline.add_extraagent"],
}


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role, permissions in ROLES.items():
        found, _ = group.objects.get_or_create(name=role)
        found.permissions.add(*[permission(apps, name) for name in permissions])
    # Whatever an agent was given since the lead's role was copied from it.
    lead = group.objects.get(name="hotline_lead")
    lead.permissions.add(*group.objects.get(name="hotline_agent").permissions.all())


def permission(apps, name):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    app_label, codename = name.split(".")
    model = codename.split("_")[1]
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app_label, model=model)
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return made


class Migration(QuickMigration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('hotline', '0002_purge_reaches_all'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0011_purge_reaches_all'),
        ('reminders', '0012_once_per_person_asked_last'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ExtraAgent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('granted_at', models.DateTimeField(verbose_name='donné le')),
                ('ends_at', models.DateTimeField(verbose_name='jusqu’au')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='retiré le')),
            ],
            options={
                'verbose_name': 'renfort',
            },
        ),
        migrations.CreateModel(
            name='ExtraAgentHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('granted_at', models.DateTimeField(verbose_name='donné le')),
                ('ends_at', models.DateTimeField(verbose_name='jusqu’au')),
                ('ended_at', models.DateTimeField(blank=True, null=True, verbose_name='retiré le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LookUp',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='ouvert le')),
                ('purpose', models.CharField(choices=[('CALLER', 'Un appel'), ('CALL_BACK', 'Un rappel promis'), ('COMPLAINT', 'Une réclamation'), ('PROGRAM', 'Un programme'), ('FILE', 'La page du dossier')], max_length=9, verbose_name='pourquoi')),
                ('way', models.CharField(choices=[('NUMBER', 'Numéro ORIAS'), ('SIREN', 'SIREN'), ('PHONE', 'Téléphone'), ('EMAIL', 'Courriel'), ('NAME', 'Nom'), ('LINE', 'Appel annoncé par le standard')], max_length=6, verbose_name='trouvé par')),
                ('checked_at', models.DateTimeField(blank=True, null=True, verbose_name='appelant vérifié le')),
                ('proofs', models.CharField(blank=True, db_collation='C', db_default='', max_length=40, verbose_name='preuves')),
            ],
            options={
                'verbose_name': 'consultation',
            },
        ),
        migrations.AddField(
            model_name='linecall',
            name='agent',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='conseiller'),
        ),
        migrations.AddIndex(
            model_name='linecall',
            index=models.Index(condition=models.Q(('agent__isnull', False), ('hung_up_at__isnull', True)), fields=['agent', '-id'], name='linecall_at_the_desk'),
        ),
        migrations.AddField(
            model_name='extraagent',
            name='account',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extra_grants', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AddField(
            model_name='extraagent',
            name='ended_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='retiré par'),
        ),
        migrations.AddField(
            model_name='extraagent',
            name='granted_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='donné par'),
        ),
        migrations.AddField(
            model_name='extraagent',
            name='role',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='extra_grants', to='auth.group', verbose_name='rôle'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='account',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='ended_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='retiré par'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='granted_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='donné par'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='hotline.extraagent'),
        ),
        migrations.AddField(
            model_name='extraagenthistory',
            name='role',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='auth.group', verbose_name='rôle'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='agent',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='look_ups', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='call',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='look_up', to='hotline.call', verbose_name='appel noté'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='look_ups', to='registry.intermediary', verbose_name='intermédiaire'),
        ),
        migrations.AddField(
            model_name='lookup',
            name='line',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='look_ups', to='hotline.linecall', verbose_name='appel au standard'),
        ),
        migrations.AddConstraint(
            model_name='extraagent',
            constraint=models.CheckConstraint(condition=models.Q(('ends_at__gt', models.F('granted_at')), ('ends_at__lte', django.db.models.expressions.CombinedExpression(models.F('granted_at'), '+', models.Value(datetime.timedelta(days=31))))), name='extraagent_is_dated', violation_error_message='Un renfort a une fin, dans les trente et un jours.'),
        ),
        migrations.AddConstraint(
            model_name='extraagent',
            constraint=models.CheckConstraint(condition=models.Q(('account', models.F('granted_by')), _negated=True), name='extraagent_is_given_by_another'),
        ),
        migrations.AddConstraint(
            model_name='extraagent',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ended_at__isnull', True), ('ended_by__isnull', True)), models.Q(('ended_at__isnull', False), ('ended_by__isnull', False)), _connector='OR'), name='extraagent_end_is_whole'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='extraagent_as_given_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."account_id" IS DISTINCT FROM (NEW."account_id") OR OLD."ends_at" IS DISTINCT FROM (NEW."ends_at") OR OLD."granted_at" IS DISTINCT FROM (NEW."granted_at") OR OLD."granted_by_id" IS DISTINCT FROM (NEW."granted_by_id") OR OLD."role_id" IS DISTINCT FROM (NEW."role_id"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='4a42e59ea9f57d148b8af6d6db99d4a42da3c02c', operation='UPDATE OF "account_id", "role_id", "granted_at", "granted_by_id", "ends_at"', pgid='pgtrigger_extraagent_as_given_stays_fd46b', table='hotline_extraagent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='extraagent_ends_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ended_at" IS NOT NULL)', func="RAISE EXCEPTION 'extra agent %: what was ended stays ended', OLD.id;", hash='0ed0b63e191c9193a427faef5fcf863ad17cd623', operation='UPDATE', pgid='pgtrigger_extraagent_ends_once_cdae3', table='hotline_extraagent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='extraagent_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='0580966f29dde08f0ce590dbfb744098608ed66d', operation='DELETE', pgid='pgtrigger_extraagent_is_kept_8f04c', table='hotline_extraagent', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_extraagenthistory" ("account_id", "ended_at", "ended_by_id", "ends_at", "granted_at", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id") SELECT new_values."account_id", new_values."ended_at", new_values."ended_by_id", new_values."ends_at", new_values."granted_at", new_values."granted_by_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."role_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='3b645a2b697ceb33e40617d60562a8e91ac90fec', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_84d7f', referencing='REFERENCING NEW TABLE AS new_values ', table='hotline_extraagent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "hotline_extraagenthistory" ("account_id", "ended_at", "ended_by_id", "ends_at", "granted_at", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id") VALUES (NEW."account_id", NEW."ended_at", NEW."ended_by_id", NEW."ends_at", NEW."granted_at", NEW."granted_by_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."role_id"); RETURN NULL;', hash='97f8cf218a9467460dcaa8590de3d91f3b4ef3cf', operation='UPDATE', pgid='pgtrigger_update_update_37f5c', table='hotline_extraagent', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='extraagent',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_extraagenthistory" ("account_id", "ended_at", "ended_by_id", "ends_at", "granted_at", "granted_by_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "role_id") SELECT old_values."account_id", old_values."ended_at", old_values."ended_by_id", old_values."ends_at", old_values."granted_at", old_values."granted_by_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."role_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e2eb041f426b056cb0322e27de4a4622018ed951', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_dc844', referencing='REFERENCING OLD TABLE AS old_values ', table='hotline_extraagent', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['at'], name='lookup_by_time'),
        ),
        migrations.AddIndex(
            model_name='lookup',
            index=models.Index(fields=['agent', '-id'], name='lookup_of_agent'),
        ),
        migrations.AddConstraint(
            model_name='lookup',
            constraint=models.CheckConstraint(condition=models.Q(('purpose__in', ['CALLER', 'CALL_BACK', 'COMPLAINT', 'PROGRAM', 'FILE']), ('way__in', ['NUMBER', 'SIREN', 'PHONE', 'EMAIL', 'NAME', 'LINE'])), name='lookup_codes_are_known'),
        ),
        migrations.AddConstraint(
            model_name='lookup',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('checked_at__isnull', True), ('proofs', '')), models.Q(('checked_at__gte', models.F('at')), ('checked_at__isnull', False), ('proofs__in', ('NUMBER,SIREN', 'NUMBER,CONTACT', 'NUMBER,POLICY', 'SIREN,CONTACT', 'SIREN,POLICY', 'CONTACT,POLICY', 'NUMBER,SIREN,CONTACT', 'NUMBER,SIREN,POLICY', 'NUMBER,CONTACT,POLICY', 'SIREN,CONTACT,POLICY', 'NUMBER,SIREN,CONTACT,POLICY'))), _connector='OR'), name='lookup_check_is_enough', violation_error_message='Un appelant est vérifié par deux preuves au moins.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lookup',
            trigger=pgtrigger.compiler.Trigger(name='lookup_as_opened_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."at" IS DISTINCT FROM (NEW."at") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."line_id" IS DISTINCT FROM (NEW."line_id") OR OLD."purpose" IS DISTINCT FROM (NEW."purpose") OR OLD."way" IS DISTINCT FROM (NEW."way"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='54c48d068db735abbcd208d754864d63cc13f028', operation='UPDATE OF "at", "agent_id", "intermediary_id", "purpose", "way", "line_id"', pgid='pgtrigger_lookup_as_opened_stays_68604', table='hotline_lookup', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lookup',
            trigger=pgtrigger.compiler.Trigger(name='lookup_is_settled_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.checked_at IS NOT NULL AND (OLD.checked_at, OLD.proofs) IS DISTINCT FROM (NEW.checked_at, NEW.proofs)) OR (OLD.call_id IS NOT NULL AND OLD.call_id IS DISTINCT FROM NEW.call_id))', func="RAISE EXCEPTION 'look-up %: its check and its call stay as they are', OLD.id;", hash='3a20082f83c51313ba95caa899ff442f854f4146', operation='UPDATE', pgid='pgtrigger_lookup_is_settled_once_b2f45', table='hotline_lookup', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='lookup',
            trigger=pgtrigger.compiler.Trigger(name='lookup_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='ff7f2003e11c833151ca6f8f09ff213488992db9', operation='DELETE', pgid='pgtrigger_lookup_is_kept_cf631', table='hotline_lookup', when='BEFORE')),
        ),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
