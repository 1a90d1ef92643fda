"""What moves when two numbers become one, and what stands against it."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from registry.rules.merging import Conflict, Held, Mergeable, plan_merge, undo_until

EMPTY = {"siren": "", "email": "", "phone_e164": "", "phone_key": "", "address": "", "postcode": "", "town": ""}
REMOVED = date(2025, 3, 7)
KEEP = Mergeable("07000001", False, EMPTY, (Held(1, "IOB", None),))
DROP = Mergeable("07000002", False, EMPTY, (Held(2, "COA", None), Held(3, "CIF", REMOVED)), {7: None}, (8,), (9,))


def test_what_is_in_force_moves_and_a_removal_stays() -> None:
    plan = plan_merge(KEEP, DROP)
    assert (plan.conflicts, plan.registrations, plan.covers, plan.contacts, plan.absorbed) == (
        (),
        (2,),
        (7,),
        (8,),
        (9,),
    )
    assert plan.stays == {"registrations": (3,), "covers": (), "documents": ()}


def test_an_imported_twin_stays() -> None:
    twin = ("RC_PRO", ("COA",), REMOVED)
    plan = plan_merge(replace(KEEP, covers={5: twin, 6: None}), replace(DROP, covers={7: twin, 8: None}))
    assert (plan.covers, plan.stays["covers"]) == ((8,), (7,))


def test_a_document_goes_where_the_certificate_goes_that_it_is_evidence_of() -> None:
    """One of no certificate goes along; one of both kinds too, since what stays is a twin of what is there."""
    twin = ("RC_PRO", ("COA",), REMOVED)
    papers = {21: frozenset({7}), 22: frozenset({8}), 23: frozenset({7, 8}), 24: frozenset[int]()}
    drop = replace(DROP, covers={7: twin, 8: None}, documents=papers)
    plan = plan_merge(replace(KEEP, covers={5: twin}), drop)
    assert (plan.documents, plan.stays["documents"]) == ((22, 23, 24), (21,))


@pytest.mark.parametrize(
    ("keep", "drop", "conflicts"),
    [
        (KEEP, KEEP, [(Conflict.SAME_NUMBER, "")]),
        (replace(KEEP, is_merged=True), DROP, [(Conflict.ALREADY_MERGED, "")]),
        (KEEP, replace(DROP, is_merged=True), [(Conflict.ALREADY_MERGED, "")]),
        (
            replace(KEEP, columns=EMPTY | {"siren": "1"}),
            replace(DROP, columns=EMPTY | {"siren": "2"}),
            [(Conflict.TWO_SIRENS, "")],
        ),
        (replace(KEEP, registrations=(Held(1, "COA", None),)), DROP, [(Conflict.BOTH_IN_FORCE, "COA")]),
        (replace(KEEP, registrations=(Held(1, "COA", REMOVED),)), DROP, [(Conflict.REMOVED_IN_KEPT, "COA")]),
        (KEEP, replace(DROP, has_live_case=True), [(Conflict.CASE_UNDER_WAY, "")]),
        (KEEP, replace(DROP, is_under_an_order=True), [(Conflict.UNDER_AN_ORDER, "")]),
        (replace(KEEP, has_live_case=True, is_under_an_order=True), DROP, []),
        # Removed there already: nothing moves, so nothing stands against it.
        (replace(KEEP, registrations=(Held(1, "CIF", None),)), DROP, []),
    ],
)
def test_what_stands_against_it(keep: Mergeable, drop: Mergeable, conflicts: list[tuple[Conflict, str]]) -> None:
    assert list(plan_merge(keep, drop).conflicts) == conflicts


def test_what_is_empty_is_filled_together_or_not_at_all() -> None:
    theirs = EMPTY | {"siren": "2", "email": "b@x.fr", "address": "1 rue", "postcode": "29200", "town": "Brest"}
    mine = EMPTY | {"email": "a@x.fr", "town": "Lyon"}
    plan = plan_merge(replace(KEEP, columns=mine), replace(DROP, columns=theirs))
    # Half of an address is nobody's.
    assert plan.filled == {"siren": "2"}
    assert plan_merge(KEEP, replace(DROP, columns=theirs)).filled == {k: v for k, v in theirs.items() if v}


def test_thirty_days_to_the_second() -> None:
    at = datetime(2026, 1, 29, 9, 30, tzinfo=UTC)
    assert undo_until(at) == at + timedelta(days=30)
