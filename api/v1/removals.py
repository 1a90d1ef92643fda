"""removals/ : removal cases, from the opening to the publication, by the same functions as the commands."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, FlagField, LabelField, NumberField, OneOfField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, label_of, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.documents import HIDING
from api.views import CallerView
from registry.actions.cases import open_case
from registry.models import Intermediary, Letter, Registration, RemovalCase
from registry.models.registration import DecisionKind
from registry.removals import plain_case
from registry.rules.categories import Category
from registry.rules.labels import LabelledEnum
from registry.rules.letters import LetterKind
from registry.rules.removals import (
    LIVE_CASE_STATES,
    Block,
    CaseState,
    Ground,
    Standing,
    StepDecision,
    block_in_words,
)

SEES = Need("registry.view_removalcase", Scope.STAFF_READ)
OPENS = Need("registry.change_registration", Scope.STAFF_REGISTER)
SIGNS = Need("registry.sign_removal", Scope.STAFF_REGISTER)
LONGEST_REASON = 500
YEARS = (2000, 2199)


class CaseSerializer(serializers.Serializer[Any]):
    """A case: where it stands today, what comes next, from when, and what is in the way."""

    case = serializers.IntegerField()
    orias_number = serializers.CharField()
    category = CodeField(Category, allow_null=True, help_text="null\u00a0: toutes les inscriptions (radiation).")
    category_label = serializers.CharField(allow_null=True)
    kind = CodeField(DecisionKind)
    kind_label = serializers.CharField()
    ground = CodeField(Ground)
    ground_label = serializers.CharField()
    state = CodeField(CaseState)
    state_label = serializers.CharField()
    since_on = serializers.DateField()
    standing = CodeField(
        Standing,
        allow_null=True,
        help_text="Le motif, relu aujourd’hui\u00a0; vide\u00a0: affaire close.",
    )
    standing_label = serializers.CharField(allow_null=True)
    next = CodeField(CaseState, allow_null=True, help_text="Étape suivante\u00a0; null\u00a0: aucune.")
    next_label = serializers.CharField(allow_null=True)
    not_before = serializers.DateField(allow_null=True, help_text="Premier jour de l’étape suivante.")
    block = CodeField(Block, allow_null=True, help_text="Ce qui l’empêche aujourd’hui\u00a0; null\u00a0: rien.")
    block_label = serializers.CharField(allow_null=True, help_text="En clair, avec le jour en toutes lettres.")
    late_since = serializers.DateField(allow_null=True, help_text="Notre propre délai de notification dépassé.")
    proved_on = serializers.DictField(child=serializers.DateField(), help_text="Par étape, le jour prouvé de l’envoi.")
    letters = serializers.ListField(child=serializers.CharField(), help_text="Numéros des lettres.")
    note = serializers.CharField(help_text="Motif du dernier acte.")


class CasePageSerializer(serializers.Serializer[Any]):
    """A page of cases."""

    results = CaseSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class CasesQuery(PageQuery):
    """Which cases."""

    orias_number = NumberField(required=False, help_text="D’un intermédiaire, affaires terminées comprises.")
    ended = FlagField(default=False, help_text="Celles qui sont terminées, au lieu de celles en cours.")


class OpenCaseSerializer(Body):
    """Whom, and on which ground."""

    orias_number = NumberField()
    category = OneOfField(
        choices=Category.choices(), allow_null=True, help_text="null\u00a0: la personne, avec toutes ses inscriptions."
    )
    ground = OneOfField(choices=Ground.choices())
    year = serializers.IntegerField(
        min_value=YEARS[0], max_value=YEARS[1], required=False, allow_null=True, help_text="De quelle campagne."
    )
    reason = serializers.CharField(
        max_length=LONGEST_REASON, help_text="L’exposé des faits, tel que les lettres le diront."
    )


def case_told(case: RemovalCase, day: date) -> dict[str, Any]:
    """A case as the commands tell it, with labels in the language of the request."""
    told = plain_case(case, day)
    words = block_in_words(StepDecision(told["block"], told["not_before"]))
    labels = {f"{name}_label": _label(codes, told[name]) for name, codes in _CODES.items()}
    told |= labels | {"block_label": said(*words) if words else None}
    return {name: told[name] for name in CaseSerializer().get_fields()}


_CODES: dict[str, type[LabelledEnum]] = {
    "category": Category,
    "kind": DecisionKind,
    "ground": Ground,
    "state": CaseState,
    "standing": Standing,
    "next": CaseState,
}


def _label(codes: type[LabelledEnum], code: str | None) -> str | None:
    return label_of(codes(code)) if code else None


class RemovalsView(CallerView):
    """The worklist."""

    visible = SEES
    needs: ClassVar = {"POST": OPENS}

    @extend_schema(
        operation_id="removals",
        summary="Affaires de suppression",
        description="Personnel du registre. La dernière ouverte d’abord\u00a0; chacune est relue dans son dossier.",
        parameters=[CasesQuery],
        responses=answers(CasePageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = CasesQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        query, live = asked.validated_data, [state.value for state in LIVE_CASE_STATES]
        rows = RemovalCase.objects.select_related("intermediary", "registration")
        if number := query.get("orias_number"):
            rows = rows.filter(intermediary__orias_number=number)
        else:
            rows = rows.exclude(state__in=live) if query["ended"] else rows.filter(state__in=live)
        page = page_of(request, rows, query, "-id")
        return Response({"results": [case_told(case, self.day) for case in page.results], "next": page.next})

    @extend_schema(
        operation_id="removal_open",
        summary="Ouvrir une affaire",
        description="Rien n’est encore adressé à personne. Refusé si le motif ne tient pas aujourd’hui.",
        parameters=[IDEMPOTENCY_KEY],
        request=OpenCaseSerializer,
        responses=answers(CaseSerializer, ProblemCode.REGISTER_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Open it."""
        asked = OpenCaseSerializer.read(request)
        person = _person(asked["orias_number"])
        case = open_case(
            by=self.by,
            now=self.now,
            intermediary=person,
            registration=_registration(person, asked["category"]) if asked["category"] else None,
            ground=Ground(asked["ground"]),
            reason=asked["reason"],
            year=asked.get("year"),
        )
        return Response(case_told(case, self.day), status=201)


def _person(number: str) -> Intermediary:
    """Raises ValidationError for a number that the register does not hold."""
    found = Intermediary.objects.filter(orias_number=number).first()
    if found is None:
        message = said("Ce numéro n’est pas au registre.", "This number is not on the register.")
        raise serializers.ValidationError({"orias_number": [message]}, code="intermediary_unknown")
    return found


def _registration(person: Intermediary, category: str) -> Registration:
    """Raises ValidationError where it never was registered for that."""
    found = Registration.objects.filter(intermediary=person, category=category).first()
    if found is None:
        message = said("Jamais inscrit dans cette catégorie.", "Never registered in this category.")
        raise serializers.ValidationError({"category": [message]}, code="not_registered")
    return found


class OneCaseView(CallerView):
    """A view of one case."""

    visible = SEES
    case: RemovalCase

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        rows = RemovalCase.objects.select_related("intermediary", "registration")
        found = rows.filter(pk=kwargs["case_id"]).first()
        if found is None:
            raise NotFound
        self.case = found

    def shown(self) -> Response:
        """The case as it is now."""
        self.case.refresh_from_db()
        return Response(case_told(self.case, self.day))


class RemovalView(OneCaseView):
    """One case."""

    @extend_schema(operation_id="removal", summary="Une affaire", responses=answers(CaseSerializer, *CALLERS))
    def get(self, request: Request, case_id: int) -> Response:
        """Answer it."""
        return self.shown()


class LetterSerializer(serializers.Serializer[Letter]):
    """A letter on paper."""

    number = serializers.CharField()
    kind = CodeField(LetterKind)
    kind_label = LabelField(LetterKind, source="kind")
    dated_on = serializers.DateField()
    addressee = serializers.CharField()
    subject = serializers.CharField()
    verify_code = serializers.CharField()
    sha256 = serializers.CharField()


class OneLetterView(OneCaseView):
    """A view of one letter of a case."""

    letter: Letter

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it among those of the case."""
        super().initial(request, *args, **kwargs)
        found = Letter.objects.filter(case=self.case.pk, number=kwargs["letter_number"]).first()
        if found is None:
            raise NotFound
        self.letter = found


class RemovalLetterView(OneLetterView):
    """One letter."""

    @extend_schema(
        operation_id="removal_letter", summary="Une lettre d’affaire", responses=answers(LetterSerializer, *CALLERS)
    )
    def get(self, request: Request, case_id: int, letter_number: str) -> Response:
        """Answer what it is."""
        return Response(LetterSerializer(self.letter).data)


class RemovalLetterPdfView(OneLetterView):
    """The PDF."""

    @extend_schema(
        operation_id="removal_letter_pdf",
        summary="Le PDF d’une lettre",
        description="À l’octet près tel qu’il a été émis.",
        responses=answers(OpenApiResponse(OpenApiTypes.BINARY), *CALLERS, media="application/pdf"),
    )
    def get(self, request: Request, case_id: int, letter_number: str) -> HttpResponse:
        """Answer the bytes."""
        headers = HIDING | {"Content-Disposition": f'attachment; filename="{self.letter.number}.pdf"'}
        return HttpResponse(bytes(self.letter.pdf), content_type="application/pdf", headers=headers)
