"""What it takes to write a planned list and nothing else: no rule, no second look, no message, no hash."""

from __future__ import annotations

from typing import TYPE_CHECKING

from bench.place import Row, stopwatch

if TYPE_CHECKING:
    from django.db.models import Model

_KEEP = """
DROP TABLE IF EXISTS bench_notice, bench_item, bench_bare;
CREATE TABLE bench_notice AS SELECT * FROM reminders_notice ORDER BY rank;
CREATE TABLE bench_item AS SELECT * FROM reminders_noticeitem ORDER BY id;
CREATE TABLE bench_bare (LIKE reminders_notice INCLUDING ALL);
"""
# The ledger refuses to be emptied, and a sealed list to be added to.
_EMPTY = """
SET session_replication_role = replica;
TRUNCATE reminders_notice, reminders_noticeitem CASCADE;
UPDATE reminders_batch SET hash = '';
SET session_replication_role = DEFAULT;
"""


def plan_row(work: str, seconds: float, people: int, peak: float) -> Row:
    """A plan beside the writing of its rows. The list just planned is written anew; its batch is no longer sealed."""
    same, bare = same_insert(), bare_insert()

    def each(taken: float) -> str:
        return f"{taken:.2f} s, {taken / people * 1e6:.0f} µs each"

    return Row(
        work,
        f"{each(seconds)}, peak {peak:.0f} MB",
        f"INSERT … SELECT of its rows, notices and what they discharge, keys and triggers on: {each(same)};"
        f" of the notices alone, into a bare table: {each(bare)}",
        f"{seconds / same:.1f} ×; {seconds / bare:.1f} × the bare table",
        "≤ 3 ×; ≤ 2 × at 1 M; memory flat",
    )


def same_insert() -> float:
    """Seconds to write the rows of the list into their own tables, to the end of the commit."""
    from django.db import connection, transaction

    from reminders.models import Notice, NoticeItem

    with connection.cursor() as cursor:
        for statements in (_KEEP, _EMPTY, "CHECKPOINT"):
            cursor.execute(statements)
        with stopwatch() as taken, transaction.atomic():
            cursor.execute(_written(Notice, "reminders_notice", "bench_notice"))
            cursor.execute(_written(NoticeItem, "reminders_noticeitem", "bench_item"))
    return taken[0]


def bare_insert() -> float:
    """Seconds to write the notices that `same_insert` kept into a table of that form, without keys and triggers."""
    from django.db import connection

    from reminders.models import Notice

    with connection.cursor() as cursor:
        cursor.execute("CHECKPOINT")
        with stopwatch() as taken:
            cursor.execute(_written(Notice, "bench_bare", "bench_notice"))
        cursor.execute("DROP TABLE bench_notice, bench_item, bench_bare")
    return taken[0]


def _written(model: type[Model], into: str, kept: str) -> str:
    columns = ", ".join(field.column for field in model._meta.concrete_fields if not field.generated)
    return f"INSERT INTO {into} ({columns}) SELECT {columns} FROM {kept}"
