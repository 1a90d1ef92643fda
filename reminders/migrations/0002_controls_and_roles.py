"""The waves, the switch and the pace row a new register starts with; the roles and what each may do."""

from datetime import UTC, datetime

from django.db import migrations
from registry.migrating import QuickMigration

WAVES = [("D-45", -45, -31), ("D-30", -30, -16), ("D-15", -15, -8), ("D-7", -7, -3), ("D-2", -2, 0), ("D+1", 1, 14)]
REGISTRY = ("intermediary", "registration", "decision", "cover", "coverevent", "requirement", "renewalcampaign")
FINDINGS = ("storedfinding", "registerimport")
LEDGER = ("batch", "notice", "noticeitem", "attempt", "leftout", "stopswitch", "pace", "tick", "wave")
VIEW_ALL = [f"registry.view_{m}" for m in (*REGISTRY, *FINDINGS)] + [f"reminders.view_{m}" for m in LEDGER]
KEEP_FILES = [f"registry.{act}_{m}" for m in REGISTRY[:5] for act in ("add", "change")]
RUN_BATCHES = ["reminders.plan_batch", "reminders.release_batch", "reminders.stop_sending"]
SET_RULES = [f"registry.{act}_{m}" for m in REGISTRY[5:] for act in ("add", "change")] + ["reminders.change_wave"]
ROLES = {
    "registry_officer": VIEW_ALL + KEEP_FILES + RUN_BATCHES,
    "approver": [*VIEW_ALL, *RUN_BATCHES, "reminders.approve_batch"],
    "hotline_agent": VIEW_ALL,
    "auditor": VIEW_ALL,
    "administrator": [*VIEW_ALL, *KEEP_FILES, *RUN_BATCHES, "reminders.approve_batch", *SET_RULES, "auth.add_user", "auth.change_user", "auth.view_user"],
}


def create_controls(apps, schema_editor):
    wave = apps.get_model("reminders", "Wave")
    wave.objects.bulk_create(wave(code=code, first_offset=first, last_offset=last) for code, first, last in WAVES)
    apps.get_model("reminders", "StopSwitch").objects.create(id=1, stopped=False)
    apps.get_model("reminders", "Pace").objects.create(id=1, next_at=datetime(2000, 1, 1, tzinfo=UTC))


def create_roles(apps, schema_editor):
    group = apps.get_model("auth", "Group")
    for role, permissions in ROLES.items():
        made, _ = group.objects.get_or_create(name=role)
        made.permissions.set([permission(apps, name) for name in permissions])


def permission(apps, name):
    # Django makes permissions only after all migrations have run; the roles need theirs now.
    app_label, codename = name.split(".")
    model = "batch" if codename in ("plan_batch", "approve_batch", "release_batch", "stop_sending") else codename.split("_")[1]
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(app_label=app_label, model=model)
    made, _ = apps.get_model("auth", "Permission").objects.get_or_create(
        content_type=content_type, codename=codename, defaults={"name": f"Can {codename.replace('_', ' ')}"}
    )
    return made


class Migration(QuickMigration):
    dependencies = [
        ("reminders", "0001_initial"),
        ("registry", "0002_reference_rows"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(create_controls, migrations.RunPython.noop),
        migrations.RunPython(create_roles, migrations.RunPython.noop),
    ]
