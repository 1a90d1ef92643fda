"""What the tests of the API share."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group, User
from django.test import Client

from api import service_notice
from api.consultations import COUNTS
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _nobody_has_asked_before() -> None:
    COUNTS.forget()
    service_notice.remember("")


@pytest.fixture
def agent(db: None) -> User:
    """A hotline agent."""
    user = UserFactory(username="agent", is_staff=True)
    user.groups.add(Group.objects.get(name="hotline_agent"))
    return user


@pytest.fixture
def staff(agent: User) -> Client:
    """A browser in which the hotline agent is logged in."""
    client = Client()
    client.force_login(agent)
    return client
