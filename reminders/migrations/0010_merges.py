"""A wave once per person, under whatever number; who sees and who approves merges."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations, models
from registry.migrating import QuickMigration


SHOWN = ("contact", "addresscheck", "intermediarymerge", "duplicatedismissal")
EVERYBODY = ("registry_officer", "approver", "hotline_agent", "auditor", "administrator")
APPROVERS = ("approver", "administrator")


def grant(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    shown = [permission(apps, f"view_{model}", model) for model in SHOWN]
    for role in EVERYBODY:
        group.objects.get(name=role).permissions.add(*shown)
    for role in APPROVERS:
        group.objects.get(name=role).permissions.add(
            permission(apps, "approve_intermediarymerge", "intermediarymerge")
        )


def permission(apps, codename, model):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    of, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="registry", model=model)
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=of, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return made


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0009_history_stays'),
        ('registry', '0006_merges_and_contacts'),
        ('auth', '0012_alter_user_first_name_max_length'),
        ('contenttypes', '0002_remove_content_type_name'),
    ]

    operations = [
        migrations.AlterField(
            model_name='leftout',
            name='reason',
            field=models.CharField(choices=[('REMOVED', 'inscription supprimée ou radiée'), ('NOT_YET_REGISTERED', 'inscription pas encore effective'), ('SUSPENDED', 'inscription suspendue'), ('COMPLETE', 'dossier complet'), ('AWAITING_REVIEW', 'pièce reçue, en attente de notre contrôle'), ('REGISTERED_TOO_LATE', 'inscrit trop tard pour cette campagne'), ('NOT_DUE', 'aucune relance prévue à cette date'), ('NO_WAVE_LEFT', 'toutes les relances sont passées'), ('IN_LIVE_BATCH', 'déjà prévu dans un lot en cours'), ('ALREADY_REMINDED', 'déjà relancé pour cette échéance'), ('TOO_SOON', 'relancé il y a trop peu de jours'), ('NO_EMAIL', 'aucune adresse électronique'), ('ADDRESS_DEAD', 'adresse électronique hors d’usage'), ('FACTS_CHANGED', 'dossier modifié depuis la préparation du lot'), ('MERGED', 'dossier fusionné avec un autre numéro'), ('OTHER_WAVE', 'relevant d’une autre vague que celle demandée')], max_length=20, verbose_name='motif'),
        ),
        migrations.AlterField(
            model_name='notice',
            name='reason',
            field=models.CharField(blank=True, choices=[('REMOVED', 'inscription supprimée ou radiée'), ('NOT_YET_REGISTERED', 'inscription pas encore effective'), ('SUSPENDED', 'inscription suspendue'), ('COMPLETE', 'dossier complet'), ('AWAITING_REVIEW', 'pièce reçue, en attente de notre contrôle'), ('REGISTERED_TOO_LATE', 'inscrit trop tard pour cette campagne'), ('NOT_DUE', 'aucune relance prévue à cette date'), ('NO_WAVE_LEFT', 'toutes les relances sont passées'), ('IN_LIVE_BATCH', 'déjà prévu dans un lot en cours'), ('ALREADY_REMINDED', 'déjà relancé pour cette échéance'), ('TOO_SOON', 'relancé il y a trop peu de jours'), ('NO_EMAIL', 'aucune adresse électronique'), ('ADDRESS_DEAD', 'adresse électronique hors d’usage'), ('FACTS_CHANGED', 'dossier modifié depuis la préparation du lot'), ('MERGED', 'dossier fusionné avec un autre numéro'), ('OTHER_WAVE', 'relevant d’une autre vague que celle demandée')], max_length=20, verbose_name='motif'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='noticeitem',
            trigger=pgtrigger.compiler.Trigger(name='noticeitem_once_per_person', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n    IF EXISTS (\n        SELECT FROM registry_intermediary m\n        JOIN new_rows i ON i.intermediary_id = m.merged_into_id\n        JOIN reminders_noticeitem h ON h.intermediary_id = m.id AND h.held\n                                   AND h.kind = i.kind AND h.term = i.term AND h.wave = i.wave\n        JOIN reminders_notice n ON n.id = h.notice_id AND n.state NOT IN ('CLAIMED', 'DEFERRED', 'PLANNED')\n        JOIN reminders_notice own ON own.id = i.notice_id\n        JOIN reminders_batch b ON b.id = own.batch_id\n        -- What the journal brings back has left, whatever is thought of it now.\n        WHERE m.merged_into_id IS NOT NULL AND b.only_wave IS DISTINCT FROM 'JOURNAL'\n    ) THEN\n        RAISE EXCEPTION 'this wave was held under a number that has been merged into this one'\n            USING ERRCODE = 'unique_violation', CONSTRAINT = 'noticeitem_once_per_person';\n    END IF;\n    RETURN NULL;\n", hash='aafccec65ce729a9db08509cd5231fab69fda9a1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_noticeitem_once_per_person_b2c80', referencing='REFERENCING NEW TABLE AS new_rows ', table='reminders_noticeitem', when='AFTER')),
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
