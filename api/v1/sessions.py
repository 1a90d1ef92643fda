"""sessions/ : sittings of the registration commission, entered by one person and signed by another."""

from __future__ import annotations

from typing import Any, ClassVar

from django.http import HttpResponse
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiResponse, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, DistinctListField, WrittenDayField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode, label_of, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.documents import HIDING
from api.v1.removals import OPENS, SIGNS
from api.views import CallerView
from registry.actions import RegisterError
from registry.actions.sessions import Votes, record_session, sign_session
from registry.models import CommissionSession
from registry.rules.commission import CHOICES, Outcome, choices_named
from registry.rules.removals import CaseState
from registry.sessions import plain_session

SEES = Need("registry.view_commissionsession", Scope.STAFF_READ)
MOST_CASES, MOST_MEMBERS, MOST_ID = 200, 100, 2**31 - 1


class ResolutionSerializer(serializers.Serializer[Any]):
    """One vote, counted."""

    case = serializers.IntegerField()
    outcome = CodeField(Outcome)
    outcome_label = serializers.CharField()
    sitting = serializers.IntegerField()
    abstained = serializers.IntegerField()
    against = serializers.IntegerField()
    conflict = serializers.IntegerField(help_text="Intérêt déclaré\u00a0: ne siège pas, ne compte pas pour le quorum.")
    state = CodeField(CaseState, help_text="L’état de l’affaire aujourd’hui.")
    state_label = serializers.CharField()

    def get_fields(self) -> dict[str, Any]:
        """And `for`, which is no name in Python."""
        return super().get_fields() | {"for": serializers.IntegerField()}


class SessionSerializer(serializers.Serializer[Any]):
    """A session, and what each of its votes comes to."""

    session = serializers.CharField(help_text="Son numéro.")
    held_on = serializers.DateField()
    seats = serializers.IntegerField(help_text="Membres en fonction ce jour-là.")
    digest = serializers.CharField(help_text="Empreinte des votes, à donner pour signer.")
    signed = serializers.BooleanField()
    minutes_sha256 = serializers.CharField(allow_null=True, help_text="Du procès-verbal, une fois signé.")
    cases = ResolutionSerializer(many=True)


class SessionPageSerializer(serializers.Serializer[Any]):
    """A page of sessions."""

    results = SessionSerializer(many=True)
    next = serializers.URLField(allow_null=True)


def _members() -> DistinctListField:
    return DistinctListField(
        child=serializers.CharField(max_length=30), max_length=MOST_MEMBERS, required=False, help_text="Codes."
    )


class BallotSerializer(Body):
    """The voices on one case."""

    case = serializers.IntegerField(min_value=1, max_value=MOST_ID)

    def get_fields(self) -> dict[str, Any]:
        """And a list of members for each choice."""
        return super().get_fields() | {name: _members() for name in CHOICES}


class RecordSessionSerializer(Body):
    """A day, and the voices."""

    held_on = WrittenDayField()
    cases = BallotSerializer(many=True, allow_empty=False, max_length=MOST_CASES)  # type: ignore[call-arg]


class SignSerializer(Body):
    """Exactly what is signed."""

    digest = serializers.CharField(max_length=64, help_text="L’empreinte des votes, entière.")


def session_told(session: CommissionSession) -> dict[str, Any]:
    """A session as the commands tell it, with labels in the language of the request."""
    told = plain_session(session)
    return told | {"cases": [case | _labels(case) for case in told["cases"]]}


def _labels(case: dict[str, Any]) -> dict[str, str]:
    outcome, state = Outcome(case["outcome"]), CaseState(case["state"])
    return {"outcome_label": label_of(outcome), "state_label": label_of(state)}


class SessionsView(CallerView):
    """All sessions."""

    visible = SEES
    needs: ClassVar = {"POST": OPENS}

    @extend_schema(
        operation_id="sessions",
        summary="Séances de la commission",
        description="Personnel du registre. La dernière saisie d’abord.",
        parameters=[PageQuery],
        responses=answers(SessionPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page = page_of(request, CommissionSession.objects.defer("minutes"), asked.validated_data, "-id")
        return Response({"results": [session_told(one) for one in page.results], "next": page.next})

    @extend_schema(
        operation_id="session_record",
        summary="Saisir une séance",
        description="Rien n’est décidé tant qu’une autre personne ne l’a pas signée.",
        parameters=[IDEMPOTENCY_KEY],
        request=RecordSessionSerializer,
        responses=answers(SessionSerializer, ProblemCode.REGISTER_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Enter it."""
        asked = RecordSessionSerializer.read(request)
        votes = _votes(asked["cases"])
        made = record_session(by=self.by, why=self.why("séance"), now=self.now, held_on=asked["held_on"], votes=votes)
        location = reverse("api:session", kwargs={"session_number": made.number}, request=request)
        return Response(session_told(made), status=201, headers={"Location": location})


def _votes(rows: list[dict[str, Any]]) -> Votes:
    """The voices by case. Raises ValidationError for a case named twice, or a member with two voices."""
    votes = {}
    for place, row in enumerate(rows):
        lists = {name: row[name] for name in CHOICES if name in row}
        try:
            if row["case"] in votes:
                raise ValueError(said("affaire déjà nommée", "case named already"))
            votes[row["case"]] = choices_named(lists)
        except ValueError as error:
            wrong = {"case": [serializers.ErrorDetail(str(error), code="two_voices")]}
            raise serializers.ValidationError(
                {"cases": [wrong if n == place else {} for n in range(place + 1)]}
            ) from None
    return votes


class OneSessionView(CallerView):
    """A view of one session."""

    visible = SEES
    session: CommissionSession

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        found = CommissionSession.objects.filter(number=kwargs["session_number"]).first()
        if found is None:
            raise NotFound
        self.session = found


class SessionView(OneSessionView):
    """One session."""

    @extend_schema(operation_id="session", summary="Une séance", responses=answers(SessionSerializer, *CALLERS))
    def get(self, request: Request, session_number: str) -> Response:
        """Answer it."""
        return Response(session_told(self.session))


class SessionSignView(OneSessionView):
    """Signed by a second person."""

    needs: ClassVar = {"POST": SIGNS}

    @extend_schema(
        operation_id="session_sign",
        summary="Signer une séance",
        description="Une autre personne que celle qui l’a saisie ou a ouvert une de ses affaires, pour exactement ces "
        "votes. Chaque dossier est relu\u00a0: revenu en règle, il est retiré.",
        parameters=[IDEMPOTENCY_KEY],
        request=SignSerializer,
        responses=answers(SessionSerializer, ProblemCode.REGISTER_REFUSES, *ACTS),
    )
    @acts_once
    def post(self, request: Request, session_number: str) -> Response:
        """Sign."""
        digest = SignSerializer.read(request)["digest"]
        why = self.why(f"séance {self.session.number}")
        sign_session(by=self.by, why=why, now=self.now, session=self.session, digest=digest)
        self.session.refresh_from_db()
        return Response(session_told(self.session))


class SessionMinutesView(OneSessionView):
    """The procès-verbal."""

    @extend_schema(
        operation_id="session_minutes",
        summary="Procès-verbal d’une séance",
        description="Le PDF, à l’octet près tel qu’il a été signé.",
        responses=answers(
            OpenApiResponse(OpenApiTypes.BINARY), ProblemCode.REGISTER_REFUSES, *CALLERS, media="application/pdf"
        ),
    )
    def get(self, request: Request, session_number: str) -> HttpResponse:
        """Answer the bytes. Raises RegisterError where it is not signed."""
        if not self.session.minutes:
            number = self.session.number
            raise RegisterError(f"La séance {number} n’est pas signée\u00a0: elle n’a pas encore de procès-verbal.")
        headers = HIDING | {"Content-Disposition": f'attachment; filename="{self.session.number}.pdf"'}
        return HttpResponse(bytes(self.session.minutes), content_type="application/pdf", headers=headers)
