"""What a decision about deadlines changes: whose filing days, and which waves for whom. The preview is the decision,
made and undone (I5)."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from hashlib import sha256
from typing import Any, Protocol

from django.db import connection, transaction

from registry.clock import local_day
from registry.facts import load_reference
from registry.findings import joined_by_sets
from registry.models import DeadlineDecision
from registry.rules.campaigns import CampaignDates
from registry.rules.deadlines import MOVABLE, DeadlineAct, Freeze, freeze_in_words
from reminders.errors import ReminderError
from reminders.planning.audience import draw_audience, tally
from reminders.rules.eligibility import Policy


class Decide(Protocol):
    """Signs a decision; without `refresh` the stored findings stay as they are."""

    def __call__(self, *, refresh: bool) -> DeadlineDecision:
        """Sign it."""


_KEEP = "CREATE TEMPORARY TABLE finding_before ON COMMIT DROP AS TABLE finding"
_CHANGES = """
CREATE TEMPORARY TABLE deadline_change ON COMMIT DROP AS
SELECT a.intermediary_id, a.category, a.kind, a.term, b.due_on AS due_before, a.due_on AS due_after,
       b.state AS state_before, a.state AS state_after
FROM finding_before b
JOIN finding a ON a.intermediary_id = b.intermediary_id AND a.category = b.category AND a.kind = b.kind
WHERE (b.due_on IS DISTINCT FROM a.due_on OR b.state <> a.state) AND NOT (b.first_validity AND a.first_validity)
"""
_AFFECTED = """
SELECT category, count(DISTINCT intermediary_id) FROM deadline_change GROUP BY category ORDER BY category
"""
_DUE = """
SELECT due_before, due_after, count(DISTINCT (intermediary_id, category)), count(DISTINCT intermediary_id)
FROM deadline_change GROUP BY due_before, due_after ORDER BY due_before, due_after
"""
# A wave counts once for its term: who had it before is not written to again, wherever its days move (I2).
_WAVES = """
SELECT w.code, c.due_before, c.due_after, c.due_before + w.first_offset, c.due_before + w.last_offset,
       c.due_after + w.first_offset, c.due_after + w.last_offset,
       count(DISTINCT c.intermediary_id) FILTER (WHERE h.id IS NULL),
       count(DISTINCT c.intermediary_id) FILTER (WHERE h.id IS NOT NULL)
FROM deadline_change c
JOIN reminders_wave w ON w.active
LEFT JOIN reminders_noticeitem h ON h.held AND h.intermediary_id = c.intermediary_id
                                AND h.kind = c.kind AND h.term = c.term AND h.wave = w.code
                                AND h.term = ANY (ARRAY(SELECT DISTINCT term FROM deadline_change))
WHERE c.due_before <> c.due_after AND greatest(c.due_before, c.due_after) + w.last_offset >= %(day)s
GROUP BY w.code, w.first_offset, w.last_offset, c.due_before, c.due_after
ORDER BY c.due_before, c.due_after, w.first_offset
"""
_WAITING = """
SELECT count(*) FROM reminders_notice
WHERE live AND intermediary_id IN (SELECT intermediary_id FROM deadline_change)
"""
_PEOPLE = """
SELECT i.orias_number, c.category, c.kind, c.due_before, c.due_after, c.state_before, c.state_after
FROM deadline_change c JOIN registry_intermediary i ON i.id = c.intermediary_id
ORDER BY i.orias_number, c.category, c.kind
"""
PEOPLE_COLUMNS = ("orias_number", "category", "kind", "due_before", "due_after", "state_before", "state_after")
_WAVE_KEYS = (
    "wave", "due_before", "due_after", "first_day_before", "last_day_before", "first_day_after", "last_day_after",
    "people", "already_reminded",
)  # fmt: skip


def decide_deadlines(
    decide: Decide, *, now: datetime, policy: Policy, apply: bool, shown: str | None = None
) -> dict[str, Any]:
    """Make a decision and report what it changes, all or nothing; unless `apply`, undo it: nothing is written.

    Keys: decision (its number, None where undone), act, applied, campaigns, affected, due, waves, people,
    reminders_today, waiting_notices, published, hash (of whom it affects and how). `shown`: the hash that was read;
    raises ReminderError, with nothing written, where the decision would not change just that.
    """
    day = local_day(now)
    with transaction.atomic():
        campaigns = load_reference().campaigns
        draw_audience(day, policy)
        planned = tally().planned
        _run("DROP TABLE IF EXISTS pg_temp.finding_before, pg_temp.deadline_change", _KEEP)
        made = decide(refresh=apply)
        draw_audience(day, policy)
        with joined_by_sets():
            _run(_CHANGES, "ANALYZE deadline_change")
            report = _report(day)
        report |= {
            "decision": made.pk if apply else None,
            "act": made.kind,
            "applied": apply,
            "campaigns": _moved(campaigns, load_reference().campaigns),
            "reminders_today": {"before": planned, "after": tally().planned},
            "published": _published(made),
        }
        report["hash"] = _hash(report)
        if shown is not None and report["hash"] != shown:
            raise ReminderError("Ce que la décision changerait n’est plus ce que vous avez lu\u00a0: relisez l’aperçu.")
        if not apply:
            transaction.set_rollback(True)
        return report


def _hash(report: dict[str, Any]) -> str:
    told = [report[name] for name in ("act", "campaigns", "affected", "due", "people")]
    return sha256(json.dumps(told, default=str, sort_keys=True).encode()).hexdigest()


def _report(day: date) -> dict[str, Any]:
    due = ("before", "after", "registrations", "people")
    return {
        "affected": dict(_rows(_AFFECTED)),
        "due": [dict(zip(due, row, strict=True)) for row in _rows(_DUE)],
        "waves": [dict(zip(_WAVE_KEYS, row, strict=True)) for row in _rows(_WAVES, {"day": day})],
        "waiting_notices": _rows(_WAITING)[0][0],
        "people": [dict(zip(PEOPLE_COLUMNS, row, strict=True)) for row in _rows(_PEOPLE)],
    }


def _moved(before: Sequence[CampaignDates], after: Sequence[CampaignDates]) -> list[dict[str, Any]]:
    return [
        {"year": new.year}
        | {name: {"before": old_day, "after": new_day} for name, old_day, new_day in _differing(old, new)}
        for old, new in zip(before, after, strict=True)
        if old != new
    ]


def _differing(old: CampaignDates, new: CampaignDates) -> Iterator[tuple[str, date, date]]:
    for name in MOVABLE:
        if getattr(old, name) != getattr(new, name):
            yield name, getattr(old, name), getattr(new, name)


def _published(made: DeadlineDecision) -> str | None:
    if made.kind != DeadlineAct.FREEZE or made.from_on is None or made.until_on is None:
        return None
    return freeze_in_words(Freeze(made.from_on, made.until_on))


def _run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def _rows(statement: str, values: dict[str, Any] | None = None) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values or {})
        return list(cursor.fetchall())
