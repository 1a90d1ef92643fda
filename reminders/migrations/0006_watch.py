"""What the watch over a release keeps, the pace of mail domains, and who may look at them and take a report."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


VIEWS = [f"reminders.view_{model}" for model in ("watch", "alarm", "wrongreport", "domainpace")]
TAKE_REPORTS = ["reminders.add_wrongreport"]
ROLES = {
    "registry_officer": VIEWS + TAKE_REPORTS,
    "approver": VIEWS + TAKE_REPORTS,
    "hotline_agent": VIEWS + TAKE_REPORTS,
    "auditor": VIEWS,
    "administrator": VIEWS + TAKE_REPORTS,
}


def grant(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role, names in ROLES.items():
        held, _ = group.objects.get_or_create(name=role)
        held.permissions.add(*[permission(apps, name) for name in names])


def permission(apps, name):
    codename = name.removeprefix("reminders.")
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    content_types = apps.get_model("contenttypes", "ContentType").objects
    content_type, _ = content_types.get_or_create(app_label="reminders", model=codename.split("_")[1])
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return made


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0005_bounces'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Alarm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.CharField(choices=[('REFUSED_TOO_MANY', 'trop de refus à corriger de notre côté'), ('BOUNCED_TOO_MANY', 'trop d’adresses hors d’usage'), ('UNCERTAIN_TOO_MANY', 'trop d’envois incertains'), ('REPORTED_WRONG', 'relances à tort, signalées et vérifiées'), ('STALLED', 'envoi immobile sans raison'), ('SMTP_DOWN', 'serveur de messagerie indisponible'), ('TOO_LITTLE', 'trop peu d’envois pour juger le palier')], max_length=20, verbose_name='code')),
                ('level', models.CharField(choices=[('GREEN', 'vert'), ('AMBER', 'orange'), ('RED', 'rouge')], max_length=5, verbose_name='niveau')),
                ('message', models.CharField(max_length=500, verbose_name='constat')),
                ('facts', models.JSONField(verbose_name='faits')),
                ('step', models.IntegerField(verbose_name='palier (rang autorisé)')),
                ('raised_at', models.DateTimeField(verbose_name='levée le')),
                ('closed_at', models.DateTimeField(null=True, verbose_name='close le')),
                ('close_reason', models.CharField(blank=True, max_length=500, verbose_name='motif')),
            ],
            options={
                'verbose_name': 'alarme',
            },
        ),
        migrations.CreateModel(
            name='DomainPace',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('domain', models.CharField(max_length=255, verbose_name='domaine')),
                ('not_before', models.DateTimeField(verbose_name='pas avant')),
                ('failures', models.SmallIntegerField(default=1, verbose_name='fois de suite')),
                ('updated_at', models.DateTimeField(verbose_name='depuis')),
            ],
            options={
                'verbose_name': 'cadence d’un domaine',
                'verbose_name_plural': 'cadences des domaines',
            },
        ),
        migrations.CreateModel(
            name='Watch',
            fields=[
                ('batch', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='watch', serialize=False, to='reminders.batch', verbose_name='lot')),
                ('going_since', models.DateTimeField(verbose_name='en cours depuis')),
                ('step_ended_at', models.DateTimeField(null=True, verbose_name='palier fini le')),
                ('judged_since', models.DateTimeField(null=True, verbose_name='jugé depuis')),
            ],
            options={
                'verbose_name': 'surveillance',
            },
        ),
        migrations.CreateModel(
            name='WrongReport',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.CharField(choices=[('LINK', 'lien du courriel'), ('HOTLINE', 'assistance')], max_length=7, verbose_name='source')),
                ('verdict', models.CharField(choices=[('WRONG', 'relance à tort'), ('COMPLETED_SINCE', 'dossier complété depuis la relance'), ('STILL_DUE', 'une pièce est encore attendue')], max_length=15, verbose_name='constat')),
                ('facts', models.JSONField(verbose_name='faits')),
                ('reported_at', models.DateTimeField(verbose_name='signalé le')),
            ],
            options={
                'verbose_name': 'signalement',
            },
        ),
        migrations.AlterField(
            model_name='batch',
            name='pause_reason',
            field=models.CharField(blank=True, choices=[('PERSON', 'à la demande d’une personne'), ('STEP_DONE', 'palier terminé, sous surveillance avant le suivant'), ('HOLD', 'trop peu d’envois pour juger, une personne décide'), ('SMTP_DOWN', 'serveur de messagerie indisponible'), ('REFUSED', 'alarme\xa0: trop de refus à corriger'), ('BOUNCED', 'alarme\xa0: trop d’adresses hors d’usage'), ('UNCERTAIN', 'alarme\xa0: trop d’envois incertains'), ('REPORTED', 'alarme\xa0: relances à tort signalées et vérifiées'), ('STALLED', 'alarme\xa0: l’envoi n’avance plus')], max_length=9, verbose_name='motif de pause'),
        ),
        migrations.AlterField(
            model_name='batchhistory',
            name='pause_reason',
            field=models.CharField(blank=True, choices=[('PERSON', 'à la demande d’une personne'), ('STEP_DONE', 'palier terminé, sous surveillance avant le suivant'), ('HOLD', 'trop peu d’envois pour juger, une personne décide'), ('SMTP_DOWN', 'serveur de messagerie indisponible'), ('REFUSED', 'alarme\xa0: trop de refus à corriger'), ('BOUNCED', 'alarme\xa0: trop d’adresses hors d’usage'), ('UNCERTAIN', 'alarme\xa0: trop d’envois incertains'), ('REPORTED', 'alarme\xa0: relances à tort signalées et vérifiées'), ('STALLED', 'alarme\xa0: l’envoi n’avance plus')], max_length=9, verbose_name='motif de pause'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_steps_one_at_a_time', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.ceiling <> NEW.ceiling)', func="\n                    IF NEW.ceiling IS DISTINCT FROM (\n                        SELECT min(rank) FROM unnest(NEW.steps) AS rank WHERE rank > OLD.ceiling\n                    ) THEN\n                        RAISE EXCEPTION 'the ceiling of batch % goes from % to its next step, not to %',\n                            OLD.id, OLD.ceiling, NEW.ceiling;\n                    END IF;\n                    RETURN NEW;\n                ", hash='8d117d581a6cd4f11026c0819918eb1630d90005', operation='UPDATE', pgid='pgtrigger_batch_steps_one_at_a_time_0f5e3', table='reminders_batch', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='batch',
            trigger=pgtrigger.compiler.Trigger(name='batch_stands_under_an_alarm', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state = 'PAUSED' AND NEW.state = 'RELEASING')", func="\n                    IF EXISTS (SELECT FROM reminders_alarm WHERE batch_id = OLD.id AND closed_at IS NULL) THEN\n                        RAISE EXCEPTION 'batch % stands under an alarm that nobody has closed', OLD.id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='7411a6fcaaf38952c498ee7de45c20b84cb60881', operation='UPDATE', pgid='pgtrigger_batch_stands_under_an_alarm_c711f', table='reminders_batch', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='alarm',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='alarms', to='reminders.batch', verbose_name='lot'),
        ),
        migrations.AddField(
            model_name='alarm',
            name='closed_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='close par'),
        ),
        migrations.AddConstraint(
            model_name='domainpace',
            constraint=models.UniqueConstraint(fields=('domain',), name='domainpace_once'),
        ),
        migrations.AddConstraint(
            model_name='domainpace',
            constraint=models.CheckConstraint(condition=models.Q(('failures__gte', 1)), name='domainpace_counts_from_one'),
        ),
        migrations.AddField(
            model_name='wrongreport',
            name='notice',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='reports', to='reminders.notice', verbose_name='relance'),
        ),
        migrations.AddField(
            model_name='wrongreport',
            name='reported_by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='recueilli par'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.UniqueConstraint(condition=models.Q(('closed_at', None)), fields=('batch', 'code'), name='alarm_open_once'),
        ),
        migrations.AddConstraint(
            model_name='alarm',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('closed_at__isnull', True), ('closed_by__isnull', True)), models.Q(('closed_at__isnull', False), ('closed_by__isnull', False)), _connector='OR'), name='alarm_closing_is_paired'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='alarm_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."code" IS DISTINCT FROM (NEW."code") OR OLD."level" IS DISTINCT FROM (NEW."level") OR OLD."message" IS DISTINCT FROM (NEW."message") OR OLD."facts" IS DISTINCT FROM (NEW."facts") OR OLD."step" IS DISTINCT FROM (NEW."step") OR OLD."raised_at" IS DISTINCT FROM (NEW."raised_at"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='20b29917b61179eadca210d0a2c19ad13a78b977', operation='UPDATE', pgid='pgtrigger_alarm_is_frozen_135dd', table='reminders_alarm', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='alarm_is_closed_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."closed_at" IS NOT NULL)', func="RAISE EXCEPTION 'alarm % is closed and stays as it is', OLD.id;", hash='0d213cd6733264fd4a6072cb78d074d37d42f85b', operation='UPDATE', pgid='pgtrigger_alarm_is_closed_once_906c0', table='reminders_alarm', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='alarm',
            trigger=pgtrigger.compiler.Trigger(name='alarm_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='9f5158acc01f1441a983f3688ab70f0d12f35356', operation='DELETE', pgid='pgtrigger_alarm_is_kept_196b3', table='reminders_alarm', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='wrongreport',
            constraint=models.UniqueConstraint(fields=('notice', 'source'), name='wrongreport_once'),
        ),
        migrations.AddConstraint(
            model_name='wrongreport',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reported_by__isnull', True), ('source', 'LINK')), models.Q(('reported_by__isnull', False), ('source', 'HOTLINE')), _connector='OR'), name='wrongreport_by_phone_names_who_took_it'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='wrongreport',
            trigger=pgtrigger.compiler.Trigger(name='wrongreport_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='84b1fae5dcfad4ca58724c0b3824bc3eef0698e3', operation='DELETE OR UPDATE', pgid='pgtrigger_wrongreport_is_kept_e5470', table='reminders_wrongreport', when='BEFORE')),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
