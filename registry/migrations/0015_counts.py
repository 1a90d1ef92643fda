"""What every applied file counts is a number."""

import django.db.models.fields.json
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('registry', '0014_staff'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddConstraint(
            model_name='registerimport',
            constraint=models.CheckConstraint(condition=models.Q(models.Func(django.db.models.fields.json.KeyTransform('new', models.F('counts')), output_field=models.BooleanField(), template="coalesce((%(expressions)s)::text ~ '^[0-9]{1,9}$', false)"), models.Func(django.db.models.fields.json.KeyTransform('changed', models.F('counts')), output_field=models.BooleanField(), template="coalesce((%(expressions)s)::text ~ '^[0-9]{1,9}$', false)"), models.Func(django.db.models.fields.json.KeyTransform('removed', models.F('counts')), output_field=models.BooleanField(), template="coalesce((%(expressions)s)::text ~ '^[0-9]{1,9}$', false)"), models.Func(django.db.models.fields.json.KeyTransform('error', models.F('counts')), output_field=models.BooleanField(), template="coalesce((%(expressions)s)::text ~ '^[0-9]{1,9}$', false)")), name='import_is_counted', violation_error_message='Le décompte donne les nombres new, changed, removed et error.'),
        ),
    ]
