"""What the tests of pages share: the hour, a small world of the staff, and a person of an intermediary."""

from __future__ import annotations

import pytest
from django.test import Client

from registry import clock
from tests.factories import NOW
from tests.web.people import Desk, set_desk
from tests.web.stage import Stage, set_stage


@pytest.fixture
def at_nine_thirty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def stage(db: None) -> Stage:
    return set_stage()


@pytest.fixture
def desk(db: None) -> Desk:
    return set_desk()


@pytest.fixture
def marie(desk: Desk) -> Client:
    return desk.client
