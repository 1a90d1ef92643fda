"""What the database lets be there once: a live notice, a wave, the rows of the controls."""

from __future__ import annotations

from datetime import date

import pytest
from django.apps import apps
from django.db import DatabaseError, IntegrityError, connection, transaction

from reminders.models import (
    NoticeItem,
    Reconciliation,
)
from reminders.rules.states import (
    UNSENT_STATES,
    WAITING_STATES,
    BatchState,
    NoticeState,
)
from tests.factories import (
    NOW,
    BatchFactory,
    IntermediaryFactory,
    NoticeFactory,
    NoticeItemFactory,
    UserFactory,
    WaveFactory,
    reach,
    the_pace,
    the_switch,
)
from tests.reminders.test_database_refuses import change

pytestmark = pytest.mark.django_db

B, N = BatchState, NoticeState


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
