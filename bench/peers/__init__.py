"""Deliver like lists by us, by django-post-office tuned, by raw smtplib, and by the least that a sender must do who is
never to send twice: same words, sink, server, and run.

Only on request (`python -m bench peers`): it installs the peer, pinned with hashes, into var/bench-peers.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.deliver import PROCESSES, Released, deliver_all, first_message, raw_rate, released_batch, sink
from bench.floor import floor_rate
from bench.place import Row, say, set_up, stopwatch

HERE = Path(__file__).parent
HOME = HERE.parent.parent / "var" / "bench-peers"
PYTHON = HOME / "bin" / "python"
DATABASE = "bench_peers"


def run(people: int = 9_000, rounds: int = 2) -> list[Row]:
    """In turns, so that whatever else the machine does weighs on all: raw smtplib, the floor, ours, the peer's."""
    install()
    set_up()
    turns = [_turn(people) for _ in range(rounds)]
    total = people * rounds
    limit, floor, delivering, readying, sending, queueing = (
        total / sum(seconds) for seconds in zip(*turns, strict=True)
    )

    def both(one: float, other: float) -> float:
        return 1 / (1 / one + 1 / other)

    words = f"{total:,} in {rounds} lists"
    return [
        _row(f"deliver {words}, {PROCESSES} processes, all checks on", delivering, sending, limit),
        _row(f"plan, release and deliver {words}", both(readying, delivering), both(queueing, sending), limit),
        _row(f"one durable commit a message and no check, then raw smtplib: the floor, {words}", floor, sending, limit),
    ]


def _turn(people: int) -> tuple[float, float, float, float, float, float]:
    """Seconds: raw smtplib, the floor, our delivery, our plan and release, the peer's delivery, and its queueing."""
    ours = released_batch(people)
    with sink() as port:
        limit = people / raw_rate(port, ours.batch_id, people)
        floor = people / floor_rate(port, ours.batch_id, first_message(ours.batch_id)[2], PROCESSES)
        with stopwatch() as delivering:
            deliver_all(port, ours.batch_id)
        queueing, sending = _peer(port, ours, people)
    say(f"  raw {limit:.1f} s, floor {floor:.1f} s, ours {delivering[0]:.1f} s, peer {sending:.1f} s for {people}")
    return limit, floor, delivering[0], ours.planning + ours.releasing, sending, queueing


def _row(work: str, us: float, peer: float, limit: float) -> Row:
    return Row(
        work,
        f"{us:,.0f}/s",
        f"django-post-office, 2 processes, batches of 1,000: {peer:,.0f}/s; raw smtplib {limit:,.0f}/s",
        f"{us / peer:.1f} ×; {us / limit:.2f} of raw",
        "≥ 3 × the peer; ≥ 1/3 of raw",
    )


def install() -> None:
    """The peer in an environment of its own. Ends the run with 1 where it cannot be installed: no figure is made up."""
    wanted = (HERE / "requirements.txt").read_bytes()
    stamp = HOME / "installed.txt"
    if stamp.exists() and stamp.read_bytes() == wanted:
        return
    say("  installing django-post-office into var/bench-peers")
    pip = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes"]
    for command in ([sys.executable, "-m", "venv", "--clear", str(HOME)], [*pip, "-r", str(HERE / "requirements.txt")]):
        if subprocess.run(command, check=False).returncode:
            say("The peer could not be installed: is a Python package index reachable? Nothing was measured.")
            raise SystemExit(1)
    stamp.write_bytes(wanted)


def _peer(port: int, ours: Released, people: int) -> tuple[float, float]:
    """Seconds to queue and to send; raises RuntimeError unless all were sent."""
    with _database() as parameters:
        peer = {
            "database": parameters,
            "smtp_port": port,
            "words": _words(ours.batch_id),
            "lockfile": str(HOME / "lock"),
        }
        environment = os.environ | {"PEER": json.dumps(peer)}
        del environment["DJANGO_SETTINGS_MODULE"]
        _told(["migrate"], environment)
        with stopwatch() as queueing:
            _told(["queue", str(people)], environment)
        with stopwatch() as sending:
            _told(["send"], environment)
        if (sent := int(_told(["sent"], environment))) != people:
            raise RuntimeError(f"django-post-office sent {sent} of {people}")
    return queueing[0], sending[0]


def _told(verb: list[str], environment: dict[str, str]) -> str:
    site = HERE / "post_office_site.py"
    with (HOME / "log.txt").open("a") as log:
        command = [str(PYTHON), str(site), *verb]
        return subprocess.run(
            command, env=environment, stdout=subprocess.PIPE, stderr=log, text=True, check=True
        ).stdout


def _words(batch_id: int) -> dict[str, str]:
    """Our own words for the first of the list, its number and name left open; the links stay the first one's."""
    rendered, content = first_message(batch_id)[:2]

    def opened(text: str) -> str:
        return text.replace(content.orias_number, "{{ number }}").replace(content.name, "{{ name }}")

    return {"subject": opened(rendered.subject), "text": opened(rendered.text), "html": opened(rendered.html)}


@contextmanager
def _database() -> Iterator[dict[str, Any]]:
    """An empty database beside ours on the same server; how to reach it, as Django's settings say it."""
    from django.db import connection

    own = connection.settings_dict
    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE}")
        cursor.execute(f"CREATE DATABASE {DATABASE}")
        try:
            known = {name: str(own[name]) for name in ("HOST", "PORT", "USER", "PASSWORD") if own.get(name)}
            yield {**known, "NAME": DATABASE, "CONN_MAX_AGE": 600}
        finally:
            cursor.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
