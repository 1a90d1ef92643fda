"""A ledger of many years: what is asked every minute reads the part that it asks for, not all that was ever sent."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection

from reminders.models import Attempt, Batch, Notice, Watch
from reminders.planning.forecast import days_to_simulate, forecast
from reminders.planning.plan import expire, plan_reminders
from reminders.planning.recall_list import draw_to_correct, left_to_correct
from reminders.planning.settling import uncertain
from reminders.planning.watch import watch_releases
from reminders.rules.send_window import ALWAYS
from reminders.rules.states import TROUBLED_STATES, NoticeState
from reminders.sending import standing
from reminders.sending.claim import claim, reap
from reminders.sending.company import verdict_of
from tests.factories import NoticeFactory, reach
from tests.plans import EXPLAINED
from tests.reminders.scenes import DAY, LOST_BEFORE_DOT, NOW, POLICY, due_file, engine, released_batch
from tests.web.staff_stage import as_role

pytestmark = pytest.mark.django_db

WHOLE = ("reminders_notice_pkey", "notice_by_key", "notice_of_a_person", "reminders_noticeitem_pkey")
"""Indexes of every row: gone through from end to end, they spare nothing."""
LEDGER = ("reminders_notice", "reminders_noticeitem", "reminders_attempt")


@contextmanager
def whole_reads() -> Iterator[list[str]]:
    """The statements of this block that no index could spare from reading all of a table of the ledger."""
    found: list[str] = []

    def explained(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        reads = sql.lstrip().startswith(EXPLAINED) and "WITH NO DATA" not in sql
        if reads and any(table in sql for table in LEDGER):
            execute(f"EXPLAIN (FORMAT JSON) {sql}", params, many, context)
            plan = context["cursor"].fetchone()[0][0]["Plan"]
            found.extend(f"{node}: {' '.join(sql.split())}" for node in _whole(plan))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(explained):
        yield found


def _whole(node: dict[str, Any]) -> Iterator[str]:
    by_all_of_an_index = "Index Cond" not in node and node.get("Index Name") in WHOLE
    if node.get("Relation Name") in LEDGER and (node["Node Type"] == "Seq Scan" or by_all_of_an_index):
        yield f"reads all of {node['Relation Name']}"
    for child in node.get("Plans", ()):
        yield from _whole(child)


_MANY = """
SET LOCAL session_replication_role = replica;
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, live, troubled, key, email, items,
                              body_digest, facts_version, reason, worker, not_after, settled_at, attempts, fence)
SELECT -n.batch_id, 1000000 + g, g, CASE WHEN g %% 400 = 0 THEN 'REFUSED' ELSE 'ACCEPTED' END, false, g %% 400 = 0,
       left(encode(sha256(g::text::bytea), 'hex'), 40), n.email, n.items,
       n.body_digest, n.facts_version, n.reason, n.worker, n.not_after - ago, n.not_after - ago, 1, 1
FROM reminders_notice n, generate_series(1, %(many)s) g, make_interval(days => 1500 - g / 10) ago;
INSERT INTO reminders_noticeitem (notice_id, intermediary_id, kind, term, wave, held)
SELECT id, intermediary_id, 'RC_PRO', settled_at::date, 'D-7', true FROM reminders_notice WHERE NOT live;
INSERT INTO reminders_attempt (notice_id, number, fence, worker, started_at, finished_at, verdict, stage, reply)
SELECT id, 1, 1, 'w', settled_at, settled_at, 'ACCEPTED', 'DOT', '' FROM reminders_notice WHERE NOT live;
SET LOCAL session_replication_role = DEFAULT;
ANALYZE reminders_notice, reminders_noticeitem, reminders_attempt;
"""


def a_ledger(many: int = 12_000) -> Batch:
    """Some four years of notices, and a batch that was released today."""
    old = NoticeFactory.create()
    with connection.cursor() as cursor:
        cursor.execute(_MANY, {"many": many})
    Notice.objects.filter(pk=old.pk).update(state=NoticeState.CANCELLED)
    for _ in range(3):
        due_file()
    return released_batch()


def the_standing(_: Batch) -> None:
    standing.waiting()
    standing.may_leave(None, now=NOW)
    standing.holds(None)
    standing.leases(None)


def the_watch(_: Batch) -> None:
    watch_releases(engine=engine(), now=NOW)


def the_watch_after_a_person_went_on(batch: Batch) -> None:
    last = Attempt.objects.latest("pk").pk
    Watch.objects.filter(batch=batch).update(judged_after=last, judged_after_bounce=1, judged_after_report=1)
    watch_releases(engine=engine(), now=NOW, stalls=True)


def the_company_of_an_answer(batch: Batch) -> None:
    (claimed, *_) = claim(worker="w", size=1, now=NOW, batch_id=batch.pk)
    verdict_of(claimed, POLICY)
    verdict_of(claimed, LOST_BEFORE_DOT)


def a_claim(_: Batch) -> None:
    reap(now=NOW)
    expire(now=NOW)
    claim(worker="w", size=5, now=NOW + timedelta(hours=9), batch_id=None)


def the_worklist(_: Batch) -> None:
    list(uncertain())
    call_command("dead_addresses", stdout=StringIO())


def a_plan(_: Batch) -> None:
    due_file()
    plan_reminders(day=DAY, now=NOW, engine=engine(), by=None)


def a_forecast(_: Batch) -> None:
    days = days_to_simulate(DAY, DAY + timedelta(9), today=DAY, window=ALWAYS)
    forecast(days, engine())


def a_batch(batch: Batch) -> None:
    call_command("show_batch", str(batch.pk), stdout=StringIO())
    call_command("incident_report", str(batch.pk), stdout=StringIO())


def a_recall(batch: Batch) -> None:
    draw_to_correct(batch)
    left_to_correct(batch.pk)


def pages_of_staff(_: Batch) -> None:
    browser = as_role("registry_officer")
    for path in ("/espace/", "/espace/exceptions/incertains/", "/espace/exceptions/refuses/"):
        assert browser.get(path).status_code == 200


@pytest.mark.parametrize(
    "asked",
    [
        the_standing,
        the_watch,
        the_watch_after_a_person_went_on,
        the_company_of_an_answer,
        a_claim,
        the_worklist,
        a_plan,
        a_forecast,
        a_batch,
        a_recall,
        pages_of_staff,
    ],
    ids=lambda asked: asked.__name__,
)
def test_what_is_asked_of_an_old_ledger_has_an_index_to_go_by(asked: Callable[[Batch], None]) -> None:
    """Fails without `live`, `troubled` or the terms at hand in any of these questions."""
    batch = a_ledger()
    with whole_reads() as found:
        asked(batch)
    assert found == []


@pytest.mark.parametrize("state", NoticeState)
def test_i8_what_went_wrong_is_marked_by_the_database(state: NoticeState) -> None:
    notice = reach(NoticeFactory.create(), state)
    Notice.objects.filter(pk=notice.pk).update(troubled=state not in TROUBLED_STATES)
    notice.refresh_from_db()
    assert notice.troubled is (state in TROUBLED_STATES)
