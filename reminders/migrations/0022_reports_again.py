"""A report is judged again where its file has changed: one row for each verdict."""

from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0021_sent_again'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='wrongreport',
            name='wrongreport_once',
        ),
        migrations.AddConstraint(
            model_name='wrongreport',
            constraint=models.UniqueConstraint(fields=('notice', 'source', 'verdict'), name='wrongreport_once'),
        ),
    ]
