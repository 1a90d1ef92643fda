"""hotline/incidents/ : what is wrong, declared and followed to its end."""

from __future__ import annotations

from typing import Any, ClassVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import Need
from api.bodies import Body
from api.fields import CodeField, InstantField, LabelField, OneOfField
from api.idempotency import acts_once
from api.pagination import PageQuery, page_of
from api.problems import ProblemCode
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.hotline_subjects import MOST
from api.views import CallerView
from hotline.actions.incidents import Declaration, declare_incident, update_incident
from hotline.desk import incident_line
from hotline.models import Incident
from hotline.rules.incidents import IncidentState

SEES = Need("hotline.view_incident", Scope.STAFF_READ)
LEADS = Need("hotline.add_incident", Scope.STAFF_HOTLINE)


class IncidentSerializer(serializers.Serializer[Any]):
    """One incident."""

    incident = serializers.IntegerField()
    state = CodeField(IncidentState)
    state_label = LabelField(IncidentState, source="state")
    message = serializers.CharField()
    cause = serializers.CharField()
    next_update_at = serializers.DateTimeField(allow_null=True)
    declared_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()
    resolved_at = serializers.DateTimeField(allow_null=True)
    batch = serializers.IntegerField(allow_null=True)
    batch_paused = serializers.BooleanField()
    sending_stopped = serializers.BooleanField()


class IncidentPageSerializer(serializers.Serializer[Any]):
    """A page of incidents."""

    results = IncidentSerializer(many=True)
    next = serializers.URLField(allow_null=True)


class WordBody(Body):
    """What is said to everybody."""

    message = serializers.CharField(max_length=2000, help_text="En mots pour tous\u00a0: publié par status/.")
    cause = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")


class DeclareBody(WordBody):
    """What is wrong, and what to hold."""

    next_update_at = InstantField(help_text="Quand viendra la prochaine information.")
    batch = serializers.IntegerField(min_value=1, max_value=MOST, required=False, allow_null=True)
    pause = serializers.BooleanField(default=False, help_text="Mettre ce lot en pause.")
    stop = serializers.BooleanField(default=False, help_text="Arrêter tous les envois.")


class UpdateBody(WordBody):
    """The next word."""

    state = OneOfField(choices=IncidentState.choices())
    next_update_at = InstantField(
        required=False, allow_null=True, help_text="Obligatoire tant que l’incident n’est pas terminé."
    )


class IncidentsView(CallerView):
    """All incidents."""

    visible = SEES
    needs: ClassVar = {"POST": LEADS}

    @extend_schema(
        operation_id="hotline_incidents",
        summary="Incidents",
        description="Le dernier déclaré d’abord.",
        parameters=[PageQuery],
        responses=answers(IncidentPageSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request) -> Response:
        """Answer one page."""
        asked = PageQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        page = page_of(request, Incident.objects.all(), asked.validated_data, "-id")
        return Response({"results": [shown(incident) for incident in page.results], "next": page.next})

    @extend_schema(
        operation_id="hotline_incident_declare",
        summary="Déclarer un incident",
        description="Publié par status/. Peut mettre un lot en pause et arrêter les envois, d’un seul tenant\u00a0; "
        "la fin de l’incident ne les rouvre pas.",
        parameters=[IDEMPOTENCY_KEY],
        request=DeclareBody,
        responses=answers(
            IncidentSerializer, ProblemCode.HOTLINE_REFUSES, ProblemCode.REMINDERS_REFUSE, *ACTS, status=201
        ),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Declare it."""
        asked = DeclareBody.read(request)
        incident = declare_incident(
            declaration=_said(asked),
            by=self.by,
            now=self.now,
            batch_id=asked.get("batch"),
            pause=asked["pause"],
            stop=asked["stop"],
        )
        return Response(shown(incident), status=201)


class IncidentUpdatesView(CallerView):
    """The words about one incident."""

    visible = SEES
    needs: ClassVar = {"POST": LEADS}

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        if not Incident.objects.filter(pk=kwargs["incident_id"]).exists():
            raise NotFound

    @extend_schema(
        operation_id="hotline_incident_update",
        summary="Donner des nouvelles d’un incident",
        description="Où nous en sommes, la cause si elle est connue, quand viendra la suite\u00a0; RESOLVED y met fin.",
        parameters=[IDEMPOTENCY_KEY],
        request=UpdateBody,
        responses=answers(IncidentSerializer, ProblemCode.HOTLINE_REFUSES, *ACTS, status=201),
    )
    @acts_once
    def post(self, request: Request, incident_id: int) -> Response:
        """Say it."""
        asked = UpdateBody.read(request)
        state = IncidentState(asked["state"])
        incident = update_incident(
            incident_id=incident_id, state=state, declaration=_said(asked), by=self.by, now=self.now
        )
        return Response(shown(incident), status=201)


def _said(asked: dict[str, Any]) -> Declaration:
    return Declaration(message=asked["message"], cause=asked["cause"], next_update_at=asked.get("next_update_at"))


def shown(incident: Incident) -> dict[str, Any]:
    """The document of an incident."""
    return dict(IncidentSerializer(incident_line(incident)).data)
