"""What the ledger's tables refuse by themselves, whoever writes: the program, a script or raw SQL."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime
from itertools import product
from typing import Any
from uuid import uuid4

import pgtrigger
import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from reminders.models import (
    Alarm,
    Attempt,
    Batch,
    LeftOut,
    Notice,
    NoticeItem,
    Pace,
    Reconciliation,
    SenderIdentity,
    StopSwitch,
    WrongReport,
)
from reminders.models.batch import _FROZEN
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
    IntermediaryFactory,
    LeftOutFactory,
    NoticeFactory,
    NoticeItemFactory,
    TickFactory,
    UserFactory,
    WaveFactory,
    WrongReportFactory,
    batch_in,
    notice_columns,
    reach,
    the_pace,
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


# --- what is frozen ---------------------------------------------------------------------------------------

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


# --- once -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("state", sorted(WAITING_STATES))
def test_i2_one_person_has_one_live_notice(state: NoticeState) -> None:
    """Fails without the constraint `notice_one_live_per_intermediary`, or the state in WAITING_STATES."""
    notice = reach(NoticeFactory.create(), state)
    with pytest.raises(IntegrityError, match="notice_one_live_per_intermediary"):
        NoticeFactory.create(intermediary=notice.intermediary, discharges=None)


@pytest.mark.parametrize("state", sorted(set(NoticeState) - UNSENT_STATES))
def test_i2_a_wave_that_is_held_or_was_sent_is_not_reserved_again(state: NoticeState) -> None:
    """Fails without the constraint `noticeitem_reminded_once`, or with the state in UNSENT_STATES."""
    notice = reach(NoticeFactory.create(), state)
    assert notice.discharges.get().held
    other = NoticeFactory.create(discharges=None)
    with pytest.raises(IntegrityError, match="noticeitem_reminded_once"):
        NoticeItemFactory.create(notice=other, intermediary=notice.intermediary)


@pytest.mark.parametrize("state", sorted(UNSENT_STATES))
def test_a_wave_whose_mail_never_left_may_be_planned_again(state: NoticeState) -> None:
    notice = reach(NoticeFactory.create(), state)
    assert not notice.discharges.get().held
    again = NoticeFactory.create(intermediary=notice.intermediary)
    assert again.discharges.get().held


@pytest.mark.parametrize("state", sorted(set(NoticeState) - UNSENT_STATES))
def test_i2_what_may_have_left_is_not_given_up(state: NoticeState) -> None:
    """Fails without the trigger `noticeitem_sent_stays_held`, or with the state in UNSENT_STATES."""
    notice = reach(NoticeFactory.create(), state)
    with pytest.raises(DatabaseError, match="stay held: it may have left"):
        change(notice.discharges.get(), held=False)
    change(notice.discharges.get(), held=True)
    assert notice.discharges.get().held


@pytest.mark.parametrize("state", sorted(UNSENT_STATES))
def test_i2_a_wave_given_up_is_not_taken_back(state: NoticeState) -> None:
    """Fails without the trigger `noticeitem_freed_stays_free`: two notices could hold it in turns."""
    notice = reach(NoticeFactory.create(), state)
    with pytest.raises(DatabaseError, match="is not taken back"):
        change(notice.discharges.get(), held=True)
    change(notice.discharges.get(), held=False)
    assert not notice.discharges.get().held


def test_i2_a_notice_holds_the_waves_it_discharges_from_the_first() -> None:
    """Fails without the trigger `noticeitem_begins_held`: such a row would reserve nothing."""
    item = NoticeFactory.create().discharges.get()
    with pytest.raises(DatabaseError, match="must hold the waves"):
        NoticeItem.objects.create(
            notice=item.notice, intermediary=item.intermediary, kind=item.kind, term=item.term, wave="D-2", held=False
        )


def test_i2_a_notice_gives_up_its_own_waves_only() -> None:
    """Fails without `WHERE notice_id = NEW.id` in `notice_unsent_frees_its_waves`."""
    sent, waiting = reach(NoticeFactory.create(), N.ACCEPTED), NoticeFactory.create()
    reach(NoticeFactory.create(), N.EXPIRED)
    assert sent.discharges.get().held
    assert waiting.discharges.get().held


def test_i2_another_wave_term_or_kind_is_another_reminder() -> None:
    """Fails without one of the columns in `noticeitem_reminded_once`."""
    notice = NoticeFactory.create()
    for other in ({"wave": "D-15"}, {"term": date(2027, 2, 28)}, {"kind": "FINANCIAL_GUARANTEE"}):
        NoticeItemFactory.create(notice=notice, **other)
    NoticeItemFactory.create()
    assert notice.discharges.count() == 4


def test_i2_a_notice_discharges_the_waves_of_its_own_person_only() -> None:
    """Fails without the trigger `noticeitem_is_its_notices`: somebody would be counted as reminded who got nothing, and
    who did get the mail could get it again."""
    notice = NoticeFactory.create()
    with pytest.raises(DatabaseError, match="of its own person only"), transaction.atomic():
        NoticeItemFactory.create(notice=notice, intermediary=IntermediaryFactory.create())
    with pytest.raises(DatabaseError, match="what was frozen stays"):
        change(notice.discharges.get(), intermediary_id=IntermediaryFactory.create().pk)


# --- the controls -----------------------------------------------------------------------------------------


def test_i7_there_is_one_switch_and_it_says_why_it_stops() -> None:
    """Fails without `stopswitch_says_why_it_stops`; a second row: see the table above."""
    change(the_switch(), stopped=True, reason="Essai", changed_by=UserFactory.create())
    assert the_switch().stopped
    assert the_pace().next_at < NOW


def test_i13_the_record_of_a_reconciliation_stays_as_it_is() -> None:
    """Fails without the trigger `reconciliation_is_kept`."""
    made = Reconciliation.objects.create(made_at=NOW, made_by=UserFactory.create(), report={})
    with pytest.raises(DatabaseError), transaction.atomic():
        change(made, lost_reason="autre")
    with pytest.raises(DatabaseError), transaction.atomic():
        made.delete()


def test_i9_each_change_of_the_switch_of_a_wave_and_of_a_batch_is_in_the_history() -> None:
    """Fails without `@tracked` on StopSwitch, Wave or Batch."""
    wave, batch = WaveFactory.create(), BatchFactory.create()
    change(the_switch(), stopped=True, reason="Essai")
    change(wave, active=False)
    change(batch, state="CANCELLED")
    for name, pk in (("StopSwitch", 1), ("Wave", wave.pk), ("Batch", batch.pk)):
        changes = apps.get_model("reminders", f"{name}History").objects.filter(id=pk).order_by("pgh_id")
        assert changes.last().pgh_label == "update"


@pytest.mark.parametrize("table", ["reminders_senderidentity", "reminders_stopswitch"])
def test_i7_i13_the_only_row_of_a_control_is_never_deleted(table: str) -> None:
    """Fails without Protect on the model: a row that is gone is made anew by the next person who opens sending."""
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table}")
