"""Who prepared a register file that another person applied."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0013_year'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='registerimport',
            options={'permissions': [('approve_registerimport', 'Peut appliquer le fichier qu’un autre a préparé')], 'verbose_name': 'import du registre', 'verbose_name_plural': 'imports du registre'},
        ),
        migrations.AddField(
            model_name='registerimport',
            name='prepared_by',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='préparé par'),
        ),
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(('prepared_by__isnull', True), models.Q(('applied_by__isnull', False), models.Q(('applied_by', models.F('prepared_by')), _negated=True)), _connector='OR'), name='import_has_two_people', violation_error_message='Un fichier est appliqué par une autre personne que celle qui l’a préparé.'),
        ),
    ]
