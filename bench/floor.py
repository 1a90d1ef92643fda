"""The least that a sender must do who is never to send twice: one durable commit before each message.

For each notice its file is locked, its state compared and set, its attempt written, in one commit together with the
outcome of the notice before; then raw smtplib. No claim, no rule, no rendering, no journal, no other check.
"""

from __future__ import annotations

import smtplib
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor

import psycopg

from bench.place import stopwatch

_TABLES = """
DROP TABLE IF EXISTS bench_notice, bench_attempt;
CREATE TABLE bench_notice (id bigint PRIMARY KEY, intermediary_id bigint NOT NULL, state text NOT NULL)
    WITH (fillfactor = 50);
CREATE TABLE bench_attempt (notice_id bigint NOT NULL, started_at timestamptz NOT NULL);
INSERT INTO bench_notice SELECT id, intermediary_id, 'CLAIMED' FROM reminders_notice WHERE batch_id = {batch};
ANALYZE bench_notice;
"""
_STEP = """
WITH done AS (
    UPDATE bench_notice SET state = 'ACCEPTED' WHERE id = %(done)s AND state = 'SENDING'
),
file AS MATERIALIZED (
    SELECT FROM registry_intermediary WHERE id = %(intermediary)s FOR SHARE
),
begun AS (
    UPDATE bench_notice SET state = 'SENDING' FROM file WHERE id = %(id)s AND state = 'CLAIMED' RETURNING id
)
INSERT INTO bench_attempt SELECT id, now() FROM begun
"""


def floor_rate(port: int, batch_id: int, message: bytes, processes: int) -> float:
    """Messages a second for the notices of a batch, in so many processes."""
    from django.db import connection

    from reminders.models import Notice

    with connection.cursor() as cursor:
        cursor.execute(_TABLES.format(batch=batch_id))
    known = connection.get_connection_params()
    place = {name: str(known[name]) for name in ("host", "port", "user", "password", "dbname") if known.get(name)}
    notices = list(Notice.objects.filter(batch=batch_id).order_by("rank").values_list("id", "intermediary_id"))
    shares = [notices[part::processes] for part in range(processes)]
    with ProcessPoolExecutor(processes) as pool, stopwatch() as taken:
        list(pool.map(_send, [place] * processes, [port] * processes, [message] * processes, shares))
    with connection.cursor() as cursor:
        cursor.execute("DROP TABLE bench_notice, bench_attempt")
    return len(notices) / taken[0]


def _send(place: Mapping[str, str], port: int, message: bytes, notices: list[tuple[int, int]]) -> None:
    """What one process does."""
    done = None
    with (
        psycopg.Connection.connect(psycopg.conninfo.make_conninfo(**place), autocommit=True) as database,
        smtplib.SMTP("127.0.0.1", port) as client,
    ):
        for notice, intermediary in notices:
            asked = {"done": done, "id": notice, "intermediary": intermediary}
            if database.execute(_STEP, asked, prepare=True).rowcount != 1:
                raise RuntimeError(f"the floor did not begin notice {notice}")
            client.sendmail("a@registre.example", ["b@cabinet.example"], message)
            done = notice
