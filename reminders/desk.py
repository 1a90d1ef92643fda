"""What people do with batches, from a terminal or by HTTP alike: the acts that also wake the workers, and the whole
account of a batch as plain data."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.clock import local_day
from registry.facts import load_reference
from reminders.bell import ring_delivery
from reminders.config import EngineSettings
from reminders.ledger import load_policy
from reminders.models import Batch
from reminders.planning.approval import release_batch, resume_batch
from reminders.planning.assess import Circumstances
from reminders.planning.plan import Plan
from reminders.planning.preview import Sample, batch_report, nobody_due, samples
from reminders.planning.watch import watch_report
from reminders.sending.identity import why_sending_is_off


def release(*, batch_id: int, by: AbstractBaseUser, now: datetime) -> Batch:
    """Release and ring in one transaction: both or neither. Raises ReminderError."""
    with transaction.atomic():
        batch = release_batch(batch_id=batch_id, by=by, now=now)
        ring_delivery()
    return batch


def resume(*, batch_id: int, by: AbstractBaseUser, now: datetime, reason: str) -> Batch:
    """Let a held batch go on, and ring. Raises ReminderError."""
    with transaction.atomic():
        batch = resume_batch(batch_id=batch_id, by=by, now=now, reason=reason)
        ring_delivery()
    return batch


def report_of(batch: Batch, engine: EngineSettings) -> dict[str, Any]:
    """The account of a batch just planned."""
    return batch_report(batch, pace_per_hour=engine.pace_per_hour, hotline=engine.hotline)


def whole_report(batch: Batch, engine: EngineSettings) -> dict[str, Any]:
    """The account of a batch at any time: its watch and alarms, and why nothing leaves at all, besides."""
    return report_of(batch, engine) | watch_report(batch, engine.watch) | {"sending_off": why_sending_is_off()}


def plan_report(plan: Plan, as_of: str, wave: str | None, engine: EngineSettings) -> dict[str, Any]:
    """The account of a plan, where nobody is due too."""
    if plan.batch is None:
        return nobody_due(as_of, [wave] if wave else [], plan.tally.skipped if plan.tally else {})
    return report_of(plan.batch, engine) | {"created": plan.created}


def samples_of(batch: Batch, engine: EngineSettings, now: datetime) -> list[Sample]:
    """Messages as they would leave now."""
    policy = load_policy(gap_days=engine.gap_days)
    return samples(batch, Circumstances(local_day(now), load_reference(), policy, engine.letterhead))


def plain_sample(sample: Sample) -> dict[str, Any]:
    """A sample for scripts."""
    return {
        "rank": sample.rank,
        "orias_number": sample.orias_number,
        "email": sample.email,
        "subject": sample.subject,
        "text": sample.text,
    }
