"""What becomes of a notice: by a server's reply, or without one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reminders.models import Notice
from reminders.rules.eligibility import SkipReason
from reminders.rules.retries import next_attempt
from reminders.rules.smtp_replies import SmtpReply, Verdict, classify
from reminders.rules.states import NoticeState
from reminders.sending.claim import Claimed

_STATES = {
    Verdict.ACCEPTED: NoticeState.ACCEPTED,
    Verdict.REFUSED_ADDRESS: NoticeState.REFUSED,
    Verdict.REFUSED_OURS: NoticeState.REFUSED,
    Verdict.UNCERTAIN: NoticeState.UNCERTAIN,
    # Nothing left and it is nobody's fault in particular: back in the list, the batch is held.
    Verdict.SYSTEMIC: NoticeState.PLANNED,
}
_SETTLED = frozenset({NoticeState.ACCEPTED, NoticeState.REFUSED, NoticeState.UNCERTAIN, NoticeState.EXPIRED})


@dataclass(frozen=True, slots=True)
class Outcome:
    """The end of one attempt. `not_before` is when a deferred notice may be tried again."""

    notice_id: int
    fence: int
    attempt: int
    verdict: Verdict
    reply: SmtpReply
    state: NoticeState
    finished_at: datetime
    not_before: datetime | None = None

    @property
    def settled_at(self) -> datetime | None:
        """When the notice came to its end, or None where it has not."""
        return self.finished_at if self.state in _SETTLED else None


def outcome_of(
    claimed: Claimed, attempt: int, reply: SmtpReply, *, now: datetime, jitter: float, verdict: Verdict | None = None
) -> Outcome:
    """The outcome of a reply, judged by itself unless a `verdict` is given: retries stay inside the wave's last useful
    instant, else the notice expires."""
    verdict = verdict or classify(reply)
    not_before = None
    if verdict is Verdict.DEFERRED:
        not_before = next_attempt(attempt, now, claimed.not_after, jitter)
        state = NoticeState.DEFERRED if not_before else NoticeState.EXPIRED
    else:
        state = _STATES[verdict]
    return Outcome(claimed.id, claimed.fence, attempt, verdict, reply, state, now, not_before)


def settle_claimed(
    claimed: Claimed, state: NoticeState, *, reason: SkipReason | None, evidence: dict[str, Any], now: datetime
) -> int:
    """End a claimed notice that was not sent; one too late says since when. Returns 0 where it is no longer in this
    worker's hands."""
    mine = Notice.objects.filter(id=claimed.id, fence=claimed.fence, state=NoticeState.CLAIMED.value)
    told = reason.value if reason else ""
    if state is NoticeState.EXPIRED:
        evidence = evidence | {"not_after": claimed.not_after.isoformat()}
    return mine.update(state=state.value, reason=told, evidence=evidence, settled_at=now, lease_until=None)
