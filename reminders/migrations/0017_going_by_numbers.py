"""Where a release began to go on, and what a person overruled, by the last row there was then: clocks may be set back."""

from django.db import migrations, models
from registry.migrating import QuickMigration

# Of what is under way, or has ended so lately that alarms are still recorded.
LAST = """
UPDATE reminders_watch w SET
    going_after = coalesce((SELECT max(id) FROM reminders_attempt WHERE started_at < w.going_since), 0),
    judged_after = coalesce((SELECT max(id) FROM reminders_attempt WHERE started_at <= w.judged_since), 0),
    judged_after_bounce = coalesce((SELECT max(id) FROM reminders_bounce WHERE stored_at <= w.judged_since), 0),
    judged_after_report = coalesce((SELECT max(id) FROM reminders_wrongreport WHERE reported_at <= w.judged_since), 0)
FROM reminders_batch b
WHERE b.id = w.batch_id AND (b.ended_at IS NULL OR b.ended_at > clock_timestamp() - interval '2 days');
"""


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0016_aged_ledger'),
    ]

    operations = [
        migrations.AddField(
            model_name='watch',
            name='going_after',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='en cours après la tentative'),
        ),
        migrations.AddField(
            model_name='watch',
            name='judged_after',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='jugé après la tentative'),
        ),
        migrations.AddField(
            model_name='watch',
            name='judged_after_bounce',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='jugé après le rejet'),
        ),
        migrations.AddField(
            model_name='watch',
            name='judged_after_report',
            field=models.BigIntegerField(db_default=0, default=0, verbose_name='jugé après le signalement'),
        ),
        migrations.RunSQL(LAST, migrations.RunSQL.noop),
    ]
