"""I2, I13: two databases that no sign tells apart pass at once, with one EPOCH_FILE and one journal. Who begins
says so, and reads the journal then; who sends has its intent in the journal, and looks then who has begun."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
from collections.abc import Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path
from socket import gethostname
from typing import Any

import pytest
from django.db import OperationalError

from reminders.models import Attempt, JournalMark, SendingMachine, StopSwitch
from reminders.rules.sender import Disarmed, Owner
from reminders.sending import identity, memory
from reminders.sending.arming import Resumed
from reminders.sending.deliver import Halt
from reminders.sending.files import write_whole
from reminders.sending.identity import journal_of, take_identity, why_sending_is_off
from reminders.sending.memory import (
    LOCK,
    OWNER,
    SEEN,
    mark_begun,
    mark_new,
    one_at_a_time,
    read_owner,
    remember,
    write_owner,
)
from tests.factories import NOW
from tests.reminders.scenes import RecordingTransport, engine, released_batch, send, states
from tests.reminders.test_identity import refused, resumed, sent_one, why
from tests.reminders.test_memory import resumed_on_another_machine
from tests.reminders.test_reconcile import counted, reconciled
from tests.reminders.test_restored import put_back

pytestmark = pytest.mark.django_db(transaction=True)


def a_clone_begins() -> None:
    """It counts one more than this database has."""
    passes = sum(SendingMachine.objects.values_list("passes", flat=True)) + 1
    for place in memory._places(engine()):
        told = json.loads(place.read_text(encoding="utf-8")) | {"passes": passes}
        write_whole(place, lambda _, told=told: told)  # type: ignore[misc]


def once(act: Callable[[], None]) -> Callable[[], None]:
    left = [act]
    return lambda: left.pop()() if left else None


# --- who sends ----------------------------------------------------------------------------------------------


def test_i2_i13_who_sends_stops_before_the_next_message_once_a_clone_has_begun() -> None:
    """Fails without `require_alone` in `Journal.intend`: each would send what the other has claimed."""
    sent_one()
    batch = released_batch(3)
    transport = RecordingTransport(before=lambda n: once(a_clone_begins)() if n == 0 else None)
    delivery = send(transport)
    assert (len(transport.sent), delivery.halt) == (1, Halt.JOURNAL)
    assert Disarmed.GONE_BACK.label in delivery.detail
    assert states(batch) == {"ACCEPTED": 1, "PLANNED": 2}
    refused(Disarmed.GONE_BACK, stops_all=True)


def test_what_did_not_leave_then_is_known_for_it_by_the_journal_too() -> None:
    """Fails where its outcome is not told: after a restoration it would be uncertain, and a person's to settle."""
    sent_one()
    batch = released_batch(2)
    send(RecordingTransport(before=lambda n: once(a_clone_begins)() if n == 0 else None))
    put_back(batch, "RELEASING")
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert states(batch) == {"ACCEPTED": 1, "PLANNED": 1}


def test_a_pass_of_the_same_database_is_no_clone_s() -> None:
    """Fails where every change of a memory is taken for one: two workers would stop each other all day."""
    sent_one()
    batch = released_batch(3)

    def another_pass(_: int) -> None:
        assert take_identity(engine(), now=NOW) is None

    send(RecordingTransport(before=another_pass))
    assert states(batch) == {"ACCEPTED": 3}


def test_where_the_database_does_not_answer_the_message_goes_back_unsent(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the error escapes: its intent is committed, and nobody would know that it did not leave."""
    sent_one()
    batch = released_batch(2)

    def gone() -> int:
        raise OperationalError("server closed the connection unexpectedly")

    def begin_another(_: int) -> None:
        assert take_identity(engine(), now=NOW) is None
        monkeypatch.setattr(identity, "passes_counted", gone)

    transport = RecordingTransport(before=begin_another)
    delivery = send(transport)
    assert (len(transport.sent), delivery.halt) == (1, Halt.JOURNAL)
    assert "la base ne répond pas" in delivery.detail
    assert states(batch) == {"ACCEPTED": 1, "PLANNED": 1}
    monkeypatch.undo()
    assert set(Attempt.objects.values_list("verdict", flat=True)) == {"ACCEPTED", "SYSTEMIC"}


# --- who begins ---------------------------------------------------------------------------------------------


def test_i2_i13_of_two_clones_that_were_examined_at_the_same_time_the_second_does_not_begin(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without the second `judge_passes`: both count the same number, and neither sees the other."""
    sent_one()
    released_batch(1)
    real = one_at_a_time

    def after_the_other(directory: Path) -> Any:
        a_clone_begins()
        return real(directory)

    monkeypatch.setattr(identity, "one_at_a_time", after_the_other)
    refused(Disarmed.GONE_BACK, stops_all=True)


def test_i2_i13_who_begins_reads_the_journal_once_others_can_see_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `examine_journal` in `_begin_pass`: the other's intent came after the first look, and the other
    looked round before this pass could be seen."""
    sent_one()
    released_batch(1)
    real = identity.sign
    lost = {"at": NOW.isoformat(), "key": "0" * 40, "orias": "07000001", "items": [], "email": "", "batch": 1}

    def after_the_other_s_intent(epoch: str, version: str) -> None:
        with closing(journal_of(engine(), "clone")) as journal:
            journal.begin(NOW)
            journal.intend(lost | {"notice": 99, "attempt": 1})
        real(epoch, version)

    monkeypatch.setattr(identity, "sign", after_the_other_s_intent)
    refused(Disarmed.LEDGER_BEHIND, stops_all=True)


def test_a_journal_that_becomes_unreadable_in_between_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the error escapes from what is remembered of the chains."""
    sent_one()
    real = remember

    def unreadable(_: Path) -> dict[str, object]:
        raise OSError("Stale file handle")

    def remembers_nothing(*args: Any, **values: Any) -> None:
        assert args[2] == {}
        real(*args, **values)

    def examined(_: object) -> None:
        monkeypatch.setattr(identity, "chains", unreadable)

    monkeypatch.setattr(identity, "examine", examined)
    monkeypatch.setattr(identity, "remember", remembers_nothing)
    trouble = take_identity(engine(), now=NOW)
    assert trouble is not None
    assert (trouble.why, trouble.detail) == (Disarmed.JOURNAL_DAMAGED, "Stale file handle")


def test_a_machine_whose_file_is_gone_in_between_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    sent_one()
    engine().epoch_file.unlink()
    monkeypatch.setattr(identity, "examine", lambda _: None)
    trouble = take_identity(engine(), now=NOW)
    assert trouble is not None
    assert trouble.why is Disarmed.NO_FILE


# --- an older copy of the journal ---------------------------------------------------------------------------


def test_i2_i13_an_older_copy_of_the_journal_does_not_revive_an_old_primary(tmp_path: Path) -> None:
    """Fails without `stops_every_machine`: the copy says once more that the journal is the old one's."""
    sent_one()
    batch = released_batch(1)
    older = tmp_path / "older"
    shutil.copytree(engine().journal_dir, older)
    write_owner(engine().journal_dir, Owner("another's", begun=True))
    refused(Disarmed.JOURNAL_OF_ANOTHER, stops_all=True)
    shutil.rmtree(engine().journal_dir)
    shutil.copytree(older, engine().journal_dir)
    assert send(transport := RecordingTransport()).halt is Halt.HELD or not transport.sent
    assert states(batch) == {"PLANNED": 1}


def test_a_further_machine_whose_journal_dir_is_wrong_stops_nobody_else(tmp_path: Path) -> None:
    """Fails if `stops_every_machine` did not ask whether it is one of this database's."""
    sent_one()
    elsewhere = tmp_path / "journal"
    write_owner(elsewhere, Owner("another's", begun=True))
    foreign = engine(epoch_file=tmp_path / "epoch", journal_dir=elsewhere)
    trouble = take_identity(foreign, now=NOW)
    assert trouble is not None
    assert trouble.why is Disarmed.JOURNAL_OF_ANOTHER
    assert not StopSwitch.objects.get().stopped


def test_one_that_was_declared_lost_stops_the_machine_that_finds_it() -> None:
    sent_one()
    write_owner(engine().journal_dir, Owner("", begun=False))
    refused(Disarmed.JOURNAL_OF_ANOTHER, stops_all=False)


def test_a_worker_under_way_is_told_that_the_journal_was_declared_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    sent_one()
    released_batch(1)

    def declared_lost(**_: object) -> int:
        write_owner(engine().journal_dir, Owner("", begun=False))
        return 0

    monkeypatch.setattr("reminders.sending.deliver.reap", declared_lost)
    assert "il vient d’être déclaré perdu" in send().detail


# --- why nothing leaves, for staff ---------------------------------------------------------------------------


def test_staff_is_told_what_every_machine_lacks() -> None:
    """Fails without `note_refusal`: the switch is open, and nothing leaves."""
    sent_one()
    engine().epoch_file.unlink()
    refused(Disarmed.NO_FILE, stops_all=False)
    assert why_sending_is_off().startswith(f"La machine {gethostname()} n’envoie pas\u00a0: {Disarmed.NO_FILE.label}")
    assert resumed() is Resumed.ENROLLED
    assert take_identity(engine(), now=NOW) is None
    assert why_sending_is_off() == ""


@pytest.mark.parametrize(("ago", "told"), [(1, False), (60, True)])
def test_staff_is_told_nothing_where_another_machine_sends(ago: int, told: bool, tmp_path: Path) -> None:
    """Fails where one machine's refusal is taken for all; and where one that passed long ago is taken for well."""
    sent_one()
    take_identity(engine(epoch_file=tmp_path / "epoch"), now=NOW + timedelta(minutes=ago))
    assert bool(why_sending_is_off()) == told


def test_a_refusal_counts_no_pass() -> None:
    """Fails where it does: memory and database would not agree on how many there were."""
    sent_one()
    before = memory.passes_counted()
    engine().epoch_file.unlink()
    for _ in range(2):
        send()
    assert memory.passes_counted() == before


# --- what is written for others to read ---------------------------------------------------------------------


def test_what_root_writes_belongs_to_whom_its_directory_belongs(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `give_to_the_owner_of`: after one `sudo manage.py resume_sending` no worker could read it."""
    given: set[str] = set()

    def to_the_owner(descriptor: int, user: int, group: int) -> None:
        path = Path(os.readlink(f"/proc/self/fd/{descriptor}"))
        assert (user, group) == (path.parent.stat().st_uid, path.parent.stat().st_gid)
        given.add(re.sub(r"\.[0-9a-f]{8}$", "", path.name))

    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setattr(os, "fchown", to_the_owner)
    sent_one()
    assert resumed_on_another_machine(engine().epoch_file.parent / "x") is Resumed.ENROLLED
    assert {"epoch", "armed.json", "seen.json", LOCK, "test-worker-01.0001.journal"} <= given


def test_who_is_not_root_gives_nothing_away(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setattr(os, "fchown", lambda *_: pytest.fail("only root may"))
    write_whole(tmp_path / "file", lambda _: {})


def test_a_new_journal_s_mark_does_not_undo_that_it_has_begun() -> None:
    """Fails where `mark_new` does not look: of two processes of a new register the slower one would forget."""
    mark_begun(engine().journal_dir, "epoch")
    mark_new(engine().journal_dir, "epoch")
    assert read_owner(engine().journal_dir) == Owner("epoch", begun=True)


def test_a_chain_in_which_nothing_was_ever_written_may_be_removed() -> None:
    """Fails where a mark of zero entries asks for the file: sending could be opened by declaring a loss only."""
    sent_one()
    empty = engine().journal_dir / "other-01.0001.journal"
    empty.touch()
    reconciled()
    assert JournalMark.objects.get(sender="other-01").sequence == 0
    empty.unlink()
    assert why() is None
    assert resumed() is Resumed.WAS_OPEN


def test_a_memory_that_cannot_be_locked_keeps_nobody_back() -> None:
    sent_one()
    (engine().journal_dir / LOCK).unlink()
    (engine().journal_dir / LOCK).mkdir()
    assert take_identity(engine(), now=NOW) is None


@pytest.mark.parametrize("name", [SEEN, OWNER])
def test_what_is_remembered_is_written_by_one_at_a_time(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the lock: of two that read the same memory the slower one would write it older again."""
    locked: list[bool] = []
    real = write_whole

    def write(path: Path, tell: Any) -> None:
        if path.name == name:
            with (engine().journal_dir / LOCK).open("w") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    locked.append(False)
                except BlockingIOError:
                    locked.append(True)
        real(path, tell)

    monkeypatch.setattr(memory, "write_whole", write)
    sent_one()
    assert locked
    assert all(locked)
