"""What was derived, with the version of the facts it was derived from."""

from __future__ import annotations

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q

from registry.models.registration import Registration
from registry.models.triggers import finding_has_a_registration
from registry.rules.categories import CoverKind
from registry.rules.covers import CoverReason, CoverState


class StoredFinding(models.Model):
    """A CoverFinding kept for lists and searches; never mailed on (I9).

    Stale where `facts_version` is older than the intermediary's, or `reference_version` than the register's.
    """

    # The triggers below stand for the foreign key, set by set: row by row, 200,000 findings take it seconds. An
    # index of its own it needs as little: that of `finding_once_per_kind` begins with it.
    registration = models.ForeignKey(
        Registration, models.CASCADE, related_name="findings", db_index=False, db_constraint=False
    )
    kind = models.CharField("nature", max_length=19, choices=CoverKind.choices())
    state = models.CharField("état", max_length=15, choices=CoverState.choices())
    covered_until = models.DateField("couvert jusqu’au", null=True)
    term = models.DateField("terme", null=True)
    due_on = models.DateField("échéance", null=True)
    first_validity = models.BooleanField("première validité", default=False)
    reasons = ArrayField(models.CharField(max_length=30, choices=CoverReason.choices()), verbose_name="motifs")
    as_of = models.DateField("au")
    facts_version = models.BigIntegerField("version des faits")
    reference_version = models.BigIntegerField("version des textes et campagnes")

    class Meta:
        verbose_name = "constat"
        constraints: ClassVar = [
            models.UniqueConstraint(name="finding_once_per_kind", fields=["registration", "kind"]),
        ]
        indexes: ClassVar = [
            models.Index(
                name="finding_to_act_on",
                fields=["state", "due_on"],
                condition=~Q(state__in=["IN_FORCE", "NOT_REQUIRED"]),
            ),
        ]
        triggers: ClassVar = [finding_has_a_registration()]

    def __str__(self) -> str:
        return f"{self.kind} {self.state}"


class ReferenceVersion(models.Model):
    """One row: how often the common facts have changed; raised by trigger."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    version = models.BigIntegerField(default=1)

    class Meta:
        verbose_name = "version des textes et campagnes"
        constraints: ClassVar = [
            models.CheckConstraint(name="referenceversion_is_one_row", condition=Q(id=1)),
        ]

    def __str__(self) -> str:
        return str(self.version)
