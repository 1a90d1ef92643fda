"""The purge reaches contacts, merges, issuers' words and signals, and a merged number goes with the file it leads to."""

import pgtrigger.compiler
import pgtrigger.migrations
from django.db import migrations
from registry.migrating import QuickMigration


_RIPE = """
SELECT r.intermediary_id,
       greatest((max(r.removed_on) + interval '5 years')::date, max(o.barred_until)) + 1 AS purge_from
FROM registry_registration r
LEFT JOIN registry_authorityorder o ON o.intermediary_id = r.intermediary_id
GROUP BY r.intermediary_id
HAVING bool_and(r.removed_on IS NOT NULL)
   AND NOT EXISTS (SELECT FROM registry_legalhold h WHERE h.intermediary_id = r.intermediary_id AND h.lifted_at IS NULL)
   AND NOT EXISTS (SELECT FROM registry_removalcase c WHERE c.intermediary_id = r.intermediary_id
                   AND c.state NOT IN ('PUBLISHED', 'WITHDRAWN', 'DISMISSED'))
   AND NOT EXISTS (SELECT FROM registry_authorityorder u WHERE u.intermediary_id = r.intermediary_id AND u.confirmed_at IS NULL)
"""
BEFORE = f"""
CREATE OR REPLACE VIEW registry_purgeable AS
{_RIPE} AND NOT EXISTS (SELECT FROM registry_purgedfile p WHERE p.intermediary_id = r.intermediary_id)
"""
# A merged number without registrations of its own is part of the file it leads to; with a removal of its own, it waits
# for the later of both.
PURGEABLE = f"""
CREATE OR REPLACE VIEW registry_purgeable AS
WITH ripe AS ({_RIPE}),
ready AS (
    SELECT i.id AS intermediary_id, greatest(own.purge_from, led.purge_from) AS purge_from
    FROM registry_intermediary i
    LEFT JOIN ripe own ON own.intermediary_id = i.id
    LEFT JOIN ripe led ON led.intermediary_id = i.merged_into_id
    WHERE (i.merged_into_id IS NULL OR led.intermediary_id IS NOT NULL
           OR EXISTS (SELECT FROM registry_purgedfile p WHERE p.intermediary_id = i.merged_into_id))
      AND (own.intermediary_id IS NOT NULL OR i.merged_into_id IS NOT NULL
           AND NOT EXISTS (SELECT FROM registry_registration r WHERE r.intermediary_id = i.id)
           AND NOT EXISTS (SELECT FROM registry_legalhold h WHERE h.intermediary_id = i.id AND h.lifted_at IS NULL))
)
SELECT * FROM ready r
WHERE NOT EXISTS (SELECT FROM registry_purgedfile p WHERE p.intermediary_id = r.intermediary_id)
"""


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0010_feed'),
    ]

    operations = [
        migrations.RunSQL(PURGEABLE, BEFORE),
        pgtrigger.migrations.RemoveTrigger(
            model_name='addresscheck',
            name='addresscheck_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='affiliation',
            name='affiliation_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='duplicatedismissal',
            name='dismissal_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='intermediarymerge',
            name='merge_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='issuedcover',
            name='issuedcover_stays',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='signal',
            name='signal_is_kept',
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='addresscheck',
            trigger=pgtrigger.compiler.Trigger(name='addresscheck_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='116f6cbb5a93142b0952df603efa7823a283e947', operation='DELETE OR UPDATE', pgid='pgtrigger_addresscheck_is_kept_5a533', table='registry_addresscheck', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='affiliation',
            trigger=pgtrigger.compiler.Trigger(name='affiliation_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='3858f6d5d2dcd71756abca04cf5dbc4bed19ee46', operation='DELETE', pgid='pgtrigger_affiliation_is_kept_6b129', table='registry_affiliation', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='duplicatedismissal',
            trigger=pgtrigger.compiler.Trigger(name='dismissal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(OLD.first_id) OR register_purging(OLD.second_id) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='1133a6702ffc635391aed85509996168c8133db0', operation='DELETE OR UPDATE', pgid='pgtrigger_dismissal_is_kept_ba81a', table='registry_duplicatedismissal', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='intermediarymerge',
            trigger=pgtrigger.compiler.Trigger(name='merge_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(OLD.keep_id) OR register_purging(OLD.drop_id) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='790e79f55a6ce5df8bba301829fc9d18706f71ce', operation='DELETE', pgid='pgtrigger_merge_is_kept_c9b38', table='registry_intermediarymerge', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='issuedcover',
            trigger=pgtrigger.compiler.Trigger(name='issuedcover_stays', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='5c5948bd92bfec81123d3a79d4058914db9a46f7', operation='UPDATE OR DELETE', pgid='pgtrigger_issuedcover_stays_c6d24', table='registry_issuedcover', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='signal',
            trigger=pgtrigger.compiler.Trigger(name='signal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='5de8e9256ad9d8464944a28195b2a4bad63e894c', operation='DELETE', pgid='pgtrigger_signal_is_kept_84796', table='registry_signal', when='BEFORE')),
        ),
    ]
