"""What the database refuses of a recall by itself, whoever writes."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from reminders.models import Batch, Notice
from reminders.rules.states import BatchState, NoticeState
from tests.factories import NOW, NoticeFactory, batch_in, reach
from tests.reminders.recalling import gone_wrong
from tests.reminders.scenes import DAY, due_file, person

pytestmark = pytest.mark.django_db

REFUSED = NoticeState.REFUSED


def correction_of(recall: Batch, bad: Notice, **values: Any) -> dict[str, Any]:
    given = {"batch": recall, "intermediary": bad.intermediary, "email": bad.email, "corrects": bad, "discharges": None}
    return given | {"recall_class": "COMPLETE"} | values


@pytest.fixture
def scene() -> tuple[Batch, Notice]:
    """An unsealed recall of a batch, and the notice that one person got of that batch."""
    due_file()
    wrong = gone_wrong()
    draft = Batch.objects.create(kind="RECALL", corrects=wrong, as_of=DAY, author=person("planner"), created_at=NOW)
    return draft, Notice.objects.get(batch=wrong.pk)


def test_a_correction_of_what_was_got_is_taken(scene: tuple[Batch, Notice]) -> None:
    NoticeFactory.create(**correction_of(*scene))


def test_i2_the_database_refuses_a_second_correction(scene: tuple[Batch, Notice]) -> None:
    """Fails without notice_corrected_once: the first left, so no unique row of live notices speaks any more."""
    draft, bad = scene
    reach(NoticeFactory.create(**correction_of(draft, bad)), NoticeState.ACCEPTED)
    with pytest.raises(IntegrityError, match="notice_corrected_once"), transaction.atomic():
        NoticeFactory.create(**correction_of(draft, bad))


def test_a_correction_that_did_not_leave_makes_room_for_another(scene: tuple[Batch, Notice]) -> None:
    draft, bad = scene
    reach(NoticeFactory.create(**correction_of(draft, bad)), NoticeState.SKIPPED)
    NoticeFactory.create(**correction_of(draft, bad))


def test_the_database_refuses_a_correction_to_anyone_else_or_elsewhere(scene: tuple[Batch, Notice]) -> None:
    """Fails without notice_corrects_its_own."""
    draft, bad = scene
    stranger = due_file()
    for values in ({"email": "other@cabinet.example"}, {"intermediary": stranger}):
        with pytest.raises(DatabaseError, match="at the same address"), transaction.atomic():
            NoticeFactory.create(**correction_of(draft, bad, **values))


def test_the_database_refuses_a_correction_of_what_did_not_leave() -> None:
    wrong = gone_wrong(2, REFUSED)
    draft = Batch.objects.create(kind="RECALL", corrects=wrong, as_of=DAY, author=person("planner"), created_at=NOW)
    refused = Notice.objects.get(batch=wrong.pk, state="REFUSED")
    with pytest.raises(DatabaseError, match="corrects what its people got"), transaction.atomic():
        NoticeFactory.create(**correction_of(draft, refused))


def test_the_database_keeps_corrections_in_recalls_and_reminders_out_of_them(scene: tuple[Batch, Notice]) -> None:
    draft, bad = scene
    plain = batch_in(BatchState.DRAFT)
    with pytest.raises(DatabaseError, match="corrects what its people got"), transaction.atomic():
        NoticeFactory.create(**correction_of(plain, bad))
    with pytest.raises(DatabaseError, match="corrects what its people got"), transaction.atomic():
        NoticeFactory.create(batch=draft, intermediary=due_file())


@pytest.mark.parametrize("values", [{"recall_class": ""}, {"corrects": None}])
def test_a_correction_says_what_it_tells_and_only_a_correction_does(
    scene: tuple[Batch, Notice], values: dict[str, Any]
) -> None:
    with pytest.raises(IntegrityError, match="notice_correction_says_what_it_tells"), transaction.atomic():
        NoticeFactory.create(**correction_of(*scene, **values))


@pytest.mark.parametrize("values", [{"corrects": None, "recall_class": ""}, {"recall_class": "DUE"}])
def test_what_a_correction_is_stays_as_it_is(scene: tuple[Batch, Notice], values: dict[str, Any]) -> None:
    """Fails without the column in `notice_is_frozen`."""
    made = NoticeFactory.create(**correction_of(*scene))
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Notice.objects.filter(pk=made.pk).update(**values)


def test_a_batch_stays_of_its_kind(scene: tuple[Batch, Notice]) -> None:
    """Fails without batch_stays_of_its_kind: what was approved as a correction would be sent as a reminder."""
    draft, _ = scene
    with pytest.raises(DatabaseError, match="Cannot update rows"), transaction.atomic():
        Batch.objects.filter(pk=draft.pk).update(kind="REMINDER", corrects=None)


def test_the_database_refuses_a_recall_of_nothing_of_a_recall_or_of_what_may_still_leave(
    scene: tuple[Batch, Notice],
) -> None:
    """Fails without batch_recall_names_what_it_corrects, batch_recall_is_of_what_ended or batch_one_live_recall."""
    draft, _ = scene
    given: dict[str, Any] = {"as_of": DAY, "author": person("planner"), "created_at": NOW}
    live = batch_in(BatchState.PAUSED)
    for wrong, constraint in (
        ({"kind": "RECALL"}, "no reminder batch that has ended"),
        ({"kind": "RECALL", "corrects": draft}, "no reminder batch that has ended"),
        ({"kind": "RECALL", "corrects": live}, "no reminder batch that has ended"),
        ({"kind": "REMINDER", "corrects": draft.corrects}, "batch_recall_names_what_it_corrects"),
        ({"kind": "RECALL", "corrects": draft.corrects}, "batch_one_live_recall"),
    ):
        with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
            Batch.objects.create(**given, **wrong)
