"""Complaints, and the counter that numbers them."""

from __future__ import annotations

from functools import reduce
from operator import and_
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce

from hotline.rules.complaints import (
    COMPLAINT_TRANSITIONS,
    SPOKEN_CHANNELS,
    ComplaintChannel,
    ComplaintOutcome,
    ComplaintState,
    Matter,
)
from hotline.rules.days import LATEST_ANSWER, OLDEST_COMPLAINT
from registry.models import Intermediary
from registry.models.triggers import follows, kept, stays_as_it_was, tracked
from reminders.models import Batch, Notice

_SPOKEN, _SATISFIED, _RECEIVED, _ACKNOWLEDGED, _ANSWERED, _REQUALIFIED = (state.value for state in ComplaintState)
_ALOUD = sorted(channel.value for channel in SPOKEN_CHANNELS)
_EDGES = [(a.value, b.value) for a, after in COMPLAINT_TRANSITIONS.items() for b in sorted(after)]
_BEGAN = Coalesce(F("sent_on"), F("spoken_on"))
_DAYS = ("spoken_on", "invited_on", "sent_on", "acknowledged_on", "told_late_on", "answered_on")
_EARLIEST, _LATEST = F("entered_on") - OLDEST_COMPLAINT, F("entered_on") + LATEST_ANSWER
_CAN_BE_MEANT = [Q(**{f"{day}__isnull": True}) | Q(**{f"{day}__range": (_EARLIEST, _LATEST)}) for day in _DAYS]


class ComplaintCounter(models.Model):
    """The last number given in a year. A row lock hands numbers out one after the other, and a transaction that is
    undone gives its own back: no number is missing, and none is given twice."""

    year = models.PositiveSmallIntegerField("année", primary_key=True)
    last = models.PositiveIntegerField("dernier numéro")

    class Meta:
        verbose_name = "compteur des réclamations"
        verbose_name_plural = "compteurs des réclamations"
        triggers: ClassVar = [
            pgtrigger.Protect(name="counter_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="counter_goes_up_by_one",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF NEW.year <> OLD.year OR NEW.last <> OLD.last + 1 THEN
                        RAISE EXCEPTION 'complaints are numbered one by one: % cannot follow %', NEW.last, OLD.last;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.year}\u00a0: {self.last}"


@tracked("ComplaintHistory")
class Complaint(models.Model):
    """Réclamation (ACPR 2024-R-02). Days local: `spoken_on` of what was said aloud, `sent_on` of the writing, from
    which the clocks run; `entered_at` is ours, and may be much later (a slip filled in while the system was down)."""

    number = models.CharField("numéro", max_length=12, unique=True, db_collation="C")
    state = models.CharField("état", max_length=12, choices=ComplaintState.choices())
    channel = models.CharField("canal", max_length=7, choices=ComplaintChannel.choices())
    matter = models.CharField("objet", max_length=13, choices=Matter.choices())
    text = models.TextField("ce qui est dit")
    complainant = models.CharField("personne", max_length=250)
    reply_to = models.CharField("où répondre", max_length=500, blank=True)
    intermediary = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="complaints", null=True, blank=True, verbose_name="intermédiaire"
    )
    batch = models.ForeignKey(
        Batch, models.PROTECT, related_name="complaints", null=True, blank=True, verbose_name="lot en cause"
    )
    notice = models.ForeignKey(
        Notice, models.PROTECT, related_name="complaints", null=True, blank=True, verbose_name="message en cause"
    )
    spoken_on = models.DateField("dite le", null=True, blank=True)
    invited_on = models.DateField("invitation à écrire le", null=True, blank=True)
    sent_on = models.DateField("envoyée le", null=True, blank=True)
    entered_on = models.DateField("jour de saisie")
    entered_at = models.DateTimeField("saisie le")
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="saisie par"
    )
    acknowledged_on = models.DateField("accusée le", null=True, blank=True)
    acknowledged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="accusée par"
    )
    told_late_on = models.DateField("prévenue du retard le", null=True, blank=True)
    told_late_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="prévenue par"
    )
    answered_on = models.DateField("répondue le", null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="répondue par"
    )
    outcome = models.CharField("issue", max_length=7, choices=ComplaintOutcome.choices(), blank=True, db_default="")
    answer = models.TextField("réponse", blank=True, db_default="")
    recourse = models.TextField("recours indiqué", blank=True, db_default="")
    requalified_because = models.CharField("requalifiée parce que", max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = "réclamation"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="complaint_number_is_well_formed", condition=Q(number__regex=r"^R-[0-9]{4}-[0-9]{5}$")
            ),
            models.CheckConstraint(
                name="complaint_codes_are_known",
                condition=Q(state__in=[s.value for s in ComplaintState])
                & Q(channel__in=[c.value for c in ComplaintChannel])
                & Q(matter__in=[m.value for m in Matter]),
            ),
            models.CheckConstraint(name="complaint_says_something", condition=~Q(text="") & ~Q(complainant="")),
            models.CheckConstraint(
                name="complaint_said_aloud_is_invited_or_satisfied",
                condition=Q(spoken_on__isnull=True, invited_on__isnull=True)
                | Q(spoken_on__isnull=False, state=_SATISFIED, invited_on__isnull=True)
                | Q(spoken_on__isnull=False, invited_on__isnull=False, invited_on__gte=F("spoken_on"))
                & ~Q(state=_SATISFIED),
                violation_error_message="Orale, elle est satisfaite aussitôt, ou la personne est invitée à écrire.",
            ),
            models.CheckConstraint(
                name="complaint_is_said_or_sent",
                condition=Q(channel__in=_ALOUD, spoken_on__isnull=False)
                | Q(sent_on__isnull=False) & ~Q(channel__in=_ALOUD),
            ),
            models.CheckConstraint(
                name="complaint_waits_for_writing_or_has_it",
                condition=Q(state__in=[_SPOKEN, _SATISFIED], sent_on__isnull=True)
                | Q(state__in=[_RECEIVED, _ACKNOWLEDGED], sent_on__isnull=False)
                | Q(state__in=[_ANSWERED, _REQUALIFIED]),
            ),
            models.CheckConstraint(
                name="complaint_is_not_of_the_future",
                condition=(Q(sent_on__isnull=True) | Q(spoken_on__isnull=False) | Q(sent_on__lte=F("entered_on")))
                & (Q(spoken_on__isnull=True) | Q(spoken_on__lte=F("entered_on"))),
                violation_error_message="Une réclamation ne peut pas être postérieure à sa saisie.",
            ),
            models.CheckConstraint(
                name="complaint_days_can_be_meant",
                condition=reduce(and_, _CAN_BE_MEANT),
                violation_error_message="Un jour d’une réclamation ne remonte pas à plus de cinq ans avant sa saisie.",
            ),
            models.CheckConstraint(
                name="complaint_writing_follows_the_words",
                condition=Q(sent_on__isnull=True) | Q(spoken_on__isnull=True) | Q(sent_on__gte=F("spoken_on")),
            ),
            models.CheckConstraint(
                name="complaint_acknowledgement_is_whole",
                condition=Q(acknowledged_on__isnull=True, acknowledged_by__isnull=True) & ~Q(state=_ACKNOWLEDGED)
                | Q(acknowledged_on__gte=F("sent_on"), acknowledged_on__isnull=False, acknowledged_by__isnull=False)
                & Q(sent_on__isnull=False)
                & ~Q(state__in=[_SPOKEN, _SATISFIED, _RECEIVED]),
                violation_error_message="Un accusé de réception ne peut pas précéder l’envoi.",
            ),
            models.CheckConstraint(
                name="complaint_late_notice_is_whole",
                condition=Q(told_late_on__isnull=True, told_late_by__isnull=True)
                | Q(told_late_on__gt=F("sent_on"), told_late_on__isnull=False, told_late_by__isnull=False)
                & Q(sent_on__isnull=False),
            ),
            models.CheckConstraint(
                name="complaint_answer_is_whole",
                condition=Q(answered_on__isnull=True, answered_by__isnull=True, outcome="", answer="", recourse="")
                & ~Q(state=_ANSWERED)
                | Q(state=_ANSWERED, answered_on__gte=_BEGAN, answered_on__isnull=False, answered_by__isnull=False)
                & Q(outcome__in=[o.value for o in ComplaintOutcome])
                & ~Q(answer=""),
                violation_error_message="Une réponse a une issue, un texte, et ne précède pas la réclamation.",
            ),
            models.CheckConstraint(
                name="complaint_answer_follows_the_acknowledgement",
                condition=Q(answered_on__isnull=True)
                | Q(acknowledged_on__isnull=True)
                | Q(answered_on__gte=F("acknowledged_on")),
            ),
            models.CheckConstraint(
                name="complaint_refusal_names_a_recourse",
                condition=Q(outcome__in=["", ComplaintOutcome.GRANTED.value]) | ~Q(recourse=""),
                violation_error_message="Un refus, même partiel, dit où la personne peut s’adresser.",
            ),
            models.CheckConstraint(
                name="complaint_requalified_says_why",
                condition=Q(state=_REQUALIFIED) & ~Q(requalified_because="")
                | ~Q(state=_REQUALIFIED) & Q(requalified_because=""),
            ),
            models.CheckConstraint(
                name="complaint_notice_has_its_batch", condition=Q(notice__isnull=True) | Q(batch__isnull=False)
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="complaint_worklist",
                fields=["sent_on", "id"],
                condition=Q(state__in=[_SPOKEN, _RECEIVED, _ACKNOWLEDGED]),
            ),
            models.Index(name="complaint_by_day", fields=["entered_on"]),
        ]
        triggers: ClassVar = [
            follows("complaint_state_follows", "state", _EDGES),
            stays_as_it_was(
                "complaint_as_entered_stays",
                ["number", "channel", "text", "spoken_on", "invited_on", "entered_on", "entered_at", "entered_by_id"],
            ),
            pgtrigger.Trigger(
                name="complaint_sending_day_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("sent_on"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Q(old__sent_on__isnull=False, old__sent_on__df=pgtrigger.F("new__sent_on")),
                func="RAISE EXCEPTION 'complaint %: the day of sending stays as it is', OLD.number;",
            ),
            pgtrigger.Trigger(
                name="complaint_that_is_over_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state__in=[_SATISFIED, _ANSWERED, _REQUALIFIED]),
                func="RAISE EXCEPTION 'complaint % is over and stays as it is', OLD.number;",
            ),
            kept("complaint_is_kept"),
        ]

    def __str__(self) -> str:
        return self.number
