"""Writers of incidents. Declaring one is the lead's act and allows the safe direction only: pausing and stopping, in
the same transaction; whoever lets mail leave again needs the permission of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.models import AbstractBaseUser

from hotline.errors import HotlineError
from hotline.models import Incident, IncidentUpdate
from hotline.rules.days import why_no_next_word
from hotline.rules.incidents import KNOWN_CAUSE, IncidentState, may_become
from registry.actions import recording
from reminders.errors import no_such_batch
from reminders.models import Batch
from reminders.models.batch import PauseReason
from reminders.planning.approval import pause_batch
from reminders.planning.switch import stop_sending
from reminders.rules.states import BatchState


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """What is wrong, in words for everybody, and when the next word will come (None only where it is over)."""

    message: str
    next_update_at: datetime | None
    cause: str = ""


def declare_incident(
    *,
    declaration: Declaration,
    by: AbstractBaseUser,
    now: datetime,
    batch_id: int | None = None,
    pause: bool = False,
    stop: bool = False,
) -> Incident:
    """Declare an incident; with `pause` its batch stands still, with `stop` all sending does, or nothing is declared.

    Raises HotlineError for what it lacks, ReminderError where there is no such batch.
    """
    _require_words(declaration, IncidentState.INVESTIGATING, now)
    if pause and batch_id is None:
        raise HotlineError("Dites quel lot mettre en pause.")
    with recording(by=by, why="incident déclaré"):
        paused = _paused(batch_id, pause, by, declaration.message)
        if stop:
            stop_sending(reason=f"incident\u00a0: {declaration.message}", by=by, now=now)
        incident = Incident.objects.create(
            state=(IncidentState.IDENTIFIED if declaration.cause.strip() else IncidentState.INVESTIGATING).value,
            message=declaration.message.strip(),
            cause=declaration.cause.strip(),
            next_update_at=declaration.next_update_at,
            batch_id=batch_id,
            batch_paused=paused,
            sending_stopped=stop,
            declared_at=now,
            declared_by_id=by.pk,
            updated_at=now,
        )
        _say(incident, by, now)
    return incident


def _paused(batch_id: int | None, pause: bool, by: AbstractBaseUser, message: str) -> bool:
    """Whether the batch was sending, and stands still now; one that sends nothing is left as it is."""
    if batch_id is None:
        return False
    batch = Batch.objects.select_for_update(of=("self",)).filter(pk=batch_id).first()
    if batch is None:
        raise no_such_batch(batch_id)
    between_steps = batch.state == BatchState.PAUSED and batch.pause_reason == PauseReason.STEP_DONE
    if not pause or not (batch.state == BatchState.RELEASING or between_steps):
        return False
    pause_batch(batch_id=batch_id, by=by, detail=f"incident\u00a0: {message}")
    return True


def update_incident(
    *, incident_id: int, state: IncidentState, declaration: Declaration, by: AbstractBaseUser, now: datetime
) -> Incident:
    """Say the next word about an incident: RESOLVED ends it; what was stopped or paused stays so, until a person lets
    it go on. A cause that is not told anew stays.

    Raises HotlineError where it may not become that, or the word is not whole.
    """
    with recording(by=by, why=f"incident\u00a0: {state.label}"):
        incident = Incident.objects.select_for_update(of=("self",)).filter(pk=incident_id).first()
        if incident is None:
            raise HotlineError(f"L’incident {incident_id} n’existe pas\u00a0: voyez manage.py incidents --all.")
        current = IncidentState(incident.state)
        if not may_become(current, state):
            raise HotlineError(
                f"L’incident {incident_id} est «\u00a0{current.label}\u00a0»\u00a0: il ne peut pas devenir "
                f"«\u00a0{state.label}\u00a0». Ce qui recommence est un autre incident."
            )
        incident.cause = declaration.cause.strip() or incident.cause
        _require_words(declaration, state, now)
        if state in KNOWN_CAUSE and not incident.cause:
            raise HotlineError("La cause n’est pas encore dite\u00a0: donnez-la (--cause).")
        over = state is IncidentState.RESOLVED
        incident.state, incident.message = state.value, declaration.message.strip()
        incident.next_update_at = None if over else declaration.next_update_at
        incident.updated_at, incident.resolved_at = now, now if over else None
        incident.save()
        _say(incident, by, now)
    return incident


def _require_words(declaration: Declaration, state: IncidentState, now: datetime) -> None:
    if not declaration.message.strip():
        raise HotlineError("Dites ce qui se passe, en mots pour tous\u00a0: le message est obligatoire.")
    if state is IncidentState.RESOLVED:
        return
    if why := why_no_next_word(declaration.next_update_at, now):
        raise HotlineError(why)


def _say(incident: Incident, by: AbstractBaseUser, now: datetime) -> None:
    IncidentUpdate.objects.create(
        incident=incident,
        state=incident.state,
        message=incident.message,
        next_update_at=incident.next_update_at,
        by_id=by.pk,
        at=now,
    )
