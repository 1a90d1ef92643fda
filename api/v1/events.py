"""GET events/?after= : what has changed, in order, none left out and none told twice."""

from __future__ import annotations

from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.event_types import EventType
from api.feed import EventsGoneError, number_all_events, number_events, plain_event, read_feed, visible_events
from api.fields import CodeField, CountField, OneOfField
from api.models import FeedState
from api.pagination import LARGEST_PAGE, PAGE_SIZE
from api.problems import ProblemCode, Refused, said
from api.schema import answers
from api.v1.me import KEY_PROBLEMS, IsSomebody
from api.views import CallerView

LATEST = "latest"
MOST = 2**62


class EventDataSerializer(serializers.Serializer[Any]):
    """Where to look."""

    orias_number = serializers.CharField(allow_null=True, help_text="Nul\u00a0: concerne tout le registre.")
    url = serializers.URLField(help_text="Ce qu’il faut relire.")


class EventSerializer(serializers.Serializer[Any]):
    """One change, as webhooks tell it too."""

    id = serializers.IntegerField()
    type = CodeField(EventType)
    timestamp = serializers.DateTimeField(help_text="Instant du changement\u00a0; l’ordre est celui de id.")
    data = EventDataSerializer()  # type: ignore[assignment]


class EventsSerializer(serializers.Serializer[Any]):
    """Some of them."""

    results = EventSerializer(many=True)
    after = serializers.IntegerField(help_text="À donner la fois suivante.")
    more = serializers.BooleanField(help_text="D’autres attendent déjà.")


class EventsQuery(serializers.Serializer[Any]):
    """From where on."""

    after = serializers.CharField(
        required=False,
        max_length=20,
        help_text="«\u00a0after\u00a0» de la réponse précédente, ou latest\u00a0: à partir de maintenant. "
        "Absent\u00a0: tout ce qui est gardé.",
    )
    limit = CountField(min_value=1, max_value=LARGEST_PAGE, default=PAGE_SIZE)
    type = OneOfField(choices=EventType.choices(), required=False, help_text="Ceux-là seulement.")

    def validate_after(self, text: str) -> str:
        """A cursor of this feed."""
        if text == LATEST or (text.isascii() and text.isdigit() and int(text) <= MOST):
            return text
        message = said("Donnez « after » tel que reçu, ou latest.", "Give “after” as you got it, or latest.")
        raise serializers.ValidationError(message, code="invalid_cursor")


class EventsView(CallerView):
    """The change feed."""

    permission_classes = (IsSomebody,)

    @extend_schema(
        operation_id="events",
        summary="Changements",
        description="Tout changement que vous pouvez voir, dans l’ordre\u00a0: ceux du registre public, et ceux des "
        "dossiers que la clé peut lire. Un changement dit où relire, jamais ce qui s’y trouve. Gardés 30 jours\u00a0; "
        "410 après. Les mêmes que par webhook.",
        parameters=[EventsQuery],
        responses=answers(
            EventsSerializer,
            ProblemCode.INVALID_PARAMETER,
            ProblemCode.NOT_AUTHENTICATED,
            ProblemCode.EVENTS_GONE,
            *KEY_PROBLEMS,
        ),
    )
    def get(self, request: Request) -> Response:
        """Answer the next ones."""
        asked = EventsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        if asked.validated_data.get("after") == LATEST:
            number_all_events()
        else:
            number_events()
        events = visible_events(self.rights, self.day)
        if kind := asked.validated_data.get("type"):
            events = events.filter(type=kind)
        try:
            found = read_feed(events, _place(asked.validated_data.get("after")), asked.validated_data["limit"])
        except EventsGoneError:
            raise Refused(ProblemCode.EVENTS_GONE) from None
        results = [plain_event(event) for event in found.events]
        return Response({"results": results, "after": found.after, "more": found.more})


def _place(after: str | None) -> int | None:
    if after == LATEST:
        return FeedState.objects.values_list("numbered_through", flat=True).get()
    return None if after is None else int(after)
