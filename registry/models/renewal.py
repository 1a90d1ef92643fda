"""Renewal requests with their deposit and fee, and what each category costs."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.campaign import RenewalCampaign
from registry.models.registration import Registration
from registry.models.triggers import (
    bumps_facts_version,
    bumps_reference_version,
    follows,
    kept,
    stays_as_it_was,
    tracked,
)
from registry.rules.categories import Category
from registry.rules.renewals import RENEWAL_TRANSITIONS, FilingChannel, RenewalState

LEGAL_MAXIMUM = 25_000
"""Euro cents: 250 € a category (CA L512-1, CMF L546-1)."""

_OPEN, _ENTERED, _FILED = (state.value for state in RenewalState)
_PAPER = FilingChannel.PAPER.value
_DEPOSIT = ("channel", "filed_on", "entered_on", "entered_by_id", "confirmed_by_id", "confirmed_on", "fee_cents")
"""What counts stays as it is (I12)."""
_EDGES = [(a.value, b.value) for a, after in RENEWAL_TRANSITIONS.items() for b in sorted(after)]


@tracked("FeeRateHistory")
class FeeRate(models.Model):
    """What a category costs (euro cents), from when until when, by which source; whether that source was verified."""

    category = models.CharField("catégorie", max_length=3, choices=Category.choices())
    valid_from = models.DateField("applicable du")
    valid_until = models.DateField("jusqu’au", null=True, blank=True)
    amount_cents = models.PositiveIntegerField("montant (centimes)")
    source = models.CharField("texte ou source", max_length=300)
    is_verified = models.BooleanField("vérifié dans le texte", default=False)

    class Meta:
        verbose_name = "tarif"
        constraints: ClassVar = [
            models.UniqueConstraint(name="feerate_starts_once", fields=["category", "valid_from"]),
            models.CheckConstraint(
                name="feerate_ends_after_it_starts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="feerate_is_within_the_law",
                condition=Q(amount_cents__lte=LEGAL_MAXIMUM),
                violation_error_message="Les frais ne peuvent dépasser 250\u00a0€ (CA L512-1, CMF L546-1).",
            ),
        ]
        triggers: ClassVar = [*bumps_reference_version()]

    def __str__(self) -> str:
        return f"{self.category} ≥ {self.valid_from}"


@tracked("RenewalRequestHistory")
class RenewalRequest(models.Model):
    """The renewal of one registration in one campaign. Days local and inclusive, sums in euro cents.

    `filed_on` is the day of the deposit and `entered_on` that of its entry: a paper counts from the first once a
    second person has confirmed it (I12). `fee_cents` is what was asked when it was filed (None: nothing).
    """

    registration = models.ForeignKey(Registration, models.PROTECT, related_name="renewals", db_index=False)
    campaign = models.ForeignKey(RenewalCampaign, models.PROTECT, related_name="requests", verbose_name="campagne")
    state = models.CharField("état", max_length=7, choices=RenewalState.choices(), default=_OPEN, db_default=_OPEN)
    opened_on = models.DateField("ouverte le")
    channel = models.CharField("voie", max_length=11, choices=FilingChannel.choices(), blank=True, db_default="")
    filed_on = models.DateField("déposée le", null=True, blank=True)
    entered_on = models.DateField("saisie le", null=True, blank=True)
    entered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="saisie par"
    )
    confirmed_on = models.DateField("confirmée le", null=True, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="confirmée par"
    )
    fee_cents = models.PositiveIntegerField("frais (centimes)", null=True, blank=True)
    paid_cents = models.PositiveIntegerField("réglé (centimes)", null=True, blank=True)
    paid_on = models.DateField("réglé le", null=True, blank=True)
    payment_reference = models.CharField("référence du règlement", max_length=120, blank=True, db_default="")
    informed_on = models.DateField("informé du défaut de paiement le", null=True, blank=True)

    class Meta:
        verbose_name = "demande de renouvellement"
        verbose_name_plural = "demandes de renouvellement"
        constraints: ClassVar = [
            models.UniqueConstraint(name="renewal_once_per_campaign", fields=["registration", "campaign"]),
            models.CheckConstraint(
                name="renewal_state_is_known", condition=Q(state__in=[s.value for s in RenewalState])
            ),
            models.CheckConstraint(
                name="renewal_channel_is_known", condition=Q(channel__in=["", *(c.value for c in FilingChannel)])
            ),
            models.CheckConstraint(
                name="renewal_deposit_is_whole",
                condition=Q(state=_OPEN, channel="", filed_on=None, entered_on=None, entered_by=None, fee_cents=None)
                | ~Q(state=_OPEN) & ~Q(channel="") & Q(filed_on__isnull=False, entered_on__isnull=False),
            ),
            models.CheckConstraint(
                name="renewal_is_not_filed_in_the_future",
                condition=Q(filed_on__isnull=True) | Q(filed_on__lte=F("entered_on"), filed_on__gte=date(2007, 1, 1)),
                violation_error_message="Un dépôt ne peut pas être postérieur à sa saisie.",
            ),
            models.CheckConstraint(
                name="renewal_only_paper_awaits_confirmation", condition=~Q(state=_ENTERED) | Q(channel=_PAPER)
            ),
            models.CheckConstraint(
                name="renewal_paper_has_two_people",
                condition=(~Q(channel=_PAPER) | Q(entered_by__isnull=False))
                & (
                    Q(
                        channel=_PAPER,
                        state=_FILED,
                        confirmed_by__isnull=False,
                        confirmed_on__isnull=False,
                        confirmed_on__gte=F("entered_on"),
                    )
                    & ~Q(confirmed_by=F("entered_by"))
                    | ~Q(channel=_PAPER, state=_FILED) & Q(confirmed_by__isnull=True, confirmed_on__isnull=True)
                ),
                violation_error_message="Un dépôt papier est confirmé par une autre personne que celle qui l’a saisi.",
            ),
            models.CheckConstraint(
                name="renewal_payment_is_whole",
                condition=Q(paid_cents__isnull=True, paid_on__isnull=True, payment_reference="")
                | Q(paid_cents__gt=0, paid_on__isnull=False) & ~Q(payment_reference=""),
            ),
            models.CheckConstraint(
                name="renewal_notice_follows_the_deposit",
                condition=Q(informed_on__isnull=True) | Q(state=_FILED, informed_on__gte=F("filed_on")),
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="renewal_awaits_confirmation", fields=["entered_on"], condition=Q(state=_ENTERED)),
        ]
        triggers: ClassVar = [
            *bumps_facts_version(
                owner="inscription.intermediary_id",
                join="JOIN registry_registration inscription ON inscription.id = changed.registration_id",
            ),
            follows("renewal_state_follows", "state", _EDGES),
            stays_as_it_was("renewal_stays_with_its_registration", ["registration_id", "campaign_id", "opened_on"]),
            pgtrigger.Trigger(
                name="renewal_deposit_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__state=_FILED),
                func=f"""
                    IF ({", ".join(f"OLD.{c}" for c in _DEPOSIT)}) IS DISTINCT FROM
                       ({", ".join(f"NEW.{c}" for c in _DEPOSIT)}) THEN
                        RAISE EXCEPTION 'a deposit that counts stays as it is';
                    END IF;
                    RETURN NEW;
                """,
            ),
            kept("renewal_is_kept"),
        ]

    def __str__(self) -> str:
        return f"Renouvellement {self.pk}"
