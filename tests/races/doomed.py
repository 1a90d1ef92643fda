"""Workers that are killed at a named arrow of the protocol: one process a machine, which forks a worker for each job.

    python -m tests.races.doomed MACHINE

A job is a line of JSON on stdin. The worker runs the real deliver() with the real SMTP session, and at its arrow sends
itself SIGKILL: nothing is tidied up. Answers are lines of JSON: `claimed` when it has its claims, then how it ended,
with the effects that it had in their order.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from datetime import datetime, timedelta
from typing import Any

import django


def tell(**told: Any) -> None:
    """One line to the parent, by one write: a worker and its machine share the pipe."""
    os.write(1, json.dumps(told).encode() + b"\n")


class Kill:
    """What happens at the arrows of one worker."""

    def __init__(self, effect: str, telling: bool) -> None:
        """`effect` is the one to die at, "" for none; `telling`: say so when the claims are there."""
        self.effect, self.telling = effect, telling
        self.seen: list[str] = []

    def __call__(self, effect: str) -> None:
        """Come to an arrow."""
        self.seen.append(effect)
        if self.telling and effect == "claim.claim statement":
            self.telling = False
            tell(claimed=True)
        if effect == self.effect:
            os.kill(os.getpid(), signal.SIGKILL)


def work(machine: str, job: dict[str, Any]) -> None:
    """Deliver as the job says."""
    from reminders.sending import deliver, journal  # noqa: PLC0415
    from reminders.sending.transport import SmtpSession  # noqa: PLC0415
    from settings.mail import SmtpSettings  # noqa: PLC0415
    from tests.factories import NOW  # noqa: PLC0415
    from tests.races.seams import watched  # noqa: PLC0415
    from tests.reminders.scenes import engine  # noqa: PLC0415

    deliver.CHUNK = job.get("chunk", deliver.CHUNK)
    if job["scene"] == "rotating":
        journal.ROTATE_AT = 1
    kill = Kill(job["effect"], job.get("telling", False))
    budget = timedelta(minutes=1) if job["scene"] == "stopped" else None

    def clock() -> datetime:
        # Once a message has left, the time that the job was given is over.
        left = "transport.send DOT heard" in kill.seen
        return NOW + timedelta(hours=1) if budget and left else NOW

    with watched(lambda _: None, kill, lambda effect: effect == kill.effect) as functions:
        deliver.deliver(
            worker=f"{machine}:{os.getpid()}:{job['scene']}",
            engine=engine(pace_per_hour=3_600_000 if job["scene"] in ("paced", "stopped") else 0),
            transport=SmtpSession(SmtpSettings("127.0.0.1", job["port"])),
            clock=clock,
            budget=budget,
            monotonic=lambda: clock().timestamp(),
        )
    tell(seen=kill.seen, functions=sorted(functions))


def fork(machine: str, job: dict[str, Any]) -> None:
    """A worker for one job; how it ended is told."""
    pid = os.fork()
    if pid == 0:
        try:
            work(machine, job)
        finally:
            sys.stderr.flush()
            os._exit(0)
    tell(ended=os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))


def warm() -> None:
    """Decide one notice before the first fork: else each worker compiles what the first has, for half of its time."""
    from django.db import connection  # noqa: PLC0415

    from registry.clock import local_day  # noqa: PLC0415
    from registry.facts import load_reference  # noqa: PLC0415
    from reminders.ledger import load_policy  # noqa: PLC0415
    from reminders.models import Notice  # noqa: PLC0415
    from reminders.planning.assess import Circumstances, assess  # noqa: PLC0415
    from tests.factories import NOW  # noqa: PLC0415
    from tests.reminders.scenes import engine  # noqa: PLC0415

    settings = engine()
    policy = load_policy(gap_days=settings.gap_days)
    notice = Notice.objects.latest("id")
    circumstances = Circumstances(local_day(NOW), load_reference(), policy, settings.letterhead)
    assess([notice.intermediary_id], circumstances, without=[notice.pk])
    connection.close()


def main(machine: str) -> None:
    """Do jobs until there are no more."""
    for number, line in enumerate(sys.stdin):
        if number == 0:
            warm()
        fork(machine, json.loads(line))


if __name__ == "__main__":
    django.setup()
    # All that a worker imports, before the first is forked.
    from tests.races import seams  # noqa: F401
    from tests.reminders import scenes  # noqa: F401

    main(sys.argv[1])
