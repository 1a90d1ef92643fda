"""Who applies a register file that another person has prepared."""

from django.db import migrations
from registry.migrating import QuickMigration

APPROVERS = ("approver", "administrator")


def extend_roles(apps, schema_editor):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    of, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label="registry", model="registerimport")
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=of, codename="approve_registerimport", defaults={"name": "Can approve registerimport"}
    )
    for role in APPROVERS:
        apps.get_model("auth", "Group").objects.get(name=role).permissions.add(made)


class Migration(QuickMigration):

    dependencies = [
        ("reminders", "0013_one_index_of_keys"),
        ("registry", "0014_staff"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]

    operations = [migrations.RunPython(extend_roles, migrations.RunPython.noop)]
