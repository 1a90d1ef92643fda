"""Removal cases with their proofs, sessions, orders, letters; files destroyed by certificate alone."""

from datetime import date

import django.db.models.deletion
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


PROOFS = """
CREATE SEQUENCE registry_paper_number;

CREATE FUNCTION registry_proved_on(of_case bigint, of_step text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT min(p.happened_on) FROM registry_caseproof p
    WHERE p.case_id = of_case AND p.step = of_step AND p.kind IN ('POSTED', 'MAILED')
      AND p.id > coalesce((SELECT max(r.id) FROM registry_caseproof r
                           WHERE r.case_id = of_case AND r.step = of_step AND r.kind = 'RETURNED'), 0)
$$;

CREATE FUNCTION registry_not_before(of_case bigint, of_step text) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT registry_after_freezes(p.proved_on + (
        SELECT t.days FROM registry_procedureterm t
        WHERE t.step = of_step AND t.valid_from <= p.proved_on ORDER BY t.valid_from DESC LIMIT 1
    ), p.proved_on)
    FROM (SELECT registry_proved_on(of_case, of_step) AS proved_on) p WHERE p.proved_on IS NOT NULL
$$;

CREATE FUNCTION registry_step_refused(of_case bigint, of_step text, on_day date) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN registry_proved_on(of_case, of_step) IS NULL THEN 'no proof of ' || of_step
        WHEN registry_not_before(of_case, of_step) IS NULL THEN 'no time is set for ' || of_step
        WHEN on_day < registry_not_before(of_case, of_step)
        THEN of_step || ' is not old enough before ' || registry_not_before(of_case, of_step)
    END
$$;

CREATE FUNCTION registry_removal_carried(of_case bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM registry_resolution r JOIN registry_commissionsession s ON s.id = r.session_id
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE b.choice <> 'CONFLICT') AS sitting,
                   count(*) FILTER (WHERE b.choice = 'FOR') AS votes_for,
                   count(*) FILTER (WHERE b.choice = 'AGAINST') AS votes_against
            FROM registry_ballot b WHERE b.resolution_id = r.id
        ) v
        WHERE r.case_id = of_case AND s.signed_by_id IS NOT NULL AND s.seats > 0 AND 2 * v.sitting >= s.seats
          AND v.votes_for > 0 AND 3 * v.votes_for >= 2 * (v.votes_for + v.votes_against)
    )
$$;

CREATE FUNCTION registry_case_refused(of_case bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT CASE
        WHEN registry_proved_on(of_case, 'NOTICE') IS NULL OR registry_proved_on(of_case, 'FORMAL') IS NULL
          OR registry_proved_on(of_case, 'LETTER') IS NULL THEN 'a step is not proved'
        WHEN registry_proved_on(of_case, 'FORMAL') < registry_not_before(of_case, 'NOTICE') THEN 'the formal notice came too soon'
        WHEN NOT registry_removal_carried(of_case) THEN 'no signed session has carried it'
    END
$$;

-- Whether a notice of the reminders' ledger told the person of the case's ground. The register alone has no such
-- ledger, so nothing does; the engine's own migration puts its ledger behind this name.
CREATE FUNCTION registry_mail_proves(of_case bigint, of_key text, on_day date) RETURNS boolean LANGUAGE sql STABLE
AS 'SELECT false';

CREATE FUNCTION registry_order_broken(of_registration bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM registry_registration r
        JOIN registry_authorityorder o ON o.intermediary_id = r.intermediary_id
             AND (o.registration_id IS NULL OR o.registration_id = r.id) AND o.confirmed_by_id IS NOT NULL
        JOIN registry_decision d ON d.order_id = o.id
        WHERE r.id = of_registration
          AND NOT EXISTS (
              SELECT FROM registry_decision a WHERE a.id > d.id AND a.registration_id = r.id AND a.kind = 'REGISTRATION')
          AND NOT EXISTS (
              SELECT FROM registry_decision a JOIN registry_authorityorder later ON later.id = a.order_id
              WHERE a.id > d.id AND later.kind = o.kind AND later.intermediary_id = r.intermediary_id
                AND (later.registration_id IS NULL OR later.registration_id = r.id))
          AND CASE o.kind
              WHEN 'SUSPENSION'
              THEN (r.suspended_on, r.suspended_until) IS DISTINCT FROM (o.effective_on, o.ends_on)
              ELSE r.removed_on IS NULL OR r.removed_on > o.effective_on
          END
    )
$$;
"""
NO_PROOFS = """
DROP FUNCTION registry_order_broken;
DROP FUNCTION registry_mail_proves;
DROP FUNCTION registry_case_refused;
DROP FUNCTION registry_removal_carried;
DROP FUNCTION registry_step_refused;
DROP FUNCTION registry_not_before;
DROP FUNCTION registry_proved_on;
DROP SEQUENCE registry_paper_number;
"""

PURGE = """
CREATE VIEW registry_purgeable AS
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
   AND NOT EXISTS (SELECT FROM registry_purgedfile p WHERE p.intermediary_id = r.intermediary_id);

-- Whether the certificate that is open in this very transaction names this person.
CREATE FUNCTION register_purging(person bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM registry_purgedfile f JOIN registry_purgecertificate c ON c.id = f.certificate_id
        WHERE f.intermediary_id = person AND c.sha256 = '' AND c.written_in = pg_current_xact_id()::text
    )
$$;

-- Whose file a row of `base` belongs to, along its foreign keys; what is gone already is asked of its history.
CREATE FUNCTION register_owner(base text, told jsonb) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
DECLARE
    link record;
    parent jsonb;
    found bigint;
BEGIN
    IF base = 'registry_intermediary' THEN
        RETURN (told ->> 'id')::bigint;
    END IF;
    FOR link IN
        SELECT a.attname::text AS col, p.relname::text AS parent
        FROM pg_constraint c
        JOIN pg_class t ON t.oid = c.conrelid
        JOIN pg_class p ON p.oid = c.confrelid
        JOIN pg_attribute a ON a.attrelid = t.oid AND a.attnum = c.conkey[1]
        WHERE c.contype = 'f' AND t.relname = base AND t.relnamespace = current_schema()::regnamespace
          AND p.oid <> t.oid AND p.relname ~ '^(registry|reminders|api)_'
          AND EXISTS (SELECT FROM pg_attribute k WHERE k.attrelid = p.oid AND k.attname = 'id' AND NOT k.attisdropped)
        ORDER BY p.relname <> 'registry_intermediary', p.relname
    LOOP
        CONTINUE WHEN told ->> link.col IS NULL;
        IF link.parent = 'registry_intermediary' THEN
            RETURN (told ->> link.col)::bigint;
        END IF;
        EXECUTE format('SELECT to_jsonb(p) FROM %I p WHERE p.id = $1', link.parent)
            INTO parent USING (told ->> link.col)::bigint;
        IF parent IS NULL AND to_regclass(link.parent || 'history') IS NOT NULL THEN
            EXECUTE format('SELECT to_jsonb(p) FROM %I p WHERE p.id = $1 LIMIT 1', link.parent || 'history')
                INTO parent USING (told ->> link.col)::bigint;
        END IF;
        IF parent IS NOT NULL THEN
            found := register_owner(link.parent, parent);
            IF found IS NOT NULL THEN
                RETURN found;
            END IF;
        END IF;
    END LOOP;
    RETURN NULL;
END
$$;

-- A context of which no history is left tells of nothing any more; one that any row still names stays.
CREATE FUNCTION register_context_is_free(context uuid) RETURNS boolean LANGUAGE plpgsql STABLE AS $$
DECLARE
    kept regclass;
    used boolean;
BEGIN
    IF NOT EXISTS (
        SELECT FROM registry_purgecertificate c WHERE c.sha256 = '' AND c.written_in = pg_current_xact_id()::text
    ) THEN
        RETURN false;
    END IF;
    FOR kept IN
        SELECT c.oid FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
        WHERE c.relkind = 'r' AND c.relnamespace = current_schema()::regnamespace
          AND a.attname = 'pgh_context_id' AND NOT a.attisdropped
    LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %s WHERE pgh_context_id = $1)', kept) INTO used USING context;
        IF used THEN
            RETURN false;
        END IF;
    END LOOP;
    RETURN true;
END
$$;

CREATE OR REPLACE FUNCTION register_history_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'pghistory_context' AND TG_OP = 'UPDATE' THEN
        IF OLD.created_at = now() AND NEW.created_at = OLD.created_at AND NEW.id = OLD.id THEN
            RETURN NEW;
        END IF;
    ELSIF TG_TABLE_NAME = 'pghistory_context' THEN
        IF register_context_is_free(OLD.id) THEN
            RETURN OLD;
        END IF;
    ELSIF TG_OP = 'DELETE' THEN
        IF register_purging(register_owner(regexp_replace(TG_TABLE_NAME, 'history$', ''), to_jsonb(OLD))) THEN
            RETURN OLD;
        END IF;
    END IF;
    RAISE EXCEPTION 'history only grows: a row of % is neither changed nor deleted', TG_TABLE_NAME;
END
$$;
"""
NO_PURGE = """
CREATE OR REPLACE FUNCTION register_history_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_TABLE_NAME = 'pghistory_context' AND TG_OP = 'UPDATE' THEN
        IF OLD.created_at = now() AND NEW.created_at = OLD.created_at AND NEW.id = OLD.id THEN
            RETURN NEW;
        END IF;
    END IF;
    RAISE EXCEPTION 'history only grows: a row of % is neither changed nor deleted', TG_TABLE_NAME;
END
$$;
DROP FUNCTION register_context_is_free;
DROP FUNCTION register_owner;
DROP FUNCTION register_purging;
DROP VIEW registry_purgeable;
"""

# What was decided before decisions named their way was read from register files, the only way there was.
ADOPT = """
SET CONSTRAINTS ALL IMMEDIATE;
INSERT INTO registry_registerimport (file_name, sha256, applied_at, counts)
SELECT 'décisions reprises telles quelles', repeat('0', 64), now(), '{}'
WHERE EXISTS (SELECT FROM registry_decision WHERE kind IN ('REMOVAL', 'STRIKING_OFF', 'SUSPENSION'));
UPDATE registry_decision SET register_import_id = (SELECT max(id) FROM registry_registerimport)
WHERE kind IN ('REMOVAL', 'STRIKING_OFF', 'SUSPENSION');
SET CONSTRAINTS ALL DEFERRED;
"""

TERMS = [
    ("NOTICE", 20, "choix du registre\u00a0: vingt jours au moins entre deux actes (CRPA L121-1 et L122-1)"),
    ("FORMAL", 20, "choix du registre\u00a0: vingt jours au moins entre deux actes (CRPA L121-1 et L122-1)"),
    ("LETTER", 0, "CA R512-5, CMF R546-3\u00a0: la publication accompagne la notification de la décision"),
]


def create_terms(apps, schema_editor):
    term = apps.get_model("registry", "ProcedureTerm")
    term.objects.bulk_create(
        term(step=step, valid_from=date(2007, 1, 1), days=days, source=source) for step, days, source in TERMS
    )


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0007_papers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuthorityOrder',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REMOVAL', 'Suppression de l’inscription'), ('STRIKING_OFF', 'Radiation'), ('SUSPENSION', 'Suspension')], max_length=12, verbose_name='acte')),
                ('authority', models.CharField(choices=[('ACPR', 'ACPR'), ('AMF', 'AMF')], max_length=10, verbose_name='autorité')),
                ('act_reference', models.CharField(max_length=120, verbose_name='référence de l’acte')),
                ('dated_on', models.DateField(verbose_name='acte du')),
                ('effective_on', models.DateField(verbose_name='prend effet le')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='suspension jusqu’au')),
                ('barred_until', models.DateField(blank=True, null=True, verbose_name='interdiction jusqu’au')),
                ('reason', models.CharField(max_length=500, verbose_name='exposé')),
                ('entered_at', models.DateTimeField(verbose_name='saisi le')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmé le')),
            ],
            options={
                'verbose_name': 'ordre de l’ACPR ou de l’AMF',
                'verbose_name_plural': 'ordres de l’ACPR et de l’AMF',
            },
        ),
        migrations.CreateModel(
            name='AuthorityOrderHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('REMOVAL', 'Suppression de l’inscription'), ('STRIKING_OFF', 'Radiation'), ('SUSPENSION', 'Suspension')], max_length=12, verbose_name='acte')),
                ('authority', models.CharField(choices=[('ACPR', 'ACPR'), ('AMF', 'AMF')], max_length=10, verbose_name='autorité')),
                ('act_reference', models.CharField(max_length=120, verbose_name='référence de l’acte')),
                ('dated_on', models.DateField(verbose_name='acte du')),
                ('effective_on', models.DateField(verbose_name='prend effet le')),
                ('ends_on', models.DateField(blank=True, null=True, verbose_name='suspension jusqu’au')),
                ('barred_until', models.DateField(blank=True, null=True, verbose_name='interdiction jusqu’au')),
                ('reason', models.CharField(max_length=500, verbose_name='exposé')),
                ('entered_at', models.DateTimeField(verbose_name='saisi le')),
                ('confirmed_at', models.DateTimeField(blank=True, null=True, verbose_name='confirmé le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Ballot',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('choice', models.CharField(choices=[('FOR', 'Pour'), ('AGAINST', 'Contre'), ('ABSTAINED', 'Abstention'), ('CONFLICT', 'Intérêt déclaré, ne siège pas')], max_length=9, verbose_name='voix')),
            ],
            options={
                'verbose_name': 'voix',
                'verbose_name_plural': 'voix',
            },
        ),
        migrations.CreateModel(
            name='BallotHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('choice', models.CharField(choices=[('FOR', 'Pour'), ('AGAINST', 'Contre'), ('ABSTAINED', 'Abstention'), ('CONFLICT', 'Intérêt déclaré, ne siège pas')], max_length=9, verbose_name='voix')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CaseProof',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('NOTICE', 'avis'), ('FORMAL', 'mise en demeure'), ('LETTER', 'notification de la décision')], max_length=6, verbose_name='étape')),
                ('kind', models.CharField(choices=[('POSTED', 'Lettre recommandée déposée'), ('MAILED', 'Courriel accepté par le serveur du destinataire'), ('DELIVERED', 'Remise au destinataire'), ('UNCLAIMED', 'Avisée et non réclamée'), ('RETURNED', 'Retournée, destinataire inconnu')], max_length=9, verbose_name='preuve')),
                ('mail_key', models.CharField(blank=True, max_length=40, verbose_name='identité du courriel')),
                ('reference', models.CharField(blank=True, max_length=40, verbose_name='numéro de recommandé')),
                ('happened_on', models.DateField(verbose_name='le')),
                ('recorded_on', models.DateField(verbose_name='enregistrée le')),
            ],
            options={
                'verbose_name': 'preuve',
            },
        ),
        migrations.CreateModel(
            name='CaseProofHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('step', models.CharField(choices=[('NOTICE', 'avis'), ('FORMAL', 'mise en demeure'), ('LETTER', 'notification de la décision')], max_length=6, verbose_name='étape')),
                ('kind', models.CharField(choices=[('POSTED', 'Lettre recommandée déposée'), ('MAILED', 'Courriel accepté par le serveur du destinataire'), ('DELIVERED', 'Remise au destinataire'), ('UNCLAIMED', 'Avisée et non réclamée'), ('RETURNED', 'Retournée, destinataire inconnu')], max_length=9, verbose_name='preuve')),
                ('mail_key', models.CharField(blank=True, max_length=40, verbose_name='identité du courriel')),
                ('reference', models.CharField(blank=True, max_length=40, verbose_name='numéro de recommandé')),
                ('happened_on', models.DateField(verbose_name='le')),
                ('recorded_on', models.DateField(verbose_name='enregistrée le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CommissionMember',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('code', models.SlugField(max_length=30, unique=True, verbose_name='code')),
                ('name', models.CharField(max_length=150, verbose_name='nom')),
                ('named_on', models.DateField(verbose_name='nommé le')),
                ('ends_on', models.DateField(verbose_name='jusqu’au')),
            ],
            options={
                'verbose_name': 'membre de la commission',
                'verbose_name_plural': 'membres de la commission',
            },
        ),
        migrations.CreateModel(
            name='CommissionMemberHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('code', models.SlugField(db_index=False, max_length=30, verbose_name='code')),
                ('name', models.CharField(max_length=150, verbose_name='nom')),
                ('named_on', models.DateField(verbose_name='nommé le')),
                ('ends_on', models.DateField(verbose_name='jusqu’au')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='CommissionSession',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='numéro')),
                ('held_on', models.DateField(verbose_name='tenue le')),
                ('seats', models.PositiveSmallIntegerField(verbose_name='membres en fonction')),
                ('digest', models.CharField(max_length=64, verbose_name='empreinte des votes')),
                ('prepared_at', models.DateTimeField(verbose_name='préparée le')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='signée le')),
                ('minutes', models.BinaryField(default=b'', verbose_name='procès-verbal')),
                ('minutes_sha256', models.CharField(blank=True, max_length=64, verbose_name='empreinte du procès-verbal')),
            ],
            options={
                'verbose_name': 'séance',
            },
        ),
        migrations.CreateModel(
            name='CommissionSessionHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('number', models.CharField(max_length=20, verbose_name='numéro')),
                ('held_on', models.DateField(verbose_name='tenue le')),
                ('seats', models.PositiveSmallIntegerField(verbose_name='membres en fonction')),
                ('digest', models.CharField(max_length=64, verbose_name='empreinte des votes')),
                ('prepared_at', models.DateTimeField(verbose_name='préparée le')),
                ('signed_at', models.DateTimeField(blank=True, null=True, verbose_name='signée le')),
                ('minutes', models.BinaryField(default=b'', verbose_name='procès-verbal')),
                ('minutes_sha256', models.CharField(blank=True, max_length=64, verbose_name='empreinte du procès-verbal')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='LegalHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('placed_at', models.DateTimeField(verbose_name='posée le')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='levée le')),
            ],
            options={
                'verbose_name': 'conservation imposée',
                'verbose_name_plural': 'conservations imposées',
            },
        ),
        migrations.CreateModel(
            name='LegalHoldHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('placed_at', models.DateTimeField(verbose_name='posée le')),
                ('lifted_at', models.DateTimeField(blank=True, null=True, verbose_name='levée le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Letter',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='numéro')),
                ('kind', models.CharField(choices=[('NOTICE', 'Avis préalable'), ('FORMAL', 'Mise en demeure'), ('LETTER', 'Notification de décision'), ('ORDER', 'Notification d’un ordre')], max_length=6, verbose_name='nature')),
                ('dated_on', models.DateField(verbose_name='datée du')),
                ('addressee', models.CharField(max_length=300, verbose_name='destinataire')),
                ('subject', models.CharField(max_length=300, verbose_name='objet')),
                ('verify_code', models.CharField(max_length=19, unique=True, verbose_name='code de vérification')),
                ('pdf', models.BinaryField(verbose_name='PDF')),
                ('sha256', models.CharField(max_length=64, verbose_name='empreinte')),
                ('issued_at', models.DateTimeField(verbose_name='émise le')),
            ],
            options={
                'verbose_name': 'lettre',
            },
        ),
        migrations.CreateModel(
            name='PastRegistration',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('registered_on', models.DateField(verbose_name='inscrit le')),
                ('removed_on', models.DateField(verbose_name='supprimé le')),
            ],
            options={
                'verbose_name': 'période passée',
                'verbose_name_plural': 'périodes passées',
            },
        ),
        migrations.CreateModel(
            name='PastRegistrationHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('registered_on', models.DateField(verbose_name='inscrit le')),
                ('removed_on', models.DateField(verbose_name='supprimé le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='ProcedureTerm',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('step', models.CharField(choices=[('NOTICE', 'avis'), ('FORMAL', 'mise en demeure'), ('LETTER', 'notification de la décision')], max_length=6, verbose_name='étape')),
                ('valid_from', models.DateField(verbose_name='applicable du')),
                ('days', models.PositiveSmallIntegerField(verbose_name='jours')),
                ('source', models.CharField(max_length=300, verbose_name='texte ou source')),
            ],
            options={
                'verbose_name': 'délai de procédure',
                'verbose_name_plural': 'délais de procédure',
            },
        ),
        migrations.CreateModel(
            name='PurgeCertificate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('number', models.CharField(max_length=20, unique=True, verbose_name='numéro')),
                ('as_of', models.DateField(verbose_name='au')),
                ('list_hash', models.CharField(max_length=64, verbose_name='empreinte de la liste')),
                ('files', models.PositiveIntegerField(verbose_name='dossiers')),
                ('counts', models.JSONField(default=dict, verbose_name='lignes détruites ou rendues anonymes')),
                ('executed_at', models.DateTimeField(verbose_name='exécuté le')),
                ('written_in', models.CharField(db_default=models.Func(output_field=models.CharField(), template='(pg_current_xact_id()::text)'), editable=False, max_length=20, verbose_name='transaction')),
                ('pdf', models.BinaryField(default=b'', verbose_name='PDF')),
                ('sha256', models.CharField(blank=True, max_length=64, verbose_name='empreinte')),
            ],
            options={
                'verbose_name': 'certificat de destruction',
                'verbose_name_plural': 'certificats de destruction',
            },
        ),
        migrations.CreateModel(
            name='PurgedFile',
            fields=[
                ('intermediary', models.OneToOneField(on_delete=django.db.models.deletion.PROTECT, primary_key=True, related_name='purged', serialize=False, to='registry.intermediary')),
            ],
            options={
                'verbose_name': 'dossier détruit',
                'verbose_name_plural': 'dossiers détruits',
            },
        ),
        migrations.CreateModel(
            name='RemovalCase',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('REMOVAL', 'Suppression de l’inscription'), ('STRIKING_OFF', 'Radiation')], default='REMOVAL', max_length=12, verbose_name='acte')),
                ('ground', models.CharField(choices=[('COVER', 'défaut d’assurance ou de garantie'), ('NOT_FILED', 'défaut de demande de renouvellement'), ('FEE', 'défaut de paiement des frais'), ('CONDITION', 'autre condition d’accès ou d’exercice')], max_length=9, verbose_name='motif légal')),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='campagne')),
                ('reason', models.CharField(max_length=500, verbose_name='exposé')),
                ('state', models.CharField(choices=[('OPEN', 'Ouverte'), ('NOTICE', 'Avis adressé'), ('FORMAL', 'Mise en demeure adressée'), ('DECIDED', 'Décidée en séance'), ('LETTER', 'Décision notifiée'), ('PUBLISHED', 'Publiée'), ('HELD', 'Suspendue'), ('ERROR', 'En erreur, étape à refaire'), ('WITHDRAWN', 'Retirée'), ('DISMISSED', 'Rejetée par la commission')], default='OPEN', max_length=9, verbose_name='état')),
                ('resumes_as', models.CharField(blank=True, choices=[('OPEN', 'Ouverte'), ('NOTICE', 'Avis adressé'), ('FORMAL', 'Mise en demeure adressée'), ('DECIDED', 'Décidée en séance'), ('LETTER', 'Décision notifiée'), ('PUBLISHED', 'Publiée'), ('HELD', 'Suspendue'), ('ERROR', 'En erreur, étape à refaire'), ('WITHDRAWN', 'Retirée'), ('DISMISSED', 'Rejetée par la commission')], db_default='', max_length=9, verbose_name='reprend à')),
                ('since_on', models.DateField(verbose_name='depuis le')),
                ('opened_on', models.DateField(verbose_name='ouverte le')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='dernier motif')),
            ],
            options={
                'verbose_name': 'affaire de suppression',
                'verbose_name_plural': 'affaires de suppression',
                'permissions': [('sign_removal', 'Peut signer une séance, confirmer un ordre et publier une suppression'), ('purge_files', 'Peut demander et approuver une destruction de dossiers')],
            },
        ),
        migrations.CreateModel(
            name='RemovalCaseHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('REMOVAL', 'Suppression de l’inscription'), ('STRIKING_OFF', 'Radiation')], default='REMOVAL', max_length=12, verbose_name='acte')),
                ('ground', models.CharField(choices=[('COVER', 'défaut d’assurance ou de garantie'), ('NOT_FILED', 'défaut de demande de renouvellement'), ('FEE', 'défaut de paiement des frais'), ('CONDITION', 'autre condition d’accès ou d’exercice')], max_length=9, verbose_name='motif légal')),
                ('year', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='campagne')),
                ('reason', models.CharField(max_length=500, verbose_name='exposé')),
                ('state', models.CharField(choices=[('OPEN', 'Ouverte'), ('NOTICE', 'Avis adressé'), ('FORMAL', 'Mise en demeure adressée'), ('DECIDED', 'Décidée en séance'), ('LETTER', 'Décision notifiée'), ('PUBLISHED', 'Publiée'), ('HELD', 'Suspendue'), ('ERROR', 'En erreur, étape à refaire'), ('WITHDRAWN', 'Retirée'), ('DISMISSED', 'Rejetée par la commission')], default='OPEN', max_length=9, verbose_name='état')),
                ('resumes_as', models.CharField(blank=True, choices=[('OPEN', 'Ouverte'), ('NOTICE', 'Avis adressé'), ('FORMAL', 'Mise en demeure adressée'), ('DECIDED', 'Décidée en séance'), ('LETTER', 'Décision notifiée'), ('PUBLISHED', 'Publiée'), ('HELD', 'Suspendue'), ('ERROR', 'En erreur, étape à refaire'), ('WITHDRAWN', 'Retirée'), ('DISMISSED', 'Rejetée par la commission')], db_default='', max_length=9, verbose_name='reprend à')),
                ('since_on', models.DateField(verbose_name='depuis le')),
                ('opened_on', models.DateField(verbose_name='ouverte le')),
                ('note', models.CharField(blank=True, max_length=500, verbose_name='dernier motif')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='Resolution',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
            ],
            options={
                'verbose_name': 'délibération',
            },
        ),
        migrations.CreateModel(
            name='ResolutionHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='decision',
            name='decision_is_kept',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='decision',
            name='insert_insert',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='decision',
            name='update_update',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='decision',
            name='delete_delete',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='registration',
            name='removal_needs_a_decision',
        ),
        pgtrigger.migrations.RemoveTrigger(
            model_name='renewalrequest',
            name='renewal_is_kept',
        ),
        migrations.AddField(
            model_name='decision',
            name='effective_on',
            field=models.DateField(blank=True, null=True, verbose_name='prend effet le'),
        ),
        migrations.AddField(
            model_name='decision',
            name='register_import',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to='registry.registerimport', verbose_name='import'),
        ),
        migrations.RunSQL(ADOPT, migrations.RunSQL.noop),
        migrations.AddField(
            model_name='decisionhistory',
            name='effective_on',
            field=models.DateField(blank=True, null=True, verbose_name='prend effet le'),
        ),
        migrations.AddField(
            model_name='decisionhistory',
            name='register_import',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registerimport', verbose_name='import'),
        ),
        migrations.AddField(
            model_name='registerimport',
            name='written_in',
            field=models.CharField(db_default=models.Func(output_field=models.CharField(), template='(pg_current_xact_id()::text)'), editable=False, max_length=20, verbose_name='transaction'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='85d80bdb455b6c2f96f51ed91a0ff46f484a8293', operation='DELETE OR UPDATE', pgid='pgtrigger_decision_is_kept_9c7e1', table='registry_decision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='decision_comes_by_its_way', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM new_rows d JOIN registry_registerimport f ON f.id = d.register_import_id\n                        WHERE f.written_in <> pg_current_xact_id()::text\n                    ) THEN\n                        RAISE EXCEPTION 'a register file reports decisions in the transaction that applies it alone'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_file_being_applied';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM new_rows d JOIN registry_authorityorder o ON o.id = d.order_id\n                        WHERE o.confirmed_by_id IS NULL OR o.intermediary_id <> d.intermediary_id OR o.kind <> d.kind\n                           OR o.registration_id IS DISTINCT FROM d.registration_id OR o.authority <> d.authority\n                           OR o.effective_on <> coalesce(d.effective_on, d.decided_on)\n                    ) THEN\n                        RAISE EXCEPTION 'a decision by order is that order, confirmed by a second person'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_confirmed_order';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM new_rows d JOIN registry_removalcase c ON c.id = d.case_id\n                        WHERE c.intermediary_id <> d.intermediary_id OR c.kind <> d.kind\n                           OR c.registration_id IS DISTINCT FROM d.registration_id\n                           OR d.authority <> 'COMMISSION' OR c.since_on IS DISTINCT FROM d.effective_on\n                           OR c.state <> 'PUBLISHED' OR registry_case_refused(c.id) IS NOT NULL\n                    ) THEN\n                        RAISE EXCEPTION 'a removal takes effect by a case that is published and proved step by step'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_of_a_proved_case';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM new_rows d JOIN registry_authorityorder o ON o.intermediary_id = d.intermediary_id\n                        WHERE d.kind = 'REGISTRATION' AND o.confirmed_by_id IS NOT NULL\n                          AND o.barred_until >= d.decided_on\n                          AND (o.registration_id IS NULL OR o.registration_id = d.registration_id)\n                    ) THEN\n                        RAISE EXCEPTION 'an order of the ACPR or the AMF bars this registration'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'decision_is_not_barred';\n                    END IF;\n                    RETURN NULL;\n                ", hash='3386cfa2cb4b6a80043ae7b8aad1eee0dbaa8972', level='STATEMENT', operation='INSERT', pgid='pgtrigger_decision_comes_by_its_way_14757', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_decision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_decisionhistory" ("act_reference", "authority", "case_id", "decided_on", "effective_on", "id", "intermediary_id", "kind", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "recorded_by_id", "register_import_id", "registration_id") SELECT new_values."act_reference", new_values."authority", new_values."case_id", new_values."decided_on", new_values."effective_on", new_values."id", new_values."intermediary_id", new_values."kind", new_values."order_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."recorded_at", new_values."recorded_by_id", new_values."register_import_id", new_values."registration_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='707e23c1f68c9f80fb657bdcf9623cc7c50d6ef6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_0c85e', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_decision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_decisionhistory" ("act_reference", "authority", "case_id", "decided_on", "effective_on", "id", "intermediary_id", "kind", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "recorded_by_id", "register_import_id", "registration_id") VALUES (NEW."act_reference", NEW."authority", NEW."case_id", NEW."decided_on", NEW."effective_on", NEW."id", NEW."intermediary_id", NEW."kind", NEW."order_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."recorded_at", NEW."recorded_by_id", NEW."register_import_id", NEW."registration_id"); RETURN NULL;', hash='cf1c233d1fcf025d0136124021fc2ba1c1088b0c', operation='UPDATE', pgid='pgtrigger_update_update_85ba8', table='registry_decision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='decision',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_decisionhistory" ("act_reference", "authority", "case_id", "decided_on", "effective_on", "id", "intermediary_id", "kind", "order_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "recorded_at", "recorded_by_id", "register_import_id", "registration_id") SELECT old_values."act_reference", old_values."authority", old_values."case_id", old_values."decided_on", old_values."effective_on", old_values."id", old_values."intermediary_id", old_values."kind", old_values."order_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."recorded_at", old_values."recorded_by_id", old_values."register_import_id", old_values."registration_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='37d85a73927a00bc71199c05c29d9fec15a7e992', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_33e94', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_decision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='removal_needs_a_decision', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."removed_on" IS NOT NULL)', constraint='CONSTRAINT', func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_decision d\n                        WHERE d.intermediary_id = NEW.intermediary_id\n                          AND coalesce(d.effective_on, d.decided_on) = NEW.removed_on\n                          AND (d.registration_id = NEW.id AND d.kind = 'REMOVAL' OR d.kind = 'STRIKING_OFF')\n                    ) THEN\n                        RAISE EXCEPTION 'registration % is removed on % without a decision', NEW.id, NEW.removed_on\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_removal_needs_a_decision';\n                    END IF;\n                    RETURN NULL;\n                ", hash='843a3513b45252ab533df02695e036d687c299a1', operation='INSERT OR UPDATE', pgid='pgtrigger_removal_needs_a_decision_4fa75', table='registry_registration', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='order_stands', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN ((OLD.removed_on, OLD.suspended_on, OLD.suspended_until) IS DISTINCT FROM (NEW.removed_on, NEW.suspended_on, NEW.suspended_until))', constraint='CONSTRAINT', func="\n                    IF registry_order_broken(NEW.id) THEN\n                        RAISE EXCEPTION 'an order of the ACPR or the AMF stands on registration %', NEW.id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_order_stands';\n                    END IF;\n                    RETURN NULL;\n                ", hash='c385d3be459d28e97a562ec346ec97aa5e126cf2', operation='UPDATE', pgid='pgtrigger_order_stands_38412', table='registry_registration', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='registration_of_no_purged_file', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (SELECT FROM registry_purgedfile WHERE intermediary_id = NEW.intermediary_id) THEN\n                        RAISE EXCEPTION 'the file was purged: its number is not given again'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'registration_of_no_purged_file';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e063bf444351d2b616ee207615a778758322e808', operation='INSERT', pgid='pgtrigger_registration_of_no_purged_file_065db', table='registry_registration', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='registration',
            trigger=pgtrigger.compiler.Trigger(name='registration_period_is_remembered', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.removed_on IS NOT NULL AND NEW.registered_on > OLD.removed_on)', func='\n                    INSERT INTO registry_pastregistration (registration_id, registered_on, removed_on)\n                    VALUES (OLD.id, OLD.registered_on, OLD.removed_on) ON CONFLICT DO NOTHING;\n                    RETURN NULL;\n                ', hash='7c2b32b2b642b64ec6c3ba5cd4854e5b07ebb771', operation='UPDATE', pgid='pgtrigger_registration_period_is_remembered_53d90', table='registry_registration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='renewal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='e11f2758846e8016916a811536399d78deb59587', operation='DELETE', pgid='pgtrigger_renewal_is_kept_25f73', table='registry_renewalrequest', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='authorityorder',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmé par'),
        ),
        migrations.AddField(
            model_name='authorityorder',
            name='entered_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par'),
        ),
        migrations.AddField(
            model_name='authorityorder',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='authorityorder',
            name='registration',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='orders', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddField(
            model_name='decision',
            name='order',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='registry.authorityorder', verbose_name='ordre'),
        ),
        migrations.AddField(
            model_name='decisionhistory',
            name='order',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.authorityorder', verbose_name='ordre'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmé par'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='entered_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisi par'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.authorityorder'),
        ),
        migrations.AddField(
            model_name='authorityorderhistory',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddField(
            model_name='ballothistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='ballothistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.ballot'),
        ),
        migrations.AddField(
            model_name='caseproof',
            name='recorded_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='enregistrée par'),
        ),
        migrations.AddField(
            model_name='caseproofhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='caseproofhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.caseproof'),
        ),
        migrations.AddField(
            model_name='caseproofhistory',
            name='recorded_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='enregistrée par'),
        ),
        migrations.AddConstraint(
            model_name='commissionmember',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__gte', models.F('named_on'))), name='commissionmember_ends_after_it_starts', violation_error_message='Le mandat finit après avoir commencé.'),
        ),
        migrations.AddField(
            model_name='ballothistory',
            name='member',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.commissionmember', verbose_name='membre'),
        ),
        migrations.AddField(
            model_name='ballot',
            name='member',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='registry.commissionmember', verbose_name='membre'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionmember',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_commissionmemberhistory" ("code", "ends_on", "id", "name", "named_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT new_values."code", new_values."ends_on", new_values."id", new_values."name", new_values."named_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b7dc6fbf4302650b41707e6508e0d27b9f184550', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_bc21c', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_commissionmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionmember',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_commissionmemberhistory" ("code", "ends_on", "id", "name", "named_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") VALUES (NEW."code", NEW."ends_on", NEW."id", NEW."name", NEW."named_on", _pgh_attach_context(), NOW(), \'update\', NEW."id"); RETURN NULL;', hash='99e4a93f186b86474eeb760178380967b6fc2046', operation='UPDATE', pgid='pgtrigger_update_update_e289f', table='registry_commissionmember', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionmember',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_commissionmemberhistory" ("code", "ends_on", "id", "name", "named_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id") SELECT old_values."code", old_values."ends_on", old_values."id", old_values."name", old_values."named_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e9fab1f0dfe519f0b59f3f26ed910ead0b76032e', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d05a1', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_commissionmember', when='AFTER')),
        ),
        migrations.AddField(
            model_name='commissionmemberhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='commissionmemberhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.commissionmember'),
        ),
        migrations.AddField(
            model_name='commissionsession',
            name='prepared_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparée par'),
        ),
        migrations.AddField(
            model_name='commissionsession',
            name='signed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signée par'),
        ),
        migrations.AddField(
            model_name='commissionsessionhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='commissionsessionhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.commissionsession'),
        ),
        migrations.AddField(
            model_name='commissionsessionhistory',
            name='prepared_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparée par'),
        ),
        migrations.AddField(
            model_name='commissionsessionhistory',
            name='signed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signée par'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='legal_holds', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='lifted_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='levée par'),
        ),
        migrations.AddField(
            model_name='legalhold',
            name='placed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='posée par'),
        ),
        migrations.AddField(
            model_name='legalholdhistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='legalholdhistory',
            name='lifted_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='levée par'),
        ),
        migrations.AddField(
            model_name='legalholdhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='legalholdhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.legalhold'),
        ),
        migrations.AddField(
            model_name='legalholdhistory',
            name='placed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='posée par'),
        ),
        migrations.AddField(
            model_name='letter',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='letter',
            name='issued_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='émise par'),
        ),
        migrations.AddField(
            model_name='letter',
            name='order',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='registry.authorityorder', verbose_name='ordre'),
        ),
        migrations.AddField(
            model_name='caseproofhistory',
            name='letter',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.letter', verbose_name='lettre'),
        ),
        migrations.AddField(
            model_name='caseproof',
            name='letter',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='registry.letter', verbose_name='lettre'),
        ),
        migrations.AddField(
            model_name='pastregistration',
            name='registration',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='past', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddField(
            model_name='pastregistrationhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='pastregistrationhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.pastregistration'),
        ),
        migrations.AddField(
            model_name='pastregistrationhistory',
            name='registration',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddConstraint(
            model_name='procedureterm',
            constraint=models.UniqueConstraint(fields=('step', 'valid_from'), name='procedureterm_starts_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='procedureterm',
            trigger=pgtrigger.compiler.Trigger(name='procedureterm_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='a81a6f3cbebea3347a51a6173e91801da8acab44', operation='DELETE OR UPDATE', pgid='pgtrigger_procedureterm_is_kept_9b6f5', table='registry_procedureterm', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='purgecertificate',
            name='approved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='approuvé par'),
        ),
        migrations.AddField(
            model_name='purgecertificate',
            name='asked_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='demandé par'),
        ),
        migrations.AddField(
            model_name='purgedfile',
            name='certificate',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='purged', to='registry.purgecertificate', verbose_name='certificat'),
        ),
        migrations.AddField(
            model_name='removalcase',
            name='intermediary',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='removal_cases', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='removalcase',
            name='moved_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='dernière étape par'),
        ),
        migrations.AddField(
            model_name='removalcase',
            name='opened_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ouverte par'),
        ),
        migrations.AddField(
            model_name='removalcase',
            name='registration',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='removal_cases', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddField(
            model_name='letter',
            name='case',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='letters', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='caseproofhistory',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='caseproof',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='proofs', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='decision',
            name='case',
            field=models.ForeignKey(blank=True, db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='decisionhistory',
            name='case',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind__in', ('REMOVAL', 'STRIKING_OFF', 'SUSPENSION')), _negated=True), models.Q(('case__isnull', False), ('order__isnull', True), ('register_import__isnull', True)), models.Q(('case__isnull', True), ('order__isnull', False), ('register_import__isnull', True)), models.Q(('case__isnull', True), ('order__isnull', True), ('register_import__isnull', False)), _connector='OR'), name='decision_adverse_names_its_way', violation_error_message='Une suppression procède d’une affaire, d’un ordre ou d’un fichier.'),
        ),
        migrations.AddConstraint(
            model_name='decision',
            constraint=models.CheckConstraint(condition=models.Q(('effective_on__isnull', True), ('effective_on__gte', models.F('decided_on')), _connector='OR'), name='decision_does_not_act_backwards'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='intermediary',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.intermediary'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='moved_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='dernière étape par'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='opened_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='ouverte par'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.removalcase'),
        ),
        migrations.AddField(
            model_name='removalcasehistory',
            name='registration',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registration', verbose_name='inscription'),
        ),
        migrations.AddField(
            model_name='resolution',
            name='case',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='resolution',
            name='session',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='resolutions', to='registry.commissionsession', verbose_name='séance'),
        ),
        migrations.AddField(
            model_name='ballothistory',
            name='resolution',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.resolution', verbose_name='délibération'),
        ),
        migrations.AddField(
            model_name='ballot',
            name='resolution',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='ballots', to='registry.resolution', verbose_name='délibération'),
        ),
        migrations.AddField(
            model_name='resolutionhistory',
            name='case',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.removalcase', verbose_name='affaire'),
        ),
        migrations.AddField(
            model_name='resolutionhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='resolutionhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.resolution'),
        ),
        migrations.AddField(
            model_name='resolutionhistory',
            name='session',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.commissionsession', verbose_name='séance'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.CheckConstraint(condition=models.Q(('authority__in', ['ACPR', 'AMF'])), name='authorityorder_is_of_one'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'STRIKING_OFF'), ('registration__isnull', True)), models.Q(('kind__in', ['REMOVAL', 'SUSPENSION']), ('registration__isnull', False)), _connector='OR'), name='authorityorder_names_what_it_is_about'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('act_reference', ''), _negated=True), models.Q(('reason', ''), _negated=True)), name='authorityorder_names_its_act'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.CheckConstraint(condition=models.Q(('effective_on__gte', models.F('dated_on')), models.Q(('ends_on__isnull', True), models.Q(('ends_on__gte', models.F('effective_on')), ('kind', 'SUSPENSION')), _connector='OR')), name='authorityorder_days_are_in_order'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('confirmed_at__isnull', True), ('confirmed_by__isnull', True)), models.Q(('confirmed_at__isnull', False), ('confirmed_by__isnull', False), models.Q(('confirmed_by', models.F('entered_by')), _negated=True)), _connector='OR'), name='authorityorder_has_two_people', violation_error_message='Un ordre est confirmé par une autre personne que celle qui l’a saisi.'),
        ),
        migrations.AddConstraint(
            model_name='authorityorder',
            constraint=models.UniqueConstraint(fields=('authority', 'act_reference', 'intermediary', 'registration', 'kind'), name='authorityorder_once', nulls_distinct=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='authorityorder_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='8dc15ca16c8babb44c87b2a43778d4370315be2a', operation='DELETE', pgid='pgtrigger_authorityorder_is_kept_f3e35', table='registry_authorityorder', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='authorityorder_is_confirmed_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.confirmed_by_id IS NOT NULL OR (OLD.intermediary_id, OLD.registration_id, OLD.kind, OLD.authority, OLD.act_reference, OLD.dated_on, OLD.effective_on, OLD.ends_on, OLD.barred_until, OLD.reason, OLD.entered_by_id, OLD.entered_at) IS DISTINCT FROM (NEW.intermediary_id, NEW.registration_id, NEW.kind, NEW.authority, NEW.act_reference, NEW.dated_on, NEW.effective_on, NEW.ends_on, NEW.barred_until, NEW.reason, NEW.entered_by_id, NEW.entered_at))', func="RAISE EXCEPTION 'order % stays as it was entered, and is confirmed once', OLD.id;", hash='443fc3bbdccfa9a6899885eda042483863ae6cde', operation='UPDATE', pgid='pgtrigger_authorityorder_is_confirmed_once_58b08', table='registry_authorityorder', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='authorityorder_is_of_its_person', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.confirmed_by_id IS NOT NULL OR NEW.registration_id IS NOT NULL AND NOT EXISTS (\n                        SELECT FROM registry_registration r\n                        WHERE r.id = NEW.registration_id AND r.intermediary_id = NEW.intermediary_id\n                    ) THEN\n                        RAISE EXCEPTION 'an order is entered first, about a registration of its own person'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorityorder_is_of_its_person';\n                    END IF;\n                    RETURN NEW;\n                ", hash='db4de71bef95f5309d627b8b7f27520f8ddf7971', operation='INSERT', pgid='pgtrigger_authorityorder_is_of_its_person_423e6', table='registry_authorityorder', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_authorityorderhistory" ("act_reference", "authority", "barred_until", "confirmed_at", "confirmed_by_id", "dated_on", "effective_on", "ends_on", "entered_at", "entered_by_id", "id", "intermediary_id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id") SELECT new_values."act_reference", new_values."authority", new_values."barred_until", new_values."confirmed_at", new_values."confirmed_by_id", new_values."dated_on", new_values."effective_on", new_values."ends_on", new_values."entered_at", new_values."entered_by_id", new_values."id", new_values."intermediary_id", new_values."kind", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."registration_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0884d0f330fadc504b03f74efd43045e17440673', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_28ba6', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_authorityorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_authorityorderhistory" ("act_reference", "authority", "barred_until", "confirmed_at", "confirmed_by_id", "dated_on", "effective_on", "ends_on", "entered_at", "entered_by_id", "id", "intermediary_id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id") VALUES (NEW."act_reference", NEW."authority", NEW."barred_until", NEW."confirmed_at", NEW."confirmed_by_id", NEW."dated_on", NEW."effective_on", NEW."ends_on", NEW."entered_at", NEW."entered_by_id", NEW."id", NEW."intermediary_id", NEW."kind", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."registration_id"); RETURN NULL;', hash='8121e4f2f3e0c7eaac9884eea636c6ad11ad0b9e', operation='UPDATE', pgid='pgtrigger_update_update_a6f25', table='registry_authorityorder', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='authorityorder',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_authorityorderhistory" ("act_reference", "authority", "barred_until", "confirmed_at", "confirmed_by_id", "dated_on", "effective_on", "ends_on", "entered_at", "entered_by_id", "id", "intermediary_id", "kind", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id") SELECT old_values."act_reference", old_values."authority", old_values."barred_until", old_values."confirmed_at", old_values."confirmed_by_id", old_values."dated_on", old_values."effective_on", old_values."ends_on", old_values."entered_at", old_values."entered_by_id", old_values."id", old_values."intermediary_id", old_values."kind", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."registration_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='4a4a7ac5a6cd50b3cb9a0d4149844481cd635aa4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_505dc', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_authorityorder', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='commissionsession',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('minutes_sha256', ''), ('signed_at__isnull', True), ('signed_by__isnull', True)), models.Q(('signed_at__isnull', False), ('signed_by__isnull', False), models.Q(('minutes_sha256', ''), _negated=True), models.Q(('signed_by', models.F('prepared_by')), _negated=True)), _connector='OR'), name='commissionsession_has_two_people', violation_error_message='Une séance est signée par une autre personne que celle qui l’a préparée.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='commissionsession_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."digest" IS DISTINCT FROM (NEW."digest") OR OLD."held_on" IS DISTINCT FROM (NEW."held_on") OR OLD."number" IS DISTINCT FROM (NEW."number") OR OLD."prepared_at" IS DISTINCT FROM (NEW."prepared_at") OR OLD."prepared_by_id" IS DISTINCT FROM (NEW."prepared_by_id") OR OLD."seats" IS DISTINCT FROM (NEW."seats"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='6e6abf2564fddbb28e7356cbf54bd575c6c3b24a', operation='UPDATE OF "number", "held_on", "seats", "digest", "prepared_by_id", "prepared_at"', pgid='pgtrigger_commissionsession_is_frozen_dafc6', table='registry_commissionsession', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='commissionsession_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='2e80ec37a1f7af6488e9f5197e70584ef6bde946', operation='DELETE', pgid='pgtrigger_commissionsession_is_kept_25def', table='registry_commissionsession', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='commissionsession_counts_its_seats', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.signed_by_id IS NOT NULL OR NEW.seats <> (\n                        SELECT count(*) FROM registry_commissionmember m\n                        WHERE NEW.held_on BETWEEN m.named_on AND m.ends_on\n                    ) THEN\n                        RAISE EXCEPTION 'a session is prepared first, with as many seats as members in office'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissionsession_counts_its_seats';\n                    END IF;\n                    RETURN NEW;\n                ", hash='44b43830087bad0890d0983fee66c36c05c4e208', operation='INSERT', pgid='pgtrigger_commissionsession_counts_its_seats_c85ea', table='registry_commissionsession', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='commissionsession_is_signed_once', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF OLD.signed_by_id IS NOT NULL THEN\n                        RAISE EXCEPTION 'session % is signed and stays as it is', OLD.number;\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM registry_resolution r JOIN registry_removalcase c ON c.id = r.case_id\n                        WHERE r.session_id = NEW.id AND c.opened_by_id = NEW.signed_by_id\n                    ) THEN\n                        RAISE EXCEPTION 'who opened a case does not sign its decision'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'commissionsession_has_two_people';\n                    END IF;\n                    RETURN NEW;\n                ", hash='2eb86729483c6e13202b91068fc4dfc51b5b4d16', operation='UPDATE', pgid='pgtrigger_commissionsession_is_signed_once_33351', table='registry_commissionsession', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_commissionsessionhistory" ("digest", "held_on", "id", "minutes", "minutes_sha256", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "seats", "signed_at", "signed_by_id") SELECT new_values."digest", new_values."held_on", new_values."id", new_values."minutes", new_values."minutes_sha256", new_values."number", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."prepared_at", new_values."prepared_by_id", new_values."seats", new_values."signed_at", new_values."signed_by_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a51c6119dc046d34b71cf35a14cf205c8eecdc5a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_a0ae8', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_commissionsession', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_commissionsessionhistory" ("digest", "held_on", "id", "minutes", "minutes_sha256", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "seats", "signed_at", "signed_by_id") VALUES (NEW."digest", NEW."held_on", NEW."id", NEW."minutes", NEW."minutes_sha256", NEW."number", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."prepared_at", NEW."prepared_by_id", NEW."seats", NEW."signed_at", NEW."signed_by_id"); RETURN NULL;', hash='7475ef1c8877ade15181258608fb7890e8bef29c', operation='UPDATE', pgid='pgtrigger_update_update_cb9e9', table='registry_commissionsession', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='commissionsession',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_commissionsessionhistory" ("digest", "held_on", "id", "minutes", "minutes_sha256", "number", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "prepared_at", "prepared_by_id", "seats", "signed_at", "signed_by_id") SELECT old_values."digest", old_values."held_on", old_values."id", old_values."minutes", old_values."minutes_sha256", old_values."number", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."prepared_at", old_values."prepared_by_id", old_values."seats", old_values."signed_at", old_values."signed_by_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='ceaf7c4eba5ac7414c5152a66b221e556f1f0094', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_f6f65', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_commissionsession', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='legalhold_says_why'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('lifted_at__isnull', True), ('lifted_by__isnull', True)), models.Q(('lifted_at__isnull', False), ('lifted_by__isnull', False)), _connector='OR'), name='legalhold_lifting_is_paired'),
        ),
        migrations.AddConstraint(
            model_name='legalhold',
            constraint=models.UniqueConstraint(condition=models.Q(('lifted_at__isnull', True)), fields=('intermediary',), name='legalhold_one_at_a_time'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='legalhold_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='e7de00b0e8caa0c430ddd5a90daad70170ea3555', operation='DELETE', pgid='pgtrigger_legalhold_is_kept_429fe', table='registry_legalhold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='legalhold_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."placed_at" IS DISTINCT FROM (NEW."placed_at") OR OLD."placed_by_id" IS DISTINCT FROM (NEW."placed_by_id") OR OLD."reason" IS DISTINCT FROM (NEW."reason"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='ba6e5bf14e8955f94558498c37d247d0e0f1668e', operation='UPDATE OF "intermediary_id", "reason", "placed_by_id", "placed_at"', pgid='pgtrigger_legalhold_is_frozen_d8a16', table='registry_legalhold', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_legalholdhistory" ("id", "intermediary_id", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") SELECT new_values."id", new_values."intermediary_id", new_values."lifted_at", new_values."lifted_by_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."placed_at", new_values."placed_by_id", new_values."reason" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='33feca019a23f4f1489aaf81422f2fd460d9a5d1', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_1a91b', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_legalholdhistory" ("id", "intermediary_id", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") VALUES (NEW."id", NEW."intermediary_id", NEW."lifted_at", NEW."lifted_by_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."placed_at", NEW."placed_by_id", NEW."reason"); RETURN NULL;', hash='fdc4e6d99acd9b29d7fe65dcf58a9e9c6d4b4637', operation='UPDATE', pgid='pgtrigger_update_update_fc63c', table='registry_legalhold', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='legalhold',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_legalholdhistory" ("id", "intermediary_id", "lifted_at", "lifted_by_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "placed_at", "placed_by_id", "reason") SELECT old_values."id", old_values."intermediary_id", old_values."lifted_at", old_values."lifted_by_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."placed_at", old_values."placed_by_id", old_values."reason" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='b3b4990324b2d7c27713156b55dabbcfdffdceaa', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_ac676', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_legalhold', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='pastregistration',
            constraint=models.UniqueConstraint(fields=('registration', 'registered_on'), name='pastregistration_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pastregistration',
            trigger=pgtrigger.compiler.Trigger(name='pastregistration_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='bc64d52fed4fff929895a73310afb9fcc043c30b', operation='DELETE OR UPDATE', pgid='pgtrigger_pastregistration_is_kept_179b9', table='registry_pastregistration', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pastregistration',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_pastregistrationhistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "registration_id", "removed_on") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."registered_on", new_values."registration_id", new_values."removed_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='c3fb399a267e007f28a9558ff3cdc71721f69d3a', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_df058', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_pastregistration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pastregistration',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_pastregistrationhistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "registration_id", "removed_on") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registered_on", NEW."registration_id", NEW."removed_on"); RETURN NULL;', hash='54e17fa28021f894fefdb65a5963831f9f8fe600', operation='UPDATE', pgid='pgtrigger_update_update_b1576', table='registry_pastregistration', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='pastregistration',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_pastregistrationhistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registered_on", "registration_id", "removed_on") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."registered_on", old_values."registration_id", old_values."removed_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='9b6ecbe80eb10e77a932b56ac6cec85ff61c9c94', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d27c3', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_pastregistration', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='purgecertificate',
            constraint=models.CheckConstraint(condition=models.Q(('asked_by', models.F('approved_by')), _negated=True), name='purgecertificate_has_two_people', violation_error_message='Une destruction est approuvée par une seconde personne.'),
        ),
        migrations.AddConstraint(
            model_name='purgecertificate',
            constraint=models.CheckConstraint(condition=models.Q(('files__gte', 1), ('list_hash__regex', '^[0-9a-f]{64}$')), name='purgecertificate_has_its_list'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purgecertificate',
            trigger=pgtrigger.compiler.Trigger(name='purgecertificate_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='7995b5df462706a0a7609845319f4cb6426429a4', operation='DELETE', pgid='pgtrigger_purgecertificate_is_kept_036de', table='registry_purgecertificate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purgecertificate',
            trigger=pgtrigger.compiler.Trigger(name='purgecertificate_is_closed_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.sha256 <> '' OR (OLD.number, OLD.as_of, OLD.list_hash, OLD.files, OLD.asked_by_id, OLD.approved_by_id, OLD.executed_at, OLD.written_in) IS DISTINCT FROM (NEW.number, NEW.as_of, NEW.list_hash, NEW.files, NEW.asked_by_id, NEW.approved_by_id, NEW.executed_at, NEW.written_in))", func="RAISE EXCEPTION 'certificate % is closed and stays as it is', OLD.number;", hash='e332af2a92c520431c93effc1a5a1378d810696c', operation='UPDATE', pgid='pgtrigger_purgecertificate_is_closed_once_a6528', table='registry_purgecertificate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purgecertificate',
            trigger=pgtrigger.compiler.Trigger(name='purgecertificate_is_closed_at_the_end', sql=pgtrigger.compiler.UpsertTriggerSql(constraint='CONSTRAINT', func="\n                    IF EXISTS (\n                        SELECT FROM registry_purgecertificate c WHERE c.id = NEW.id AND (c.sha256 = '' OR c.files <> (\n                            SELECT count(*) FROM registry_purgedfile f WHERE f.certificate_id = c.id))\n                    ) THEN\n                        RAISE EXCEPTION 'certificate % does not account for its files', NEW.number\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'purgecertificate_is_closed_at_the_end';\n                    END IF;\n                    RETURN NULL;\n                ", hash='8c49603619220218e02d68459fac798419e3cf48', operation='INSERT', pgid='pgtrigger_purgecertificate_is_closed_at_the_end_acb02', table='registry_purgecertificate', timing='DEFERRABLE INITIALLY DEFERRED', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purgedfile',
            trigger=pgtrigger.compiler.Trigger(name='purgedfile_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='d2c73a4964d7ea36d32b031a9f31c7220c6f9821', operation='DELETE OR UPDATE', pgid='pgtrigger_purgedfile_is_kept_e958c', table='registry_purgedfile', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='purgedfile',
            trigger=pgtrigger.compiler.Trigger(name='purgedfile_may_be_destroyed', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_purgecertificate c\n                        JOIN registry_purgeable p ON p.intermediary_id = NEW.intermediary_id\n                        WHERE c.id = NEW.certificate_id AND c.written_in = pg_current_xact_id()::text AND c.sha256 = ''\n                          AND p.purge_from <= c.as_of\n                    ) THEN\n                        RAISE EXCEPTION 'file % may not be destroyed', NEW.intermediary_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'purgedfile_may_be_destroyed';\n                    END IF;\n                    RETURN NEW;\n                ", hash='260bfe6a5923f1e6a3180e99a95941ddfa489e9e', operation='INSERT', pgid='pgtrigger_purgedfile_may_be_destroyed_630b7', table='registry_purgedfile', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(('state__regex', '^(OPEN|NOTICE|FORMAL|DECIDED|LETTER|PUBLISHED|HELD|ERROR|WITHDRAWN|DISMISSED)$')), name='removalcase_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REMOVAL'), ('registration__isnull', False)), models.Q(('kind', 'STRIKING_OFF'), ('registration__isnull', True)), _connector='OR'), name='removalcase_names_what_it_removes', violation_error_message='Une suppression porte sur une inscription, une radiation sur la personne.'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('ground__in', ['NOT_FILED', 'FEE']), ('year__isnull', False)), models.Q(models.Q(('ground__in', ['NOT_FILED', 'FEE']), _negated=True), ('year__isnull', True)), _connector='OR'), name='removalcase_of_a_renewal_names_its_year'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state__in', ['ERROR', 'HELD']), models.Q(('resumes_as', ''), _negated=True)), models.Q(models.Q(('state__in', ['ERROR', 'HELD']), _negated=True), ('resumes_as', '')), _connector='OR'), name='removalcase_paused_knows_where_it_was'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='removalcase_says_why'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.CheckConstraint(condition=models.Q(('since_on__gte', models.F('opened_on'))), name='removalcase_is_moved_after_it_opens'),
        ),
        migrations.AddConstraint(
            model_name='removalcase',
            constraint=models.UniqueConstraint(condition=models.Q(('state__in', ['DECIDED', 'ERROR', 'FORMAL', 'HELD', 'LETTER', 'NOTICE', 'OPEN'])), fields=('intermediary', 'registration'), name='removalcase_one_live', nulls_distinct=False),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_transitions', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('OPHE OPNO OPWI NOER NOFO NOHE NOWI FODE FODI FOER FOHE FOWI DEHE DELE DEWI LEER LEHE LEPU LEWI HEDE HEFO HELE HENO HEOP HEWI ERDE ERNO EROP ERWI', left(OLD.state, 2) || left(NEW.state, 2)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='5ce1c77405d73ede59fe80ca651beb001d6988f0', operation='UPDATE OF "state"', pgid='pgtrigger_removalcase_transitions_f4622', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_is_frozen', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."ground" IS DISTINCT FROM (NEW."ground") OR OLD."intermediary_id" IS DISTINCT FROM (NEW."intermediary_id") OR OLD."kind" IS DISTINCT FROM (NEW."kind") OR OLD."opened_by_id" IS DISTINCT FROM (NEW."opened_by_id") OR OLD."opened_on" IS DISTINCT FROM (NEW."opened_on") OR OLD."reason" IS DISTINCT FROM (NEW."reason") OR OLD."registration_id" IS DISTINCT FROM (NEW."registration_id") OR OLD."year" IS DISTINCT FROM (NEW."year"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='20a151887f664145c53c3d18adaef3fbbaefec0b', operation='UPDATE OF "intermediary_id", "registration_id", "kind", "ground", "year", "reason", "opened_on", "opened_by_id"', pgid='pgtrigger_removalcase_is_frozen_f2255', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='d12ffd645f0590562b2f99af29042eb1ceed2249', operation='DELETE', pgid='pgtrigger_removalcase_is_kept_ccfea', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_begins_open', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.state <> 'OPEN' OR NEW.registration_id IS NOT NULL AND NOT EXISTS (\n                        SELECT FROM registry_registration r\n                        WHERE r.id = NEW.registration_id AND r.intermediary_id = NEW.intermediary_id\n                    ) THEN\n                        RAISE EXCEPTION 'a case begins open, about a registration of its own person'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'removalcase_begins_open';\n                    END IF;\n                    RETURN NEW;\n                ", hash='69e540aaa46b8bdf5b94a8c89a6f4663665fef7d', operation='INSERT', pgid='pgtrigger_removalcase_begins_open_620a5', table='registry_removalcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_time_goes_on', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.since_on < OLD.since_on)', func="RAISE EXCEPTION 'a step of case % cannot come before the last one', OLD.id;", hash='d62381885a76876098e6d08b5cbe6278853c3b81', operation='UPDATE', pgid='pgtrigger_removalcase_time_goes_on_1a0a9', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_goes_back_where_it_was', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (NEW.state = 'HELD' AND OLD.state <> 'HELD' AND NEW.resumes_as <> OLD.state OR NEW.state = 'ERROR' AND OLD.state <> 'ERROR' AND NOT (OLD.state = 'NOTICE' AND NEW.resumes_as = 'OPEN' OR OLD.state = 'FORMAL' AND NEW.resumes_as = 'NOTICE' OR OLD.state = 'LETTER' AND NEW.resumes_as = 'DECIDED') OR NEW.state = OLD.state AND NEW.resumes_as <> OLD.resumes_as OR OLD.state IN ('HELD', 'ERROR') AND NEW.state NOT IN (OLD.state, OLD.resumes_as, 'WITHDRAWN'))", func="RAISE EXCEPTION 'case % goes back to where it was, and nowhere else', OLD.id;", hash='16f882f73bd6f3b0f319581ff097bc976749a0e1', operation='UPDATE', pgid='pgtrigger_removalcase_goes_back_where_it_was_5fac8', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='removalcase_step_is_proved', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN ((OLD.state, NEW.state) IN (('NOTICE', 'FORMAL'), ('FORMAL', 'DECIDED'), ('LETTER', 'PUBLISHED')))", func="\n                    DECLARE\n                        refused text DEFAULT registry_step_refused(NEW.id, OLD.state, NEW.since_on);\n                    BEGIN\n                        IF refused IS NULL AND NEW.state = 'DECIDED' AND NOT registry_removal_carried(NEW.id) THEN\n                            refused = 'no signed session has carried it';\n                        END IF;\n                        IF refused IS NULL AND NEW.state = 'PUBLISHED' AND NEW.moved_by_id = NEW.opened_by_id THEN\n                            refused = 'who opened it does not publish it';\n                        END IF;\n                        IF refused IS NOT NULL THEN\n                            RAISE EXCEPTION 'case % may not become %: %', NEW.id, NEW.state, refused\n                                USING ERRCODE = 'check_violation', CONSTRAINT = 'removalcase_step_is_proved';\n                        END IF;\n                        RETURN NEW;\n                    END;\n                ", hash='195e5a7659d5a9cb982fc8d46362d3f4bfe02614', operation='UPDATE', pgid='pgtrigger_removalcase_step_is_proved_b0ef5', table='registry_removalcase', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_removalcasehistory" ("ground", "id", "intermediary_id", "kind", "moved_by_id", "note", "opened_by_id", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id", "resumes_as", "since_on", "state", "year") SELECT new_values."ground", new_values."id", new_values."intermediary_id", new_values."kind", new_values."moved_by_id", new_values."note", new_values."opened_by_id", new_values."opened_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."reason", new_values."registration_id", new_values."resumes_as", new_values."since_on", new_values."state", new_values."year" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='441f93a474a5e66ae91fb73e720084305479f3af', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_79f6f', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_removalcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_removalcasehistory" ("ground", "id", "intermediary_id", "kind", "moved_by_id", "note", "opened_by_id", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id", "resumes_as", "since_on", "state", "year") VALUES (NEW."ground", NEW."id", NEW."intermediary_id", NEW."kind", NEW."moved_by_id", NEW."note", NEW."opened_by_id", NEW."opened_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."reason", NEW."registration_id", NEW."resumes_as", NEW."since_on", NEW."state", NEW."year"); RETURN NULL;', hash='e5e63aeb302d6bc3e1f88e9d4ec569b74a1667e8', operation='UPDATE', pgid='pgtrigger_update_update_e83a2', table='registry_removalcase', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='removalcase',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_removalcasehistory" ("ground", "id", "intermediary_id", "kind", "moved_by_id", "note", "opened_by_id", "opened_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "reason", "registration_id", "resumes_as", "since_on", "state", "year") SELECT old_values."ground", old_values."id", old_values."intermediary_id", old_values."kind", old_values."moved_by_id", old_values."note", old_values."opened_by_id", old_values."opened_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."reason", old_values."registration_id", old_values."resumes_as", old_values."since_on", old_values."state", old_values."year" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8f8f7a3ae7c25a7109ad192e59f8318850e461b5', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_d3bdd', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_removalcase', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(('sha256', models.Func(models.F('pdf'), output_field=models.CharField(), template="encode(sha256(%(expressions)s), 'hex')"))), name='letter_is_the_bytes_it_says'),
        ),
        migrations.AddConstraint(
            model_name='letter',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('case__isnull', True), ('kind', 'ORDER'), ('order__isnull', False)), models.Q(models.Q(('kind', 'ORDER'), _negated=True), ('case__isnull', False), ('order__isnull', True)), _connector='OR'), name='letter_belongs_to_an_act'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='letter',
            trigger=pgtrigger.compiler.Trigger(name='letter_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='0c8335c6c0f9486017ce0b030abd68e97e2bfb28', operation='DELETE OR UPDATE', pgid='pgtrigger_letter_is_kept_fabd9', table='registry_letter', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='caseproof',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'MAILED'), ('letter__isnull', True), ('reference', ''), ('step', 'NOTICE'), models.Q(('mail_key', ''), _negated=True)), models.Q(models.Q(('kind', 'MAILED'), _negated=True), ('letter__isnull', False), ('mail_key', '')), _connector='OR'), name='caseproof_rests_on_something', violation_error_message='Seul l’avis peut être prouvé par un courriel\u202f; le reste par lettre.'),
        ),
        migrations.AddConstraint(
            model_name='caseproof',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'POSTED'), _negated=True), models.Q(('reference', ''), _negated=True), _connector='OR'), name='caseproof_posted_names_its_registered_number', violation_error_message='Un dépôt en recommandé a un numéro.'),
        ),
        migrations.AddConstraint(
            model_name='caseproof',
            constraint=models.CheckConstraint(condition=models.Q(('happened_on__lte', models.F('recorded_on'))), name='caseproof_is_not_of_the_future'),
        ),
        migrations.AddConstraint(
            model_name='caseproof',
            constraint=models.UniqueConstraint(condition=models.Q(('kind', 'POSTED')), fields=('letter',), name='caseproof_posted_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproof',
            trigger=pgtrigger.compiler.Trigger(name='caseproof_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='3339e9c0cce4ab781673adc4be2d329b673f811a', operation='DELETE OR UPDATE', pgid='pgtrigger_caseproof_is_kept_859f9', table='registry_caseproof', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproof',
            trigger=pgtrigger.compiler.Trigger(name='caseproof_is_true', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NEW.letter_id IS NOT NULL AND NOT EXISTS (\n                        SELECT FROM registry_letter l\n                        WHERE l.id = NEW.letter_id AND l.case_id = NEW.case_id AND l.kind = NEW.step\n                          AND l.dated_on <= NEW.happened_on\n                    ) OR NEW.kind = 'MAILED' AND NOT EXISTS (\n                        SELECT FROM registry_removalcase c\n                        WHERE c.id = NEW.case_id AND registry_mail_proves(c.id, NEW.mail_key, NEW.happened_on)\n                    ) THEN\n                        RAISE EXCEPTION 'nothing in the ledger proves step % of case %', NEW.step, NEW.case_id\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'caseproof_is_true';\n                    END IF;\n                    RETURN NEW;\n                ", hash='8d904f76bb272257738d0c9c4985c61259a8339e', operation='INSERT', pgid='pgtrigger_caseproof_is_true_5a532', table='registry_caseproof', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproof',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_caseproofhistory" ("case_id", "happened_on", "id", "kind", "letter_id", "mail_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "recorded_on", "reference", "step") SELECT new_values."case_id", new_values."happened_on", new_values."id", new_values."kind", new_values."letter_id", new_values."mail_key", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."recorded_by_id", new_values."recorded_on", new_values."reference", new_values."step" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b43486f4818d00e48f706dcd552b53b19b2ab687', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_e55df', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_caseproof', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproof',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_caseproofhistory" ("case_id", "happened_on", "id", "kind", "letter_id", "mail_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "recorded_on", "reference", "step") VALUES (NEW."case_id", NEW."happened_on", NEW."id", NEW."kind", NEW."letter_id", NEW."mail_key", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."recorded_by_id", NEW."recorded_on", NEW."reference", NEW."step"); RETURN NULL;', hash='8e2ed86b2a664fa0372407de4c963703a05441be', operation='UPDATE', pgid='pgtrigger_update_update_d6024', table='registry_caseproof', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='caseproof',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_caseproofhistory" ("case_id", "happened_on", "id", "kind", "letter_id", "mail_key", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "recorded_by_id", "recorded_on", "reference", "step") SELECT old_values."case_id", old_values."happened_on", old_values."id", old_values."kind", old_values."letter_id", old_values."mail_key", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."recorded_by_id", old_values."recorded_on", old_values."reference", old_values."step" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='8e2b42c5d3b2ca2bdc18ee3147de34dbd50355f0', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5b3e3', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_caseproof', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='resolution',
            constraint=models.UniqueConstraint(fields=('session', 'case'), name='resolution_once'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='resolution',
            trigger=pgtrigger.compiler.Trigger(name='resolution_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='fb850c16c939b67abd7a6f1cafb1b6292385e9b2', operation='DELETE OR UPDATE', pgid='pgtrigger_resolution_is_kept_f2b1b', table='registry_resolution', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='resolution',
            trigger=pgtrigger.compiler.Trigger(name='resolution_comes_before_the_signature', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM registry_commissionsession WHERE id = NEW.session_id AND signed_by_id IS NOT NULL) THEN\n                RAISE EXCEPTION 'a signed session takes nothing more';\n            END IF;\n            RETURN NEW;\n        ", hash='a05f3aad0f7b399d46fb188e27c92c370a0d76c8', operation='INSERT', pgid='pgtrigger_resolution_comes_before_the_signature_b49d5', table='registry_resolution', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='resolution',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_resolutionhistory" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_id") SELECT new_values."case_id", new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."session_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='0cec625cdf7a1c06715dc87cb390eeb5c61ad9ed', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_7b031', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_resolution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='resolution',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_resolutionhistory" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_id") VALUES (NEW."case_id", NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."session_id"); RETURN NULL;', hash='22f183a22fb2b9c8e0c3334b9aa80b2a4ae25b58', operation='UPDATE', pgid='pgtrigger_update_update_78c27', table='registry_resolution', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='resolution',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_resolutionhistory" ("case_id", "id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "session_id") SELECT old_values."case_id", old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."session_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='c8695419e0b3ac199fa48436c4b59e07efd90265', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_10e0e', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_resolution', when='AFTER')),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.UniqueConstraint(fields=('resolution', 'member'), name='ballot_once'),
        ),
        migrations.AddConstraint(
            model_name='ballot',
            constraint=models.CheckConstraint(condition=models.Q(('choice__in', ['FOR', 'AGAINST', 'ABSTAINED', 'CONFLICT'])), name='ballot_choice_is_known'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='ballot_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF register_purging(register_owner(TG_TABLE_NAME, to_jsonb(OLD))) THEN\n                RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;\n            END IF;\n            RAISE EXCEPTION 'Cannot % rows from % table: what was recorded stays', lower(TG_OP), TG_TABLE_NAME;\n        ", hash='a8117d3624f0489f0b6f9eb98411cd59c984f711', operation='DELETE OR UPDATE', pgid='pgtrigger_ballot_is_kept_ded5a', table='registry_ballot', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='ballot_comes_before_the_signature', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n            IF EXISTS (SELECT FROM registry_commissionsession WHERE id = (SELECT r.session_id FROM registry_resolution r WHERE r.id = NEW.resolution_id) AND signed_by_id IS NOT NULL) THEN\n                RAISE EXCEPTION 'a signed session takes nothing more';\n            END IF;\n            RETURN NEW;\n        ", hash='bc2874a1fb840ec1e6b1634d023b239c8af0cda3', operation='INSERT', pgid='pgtrigger_ballot_comes_before_the_signature_e8c82', table='registry_ballot', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='ballot_is_of_a_member_in_office', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF NOT EXISTS (\n                        SELECT FROM registry_resolution r JOIN registry_commissionsession s ON s.id = r.session_id\n                        JOIN registry_commissionmember m ON s.held_on BETWEEN m.named_on AND m.ends_on\n                        WHERE r.id = NEW.resolution_id AND m.id = NEW.member_id\n                    ) THEN\n                        RAISE EXCEPTION 'who is not in office on the day of a session has no voice there'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'ballot_is_of_a_member_in_office';\n                    END IF;\n                    RETURN NEW;\n                ", hash='9ef7cfbfad1070dc21d2e21bfce303b34ddc9ef9', operation='INSERT', pgid='pgtrigger_ballot_is_of_a_member_in_office_b54a8', table='registry_ballot', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_ballothistory" ("choice", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolution_id") SELECT new_values."choice", new_values."id", new_values."member_id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."resolution_id" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='a5a15ba9cab377754b081fbb1e77ad4df4d12abb', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_23b18', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_ballot', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_ballothistory" ("choice", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolution_id") VALUES (NEW."choice", NEW."id", NEW."member_id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."resolution_id"); RETURN NULL;', hash='3f1de5a121a072158f29a4120fd4ed89bf0a3be7', operation='UPDATE', pgid='pgtrigger_update_update_1857a', table='registry_ballot', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='ballot',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_ballothistory" ("choice", "id", "member_id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "resolution_id") SELECT old_values."choice", old_values."id", old_values."member_id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."resolution_id" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='cdbcc8a26c5fb0a73c9ae36c6b8787240c97f16a', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_93ac7', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_ballot', when='AFTER')),
        ),
        migrations.RunSQL(PROOFS, NO_PROOFS),
        migrations.RunSQL(PURGE, NO_PURGE),
        migrations.RunPython(create_terms, migrations.RunPython.noop),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
