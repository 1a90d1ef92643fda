"""After a backup is put back: two mails to one person by a person's word, lists stopped since, old files gone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection

from reminders.errors import ReminderError
from reminders.models import Attempt, Batch, Notice
from reminders.models.batch import PauseReason
from reminders.models.settlement import Decision
from reminders.planning.approval import cancel_batch, resume_batch
from reminders.planning.settling import settle, uncertain
from reminders.planning.watch import watch_releases
from reminders.rules.states import NoticeState
from reminders.sending import journal as journal_module
from reminders.sending.arming import Resumed, arm, resume_sending
from reminders.sending.identity import examine
from reminders.sending.journal import files_of
from tests.factories import NOW
from tests.reminders.scenes import (
    ACCEPTED,
    LATER,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    RecordingTransport,
    clock_at,
    due_file,
    engine,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)
from tests.reminders.test_identity import row_is_written_again
from tests.reminders.test_reconcile import counted, forget, reconciled

pytestmark = pytest.mark.django_db(transaction=True)

_LEDGER_OF_A_BATCH = (
    "DELETE FROM reminders_attempt WHERE notice_id IN (SELECT id FROM reminders_notice WHERE batch_id = %s)",
    "DELETE FROM reminders_noticeitem WHERE notice_id IN (SELECT id FROM reminders_notice WHERE batch_id = %s)",
    "DELETE FROM reminders_notice WHERE batch_id = %s",
    "DELETE FROM reminders_watch WHERE batch_id = %s",
    "DELETE FROM reminders_batch WHERE id = %s",
)


def put_back_from_before(batch: Batch) -> None:
    """A backup of just before this batch was planned takes the database's place."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for statement in _LEDGER_OF_A_BATCH:
            cursor.execute(statement, [batch.pk])
        cursor.execute("TRUNCATE reminders_journalmark")
        cursor.execute("SET session_replication_role = DEFAULT")
    row_is_written_again()


def put_back(batch: Batch, state: str, pause_reason: str = "") -> None:
    """Likewise one of when this batch stood in that state, and none of its mails had left."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(_LEDGER_OF_A_BATCH[0], [batch.pk])
        cursor.execute(
            "UPDATE reminders_notice SET state = 'PLANNED', live = true, unsent = false, troubled = false,"
            " attempts = 0, fence = 0, settled_at = NULL, evidence = NULL, worker = '' WHERE batch_id = %s",
            [batch.pk],
        )
        cursor.execute(
            "UPDATE reminders_noticeitem SET held = true FROM reminders_notice n"
            " WHERE n.id = notice_id AND n.batch_id = %s",
            [batch.pk],
        )
        cursor.execute(
            "UPDATE reminders_batch SET state = %s, pause_reason = %s, ended_at = NULL WHERE id = %s",
            [state, pause_reason, batch.pk],
        )
        cursor.execute("TRUNCATE reminders_journalmark")
        cursor.execute("SET session_replication_role = DEFAULT")
    row_is_written_again()


def resumed() -> Resumed:
    return resume_sending(by=person("planner"), now=NOW, engine=engine())


def sent_again(worker: str = "w") -> Batch:
    """One mail that was lost after the final dot, sent again by a person's word, and not begun yet."""
    due_file("07001234")
    released_batch()
    send(RecordingTransport([LOST_AFTER_DOT]), worker=worker)
    lost = Notice.objects.get()
    settle(notice_id=lost.pk, decision=Decision.SEND_AGAIN, reason="le relais l’a perdu", by=person("planner"), now=NOW)
    return released_batch()


def put_off_and_cancelled() -> Batch:
    """One mail that the server put off, in a list that was cancelled and planned again."""
    due_file("07001234")
    first = released_batch()
    send(RecordingTransport([LATER]))
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    return released_batch()


# --- several mails of one identity --------------------------------------------------------------------------


@pytest.mark.parametrize("twice", [sent_again, put_off_and_cancelled])
def test_i2_of_two_mails_of_one_identity_the_one_that_is_lost_is_written_again(twice: Callable[[], Batch]) -> None:
    """Fails where `_BEHIND` asks for the identity alone, or an attempt is known by its number and its worker alone:
    the first answers for the second, and it leaves once more."""
    batch = twice()
    send(clock=clock_at(NOW + timedelta(minutes=5)))
    assert states(batch) == {"ACCEPTED": 1}
    put_back_from_before(batch)
    assert examine(engine()) is not None
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert resumed() is Resumed.ARMED
    with pytest.raises(AssertionError, match="nobody is due"):
        planned_batch()
    assert not reconciled().changed


def test_i2_both_are_written_again_where_both_are_lost() -> None:
    """Fails without `r.notice` in `_FOUND`: one of them stays unwritten, or both become the first."""
    batch = sent_again()
    send()
    forget()
    assert not Batch.objects.filter(pk=batch.pk).exists()
    assert counted(reconciled()) == {"ACCEPTED": 1, "UNCERTAIN": 1}
    assert list(uncertain()) == [Notice.objects.get(state="UNCERTAIN")]
    assert Notice.objects.count() == 2
    assert not reconciled().changed
    with pytest.raises(AssertionError, match="nobody is due"):
        planned_batch()


def test_i8_each_of_them_has_its_own_attempts_again() -> None:
    """Fails without `t.notice = b.notice` in `_WALK`: the second is given what the server said of the first."""
    batch = put_off_and_cancelled()
    send(RecordingTransport([NO_SUCH_USER]), worker="other")
    told = list(Attempt.objects.order_by("id").values_list("notice", "number", "worker", "verdict", "code"))
    put_back(batch, "DRAFT")
    assert counted(reconciled()) == {"REFUSED": 1}
    assert list(Attempt.objects.order_by("id").values_list("notice", "number", "worker", "verdict", "code")) == told


@pytest.mark.parametrize("again", ["RELEASING", "DRAFT"])
def test_i8_an_attempt_that_was_begun_twice_between_two_restorations_is_two(again: str) -> None:
    """Fails where an attempt is its number and its worker: the one that left has no room beside the one that was put
    off, so that it is written anew by each reconciliation, and sending is never opened again."""
    batch = released_batch(1)
    send(RecordingTransport([LATER]))
    put_back(batch, "RELEASING")
    reconciled()
    resumed()
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    send(clock=clock_at(NOW + timedelta(minutes=30)))
    assert states(batch) == {"ACCEPTED": 1}
    put_back(batch, again)
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert resumed() is not Resumed.WAS_OPEN
    assert not reconciled().changed
    tried = Attempt.objects.order_by("number").values_list("number", "verdict")
    assert (list(tried), Notice.objects.get().attempts) == ([(1, "DEFERRED"), (2, "ACCEPTED")], 2)


# --- nothing goes on by itself ------------------------------------------------------------------------------


def test_i13_a_list_that_was_stopped_since_the_backup_waits_for_a_person() -> None:
    """Fails without `hold_all` in `_rearm`."""
    released_batch(1)
    send()
    due_file()
    batch = released_batch()
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    put_back(batch, "RELEASING")
    reconciled()
    assert resumed() is Resumed.ARMED
    transport = RecordingTransport()
    send(transport)
    batch.refresh_from_db()
    assert (transport.sent, batch.state, batch.pause_reason) == ([], "PAUSED", PauseReason.RESTORED)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    send(transport)
    assert len(transport.sent) == 1


def a_machine_without_its_identity() -> None:
    engine().epoch_file.unlink()


def an_older_epoch_again() -> None:
    arm(engine(), by=person("planner"), now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE reminders_senderidentity SET epoch = gen_random_uuid()")


@pytest.mark.parametrize(
    ("because", "took"),
    [(a_machine_without_its_identity, Resumed.ENROLLED), (an_older_epoch_again, Resumed.ARMED)],
)
def test_i13_nor_does_it_go_on_where_a_restoration_looks_like_a_machine_that_is_new(
    because: Callable[[], None], took: Resumed
) -> None:
    """Fails without `hold_all` beside `enrol`: the second time that a backup is put back, a cancelled list leaves."""
    batch = released_batch(2, release_steps=(1,))
    send()
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    because()
    assert resumed() is took
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", PauseReason.RESTORED)


def test_i13_nor_where_the_journal_alone_shows_that_the_ledger_went_back() -> None:
    """Fails without `hold_all` in `reconcile`: a snapshot put back below the database leaves its identity as it was."""
    batch = released_batch(2)
    send(RecordingTransport([ACCEPTED, LATER]))
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE reminders_attempt, reminders_journalmark")
        cursor.execute("UPDATE reminders_notice SET state = 'PLANNED', live = true, attempts = 0, settled_at = NULL")
        cursor.execute("SET session_replication_role = DEFAULT")
    assert counted(reconciled()) == {"ACCEPTED": 1}
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", PauseReason.RESTORED)


def test_i2_what_was_sent_again_before_the_restoration_is_not_sent_again_once_more() -> None:
    """Fails without `_require_no_later_mail`: the first is on the worklist again, the second holds no wave."""
    sent_again()
    send()
    first = Notice.objects.earliest("id")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("DELETE FROM reminders_settlement")
        cursor.execute("UPDATE reminders_notice SET unsent = false WHERE id = %s", [first.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(ReminderError, match="est déjà repartie"):
        settle(notice_id=first.pk, decision=Decision.SEND_AGAIN, reason="perdue", by=person("planner"), now=NOW)


def test_i13_nor_does_a_step_that_was_done_lead_to_the_next_one() -> None:
    """Fails without the batches between two steps in `hold_all`: the watch lets the next step leave."""
    batch = released_batch(3, release_steps=(1,))
    send()
    row_is_written_again()
    reconciled()
    assert resumed() is Resumed.ARMED
    watch_releases(engine=engine(), now=NOW + timedelta(hours=3))
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason, batch.ceiling) == ("PAUSED", PauseReason.RESTORED, 1)


# --- a journal whose oldest files were removed --------------------------------------------------------------


def journal_in_parts(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Twelve mails in files of a few each; how many intents each file holds."""
    monkeypatch.setattr(journal_module, "ROTATE_AT", 2000)
    released_batch(12)
    send()
    (paths,) = files_of(engine().journal_dir).values()
    return [path.read_text().count('"kind":"INTENT"') for path in paths]


def remove(part: int) -> None:
    (paths,) = files_of(engine().journal_dir).values()
    paths[part].unlink()


def test_what_the_database_knows_need_not_be_in_the_journal_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `known` in ChainReader: sending could not be opened once the oldest files were removed."""
    assert len(journal_in_parts(monkeypatch)) > 2
    remove(0)
    assert examine(engine()) is None
    assert not reconciled().changed
    row_is_written_again()
    assert resumed() is Resumed.ARMED


def test_i13_a_backup_older_than_the_files_that_are_left_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if a chain might begin anywhere: what the removed file knew would leave once more, unsaid. With a reason
    all that is left is read, and fails where reading ends at the gap."""
    held = journal_in_parts(monkeypatch)
    remove(0)
    forget()
    with pytest.raises(ReminderError, match=r"l’écriture \d+ ne suit pas la 0.*--journal-lost"):
        reconciled()
    done = reconciled(lost_reason="détruit avec la purge")
    assert counted(done) == {NoticeState.ACCEPTED: sum(held[1:])}
    assert done.report()["damaged"]


def test_i2_what_follows_a_gap_in_the_journal_is_read_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where a tolerant reader stops at the first damage."""
    held = journal_in_parts(monkeypatch)
    remove(1)
    forget()
    done = counted(reconciled(lost_reason="un fichier est perdu"))
    assert sum(done.values()) == sum(held) - held[1]
    assert done["ACCEPTED"] > held[0]


def test_i2_what_was_set_aside_is_read_when_the_same_backup_is_put_back_once_more(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `files_set_aside` in `_read`, or where one damaged chain takes the place of another."""
    held = journal_in_parts(monkeypatch)
    remove(1)
    forget()
    reconciled(lost_reason="un fichier est perdu")
    assert resumed() is Resumed.ARMED
    assert released_batch().planned == held[1], "those of whom nothing is known any more"
    send()
    forget()
    assert sum(counted(reconciled()).values()) == sum(held)
    ((first, *_),) = files_of(engine().journal_dir).values()
    first.write_bytes(b"?\n" + first.read_bytes())
    for reason in ("une ligne est abîmée", ""):
        forget()
        assert sum(counted(reconciled(lost_reason=reason)).values()) == sum(held)
    with pytest.raises(AssertionError, match="nobody is due"):
        planned_batch()


def test_what_cannot_be_opened_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without OSError in `_damage`."""
    held = journal_in_parts(monkeypatch)
    forget()
    (engine().journal_dir / "autre-01.0001.journal").mkdir()
    with pytest.raises(ReminderError, match=r"autre-01\.0001\.journal"):
        reconciled()
    assert counted(reconciled(lost_reason="ce n’est pas un fichier")) == {"ACCEPTED": sum(held)}
