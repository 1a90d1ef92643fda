"""GET intermediaries/{orias_number}/state/ : where a file stands, and why."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import find_visible
from api.bodies import FIELDS, chosen
from api.fields import CodeField, CodeSerializer, LabelField, WrittenDayField
from api.moments import MomentField, instant_of, read_query
from api.problems import ProblemCode
from api.schema import CALLERS, answers
from api.views import FileView
from registry import clock
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import Intermediary
from registry.past import load_files_at, load_reference_at
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import FileFacts, Reference
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
    category_label = LabelField(Category, source="finding.category")
    kind = CodeField(CoverKind, source="finding.kind")
    kind_label = LabelField(CoverKind, source="finding.kind")
    due_on = serializers.DateField(allow_null=True)


class FileStateSerializer(serializers.Serializer[Any]):
    """The state of a file on a day."""

    orias_number = serializers.CharField()
    as_of = serializers.DateField(help_text="Jour jugé.")
    known_at = serializers.DateTimeField(allow_null=True, help_text="Instant su\u00a0; vide\u00a0: maintenant.")
    state = CodeField(FileStatus)
    state_label = LabelField(FileStatus, source="state")
    complete = serializers.BooleanField(help_text="Rien n’est demandé et rien n’attend notre contrôle.")
    facts_version = serializers.IntegerField(
        allow_null=True, help_text="Version des faits du dossier\u00a0; absente d’un état passé."
    )
    missing = MissingSerializer(many=True)
    findings = FindingSerializer(many=True)


class StateQuery(serializers.Serializer[Any]):
    """The day to judge for, and what is to be known."""

    as_of = MomentField(
        required=False,
        help_text="Un jour (AAAA-MM-JJ)\u00a0: celui auquel juger les faits présents. Un instant avec son "
        "décalage\u00a0: ce que le registre savait alors, jugé pour son jour. Absent\u00a0: aujourd’hui.",
    )
    on = WrittenDayField(
        required=False,
        help_text="Jour jugé, à venir compris\u00a0; alors as_of, même un jour, dit ce qui est su.",
    )


class IntermediaryStateView(FileView):
    """The state of one file."""

    def find(self, orias_number: str) -> Intermediary | None:
        """With the version of the common facts, which saves a query."""
        return find_visible(self.rights, self.reach, self.day, orias_number)

    @extend_schema(
        operation_id="intermediary_state",
        summary="État d’un dossier",
        description="Jugé par les règles sur les faits présents, ou sur ceux qui étaient sus à un instant passé.",
        parameters=[StateQuery, FIELDS],
        responses=answers(FileStateSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Judge the source facts by the rules, now."""
        at, day = self._times(read_query(StateQuery, request))
        facts, reference = self._known(at)
        state = assess_file(facts, reference, day)
        document = {
            "orias_number": facts.orias_number,
            "as_of": state.as_of,
            "known_at": at,
            "state": state.status,
            "complete": state.is_complete,
            "facts_version": facts.facts_version if at is None else None,
            "missing": state.missing,
            "findings": state.findings,
        }
        return Response(chosen(request, _SHAPE.to_representation(document)))

    def _times(self, asked: dict[str, Any]) -> tuple[datetime | None, date]:
        """What is to be known (None: now), and the day judged: a day alone has always been the day judged."""
        as_of, on = asked.get("as_of"), asked.get("on")
        if on is None and not isinstance(as_of, datetime):
            return None, as_of or self.day
        at = instant_of(as_of)
        return at, on or clock.local_day(at or self.now)

    def _known(self, at: datetime | None) -> tuple[FileFacts, Reference]:
        """The facts of now, or of then. Raises NotFound where the register did not hold the file then."""
        if at is None:
            reference = reference_of(self.whose.reference_version)  # type: ignore[attr-defined]
            return load_papers(self.whose), reference
        facts = load_files_at([self.whose.pk], at).get(self.whose.pk)
        if facts is None:
            raise NotFound
        return facts, load_reference_at(at)


_SHAPE = FileStateSerializer()
"""Kept: its fields are made once and not for each answer, which takes longer than the rules."""
