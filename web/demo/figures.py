"""What the story counts, each figure by a query of its own that owes the engine nothing."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection

NAIVE_JOB = """\
SELECT DISTINCT i.id, i.email
FROM registry_intermediary i
JOIN registry_cover c ON c.intermediary_id = i.id
WHERE c.ends_on BETWEEN '{first}' AND '{last}' AND i.email <> ''"""
"""What such a job looks like: it asks for what ends this month, and never whether it was renewed."""

# A file is complete where some registration is in force and every one in force has all that it needs.
_STANDING = """
SELECT bool_or(r.removed_on IS NULL) AS registered,
       bool_and(r.removed_on IS NOT NULL OR NOT EXISTS (
           SELECT FROM registry_storedfinding f
           WHERE f.registration_id = r.id AND f.state NOT IN ('IN_FORCE', 'NOT_REQUIRED'))) AS nothing_open
FROM registry_registration r WHERE r.intermediary_id = mailed.id
"""
_COUNT = f"""
SELECT count(*), count(*) FILTER (WHERE registered AND nothing_open), count(*) FILTER (WHERE NOT registered)
FROM ({{mailed}}) mailed CROSS JOIN LATERAL ({_STANDING}) standing
"""
_MAILED = """
SELECT intermediary_id AS id FROM reminders_notice WHERE batch_id = {batch} AND state IN ('ACCEPTED', 'UNCERTAIN')
"""


@dataclass(frozen=True, slots=True)
class Mailing:
    """Recipients of a mailing, and how many of them should never have been: complete files, removed persons."""

    mails: int
    complete: int
    removed: int


def naive_job(day: date) -> str:
    """The naive job's query for the month of `day`."""
    last = day.replace(day=monthrange(day.year, day.month)[1])
    return NAIVE_JOB.format(first=day.replace(day=1).isoformat(), last=last.isoformat())


def naive_mailing(day: date) -> Mailing:
    """Whom the naive job would mail on `day`, judged by the register's stored findings."""
    return _mailing(naive_job(day))


def true_mailing(batch_id: int) -> Mailing:
    """Whom a batch has mailed, judged in the same way."""
    return _mailing(_MAILED.format(batch=int(batch_id)))


def complete_but_naively_mailed(day: date) -> str:
    """The number of one whose file is complete, and whom the naive job would mail all the same."""
    return str(
        _row(
            f"SELECT orias_number FROM registry_intermediary i JOIN ({naive_job(day)}) mailed USING (id)"  # noqa: S608
            f" CROSS JOIN LATERAL ({_STANDING}) standing WHERE registered AND nothing_open"
            " ORDER BY orias_number LIMIT 1"
        )[0]
    )


def _mailing(mailed: str) -> Mailing:
    return Mailing(*_row(_COUNT.format(mailed=mailed)))


def _row(statement: str) -> Sequence[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return list(cursor.fetchone())
