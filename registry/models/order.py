"""Orders of the ACPR and the AMF: carried out at once by two people, undone by no document (CA R512-5 VII, VIII)."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.intermediary import Intermediary
from registry.models.registration import ADVERSE, Authority, DecisionKind, Registration
from registry.models.triggers import kept, tracked

_AUTHORITIES = [Authority.ACPR.value, Authority.AMF.value]
_MADE = (
    "intermediary_id", "registration_id", "kind", "authority", "act_reference", "dated_on", "effective_on", "ends_on",
    "barred_until", "reason", "entered_by_id", "entered_at",
)  # fmt: skip
_OLD, _NEW = (", ".join(f"{row}.{column}" for column in _MADE) for row in ("OLD", "NEW"))


@tracked("AuthorityOrderHistory")
class AuthorityOrder(models.Model):
    """Entered by one person from the act, confirmed by another who read it: from then on it is in effect.

    `ends_on` is the last day of a suspension (none: until another order); until `barred_until`, included, nobody
    registers the person anew.
    """

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="orders")
    registration = models.ForeignKey(
        Registration, models.PROTECT, related_name="orders", null=True, blank=True, verbose_name="inscription"
    )
    kind = models.CharField("acte", max_length=12, choices=[c for c in DecisionKind.choices() if c[0] in ADVERSE])
    authority = models.CharField(
        "autorité", max_length=10, choices=[c for c in Authority.choices() if c[0] in _AUTHORITIES]
    )
    act_reference = models.CharField("référence de l’acte", max_length=120)
    dated_on = models.DateField("acte du")
    effective_on = models.DateField("prend effet le")
    ends_on = models.DateField("suspension jusqu’au", null=True, blank=True)
    barred_until = models.DateField("interdiction jusqu’au", null=True, blank=True)
    reason = models.CharField("exposé", max_length=500)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="saisi par")
    entered_at = models.DateTimeField("saisi le")
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="confirmé par"
    )
    confirmed_at = models.DateTimeField("confirmé le", null=True, blank=True)

    class Meta:
        verbose_name = "ordre de l’ACPR ou de l’AMF"
        verbose_name_plural = "ordres de l’ACPR et de l’AMF"
        constraints: ClassVar = [
            models.CheckConstraint(name="authorityorder_is_of_one", condition=Q(authority__in=_AUTHORITIES)),
            models.CheckConstraint(
                name="authorityorder_names_what_it_is_about",
                condition=Q(kind="STRIKING_OFF", registration__isnull=True)
                | Q(kind__in=["REMOVAL", "SUSPENSION"], registration__isnull=False),
            ),
            models.CheckConstraint(name="authorityorder_names_its_act", condition=~Q(act_reference="") & ~Q(reason="")),
            models.CheckConstraint(
                name="authorityorder_days_are_in_order",
                condition=Q(effective_on__gte=F("dated_on"))
                & (Q(ends_on__isnull=True) | Q(kind="SUSPENSION", ends_on__gte=F("effective_on"))),
            ),
            models.CheckConstraint(
                name="authorityorder_has_two_people",
                condition=Q(confirmed_by__isnull=True, confirmed_at__isnull=True)
                | Q(confirmed_by__isnull=False, confirmed_at__isnull=False) & ~Q(confirmed_by=F("entered_by")),
                violation_error_message="Un ordre est confirmé par une autre personne que celle qui l’a saisi.",
            ),
            models.UniqueConstraint(
                name="authorityorder_once",
                fields=["authority", "act_reference", "intermediary", "registration", "kind"],
                nulls_distinct=False,
            ),
        ]
        triggers: ClassVar = [
            kept("authorityorder_is_kept"),
            pgtrigger.Trigger(
                name="authorityorder_is_confirmed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(f"OLD.confirmed_by_id IS NOT NULL OR ({_OLD}) IS DISTINCT FROM ({_NEW})"),
                func="RAISE EXCEPTION 'order % stays as it was entered, and is confirmed once', OLD.id;",
            ),
            pgtrigger.Trigger(
                name="authorityorder_is_of_its_person",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NEW.confirmed_by_id IS NOT NULL OR NEW.registration_id IS NOT NULL AND NOT EXISTS (
                        SELECT FROM registry_registration r
                        WHERE r.id = NEW.registration_id AND r.intermediary_id = NEW.intermediary_id
                    ) THEN
                        RAISE EXCEPTION 'an order is entered first, about a registration of its own person'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'authorityorder_is_of_its_person';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {self.act_reference}"
