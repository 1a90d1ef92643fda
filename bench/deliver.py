"""Plan and deliver notices to a local sink, all checks on; beside it, raw smtplib on as many connections, and the
least that a sender must do who is never to send twice."""

from __future__ import annotations

import os
import smtplib
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from typing import TYPE_CHECKING

from bench.floor import floor_rate
from bench.place import DAY, NOW, Row, empty, fill_with_due_files, say, set_up, stopwatch
from bench.plan_million import measured

if TYPE_CHECKING:
    from reminders.messages.message import Content, Rendered

PROCESSES = 4
"""Two a core: while one waits for the disk or the mail server, another works."""


@contextmanager
def sink() -> Iterator[int]:
    """The sink in a process of its own; its port."""
    process = subprocess.Popen([sys.executable, "-m", "bench.sink"], stdout=subprocess.PIPE, text=True)
    if process.stdout is None:
        raise RuntimeError("the sink has no output")
    try:
        yield int(process.stdout.readline())
    finally:
        process.terminate()
        say(f"  sink: {process.communicate()[0].strip()} (messages, distinct keys)")


def raw(port: int, message: bytes, count: int) -> None:
    """Raw smtplib on one connection: the limit."""
    with smtplib.SMTP("127.0.0.1", port) as client:
        for _ in range(count):
            client.sendmail("a@registre.example", ["b@cabinet.example"], message)


def released_batch(people: int) -> int:
    """A register of so many due files, planned, approved and released: the batch."""
    from django.contrib.auth.models import User

    from reminders.config import engine_settings
    from reminders.planning.approval import approve_batch, release_batch
    from reminders.planning.plan import plan_reminders

    empty()
    say(f"  filling the register with {people} due files")
    fill_with_due_files(people)
    approver, _ = User.objects.get_or_create(username="bench")
    batch = plan_reminders(day=DAY, now=NOW, engine=engine_settings(), by=None).batch
    if batch is None or batch.planned != people:
        raise RuntimeError(f"the plan holds {batch and batch.planned} and not {people}")
    approve_batch(batch_id=batch.pk, by=approver, list_hash=batch.hash, count=people, now=NOW)
    release_batch(batch_id=batch.pk, by=approver, now=NOW)
    return batch.pk


def run(people: int = 18_000) -> list[Row]:
    """Plan, approve, release and deliver `people` notices."""
    set_up()
    planned = measured(people)
    batch_id = released_batch(people)
    with sink() as port:
        limit = raw_rate(port, batch_id, people)
        floor = floor_rate(port, batch_id, first_message(batch_id)[2], PROCESSES)
        with stopwatch() as delivering:
            peak = deliver_all(port, batch_id)
    rate = people / delivering[0]
    return [
        planned,
        Row(
            f"deliver {people:,} notices, all checks on, {PROCESSES} processes",
            f"{rate:,.0f}/s, peak {peak:.0f} MB a process",
            f"raw smtplib on {PROCESSES} connections {limit:,.0f}/s",
            f"{rate / limit:.2f}",
            "≥ 1/3; 1,000/s; ≤ 300 MB",
        ),
        Row(
            "the same beside its floor: no claim, rule, rendering, journal or check",
            f"{rate:,.0f}/s",
            f"one durable commit a message, then raw smtplib, {PROCESSES} processes: {floor:,.0f}/s,"
            f" {floor / limit:.2f} of raw smtplib",
            f"{rate / floor:.2f}",
            "–",
        ),
    ]


def raw_rate(port: int, batch_id: int, people: int) -> float:
    """Messages a second by raw smtplib, on as many connections."""
    message = first_message(batch_id)[2]
    each = people // PROCESSES
    with ProcessPoolExecutor(PROCESSES) as pool, stopwatch() as taken:
        list(pool.map(raw, [port] * PROCESSES, [message] * PROCESSES, [each] * PROCESSES))
    return each * PROCESSES / taken[0]


def first_message(batch_id: int) -> tuple[Rendered, Content, bytes]:
    """The message of the first of a list: in words, what they say, and its bytes."""
    from registry.facts import load_reference
    from reminders.config import engine_settings
    from reminders.ledger import load_policy
    from reminders.messages.message import compose
    from reminders.models import Notice
    from reminders.planning.assess import Circumstances, assess

    engine = engine_settings()
    notice = Notice.objects.get(batch=batch_id, rank=1)
    circumstances = Circumstances(DAY, load_reference(), load_policy(gap_days=5), engine.letterhead)
    one = assess([notice.intermediary_id], circumstances, without=[notice.pk])[notice.intermediary_id]
    if one.rendered is None or one.content is None:
        raise RuntimeError("the first notice has no message")
    message = compose(one.rendered, one.content, engine.letterhead, notice.key, NOW)
    return one.rendered, one.content, message


def deliver_all(port: int, batch_id: int) -> float:
    """`deliver` in as many processes as the command would start; the largest peak of one, in MB.

    Raises RuntimeError unless every notice of the batch was accepted.
    """
    from reminders.models import Notice

    command = [sys.executable, "manage.py", "deliver", "--until-empty", "--workers", "1", "--batch", str(batch_id)]
    clock = {"SMTP_URL": f"smtp://127.0.0.1:{port}", "REGISTER_NOW": NOW.isoformat()}
    children = [subprocess.Popen(command, env=os.environ | clock, stdout=subprocess.DEVNULL) for _ in range(PROCESSES)]
    peaks = [os.wait4(child.pid, 0)[2].ru_maxrss / 1024 for child in children]
    if left := Notice.objects.filter(batch=batch_id).exclude(state="ACCEPTED").count():
        raise RuntimeError(f"{left} notices were not accepted")
    return max(peaks)
