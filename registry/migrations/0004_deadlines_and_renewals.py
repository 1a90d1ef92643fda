"""Signed decisions that move deadlines, renewal requests and their fees."""

import datetime
from datetime import date
import django.db.models.deletion
import django.db.models.expressions
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


DEADLINES = """
CREATE VIEW registry_deadlineinforce AS
SELECT d.id, d.kind, d.campaign_id, d.opens_on, d.principals_due_on, d.due_on, d.tolerated_until, d.expires_on,
       d.from_on, d.until_on, d.days_lost
FROM registry_deadlinedecision d
WHERE d.kind <> 'REVERSAL' AND NOT EXISTS (SELECT FROM registry_deadlinedecision r WHERE r.reverts_id = d.id);

-- The campaigns after the decisions in force, in the order of signing: the twin of rules.deadlines.dates_in_force.
CREATE FUNCTION registry_dates_in_force() RETURNS SETOF registry_renewalcampaign LANGUAGE plpgsql STABLE ROWS 40 AS $$
DECLARE
    k registry_renewalcampaign;
    act record;
BEGIN
    FOR k IN SELECT * FROM registry_renewalcampaign LOOP
        FOR act IN SELECT * FROM registry_deadlineinforce ORDER BY id LOOP
            IF act.campaign_id = k.id THEN
                k.opens_on := coalesce(act.opens_on, k.opens_on);
                k.principals_due_on := coalesce(act.principals_due_on, k.principals_due_on);
                k.due_on := coalesce(act.due_on, k.due_on);
                k.tolerated_until := coalesce(act.tolerated_until, k.tolerated_until);
                k.expires_on := coalesce(act.expires_on, k.expires_on);
            ELSIF act.kind = 'FREEZE' AND k.opens_on <= act.until_on THEN
                k.opens_on := k.opens_on + act.days_lost * (k.opens_on >= act.from_on)::integer;
                k.principals_due_on := k.principals_due_on + act.days_lost * (k.principals_due_on >= act.from_on)::integer;
                k.due_on := k.due_on + act.days_lost * (k.due_on >= act.from_on)::integer;
                k.tolerated_until := k.tolerated_until + act.days_lost * (k.tolerated_until >= act.from_on)::integer;
                k.expires_on := k.expires_on + act.days_lost * (k.expires_on >= act.from_on)::integer;
            END IF;
        END LOOP;
        RETURN NEXT k;
    END LOOP;
END
$$;

CREATE VIEW registry_campaigndates AS
SELECT year, opens_on, principals_due_on, due_on, tolerated_until, expires_on FROM registry_dates_in_force();

-- The last day of a clock that runs from opened_on to last_on: the twin of rules.deadlines.after_freezes.
CREATE FUNCTION registry_after_freezes(last_on date, opened_on date) RETURNS date LANGUAGE plpgsql STABLE AS $$
DECLARE
    act record;
BEGIN
    FOR act IN SELECT * FROM registry_deadlineinforce WHERE kind = 'FREEZE' ORDER BY id LOOP
        IF opened_on <= act.until_on AND last_on >= act.from_on THEN
            last_on := last_on + act.days_lost;
        END IF;
    END LOOP;
    RETURN last_on;
END
$$;
"""
NO_DEADLINES = """
DROP FUNCTION registry_after_freezes;
DROP VIEW registry_campaigndates;
DROP FUNCTION registry_dates_in_force;
DROP VIEW registry_deadlineinforce;
"""


# (category, from, until, euro cents, source, verified): docs/decisions/reference-rows.md
FEE_RATES = [
    (category, *row)
    for category in ("COA", "IOB", "CIF")
    for row in (
        (date(2014, 1, 1), date(2014, 12, 31), 3_000, "ORIAS, présentation du 22 septembre 2014 (source secondaire)", False),
        (date(2025, 1, 1), None, 2_500, "CSCA, 2 janvier 2025 (source secondaire)\u00a0; plafond CA L512-1", False),
    )
]


def create_fee_rates(apps, schema_editor):
    rate = apps.get_model("registry", "FeeRate")
    rate.objects.bulk_create(
        rate(category=category, valid_from=first, valid_until=last, amount_cents=cents, source=source, is_verified=verified)
        for category, first, last, cents, source, verified in FEE_RATES
    )


class Migration(QuickMigration):

    dependencies = [
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0003_emptied_by_nobody'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='DeadlineDecision',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('SHIFT', 'Décalage de campagne'), ('FREEZE', 'Gel des délais'), ('REVERSAL', 'Annulation')], max_length=8, verbose_name='acte')),
                ('opens_on', models.DateField(blank=True, null=True, verbose_name='ouverture')),
                ('principals_due_on', models.DateField(blank=True, null=True, verbose_name='échéance des mandants et associations')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='échéance ordinaire')),
                ('tolerated_until', models.DateField(blank=True, null=True, verbose_name='tolérance jusqu’au')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='fin de validité')),
                ('from_on', models.DateField(blank=True, null=True, verbose_name='indisponibilité du')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='au')),
                ('days_lost', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='jours perdus')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('act_reference', models.CharField(blank=True, max_length=120, verbose_name='référence de l’acte')),
                ('signed_at', models.DateTimeField(verbose_name='signé le')),
            ],
            options={
                'verbose_name': 'décision sur les délais',
                'verbose_name_plural': 'décisions sur les délais',
            },
        ),
        migrations.CreateModel(
            name='DeadlineDecisionHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('kind', models.CharField(choices=[('SHIFT', 'Décalage de campagne'), ('FREEZE', 'Gel des délais'), ('REVERSAL', 'Annulation')], max_length=8, verbose_name='acte')),
                ('opens_on', models.DateField(blank=True, null=True, verbose_name='ouverture')),
                ('principals_due_on', models.DateField(blank=True, null=True, verbose_name='échéance des mandants et associations')),
                ('due_on', models.DateField(blank=True, null=True, verbose_name='échéance ordinaire')),
                ('tolerated_until', models.DateField(blank=True, null=True, verbose_name='tolérance jusqu’au')),
                ('expires_on', models.DateField(blank=True, null=True, verbose_name='fin de validité')),
                ('from_on', models.DateField(blank=True, null=True, verbose_name='indisponibilité du')),
                ('until_on', models.DateField(blank=True, null=True, verbose_name='au')),
                ('days_lost', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='jours perdus')),
                ('reason', models.CharField(max_length=500, verbose_name='motif')),
                ('act_reference', models.CharField(blank=True, max_length=120, verbose_name='référence de l’acte')),
                ('signed_at', models.DateTimeField(verbose_name='signé le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='FeeRate',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('category', models.CharField(choices=[('COA', 'courtier d’assurance ou de réassurance'), ('IOB', 'intermédiaire en opérations de banque et en services de paiement'), ('CIF', 'conseiller en investissements financiers')], max_length=3, verbose_name='catégorie')),
                ('valid_from', models.DateField(verbose_name='applicable du')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='jusqu’au')),
                ('amount_cents', models.PositiveIntegerField(verbose_name='montant (centimes)')),
                ('source', models.CharField(max_length=300, verbose_name='texte ou source')),
                ('is_verified', models.BooleanField(default=False, verbose_name='vérifié dans le texte')),
            ],
            options={
                'verbose_name': 'tarif',
            },
        ),
        migrations.CreateModel(
            name='FeeRateHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('category', models.CharField(choices=[('COA', 'courtier d’assurance ou de réassurance'), ('IOB', 'intermédiaire en opérations de banque et en services de paiement'), ('CIF', 'conseiller en investissements financiers')], max_length=3, verbose_name='catégorie')),
                ('valid_from', models.DateField(verbose_name='applicable du')),
                ('valid_until', models.DateField(blank=True, null=True, verbose_name='jusqu’au')),
                ('amount_cents', models.PositiveIntegerField(verbose_name='montant (centimes)')),
                ('source', models.CharField(max_length=300, verbose_name='texte ou source')),
                ('is_verified', models.BooleanField(default=False, verbose_name='vérifié dans le texte')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='RenewalRequest',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('state', models.CharField(choices=[('OPEN', 'Ouverte, à déposer'), ('ENTERED', 'Papier saisi, à confirmer'), ('FILED', 'Déposée')], db_default='OPEN', default='OPEN', max_length=7, verbose_name='état')),
                ('opened_on', models.DateField(verbose_name='ouverte le')),
                ('channel', models.CharField(blank=True, choices=[('ONLINE', 'En ligne'), ('API', 'API'), ('PRINCIPAL', 'Par le mandant'), ('ASSOCIATION', 'Par l’association'), ('PAPER', 'Papier')], db_default='', max_length=11, verbose_name='voie')),
                ('filed_on', models.DateField(blank=True, null=True, verbose_name='déposée le')),
                ('entered_on', models.DateField(blank=True, null=True, verbose_name='saisie le')),
                ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmée le')),
                ('fee_cents', models.PositiveIntegerField(blank=True, null=True, verbose_name='frais (centimes)')),
                ('paid_cents', models.PositiveIntegerField(blank=True, null=True, verbose_name='réglé (centimes)')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='réglé le')),
                ('payment_reference', models.CharField(blank=True, db_default='', max_length=120, verbose_name='référence du règlement')),
                ('informed_on', models.DateField(blank=True, null=True, verbose_name='informé du défaut de paiement le')),
            ],
            options={
                'verbose_name': 'demande de renouvellement',
                'verbose_name_plural': 'demandes de renouvellement',
            },
        ),
        migrations.CreateModel(
            name='RenewalRequestHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.BigIntegerField()),
                ('state', models.CharField(choices=[('OPEN', 'Ouverte, à déposer'), ('ENTERED', 'Papier saisi, à confirmer'), ('FILED', 'Déposée')], db_default='OPEN', default='OPEN', max_length=7, verbose_name='état')),
                ('opened_on', models.DateField(verbose_name='ouverte le')),
                ('channel', models.CharField(blank=True, choices=[('ONLINE', 'En ligne'), ('API', 'API'), ('PRINCIPAL', 'Par le mandant'), ('ASSOCIATION', 'Par l’association'), ('PAPER', 'Papier')], db_default='', max_length=11, verbose_name='voie')),
                ('filed_on', models.DateField(blank=True, null=True, verbose_name='déposée le')),
                ('entered_on', models.DateField(blank=True, null=True, verbose_name='saisie le')),
                ('confirmed_on', models.DateField(blank=True, null=True, verbose_name='confirmée le')),
                ('fee_cents', models.PositiveIntegerField(blank=True, null=True, verbose_name='frais (centimes)')),
                ('paid_cents', models.PositiveIntegerField(blank=True, null=True, verbose_name='réglé (centimes)')),
                ('paid_on', models.DateField(blank=True, null=True, verbose_name='réglé le')),
                ('payment_reference', models.CharField(blank=True, db_default='', max_length=120, verbose_name='référence du règlement')),
                ('informed_on', models.DateField(blank=True, null=True, verbose_name='informé du défaut de paiement le')),
            ],
            options={
                'abstract': False,
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalcampaign',
            trigger=pgtrigger.compiler.Trigger(name='campaign_dates_move_by_decision', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."due_on" IS DISTINCT FROM (NEW."due_on") OR OLD."expires_on" IS DISTINCT FROM (NEW."expires_on") OR OLD."opens_on" IS DISTINCT FROM (NEW."opens_on") OR OLD."principals_due_on" IS DISTINCT FROM (NEW."principals_due_on") OR OLD."tolerated_until" IS DISTINCT FROM (NEW."tolerated_until") OR OLD."year" IS DISTINCT FROM (NEW."year"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='9cbf55f2f581be38eb7f025d851e2cc4231a8e7f', operation='UPDATE OF "year", "opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on"', pgid='pgtrigger_campaign_dates_move_by_decision_48ce8', table='registry_renewalcampaign', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='deadlinedecision',
            name='campaign',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='decisions', to='registry.renewalcampaign', verbose_name='campagne'),
        ),
        migrations.AddField(
            model_name='deadlinedecision',
            name='reverts',
            field=models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='reversal', to='registry.deadlinedecision', verbose_name='annule'),
        ),
        migrations.AddField(
            model_name='deadlinedecision',
            name='signed_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signé par'),
        ),
        migrations.AddField(
            model_name='deadlinedecisionhistory',
            name='campaign',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.renewalcampaign', verbose_name='campagne'),
        ),
        migrations.AddField(
            model_name='deadlinedecisionhistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='deadlinedecisionhistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.deadlinedecision'),
        ),
        migrations.AddField(
            model_name='deadlinedecisionhistory',
            name='reverts',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.deadlinedecision', verbose_name='annule'),
        ),
        migrations.AddField(
            model_name='deadlinedecisionhistory',
            name='signed_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='signé par'),
        ),
        migrations.AddConstraint(
            model_name='feerate',
            constraint=models.UniqueConstraint(fields=('category', 'valid_from'), name='feerate_starts_once'),
        ),
        migrations.AddConstraint(
            model_name='feerate',
            constraint=models.CheckConstraint(condition=models.Q(('valid_until__isnull', True), ('valid_until__gte', models.F('valid_from')), _connector='OR'), name='feerate_ends_after_it_starts'),
        ),
        migrations.AddConstraint(
            model_name='feerate',
            constraint=models.CheckConstraint(condition=models.Q(('amount_cents__lte', 25000)), name='feerate_is_within_the_law', violation_error_message='Les frais ne peuvent dépasser 250\xa0€ (CA L512-1, CMF L546-1).'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feerate',
            trigger=pgtrigger.compiler.Trigger(name='reference_version', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        UPDATE registry_referenceversion SET version = version + 1;\n        RETURN NULL;\n    ', hash='e135a444a450e9ca458ce92df5a0f0e2da7ededc', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_reference_version_1711c', table='registry_feerate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feerate',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_feeratehistory" ("amount_cents", "category", "id", "is_verified", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "valid_from", "valid_until") SELECT new_values."amount_cents", new_values."category", new_values."id", new_values."is_verified", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."source", new_values."valid_from", new_values."valid_until" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='b6ca184d969a5a29a92808c47c63b3300f2124d2', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_74c05', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_feerate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feerate',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_feeratehistory" ("amount_cents", "category", "id", "is_verified", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "valid_from", "valid_until") VALUES (NEW."amount_cents", NEW."category", NEW."id", NEW."is_verified", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."source", NEW."valid_from", NEW."valid_until"); RETURN NULL;', hash='a59873761af2b25baa7f6dc01318693e2843add2', operation='UPDATE', pgid='pgtrigger_update_update_89acf', table='registry_feerate', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feerate',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_feeratehistory" ("amount_cents", "category", "id", "is_verified", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "source", "valid_from", "valid_until") SELECT old_values."amount_cents", old_values."category", old_values."id", old_values."is_verified", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."source", old_values."valid_from", old_values."valid_until" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='e0ca5ccb8a6bcd16f5678ce5e64d02cb3c0f5729', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_3a4fb', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_feerate', when='AFTER')),
        ),
        migrations.AddField(
            model_name='feeratehistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='feeratehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.feerate'),
        ),
        migrations.AddField(
            model_name='renewalrequest',
            name='campaign',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='requests', to='registry.renewalcampaign', verbose_name='campagne'),
        ),
        migrations.AddField(
            model_name='renewalrequest',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmée par'),
        ),
        migrations.AddField(
            model_name='renewalrequest',
            name='entered_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisie par'),
        ),
        migrations.AddField(
            model_name='renewalrequest',
            name='registration',
            field=models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.PROTECT, related_name='renewals', to='registry.registration'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='campaign',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.renewalcampaign', verbose_name='campagne'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='confirmed_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='confirmée par'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='entered_by',
            field=models.ForeignKey(blank=True, db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='saisie par'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='registry.renewalrequest'),
        ),
        migrations.AddField(
            model_name='renewalrequesthistory',
            name='registration',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to='registry.registration'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(('kind__in', ['SHIFT', 'FREEZE', 'REVERSAL'])), name='deadline_act_is_known'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('campaign__isnull', False), ('kind', 'SHIFT'), models.Q(('due_on__isnull', True), ('expires_on__isnull', True), ('opens_on__isnull', True), ('principals_due_on__isnull', True), ('tolerated_until__isnull', True), _negated=True)), models.Q(models.Q(('kind', 'SHIFT'), _negated=True), ('campaign__isnull', True), ('due_on__isnull', True), ('expires_on__isnull', True), ('opens_on__isnull', True), ('principals_due_on__isnull', True), ('tolerated_until__isnull', True)), _connector='OR'), name='deadline_shift_moves_a_date_of_a_campaign', violation_error_message='Un décalage fixe au moins une date d’une campagne, et lui seul le fait.'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('days_lost__gte', 1), ('days_lost__isnull', False), ('from_on__isnull', False), ('kind', 'FREEZE'), ('until_on', models.ExpressionWrapper(django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(models.F('from_on'), '+', models.F('days_lost')), '-', models.Value(1)), output_field=models.DateField())), ('until_on__isnull', False)), models.Q(models.Q(('kind', 'FREEZE'), _negated=True), ('days_lost__isnull', True), ('from_on__isnull', True), ('until_on__isnull', True)), _connector='OR'), name='deadline_freeze_has_its_days', violation_error_message='Un gel compte chaque jour, du premier au dernier.'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'REVERSAL'), ('reverts__isnull', False)), models.Q(models.Q(('kind', 'REVERSAL'), _negated=True), ('reverts__isnull', True)), _connector='OR'), name='deadline_reversal_names_a_decision'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='deadline_decision_has_a_reason'),
        ),
        migrations.AddConstraint(
            model_name='deadlinedecision',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('kind', 'SHIFT'), _negated=True), models.Q(('act_reference', ''), _negated=True), _connector='OR'), name='deadline_shift_names_its_act', violation_error_message='Un décalage cite l’acte dont il procède.'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='reference_version', sql=pgtrigger.compiler.UpsertTriggerSql(func='\n        UPDATE registry_referenceversion SET version = version + 1;\n        RETURN NULL;\n    ', hash='210f175ae5bc50c891ef971be16042dfe5631abb', level='STATEMENT', operation='INSERT OR UPDATE OR DELETE', pgid='pgtrigger_reference_version_6f794', table='registry_deadlinedecision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='deadline_decision_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete or update rows from % table', TG_TABLE_NAME;", hash='24c09f0abd0e17aba52aa19388adcbd7a0b43dbf', operation='DELETE OR UPDATE', pgid='pgtrigger_deadline_decision_is_kept_e2265', table='registry_deadlinedecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='a_reversal_is_not_reverted', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW."kind" = \'REVERSAL\')', func="\n                    IF EXISTS (\n                        SELECT FROM registry_deadlinedecision d WHERE d.id = NEW.reverts_id AND d.kind = 'REVERSAL'\n                    ) THEN\n                        RAISE EXCEPTION 'a reversal is not reverted: sign the decision anew'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_reversal_is_not_reverted';\n                    END IF;\n                    RETURN NEW;\n                ", hash='8830e7bf9be0430d409b71555ec4422ea6cf691f', operation='INSERT', pgid='pgtrigger_a_reversal_is_not_reverted_be0c8', table='registry_deadlinedecision', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='what_they_make_of_the_dates', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n                    IF EXISTS (\n                        SELECT FROM registry_campaigndates\n                        WHERE opens_on > principals_due_on OR principals_due_on > due_on OR due_on > tolerated_until\n                    ) THEN\n                        RAISE EXCEPTION 'the dates of a campaign would not follow one another'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_dates_stay_in_order';\n                    END IF;\n                    IF EXISTS (\n                        SELECT FROM registry_deadlineinforce one JOIN registry_deadlineinforce other\n                        ON one.id < other.id AND one.from_on <= other.until_on AND other.from_on <= one.until_on\n                    ) THEN\n                        RAISE EXCEPTION 'two freezes would give the same day back twice'\n                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_freezes_do_not_overlap';\n                    END IF;\n                    RETURN NULL;\n                ", hash='7d69eb24d1fd030dc8d7d202bb80ec18de249b3d', level='STATEMENT', operation='INSERT', pgid='pgtrigger_what_they_make_of_the_dates_196f7', table='registry_deadlinedecision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_deadlinedecisionhistory" ("act_reference", "campaign_id", "days_lost", "due_on", "expires_on", "from_on", "id", "kind", "opens_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "principals_due_on", "reason", "reverts_id", "signed_at", "signed_by_id", "tolerated_until", "until_on") SELECT new_values."act_reference", new_values."campaign_id", new_values."days_lost", new_values."due_on", new_values."expires_on", new_values."from_on", new_values."id", new_values."kind", new_values."opens_on", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."principals_due_on", new_values."reason", new_values."reverts_id", new_values."signed_at", new_values."signed_by_id", new_values."tolerated_until", new_values."until_on" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='7aa34913497c4ddfc590e269baa38a49db6882f6', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_b64af', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_deadlinedecision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_deadlinedecisionhistory" ("act_reference", "campaign_id", "days_lost", "due_on", "expires_on", "from_on", "id", "kind", "opens_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "principals_due_on", "reason", "reverts_id", "signed_at", "signed_by_id", "tolerated_until", "until_on") VALUES (NEW."act_reference", NEW."campaign_id", NEW."days_lost", NEW."due_on", NEW."expires_on", NEW."from_on", NEW."id", NEW."kind", NEW."opens_on", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."principals_due_on", NEW."reason", NEW."reverts_id", NEW."signed_at", NEW."signed_by_id", NEW."tolerated_until", NEW."until_on"); RETURN NULL;', hash='84dc12e26c309fa5c9dafbe58cec17865179c7c1', operation='UPDATE', pgid='pgtrigger_update_update_3b3bf', table='registry_deadlinedecision', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='deadlinedecision',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_deadlinedecisionhistory" ("act_reference", "campaign_id", "days_lost", "due_on", "expires_on", "from_on", "id", "kind", "opens_on", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "principals_due_on", "reason", "reverts_id", "signed_at", "signed_by_id", "tolerated_until", "until_on") SELECT old_values."act_reference", old_values."campaign_id", old_values."days_lost", old_values."due_on", old_values."expires_on", old_values."from_on", old_values."id", old_values."kind", old_values."opens_on", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."principals_due_on", old_values."reason", old_values."reverts_id", old_values."signed_at", old_values."signed_by_id", old_values."tolerated_until", old_values."until_on" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='94822462d565b0171f759487371d1b98e705d5db', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_c7b92', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_deadlinedecision', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='renewalrequest',
            index=models.Index(condition=models.Q(('state', 'ENTERED')), fields=['entered_on'], name='renewal_awaits_confirmation'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.UniqueConstraint(fields=('registration', 'campaign'), name='renewal_once_per_campaign'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['OPEN', 'ENTERED', 'FILED'])), name='renewal_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('channel__in', ['', 'ONLINE', 'API', 'PRINCIPAL', 'ASSOCIATION', 'PAPER'])), name='renewal_channel_is_known'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('channel', ''), ('entered_by', None), ('entered_on', None), ('fee_cents', None), ('filed_on', None), ('state', 'OPEN')), models.Q(models.Q(('state', 'OPEN'), _negated=True), models.Q(('channel', ''), _negated=True), ('entered_on__isnull', False), ('filed_on__isnull', False)), _connector='OR'), name='renewal_deposit_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('filed_on__isnull', True), models.Q(('filed_on__gte', datetime.date(2007, 1, 1)), ('filed_on__lte', models.F('entered_on'))), _connector='OR'), name='renewal_is_not_filed_in_the_future', violation_error_message='Un dépôt ne peut pas être postérieur à sa saisie.'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('state', 'ENTERED'), _negated=True), ('channel', 'PAPER'), _connector='OR'), name='renewal_only_paper_awaits_confirmation'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(models.Q(('channel', 'PAPER'), _negated=True), ('entered_by__isnull', False), _connector='OR'), models.Q(models.Q(('channel', 'PAPER'), ('confirmed_by__isnull', False), ('confirmed_on__gte', models.F('entered_on')), ('confirmed_on__isnull', False), ('state', 'FILED'), models.Q(('confirmed_by', models.F('entered_by')), _negated=True)), models.Q(models.Q(('channel', 'PAPER'), ('state', 'FILED'), _negated=True), ('confirmed_by__isnull', True), ('confirmed_on__isnull', True)), _connector='OR')), name='renewal_paper_has_two_people', violation_error_message='Un dépôt papier est confirmé par une autre personne que celle qui l’a saisi.'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('paid_cents__isnull', True), ('paid_on__isnull', True), ('payment_reference', '')), models.Q(('paid_cents__gt', 0), ('paid_on__isnull', False), models.Q(('payment_reference', ''), _negated=True)), _connector='OR'), name='renewal_payment_is_whole'),
        ),
        migrations.AddConstraint(
            model_name='renewalrequest',
            constraint=models.CheckConstraint(condition=models.Q(('informed_on__isnull', True), models.Q(('informed_on__gte', models.F('filed_on')), ('state', 'FILED')), _connector='OR'), name='renewal_notice_follows_the_deposit'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM new_rows AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='ac10e2a8581a503881b7153abe3d49e791b16902', level='STATEMENT', operation='INSERT', pgid='pgtrigger_facts_version_insert_6357b', referencing='REFERENCING NEW TABLE AS new_rows ', table='registry_renewalrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM old_rows AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='bf4d1400fa58c5c854cb00c21287eee2670b2510', level='STATEMENT', operation='DELETE', pgid='pgtrigger_facts_version_delete_8de3a', referencing='REFERENCING OLD TABLE AS old_rows ', table='registry_renewalrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='facts_version_update', sql=pgtrigger.compiler.UpsertTriggerSql(func="\n        IF current_setting('register.bumped_at_the_end', true) IS DISTINCT FROM pg_current_xact_id()::text THEN\n            UPDATE registry_intermediary SET facts_version = facts_version + 1\n            WHERE id IN (SELECT DISTINCT inscription.intermediary_id FROM ((TABLE new_rows EXCEPT TABLE old_rows) UNION (TABLE old_rows EXCEPT TABLE new_rows)) AS changed JOIN registry_registration inscription ON inscription.id = changed.registration_id);\n        END IF;\n        RETURN NULL;\n    ", hash='495a9a0f7cae065ee65b74bc3683a4abcef786f4', level='STATEMENT', operation='UPDATE', pgid='pgtrigger_facts_version_update_e725b', referencing='REFERENCING OLD TABLE AS old_rows  NEW TABLE AS new_rows ', table='registry_renewalrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='renewal_state_follows', sql=pgtrigger.compiler.UpsertTriggerSql(condition="WHEN (OLD.state <> NEW.state AND strpos('OE OF EF EO', left(OLD.state, 1) || left(NEW.state, 1)) = 0)", func='\n            RAISE EXCEPTION \'Invalid transition of field "state" from "%" to "%" on table %\',\n                OLD.state, NEW.state, TG_TABLE_NAME;\n        ', hash='4ccf9234823d70025dae6882d2d2fb263b70c7de', operation='UPDATE OF "state"', pgid='pgtrigger_renewal_state_follows_5bf21', table='registry_renewalrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='renewal_stays_with_its_registration', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."campaign_id" IS DISTINCT FROM (NEW."campaign_id") OR OLD."opened_on" IS DISTINCT FROM (NEW."opened_on") OR OLD."registration_id" IS DISTINCT FROM (NEW."registration_id"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='687bdccd862879909c655ea40d5cb8c633410ca3', operation='UPDATE OF "registration_id", "campaign_id", "opened_on"', pgid='pgtrigger_renewal_stays_with_its_registration_bb277', table='registry_renewalrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='renewal_deposit_stays', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."state" = \'FILED\')', func="\n                    IF (OLD.channel, OLD.filed_on, OLD.entered_on, OLD.entered_by_id, OLD.confirmed_by_id, OLD.confirmed_on, OLD.fee_cents) IS DISTINCT FROM\n                       (NEW.channel, NEW.filed_on, NEW.entered_on, NEW.entered_by_id, NEW.confirmed_by_id, NEW.confirmed_on, NEW.fee_cents) THEN\n                        RAISE EXCEPTION 'a deposit that counts stays as it is';\n                    END IF;\n                    RETURN NEW;\n                ", hash='e6c533888d2d35a9fd08f1967a3742b7efa5375a', operation='UPDATE', pgid='pgtrigger_renewal_deposit_stays_4aefb', table='registry_renewalrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='renewal_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='678678aab7e2de530163433f7af7c2fb08cb7ae7', operation='DELETE', pgid='pgtrigger_renewal_is_kept_25f73', table='registry_renewalrequest', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_renewalrequesthistory" ("campaign_id", "channel", "confirmed_by_id", "confirmed_on", "entered_by_id", "entered_on", "fee_cents", "filed_on", "id", "informed_on", "opened_on", "paid_cents", "paid_on", "payment_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") SELECT new_values."campaign_id", new_values."channel", new_values."confirmed_by_id", new_values."confirmed_on", new_values."entered_by_id", new_values."entered_on", new_values."fee_cents", new_values."filed_on", new_values."id", new_values."informed_on", new_values."opened_on", new_values."paid_cents", new_values."paid_on", new_values."payment_reference", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."registration_id", new_values."state" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='cdf438b0b7271a2bca383707381a6b940fbc1941', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_56afb', referencing='REFERENCING NEW TABLE AS new_values ', table='registry_renewalrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "registry_renewalrequesthistory" ("campaign_id", "channel", "confirmed_by_id", "confirmed_on", "entered_by_id", "entered_on", "fee_cents", "filed_on", "id", "informed_on", "opened_on", "paid_cents", "paid_on", "payment_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") VALUES (NEW."campaign_id", NEW."channel", NEW."confirmed_by_id", NEW."confirmed_on", NEW."entered_by_id", NEW."entered_on", NEW."fee_cents", NEW."filed_on", NEW."id", NEW."informed_on", NEW."opened_on", NEW."paid_cents", NEW."paid_on", NEW."payment_reference", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."registration_id", NEW."state"); RETURN NULL;', hash='17f47a072e3febe019a53a6c838b1aaa7bd75a5b', operation='UPDATE', pgid='pgtrigger_update_update_a63c1', table='registry_renewalrequest', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='renewalrequest',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "registry_renewalrequesthistory" ("campaign_id", "channel", "confirmed_by_id", "confirmed_on", "entered_by_id", "entered_on", "fee_cents", "filed_on", "id", "informed_on", "opened_on", "paid_cents", "paid_on", "payment_reference", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "registration_id", "state") SELECT old_values."campaign_id", old_values."channel", old_values."confirmed_by_id", old_values."confirmed_on", old_values."entered_by_id", old_values."entered_on", old_values."fee_cents", old_values."filed_on", old_values."id", old_values."informed_on", old_values."opened_on", old_values."paid_cents", old_values."paid_on", old_values."payment_reference", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."registration_id", old_values."state" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='10893f353bc468aeac619873dcd411955b829ac4', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_56907', referencing='REFERENCING OLD TABLE AS old_values ', table='registry_renewalrequest', when='AFTER')),
        ),
        migrations.RunSQL(DEADLINES, NO_DEADLINES),
        migrations.RunSQL("SELECT register_keep_tables()", migrations.RunSQL.noop),
        migrations.RunPython(create_fee_rates, migrations.RunPython.noop),
    ]
