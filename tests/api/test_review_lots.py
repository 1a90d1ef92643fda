"""reviews/accept/ : a lot by HTTP, each one's fate, once."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry import clock
from registry.actions import accept_lot
from registry.actions.reviews import MOST_AT_ONCE, Fate
from registry.models import Cover, Intermediary
from tests.api.callers import Keyed, staff_in
from tests.factories import (
    NOW,
    CoverFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    IntermediaryFactory,
    RegistrationFactory,
    UserFactory,
)

pytestmark = pytest.mark.django_db
LOT = "/api/v1/reviews/accept/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def officer() -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


@pytest.fixture
def mine() -> Intermediary:
    person: Intermediary = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000101")).intermediary
    CoverFactory(intermediary=person, categories=["COA"])
    return person


def waiting(person: Intermediary, **values: Any) -> int:
    cover = {"renewed": True, "deposited": True, "categories": ["COA"], "deposited_on": date(2026, 1, 12)} | values
    made: Cover = CoverFactory(intermediary=person, **cover)
    CoverPaperFactory(cover=made)
    return made.pk


def test_each_is_looked_at_again_and_has_its_fate_in_the_order_asked(officer: Keyed, mine: Intermediary) -> None:
    """Fails where one that is wrong, somebody else's or nowhere would stop the others."""
    good, low = waiting(mine), waiting(mine, amount_cents=100)
    theirs = waiting(mine)
    CoverReviewFactory(cover_id=theirs, assigned_to=UserFactory(username="bruno"))
    answer = officer.act("post", LOT, {"covers": [999_999, low, good, theirs, good]})
    assert answer.status_code == 200, answer.text
    told = answer.json()
    assert [(row["cover"], row["fate"]) for row in told["covers"]] == [
        (999_999, "NOT_FOUND"), (low, "FOUND_WANTING"), (good, "ACCEPTED"), (theirs, "OF_SOMEBODY_ELSE"),
    ]  # fmt: skip
    assert (told["accepted"], told["left"]) == (1, 3)
    assert ("minimum" in told["covers"][1]["detail"], told["covers"][3]["detail"]) == (True, "bruno")
    assert dict(Cover.objects.filter(pk__in=[good, low, theirs]).values_list("pk", "status")) == {
        good: "ACCEPTED", low: "DEPOSITED", theirs: "DEPOSITED",
    }  # fmt: skip
    assert officer.act("post", LOT, {"covers": [good]}).json()["covers"][0]["fate"] == "ALREADY"


def test_i15_the_same_lot_again_is_answered_the_same(officer: Keyed, mine: Intermediary) -> None:
    lot = {"covers": [waiting(mine)]}
    first, again = (officer.act("post", LOT, lot, **{"Idempotency-Key": "lot-1"}) for _ in range(2))
    assert first.json() == again.json()
    assert (first.json()["covers"][0]["fate"], again.headers["Idempotent-Replayed"]) == ("ACCEPTED", "true")


def test_a_lot_has_its_limit(officer: Keyed) -> None:
    for covers in ([], list(range(1, MOST_AT_ONCE + 2)), [0], ["x"], None):
        assert officer.act("post", LOT, {"covers": covers}).status_code == 400


def test_the_whole_lot_is_locked_before_anything_of_it_is_written(mine: Intermediary) -> None:
    """Certificates, then files, each in the order of the keys: no two lots wait for each other. Fails without the locks
    in `accept_lot`."""
    other = RegistrationFactory().intermediary
    CoverFactory(intermediary=other, categories=["COA"])
    ids = [waiting(other), waiting(mine)]
    with CaptureQueriesContext(connection) as seen:
        told = accept_lot(by=UserFactory(), why="essai", day=NOW.date(), ids=ids)
    assert {line.fate for line in told} == {Fate.ACCEPTED}
    asked = [query["sql"] for query in seen]
    written = next(n for n, sql in enumerate(asked) if 'UPDATE "registry_cover"' in sql)
    locks = [sql.rpartition(" OF ")[2] for sql in asked[:written] if "ORDER BY" in sql and " UPDATE OF " in sql]
    assert locks[:2] == ['"registry_cover"', '"registry_intermediary"']
