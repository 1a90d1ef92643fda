"""What all rows of tests share: the hour, the term of the covers, who acts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from factory.declarations import LazyFunction, Sequence
from factory.django import DjangoModelFactory

from registry.models import Intermediary, RegisterImport

NOW = datetime(2026, 1, 29, 9, 30, tzinfo=UTC)
"""A working day on which the wave D-30 of the campaign of 2026 runs."""
TERM = date(2026, 2, 28)
HASH = "0" * 64


def told_in_time(effective_on: date) -> datetime:
    """When an issuer spoke whose word takes effect on a day, a guarantee's too: ten days before."""
    return datetime(effective_on.year, effective_on.month, effective_on.day, tzinfo=UTC) - timedelta(days=10)


class UserFactory(DjangoModelFactory[Any]):
    """A person of the registry's staff."""

    class Meta:
        model = get_user_model()

    username = Sequence(lambda n: f"agent-{n}")


class RegisterImportFactory(DjangoModelFactory[RegisterImport]):
    """A file applied in the morning."""

    class Meta:
        model = RegisterImport

    file_name = "register.csv"
    sha256 = HASH
    applied_at = NOW
    counts = LazyFunction(lambda: dict.fromkeys(("new", "changed", "removed", "error"), 0))


def facts_version_of(intermediary: int) -> int:
    return Intermediary.objects.values_list("facts_version", flat=True).get(pk=intermediary)
