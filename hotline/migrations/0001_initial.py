"""The hotline: complaints, calls, incidents; what each role may do there."""

import django.db.models.deletion
import django.db.models.functions.comparison
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


MODELS = ('call', 'complaint', 'complaintcounter', 'incident', 'incidentupdate', 'linecall')
VIEW_ALL = [f"hotline.view_{m}" for m in MODELS]
ANSWERS = ['hotline.add_complaint', 'hotline.add_call', 'hotline.change_call']
LEADS = ['hotline.change_complaint', 'hotline.add_incident']
ROLES = {
    "registry_officer": VIEW_ALL + ANSWERS + LEADS,
    "approver": VIEW_ALL + LEADS,
    "hotline_agent": VIEW_ALL + ANSWERS,
    "auditor": VIEW_ALL,
    "administrator": VIEW_ALL + ANSWERS + LEADS,
}


def make_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role, permissions in ROLES.items():
        found, _ = group.objects.get_or_create(name=role)
        found.permissions.add(*[permission(apps, name) for name in permissions])
    # The lead does all that an agent does, and answers for it.
    lead, _ = group.objects.get_or_create(name="hotline_lead")
    lead.permissions.set(group.objects.get(name="hotline_agent").permissions.all())
    lead.permissions.add(*[permission(apps, name) for name in LEADS])


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

    initial = True

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0010_feed'),
        ('reminders', '0011_removals'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ComplaintCounter',
            fields=[
                ('year', models.PositiveSmallIntegerField(primary_key=True, serialize=False, verbose_name='année')),
                ('last', models.PositiveIntegerField(verbose_name='dernier numéro')),
            ],
            options={
                'verbose_name': 'compteur des réclamations',
                'verbose_name_plural': 'compteurs des réclamations',
            },
        ),
        migrations.CreateModel(
            name='ComplaintHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(db_collation='C', max_length=12, verbose_name='numéro')),
                ('state', models.CharField(choices=[('SPOKEN', 'Orale, la personne est invitée à écrire'), ('SATISFIED', 'Orale, satisfaite aussitôt'), ('RECEIVED', 'Écrite, à accuser'), ('ACKNOWLEDGED', 'Accusée, à répondre'), ('ANSWERED', 'Répondue'), ('REQUALIFIED', 'Requalifiée en demande')], max_length=12, verbose_name='état')),
                ('channel', models.CharField(choices=[('PHONE', 'Téléphone'), ('COUNTER', 'Sur place'), ('CHAT', 'Conversation sans copie datée'), ('FORM', 'Formulaire en ligne'), ('EMAIL', 'Courriel'), ('LETTER', 'Lettre')], max_length=7, verbose_name='canal')),
                ('matter', models.CharField(choices=[('UNWANTED_MAIL', 'Message reçu à tort'), ('DELAY', 'Retard ou absence de traitement'), ('REPLY_QUALITY', 'Qualité d’une réponse'), ('WELCOME', 'Accueil'), ('REFUSAL', 'Refus ou décision'), ('OTHER', 'Autre')], max_length=13, verbose_name='objet')),
                ('text', models.TextField(verbose_name='ce qui est dit')),
                ('complainant', models.CharField(max_length=250, verbose_name='personne')),
                ('reply_to', models.CharField(blank=True, max_length=500, verbose_name='où répondre')),
                ('spoken_on', models.DateField(blank=True, null=True, verbose_name='dite le')),
                ('invited_on', models.DateField(blank=True, null=True, verbose_name='invitation à écrire le')),
                ('sent_on', models.DateField(blank=True, null=True, verbose_name='envoyée le')),
                ('entered_on', models.DateField(verbose_name='jour de saisie')),
                ('entered_at', models.DateTimeField(verbose_name='saisie le')),
                ('acknowledged_on', models.DateField(blank=True, null=True, verbose_name='accusée le')),
                ('told_late_on', models.DateField(blank=True, null=True, verbose_name='prévenue du retard le')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='répondue le')),
                ('outcome', models.CharField(blank=True, choices=[('GRANTED', 'Satisfaction donnée'), ('PARTLY', 'Satisfaction partielle'), ('REFUSED', 'Refus motivé')], db_default='', max_length=7, verbose_name='issue')),
                ('answer', models.TextField(blank=True, db_default='', verbose_name='réponse')),
                ('recourse', models.TextField(blank=True, db_default='', verbose_name='recours indiqué')),
                ('requalified_because', models.CharField(blank=True, db_default='', max_length=500, verbose_name='requalifiée parce que')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Incident',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('INVESTIGATING', 'Nous cherchons la cause'), ('IDENTIFIED', 'Cause trouvée'), ('MONITORING', 'Corrigé, sous surveillance'), ('RESOLVED', 'Terminé')], max_length=13, verbose_name='état')),
                ('message', models.TextField(verbose_name='message public')),
                ('cause', models.TextField(blank=True, verbose_name='cause')),
                ('next_update_at', models.DateTimeField(blank=True, null=True, verbose_name='prochaine information le')),
                ('batch_paused', models.BooleanField(default=False, verbose_name='lot mis en pause')),
                ('sending_stopped', models.BooleanField(default=False, verbose_name='envois arrêtés')),
                ('declared_at', models.DateTimeField(verbose_name='déclaré le')),
                ('updated_at', models.DateTimeField(verbose_name='dernière information le')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
            ],
            options={
                'verbose_name': 'incident',
            },
        ),
        migrations.CreateModel(
            name='IncidentHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('state', models.CharField(choices=[('INVESTIGATING', 'Nous cherchons la cause'), ('IDENTIFIED', 'Cause trouvée'), ('MONITORING', 'Corrigé, sous surveillance'), ('RESOLVED', 'Terminé')], max_length=13, verbose_name='état')),
                ('message', models.TextField(verbose_name='message public')),
                ('cause', models.TextField(blank=True, verbose_name='cause')),
                ('next_update_at', models.DateTimeField(blank=True, null=True, verbose_name='prochaine information le')),
                ('batch_paused', models.BooleanField(default=False, verbose_name='lot mis en pause')),
                ('sending_stopped', models.BooleanField(default=False, verbose_name='envois arrêtés')),
                ('declared_at', models.DateTimeField(verbose_name='déclaré le')),
                ('updated_at', models.DateTimeField(verbose_name='dernière information le')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='terminé le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='IncidentUpdate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('INVESTIGATING', 'Nous cherchons la cause'), ('IDENTIFIED', 'Cause trouvée'), ('MONITORING', 'Corrigé, sous surveillance'), ('RESOLVED', 'Terminé')], max_length=13, verbose_name='état')),
                ('message', models.TextField(verbose_name='message public')),
                ('next_update_at', models.DateTimeField(null=True, verbose_name='prochaine information le')),
                ('at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'information sur un incident',
                'verbose_name_plural': 'informations sur les incidents',
            },
        ),
        migrations.CreateModel(
            name='LineCall',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('line_id', models.CharField(db_collation='C', max_length=64, unique=True, verbose_name='identifiant au standard')),
                ('caller_key', models.CharField(blank=True, db_collation='C', max_length=9, verbose_name='appelant (9 chiffres)')),
                ('rang_at', models.DateTimeField(verbose_name='a sonné le')),
                ('answered_at', models.DateTimeField(null=True, verbose_name='décroché le')),
                ('hung_up_at', models.DateTimeField(null=True, verbose_name='raccroché le')),
            ],
            options={
                'verbose_name': 'appel au standard',
                'verbose_name_plural': 'appels au standard',
            },
        ),
        migrations.CreateModel(
            name='Call',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('started_at', models.DateTimeField(verbose_name='reçu le')),
                ('duration_seconds', models.PositiveIntegerField(blank=True, null=True, verbose_name='durée (s)')),
                ('caller_key', models.CharField(blank=True, db_collation='C', max_length=9, verbose_name='appelant (9 chiffres)')),
                ('reason', models.CharField(choices=[('WHY_MAIL', 'Pourquoi ce courriel'), ('FILE_STATE', 'État du dossier'), ('HOW_TO_FILE', 'Comment déposer'), ('DEADLINE', 'Échéance'), ('CONTACT', 'Changement de coordonnées'), ('SITE', 'Difficulté avec le site'), ('COMPLAINT', 'Mécontentement'), ('OTHER', 'Autre')], max_length=11, verbose_name='motif')),
                ('outcome', models.CharField(choices=[('ANSWERED', 'Répondu'), ('ESCALATED', 'Transmis à un gestionnaire'), ('CALL_BACK', 'À rappeler'), ('COMPLAINT', 'Réclamation enregistrée'), ('LOST', 'Raccroché avant la réponse')], max_length=9, verbose_name='issue')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('entered_at', models.DateTimeField(verbose_name='saisi le')),
                ('slip', models.CharField(blank=True, db_collation='C', db_default='', max_length=40, verbose_name='fiche')),
                ('call_back_by', models.DateTimeField(blank=True, null=True, verbose_name='rappel promis avant')),
                ('called_back_at', models.DateTimeField(blank=True, null=True, verbose_name='rappelé le')),
                ('agent', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='conseiller')),
                ('called_back_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='rappelé par')),
                ('intermediary', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='registry.intermediary', verbose_name='intermédiaire')),
                ('notice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='calls', to='reminders.notice', verbose_name='message en cause')),
            ],
            options={
                'verbose_name': 'appel',
            },
        ),
        migrations.CreateModel(
            name='CallHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('started_at', models.DateTimeField(verbose_name='reçu le')),
                ('duration_seconds', models.PositiveIntegerField(blank=True, null=True, verbose_name='durée (s)')),
                ('caller_key', models.CharField(blank=True, db_collation='C', max_length=9, verbose_name='appelant (9 chiffres)')),
                ('reason', models.CharField(choices=[('WHY_MAIL', 'Pourquoi ce courriel'), ('FILE_STATE', 'État du dossier'), ('HOW_TO_FILE', 'Comment déposer'), ('DEADLINE', 'Échéance'), ('CONTACT', 'Changement de coordonnées'), ('SITE', 'Difficulté avec le site'), ('COMPLAINT', 'Mécontentement'), ('OTHER', 'Autre')], max_length=11, verbose_name='motif')),
                ('outcome', models.CharField(choices=[('ANSWERED', 'Répondu'), ('ESCALATED', 'Transmis à un gestionnaire'), ('CALL_BACK', 'À rappeler'), ('COMPLAINT', 'Réclamation enregistrée'), ('LOST', 'Raccroché avant la réponse')], max_length=9, verbose_name='issue')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='note')),
                ('entered_at', models.DateTimeField(verbose_name='saisi le')),
                ('slip', models.CharField(blank=True, db_collation='C', db_default='', max_length=40, verbose_name='fiche')),
                ('call_back_by', models.DateTimeField(blank=True, null=True, verbose_name='rappel promis avant')),
                ('called_back_at', models.DateTimeField(blank=True, null=True, verbose_name='rappelé le')),
                ('agent', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='conseiller')),
                ('called_back_by', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='rappelé par')),
                ('intermediary', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='intermédiaire')),
                ('notice', models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.notice', verbose_name='message en cause')),
                ('pgh_context', models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context')),
                ('pgh_obj', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='hotline.call')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Complaint',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(db_collation='C', max_length=12, unique=True, verbose_name='numéro')),
                ('state', models.CharField(choices=[('SPOKEN', 'Orale, la personne est invitée à écrire'), ('SATISFIED', 'Orale, satisfaite aussitôt'), ('RECEIVED', 'Écrite, à accuser'), ('ACKNOWLEDGED', 'Accusée, à répondre'), ('ANSWERED', 'Répondue'), ('REQUALIFIED', 'Requalifiée en demande')], max_length=12, verbose_name='état')),
                ('channel', models.CharField(choices=[('PHONE', 'Téléphone'), ('COUNTER', 'Sur place'), ('CHAT', 'Conversation sans copie datée'), ('FORM', 'Formulaire en ligne'), ('EMAIL', 'Courriel'), ('LETTER', 'Lettre')], max_length=7, verbose_name='canal')),
                ('matter', models.CharField(choices=[('UNWANTED_MAIL', 'Message reçu à tort'), ('DELAY', 'Retard ou absence de traitement'), ('REPLY_QUALITY', 'Qualité d’une réponse'), ('WELCOME', 'Accueil'), ('REFUSAL', 'Refus ou décision'), ('OTHER', 'Autre')], max_length=13, verbose_name='objet')),
                ('text', models.TextField(verbose_name='ce qui est dit')),
                ('complainant', models.CharField(max_length=250, verbose_name='personne')),
                ('reply_to', models.CharField(blank=True, max_length=500, verbose_name='où répondre')),
                ('spoken_on', models.DateField(blank=True, null=True, verbose_name='dite le')),
                ('invited_on', models.DateField(blank=True, null=True, verbose_name='invitation à écrire le')),
                ('sent_on', models.DateField(blank=True, null=True, verbose_name='envoyée le')),
                ('entered_on', models.DateField(verbose_name='jour de saisie')),
                ('entered_at', models.DateTimeField(verbose_name='saisie le')),
                ('acknowledged_on', models.DateField(blank=True, null=True, verbose_name='accusée le')),
                ('told_late_on', models.DateField(blank=True, null=True, verbose_name='prévenue du retard le')),
                ('answered_on', models.DateField(blank=True, null=True, verbose_name='répondue le')),
                ('outcome', models.CharField(blank=True, choices=[('GRANTED', 'Satisfaction donnée'), ('PARTLY', 'Satisfaction partielle'), ('REFUSED', 'Refus motivé')], db_default='', max_length=7, verbose_name='issue')),
                ('answer', models.TextField(blank=True, db_default='', verbose_name='réponse')),
                ('recourse', models.TextField(blank=True, db_default='', verbose_name='recours indiqué')),
                ('requalified_because', models.CharField(blank=True, db_default='', max_length=500, verbose_name='requalifiée parce que')),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accusée par')),
                ('answered_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='répondue par')),
                ('batch', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reminders.batch', verbose_name='lot en cause')),
                ('entered_by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisie par')),
                ('intermediary', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='registry.intermediary', verbose_name='intermédiaire')),
                ('notice', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='complaints', to='reminders.notice', verbose_name='message en cause')),
                ('told_late_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prévenue par')),
            ],
            options={
                'verbose_name': 'réclamation',
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaintcounter',
            trigger=pgtrigger.compiler.Trigger(name='counter_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7cc9b41bab7a4119223cda8537d8afaf71396ef2', operation='DELETE', pgid='pgtrigger_counter_is_kept_75002', table='hotline_complaintcounter', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaintcounter',
            trigger=pgtrigger.compiler.Trigger(name='counter_goes_up_by_one', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.year <> OLD.year OR NEW.last <> OLD.last + 1 THEN\n                        RAISE EXCEPTION 'complaints are numbered one by one: % cannot follow %', NEW.last, OLD.last;\n                    END IF;\n                    RETURN NEW;\n                ", hash='0bf56ee17ed0a1d906b3d91e5cfebad92880c06d', operation='UPDATE', pgid='pgtrigger_counter_goes_up_by_one_1206b', table='hotline_complaintcounter', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='acknowledged_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='accusée par'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='answered_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='répondue par'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='batch',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.batch', verbose_name='lot en cause'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisie par'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='intermediary',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary', verbose_name='intermédiaire'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='notice',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.notice', verbose_name='message en cause'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='hotline.complaint'),
        ),
        migrations.AddField(
            model_name='complainthistory',
            name='told_late_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='prévenue par'),
        ),
        migrations.AddField(
            model_name='incident',
            name='batch',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='incidents', to='reminders.batch', verbose_name='lot en cause'),
        ),
        migrations.AddField(
            model_name='incident',
            name='declared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='déclaré par'),
        ),
        migrations.AddField(
            model_name='incidenthistory',
            name='batch',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='reminders.batch', verbose_name='lot en cause'),
        ),
        migrations.AddField(
            model_name='incidenthistory',
            name='declared_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='déclaré par'),
        ),
        migrations.AddField(
            model_name='incidenthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='incidenthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='hotline.incident'),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='incidentupdate',
            name='incident',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='updates', to='hotline.incident', verbose_name='incident'),
        ),
        migrations.AddIndex(
            model_name='linecall',
            index=models.Index(fields=['rang_at'], name='linecall_by_time'),
        ),
        migrations.AddConstraint(
            model_name='linecall',
            constraint=models.CheckConstraint(condition=models.Q(('caller_key__regex', '^[0-9]{0,9}$'), models.Q(('line_id', ''), _negated=True)), name='linecall_key_is_digits'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='linecall',
            trigger=pgtrigger.compiler.Trigger(name='linecall_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='71f237b4f648ecceafae8cdeaf65ece96d89ff5d', operation='DELETE', pgid='pgtrigger_linecall_is_kept_c471d', table='hotline_linecall', when='BEFORE')),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(fields=['started_at'], name='call_by_time'),
        ),
        migrations.AddIndex(
            model_name='call',
            index=models.Index(condition=models.Q(('call_back_by__isnull', False), ('called_back_at__isnull', True)), fields=['call_back_by'], name='call_backs'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('reason__in', ['WHY_MAIL', 'FILE_STATE', 'HOW_TO_FILE', 'DEADLINE', 'CONTACT', 'SITE', 'COMPLAINT', 'OTHER']), ('outcome__in', ['ANSWERED', 'ESCALATED', 'CALL_BACK', 'COMPLAINT', 'LOST'])), name='call_codes_are_known'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('caller_key__regex', '^[0-9]{0,9}$')), name='call_key_is_digits'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(('started_at__lte', models.F('entered_at'))), name='call_is_entered_after_it'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('call_back_by__gt', models.F('started_at')), ('call_back_by__isnull', False), ('outcome', 'CALL_BACK')), models.Q(models.Q(('outcome', 'CALL_BACK'), _negated=True), ('call_back_by__isnull', True), ('called_back_at__isnull', True)), _connector='OR'), name='call_back_has_its_hour'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('outcome', 'CALL_BACK'), _negated=True), models.Q(('caller_key', ''), _negated=True), ('intermediary__isnull', False), _connector='OR'), name='call_back_can_be_made', violation_error_message='Un rappel promis a besoin d’un numéro, ou d’un intermédiaire.'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('called_back_at__isnull', True), ('called_back_by__isnull', True)), models.Q(('called_back_at__isnull', False), ('called_back_by__isnull', False)), _connector='OR'), name='call_back_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='call',
            constraint=models.UniqueConstraint(condition=models.Q(('slip', ''), _negated=True), fields=('slip',), name='call_slip_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='call_as_logged_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."id" IS DISTINCT FROM (NEW."id") OR OLD."started_at" IS DISTINCT FROM (NEW."started_at") OR OLD."duration_seconds" IS DISTINCT FROM (NEW."duration_seconds") OR OLD."caller_key" IS DISTINCT FROM (NEW."caller_key") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."notice_id" IS DISTINCT FROM (NEW."notice_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."outcome" IS DISTINCT FROM (NEW."outcome") OR OLD."note" IS DISTINCT FROM (NEW."note") OR OLD."agent_id" IS DISTINCT FROM (NEW."agent_id") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."slip" IS DISTINCT FROM (NEW."slip") OR OLD."call_back_by" IS DISTINCT FROM (NEW."call_back_by"))', func="RAISE EXCEPTION 'pgtrigger: Cannot update rows from % table', TG_TABLE_NAME;", hash='5cac9ef49efe64f58bcd755f6072d53c917775ed', operation='UPDATE', pgid='pgtrigger_call_as_logged_stays_adf09', table='hotline_call', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='call_is_called_back_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."called_back_at" IS NOT NULL)', func="RAISE EXCEPTION 'call % was called back and stays as it is', OLD.id;", hash='b409b684a28b27853f7c609b6e3d0f81f23597d0', operation='UPDATE', pgid='pgtrigger_call_is_called_back_once_00648', table='hotline_call', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='call_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='5cb0efec9592da89f79fb573810eca0fc7c2b61b', operation='DELETE', pgid='pgtrigger_call_is_kept_4b8f7', table='hotline_call', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_callhistory" ("agent_id", "call_back_by", "called_back_at", "called_back_by_id", "caller_key", "duration_seconds", "entered_at", "id", "intermediary_id", "note", "notice_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "slip", "started_at") SELECT new_values."agent_id", new_values."call_back_by", new_values."called_back_at", new_values."called_back_by_id", new_values."caller_key", new_values."duration_seconds", new_values."entered_at", new_values."id", new_values."intermediary_id", new_values."note", new_values."notice_id", new_values."outcome", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."slip", new_values."started_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4ece948689eadcfb69ba47e54aec8810170bb6a6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b92be', referencing='REFERENCING NEW TABLE AS new_values ', table='hotline_call', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "hotline_callhistory" ("agent_id", "call_back_by", "called_back_at", "called_back_by_id", "caller_key", "duration_seconds", "entered_at", "id", "intermediary_id", "note", "notice_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "slip", "started_at") VALUES (NEW."agent_id", NEW."call_back_by", NEW."called_back_at", NEW."called_back_by_id", NEW."caller_key", NEW."duration_seconds", NEW."entered_at", NEW."id", NEW."intermediary_id", NEW."note", NEW."notice_id", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."slip", NEW."started_at"); RETURN NULL;', hash='c9971ba30a81a46b30e826dee8a9b7e776f7e289', operation='UPDATE', pgid='pgtrigger_update_update_d973f', table='hotline_call', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='call',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_callhistory" ("agent_id", "call_back_by", "called_back_at", "called_back_by_id", "caller_key", "duration_seconds", "entered_at", "id", "intermediary_id", "note", "notice_id", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "slip", "started_at") SELECT old_values."agent_id", old_values."call_back_by", old_values."called_back_at", old_values."called_back_by_id", old_values."caller_key", old_values."duration_seconds", old_values."entered_at", old_values."id", old_values."intermediary_id", old_values."note", old_values."notice_id", old_values."outcome", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."slip", old_values."started_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2a3f34e595d3f8ce476a57bde7c4a79a1e0e6615', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_8bf52', referencing='REFERENCING OLD TABLE AS old_values ', table='hotline_call', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(condition=models.Q(('state__in', ['SPOKEN', 'RECEIVED', 'ACKNOWLEDGED'])), fields=['sent_on', 'id'], name='complaint_worklist'),
        ),
        migrations.AddIndex(
            model_name='complaint',
            index=models.Index(fields=['entered_on'], name='complaint_by_day'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('number__regex', '^R-[0-9]{4}-[0-9]{5}$')), name='complaint_number_is_well_formed'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['SPOKEN', 'SATISFIED', 'RECEIVED', 'ACKNOWLEDGED', 'ANSWERED', 'REQUALIFIED']), ('channel__in', ['PHONE', 'COUNTER', 'CHAT', 'FORM', 'EMAIL', 'LETTER']), ('matter__in', ['UNWANTED_MAIL', 'DELAY', 'REPLY_QUALITY', 'WELCOME', 'REFUSAL', 'OTHER'])), name='complaint_codes_are_known'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('text', ''), _negated=True), models.Q(('complainant', ''), _negated=True)), name='complaint_says_something'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('invited_on__isnull', True), ('spoken_on__isnull', True)), models.Q(('invited_on__isnull', True), ('spoken_on__isnull', False), ('state', 'SATISFIED')), models.Q(('invited_on__gte', models.F('spoken_on')), ('invited_on__isnull', False), ('spoken_on__isnull', False), models.Q(('state', 'SATISFIED'), _negated=True)), _connector='OR'), name='complaint_said_aloud_is_invited_or_satisfied', violation_error_message='Orale, elle est satisfaite aussitôt, ou la personne est invitée à écrire.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel__in', ['CHAT', 'COUNTER', 'PHONE']), ('spoken_on__isnull', False)), models.Q(('sent_on__isnull', False), models.Q(('channel__in', ['CHAT', 'COUNTER', 'PHONE']), _negated=True)), _connector='OR'), name='complaint_is_said_or_sent'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_on__isnull', True), ('state__in', ['SPOKEN', 'SATISFIED'])), models.Q(('sent_on__isnull', False), ('state__in', ['RECEIVED', 'ACKNOWLEDGED'])), ('state__in', ['ANSWERED', 'REQUALIFIED']), _connector='OR'), name='complaint_waits_for_writing_or_has_it'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('sent_on__isnull', True), ('spoken_on__isnull', False), ('sent_on__lte', models.F('entered_on')), _connector='OR'), models.Q(('spoken_on__isnull', True), ('spoken_on__lte', models.F('entered_on')), _connector='OR')), name='complaint_is_not_of_the_future', violation_error_message='Une réclamation ne peut pas être postérieure à sa saisie.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('sent_on__isnull', True), ('spoken_on__isnull', True), ('sent_on__gte', models.F('spoken_on')), _connector='OR'), name='complaint_writing_follows_the_words'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('acknowledged_by__isnull', True), ('acknowledged_on__isnull', True), models.Q(('state', 'ACKNOWLEDGED'), _negated=True)), models.Q(('acknowledged_by__isnull', False), ('acknowledged_on__gte', models.F('sent_on')), ('acknowledged_on__isnull', False), ('sent_on__isnull', False), models.Q(('state__in', ['SPOKEN', 'SATISFIED', 'RECEIVED']), _negated=True)), _connector='OR'), name='complaint_acknowledgement_is_whole', violation_error_message='Un accusé de réception ne peut pas précéder l’envoi.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('told_late_by__isnull', True), ('told_late_on__isnull', True)), models.Q(('told_late_by__isnull', False), ('told_late_on__gt', models.F('sent_on')), ('told_late_on__isnull', False), ('sent_on__isnull', False)), _connector='OR'), name='complaint_late_notice_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('answer', ''), ('answered_by__isnull', True), ('answered_on__isnull', True), ('outcome', ''), ('recourse', ''), models.Q(('state', 'ANSWERED'), _negated=True)), models.Q(('answered_by__isnull', False), ('answered_on__gte', django.db.models.functions.comparison.Coalesce(models.F('sent_on'), models.F('spoken_on'))), ('answered_on__isnull', False), ('state', 'ANSWERED'), ('outcome__in', ['GRANTED', 'PARTLY', 'REFUSED']), models.Q(('answer', ''), _negated=True)), _connector='OR'), name='complaint_answer_is_whole', violation_error_message='Une réponse a une issue, un texte, et ne précède pas la réclamation.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('answered_on__isnull', True), ('acknowledged_on__isnull', True), ('answered_on__gte', models.F('acknowledged_on')), _connector='OR'), name='complaint_answer_follows_the_acknowledgement'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('outcome__in', ['', 'GRANTED']), models.Q(('recourse', ''), _negated=True), _connector='OR'), name='complaint_refusal_names_a_recourse', violation_error_message='Un refus, même partiel, dit où la personne peut s’adresser.'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'REQUALIFIED'), models.Q(('requalified_because', ''), _negated=True)), models.Q(models.Q(('state', 'REQUALIFIED'), _negated=True), ('requalified_because', '')), _connector='OR'), name='complaint_requalified_says_why'),
        ),
        migrations.AddConstraint(
            model_name='complaint',
            constraint=models.CheckConstraint(condition=models.Q(('notice__isnull', True), ('batch__isnull', False), _connector='OR'), name='complaint_notice_has_its_batch'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_state_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('SPOANS SPOREC SPOREQ RECACK RECANS RECREQ ACKANS ACKREQ', left(OLD.state, 3) || left(NEW.state, 3)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='69779b10c9034a2dd3795286004c380fa48aa306', operation='UPDATE OF "state"', pgid='pgtrigger_complaint_state_follows_b2bdd', table='hotline_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_as_entered_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."channel" IS DISTINCT FROM (NEW."channel") OR OLD."entered_at" IS DISTINCT FROM (NEW."entered_at") OR OLD."entered_by_id" IS DISTINCT FROM (NEW."entered_by_id") OR OLD."entered_on" IS DISTINCT FROM (NEW."entered_on") OR OLD."invited_on" IS DISTINCT FROM (NEW."invited_on") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."spoken_on" IS DISTINCT FROM (NEW."spoken_on") OR OLD."text" IS DISTINCT FROM (NEW."text"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='e058cb5de0fa79db9704886f6a8c216b07a49cdd', operation='UPDATE OF "number", "channel", "text", "spoken_on", "invited_on", "entered_on", "entered_at", "entered_by_id"', pgid='pgtrigger_complaint_as_entered_stays_c3119', table='hotline_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_sending_day_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."sent_on" IS DISTINCT FROM (NEW."sent_on") AND OLD."sent_on" IS NOT NULL)', func="RAISE EXCEPTION 'complaint %: the day of sending stays as it is', OLD.number;", hash='5f3a0f77bec991fdd7047593a92ea5767c59fcea', operation='UPDATE OF "sent_on"', pgid='pgtrigger_complaint_sending_day_stays_19e2d', table='hotline_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_that_is_over_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" IN (\'SATISFIED\', \'ANSWERED\', \'REQUALIFIED\'))', func="RAISE EXCEPTION 'complaint % is over and stays as it is', OLD.number;", hash='3af6ad2ca9e1c0b0a5e5d8ee6c60e057dc870348', operation='UPDATE', pgid='pgtrigger_complaint_that_is_over_stays_a2571', table='hotline_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='complaint_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2f8d22d6230c0fa733698156f981f276ac58b632', operation='DELETE', pgid='pgtrigger_complaint_is_kept_d24f7', table='hotline_complaint', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_complainthistory" ("acknowledged_by_id", "acknowledged_on", "answer", "answered_by_id", "answered_on", "batch_id", "channel", "complainant", "entered_at", "entered_by_id", "entered_on", "id", "intermediary_id", "invited_on", "matter", "notice_id", "number", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recourse", "reply_to", "requalified_because", "sent_on", "spoken_on", "state", "text", "told_late_by_id", "told_late_on") SELECT new_values."acknowledged_by_id", new_values."acknowledged_on", new_values."answer", new_values."answered_by_id", new_values."answered_on", new_values."batch_id", new_values."channel", new_values."complainant", new_values."entered_at", new_values."entered_by_id", new_values."entered_on", new_values."id", new_values."intermediary_id", new_values."invited_on", new_values."matter", new_values."notice_id", new_values."number", new_values."outcome", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."recourse", new_values."reply_to", new_values."requalified_because", new_values."sent_on", new_values."spoken_on", new_values."state", new_values."text", new_values."told_late_by_id", new_values."told_late_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='22a9b354bb6d50227ec606dfc2cf2045343585d0', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_79873', referencing='REFERENCING NEW TABLE AS new_values ', table='hotline_complaint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "hotline_complainthistory" ("acknowledged_by_id", "acknowledged_on", "answer", "answered_by_id", "answered_on", "batch_id", "channel", "complainant", "entered_at", "entered_by_id", "entered_on", "id", "intermediary_id", "invited_on", "matter", "notice_id", "number", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recourse", "reply_to", "requalified_because", "sent_on", "spoken_on", "state", "text", "told_late_by_id", "told_late_on") VALUES (NEW."acknowledged_by_id", NEW."acknowledged_on", NEW."answer", NEW."answered_by_id", NEW."answered_on", NEW."batch_id", NEW."channel", NEW."complainant", NEW."entered_at", NEW."entered_by_id", NEW."entered_on", NEW."id", NEW."intermediary_id", NEW."invited_on", NEW."matter", NEW."notice_id", NEW."number", NEW."outcome", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recourse", NEW."reply_to", NEW."requalified_because", NEW."sent_on", NEW."spoken_on", NEW."state", NEW."text", NEW."told_late_by_id", NEW."told_late_on"); RETURN NULL;', hash='8bd640052e5992244263c9593770553525577a7b', operation='UPDATE', pgid='pgtrigger_update_update_e3146', table='hotline_complaint', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='complaint',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_complainthistory" ("acknowledged_by_id", "acknowledged_on", "answer", "answered_by_id", "answered_on", "batch_id", "channel", "complainant", "entered_at", "entered_by_id", "entered_on", "id", "intermediary_id", "invited_on", "matter", "notice_id", "number", "outcome", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recourse", "reply_to", "requalified_because", "sent_on", "spoken_on", "state", "text", "told_late_by_id", "told_late_on") SELECT old_values."acknowledged_by_id", old_values."acknowledged_on", old_values."answer", old_values."answered_by_id", old_values."answered_on", old_values."batch_id", old_values."channel", old_values."complainant", old_values."entered_at", old_values."entered_by_id", old_values."entered_on", old_values."id", old_values."intermediary_id", old_values."invited_on", old_values."matter", old_values."notice_id", old_values."number", old_values."outcome", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recourse", old_values."reply_to", old_values."requalified_because", old_values."sent_on", old_values."spoken_on", old_values."state", old_values."text", old_values."told_late_by_id", old_values."told_late_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='d045be57fd720ee5db6bed7d490e607b0b7d07da', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_1f9e6', referencing='REFERENCING OLD TABLE AS old_values ', table='hotline_complaint', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='incident',
            index=models.Index(condition=models.Q(('state', 'RESOLVED'), _negated=True), fields=['id'], name='incident_open'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['INVESTIGATING', 'IDENTIFIED', 'MONITORING', 'RESOLVED'])), name='incident_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('message', ''), _negated=True), name='incident_says_something'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['IDENTIFIED', 'MONITORING', 'RESOLVED']), _negated=True), models.Q(('cause', ''), _negated=True), _connector='OR'), name='incident_names_its_cause', violation_error_message='Une fois la cause trouvée, elle est dite.'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('next_update_at__isnull', True), ('resolved_at__isnull', False), ('state', 'RESOLVED')), models.Q(models.Q(('state', 'RESOLVED'), _negated=True), ('next_update_at__gt', models.F('updated_at')), ('next_update_at__isnull', False), ('resolved_at__isnull', True)), _connector='OR'), name='incident_says_when_next', violation_error_message='Un incident ouvert dit quand viendra la prochaine information.'),
        ),
        migrations.AddConstraint(
            model_name='incident',
            constraint=models.CheckConstraint(condition=models.Q(('batch_paused', False), ('batch__isnull', False), _connector='OR'), name='incident_paused_a_batch'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='incident_state_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('INID INMO INRE IDIN IDMO IDRE MOID MOIN MORE', left(OLD.state, 2) || left(NEW.state, 2)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='b44b30fd431576803663f0c76eb671500c67f651', operation='UPDATE OF "state"', pgid='pgtrigger_incident_state_follows_24aad', table='hotline_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='incident_as_declared_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."batch_paused" IS DISTINCT FROM (NEW."batch_paused") OR OLD."declared_at" IS DISTINCT FROM (NEW."declared_at") OR OLD."declared_by_id" IS DISTINCT FROM (NEW."declared_by_id") OR OLD."sending_stopped" IS DISTINCT FROM (NEW."sending_stopped"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='84771a3f08efe49350e5ca3e87fb2bb55259144b', operation='UPDATE OF "batch_id", "batch_paused", "sending_stopped", "declared_at", "declared_by_id"', pgid='pgtrigger_incident_as_declared_stays_da32f', table='hotline_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='incident_that_is_over_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'RESOLVED\')', func="RAISE EXCEPTION 'incident % is over and stays as it is', OLD.id;", hash='97639e016b88cb35b49089d1f1755d5af632cf2f', operation='UPDATE', pgid='pgtrigger_incident_that_is_over_stays_d3472', table='hotline_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='incident_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='b95d161dede12389f7d2f1f28751afe430210aea', operation='DELETE', pgid='pgtrigger_incident_is_kept_0364f', table='hotline_incident', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_incidenthistory" ("batch_id", "batch_paused", "cause", "declared_at", "declared_by_id", "id", "message", "next_update_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_at", "sending_stopped", "state", "updated_at") SELECT new_values."batch_id", new_values."batch_paused", new_values."cause", new_values."declared_at", new_values."declared_by_id", new_values."id", new_values."message", new_values."next_update_at", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."resolved_at", new_values."sending_stopped", new_values."state", new_values."updated_at" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='4e7f81f467598665a3f9495f0b0301ac667b34f9', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b8377', referencing='REFERENCING NEW TABLE AS new_values ', table='hotline_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "hotline_incidenthistory" ("batch_id", "batch_paused", "cause", "declared_at", "declared_by_id", "id", "message", "next_update_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_at", "sending_stopped", "state", "updated_at") VALUES (NEW."batch_id", NEW."batch_paused", NEW."cause", NEW."declared_at", NEW."declared_by_id", NEW."id", NEW."message", NEW."next_update_at", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."resolved_at", NEW."sending_stopped", NEW."state", NEW."updated_at"); RETURN NULL;', hash='0fba69f247dcd53669fbf22b6a2b9cf1daef3767', operation='UPDATE', pgid='pgtrigger_update_update_8875b', table='hotline_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incident',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "hotline_incidenthistory" ("batch_id", "batch_paused", "cause", "declared_at", "declared_by_id", "id", "message", "next_update_at", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolved_at", "sending_stopped", "state", "updated_at") SELECT old_values."batch_id", old_values."batch_paused", old_values."cause", old_values."declared_at", old_values."declared_by_id", old_values."id", old_values."message", old_values."next_update_at", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."resolved_at", old_values."sending_stopped", old_values."state", old_values."updated_at" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='28ee2bf57afa4c133c1bc31317c05e66f84db529', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_974f5', referencing='REFERENCING OLD TABLE AS old_values ', table='hotline_incident', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incidentupdate',
            trigger=pgtrigger.compiler.Trigger(name='incidentupdate_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='6ad9e333e1f527b2577d4ba0a60800334e002041', operation='DELETE OR UPDATE', pgid='pgtrigger_incidentupdate_is_kept_b91a3', table='hotline_incidentupdate', when='BEFORE')),
        ),
        migrations.RunPython(make_roles, migrations.RunPython.noop),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
