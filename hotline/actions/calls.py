"""Writers of calls: logged by agents, told of by the telephone system, called back."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Q
from django.db.models.functions import Coalesce

from hotline.errors import HotlineError
from hotline.models import Call, LineCall
from hotline.rules.calls import CallOutcome, CallReason, LineEvent
from hotline.rules.days import why_no_promise, why_no_start
from registry.actions import recording
from registry.models import Intermediary
from registry.rules.phones import parse_phone
from registry.rules.problems import Problem
from reminders.errors import ReminderError
from reminders.models import Notice
from reminders.planning.reports import last_mailed


@dataclass(frozen=True, slots=True, kw_only=True)
class Conversation:
    """A call to log. `caller`: the number in any form, empty where it was withheld; `slip`: of a paper slip."""

    reason: CallReason
    outcome: CallOutcome
    started_at: datetime
    caller: str = ""
    duration_seconds: int | None = None
    intermediary: Intermediary | None = None
    notice: Notice | None = None
    note: str = ""
    call_back_by: datetime | None = None
    slip: str = ""


def record_call(*, conversation: Conversation, by: AbstractBaseUser, now: datetime) -> Call:
    """Log a call in one go. One about a mail is tied to the latest that left to that intermediary.

    A slip entered before is given back as it is. Raises HotlineError for what cannot be.
    """
    _require_whole(conversation, now)
    if conversation.slip and (known := Call.objects.filter(slip=conversation.slip).first()):
        return known
    with recording(by=by, why="appel noté"):
        return Call.objects.create(
            started_at=conversation.started_at,
            duration_seconds=conversation.duration_seconds,
            caller_key=caller_key(conversation.caller),
            intermediary=conversation.intermediary,
            notice=conversation.notice or _latest_mail(conversation),
            reason=conversation.reason.value,
            outcome=conversation.outcome.value,
            note=conversation.note.strip()[:500],
            agent_id=by.pk,
            entered_at=now,
            slip=conversation.slip,
            call_back_by=conversation.call_back_by,
        )


def caller_key(number: str) -> str:
    """The nine digits by which a caller is looked up; empty where it was withheld, or is no number at all."""
    read = parse_phone(number)
    return "" if isinstance(read, Problem) or read.value is None else read.value.key


def _latest_mail(conversation: Conversation) -> Notice | None:
    if conversation.reason is not CallReason.WHY_MAIL or conversation.intermediary is None:
        return None
    try:
        return last_mailed(conversation.intermediary.orias_number)
    except ReminderError:
        # None has left: the mail spoken of is not ours, which is worth knowing too.
        return None


def _require_whole(conversation: Conversation, now: datetime) -> None:
    if why := why_no_start(conversation.started_at, now):
        raise HotlineError(why)
    promised = conversation.outcome is CallOutcome.CALL_BACK
    if promised != (conversation.call_back_by is not None):
        raise HotlineError("Un rappel promis a son heure, et lui seul\u00a0: donnez l’un avec l’autre.")
    if conversation.call_back_by and (why := why_no_promise(conversation.call_back_by, now)):
        raise HotlineError(why)
    if promised and not caller_key(conversation.caller) and conversation.intermediary is None:
        raise HotlineError("Pour rappeler, il faut un numéro ou un intermédiaire\u00a0: donnez l’un des deux.")


def record_call_back(*, call_id: int, by: AbstractBaseUser, now: datetime) -> int:
    """The caller was called back: every promise made to the same caller is kept by it. Returns how many.

    Raises HotlineError where none is open under that number.
    """
    with recording(by=by, why="rappel fait"):
        call = Call.objects.select_for_update(of=("self",)).filter(pk=call_id, call_back_by__isnull=False).first()
        if call is None or call.called_back_at:
            raise HotlineError(f"Aucun rappel n’est promis sous le numéro {call_id}\u00a0: voyez manage.py call_backs.")
        same = Q(pk=call.pk)
        if call.caller_key:
            same |= Q(caller_key=call.caller_key)
        if call.intermediary_id:
            same |= Q(intermediary=call.intermediary_id)
        waiting = Call.objects.filter(same, call_back_by__isnull=False, called_back_at__isnull=True)
        return waiting.update(called_back_at=now, called_back_by_id=by.pk)


def record_line_event(
    *, event: LineEvent, line_id: str, caller: str, now: datetime, agent: AbstractBaseUser | None = None
) -> LineCall:
    """What the telephone system tells; the same event again changes nothing, and one that overtook another is kept.

    `agent`: at whose desk; who answers it takes it from whom it rang at first.
    """
    values = {"caller_key": caller_key(caller), "rang_at": now, "agent_id": agent.pk if agent else None}
    call, made = LineCall.objects.get_or_create(line_id=line_id, defaults=values)
    changes: dict[str, object] = {}
    if column := _COLUMNS.get(event):
        changes[column] = Coalesce(column, now)
    if agent and not made and (event is LineEvent.ANSWER or call.agent_id is None):
        changes["agent_id"] = agent.pk
    if changes:
        LineCall.objects.filter(pk=call.pk).update(**changes)
        call.refresh_from_db()
    return call


_COLUMNS = {LineEvent.ANSWER: "answered_at", LineEvent.HANGUP: "hung_up_at"}
