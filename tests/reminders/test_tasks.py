"""What the queue calls. A task says "look now": no recipient and no address is ever in one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import override_settings
from django_q.models import OrmQ

from registry import clock
from registry.models import StoredFinding
from reminders import tasks
from reminders.bell import ring_delivery
from reminders.config import engine_settings
from reminders.models import Batch
from reminders.planning.approval import pause_batch
from reminders.rules.sender import Disarmed
from settings.mail import SmtpSettings
from settings.queue import TASK_TIMEOUT_SECONDS
from tests.factories import NOW
from tests.reminders.scenes import DAY, approved_batch, due_file, person, planned_batch, released_batch, states
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _the_scenes_instant(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The process's clock stands at the scene's instant; the window is open."""
    settings.SEND_WINDOW = "mon-fri 09:00-17:00"
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.django_db(transaction=True)
def test_deliver_now_sends_what_may_leave_and_tells_how_much(settings: Any) -> None:
    batch = released_batch(3)
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        assert tasks.deliver_now() == "ACCEPTED 3"
        assert tasks.deliver_now() == "nothing"
    assert (len(server.mails), states(batch)) == (3, {"ACCEPTED": 3})


@pytest.mark.django_db(transaction=True)
def test_deliver_now_renews_its_connection_as_often_as_the_relay_asks(settings: Any) -> None:
    """Fails without `max_messages=` in `deliver_now`."""
    released_batch(3)
    settings.SMTP_MESSAGES_PER_CONNECTION = 2
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        tasks.deliver_now()
    assert (len(server.mails), len(server.dialogues)) == (3, 2)


@pytest.mark.django_db(transaction=True)
def test_deliver_now_tells_why_it_stopped(settings: Any, caplog: pytest.LogCaptureFixture) -> None:
    """Fails where what the mail server said is told too: it may name an address."""
    released_batch(1)
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
    assert tasks.deliver_now() == "PLANNED 1; SMTP_DOWN"
    with override_settings(SEND_WINDOW="sat 09:00-10:00"):
        assert tasks.deliver_now() == "nothing; WINDOW"
    assert "nothing more leaves" not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_what_a_machine_refuses_by_itself_is_logged_with_its_reason(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails where only the halt is told: the switch is open, and no page or log says what this machine lacks."""
    released_batch(1)
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        tasks.deliver_now()
    engine_settings().epoch_file.unlink()
    told = tasks.deliver_now()
    assert told.startswith("nothing; IDENTITY; ")
    for text in (told, caplog.text):
        assert Disarmed.NO_FILE.label in text
        assert "resume_sending" in text


def test_a_run_is_over_long_before_the_queue_would_break_it_off() -> None:
    """After the dot a break-off leaves a notice uncertain; the last message may take as long as its lease."""
    assert tasks.BUDGET + timedelta(seconds=60) <= timedelta(seconds=TASK_TIMEOUT_SECONDS)


@pytest.mark.django_db(transaction=True)
def test_watch_now_tells_what_it_did_and_deliver_now_lets_a_good_step_be_followed(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `watch_releases` in either task."""
    assert tasks.watch_now() == "nothing to watch"
    batch = released_batch(6, release_steps=(1, 2))
    with SmtpServer() as server:
        settings.SMTP = SmtpSettings(server.host, server.port)
        tasks.deliver_now()
        assert tasks.watch_now() == f"batch {batch.pk}: HOLD"
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=30))
        assert tasks.deliver_now() == "ACCEPTED 2"
        assert len(server.mails) == 3
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=60))
        assert tasks.watch_now() == f"batch {batch.pk}: GREEN"
        monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(minutes=75))
        assert tasks.watch_now() == f"batch {batch.pk}: ALARM STALLED"


def test_plan_today_makes_a_draft_that_the_system_signs_and_a_person_must_approve() -> None:
    due_file()
    assert tasks.plan_today() == f"batch {Batch.objects.get().pk}: 1 planned"
    assert (Batch.objects.get().author, Batch.objects.get().state) == (None, "DRAFT")
    assert tasks.plan_today().endswith("1 planned")
    assert Batch.objects.count() == 1


def test_plan_today_plans_nothing_on_a_day_without_sending_and_gives_old_drafts_up(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without the look at the window, or if mark_stale came after it."""
    due_file()
    old = planned_batch()
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=2))
    assert tasks.plan_today() == "no sending today"
    old.refresh_from_db()
    assert (old.state, states(old)) == ("STALE", {"CANCELLED": 1})


def test_plan_today_says_when_nobody_is_due() -> None:
    assert tasks.plan_today() == "nobody is due"


def test_verify_tonight_brings_the_findings_to_the_day_and_finds_no_difference() -> None:
    due_file()
    StoredFinding.objects.all().delete()
    assert tasks.verify_tonight() == "2 refreshed, 0 differences"
    assert set(StoredFinding.objects.values_list("as_of", flat=True)) == {DAY}


def test_no_task_holds_a_recipient_an_address_or_any_argument() -> None:
    """Fails if somebody put a list of people into a task: the queue's table is no place for addresses."""
    due_file("07004321", email="cabinet@example.org")
    batch = approved_batch()
    planner = person("planner")
    planner.is_superuser = True
    planner.save()
    call_command("release_batch", str(batch.pk), by="planner", verbosity=0)
    pause_batch(batch_id=batch.pk, by=planner)
    call_command("resume_batch", str(batch.pk), by="planner", verbosity=0)
    ring_delivery()
    found = [row.task for row in OrmQ.objects.all()]
    assert [(t["func"], t["args"], t.get("kwargs")) for t in found] == [("reminders.tasks.deliver_now", (), {})] * 3
    assert not any("07004321" in str(t) or "example.org" in str(t) for t in found)
