"""Preview: what a person sees before approving, and what scripts read."""

from __future__ import annotations

import json
import pickle
from datetime import timedelta
from typing import Any

import pytest

from registry.facts import load_reference
from reminders.errors import ReminderError
from reminders.ledger import load_policy
from reminders.models import Batch, Notice
from reminders.planning.approval import cancel_batch
from reminders.planning.assess import Circumstances
from reminders.planning.preview import (
    batch_report,
    calls_report,
    changes_since_previous,
    counts_by_state,
    everyone,
    find_batch,
    nobody_due,
    samples,
)
from reminders.rules.eligibility import SkipReason
from reminders.rules.hotline import Hotline
from reminders.rules.states import NoticeState
from tests.factories import reach
from tests.reminders.scenes import (
    DAY,
    NOW,
    complete_file,
    due_file,
    engine,
    notice_of,
    person,
    planned_batch,
    renew,
)

pytestmark = pytest.mark.django_db

KEYS = {
    "batch",
    "state",
    "hash",
    "as_of",
    "waves",
    "planned",
    "skipped",
    "by_category",
    "by_item",
    "brakes",
    "counts",
}
"""What scripts rely on; more may be added, none renamed."""


def circumstances(days: int = 0) -> Circumstances:
    return Circumstances(DAY + timedelta(days), load_reference(), load_policy(gap_days=5), engine().letterhead)


def test_the_report_has_the_keys_that_scripts_read() -> None:
    due_file(categories=("COA", "IOB"), with_funds=True)
    complete_file()
    report = batch_report(planned_batch(), pace_per_hour=0)
    assert report.keys() >= KEYS
    assert report["state"] == "DRAFT"
    assert (report["as_of"], report["waves"], report["planned"]) == ("2026-01-29", ["D-30"], 1)
    assert report["skipped"] == {"COMPLETE": 1}
    assert report["by_category"] == {"COA": 1, "IOB": 1}
    assert report["by_item"] == {"FINANCIAL_GUARANTEE": 1, "RC_PRO": 1}
    assert all(set(b) == {"code", "level", "message"} for b in report["brakes"])
    assert set(report["counts"]) == {s.value for s in NoticeState}
    assert json.loads(json.dumps(report)) == report


def test_the_report_of_nobody_has_the_same_keys_and_no_batch() -> None:
    report = nobody_due("2026-01-29", ["D-7"], {"COMPLETE": 2, "NOT_DUE": 1})
    assert report.keys() >= KEYS
    assert (report["batch"], report["planned"], report["registered"]) == (None, 0, 3)
    assert set(report["counts"].values()) == {0}


def test_i8_the_counts_add_up_to_the_planned_whatever_becomes_of_them() -> None:
    files = [due_file() for _ in range(len(NoticeState))]
    batch = planned_batch()
    for file, state in zip(files, NoticeState, strict=True):
        reach(notice_of(file), state)
        assert sum(counts_by_state(batch.pk).values()) == batch.planned
    assert set(counts_by_state(batch.pk).values()) == {1}


def test_the_changes_since_the_last_batch_are_new_same_and_gone() -> None:
    stays, goes = due_file(), due_file()
    first = planned_batch()
    assert changes_since_previous(first).previous is None
    assert changes_since_previous(first).new == 2
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    renew(goes)
    new = [due_file(), due_file(), due_file()]
    second = planned_batch()
    told = changes_since_previous(second)
    assert (told.previous, told.new, told.same, told.gone) == (first.pk, len(new), 1, 1)
    assert Notice.objects.filter(batch=second, intermediary=stays).exists()


@pytest.mark.parametrize(
    ("planned", "pace", "calls", "agents"),
    [(18_000, 0, 1008, 92), (18_000, 1_800, 101, 12), (9, 1_800, 1, 1), (0, 0, 0, 0), (180, 18_000, 10, 3)],
)
def test_a_batch_is_shown_with_its_calls_and_the_agents_they_need(
    planned: int, pace: int, calls: int, agents: int
) -> None:
    told = calls_report(planned, pace, Hotline(agents=6))
    assert (told["pace_per_hour"], told["expected_calls_per_hour"]) == (pace, calls)
    assert (told["agents_needed"], told["agents"]) == (agents, 6)
    assert told["answered_share"] == {1008: 0.0, 101: 0.0}.get(calls, pytest.approx(1, abs=0.01))


def test_the_report_of_a_batch_goes_by_the_hotline_it_is_given() -> None:
    for _ in range(4):
        due_file()
    batch = planned_batch()
    told = batch_report(batch, pace_per_hour=3, hotline=Hotline(agents=2, call_seconds=600, calls_per_mail=1))
    assert {k: told[k] for k in ("pace_per_hour", "expected_calls_per_hour", "agents_needed", "agents")} == {
        "pace_per_hour": 3,
        "expected_calls_per_hour": 3,
        "agents_needed": 2,
        "agents": 2,
    }


def test_a_sample_is_the_message_and_one_withdrawn_since_says_so() -> None:
    stays, renews = due_file(), due_file()
    batch = planned_batch()
    renew(renews)
    by_number = {s.orias_number: s for s in samples(batch, circumstances())}
    assert stays.orias_number in by_number[stays.orias_number].text
    assert by_number[stays.orias_number].email == stays.email
    assert by_number[renews.orias_number].subject == "(écarté à ce jour\u00a0: dossier complet)"
    assert by_number[renews.orias_number].text == ""


def test_ten_samples_are_shown_in_the_frozen_order() -> None:
    for _ in range(12):
        due_file()
    batch = planned_batch()
    assert [s.rank for s in samples(batch, circumstances())] == list(range(1, 11))
    assert [s.rank for s in samples(batch, circumstances(), size=2)] == [1, 2]


def test_i5_a_preview_changes_nothing() -> None:
    due_file()
    batch = planned_batch()
    before = pickle.dumps([list(m.objects.order_by("pk").values()) for m in (Batch, Notice)])
    batch_report(batch, pace_per_hour=0)
    samples(batch, circumstances(1))
    list(everyone(batch))
    assert pickle.dumps([list(m.objects.order_by("pk").values()) for m in (Batch, Notice)]) == before


def test_everyone_is_in_the_spreadsheet_once_planned_first_then_left_out_with_the_reason() -> None:
    planned = [due_file(), due_file()]
    left_out = complete_file()
    batch = planned_batch()
    rows: list[dict[str, Any]] = list(everyone(batch))
    assert [r["rang"] for r in rows] == [1, 2, ""]
    assert {r["numero_orias"] for r in rows[:2]} == {p.orias_number for p in planned}
    assert rows[0]["etat"] == "Prévu"
    assert rows[0]["pieces"] == "assurance de responsabilité civile professionnelle COA au plus tard le 28/02/2026"
    assert (rows[2]["numero_orias"], rows[2]["etat"]) == (left_out.orias_number, "Écarté")
    assert rows[2]["motif"] == SkipReason.COMPLETE.label


def test_a_batch_that_is_not_there_is_told_with_the_latest_that_is() -> None:
    with pytest.raises(ReminderError, match="Le lot 99 n’existe pas. Aucun lot n’a encore été préparé."):
        find_batch(99)
    due_file()
    batch = planned_batch()
    with pytest.raises(ReminderError, match=f"Le lot 0 n’existe pas. Le dernier lot est le {batch.pk}."):
        find_batch(0)
