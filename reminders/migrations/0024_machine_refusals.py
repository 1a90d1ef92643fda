"""Why a machine sends nothing by itself, for staff."""

from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0023_sending_machines'),
    ]

    operations = [
        migrations.AddField(
            model_name='sendingmachine',
            name='host',
            field=models.CharField(blank=True, max_length=64, verbose_name='nom'),
        ),
        migrations.AddField(
            model_name='sendingmachine',
            name='refusal',
            field=models.TextField(blank=True, verbose_name='motif du refus'),
        ),
        migrations.AddField(
            model_name='sendingmachine',
            name='refused_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='refus le'),
        ),
        migrations.AlterField(
            model_name='sendingmachine',
            name='passed_at',
            field=models.DateTimeField(blank=True, null=True, verbose_name='dernier passage'),
        ),
    ]
