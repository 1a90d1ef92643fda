"""Certificates as data: RC Pro and financial guarantees, and what their issuers said afterwards."""

from __future__ import annotations

from datetime import date
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q

from registry.models.intermediary import Intermediary
from registry.models.triggers import bumps_facts_version, stays_out_of_merged, three_clear_days, tracked
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind, CoverStatus
from registry.rules.labels import LabelledEnum

_RETURNED = CoverStatus.RETURNED.value


class Channel(LabelledEnum):
    """How a certificate reached the register."""

    IMPORT = "IMPORT", "Fichier du registre", "Register file"
    PORTAL = "PORTAL", "Espace en ligne", "Web site"
    API = "API", "API", "API"
    ISSUER = "ISSUER", "Assureur ou garant", "Issuer"
    PAPER = "PAPER", "Papier", "Paper"


@tracked("CoverHistory")
class Cover(models.Model):
    """One attestation: the period and sums it states. Days inclusive, sums in euro cents.

    `deposited_on` is the day that counts for its intermediary, however late it is reviewed (I12).
    """

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="covers")
    kind = models.CharField("nature", max_length=19, choices=CoverKind.choices())
    categories = ArrayField(models.CharField(max_length=3, choices=Category.choices()), verbose_name="catégories")
    issuer = models.CharField("assureur ou garant", max_length=120, blank=True)
    policy = models.CharField("police ou numéro", max_length=60, blank=True)
    starts_on = models.DateField("premier jour")
    ends_on = models.DateField("dernier jour")
    amount_cents = models.BigIntegerField("montant par sinistre ou garanti (centimes)", null=True, blank=True)
    annual_cents = models.BigIntegerField("montant par an (centimes)", null=True, blank=True)
    status = models.CharField("état", max_length=9, choices=CoverStatus.choices())
    channel = models.CharField("voie", max_length=6, choices=Channel.choices())
    deposited_on = models.DateField("déposée le")

    class Meta:
        verbose_name = "attestation"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="cover_ends_after_it_starts",
                condition=Q(ends_on__gte=F("starts_on")),
                violation_error_message="Le dernier jour ne peut pas précéder le premier.",
            ),
            models.CheckConstraint(
                name="cover_days_are_dates",
                condition=Q(starts_on__gte=date(1900, 1, 1), ends_on__lte=date.max),
                violation_error_message="Une attestation porte des dates, de 1900 à 9999.",
            ),
            models.CheckConstraint(
                name="cover_names_categories",
                condition=Q(categories__len__gte=1) & Q(categories__contained_by=[c.value for c in Category]),
                violation_error_message="Une attestation cite au moins une catégorie connue.",
            ),
            models.CheckConstraint(name="cover_kind_is_known", condition=Q(kind__in=[k.value for k in CoverKind])),
            models.CheckConstraint(
                name="cover_status_is_known", condition=Q(status__in=[s.value for s in CoverStatus])
            ),
            models.CheckConstraint(
                name="cover_amounts_are_not_negative",
                condition=(Q(amount_cents__isnull=True) | Q(amount_cents__gte=0))
                & (Q(annual_cents__isnull=True) | Q(annual_cents__gte=0)),
            ),
            models.UniqueConstraint(
                name="cover_is_imported_once",
                fields=["intermediary", "kind", "categories", "starts_on"],
                condition=Q(channel=Channel.IMPORT.value),
            ),
        ]
        indexes: ClassVar = [
            models.Index(
                name="cover_awaiting_review",
                fields=["deposited_on"],
                condition=Q(status=CoverStatus.DEPOSITED.value),
            ),
        ]
        triggers: ClassVar = [
            *bumps_facts_version(),
            *stays_out_of_merged(),
            pgtrigger.Trigger(
                name="cover_sent_back_is_asked_about",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("status"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition(f"((OLD.status = '{_RETURNED}') <> (NEW.status = '{_RETURNED}'))"),
                func=f"""
                    IF (NEW.status = '{_RETURNED}') <> EXISTS (
                        SELECT FROM registry_correctionrequest q WHERE q.cover_id = NEW.id AND q.ended_on IS NULL
                    ) THEN
                        RAISE EXCEPTION 'a certificate is sent back as long as a correction is asked for'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'cover_sent_back_is_asked_about';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.starts_on} – {self.ends_on}"


@tracked("CoverEventHistory")
class CoverEvent(models.Model):
    """The issuer's word after the certificate; `effective_on` is the first day without cover, or with it again."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="events")
    kind = models.CharField("fait", max_length=11, choices=CoverEventKind.choices())
    effective_on = models.DateField("prend effet le")
    received_at = models.DateTimeField("reçu le")

    class Meta:
        verbose_name = "avis de l’assureur ou du garant"
        verbose_name_plural = "avis des assureurs et garants"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="coverevent_kind_is_known", condition=Q(kind__in=[k.value for k in CoverEventKind])
            ),
            models.UniqueConstraint(name="coverevent_once", fields=["cover", "kind", "effective_on"]),
        ]
        triggers: ClassVar = [
            three_clear_days(),
            *bumps_facts_version(
                owner="cover.intermediary_id", join="JOIN registry_cover cover ON cover.id = changed.cover_id"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.effective_on}"
