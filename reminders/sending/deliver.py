"""Deliver: claim, decide again, commit the intent, hand over to the mail server, commit the outcome.

What is left to chance, and how often: a worker killed between the commit of its intent and that of the outcome leaves
one UNCERTAIN notice, which nobody sends again but a person (RFC 1047: after the final dot both sides may hold it).
"""

from __future__ import annotations

import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.db import connection
from psycopg.errors import LockNotAvailable

from registry.clock import local_day
from registry.facts import load_reference
from reminders.config import EngineSettings
from reminders.ledger import load_policy
from reminders.planning.approval import end_steps
from reminders.planning.assess import Circumstances
from reminders.planning.plan import expire
from reminders.planning.watch import raise_alarm
from reminders.rules.eligibility import SkipReason
from reminders.rules.send_window import is_open
from reminders.rules.smtp_replies import SmtpReply, Stage, Verdict
from reminders.rules.states import NoticeState
from reminders.rules.watch import Alert, smtp_down, uncertain_running
from reminders.sending.claim import DOT_BEFORE, LEASE, Claimed, claim, reap, return_claims, settle_cancelled
from reminders.sending.company import judged_outcome
from reminders.sending.delivery import Delivery, Halt
from reminders.sending.domain_pace import learn_pace
from reminders.sending.identity import give_back_connection, journal_of, take_identity
from reminders.sending.interrupts import Interrupts, interrupts_taken
from reminders.sending.journal import Journal, JournalError
from reminders.sending.outcome import Outcome, outcome_of, settle_claimed
from reminders.sending.pace import LONG, Pacer
from reminders.sending.prepared import DATABASE_ERRORS
from reminders.sending.readying import OtherLetterhead, Ready, make_ready
from reminders.sending.step import Intent, Refusal, step, why_not
from reminders.sending.telling import close_journal, intent_told, outcome_told
from reminders.sending.transport import Transport

CHUNK, LARGEST_CHUNK = 25, 200
"""A worker claims few at first, so that a short list is shared, then twice as many each time: reading the files costs
the same for 25 as for 200."""
DATABASE_BACK_WITHIN, BETWEEN_LOOKS = timedelta(seconds=60), timedelta(seconds=0.5)
TRIES_ON_MOVING_FACTS, WHILE_FACTS_MOVE = 5, timedelta(minutes=5)
"""A file that is being changed all the time, or kept locked, is left alone for a while after so many tries."""

Clock = Callable[[], datetime]
Progress = Callable[[Delivery], None]

__all__ = ["Delivery", "Halt", "deliver"]


def deliver(
    *,
    worker: str,
    engine: EngineSettings,
    transport: Transport,
    clock: Clock,
    batch_id: int | None = None,
    budget: timedelta | None = None,
    on_progress: Progress = lambda _: None,
    monotonic: Callable[[], float] = time.monotonic,
) -> Delivery:
    """Send whatever may be sent now: one worker, until nothing is claimable, something says stop, or time is over.
    `on_progress` is called after each message, where the watch looks round: it must be quick. `monotonic` measures the
    `budget`, since `clock` may be set back.

    Must run outside any transaction: an intent that is not committed before SMTP protects nobody.
    """
    if connection.in_atomic_block:
        raise RuntimeError("deliver() must not run inside a transaction")
    connection.ensure_connection()
    started = clock()
    if trouble := take_identity(engine, now=started):
        return Delivery(halt=Halt.IDENTITY, detail=str(trouble))
    found_uncertain = reap(now=started)
    journal = journal_of(engine, worker)
    until = monotonic() + budget.total_seconds() if budget else math.inf
    sender = _Sender(worker, engine, transport, clock, journal, on_progress, monotonic, until)
    sender.delivery.counts[NoticeState.UNCERTAIN] += found_uncertain
    sender.delivery.counts[NoticeState.EXPIRED] += expire(now=started)
    try:
        with interrupts_taken() as sender.interrupts:
            while sender.one_chunk(batch_id):
                on_progress(sender.delivery)
    finally:
        transport.close()
        close_journal(journal, engine, now=clock())
        give_back_connection()
    # At the end, so that it also finds what this run gave back.
    sender.delivery.counts[NoticeState.CANCELLED] += settle_cancelled(now=clock())
    end_steps(batch_id, now=clock())
    return sender.delivery


@dataclass(slots=True)
class _Sender:
    """One worker's loop; `pending` is the outcome that the next commit takes along, `doubtful` an intent that may have
    been committed. `signed`: the connection bears the sender's signature; a new one does not. `unknown`: how many
    messages running, with none taken between, may or may not have left."""

    worker: str
    engine: EngineSettings
    transport: Transport
    clock: Clock
    journal: Journal
    on_progress: Progress
    monotonic: Callable[[], float]
    until: float
    delivery: Delivery = field(default_factory=Delivery)
    pending: Outcome | None = None
    doubtful: Intent | None = None
    signed: bool = True
    unknown: int = 0
    interrupts: Interrupts = field(default_factory=Interrupts)
    size: int = field(init=False)
    pacer: Pacer = field(init=False)
    envelope_sender: str = field(init=False)

    def __post_init__(self) -> None:
        self.size = CHUNK
        self.pacer = Pacer(self.engine.pace_per_hour)
        self.envelope_sender = self.engine.letterhead.envelope_sender

    def one_chunk(self, batch_id: int | None) -> bool:
        """Claim a few notices and bring each as far as it may go: whether there may be more."""
        now = self.clock()
        if not is_open(self.engine.window, now):
            self.delivery.halt = Halt.WINDOW
            return False
        if not self.signed and (trouble := take_identity(self.engine, now=now)):
            self.delivery.halt, self.delivery.detail = Halt.IDENTITY, str(trouble)
            return False
        self.signed = True
        claims = claim(worker=self.worker, size=self.size, now=now, batch_id=batch_id)
        self.size = min(2 * self.size, LARGEST_CHUNK)
        left = list(claims)
        # With a slow server, what the lease would not outlast goes back to the list in good time.
        enough = time.monotonic() + LEASE.total_seconds() / 2
        try:
            if claims:
                self.journal.begin(now)
            circumstances = self._circumstances(now)
            ready = make_ready(claims, circumstances, self.clock())
            while left and not self.delivery.halt and time.monotonic() < enough:
                self._one_notice(ready.popleft(), circumstances)
                left.pop(0)
                self.on_progress(self.delivery)
        except (JournalError, OtherLetterhead) as error:
            self._stop_for(error)
        except DATABASE_ERRORS:
            if connection.is_usable():
                raise
        finally:
            self._leave(left)
        return bool(claims) and not self.delivery.halt

    def _leave(self, left: list[Claimed]) -> None:
        """Write what is known and give the rest back. A database that is gone is waited for, well within the lease:
        what a worker knows and could not write would have to be called uncertain."""
        until = time.monotonic() + DATABASE_BACK_WITHIN.total_seconds()
        while True:
            try:
                self._flush()
                self._withdraw_doubtful()
                return_claims(left, worker=self.worker, now=self.clock())
                return
            except DATABASE_ERRORS:
                if connection.is_usable() or time.monotonic() > until:
                    raise
                connection.close()
                self.signed = False
                time.sleep(BETWEEN_LOOKS.total_seconds())

    def _withdraw_doubtful(self) -> None:
        """An intent whose commit was not answered may have been committed; nobody was spoken to, so it is taken
        back."""
        if self.doubtful is None:
            return
        claimed = self.doubtful.claimed
        nothing_said = SmtpReply(Stage.CONNECT, None, None, "the database was lost before the dialogue")
        number, now = claimed.attempts + 1, self.clock()
        self.pending = Outcome(
            claimed.id, claimed.fence, number, Verdict.DEFERRED, nothing_said, NoticeState.PLANNED, now
        )
        self._flush()
        self.doubtful = None

    def _circumstances(self, now: datetime) -> Circumstances:
        policy = load_policy(gap_days=self.engine.gap_days)
        return Circumstances(local_day(now), load_reference(), policy, self.engine.letterhead)

    def _one_notice(self, ready: Ready, circumstances: Circumstances) -> None:
        """Decide one notice until its file holds still, then send it, settle it or give it back."""
        for _ in range(TRIES_ON_MOVING_FACTS):
            if ready.reason:
                self._settle(ready, NoticeState.SKIPPED)
                return
            refusal = self._begin(ready, circumstances)
            if refusal is not Refusal.FACTS_MOVED:
                self._refused(ready, refusal)
                return
            circumstances = self._circumstances(self.clock())
            ready = make_ready([ready.claimed], circumstances, self.clock()).popleft()
        self._give_back(ready.claimed, wait=WHILE_FACTS_MOVE)

    def _begin(self, ready: Ready, circumstances: Circumstances) -> Refusal | None:
        """Wait for the pace, commit the intent, send. None where it was sent, else why it did not begin."""
        now = self._await_departure()
        if now is None:
            return Refusal.HELD
        if now > ready.claimed.not_after:
            return Refusal.TOO_LATE
        if self.pacer.was_long_in_coming() or local_day(now) != circumstances.day:
            # Decided for another moment than that at which it would leave.
            return Refusal.FACTS_MOVED
        intent = Intent(ready.claimed, ready.one.facts.facts_version, circumstances.reference.version)
        with self.interrupts:
            number = self._commit(intent, now)
            if number is not None:
                self.pacer.use()
                self._send(ready, number)
        return None if number is not None else why_not(ready.claimed, now=now)

    def _await_departure(self) -> datetime | None:
        """The instant to leave at, or None where the worker must stop instead."""
        now = self.clock()
        departure = self.pacer.next_departure(now)
        if departure is None:
            self.delivery.halt = Halt.NO_PACE
            return None
        if departure - now > LONG:
            self._flush()
        if self.monotonic() + (departure - now).total_seconds() >= self.until:
            self._flush()
            self.pacer.put_back(departure)
            self.delivery.halt = self.delivery.halt or Halt.BUDGET
            return None
        now = self.pacer.reach(departure, now, self.clock)
        if not is_open(self.engine.window, now):
            self.delivery.halt = Halt.WINDOW
            return None
        return now

    def _send(self, ready: Ready, number: int) -> None:
        """Hand one message over; from here to the next commit a crash leaves one UNCERTAIN notice."""
        claimed = ready.claimed
        deadline = time.monotonic() + DOT_BEFORE.total_seconds()
        if not self._journalled(ready, number, self.clock()):
            return
        reply = self.transport.send(self.envelope_sender, claimed.email, ready.letter, deadline, ready.envelope_id)
        self.pending = judged_outcome(claimed, number, reply, now=self.clock(), jitter=random.random())  # noqa: S311
        self.journal.tell(outcome_told(claimed, self.pending))
        if self.pending.verdict is Verdict.SYSTEMIC:
            self._hold(claimed, Halt.SMTP_DOWN, smtp_down(reply.told))
        elif self._runs_uncertain(self.pending.verdict):
            self._hold(claimed, Halt.HELD, uncertain_running(self.unknown, reply.told))
        elif self.pending.verdict is Verdict.DEFERRED:
            learn_pace(claimed, reply, now=self.pending.finished_at, jitter=random.random())  # noqa: S311

    def _journalled(self, ready: Ready, number: int, now: datetime) -> bool:
        """Have the intent on disk outside the database (I13). Where it cannot be, the notice goes back unsent."""
        try:
            self.journal.intend(intent_told(ready.claimed, ready.one, number, now))
        except JournalError as error:
            reply = SmtpReply(Stage.CONNECT, None, None, f"journal\u00a0: {error}")
            self.pending = outcome_of(ready.claimed, number, reply, now=now, jitter=0)
            self.journal.tell(outcome_told(ready.claimed, self.pending))
            self._stop_for(error)
            return False
        return True

    def _stop_for(self, error: JournalError | OtherLetterhead) -> None:
        self.delivery.halt = Halt.JOURNAL if isinstance(error, JournalError) else Halt.LETTERHEAD
        self.delivery.detail = str(error)

    def _commit(self, intent: Intent | None, now: datetime | None) -> int | None:
        """One commit: the pending outcome and, if given, the next intent."""
        done, self.pending = self.pending, None
        try:
            number, settled = step(done=done, intent=intent, now=now, worker=self.worker)
        except LockNotAvailable:
            # Somebody is changing the next file: the outcome does not wait for them, and the file is read again.
            self.pending = done
            if intent is None:
                raise
            self._flush()
            return None
        except Exception:
            # The outcome must not be lost with the intent that failed: it is written alone when the chunk is left.
            self.pending = done
            self.doubtful = intent or self.doubtful
            raise
        if done and intent and not settled:
            # Alone it hangs on no other row; what a late worker tells changes nothing this time either.
            settled = step(done=done, intent=None, now=None, worker=self.worker)[1]
        if done and settled:
            self.delivery.counts[done.state] += 1
        return number

    def _flush(self) -> None:
        if self.pending:
            self._commit(None, None)
            try:
                self.journal.flush()
            except JournalError as error:
                self._stop_for(error)

    def _runs_uncertain(self, verdict: Verdict) -> bool:
        """Whether so many messages running are uncertain that the next would be too: the watch sees it a second late,
        and each of them is a person's to settle."""
        self.unknown = 0 if verdict is Verdict.ACCEPTED else self.unknown + (verdict is Verdict.UNCERTAIN)
        return verdict is Verdict.UNCERTAIN and self.unknown >= self.engine.watch.at_least

    def _hold(self, claimed: Claimed, halt: Halt, alert: Alert) -> None:
        """The mail server serves nobody, or does not say what it does: hold the batch and raise an alarm."""
        self._flush()
        self.delivery.halt, self.delivery.detail = halt, alert.message
        raise_alarm(batch_id=claimed.batch_id, alert=alert, now=self.clock())

    def _refused(self, ready: Ready, refusal: Refusal | None) -> None:
        """Act on why an intent did not begin (None: it did)."""
        if refusal is Refusal.TOO_LATE:
            self._settle(ready, NoticeState.EXPIRED)
        elif refusal is Refusal.UNHELD:
            self._settle(ready, NoticeState.SKIPPED, SkipReason.FACTS_CHANGED, refusal=refusal.value)
        elif refusal in (Refusal.HELD, Refusal.DISARMED):
            self.delivery.halt = self.delivery.halt or (Halt.IDENTITY if refusal is Refusal.DISARMED else Halt.HELD)
            self._give_back(ready.claimed)

    def _give_back(self, claimed: Claimed, wait: timedelta | None = None) -> None:
        # First what is known of the message before: a kill in between would leave it uncertain.
        self._flush()
        now = self.clock()
        return_claims([claimed], worker=self.worker, now=now, not_before=now + wait if wait else None)

    def _settle(self, ready: Ready, state: NoticeState, reason: SkipReason | None = None, **more: str) -> None:
        """End a claimed notice without sending it; nothing happens where it is no longer in this worker's hands."""
        one, why = ready.one, ready.reason or reason
        evidence = {"facts_version": one.facts.facts_version, "status": one.decision.state.status} | more
        settled = settle_claimed(ready.claimed, state, reason=why, evidence=evidence, now=self.clock())
        self.delivery.counts[state] += settled
