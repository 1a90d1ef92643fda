"""What came back: bounces, addresses that no longer work, uncertain notices settled, notes on incidents."""

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


LEDGER = ("bounce", "addresstroublerow", "addressconfirmation", "settlement", "incidentnote")
VIEW_ALL = [f"reminders.view_{m}" for m in LEDGER]
FOLLOW_UP = [f"reminders.add_{m}" for m in ("addressconfirmation", "settlement", "incidentnote")]
ROLES = {
    "registry_officer": VIEW_ALL + FOLLOW_UP,
    "approver": VIEW_ALL + FOLLOW_UP,
    "hotline_agent": VIEW_ALL,
    "auditor": VIEW_ALL,
    "administrator": VIEW_ALL + FOLLOW_UP,
}

# Grouped by the column of what came back, so that asking for a few reads their rows alone, and not the whole ledger.
# Collation C: lower() is that of ASCII, as in the rules, whatever the server's language.
CREATE_TROUBLE = """
CREATE VIEW reminders_addresstrouble AS
WITH returned AS (
    SELECT n.intermediary_id, lower(n.email COLLATE "C") AS email, b.kind = 'HARD_ADDRESS' AS hard, b.reported_at AS at
    FROM reminders_bounce b
    JOIN reminders_notice n ON n.id = b.notice_id
    WHERE b.kind IN ('HARD_ADDRESS', 'SOFT')
    UNION ALL
    SELECT n.intermediary_id, lower(n.email COLLATE "C"), true, a.finished_at
    FROM reminders_notice n
    JOIN reminders_attempt a ON a.notice_id = n.id AND a.verdict = 'REFUSED_ADDRESS'
    WHERE n.state = 'REFUSED'
)
SELECT r.intermediary_id, i.email,
       (count(*) FILTER (WHERE r.hard))::integer AS hard,
       (count(DISTINCT (r.at AT TIME ZONE 'Europe/Paris')::date) FILTER (WHERE NOT r.hard))::integer AS soft_days,
       min(r.at) AS first_at, max(r.at) AS last_at
FROM returned r
JOIN registry_intermediary i ON i.id = r.intermediary_id AND lower(i.email COLLATE "C") = r.email
WHERE NOT EXISTS (
    SELECT FROM reminders_addressconfirmation c
    WHERE c.intermediary_id = r.intermediary_id AND lower(c.email COLLATE "C") = r.email AND c.at >= r.at
)
GROUP BY r.intermediary_id, i.email
"""
DROP_TROUBLE = "DROP VIEW reminders_addresstrouble"


def widen_roles(apps, schema_editor):
    for role, permissions in ROLES.items():
        group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=role)
        group.permissions.add(*[permission(apps, name) for name in permissions])


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
        ('registry', '0002_reference_rows'),
        ('reminders', '0004_recall'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AddressTroubleRow',
            fields=[
                ('intermediary', models.OneToOneField(on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='registry.intermediary', verbose_name='intermédiaire')),
                ('email', models.CharField(max_length=254, verbose_name='adresse')),
                ('hard', models.IntegerField(verbose_name='retours définitifs')),
                ('soft_days', models.IntegerField(verbose_name='jours de retours passagers')),
                ('first_at', models.DateTimeField(verbose_name='depuis')),
                ('last_at', models.DateTimeField(verbose_name='dernier retour')),
            ],
            options={
                'verbose_name': 'adresse en défaut',
                'verbose_name_plural': 'adresses en défaut',
                'db_table': 'reminders_addresstrouble',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='AddressConfirmation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('email', models.CharField(max_length=254, verbose_name='adresse')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'adresse confirmée',
                'verbose_name_plural': 'adresses confirmées',
            },
        ),
        migrations.CreateModel(
            name='Bounce',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('HARD_ADDRESS', 'Retour définitif\xa0: adresse hors d’usage'), ('HARD_FORWARD', 'Retour définitif d’une adresse de réexpédition'), ('HARD_OURS', 'Retour définitif\xa0: refus d’une autre cause'), ('SOFT', 'Retour passager\xa0: abandonné après plusieurs essais'), ('DELAYED', 'Retardé, encore en cours de remise'), ('DELIVERED', 'Remis dans la boîte'), ('RELAYED', 'Transmis à un serveur qui n’en dira pas plus'), ('AUTO_REPLY', 'Réponse automatique'), ('COMPLAINT', 'Signalé comme indésirable'), ('OTHER', 'Rapport à lire par une personne')], max_length=12, verbose_name='nature')),
                ('recipient', models.CharField(blank=True, max_length=254, verbose_name='destinataire annoncé')),
                ('status', models.CharField(blank=True, max_length=20, verbose_name='code')),
                ('diagnostic', models.CharField(blank=True, max_length=500, verbose_name='diagnostic')),
                ('reporter', models.CharField(blank=True, max_length=254, verbose_name='serveur')),
                ('reported_at', models.DateTimeField(verbose_name='daté du')),
                ('stored_at', models.DateTimeField(verbose_name='lu le')),
                ('message_id', models.CharField(blank=True, db_collation='C', max_length=255, verbose_name='identifiant du rapport')),
                ('digest', models.CharField(db_collation='C', max_length=64, unique=True, verbose_name='empreinte')),
            ],
            options={
                'verbose_name': 'rejet',
            },
        ),
        migrations.CreateModel(
            name='IncidentNote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('text', models.TextField(verbose_name='note')),
                ('at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'note d’incident',
                'verbose_name_plural': 'notes d’incident',
            },
        ),
        migrations.CreateModel(
            name='Settlement',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('decision', models.CharField(choices=[('AS_SENT', 'tenue pour envoyée'), ('SEND_AGAIN', 'à prévoir de nouveau')], max_length=10, verbose_name='décision')),
                ('evidence', models.CharField(choices=[('REPORT', 'rapport de remise ou de retour'), ('RELAY_LOG', 'journal du relais'), ('PERSON', 'décision d’une personne')], max_length=9, verbose_name='fondement')),
                ('reason', models.TextField(blank=True, verbose_name='motif')),
                ('at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'règlement',
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='noticeitem',
            name='noticeitem_sent_stays_held',
        ),
        migrations.AlterField(
            model_name='leftout',
            name='reason',
            field=models.CharField(choices=[('REMOVED', 'inscription supprimée ou radiée'), ('NOT_YET_REGISTERED', 'inscription pas encore effective'), ('SUSPENDED', 'inscription suspendue'), ('COMPLETE', 'dossier complet'), ('AWAITING_REVIEW', 'pièce reçue, en attente de notre contrôle'), ('REGISTERED_TOO_LATE', 'inscrit trop tard pour cette campagne'), ('NOT_DUE', 'aucune relance prévue à cette date'), ('NO_WAVE_LEFT', 'toutes les relances sont passées'), ('IN_LIVE_BATCH', 'déjà prévu dans un lot en cours'), ('ALREADY_REMINDED', 'déjà relancé pour cette échéance'), ('TOO_SOON', 'relancé il y a trop peu de jours'), ('NO_EMAIL', 'aucune adresse électronique'), ('ADDRESS_DEAD', 'adresse électronique hors d’usage'), ('FACTS_CHANGED', 'dossier modifié depuis la préparation du lot'), ('OTHER_WAVE', 'relevant d’une autre vague que celle demandée')], max_length=20, verbose_name='motif'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='reason',
            field=models.CharField(blank=True, choices=[('REMOVED', 'inscription supprimée ou radiée'), ('NOT_YET_REGISTERED', 'inscription pas encore effective'), ('SUSPENDED', 'inscription suspendue'), ('COMPLETE', 'dossier complet'), ('AWAITING_REVIEW', 'pièce reçue, en attente de notre contrôle'), ('REGISTERED_TOO_LATE', 'inscrit trop tard pour cette campagne'), ('NOT_DUE', 'aucune relance prévue à cette date'), ('NO_WAVE_LEFT', 'toutes les relances sont passées'), ('IN_LIVE_BATCH', 'déjà prévu dans un lot en cours'), ('ALREADY_REMINDED', 'déjà relancé pour cette échéance'), ('TOO_SOON', 'relancé il y a trop peu de jours'), ('NO_EMAIL', 'aucune adresse électronique'), ('ADDRESS_DEAD', 'adresse électronique hors d’usage'), ('FACTS_CHANGED', 'dossier modifié depuis la préparation du lot'), ('OTHER_WAVE', 'relevant d’une autre vague que celle demandée')], max_length=20, verbose_name='motif'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticeitem',
            trigger=pgtrigger.compiler.Trigger(name='noticeitem_sent_stays_held', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT NEW."held" AND OLD."held")', func="\n                    IF NOT EXISTS (\n                        SELECT FROM reminders_notice WHERE id = OLD.notice_id AND state IN ('CANCELLED', 'EXPIRED', 'SKIPPED')\n                    ) AND NOT EXISTS (\n                        -- A person's word, row by row, on one that may have left.\n                        SELECT FROM reminders_settlement WHERE notice_id = OLD.notice_id AND decision = 'SEND_AGAIN'\n                    ) THEN\n                        RAISE EXCEPTION 'the waves of notice % stay held: it may have left', OLD.notice_id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='487a1e0e3f486d3350806043ecb1b98b75526561', operation='UPDATE', pgid='pgtrigger_noticeitem_sent_stays_held_37c94', table='reminders_noticeitem', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='addressconfirmation',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='addressconfirmation',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.intermediary', verbose_name='intermédiaire'),
        ),
        migrations.AddField(
            model_name='bounce',
            name='notice',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='bounces', to='reminders.notice', verbose_name='relance'),
        ),
        migrations.AddField(
            model_name='incidentnote',
            name='batch',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='notes', to='reminders.batch', verbose_name='lot'),
        ),
        migrations.AddField(
            model_name='incidentnote',
            name='by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='bounce',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='reminders.bounce', verbose_name='rapport'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='by',
            field=models.ForeignKey(null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='settlement',
            name='notice',
            field=models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, related_name='settlement', to='reminders.notice', verbose_name='relance'),
        ),
        migrations.AddConstraint(
            model_name='addressconfirmation',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('reason', ''), _negated=True), models.Q(('email', ''), _negated=True)), name='addressconfirmation_says_why'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addressconfirmation',
            trigger=pgtrigger.compiler.Trigger(name='addressconfirmation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='30216f5f6f745b4e8f02a14f53d4ecd4b0e6ff40', operation='DELETE OR UPDATE', pgid='pgtrigger_addressconfirmation_is_kept_e89bc', table='reminders_addressconfirmation', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='bounce',
            constraint=models.UniqueConstraint(condition=models.Q(('message_id', ''), _negated=True), fields=('message_id', 'notice'), name='bounce_once', nulls_distinct=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bounce',
            trigger=pgtrigger.compiler.Trigger(name='bounce_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='1406a9447a904f5e0fbb4885620a81a50cfdafaa', operation='DELETE OR UPDATE', pgid='pgtrigger_bounce_is_kept_72e67', table='reminders_bounce', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='incidentnote',
            constraint=models.CheckConstraint(condition=models.Q(('text', ''), _negated=True), name='incidentnote_says_something'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='incidentnote',
            trigger=pgtrigger.compiler.Trigger(name='incidentnote_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='180d1672aca3a05c50be3d98968ca35d1f91c5dc', operation='DELETE OR UPDATE', pgid='pgtrigger_incidentnote_is_kept_2dc93', table='reminders_incidentnote', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('decision', 'SEND_AGAIN'), _negated=True), ('evidence', 'PERSON'), _connector='OR'), name='settlement_again_is_a_persons_decision'),
        ),
        migrations.AddConstraint(
            model_name='settlement',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('bounce__isnull', False), ('by__isnull', True), ('evidence', 'REPORT')), models.Q(('bounce__isnull', True), ('by__isnull', False), ('evidence__in', ['RELAY_LOG', 'PERSON']), models.Q(('reason', ''), _negated=True)), _connector='OR'), name='settlement_rests_on_something'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='settlement_stands', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='e7933cbe1b678587667be736856512148ff50660', operation='DELETE OR UPDATE', pgid='pgtrigger_settlement_stands_efce7', table='reminders_settlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='settlement_is_of_an_uncertain_notice', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM reminders_notice WHERE id = NEW.notice_id AND state = 'UNCERTAIN'\n                    ) THEN\n                        RAISE EXCEPTION 'notice % is not uncertain: there is nothing to settle', NEW.notice_id;\n                    END IF;\n                    RETURN NEW;\n                ", hash='57a7ee07c7b83c6d8ad9c295c98312551c7581ee', operation='INSERT', pgid='pgtrigger_settlement_is_of_an_uncertain_notice_50ab2', table='reminders_settlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='settlement_again_frees_the_waves', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."decision" = \'SEND_AGAIN\')', func='\n                    UPDATE reminders_noticeitem SET held = false WHERE notice_id = NEW.notice_id;\n                    RETURN NULL;\n                ', hash='2e05a31e5cd9cd570373850e2d2a1a2789c91400', operation='INSERT', pgid='pgtrigger_settlement_again_frees_the_waves_92731', table='reminders_settlement', when='AFTER')),
        ),
        migrations.RunSQL(CREATE_TROUBLE, DROP_TROUBLE),
        migrations.RunPython(widen_roles, migrations.RunPython.noop),
    ]
