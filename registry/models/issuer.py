"""Insurers and guarantors: who they are, what they pushed, and the files they handed in."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.cover import Cover
from registry.models.intermediary import Intermediary
from registry.models.triggers import kept, stays_as_it_was, tracked
from registry.rules.categories import CoverKind
from registry.rules.issuers import CODE_PATTERN
from registry.rules.labels import LabelledEnum


@tracked("IssuerHistory")
class Issuer(models.Model):
    """An insurer or guarantor. `code` is how files and commands name it, and never changes."""

    code = models.CharField("code", max_length=30, unique=True)
    name = models.CharField("dénomination", max_length=120)

    class Meta:
        verbose_name = "assureur ou garant"
        verbose_name_plural = "assureurs et garants"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="issuer_code_is_plain",
                condition=Q(code__regex=CODE_PATTERN),
                violation_error_message="Un code s’écrit en capitales, chiffres et tirets.",
            ),
            models.CheckConstraint(name="issuer_has_a_name", condition=~Q(name="")),
        ]
        triggers: ClassVar = [
            stays_as_it_was("issuer_keeps_its_code", ["code"]),
            pgtrigger.Protect(name="issuer_is_kept", operation=pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


@tracked("IssuerNameHistory")
class IssuerName(models.Model):
    """A spelling under which certificates name an issuer; `key` is what is compared, and means one issuer only."""

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="names")
    name = models.CharField("nom", max_length=120)
    key = models.CharField("nom comparé", max_length=240, unique=True)

    class Meta:
        verbose_name = "nom d’assureur ou de garant"
        verbose_name_plural = "noms d’assureurs et de garants"
        constraints: ClassVar = [models.CheckConstraint(name="issuername_is_not_empty", condition=~Q(key=""))]

    def __str__(self) -> str:
        return self.name


class IssuedCover(models.Model):
    """That a certificate was pushed by its issuer: once for each policy and first day, whoever pushes at once."""

    cover = models.OneToOneField(Cover, models.PROTECT, primary_key=True, related_name="issued")
    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="issued_covers")
    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="+")
    kind = models.CharField("nature", max_length=19, choices=CoverKind.choices())
    policy_key = models.CharField("numéro comparé", max_length=120)
    starts_on = models.DateField("premier jour")

    class Meta:
        verbose_name = "attestation transmise par son émetteur"
        verbose_name_plural = "attestations transmises par leur émetteur"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="issuedcover_once", fields=["intermediary", "issuer", "kind", "policy_key", "starts_on"]
            ),
        ]
        triggers: ClassVar = [
            kept("issuedcover_stays", pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="issuedcover_is_of_its_cover",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM registry_cover c
                        WHERE c.id = NEW.cover_id AND c.channel = 'ISSUER' AND c.kind = NEW.kind
                          AND c.intermediary_id = NEW.intermediary_id AND c.starts_on = NEW.starts_on
                    ) THEN
                        RAISE EXCEPTION 'certificate % is not what its issuer is said to have pushed', NEW.cover_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'issuedcover_is_of_its_cover';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.issuer_id} {self.policy_key} {self.starts_on}"


class FileContent(LabelledEnum):
    """What an issuer's file holds."""

    COVERS = "COVERS", "Attestations", "Certificates"
    EVENTS = "EVENTS", "Avis", "Notices"
    ENQUIRY = "ENQUIRY", "Réponses à l’enquête de janvier", "Answers to the January enquiry"


class IssuerFile(models.Model):
    """A file of an issuer that is or was being applied, lot by lot: one that stopped half-way goes on where it was.

    `sha256` is of the file's bytes, `rows_per_lot` how it was cut, `counts` the fates when it was finished.
    """

    issuer = models.ForeignKey(Issuer, models.PROTECT, related_name="files")
    content = models.CharField("contenu", max_length=7, choices=FileContent.choices())
    file_name = models.CharField("fichier", max_length=255)
    sha256 = models.CharField("empreinte", max_length=64)
    rows_per_lot = models.PositiveIntegerField("lignes par lot")
    begun_at = models.DateTimeField("commencé le")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="par")
    finished_at = models.DateTimeField("terminé le", null=True, blank=True)
    counts = models.JSONField("décompte", default=dict)

    class Meta:
        verbose_name = "fichier d’assureur ou de garant"
        verbose_name_plural = "fichiers d’assureurs et de garants"
        constraints: ClassVar = [
            models.UniqueConstraint(
                name="issuerfile_runs_once",
                fields=["issuer", "content", "sha256"],
                condition=Q(finished_at__isnull=True),
            ),
            models.CheckConstraint(
                name="issuerfile_ends_after_it_began",
                condition=Q(finished_at__isnull=True) | Q(finished_at__gte=F("begun_at")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_name} ({self.begun_at:%Y-%m-%d})"


class IssuerLot(models.Model):
    """A lot of an issuer's file that was applied, and the fate of each of its rows: written in the same transaction."""

    file = models.ForeignKey(IssuerFile, models.PROTECT, related_name="lots")
    number = models.PositiveIntegerField("numéro")
    fates = models.JSONField("sort de chaque ligne")

    class Meta:
        verbose_name = "lot appliqué"
        verbose_name_plural = "lots appliqués"
        constraints: ClassVar = [models.UniqueConstraint(name="issuerlot_once", fields=["file", "number"])]
        triggers: ClassVar = [
            pgtrigger.Protect(name="issuerlot_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="issuerlot_stays",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                func="""
                    IF (OLD.id, OLD.file_id, OLD.number) IS DISTINCT FROM (NEW.id, NEW.file_id, NEW.number)
                       OR jsonb_array_length(OLD.fates) <> jsonb_array_length(NEW.fates)
                       OR EXISTS (
                        SELECT FROM jsonb_array_elements(OLD.fates) WITH ORDINALITY o (fate, place)
                        JOIN jsonb_array_elements(NEW.fates) WITH ORDINALITY n (fate, place) USING (place)
                        LEFT JOIN registry_intermediary i ON i.orias_number = o.fate ->> 'orias_number'
                        WHERE o.fate <> n.fate AND register_purging(i.id) IS NOT TRUE
                    ) THEN
                        RAISE EXCEPTION 'the fates of a lot stay, but for those of a file that is being destroyed';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.file_id}/{self.number}"
