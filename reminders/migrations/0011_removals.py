"""Reminders prove the notice of a removal case; who signs one; the ledger without the address of a file destroyed."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration

# Registry migration 0006 made this function for a register without a ledger: there no mail proves anything.
MAIL_PROVES = """
CREATE OR REPLACE FUNCTION registry_mail_proves(of_case bigint, of_key text, on_day date) RETURNS boolean
LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM registry_removalcase c
        JOIN registry_registration r ON r.id = c.registration_id
        JOIN reminders_notice n ON n.intermediary_id = c.intermediary_id AND n.key = of_key
        JOIN reminders_attempt a ON a.notice_id = n.id
        CROSS JOIN LATERAL jsonb_array_elements(n.items) AS item
        WHERE c.id = of_case AND c.ground = 'COVER' AND n.state = 'ACCEPTED' AND n.corrects_id IS NULL
          AND a.verdict = 'ACCEPTED' AND (a.finished_at AT TIME ZONE 'Europe/Paris')::date = on_day
          AND item -> 'categories' ? r.category AND (item ->> 'term')::date > c.opened_on - 366
    )
$$;
"""
MAIL_PROVES_NOTHING = """
CREATE OR REPLACE FUNCTION registry_mail_proves(of_case bigint, of_key text, on_day date) RETURNS boolean
LANGUAGE sql STABLE AS 'SELECT false';
"""

SIGN, PURGE = ("registry", "removalcase", "sign_removal"), ("registry", "removalcase", "purge_files")
VIEW = [
    ("registry", model, f"view_{model}")
    for model in (
        "removalcase", "caseproof", "letter", "authorityorder", "commissionmember", "commissionsession", "resolution",
        "ballot", "procedureterm", "pastregistration", "legalhold", "purgecertificate", "purgedfile",
    )
]
MEMBERS = [("registry", "commissionmember", f"{act}_commissionmember") for act in ("add", "change")]
ROLES = {
    "registry_officer": VIEW,
    "approver": [*VIEW, SIGN],
    "hotline_agent": VIEW,
    "auditor": VIEW,
    "administrator": [*VIEW, *MEMBERS, SIGN, PURGE],
}


def extend_roles(apps, schema_editor):
    for role, permissions in ROLES.items():
        group = apps.get_model("auth", "Group").objects.get(name=role)
        group.permissions.add(*(permission(apps, *named) for named in permissions))


def permission(apps, app_label, model, codename):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app_label, model=model)
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return made


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0008_removals'),
        ('reminders', '0010_merges'),
    ]

    operations = [
        pgtrigger.migrations.RemoveTrigger(
            model_name='addressconfirmation',
            name='addressconfirmation_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='attempt',
            name='attempt_is_completed_once',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='bounce',
            name='bounce_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='leftout',
            name='leftout_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='notice',
            name='notice_is_frozen',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='settlement',
            name='settlement_stands',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='wrongreport',
            name='wrongreport_is_kept',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addressconfirmation',
            trigger=pgtrigger.compiler.Trigger(name='addressconfirmation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='99facb244eed3421fefc054ce275fb83c2a4ffc7', operation='DELETE OR UPDATE', pgid='pgtrigger_addressconfirmation_is_kept_e89bc', table='reminders_addressconfirmation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='attempt',
            trigger=pgtrigger.compiler.Trigger(name='attempt_is_completed_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NOT (OLD."verdict" = \'\'))', func="\n                    IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                        RETURN NEW;\n                    END IF;\n                    RAISE EXCEPTION 'attempt % is complete and stays as it is', OLD.id;\n                ", hash='4fa0cf346e9004d044bb0f411e32443c83bb4e19', operation='UPDATE', pgid='pgtrigger_attempt_is_completed_once_2347b', table='reminders_attempt', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='bounce',
            trigger=pgtrigger.compiler.Trigger(name='bounce_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='3b9885e926cec486a0ec67300f5fb7a74d3e141b', operation='DELETE OR UPDATE', pgid='pgtrigger_bounce_is_kept_72e67', table='reminders_bounce', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='leftout',
            trigger=pgtrigger.compiler.Trigger(name='leftout_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='468c419cb750e1c4469d258d47143aa6e4350cb9', operation='DELETE OR UPDATE', pgid='pgtrigger_leftout_is_kept_fc92a', table='reminders_leftout', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."batch_id" IS DISTINCT FROM (NEW."batch_id") OR OLD."body_digest" IS DISTINCT FROM (NEW."body_digest") OR OLD."corrects_id" IS DISTINCT FROM (NEW."corrects_id") OR OLD."facts_version" IS DISTINCT FROM (NEW."facts_version") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."items" IS DISTINCT FROM (NEW."items") OR OLD."key" IS DISTINCT FROM (NEW."key") OR OLD."not_after" IS DISTINCT FROM (NEW."not_after") OR OLD."rank" IS DISTINCT FROM (NEW."rank") OR OLD."recall_class" IS DISTINCT FROM (NEW."recall_class"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='697869d72add45a40052f433997c9a6bee027476', operation='UPDATE OF "batch_id", "intermediary_id", "rank", "key", "items", "not_after", "body_digest", "facts_version", "corrects_id", "recall_class"', pgid='pgtrigger_notice_is_frozen_09b17', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='notice',
            trigger=pgtrigger.compiler.Trigger(name='notice_keeps_its_address', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."email" IS DISTINCT FROM (NEW."email"))', func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='25983dd59e4d2ac040ae54184dda80dfdfced426', operation='UPDATE OF "email"', pgid='pgtrigger_notice_keeps_its_address_8099e', table='reminders_notice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='settlement',
            trigger=pgtrigger.compiler.Trigger(name='settlement_stands', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='c6f36f51e3a5eafb357691ad511cd61d74a65781', operation='DELETE OR UPDATE', pgid='pgtrigger_settlement_stands_efce7', table='reminders_settlement', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='wrongreport',
            trigger=pgtrigger.compiler.Trigger(name='wrongreport_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='43a3234422cc33d8fa82061819f118399e316ef5', operation='DELETE OR UPDATE', pgid='pgtrigger_wrongreport_is_kept_e5470', table='reminders_wrongreport', when='BEFORE')),
        ),
        migrations.RunSQL(MAIL_PROVES, MAIL_PROVES_NOTHING),
        migrations.RunPython(extend_roles, migrations.RunPython.noop),
    ]
