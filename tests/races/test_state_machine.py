"""I1 to I8 after every step of whatever may happen, in any order: a state machine over the real database.

`--hypothesis-profile=long` looks for longer; `--hypothesis-seed=N` replays a run.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import TransactionTestCase
from factory.base import FactoryMetaClass
from hypothesis import HealthCheck, Phase, core, seed
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from registry.actions import merge_intermediaries, undo_merge
from registry.actions.recording import RegisterError
from registry.clock import local_day
from registry.findings import refresh_findings
from registry.merges import preview_merge
from registry.models import Cover, Intermediary, IntermediaryMerge
from reminders.errors import ReminderError
from reminders.models import Batch, DomainPace, LeftOut, Notice, SenderIdentity, StopSwitch
from reminders.models.settlement import Decision
from reminders.planning.approval import approve_batch, cancel_batch, pause_batch, release_batch, resume_batch
from reminders.planning.freeze import hash_of_list
from reminders.planning.plan import plan_reminders
from reminders.planning.recall import recall_batch
from reminders.planning.settling import settle, settle_by_reports, uncertain
from reminders.planning.switch import stop_sending
from reminders.planning.watch import watch_releases
from reminders.rules.states import MAILED_STATES, WAITING_STATES, BatchState
from reminders.sending.arming import resume_sending
from reminders.sending.bounces import record_bounce
from reminders.sending.deliver import Delivery, Halt
from reminders.sending.memory import memories, passes_counted
from reminders.sending.reconcile import reconcile
from reminders.sending.reports import read_report
from tests import factories
from tests.database import put_back
from tests.factories import NOW
from tests.races import snapshots
from tests.races.world import BEFORE_THE_DOT, CRASHES, Worker, World
from tests.reminders.returned import ADDRESS, about
from tests.reminders.scenes import (
    LATER,
    LOST_AFTER_DOT,
    LOST_BEFORE_DOT,
    NO_SUCH_USER,
    SERVER_DOWN,
    due_file,
    elsewhere,
    engine,
    person,
    renew,
)

FILES = 4
OVER = [BatchState.CANCELLED.value, BatchState.COMPLETED.value]
WAITING = {s.value for s in WAITING_STATES}
MAY_HAVE_LEFT = {s.value for s in MAILED_STATES} | {"SENDING"}
REPLIES = (LATER, NO_SUCH_USER, LOST_BEFORE_DOT, LOST_AFTER_DOT, SERVER_DOWN)
WHILE = ("claim.claim statement", "journal.begin fsync", "step.step intent", "journal.intend fsync", BEFORE_THE_DOT)
"""When others act on a worker that is on its way; none of these holds a row locked."""

files = st.integers(0, FILES - 1)
some_replies = st.lists(st.sampled_from([*REPLIES]), max_size=2)
crash_points = st.tuples(st.sampled_from(CRASHES), st.integers(1, 2))


class Register(RuleBasedStateMachine):
    """The register, its people and workers, and a world that keeps count."""

    outside: ClassVar[Path]
    runs: ClassVar[int] = 0

    @initialize(steps=st.sampled_from([(), (1, 2)]), past=st.integers(0, 3), replies=some_replies)
    def a_register(self, steps: tuple[int, ...], past: int, replies: list[Any]) -> None:
        """A few files that are due, in a database as migrated, with a journal of its own; in some runs with a past, as
        few would come so far."""
        type(self).runs += 1
        place = self.outside / str(self.runs)
        django_settings.JOURNAL_DIR, django_settings.EPOCH_FILE = place / "journal", place / "epoch"
        for made in vars(factories).values():
            if isinstance(made, FactoryMetaClass):
                made.reset_sequence(force=True)
        put_back(TransactionTestCase())
        self.planner, self.approver = person("planner"), person("approver")
        for number in range(FILES):
            # The last one may turn out to be the first: a person has one registration of a category.
            due_file(categories=["IOB" if number == FILES - 1 else "COA"])
        self.now, self.steps, self.world, self.workers = NOW, steps, World(), 0
        self.snapshot = self.restored = False
        self.returned = 0
        so_far = (self.back_up, lambda: self.a_list_is_corrected(replies), self.restore_and_reconcile)
        for happened in so_far[:past]:
            happened()

    # -- the register ----------------------------------------------------------------------------------------

    @rule(file=files, deposited=st.booleans())
    def completes(self, file: int, deposited: bool) -> None:
        self._complete(file, deposited)

    @rule(file=files)
    def loses_the_new_cover(self, file: int) -> None:
        Cover.objects.filter(intermediary=self._file(file), ends_on__gt=factories.TERM).update(status="WITHDRAWN")

    @rule(file=files, number=st.integers(1, 3))
    def moves_to_another_address(self, file: int, number: int) -> None:
        Intermediary.objects.filter(pk=self._file(file).pk).update(email=f"autre{number}@cabinet-{file}.example")

    @precondition(lambda self: not self.snapshot and Intermediary.objects.count() < FILES + 2)
    @rule()
    def somebody_new_is_due(self) -> None:
        due_file()

    @rule(the_first_is_kept=st.booleans())
    def two_numbers_are_one_person(self, the_first_is_kept: bool) -> None:
        both = [Intermediary.objects.order_by("id")[n].orias_number for n in (0, FILES - 1)]
        keep, drop = both if the_first_is_kept else reversed(both)
        with suppress(RegisterError):
            merge_intermediaries(
                by=self.planner, approved_by=self.approver, why="essai", now=self.now, day=local_day(self.now),
                keep=keep, drop=drop, preview_hash=preview_merge(keep, drop).hash,
            )  # fmt: skip

    @rule()
    def they_were_two_after_all(self) -> None:
        if merge := IntermediaryMerge.objects.filter(undone_at=None).last():
            with suppress(RegisterError):
                undo_merge(by=self.planner, why="essai", now=self.now, day=local_day(self.now), merge_id=merge.pk)

    # -- people ----------------------------------------------------------------------------------------------

    @rule()
    def plan(self) -> None:
        day = local_day(self.now)
        refresh_findings(as_of=day)
        plan = plan_reminders(day=day, now=self.now, engine=engine(release_steps=self.steps), by=self.planner)
        if plan.created and plan.batch:
            left_out = LeftOut.objects.filter(batch=plan.batch).count()
            assert plan.batch.planned + left_out == Intermediary.objects.count(), "I8"

    @rule(by_the_author=st.booleans())
    def approve(self, by_the_author: bool) -> None:
        for batch in Batch.objects.filter(state="DRAFT").order_by("id"):
            with suppress(ReminderError):
                by = self.planner if by_the_author else self.approver
                count, hashed = batch.planned, batch.hash
                approve_batch(batch_id=batch.pk, by=by, list_hash=hashed, count=count, now=self.now)
                assert not by_the_author, "I6: the author has approved"

    @rule()
    def release(self) -> None:
        self._each("APPROVED", lambda pk: release_batch(batch_id=pk, by=self.planner, now=self.now))

    @rule()
    def resume(self) -> None:
        self._each("PAUSED", lambda pk: resume_batch(batch_id=pk, by=self.planner, now=self.now, reason="essai"))

    @rule()
    def plan_to_release(self) -> None:
        """The whole way at once, so that many runs come to send."""
        self.plan()
        self.approve(by_the_author=False)
        self.release()

    @rule()
    def pause(self) -> None:
        self._each("RELEASING", lambda pk: pause_batch(batch_id=pk, by=self.planner))

    @rule()
    def cancel(self) -> None:
        self._each("PAUSED", lambda pk: cancel_batch(batch_id=pk, by=self.planner, now=self.now))

    @rule()
    def lets_an_uncertain_one_leave_again(self) -> None:
        """One that has left again since, as the journal knew after a restoration, is refused."""
        lost, again = uncertain().first(), Decision.SEND_AGAIN
        with suppress(ReminderError):
            if lost:
                settle(notice_id=lost.pk, decision=again, reason="le relais l’a perdu", by=self.planner, now=self.now)
                self.world.may_leave_again(lost)

    @rule()
    def holds_an_uncertain_one_for_sent(self) -> None:
        lost = uncertain().last()
        if lost:
            settle(notice_id=lost.pk, decision=Decision.AS_SENT, reason="vu au relais", by=self.planner, now=self.now)

    @rule()
    def recall(self) -> None:
        """A correction is planned for whoever got a mail of a list that is over."""
        for pk in Batch.objects.filter(kind="REMINDER", state__in=OVER).order_by("id").values_list("id", flat=True):
            with suppress(ReminderError):
                steps = engine(release_steps=self.steps)
                recall_batch(batch_id=pk, by=self.planner, now=self.now, engine=steps, reason="essai")

    @rule(replies=some_replies)
    def a_list_is_corrected(self, replies: list[Any]) -> None:
        """The whole way at once, and the one before it: many runs end before they come so far."""
        self.plan_to_release()
        self._work()
        self.pause()
        self.cancel()
        self.recall()
        self.approve(by_the_author=False)
        self.release()
        self._work(replies=replies)

    @rule()
    def stop(self) -> None:
        stop_sending(reason="essai", by=self.planner, now=self.now)

    @rule()
    def open_again(self) -> None:
        behind = self.restored and self._left_since_the_snapshot()
        with suppress(ReminderError):
            resume_sending(by=self.planner, now=self.now, engine=engine())
            assert not behind, "I13: open again, and the journal knows of mails that the ledger does not"
            self.restored = False

    # -- workers ---------------------------------------------------------------------------------------------

    @rule(messages=st.integers(1, 3), replies=some_replies, paced=st.booleans())
    def deliver(self, messages: int, replies: list[Any], paced: bool) -> None:
        self._work(messages=messages, replies=replies, pace=3_600_000 if paced else 0)

    @rule(crash=crash_points, replies=some_replies)
    def deliver_and_crash(self, crash: tuple[str, int], replies: list[Any]) -> None:
        self._work(crash=crash, replies=replies)

    @rule(crash=crash_points)
    def a_second_worker_beside_one_that_crashes(self, crash: tuple[str, int]) -> None:
        second = self._worker()
        self._work(crash=crash, meanwhile=(BEFORE_THE_DOT, lambda: self._beside(second)))

    @rule(at=st.sampled_from(WHILE), file=files, deposited=st.booleans())
    def completes_under_a_worker(self, at: str, file: int, deposited: bool) -> None:
        self._work(meanwhile=(at, lambda: elsewhere(lambda: self._complete(file, deposited))))

    @rule(at=st.sampled_from(WHILE), what=st.sampled_from(["stop", "pause"]))
    def is_stopped_under_a_worker(self, at: str, what: str) -> None:
        self._work(meanwhile=(at, lambda: elsewhere(getattr(self, what))))

    @rule()
    def leases_run_out(self) -> None:
        held = Notice.objects.filter(lease_until__isnull=False)
        held.update(lease_until=datetime(2000, 1, 1, tzinfo=NOW.tzinfo))

    @rule()
    def watch(self) -> None:
        """Who looks round lets a good step lead to the next one, and stops what stands still."""
        watch_releases(engine=engine(release_steps=self.steps), now=self.now, stalls=True)

    @rule(file=files)
    def a_mail_comes_back(self, file: int) -> None:
        left = Notice.objects.filter(intermediary=self._file(file), key__in=self.world.taken, attempts__gt=0)
        if notice := left.order_by("id").last():
            self.returned += 1
            report = about(notice).replace(ADDRESS.encode(), notice.email.encode())
            record_bounce(read_report(report.replace(b"<20260129", b"<%d" % self.returned)), now=self.now)
            settle_by_reports(now=self.now)

    # -- time ------------------------------------------------------------------------------------------------

    @rule(hours=st.sampled_from([1, 5, 24, 24 * 5, 24 * 16]))
    def clock_forward(self, hours: int) -> None:
        self.now = min(self.now + timedelta(hours=hours), NOW + timedelta(days=45))

    @rule()
    def clock_back_a_day(self) -> None:
        self.now -= timedelta(days=1)

    # -- a lost database -------------------------------------------------------------------------------------

    @precondition(lambda self: not self.restored)
    @rule()
    def back_up(self) -> None:
        snapshots.take()
        self.snapshot = True

    @precondition(lambda self: self.snapshot)
    @rule()
    def restore(self) -> None:
        connection.close()
        snapshots.restore()
        # A machine that has never held the identity has sent nothing either: there it is a new register.
        self.restored = django_settings.EPOCH_FILE.exists()
        self.deliver(messages=3, replies=[], paced=False)

    @precondition(lambda self: self.snapshot)
    @rule()
    def put_back_the_disks(self) -> None:
        """From below the database: the identity is as it was, but passes since are remembered outside, and so is who
        was armed since. Where there was neither, nothing has left either."""
        connection.close()
        armed = SenderIdentity.objects.get().epoch
        snapshots.put_back_the_disks()
        epoch, counted = SenderIdentity.objects.get().epoch, passes_counted()
        passed = any(seen.epoch == str(epoch) and counted < seen.passes for seen in memories(engine()))
        self.restored |= passed or epoch != armed
        self.deliver(messages=3, replies=[], paced=False)

    @precondition(lambda self: self.restored)
    @rule()
    def reconcile(self) -> None:
        self._reconcile()
        self.open_again()

    @precondition(lambda self: self.snapshot)
    @rule()
    def restore_and_reconcile(self) -> None:
        """The whole way at once."""
        self.restore()
        self.reconcile()

    # -- what must always hold -------------------------------------------------------------------------------

    @invariant()
    def nobody_is_written_to_twice(self) -> None:
        """I2, I4."""
        assert self.world.left_too_often() == [], "I2"

    @invariant()
    def the_ledger_says_what_left(self) -> None:
        """I4, I5; a restored ledger says it once it is reconciled."""
        if self.restored:
            return
        # What was skipped and planned again has two notices of one key.
        known = Notice.objects.filter(key__in=self.world.taken, state__in=MAY_HAVE_LEFT)
        assert set(self.world.taken) == set(known.values_list("key", flat=True)), "I4"
        accepted = set(Notice.objects.filter(state="ACCEPTED").values_list("key", flat=True))
        assert accepted <= set(self.world.taken), "I4: accepted, and never left"

    @invariant()
    def few_are_uncertain(self) -> None:
        """I4: one a crash, one each time the server went away after the final dot."""
        assert Notice.objects.filter(state="UNCERTAIN").count() <= self.world.doubts, "I4"

    @invariant()
    def every_list_is_as_approved_and_adds_up(self) -> None:
        """I5, I6, I8."""
        for batch in Batch.objects.all():
            assert Notice.objects.filter(batch=batch).count() == batch.planned, "I8"
            assert not batch.hash or hash_of_list(batch) == batch.hash, "I5"
            assert batch.approved_by_id is None or batch.approved_by_id != batch.author_id, "I6"

    def teardown(self) -> None:
        """In the end, with all well again, whatever was let go comes to its end: nobody is lost (I4)."""
        if hasattr(self, "world"):
            self._all_well_again()
            assert not StopSwitch.objects.get().stopped, "I13: reconciled, and still off"
            for _ in range(4):
                self.leases_run_out()
                self._work()
                self.resume()
            waiting = Notice.objects.filter(state__in=WAITING, batch__state__in=["RELEASING", "PAUSED", "COMPLETED"])
            assert list(waiting.values_list("key", "state")) == [], "I4: lost"
            self.nobody_is_written_to_twice()
            self.the_ledger_says_what_left()
            self.few_are_uncertain()

    # -- hands -----------------------------------------------------------------------------------------------

    def _file(self, number: int) -> Intermediary:
        file = Intermediary.objects.order_by("id")[number]
        return file.merged_into or file

    def _complete(self, file: int, deposited: bool) -> None:
        someone = self._file(file)
        if not someone.covers.filter(ends_on__gt=factories.TERM, status__in=["ACCEPTED", "DEPOSITED"]).exists():
            renew(someone, **({"deposited": True} if deposited else {}))

    def _each(self, state: str, act: Callable[[int], Any]) -> None:
        for pk in list(Batch.objects.filter(state=state).order_by("id").values_list("id", flat=True)):
            with suppress(ReminderError):
                act(pk)

    def _worker(self, **values: Any) -> Worker:
        self.workers += 1
        return Worker(self.world, f"w:{self.workers}:x", self.now, **values)

    def _work(self, **values: Any) -> None:
        """One run; a database that was put back sends nothing (I13), and nor does anything that was stopped (I7)."""
        taken, stopped = self.world.taken.total(), StopSwitch.objects.get().stopped
        done = self._worker(**values).run()
        if self.restored or stopped:
            assert self.world.taken.total() == taken, "I7, I13"
        if self.restored and isinstance(done, Delivery):
            assert done.halt is Halt.IDENTITY, f"I13: {done}"

    def _beside(self, worker: Worker) -> None:
        elsewhere(worker.run)

    def _reconcile(self) -> None:
        with suppress(ReminderError):
            reconcile(directory=django_settings.JOURNAL_DIR, by=self.planner, now=self.now, engine=engine())

    def _left_since_the_snapshot(self) -> bool:
        """Whether the journal holds more than the ledger: nobody has reconciled since."""
        keys = set(Notice.objects.filter(state__in=MAY_HAVE_LEFT).values_list("key", flat=True))
        return not set(self.world.taken) <= keys

    def _all_well_again(self) -> None:
        self.leases_run_out()
        self._reconcile()
        self.open_again()
        Notice.objects.filter(not_before__isnull=False, live=True).update(not_before=NOW - timedelta(days=30))
        DomainPace.objects.update(not_before=NOW - timedelta(days=30))
        self.resume()


def settings_of_this_run() -> hypothesis_settings:
    """Short in the suite; as the profile says where one is asked for."""
    if hypothesis_settings.get_current_profile_name() == "long":
        return hypothesis_settings()
    return hypothesis_settings(
        max_examples=15,
        phases=(Phase.generate,),
        stateful_step_count=20,
        deadline=None,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.django_db(transaction=True)
@pytest.mark.slow
def test_i1_to_i8_hold_whatever_happens_in_any_order(tmp_path: Path) -> None:
    """Fails where a worker's death, a second worker, a clock or a restoration makes one of I1 to I8 false."""
    forced: Any = core.global_force_seed
    number: int = random.getrandbits(32) if forced is None else forced
    Register.outside = tmp_path
    snapshots.make()
    try:
        run_state_machine_as_test(seed(number)(Register), settings=settings_of_this_run())
    except BaseException as error:
        error.add_note(f"seed {number}; again: pytest {__file__} --hypothesis-seed={number}")
        raise
    finally:
        snapshots.forget()
