"""The pages of Django's administration, as the tests of its lists open them."""

from __future__ import annotations

from typing import Any

from django.contrib.admin import autodiscover
from django.contrib.auth.models import Group
from django.db import connection, models
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from tests.factories import UserFactory

# As the site's addresses do: a test may ask who is registered before any of them is.
autodiscover()


def client_of(role: str, **values: Any) -> Client:
    """Somebody of the staff in that role, signed in."""
    user = UserFactory(is_staff=True, **values)
    user.groups.add(Group.objects.get(name=role))
    client = Client()
    client.force_login(user)
    return client


def superuser() -> Client:
    """Somebody to whom every permission is given, signed in."""
    client = Client()
    client.force_login(UserFactory(username="root", is_staff=True, is_superuser=True))
    return client


def page(model: type[models.Model], name: str, *args: Any) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{name}", args=args)


def rows(answer: Any) -> list[Any]:
    return list(answer.context["cl"].result_list)


def require_pages_within_ten_queries(client: Client, model: type[models.Model]) -> None:
    """The list, the first row of it, and its history."""
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    for address in (page(model, "changelist"), page(model, "change", row.pk), page(model, "history", row.pk)):
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(address)
        assert answer.status_code == 200, address
        assert len(queries) <= 10, address
