"""An identity has one index; the twin for LIKE, which nobody asks of it, goes."""

from django.db import migrations, models

from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0011_purge_reaches_all'),
        ('reminders', '0012_once_per_person_asked_last'),
    ]

    operations = [
        migrations.AlterField(
            model_name='notice',
            name='key',
            field=models.CharField(db_collation='C', max_length=40, verbose_name='identité'),
        ),
        migrations.AddIndex(
            model_name='notice',
            index=models.Index(fields=['key'], name='notice_by_key'),
        ),
    ]
