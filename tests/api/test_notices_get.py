"""GET /api/v1/intermediaries/{orias_number}/notices/"""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.test import Client

from registry.models import Intermediary
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverState
from reminders.models import Batch, Notice
from reminders.rules.states import NoticeState
from tests.factories import BatchFactory, IntermediaryFactory, NoticeFactory, reach

pytestmark = pytest.mark.django_db
ITEM = {
    "kind": "RC_PRO",
    "categories": ["COA"],
    "state": "DUE",
    "term": "2026-02-28",
    "due_on": "2026-02-28",
    "wave": "D-30",
}
LABELS = {
    "kind_label": CoverKind.RC_PRO.label,
    "categories_labels": [Category.COA.label],
    "state_label": CoverState.DUE.label,
}
JOINED = ITEM | {"kind": "FINANCIAL_GUARANTEE", "wave": None}


@pytest.fixture
def somebody() -> Intermediary:
    return IntermediaryFactory(orias_number="08000031")


def notice_of(somebody: Intermediary, state: NoticeState = NoticeState.ACCEPTED, **values: Any) -> Notice:
    # Each in its own wave: the ledger reserves one only once.
    made = NoticeFactory(intermediary=somebody, discharges__wave=f"W{Notice.objects.count()}", **values)
    return reach(made, state)


def path(number: str = "08000031") -> str:
    return f"/api/v1/intermediaries/{number}/notices/"


def test_it_tells_what_was_sent_of_what_and_what_became_of_it(staff: Client, somebody: Intermediary) -> None:
    batch = BatchFactory(as_of=date(2026, 1, 29))
    notice = notice_of(somebody, batch=batch, items=[ITEM, ITEM | {"kind": "FINANCIAL_GUARANTEE", "wave": None}])
    assert staff.get(path()).json() == {
        "results": [
            {
                "key": notice.key,
                "kind": "REMINDER",
                "kind_label": "relance",
                "corrects": None,
                "recall_class": "",
                "recall_class_label": "",
                "state": "ACCEPTED",
                "state_label": "Accepté par le serveur",
                "batch": batch.pk,
                "planned_for": "2026-01-29",
                "email": "contact-08000031@example.org",
                "items": [ITEM | LABELS, JOINED | LABELS | {"kind_label": CoverKind.FINANCIAL_GUARANTEE.label}],
                "reason": "",
                "reason_label": "",
                "attempts": 0,
                "settled_at": None,
                "returned_at": None,
            }
        ],
        "next": None,
    }


def test_a_skipped_one_says_why(staff: Client, somebody: Intermediary) -> None:
    notice_of(somebody, NoticeState.SKIPPED)
    (found,) = staff.get(path()).json()["results"]
    assert (found["state"], found["reason"], found["reason_label"]) == (
        "SKIPPED",
        "COMPLETE",
        "dossier complet",
    )


def test_a_correction_names_what_it_corrects(staff: Client, somebody: Intermediary) -> None:
    bad = notice_of(somebody)
    Batch.objects.filter(pk=bad.batch_id).update(state="CANCELLED")
    recall = BatchFactory(kind="RECALL", corrects=bad.batch)
    values = {"corrects": bad, "recall_class": "COMPLETE", "email": bad.email, "key": "c" * 40, "discharges": None}
    NoticeFactory(intermediary=somebody, batch=recall, **values)
    found = staff.get(path()).json()["results"][0]
    assert (found["key"], found["kind"], found["kind_label"]) == ("c" * 40, "RECALL", "rectificatif")
    assert (found["corrects"], found["recall_class"]) == (bad.key, "COMPLETE")


def test_the_latest_come_first_in_pages(staff: Client, somebody: Intermediary) -> None:
    made = [notice_of(somebody).batch_id for _ in range(5)]
    first = staff.get(path(), {"limit": 2}).json()
    second = staff.get(first["next"]).json()
    third = staff.get(second["next"]).json()
    pages = [[n["batch"] for n in page["results"]] for page in (first, second, third)]
    assert pages == [made[:2:-1], made[2:0:-1], made[:1]]
    assert third["next"] is None


def test_those_of_others_are_not_among_them(staff: Client, somebody: Intermediary) -> None:
    notice_of(IntermediaryFactory())
    assert staff.get(path()).json()["results"] == []


def test_it_costs_the_login_and_two_queries(
    staff: Client, somebody: Intermediary, django_assert_num_queries: Any
) -> None:
    for _ in range(3):
        notice_of(somebody)
    with django_assert_num_queries(3 + 2):
        staff.get(path())
