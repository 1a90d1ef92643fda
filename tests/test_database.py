"""The tests' own ground: whatever a test commits is gone before the next, and a new migration is never missed."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, Permission
from django.db import connection
from django.test import TransactionTestCase

from registry.models import Registration
from reminders.models import Batch, Pace, Wave
from tests import database
from tests.database import put_back, server_is_ours
from tests.factories import NOW, DecisionFactory, NoticeFactory, StoredFindingFactory, UserFactory, shifted


def contents() -> dict[str, Any]:
    """What each table holds, in no order."""
    with connection.cursor() as cursor:
        held = {}
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM \"{table}\" t")
            held[table] = cursor.fetchone()[0]
    return held


@pytest.mark.django_db(transaction=True)
def test_what_a_test_committed_is_gone_and_what_the_migrations_put_in_is_back() -> None:
    """Fails if `put_back` left out a table, a row that was changed, or one that triggers keep from being deleted."""
    before = contents()
    DecisionFactory.create(registration=StoredFindingFactory.create().registration)
    NoticeFactory.create()
    UserFactory.create()
    Pace.objects.update(next_at=NOW)
    Wave.objects.filter(code="D-7").delete()
    shifted(2030, due_on=date(2030, 2, 20))
    Group.objects.get(name="approver").permissions.clear()
    Permission.objects.create(name="x", codename="x", content_type_id=Permission.objects.all()[0].content_type_id)
    changed = {table for table, held in contents().items() if held != before[table]}
    assert {m._meta.db_table for m in (Registration, Batch, Wave, Group.permissions.through)} <= changed
    put_back(TransactionTestCase())
    assert contents() == before


@pytest.mark.django_db
def test_the_template_follows_every_migration_and_every_model(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Fails if a change of either were not part of the fingerprint: tests would run on yesterday's tables."""
    before = database._fingerprint()
    assert database._fingerprint() == before
    reminders = apps.get_app_config("reminders")
    files = set(database._defining(reminders))
    assert {Path(reminders.path, "models", "batch.py"), *Path(reminders.path, "migrations").glob("0*.py")} <= files
    (tmp_path / "migrations").mkdir()
    (tmp_path / "migrations" / "0001_initial.py").write_text("")
    monkeypatch.setattr(apps.get_app_config("api"), "path", str(tmp_path))
    assert database._fingerprint() != before


@pytest.mark.django_db
def test_the_database_is_a_copy_and_the_template_lets_nobody_in() -> None:
    if not server_is_ours():
        pytest.skip("a server of somebody else's keeps no template")
    with connection.cursor() as cursor:
        cursor.execute("SELECT datname, datallowconn FROM pg_database WHERE datname LIKE 'test_template_%'")
        assert cursor.fetchall() == [(f"test_template_{database._fingerprint()}", False)]
