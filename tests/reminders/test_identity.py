"""I13: which database sends, from which machine; and what a person must do before another one may."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection
from psycopg import sql

from registry.management.console import Failed
from reminders.errors import ReminderError
from reminders.models import Batch, JournalMark, Notice, SenderIdentity, StopSwitch
from reminders.planning.approval import release_batch, resume_batch
from reminders.planning.switch import stop_sending
from reminders.rules.sender import Disarmed
from reminders.sending import arming, identity
from reminders.sending.arming import Resumed, arm, resume_sending
from reminders.sending.deliver import Halt
from reminders.sending.identity import examine, load_armed, why_sending_is_off
from reminders.sending.journal import files_of
from reminders.sending.memory import read_epoch_file
from tests.factories import NOW, UserFactory
from tests.reminders.scenes import (
    RecordingTransport,
    approved_batch,
    due_file,
    engine,
    lose_the_row,
    person,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def why() -> Disarmed | None:
    trouble = examine(engine())
    return trouble.why if trouble else None


def resumed() -> Resumed:
    return resume_sending(by=person("planner"), now=NOW, engine=engine())


def refused(why: Disarmed, *, stops_all: bool) -> None:
    """Nothing leaves, the reason is told, and the switch says so to the other machines or not."""
    transport = RecordingTransport()
    delivery = send(transport)
    assert (transport.sent, delivery.halt) == ([], Halt.IDENTITY)
    assert why.label in delivery.detail
    assert "manage.py" in delivery.detail
    switch = StopSwitch.objects.get()
    assert switch.stopped == stops_all
    assert (why.label in switch.reason) == stops_all


def sent_one() -> Batch:
    batch = released_batch(1)
    send()
    assert states(batch) == {"ACCEPTED": 1}
    return batch


# --- a new register -----------------------------------------------------------------------------------------


def test_two_processes_of_a_new_register_begin_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the second look at the file: whoever came between the other's enrolment and its first mark halted,
    and asked for a person."""

    def enrolled_meanwhile_by_one_that_has_begun() -> bool:
        arming.enrol(engine())
        with closing(identity.journal_of(engine(), "other")) as journal:
            journal.begin(NOW)
        return False

    monkeypatch.setattr(identity, "never_sent", enrolled_meanwhile_by_one_that_has_begun)
    assert why() is None


def test_a_new_register_sends_without_ceremony_and_the_system_has_armed_it() -> None:
    """Fails without the migration's `arm`, or without `never_sent` in `examine`."""
    sent_one()
    armed = SenderIdentity.objects.get()
    held = read_epoch_file(engine().epoch_file)
    assert armed.armed_by is None
    assert held is not None
    assert (held.epoch, held.in_place) == (str(armed.epoch), True)
    assert engine().epoch_file.stat().st_mode & 0o777 == 0o600
    assert why() is None


def test_a_file_is_given_to_a_machine_by_itself_only_where_nothing_was_ever_sent() -> None:
    """Fails if `never_sent` did not ask for attempts, marks and the journal."""
    sent_one()
    engine().epoch_file.unlink()
    refused(Disarmed.NO_FILE, stops_all=False)
    assert resumed() is Resumed.ENROLLED
    assert why() is None


def test_a_file_is_not_given_by_itself_where_a_person_has_armed() -> None:
    arm(engine(), by=person("planner"), now=NOW)
    engine().epoch_file.unlink()
    assert why() is Disarmed.NO_FILE


def test_a_ledger_from_before_the_journal_asks_for_a_word_of_a_person() -> None:
    sent_one()
    engine().epoch_file.unlink()
    shutil.rmtree(engine().journal_dir)
    JournalMark.objects.all().delete()
    assert why() is Disarmed.JOURNAL_LOST


# --- copies and restorations --------------------------------------------------------------------------------


@contextmanager
def on_a_copy() -> Iterator[None]:
    """The same connection settings, on a copy of the database made beside it."""
    name = connection.settings_dict["NAME"]
    copy = f"{name}_copy"
    connection.close()
    with connection._nodb_cursor() as cursor:
        cursor.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(name)))
    connection.settings_dict["NAME"] = copy
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict["NAME"] = name
        with connection._nodb_cursor() as cursor:
            cursor.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(copy)))


@pytest.mark.parametrize("sent", [False, True])
def test_i13_a_copy_beside_the_original_does_not_send_although_it_finds_file_and_journal(sent: bool) -> None:
    """Fails without `database_oid` in `judge_database`."""
    if sent:
        sent_one()
    released_batch(2)
    with on_a_copy():
        refused(Disarmed.OTHER_DATABASE, stops_all=True)
        assert Disarmed.OTHER_DATABASE.label in why_sending_is_off()
    transport = RecordingTransport()
    send(transport)
    assert len(transport.sent) == 2, "and the original goes on"


def test_i13_a_copy_that_a_person_arms_sends_and_the_original_no_longer_does_from_this_machine() -> None:
    batch = released_batch(1)
    assert why() is None
    with on_a_copy():
        assert resumed() is Resumed.ARMED
        resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
        send()
        assert states(batch) == {"ACCEPTED": 1}
    transport = RecordingTransport()
    assert send(transport).halt is Halt.IDENTITY
    assert transport.sent == []


@pytest.mark.parametrize(
    ("change", "found"), [({"system_identifier": 1}, "OTHER_DATABASE"), ({"timeline": 2}, "OTHER_TIMELINE")]
)
def test_i13_another_cluster_or_a_recovery_to_a_point_in_time_does_not_send(
    change: dict[str, int], found: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another cluster and a new timeline are told by the server; here its word is changed."""
    sent_one()
    there = replace(identity.this_place(), **change)
    monkeypatch.setattr(identity, "this_place", lambda: there)
    refused(Disarmed(found), stops_all=True)


def row_is_written_again() -> None:
    """What a dump put back into the same database does: the same words, by another transaction."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMP TABLE kept AS SELECT * FROM reminders_senderidentity")
        cursor.execute("SET session_replication_role = replica; TRUNCATE reminders_senderidentity")
        cursor.execute("INSERT INTO reminders_senderidentity SELECT * FROM kept")
        cursor.execute("DROP TABLE kept; RESET session_replication_role")


def file_is_copied() -> None:
    path = engine().epoch_file
    copy = path.with_name("copy")
    shutil.copy2(path, copy)
    copy.replace(path)


def file_is_unreadable() -> None:
    engine().epoch_file.write_text("{")


def row_is_lost() -> None:
    lose_the_row(SenderIdentity)


def armed_elsewhere() -> None:
    kept = engine().epoch_file.with_name("kept")
    engine().epoch_file.rename(kept)
    arm(engine(), by=person("planner"), now=NOW)
    kept.replace(engine().epoch_file)


def journal_is_lost() -> None:
    shutil.rmtree(engine().journal_dir)


def journal_is_shorter() -> None:
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))


def journal_is_damaged() -> None:
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    path.write_bytes(path.read_bytes()[:-20] + b"0" * 19 + b"\n")


def ledger_is_behind() -> None:
    """What a snapshot put back below the database does: everything is as it was, but the ledger has forgotten."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE reminders_batch, reminders_journalmark CASCADE")
        cursor.execute("RESET session_replication_role")


@pytest.mark.parametrize(
    ("change", "found", "stops_all"),
    [
        (row_is_written_again, Disarmed.ROW_RESTORED, True),
        (row_is_lost, Disarmed.NO_IDENTITY, True),
        (ledger_is_behind, Disarmed.LEDGER_BEHIND, True),
        (file_is_copied, Disarmed.FILE_COPIED, False),
        (file_is_unreadable, Disarmed.FILE_COPIED, False),
        (armed_elsewhere, Disarmed.OTHER_EPOCH, False),
        (journal_is_lost, Disarmed.JOURNAL_LOST, False),
        (journal_is_shorter, Disarmed.JOURNAL_LOST, False),
        (journal_is_damaged, Disarmed.JOURNAL_DAMAGED, False),
    ],
)
def test_i13_each_thing_that_a_restoration_or_a_copy_changes_keeps_mails_back(
    change: Callable[[], None], found: Disarmed, stops_all: bool
) -> None:
    """Fails without the comparison in question in `examine`, or without `take_identity` at the head of deliver()."""
    sent_one()
    change()
    due_file()
    release_batch(batch_id=approved_batch().pk, by=person("planner"), now=NOW)
    refused(found, stops_all=stops_all)
    assert Notice.objects.filter(state="PLANNED").exists()


def test_a_vacuum_keeps_the_identity() -> None:
    """Fails if the version of the row were anything that upkeep of the database changes."""
    sent_one()
    with connection.cursor() as cursor:
        cursor.execute("VACUUM (FREEZE) reminders_senderidentity")
        cursor.execute("VACUUM (FULL) reminders_senderidentity")
    assert why() is None


def test_i13_i7_a_person_who_arms_elsewhere_stops_this_worker_before_its_next_message() -> None:
    """Fails without the identity in the condition of `_STEP`."""
    batch = released_batch(3)

    def arm_elsewhere(sent: int) -> None:
        if sent == 1:
            SenderIdentity.objects.update(armed_at=NOW)

    transport = RecordingTransport(before=arm_elsewhere)
    delivery = send(transport)
    assert (len(transport.sent), delivery.halt) == (2, Halt.IDENTITY)
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 1}


# --- turning it on again ------------------------------------------------------------------------------------


def test_a_stop_by_a_person_is_lifted_and_nothing_is_armed_anew() -> None:
    sent_one()
    before = load_armed()
    stop_sending(reason="essai", by=None, now=NOW)
    assert resumed() is Resumed.OPENED
    assert load_armed() == before
    assert not StopSwitch.objects.get().stopped


@pytest.mark.parametrize("change", [journal_is_lost, journal_is_shorter, journal_is_damaged, ledger_is_behind])
@pytest.mark.parametrize("restored", [False, True])
def test_i13_sending_is_not_turned_on_while_the_journal_stands_against_it(
    change: Callable[[], None], restored: bool
) -> None:
    """Fails without `examine_journal` in `_require_reconciled`, and in `examine`."""
    sent_one()
    if restored:
        row_is_written_again()
    change()
    send()
    with pytest.raises(ReminderError, match="reconcile_journal"):
        resumed()
    assert why() is not None


def test_i13_sending_is_not_turned_on_before_the_journal_was_read_to_its_end() -> None:
    """Fails without `is_read_to_its_end`: the last intent alone may be known while others are not."""
    sent_one()
    row_is_written_again()
    JournalMark.objects.all().delete()
    with pytest.raises(ReminderError, match="lu jusqu’au bout"):
        resumed()


def test_each_arming_is_in_the_history_with_who_did_it() -> None:
    sent_one()
    row_is_written_again()
    assert resumed() is Resumed.ARMED
    last = apps.get_model("reminders", "SenderIdentityHistory").objects.order_by("-pgh_id").first()
    assert last is not None
    assert (last.armed_by_id, last.pgh_context.metadata["user"]) == (person("planner").pk,) * 2
    left = sorted(p.name for p in engine().epoch_file.parent.iterdir() if p.is_file())
    assert left == ["epoch", "epoch.seen"]


# --- what people see ----------------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command(*words, stdout=out)
    return out.getvalue()


def test_deliver_says_why_nothing_leaves_and_what_to_do_and_fails() -> None:
    sent_one()
    row_is_written_again()
    with pytest.raises(Failed, match=r"sauvegarde a été restaurée.*reconcile_journal"):
        run("deliver")


def test_show_batch_says_that_sending_is_off(capsys: pytest.CaptureFixture[str]) -> None:
    batch = sent_one()
    run("show_batch", str(batch.pk), "--no-samples")
    assert "Envois arrêtés" not in capsys.readouterr().out
    SenderIdentity.objects.update(database_oid=1)
    run("show_batch", str(batch.pk), "--no-samples")
    assert "Envois arrêtés\u00a0: cette base est une copie" in capsys.readouterr().out
    lose_the_row(StopSwitch)


def test_resume_sending_says_what_it_took() -> None:
    sent_one()
    UserFactory(username="root", is_superuser=True)
    assert "Envois arrêtés sur toutes" in run("stop_sending", "essai")
    assert "déjà arrêtés" in run("stop_sending", "autre essai")
    assert StopSwitch.objects.get().reason == "autre essai"
    assert "Envois rouverts." in run("resume_sending", "--by", "root")
    assert "étaient déjà ouverts" in run("resume_sending", "--by", "root")
    engine().epoch_file.unlink()
    assert "cette machine a reçu l’identité" in run("resume_sending", "--by", "root")


def test_staff_are_told_a_missing_switch_and_a_person_s_reason() -> None:
    assert why_sending_is_off() == ""
    stop_sending(reason="essai", by=None, now=NOW)
    assert why_sending_is_off() == "essai"
    lose_the_row(StopSwitch)
    assert "manque" in why_sending_is_off()


def test_a_file_that_belongs_to_nobody_is_left_where_arming_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Database and file change together: where the file cannot be written, the row stays as it was."""
    sent_one()
    before = load_armed()
    (tmp_path / "closed").write_text("a file where a directory should be")
    elsewhere = replace(engine(), epoch_file=tmp_path / "closed" / "epoch")
    with pytest.raises(ReminderError, match="closed"):
        arm(elsewhere, by=None, now=NOW)
    assert load_armed() == before
    assert why() is None


def test_an_identity_that_cannot_be_written_says_where_and_leaves_nothing_behind(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Fails without OSError in `write_epoch_file`."""

    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr("reminders.sending.files.os.fsync", full)
    with pytest.raises(ReminderError, match="EPOCH_FILE"):
        resume_sending(by=person("planner"), now=NOW, engine=engine(epoch_file=tmp_path / "epoch"))
    assert list(tmp_path.iterdir()) == []
