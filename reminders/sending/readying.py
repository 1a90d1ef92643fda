"""Claimed notices decided again on the source rows of this moment, each with its letter or the reason not to leave."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from reminders.messages.message import compose
from reminders.messages.tokens import mail_token
from reminders.planning.assess import Assessed, Circumstances, assess
from reminders.planning.corrections import assess_recalls
from reminders.rules.eligibility import SkipReason
from reminders.sending.claim import Claimed
from reminders.sending.letterhead import OtherLetterhead, require_letterhead

__all__ = ["OtherLetterhead", "Ready", "make_ready", "withdrawal"]


@dataclass(frozen=True, slots=True)
class Ready:
    """A claimed notice decided again: its letter, or the reason why it must not leave."""

    claimed: Claimed
    one: Assessed
    reason: SkipReason | None
    letter: bytes = b""

    @property
    def envelope_id(self) -> str:
        """What delivery reports about it name, as its Message-ID does."""
        return mail_token(self.claimed.key)


def make_ready(claims: list[Claimed], circumstances: Circumstances, now: datetime) -> deque[Ready]:
    """The rules run on the source rows of these notices' files, their own rows in the ledger left aside.

    All letters of a chunk are written in one go: between two waits for a server each would take twice as long.
    Raises OtherLetterhead where they would be in other words for everybody.
    """
    require_letterhead((claimed.batch_id for claimed in claims), circumstances.letterhead)
    found = _assess(claims, circumstances)
    return deque(_ready(claimed, found[claimed.intermediary_id], circumstances, now) for claimed in claims)


def withdrawal(claimed: Claimed, one: Assessed) -> SkipReason | None:
    """Why a planned notice must not leave now, or None where every item in it is still due, word for word (I1)."""
    if one.decision.reason is not None:
        return one.decision.reason
    same = (
        claimed.waves <= set(one.decision.discharged)
        and claimed.body_digest == one.digest
        and one.content is not None
        and claimed.email == one.content.email
    )
    return None if same else SkipReason.FACTS_CHANGED


def _assess(claims: list[Claimed], circumstances: Circumstances) -> Mapping[int, Assessed]:
    """What the rules say of each claim's file now; a recall's are asked another question."""
    reminders = [c for c in claims if c.corrects is None]
    recalls = [c.corrects for c in claims if c.corrects is not None]
    assessed = assess([c.intermediary_id for c in reminders], circumstances, without=[c.id for c in reminders])
    return assessed | assess_recalls(recalls, circumstances) if recalls else assessed


def _ready(claimed: Claimed, one: Assessed, circumstances: Circumstances, now: datetime) -> Ready:
    reason = withdrawal(claimed, one)
    if reason or one.rendered is None or one.content is None:
        return Ready(claimed, one, reason or SkipReason.FACTS_CHANGED)
    return Ready(claimed, one, None, compose(one.rendered, one.content, circumstances.letterhead, claimed.key, now))
