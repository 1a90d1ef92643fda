"""What the ledger's tables refuse by themselves, whoever writes: the program, a script or raw SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from itertools import product
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, transaction

from reminders.models import (
    Alarm,
    Attempt,
    Batch,
    LeftOut,
    Notice,
    NoticeItem,
    Pace,
    SenderIdentity,
    Settlement,
    StopSwitch,
    WrongReport,
)
from reminders.rules.states import (
    BATCH_TRANSITIONS,
    NOTICE_TRANSITIONS,
    UNSENT_STATES,
    WAITING_STATES,
    BatchState,
    NoticeState,
)
from tests.factories import (
    HASH,
    NOW,
    AlarmFactory,
    AttemptFactory,
    BatchFactory,
    DomainPaceFactory,
    LeftOutFactory,
    NoticeFactory,
    TickFactory,
    UserFactory,
    WaveFactory,
    WrongReportFactory,
    batch_in,
    notice_columns,
    reach,
    the_switch,
)

pytestmark = pytest.mark.django_db

B, N = BatchState, NoticeState


def change(row: Any, **values: Any) -> None:
    """Update by one SQL statement, past anything a model could check."""
    with transaction.atomic():
        type(row).objects.filter(pk=row.pk).update(**values)


# --- both machines ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("current", "wanted"), [p for p in product(B, B) if p[0] is not p[1]])
def test_a_batch_goes_from_state_to_state_as_the_table_says(current: BatchState, wanted: BatchState) -> None:
    batch = batch_in(current)
    values = {
        "approved_by": batch.approved_by or UserFactory.create(),
        "approved_at": NOW,
        "pause_reason": "PERSON",
    }
    if not batch.hash:
        values["hash"] = HASH
    if wanted in BATCH_TRANSITIONS[current]:
        change(batch, state=wanted, **values)
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"):
            change(batch, state=wanted, **values)
        batch.refresh_from_db()
        assert batch.state == current


@pytest.mark.parametrize(("current", "wanted"), [p for p in product(N, N) if p[0] is not p[1]])
def test_a_notice_goes_from_state_to_state_as_the_table_says(current: NoticeState, wanted: NoticeState) -> None:
    notice = reach(NoticeFactory.create(), current)
    values = notice_columns(wanted)
    if wanted in NOTICE_TRANSITIONS[current]:
        change(notice, state=wanted, **values)
    else:
        with pytest.raises(DatabaseError, match="Invalid transition"):
            change(notice, state=wanted, **values)
        notice.refresh_from_db()
        assert notice.state == current


@pytest.mark.parametrize(
    ("make", "state"), [(BatchFactory, "LOST"), *((NoticeFactory, state) for state in ("LOST", "CLAIMER", "CL", ""))]
)
def test_a_state_that_does_not_exist_is_not_reached(make: Callable[..., Any], state: str) -> None:
    """Fails where a notice's states are told apart by their first letters only, or without the spaces around them."""
    with pytest.raises(DatabaseError, match="Invalid transition"):
        change(make(), state=state)


@pytest.mark.parametrize("state", N)
def test_the_two_columns_that_the_indexes_ask_for_are_as_the_state_says(state: NoticeState) -> None:
    """Fails without either assignment in `moves_as_it_may`."""
    notice = reach(NoticeFactory.create(), state)
    notice.refresh_from_db()
    assert (notice.live, notice.unsent) == (state in WAITING_STATES, state in UNSENT_STATES)


def test_i2_nor_whether_what_may_have_left_never_did() -> None:
    """Fails without the question for a settlement in `moves_as_it_may`: room for a second correction."""
    notice = reach(NoticeFactory.create(), N.UNCERTAIN)
    change(notice, unsent=True)
    notice.refresh_from_db()
    assert not notice.unsent
    Settlement.objects.create(
        notice=notice, decision="SEND_AGAIN", evidence="PERSON", reason="vu", by=UserFactory.create(), at=NOW
    )
    change(notice, unsent=False, evidence={})
    notice.refresh_from_db()
    assert notice.unsent


@pytest.mark.parametrize("said", [{"live": False}, {"unsent": True}])
def test_i2_no_statement_says_itself_whether_a_notice_is_live(said: dict[str, bool]) -> None:
    """Fails without the comparison of that column in `moves_as_it_may`, or in `notice_begins_as_planned`: a notice
    taken out of its unique index would leave room for a second one."""
    notice = NoticeFactory.create()
    change(notice, **said)
    notice.refresh_from_db()
    assert notice.live
    assert not notice.unsent
    with pytest.raises(DatabaseError, match="begins as planned"), transaction.atomic():
        NoticeFactory.create(**said)


def test_no_setting_ignores_the_moves_of_a_notice() -> None:
    """Fails where the trigger is written by pgtrigger's own template."""
    notice = NoticeFactory.create()
    with pgtrigger.ignore("reminders.Notice:notice_transitions"), pytest.raises(DatabaseError, match="Invalid"):
        change(notice, state="ACCEPTED")


def test_an_address_is_not_taken_away() -> None:
    """Fails without the column in `notice_has_an_address`, or where it were asked of new rows only."""
    with pytest.raises(IntegrityError, match="notice_has_an_address"):
        change(NoticeFactory.create(), email="")


# --- constraints ------------------------------------------------------------------------------------------

REFUSED: dict[str, Callable[[], Any]] = {
    "batch_is_released_only_if_approved": lambda: change(BatchFactory.create(sealed=True), state="APPROVED"),
    "batch_approval_is_of_a_sealed_list": lambda: change(
        BatchFactory.create(), approved_by=UserFactory.create(), approved_at=NOW
    ),
    # The transitions are asked by first letters only.
    "batch_state_is_known": lambda: change(BatchFactory.create(), state="CANCELED"),
    "batch_ceiling_within_the_list": lambda: change(batch_in(B.RELEASING, steps=[10, 11]), ceiling=11),
    "batch_nothing_may_leave_unreleased": lambda: change(batch_in(B.APPROVED), ceiling=10),
    "batch_approval_is_paired": lambda: change(BatchFactory.create(), approved_at=NOW),
    "batch_release_is_paired": lambda: change(batch_in(B.APPROVED), released_at=NOW),
    "batch_pause_has_a_reason": lambda: change(batch_in(B.RELEASING), state="PAUSED"),
    "batch_one_live_plan_a_day": lambda: [BatchFactory.create(as_of=date(2026, 1, 29)) for _ in "ab"],
    "leftout_once_per_batch": lambda: LeftOutFactory.create(
        batch=(first := LeftOutFactory.create()).batch, intermediary=first.intermediary
    ),
    "wave_ends_after_it_starts": lambda: WaveFactory.create(first_offset=-5, last_offset=-6),
    "stopswitch_is_one_row": lambda: StopSwitch.objects.create(id=2, stopped=False),
    "senderidentity_is_one_row": lambda: SenderIdentity.objects.create(
        id=2, epoch=uuid4(), system_identifier=1, database_oid=1, timeline=1, armed_at=NOW
    ),
    "stopswitch_says_why_it_stops": lambda: change(the_switch(), stopped=True),
    "pace_is_one_row": lambda: Pace.objects.create(id=2, next_at=NOW),
    "tick_once": lambda: [TickFactory.create(intended_at=NOW) for _ in "ab"],
    "notice_rank_once": lambda: NoticeFactory.create(batch=(first := NoticeFactory.create()).batch, rank=first.rank),
    "notice_skipped_says_why": lambda: change(reach(NoticeFactory.create(), N.CLAIMED), state="SKIPPED"),
    "notice_has_an_address": lambda: NoticeFactory.create(email=""),
    "notice_claimed_has_a_lease": lambda: change(NoticeFactory.create(), state="CLAIMED"),
    "alarm_open_once": lambda: AlarmFactory.create(batch=AlarmFactory.create().batch),
    "alarm_closing_is_paired": lambda: change(AlarmFactory.create(), closed_at=NOW),
    "wrongreport_once": lambda: WrongReportFactory.create(notice=WrongReportFactory.create().notice),
    "wrongreport_by_phone_names_who_took_it": lambda: WrongReportFactory.create(source="HOTLINE"),
    "domainpace_once": lambda: [DomainPaceFactory.create(domain="orange.example") for _ in "ab"],
    "domainpace_counts_from_one": lambda: DomainPaceFactory.create(failures=0),
    "attempt_once": lambda: AttemptFactory.create(
        notice=(first := AttemptFactory.create()).notice, number=first.number
    ),
}
ASKED_BY_A_TRIGGER = {
    "notice_claimed_has_a_lease",
    "notice_correction_says_what_it_tells",
    "notice_has_an_address",
    "notice_skipped_says_why",
}
WITH_A_TEST_OF_THEIR_OWN = {
    "batch_is_approved_by_a_second_person",
    "batch_one_live_recall",
    "batch_recall_names_what_it_corrects",
    "notice_corrected_once",
    "notice_correction_says_what_it_tells",
    "notice_one_live_per_intermediary",
    "noticeitem_reminded_once",
    # in test_aftermath_refuses.py
    "addressconfirmation_says_why",
    "bounce_once",
    "incidentnote_says_something",
    "settlement_again_is_a_persons_decision",
    "settlement_rests_on_something",
}


TRIGGERS = {
    "alarm_is_closed_once",
    "alarm_is_frozen",
    "alarm_is_kept",
    "attempt_is_completed_once",
    "attempt_is_kept",
    "batch_approval_stands",
    "batch_begins_as_a_draft",
    "batch_is_frozen",
    "batch_is_kept",
    "batch_recall_is_of_what_ended",
    "batch_stands_under_an_alarm",
    "batch_stays_of_its_kind",
    "batch_steps_one_at_a_time",
    "batch_transitions",
    "leftout_is_kept",
    "leftout_list_is_sealed",
    "notice_begins_as_planned",
    "notice_correction_says_what_it_tells",
    "notice_corrects_its_own",
    "notice_has_an_address",
    "notice_is_frozen",
    "notice_keeps_its_address",
    "notice_is_kept",
    "notice_list_is_sealed",
    "notice_transitions",
    "notice_unsent_frees_its_waves",
    "noticeitem_begins_held",
    "noticeitem_is_its_notices",
    "noticeitem_freed_stays_free",
    "noticeitem_is_frozen",
    "noticeitem_is_kept",
    "noticeitem_list_is_sealed",
    "noticeitem_once_per_person",
    "noticeitem_sent_stays_held",
    "wrongreport_is_kept",
}


@pytest.mark.parametrize("constraint", REFUSED)
def test_each_constraint_refuses_what_it_is_there_for(constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        REFUSED[constraint]()


def test_every_constraint_of_the_ledger_has_its_test() -> None:
    models = [m for m in apps.get_app_config("reminders").get_models() if not m.__name__.endswith("History")]
    named = {c.name for model in models for c in model._meta.constraints}
    assert named == (set(REFUSED) | WITH_A_TEST_OF_THEIR_OWN) - ASKED_BY_A_TRIGGER


def test_every_trigger_of_the_ledger_has_its_test() -> None:
    """Each name is in a test of this file, test_recall_refused or test_merging; `@tracked` tells those of histories."""
    tables: tuple[Any, ...] = (Batch, LeftOut, Notice, NoticeItem, Attempt, Alarm, WrongReport)
    names = {t.name for table in tables for t in table._meta.triggers}
    assert {n for n in names if not n.startswith(("insert_", "update_", "delete_"))} == TRIGGERS


def test_i6_a_batch_is_not_approved_by_its_author() -> None:
    """Fails without the constraint `batch_is_approved_by_a_second_person`."""
    batch = BatchFactory.create(sealed=True)
    approval = {"state": "APPROVED", "approved_at": NOW}
    with pytest.raises(IntegrityError, match="batch_is_approved_by_a_second_person"):
        change(batch, approved_by=batch.author, **approval)
    change(batch, approved_by=UserFactory.create(), **approval)


def test_i6_a_batch_that_the_system_planned_is_approved_by_anybody() -> None:
    """Fails if the constraint asked for an author."""
    change(
        BatchFactory.create(sealed=True, author=None),
        state="APPROVED",
        approved_by=UserFactory.create(),
        approved_at=NOW,
    )
