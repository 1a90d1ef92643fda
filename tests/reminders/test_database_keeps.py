"""What the database keeps as it was approved, sent, judged: frozen lists, the ledger, alarms and reports."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from reminders.models import (
    Alarm,
    Attempt,
    Batch,
    LeftOut,
    Notice,
    NoticeItem,
    WrongReport,
)
from reminders.models.batch import _FROZEN
from reminders.rules.states import (
    BatchState,
    NoticeState,
)
from tests.factories import (
    HASH,
    NOW,
    AlarmFactory,
    AttemptFactory,
    BatchFactory,
    IntermediaryFactory,
    LeftOutFactory,
    NoticeFactory,
    NoticeItemFactory,
    UserFactory,
    WrongReportFactory,
    batch_in,
)
from tests.reminders.test_database_refuses import change

pytestmark = pytest.mark.django_db

B, N = BatchState, NoticeState

FROZEN = {
    "reason": "une autre raison",
    "as_of": date(2026, 2, 1),
    "only_wave": "D-7",
    "hash": "1" * 64,
    "planned": 11,
    "steps": [25],
    "by_category": {"COA": 1},
    "by_item": {"RC_PRO": 1},
    "by_class": {"COMPLETE": 1},
    "skipped": {"COMPLETE": 1},
    "conservation": {"COA": 1},
    "waves": ["D-7"],
    "rules_digest": "1" * 64,
    "letterhead": {"REPLY_TO": "autre@registre.example"},
    "brakes": [{"code": "CONSERVATION", "level": "GREEN", "message": ""}],
}


@pytest.mark.parametrize("column", [*FROZEN, "author"])
def test_i6_what_was_approved_does_not_change_once_the_list_has_a_hash(column: str) -> None:
    """Fails without the column in `_FROZEN`."""
    assert {*FROZEN, "author_id"} == set(_FROZEN)
    value = FROZEN.get(column) or UserFactory.create()
    with pytest.raises(DatabaseError, match="is frozen"):
        change(BatchFactory.create(sealed=True), **{column: value})
    change(BatchFactory.create(), **{column: value})


@pytest.mark.parametrize(
    "values",
    [
        {"rank": 999},
        {"key": "f" * 40},
        {"email": "autre@example.org"},
        {"items": [{"kind": "RC_PRO"}]},
        {"not_after": datetime(2027, 1, 1, tzinfo=UTC)},
        {"body_digest": "f" * 64},
        {"facts_version": 2},
        {"batch": BatchFactory},
        {"intermediary": IntermediaryFactory},
    ],
    ids=lambda values: next(iter(values)),
)
def test_i5_a_notice_stays_as_it_was_approved(values: dict[str, Any]) -> None:
    """Fails without the column in the trigger `notice_is_frozen`."""
    made = {k: v() if isinstance(v, type) else v for k, v in values.items()}
    with pytest.raises(DatabaseError, match="Cannot update rows"):
        change(NoticeFactory.create(), **made)


@pytest.mark.parametrize(
    "values",
    [
        {"kind": "FINANCIAL_GUARANTEE"},
        {"term": date(2027, 2, 28)},
        {"wave": "D-7"},
        {"notice": NoticeFactory},
        {"intermediary": IntermediaryFactory},
    ],
    ids=lambda values: next(iter(values)),
)
def test_i2_what_a_notice_discharges_stays_as_it_is(values: dict[str, Any]) -> None:
    """Fails without the column in the trigger `noticeitem_is_frozen`."""
    item = NoticeItemFactory.create()
    made = {k: v() if isinstance(v, type) else v for k, v in values.items()}
    with pytest.raises(DatabaseError, match="Cannot update rows"):
        change(item, **made)


ADDED: dict[str, Callable[[Notice], Any]] = {
    "notice": lambda notice: NoticeFactory.create(batch=notice.batch, discharges=None),
    "noticeitem": lambda notice: NoticeItemFactory.create(notice=notice, wave="D-7"),
    "leftout": lambda notice: LeftOutFactory.create(batch=notice.batch),
    "several": lambda notice: LeftOut.objects.bulk_create(
        LeftOutFactory.build(batch=batch, intermediary=IntermediaryFactory.create())
        for batch in (BatchFactory.create(), notice.batch)
    ),
}


@pytest.mark.parametrize("what", ADDED)
def test_i5_nothing_is_added_to_a_list_that_is_sealed(what: str) -> None:
    """Fails without the trigger `notice_list_is_sealed`, `noticeitem_list_is_sealed` or `leftout_list_is_sealed`."""
    notice = NoticeFactory.create()
    ADDED[what](notice)
    notice = NoticeFactory.create()
    change(notice.batch, hash=HASH)
    with pytest.raises(DatabaseError, match="sealed once it has a hash"), transaction.atomic():
        ADDED[what](notice)


@pytest.mark.parametrize("state", [s for s in BatchState if s is not B.DRAFT])
def test_i6_a_batch_begins_as_a_draft(state: BatchState) -> None:
    """Fails without the trigger `batch_begins_as_a_draft`: one could be born approved, its list not yet made."""
    signed = {"approved_by": UserFactory.create(), "approved_at": NOW, "pause_reason": "PERSON"}
    with pytest.raises(DatabaseError, match="begins as a draft"):
        BatchFactory.create(sealed=True, state=state, **signed)


@pytest.mark.parametrize("state", [s for s in NoticeState if s is not N.PLANNED])
def test_i4_a_notice_begins_as_planned(state: NoticeState) -> None:
    """Fails without the trigger `notice_begins_as_planned`: a mail could be counted as sent that never was."""
    with pytest.raises(DatabaseError, match="begins as planned"):
        NoticeFactory.create(state=state, lease_until=NOW, reason="COMPLETE")


@pytest.mark.parametrize("state", [B.APPROVED, B.RELEASING, B.PAUSED, B.COMPLETED])
@pytest.mark.parametrize(
    "other",
    [
        lambda: {"approved_by": UserFactory.create()},
        lambda: {"approved_at": datetime(2026, 1, 30, tzinfo=UTC)},
        lambda: {"approved_by": None, "approved_at": None},
    ],
    ids=["by another", "at another time", "taken back"],
)
def test_i6_an_approval_stands(state: BatchState, other: Callable[[], dict[str, Any]]) -> None:
    """Fails without the trigger `batch_approval_stands`, or one of its two columns."""
    batch = batch_in(state)
    with pytest.raises(DatabaseError, match="the approval of batch .* stands"):
        change(batch, **other())
    change(batch, approved_by=batch.approved_by, approved_at=batch.approved_at)


def test_an_attempt_is_completed_once() -> None:
    attempt = AttemptFactory.create()
    answer = {"finished_at": NOW, "verdict": "ACCEPTED", "stage": "REPLY", "code": 250}
    change(attempt, **answer)
    with pytest.raises(DatabaseError, match="is complete and stays as it is"):
        change(attempt, reply="autre chose")


@pytest.mark.parametrize(
    ("make", "model"),
    [
        (BatchFactory, Batch),
        (NoticeFactory, Notice),
        (NoticeItemFactory, NoticeItem),
        (AttemptFactory, Attempt),
        (LeftOutFactory, LeftOut),
        (AlarmFactory, Alarm),
        (WrongReportFactory, WrongReport),
    ],
)
def test_i8_no_row_of_the_ledger_is_deleted(make: Callable[[], Any], model: Any) -> None:
    """Fails without the trigger `…_is_kept` of that table."""
    row = make()
    with connection.cursor() as cursor, pytest.raises(DatabaseError, match="Cannot delete (or update )?rows"):
        cursor.execute(f"DELETE FROM {model._meta.db_table} WHERE id = %s", [row.pk])


def test_the_reason_why_somebody_was_left_out_stays_as_it_is() -> None:
    with pytest.raises(DatabaseError, match="Cannot (update|delete|update or delete|delete or update) rows"):
        change(LeftOutFactory.create(), reason="NO_EMAIL")


def test_the_address_that_was_written_to_stays_on_record() -> None:
    """Fails without the trigger `notice_keeps_its_address`; what a certificate may do is in test_purge."""
    with pytest.raises(DatabaseError, match="Cannot update rows from reminders_notice"):
        change(NoticeFactory.create(), email="autre@example.org")


# --- the watch -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ceiling", "wanted"), [(25, 0), (25, 24), (25, 26), (25, 3_000), (275, 25)])
def test_i6_a_ceiling_grows_from_step_to_step_and_no_other_way(ceiling: int, wanted: int) -> None:
    """Fails without the trigger `batch_steps_one_at_a_time`."""
    batch = batch_in(B.APPROVED, planned=3_000, steps=[25, 275, 3_000])
    change(batch, state="RELEASING", released_by=UserFactory.create(), released_at=NOW, ceiling=25)
    if ceiling > 25:
        change(batch, ceiling=ceiling)
    with pytest.raises(DatabaseError, match="goes from .* to its next step"):
        change(batch, ceiling=wanted)


def test_i7_a_batch_under_an_open_alarm_does_not_go_on() -> None:
    """Fails without the trigger `batch_stands_under_an_alarm`."""
    batch = batch_in(B.PAUSED)
    alarm = AlarmFactory.create(batch=batch)
    with pytest.raises(DatabaseError, match="stands under an alarm that nobody has closed"):
        change(batch, state="RELEASING")
    change(alarm, closed_at=NOW, closed_by=UserFactory.create())
    change(batch, state="RELEASING")


@pytest.mark.parametrize(
    "values",
    [{"code": "STALLED"}, {"message": "rien"}, {"facts": {"a": 1}}, {"raised_at": datetime(2027, 1, 1, tzinfo=UTC)}],
    ids=lambda values: next(iter(values)),
)
def test_an_alarm_stays_as_it_was_raised(values: dict[str, Any]) -> None:
    """Fails without the column in the trigger `alarm_is_frozen`."""
    with pytest.raises(DatabaseError, match="Cannot update rows"):
        change(AlarmFactory.create(), **values)


def test_an_alarm_is_closed_once_and_may_then_be_raised_again() -> None:
    """Fails without the trigger `alarm_is_closed_once`."""
    alarm = AlarmFactory.create(closed=True)
    with pytest.raises(DatabaseError, match="is closed and stays as it is"):
        change(alarm, close_reason="autre")
    AlarmFactory.create(batch=alarm.batch)


def test_a_report_stays_as_it_was_judged() -> None:
    """Fails without the trigger `wrongreport_is_kept`."""
    with pytest.raises(DatabaseError, match="Cannot (update|delete|update or delete|delete or update) rows"):
        change(WrongReportFactory.create(), verdict="STILL_DUE")
