"""Who is registered: one row, one number for life (CA R512-4, CMF R546-2)."""

from __future__ import annotations

from typing import ClassVar

import pghistory
import pgtrigger
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from registry.models.triggers import row_update_event

FACTS = (
    "orias_number",
    "siren",
    "name",
    "trade_name",
    "legal_form",
    "email",
    "phone_e164",
    "phone_key",
    "address",
    "postcode",
    "town",
    "language",
    "merged_into",
)
"""The columns that are facts; `facts_version` counts their changes and is none itself."""

_MERGED_IS_EMPTY = """
    IF EXISTS (
        SELECT FROM registry_intermediary i
        WHERE i.id = NEW.id AND i.merged_into_id IS NOT NULL AND (
            i.merged_into_id = i.id
            OR EXISTS (
                SELECT FROM registry_intermediary k WHERE k.id = i.merged_into_id AND k.merged_into_id IS NOT NULL
            )
            OR EXISTS (SELECT FROM registry_intermediary o WHERE o.merged_into_id = i.id)
            OR EXISTS (
                SELECT FROM registry_registration r WHERE r.intermediary_id = i.id AND r.removed_on IS NULL
            )
            OR EXISTS (
                SELECT FROM registry_removalcase c
                WHERE c.intermediary_id = i.id AND c.state NOT IN ('PUBLISHED', 'WITHDRAWN', 'DISMISSED')
            )
        )
    ) THEN
        RAISE EXCEPTION 'a merged number leads to one that is none, and holds no registration in force, nor a live case'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'intermediary_merged_is_empty';
    END IF;
    RETURN NULL;
"""
"""Asked at the commit: what moves may be written before or after the number that it leaves."""

_any_fact_changed = pgtrigger.AnyChange(*FACTS)


@pghistory.track(
    pghistory.InsertEvent(),
    row_update_event(_any_fact_changed),
    pghistory.DeleteEvent(),
    fields=["id", *FACTS],
    model_name="IntermediaryHistory",
)
class Intermediary(models.Model):
    """An insurance, bank or finance intermediary, natural or legal person."""

    class Language(models.TextChoices):
        FRENCH = "fr", "français"
        ENGLISH = "en", "anglais"

    orias_number = models.CharField("numéro ORIAS", max_length=8, unique=True)
    siren = models.CharField("SIREN", max_length=9, blank=True)
    name = models.CharField("dénomination", max_length=250)
    trade_name = models.CharField("nom commercial", max_length=250, blank=True)
    legal_form = models.CharField("forme juridique", max_length=60, blank=True)
    email = models.CharField("courriel", max_length=254, blank=True)
    phone_e164 = models.CharField("téléphone", max_length=16, blank=True)
    phone_key = models.CharField("clé d’appel (neuf chiffres)", max_length=9, blank=True)
    address = models.CharField("adresse", max_length=250, blank=True)
    postcode = models.CharField("code postal", max_length=10, blank=True)
    town = models.CharField("ville", max_length=120, blank=True)
    language = models.CharField("langue", max_length=2, choices=Language.choices, db_default="fr", default="fr")
    # What was one person under two numbers: this number leads to that one, which itself leads nowhere else.
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        related_name="absorbed",
        null=True,
        blank=True,
        db_index=False,
        editable=False,
        verbose_name="fusionné avec",
    )
    facts_version = models.BigIntegerField("version des faits", db_default=1, default=1, editable=False)

    class Meta:
        verbose_name = "intermédiaire"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="intermediary_number_is_eight_digits",
                condition=Q(orias_number__regex=r"^[0-9]{8}$"),
                violation_error_message="Le numéro ORIAS comporte huit chiffres.",
            ),
            models.CheckConstraint(
                name="intermediary_has_a_name",
                condition=~Q(name=""),
                violation_error_message="La dénomination est obligatoire.",
            ),
            # Weaker than what the import and the actions ask for: what no writer may bring in, by whatever way.
            models.CheckConstraint(
                name="intermediary_email_is_one_address",
                condition=Q(email="") | Q(email__regex=r"^[^@[:cntrl:]]+@[^@[:cntrl:]]+$"),
                violation_error_message="Une adresse électronique comporte une @ et une seule, du texte de part et "
                "d’autre, et ni retour à la ligne ni autre signe invisible.",
            ),
            models.UniqueConstraint(
                name="intermediary_siren_is_unique",
                fields=["siren"],
                condition=~Q(siren=""),
                violation_error_message="Ce SIREN appartient déjà à un autre intermédiaire.",
            ),
        ]
        indexes: ClassVar = [
            models.Index(name="intermediary_phone_key", fields=["phone_key"], condition=~Q(phone_key="")),
            models.Index(Lower("email"), name="intermediary_email", condition=~Q(email="")),
            models.Index(name="intermediary_merged", fields=["merged_into"], condition=Q(merged_into__isnull=False)),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="facts_version",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=_any_fact_changed,
                func="NEW.facts_version = OLD.facts_version + 1; RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="facts_version_never_goes_back",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__facts_version__lt=pgtrigger.F("old__facts_version")),
                func="RAISE EXCEPTION 'facts_version never goes back';",
            ),
            pgtrigger.Trigger(
                name="merged_file_is_empty",
                when=pgtrigger.After,
                operation=pgtrigger.Insert | pgtrigger.Update,
                timing=pgtrigger.Deferred,
                condition=pgtrigger.Q(new__merged_into__isnull=False),
                func=_MERGED_IS_EMPTY,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.orias_number} {self.name}"
