"""Whatever is sent, the API answers as its description says: drawn from the schema, and malformed by hand."""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from typing import Any

import pytest
import schemathesis
from django.core.handlers.wsgi import WSGIHandler
from django.db import IntegrityError, transaction
from django.test import Client
from hypothesis import HealthCheck, Phase, settings
from schemathesis.checks import not_a_server_error
from schemathesis.config import SchemathesisConfig
from schemathesis.specs.openapi.checks import status_code_conformance

from api.throttling import ByBudget
from registry import clock
from registry.models import Cover
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import (
    NOW,
    BatchFactory,
    CoverFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalRequestFactory,
)

pytestmark = pytest.mark.django_db
EXAMPLES = 4
"""For each operation; the same ones each time."""
COVERS = "/api/v1/intermediaries/08000161/covers/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    monkeypatch.setattr(ByBudget, "allow_request", lambda *_: True)


@pytest.fixture
def program() -> Keyed:
    one = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000161")).intermediary
    CoverFactory(intermediary=one)
    RenewalRequestFactory(registration=one.registrations.get())
    return Keyed(holder_of(one), "file:read", "file:write")
