"""What the tables of the aftermath refuse by themselves, whoever writes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from reminders.models import AddressConfirmation, AddressTroubleRow, Bounce, IncidentNote, Settlement
from tests.factories import NOW, BatchFactory, IntermediaryFactory
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import person

pytestmark = pytest.mark.django_db


def bounce(**values: Any) -> Bounce:
    given = {"kind": "SOFT", "reported_at": NOW, "stored_at": NOW, "digest": "0" * 64, **values}
    return Bounce.objects.create(**given)


def confirmation(**values: Any) -> AddressConfirmation:
    given = {"intermediary": IntermediaryFactory.create(), "email": "a@b.example", "reason": "vu", **values}
    return AddressConfirmation.objects.create(**{"by": person("odile"), "at": NOW, **given})


def settlement(**values: Any) -> Settlement:
    given = {"notice": mailed("UNCERTAIN"), "decision": "AS_SENT", "evidence": "PERSON", "at": NOW, **values}
    return Settlement.objects.create(**given)


def note(**values: Any) -> IncidentNote:
    given = {"batch": BatchFactory.create(), "text": "cause", "by": person("odile"), "at": NOW, **values}
    return IncidentNote.objects.create(**given)


PERSONS: dict[str, Any] = {"reason": "vu"}
REFUSED: dict[str, list[Callable[[], Any]]] = {
    "bounce_once": [
        lambda: [bounce(message_id="<a@b>", digest=d) for d in "ab"],
        lambda: [bounce(message_id="<a@b>", digest=d, notice=n) for n in [mailed()] for d in "ab"],
    ],
    "digest": [lambda: [bounce() for _ in "ab"]],
    "addressconfirmation_says_why": [lambda: confirmation(reason=""), lambda: confirmation(email="")],
    "incidentnote_says_something": [lambda: note(text="")],
    "settlement_again_is_a_persons_decision": [
        lambda: settlement(decision="SEND_AGAIN", evidence="RELAY_LOG", by=person("odile"), reason="log"),
        lambda: settlement(decision="SEND_AGAIN", evidence="REPORT", bounce=bounce()),
    ],
    "settlement_rests_on_something": [
        lambda: settlement(reason="vu"),
        lambda: settlement(by=person("odile")),
        lambda: settlement(by=person("odile"), reason="vu", bounce=bounce()),
        lambda: settlement(evidence="REPORT"),
        lambda: settlement(evidence="REPORT", bounce=bounce(), by=person("odile")),
        lambda: settlement(evidence="RELAY_LOG", by=person("odile")),
    ],
    "notice_id": [
        lambda: [settlement(by=person("odile"), **PERSONS, notice=n) for n in [mailed("UNCERTAIN")] for _ in "ab"]
    ],
}


@pytest.mark.parametrize(
    ("constraint", "place"), [(name, n) for name, acts in REFUSED.items() for n in range(len(acts))]
)
def test_each_constraint_refuses_what_it_is_there_for(constraint: str, place: int) -> None:
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        REFUSED[constraint][place]()


def test_what_differs_is_another_row() -> None:
    """Fails if a constraint refused more than it is there for."""
    notice = mailed()
    bounce(message_id="", digest="a")
    bounce(message_id="", digest="b")
    bounce(message_id="<a@b>", digest="c")
    bounce(message_id="<a@b>", digest="d", notice=notice)
    settlement(decision="SEND_AGAIN", by=person("odile"), reason="vu")
    settlement(evidence="REPORT", bounce=came_back(notice))


@pytest.mark.parametrize("make", [bounce, confirmation, note, lambda: settlement(by=person("odile"), reason="vu")])
@pytest.mark.parametrize("act", ["DELETE FROM {table} WHERE id = {id}", "UPDATE {table} SET id = id WHERE id = {id}"])
def test_what_is_on_record_is_neither_deleted_nor_rewritten(make: Callable[[], Any], act: str) -> None:
    """Fails without the trigger `…_is_kept` or `settlement_stands` of that table."""
    row = make()
    with (
        connection.cursor() as cursor,
        pytest.raises(DatabaseError, match="Cannot (update|delete)( or (update|delete))? rows"),
    ):
        cursor.execute(act.format(table=row._meta.db_table, id=row.pk))


def test_every_trigger_has_its_test() -> None:
    tables: tuple[Any, ...] = (Bounce, AddressConfirmation, AddressTroubleRow, Settlement, IncidentNote)
    assert {t.name for table in tables for t in getattr(table._meta, "triggers", ())} == {
        "addressconfirmation_is_kept",
        "bounce_is_kept",
        "incidentnote_is_kept",
        "settlement_stands",
        # in test_settling.py
        "settlement_again_is_as_if_unsent",
        "settlement_is_of_an_uncertain_notice",
    }
