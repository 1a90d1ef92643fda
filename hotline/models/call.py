"""Calls as agents log them, and as the telephone system tells of them."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from hotline.rules.calls import CallOutcome, CallReason
from hotline.rules.days import LONGEST_PROMISE, OLDEST_CALL
from registry.models import Intermediary
from registry.models.triggers import kept, tracked
from reminders.models import Notice

_KEY = r"^[0-9]{0,9}$"
_CALL_BACK = CallOutcome.CALL_BACK.value


class LineCall(models.Model):
    """A call as the telephone system tells of it: each event once, whatever is told twice. `agent`: at whose desk it
    rings or was answered, where the system says so."""

    line_id = models.CharField("identifiant au standard", max_length=64, unique=True, db_collation="C")
    caller_key = models.CharField("appelant (9 chiffres)", max_length=9, blank=True, db_collation="C")
    rang_at = models.DateTimeField("a sonné le")
    answered_at = models.DateTimeField("décroché le", null=True)
    hung_up_at = models.DateTimeField("raccroché le", null=True)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, verbose_name="conseiller"
    )

    class Meta:
        verbose_name = "appel au standard"
        verbose_name_plural = "appels au standard"
        constraints: ClassVar = [
            models.CheckConstraint(name="linecall_key_is_digits", condition=Q(caller_key__regex=_KEY) & ~Q(line_id="")),
        ]
        indexes: ClassVar = [
            models.Index(name="linecall_by_time", fields=["rang_at"]),
            # For the desk of one agent, which asks every other second whether it has a call.
            models.Index(
                name="linecall_at_the_desk",
                fields=["agent", "-id"],
                condition=Q(agent__isnull=False, hung_up_at__isnull=True),
            ),
        ]
        triggers: ClassVar = [pgtrigger.Protect(name="linecall_is_kept", operation=pgtrigger.Delete)]

    def __str__(self) -> str:
        return self.line_id


@tracked("CallHistory")
class Call(models.Model):
    """Appel: one log entry. `caller_key` is the nine digits a caller is looked up by, empty where it was withheld;
    `slip` the number of a paper slip filled in while the system was down, entered once."""

    started_at = models.DateTimeField("reçu le")
    duration_seconds = models.PositiveIntegerField("durée (s)", null=True, blank=True)
    caller_key = models.CharField("appelant (9 chiffres)", max_length=9, blank=True, db_collation="C")
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="calls", null=True, blank=True, verbose_name="intermédiaire"
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="calls", null=True, blank=True, verbose_name="message en cause"
    )
    reason = models.CharField("motif", max_length=11, choices=CallReason.choices())
    outcome = models.CharField("issue", max_length=9, choices=CallOutcome.choices())
    note = models.CharField("note", max_length=500, blank=True)
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="conseiller")
    entered_at = models.DateTimeField("saisi le")
    slip = models.CharField("fiche", max_length=40, blank=True, db_default="", db_collation="C")
    call_back_by = models.DateTimeField("rappel promis avant", null=True, blank=True)
    called_back_at = models.DateTimeField("rappelé le", null=True, blank=True)
    called_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="rappelé par"
    )

    class Meta:
        verbose_name = "appel"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="call_codes_are_known",
                condition=Q(reason__in=[r.value for r in CallReason]) & Q(outcome__in=[o.value for o in CallOutcome]),
            ),
            models.CheckConstraint(name="call_key_is_digits", condition=Q(caller_key__regex=_KEY)),
            models.CheckConstraint(name="call_is_entered_after_it", condition=Q(started_at__lte=F("entered_at"))),
            models.CheckConstraint(
                name="call_hours_can_be_meant",
                condition=Q(started_at__gte=F("entered_at") - OLDEST_CALL)
                & (Q(call_back_by__isnull=True) | Q(call_back_by__lte=F("entered_at") + LONGEST_PROMISE)),
                violation_error_message="Un appel se note dans l’année, un rappel se promet dans les 31 jours.",
            ),
            models.CheckConstraint(
                name="call_back_has_its_hour",
                condition=Q(outcome=_CALL_BACK, call_back_by__isnull=False, call_back_by__gt=F("started_at"))
                | ~Q(outcome=_CALL_BACK) & Q(call_back_by__isnull=True, called_back_at__isnull=True),
            ),
            models.CheckConstraint(
                name="call_back_can_be_made",
                condition=~Q(outcome=_CALL_BACK) | ~Q(caller_key="") | Q(intermediary__isnull=False),
                violation_error_message="Un rappel promis a besoin d’un numéro, ou d’un intermédiaire.",
            ),
            models.CheckConstraint(
                name="call_back_is_whole",
                condition=Q(called_back_at__isnull=True, called_back_by__isnull=True)
                | Q(called_back_at__isnull=False, called_back_by__isnull=False),
            ),
            models.UniqueConstraint(name="call_slip_once", fields=["slip"], condition=~Q(slip="")),
        ]
        indexes: ClassVar = [
            models.Index(name="call_by_time", fields=["started_at"]),
            models.Index(
                name="call_backs",
                fields=["call_back_by"],
                condition=Q(call_back_by__isnull=False, called_back_at__isnull=True),
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.ReadOnly(name="call_as_logged_stays", exclude=["called_back_at", "called_back_by"]),
            pgtrigger.Trigger(
                name="call_is_called_back_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__called_back_at__isnull=False),
                func="RAISE EXCEPTION 'call % was called back and stays as it is', OLD.id;",
            ),
            kept("call_is_kept"),
        ]

    def __str__(self) -> str:
        return f"{self.reason} {self.started_at:%Y-%m-%d %H:%M}"
