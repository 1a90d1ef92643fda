"""What a plan finds before anyone approves: broken templates, evaluators that disagree, a register out of date."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from registry.findings import refresh_findings
from reminders.errors import WrongRequest
from reminders.models import Batch, LeftOut, Notice, NoticeItem
from reminders.planning import assess as assess_module
from reminders.planning import plan as plan_module
from reminders.planning.approval import cancel_batch
from reminders.planning.audience import draw_audience
from reminders.planning.plan import Plan, plan_reminders
from reminders.planning.switch import stop_sending
from reminders.rules.eligibility import decide_reminder
from reminders.rules.send_window import parse_window
from reminders.rules.states import BatchState
from tests.factories import batch_in
from tests.reminders.scenes import (
    DAY,
    NOW,
    complete_file,
    due_file,
    engine,
    person,
    planned_batch,
    renew,
    states,
)

pytestmark = pytest.mark.django_db


def plan(days: int = 0) -> Plan:
    return plan_reminders(day=DAY + timedelta(days), now=NOW + timedelta(days), engine=engine(), by=person("planner"))


def test_an_error_in_a_template_is_found_at_the_plan_and_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    due_file()

    def broken(*args: Any) -> Any:
        raise ValueError("no word for LAPSED")

    with monkeypatch.context() as patch:
        patch.setattr(assess_module, "render", broken)
        with pytest.raises(Exception, match="no word for LAPSED"):
            plan()
    assert not Batch.objects.exists()
    assert not Notice.objects.exists()
    assert not NoticeItem.objects.exists()
    assert not LeftOut.objects.exists()
    assert plan().created, "the next plan works, in the same connection"


def test_a_failed_plan_keeps_the_batch_of_yesterday_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    due_file()
    old = planned_batch()
    monkeypatch.setattr(assess_module, "render", lambda *a: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        plan(1)
    old.refresh_from_db()
    assert old.state == "DRAFT"
    assert states(old) == {"PLANNED": 1}


def brakes_of(batch: Batch) -> dict[str, str]:
    return {b["code"]: b["level"] for b in batch.brakes}


def test_i5_where_the_evaluators_disagree_the_brake_is_red(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the line in freeze._judge that compares the keys."""
    file = due_file()
    decide = decide_reminder

    def one_wave_short(*args: Any) -> Any:
        return replace(decide(*args), discharged=())

    monkeypatch.setattr(assess_module, "decide_reminder", one_wave_short)
    batch = planned_batch()
    red = next(b for b in batch.brakes if b["code"] == "EVALUATORS_DISAGREE")
    assert red["level"] == "RED"
    assert file.orias_number in red["message"]


def test_i3_a_complete_file_on_the_list_is_a_red_brake(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `frozen.complete.append`: the set-based pass is made blind to the renewal here."""
    file = complete_file()
    blind_to(monkeypatch, file.pk)
    batch = planned_batch()
    assert brakes_of(batch)["COMPLETE_FILE"] == brakes_of(batch)["EVALUATORS_DISAGREE"] == "RED"
    assert batch.planned == 1


def blind_to(monkeypatch: pytest.MonkeyPatch, pk: int) -> None:
    """Let the set-based pass take someone for due who is not."""
    draw = draw_audience

    def spoilt(*args: Any) -> None:
        draw(*args)
        with connection.cursor() as cursor:
            cursor.execute(
                "UPDATE audience SET reason = NULL, rank = 1, keys = ARRAY['RC_PRO/2026-02-28/D-30'],"
                " last_useful_on = '2026-02-12' WHERE id = %s",
                [pk],
            )

    monkeypatch.setattr(plan_module, "draw_audience", spoilt)


def test_a_stale_register_and_a_stopped_switch_are_told_by_the_brakes() -> None:
    file = due_file()
    refresh_findings(as_of=DAY)
    renew(file, refused=True)
    stop_sending(reason="essai", by=None, now=NOW)
    batch = plan().batch
    assert batch
    assert brakes_of(batch)["REGISTER_STALE"] == "RED"
    assert brakes_of(batch)["SENDING_STOPPED"] == "AMBER"


def test_a_new_wording_since_the_last_batch_is_told() -> None:
    due_file()
    first = planned_batch(rules_digest="a" * 64)
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    same = planned_batch(rules_digest="a" * 64)
    cancel_batch(batch_id=same.pk, by=person("planner"), now=NOW)
    other = planned_batch(rules_digest="b" * 64)
    assert [brakes_of(b)["RULES_CHANGED"] for b in (first, same, other)] == ["GREEN", "GREEN", "AMBER"]


def test_many_behind_one_address_are_told_whatever_its_capitals() -> None:
    for n in range(21):
        due_file(email="Commun@cabinet.example" if n % 2 else "commun@CABINET.example")
    assert brakes_of(planned_batch())["CONCENTRATION"] == "AMBER"


def last_year(planned: int, only_wave: str = "") -> None:
    """A batch that ended a year ago, of so many; rows alone, as nothing but its size is asked."""
    batch_in(
        BatchState.COMPLETED,
        as_of=DAY - timedelta(365),
        waves=["D-30"],
        planned=planned,
        steps=[10, planned],
        only_wave=only_wave,
    )


@pytest.mark.parametrize(
    ("planned", "only_wave", "level"), [(25, "", "RED"), (26, "", "AMBER"), (25, "JOURNAL", "GREEN")]
)
def test_more_than_three_times_last_year_is_red_but_no_reconstruction_is_last_year(
    planned: int, only_wave: str, level: str
) -> None:
    """Fails without the `exclude` of `_same_waves_last_year`."""
    last_year(planned, only_wave)
    for n in range(76):
        due_file(f"07{n:06d}")
    batch = planned_batch()
    assert brakes_of(batch)["SIZE_LAST_YEAR"] == level


def test_a_plan_for_a_day_that_is_over_is_refused() -> None:
    """Fails without `_require_not_over`: a reminder for a past day helps nobody."""
    due_file()
    with pytest.raises(WrongRequest, match="est passé"):
        plan_reminders(day=DAY - timedelta(1), now=NOW, engine=engine(), by=None)


def test_after_the_close_of_the_window_the_brake_says_so() -> None:
    due_file()
    evening = NOW.replace(hour=22)
    assert brakes_of(planned_batch(now=evening, window=parse_window("mon-fri 09:00-17:00")))["SEND_WINDOW"] == "AMBER"
