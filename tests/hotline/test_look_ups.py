"""Look-ups: every file opened is on record, a caller is checked once and by two proofs, a call is logged once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, transaction

from hotline.actions.calls import Conversation, record_line_event
from hotline.actions.complaints import Grievance
from hotline.actions.look_ups import (
    Opening,
    check_caller,
    give_cards,
    log_call,
    record_complaint_of_call,
    record_look_up,
)
from hotline.desk import call_at_the_desk, line_facts
from hotline.errors import HotlineError
from hotline.models import Call, LineCall, LookUp
from hotline.rules.caller_check import Said
from hotline.rules.calls import CallOutcome, CallReason, LineEvent
from hotline.rules.complaints import ComplaintChannel, Matter
from hotline.rules.look_ups import CONVERSATION, RINGING, LookUpPurpose, LookUpWay
from registry.models import Intermediary
from tests.factories import NOW, ContactFactory, CoverFactory, IntermediaryFactory, LookUpFactory, UserFactory

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(minutes=1)
BOTH = Said(number=True, siren=True)


@pytest.fixture
def hugo() -> User:
    user: User = UserFactory(username="hugo")
    return user


@pytest.fixture
def durand() -> Intermediary:
    made: Intermediary = IntermediaryFactory(orias_number="07001003", siren="732829320")
    return made


def opening(**values: Any) -> Opening:
    usual: dict[str, Any] = {"purpose": LookUpPurpose.CALLER, "way": LookUpWay.NUMBER}
    return Opening(**usual | values)


def opened(person: Intermediary, by: User, after: timedelta = timedelta(0), **values: Any) -> LookUp:
    return record_look_up(person=person, opening=opening(**values), by=by, now=NOW + after)


def talk(**values: Any) -> Conversation:
    usual: dict[str, Any] = {"reason": CallReason.FILE_STATE, "outcome": CallOutcome.ANSWERED, "started_at": NOW}
    return Conversation(**usual | values)


def test_a_page_loaded_anew_is_the_same_look_up_and_another_conversation_is_not(
    hugo: User, durand: Intermediary
) -> None:
    """Fails where `_goes_on` asks for less: a check would hold for the next caller."""
    first = opened(durand, hugo)
    assert opened(durand, hugo, timedelta(minutes=1)) == first
    others = [
        opened(durand, hugo, CONVERSATION),
        opened(durand, hugo, CONVERSATION, purpose=LookUpPurpose.COMPLAINT),
        opened(IntermediaryFactory(), hugo, CONVERSATION),
        opened(durand, hugo, CONVERSATION),
        opened(durand, UserFactory(), CONVERSATION),
    ]
    assert len({first.pk, *(one.pk for one in others)}) == 6


def test_the_next_call_of_the_telephone_system_is_another_conversation(hugo: User, durand: Intermediary) -> None:
    lines = [record_line_event(event=LineEvent.RING, line_id=n, caller="", now=NOW, agent=hugo) for n in ("a", "b")]
    first, second = (opened(durand, hugo, line=line, way=LookUpWay.LINE) for line in lines)
    assert first != second
    assert opened(durand, hugo) == second


def test_a_logged_call_ends_the_conversation(hugo: User, durand: Intermediary) -> None:
    first = opened(durand, hugo)
    log_call(look_up_id=first.pk, conversation=talk(), by=hugo, now=NOW)
    assert opened(durand, hugo) != first


@pytest.mark.parametrize(
    ("said", "proofs"),
    [
        (BOTH, "NUMBER,SIREN"),
        (Said(number=True, contact="dupont"), "NUMBER,CONTACT"),
        (Said(contact="Marie DUPONT", policy="48 21"), "CONTACT,POLICY"),
        (Said(number=True, siren=True, policy="4821"), "NUMBER,SIREN,POLICY"),
    ],
)
def test_two_proofs_open_the_file(said: Said, proofs: str, hugo: User, durand: Intermediary) -> None:
    ContactFactory(intermediary=durand, name="Mme Marie Dupont")
    CoverFactory(intermediary=durand, policy="RC-PRO/4821")
    made = check_caller(look_up_id=opened(durand, hugo).pk, said=said, by=hugo, now=SOON)
    assert (made.proofs, made.checked_at) == (proofs, SOON)
    again = check_caller(look_up_id=made.pk, said=Said(), by=hugo, now=SOON + timedelta(minutes=1))
    assert again.checked_at == SOON


@pytest.mark.parametrize("said", [Said(), Said(number=True), Said(number=True, policy="4822"), Said(contact="Durand")])
def test_fewer_open_nothing(said: Said, hugo: User, durand: Intermediary) -> None:
    CoverFactory(intermediary=durand, policy="RC-PRO/4821")
    look_up = opened(durand, hugo)
    with pytest.raises(HotlineError, match="2 preuves"):
        check_caller(look_up_id=look_up.pk, said=said, by=hugo, now=SOON)
    look_up.refresh_from_db()
    assert look_up.checked_at is None


def test_another_agents_look_up_is_nobodys_business(hugo: User, durand: Intermediary) -> None:
    """Fails without `agent_id` in `_own`."""
    look_up = opened(durand, UserFactory())
    with pytest.raises(HotlineError, match="pas la vôtre"):
        check_caller(look_up_id=look_up.pk, said=BOTH, by=hugo, now=SOON)
    with pytest.raises(HotlineError, match="pas la vôtre"):
        log_call(look_up_id=look_up.pk, conversation=talk(), by=hugo, now=SOON)


def test_a_call_is_logged_once(hugo: User, durand: Intermediary) -> None:
    """Fails without the check of `call_id` in `log_call`: a double click is two calls."""
    look_up = opened(durand, hugo)
    log_call(look_up_id=look_up.pk, conversation=talk(), by=hugo, now=SOON)
    with pytest.raises(HotlineError, match="déjà noté"):
        log_call(look_up_id=look_up.pk, conversation=talk(), by=hugo, now=SOON)
    assert Call.objects.count() == 1


def test_a_complaint_on_the_phone_is_the_call_too(hugo: User, durand: Intermediary) -> None:
    look_up = opened(durand, hugo)
    said = {"matter": Matter.WELCOME, "text": "raccroché au nez", "complainant": "M. Durand", "on": NOW.date()}
    spoken = Grievance(channel=ComplaintChannel.PHONE, **said)  # type: ignore[arg-type]
    made = record_complaint_of_call(look_up_id=look_up.pk, grievance=spoken, by=hugo, now=SOON)
    look_up.refresh_from_db()
    assert look_up.call is not None
    assert (made.intermediary, made.invited_on, look_up.call.outcome) == (durand, NOW.date(), "COMPLAINT")
    written = Grievance(channel=ComplaintChannel.EMAIL, **said)  # type: ignore[arg-type]
    record_complaint_of_call(look_up_id=look_up.pk, grievance=written, by=hugo, now=SOON)
    assert Call.objects.count() == 1


def test_what_a_program_was_given_is_on_record_and_no_load_on_the_line(hugo: User, durand: Intermediary) -> None:
    second, third = (IntermediaryFactory(orias_number=number) for number in ("09000002", "09000003"))
    cards, more = give_cards(Intermediary.objects.all(), 2, way=LookUpWay.LINE, by=hugo, now=NOW)
    assert ([card["orias_number"] for card in cards], more) == ([durand.orias_number, second.orias_number], True)
    kept = LookUp.objects.values_list("intermediary", "purpose", "way", "agent", "at")
    assert sorted(kept) == [(given.pk, "PROGRAM", "LINE", hugo.pk, NOW) for given in (durand, second)]
    assert not LookUp.objects.filter(intermediary=third).exists()
    opened(durand, hugo)
    assert line_facts(NOW).look_ups == 1


# --- what the database refuses ---

WRONG: list[tuple[str, dict[str, Any]]] = [
    ("lookup_codes_are_known", {"purpose": "FUN"}),
    ("lookup_codes_are_known", {"way": "GUESS"}),
    ("lookup_check_is_enough", {"checked_at": NOW}),
    ("lookup_check_is_enough", {"checked_at": NOW, "proofs": "NUMBER"}),
    ("lookup_check_is_enough", {"checked_at": NOW, "proofs": "NUMBER,NUMBER"}),
    ("lookup_check_is_enough", {"proofs": "NUMBER,SIREN"}),
    ("lookup_check_is_enough", {"checked_at": NOW - timedelta(hours=1), "proofs": "NUMBER,SIREN"}),
]


@pytest.mark.parametrize(("constraint", "values"), WRONG)
def test_a_row_that_cannot_be_is_refused(constraint: str, values: dict[str, Any]) -> None:
    """Fails without the constraint named."""
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        LookUpFactory(**values)


def test_what_was_opened_stays_and_what_was_settled_too(hugo: User, durand: Intermediary) -> None:
    """Fails without lookup_as_opened_stays, lookup_is_settled_once and lookup_is_kept."""
    look_up = opened(durand, hugo)
    rows = LookUp.objects.filter(pk=look_up.pk)
    other = LookUpFactory(call=None)
    frozen = {"at": SOON, "agent": other.agent, "intermediary": other.intermediary, "purpose": "COMPLAINT"}
    for column, value in (frozen | {"way": "NAME"}).items():
        with pytest.raises(DatabaseError, match="what was frozen stays"), transaction.atomic():
            rows.update(**{column: value})
    check_caller(look_up_id=look_up.pk, said=BOTH, by=hugo, now=SOON)
    log_call(look_up_id=look_up.pk, conversation=talk(), by=hugo, now=SOON)
    for change in ({"checked_at": None, "proofs": ""}, {"proofs": "NUMBER,POLICY"}, {"call": None}):
        with pytest.raises(DatabaseError, match="stay as they are"), transaction.atomic():
            rows.update(**change)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()


# --- the call at one agent's desk ---


def test_a_call_is_at_the_desk_until_its_file_is_opened_or_its_call_logged(hugo: User, durand: Intermediary) -> None:
    def ring(line_id: str, event: LineEvent = LineEvent.RING, agent: User | None = hugo) -> Any:
        return record_line_event(event=event, line_id=line_id, caller="0690123456", now=NOW, agent=agent)

    call = ring("a")
    assert call_at_the_desk(hugo.pk, NOW) == call
    assert call_at_the_desk(UserFactory().pk, NOW) is None
    assert call_at_the_desk(hugo.pk, NOW + RINGING) is None
    opened(durand, hugo, line=call)
    assert call_at_the_desk(hugo.pk, NOW) is None
    ring("b", agent=None)
    assert call_at_the_desk(hugo.pk, NOW) is None
    assert ring("b", LineEvent.ANSWER).agent == hugo
    assert call_at_the_desk(hugo.pk, NOW).line_id == "b"  # type: ignore[union-attr]
    ring("b", LineEvent.HANGUP)
    assert call_at_the_desk(hugo.pk, NOW) is None


def test_who_answers_a_call_takes_it_from_whom_it_rang_at(hugo: User) -> None:
    other = UserFactory()
    for event, agent in ((LineEvent.RING, other), (LineEvent.ANSWER, hugo), (LineEvent.HANGUP, other)):
        record_line_event(event=event, line_id="a", caller="", now=NOW, agent=agent)
    assert LineCall.objects.get().agent == hugo
