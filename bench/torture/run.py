"""One torture: a released list is delivered while workers die, files are completed and PostgreSQL stops."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from bench.place import DAY, NOW, fill_with_due_files
from bench.torture import hands
from bench.torture.verdict import Verdict, judge

MOODS = {
    "refused_at_greeting": 20,
    "deferred_at_recipient": 100,
    "refused_address": 30,
    "hung_up_before_the_dot": 20,
    "deferred_at_dot": 60,
    "refused_at_dot": 20,
    "hung_up_after_the_dot": 20,
    "silent_after_the_dot": 2,
    "hung_up_after_reply": 20,
}
SHORT_MOODS = {
    "refused_address": 200,
    "hung_up_before_the_dot": 200,
    "refused_at_dot": 200,
    "hung_up_after_the_dot": 300,
    "hung_up_after_reply": 300,
}
"""For a list of some dozens: more often, and nothing that costs a minute."""
PATIENCE_SECONDS = 1800
RING_SECONDS = 0.5


@dataclass
class Torture:
    """One run: what is done to the workers while they deliver `notices` notices."""

    notices: int
    workers: int
    clusters: bool
    kills: int
    restarts: int
    seed: int
    moods: Mapping[str, int] = field(default_factory=lambda: MOODS)
    answer_ms: int = 0
    environment: Mapping[str, str] = field(default_factory=dict)
    unsent: set[str] = field(default_factory=set)
    rung: float = 0.0

    def run(self, batch: int) -> Verdict:
        """Torture the delivery of a released batch until all of it is settled, then count."""
        chance = random.Random(self.seed)
        sink = subprocess.Popen(
            [sys.executable, "-m", "bench.torture.sink", str(self.seed), json.dumps(self.moods), str(self.answer_ms)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert sink.stdout is not None
        mail = {"SMTP_URL": f"smtp://127.0.0.1:{int(sink.stdout.readline())}", "PYTHONWARNINGS": "ignore"}
        environment = {**self.environment, **mail}
        workers = hands.Workers(self.workers, self.clusters, environment, NOW)
        started = time.monotonic()
        try:
            self._deliver(batch, workers, chance)
        finally:
            workers.stop()
            sink.terminate()
        told = json.loads(sink.communicate()[0])
        return judge(batch, told, len(workers.dead), self.restarts, self.unsent, time.monotonic() - started)

    def _deliver(self, batch: int, workers: hands.Workers, chance: random.Random) -> None:
        """Every few moments something happens: kills, restarts and completed files are spread over the list."""
        # Not among the last, when nobody may be left to kill.
        kills = sorted(chance.randrange(self.notices * 3 // 4) for _ in range(self.kills))
        restarts = sorted(chance.randrange(self.notices) for _ in range(self.restarts))
        completions = sorted(chance.randrange(self.notices) for _ in range(self.notices // 40))
        until = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < until:
            with hands.patient_with_the_database():
                workers.keep_up()
                states = hands.tallies(batch)
                live = sum(states[state] for state in ("PLANNED", "CLAIMED", "SENDING", "DEFERRED"))
                settled = self.notices - live
                if not live:
                    return
                if kills and settled >= kills[0] and workers.kill_one(chance):
                    kills.pop(0)
                if restarts and settled >= restarts[0]:
                    restarts.pop(0)
                    hands.restart_postgresql(_home())
                hands.run_out_leases_of_the_dead(workers)
                while completions and settled >= completions[0]:
                    completions.pop(0)
                    hands.complete_a_file(batch, chance.randrange(self.notices) + 1, self.unsent)
                self._put_back_to_work(batch)
                if (again := hands.next_try(batch)) and again > workers.now():
                    workers.put_clock_on(again)
            time.sleep(0.2 if self.notices > 1000 else 0.05)
        raise RuntimeError(f"not all was settled within {PATIENCE_SECONDS} s: {hands.tallies(batch)}")

    def _put_back_to_work(self, batch: int) -> None:
        """What a person does after a 421 at the greeting, and the bell for clusters."""
        from django.contrib.auth.models import User

        from reminders.bell import ring_delivery
        from reminders.models import Batch
        from reminders.planning.approval import resume_batch

        if Batch.objects.filter(pk=batch, state="PAUSED").exists():
            resume_batch(batch_id=batch, by=User.objects.get(username="bench"), now=datetime.now(UTC), reason="torture")
        if self.clusters and time.monotonic() > self.rung + RING_SECONDS:
            self.rung = time.monotonic()
            ring_delivery()


def release_due_files(notices: int, **changes: Any) -> int:
    """So many due files, planned, approved and released; `changes` go to the engine's settings. Returns the batch."""
    from django.contrib.auth.models import User

    from reminders.config import engine_settings
    from reminders.planning.approval import approve_batch, release_batch
    from reminders.planning.plan import plan_reminders

    fill_with_due_files(notices)
    approver, _ = User.objects.get_or_create(username="bench")
    batch = plan_reminders(day=DAY, now=NOW, engine=replace(engine_settings(), **changes), by=None).batch
    if batch is None or batch.planned != notices:
        raise RuntimeError(f"the plan holds {batch and batch.planned} and not {notices}")
    approve_batch(batch_id=batch.pk, by=approver, list_hash=batch.hash, count=notices, now=NOW)
    release_batch(batch_id=batch.pk, by=approver, now=NOW)
    return batch.pk


def _home() -> Any:
    from django.db import connection

    return connection.settings_dict["EMBEDDED"].home
