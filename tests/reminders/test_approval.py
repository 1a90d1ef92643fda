"""Approve, release, pause, resume, cancel: who may move a batch on, and when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pgtrigger
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError, ProgrammingError

from reminders.errors import ReminderError
from reminders.models import Batch, Notice
from reminders.models.batch import PauseReason
from reminders.planning.approval import (
    approve_batch,
    cancel_batch,
    end_step,
    hold_batch,
    pause_batch,
    release_batch,
    resume_batch,
)
from reminders.planning.freeze import hash_of_list
from reminders.planning.plan import APPROVAL_LIFE, plan_reminders
from reminders.planning.preview import counts_by_state
from tests.factories import batch_in, reach
from tests.reminders.scenes import (
    DAY,
    NOW,
    approved_batch,
    due_file,
    engine,
    notice_of,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db


def approve(batch: Batch, by: str = "approver", **changes: Any) -> Batch:
    given: dict[str, Any] = {"list_hash": batch.hash, "count": batch.planned, "now": NOW} | changes
    return approve_batch(batch_id=batch.pk, by=person(by), **given)


def release(batch: Batch, **changes: Any) -> Batch:
    return release_batch(batch_id=batch.pk, by=person("planner"), **{"now": NOW} | changes)


def draft(n: int = 1, **changes: Any) -> Batch:
    for _ in range(n):
        due_file()
    return planned_batch(**changes)


def state_of(batch: Batch) -> str:
    return str(Batch.objects.values_list("state", flat=True).get(pk=batch.pk))


# --- approval ----------------------------------------------------------------------------------------------


def test_i6_a_second_person_approves_this_list_of_so_many() -> None:
    batch = approve(draft(3))
    assert (batch.state, batch.approved_by, batch.approved_at) == ("APPROVED", person("approver"), NOW)
    assert batch.ceiling == 0, "an approval lets nothing leave"


def test_i6_nobody_approves_what_they_planned() -> None:
    """Fails without `_require_second_person`."""
    batch = draft()
    with pytest.raises(ReminderError, match="planner a préparé le lot .* une autre personne doit l’approuver"):
        approve(batch, by="planner")
    assert state_of(batch) == "DRAFT"


def test_i6_nor_does_the_database_let_them() -> None:
    """Fails without the constraint batch_is_approved_by_a_second_person."""
    batch = draft()
    row = Batch.objects.filter(pk=batch.pk)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        row.update(state="APPROVED", approved_by=person("planner"), approved_at=NOW)


def test_i6_what_the_system_planned_is_approved_by_anyone_who_may() -> None:
    due_file()
    batch = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None).batch
    assert batch
    assert approve(batch, by="planner").state == "APPROVED"


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"list_hash": "0" * 64}, "L’empreinte donnée n’est pas celle du lot"),
        ({"list_hash": ""}, "L’empreinte donnée"),
        ({"count": 2}, "compte 3 destinataires et non 2"),
        ({"count": 4}, "compte 3 destinataires et non 4"),
        ({"count": 0}, "compte 3 destinataires et non 0"),
    ],
)
def test_i6_another_list_or_another_number_is_not_approved(wrong: dict[str, Any], told: str) -> None:
    """Fails without `_require_same_list`, either half of it."""
    batch = draft(3)
    with pytest.raises(ReminderError, match=told):
        approve(batch, **wrong)
    assert state_of(batch) == "DRAFT"


def test_i6_the_beginning_of_a_hash_is_not_the_hash() -> None:
    batch = draft()
    with pytest.raises(ReminderError, match="l’empreinte entière"):
        approve(batch, list_hash=batch.hash[:12])


def test_a_hash_typed_in_capitals_is_the_same_hash() -> None:
    batch = draft()
    assert approve(batch, list_hash=batch.hash.upper()).state == "APPROVED"


def test_a_batch_that_is_not_there_is_named() -> None:
    with pytest.raises(ReminderError, match="Le lot 4711 n’existe pas"):
        approve_batch(batch_id=4711, by=person("approver"), list_hash="", count=0, now=NOW)


def test_a_batch_is_approved_once() -> None:
    batch = approve(draft())
    with pytest.raises(ReminderError, match="est déjà approuvé\u00a0: rien"):
        approve(batch, by="another")
    batch.refresh_from_db()
    assert batch.approved_by == person("approver")


RED = [{"code": "COMPLETE_FILE", "level": "RED", "message": "1 destinataire au dossier complet\u00a0: 07000001"}]


def forge(batch: Batch, **values: Any) -> Batch:
    """Give a sealed batch values that its triggers would refuse, so that the code stands alone."""
    with pgtrigger.ignore():  # type: ignore[no-untyped-call]
        Batch.objects.filter(pk=batch.pk).update(**values)
    return batch


def test_i3_a_red_brake_blocks_the_approval() -> None:
    """Fails without `_require_no_red_brake` in approve_batch."""
    batch = forge(draft(), brakes=RED)
    with pytest.raises(ReminderError, match="Un frein rouge bloque le lot .* COMPLETE_FILE"):
        approve(batch)
    assert state_of(batch) == "DRAFT"


def test_i3_a_red_brake_blocks_the_release() -> None:
    """Fails without `_require_no_red_brake` in release_batch."""
    batch = forge(approve(draft()), brakes=RED)
    with pytest.raises(ReminderError, match="frein rouge"):
        release(batch)
    assert state_of(batch) == "APPROVED"


@pytest.mark.parametrize("act", [approve, lambda b, now: release(b, now=now)])
def test_a_list_of_yesterday_is_neither_approved_nor_released(act: Callable[..., Batch]) -> None:
    batch = draft() if act is approve else approve(draft())
    with pytest.raises(ReminderError, match=r"préparé pour le 29/01/2026\u00a0: il est périmé"):
        act(batch, now=NOW + timedelta(days=1))


MOVED = [(10, 12, True), (9, 12, False), (10, 199, True), (10, 200, False), (11, 200, True)]


@pytest.mark.parametrize(("moved", "planned", "stale"), MOVED)
@pytest.mark.parametrize("act", [approve, release])
def test_a_list_whose_files_have_moved_too_far_is_stale(
    act: Callable[..., Batch], moved: int, planned: int, stale: bool
) -> None:
    """More than 5 % and at least 10; fails without `_require_fresh`, or at another limit."""
    batch = draft(max(moved, 12))
    batch = batch if act is approve else approve(batch)
    forge(batch, planned=planned)
    batch.refresh_from_db()
    forge(batch, hash=hash_of_list(batch))
    touched = list(Notice.objects.filter(batch=batch, rank__lte=moved).values_list("intermediary", flat=True))
    with connection.cursor() as cursor:
        cursor.execute("UPDATE registry_intermediary SET town = 'Brest' WHERE id = ANY (%s)", [touched])
    batch.refresh_from_db()
    if stale:
        with pytest.raises(ReminderError, match=f"^{moved} dossiers du lot .* ont changé"):
            act(batch)
    else:
        act(batch)


# --- release -----------------------------------------------------------------------------------------------


def test_a_release_lets_the_first_step_leave_and_no_more() -> None:
    batch = release(approve(draft(5, release_steps=(2,))))
    assert (batch.state, batch.ceiling, batch.steps) == ("RELEASING", 2, [2, 5])
    assert (batch.released_by, batch.released_at) == (person("planner"), NOW)


def test_a_list_for_a_day_to_come_is_not_released_before() -> None:
    """Fails without `_require_its_day`: at the moment of sending nobody is due yet, and all are withdrawn."""
    batch = draft(2, day=DAY + timedelta(days=1))
    approve(batch)
    with pytest.raises(ReminderError, match="est prévu pour le 30/01/2026"):
        release(batch)
    assert release(batch, now=NOW + timedelta(hours=20)).state == "RELEASING"


def test_i6_nothing_is_released_before_its_approval() -> None:
    batch = draft()
    with pytest.raises(ReminderError, match="n’est pas approuvé\u00a0: une seconde personne doit l’approuver"):
        release(batch)
    assert state_of(batch) == "DRAFT"


def test_i2_a_batch_is_released_once() -> None:
    batch = released_batch(1)
    with pytest.raises(ReminderError, match="déjà lancé\u00a0: rien n’a été fait une seconde fois"):
        release(batch)


def test_a_held_batch_is_resumed_not_released() -> None:
    batch = pause_batch(batch_id=released_batch(1).pk, by=person("planner"))
    with pytest.raises(ReminderError, match="reprenez-le avec resume_batch"):
        release(batch)
    assert state_of(batch) == "PAUSED"


def test_an_approval_holds_for_a_day_and_not_a_moment_longer() -> None:
    """Fails without `_require_live_approval`."""
    batch = approved_batch_of_one()
    forge(batch, approved_at=NOW - APPROVAL_LIFE - timedelta(microseconds=1))
    with pytest.raises(ReminderError, match="L’approbation du lot .* a expiré"):
        release(batch)
    forge(batch, approved_at=NOW - APPROVAL_LIFE)
    assert release(batch).state == "RELEASING"


def approved_batch_of_one() -> Batch:
    due_file()
    return approved_batch()


# --- pause, resume, cancel ---------------------------------------------------------------------------------


def test_a_pause_says_who_why_and_in_which_words() -> None:
    batch = pause_batch(batch_id=released_batch(1).pk, by=person("planner"), detail="x" * 600)
    assert (batch.state, batch.pause_reason, len(batch.pause_detail)) == ("PAUSED", "PERSON", 500)
    batch = resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert (batch.state, batch.pause_reason, batch.pause_detail) == ("RELEASING", "", "")


def test_the_engine_holds_a_batch_for_a_reason_of_its_own() -> None:
    batch = hold_batch(batch_id=released_batch(1).pk, reason=PauseReason.SMTP_DOWN, detail="421")
    batch.refresh_from_db()
    assert (batch.state, batch.pause_reason, batch.pause_detail) == ("PAUSED", "SMTP_DOWN", "421")


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("DRAFT", "n’est pas approuvé"),
        ("APPROVED", "n’a pas encore été lancé\u00a0: utilisez release_batch"),
        ("RELEASING", "déjà lancé"),
        ("COMPLETED", "est terminé\u00a0: il ne peut pas être repris\u00a0; ce qu’il en est advenu"),
        ("CANCELLED", "est annulé\u00a0: il ne peut pas être repris\u00a0; préparez-en un autre"),
        ("STALE", "est périmé\u00a0: il ne peut pas être repris\u00a0; préparez-en un autre"),
    ],
)
def test_only_a_held_batch_is_resumed(state: Any, told: str) -> None:
    batch = batch_in(state)
    with pytest.raises(ReminderError, match=told):
        resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert state_of(batch) == state


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("DRAFT", "n’est qu’un projet\u00a0: il ne peut pas être mis en pause"),
        ("APPROVED", "n’est pas encore lancé\u00a0: il ne peut pas être mis en pause"),
        ("PAUSED", "est déjà en pause\u00a0: rien n’a été fait une seconde fois"),
        ("COMPLETED", "est terminé\u00a0: il ne peut pas être mis en pause"),
        ("CANCELLED", "est annulé\u00a0: il ne peut pas être mis en pause"),
        ("STALE", "est périmé\u00a0: il ne peut pas être mis en pause"),
    ],
)
def test_only_a_batch_that_is_leaving_is_held(state: Any, told: str) -> None:
    batch = batch_in(state)
    with pytest.raises(ReminderError, match=told):
        pause_batch(batch_id=batch.pk, by=person("planner"))


def test_i2_a_batch_given_up_frees_the_waves_of_what_has_not_left() -> None:
    """Fails without `cancel_notices` in cancel_batch."""
    files = [due_file() for _ in range(3)]
    batch = planned_batch()
    reach(notice_of(files[0]), "ACCEPTED")  # type: ignore[arg-type]
    reach(notice_of(files[1]), "SENDING")  # type: ignore[arg-type]
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert states(batch) == {"ACCEPTED": 1, "SENDING": 1, "CANCELLED": 1}
    again = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None).batch
    assert again
    assert list(again.notices.values_list("intermediary", flat=True)) == [files[2].pk]


@pytest.mark.parametrize(
    ("state", "told"),
    [
        ("COMPLETED", "est terminé\u00a0: il ne peut pas être annulé"),
        ("CANCELLED", "est déjà annulé\u00a0: rien"),
        ("STALE", "est périmé\u00a0: il ne peut pas être annulé"),
    ],
)
def test_what_is_over_is_not_given_up_again(state: Any, told: str) -> None:
    batch = batch_in(state)
    with pytest.raises(ReminderError, match=told):
        cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)


# --- step after step ---------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_i8_each_step_waits_for_a_persons_word_and_the_last_ends_the_batch() -> None:
    batch = released_batch(6, release_steps=(1, 2))
    for sent, state in ((1, "PAUSED"), (3, "PAUSED"), (6, "COMPLETED")):
        send()
        batch.refresh_from_db()
        assert (batch.state, states(batch)["ACCEPTED"]) == (state, sent)
        assert sum(counts_by_state(batch.pk).values()) == batch.planned
        if state == "PAUSED":
            assert batch.pause_reason == PauseReason.STEP_DONE
            resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert batch.ended_at == NOW


@pytest.mark.django_db(transaction=True)
def test_a_batch_held_by_a_person_goes_on_within_its_step() -> None:
    batch = released_batch(4, release_steps=(2,))
    pause_batch(batch_id=batch.pk, by=person("planner"))
    assert resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW).ceiling == 2
    send()
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 2}


def test_a_step_is_not_over_while_one_notice_of_it_waits() -> None:
    batch = released_batch(2, release_steps=(1,))
    assert end_step(batch_id=batch.pk, now=NOW)
    assert state_of(batch) == "RELEASING"


def test_two_workers_who_end_a_step_end_it_once() -> None:
    """Fails where end_step does not look at the state under the lock: the second would hold a resumed batch."""
    batch = released_batch(2, release_steps=(1,))
    reach(batch.notices.get(rank=1), "ACCEPTED")  # type: ignore[arg-type]
    assert not end_step(batch_id=batch.pk, now=NOW)
    assert state_of(batch) == "PAUSED"
    assert not end_step(batch_id=batch.pk, now=NOW)
    resume_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert end_step(batch_id=batch.pk, now=NOW), "the second notice waits now"
    assert state_of(batch) == "RELEASING"


@pytest.mark.parametrize("field", ["hash", "planned", "as_of", "steps", "skipped"])
def test_i6_what_was_approved_is_kept_as_it_was_by_the_database(field: str) -> None:
    batch = draft()
    changed = {"hash": "f" * 64, "planned": 7, "as_of": "2026-01-30", "steps": [9], "skipped": {"X": 1}}
    with pytest.raises((InternalError, ProgrammingError), match="frozen"), transaction.atomic():
        Batch.objects.filter(pk=batch.pk).update(**{field: changed[field]})


@pytest.mark.parametrize(("until_now", "act"), [(draft, approve), (lambda n: approve(draft(n)), release)])
def test_i6_a_list_that_is_not_that_of_its_hash_any_more_is_neither_approved_nor_released(
    until_now: Callable[[int], Batch], act: Callable[[Batch], Batch]
) -> None:
    """Each fails without its `_require_untouched_list`: triggers do not stop who owns the database."""
    batch = until_now(12)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "UPDATE reminders_notice SET email = 'autre@cabinet.example' WHERE batch_id = %s AND rank = 1", [batch.pk]
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    with pytest.raises(ReminderError, match="n’est plus celle de son empreinte"):
        act(batch)
