"""The plan of a recall: exactly those who got a batch gone wrong, once, by two people, and nothing is sent."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection

from reminders.errors import ReminderError
from reminders.models import Attempt, Batch, LeftOut, Notice
from reminders.models.settlement import Decision
from reminders.planning.approval import approve_batch, cancel_batch, end_step, pause_batch, release_batch
from reminders.planning.corrections import load_corrected
from reminders.planning.freeze import hash_of_list
from reminders.planning.plan import plan_reminders
from reminders.planning.preview import batch_report, counts_by_state, everyone, samples
from reminders.planning.recall import recall_batch, rehearsal
from reminders.planning.recall_list import left_to_correct
from reminders.planning.settling import settle
from reminders.rules.states import WAITING_STATES, BatchState, NoticeState
from tests.factories import NOW, AttemptFactory, NoticeFactory, batch_in, reach
from tests.reminders.recalling import (
    gone_wrong,
    in_batch,
    people_of_each_class,
    recalled,
    released,
    settled,
    situations_change,
)
from tests.reminders.scenes import DAY, due_file, engine, person, released_batch, renew, states
from tests.reminders.test_preview import circumstances

pytestmark = pytest.mark.django_db

ACCEPTED, REFUSED, UNCERTAIN = NoticeState.ACCEPTED, NoticeState.REFUSED, NoticeState.UNCERTAIN
TOMORROW = NOW + timedelta(days=1)


# --- who ---------------------------------------------------------------------------------------------------


def test_exactly_those_who_got_it_are_listed_in_its_frozen_order() -> None:
    """Fails without `w.state = ANY (mailed)` in `_TO_CORRECT`: those it never reached would be written to."""
    wrong = gone_wrong(len(NoticeState), *(s for s in NoticeState if s not in WAITING_STATES))
    recall = recalled(wrong)
    states_then = recall.notices.order_by("rank").values_list("corrects__state", "corrects__rank")
    assert [s for s, _ in states_then] == ["ACCEPTED", "UNCERTAIN", *["ACCEPTED"] * (recall.planned - 2)]
    assert [r for _, r in states_then] == sorted(r for _, r in states_then)
    assert recall.planned == wrong.planned - 4


def test_of_a_batch_sent_in_part_only_the_part_that_left_is_listed() -> None:
    wrong = gone_wrong(6, steps=(2, 2))
    assert (wrong.state, states(wrong)) == ("CANCELLED", {"ACCEPTED": 2, "CANCELLED": 4})
    recall = recalled(wrong)
    assert list(recall.notices.order_by("rank").values_list("corrects__rank", flat=True)) == [1, 2]


def test_who_by_a_person_s_word_did_not_get_it_is_corrected_once_for_the_mail_that_was_planned_anew() -> None:
    """Fails without the settlements in `_TO_CORRECT`: a correction of each notice, both under one Message-ID."""
    lost = due_file()
    first = gone_wrong(1, UNCERTAIN, UNCERTAIN)
    settle(
        notice_id=in_batch(first, lost).pk, decision=Decision.SEND_AGAIN, reason="vu au relais", by=person("odile"),
        now=NOW,
    )  # fmt: skip
    second = gone_wrong()
    assert [n.intermediary for n in second.notices.all()] == [lost]
    recall, again = recalled(first), recalled(second)
    assert (recall.planned, again.planned, recall.conservation["reached"]) == (1, 1, 1)
    assert Notice.objects.get(corrects__isnull=False, intermediary=lost).batch == again
    assert "RED" not in {brake["level"] for brake in recall.brakes}
    assert left_to_correct(first.pk) == 0


def test_where_all_that_may_have_left_is_to_be_sent_again_there_is_nothing_to_correct() -> None:
    wrong = gone_wrong(1, UNCERTAIN)
    notice = wrong.notices.get()
    settle(notice_id=notice.pk, decision=Decision.SEND_AGAIN, reason="vu au relais", by=person("odile"), now=NOW)
    with pytest.raises(ReminderError, match="rien à rectifier"):
        recalled(wrong)


def test_one_corrected_before_it_was_settled_still_adds_up() -> None:
    """Fails if `corrected_before` counted whom `reached` does not: the red brake of conservation."""
    wrong = gone_wrong(2, UNCERTAIN, steps=())
    first = recalled(wrong)
    released(first)
    corrections = list(first.notices.order_by("corrects__rank"))
    reach(corrections[0], NoticeState.ACCEPTED)
    cancel_batch(batch_id=first.pk, by=person("planner"), now=NOW)
    settle(
        notice_id=corrections[0].corrects_id or 0, decision=Decision.SEND_AGAIN, reason="vu au relais",
        by=person("odile"), now=NOW,
    )  # fmt: skip
    again = recalled(wrong)
    assert (again.planned, again.conservation) == (1, {"reached": 1, "corrected_before": 0})
    assert "RED" not in {brake["level"] for brake in again.brakes}


def test_a_correction_that_by_a_person_s_word_never_left_is_planned_once_more() -> None:
    """Fails if an uncertain correction stood in the way of another whatever was decided of it, in the list or in
    `notice_corrected_once`: nobody could have it sent again."""
    wrong = gone_wrong(2)
    lost, taken = released(first := recalled(wrong)).notices.order_by("rank")
    reach(lost, UNCERTAIN)
    reach(taken, NoticeState.ACCEPTED)
    end_step(batch_id=first.pk, now=NOW)
    with pytest.raises(ReminderError, match="déjà rectifié"):
        recalled(wrong)
    settle(notice_id=lost.pk, decision=Decision.SEND_AGAIN, reason="vu au relais", by=person("odile"), now=NOW)
    assert left_to_correct(wrong.pk) == 1
    again = recalled(wrong)
    assert again != first
    assert [(n.corrects_id, n.key) for n in again.notices.all()] == [(lost.corrects_id, lost.key)]
    assert "RED" not in {brake["level"] for brake in again.brakes}
    settled(released(again))
    with pytest.raises(ReminderError, match="déjà rectifié"):
        recalled(wrong)


def test_a_correction_that_is_held_for_sent_is_not_planned_again() -> None:
    wrong = gone_wrong(1)
    lost = released(recalled(wrong)).notices.get()
    reach(lost, UNCERTAIN)
    end_step(batch_id=lost.batch_id, now=NOW)
    settle(notice_id=lost.pk, decision=Decision.AS_SENT, reason="vu au relais", by=person("odile"), now=NOW)
    with pytest.raises(ReminderError, match="déjà rectifié"):
        recalled(wrong)


def test_one_who_waits_in_another_batch_is_left_out_with_the_reason_and_corrected_later() -> None:
    """Two live notices would be refused by the database; a wrong reminder is not to come after its correction."""
    stays, waits = due_file(), due_file()
    wrong = gone_wrong()
    other = batch_in(BatchState.DRAFT)
    live = NoticeFactory.create(batch=other, intermediary=waits, discharges__wave="D-7")
    recall = recalled(wrong)
    assert list(recall.notices.values_list("intermediary", flat=True)) == [stays.pk]
    left_out = LeftOut.objects.get(batch=recall.pk)
    assert (left_out.intermediary_id, left_out.reason) == (waits.pk, "IN_LIVE_BATCH")
    assert left_out.evidence == {"live_notice": live.pk, "live_batch": other.pk}
    brake = next(b for b in recall.brakes if b["code"] == "IN_LIVE_BATCH")
    assert brake["level"] == "AMBER"
    settled(released(recall))
    with pytest.raises(ReminderError, match=rf"attendent dans un autre lot \({other.pk}\)"):
        recalled(wrong)
    cancel_batch(batch_id=other.pk, by=person("planner"), now=NOW)
    assert list(recalled(wrong).notices.values_list("intermediary", flat=True)) == [waits.pk]


def test_the_day_of_the_message_is_that_of_its_last_try_however_late_it_was_settled() -> None:
    """Fails without the tries in `left_at`: a worker that died on Thursday is found out on Monday."""
    one = due_file()
    wrong = gone_wrong(0, UNCERTAIN)
    bad = in_batch(wrong, one)
    AttemptFactory.create(notice=bad, started_at=NOW)
    Notice.objects.filter(pk=bad.pk).update(settled_at=NOW + timedelta(days=4))
    told = load_corrected([bad.pk])[one.pk]
    assert (told.mailed_on, told.is_uncertain, told.key, told.email) == (DAY, True, bad.key, one.email)


# --- once --------------------------------------------------------------------------------------------------


def test_asking_twice_gives_the_same_draft_and_after_all_are_corrected_is_refused() -> None:
    wrong = gone_wrong(3)
    first = recall_batch(batch_id=wrong.pk, by=person("planner"), now=NOW, engine=engine())
    second = recall_batch(batch_id=wrong.pk, by=person("other"), now=NOW, engine=engine())
    assert (first.created, second.created) == (True, False)
    assert first.batch.pk == second.batch.pk
    recall = released(first.batch)
    assert recalled(wrong).pk == recall.pk
    settled(recall)
    with pytest.raises(ReminderError, match=f"Le lot {wrong.pk} est déjà rectifié"):
        recalled(wrong)
    assert Batch.objects.filter(corrects=wrong.pk).count() == 1


@pytest.mark.parametrize("state", [REFUSED, UNCERTAIN])
def test_i2_one_refused_or_uncertain_is_not_sent_another(state: NoticeState) -> None:
    """Fails where `notice_corrected_once` let go of what may have left, or of what a server would not take."""
    due_file()
    wrong = gone_wrong()
    settled(released(recalled(wrong)), state)
    with pytest.raises(ReminderError, match=f"déjà rectifié.*{state.label.lower()}\u00a0: 1"):
        recalled(wrong)


def test_a_draft_of_yesterday_is_given_up_and_planned_anew() -> None:
    wrong = gone_wrong(2)
    old = recalled(wrong)
    new = recalled(wrong, now=TOMORROW)
    old.refresh_from_db()
    assert (old.state, states(old)) == ("STALE", {"CANCELLED": 2})
    assert (new.state, new.planned) == ("DRAFT", 2)


# --- the batch gone wrong is held first --------------------------------------------------------------------


def test_a_batch_from_which_something_could_still_leave_is_not_recalled() -> None:
    batch = released_batch(4, release_steps=(2,))
    remedy = f"pause_batch {batch.pk}, annulez-le avec cancel_batch {batch.pk}, puis relancez recall_batch {batch.pk}"
    with pytest.raises(ReminderError, match=f"est en cours d’envoi.*{remedy}"):
        recalled(batch)
    pause_batch(batch_id=batch.pk, by=person("planner"))
    with pytest.raises(ReminderError, match=f"est en pause et pourrait repartir.*cancel_batch {batch.pk}"):
        recalled(batch)
    for notice in batch.notices.filter(rank__lte=2):
        reach(notice, ACCEPTED)
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
    assert recalled(batch).planned == 2


@pytest.mark.parametrize("state", [BatchState.DRAFT, BatchState.APPROVED])
def test_a_batch_of_which_nothing_left_is_cancelled_instead(state: BatchState) -> None:
    batch = batch_in(state)
    with pytest.raises(ReminderError, match=f"Rien n’est parti du lot {batch.pk}.*cancel_batch {batch.pk}"):
        recalled(batch)


def test_a_batch_that_nobody_got_has_nothing_to_correct() -> None:
    wrong = gone_wrong(1, REFUSED)
    with pytest.raises(ReminderError, match="Aucune relance du lot .* n’est partie"):
        recalled(wrong)
    with pytest.raises(ReminderError, match="Le lot 999 n’existe pas"):
        recall_batch(batch_id=999, by=person("planner"), now=NOW, engine=engine())


def test_a_recall_is_not_recalled() -> None:
    recall = settled(released(recalled(gone_wrong(1))))
    with pytest.raises(ReminderError, match=f"Le lot {recall.pk} est lui-même un rectificatif"):
        recalled(recall)


# --- the same path as any batch ----------------------------------------------------------------------------


def test_i6_a_second_person_approves_exactly_this_list() -> None:
    recall = recalled(gone_wrong(2))
    assert hash_of_list(recall) == recall.hash
    now: dict[str, Any] = {"now": NOW}
    with pytest.raises(ReminderError, match="une autre personne doit l’approuver"):
        approve_batch(batch_id=recall.pk, by=person("planner"), list_hash=recall.hash, count=2, **now)
    with pytest.raises(ReminderError, match="n’est pas celle du lot"):
        approve_batch(batch_id=recall.pk, by=person("approver"), list_hash="0" * 64, count=2, **now)
    with pytest.raises(ReminderError, match="compte 2 destinataires et non 3"):
        approve_batch(batch_id=recall.pk, by=person("approver"), list_hash=recall.hash, count=3, **now)
    with pytest.raises(ReminderError, match="n’est pas approuvé"):
        release_batch(batch_id=recall.pk, by=person("planner"), now=NOW)
    assert released(recall).state == "RELEASING"


def test_i6_the_batch_that_is_corrected_is_part_of_the_hash() -> None:
    """Fails where the header of the list left it out: the same words about another batch would be the same list."""
    due_file()
    recall = recalled(gone_wrong())
    assert hash_of_list(recall) == recall.hash
    recall.corrects_id = 0
    assert hash_of_list(recall) != recall.hash


def test_a_live_recall_keeps_its_people_out_of_the_next_plan_and_the_day_may_have_both() -> None:
    """A reminder batch and a recall of the same day are both drafts: fails where one plan a day counted recalls."""
    due_file()
    wrong = gone_wrong()
    recall = recalled(wrong)
    due_file()
    plan = plan_reminders(day=DAY, now=NOW, engine=engine(), by=person("planner"))
    assert plan.batch
    assert plan.batch.pk != recall.pk
    assert plan.batch.planned == 1
    assert plan.batch.skipped == {"IN_LIVE_BATCH": 1}


def test_i8_the_counts_add_up_to_the_planned_whatever_becomes_of_them() -> None:
    wrong = gone_wrong(len(NoticeState))
    recall = recalled(wrong)
    for notice, state in zip(recall.notices.order_by("rank"), NoticeState, strict=True):
        reach(notice, state)
        assert sum(counts_by_state(recall.pk).values()) == recall.planned
    assert set(counts_by_state(recall.pk).values()) == {1}


def test_i8_touched_are_planned_left_out_and_corrected_before() -> None:
    wrong = gone_wrong(3)
    recall = recalled(wrong)
    brake = next(b for b in recall.brakes if b["code"] == "CONSERVATION")
    assert brake["level"] == "GREEN"
    assert brake["message"] == "3 prévus + 0 écarté + 0 déjà rectifié = 3 touchés"


# --- preview -----------------------------------------------------------------------------------------------


def test_a_preview_says_what_it_corrects_why_and_what_each_is_told() -> None:
    people = people_of_each_class()
    wrong = gone_wrong()
    situations_change(people)
    recall = recalled(wrong)
    report = batch_report(recall, pace_per_hour=0)
    assert (report["kind"], report["corrects"], report["reason"]) == ("RECALL", wrong.pk, "essai")
    assert (report["reached"], report["left_to_correct"], report["waves"]) == (4, 0, [])
    assert report["by_class"] == {"COMPLETE": 1, "IN_REVIEW": 1, "DUE": 1, "OTHER": 1}
    assert report["by_item"] == {"RC_PRO": 1}
    assert report["changes"]["previous"] is None
    assert batch_report(wrong, pace_per_hour=0)["recalls"] == [recall.pk]
    shown = samples(recall, circumstances())
    assert len(shown) == 4
    assert all(s.subject.startswith("Rectificatif") for s in shown)
    rows = list(everyone(recall))
    assert "dossier complet, rien à faire" in {r["pieces"] for r in rows}
    assert len(rows) == 4


def test_three_samples_of_each_class_are_shown() -> None:
    renewing = [due_file() for _ in range(5)]
    for _ in range(4):
        due_file()
    wrong = gone_wrong()
    for one in renewing:
        renew(one)
    shown = samples(recalled(wrong), circumstances())
    complete = [s for s in shown if "rien à faire pour" in s.subject]
    assert (len(shown), len(complete)) == (6, 3)
    assert [s.rank for s in complete] == sorted(s.rank for s in complete)


def test_i5_a_rehearsal_shows_the_run_and_keeps_nothing_of_it() -> None:
    wrong = gone_wrong(3)
    before = everything()
    with rehearsal():
        dry = recalled(wrong)
        told = (dry.hash, dry.planned, dry.by_class)
    assert everything() == before
    real = recalled(wrong)
    assert (real.hash, real.planned, real.by_class) == told


def everything() -> dict[str, list[Any]]:
    """All rows of the engine's tables, their history included."""
    found = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            if table.startswith(("reminders_", "registry_", "pghistory_")):
                cursor.execute(f"SELECT t::text FROM {table} t ORDER BY 1")
                found[table] = cursor.fetchall()
    return found


def test_i5_planning_a_recall_tries_nothing() -> None:
    wrong = gone_wrong(2)
    before = Attempt.objects.count()
    recalled(wrong)
    assert Attempt.objects.count() == before
