"""What the page « pourquoi ce message » spares the line: who read it, and has not called since."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client

from hotline.actions.readings import note_reading
from hotline.desk import batch_callers, deflection
from hotline.models import WhyReading
from registry import clock
from reminders.messages.links import why_token
from reminders.models import Notice
from reminders.rules.states import NoticeState
from tests.factories import NOW, CallFactory, NoticeFactory, reach
from tests.hotline.test_calls import mailed, run
from tests.web.stage import signed_in

pytestmark = pytest.mark.django_db
A_BROWSER = {"Sec-Fetch-Dest": "document", "Sec-Fetch-Mode": "navigate"}
LATER = NOW + timedelta(minutes=5)


@pytest.fixture(autouse=True)
def _at_now(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def go(notice: Notice, client: Client | None = None, purpose: str = "") -> None:
    headers = A_BROWSER | {"Sec-Purpose": purpose}
    answer = (client or Client()).get(f"/pourquoi/{why_token(notice.key)}/", headers=headers)
    assert answer.status_code == 200


def test_a_message_is_read_once_however_often_its_page_is_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the unique row, or where the last time counts."""
    (one,) = mailed()
    go(one)
    monkeypatch.setattr(clock, "now", lambda: LATER)
    go(one)
    assert WhyReading.objects.get(notice=one).opened_at == NOW


def test_programs_staff_and_messages_that_never_left_do_not_count() -> None:
    (one,) = mailed()
    Client().get(f"/pourquoi/{why_token(one.key)}/")
    go(one, purpose="prefetch")
    go(one, signed_in("hotline_agent"))
    go(reach(NoticeFactory(), NoticeState.CANCELLED))
    assert not WhyReading.objects.exists()


def test_a_count_that_fails_leaves_the_page_to_its_reader(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the `except`: a database that takes no rows would take the page too."""

    def fail(**told: Any) -> None:
        raise DatabaseError

    monkeypatch.setattr("web.views.why.note_reading", fail)
    go(mailed()[0])


def test_who_reads_and_does_not_call_is_a_call_spared() -> None:
    """Fails where a call before the page, or somebody else's, would count: of four, one called afterwards."""
    one, two, three, four = mailed(4)
    CallFactory(intermediary=one.intermediary, notice=one, reason="WHY_MAIL", started_at=NOW - timedelta(hours=1))
    for notice in (one, two, three):
        note_reading(notice_id=notice.pk, now=NOW)
    for notice in (three, four):
        CallFactory(intermediary=notice.intermediary, started_at=LATER, entered_at=LATER)
    (found,) = batch_callers(LATER)
    assert (found.mailed, found.callers, found.readers, found.called_after, found.spared) == (4, 1, 3, 1, 2)
    assert found.spared_share == pytest.approx(66.7, abs=0.1)
    assert deflection(LATER) == (3, 2)


def test_the_lead_sees_it_beside_the_calls(capsys: pytest.CaptureFixture[str]) -> None:
    (one,) = mailed()
    note_reading(notice_id=one.pk, now=NOW)
    lead = signed_in("hotline_lead")
    assert "1 (100&nbsp;%)" in lead.get("/assistance/ligne/").text
    assert "sans appeler, sur 1" in lead.get("/assistance/tableau/").text
    assert "1 ont lu pourquoi, dont 1 sans appeler depuis" in run("surge")
    assert json.loads(run("surge", "--json"))["by_batch"][0]["spared"] == 1


def test_what_was_read_stays() -> None:
    """Fails without `kept`."""
    note_reading(notice_id=mailed()[0].pk, now=NOW)
    for act in (lambda: WhyReading.objects.all().delete(), lambda: WhyReading.objects.update(opened_at=LATER)):
        with pytest.raises(DatabaseError, match="what was recorded stays"), transaction.atomic():
            act()
