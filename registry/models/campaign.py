"""The register's common facts: what is required from when, and the dates of each campaign."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from registry.models.triggers import bumps_reference_version, stays_as_it_was, tracked
from registry.rules.categories import Category, CoverKind
from registry.rules.deadlines import MOVABLE


@tracked("RequirementHistory")
class Requirement(models.Model):
    """A category needs a kind of cover of at least these sums (euro cents), from when until when, by which text."""

    category = models.CharField("catégorie", max_length=3, choices=Category.choices())
    kind = models.CharField("nature", max_length=19, choices=CoverKind.choices())
    valid_from = models.DateField("applicable du")
    valid_until = models.DateField("jusqu’au", null=True, blank=True)
    amount_cents = models.BigIntegerField("minimum par sinistre ou garanti (centimes)")
    annual_cents = models.BigIntegerField("minimum par an (centimes)", null=True, blank=True)
    legal_text = models.CharField("texte", max_length=300)

    class Meta:
        verbose_name = "exigence"
        constraints: ClassVar = [
            models.UniqueConstraint(name="requirement_starts_once", fields=["category", "kind", "valid_from"]),
            models.CheckConstraint(
                name="requirement_ends_after_it_starts",
                condition=Q(valid_until__isnull=True) | Q(valid_until__gte=F("valid_from")),
            ),
            models.CheckConstraint(
                name="requirement_never_a_guarantee_of_a_cif",
                condition=~Q(category="CIF", kind="FINANCIAL_GUARANTEE"),
                violation_error_message="Un CIF ne reçoit pas de fonds\u00a0: aucune garantie ne lui est demandée.",
            ),
        ]
        triggers: ClassVar = [*bumps_reference_version()]

    def __str__(self) -> str:
        return f"{self.category} {self.kind} ≥ {self.valid_from}"


@tracked("RenewalCampaignHistory")
class RenewalCampaign(models.Model):
    """The five dates that one year's campaign started from, all inclusive local days.

    They never change: what signed decisions (`DeadlineDecision`) make of them is told by `registry_campaigndates`.
    """

    year = models.PositiveSmallIntegerField("année", unique=True)
    opens_on = models.DateField("ouverture")
    principals_due_on = models.DateField("échéance des mandants et associations")
    due_on = models.DateField("échéance ordinaire")
    tolerated_until = models.DateField("tolérance jusqu’au")
    expires_on = models.DateField("fin de validité")

    class Meta:
        verbose_name = "campagne"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="campaign_dates_are_in_order",
                condition=Q(opens_on__lte=F("principals_due_on"))
                & Q(principals_due_on__lte=F("due_on"))
                & Q(due_on__lte=F("tolerated_until")),
                violation_error_message="Ouverture, échéances et tolérance se suivent dans cet ordre.",
            ),
        ]
        triggers: ClassVar = [
            *bumps_reference_version(),
            stays_as_it_was("campaign_dates_move_by_decision", ["year", *MOVABLE]),
        ]

    def __str__(self) -> str:
        return f"Campagne {self.year}"
