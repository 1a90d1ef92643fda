"""The audience of a day, decided in one set-based pass over the source rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from django.db import connection

from registry.findings import FINDING_CTES, assessment_parameters, joined_by_sets
from reminders.models.controls import domain_sql
from reminders.rules.addresses import ADDRESS_PATTERN, PLAIN_ADDRESS_LENGTH, PLAIN_ADDRESS_PATTERN
from reminders.rules.eligibility import Policy

# In a table of its own, so that PostgreSQL knows its size: guessing, it would join 24,000 files pair by pair.
_FINDINGS = f"""
CREATE TEMPORARY TABLE finding ON COMMIT DROP AS
WITH {FINDING_CTES}
SELECT intermediary_id, category, kind, state, covered_until, term, due_on, first_validity FROM finding
"""
# Whose mails ever came back, one by one from what came back: of the mails of many years that is little, and the view
# joined as a whole would read them all.
_TROUBLE = """
CREATE TEMPORARY TABLE trouble ON COMMIT DROP AS
SELECT intermediary_id, hard, soft_days FROM reminders_addresstrouble
WHERE (%(ids)s::bigint[] IS NULL OR intermediary_id = ANY (%(ids)s::bigint[])) AND intermediary_id = ANY (ARRAY(
    SELECT n.intermediary_id
    FROM reminders_bounce b
    CROSS JOIN LATERAL (SELECT intermediary_id FROM reminders_notice WHERE id = b.notice_id OFFSET 0) n
    UNION
    SELECT intermediary_id FROM reminders_notice WHERE troubled AND state = 'REFUSED'
))
"""
AUDIENCE_CTES = (Path(__file__).parent / "audience.sql").read_text(encoding="utf-8")
"""Common table expressions ending in `candidate`; parameters as `audience_parameters` makes them. They read the tables
`finding` and `trouble` (`set_trouble_aside`)."""

# Drawn over the categories and, within each, over the mail domains: those who hold the same categories are set side
# by side by domain, in an order that a hash of number and day has shuffled, and then taken in steps of the golden
# section, which leaves no domain far behind or ahead of its share. The strata are interleaved by theirs, so that any
# beginning of the list is a fair sample of the whole.
DRAW = f"""
shuffled AS MATERIALIZED (
    SELECT id, categories, hashtextextended(orias_number || %(day)s::text, 0) AS shuffle,
           {domain_sql("email")} AS domain
    FROM candidate WHERE reason IS NULL
),
beside AS (
    SELECT id, categories, shuffle, row_number() OVER (
        PARTITION BY categories ORDER BY hashtextextended(domain || %(day)s::text, 0), domain, shuffle
    ) * ((sqrt(5::float8) - 1) / 2) AS turns
    FROM shuffled
),
placed AS (
    SELECT id, shuffle,
           (row_number() OVER (PARTITION BY categories ORDER BY turns - floor(turns), shuffle) - 0.5)
           / count(*) OVER (PARTITION BY categories) AS place
    FROM beside
),
drawn AS (SELECT id, row_number() OVER (ORDER BY place, shuffle, id) AS rank FROM placed)
SELECT c.*, d.rank FROM candidate c LEFT JOIN drawn d ON d.id = c.id
"""
"""From the CTE `candidate` to the audience in its frozen order."""

_DRAW = f"CREATE TEMPORARY TABLE audience ON COMMIT DROP AS WITH {AUDIENCE_CTES}, {DRAW}"


def draw_audience(day: date, policy: Policy, ids: Sequence[int] | None = None) -> None:
    """Decide everyone (or `ids`) into the temporary table `audience`, which lives as long as the transaction."""
    set_trouble_aside(ids)
    with joined_by_sets(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.audience, pg_temp.finding")
        # Sizes are all that matters of these: a small sample tells them.
        cursor.execute("SET LOCAL default_statistics_target = 10")
        cursor.execute(_FINDINGS, assessment_parameters(day, ids, with_exempt=False))
        cursor.execute("ANALYZE finding")
        cursor.execute(_DRAW, audience_parameters(day, policy, ids))
        cursor.execute("CREATE INDEX ON audience (rank) WHERE rank IS NOT NULL")
        cursor.execute("ANALYZE audience")
        cursor.execute("SET LOCAL default_statistics_target TO DEFAULT")


def set_trouble_aside(ids: Sequence[int] | None = None) -> None:
    """Write the addresses in trouble (of `ids`) into the temporary table `trouble`, which AUDIENCE_CTES read."""
    with joined_by_sets(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.trouble")
        cursor.execute("SELECT current_setting('enable_seqscan'), set_config('enable_seqscan', 'off', true)")
        before, _ = cursor.fetchone()
        cursor.execute(_TROUBLE, {"ids": None if ids is None else list(ids)})
        cursor.execute("SELECT set_config('enable_seqscan', %s, true)", [before])
        cursor.execute("ANALYZE trouble")


def audience_parameters(day: date, policy: Policy, ids: Sequence[int] | None = None) -> dict[str, Any]:
    """The parameters of AUDIENCE_CTES: the day, the policy, the intermediaries (None: all)."""
    tuned = {
        "gap_days": policy.gap_days,
        "only_wave": policy.only_wave,
        "address": ADDRESS_PATTERN,
        "plain_address": PLAIN_ADDRESS_PATTERN,
        "plain_length": PLAIN_ADDRESS_LENGTH,
        "soft_days_make_dead": policy.soft_days_make_dead,
    }
    return assessment_parameters(day, ids) | tuned


@dataclass(frozen=True, slots=True)
class Tally:
    """Counts of a drawn audience: all, planned, and left out by reason; the same per category held."""

    registered: int
    planned: int
    skipped: dict[str, int]
    by_category: dict[str, dict[str, int]]


def tally() -> Tally:
    """Count the drawn audience."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reason, count(*) FROM audience GROUP BY reason ORDER BY count(*) DESC, reason")
        counts: list[tuple[str | None, int]] = cursor.fetchall()
        cursor.execute(
            "SELECT category, count(*), count(rank), count(*) - count(rank)"
            " FROM audience, unnest(string_to_array(categories, '+')) category GROUP BY category ORDER BY category"
        )
        categories = cursor.fetchall()
    return Tally(
        registered=sum(n for _, n in counts),
        planned=sum(n for reason, n in counts if reason is None),
        skipped={reason: n for reason, n in counts if reason is not None},
        by_category={c: {"registered": r, "planned": p, "left_out": o} for c, r, p, o in categories},
    )


@dataclass(frozen=True, slots=True)
class Planned:
    """One recipient as the set-based pass sees it."""

    rank: int
    intermediary_id: int
    orias_number: str
    email: str
    facts_version: int
    keys: tuple[str, ...]


def planned_in_order(size: int) -> Iterator[list[Planned]]:
    """The recipients in their frozen order, `size` at a time: memory stays flat however many there are."""
    after = 0
    while chunk := _planned_after(after, size):
        yield chunk
        after = chunk[-1].rank


def _planned_after(rank: int, size: int) -> list[Planned]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rank, id, orias_number, email, facts_version, keys FROM audience"
            " WHERE rank > %s ORDER BY rank LIMIT %s",
            [rank, size],
        )
        return [
            Planned(place, pk, number, email, version, tuple(keys))
            for place, pk, number, email, version, keys in cursor.fetchall()
        ]
