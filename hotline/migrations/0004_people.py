"""Days and hours that can be meant; whoever has read why a message was sent."""

import datetime
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


def let_them_see(apps, schema_editor):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="hotline", model="whyreading"
    )
    seen, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename="view_whyreading", defaults={"name": "Can view whyreading"}
    )
    for group in apps.get_model("auth", "Group").objects.filter(name__in=["auditor", "administrator"]):
        group.permissions.add(seen)


class Migration(QuickMigration):

    dependencies = [
        ('hotline', '0003_desk'),
        ('registry', '0014_staff'),
        ('reminders', '0014_staff'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='WhyReading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('opened_at', models.DateTimeField(verbose_name='ouverte le')),
            ],
            options={
                'verbose_name': 'page «\xa0pourquoi\xa0» ouverte',
                'verbose_name_plural': 'pages «\xa0pourquoi\xa0» ouvertes',
            },
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('started_at__gte', django.db.models.expressions.CombinedExpression(models.F('entered_at'), '-', models.Value(datetime.timedelta(days=366)))), models.Q(('call_back_by__isnull', True), ('call_back_by__lte', django.db.models.expressions.CombinedExpression(models.F('entered_at'), '+', models.Value(datetime.timedelta(days=31)))), _connector='OR')), name='call_hours_can_be_meant', violation_error_message='Un appel se note dans l’année, un rappel se promet dans les 31 jours.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('spoken_on__isnull', True), ('spoken_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR'), models.Q(('invited_on__isnull', True), ('invited_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR'), models.Q(('sent_on__isnull', True), ('sent_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR'), models.Q(('acknowledged_on__isnull', True), ('acknowledged_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR'), models.Q(('told_late_on__isnull', True), ('told_late_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR'), models.Q(('answered_on__isnull', True), ('answered_on__range', (django.db.models.expressions.CombinedExpression(models.F('entered_on'), '-', models.Value(datetime.timedelta(days=1827))), django.db.models.expressions.CombinedExpression(models.F('entered_on'), '+', models.Value(datetime.timedelta(days=7305))))), _connector='OR')), name='complaint_days_can_be_meant', violation_error_message='Un jour d’une réclamation ne remonte pas à plus de cinq ans avant sa saisie.'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('next_update_at__isnull', True), ('next_update_at__lte', django.db.models.expressions.CombinedExpression(models.F('updated_at'), '+', models.Value(datetime.timedelta(days=7)))), _connector='OR'), name='incident_next_word_can_be_meant', violation_error_message='La prochaine information vient dans les sept jours.'),
        ),
        migrations.AddField(
            model_name='whyreading',
            name='notice',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='reading', to='reminders.notice', verbose_name='message'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='whyreading',
            trigger=pgtrigger.compiler.Trigger(name='whyreading_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='bb51c63321602ef6d449d932b7d037916f9f1840', operation='DELETE OR UPDATE', pgid='pgtrigger_whyreading_is_kept_b6d5a', table='hotline_whyreading', when='BEFORE')),
        ),
        migrations.RunPython(let_them_see, migrations.RunPython.noop),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
