"""What the queue calls: read the clock, make one call. No recipient and no address is ever in a task."""

from __future__ import annotations

import logging
import time
from datetime import UTC, datetime, timedelta

from django.conf import settings

from registry import clock
from registry.findings import refresh_findings, verify_findings
from registry.intake.papers import scan_papers
from reminders.bell import ring_delivery
from reminders.config import engine_settings
from reminders.planning.plan import mark_stale, plan_reminders
from reminders.planning.reports import judge_again
from reminders.planning.watch import Watched, lookout, watch_releases
from reminders.rules.send_window import opens_on
from reminders.sending.bounces import read_bounces
from reminders.sending.deliver import Delivery, Halt, deliver
from reminders.sending.mailboxes import MailboxError
from reminders.sending.transport import SmtpSession
from reminders.sending.worker import worker_name
from reminders.ticks import TICKS, take_tick

logger = logging.getLogger(__name__)

BUDGET = timedelta(seconds=55)
"""How long one ring may send; the next minute's tick goes on. Well under the queue's timeout."""

_OF_THIS_MACHINE = (Halt.IDENTITY, Halt.JOURNAL, Halt.LETTERHEAD)


def deliver_now() -> str:
    """Let good steps be followed by the next, then send what may leave now."""
    engine = engine_settings()
    watch_releases(engine=engine, now=clock.now())
    delivery = deliver(
        worker=worker_name(),
        engine=engine,
        transport=SmtpSession(settings.SMTP, max_messages=settings.SMTP_MESSAGES_PER_CONNECTION),
        clock=clock.now,
        budget=BUDGET,
        on_progress=lookout(engine, clock.now),
    )
    return _reported(delivery)


def _reported(delivery: Delivery) -> str:
    """What one ring did. What this machine refuses by itself stands on no page, so that the log says why; what a mail
    server said may name an address, and is on record elsewhere."""
    told = [", ".join(f"{state} {n}" for state, n in delivery.counts.items() if n) or "nothing"]
    if delivery.halt:
        told.append(delivery.halt)
    if delivery.halt in _OF_THIS_MACHINE:
        logger.warning("nothing more leaves from here (%s): %s", delivery.halt, delivery.detail)
        told.append(delivery.detail)
    return "; ".join(told)


def read_bounces_now() -> str:
    """Read the bounce mailbox, where one is set; one that cannot be read is told, and the next tick tries again."""
    if settings.BOUNCES is None:
        return "no mailbox"
    until = time.monotonic() + BUDGET.total_seconds()
    try:
        reading = read_bounces(settings.BOUNCES, now=clock.now(), is_over=lambda: time.monotonic() >= until)
    except MailboxError as error:
        logger.warning("bounces: %s", error)
        return str(error)
    return f"{reading.read} read, {reading.stored} stored, {reading.matched} matched, {reading.settled} settled"


def watch_now() -> str:
    """Judge every release: go on after a good step, stop what is bad or stands still."""
    engine = engine_settings()
    judge_again(limits=engine.watch, now=clock.now())
    watched = watch_releases(engine=engine, now=clock.now(), stalls=True)
    return ", ".join(f"batch {w.batch_id}: {_told(w)}" for w in watched) or "nothing to watch"


def _told(watched: Watched) -> str:
    alert, judgement = watched.verdict.alert, watched.verdict.judgement
    return f"{judgement} {alert.code}" if alert else judgement.value


def scan_now() -> str:
    """Check and scan the files that wait, within the time of a tick; a silent scanner is told, the next tick tries."""
    until = time.monotonic() + BUDGET.total_seconds()
    done = scan_papers(clock=clock.now, is_over=lambda: time.monotonic() >= until)
    if done.silent:
        logger.warning("clamd: %s", done.silent)
    return f"{done.checked} checked, {done.clean} clean, {len(done.infected)} infected"


def plan_today() -> str:
    """Plan the day's batch where mails may leave today; a person approves it."""
    now, engine = clock.now(), engine_settings()
    day = clock.local_day(now)
    mark_stale(day=day, now=now)
    if not opens_on(engine.window, day):
        return "no sending today"
    plan = plan_reminders(day=day, now=now, engine=engine, by=None)
    return f"batch {plan.batch.pk}: {plan.batch.planned} planned" if plan.batch else "nobody is due"


def verify_tonight() -> str:
    """Bring the stored findings to the new day, then verify them all."""
    day = clock.local_day(clock.now())
    refreshed = refresh_findings(as_of=day)
    differences = sum(len(chunk.differences) for chunk in verify_findings(day=day))
    return f"{refreshed} refreshed, {differences} differences"


def tick(name: str, intended_at: str) -> str:
    """Act on one scheduled instant, once, and only if it is not long past (queue time, not the register's clock)."""
    intended = datetime.fromisoformat(intended_at).astimezone(UTC)
    return take_tick(name, intended, datetime.now(UTC), _WORK[name])


_WORK = {
    "deliver": deliver_now,
    "bounces": read_bounces_now,
    "scan": scan_now,
    "watch": watch_now,
    "plan": plan_today,
    "verify": verify_tonight,
}
__all__ = [
    "TICKS",
    "deliver_now",
    "plan_today",
    "read_bounces_now",
    "ring_delivery",
    "scan_now",
    "tick",
    "verify_tonight",
    "watch_now",
]
