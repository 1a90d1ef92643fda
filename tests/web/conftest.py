"""A person of an intermediary, as the tests of her pages have her."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.web.people import Desk, set_desk


@pytest.fixture
def desk(db: None) -> Desk:
    return set_desk()


@pytest.fixture
def marie(desk: Desk) -> Client:
    return desk.client
