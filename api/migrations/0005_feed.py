"""The change feed and what is told from it: webhooks, consultations, the notice on every answer."""
import django.contrib.postgres.fields
import django.db.models.deletion
import django.db.models.functions.datetime
import pgtrigger.compiler
import pgtrigger.migrations
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration

# --- the change feed ---
# Events are written by triggers, in the transaction of the change. A place in the feed is given after the commit, by
# one numberer at a time, who holds the one row of the state: a change that is committed late is told late, and never
# before what a reader has seen. (A sequence alone gives numbers before the commit, and readers pass over the late ones.)

NUMBER = """
INSERT INTO api_feedstate (id, numbered_through, forgotten_through) VALUES (1, 0, 0) ON CONFLICT DO NOTHING;

CREATE FUNCTION api_number_events(most integer) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    through bigint;
    numbered bigint;
BEGIN
    SELECT numbered_through INTO through FROM api_feedstate WHERE id = 1 FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    -- A statement of its own: it sees what was committed before the row was held.
    WITH waiting AS (
        SELECT id FROM api_changeevent WHERE position IS NULL ORDER BY id LIMIT most
    ), placed AS (
        SELECT id, through + row_number() OVER (ORDER BY id) AS place FROM waiting
    ), done AS (
        UPDATE api_changeevent e SET position = p.place FROM placed p WHERE e.id = p.id RETURNING e.id
    )
    SELECT count(*) INTO numbered FROM done;
    IF numbered > 0 THEN
        UPDATE api_feedstate SET numbered_through = through + numbered WHERE id = 1;
    END IF;
    RETURN numbered;
END
$$;

CREATE FUNCTION api_forget_events(kept interval) RETURNS bigint LANGUAGE plpgsql AS $$
DECLARE
    last bigint;
    forgotten bigint;
BEGIN
    PERFORM FROM api_feedstate WHERE id = 1 FOR UPDATE;
    SELECT coalesce(
        (SELECT min(position) - 1 FROM api_changeevent WHERE at >= now() - kept),
        (SELECT numbered_through FROM api_feedstate WHERE id = 1)
    ) INTO last;
    DELETE FROM api_changeevent WHERE position <= last;
    GET DIAGNOSTICS forgotten = ROW_COUNT;
    UPDATE api_feedstate SET forgotten_through = last WHERE id = 1 AND forgotten_through < last;
    RETURN forgotten;
END
$$;
"""
TELL = """
-- One event for each file that a statement concerns; of which row, where it is one. Arguments: the type.
CREATE FUNCTION api_tell_set() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_changeevent (type, intermediary_id, object_id)
    SELECT TG_ARGV[0], intermediary_id, CASE WHEN count(*) = 1 THEN min(id) END
    FROM new_rows GROUP BY intermediary_id ORDER BY min(id);
    RETURN NULL;
END
$$;

-- One event for one row that names its file itself.
CREATE FUNCTION api_tell_row() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        NEW := OLD;
    END IF;
    INSERT INTO api_changeevent (type, intermediary_id, object_id) VALUES (TG_ARGV[0], NEW.intermediary_id, NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION api_tell_person() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_changeevent (type, intermediary_id) VALUES (TG_ARGV[0], NEW.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION api_tell_renewals() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_changeevent (type, intermediary_id, object_id)
    SELECT 'renewal.changed', r.intermediary_id, CASE WHEN count(*) = 1 THEN min(n.id) END
    FROM new_rows n JOIN registry_registration r ON r.id = n.registration_id
    GROUP BY r.intermediary_id ORDER BY min(n.id);
    RETURN NULL;
END
$$;

CREATE FUNCTION api_tell_cover_events() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_changeevent (type, intermediary_id, object_id)
    SELECT 'cover.changed', c.intermediary_id, c.id
    FROM (SELECT DISTINCT cover_id FROM new_rows) n JOIN registry_cover c ON c.id = n.cover_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION api_tell_all() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO api_changeevent (type) VALUES (TG_ARGV[0]);
    RETURN NULL;
END
$$;

CREATE TRIGGER feed_public AFTER UPDATE OF siren, name, trade_name, legal_form, town, merged_into_id
    ON registry_intermediary
    FOR EACH ROW WHEN ((OLD.siren, OLD.name, OLD.trade_name, OLD.legal_form, OLD.town, OLD.merged_into_id)
        IS DISTINCT FROM (NEW.siren, NEW.name, NEW.trade_name, NEW.legal_form, NEW.town, NEW.merged_into_id))
    EXECUTE FUNCTION api_tell_person('register.changed');
CREATE TRIGGER feed_private AFTER UPDATE OF email, phone_e164, address, postcode, language ON registry_intermediary
    FOR EACH ROW WHEN ((OLD.email, OLD.phone_e164, OLD.address, OLD.postcode, OLD.language)
        IS DISTINCT FROM (NEW.email, NEW.phone_e164, NEW.address, NEW.postcode, NEW.language))
    EXECUTE FUNCTION api_tell_person('file.changed');

CREATE TRIGGER feed_insert AFTER INSERT ON registry_contact REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_set('file.changed');
CREATE TRIGGER feed_update AFTER UPDATE ON registry_contact
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION api_tell_row('file.changed');
CREATE TRIGGER feed_delete AFTER DELETE ON registry_contact
    FOR EACH ROW EXECUTE FUNCTION api_tell_row('file.changed');

CREATE TRIGGER feed_insert AFTER INSERT ON registry_registration REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_set('register.changed');
CREATE TRIGGER feed_public AFTER UPDATE ON registry_registration
    FOR EACH ROW WHEN ((OLD.category, OLD.registered_on, OLD.removed_on, OLD.suspended_on, OLD.suspended_until,
        OLD.holds_client_funds) IS DISTINCT FROM (NEW.category, NEW.registered_on, NEW.removed_on, NEW.suspended_on,
        NEW.suspended_until, NEW.holds_client_funds))
    EXECUTE FUNCTION api_tell_row('register.changed');
CREATE TRIGGER feed_private AFTER UPDATE ON registry_registration
    FOR EACH ROW WHEN ((OLD.filer, OLD.funds_mandate, OLD.principal_bears_liability)
        IS DISTINCT FROM (NEW.filer, NEW.funds_mandate, NEW.principal_bears_liability))
    EXECUTE FUNCTION api_tell_row('file.changed');
CREATE TRIGGER feed_delete AFTER DELETE ON registry_registration
    FOR EACH ROW EXECUTE FUNCTION api_tell_row('register.changed');

CREATE TRIGGER feed_insert AFTER INSERT ON registry_cover REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_set('cover.changed');
CREATE TRIGGER feed_update AFTER UPDATE ON registry_cover
    FOR EACH ROW WHEN (OLD.* IS DISTINCT FROM NEW.*) EXECUTE FUNCTION api_tell_row('cover.changed');
CREATE TRIGGER feed_delete AFTER DELETE ON registry_cover
    FOR EACH ROW EXECUTE FUNCTION api_tell_row('cover.changed');
CREATE TRIGGER feed_insert AFTER INSERT ON registry_coverevent REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_cover_events();

CREATE TRIGGER feed_insert AFTER INSERT ON registry_renewalrequest REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_renewals();
CREATE TRIGGER feed_update AFTER UPDATE ON registry_renewalrequest REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_renewals();

CREATE TRIGGER feed_insert AFTER INSERT ON registry_deadlinedecision
    FOR EACH STATEMENT EXECUTE FUNCTION api_tell_all('deadlines.changed');

CREATE TRIGGER feed_sent AFTER UPDATE OF state ON reminders_notice
    FOR EACH ROW WHEN (NEW.state = 'ACCEPTED' AND OLD.state <> 'ACCEPTED')
    EXECUTE FUNCTION api_tell_row('notice.sent');
"""
UNTELL = """
DROP FUNCTION api_tell_set() CASCADE;
DROP FUNCTION api_tell_row() CASCADE;
DROP FUNCTION api_tell_person() CASCADE;
DROP FUNCTION api_tell_renewals() CASCADE;
DROP FUNCTION api_tell_cover_events() CASCADE;
DROP FUNCTION api_tell_all() CASCADE;
DROP FUNCTION api_number_events(integer);
DROP FUNCTION api_forget_events(interval);
"""


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0011_removals'),
        ('api', '0004_issuers'),
        ('pghistory', '0007_auto_20250421_0444'),
        ('registry', '0010_feed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='ServiceNotice',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('text', models.CharField(blank=True, max_length=300, verbose_name='message')),
                ('set_at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'verbose_name': 'message de service',
            },
        ),
        migrations.CreateModel(
            name='ServiceNoticeHistory',
            fields=[
                ('pgh_id', models.AutoField(primary_key=True, serialize=False)),
                ('pgh_created_at', models.DateTimeField(auto_now_add=True)),
                ('pgh_label', models.TextField(help_text='The event label.')),
                ('id', models.SmallIntegerField(default=1, serialize=False)),
                ('text', models.CharField(blank=True, max_length=300, verbose_name='message')),
                ('set_at', models.DateTimeField(verbose_name='le')),
            ],
            options={
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='WebhookSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.CharField(max_length=500, verbose_name='adresse')),
                ('types', django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('register.changed', 'Inscription publique modifiée'), ('deadlines.changed', 'Échéances déplacées'), ('file.changed', 'Dossier modifié'), ('cover.changed', 'Attestation déposée ou modifiée'), ('renewal.changed', 'Demande de renouvellement modifiée'), ('notice.sent', 'Message envoyé')], max_length=20), blank=True, default=list, size=None, verbose_name='genres')),
                ('created_at', models.DateTimeField(verbose_name='créé le')),
                ('salt', models.CharField(max_length=32, verbose_name='sel du secret')),
                ('old_salt', models.CharField(blank=True, db_default='', default='', max_length=32, verbose_name='sel précédent')),
                ('old_until', models.DateTimeField(blank=True, null=True, verbose_name='valable jusqu’au')),
                ('state', models.CharField(choices=[('ACTIVE', 'En service'), ('FAILING', 'Arrêté après plusieurs jours d’échec'), ('GONE', 'Arrêté à la demande du destinataire (410)')], db_default='ACTIVE', default='ACTIVE', max_length=7, verbose_name='état')),
                ('state_since', models.DateTimeField(verbose_name='depuis')),
                ('after', models.BigIntegerField(verbose_name='averti jusqu’à')),
                ('failures', models.PositiveSmallIntegerField(db_default=0, default=0, verbose_name='échecs')),
                ('next_at', models.DateTimeField(verbose_name='prochain essai')),
                ('last_at', models.DateTimeField(blank=True, null=True, verbose_name='dernier essai')),
                ('last_status', models.PositiveSmallIntegerField(blank=True, null=True, verbose_name='réponse')),
                ('last_error', models.CharField(blank=True, db_default='', default='', max_length=200, verbose_name='erreur')),
                ('test_id', models.CharField(blank=True, db_default='', default='', max_length=40, verbose_name='essai demandé')),
                ('lease_until', models.DateTimeField(blank=True, null=True, verbose_name='pris jusqu’à')),
                ('fence', models.BigIntegerField(db_default=0, default=0, verbose_name='tour')),
            ],
            options={
                'verbose_name': 'webhook',
            },
        ),
        migrations.CreateModel(
            name='ChangeEvent',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('position', models.BigIntegerField(blank=True, null=True, unique=True, verbose_name='place')),
                ('type', models.CharField(choices=[('register.changed', 'Inscription publique modifiée'), ('deadlines.changed', 'Échéances déplacées'), ('file.changed', 'Dossier modifié'), ('cover.changed', 'Attestation déposée ou modifiée'), ('renewal.changed', 'Demande de renouvellement modifiée'), ('notice.sent', 'Message envoyé')], max_length=20, verbose_name='genre')),
                ('at', models.DateTimeField(db_default=django.db.models.functions.datetime.Now(), verbose_name='le')),
                ('object_id', models.BigIntegerField(blank=True, null=True, verbose_name='ligne')),
                ('intermediary', models.ForeignKey(db_constraint=False, db_index=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='registry.intermediary')),
            ],
            options={
                'verbose_name': 'changement',
            },
        ),
        migrations.CreateModel(
            name='Consultation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('day', models.DateField(verbose_name='jour')),
                ('kind', models.CharField(choices=[('LIST', 'liste'), ('NAME', 'recherche par nom'), ('NUMBER', 'recherche par numéro'), ('SIREN', 'recherche par SIREN'), ('ENTRY', 'fiche'), ('CHECK', 'vérification en nombre'), ('SOAP', 'service partenaire')], max_length=6, verbose_name='voie')),
                ('requests', models.BigIntegerField(default=0, verbose_name='demandes')),
                ('shown', models.BigIntegerField(default=0, verbose_name='fiches montrées')),
            ],
            options={
                'verbose_name': 'consultation',
                'constraints': [models.UniqueConstraint(fields=('day', 'kind'), name='consultation_once_a_day'), models.CheckConstraint(condition=models.Q(('kind__in', ['LIST', 'NAME', 'NUMBER', 'SIREN', 'ENTRY', 'CHECK', 'SOAP'])), name='consultation_kind_is_known')],
            },
        ),
        migrations.CreateModel(
            name='FeedState',
            fields=[
                ('id', models.SmallIntegerField(default=1, primary_key=True, serialize=False)),
                ('numbered_through', models.BigIntegerField(db_default=0, default=0, verbose_name='numéroté jusqu’à')),
                ('forgotten_through', models.BigIntegerField(db_default=0, default=0, verbose_name='oublié jusqu’à')),
            ],
            options={
                'verbose_name': 'état du flux',
                'constraints': [models.CheckConstraint(condition=models.Q(('id', 1)), name='feedstate_is_one_row'), models.CheckConstraint(condition=models.Q(('forgotten_through__gte', 0), ('forgotten_through__lte', models.F('numbered_through'))), name='feedstate_forgets_what_was_numbered')],
            },
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feedstate',
            trigger=pgtrigger.compiler.Trigger(name='feedstate_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='a47d13184c13fa52717601b902cadb906215e9dd', operation='DELETE', pgid='pgtrigger_feedstate_is_kept_69f75', table='api_feedstate', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='feedstate',
            trigger=pgtrigger.compiler.Trigger(name='feedstate_goes_on', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (NEW.numbered_through < OLD.numbered_through OR NEW.forgotten_through < OLD.forgotten_through)', func="RAISE EXCEPTION 'the feed goes on and never back';", hash='4b38721d97e0b5e9a20ce62b07ed093253988325', operation='UPDATE', pgid='pgtrigger_feedstate_goes_on_92964', table='api_feedstate', when='BEFORE')),
        ),
        migrations.AddField(
            model_name='servicenotice',
            name='set_by',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='servicenoticehistory',
            name='pgh_context',
            field=models.ForeignKey(db_constraint=False, null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='pghistory.context'),
        ),
        migrations.AddField(
            model_name='servicenoticehistory',
            name='pgh_obj',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='history', related_query_name='history', to='api.servicenotice'),
        ),
        migrations.AddField(
            model_name='servicenoticehistory',
            name='set_by',
            field=models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', related_query_name='+', to=settings.AUTH_USER_MODEL, verbose_name='par'),
        ),
        migrations.AddField(
            model_name='webhooksubscription',
            name='holder',
            field=models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='webhooks', to=settings.AUTH_USER_MODEL, verbose_name='compte'),
        ),
        migrations.AddIndex(
            model_name='changeevent',
            index=models.Index(condition=models.Q(('position', None)), fields=['id'], name='changeevent_waits'),
        ),
        migrations.AddIndex(
            model_name='changeevent',
            index=models.Index(fields=['intermediary', 'position'], name='changeevent_of_a_file'),
        ),
        migrations.AddConstraint(
            model_name='changeevent',
            constraint=models.CheckConstraint(condition=models.Q(('type__in', ['register.changed', 'deadlines.changed', 'file.changed', 'cover.changed', 'renewal.changed', 'notice.sent'])), name='changeevent_type_is_known'),
        ),
        migrations.AddConstraint(
            model_name='changeevent',
            constraint=models.CheckConstraint(condition=models.Q(('intermediary__isnull', False), ('type__in', ['register.changed', 'deadlines.changed']), _connector='OR'), name='changeevent_is_of_a_file'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='changeevent',
            trigger=pgtrigger.compiler.Trigger(name='changeevent_is_numbered_once', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.position IS NOT NULL OR (OLD.id, OLD.type, OLD.at, OLD.intermediary_id, OLD.object_id) IS DISTINCT FROM (NEW.id, NEW.type, NEW.at, NEW.intermediary_id, NEW.object_id))', func="RAISE EXCEPTION 'event % is told as it was', OLD.id;", hash='0d5f58e0b715c94e1a79abe6a843c60a9ac2dbf2', operation='UPDATE', pgid='pgtrigger_changeevent_is_numbered_once_cba1c', table='api_changeevent', when='BEFORE')),
        ),
        migrations.AddConstraint(
            model_name='servicenotice',
            constraint=models.CheckConstraint(condition=models.Q(('id', 1)), name='servicenotice_is_one_row'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicenotice',
            trigger=pgtrigger.compiler.Trigger(name='servicenotice_is_kept', sql=pgtrigger.compiler.UpsertTriggerSql(func="RAISE EXCEPTION 'pgtrigger: Cannot delete rows from % table', TG_TABLE_NAME;", hash='3bfd438f35d04fdc2482b7ffebd272378b9220ee', operation='DELETE', pgid='pgtrigger_servicenotice_is_kept_9eeff', table='api_servicenotice', when='BEFORE')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicenotice',
            trigger=pgtrigger.compiler.Trigger(name='insert_insert', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "api_servicenoticehistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "text") SELECT new_values."id", _pgh_attached_context.value, NOW(), \'insert\', new_values."id", new_values."set_at", new_values."set_by_id", new_values."text" FROM ( SELECT new_values.* FROM new_values  ) AS new_values, _pgh_attached_context; RETURN NULL;', hash='16ef92327f852a5b44766d0d44731a4daae723cd', level='STATEMENT', operation='INSERT', pgid='pgtrigger_insert_insert_2f9c0', referencing='REFERENCING NEW TABLE AS new_values ', table='api_servicenotice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicenotice',
            trigger=pgtrigger.compiler.Trigger(name='update_update', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD.* IS DISTINCT FROM NEW.*)', func='INSERT INTO "api_servicenoticehistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "text") VALUES (NEW."id", _pgh_attach_context(), NOW(), \'update\', NEW."id", NEW."set_at", NEW."set_by_id", NEW."text"); RETURN NULL;', hash='b7322ca468b4194198a66eca6dade2c49b8b6f3d', operation='UPDATE', pgid='pgtrigger_update_update_ea134', table='api_servicenotice', when='AFTER')),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='servicenotice',
            trigger=pgtrigger.compiler.Trigger(name='delete_delete', sql=pgtrigger.compiler.UpsertTriggerSql(func='WITH _pgh_attached_context AS ( SELECT _pgh_attach_context() AS value ) INSERT INTO "api_servicenoticehistory" ("id", "pgh_context_id", "pgh_created_at", "pgh_label", "pgh_obj_id", "set_at", "set_by_id", "text") SELECT old_values."id", _pgh_attached_context.value, NOW(), \'delete\', old_values."id", old_values."set_at", old_values."set_by_id", old_values."text" FROM ( SELECT old_values.* FROM old_values  ) AS old_values, _pgh_attached_context; RETURN NULL;', hash='2e7a1f50907596a86a722460dce8f15ec0da7238', level='STATEMENT', operation='DELETE', pgid='pgtrigger_delete_delete_5a758', referencing='REFERENCING OLD TABLE AS old_values ', table='api_servicenotice', when='AFTER')),
        ),
        migrations.AddIndex(
            model_name='webhooksubscription',
            index=models.Index(condition=models.Q(('state', 'ACTIVE')), fields=['next_at'], name='webhook_to_be_told'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscription',
            constraint=models.UniqueConstraint(fields=('holder', 'url'), name='webhook_once_per_address'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscription',
            constraint=models.CheckConstraint(condition=models.Q(('state__in', ['ACTIVE', 'FAILING', 'GONE'])), name='webhook_state_is_known'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscription',
            constraint=models.CheckConstraint(condition=models.Q(('types__contained_by', ['register.changed', 'deadlines.changed', 'file.changed', 'cover.changed', 'renewal.changed', 'notice.sent'])), name='webhook_types_are_known'),
        ),
        migrations.AddConstraint(
            model_name='webhooksubscription',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('old_salt', ''), ('old_until__isnull', True)), models.Q(models.Q(('old_salt', ''), _negated=True), ('old_until__isnull', False)), _connector='OR'), name='webhook_old_secret_ends'),
        ),
        pgtrigger.migrations.AddTrigger(
            model_name='webhooksubscription',
            trigger=pgtrigger.compiler.Trigger(name='webhook_stays_where_it_is', sql=pgtrigger.compiler.UpsertTriggerSql(condition='WHEN (OLD."created_at" IS DISTINCT FROM (NEW."created_at") OR OLD."holder_id" IS DISTINCT FROM (NEW."holder_id") OR OLD."url" IS DISTINCT FROM (NEW."url"))', func="RAISE EXCEPTION 'Cannot update rows from % table: what was frozen stays', TG_TABLE_NAME;", hash='a235529b100c7225f1e961efb74bdc7e0ba572e1', operation='UPDATE OF "holder_id", "url", "created_at"', pgid='pgtrigger_webhook_stays_where_it_is_73c19', table='api_webhooksubscription', when='BEFORE')),
        ),
        migrations.RunSQL(NUMBER + TELL, UNTELL),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
