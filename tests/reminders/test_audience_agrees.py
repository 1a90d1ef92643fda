"""Two evaluators, one answer: the set-based audience says of everyone what the pure rules say."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

import pytest
from django.db import connection

from registry.facts import load_files, load_reference
from registry.models import RenewalCampaign
from registry.rules.facts import FileFacts, Reference
from reminders.ledger import load_ledger, load_policy
from reminders.models import Wave
from reminders.planning.audience import draw_audience, planned_in_order, tally
from reminders.rules.addresses import ADDRESS_PATTERN, is_writable
from reminders.rules.eligibility import Decision, LedgerFacts, Policy, SkipReason, decide_reminder
from tests.factories import DeadlineDecisionFactory, shifted
from tests.plans import counted_work, forget_statistics
from tests.reminders.dealing import NO_PLACES, PLACES, Dealer
from tests.reminders.scenes import DAY, complete_file, due_file

pytestmark = pytest.mark.django_db

FILES = 300
EDGES = (
    date(2025, 12, 31),
    date(2026, 1, 1),
    date(2026, 1, 31),
    date(2026, 2, 24),
    date(2026, 2, 28),
    date(2026, 3, 1),
    date(2026, 3, 14),
    date(2026, 3, 15),
)
DAYS = (*EDGES, *(date(2026, 1, 14) + timedelta(9 * n) for n in range(6)))
ON_RECORD = set(SkipReason) - {SkipReason.FACTS_CHANGED}
"""FACTS_CHANGED is a reason of the moment of sending only."""


@dataclass(frozen=True)
class Told:
    """What either evaluator says of one person; keys and last useful day only where a mail is due."""

    reason: str | None
    keys: tuple[str, ...]
    last_useful_day: date | None
    items: list[dict[str, Any]]


def by_sql(day: date, policy: Policy, ids: list[int] | None = None) -> dict[int, Told]:
    draw_audience(day, policy, ids)
    with connection.cursor() as cursor:
        cursor.execute("SELECT id, reason, keys, last_useful_on, items FROM audience")
        rows = cursor.fetchall()
    return {
        pk: _told(reason, tuple(keys or ()), last, json.loads(items or "[]")) for pk, reason, keys, last, items in rows
    }


def by_rules(
    files: dict[int, FileFacts], ledger: Any, reference: Reference, policy: Policy, day: date
) -> dict[int, Told]:
    decided = {
        pk: decide_reminder(facts, ledger.get(pk, LedgerFacts()), reference, policy, day) for pk, facts in files.items()
    }
    return {
        pk: _told(d.reason, tuple(map(str, d.discharged)), d.last_useful_day, _items(d)) for pk, d in decided.items()
    }


def _told(reason: str | None, keys: tuple[str, ...], last: date | None, items: list[dict[str, Any]]) -> Told:
    return Told(None, keys, last, items) if reason is None else Told(str(reason), (), None, items)


def _items(decision: Decision) -> list[dict[str, Any]]:
    """The open items as the evidence of the set-based pass tells them: what is empty is left out."""
    told = (
        {
            "kind": i.kind.value,
            "term": i.term.isoformat(),
            "due_on": i.due_on.isoformat(),
            "wave": i.wave and i.wave.code,
            "categories": [c.value for c in i.categories],
        }
        for i in decision.items
    )
    return [{name: value for name, value in one.items() if value is not None} for one in told]


def the_defaults() -> None:
    """Nothing is moved."""


def dates_moved_by_decisions() -> None:
    """A tolerance to the end of March, as in 2023, a later opening, and an ordinary date before the term."""
    end = date(2026, 3, 31)
    shifted(2026, opens_on=date(2026, 1, 5), due_on=date(2026, 2, 20), tolerated_until=end, expires_on=end)
    # Those whose cover ends alone in these days have three more.
    DeadlineDecisionFactory.create(freeze=True, from_on=date(2026, 4, 1), until_on=date(2026, 4, 3))


def no_campaign_on_record() -> None:
    RenewalCampaign.objects.filter(year__gte=2026).delete()


def waves_that_overlap_and_one_that_is_off() -> None:
    Wave.objects.filter(code="D-15").update(active=False)
    Wave.objects.filter(code="D-30").update(last_offset=-1)
    Wave.objects.create(code="D-7b", first_offset=-7, last_offset=-4)
    Wave.objects.create(code="D+9", first_offset=9, last_offset=9)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("decree", "seed", "policies"),
    [
        (the_defaults, 2014, [(5, None), (0, None), (12, "D-30")]),
        (dates_moved_by_decisions, 2, [(5, None)]),
        (no_campaign_on_record, 3, [(5, None)]),
        (waves_that_overlap_and_one_that_is_off, 4, [(5, None), (4, "D-7b")]),
    ],
)
def test_i1_i3_i5_both_evaluators_say_the_same_of_everyone_on_every_day(
    decree: Callable[[], None], seed: int, policies: list[tuple[int, str | None]]
) -> None:
    """Fails without any one line of audience.sql, `AND NOT first_validity` or `l.id IS NOT NULL` for two."""
    decree()
    ids = Dealer(Random(seed)).register(FILES)  # noqa: S311
    files, reference, ledger = load_files(ids), load_reference(), load_ledger(ids)
    seen: Counter[str | None] = Counter()
    for gap_days, only_wave in policies:
        policy = load_policy(gap_days=gap_days, only_wave=only_wave)
        for day in DAYS if policy.gap_days == 5 else EDGES[3:]:
            expected, got = by_rules(files, ledger, reference, policy, day), by_sql(day, policy)
            wrong = [pk for pk, told in expected.items() if got.get(pk) != told]
            first = [(got.get(pk), expected[pk], files[pk], ledger.get(pk)) for pk in wrong[:1]]
            assert not wrong, f"on {day}, {policy}: {first}"
            assert got.keys() == expected.keys()
            seen.update(told.reason for told in got.values())
    assert sum(seen.values()) >= 3_000
    if decree is the_defaults:
        assert set(seen) == {None, *ON_RECORD}, f"never dealt: { ({None, *ON_RECORD} - set(seen)) }"
        assert min(seen.values()) >= 20, seen


def test_some_may_be_asked_for_alone_and_are_told_the_same() -> None:
    ids = Dealer(Random(9)).register(60)  # noqa: S311
    policy = load_policy(gap_days=5)
    everybody, some = by_sql(DAY, policy), by_sql(DAY, policy, ids[:15])
    assert some == {pk: everybody[pk] for pk in ids[:15]}
    assert by_sql(DAY, policy, []) == {}


def test_where_statistics_are_not_there_yet_the_audience_is_still_joined_by_hashing() -> None:
    """Fails without `joined_by_sets`: the rows of every file would be compared with those of every other."""
    size = 90
    Dealer(Random(5)).register(size)  # noqa: S311
    forget_statistics()
    with counted_work("CREATE TEMPORARY TABLE") as work:
        draw_audience(DAY, load_policy(gap_days=5))
    assert len(work.rows) == 3
    assert work.most < size * 200


@pytest.mark.slow
def test_i8_the_count_of_an_audience_adds_up_in_total_and_in_each_category() -> None:
    ids = Dealer(Random(11)).register(FILES)  # noqa: S311
    draw_audience(DAY, load_policy(gap_days=5))
    counts = tally()
    assert counts.registered == len(ids) == counts.planned + sum(counts.skipped.values())
    assert sorted(counts.by_category) == ["CIF", "COA", "IOB"]
    for numbers in counts.by_category.values():
        assert numbers["registered"] == numbers["planned"] + numbers["left_out"] > 0
    assert sum(map(len, planned_in_order(7))) == counts.planned


def test_the_recipients_come_in_their_order_however_small_the_chunks_are() -> None:
    for _ in range(7):
        due_file()
    complete_file()
    draw_audience(DAY, load_policy(gap_days=5))
    whole = [one for chunk in planned_in_order(100) for one in chunk]
    assert [one.rank for one in whole] == [1, 2, 3, 4, 5, 6, 7]
    assert [one for chunk in planned_in_order(3) for one in chunk] == whole


@pytest.mark.parametrize("email", [*PLACES, *NO_PLACES, "x" * 240 + "@a.fr", "a@" + "b" * 64 + ".fr", "a@b.fr\r\nDATA"])
def test_postgresql_reads_the_pattern_of_an_address_as_python_does(email: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT %s ~ %s", [email, ADDRESS_PATTERN])
        assert cursor.fetchone()[0] is is_writable(email)


def test_both_kinds_of_addresses_are_among_those_dealt() -> None:
    assert all(map(is_writable, PLACES))
    assert not any(map(is_writable, NO_PLACES))
