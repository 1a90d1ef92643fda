"""Signed decisions that move deadlines: campaign shifts, freezes, and their reversals. None is ever changed."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import ExpressionWrapper, F, Q

from registry.models.campaign import RenewalCampaign
from registry.models.triggers import bumps_reference_version, tracked
from registry.rules.deadlines import MOVABLE, DeadlineAct

_NO_DATE = Q(**{f"{name}__isnull": True for name in MOVABLE})
_NO_OUTAGE = Q(from_on__isnull=True, until_on__isnull=True, days_lost__isnull=True)
_SHIFT, _FREEZE, _REVERSAL = (act.value for act in DeadlineAct)


@tracked("DeadlineDecisionHistory")
class DeadlineDecision(models.Model):
    """One signed row: a campaign's dates set to new days, days lost to our outage given back, or a reversal of either.

    Days are local and inclusive. What they make of the campaigns is never stored: `registry_campaigndates` folds
    them in the order of signing, as `registry.rules.deadlines` does.
    """

    kind = models.CharField("acte", max_length=8, choices=DeadlineAct.choices())
    campaign = models.ForeignKey(
        RenewalCampaign, models.PROTECT, related_name="decisions", null=True, blank=True, verbose_name="campagne"
    )
    opens_on = models.DateField("ouverture", null=True, blank=True)
    principals_due_on = models.DateField("échéance des mandants et associations", null=True, blank=True)
    due_on = models.DateField("échéance ordinaire", null=True, blank=True)
    tolerated_until = models.DateField("tolérance jusqu’au", null=True, blank=True)
    expires_on = models.DateField("fin de validité", null=True, blank=True)
    from_on = models.DateField("indisponibilité du", null=True, blank=True)
    until_on = models.DateField("au", null=True, blank=True)
    days_lost = models.PositiveSmallIntegerField("jours perdus", null=True, blank=True)
    reverts = models.OneToOneField(
        "self", models.PROTECT, related_name="reversal", null=True, blank=True, verbose_name="annule"
    )
    reason = models.CharField("motif", max_length=500)
    act_reference = models.CharField("référence de l’acte", max_length=120, blank=True)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="signé par")
    signed_at = models.DateTimeField("signé le")

    class Meta:
        verbose_name = "décision sur les délais"
        verbose_name_plural = "décisions sur les délais"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="deadline_act_is_known", condition=Q(kind__in=[act.value for act in DeadlineAct])
            ),
            models.CheckConstraint(
                name="deadline_shift_moves_a_date_of_a_campaign",
                condition=Q(kind=_SHIFT, campaign__isnull=False) & ~_NO_DATE
                | ~Q(kind=_SHIFT) & Q(campaign__isnull=True) & _NO_DATE,
                violation_error_message="Un décalage fixe au moins une date d’une campagne, et lui seul le fait.",
            ),
            models.CheckConstraint(
                name="deadline_freeze_has_its_days",
                condition=Q(
                    kind=_FREEZE,
                    from_on__isnull=False,
                    until_on__isnull=False,
                    days_lost__isnull=False,
                    days_lost__gte=1,
                    until_on=ExpressionWrapper(F("from_on") + F("days_lost") - 1, output_field=models.DateField()),
                )
                | ~Q(kind=_FREEZE) & _NO_OUTAGE,
                violation_error_message="Un gel compte chaque jour, du premier au dernier.",
            ),
            models.CheckConstraint(
                name="deadline_reversal_names_a_decision",
                condition=Q(kind=_REVERSAL, reverts__isnull=False) | ~Q(kind=_REVERSAL) & Q(reverts__isnull=True),
            ),
            models.CheckConstraint(name="deadline_decision_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="deadline_shift_names_its_act",
                condition=~Q(kind=_SHIFT) | ~Q(act_reference=""),
                violation_error_message="Un décalage cite l’acte dont il procède.",
            ),
        ]
        triggers: ClassVar = [
            *bumps_reference_version(),
            pgtrigger.Protect(name="deadline_decision_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
            pgtrigger.Trigger(
                name="a_reversal_is_not_reverted",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                condition=pgtrigger.Q(new__kind=_REVERSAL),
                func="""
                    IF EXISTS (
                        SELECT FROM registry_deadlinedecision d WHERE d.id = NEW.reverts_id AND d.kind = 'REVERSAL'
                    ) THEN
                        RAISE EXCEPTION 'a reversal is not reverted: sign the decision anew'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_reversal_is_not_reverted';
                    END IF;
                    RETURN NEW;
                """,
            ),
            # Its name comes after `reference_version`, whose row makes decisions queue up: it sees those before it.
            pgtrigger.Trigger(
                name="what_they_make_of_the_dates",
                level=pgtrigger.Statement,
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                func="""
                    IF EXISTS (
                        SELECT FROM registry_campaigndates
                        WHERE opens_on > principals_due_on OR principals_due_on > due_on OR due_on > tolerated_until
                    ) THEN
                        RAISE EXCEPTION 'the dates of a campaign would not follow one another'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_dates_stay_in_order';
                    END IF;
                    IF EXISTS (
                        SELECT FROM registry_deadlineinforce one JOIN registry_deadlineinforce other
                        ON one.id < other.id AND one.from_on <= other.until_on AND other.from_on <= one.until_on
                    ) THEN
                        RAISE EXCEPTION 'two freezes would give the same day back twice'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'deadline_freezes_do_not_overlap';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{DeadlineAct(self.kind).label} {self.pk}"
