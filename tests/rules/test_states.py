"""Both state machines: every pair, allowed or forbidden, and what the sets of states promise one another."""

from itertools import product

import pytest

from reminders.rules.states import (
    BATCH_TRANSITIONS,
    CLAIMABLE_STATES,
    LIVE_BATCH_STATES,
    MAILED_STATES,
    NOTICE_TRANSITIONS,
    UNSENT_STATES,
    WAITING_STATES,
    BatchState,
    ForbiddenTransition,
    NoticeState,
    edges,
    require_batch_transition,
)

B, N = BatchState, NoticeState

# Written out a second time, from the design: a change of the table must be made twice.
BATCH_EDGES = {
    (B.DRAFT, B.APPROVED),
    (B.DRAFT, B.CANCELLED),
    (B.DRAFT, B.STALE),
    (B.APPROVED, B.RELEASING),
    (B.APPROVED, B.CANCELLED),
    (B.APPROVED, B.STALE),
    (B.RELEASING, B.PAUSED),
    (B.RELEASING, B.COMPLETED),
    (B.RELEASING, B.CANCELLED),
    (B.PAUSED, B.RELEASING),
    (B.PAUSED, B.COMPLETED),
    (B.PAUSED, B.CANCELLED),
}
NOTICE_EDGES = {
    (N.PLANNED, N.CLAIMED),
    (N.PLANNED, N.EXPIRED),
    (N.PLANNED, N.CANCELLED),
    (N.CLAIMED, N.PLANNED),
    (N.CLAIMED, N.SENDING),
    (N.CLAIMED, N.SKIPPED),
    (N.CLAIMED, N.EXPIRED),
    (N.CLAIMED, N.CANCELLED),
    (N.SENDING, N.ACCEPTED),
    (N.SENDING, N.UNCERTAIN),
    (N.SENDING, N.REFUSED),
    (N.SENDING, N.DEFERRED),
    (N.SENDING, N.EXPIRED),
    (N.SENDING, N.PLANNED),
    (N.DEFERRED, N.CLAIMED),
    (N.DEFERRED, N.EXPIRED),
    (N.DEFERRED, N.CANCELLED),
}


@pytest.mark.parametrize(("current", "wanted"), list(product(BatchState, BatchState)))
def test_a_batch_goes_where_the_table_says_and_nowhere_else(current: BatchState, wanted: BatchState) -> None:
    assert (wanted in BATCH_TRANSITIONS[current]) is ((current, wanted) in BATCH_EDGES)
    if (current, wanted) in BATCH_EDGES:
        require_batch_transition(current, wanted)
    else:
        with pytest.raises(ForbiddenTransition, match=f"BatchState {current} cannot become {wanted}") as refusal:
            require_batch_transition(current, wanted)
        assert (refusal.value.current, refusal.value.wanted) == (current, wanted)


@pytest.mark.parametrize(("current", "wanted"), list(product(NoticeState, NoticeState)))
def test_a_notice_goes_where_the_table_says_and_nowhere_else(current: NoticeState, wanted: NoticeState) -> None:
    assert (wanted in NOTICE_TRANSITIONS[current]) is ((current, wanted) in NOTICE_EDGES)


def test_the_database_is_given_exactly_the_edges_of_the_tables_as_plain_text() -> None:
    batch, notice = edges(BATCH_TRANSITIONS), edges(NOTICE_TRANSITIONS)  # type: ignore[arg-type]
    assert set(batch) == {(a.value, b.value) for a, b in BATCH_EDGES}
    assert set(notice) == {(a.value, b.value) for a, b in NOTICE_EDGES}
    assert list(batch) == sorted(batch)
    assert {type(code) for pair in (*batch, *notice) for code in pair} == {str}


def test_every_state_has_its_row_in_the_tables() -> None:
    assert set(BATCH_TRANSITIONS) == set(BatchState)
    assert set(NOTICE_TRANSITIONS) == set(NoticeState)


@pytest.mark.parametrize("start", list(NoticeState))
def test_i4_from_every_state_a_notice_can_come_to_a_final_one(start: NoticeState) -> None:
    """Fails without the way out of any waiting state, `DEFERRED: {CLAIMED, …}` for one."""
    reached, todo = set[NoticeState](), {start}
    while todo:
        reached |= todo
        todo = {after for state in todo for after in NOTICE_TRANSITIONS[state]} - reached
    assert any(not NOTICE_TRANSITIONS[state] for state in reached)


def test_i4_an_uncertain_notice_is_never_sent_again() -> None:
    """Fails with any state after UNCERTAIN in `NOTICE_TRANSITIONS`."""
    assert NOTICE_TRANSITIONS[N.UNCERTAIN] == frozenset()
    assert N.UNCERTAIN not in CLAIMABLE_STATES


def test_i4_what_may_have_left_is_not_claimed_straight_away() -> None:
    """Fails with CLAIMED among the states after SENDING."""
    assert N.CLAIMED not in NOTICE_TRANSITIONS[N.SENDING]
    assert not CLAIMABLE_STATES & {N.SENDING, N.CLAIMED}


def test_i7_a_batch_that_has_ended_stays_ended() -> None:
    """Fails with any state after CANCELLED, COMPLETED or STALE in `BATCH_TRANSITIONS`."""
    ended = set(BatchState) - LIVE_BATCH_STATES
    assert ended == {B.COMPLETED, B.CANCELLED, B.STALE}
    assert all(not BATCH_TRANSITIONS[state] for state in ended)


def test_i6_no_batch_is_released_without_having_been_approved() -> None:
    """Fails with RELEASING among the states after DRAFT."""
    before = {state for state, after in BATCH_TRANSITIONS.items() if B.RELEASING in after}
    assert before == {B.APPROVED, B.PAUSED}
    assert {state for state, after in BATCH_TRANSITIONS.items() if B.APPROVED in after} == {B.DRAFT}


def test_i8_every_state_of_a_notice_is_counted_once() -> None:
    """Fails with a state left out of WAITING_STATES, MAILED_STATES or UNSENT_STATES, or in two of them."""
    parts = [WAITING_STATES, MAILED_STATES, UNSENT_STATES, frozenset({N.REFUSED})]
    assert sum(map(len, parts)) == len(NoticeState)
    assert frozenset().union(*parts) == set(NoticeState)
    assert {state for state, after in NOTICE_TRANSITIONS.items() if after} == WAITING_STATES
    assert CLAIMABLE_STATES < WAITING_STATES
