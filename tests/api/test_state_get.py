"""GET /api/v1/intermediaries/{orias_number}/state/"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from django.test import Client

from registry import clock
from registry.models import Intermediary, Requirement
from tests.api.callers import Keyed, holder_of
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def somebody() -> Intermediary:
    """A COA with funds whose RC Pro ends with the campaign of 2026, and who has no guarantee."""
    somebody = IntermediaryFactory(orias_number="08000021")
    RegistrationFactory(intermediary=somebody, with_funds=True)
    CoverFactory(intermediary=somebody)
    return somebody


def path(number: str = "08000021") -> str:
    return f"/api/v1/intermediaries/{number}/state/"


def state(client: Client, day: str | None, **headers: str) -> dict[str, Any]:
    answer = client.get(path(), {"as_of": day} if day else {}, headers=headers)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_it_tells_where_the_file_stands_and_why(staff: Client, somebody: Intermediary) -> None:
    found = state(staff, "2026-01-29")
    assert {k: v for k, v in found.items() if k not in ("findings", "facts_version")} == {
        "orias_number": "08000021",
        "as_of": "2026-01-29",
        "known_at": None,
        "state": "TO_COMPLETE",
        "state_label": "À compléter",
        "complete": False,
        "missing": [
            {
                "category": "COA",
                "category_label": "courtier d’assurance ou de réassurance",
                "kind": "RC_PRO",
                "kind_label": "assurance de responsabilité civile professionnelle",
                "due_on": "2026-02-28",
            },
            {
                "category": "COA",
                "category_label": "courtier d’assurance ou de réassurance",
                "kind": "FINANCIAL_GUARANTEE",
                "kind_label": "garantie financière",
                "due_on": "2026-02-28",
            },
        ],
    }
    assert found["findings"][0] == {
        "category": "COA",
        "category_label": "courtier d’assurance ou de réassurance",
        "kind": "RC_PRO",
        "kind_label": "assurance de responsabilité civile professionnelle",
        "state": "DUE",
        "state_label": "À renouveler",
        "covered_until": "2026-02-28",
        "term": "2026-02-28",
        "due_on": "2026-02-28",
        "first_validity": False,
        "reasons": [{"code": "ENDS_WITH_CAMPAIGN", "label": "fin de période avec la campagne"}],
        "legal_text": "CA L512-6, R512-14 et A512-4 (arrêté du 29 octobre 2024)",
    }


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        ("2010-01-01", "NOT_YET_REGISTERED"),
        ("2026-01-29", "TO_COMPLETE"),
        ("2026-03-01", "OVERDUE"),
        ("0001-01-01", "NOT_YET_REGISTERED"),
        ("9999-12-31", "OVERDUE"),
    ],
)
def test_it_is_judged_for_the_day_asked(staff: Client, somebody: Intermediary, day: str, expected: str) -> None:
    assert state(staff, day)["state"] == expected


def test_without_a_day_it_is_judged_for_today_in_paris(
    staff: Client, somebody: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 2, 28, 23, 30, tzinfo=UTC))
    assert state(staff, None)["as_of"] == "2026-03-01"


def test_it_is_judged_on_the_source_rows_not_on_what_is_stored(staff: Client, somebody: Intermediary) -> None:
    """I1. No finding is stored here at all; fails if the answer came from stored findings."""
    before = state(staff, "2026-01-29")
    CoverFactory(intermediary=somebody, renewed=True)
    after = state(staff, "2026-01-29")
    assert [m["kind"] for m in before["missing"]] == ["RC_PRO", "FINANCIAL_GUARANTEE"]
    assert [m["kind"] for m in after["missing"]] == ["FINANCIAL_GUARANTEE"]
    assert after["facts_version"] > before["facts_version"]


def test_english_is_spoken_to_those_who_ask_for_it(staff: Client, somebody: Intermediary) -> None:
    found = state(staff, "2026-01-29", **{"accept-language": "en"})
    assert found["state_label"] == "To be completed"
    assert found["findings"][0]["reasons"][0]["label"] == "ends with the campaign"


@pytest.mark.parametrize("day", ["29/01/2026", "2026-02-30", "hier", "2026-01-29T10:00", "\x00"])
def test_a_day_that_is_none_is_refused(staff: Client, somebody: Intermediary, day: str) -> None:
    answer = staff.get(path(), {"as_of": day})
    assert answer.status_code == 400
    assert answer.json()["errors"][0]["parameter"] == "as_of"


@pytest.mark.django_db(transaction=True)
def test_it_costs_six_queries_at_most(staff: Client, somebody: Intermediary, django_assert_num_queries: Any) -> None:
    """Session, account, its permissions; file, registrations, certificates. Of a key: the key, then the last three.

    The common facts are read anew only when they have changed (three more)."""
    program = Keyed(holder_of(somebody), "file:read")
    program.get(path())
    with django_assert_num_queries(6):
        state(staff, "2026-01-29")
    with django_assert_num_queries(4):
        state(program, "2026-01-29")


@pytest.mark.django_db(transaction=True)
def test_a_change_of_the_common_facts_shows_in_the_next_answer(staff: Client, somebody: Intermediary) -> None:
    """Fails if the version were not compared in `reference_of`."""
    before = state(staff, "2026-01-29")
    Requirement.objects.filter(category="COA", kind="RC_PRO").update(amount_cents=10**12)
    after = state(staff, "2026-01-29")
    assert [f["findings"][0]["state"] for f in (before, after)] == ["DUE", "BELOW_MINIMUM"]


def test_no_cache_keeps_it(staff: Client, somebody: Intermediary) -> None:
    assert staff.get(path()).headers["Cache-Control"] == "private, no-store"


def test_what_was_filed_in_time_and_waits_for_review_is_not_missing(staff: Client, somebody: Intermediary) -> None:
    CoverFactory(intermediary=somebody, renewed=True, deposited=True, deposited_on=date(2026, 1, 20))
    kinds = {f["kind"]: f["state"] for f in state(staff, "2026-01-29")["findings"]}
    assert kinds["RC_PRO"] == "AWAITING_REVIEW"
