"""The log of calls, promised calls, the telephone system's events, and the line against its usual load."""

from __future__ import annotations

import io
import json
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import DatabaseError, transaction

from hotline.actions.calls import Conversation, record_call, record_call_back, record_line_event
from hotline.desk import batch_callers, line_facts, open_call_backs
from hotline.errors import HotlineError
from hotline.management.arguments import instant_of
from hotline.models import Call, LineCall
from hotline.rules.calls import CallOutcome, CallReason, LineEvent
from registry import clock
from registry.management.console import Failed, WrongUse
from reminders.models import Notice
from reminders.rules.states import NoticeState
from tests.factories import (
    NOW,
    CallFactory,
    IntermediaryFactory,
    UserFactory,
    reach,
)
from tests.reminders.scenes import at_once, released_batch

pytestmark = pytest.mark.django_db
SOON = NOW + timedelta(hours=1)


@pytest.fixture
def hugo(monkeypatch: pytest.MonkeyPatch) -> User:
    """An agent, at NOW."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    user: User = UserFactory(username="hugo")
    user.groups.add(Group.objects.get(name="hotline_agent"))
    return user


def talk(**values: Any) -> Conversation:
    usual: dict[str, Any] = {
        "reason": CallReason.FILE_STATE,
        "outcome": CallOutcome.ANSWERED,
        "started_at": NOW,
    }
    return Conversation(**usual | values)


def run(command: str, *arguments: Any) -> str:
    out = io.StringIO()
    call_command(command, *map(str, arguments), stdout=out)
    return out.getvalue()


def mailed(n: int = 1) -> list[Notice]:
    """The notices of a batch released at NOW, which have left."""
    batch = released_batch(n)
    return [reach(notice, NoticeState.ACCEPTED) for notice in batch.notices.order_by("rank")]


def test_a_call_about_a_mail_is_tied_to_the_latest_that_left(hugo: User) -> None:
    (notice,) = mailed()
    who = notice.intermediary
    tied = record_call(conversation=talk(reason=CallReason.WHY_MAIL, intermediary=who), by=hugo, now=NOW)
    other = record_call(conversation=talk(intermediary=who), by=hugo, now=NOW)
    none_left = talk(reason=CallReason.WHY_MAIL, intermediary=IntermediaryFactory())
    assert (tied.notice, other.notice) == (notice, None)
    assert record_call(conversation=none_left, by=hugo, now=NOW).notice is None


@pytest.mark.parametrize("number", ["0690 12 34 56", "+590 690 12 34 56", "+33690123456"])
def test_the_caller_is_known_by_nine_digits_overseas_too(number: str, hugo: User) -> None:
    assert record_call(conversation=talk(caller=number), by=hugo, now=NOW).caller_key == "690123456"


def test_a_slip_is_entered_once(hugo: User) -> None:
    """Fails where the slip is not looked for."""
    early = talk(slip="F-12", started_at=NOW - timedelta(days=1))
    first, again = (record_call(conversation=early, by=hugo, now=NOW) for _ in range(2))
    assert first == again
    assert first.entered_at - first.started_at == timedelta(days=1)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"started_at": SOON}, "à venir"),
        ({"outcome": CallOutcome.CALL_BACK}, "promis"),
        ({"call_back_by": SOON}, "promis"),
        ({"outcome": CallOutcome.CALL_BACK, "call_back_by": NOW, "caller": "0199001234"}, "passée"),
        ({"outcome": CallOutcome.CALL_BACK, "call_back_by": SOON}, "numéro ou un intermédiaire"),
    ],
)
def test_what_cannot_be_a_call_is_refused(values: dict[str, Any], words: str, hugo: User) -> None:
    with pytest.raises(HotlineError, match=words):
        record_call(conversation=talk(**values), by=hugo, now=NOW)


def test_promises_to_one_caller_are_one_line_and_kept_by_one_call(hugo: User) -> None:
    late = CallFactory(promised=True, caller_key="199009999", call_back_by=NOW + timedelta(minutes=5))
    for _ in range(2):
        CallFactory(promised=True)
    assert [(row["caller"], row["promises"]) for row in open_call_backs()] == [("199009999", 1), ("199001234", 2)]
    first = open_call_backs()[1]["call"]
    assert record_call_back(call_id=first, by=hugo, now=NOW) == 2
    assert [row["call"] for row in open_call_backs()] == [late.pk]
    with pytest.raises(HotlineError, match="Aucun rappel"):
        record_call_back(call_id=first, by=hugo, now=NOW)


WRONG_ROWS: list[tuple[str, dict[str, Any]]] = [
    ("call_codes_are_known", {"reason": "CHAT"}),
    ("call_key_is_digits", {"caller_key": "01A"}),
    ("call_is_entered_after_it", {"started_at": SOON}),
    ("call_back_has_its_hour", {"outcome": "CALL_BACK", "caller_key": "199001234"}),
    ("call_back_has_its_hour", {"call_back_by": SOON}),
    ("call_back_can_be_made", {"outcome": "CALL_BACK", "call_back_by": SOON}),
    ("call_back_is_whole", {"promised": True, "called_back_at": SOON}),
]


@pytest.mark.parametrize(("constraint", "values"), WRONG_ROWS)
def test_a_row_that_cannot_be_is_refused(constraint: str, values: dict[str, Any]) -> None:
    """Fails without the constraint named."""
    with pytest.raises(DatabaseError, match=constraint), transaction.atomic():
        CallFactory(**values)


def test_a_slip_is_unique_and_what_was_logged_stays(hugo: User) -> None:
    """Fails without call_slip_once, call_as_logged_stays, call_is_called_back_once and call_is_kept."""
    call = CallFactory(slip="F-1", promised=True)
    rows = Call.objects.filter(pk=call.pk)
    with pytest.raises(DatabaseError, match="call_slip_once"), transaction.atomic():
        CallFactory(slip="F-1")
    with pytest.raises(DatabaseError, match="Cannot update"), transaction.atomic():
        rows.update(note="autre chose")
    rows.update(called_back_at=NOW, called_back_by=hugo)
    with pytest.raises(DatabaseError, match="called back and stays"), transaction.atomic():
        rows.update(called_back_at=SOON)
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        rows.delete()


# --- the telephone system ---


def event(kind: LineEvent, now: datetime = NOW) -> LineCall:
    return record_line_event(event=kind, line_id="a1", caller="0690123456", now=now)


def test_events_are_taken_once_in_any_order() -> None:
    hung_up = event(LineEvent.HANGUP)
    event(LineEvent.RING, SOON)
    event(LineEvent.ANSWER, SOON)
    again = event(LineEvent.HANGUP, SOON)
    assert LineCall.objects.count() == 1
    assert (hung_up.rang_at, again.hung_up_at, again.answered_at) == (NOW, NOW, SOON)
    assert again.caller_key == "690123456"


@pytest.mark.django_db(transaction=True)
def test_a_ring_told_twice_at_once_is_one_call() -> None:
    """Fails without the unique line_id."""
    done = at_once(*[lambda: event(LineEvent.RING).line_id for _ in range(2)])
    assert done == ["a1", "a1"]
    assert LineCall.objects.count() == 1


# --- the line ---


def ring(n: int, at: datetime) -> None:
    LineCall.objects.bulk_create(LineCall(line_id=f"{at.isoformat()}-{i}", rang_at=at) for i in range(n))


def test_the_line_is_compared_with_the_same_weekday_by_the_clock_of_paris() -> None:
    """Fails where weeks are counted in UTC: on 9 April it is summer time, on 26 March it was not."""
    now = datetime.fromisoformat("2026-04-09T09:30:00+02:00")
    ring(9, now)
    ring(1, datetime.fromisoformat("2026-04-02T09:28:00+02:00"))
    ring(3, datetime.fromisoformat("2026-03-26T09:28:00+01:00"))
    ring(50, datetime.fromisoformat("2026-03-26T08:28:00+01:00"))
    ring(50, now - timedelta(minutes=5))
    assert (line_facts(now).calls, line_facts(now).usual) == (9, (1, 3, 0, 0))


def test_without_a_telephone_system_the_log_counts(hugo: User) -> None:
    CallFactory.create_batch(2)
    assert line_facts(NOW).calls == 2


def test_who_called_about_a_batch_is_counted_once(hugo: User) -> None:
    one, _ = mailed(2)
    for reason in ("WHY_MAIL", "WHY_MAIL", "DEADLINE"):
        CallFactory(notice=one, intermediary=one.intermediary, reason=reason)
    (found,) = batch_callers(NOW)
    assert (found.batch, found.mailed, found.callers) == (one.batch_id, 2, 1)


# --- commands ---


def test_calls_are_logged_promised_and_made_at_a_terminal(hugo: User, capsys: pytest.CaptureFixture[str]) -> None:
    IntermediaryFactory(orias_number="07001003", phone_e164="+33199001234", phone_key="199001234")
    words = ("--reason", "file_state", "--orias", "07001003", "--by", "hugo")
    assert "noté" in run("record_call", *words, "--outcome", "answered", "--at", "9:05", "--seconds", "40")
    promised = json.loads(run("record_call", *words, "--outcome", "call_back", "--call-back-by", "16:30", "--json"))
    (row,) = json.loads(run("call_backs", "--json"))["call_backs"]
    assert (row["call"], row["phone"], row["late"]) == (promised["call"], "+33199001234", False)
    run("call_backs")
    assert "29/01 16:30" in capsys.readouterr().out
    assert "1 promesse tenue" in run("call_backs", "--done", row["call"], "--by", "hugo")
    run("call_backs")
    assert "Aucun rappel promis" in capsys.readouterr().out


def test_a_promise_that_was_not_kept_is_told(hugo: User, capsys: pytest.CaptureFixture[str]) -> None:
    before = NOW - timedelta(hours=2)
    CallFactory(promised=True, started_at=before, call_back_by=NOW - timedelta(hours=1))
    run("call_backs")
    assert "EN RETARD" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "error"),
    [
        (("call_backs", "--done", "1"), WrongUse),
        (("call_backs", "--done", "1", "--by", "hugo"), Failed),
        (("record_call", "--reason", "deadline", "--outcome", "answered", "--by", "hugo", "--at", "23:59"), Failed),
    ],
)
def test_what_is_refused_ends_with_its_exit_code(words: tuple[str, ...], error: type[Exception], hugo: User) -> None:
    with pytest.raises(error):
        run(*words)


def test_a_surge_asks_for_an_incident(hugo: User) -> None:
    assert "incident" not in run("surge")
    ring(6, NOW)
    (one,) = mailed()
    CallFactory(notice=one, reason="WHY_MAIL")
    shown = run("surge")
    assert "declare_incident" in shown
    assert "1 sur 1" in shown
    assert json.loads(run("surge", "--json"))["by_batch"][0]["calls_per_mail"] == 1


def test_an_hour_is_of_this_day_in_paris() -> None:
    assert instant_of(None, NOW) is None
    assert instant_of(NOW, SOON) == NOW
