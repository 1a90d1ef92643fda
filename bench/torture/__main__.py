"""python -m bench.torture: exit code 0 where nobody was written to twice and nobody was lost, else 1."""

from __future__ import annotations

import argparse
import json
import random
import subprocess
import sys
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from bench.place import DAY, NOW, empty, fill_with_due_files, say, set_up
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
PATIENCE_SECONDS = 1800


@dataclass
class Torture:
    """One run: what is done to the workers while they deliver `notices` notices."""

    notices: int
    workers: int
    clusters: bool
    kills: int
    restarts: int
    seed: int
    unsent: set[str] = field(default_factory=set)

    def run(self) -> Verdict:
        """Plan and release, torture until all is settled, then count."""
        chance = random.Random(self.seed)
        batch = self._released()
        sink = subprocess.Popen(
            [sys.executable, "-m", "bench.torture.sink", str(self.seed), json.dumps(MOODS)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert sink.stdout is not None
        environment = {"SMTP_URL": f"smtp://127.0.0.1:{int(sink.stdout.readline())}", "PYTHONWARNINGS": "ignore"}
        workers = hands.Workers(self.workers, self.clusters, environment, NOW)
        started = time.monotonic()
        try:
            self._deliver(batch, workers, chance)
        finally:
            workers.stop()
            sink.terminate()
        told = json.loads(sink.communicate()[0])
        return judge(batch, told, len(workers.dead), self.restarts, self.unsent, time.monotonic() - started)

    def _released(self) -> int:
        set_up()
        from django.contrib.auth.models import User

        from reminders.config import engine_settings
        from reminders.planning.approval import approve_batch, release_batch
        from reminders.planning.plan import plan_reminders

        empty()
        fill_with_due_files(self.notices)
        approver, _ = User.objects.get_or_create(username="bench")
        batch = plan_reminders(day=DAY, now=NOW, engine=engine_settings(), by=None).batch
        if batch is None or batch.planned != self.notices:
            raise RuntimeError(f"the plan holds {batch and batch.planned} and not {self.notices}")
        approve_batch(batch_id=batch.pk, by=approver, list_hash=batch.hash, count=self.notices, now=NOW)
        release_batch(batch_id=batch.pk, by=approver, now=NOW)
        return batch.pk

    def _deliver(self, batch: int, workers: hands.Workers, chance: random.Random) -> None:
        """Every few moments something happens: kills, restarts and completed files are spread over the list."""
        kills = sorted(chance.randrange(self.notices) for _ in range(self.kills))
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
            time.sleep(0.2)
        raise RuntimeError(f"not all was settled within {PATIENCE_SECONDS} s: {hands.tallies(batch)}")

    def _put_back_to_work(self, batch: int) -> None:
        """What a person does after a 421 at the greeting, and the bell for clusters."""
        from django.contrib.auth.models import User

        from reminders.bell import ring_delivery
        from reminders.models import Batch
        from reminders.planning.approval import resume_batch

        if Batch.objects.filter(pk=batch, state="PAUSED").exists():
            resume_batch(batch_id=batch, by=User.objects.get(username="bench"), now=datetime.now(UTC), reason="torture")
        if self.clusters:
            ring_delivery()


def _home() -> Any:
    from django.db import connection

    return connection.settings_dict["EMBEDDED"].home


def main() -> int:
    """Read the words, torture, print the verdict."""
    parser = argparse.ArgumentParser(prog="python -m bench.torture", description=__doc__)
    parser.add_argument("--notices", type=int, default=18_000)
    parser.add_argument("--workers", type=int, default=3, help="processes of deliver, or clusters (default: 3)")
    parser.add_argument("--clusters", action="store_true", help="django-q2 clusters that share the database")
    parser.add_argument("--kills", type=int, default=20, help="how many workers are killed with SIGKILL")
    parser.add_argument("--restarts", type=int, default=2, help="how often PostgreSQL is stopped at once")
    parser.add_argument("--seed", type=int, default=None, help="replays the draw of an earlier run")
    words = parser.parse_args()
    seed = words.seed if words.seed is not None else random.SystemRandom().randrange(1_000_000)
    say(f"seed {seed}")
    torture = Torture(words.notices, words.workers, words.clusters, words.kills, words.restarts, seed)
    verdict = torture.run()
    print(verdict.told(seed))
    return 0 if verdict.holds else 1


if __name__ == "__main__":
    sys.exit(main())
