"""The words of names, for searches that forgive accents and slips."""

import django.contrib.postgres.fields
import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension, UnaccentExtension
from django.db import migrations, models
from registry.migrating import QuickMigration

WORDS = """
-- unaccent() reads a dictionary and so is only stable; the dictionary named here does not change under us.
CREATE FUNCTION registry_words(text) RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(DISTINCT word ORDER BY word), '{}')
    FROM regexp_split_to_table(lower(unaccent('unaccent'::regdictionary, $1)), '[^[:alnum:]]+') AS word
    WHERE length(word) > 1
$$;
"""
KEEP = """
CREATE FUNCTION registry_keep_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO registry_namewords (intermediary_id, words)
    SELECT id, registry_words(name || ' ' || trade_name) FROM new_rows;
    -- In their order, lest two imports wait for each other.
    INSERT INTO registry_nameword (word)
    SELECT DISTINCT word FROM registry_namewords n JOIN new_rows r ON r.id = n.intermediary_id, unnest(n.words) AS word
    ORDER BY word ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

CREATE FUNCTION registry_change_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE registry_namewords SET words = registry_words(NEW.name || ' ' || NEW.trade_name) WHERE intermediary_id = NEW.id;
    INSERT INTO registry_nameword (word)
    SELECT word FROM unnest(registry_words(NEW.name || ' ' || NEW.trade_name)) AS word ON CONFLICT DO NOTHING;
    RETURN NULL;
END
$$;

INSERT INTO registry_namewords (intermediary_id, words)
SELECT id, registry_words(name || ' ' || trade_name) FROM registry_intermediary;
INSERT INTO registry_nameword (word)
SELECT DISTINCT word FROM registry_namewords, unnest(words) AS word;

CREATE FUNCTION registry_drop_words() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    DELETE FROM registry_namewords WHERE intermediary_id = OLD.id;
    RETURN OLD;
END
$$;

CREATE TRIGGER words_delete BEFORE DELETE ON registry_intermediary
    FOR EACH ROW EXECUTE FUNCTION registry_drop_words();
CREATE TRIGGER words_insert AFTER INSERT ON registry_intermediary REFERENCING NEW TABLE AS new_rows
    FOR EACH STATEMENT EXECUTE FUNCTION registry_keep_words();
CREATE TRIGGER words_update AFTER UPDATE OF name, trade_name ON registry_intermediary
    FOR EACH ROW WHEN ((OLD.name, OLD.trade_name) IS DISTINCT FROM (NEW.name, NEW.trade_name))
    EXECUTE FUNCTION registry_change_words();
"""
FREE = """
DROP FUNCTION registry_keep_words() CASCADE;
DROP FUNCTION registry_change_words() CASCADE;
DROP FUNCTION registry_drop_words() CASCADE;
"""


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0009_issuers'),
    ]

    operations = [
        TrigramExtension(),
        UnaccentExtension(),
        migrations.RunSQL(WORDS, 'DROP FUNCTION registry_words(text)'),
        migrations.CreateModel(
            name='NameWord',
            fields=[
                ('word', models.TextField(primary_key=True, serialize=False, verbose_name='mot')),
            ],
            options={
                'verbose_name': 'mot',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['word'], name='nameword_trigrams', opclasses=['gin_trgm_ops'])],
            },
        ),
        migrations.CreateModel(
            name='NameWords',
            fields=[
                ('intermediary', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='name_words', serialize=False, to='registry.intermediary', verbose_name='intermédiaire')),
                ('words', django.contrib.postgres.fields.ArrayField(base_field=models.TextField(), size=None, verbose_name='mots')),
            ],
            options={
                'verbose_name': 'mots d’un nom',
                'verbose_name_plural': 'mots des noms',
                'indexes': [django.contrib.postgres.indexes.GinIndex(fields=['words'], name='namewords_words')],
            },
        ),
        migrations.RunSQL(KEEP, FREE),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
