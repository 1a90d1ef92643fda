"""The stop switch (arrêt d’urgence): one row, read before every message by every worker (I7)."""

from __future__ import annotations

from datetime import datetime

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from reminders.errors import WrongRequest
from reminders.models import StopSwitch


def stop_sending(*, reason: str, by: AbstractBaseUser | None, now: datetime) -> bool:
    """Stop every worker on every machine before its next message. Works also where the row was lost.

    Returns whether they were stopped already; the reason given now is then the one that is shown.
    """
    if not reason.strip():
        raise WrongRequest("Dites pourquoi les envois sont arrêtés\u00a0: le motif est obligatoire.")
    already = StopSwitch.objects.filter(stopped=True).exists()
    _set(stopped=True, reason=reason.strip()[:300], by=by, now=now)
    return already


def resume_sending(*, by: AbstractBaseUser, now: datetime) -> None:
    """Open sending again. Batches held by a person or an alarm stay held."""
    _set(stopped=False, reason="", by=by, now=now)


def _set(*, stopped: bool, reason: str, by: AbstractBaseUser | None, now: datetime) -> None:
    why = reason or "reprise des envois"
    with transaction.atomic(), pghistory.context(user=by.pk if by else None, why=why):
        StopSwitch.objects.update_or_create(
            id=1,
            defaults={
                "stopped": stopped,
                "reason": reason,
                "changed_by_id": by.pk if by else None,
                "changed_at": now,
            },
        )
