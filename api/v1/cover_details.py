"""A certificate as the API tells it: what was filed, and with one alone what its review has found and asked."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import CodeField, LabelField, LabelsField
from api.problems import said
from api.v1.findings import PaperFindingSerializer, plain_findings
from registry.models import CorrectionRequest, Cover, CoverPaper, CoverReview
from registry.models.cover import Channel
from registry.reviews import clocks_of, findings_of
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import UNDER_REVIEW, CoverStatus
from registry.rules.reviews import REASON_TEXTS, ReviewClock, ReviewReason


class CoverSerializer(serializers.Serializer[Cover]):
    """One certificate."""

    id = serializers.IntegerField()
    kind = CodeField(CoverKind)
    kind_label = LabelField(CoverKind, source="kind")
    categories = serializers.ListField(child=CodeField(Category))
    categories_labels = LabelsField(Category, source="categories")
    issuer = serializers.CharField()
    policy = serializers.CharField()
    starts_on = serializers.DateField()
    ends_on = serializers.DateField(help_text="Dernier jour couvert.")
    amount_cents = serializers.IntegerField(allow_null=True, help_text="Par sinistre, ou garanti.")
    annual_cents = serializers.IntegerField(allow_null=True, help_text="Par an.")
    status = CodeField(CoverStatus)
    status_label = LabelField(CoverStatus, source="status")
    channel = CodeField(Channel)
    channel_label = LabelField(Channel, source="channel")
    deposited_on = serializers.DateField(help_text="Le jour qui compte, si tard que soit le contrôle.")


class ReasonedSerializer(serializers.Serializer[Any]):
    """Why a certificate is refused or sent back, and what to do."""

    code = CodeField(ReviewReason)
    label = serializers.CharField()  # type: ignore[assignment]
    detail = serializers.CharField(help_text="Ce qui ne va pas et ce qu’il faut faire.")
    note = serializers.CharField(help_text="Précision de notre service\u00a0; souvent vide.")
    on = serializers.DateField(help_text="Jour du refus ou de la demande.")


class ClockSerializer(serializers.Serializer[Any]):
    """The two months within which we decide."""

    due_on = serializers.DateField(help_text="Suspendu\u00a0: ce qu’il serait si la correction arrivait aujourd’hui.")
    days_left = serializers.IntegerField()
    paused_since = serializers.DateField(allow_null=True, help_text="Jour de notre demande de correction.")
    is_late = serializers.BooleanField()
    detail = serializers.CharField(help_text="En clair.")


class CoverDetailSerializer(CoverSerializer):
    """One certificate and its review."""

    documents = serializers.ListField(child=serializers.IntegerField(), help_text="Le dernier est celui contrôlé.")
    findings = PaperFindingSerializer(many=True)
    refusal = ReasonedSerializer(allow_null=True)
    correction = ReasonedSerializer(allow_null=True, help_text="Ce qui est demandé, tant qu’on l’attend.")
    clock = ClockSerializer(allow_null=True, help_text="Tant que l’attestation est en instruction.")


def plain_cover(cover: Cover, day: Any) -> dict[str, Any]:
    """A certificate with its review, as of `day`."""
    under_review = cover.status in {status.value for status in UNDER_REVIEW}
    clock = clocks_of([(cover.pk, cover.deposited_on)], day)[cover.pk] if under_review else None
    documents = CoverPaper.objects.filter(cover=cover.pk).order_by("id").values_list("document_id", flat=True)
    return dict(CoverSerializer(cover).data) | {
        "documents": list(documents),
        "findings": plain_findings(findings_of([cover])[cover.pk]),
        "refusal": _refusal(cover),
        "correction": _correction(cover),
        "clock": plain_clock(clock) if clock else None,
    }


def plain_clock(clock: ReviewClock) -> dict[str, Any]:
    """Where the two months stand."""
    return {
        "due_on": clock.due_on.isoformat(),
        "days_left": clock.days_left,
        "paused_since": clock.paused_since.isoformat() if clock.paused_since else None,
        "is_late": clock.is_late,
        "detail": said(*clock.in_words),
    }


def _refusal(cover: Cover) -> dict[str, Any] | None:
    review = CoverReview.objects.filter(cover=cover.pk).first()
    if cover.status != CoverStatus.REFUSED or review is None or not review.reason:
        return None
    return _reasoned(review.reason, review.note, review.refused_on)


def _correction(cover: Cover) -> dict[str, Any] | None:
    asked = CorrectionRequest.objects.filter(cover=cover.pk, ended_on=None).first()
    return _reasoned(asked.reason, asked.note, asked.asked_on) if asked else None


def _reasoned(code: str, note: str, on: Any) -> dict[str, Any]:
    reason = ReviewReason(code)
    return {
        "code": code,
        "label": said(reason.label, reason.label_en),
        "detail": said(*REASON_TEXTS[reason]),
        "note": note,
        "on": on.isoformat(),
    }
