"""Forecast: how many reminders would go on each day to come, if nothing changed. Nothing is written.

The planner's own queries are asked day after day, with a ledger in temporary tables that takes up what each day would
send. Only those are looked at for whom something begins or ends that day (docs/decisions/0012-forecast.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from django.db import connection, transaction

from registry.clock import PARIS
from registry.findings import FINDING_CTES, assessment_parameters, joined_by_sets
from registry.models import Intermediary
from registry.rules.covers import RENEWAL_NOTICE
from reminders.config import EngineSettings
from reminders.ledger import load_policy
from reminders.planning.audience import AUDIENCE_CTES, audience_parameters, set_trouble_aside
from reminders.rules.eligibility import Policy
from reminders.rules.hotline import CallLoad, call_load
from reminders.rules.send_window import SendWindow, opens_on
from reminders.rules.states import LIVE_BATCH_STATES, BatchState, NoticeState

MOST_NAMED = 0.25
"""The share of the register up to which those to be looked at are named one by one."""

_RELEASED = sorted(s.value for s in LIVE_BATCH_STATES - {BatchState.DRAFT, BatchState.APPROVED})

# Under way: sent as soon as the window opens. What else waits is a draft, which the rules would plan once more.
_UNDER_WAY = f"""(n.state = '{NoticeState.SENDING}'
                  OR (b.state = ANY (%(released)s) AND n.not_after >= %(noon)s))"""
_COUNT_UNDER_WAY = f"""
SELECT count(*) FROM reminders_notice n JOIN reminders_batch b ON b.id = n.batch_id WHERE n.live AND {_UNDER_WAY}
"""
_ITEM = "id, held, intermediary_id, kind, term, wave, notice_id"
_TABLES = (
    f"CREATE TEMPORARY TABLE forecast_finding ON COMMIT DROP AS WITH {FINDING_CTES} SELECT * FROM finding WITH NO DATA",
    f"""
    CREATE TEMPORARY TABLE forecast_notice ON COMMIT DROP AS
    SELECT id, intermediary_id, state, settled_at, live, unsent
    FROM reminders_notice
    WHERE NOT live AND settled_at >= %(noon)s - make_interval(days => %(gap_days)s + 1)
    UNION ALL
    SELECT n.id, n.intermediary_id, '{NoticeState.ACCEPTED}', %(noon)s, false, false
    FROM reminders_notice n JOIN reminders_batch b ON b.id = n.batch_id
    WHERE n.live AND {_UNDER_WAY}
    """,
    # What a draft has reserved is free: the ledger's own rows are read, of the terms at hand, and these left out.
    f"""
    CREATE TEMPORARY TABLE forecast_draft ON COMMIT DROP AS
    SELECT n.id AS notice_id
    FROM reminders_notice n JOIN reminders_batch b ON b.id = n.batch_id
    WHERE n.live AND NOT {_UNDER_WAY}
    """,
    f"CREATE TEMPORARY TABLE forecast_item ON COMMIT DROP AS SELECT {_ITEM} FROM reminders_noticeitem WITH NO DATA",
    # Whose findings may change on a day: any date of their own rows, the day after it, the one after that (the 28th of
    # February stands for the 29th), and the day on which a cover that ends alone becomes due.
    """
    CREATE TEMPORARY TABLE forecast_look ON COMMIT DROP AS
    SELECT DISTINCT dated.intermediary_id, dated.on_day + shift AS on_day, true AS facts
    FROM (
        SELECT intermediary_id, unnest(ARRAY [registered_on, removed_on, suspended_on, suspended_until]) AS on_day
        FROM registry_registration
        UNION ALL
        SELECT intermediary_id, unnest(ARRAY [starts_on, ends_on]) FROM registry_cover
        UNION ALL
        SELECT c.intermediary_id, e.effective_on FROM registry_coverevent e JOIN registry_cover c ON c.id = e.cover_id
    ) dated
    CROSS JOIN unnest(%(shifts)s::integer[]) shift
    WHERE dated.on_day + shift > %(day)s AND dated.on_day + shift <= %(last)s
    """,
    "CREATE INDEX ON forecast_finding (intermediary_id)",
    "CREATE INDEX ON forecast_notice (intermediary_id)",
    "CREATE INDEX ON forecast_item (intermediary_id)",
    "CREATE INDEX ON forecast_look (on_day)",
    "ANALYZE forecast_notice, forecast_draft, forecast_look",
)
_REFERENCE_DAYS = """
SELECT unnest(ARRAY [opens_on, expires_on + 1, make_date(year, 3, 1)]) FROM registry_campaigndates
UNION SELECT unnest(ARRAY [valid_from, valid_until + 1]) FROM registry_requirement
"""
_TO_LOOK_AT = """
SELECT intermediary_id, bool_or(facts) FROM forecast_look WHERE on_day > %(since)s AND on_day <= %(day)s
GROUP BY intermediary_id
"""
_LOOKED_AT = "(%(ids)s::bigint[] IS NULL OR intermediary_id = ANY (%(ids)s::bigint[]))"
_OR_MERGED = """(%(ids)s::bigint[] IS NULL OR intermediary_id = ANY (
    %(ids)s::bigint[] || ARRAY(SELECT id FROM registry_intermediary WHERE merged_into_id IS NOT NULL)))"""
_FORGET = f"DELETE FROM forecast_finding WHERE {_LOOKED_AT}"
_ASSESS = f"INSERT INTO forecast_finding WITH {FINDING_CTES} SELECT * FROM finding"
_LOOK_AGAIN = f"""
INSERT INTO forecast_look
SELECT DISTINCT intermediary_id, due_on + edge.days, false
FROM forecast_finding
CROSS JOIN (SELECT first_offset AS days FROM reminders_wave WHERE active
            UNION SELECT last_offset + 1 FROM reminders_wave WHERE active) edge
WHERE {_LOOKED_AT} AND due_on + edge.days > %(day)s AND due_on + edge.days <= %(last)s
"""
# A name after WITH hides the table of that name: the audience reads the ledger as the forecast has it.
_SEND = f"""
WITH finding AS (SELECT * FROM forecast_finding WHERE {_LOOKED_AT}),
reminders_notice AS (SELECT * FROM forecast_notice WHERE {_OR_MERGED}),
reminders_noticeitem AS NOT MATERIALIZED (
    SELECT {_ITEM} FROM forecast_item WHERE {_OR_MERGED}
    UNION ALL
    SELECT {_ITEM} FROM reminders_noticeitem i
    WHERE held AND {_OR_MERGED} AND NOT EXISTS (SELECT FROM forecast_draft d WHERE d.notice_id = i.notice_id)
),
{AUDIENCE_CTES},
decided AS MATERIALIZED (SELECT id, keys, reason FROM candidate WHERE reason IS NULL OR reason = 'TOO_SOON'),
mailed_now AS (
    INSERT INTO forecast_notice
    SELECT 0, id, '{NoticeState.ACCEPTED}', %(noon)s, false, false FROM decided WHERE reason IS NULL
),
discharged_now AS (
    INSERT INTO forecast_item
    SELECT 0, true, id, split_part(key, '/', 1), split_part(key, '/', 2)::date, split_part(key, '/', 3)
    FROM decided, unnest(keys) key WHERE reason IS NULL
),
tomorrow AS (
    INSERT INTO forecast_look SELECT id, %(day)s::date + 1, false FROM decided WHERE reason = 'TOO_SOON'
)
SELECT split_part(key, '/', 3) AS wave, count(DISTINCT id) FROM decided, unnest(keys) key WHERE reason IS NULL
GROUP BY GROUPING SETS ((wave), ())
"""


@dataclass(frozen=True, slots=True)
class ForecastDay:
    """One day: notices that discharge each wave (one that discharges two counts for both), notices, and their calls."""

    day: date
    waves: dict[str, int]
    notices: int
    load: CallLoad


def days_to_simulate(first: date, last: date, *, today: date, window: SendWindow) -> list[date]:
    """The days on which mails may leave, up to `last`: from today where `first` is later, since what goes until then
    is not due again."""
    start = min(first, today)
    days = (start + timedelta(n) for n in range((last - start).days + 1))
    return [day for day in days if opens_on(window, day)]


def under_way(day: date) -> int:
    """How many notices of batches released already would leave on `day`, beside those forecast."""
    with connection.cursor() as cursor:
        cursor.execute(_COUNT_UNDER_WAY, _ledger_parameters(day))
        return int(cursor.fetchone()[0])


def forecast(
    days: Sequence[date], engine: EngineSettings, *, advance: Callable[[int], None] = lambda _: None
) -> list[ForecastDay]:
    """What would go on each of `days`, in order, each day's list approved and accepted whole on that day.

    What batches released already still hold goes on the first day, uncounted; drafts count as not made. Runs in a
    transaction that can write nothing but temporary tables, and is rolled back. `advance` is told each day done.
    """
    if not days:
        return []
    policy = load_policy(gap_days=engine.gap_days)
    told = []
    with _nothing_written(days, policy):
        simulation = _Simulation(policy, _reference_days(), Intermediary.objects.count(), days[-1])
        for day in days:
            told.append(_forecast_day(day, simulation.send(day), engine, policy))
            advance(1)
    return told


def _forecast_day(day: date, counts: dict[str | None, int], engine: EngineSettings, policy: Policy) -> ForecastDay:
    notices = counts.get(None, 0)
    waves = {wave.code: counts.get(wave.code, 0) for wave in policy.waves}
    return ForecastDay(day, waves, notices, call_load(notices, engine.pace_per_hour, engine.hotline))


@contextmanager
def _nothing_written(days: Sequence[date], policy: Policy) -> Iterator[None]:
    """Make the temporary tables, forbid every other write, and roll back in the end."""
    with transaction.atomic(), connection.cursor() as cursor:
        parameters = assessment_parameters(days[0]) | _ledger_parameters(days[0])
        notice = RENEWAL_NOTICE.days
        shifts = [0, 1, 2, -notice - 1, -notice, -notice + 1]
        for statement in _TABLES:
            cursor.execute(statement, parameters | {"gap_days": policy.gap_days, "shifts": shifts, "last": days[-1]})
        set_trouble_aside()
        cursor.execute("SET TRANSACTION READ ONLY")
        with joined_by_sets():
            yield
        transaction.set_rollback(True)


def _ledger_parameters(day: date) -> dict[str, Any]:
    return {"released": _RELEASED, "noon": _noon(day)}


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), PARIS)


def _reference_days() -> list[date]:
    """The days from which a campaign or a requirement says something else to everybody."""
    with connection.cursor() as cursor:
        cursor.execute(_REFERENCE_DAYS)
        return [day for (day,) in cursor.fetchall() if day]


@dataclass(slots=True)
class _Simulation:
    """The days gone through so far: what they have sent stands in the temporary tables."""

    policy: Policy
    reference_days: list[date]
    registered: int
    last: date
    before: date | None = None

    def send(self, day: date) -> dict[str | None, int]:
        """Send what is due on `day`: notices per wave; under None, all of them."""
        changed, looked_at = self._to_look_at(day)
        self.before = day
        if changed is None or changed:
            self._assess(day, changed)
        if looked_at is not None and not looked_at:
            return {}
        with connection.cursor() as cursor:
            cursor.execute(_SEND, audience_parameters(day, self.policy, looked_at) | {"noon": _noon(day)})
            return dict(cursor.fetchall())

    def _to_look_at(self, day: date) -> tuple[list[int] | None, list[int] | None]:
        """Whose findings may have changed since the day before, and who may be due; None: everybody."""
        if self.before is None or any(self.before < changes <= day for changes in self.reference_days):
            return None, None
        with connection.cursor() as cursor:
            cursor.execute(_TO_LOOK_AT, {"since": self.before, "day": day})
            rows = cursor.fetchall()
        return self._or_all([pk for pk, facts in rows if facts]), self._or_all([pk for pk, _ in rows])

    def _or_all(self, ids: list[int]) -> list[int] | None:
        """None where they are so many that a list of them costs more than to look at everybody."""
        return ids if len(ids) <= MOST_NAMED * self.registered else None

    def _assess(self, day: date, ids: list[int] | None) -> None:
        parameters = assessment_parameters(day, ids) | {"last": self.last}
        with connection.cursor() as cursor:
            for statement in (_FORGET, _ASSESS, _LOOK_AGAIN):
                cursor.execute(statement, parameters)
            if ids is None:
                cursor.execute("ANALYZE forecast_finding")
