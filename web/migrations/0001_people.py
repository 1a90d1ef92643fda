"""How often codes to sign in were asked for."""

from django.db import migrations, models
from registry.migrating import QuickMigration


class Migration(QuickMigration):

    initial = True

    dependencies = [
        ('registry', '0005_history_stays'),
    ]

    operations = [
        migrations.CreateModel(
            name='CodeAsked',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('address_digest', models.CharField(max_length=64, verbose_name='empreinte de l’adresse')),
                ('origin', models.CharField(max_length=45, verbose_name='depuis')),
                ('asked_at', models.DateTimeField(verbose_name='demandé le')),
            ],
            options={
                'verbose_name': 'code demandé',
                'verbose_name_plural': 'codes demandés',
                'indexes': [models.Index(fields=['address_digest', 'asked_at'], name='codeasked_for_an_address'), models.Index(fields=['origin', 'asked_at'], name='codeasked_from_a_place'), models.Index(fields=['asked_at'], name='codeasked_to_forget')],
                'constraints': [models.CheckConstraint(condition=models.Q(('address_digest__regex', '^[0-9a-f]{64}$')), name='codeasked_keeps_a_sha256')],
            },
        ),
        migrations.RunSQL('SELECT register_keep_tables()', migrations.RunSQL.noop),
    ]
