"""A key may be made for the hotline."""

import django.contrib.postgres.fields
from django.conf import settings
from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    dependencies = [
        ('api', '0005_feed'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name='apikey',
            name='apikey_scopes_are_known',
        ),
        migrations.AlterField(
            model_name='apikey',
            name='scopes',
            field=django.contrib.postgres.fields.ArrayField(base_field=models.CharField(choices=[('file:read', 'lire les dossiers confiés'), ('file:write', 'tenir à jour les dossiers confiés'), ('issuer:write', 'déposer en tant qu’assureur ou garant'), ('staff:read', 'lire en tant que personnel'), ('staff:register', 'tenir le registre en tant que personnel'), ('staff:batches', 'conduire les lots en tant que personnel'), ('staff:sending', 'arrêter et rouvrir les envois'), ('staff:hotline', 'tenir la ligne téléphonique'), ('staff:*', 'tout ce que permet le rôle')], max_length=20), size=None, verbose_name='droits'),
        ),
        migrations.AddConstraint(
            model_name='apikey',
            constraint=models.CheckConstraint(condition=models.Q(('scopes__len__gte', 1), ('scopes__contained_by', ['file:read', 'file:write', 'issuer:write', 'staff:read', 'staff:register', 'staff:batches', 'staff:sending', 'staff:hotline', 'staff:*'])), name='apikey_scopes_are_known'),
        ),
    ]
