"""The doorbell: wakes workers. What is to be done stands in the ledger, so a lost or doubled ring changes nothing."""

from __future__ import annotations

from django_q.tasks import async_task

DELIVER = "reminders.tasks.deliver_now"


def ring_delivery() -> None:
    """Ask a worker to look now; with the queue in the same database, the ring is part of the caller's transaction."""
    async_task(DELIVER)
