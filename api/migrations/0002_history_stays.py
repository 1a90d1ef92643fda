"""The history of keys and mandates only grows."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('api', '0001_keys_and_kept_answers'),
        ('registry', '0005_history_stays'),
    ]

    operations = [
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
