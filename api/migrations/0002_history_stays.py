"""The history of keys and mandates only grows."""

from django.db import migrations
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('api', '0001_keys_and_kept_answers'),
        ('registry', '0005_history_stays'),
    ]

    operations = [
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
