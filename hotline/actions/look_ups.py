"""Writers of look-ups: a file opened at the desk, its caller checked, its call logged."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.db.models import QuerySet

from hotline.actions.calls import Conversation, record_call
from hotline.actions.complaints import Grievance, record_complaint
from hotline.errors import HotlineError
from hotline.models import Call, Complaint, LineCall, LookUp
from hotline.rules.caller_check import ENOUGH, Held, Said, is_enough, proofs_of
from hotline.rules.calls import CallOutcome, CallReason
from hotline.rules.complaints import ComplaintChannel
from hotline.rules.look_ups import CONVERSATION, LookUpPurpose, LookUpWay
from registry.models import Contact, Cover, Intermediary
from registry.planned import run_planned


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """A file opened: why, found by what, on which call of the telephone system."""

    purpose: LookUpPurpose
    way: LookUpWay
    line: LineCall | None = None


def record_look_up(*, person: Intermediary, opening: Opening, by: AbstractBaseUser, now: datetime) -> LookUp:
    """Keep that somebody opened a file. The same one opened again in the same conversation is the same look-up.

    Only one of its two statements writes, so it needs no transaction of its own; the row is a history by itself.
    """
    last = LookUp.objects.filter(agent_id=by.pk).order_by("-id").first()
    if last and _goes_on(last, person, opening, now):
        return last
    return LookUp.objects.create(
        at=now,
        agent_id=by.pk,
        intermediary=person,
        purpose=opening.purpose.value,
        way=opening.way.value,
        line=opening.line,
    )


def _goes_on(last: LookUp, person: Intermediary, opening: Opening, now: datetime) -> bool:
    """Whether it is the same conversation: another call of the telephone system is another one, however soon."""
    return (
        last.intermediary_id == person.pk
        and last.call_id is None
        and last.purpose == opening.purpose.value
        and (opening.line is None or opening.line.pk == last.line_id)
        and last.at <= now < last.at + CONVERSATION
    )


_CARDS = """
WITH card AS MATERIALIZED (
    SELECT i.id, i.orias_number, i.siren, i.name, i.trade_name, i.town, i.email, i.phone_e164,
        m.orias_number AS merged_into
    FROM registry_intermediary i LEFT JOIN registry_intermediary m ON m.id = i.merged_into_id
    WHERE i.id IN ({keys}) ORDER BY i.orias_number LIMIT %s
), kept AS (
    INSERT INTO hotline_lookup (at, agent_id, intermediary_id, purpose, way)
    SELECT %s::timestamptz, %s::int, id, %s, %s FROM card ORDER BY orias_number LIMIT %s
)
SELECT * FROM card ORDER BY orias_number
"""


def give_cards(
    found: QuerySet[Intermediary], most: int, *, way: LookUpWay, by: AbstractBaseUser, now: datetime
) -> tuple[list[dict[str, Any]], bool]:
    """The cards of the first `most` of those found, by number, for a program; and whether there are more.

    One statement reads them and keeps to whom they were given: none leaves without its row.
    """
    try:
        keys, given = found.values("pk").query.sql_with_params()
    except EmptyResultSet:
        return [], False
    with connection.cursor() as cursor:
        act = (now, by.pk, LookUpPurpose.PROGRAM.value, way.value, most)
        run_planned(cursor, _CARDS.format(keys=keys), [*given, most + 1, *act])
        names = [column.name for column in cursor.description or ()]
        told = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    return told[:most], len(told) > most


def check_caller(*, look_up_id: int, said: Said, by: AbstractBaseUser, now: datetime) -> LookUp:
    """Keep what the caller proved. Raises HotlineError where it is not enough, or it is not this agent's look-up."""
    with transaction.atomic():
        look_up = _own(look_up_id, by)
        if look_up.checked_at:
            return look_up
        proofs = proofs_of(said, _held(look_up.intermediary))
        if not is_enough(proofs):
            raise HotlineError(
                f"Il faut {ENOUGH} preuves qui concordent avec le dossier\u00a0; "
                f"celles-ci\u00a0: {len(proofs)}. Sans elles, seul ce qui est public peut être dit."
            )
        look_up.checked_at, look_up.proofs = now, ",".join(proof.value for proof in proofs)
        look_up.save(update_fields=["checked_at", "proofs"])
    return look_up


def log_call(*, look_up_id: int, conversation: Conversation, by: AbstractBaseUser, now: datetime) -> Call:
    """Log the call of a look-up, once. Raises HotlineError where it was logged, or the call cannot be."""
    with transaction.atomic():
        look_up = _own(look_up_id, by)
        if look_up.call_id:
            raise HotlineError("Cet appel est déjà noté\u00a0: cherchez à nouveau pour en noter un autre.")
        call = record_call(conversation=conversation, by=by, now=now)
        look_up.call = call
        look_up.save(update_fields=["call"])
    return call


def record_complaint_of_call(
    *, look_up_id: int, grievance: Grievance, by: AbstractBaseUser, now: datetime
) -> Complaint:
    """Enter a complaint about the file at the desk; one that came by telephone is logged as the call, in the same
    transaction. Raises HotlineError where it cannot be, or the look-up is another's."""
    with transaction.atomic():
        look_up = _own(look_up_id, by)
        made = record_complaint(grievance=replace(grievance, intermediary=look_up.intermediary), by=by, now=now)
        if look_up.call_id is None and grievance.channel is ComplaintChannel.PHONE:
            look_up.call = record_call(conversation=_complaining(look_up, made.number), by=by, now=now)
            look_up.save(update_fields=["call"])
    return made


def _complaining(look_up: LookUp, number: str) -> Conversation:
    return Conversation(
        reason=CallReason.COMPLAINT,
        outcome=CallOutcome.COMPLAINT,
        started_at=began_at(look_up),
        intermediary=look_up.intermediary,
        note=number,
    )


def began_at(look_up: LookUp) -> datetime:
    """When the call of a look-up began: when it was answered, where the telephone system told, else when the file was
    opened."""
    line = look_up.line
    return (line.answered_at or line.rang_at) if line else look_up.at


def _own(look_up_id: int, by: AbstractBaseUser) -> LookUp:
    """The agent's own look-up, locked. Raises HotlineError where it is another's, or none."""
    rows = LookUp.objects.select_for_update(of=("self",)).select_related("intermediary", "line")
    found = rows.filter(pk=look_up_id, agent_id=by.pk).first()
    if found is None:
        raise HotlineError("Cette consultation n’est pas la vôtre\u00a0: cherchez à nouveau le dossier.")
    return found


def own_look_up(*, look_up_id: int, by: AbstractBaseUser) -> LookUp:
    """The agent's own look-up, to read. Raises HotlineError where it is another's, or none."""
    with transaction.atomic():
        return _own(look_up_id, by)


def _held(person: Intermediary) -> Held:
    contacts = Contact.objects.filter(intermediary=person).exclude(name="").values_list("name", flat=True)
    policies = Cover.objects.filter(intermediary=person).exclude(policy="").values_list("policy", flat=True)
    return Held(person.siren, tuple(contacts), tuple(policies))
