"""The hands that torture: they kill workers, restart PostgreSQL, complete files, and put a held batch back to work."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from bench.place import say


@dataclass
class Workers:
    """Processes of `manage.py deliver`, or clusters of django-q2; one that ends is started again."""

    wanted: int
    clusters: bool
    environment: Mapping[str, str]
    clock: datetime
    since: float = field(default_factory=time.monotonic)
    running: list[subprocess.Popen[bytes]] = field(default_factory=list)
    dead: set[int] = field(default_factory=set)

    def keep_up(self) -> None:
        """Start as many as are missing."""
        self.running = [process for process in self.running if process.poll() is None]
        while len(self.running) < self.wanted:
            self.running.append(self._start())

    def kill_one(self, chance: random.Random) -> bool:
        """SIGKILL to one process that delivers; whether there was one."""
        victims = self._victims()
        if not victims:
            return False
        victim = chance.choice(victims)
        with suppress(ProcessLookupError):
            os.kill(victim, signal.SIGKILL)
            self.dead.add(victim)
        return True

    def now(self) -> datetime:
        """What the workers' clocks show: they were started at `clock`."""
        return self.clock + timedelta(seconds=time.monotonic() - self.since)

    def put_clock_on(self, to: datetime) -> None:
        """End all, and start new ones later in the day."""
        self.stop()
        self.clock, self.since = to, time.monotonic()
        self.keep_up()

    def stop(self) -> None:
        """End them in order, the stubborn by force."""
        for process in self.running:
            process.terminate()
        for process in self.running:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self.running = []

    def _start(self) -> subprocess.Popen[bytes]:
        work = ["qcluster"] if self.clusters else ["deliver", "--until-empty", "--workers", "1"]
        environment = {**os.environ, **self.environment, "REGISTER_NOW": self.now().isoformat()}
        return subprocess.Popen(
            [sys.executable, "manage.py", *work],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def _victims(self) -> list[int]:
        """The processes that hold claims, by the names that stand in the ledger; alive, and ours."""
        from reminders.models import Notice

        names = Notice.objects.filter(state__in=["CLAIMED", "SENDING"]).values_list("worker", flat=True).distinct()
        numbers = {int(name.split(":")[1]) for name in names}
        return sorted(number for number in numbers - self.dead if Path(f"/proc/{number}").exists())


def run_out_leases_of_the_dead(workers: Workers) -> int:
    """What two minutes would do: the leases of processes that were killed are over. Returns how many."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE reminders_notice SET lease_until = clock_timestamp() - interval '1 second'"
            " WHERE live AND state IN ('CLAIMED', 'SENDING') AND split_part(worker, ':', 2)::int = ANY (%s)",
            [sorted(workers.dead)],
        )
        return int(cursor.rowcount)


def restart_postgresql(home: Path) -> None:
    """An immediate stop, as a crash; the server's keeper starts it again, and it recovers from its log."""
    with suppress(FileNotFoundError, ProcessLookupError):
        os.kill(int((home / "data" / "postmaster.pid").read_text().split()[0]), signal.SIGQUIT)


def complete_a_file(batch: int, rank: int, unsent: set[str]) -> None:
    """Record the renewal of the first open file from `rank` on; what had not begun to leave must not leave any more."""
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "SELECT intermediary_id FROM reminders_notice n WHERE batch_id = %s AND live AND rank >= %s AND NOT EXISTS"
            " (SELECT FROM registry_cover c WHERE c.intermediary_id = n.intermediary_id AND policy = 'RC2')"
            " ORDER BY rank LIMIT 1",
            [batch, rank],
        )
        found = cursor.fetchone()
        if not found:
            return
        cursor.execute("SELECT FROM registry_intermediary WHERE id = %s FOR UPDATE", found)
        cursor.execute(
            "SELECT key, state FROM reminders_notice WHERE batch_id = %s AND intermediary_id = %s", [batch, *found]
        )
        key, state = cursor.fetchone()
        cursor.execute(
            "INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on,"
            " amount_cents, annual_cents, status, channel, deposited_on) SELECT intermediary_id, kind, categories,"
            " issuer, 'RC2', '2026-03-01', '2027-02-28', amount_cents, annual_cents, status, channel, '2026-02-24'"
            " FROM registry_cover WHERE intermediary_id = %s LIMIT 1",
            found,
        )
    # After the commit: were it lost, nothing would have been forbidden.
    if state in {"PLANNED", "CLAIMED"}:
        unsent.add(key)


def tallies(batch: int) -> Counter[str]:
    """How many notices are in each state."""
    from django.db.models import Count

    from reminders.models import Notice

    rows = Notice.objects.filter(batch=batch).values_list("state").annotate(n=Count("id"))
    return Counter(dict(rows))


def next_try(batch: int) -> datetime | None:
    """When the first deferred notice may be tried again, where nothing else is left to do; else None."""
    from django.db.models import Min, Q

    from reminders.models import Notice

    live = Notice.objects.filter(batch=batch, live=True)
    if live.filter(~Q(state="DEFERRED")).exists():
        return None
    first: datetime | None = live.aggregate(first=Min("not_before"))["first"]
    return first


@contextmanager
def patient_with_the_database() -> Iterator[None]:
    """The torturer's own connection is cut by restarts, too: what failed is tried again at the next round."""
    from django.db import InterfaceError, OperationalError, connection

    try:
        yield
    except (OperationalError, InterfaceError) as error:
        say(f"  (database away: {str(error).splitlines()[0][:60]})")
        connection.close()
        time.sleep(0.3)
