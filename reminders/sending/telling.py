"""What the journal is told of a message: enough to write its notice anew, and no address."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Mapping
from contextlib import closing
from datetime import datetime
from typing import Any

from reminders.config import EngineSettings
from reminders.planning.assess import Assessed
from reminders.sending.claim import Claimed
from reminders.sending.identity import record_mark
from reminders.sending.journal import Journal, JournalError
from reminders.sending.memory import one_at_a_time, remember
from reminders.sending.outcome import Outcome

logger = logging.getLogger(__name__)


def email_digest(email: str) -> str:
    """An address as the journal keeps it: its SHA-256, so that a known one can be recognised and none be read."""
    return hashlib.sha256(email.encode()).hexdigest()


def intent_told(claimed: Claimed, one: Assessed, attempt: int, now: datetime) -> Mapping[str, Any]:
    """A message about to be sent; of a correction also what it tells: whom it corrects follows from its identity."""
    return {
        "at": now.isoformat(),
        "key": claimed.key,
        "orias": one.facts.orias_number,
        "items": claimed.items,
        "email": email_digest(claimed.email),
        "batch": claimed.batch_id,
        "notice": claimed.id,
        "attempt": attempt,
        **({"recall_class": one.recall_class.value} if one.recall_class else {}),
    }


def outcome_told(claimed: Claimed, outcome: Outcome) -> Mapping[str, Any]:
    """What became of it; the server's own words stay in the database, as they may hold the address."""
    return {
        "at": outcome.finished_at.isoformat(),
        "key": claimed.key,
        "notice": claimed.id,
        "attempt": outcome.attempt,
        "verdict": outcome.verdict.value,
        "state": outcome.state.value,
        "stage": outcome.reply.stage.value,
        "code": outcome.reply.code,
    }


def close_journal(journal: Journal, engine: EngineSettings, *, now: datetime) -> None:
    """Write what waits, remember in the database and outside how far the journal goes, and leave its place to others.

    An outcome that cannot be written is said: after a restoration its notice would be uncertain.
    """
    with closing(journal):
        try:
            journal.flush()
        except JournalError as error:
            logger.error("an outcome is missing from the journal: %s", error)
        if journal.end.sequence:
            with one_at_a_time(engine.journal_dir):
                remember(engine, journal.epoch, {journal.sender: journal.end.sequence}, now=None)
            record_mark(journal.sender, journal.file, journal.end, now)
