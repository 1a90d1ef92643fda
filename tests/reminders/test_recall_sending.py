"""The sending of a recall: true at its own moment, to the address that got the mail, once, stopped like any other."""

from __future__ import annotations

from datetime import timedelta

import pytest

from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.messages.tokens import mail_token
from reminders.models import Notice, NoticeItem
from reminders.planning.approval import cancel_batch, pause_batch
from reminders.planning.plan import plan_reminders
from reminders.planning.recall import recall_batch
from reminders.planning.recall_list import left_to_correct
from reminders.planning.switch import resume_sending, stop_sending
from reminders.rules.identity import recall_key
from reminders.rules.recalls import RecallClass
from reminders.rules.send_window import parse_window
from reminders.rules.states import NoticeState
from reminders.sending.claim import claim
from reminders.sending.deliver import Halt
from tests.factories import NOW
from tests.reminders.recalling import (
    corrected,
    gone_wrong,
    in_batch,
    people_of_each_class,
    recalled,
    released,
    sent_wrongly,
    situations_change,
)
from tests.reminders.scenes import (
    DAY,
    LATER,
    LOST_AFTER_DOT,
    NO_SUCH_USER,
    RecordingTransport,
    at_once,
    clock_at,
    complete_file,
    due_file,
    elsewhere,
    engine,
    header,
    person,
    released_batch,
    renew,
    send,
    states,
)
from tests.reminders.test_message_bytes import parse, read

pytestmark = pytest.mark.django_db(transaction=True)


def texts(transport: RecordingTransport) -> dict[str, str]:
    """What each address got to read."""
    return {s.recipient: read(next(parse(s.message).iter_parts())) for s in transport.sent}


# --- who ---------------------------------------------------------------------------------------------------


def test_exactly_those_who_got_it_are_corrected_the_uncertain_included() -> None:
    """Fails without `w.state = ANY (mailed)` in `_TO_CORRECT`: the refused would be written to."""
    complete_file()
    for _ in range(4):
        due_file()
    wrong = sent_wrongly(replies=[LOST_AFTER_DOT, NO_SUCH_USER])
    assert states(wrong) == {"ACCEPTED": 2, "UNCERTAIN": 1, "REFUSED": 1}
    got_it = Notice.objects.filter(batch=wrong.pk).exclude(state="REFUSED")

    recall = recalled(wrong)
    assert recall.planned == 3
    assert set(recall.notices.values_list("corrects", flat=True)) == set(got_it.values_list("id", flat=True))
    transport = RecordingTransport()
    send(transport, batch=released(recall))
    assert sorted(transport.recipients) == sorted(got_it.values_list("email", flat=True))
    assert states(recall) == {"ACCEPTED": 3}
    uncertain = got_it.get(state="UNCERTAIN")
    assert "s’il vous est parvenu" in texts(transport)[uncertain.email]


def test_of_a_batch_sent_in_part_only_the_part_that_left_is_corrected() -> None:
    wrong = sent_wrongly(6, steps=(2, 2))
    assert states(wrong) == {"ACCEPTED": 2, "CANCELLED": 4}
    recall = corrected(wrong)
    assert states(recall) == {"ACCEPTED": 2}
    assert recall.state == "COMPLETED"
    ranks = Notice.objects.filter(batch=recall.pk).order_by("rank").values_list("corrects__rank", flat=True)
    assert list(ranks) == [1, 2]


# --- what they are told ------------------------------------------------------------------------------------


def test_each_is_told_the_true_state_of_today() -> None:
    people = people_of_each_class()
    wrong = gone_wrong()
    situations_change(people)
    recall = recalled(wrong)
    assert recall.by_class == {"COMPLETE": 1, "IN_REVIEW": 1, "DUE": 1, "OTHER": 1}
    transport = RecordingTransport()
    send(transport, batch=released(recall))
    said = {told: texts(transport)[one.email] for told, one in people.items()}
    assert "Votre dossier est complet" in said[RecallClass.COMPLETE]
    assert "c’est à nous de les contrôler" in said[RecallClass.IN_REVIEW]
    assert "Voici ce que dit votre dossier" in said[RecallClass.DUE]
    assert "au plus tard le 28 février 2026" in said[RecallClass.DUE]
    assert "il ne vous demande rien" in said[RecallClass.OTHER]
    for told, one in people.items():
        notice = in_batch(recall, one)
        assert notice.recall_class == told
        assert [i["kind"] for i in notice.items] == (["RC_PRO"] if told is RecallClass.DUE else [])


def test_the_identity_derives_from_the_message_corrected_and_its_waves_stay_held() -> None:
    """I2: whoever was wrongly reminded is not sent the same wave again, whatever the correction says."""
    one = due_file()
    wrong = gone_wrong()
    bad = in_batch(wrong, one)
    transport = RecordingTransport()
    recall = corrected(wrong, transport)
    (sent,) = transport.sent
    assert sent.key == in_batch(recall, one).key == recall_key(bad.key) != bad.key
    assert header(sent.message, "In-Reply-To").startswith(f"<{mail_token(bad.key)}@")
    assert not NoticeItem.objects.filter(notice__batch=recall.pk).exists()
    assert NoticeItem.objects.filter(notice=bad.pk, held=True).count() == 1
    replay = plan_reminders(day=DAY, now=NOW, engine=engine(), by=None)
    assert replay.batch is None
    assert replay.tally
    assert replay.tally.skipped == {"ALREADY_REMINDED": 1}


def test_the_apology_goes_to_the_address_that_got_the_mail_and_tells_nothing_where_it_is_another_now() -> None:
    one = due_file(email="former@cabinet.example")
    wrong = gone_wrong()
    Intermediary.objects.filter(pk=one.pk).update(email="new@cabinet.example")
    transport = RecordingTransport()
    recall = corrected(wrong, transport)
    assert transport.recipients == ["former@cabinet.example"]
    assert recall.by_class["OTHER"] == 1
    assert "RC Pro" not in texts(transport)["former@cabinet.example"]


def test_neither_a_lost_address_nor_a_removal_stands_in_the_way_of_an_apology() -> None:
    """None of a reminder's checks is asked: fails where `decide_reminder` were."""
    no_address, gone = due_file(), due_file()
    wrong = gone_wrong()
    Intermediary.objects.filter(pk=no_address.pk).update(email="")
    gone.registrations.update(suspended_on=DAY - timedelta(days=1))
    assert states(corrected(wrong)) == {"ACCEPTED": 2}


# --- the truth at the moment of sending --------------------------------------------------------------------


def test_i1_a_correction_that_is_not_true_any_more_is_withdrawn_and_may_be_planned_again() -> None:
    """Fails without the comparison of digests in `withdrawal`: « ce que dit votre dossier » would be false."""
    stays, files_meanwhile = due_file(), due_file()
    wrong = gone_wrong()
    recall = released(recalled(wrong))
    renew(files_meanwhile)
    transport = RecordingTransport()
    send(transport, batch=recall)
    assert transport.recipients == [stays.email]
    withdrawn = in_batch(recall, files_meanwhile)
    assert (withdrawn.state, withdrawn.reason) == ("SKIPPED", "FACTS_CHANGED")
    assert left_to_correct(wrong.pk) == 1

    again = recalled(wrong)
    assert again.pk != recall.pk
    assert (again.planned, again.by_class["COMPLETE"]) == (1, 1)
    assert again.conservation == {"reached": 2, "corrected_before": 1}
    send(transport, batch=released(again))
    assert transport.recipients == [stays.email, files_meanwhile.email]
    assert in_batch(again, files_meanwhile).key == withdrawn.key
    assert left_to_correct(wrong.pk) == 0


def test_i1_a_change_between_the_claim_and_the_intent_is_seen() -> None:
    """Fails where a recall were assessed without the versions of its facts: the step must compare them."""
    first, second = due_file(), due_file()
    wrong = gone_wrong()
    recall = released(recalled(wrong))
    order = list(Notice.objects.filter(batch=recall.pk).order_by("rank").values_list("intermediary", flat=True))
    later = second if order[1] == second.pk else first

    def filed(sent: int) -> None:
        if sent == 0:
            elsewhere(lambda: renew(later))

    transport = RecordingTransport(before=filed)
    send(transport, batch=recall)
    assert len(transport.sent) == 1
    assert in_batch(recall, later).reason == "FACTS_CHANGED"


def test_a_correction_is_not_sent_after_its_last_useful_day() -> None:
    one = due_file()
    wrong = gone_wrong()
    recall = released(recalled(wrong))
    # Thursday 29 January and five working days: the end of Thursday 5 February.
    assert in_batch(recall, one).not_after.isoformat() == "2026-02-05T22:59:59.999999+00:00"
    transport = RecordingTransport()
    send(transport, clock=clock_at(NOW + timedelta(days=8)), batch=recall)
    assert transport.sent == []
    assert states(recall) == {"EXPIRED": 1}
    assert left_to_correct(wrong.pk) == 1


def test_two_who_recall_at_once_make_one_batch_and_both_are_told() -> None:
    wrong = gone_wrong(2)
    planner = person("planner")

    def recall() -> int:
        return recall_batch(batch_id=wrong.pk, by=planner, now=NOW, engine=engine()).batch.pk

    one, other = at_once(recall, recall)
    assert isinstance(one, int)
    assert one == other
    assert Notice.objects.filter(batch=one).count() == 2


def test_i4_a_recall_waits_for_a_worker_that_still_holds_a_message() -> None:
    """Fails without `_require_over`'s count: who is being sent to at this instant would never be corrected."""
    batch = released_batch(3)
    refusals = []

    def recalled_meanwhile(sent: int) -> None:
        if sent == 1:
            cancel_batch(batch_id=batch.pk, by=person("planner"), now=NOW)
            with pytest.raises(ReminderError) as error:
                recalled(batch)
            refusals.append(str(error.value))

    transport = RecordingTransport(before=recalled_meanwhile)
    send(transport, batch=batch)
    assert len(transport.sent) == 2
    (refusal,) = refusals
    assert "entre les mains d’un exécutant\u00a0: 1." in refusal
    assert f"deliver --batch {batch.pk}" in refusal
    assert states(batch) == {"ACCEPTED": 2, "CANCELLED": 1}
    assert recalled(batch).planned == 2


def test_steps_and_the_window_and_the_switch_hold_a_recall_too() -> None:
    wrong = gone_wrong(4)
    recall = released(recalled(wrong, steps=(1,)))
    assert recall.steps == [1, 4]
    closed = send(batch=recall, window=parse_window("mon-fri 20:00-21:00"))
    assert closed.halt is Halt.WINDOW
    stop_sending(reason="essai", by=None, now=NOW)
    assert send(batch=recall).halt is Halt.HELD
    assert states(recall) == {"PLANNED": 4}
    resume_sending(by=person("planner"), now=NOW)
    send(batch=recall)
    recall.refresh_from_db()
    assert (recall.state, states(recall)) == ("PAUSED", {"ACCEPTED": 1, "PLANNED": 3})


def test_reminders_and_corrections_are_sent_side_by_side() -> None:
    """One claim may hold both. Fails where the assessment did not tell them apart."""
    wrong = gone_wrong(2)
    recall = released(recalled(wrong))
    batch = released_batch(2)
    transport = RecordingTransport()
    done = send(transport)
    assert done.counts[NoticeState.ACCEPTED] == 4
    assert (states(recall), states(batch)) == ({"ACCEPTED": 2}, {"ACCEPTED": 2})
    corrections = [s for s in transport.sent if header(s.message, "In-Reply-To")]
    assert sorted(s.key for s in corrections) == sorted(recall.notices.values_list("key", flat=True))


def test_a_deferred_correction_is_tried_again() -> None:
    due_file()
    wrong = gone_wrong()
    recall = released(recalled(wrong))
    clock = clock_at()
    transport = RecordingTransport(replies=[LATER])
    send(transport, clock=clock, batch=recall)
    assert states(recall) == {"DEFERRED": 1}
    clock.forward(timedelta(hours=2))
    send(transport, clock=clock, batch=recall)
    assert states(recall) == {"ACCEPTED": 1}
    assert len({s.key for s in transport.sent}) == 1


def test_i7_a_claimed_correction_waits_for_a_batch_that_is_held() -> None:
    wrong = gone_wrong(1)
    recall = released(recalled(wrong))
    (claimed,) = claim(worker="w", size=5, now=NOW, batch_id=recall.pk)
    assert claimed.corrects == Notice.objects.get(batch=wrong.pk).pk
    assert claimed.waves == frozenset()
    pause_batch(batch_id=recall.pk, by=person("planner"))
    assert send(batch=recall).counts[NoticeState.ACCEPTED] == 0
