"""The sender's identity, and how far the journal outside the database is known to it."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration

SHOWN = ("senderidentity", "journalmark", "reconciliation")
ROLES = {
    role: [f"reminders.view_{model}" for model in SHOWN]
    for role in ("registry_officer", "approver", "hotline_agent", "auditor", "administrator")
}

ARM = """
    INSERT INTO reminders_senderidentity (id, epoch, system_identifier, database_oid, timeline, armed_at)
    SELECT 1, gen_random_uuid(), (SELECT system_identifier FROM pg_control_system()),
           (SELECT oid FROM pg_database WHERE datname = current_database())::bigint,
           ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer, now()
    ON CONFLICT DO NOTHING
"""


def arm(apps, schema_editor):
    """A new register is this database's from its first minute: a dump of it is known for one, sent or not."""
    schema_editor.execute(ARM)


def show_to_all_roles(apps, schema_editor):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    content_type = apps.get_model("contenttypes", "ContentType")
    for model in SHOWN:
        of, _ = content_type.objects.get_or_create(app_label="reminders", model=model)
        made, _ = permission.objects.get_or_create(
            content_type=of, codename=f"view_{model}", defaults={"name": f"Can view {model}"}
        )
        for role in group.objects.filter(name__in=ROLES):
            role.permissions.add(made)


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('reminders', '0006_watch'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='JournalMark',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('sender', models.CharField(max_length=80, unique=True, verbose_name='expéditeur')),
                ('file', models.CharField(max_length=100, verbose_name='fichier')),
                ('sequence', models.BigIntegerField(verbose_name='écriture')),
                ('hash', models.CharField(max_length=64, verbose_name='empreinte')),
                ('recorded_at', models.DateTimeField(verbose_name='relevé le')),
            ],
            options={
                'verbose_name': 'relevé du journal',
                'verbose_name_plural': 'relevés du journal',
            },
        ),
        migrations.CreateModel(
            name='Reconciliation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('made_at', models.DateTimeField(verbose_name='fait le')),
                ('lost_reason', models.CharField(blank=True, max_length=300, verbose_name='motif de la perte du journal')),
                ('report', models.JSONField(verbose_name='compte rendu')),
                ('made_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='fait par')),
            ],
            options={
                'verbose_name': 'rapprochement avec le journal',
                'verbose_name_plural': 'rapprochements avec le journal',
            },
        ),
        migrations.CreateModel(
            name='SenderIdentity',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('epoch', models.UUIDField(verbose_name='époque')),
                ('system_identifier', models.BigIntegerField(verbose_name='serveur (identifiant système)')),
                ('database_oid', models.BigIntegerField(verbose_name='base (numéro)')),
                ('timeline', models.IntegerField(verbose_name='ligne de temps')),
                ('armed_at', models.DateTimeField(verbose_name='armé le')),
                ('armed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='armé par')),
            ],
            options={
                'verbose_name': 'identité de l’expéditeur',
                'verbose_name_plural': 'identité de l’expéditeur',
            },
        ),
        migrations.CreateModel(
            name='SenderIdentityHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.SmallIntegerField(default=1, serialize=False)),
                ('epoch', models.UUIDField(verbose_name='époque')),
                ('system_identifier', models.BigIntegerField(verbose_name='serveur (identifiant système)')),
                ('database_oid', models.BigIntegerField(verbose_name='base (numéro)')),
                ('timeline', models.IntegerField(verbose_name='ligne de temps')),
                ('armed_at', models.DateTimeField(verbose_name='armé le')),
                ('armed_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='armé par')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='reminders.senderidentity')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='reconciliation',
            trigger=pgtrigger.compiler.Trigger(name='reconciliation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='78218aa2d3c87141ba22226e6618c29569246abf', operation='DELETE OR UPDATE', pgid='pgtrigger_reconciliation_is_kept_8e5f1', table='reminders_reconciliation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='senderidentity',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='senderidentity_is_one_row'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='senderidentity',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_senderidentityhistory" ("armed_at", "armed_by_id", "database_oid", "epoch", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "system_identifier", "timeline") SELECT new_values."armed_at", new_values."armed_by_id", new_values."database_oid", new_values."epoch", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."system_identifier", new_values."timeline" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='422c8205fee92832ed6cb452e50d48accba88e48', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_3b085', referencing='REFERENCING NEW TABLE AS new_values ', table='reminders_senderidentity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='senderidentity',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "reminders_senderidentityhistory" ("armed_at", "armed_by_id", "database_oid", "epoch", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "system_identifier", "timeline") VALUES (NEW."armed_at", NEW."armed_by_id", NEW."database_oid", NEW."epoch", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."system_identifier", NEW."timeline"); RETURN NULL;', hash='4dbd1a16bd7e2abe54261b3374fad126b215f309', operation='UPDATE', pgid='pgtrigger_update_update_ed04e', table='reminders_senderidentity', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='senderidentity',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "reminders_senderidentityhistory" ("armed_at", "armed_by_id", "database_oid", "epoch", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "system_identifier", "timeline") SELECT old_values."armed_at", old_values."armed_by_id", old_values."database_oid", old_values."epoch", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."system_identifier", old_values."timeline" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d5f56fd1ef5f7aaca1808bc2f680f7824a5ef59e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_bd691', referencing='REFERENCING OLD TABLE AS old_values ', table='reminders_senderidentity', when='AFTER')),
        ),
        migrations.RunPython(arm, migrations.RunPython.noop),
        migrations.RunPython(show_to_all_roles, migrations.RunPython.noop),
    ]
