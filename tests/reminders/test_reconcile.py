"""Bringing the ledger forward to the journal: what left is known again, once, and nothing else is touched."""

from __future__ import annotations

import json
import shutil
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from registry.management.console import Failed, WrongUse
from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.models import (
    Attempt,
    Batch,
    JournalMark,
    Notice,
    NoticeItem,
    Reconciliation,
    SenderIdentity,
    StopSwitch,
)
from reminders.planning.freeze import hash_of_list
from reminders.planning.recall import recall_batch
from reminders.planning.recall_list import left_to_correct
from reminders.rules.journal import End, EntryKind, read_entry, write_entry
from reminders.rules.states import NoticeState
from reminders.sending import reconcile as reconcile_module
from reminders.sending.arming import Resumed, resume_sending
from reminders.sending.claim import claim
from reminders.sending.identity import examine, journal_of, take_identity
from reminders.sending.journal import Journal, files_of, set_aside
from reminders.sending.reconcile import Reconciled, reconcile
from tests.factories import NOW, UserFactory
from tests.reminders.recalling import corrected, recalled, released, sent_wrongly
from tests.reminders.scenes import (
    LATER,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    SERVER_DOWN,
    RecordingTransport,
    clock_at,
    due_file,
    engine,
    lose_the_row,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db(transaction=True)


def reconciled(**values: Any) -> Reconciled:
    given: dict[str, Any] = {"directory": engine().journal_dir, "by": person("planner"), "now": NOW, "engine": engine()}
    return reconcile(**given | values)


def forget() -> None:
    """What a snapshot from before the first plan does: the register stands, the ledger is empty."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE reminders_batch, reminders_journalmark CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")


def forget_the_sending() -> None:
    """A snapshot from just before the first message: the lists stand, released, and nothing was begun."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE reminders_attempt, reminders_journalmark")
        cursor.execute(
            "UPDATE reminders_notice SET state = 'PLANNED', attempts = 0, fence = 0, settled_at = NULL,"
            " evidence = NULL, not_before = NULL, worker = '', lease_until = NULL"
        )
        cursor.execute("UPDATE reminders_batch SET state = 'RELEASING', ended_at = NULL, pause_reason = ''")
        cursor.execute("SET session_replication_role = DEFAULT")


def counted(done: Reconciled) -> dict[str, int]:
    return {state.value: n for state, n in done.brought.states.items()}


ENDS = [(None, "ACCEPTED"), (NO_SUCH_USER, "REFUSED"), (LOST_AFTER_DOT, "UNCERTAIN")]


@pytest.mark.parametrize(("reply", "state"), ENDS)
@pytest.mark.parametrize("lost", [forget, forget_the_sending])
def test_i13_i2_what_the_ledger_forgot_is_written_again_and_is_not_planned_again(
    lost: Any, reply: Any, state: str
) -> None:
    """Fails without the statement of reminders/sending/bringing.py in question; without `_HOLD` it is planned again."""
    someone = due_file("07001234", email="cabinet@example.org")
    released_batch()
    send(RecordingTransport([reply] if reply else []))
    before = Notice.objects.get()
    tried = Attempt.objects.get()
    held = set(NoticeItem.objects.values_list("kind", "term", "wave"))
    lost()
    assert counted(reconciled()) == {state: 1}
    after = Notice.objects.get(intermediary=someone)
    for name in ("key", "email", "items", "state", "settled_at", "attempts"):
        assert getattr(after, name) == getattr(before, name), name
    again = Attempt.objects.get()
    for name in ("number", "worker", "started_at", "finished_at", "verdict", "stage", "code"):
        assert getattr(again, name) == getattr(tried, name), name
    assert set(NoticeItem.objects.filter(held=True).values_list("kind", "term", "wave")) == held
    with pytest.raises(AssertionError, match="nobody is due"):
        planned_batch()


def test_an_intent_without_its_outcome_is_uncertain() -> None:
    """Fails if what may have left were taken for something that did not (I4), or without the second NOT EXISTS of
    `_BEHIND`."""
    released_batch(1)

    def die(_: int) -> None:
        raise MemoryError

    with pytest.raises(MemoryError):
        send(RecordingTransport(before=die))
    forget()
    assert counted(reconciled()) == {"UNCERTAIN": 1}
    assert Attempt.objects.get().verdict == ""
    transport = RecordingTransport()
    send(transport)
    assert transport.sent == []
    assert not reconciled().changed, "nor is it written a second time"


def test_an_outcome_that_the_ledger_holds_counts_where_the_journal_lacks_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the first NOT EXISTS of `_BEHIND`: a mail put off by the server would be made uncertain."""
    batch = released_batch(1)
    monkeypatch.setattr(Journal, "tell", lambda *_: None)
    send(RecordingTransport([LATER]))
    assert not reconciled().changed
    assert states(batch) == {"DEFERRED": 1}


@pytest.mark.parametrize("reply", [LATER, SERVER_DOWN])
def test_what_is_proved_not_to_have_left_is_not_written_and_is_planned_again(reply: Any) -> None:
    released_batch(1)
    send(RecordingTransport(always=reply))
    forget()
    done = reconciled()
    assert (counted(done), done.intents, Notice.objects.count()) == ({}, 1, 0)
    assert examine(engine()) is None
    assert planned_batch().planned == 1


def test_of_several_attempts_the_one_that_left_counts_and_all_are_kept() -> None:
    released_batch(1)
    send(RecordingTransport([LATER]))
    send(clock=clock_at(NOW + timedelta(hours=1)))
    forget()
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert list(Attempt.objects.order_by("number").values_list("number", "verdict")) == [
        (1, "DEFERRED"),
        (2, "ACCEPTED"),
    ]
    assert Notice.objects.get().attempts == 2


def test_i8_the_lost_notices_are_a_sealed_batch_that_a_person_answers_for() -> None:
    """Each day on which mails left has a batch of its own, complete, with its own hash and sum."""
    for n in range(3):
        due_file(f"0700000{n}")
    released_batch()
    send()
    forget()
    done = reconciled()
    batch = Batch.objects.get()
    assert done.brought.batches == [batch.pk]
    assert (batch.state, batch.author, batch.approved_by, batch.as_of) == (
        "COMPLETED", None, person("planner"), NOW.date(),
    )  # fmt: skip
    assert (batch.planned, batch.ceiling, batch.by_item, batch.waves) == (3, 3, {"RC_PRO": 3}, ["D-30"])
    assert batch.hash == hash_of_list(batch)
    assert states(batch) == {"ACCEPTED": 3}


def forget_after(batch: Batch) -> None:
    """A snapshot from just after a batch ended."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        for table, column in (("attempt", "notice_id"), ("noticeitem", "notice_id")):
            cursor.execute(
                f"DELETE FROM reminders_{table} WHERE {column} IN"
                " (SELECT id FROM reminders_notice WHERE batch_id > %s)",
                [batch.pk],
            )
        for table, column in (("notice", "batch_id"), ("watch", "batch_id"), ("batch", "id")):
            cursor.execute(f"DELETE FROM reminders_{table} WHERE {column} > %s", [batch.pk])
        cursor.execute("TRUNCATE reminders_journalmark; RESET session_replication_role")


@pytest.mark.parametrize("everything_is_lost", [False, True])
def test_a_lost_correction_is_written_again_with_what_it_corrects_and_is_not_sent_again(
    everything_is_lost: bool,
) -> None:
    """Fails without the LATERAL join of `_INSERT`: the same people would be corrected a second time."""
    wrong = sent_wrongly(3)
    corrected(wrong, RecordingTransport([NO_SUCH_USER, LOST_AFTER_DOT]))
    notices = Notice.objects.filter(corrects__isnull=False).order_by("key")
    before = list(notices.values_list("key", "corrects__key", "recall_class", "state", "email"))
    if everything_is_lost:
        forget()
    else:
        forget_after(wrong)
    done = reconciled()
    assert (done.brought.written, done.brought.unlinked) == (6 if everything_is_lost else 3, 0)
    assert list(notices.all().values_list("key", "corrects__key", "recall_class", "state", "email")) == before
    nothing_is_left_to_correct()
    assert not reconciled().changed


def nothing_is_left_to_correct() -> None:
    for batch in Batch.objects.all():
        with pytest.raises(ReminderError, match="déjà rectifié|rien à rectifier|lui-même un rectificatif"):
            recall_batch(batch_id=batch.pk, by=person("planner"), now=NOW, engine=engine())
        assert left_to_correct(batch.pk) == 0


def test_a_lost_correction_finds_what_it_corrects_though_a_clock_was_set_back_between_them() -> None:
    """Fails where what was lost is written in the order of its instants alone: the correction stands for a reminder,
    and both are corrected once more."""
    wrong = sent_wrongly(2)
    released(recalled(wrong))
    send(clock=clock_at(NOW - timedelta(days=1)))
    forget()
    done = reconciled()
    assert (done.brought.written, done.brought.unlinked) == (4, 0)
    nothing_is_left_to_correct()


def test_a_lost_correction_of_a_mail_that_nobody_knows_is_recorded_plainly() -> None:
    """Fails without the evidence, or without `unlinked` in the report."""
    corrected(sent_wrongly(1))
    keep_only_corrections()
    done = reconciled(lost_reason="une partie du journal est perdue")
    assert (done.report()["written"], done.report()["unlinked"]) == (1, 1)
    notice = Notice.objects.get()
    assert (notice.corrects, notice.recall_class, notice.state) == (None, "", "ACCEPTED")
    assert notice.evidence is not None
    assert (notice.evidence["corrects"], notice.evidence["recall_class"]) == ("UNKNOWN", "DUE")
    nothing_is_left_to_correct()


def keep_only_corrections() -> None:
    """A ledger that has forgotten all, beside a journal of which the first mails are missing."""
    forget()
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    entries = [read_entry(line).body for line in path.read_bytes().splitlines(keepends=True)]
    first = next(i for i, body in enumerate(entries) if body.get("recall_class"))
    lines, end = [], End()
    for body in entries[first:]:
        told = {name: value for name, value in body.items() if name not in {"seq", "prev", "kind"}}
        line, end = write_entry(end, EntryKind(body["kind"]), told)
        lines.append(line)
    path.write_bytes(b"".join(lines))


def test_an_address_that_has_changed_since_is_known_by_its_digest_only() -> None:
    someone = due_file(email="old@example.org")
    released_batch()
    send()
    forget()
    Intermediary.objects.filter(pk=someone.pk).update(email="new@example.org")
    reconciled()
    assert Notice.objects.get().email.startswith("empreinte:")


def test_two_lost_mails_to_one_person_on_one_day_are_both_written() -> None:
    """Fails without `_ROUNDS`: a person has one waiting notice at a time."""
    someone = due_file("07001234")
    assert take_identity(engine(), now=NOW) is None
    journal = journal_of(engine(), "w")
    journal.begin(NOW)
    for key, wave in (("a" * 40, "D-30"), ("b" * 40, "D-7")):
        item = {"kind": "RC_PRO", "categories": ["COA"], "state": "DUE", "term": "2026-02-28", "due_on": "2026-02-28"}
        told = {"at": NOW.isoformat(), "key": key, "orias": "07001234", "email": "0", "batch": 1, "notice": 1}
        journal.intend({**told, "attempt": 1, "items": [{**item, "wave": wave, "discharged": True}]})
    journal.close()
    done = reconciled()
    assert (counted(done), len(done.brought.batches)) == ({"UNCERTAIN": 2}, 2)
    assert set(NoticeItem.objects.filter(intermediary=someone, held=True).values_list("wave", flat=True)) == {
        "D-30",
        "D-7",
    }


@pytest.mark.parametrize("in_hands", [False, True])
def test_what_was_planned_meanwhile_for_somebody_who_got_a_mail_is_withdrawn(in_hands: bool) -> None:
    """Fails without `_WITHDRAW`: the waves would be held by a list that may still be released."""
    due_file()
    released_batch()
    send()
    forget()
    again = released_batch()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        # Another identity than the journal's: as a plan made with other waves would have given.
        cursor.execute("UPDATE reminders_notice SET key = repeat('f', 40)")
        cursor.execute("SET session_replication_role = DEFAULT")
    if in_hands:
        claim(worker="w", size=1, now=NOW, batch_id=None)
    done = reconciled()
    assert (counted(done), done.brought.written, done.brought.withdrawn) == ({"ACCEPTED": 1}, 1, 1)
    assert states(again) == {"CANCELLED": 1}
    assert NoticeItem.objects.filter(held=True).get().notice.state == "ACCEPTED"


def everything() -> list[Any]:
    """All that a reconciliation writes."""
    tables = (Batch, Notice, NoticeItem, Attempt, JournalMark, Reconciliation)
    return [list(table.objects.order_by("pk").values()) for table in tables]


def test_a_second_run_changes_nothing() -> None:
    """Fails if each run were recorded."""
    released_batch(4)
    send(RecordingTransport([LATER, NO_SUCH_USER, LOST_AFTER_DOT]))
    forget()
    assert reconciled().changed
    before = everything()
    second = reconciled()
    assert (second.changed, counted(second)) == (False, {})
    assert everything() == before


def test_on_a_ledger_that_forgot_nothing_it_changes_nothing() -> None:
    released_batch(3)
    send(RecordingTransport([LATER, NO_SUCH_USER]))
    before = everything()
    assert not reconciled().changed
    assert everything() == before


def test_a_trial_tells_all_and_writes_nothing() -> None:
    released_batch(2)
    send()
    forget()
    before = everything()
    done = reconciled(dry_run=True)
    assert (counted(done), done.brought.written) == ({"ACCEPTED": 2}, 2)
    assert everything() == before


def test_a_late_result_that_the_ledger_keeps_with_its_attempt_stays_uncertain() -> None:
    """A person settles the uncertain; the journal tells nothing here that the ledger does not hold."""
    released_batch(1)
    send()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE reminders_notice SET state = 'UNCERTAIN'")
        cursor.execute("SET session_replication_role = DEFAULT")
    assert not reconciled().changed
    assert Notice.objects.get().state == NoticeState.UNCERTAIN


# --- what is refused ----------------------------------------------------------------------------------------


def test_while_a_sender_is_at_work_it_is_refused() -> None:
    """Fails without `_take_all_places`: a message in the midst of its dialogue would be made uncertain."""
    released_batch(2)
    refusals: list[str] = []

    def meanwhile(_: int) -> None:
        with pytest.raises(ReminderError, match="stop_sending") as refusal:
            reconciled()
        refusals.append(str(refusal.value))

    send(RecordingTransport(before=meanwhile))
    assert len(refusals) == 2
    assert not reconciled().changed


def test_people_whom_the_restored_register_does_not_hold_are_named_and_sending_stays_off() -> None:
    """Fails if the mark were recorded all the same: their mails would leave again after the next import."""
    someone = due_file("07001234")
    due_file("07005678")
    released_batch()
    send()
    forget()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE registry_intermediary SET orias_number = '07999999' WHERE id = %s", [someone.pk])
    done = reconciled()
    assert (counted(done), done.brought.unknown) == ({"ACCEPTED": 1}, ["07001234"])
    assert not JournalMark.objects.exists()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_intermediary SET orias_number = '07001234' WHERE id = %s", [someone.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert JournalMark.objects.exists()


def damage() -> Path:
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    lines = path.read_bytes().splitlines(keepends=True)
    lines[3] = lines[3].replace(b'"attempt":1', b'"attempt":2')
    path.write_bytes(b"".join(lines))
    return path


def test_a_journal_damaged_in_the_middle_is_refused_with_its_file_and_line() -> None:
    released_batch(3)
    send()
    forget()
    path = damage()
    with pytest.raises(ReminderError, match=rf"{path.name}, ligne 4"):
        reconciled()
    assert Notice.objects.count() == 0


def test_with_a_reason_all_that_is_whole_is_brought_forward_and_the_file_is_kept_aside() -> None:
    released_batch(3)
    send()
    forget()
    path = damage()
    done = reconciled(lost_reason="disque abîmé")
    # OPEN, INTENT, OUTCOME, then the damage: whom the second mail was for is not known any more.
    assert counted(done) == {"ACCEPTED": 2}
    assert Reconciliation.objects.get().lost_reason == "disque abîmé"
    assert (path.exists(), path.with_name(f"{path.name}.abime").exists()) == (False, True)
    assert resume_sending(by=person("planner"), now=NOW, engine=engine()) is Resumed.ARMED
    assert examine(engine()) is None


def test_nobody_begins_to_send_before_damaged_files_have_their_other_name(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without `nobody_writes` in `reconcile`: a worker's chain would be renamed under it."""
    released_batch(2)
    send()
    (path,) = files_of(engine().journal_dir)["test-worker-01"]
    path.write_bytes(b"?\n" + path.read_bytes())
    taken = []

    def look(at: Path) -> None:
        with closing(journal_of(engine(), "test-worker")) as journal:
            journal.begin(NOW)
            taken.append(journal.sender)
        set_aside(at)

    monkeypatch.setattr(reconcile_module, "set_aside", look)
    reconciled(lost_reason="une ligne est abîmée")
    assert taken == ["test-worker-02"]


def test_an_entry_that_is_not_the_one_the_database_has_known_is_damage() -> None:
    """Fails without the comparison with the mark in `_entries`: a chain written anew holds together by itself."""
    released_batch(1)
    send()
    directory = engine().journal_dir
    shutil.rmtree(directory)
    for _ in range(2):
        forged = Journal(directory, "test-worker", "other", 1)
        for _ in range(4):
            forged.begin(NOW)
            forged.close()
    with pytest.raises(ReminderError, match="la base a connue"):
        reconciled()


def test_a_lost_journal_is_refused_until_a_person_says_that_it_is_lost() -> None:
    """Fails without `_require_whole`; and without the reason on record sending could never be turned on again."""
    released_batch(1)
    send()
    shutil.rmtree(engine().journal_dir)
    with pytest.raises(ReminderError, match="--journal-lost"):
        reconciled()
    reconciled(lost_reason="incendie")
    kept = Reconciliation.objects.get()
    assert (kept.lost_reason, kept.made_by) == ("incendie", person("planner"))
    assert resume_sending(by=person("planner"), now=NOW, engine=engine()) is Resumed.ARMED
    due_file()
    released_batch()
    transport = RecordingTransport()
    send(transport, clock=clock_at(NOW + timedelta(minutes=1)))
    assert len(transport.sent) == 1
    shutil.rmtree(engine().journal_dir)
    assert examine(engine()) is not None, "the reason was for that loss, not for the next one"


# --- the command --------------------------------------------------------------------------------------------


def run(*words: str) -> str:
    out = StringIO()
    call_command("reconcile_journal", *words, stdout=out)
    return out.getvalue()


def test_the_command_tells_what_was_read_and_changed_and_how_to_go_on(tmp_path: Path) -> None:
    UserFactory(username="root", is_superuser=True)
    released_batch(2)
    send()
    forget()
    assert "Essai\u00a0: rien n’a été écrit" in run("--by", "root", "--dry-run")
    elsewhere = tmp_path / "elsewhere"
    engine().journal_dir.rename(elsewhere)
    answer = json.loads(run("--by", "root", "--dir", str(elsewhere), "--json"))
    assert (answer["settled"], answer["written"], answer["intents"]) == ({"ACCEPTED": 2}, 2, 2)
    elsewhere.rename(engine().journal_dir)
    told = run("--by", "root")
    assert "Remises à jour\u00a0: aucune" in told
    assert "resume_sending" in told
    assert "en pause" not in told, "nothing was brought forward"
    for blank in ("", "   "):
        with pytest.raises(WrongUse, match="dites pourquoi"):
            run("--by", "root", "--journal-lost", blank)
    with pytest.raises(WrongUse, match="n’est pas un dossier"):
        run("--by", "root", "--dir", str(elsewhere))
    forget()
    told = run("--by", "root")
    assert "2 acceptées par le serveur" in told
    assert "Les lots en cours sont en pause" in told


def test_the_command_fails_where_somebody_is_unknown_and_needs_the_right_to_stop() -> None:
    UserFactory(username="root", is_superuser=True)
    UserFactory(username="nobody")
    someone = due_file("07001234")
    released_batch()
    send()
    forget()
    with pytest.raises(Failed, match="stop_sending"):
        run("--by", "nobody")
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE registry_intermediary SET orias_number = '07999999' WHERE id = %s", [someone.pk])
        cursor.execute("SET session_replication_role = DEFAULT")
    with pytest.raises(Failed, match="07001234"):
        run("--by", "root")


def test_i13_an_identity_made_anew_wants_the_ledger_to_hold_what_the_journal_knows() -> None:
    """Fails without `require_departures_known` in `_require_reconciled`: the marks stand where the journal ends, and
    the notices are gone."""
    due_file("07001234")
    released_batch()
    send()
    assert not reconciled().changed
    forget_the_ledger_but_not_the_marks()
    lose_the_row(SenderIdentity)
    lose_the_row(StopSwitch)
    with pytest.raises(ReminderError, match=r"1 départ que la base ne connaît pas .*07001234.*reconcile_journal"):
        resume_sending(by=person("planner"), now=NOW, engine=engine())
    assert not SenderIdentity.objects.exists()
    assert counted(reconciled()) == {"ACCEPTED": 1}
    assert resume_sending(by=person("planner"), now=NOW, engine=engine()) is Resumed.ARMED


@pytest.mark.parametrize("no_file", [False, True])
def test_i13_nor_is_sending_opened_or_a_machine_enrolled_over_lost_notices(no_file: bool) -> None:
    """Fails without the first `require_departures_known` of `_rearm`."""
    released_batch(1)
    send()
    forget_the_ledger_but_not_the_marks()
    if no_file:
        engine().epoch_file.unlink()
    with pytest.raises(ReminderError, match="que la base ne connaît pas"):
        resume_sending(by=person("planner"), now=NOW, engine=engine())


def forget_the_ledger_but_not_the_marks() -> None:
    """Notices deleted by somebody who may switch the triggers off."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE reminders_batch CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")
