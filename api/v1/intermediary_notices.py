"""GET intermediaries/{orias_number}/notices/ : what was sent to an intermediary, or not, and why."""

from __future__ import annotations

from typing import Any

from django.db.models import Min, Q
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.fields import CodeField, LabelField, LabelsField
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode
from api.schema import CALLERS, answers
from api.scopes import Scope
from api.views import FileView
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverState
from reminders.models import BatchKind, Notice
from reminders.rules.bounces import RETURNED_KINDS
from reminders.rules.eligibility import SkipReason
from reminders.rules.recalls import RecallClass
from reminders.rules.states import NoticeState


class NoticeItemSerializer(serializers.Serializer[dict[str, Any]]):
    """One item that the mail lists, as it stood when the notice was planned."""

    kind = CodeField(CoverKind)
    kind_label = LabelField(CoverKind, source="kind")
    categories = serializers.ListField(child=serializers.CharField())
    categories_labels = LabelsField(Category, source="categories")
    state = serializers.CharField()
    state_label = LabelField(CoverState, source="state")
    term = serializers.DateField()
    due_on = serializers.DateField()
    wave = serializers.CharField(allow_null=True, default=None, help_text="Vague\u00a0; absente\u00a0: rappel joint.")


class NoticeSerializer(serializers.Serializer[Notice]):
    """One notice of the ledger."""

    key = serializers.CharField(help_text="Identité (X-Reminder-Key).")
    kind = CodeField(BatchKind, source="batch.kind")
    kind_label = LabelField(BatchKind, source="batch.kind")
    corrects = serializers.CharField(
        source="corrects.key",
        allow_null=True,
        default=None,
        help_text="Identité du message que ce rectificatif corrige.",
    )
    recall_class = CodeField(RecallClass, allow_blank=True, help_text="Ce que dit un rectificatif\u00a0; vide sinon.")
    recall_class_label = LabelField(RecallClass, source="recall_class")
    state = CodeField(NoticeState)
    state_label = LabelField(NoticeState, source="state")
    batch = serializers.IntegerField(source="batch_id")
    planned_for = serializers.DateField(source="batch.as_of", help_text="Jour pour lequel le lot fut préparé.")
    email = serializers.CharField()
    items = NoticeItemSerializer(many=True)
    reason = serializers.CharField(help_text="Motif d’écart\u00a0; vide s’il n’y en a pas.")
    reason_label = LabelField(SkipReason, source="reason")
    attempts = serializers.IntegerField()
    settled_at = serializers.DateTimeField(allow_null=True)
    returned_at = serializers.DateTimeField(
        allow_null=True, help_text="Le message, accepté, est revenu\u00a0: l’adresse est à corriger."
    )


class NoticePageSerializer(serializers.Serializer[Any]):
    """A page of notices."""

    results = NoticeSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class IntermediaryNoticesView(FileView):
    """The notices of one file."""

    visible = Need("reminders.view_notice", Scope.STAFF_READ, Scope.FILE_READ)

    @extend_schema(
        operation_id="intermediary_notices",
        summary="Relances d’un intermédiaire",
        description="La plus récente d’abord.",
        parameters=[PageQuery],
        responses=answers(NoticePageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer one page, the latest first."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        returned = Min("bounces__reported_at", filter=Q(bounces__kind__in=[kind.value for kind in RETURNED_KINDS]))
        mine = Notice.objects.filter(intermediary=self.whose.pk).select_related("batch", "corrects")
        rows = mine.annotate(returned_at=returned)
        page = page_of(request, rows, asked.validated_data, "-id")
        return Response(NoticePageSerializer(page).data)
