"""What may have left is settled by evidence or by a person, and never leaves again by itself."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.ledger import load_ledger
from reminders.messages.tokens import mail_token
from reminders.models import Batch, LeftOut, Notice, NoticeItem, Settlement
from reminders.models.settlement import Decision
from reminders.planning.settling import describe, settle, settle_by_relay_log, settle_by_reports, uncertain
from reminders.rules.relay_log import RelayFate
from reminders.rules.states import NoticeState
from reminders.sending.bounces import record_bounce
from reminders.sending.reports import read_report
from tests.factories import NOW, NoticeItemFactory
from tests.reminders.recalling import corrected, sent_wrongly
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import (
    ACCEPTED,
    LOST_AFTER_DOT,
    RecordingTransport,
    at_once,
    due_file,
    header,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db

LATER = NOW + timedelta(days=1)


def decide(notice: Notice, decision: Decision = Decision.SEND_AGAIN, **values: Any) -> Settlement:
    given = {"reason": "absent du journal complet", "by": person("odile"), "now": NOW, **values}
    return settle(notice_id=notice.pk, decision=decision, **given)


def held(notice: Notice) -> bool:
    return NoticeItem.objects.get(notice=notice).held


# --- evidence ---


@pytest.mark.parametrize(
    "name", ["postfix_delivered", "postfix_unknown_user", "postfix_delayed", "out_of_office_fr", "complaint_arf"]
)
def test_a_report_proves_that_the_mail_left(name: str) -> None:
    notice = mailed("UNCERTAIN")
    bounce = came_back(notice, name)
    assert settle_by_reports(now=NOW) == 1
    settlement = Settlement.objects.get(notice=notice)
    assert (settlement.decision, settlement.evidence, settlement.bounce) == ("AS_SENT", "REPORT", bounce)
    assert held(notice)
    assert settle_by_reports(now=NOW) == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("names", ["References: {thread} {own}", "In-Reply-To: {own}\nReferences: {thread} {own}"])
def test_an_automatic_reply_to_a_correction_says_nothing_of_what_it_corrects(names: str) -> None:
    """Fails if References were read from their beginning: whoever is away would prove that a lost mail had left."""
    wrong = sent_wrongly(1, [LOST_AFTER_DOT])
    transport = RecordingTransport()
    recall = corrected(wrong, transport)
    mail = transport.sent[0].message
    named = names.format(thread=header(mail, "References"), own=header(mail, "Message-ID"))
    raw = f"Auto-Submitted: auto-replied\nMessage-ID: <away@cabinet.example>\n{named}\n\nJe suis absent.\n"
    bounce = record_bounce(read_report(raw.encode()), now=LATER)
    assert bounce is not None
    assert bounce.notice == recall.notices.get()
    assert (settle_by_reports(now=LATER), wrong.notices.get().state) == (0, "UNCERTAIN")


def test_a_report_that_came_before_the_notice_was_known_to_be_uncertain_counts_too() -> None:
    """Fails if only the reports just read were looked at: a worker is dead for minutes before it is found so."""
    notice = mailed("SENDING")
    came_back(notice, "postfix_delivered")
    assert settle_by_reports(now=NOW) == 0
    Notice.objects.filter(pk=notice.pk).update(state="UNCERTAIN")
    assert settle_by_reports(now=NOW) == 1


def test_what_is_not_uncertain_and_what_nothing_is_known_of_stays() -> None:
    came_back(mailed("ACCEPTED"))
    waiting = mailed("UNCERTAIN")
    assert settle_by_reports(now=NOW) == 0
    assert [n.pk for n in uncertain()] == [waiting.pk]


def log_of(notice: Notice, *rest: str) -> list[str]:
    head = "Jan 29 10:30:01 relay postfix"
    return [
        f"{head}/cleanup[12]: 4F2A1C: message-id=<{mail_token(notice.key)}@registre.example>",
        *(f"{head}/{line}" for line in rest),
    ]


def test_the_relays_log_proves_what_it_took_and_nothing_of_what_it_does_not_name() -> None:
    taken, unseen = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    lines = log_of(taken, "qmgr[9]: 4F2A1C: from=<x@y.example>, size=1, nrcpt=1 (queue active)") + log_of(unseen)
    words = settle_by_relay_log(lines, by=person("odile"), now=NOW)
    assert {pk: word.fate for pk, word in words.items()} == {taken.pk: RelayFate.QUEUED}
    settlement = Settlement.objects.get()
    assert (settlement.notice, settlement.evidence, settlement.by) == (taken, "RELAY_LOG", person("odile"))
    assert "queue active" in settlement.reason
    assert [n.pk for n in uncertain()] == [unseen.pk]


def test_one_settled_while_the_log_is_read_keeps_its_settlement_and_the_others_get_theirs() -> None:
    """Fails if the first that somebody else settled ended the reading."""
    quick, slow = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    active = "qmgr[9]: 4F2A1C: from=<x@y.example>, size=1, nrcpt=1 (queue active)"

    def lines() -> Iterator[str]:
        yield from log_of(quick, active)
        decide(quick)
        yield from log_of(slow, active)

    assert set(settle_by_relay_log(lines(), by=person("odile"), now=NOW)) == {slow.pk}
    assert Settlement.objects.get(notice=quick).decision == "SEND_AGAIN"


# --- a person ---


def test_i2_treated_as_sent_its_waves_stay_held() -> None:
    notice = mailed("UNCERTAIN")
    decide(notice, Decision.AS_SENT)
    assert held(notice)
    with pytest.raises(DatabaseError, match="stay held"), transaction.atomic():
        NoticeItem.objects.filter(notice=notice).update(held=False)


@pytest.mark.django_db(transaction=True)
def test_i2_i4_sent_again_means_a_new_notice_decided_and_approved_as_any_other() -> None:
    """Fails without `settlement_again_is_as_if_unsent`, or without the exception for a SEND_AGAIN in the guard, or if
    the mail that a person says never left still counted for the smallest gap between two."""
    someone, _ = due_file(), due_file()
    first = released_batch()
    order = list(Notice.objects.order_by("rank").values_list("intermediary", flat=True))
    replies = [LOST_AFTER_DOT if pk == someone.pk else ACCEPTED for pk in order]
    send(RecordingTransport(replies=replies))
    lost = Notice.objects.get(intermediary=someone)
    assert lost.state == "UNCERTAIN"
    decide(lost)
    second = planned_batch(now=NOW)
    assert list(second.notices.values_list("intermediary", flat=True)) == [someone.pk]
    again = second.notices.get()
    assert again.pk != lost.pk
    lost.refresh_from_db()
    assert lost.state == "UNCERTAIN"
    assert states(first) == {"UNCERTAIN": 1, "ACCEPTED": 1}
    assert sum(states(first).values()) == first.planned
    send(RecordingTransport())
    lost.refresh_from_db()
    assert (lost.state, lost.attempts) == ("UNCERTAIN", 1)


def test_i4_without_a_persons_word_an_uncertain_notice_is_in_no_plan() -> None:
    someone = due_file()
    batch = planned_batch()
    Notice.objects.filter(batch=batch).update(state="CLAIMED", lease_until=NOW)
    Notice.objects.filter(batch=batch).update(state="SENDING", lease_until=NOW, attempts=1)
    Notice.objects.filter(batch=batch).update(state="UNCERTAIN", settled_at=NOW)
    Batch.objects.filter(pk=batch.pk).update(state="CANCELLED")
    due_file()
    second = planned_batch()
    assert LeftOut.objects.get(batch=second, intermediary=someone).reason == "ALREADY_REMINDED"


def test_i2_only_the_waves_of_that_notice_are_freed() -> None:
    """Fails without `WHERE notice_id = NEW.notice_id` in the trigger."""
    notice, other = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    NoticeItemFactory.create(notice=notice, wave="D-15")
    decide(notice)
    assert set(NoticeItem.objects.filter(notice=notice).values_list("held", flat=True)) == {False}
    assert held(other)


def test_a_mail_that_a_person_says_never_left_is_no_mail_and_one_taken_for_sent_is() -> None:
    never, sent = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    decide(never)
    decide(sent, Decision.AS_SENT)
    ledger = load_ledger([never.intermediary_id, sent.intermediary_id])
    assert never.intermediary_id not in ledger
    assert ledger[sent.intermediary_id].last_mailed_on is not None


@pytest.mark.parametrize("state", sorted(set(NoticeState) - {NoticeState.UNCERTAIN}))
def test_what_is_not_uncertain_cannot_be_settled(state: NoticeState) -> None:
    """Fails without the trigger `settlement_is_of_an_uncertain_notice`, which holds whoever writes."""
    notice = mailed(state)
    with pytest.raises(ReminderError, match="n’est pas incertaine"):
        decide(notice)
    with pytest.raises(DatabaseError, match="is not uncertain"), transaction.atomic():
        Settlement.objects.create(
            notice=notice, decision="SEND_AGAIN", evidence="PERSON", reason="x", by=person("odile"), at=NOW
        )


def test_a_settlement_is_made_once_and_says_which_the_first_was() -> None:
    notice = mailed("UNCERTAIN")
    decide(notice, Decision.AS_SENT)
    with pytest.raises(ReminderError, match="déjà réglée depuis le 29/01/2026.* tenue pour envoyée"):
        decide(notice)
    assert held(notice)


@pytest.mark.parametrize(("notice_id", "reason", "told"), [(0, "vu", "n’existe pas"), (None, " ", "motif")])
def test_a_decision_without_a_notice_or_a_reason_is_refused(notice_id: int | None, reason: str, told: str) -> None:
    pk = mailed("UNCERTAIN").pk if notice_id is None else notice_id
    with pytest.raises(ReminderError, match=told):
        settle(notice_id=pk, decision=Decision.AS_SENT, reason=reason, by=person("odile"), now=NOW)


def test_i4_no_machine_can_send_again() -> None:
    """Fails without the constraint `settlement_again_is_a_persons_decision`."""
    notice = mailed("UNCERTAIN")
    bounce = came_back(notice)
    with pytest.raises(IntegrityError, match="again_is_a_persons"), transaction.atomic():
        Settlement.objects.create(notice=notice, decision="SEND_AGAIN", evidence="REPORT", bounce=bounce, at=NOW)
    assert held(notice)


@pytest.mark.django_db(transaction=True)
def test_two_who_decide_at_once_make_one_decision() -> None:
    """Fails without the one row a notice may have: a machine's proof and a person's doubt would both stand."""
    notice = mailed("UNCERTAIN")
    odile = person("odile")
    outcomes = at_once(
        *[lambda d=d: settle(notice_id=notice.pk, decision=d, reason="vu", by=odile, now=NOW) for d in Decision] * 2
    )
    assert sum(isinstance(one, Settlement) for one in outcomes) == 1
    assert Settlement.objects.count() == 1


def test_the_worklist_says_what_to_look_for_and_the_oldest_comes_first() -> None:
    late, early = mailed("UNCERTAIN"), mailed("UNCERTAIN")
    Notice.objects.filter(pk=late.pk).update(settled_at=LATER)
    assert [n.pk for n in uncertain()] == [early.pk, late.pk]
    told = describe(uncertain()[0])
    assert (told["message_id"], told["stage"], told["attempted_at"]) == (mail_token(early.key), "", None)
    assert told["orias_number"] == Intermediary.objects.get(pk=early.intermediary_id).orias_number
