"""Put the scheduled ticks into the queue."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from registry import clock
from reminders.management.shared import BatchCommand
from reminders.ticks import install_all


class Command(BatchCommand):
    """Install the schedules."""

    help = (
        "Install the queue's schedules: delivery and watch every minute, bounces every five, the plan each morning, "
        "verification each night."
    )

    def handle(self, *args: Any, **options: Any) -> None:
        """The queue runs on real time, in Paris, whatever the register's clock says."""
        names = install_all(datetime.now(clock.PARIS))
        self.stdout.write(f"Tâches planifiées\u00a0: {', '.join(names)}.")
