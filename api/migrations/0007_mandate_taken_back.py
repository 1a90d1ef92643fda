"""A mandate that is taken back on its first day ends on the day before it."""

import datetime
import django.db.models.expressions
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('api', '0006_hotline'),
        ('registry', '0014_staff'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='mandate',
            name='mandate_ends_after_it_starts',
        ),
        migrations.AddConstraint(
            model_name='mandate',
            constraint=models.CheckConstraint(condition=models.Q(('ends_on__isnull', True), ('ends_on__gte', django.db.models.expressions.CombinedExpression(models.F('starts_on'), '-', models.Value(datetime.timedelta(days=1)))), _connector='OR'), name='mandate_ends_after_it_starts', violation_error_message='Le dernier jour ne peut pas précéder le premier.'),
        ),
    ]
