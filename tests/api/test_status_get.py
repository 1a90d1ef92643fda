"""GET /api/v1/status/"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from reminders.models import SenderIdentity, StopSwitch
from tests.factories import NOW, BatchFactory, UserFactory

pytestmark = pytest.mark.django_db
STATUS = "/api/v1/status/"


def test_all_is_well_on_a_new_register(client: Client) -> None:
    assert client.get(STATUS).json() == {
        "level": "NORMAL",
        "level_label": "Tout fonctionne",
        "sending_stopped": False,
        "stopped_since": None,
        "last_planned_on": None,
    }


def test_the_day_of_the_latest_batch_is_told(client: Client) -> None:
    BatchFactory(as_of=date(2026, 1, 29))
    BatchFactory(as_of=date(2026, 1, 30))
    assert client.get(STATUS).json()["last_planned_on"] == "2026-01-30"


def test_a_stop_is_told_without_its_reason_and_without_a_name(client: Client) -> None:
    StopSwitch.objects.update(
        stopped=True,
        reason="Mme Durand a reçu deux fois le rappel",
        changed_by=UserFactory(username="paul"),
        changed_at=NOW,
    )
    answer = client.get(STATUS)
    assert answer.json() | {"last_planned_on": None} == {
        "level": "REMINDERS_STOPPED",
        "level_label": "Tout fonctionne, sauf l’envoi des relances, arrêté",
        "sending_stopped": True,
        "stopped_since": "2026-01-29T10:30:00+01:00",
        "last_planned_on": None,
    }
    assert "Durand" not in answer.text
    assert "paul" not in answer.text


def test_a_missing_switch_is_told_as_a_stop(client: Client) -> None:
    StopSwitch.objects.all().delete()
    assert client.get(STATUS).json()["sending_stopped"] is True


def test_i13_a_copy_is_told_as_a_stop(client: Client) -> None:
    """Fails without `database_trouble` in `_status`."""
    SenderIdentity.objects.update(database_oid=1)
    answer = client.get(STATUS).json()
    assert (answer["sending_stopped"], answer["level"]) == (True, "REMINDERS_STOPPED")


def test_it_speaks_english_to_those_who_ask_for_it(client: Client) -> None:
    assert client.get(STATUS, headers={"accept-language": "en"}).json()["level_label"] == "Everything works"


def test_it_is_never_kept_by_a_cache_and_costs_four_queries(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(4):
        answer = client.get(STATUS)
    assert answer.headers["Cache-Control"] == "no-store"
