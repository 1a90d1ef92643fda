"""Two numbers of one person made one: the signed act, what it moved, and the pairs that are two persons after all."""

from __future__ import annotations

from datetime import timedelta
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.intermediary import Intermediary
from registry.models.triggers import kept, stays_as_it_was, tracked
from registry.rules.merging import UNDONE_WITHIN

_SIGNED = ["keep_id", "drop_id", "preview_hash", "moved", "reason", "signed_by_id", "approved_by_id", "merged_at"]


@tracked("IntermediaryMergeHistory")
class IntermediaryMerge(models.Model):
    """`drop` was merged into `keep` by two people, on the preview of that hash; `moved` is what an undoing needs.

    Numbers are never reused: `drop` stays, leading to `keep`. Undone once, within `UNDONE_WITHIN`.
    """

    keep = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", verbose_name="numéro gardé")
    drop = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="+", db_index=False, verbose_name="numéro abandonné"
    )
    preview_hash = models.CharField("empreinte de l’aperçu", max_length=64)
    moved = models.JSONField("ce qui a été déplacé")
    reason = models.CharField("motif", max_length=500)
    signed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="signé par")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="approuvé par"
    )
    merged_at = models.DateTimeField("fusionné le")
    undone_at = models.DateTimeField("défait le", null=True, blank=True)
    undone_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="défait par"
    )
    undo_reason = models.CharField("motif du retour", max_length=500, blank=True, db_default="")

    class Meta:
        verbose_name = "fusion"
        permissions: ClassVar = [("approve_intermediarymerge", "Peut approuver une fusion")]
        constraints: ClassVar = [
            models.CheckConstraint(name="merge_is_of_two", condition=~Q(keep=F("drop"))),
            models.CheckConstraint(
                name="merge_has_two_people",
                condition=~Q(signed_by=F("approved_by")),
                violation_error_message="Une fusion est approuvée par une autre personne que celle qui la signe.",
            ),
            models.CheckConstraint(name="merge_has_a_reason", condition=~Q(reason="")),
            models.CheckConstraint(
                name="merge_undoing_is_whole",
                condition=Q(undone_at__isnull=True, undone_by__isnull=True, undo_reason="")
                | Q(undone_at__isnull=False, undone_by__isnull=False) & ~Q(undo_reason=""),
            ),
            models.CheckConstraint(
                name="merge_is_undone_in_time",
                condition=Q(undone_at__isnull=True)
                | Q(undone_at__gte=F("merged_at"), undone_at__lte=F("merged_at") + timedelta(days=UNDONE_WITHIN)),
                violation_error_message="Une fusion ne se défait que dans les trente jours.",
            ),
            models.UniqueConstraint(
                name="merge_once_until_undone", fields=["drop"], condition=Q(undone_at__isnull=True)
            ),
        ]
        triggers: ClassVar = [
            stays_as_it_was("merge_is_signed", _SIGNED),
            pgtrigger.Trigger(
                name="merge_is_undone_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__undone_at__isnull=False),
                func="RAISE EXCEPTION 'merge % has been undone and stays as it is', OLD.id;",
            ),
            kept("merge_is_kept", people=["keep_id", "drop_id"]),
        ]

    def __str__(self) -> str:
        return f"Fusion {self.pk}"


@tracked("DuplicateDismissalHistory")
class DuplicateDismissal(models.Model):
    """Two numbers that look alike are two persons: somebody has looked, and they are not suggested again."""

    first = models.ForeignKey(
        Intermediary, models.PROTECT, related_name="+", db_index=False, verbose_name="premier numéro"
    )
    second = models.ForeignKey(Intermediary, models.PROTECT, related_name="+", verbose_name="second numéro")
    reason = models.CharField("motif", max_length=500)
    dismissed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    dismissed_at = models.DateTimeField("le")

    class Meta:
        verbose_name = "paire écartée"
        verbose_name_plural = "paires écartées"
        constraints: ClassVar = [
            models.UniqueConstraint(name="dismissal_once_per_pair", fields=["first", "second"]),
            models.CheckConstraint(name="dismissal_is_in_order", condition=Q(first__lt=F("second"))),
            models.CheckConstraint(name="dismissal_has_a_reason", condition=~Q(reason="")),
        ]
        triggers: ClassVar = [
            kept("dismissal_is_kept", pgtrigger.Delete | pgtrigger.Update, people=["first_id", "second_id"])
        ]

    def __str__(self) -> str:
        return f"{self.first_id} ≠ {self.second_id}"
