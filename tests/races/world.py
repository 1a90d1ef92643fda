"""The world round the engine: a mail server that judges each message when it comes, and a worker that may crash.

What the world holds against the ledger is what really left. Whether a message was due is asked of the source rows by a
question of its own, at the instant at which its intent was committed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from unittest.mock import patch

from django.db import connection

from registry.models import Intermediary
from reminders.models import Notice, NoticeItem
from reminders.rules.identity import recall_key
from reminders.rules.smtp_replies import SmtpReply, Stage
from reminders.sending import deliver as engine_module
from reminders.sending.deliver import Delivery, deliver
from reminders.sending.identity import journal_of
from reminders.sending.journal import Journal
from tests.factories import TERM
from tests.races.arrows import ARROWS
from tests.races.seams import watched
from tests.reminders.scenes import ACCEPTED, Sent, engine

NEW = ("first", "beginning")
BEFORE_THE_DOT, AFTER_THE_DOT = "before the dot", "after the dot"
CRASHES = (
    BEFORE_THE_DOT,
    AFTER_THE_DOT,
    *(arrow.effect for arrow in ARROWS if not arrow.effect.startswith("transport.") and arrow.scene not in NEW),
)
"""Where a worker may die here; the dialogue is the world's own."""

# Somebody may be reminded of the RC Pro that ends in February while no paper for the time after is accepted or waits
# for us, and while no mail came back from their address; a correction is owed to the address of what it corrects.
# Written apart from the rules, and shorter, as the world's files are all of one kind.
_MAY_BE_WRITTEN_TO = """
SELECT i.orias_number, coalesce(w.email, i.email),
   CASE WHEN w.id IS NOT NULL THEN w.intermediary_id = i.id AND w.state IN ('ACCEPTED', 'UNCERTAIN') ELSE EXISTS (
       SELECT FROM registry_registration g
       WHERE g.intermediary_id = i.id AND i.merged_into_id IS NULL AND NOT EXISTS (
           SELECT FROM registry_cover c
           WHERE c.intermediary_id = i.id AND c.ends_on > %(term)s AND c.status IN ('ACCEPTED', 'DEPOSITED')
             AND g.category = ANY (c.categories)
       )
   ) AND NOT EXISTS (
       SELECT FROM reminders_bounce r JOIN reminders_notice m ON m.id = r.notice_id
       WHERE m.intermediary_id = i.id AND m.email = i.email AND r.kind = 'HARD_ADDRESS'
   ) AND NOT EXISTS (
       SELECT FROM reminders_notice m JOIN reminders_attempt a ON a.notice_id = m.id
       WHERE m.intermediary_id = i.id AND m.email = i.email AND a.verdict = 'REFUSED_ADDRESS'
   ) END,
   b.state = 'RELEASING' AND n.rank <= b.ceiling, b.approved_by_id IS NOT NULL AND b.approved_by_id <> b.author_id,
   (SELECT NOT stopped FROM reminders_stopswitch)
FROM reminders_notice n
JOIN reminders_batch b ON b.id = n.batch_id
JOIN registry_intermediary i ON i.id = n.intermediary_id
LEFT JOIN reminders_notice w ON w.id = n.corrects_id
WHERE n.state = 'SENDING' AND n.worker = %(worker)s
"""


class CrashError(BaseException):
    """SIGKILL, as far as one process can play it: from here on nothing that this worker tries has any effect."""


class BrokenError(AssertionError):
    """An invariant does not hold."""


@dataclass(frozen=True)
class Due:
    """What the source rows said at the commit of an intent."""

    number: str
    email: str
    due: bool
    released: bool
    by_two: bool
    sending_on: bool


@dataclass
class World:
    """All that left, ever; `doubts` counts what may have left without the ledger knowing, `again` how often a person
    let a mail (by its identity), its waves and its correction leave once more."""

    taken: Counter[str] = field(default_factory=Counter)
    waves: Counter[tuple[str, str, str, str]] = field(default_factory=Counter)
    again: Counter[str | tuple[str, str, str, str]] = field(default_factory=Counter)
    doubts: int = 0
    crashes: int = 0

    def may_leave_again(self, notice: Notice) -> None:
        """A person has decided so. Each mail of one identity is owed a correction."""
        self.again[notice.key] += 1
        self.again[recall_key(notice.key)] += 1
        for kind, term, wave in notice.discharges.values_list("kind", "term", "wave"):
            self.again[(notice.intermediary.orias_number, kind, str(term), wave)] += 1

    def left_too_often(self) -> list[object]:
        """Identities and waves that left more often than once and each time that a person let them."""
        left: list[tuple[str | tuple[str, str, str, str], int]] = [*self.taken.items(), *self.waves.items()]
        return [what for what, times in left if times > 1 + self.again[what]]

    def take(self, sent: Sent, due: Due | None) -> None:
        """A message whose final dot came, and that was not refused."""
        if due is None or due.email != sent.recipient:
            raise BrokenError(f"I1: {sent.recipient} was written to, and the file says {due}")
        if not due.due:
            raise BrokenError(f"I1, I3: {sent.recipient} was written to, and nothing was owed")
        if not (due.released and due.by_two):
            raise BrokenError(f"I5, I6: {sent.recipient} was written to without a release or a second person")
        if not due.sending_on:
            raise BrokenError(f"I7: {sent.recipient} was written to while sending was off")
        self.taken[sent.key] += 1
        items = NoticeItem.objects.filter(notice__key=sent.key, held=True)
        given_up = Intermediary.objects.filter(merged_into__orias_number=due.number)
        for kind, term, wave in items.values_list("kind", "term", "wave"):
            self.waves[(due.number, kind, str(term), wave)] += 1
            for other in given_up.values_list("orias_number", flat=True):
                if self.waves[told := (other, kind, str(term), wave)] > self.again[told]:
                    raise BrokenError(f"I2: {due.number} was told of {wave} under {other}, and is told again")


@dataclass
class Worker:
    """One run of deliver() in this world.

    `messages`: after so many its time is over. `crash`: the effect at whose n-th time it dies. `meanwhile`: what others
    do at an effect of its, once.
    """

    world: World
    name: str
    now: datetime
    messages: int = 99
    crash: tuple[str, int] | None = None
    meanwhile: tuple[str, Callable[[], None]] | None = None
    replies: list[SmtpReply] = field(default_factory=list)
    pace: int = 0
    sent: int = 0
    dead: bool = False
    due: Due | None = None
    journal: Journal | None = None

    def run(self) -> Delivery | None:
        """What it did, or None where it died."""
        with watched(self._before, self._after, self._wants), self._journal_known():
            try:
                return deliver(
                    worker=self.name,
                    engine=engine(pace_per_hour=self.pace),
                    transport=self,
                    clock=self._clock,
                    budget=timedelta(hours=1),
                    monotonic=lambda: self._clock().timestamp(),
                )
            except CrashError:
                self.world.crashes += 1
                self.world.doubts += 1
        self._bury()
        return None

    # -- a transport ---------------------------------------------------------------------------------------------

    def send(
        self, sender: str, recipient: str, message: bytes, deadline: float | None = None, envelope_id: str = ""
    ) -> SmtpReply:
        """The dialogue: a reply from the script, else the message is taken."""
        self._after(BEFORE_THE_DOT)
        reply = self.replies.pop(0) if self.replies else ACCEPTED
        if reply.stage is Stage.DOT and (reply.code is None or reply.code == 250):  # noqa: PLR2004
            self.world.take(Sent(sender, recipient, message), self.due)
            self.world.doubts += reply.code is None
        self.sent += 1
        self._after(AFTER_THE_DOT)
        return reply

    def close(self) -> None:
        """Nothing was opened."""

    # -- what happens to it --------------------------------------------------------------------------------------

    def _clock(self) -> datetime:
        return self.now + timedelta(hours=2 if self.sent >= self.messages else 0)

    def _wants(self, effect: str) -> bool:
        """Whether it dies in the midst of this one: what it writes whole before that counts too."""
        if not self.crash or self.crash[0] != effect:
            return False
        name, left = self.crash
        self.crash = (name, max(left - 1, 1))
        return left == 1

    def _before(self, _: str) -> None:
        if self.dead:
            raise CrashError

    def _after(self, effect: str) -> None:
        self._before(effect)
        if effect.startswith("step.step") and "intent" in effect:
            self.due = self._look()
        if self.meanwhile and self.meanwhile[0] == effect:
            act, self.meanwhile = self.meanwhile[1], None
            act()
        if self.crash and self.crash[0] == effect:
            name, left = self.crash
            self.crash = (name, left - 1)
            if left == 1:
                self.dead = True
                raise CrashError

    def _look(self) -> Due | None:
        with connection.cursor() as cursor:
            cursor.execute(_MAY_BE_WRITTEN_TO, {"term": TERM, "worker": self.name})
            row = cursor.fetchone()
        return Due(*row) if row else None

    @contextmanager
    def _journal_known(self) -> Iterator[None]:
        def known(*arguments: object) -> Journal:
            self.journal = journal_of(*arguments)  # type: ignore[arg-type]
            return self.journal

        with patch.object(engine_module, "journal_of", known):
            yield

    def _bury(self) -> None:
        """What the kernel does: the connection and the journal's lock are let go."""
        with suppress(Exception):
            connection.close()
        if self.journal:
            self.journal.close()
