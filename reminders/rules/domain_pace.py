"""Pace by mail domain, learned from its own answers: a domain that says "slow down" is left alone for a while.

RFC 5321 (4.5.4.1) and RFC 3463 (x.7: security or policy). Greylisting speaks of one sender and one recipient, a full
mailbox of one recipient: both concern that notice alone, which has its own retries.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Final

from reminders.rules.smtp_replies import SmtpReply, Stage

HOLDS: Final = tuple(timedelta(minutes=minutes) for minutes in (1, 2, 5, 15, 30, 60))
"""How long a domain is left alone the first time, the second …; the first is shorter than any retry, so that one hiccup
costs nobody a turn."""
SPREAD: Final = 0.25
"""Jitter lengthens a hold by up to this share, so that several domains do not come back at once."""

_NAMED_THE_DOMAIN: Final = frozenset({Stage.RCPT, Stage.DATA, Stage.DOT})
_CODES: Final = frozenset({421, 450, 451, 452})
_GREYLISTING: Final = re.compile(r"gr[ae]y-?\s?list", re.IGNORECASE)
_SLOW_DOWN: Final = re.compile(r"\brate\b|too many|too fast|throttl|slow down|limit(?:ed)?\b", re.IGNORECASE)


def slows_domain(reply: SmtpReply) -> bool:
    """Whether a "not now" is the domain's word about our pace, and not about this one recipient."""
    if reply.stage not in _NAMED_THE_DOMAIN or reply.code not in _CODES or _GREYLISTING.search(reply.text):
        return False
    if reply.enhanced is None:
        return reply.code == 421 or _SLOW_DOWN.search(reply.text) is not None  # noqa: PLR2004
    return reply.enhanced.startswith("4.7.")
