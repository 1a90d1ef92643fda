"""Files destroyed five years after the removal (CA R512-3 VII, CMF R546-1 IV), the holds that keep them, the proof."""

from __future__ import annotations

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.imports import CURRENT_TRANSACTION
from registry.models.intermediary import Intermediary
from registry.models.triggers import kept, stays_as_it_was, tracked


@tracked("LegalHoldHistory")
class LegalHold(models.Model):
    """A file that is kept whatever its age, for a court, an authority or a complaint, until the hold is lifted."""

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="legal_holds")
    reason = models.CharField("motif", max_length=500)
    placed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="posée par")
    placed_at = models.DateTimeField("posée le")
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="levée par"
    )
    lifted_at = models.DateTimeField("levée le", null=True, blank=True)

    class Meta:
        verbose_name = "conservation imposée"
        verbose_name_plural = "conservations imposées"
        constraints: ClassVar = [
            models.CheckConstraint(name="legalhold_says_why", condition=~Q(reason="")),
            models.CheckConstraint(
                name="legalhold_lifting_is_paired",
                condition=Q(lifted_by__isnull=True, lifted_at__isnull=True)
                | Q(lifted_by__isnull=False, lifted_at__isnull=False),
            ),
            models.UniqueConstraint(
                name="legalhold_one_at_a_time", fields=["intermediary"], condition=Q(lifted_at__isnull=True)
            ),
        ]
        triggers: ClassVar = [
            kept("legalhold_is_kept"),
            stays_as_it_was("legalhold_is_frozen", ["intermediary_id", "reason", "placed_by_id", "placed_at"]),
        ]

    def __str__(self) -> str:
        return f"Conservation {self.pk}"


class PurgeCertificate(models.Model):
    """Certificat de destruction: what was destroyed, in counts, by whom, on which list. It names no intermediary.

    While it is open (no PDF yet), and in the transaction that wrote it alone, the files it names may be destroyed.
    """

    number = models.CharField("numéro", max_length=20, unique=True)
    as_of = models.DateField("au")
    list_hash = models.CharField("empreinte de la liste", max_length=64)
    files = models.PositiveIntegerField("dossiers")
    counts = models.JSONField("lignes détruites ou rendues anonymes", default=dict)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="demandé par")
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name="approuvé par"
    )
    executed_at = models.DateTimeField("exécuté le")
    written_in = models.CharField("transaction", max_length=20, db_default=CURRENT_TRANSACTION, editable=False)
    pdf = models.BinaryField("PDF", default=b"")
    sha256 = models.CharField("empreinte", max_length=64, blank=True)

    class Meta:
        verbose_name = "certificat de destruction"
        verbose_name_plural = "certificats de destruction"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="purgecertificate_has_two_people",
                condition=~Q(asked_by=F("approved_by")),
                violation_error_message="Une destruction est approuvée par une seconde personne.",
            ),
            models.CheckConstraint(
                name="purgecertificate_has_its_list", condition=Q(list_hash__regex=r"^[0-9a-f]{64}$", files__gte=1)
            ),
        ]
        triggers: ClassVar = [
            pgtrigger.Protect(name="purgecertificate_is_kept", operation=pgtrigger.Delete),
            pgtrigger.Trigger(
                name="purgecertificate_is_closed_once",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "OLD.sha256 <> '' OR (OLD.number, OLD.as_of, OLD.list_hash, OLD.files, OLD.asked_by_id,"
                    " OLD.approved_by_id, OLD.executed_at, OLD.written_in) IS DISTINCT FROM (NEW.number, NEW.as_of,"
                    " NEW.list_hash, NEW.files, NEW.asked_by_id, NEW.approved_by_id, NEW.executed_at, NEW.written_in)"
                ),
                func="RAISE EXCEPTION 'certificate % is closed and stays as it is', OLD.number;",
            ),
            pgtrigger.Trigger(
                name="purgecertificate_is_closed_at_the_end",
                when=pgtrigger.After,
                operation=pgtrigger.Insert,
                timing=pgtrigger.Deferred,
                func="""
                    IF EXISTS (
                        SELECT FROM registry_purgecertificate c WHERE c.id = NEW.id AND (c.sha256 = '' OR c.files <> (
                            SELECT count(*) FROM registry_purgedfile f WHERE f.certificate_id = c.id))
                    ) THEN
                        RAISE EXCEPTION 'certificate % does not account for its files', NEW.number
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'purgecertificate_is_closed_at_the_end';
                    END IF;
                    RETURN NULL;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.number


class PurgedFile(models.Model):
    """A file that was destroyed: its number stays, so that it is never given again, and nothing else of it."""

    intermediary = models.OneToOneField(Intermediary, models.PROTECT, primary_key=True, related_name="purged")
    certificate = models.ForeignKey(PurgeCertificate, models.PROTECT, related_name="purged", verbose_name="certificat")

    class Meta:
        verbose_name = "dossier détruit"
        verbose_name_plural = "dossiers détruits"
        triggers: ClassVar = [
            pgtrigger.Protect(name="purgedfile_is_kept", operation=pgtrigger.Delete | pgtrigger.Update),
            pgtrigger.Trigger(
                name="purgedfile_may_be_destroyed",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="""
                    IF NOT EXISTS (
                        SELECT FROM registry_purgecertificate c
                        JOIN registry_purgeable p ON p.intermediary_id = NEW.intermediary_id
                        WHERE c.id = NEW.certificate_id AND c.written_in = pg_current_xact_id()::text AND c.sha256 = ''
                          AND p.purge_from <= c.as_of
                    ) THEN
                        RAISE EXCEPTION 'file % may not be destroyed', NEW.intermediary_id
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'purgedfile_may_be_destroyed';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return str(self.intermediary_id)
