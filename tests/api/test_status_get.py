"""GET /api/v1/status/"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from registry import clock
from reminders.models import SenderIdentity, StopSwitch
from tests.factories import NOW, BatchFactory, DeadlineDecisionFactory, UserFactory
from tests.reminders.scenes import lose_the_row

pytestmark = pytest.mark.django_db
STATUS = "/api/v1/status/"


def test_all_is_well_on_a_new_register(client: Client) -> None:
    assert client.get(STATUS).json() == {
        "level": "NORMAL",
        "level_label": "Tout fonctionne",
        "sending_stopped": False,
        "stopped_since": None,
        "last_planned_on": None,
        "deadline_freezes": [],
        "incidents": [],
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
        "deadline_freezes": [],
        "incidents": [],
    }
    assert "Durand" not in answer.text
    assert "paul" not in answer.text


def test_a_missing_switch_is_told_as_a_stop(client: Client) -> None:
    lose_the_row(StopSwitch)
    assert client.get(STATUS).json()["sending_stopped"] is True


def test_i13_a_copy_is_told_as_a_stop(client: Client) -> None:
    """Fails without `database_trouble` in `_status`."""
    SenderIdentity.objects.update(database_oid=1)
    answer = client.get(STATUS).json()
    assert (answer["sending_stopped"], answer["level"]) == (True, "REMINDERS_STOPPED")


def test_it_speaks_english_to_those_who_ask_for_it(client: Client) -> None:
    assert client.get(STATUS, headers={"accept-language": "en"}).json()["level_label"] == "Everything works"


def test_it_is_never_kept_by_a_cache_and_costs_six_queries(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(6):
        answer = client.get(STATUS)
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_freeze_of_deadlines_is_published_for_sixty_days(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `is_shown`, or if a freeze that was reverted were told."""
    made = DeadlineDecisionFactory.create(freeze=True)
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=4, day=23))
    assert len(client.get(STATUS).json()["deadline_freezes"]) == 1
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=4, day=24))
    assert client.get(STATUS).json()["deadline_freezes"] == []
    monkeypatch.setattr(clock, "now", lambda: NOW.replace(month=2, day=23))
    [told] = client.get(STATUS).json()["deadline_freezes"]
    assert told == {
        "from_on": "2026-02-20",
        "until_on": "2026-02-22",
        "days_lost": 3,
        "message": "En raison de l’indisponibilité de notre service du 20/02/2026 au 22/02/2026, tous les délais en "
        "cours sont prolongés de 3 jours.",
    }
    english = client.get(STATUS, headers={"Accept-Language": "en"}).json()["deadline_freezes"][0]["message"]
    assert english.endswith("extended by 3 days.")
    DeadlineDecisionFactory.create(reversal=True, reverts=made)
    assert client.get(STATUS).json()["deadline_freezes"] == []
