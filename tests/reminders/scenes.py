"""Scenes for tests of the engine: a small register, batches moved by the real functions, a transport that records.

The clock of the scenes stands at NOW, a working day on which a wave of the campaign of 2026 runs. Whatever moves a
batch is the code that people and workers use; only rows of the register come from factories.
"""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from typing import Any, TypeVar

from django.contrib.auth.models import User
from django.db import connection
from django.db.models import Model

from registry.clock import local_day
from registry.findings import refresh_findings
from registry.models import Cover, Intermediary
from reminders.config import EngineSettings, engine_settings
from reminders.models import Attempt, Batch, Notice
from reminders.planning.approval import approve_batch, release_batch
from reminders.planning.plan import plan_reminders
from reminders.rules.send_window import ALWAYS
from reminders.rules.smtp_replies import SmtpReply, Stage
from reminders.sending.deliver import Delivery, deliver
from reminders.sending.identity import load_armed, sign
from tests.factories import NOW, CoverFactory, IntermediaryFactory, RegistrationFactory, UserFactory

DAY = local_day(NOW)

ACCEPTED = SmtpReply(Stage.DOT, 250, "2.0.0", "2.0.0 queued as 4F2A")
NO_SUCH_USER = SmtpReply(Stage.RCPT, 550, "5.1.1", "5.1.1 no such user")
POLICY = SmtpReply(Stage.DOT, 550, "5.7.1", "5.7.1 message refused by policy")
LATER = SmtpReply(Stage.RCPT, 451, "4.7.1", "4.7.1 greylisted, try again later")
LOST_BEFORE_DOT = SmtpReply(Stage.BODY, None, None, "ConnectionResetError: the server closed the connection")
LOST_AFTER_DOT = SmtpReply(Stage.DOT, None, None, "ConnectionResetError: the server closed the connection")
SERVER_DOWN = SmtpReply(Stage.CONNECT, None, None, "ConnectionRefusedError: [Errno 111] Connection refused")


# --- the register ------------------------------------------------------------------------------------------


def due_file(
    number: str | None = None,
    *,
    categories: Iterable[str] = ("COA",),
    email: str | None = None,
    **registration: Any,
) -> Intermediary:
    """Someone whose accepted cover ends on 28 February 2026 and who has filed nothing since.

    `registration` goes to the RegistrationFactory (`with_funds=True` …).
    """
    named = {"orias_number": number, "email": email}
    person = IntermediaryFactory.create(**{k: v for k, v in named.items() if v is not None})
    wanted = tuple(categories)
    for category in wanted:
        filer = "ASSOCIATION" if category == "CIF" else "SELF"
        RegistrationFactory.create(intermediary=person, category=category, **{"filer": filer, **registration})
    CoverFactory.create(intermediary=person, imported=True, categories=sorted(wanted))
    return person


def renew(person: Intermediary, **cover: Any) -> Cover:
    """The paper that was missing: accepted, unless `cover` says otherwise (`deposited=True`)."""
    categories = sorted(person.registrations.values_list("category", flat=True))
    made: Cover = CoverFactory.create(intermediary=person, renewed=True, categories=categories, **cover)
    return made


def complete_file(number: str | None = None, **values: Any) -> Intermediary:
    """Someone who has renewed already."""
    person = due_file(number, **values)
    renew(person)
    return person


# --- batches -----------------------------------------------------------------------------------------------


def engine(**changes: Any) -> EngineSettings:
    """The settings of the tests: window always open, no pace, no steps, unless `changes` name others."""
    return replace(engine_settings(), **{"window": ALWAYS, "pace_per_hour": 0, "release_steps": (), **changes})


def person(username: str) -> User:
    """A member of staff of that name."""
    user = User.objects.filter(username=username).first()
    return user or UserFactory.create(username=username)


def planned_batch(day: date = DAY, by: User | None = None, *, now: datetime = NOW, **changes: Any) -> Batch:
    """A draft of everyone due on `day`, by `by` (default: a planner); `changes` go to `engine`."""
    refresh_findings(as_of=day)
    plan = plan_reminders(day=day, now=now, engine=engine(**changes), by=by or person("planner"))
    assert plan.batch is not None, f"nobody is due: {plan.tally}"
    return plan.batch


def approved_batch(*, now: datetime = NOW, **changes: Any) -> Batch:
    """A batch of everyone due, approved by a second person."""
    batch = planned_batch(local_day(now), now=now, **changes)
    return approve_batch(batch_id=batch.pk, by=person("approver"), list_hash=batch.hash, count=batch.planned, now=now)


def released_batch(n: int = 0, *, now: datetime = NOW, **changes: Any) -> Batch:
    """A batch of everyone due, `n` new files among them, whose first step may leave."""
    for _ in range(n):
        due_file()
    batch = approved_batch(now=now, **changes)
    return release_batch(batch_id=batch.pk, by=person("planner"), now=now)


# --- sending -----------------------------------------------------------------------------------------------


@dataclass
class Clock:
    """A clock that stands still until it is told to go on."""

    now: datetime

    def __call__(self) -> datetime:
        return self.now

    def forward(self, by: timedelta) -> None:
        """Let time pass."""
        self.now += by


def clock_at(instant: datetime = NOW) -> Clock:
    """A clock standing at `instant`."""
    return Clock(instant)


@dataclass(frozen=True)
class Sent:
    """One message as the transport was given it."""

    sender: str
    recipient: str
    message: bytes

    @property
    def key(self) -> str:
        """Its X-Reminder-Key."""
        return header(self.message, "X-Reminder-Key")


def header(message: bytes, name: str) -> str:
    """The value of one header line, or nothing."""
    head = message.partition(b"\r\n\r\n")[0].decode("ascii").split("\r\n")
    return next((line.partition(": ")[2] for line in head if line.lower().startswith(f"{name.lower()}:")), "")


@dataclass
class RecordingTransport:
    """Keeps what it is given and answers from a script: `replies` in turn, then `always`.

    `before` is called with the number of messages already sent, before each answer: where a test lets the world
    change between the commit of an intent and the end of SMTP.
    """

    replies: list[SmtpReply] = field(default_factory=list)
    always: SmtpReply = ACCEPTED
    before: Callable[[int], None] = lambda _: None
    sent: list[Sent] = field(default_factory=list)
    closed: int = 0

    def send(
        self, sender: str, recipient: str, message: bytes, deadline: float | None = None, envelope_id: str = ""
    ) -> SmtpReply:
        """Record, and answer."""
        assert deadline is not None, "no message may be sent without a deadline"
        assert not connection.in_atomic_block, "SMTP inside a transaction"
        self.before(len(self.sent))
        self.sent.append(Sent(sender, recipient, message))
        return self.replies.pop(0) if self.replies else self.always

    def close(self) -> None:
        """Count how often it was ended."""
        self.closed += 1

    @property
    def recipients(self) -> list[str]:
        """To whom, in order."""
        return [s.recipient for s in self.sent]


def send(
    transport: RecordingTransport | None = None,
    *,
    clock: Callable[[], datetime] | None = None,
    worker: str = "test-worker",
    batch: Batch | None = None,
    budget: timedelta | None = None,
    **changes: Any,
) -> Delivery:
    """Run the real deliver() once, as one worker; the time it is given goes by its clock, which is not set back."""
    clock = clock or clock_at()
    return deliver(
        worker=worker,
        engine=engine(**changes),
        transport=transport if transport is not None else RecordingTransport(),
        clock=clock,
        batch_id=batch.pk if batch else None,
        budget=budget,
        monotonic=lambda: clock().timestamp(),
    )


# --- what the ledger holds ---------------------------------------------------------------------------------


def states(batch: Batch) -> Counter[str]:
    """How many notices of a batch are in each state."""
    return Counter(Notice.objects.filter(batch=batch.pk).values_list("state", flat=True))


def notice_of(person: Intermediary) -> Notice:
    """The one notice of somebody."""
    return Notice.objects.get(intermediary=person)


def verdicts(batch: Batch) -> Counter[str]:
    """How many attempts of a batch ended in each way; "" where none is known."""
    return Counter(Attempt.objects.filter(notice__batch=batch.pk).values_list("verdict", flat=True))


def run_leases_out(batch: Batch) -> None:
    """Let every lease of a batch be over, as if its workers had been dead for long."""
    held = Notice.objects.filter(batch=batch.pk, lease_until__isnull=False)
    held.update(lease_until=datetime(2000, 1, 1, tzinfo=NOW.tzinfo))


# --- others at work at the same time -----------------------------------------------------------------------

T = TypeVar("T")
PATIENCE = 20.0
"""Seconds after which a thread of a test is taken to hang."""


def at_once(*works: Callable[[], T]) -> list[T | Exception]:
    """Start all in threads of their own, each on a connection of its own, at the same instant.

    Returns what each returned or raised, in their order.
    """
    outcomes: list[T | Exception] = [RuntimeError("the thread hung")] * len(works)
    start = threading.Barrier(len(works))

    def run(place: int, work: Callable[[], T]) -> None:
        try:
            connection.ensure_connection()
            start.wait(PATIENCE)
            outcomes[place] = work()
        except Exception as error:
            outcomes[place] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(i, w), daemon=True) for i, w in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    return outcomes


def lose_the_row(of: type[Model]) -> None:
    """As nobody can by plain SQL: the database refuses to delete a control's only row. A restoration may lack it."""
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(f"DELETE FROM {of._meta.db_table}")
        cursor.execute("SET session_replication_role = DEFAULT")


def elsewhere(work: Callable[[], T]) -> T:
    """Do something on another connection, as another process would, and wait for it."""
    (outcome,) = at_once(work)
    if isinstance(outcome, Exception):
        raise outcome
    return outcome


def sign_as_the_sender() -> None:
    """Sign this connection, as `deliver` does before it begins: for a test that takes a step by itself."""
    armed = load_armed()
    assert armed is not None
    sign(armed.epoch, armed.version)
