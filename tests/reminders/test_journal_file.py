"""The journal on disk: on it before SMTP, one fsync a message, whole after a crash, and no mail where it cannot be."""

from __future__ import annotations

import errno
import os
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest

from reminders.models import Attempt, JournalMark, Notice
from reminders.rules.journal import ChainReader, DamagedJournal, End, Entry
from reminders.sending import deliver as engine_module
from reminders.sending import journal as journal_module
from reminders.sending.deliver import Halt
from reminders.sending.journal import Journal, JournalError, files_of, latest_of
from tests.factories import NOW
from tests.reminders.scenes import (
    LATER,
    NO_SUCH_USER,
    RecordingTransport,
    at_once,
    clock_at,
    due_file,
    engine,
    released_batch,
    send,
    states,
)

BODY = {"at": NOW.isoformat(), "orias": "1", "items": [], "email": "0", "batch": 1, "notice": 1, "attempt": 1}


def journal(directory: Path, worker: str = "host:1:ab") -> Journal:
    return Journal(directory, worker, "epoch", 1)


def entries(directory: Path, sender: str = "host-01") -> list[Entry]:
    """One sender's chain, verified."""
    reader = ChainReader()
    found: list[Entry] = []
    for path in files_of(directory)[sender]:
        with path.open("rb") as file:
            found += reader.read(file)
    assert reader.torn == b""
    return found


def kinds(directory: Path, sender: str = "host-01") -> list[str]:
    return [entry.kind.value for entry in entries(directory, sender)]


def told(directory: Path) -> list[Entry]:
    return entries(directory, "test-worker-01")


# --- the file -----------------------------------------------------------------------------------------------


def test_nothing_is_made_before_it_begins_and_a_second_worker_has_a_file_of_its_own(tmp_path: Path) -> None:
    """Fails without the lock of a sender: two processes would write one chain."""
    directory = tmp_path / "journal"
    one, other = journal(directory), journal(directory)
    assert not directory.exists()
    one.begin(NOW)
    other.begin(NOW)
    one.intend({**BODY, "key": "a"})
    other.intend({**BODY, "key": "b"})
    assert {s: len(p) for s, p in files_of(directory).items()} == {"host-01": 1, "host-02": 1}
    assert kinds(directory, "host-01") == kinds(directory, "host-02") == ["OPEN", "INTENT"]
    one.close()
    third = journal(directory)
    third.begin(NOW)
    assert third.sender == "host-01"
    assert kinds(directory) == ["OPEN", "INTENT", "OPEN"], "the next worker goes on with the chain that is free"


def test_a_machine_s_name_makes_a_file_s_name_and_no_path(tmp_path: Path) -> None:
    odd = journal(tmp_path, "../é b/c:1:ab")
    odd.begin(NOW)
    assert [p.parent for p in files_of(tmp_path)[odd.sender]] == [tmp_path]


def test_a_long_journal_goes_on_in_the_next_file_and_is_one_chain(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `_open_next`, or if a new file began a new chain."""
    monkeypatch.setattr(journal_module, "ROTATE_AT", 2000)
    for _ in range(2):
        writing = journal(tmp_path)
        writing.begin(NOW)
        for number in range(12):
            writing.intend({**BODY, "key": f"{number}"})
        writing.close()
    paths = files_of(tmp_path)["host-01"]
    assert [p.name for p in paths] == [f"host-01.{n:04}.journal" for n in range(1, len(paths) + 1)]
    assert len(paths) > 3
    assert len(entries(tmp_path)) == 26
    assert latest_of(paths).end == entries(tmp_path)[-1].end


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_i4_a_line_torn_by_a_crash_is_cut_off_and_said_and_the_chain_goes_on(
    tmp_path: Path, cut: int, caplog: pytest.LogCaptureFixture
) -> None:
    """Fails without `_take_back` in `_open_latest`: the next line would be glued to the torn one."""
    first = journal(tmp_path)
    first.begin(NOW)
    first.intend({**BODY, "key": "a"})
    first.close()
    (path,) = files_of(tmp_path)["host-01"]
    os.truncate(path, path.stat().st_size - cut)
    latest = latest_of([path])
    assert (latest.end.sequence, latest.torn > 0) == (1, True)
    second = journal(tmp_path)
    second.begin(NOW)
    second.close()
    assert kinds(tmp_path) == ["OPEN", "OPEN"]
    assert "torn line" in caplog.text


def test_a_file_that_holds_nothing_yet_goes_on_from_the_one_before(tmp_path: Path) -> None:
    """A crash just after a rotation leaves such a file."""
    first = journal(tmp_path)
    first.begin(NOW)
    first.intend({**BODY, "key": "a"})
    first.close()
    (tmp_path / "host-01.0002.journal").write_bytes(b"0" * 20)
    latest = latest_of(files_of(tmp_path)["host-01"])
    assert (latest.end.sequence, latest.torn, latest.intent and latest.intent.body["key"]) == (2, 20, "a")
    second = journal(tmp_path)
    second.begin(NOW)
    assert kinds(tmp_path) == ["OPEN", "INTENT", "OPEN"]


def test_a_damaged_end_is_not_gone_on_with(tmp_path: Path) -> None:
    """Fails where the last line were taken at its word: a chain on sand."""
    first = journal(tmp_path)
    first.begin(NOW)
    first.close()
    (path,) = files_of(tmp_path)["host-01"]
    path.write_bytes(path.read_bytes().replace(b"epoch", b"EPOCH"))
    with pytest.raises(JournalError, match="empreinte"):
        journal(tmp_path).begin(NOW)
    with pytest.raises(DamagedJournal):
        latest_of([path])


def test_the_end_is_found_backwards_however_far_the_last_intent_is(tmp_path: Path) -> None:
    """Fails where only the last block of a file were read."""
    first = journal(tmp_path)
    first.begin(NOW)
    first.intend({**BODY, "key": "far"})
    first.close()
    for _ in range(400):
        one = journal(tmp_path)
        one.begin(NOW)
        one.close()
    latest = latest_of(files_of(tmp_path)["host-01"])
    assert (latest.end.sequence, latest.intent and latest.intent.body["key"]) == (402, "far")
    assert latest.end == entries(tmp_path)[-1].end


@contextmanager
def room_for(size: int) -> Iterator[None]:
    """Files grow to so many bytes and no further: what a full disk does, half-written line included."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """Fails without `_take_back` in `_write`."""
    first = journal(tmp_path)
    first.begin(NOW)
    (path,) = files_of(tmp_path)["host-01"]
    before = path.read_bytes()
    with room_for(len(before) + 100), pytest.raises(JournalError, match=path.name):
        first.intend({**BODY, "key": "a"})
    assert path.read_bytes() == before
    second = journal(tmp_path)
    second.begin(NOW)
    second.intend({**BODY, "key": "a"})
    assert kinds(tmp_path) == ["OPEN", "OPEN", "INTENT"]


def test_an_outcome_that_a_full_disk_keeps_out_is_named(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    """Fails without `_say_what_is_missing`."""
    first = journal(tmp_path)
    first.begin(NOW)
    first.tell({**BODY, "notice": 4711, "state": "ACCEPTED"})
    with room_for(files_of(tmp_path)["host-01"][0].stat().st_size), pytest.raises(JournalError):
        first.intend({**BODY, "key": "b"})
    assert "outcome of notice 4711 (ACCEPTED) is missing" in caplog.text


# --- delivery with it ---------------------------------------------------------------------------------------

ledger = pytest.mark.django_db(transaction=True)


@ledger
def test_i13_each_intent_is_in_the_journal_before_smtp_with_the_outcome_of_the_one_before() -> None:
    """Fails if `_journalled` came after `transport.send`, or wrote without what waits."""
    someone = due_file("07001234", email="cabinet@example.org")
    batch = released_batch(2)
    seen: list[list[str]] = []
    transport = RecordingTransport(
        [NO_SUCH_USER, LATER], before=lambda _: seen.append([e.kind.value for e in told(engine().journal_dir)])
    )
    send(transport)
    assert seen == [
        ["OPEN", "INTENT"],
        ["OPEN", "INTENT", "OUTCOME", "INTENT"],
        ["OPEN", "INTENT", "OUTCOME", "INTENT", "OUTCOME", "INTENT"],
    ]
    found = told(engine().journal_dir)
    assert [e.body["state"] for e in found if e.kind == "OUTCOME"] == ["REFUSED", "DEFERRED", "ACCEPTED"]
    keys = [e.body["key"] for e in found if e.kind == "INTENT"]
    assert keys == list(Notice.objects.filter(batch=batch).order_by("rank").values_list("key", flat=True))
    mine = next(e.body for e in found if e.body.get("orias") == "07001234")
    notice = Notice.objects.get(intermediary=someone)
    assert (mine["notice"], mine["batch"], mine["attempt"], mine["worker"]) == (notice.pk, batch.pk, 1, "test-worker")
    assert mine["items"] == notice.items
    text = b"".join(p.read_bytes() for p in files_of(engine().journal_dir)["test-worker-01"])
    assert b"cabinet@example.org" not in text, "no address outside the database"
    mark = JournalMark.objects.get()
    assert (mark.sequence, mark.hash) == (found[-1].end.sequence, found[-1].end.hash)


@ledger
def test_it_costs_one_fsync_a_message(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if each outcome were written by itself."""
    released_batch(5)
    synced: list[str] = []
    fsync = os.fsync

    def counting(descriptor: int) -> None:
        synced.append(os.readlink(f"/proc/self/fd/{descriptor}"))
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", counting)
    send()
    on_the_file = [path for path in synced if path.endswith(".journal")]
    assert len(on_the_file) == 1 + 5 + 1, "the opening, each message, the last outcome"


@ledger
def test_a_worker_that_is_held_back_by_the_pace_writes_the_outcome_meanwhile() -> None:
    """Fails without `journal.flush` in `_flush`."""
    released_batch(2)
    clock = clock_at()
    seen: list[int] = []

    def pause(_: float) -> None:
        seen.append(sum(e.kind == "OUTCOME" for e in told(engine().journal_dir)))
        clock.forward(timedelta(seconds=2))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("reminders.sending.deliver.time.sleep", pause)
        send(clock=clock, pace_per_hour=1800)
    assert seen == [1]


@ledger
def test_a_worker_with_nothing_to_send_writes_nothing() -> None:
    send()
    assert files_of(engine().journal_dir) == {}


@ledger
@pytest.mark.parametrize("call", ["write", "fsync"])
def test_i13_where_the_journal_cannot_be_written_nothing_leaves_and_nobody_is_burnt(
    call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if `_journalled` went on after a JournalError, or left the notice SENDING."""
    batch = released_batch(4)
    real, broken = getattr(os, call), [False]

    def failing(descriptor: int, *rest: bytes) -> int | None:
        if broken[0] and ".journal" in os.readlink(f"/proc/self/fd/{descriptor}"):
            raise OSError(errno.ENOSPC, "No space left on device")
        done: int | None = real(descriptor, *rest)
        return done

    def fill_the_disk(sent: int) -> None:
        broken[0] = sent == 1

    monkeypatch.setattr(os, call, failing)
    transport = RecordingTransport(before=fill_the_disk)
    delivery = send(transport)
    assert len(transport.sent) == 2
    assert delivery.halt is Halt.JOURNAL
    assert "No space left" in delivery.detail
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 2}
    assert "journal" in Attempt.objects.get(verdict="SYSTEMIC").reply
    again = RecordingTransport()
    assert send(again).halt is Halt.JOURNAL
    assert Attempt.objects.count() == 3, "it is noticed before any notice is touched"
    broken[0] = False
    send(again)
    assert states(batch) == {"ACCEPTED": 4}
    assert len({s.key for s in [*transport.sent, *again.sent]}) == 4
    assert told(engine().journal_dir), "and the chain is whole"


@ledger
def test_i13_a_journal_that_cannot_be_opened_is_noticed_before_a_notice_is_touched() -> None:
    """Fails without `journal.begin` in `one_chunk`: each try would cost an attempt."""
    batch = released_batch(2)
    engine().journal_dir.parent.mkdir(parents=True)
    engine().journal_dir.write_text("a file where the directory should be")
    transport = RecordingTransport()
    assert send(transport).halt is Halt.JOURNAL
    assert transport.sent == []
    assert states(batch) == {"PLANNED": 2}
    assert Attempt.objects.count() == 0


@ledger
def test_two_workers_at_once_write_two_chains_that_hold_every_message_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine_module, "CHUNK", 2)
    monkeypatch.setattr(engine_module, "LARGEST_CHUNK", 2)
    batch = released_batch(12)
    outcomes = at_once(*(lambda: send(worker="host") for _ in range(2)))
    assert states(batch) == {"ACCEPTED": 12}, outcomes
    keys = [
        entry.body["key"]
        for sender in files_of(engine().journal_dir)
        for entry in entries(engine().journal_dir, sender)
        if entry.kind == "INTENT"
    ]
    assert sorted(keys) == sorted(Notice.objects.values_list("key", flat=True))
    ends = {m.sender: End(m.sequence, m.hash) for m in JournalMark.objects.all()}
    assert ends == {s: latest_of(paths).end for s, paths in files_of(engine().journal_dir).items()}
