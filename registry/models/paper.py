"""Files as evidence, and the review of the certificates filed with them: who looks, what was asked back, why refused.

None of these is a fact that a rule of covers reads: what decides is the status of the certificate, whose change
raises `facts_version`. A scan that ends at night makes no file stale.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.db.models import F, Q

from registry.models.cover import Channel, Cover
from registry.models.intermediary import Intermediary
from registry.models.triggers import follows, is_one_of, stays_as_it_was, stays_out_of_merged, tracked
from registry.rules.documents import (
    DOCUMENT_TRANSITIONS,
    LONGEST_NAME,
    MOST_BYTES,
    USABLE,
    DocumentFault,
    DocumentState,
    DocumentType,
)
from registry.rules.reviews import ReviewReason

_SHA256 = "^[0-9a-f]{64}$"
_RECEIVED, _BROKEN, _INFECTED, _CLEAN = (
    s.value for s in (DocumentState.RECEIVED, DocumentState.BROKEN, DocumentState.INFECTED, DocumentState.CLEAN)
)
_EDGES = [(a.value, b.value) for a, after in DOCUMENT_TRANSITIONS.items() for b in sorted(after)]
_FOUND = ("kept_sha256", "kind", "pages", "width", "height", "text", "fault", "checked_at")
_OTHER = ReviewReason.OTHER.value


def _quoted(values: Iterable[str]) -> str:
    return ", ".join(f"'{value}'" for value in values)


@tracked("DocumentHistory", exclude=("text",))
class Document(models.Model):
    """One file of an intermediary. Its content is kept outside the database under `kept_sha256`; none of a broken one.

    `received_sha256` is of what was sent, `kept_sha256` of what is kept: an image is kept as it was written anew.
    `text` is what the first pages say, never decisive.
    """

    intermediary = models.ForeignKey(Intermediary, models.PROTECT, related_name="documents")
    name = models.CharField("nom", max_length=LONGEST_NAME)
    size = models.PositiveIntegerField("octets")
    received_sha256 = models.CharField("empreinte reçue", max_length=64)
    kept_sha256 = models.CharField("empreinte conservée", max_length=64, blank=True, db_default="")
    kind = models.CharField("type", max_length=4, choices=DocumentType.choices(), blank=True, db_default="")
    pages = models.PositiveSmallIntegerField("pages", null=True, blank=True)
    width = models.PositiveIntegerField("largeur (points)", null=True, blank=True)
    height = models.PositiveIntegerField("hauteur (points)", null=True, blank=True)
    text = models.TextField("texte", blank=True, db_default="")
    state = models.CharField("état", max_length=11, choices=DocumentState.choices())
    fault = models.CharField("défaut", max_length=15, choices=DocumentFault.choices(), blank=True, db_default="")
    signature = models.CharField("signature trouvée", max_length=120, blank=True, db_default="")
    channel = models.CharField("voie", max_length=6, choices=Channel.choices())
    received_at = models.DateTimeField("reçu le")
    received_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="reçu de"
    )
    checked_at = models.DateTimeField("contrôlé le", null=True, blank=True)
    scanned_at = models.DateTimeField("analysé le", null=True, blank=True)

    class Meta:
        verbose_name = "document"
        constraints: ClassVar = [
            is_one_of("document_state_is_known", "state", [s.value for s in DocumentState]),
            models.CheckConstraint(name="document_has_a_plain_name", condition=Q(name__regex=r"^[^[:cntrl:]]+$")),
            models.CheckConstraint(
                name="document_size_is_allowed",
                condition=Q(size__lte=MOST_BYTES) | Q(fault=DocumentFault.TOO_LARGE.value),
            ),
            models.CheckConstraint(name="document_has_its_digest", condition=Q(received_sha256__regex=_SHA256)),
            models.CheckConstraint(
                name="document_is_kept_unless_broken",
                condition=Q(state=_BROKEN, kept_sha256="") | ~Q(state=_BROKEN) & Q(kept_sha256__regex=_SHA256),
            ),
            models.CheckConstraint(
                name="document_broken_says_why",
                condition=Q(state=_BROKEN, fault__in=[f.value for f in DocumentFault])
                | ~Q(state=_BROKEN) & Q(fault=""),
            ),
            models.CheckConstraint(
                name="document_checked_has_its_facts",
                condition=Q(state=_RECEIVED, kind="", pages=None, checked_at=None)
                | Q(state=_BROKEN, kind="", pages=None, checked_at__isnull=False)
                | ~Q(state__in=[_RECEIVED, _BROKEN])
                & Q(kind__in=[k.value for k in DocumentType], pages__gte=1, checked_at__isnull=False),
            ),
            models.CheckConstraint(
                name="document_infected_names_what",
                condition=Q(state=_INFECTED) & ~Q(signature="") | ~Q(state=_INFECTED) & Q(signature=""),
            ),
            models.CheckConstraint(
                name="document_verdict_has_its_scan",
                condition=~Q(state__in=[_CLEAN, _INFECTED]) | Q(scanned_at__isnull=False),
            ),
        ]
        indexes: ClassVar = [
            # Worker: registry.intake.papers.scan_papers.
            models.Index(
                name="document_to_scan",
                fields=["id"],
                condition=Q(state__in=[_RECEIVED, DocumentState.SCANNING.value]),
            ),
            models.Index(name="document_kept", fields=["kept_sha256"], condition=~Q(kept_sha256="")),
        ]
        triggers: ClassVar = [
            follows("document_state_follows", "state", _EDGES),
            stays_as_it_was(
                "document_stays_what_came",
                ["name", "size", "received_sha256", "channel", "received_at", "received_by_id"],
            ),
            *stays_out_of_merged(),
            pgtrigger.Trigger(
                name="document_moves_with_a_merge",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("intermediary_id"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.AnyChange("intermediary_id"),
                func="""
                    IF NOT EXISTS (
                        SELECT FROM registry_intermediary i
                        WHERE i.id = OLD.intermediary_id AND i.merged_into_id = NEW.intermediary_id
                    ) AND NOT EXISTS (
                        SELECT FROM registry_intermediarymerge m
                        WHERE m.keep_id = OLD.intermediary_id AND m.drop_id = NEW.intermediary_id
                          AND m.undone_at IS NULL AND m.moved -> 'documents' @> to_jsonb(OLD.id)
                    ) THEN
                        RAISE EXCEPTION 'a document changes its file with a merge alone, and back with its undoing'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'document_moves_with_a_merge';
                    END IF;
                    RETURN NEW;
                """,
            ),
            pgtrigger.Trigger(
                name="document_found_once",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf(*_FOUND),  # type: ignore[no-untyped-call]
                condition=pgtrigger.AnyChange(*_FOUND),
                func=f"""
                    IF OLD.state <> '{_RECEIVED}' THEN
                        RAISE EXCEPTION 'what was found in a document stays';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.name}"


@tracked("CoverPaperHistory")
class CoverPaper(models.Model):
    """A file filed as the evidence of a certificate; the latest of a certificate is the one under review."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="papers", verbose_name="attestation")
    document = models.ForeignKey(Document, models.PROTECT, related_name="papers", verbose_name="document")
    attached_on = models.DateField("joint le")

    class Meta:
        verbose_name = "pièce"
        constraints: ClassVar = [
            models.UniqueConstraint(name="paper_once_per_cover", fields=["cover", "document"]),
        ]
        triggers: ClassVar = [
            pgtrigger.Trigger(
                name="paper_is_of_the_same_file",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                func=f"""
                    IF NOT EXISTS (
                        SELECT FROM registry_document d
                        JOIN registry_cover c ON c.intermediary_id = d.intermediary_id
                        WHERE c.id = NEW.cover_id AND d.id = NEW.document_id
                          AND d.state IN ({_quoted(sorted(USABLE))})
                    ) THEN
                        RAISE EXCEPTION 'a paper is a usable document of the same file'
                            USING ERRCODE = 'check_violation', CONSTRAINT = 'paper_is_of_the_same_file';
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cover_id} {self.document_id}"


@tracked("CorrectionRequestHistory")
class CorrectionRequest(models.Model):
    """What the intermediary was asked to put right; the two months stand still from `asked_on` until `ended_on`, the
    day on which the ball came back to us, by an answer or by our own decision."""

    cover = models.ForeignKey(Cover, models.PROTECT, related_name="corrections", verbose_name="attestation")
    reason = models.CharField("motif", max_length=19, choices=ReviewReason.choices())
    note = models.CharField("précision", max_length=300, blank=True)
    asked_on = models.DateField("demandée le")
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="demandée par"
    )
    ended_on = models.DateField("close le", null=True, blank=True)

    class Meta:
        verbose_name = "demande de correction"
        verbose_name_plural = "demandes de correction"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="correction_reason_is_known", condition=Q(reason__in=[r.value for r in ReviewReason])
            ),
            models.CheckConstraint(name="correction_other_says_what", condition=~Q(reason=_OTHER) | ~Q(note="")),
            models.CheckConstraint(
                name="correction_ends_after_it_began", condition=Q(ended_on=None) | Q(ended_on__gte=F("asked_on"))
            ),
            models.UniqueConstraint(name="correction_one_at_a_time", fields=["cover"], condition=Q(ended_on=None)),
        ]
        triggers: ClassVar = [
            stays_as_it_was("correction_stays", ["cover_id", "reason", "note", "asked_on", "asked_by_id"]),
            pgtrigger.Trigger(
                name="correction_ends_once",
                when=pgtrigger.Before,
                operation=pgtrigger.UpdateOf("ended_on"),  # type: ignore[no-untyped-call]
                condition=pgtrigger.Condition(
                    "OLD.ended_on IS NOT NULL AND NEW.ended_on IS DISTINCT FROM OLD.ended_on"
                ),
                func="RAISE EXCEPTION 'a correction request ends once';",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.cover_id} {self.reason}"


@tracked("CoverReviewHistory")
class CoverReview(models.Model):
    """Who looks at a certificate, and why it was refused, if it was."""

    cover = models.OneToOneField(Cover, models.PROTECT, related_name="review", verbose_name="attestation")
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", null=True, blank=True, verbose_name="confiée à"
    )
    assigned_on = models.DateField("confiée le", null=True, blank=True)
    reason = models.CharField(
        "motif de refus", max_length=19, choices=ReviewReason.choices(), blank=True, db_default=""
    )
    note = models.CharField("précision", max_length=300, blank=True, db_default="")
    refused_on = models.DateField("refusée le", null=True, blank=True)

    class Meta:
        verbose_name = "instruction"
        constraints: ClassVar = [
            models.CheckConstraint(
                name="review_assignment_is_whole",
                condition=Q(assigned_to=None, assigned_on=None)
                | Q(assigned_to__isnull=False, assigned_on__isnull=False),
            ),
            models.CheckConstraint(
                name="review_refusal_is_whole",
                condition=Q(reason="", note="", refused_on=None)
                | Q(reason__in=[r.value for r in ReviewReason], refused_on__isnull=False),
            ),
            models.CheckConstraint(name="review_other_says_what", condition=~Q(reason=_OTHER) | ~Q(note="")),
        ]
        indexes: ClassVar = [
            models.Index(name="review_of_somebody", fields=["assigned_to"], condition=Q(assigned_to__isnull=False)),
        ]

    def __str__(self) -> str:
        return str(self.cover_id)
