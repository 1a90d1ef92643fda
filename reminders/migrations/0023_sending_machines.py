"""How often each machine has begun to send: its own file remembers the same."""

from django.db import migrations, models
from registry.migrating import QuickMigration

ROLES = ("registry_officer", "approver", "hotline_agent", "hotline_lead", "auditor", "administrator")


def show_to_all_roles(apps, schema_editor):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    group, permission = apps.get_model("auth", "Group"), apps.get_model("auth", "Permission")
    content_type = apps.get_model("contenttypes", "ContentType")
    of, _ = content_type.objects.get_or_create(app_label="reminders", model="sendingmachine")
    made, _ = permission.objects.get_or_create(
        content_type=of, codename="view_sendingmachine", defaults={"name": "Can view machine qui envoie"}
    )
    for role in group.objects.filter(name__in=ROLES):
        role.permissions.add(made)


class Migration(QuickMigration):

    dependencies = [
        ('reminders', '0022_reports_again'),
    ]

    operations = [
        migrations.CreateModel(
            name='SendingMachine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('machine', models.CharField(max_length=32, unique=True, verbose_name='machine')),
                ('passes', models.BigIntegerField(verbose_name='passages')),
                ('passed_at', models.DateTimeField(verbose_name='dernier passage')),
            ],
            options={
                'verbose_name': 'machine qui envoie',
                'verbose_name_plural': 'machines qui envoient',
            },
        ),
        migrations.RunPython(show_to_all_roles, migrations.RunPython.noop),
    ]
