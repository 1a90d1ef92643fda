"""What the ledger holds of someone, as the rules are given it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.rules.categories import CoverKind
from reminders.ledger import load_ledger, load_policy
from reminders.models import Notice, Wave
from reminders.rules.eligibility import LedgerFacts
from reminders.rules.identity import WaveKey
from reminders.rules.states import MAILED_STATES, UNSENT_STATES, WAITING_STATES, NoticeState
from reminders.rules.waves import DEFAULT_WAVES
from tests.factories import IntermediaryFactory, NoticeFactory, WaveFactory, reach

pytestmark = pytest.mark.django_db

D30 = WaveKey(CoverKind.RC_PRO, date(2026, 2, 28), "D-30")


def notice_in(state: NoticeState, settled_at: datetime | None = None, **values: Any) -> Notice:
    notice = reach(NoticeFactory.create(**values), state)
    if settled_at:
        Notice.objects.filter(pk=notice.pk).update(settled_at=settled_at)
    return notice


def facts_of(notice: Notice, **options: Any) -> LedgerFacts | None:
    return load_ledger([notice.intermediary_id], **options).get(notice.intermediary_id)


@pytest.mark.parametrize("state", NoticeState)
def test_i2_a_wave_is_held_unless_nothing_left(state: NoticeState) -> None:
    """Fails where a refused or an uncertain notice gives its wave back, or a cancelled one keeps it."""
    found = facts_of(notice_in(state)) or LedgerFacts()
    assert found.held == (frozenset() if state in UNSENT_STATES else {D30})


@pytest.mark.parametrize("state", NoticeState)
def test_a_notice_is_live_while_it_waits(state: NoticeState) -> None:
    notice = notice_in(state)
    found = facts_of(notice) or LedgerFacts()
    assert found.live_notice == (notice.pk if state in WAITING_STATES else None)


@pytest.mark.parametrize("state", NoticeState)
def test_only_what_left_or_may_have_left_counts_as_a_mail(state: NoticeState) -> None:
    notice = notice_in(state, settled_at=datetime(2026, 1, 29, 9, tzinfo=UTC))
    found = facts_of(notice) or LedgerFacts()
    assert found.last_mailed_on == (date(2026, 1, 29) if state in MAILED_STATES else None)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 1, 28, 22, 59, 59, tzinfo=UTC), date(2026, 1, 28)),
        (datetime(2026, 1, 28, 23, 0, tzinfo=UTC), date(2026, 1, 29)),
        (datetime(2026, 6, 28, 22, 0, tzinfo=UTC), date(2026, 6, 29)),
    ],
)
def test_the_day_of_a_mail_is_the_day_in_paris(instant: datetime, day: date) -> None:
    found = facts_of(notice_in(NoticeState.ACCEPTED, settled_at=instant))
    assert found
    assert found.last_mailed_on == day


def test_i1_a_wave_of_the_first_term_asked_for_is_told_and_none_of_those_before() -> None:
    """Fails where `since` is left out of the question, or its own day."""
    notice = notice_in(NoticeState.ACCEPTED)
    on, after = (facts_of(notice, since=D30.term + timedelta(n)) or LedgerFacts() for n in (0, 1))
    assert on.held == {D30}
    assert not after.held


def test_the_last_of_several_mails_counts() -> None:
    person = IntermediaryFactory.create()
    for day in (12, 27, 20):
        notice = NoticeFactory.create(intermediary=person, discharges=None)
        reach(notice, NoticeState.ACCEPTED)
        Notice.objects.filter(pk=notice.pk).update(settled_at=datetime(2026, 1, day, 9, tzinfo=UTC))
    assert load_ledger([person.pk])[person.pk].last_mailed_on == date(2026, 1, 27)


def test_a_notice_set_aside_holds_nothing_and_is_not_live() -> None:
    """So that a notice is not withdrawn on account of itself at the moment of sending."""
    notice = notice_in(NoticeState.CLAIMED)
    assert facts_of(notice, without=[notice.pk]) is None
    assert facts_of(notice, without=[notice.pk + 1]) is not None


def test_others_are_not_looked_at_and_nobody_is_given_what_is_not_theirs() -> None:
    one, other = notice_in(NoticeState.PLANNED), notice_in(NoticeState.ACCEPTED)
    assert set(load_ledger([one.intermediary_id])) == {one.intermediary_id}
    assert load_ledger([other.intermediary_id])[other.intermediary_id].live_notice is None
    assert load_ledger([]) == {}


@pytest.mark.parametrize("size", [1, 30])
def test_one_query_reads_the_ledger_of_however_many(size: int) -> None:
    ids = [notice_in(NoticeState.PLANNED).intermediary_id for _ in range(size)]
    with CaptureQueriesContext(connection) as queries:
        assert len(load_ledger(ids)) == size
    assert len(queries) == 1


def test_the_policy_is_the_active_waves_the_gap_and_the_wave_asked_for() -> None:
    policy = load_policy(gap_days=3, only_wave="D-7")
    assert (policy.waves, policy.gap_days, policy.only_wave) == (DEFAULT_WAVES, 3, "D-7")
    WaveFactory.create(code="OFF", active=False)
    Wave.objects.filter(code="D-2").update(last_offset=-1)
    by_code = {w.code: w for w in load_policy(gap_days=5).waves}
    assert "OFF" not in by_code
    assert by_code["D-2"].last_offset == -1
