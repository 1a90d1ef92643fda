"""Days and hours that nobody can mean: refused with a word where they are typed, and by the database whoever writes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from factory.django import DjangoModelFactory

from hotline.models import Call, Complaint, Incident
from registry import clock
from tests.factories import NOW, CallFactory, ComplaintFactory, IncidentFactory
from tests.web.stage import signed_in

pytestmark = pytest.mark.django_db
FIRST, LAST = datetime(1, 1, 2, tzinfo=UTC), datetime(9999, 12, 30, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.parametrize(
    ("factory", "values", "constraint"),
    [
        (ComplaintFactory, {"sent_on": date(1, 1, 1)}, "complaint_days_can_be_meant"),
        (ComplaintFactory, {"spoken": True, "spoken_on": date(1, 1, 1)}, "complaint_days_can_be_meant"),
        (ComplaintFactory, {"spoken": True, "invited_on": date(9999, 1, 1)}, "complaint_days_can_be_meant"),
        (CallFactory, {"started_at": FIRST}, "call_hours_can_be_meant"),
        (CallFactory, {"promised": True, "call_back_by": LAST}, "call_hours_can_be_meant"),
        (IncidentFactory, {"next_update_at": LAST}, "incident_next_word_can_be_meant"),
    ],
)
def test_the_database_refuses_what_nobody_can_mean(
    factory: type[DjangoModelFactory[Any]], values: dict[str, Any], constraint: str
) -> None:
    """Fails without that constraint."""
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        factory(**values)


ONCE = "0" * 32
GRIEF = {"channel": "LETTER", "matter": "DELAY", "text": "rien ne vient", "complainant": "Mme Martin", "once": ONCE}
PANNE = {"message": "Panne", "once": ONCE}
BACK = {"reason": "DEADLINE", "outcome": "CALL_BACK", "caller": "0123456789", "once": ONCE}


@pytest.mark.parametrize(
    ("path", "typed", "told"),
    [
        ("reclamations/nouvelle/", GRIEF | {"on": "0001-01-01"}, "Le 01/01/0001 remonte à plus de cinq ans"),
        ("reclamations/nouvelle/", GRIEF | {"on": "9999-12-31"}, "Le 31/12/9999 est à venir"),
        ("noter/", BACK | {"call_back_by": "0001-01-01T00:00"}, "rappel est passée"),
        ("noter/", BACK | {"call_back_by": "9999-12-31T23:59"}, "Un rappel se promet dans les 31 jours"),
        ("incidents/", PANNE | {"next_update_at": "0001-01-01T00:00"}, "une heure à venir est obligatoire"),
        ("incidents/", PANNE | {"next_update_at": "9999-12-31T23:59"}, "dans les 7 jours"),
        ("renforts/", {"name": "zoe", "ends_at": "9999-12-31T23:59"}, "prend fin dans les 31 jours"),
        ("renforts/", {"name": "zoe", "ends_at": "0001-01-01T00:00"}, "prend fin dans les 31 jours"),
    ],
)
def test_the_page_says_what_is_wrong_with_a_day(path: str, typed: dict[str, str], told: str) -> None:
    """Fails without the rule: the database's refusal would be an error of ours."""
    answer = signed_in("hotline_lead").post(f"/assistance/{path}", typed)
    assert answer.status_code == 409
    assert told in answer.text.replace("&#x27;", "’").replace("\u00a0", " ")
    assert [model.objects.count() for model in (Complaint, Call, Incident)] == [0, 0, 0]


def test_a_day_within_is_taken() -> None:
    lead = signed_in("hotline_lead")
    later = (NOW + timedelta(days=6)).strftime("%Y-%m-%dT%H:%M")
    for path, typed in (
        ("reclamations/nouvelle/", GRIEF | {"on": "2021-03-01"}),
        ("noter/", BACK | {"call_back_by": later}),
        ("incidents/", PANNE | {"next_update_at": later}),
    ):
        assert lead.post(f"/assistance/{path}", typed).status_code == 303
