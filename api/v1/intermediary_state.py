"""GET intermediaries/{orias_number}/state/ : where a file stands, and why."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet, Subquery
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import CodeField, CodeSerializer, LabelField
from api.problems import ProblemCode
from api.schema import CALLERS, answers
from api.views import FileView
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import Intermediary, ReferenceVersion
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.file_state import FileStatus, MissingItem, assess_file


class FindingSerializer(serializers.Serializer[CoverFinding]):
    """One kind of cover of one registration."""

    category = CodeField(Category)
    category_label = LabelField(Category, source="category")
    kind = CodeField(CoverKind)
    kind_label = LabelField(CoverKind, source="kind")
    state = CodeField(CoverState)
    state_label = LabelField(CoverState, source="state")
    covered_until = serializers.DateField(allow_null=True, help_text="Dernier jour couvert.")
    term = serializers.DateField(allow_null=True, help_text="Dernier jour de la couverture à renouveler.")
    due_on = serializers.DateField(allow_null=True, help_text="Dernier jour pour déposer.")
    first_validity = serializers.BooleanField(help_text="Première inscription\u00a0: campagne non concernée.")
    reasons = CodeSerializer(many=True)
    legal_text = serializers.CharField(help_text="Texte qui l’exige.")


class MissingSerializer(serializers.Serializer[MissingItem]):
    """One thing still to be done."""

    category = CodeField(Category, source="finding.category")
    kind = CodeField(CoverKind, source="finding.kind")
    kind_label = LabelField(CoverKind, source="finding.kind")
    due_on = serializers.DateField(allow_null=True)


class FileStateSerializer(serializers.Serializer[Any]):
    """The state of a file on a day."""

    orias_number = serializers.CharField()
    as_of = serializers.DateField()
    state = CodeField(FileStatus)
    state_label = LabelField(FileStatus, source="state")
    complete = serializers.BooleanField(help_text="Rien n’est demandé et rien n’attend notre contrôle.")
    facts_version = serializers.IntegerField(help_text="Version des faits du dossier.")
    missing = MissingSerializer(many=True)
    findings = FindingSerializer(many=True)


class StateQuery(serializers.Serializer[Any]):
    """The day to judge for."""

    as_of = serializers.DateField(
        required=False,
        help_text="Jour (AAAA-MM-JJ) auquel juger les faits présents\u00a0; absent\u00a0: aujourd’hui.",
    )


class IntermediaryStateView(FileView):
    """The state of one file."""

    def files(self) -> QuerySet[Intermediary]:
        """With the version of the common facts: one query less."""
        version = ReferenceVersion.objects.filter(id=1).values("version")
        return super().files().annotate(reference_version=Subquery(version))

    @extend_schema(
        operation_id="intermediary_state",
        summary="État d’un dossier",
        parameters=[StateQuery],
        responses=answers(FileStateSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Judge the source facts by the rules, now."""
        asked = StateQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        facts = load_papers(self.whose)
        day = asked.validated_data.get("as_of") or self.day
        reference = reference_of(self.whose.reference_version)  # type: ignore[attr-defined]
        state = assess_file(facts, reference, day)
        document = {
            "orias_number": facts.orias_number,
            "as_of": state.as_of,
            "state": state.status,
            "complete": state.is_complete,
            "facts_version": facts.facts_version,
            "missing": state.missing,
            "findings": state.findings,
        }
        return Response(FileStateSerializer(document).data)
