"""GET status/ : how the service is, for anyone; no name and no reason given by a person."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.utils.translation import get_language
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.fields import CodeField, LabelField
from api.schema import answers
from api.views import PublicView
from hotline.desk import open_incidents
from hotline.models import Incident
from hotline.rules.incidents import IncidentState
from registry import clock
from registry.public import freezes_told
from registry.rules.deadlines import Freeze, freeze_in_words
from registry.rules.labels import LabelledEnum
from reminders.models import Batch, StopSwitch
from reminders.sending.identity import database_trouble


class ServiceLevel(LabelledEnum):
    """What works."""

    NORMAL = "NORMAL", "Tout fonctionne", "Everything works"
    REMINDERS_STOPPED = (
        "REMINDERS_STOPPED",
        "Tout fonctionne, sauf l’envoi des relances, arrêté",
        "Everything works but the sending of reminders, which is stopped",
    )


@dataclass(frozen=True, slots=True)
class ServiceStatus:
    """`last_planned_on` is the day that the latest batch was planned for."""

    level: ServiceLevel
    sending_stopped: bool
    stopped_since: datetime | None
    last_planned_on: date | None
    deadline_freezes: list[Freeze]
    incidents: list[Incident]


class FreezeSerializer(serializers.Serializer[Freeze]):
    """One freeze of deadlines."""

    from_on = serializers.DateField(help_text="Premier jour d’indisponibilité.")
    until_on = serializers.DateField(help_text="Dernier jour d’indisponibilité.")
    days_lost = serializers.IntegerField(help_text="De combien de jours chaque délai en cours est prolongé.")
    message = serializers.SerializerMethodField(help_text="La phrase à publier.")

    def get_message(self, freeze: Freeze) -> str:
        """In the language asked for."""
        return freeze_in_words(freeze, "en" if (get_language() or "fr").startswith("en") else "fr")


class PublicIncidentSerializer(serializers.Serializer[Incident]):
    """One open incident, in the words published for everybody."""

    state = CodeField(IncidentState)
    state_label = LabelField(IncidentState, source="state")
    message = serializers.CharField()
    cause = serializers.CharField()
    since = serializers.DateTimeField(source="declared_at")
    updated_at = serializers.DateTimeField()
    next_update_at = serializers.DateTimeField(help_text="Quand viendra la prochaine information.")


class StatusSerializer(serializers.Serializer[ServiceStatus]):
    """The document."""

    level = CodeField(ServiceLevel)
    level_label = LabelField(ServiceLevel, source="level")
    sending_stopped = serializers.BooleanField(
        help_text="Les envois sont arrêtés, par une personne ou parce que cette base est une copie."
    )
    stopped_since = serializers.DateTimeField(allow_null=True)
    last_planned_on = serializers.DateField(allow_null=True, help_text="Jour du dernier lot préparé.")
    deadline_freezes = FreezeSerializer(many=True, help_text="Délais prolongés après une indisponibilité.")
    incidents = PublicIncidentSerializer(many=True, help_text="Incidents en cours.")


class StatusView(PublicView):
    """The state of the service."""

    cache_control = "no-store"

    @extend_schema(
        operation_id="status",
        summary="État du service",
        description="Niveau de service, arrêt d’urgence des envois, jour du dernier lot préparé, délais prolongés, "
        "incidents en cours.",
        responses=answers(StatusSerializer),
    )
    def get(self, request: Request) -> Response:
        """Answer it."""
        return Response(StatusSerializer(_status()).data)


def _status() -> ServiceStatus:
    # A switch that is missing means stop; so does a database that is not the one armed to send (I13).
    switch = StopSwitch.objects.only("stopped", "changed_at").first()
    stopped = switch is None or switch.stopped or database_trouble() is not None
    return ServiceStatus(
        level=ServiceLevel.REMINDERS_STOPPED if stopped else ServiceLevel.NORMAL,
        sending_stopped=stopped,
        stopped_since=switch.changed_at if switch and switch.stopped else None,
        last_planned_on=Batch.objects.order_by("-id").values_list("as_of", flat=True).first(),
        deadline_freezes=freezes_told(clock.local_day(clock.now())),
        incidents=list(open_incidents()),
    )
