"""I13: what directory and machine remember outside the database: for whom the journal is, and how far all had come."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from django.db import connection

from reminders.errors import ReminderError
from reminders.models import JournalMark, SendingMachine
from reminders.models.batch import PauseReason
from reminders.planning.approval import cancel_batch
from reminders.rules.sender import Disarmed, Owner
from reminders.sending import arming
from reminders.sending import journal as journal_module
from reminders.sending.arming import Resumed, arm, resume_sending
from reminders.sending.deliver import Halt
from reminders.sending.files import write_whole
from reminders.sending.identity import journal_of, take_identity, why_sending_is_off
from reminders.sending.journal import Journal, JournalError, chains, files_of, nobody_writes
from reminders.sending.memory import OWNER, SEEN, memories, read_owner, remember, write_owner
from tests.factories import NOW
from tests.reminders.scenes import RecordingTransport, due_file, engine, person, released_batch, send, states
from tests.reminders.test_identity import on_a_copy, refused, resumed, row_is_written_again, sent_one, why
from tests.reminders.test_reconcile import counted, forget, reconciled
from tests.reminders.test_restored import put_back

pytestmark = pytest.mark.django_db(transaction=True)


# --- two databases that both believe themselves armed -------------------------------------------------------


def resumed_on_another_machine(tmp_path: Path) -> Resumed:
    return resume_sending(by=person("planner"), now=NOW, engine=engine(epoch_file=tmp_path / "epoch"))


def test_i13_i2_an_old_primary_does_not_go_on_beside_the_standby_that_took_over(tmp_path: Path) -> None:
    """Fails without `judge_owner` in `examine`: each is armed by its own row and file, and all mails leave twice."""
    sent_one()
    batch = released_batch(2)
    with on_a_copy():
        reconciled()
        assert resumed_on_another_machine(tmp_path) is Resumed.ARMED
    refused(Disarmed.JOURNAL_OF_ANOTHER, stops_all=True)
    assert states(batch) == {"PLANNED": 2}
    reconciled()
    assert resumed() is Resumed.ARMED, "a person may have the old one send again"
    with on_a_copy():
        trouble = take_identity(engine(epoch_file=tmp_path / "epoch"), now=NOW)
        assert trouble is not None, "then not the other"


def test_i13_a_standby_is_not_armed_while_the_old_primary_still_sends(tmp_path: Path) -> None:
    """Fails without `nobody_writes` in `_handed_over`; and the journal must stay the old one's."""
    sent_one()
    with closing(journal_of(engine(), "test-worker")) as journal:
        journal.begin(NOW)
        with on_a_copy(), pytest.raises(ReminderError, match=r"test-worker-01 envoie encore.*ancien serveur"):
            reconciled()
    reconciled()
    with on_a_copy():
        reconciled()
        with closing(Journal(engine().journal_dir, "test-worker", memories(engine())[0].epoch, 1)) as journal:
            journal.begin(NOW)
            with pytest.raises(ReminderError, match="envoie encore"):
                arm(engine(epoch_file=tmp_path / "epoch"), by=person("planner"), now=NOW)
    assert why() is None


@pytest.mark.parametrize("place", ["before", "when it has its place"])
def test_i13_i2_who_took_the_identity_before_another_was_armed_does_not_begin_after(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without either `require_own` in `Journal.begin`: who arms looks for the places that are held just then."""
    sent_one()
    released_batch(1)

    def arm_another(**_: object) -> int:
        write_owner(engine().journal_dir, Owner("another", begun=True))
        return 0

    real = Journal._take_a_place

    def take_a_place(journal: Journal) -> None:
        real(journal)
        arm_another()

    if place == "before":
        monkeypatch.setattr("reminders.sending.deliver.reap", arm_another)
        monkeypatch.setattr(Journal, "_take_a_place", lambda _: pytest.fail("nothing may be made in its journal"))
    else:
        monkeypatch.setattr(Journal, "_take_a_place", take_a_place)
    transport = RecordingTransport()
    delivery = send(transport)
    assert (transport.sent, delivery.halt) == ([], Halt.JOURNAL)
    assert "vient d’être armée" in delivery.detail


def test_where_arming_fails_it_is_not_taken_from_who_armed_meanwhile() -> None:
    """Fails where the earlier owner is written whatever happened: two that arm at once would revive a third."""
    sent_one()

    def arm_and_fail() -> None:
        with arming._handed_over(engine().journal_dir, "mine"):
            write_owner(engine().journal_dir, Owner("another's", begun=True))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        arm_and_fail()
    assert read_owner(engine().journal_dir) == Owner("another's", begun=True)


def test_where_arming_fails_the_journal_is_its_owner_s_again(tmp_path: Path) -> None:
    sent_one()
    before = read_owner(engine().journal_dir)
    (tmp_path / "closed").write_text("a file where a directory should be")
    with on_a_copy():
        reconciled()
        with pytest.raises(ReminderError, match="EPOCH_FILE"):
            resumed_on_another_machine(tmp_path / "closed")
    assert read_owner(engine().journal_dir) == before
    assert why() is None


# --- a journal that is another's, or none -------------------------------------------------------------------


def test_i13_a_directory_that_says_nothing_of_itself_is_no_journal_of_a_restored_register() -> None:
    """Fails without `_is_where_it_was_made`: JOURNAL_DIR is set wrong, and a backup from before the first mail knows of
    none."""
    sent_one()
    forget()
    row_is_written_again()
    shutil.move(engine().journal_dir, engine().journal_dir.with_name("elsewhere"))
    for refused_thing in (reconciled, resumed):
        with pytest.raises(ReminderError, match="--journal-lost"):
            refused_thing()
    shutil.move(engine().journal_dir.with_name("elsewhere"), engine().journal_dir)
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert resumed() is Resumed.ARMED


def test_a_register_that_moves_before_its_first_mail_takes_a_word_of_a_person() -> None:
    with on_a_copy():
        with pytest.raises(ReminderError, match="si rien n’a jamais été envoyé"):
            reconciled()
        reconciled(lost_reason="rien n’est parti")
        assert resumed() is Resumed.ARMED
        assert why() is None


def test_a_new_register_is_reconciled_without_ceremony() -> None:
    for _ in range(2):
        assert not reconciled().changed
        assert why() is None
    row_is_written_again()
    assert not reconciled().changed, "its directory says that it is the journal, and that nothing was written yet"
    assert resumed() is Resumed.ARMED


def test_i13_an_empty_journal_is_lost_where_it_says_that_it_had_begun() -> None:
    """Fails without `begun`: the only chain is gone, and a backup from before it knows of none."""
    sent_one()
    forget()
    (paths,) = files_of(engine().journal_dir).values()
    paths[0].unlink()
    assert why() is Disarmed.JOURNAL_LOST
    row_is_written_again()
    with pytest.raises(ReminderError, match="--journal-lost"):
        reconciled()


def test_a_journal_that_does_not_say_whose_it_is_asks_for_a_person() -> None:
    """As one kept by an earlier version of this register. Fails without `found` in `judge_owner`."""
    sent_one()
    (engine().journal_dir / OWNER).unlink()
    refused(Disarmed.JOURNAL_OF_ANOTHER, stops_all=False)
    assert resumed() is Resumed.ARMED
    assert why() is None


def test_one_whose_word_is_unreadable_is_nobody_s() -> None:
    sent_one()
    (engine().journal_dir / OWNER).write_text("{")
    assert why() is Disarmed.JOURNAL_OF_ANOTHER


# --- a chain that is missing or shorter ---------------------------------------------------------------------


def two_chains() -> list[Path]:
    """Two workers of one machine, each with mails of its own; the second's file."""
    released_batch(2)
    with closing(journal_of(engine(), "other")) as other:
        assert take_identity(engine(), now=NOW) is None
        other.begin(NOW)
    send()
    assert take_identity(engine(), now=NOW) is None
    return files_of(engine().journal_dir)["test-worker-01"]


def of_the_machine() -> None:
    (engine().journal_dir / SEEN).unlink()


def of_the_directory() -> None:
    """As on a machine that is new."""
    engine().epoch_file.with_name("epoch.seen").unlink()


def removed(path: Path) -> None:
    path.unlink()


def an_older_copy(path: Path) -> None:
    path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:1]))


@pytest.mark.parametrize("memory", [of_the_machine, of_the_directory])
@pytest.mark.parametrize("lose", [removed, an_older_copy])
def test_i13_i2_one_chain_of_several_is_missed_though_the_backup_never_knew_it(
    memory: Callable[[], None], lose: Callable[[Path], None]
) -> None:
    """Fails without `entries_remembered`, or where one of the two is not asked: its mails would leave once more."""
    (path,) = two_chains()
    memory()
    lose(path)
    forget()
    row_is_written_again()
    with pytest.raises(ReminderError, match=r"test-worker-01.*--journal-lost"):
        reconciled()
    with pytest.raises(ReminderError, match="reconcile_journal"):
        resumed()
    JournalMark.objects.bulk_create(
        JournalMark(sender=sender, file="", sequence=one.end.sequence, hash=one.end.hash, recorded_at=NOW)
        for sender, one in chains(engine().journal_dir).items()
    )
    with pytest.raises(ReminderError, match="--journal-lost"):
        resumed()
    reconciled(lost_reason="effacé par erreur")
    assert resumed() is Resumed.ARMED
    assert why() is None, "a person has answered for it"
    assert not reconciled().changed


def test_i13_the_machine_misses_a_chain_at_its_next_pass() -> None:
    """Fails without `entries_remembered` in `examine_journal`: it would be noticed only when a backup is put back."""
    (path,) = two_chains()
    JournalMark.objects.all().delete()
    path.unlink()
    assert why() is Disarmed.JOURNAL_LOST


def test_what_a_machine_saw_before_the_journal_was_armed_anew_does_not_count(tmp_path: Path) -> None:
    """Fails if `remembered` did not ask for the epoch: the other machine could never be given the identity again."""
    (path,) = two_chains()
    path.unlink()
    reconciled(lost_reason="effacé par erreur")
    assert resumed_on_another_machine(tmp_path) is Resumed.ARMED
    assert resumed() is Resumed.ENROLLED
    assert why() is None


# --- a database that has gone back --------------------------------------------------------------------------


@contextmanager
def a_snapshot_of_the_disks() -> Iterator[None]:
    """What was counted meanwhile is forgotten; rows and identity are as they were."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE kept AS TABLE reminders_sendingmachine")
        yield
        cursor.execute("DELETE FROM reminders_sendingmachine")
        cursor.execute("INSERT INTO reminders_sendingmachine SELECT * FROM kept")
        cursor.execute("DROP TABLE kept")


@pytest.mark.parametrize("memory", [of_the_machine, of_the_directory])
def test_i13_a_snapshot_put_back_while_nothing_has_left_since_is_noticed(memory: Callable[[], None]) -> None:
    """Fails without `judge_passes`, or where one of the two is not asked: a list that was cancelled since would leave.
    Likewise where the disks of the database are cloned, and the original goes on."""
    sent_one()
    due_file()
    with a_snapshot_of_the_disks():
        batch = released_batch()
        cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
        send()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE reminders_notice SET state = 'PLANNED', live = true WHERE batch_id = %s", [batch.pk])
        cursor.execute("UPDATE reminders_batch SET state = 'RELEASING', ended_at = NULL WHERE id = %s", [batch.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    memory()
    refused(Disarmed.GONE_BACK, stops_all=True)
    assert "Si une autre base envoie à présent, ne faites rien ici." in why_sending_is_off()
    reconciled()
    assert resumed() is Resumed.ARMED
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", PauseReason.RESTORED)
    assert why() is None


def test_i13_likewise_where_the_machine_had_not_sent_yet() -> None:
    """No row at all is less than what the machine remembers."""
    assert take_identity(engine(), now=NOW) is None
    SendingMachine.objects.all().delete()
    assert why() is Disarmed.GONE_BACK


def test_a_pass_is_counted_before_it_is_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails the other way round: killed in between, the machine would take its own database for an older one."""
    sent_one()
    seen: list[tuple[int, int]] = []

    def write(path: Path, tell: Callable[[int], dict[str, int]]) -> None:
        seen.append((SendingMachine.objects.get().passes, tell(0)["passes"]))
        raise OSError("full")

    monkeypatch.setattr("reminders.sending.memory.write_whole", write)
    for _ in range(2):
        assert take_identity(engine(), now=NOW) is None, "what cannot be remembered keeps nobody back"
    assert seen == [(2, 2), (2, 2), (3, 3), (3, 3)], "by the machine and by the directory"
    monkeypatch.undo()
    assert take_identity(engine(), now=NOW) is None
    assert SendingMachine.objects.get().passes == 4


def test_what_is_written_whole_leaves_nothing_behind_where_it_cannot_be(tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()
    with pytest.raises(OSError, match="there"):
        write_whole(tmp_path / "there", lambda inode: {"inode": inode})
    assert [path.name for path in tmp_path.iterdir()] == ["there"]


# --- who writes a chain -------------------------------------------------------------------------------------


def test_a_chain_is_its_writer_s_across_its_files(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the next file is not locked before the one before is let go, or another takes a file that is not the
    last any more."""
    sent_one()
    monkeypatch.setattr(journal_module, "ROTATE_AT", 1)
    with closing(journal_of(engine(), "test-worker")) as first, closing(journal_of(engine(), "test-worker")) as second:
        first.begin(NOW)
        assert first.file == "test-worker-01.0002.journal"
        real = Journal._opened

        def opened_late(journal: Journal, name: str) -> int | None:
            """The second has looked for the last file; the first goes on to the next before it is opened."""
            if journal is second and not gone_on:
                gone_on.append(name)
                first._open_next()
            return real(journal, name)

        gone_on: list[str] = []
        monkeypatch.setattr(Journal, "_opened", opened_late)
        second.begin(NOW)
        assert gone_on == ["test-worker-01.0002.journal"]
        assert (first.file, second.sender) == ("test-worker-01.0003.journal", "test-worker-02")
        with pytest.raises(ReminderError, match="test-worker-01 envoie encore"), nobody_writes(engine().journal_dir):
            pass
    with nobody_writes(engine().journal_dir):
        third = journal_of(engine(), "test-worker")
        with closing(third):
            third.begin(NOW)
        assert third.sender == "test-worker-03"


def test_a_writer_that_goes_on_to_its_next_file_meanwhile_is_found_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where `nobody_writes` looks once: the file that was the last is free by then."""
    sent_one()
    journal = journal_of(engine(), "test-worker")
    with closing(journal):
        journal.begin(NOW)
        real = journal_module._keep_still

        def after_it_went_on(path: Path, held: object) -> None:
            if path.name == journal.file:
                journal._open_next()
            monkeypatch.setattr(journal_module, "_keep_still", real)
            real(path, held)  # type: ignore[arg-type]

        monkeypatch.setattr(journal_module, "_keep_still", after_it_went_on)
        with pytest.raises(ReminderError, match="envoie encore"), nobody_writes(engine().journal_dir):
            pass


def test_a_next_file_that_another_writes_is_no_place_to_go_on(monkeypatch: pytest.MonkeyPatch) -> None:
    sent_one()
    monkeypatch.setattr(Journal, "_opened", lambda *_: None)
    journal = journal_of(engine(), "w")
    journal.file = "w-01.0001.journal"
    with pytest.raises(OSError, match="déjà écrit"):
        journal._open_next()


def test_where_the_next_file_cannot_be_made_the_one_before_stays_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the length of the one is taken for the other's: what is taken back would be the whole file."""
    sent_one()
    monkeypatch.setattr(journal_module, "ROTATE_AT", 1)

    def full(_: Path) -> None:
        raise OSError("full")

    with closing(journal_of(engine(), "other")) as journal:
        journal.begin(NOW)
        (path,) = files_of(engine().journal_dir)["other-01"]
        before = path.read_bytes()
        monkeypatch.setattr(journal_module, "sync_directory", full)
        with pytest.raises(JournalError, match="full"):
            journal.intend({})
        assert path.read_bytes() == before != b""


def test_a_name_whose_files_were_set_aside_is_not_used_again() -> None:
    """Fails without `given_up`: two chains of one name, and an older backup takes the new one for the old, damaged."""
    sent_one()
    before = JournalMark.objects.get()
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    path.write_bytes(path.read_bytes() + b"?\n")
    reconciled(lost_reason="une ligne est abîmée")
    resumed()
    due_file()
    released_batch()
    send()
    assert set(files_of(engine().journal_dir)) == {"test-worker-02"}
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM reminders_journalmark")
    before.save(force_insert=True)
    row_is_written_again()
    assert reconciled().report()["damaged"] == [], "the backup from before knows the chain that was set aside"
    assert resumed() is Resumed.ARMED


def test_a_machine_with_too_many_senders_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    sent_one()
    monkeypatch.setattr(journal_module, "SENDERS_OF_A_MACHINE", 1)
    with nobody_writes(engine().journal_dir), pytest.raises(JournalError, match="plus de 1 exécutants"):
        journal_of(engine(), "test-worker").begin(NOW)
    assert set(chains(engine().journal_dir)) == {"test-worker-01"}


# --- a damaged intent ---------------------------------------------------------------------------------------


def outcome_without_its_intent(nth: int) -> None:
    """The line of the nth intent is damaged; its outcome is whole."""
    (path,) = files_of(engine().journal_dir).values()
    lines = path[0].read_bytes().splitlines(keepends=True)
    at = [number for number, line in enumerate(lines) if b'"kind":"INTENT"' in line][nth]
    lines[at] = b"?" * (len(lines[at]) - 1) + b"\n"
    path[0].write_bytes(b"".join(lines))


@pytest.mark.parametrize("nth", [0, 1])
def test_i2_an_outcome_counts_though_the_line_of_its_intent_is_damaged(nth: int) -> None:
    """Fails where `attempts` drops it: the list stands as it was, released, and the mail would leave once more."""
    batch = released_batch(3)
    send()
    outcome_without_its_intent(nth)
    put_back(batch, "RELEASING")
    done = reconciled(lost_reason="une ligne est abîmée")
    assert (counted(done), done.brought.nameless) == ({"ACCEPTED": 3}, 0)
    assert resumed() is Resumed.ARMED
    assert states(batch) == {"ACCEPTED": 3}
    assert not reconciled().changed


def test_where_the_ledger_has_no_such_mail_it_is_counted_for_people_and_keeps_nothing_closed() -> None:
    """Fails if `unknown` counted them, or `lost_departures`: sending could never be opened again."""
    released_batch(3)
    send()
    outcome_without_its_intent(1)
    forget()
    done = reconciled(lost_reason="une ligne est abîmée")
    assert (counted(done), done.brought.nameless, done.brought.unknown) == ({"ACCEPTED": 2}, 1, [])
    assert resumed() is Resumed.ARMED
    assert why() is None


def test_i2_what_had_been_planned_meanwhile_under_that_identity_has_left() -> None:
    """Fails if the waiting notice were looked for by its number alone: a restored ledger gives numbers anew."""
    due_file("07001234")
    released_batch()
    send()
    outcome_without_its_intent(0)
    forget()
    again = released_batch()
    assert counted(reconciled(lost_reason="une ligne est abîmée")) == {"ACCEPTED": 1}
    assert states(again) == {"ACCEPTED": 1}


def test_a_reconciliation_that_is_cut_off_before_its_commit_can_be_said_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where files are set aside after the commit: killed in between, sending went on over the damaged chain."""
    batch = released_batch(3)
    send()
    outcome_without_its_intent(1)
    put_back(batch, "RELEASING")

    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("reminders.sending.reconcile.set_aside", killed)
    with pytest.raises(KeyboardInterrupt):
        reconciled(lost_reason="une ligne est abîmée")
    assert states(batch) == {"PLANNED": 3}
    monkeypatch.undo()
    assert why() is not None
    assert counted(reconciled(lost_reason="une ligne est abîmée")) == {"ACCEPTED": 3}


def killed(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


def test_i13_a_loss_that_was_said_counts_once_it_is_on_record(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the owner is written before the commit: what is remembered would not count, nobody had said why."""
    (path,) = two_chains()
    path.unlink()
    forget()
    row_is_written_again()
    monkeypatch.setattr("reminders.sending.reconcile._record", killed)
    with pytest.raises(KeyboardInterrupt):
        reconciled(lost_reason="effacé par erreur")
    monkeypatch.undo()
    with pytest.raises(ReminderError, match="--journal-lost"):
        reconciled()


@pytest.mark.parametrize("passes_since", [0, 3])
def test_i13_i2_the_last_mails_are_remembered_too(passes_since: int) -> None:
    """Fails without `remember` in `close_journal`, or where a later pass remembers less: database and journal go back
    together, and all of a pass would leave once more."""
    assert take_identity(engine(), now=NOW) is None
    batch = released_batch(1)
    send()
    for _ in range(passes_since):
        send()
    an_older_copy(files_of(engine().journal_dir)["test-worker-01"][0])
    put_back(batch, "RELEASING")
    with pytest.raises(ReminderError, match="--journal-lost"):
        reconciled()


def test_i13_a_machine_is_given_the_identity_only_once_its_lists_are_held(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where both are one transaction: cut off in between, the file is there and the lists go on."""
    sent_one()
    batch = released_batch(2)
    engine().epoch_file.unlink()
    monkeypatch.setattr("reminders.sending.arming.enrol", killed)
    with pytest.raises(KeyboardInterrupt):
        resumed()
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason) == ("PAUSED", PauseReason.RESTORED)


def test_a_journal_that_cannot_be_reached_keeps_mails_back_and_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the error escapes, as of a volume that is gone."""
    sent_one()

    def stale(_: Path) -> None:
        raise OSError("Stale file handle")

    monkeypatch.setattr("reminders.sending.identity.files_of", stale)
    assert why() is Disarmed.JOURNAL_DAMAGED


def test_a_machine_has_one_row_though_it_can_remember_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("reminders.sending.memory.write_whole", lambda *_: (_ for _ in ()).throw(OSError("full")))
    for _ in range(3):
        remember(engine(), "epoch", {}, now=NOW)
    assert SendingMachine.objects.get().passes == 3
