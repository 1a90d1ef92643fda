"""The rows that migrations put in, put in again: the flush after a transactional test takes them away."""

from __future__ import annotations

from importlib import import_module

from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection, transaction

from api.models import FeedState
from registry.models import ReferenceVersion

WIDEN_ROLES = (
    "reminders.migrations.0005_bounces",
    "reminders.migrations.0006_watch",
    "reminders.migrations.0007_identity",
    "api.migrations.0001_keys_and_kept_answers",
)
"""Migrations that give the roles more permissions, in their own `ROLES`."""


def seed() -> None:
    """Put in requirements, campaigns, fees, waves, switch, pace, identity and roles, unless they are there."""
    if ReferenceVersion.objects.exists():
        return
    with transaction.atomic():
        import_module("registry.migrations.0002_reference_rows").create_rows(apps, None)
        import_module("registry.migrations.0004_deadlines_and_renewals").create_fee_rates(apps, None)
        controls = import_module("reminders.migrations.0002_controls_and_roles")
        controls.create_controls(apps, None)
        identity = import_module("reminders.migrations.0007_identity")
        with connection.cursor() as cursor:
            cursor.execute(identity.ARM)
        FeedState.objects.get_or_create(id=1)
        later = [import_module(name).ROLES for name in WIDEN_ROLES]
        _create_roles(
            {role: sum((more.get(role, []) for more in later), names) for role, names in controls.ROLES.items()}
        )


def _create_roles(roles: dict[str, list[str]]) -> None:
    """What the migration's `create_roles` does, in a few queries: the permissions are there, Django's flush has
    made them again."""
    rows = Permission.objects.values_list("content_type__app_label", "codename", "id")
    known = {f"{app_label}.{codename}": pk for app_label, codename, pk in rows}
    groups = Group.objects.bulk_create(Group(name=role) for role in roles)
    Group.permissions.through.objects.bulk_create(
        Group.permissions.through(group=group, permission_id=known[name])
        for group in groups
        for name in dict.fromkeys(roles[group.name])
    )
