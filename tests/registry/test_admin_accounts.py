"""Accounts of staff in the administration: placed in roles, closed, and no way up to every permission."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client
from django.urls import reverse

from tests.factories import UserFactory

pytestmark = pytest.mark.django_db


def logged_in(**values: Any) -> Client:
    client = Client()
    client.force_login(UserFactory(is_staff=True, **values))
    return client


@pytest.fixture
def boss() -> Client:
    """An administrator."""
    client = logged_in(username="boss")
    User.objects.get(username="boss").groups.add(Group.objects.get(name="administrator"))
    return client


@pytest.fixture
def root() -> Client:
    """A superuser."""
    return logged_in(username="root", is_superuser=True)


def page(name: str, *args: Any) -> str:
    return reverse(f"admin:auth_user_{name}", args=args)


def account_form(user: User, **changes: Any) -> dict[str, Any]:
    joined = user.date_joined + timedelta(0)
    values = {"username": user.username, "is_active": "on", "is_staff": "on"}
    values |= {"date_joined_0": joined.strftime("%d/%m/%Y"), "date_joined_1": "10:00:00"}
    return values | changes


def test_an_administrator_places_somebody_in_a_role(boss: Client) -> None:
    marie = UserFactory(username="marie", is_staff=True)
    role = Group.objects.get(name="approver")
    answer = boss.post(page("change", marie.pk), account_form(marie, groups=[role.pk]))
    assert answer.status_code == 302, answer.context["errors"]
    assert list(marie.groups.all()) == [role]


def test_an_administrator_makes_nobody_a_superuser(boss: Client) -> None:
    """Fails without `StaffAdmin.get_fieldsets`."""
    own = User.objects.get(username="boss")
    shown = boss.get(page("change", own.pk)).text
    assert "is_superuser" not in shown
    assert "user_permissions" not in shown
    boss.post(page("change", own.pk), account_form(own, is_superuser="on"))
    own.refresh_from_db()
    assert not own.is_superuser


def test_an_administrator_does_not_take_over_a_superuser(boss: Client, root: Client) -> None:
    """Fails without `StaffAdmin.has_change_permission`."""
    user = User.objects.get(username="root")
    assert boss.post(page("change", user.pk), account_form(user)).status_code == 403
    address = page("password_change", user.pk)
    assert boss.post(address, {"password1": "violet-horse-93", "password2": "violet-horse-93"}).status_code == 403
    assert "is_superuser" in root.get(page("change", user.pk)).text


def test_an_account_is_closed_never_deleted(root: Client) -> None:
    marie = UserFactory(username="marie")
    assert root.post(page("delete", marie.pk), {"post": "yes"}).status_code == 403
