"""webhooks/ : where an account is told of what changes, as the feed tells it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.bodies import Body
from api.english import told
from api.event_types import EventType
from api.fields import CodeField, DistinctListField, InstantField, LabelField, OneOfField
from api.idempotency import acts_once
from api.models import WebhookState, WebhookSubscription
from api.problems import ProblemCode
from api.schema import ACTS, IDEMPOTENCY_KEY, OPTIONAL_IDEMPOTENCY_KEY, answers
from api.v1.me import KEY_PROBLEMS, IsSomebody
from api.views import CallerView
from api.webhook_models import LONGEST_URL
from api.webhooks import ask_for_test, enable, replay, require_target, rotate_secret, secrets_of, subscribe
from registry.actions import RegisterError

F = TypeVar("F", bound=Callable[..., Any])
READ = (ProblemCode.NOT_AUTHENTICATED, *KEY_PROBLEMS)
ACT = (ProblemCode.NOT_AUTHENTICATED, ProblemCode.REGISTER_REFUSES, *ACTS)


class WebhookSerializer(serializers.Serializer[WebhookSubscription]):
    """One subscription, and how it goes."""

    id = serializers.IntegerField()
    url = serializers.CharField()
    types = serializers.ListField(child=CodeField(EventType), help_text="Vide\u00a0: tous.")
    created_at = serializers.DateTimeField()
    state = CodeField(WebhookState)
    state_label = LabelField(WebhookState, source="state")
    state_since = serializers.DateTimeField()
    after = serializers.IntegerField(help_text="Averti jusqu’à ce changement du flux.")
    failures = serializers.IntegerField(help_text="Échecs du message suivant, réessayé pendant trois jours.")
    next_at = serializers.DateTimeField(help_text="Pas de nouvel essai avant.")
    last_at = serializers.DateTimeField(allow_null=True)
    last_status = serializers.IntegerField(allow_null=True, help_text="Réponse HTTP du dernier essai.")
    last_error = serializers.SerializerMethodField(help_text="Vide\u00a0: aucun.")
    test_waiting = serializers.SerializerMethodField(help_text="Un essai demandé n’est pas encore parti.")

    def get_last_error(self, one: WebhookSubscription) -> str:
        """In the language of the request."""
        return told(one.last_error)

    def get_test_waiting(self, one: WebhookSubscription) -> bool:
        """Whether a test waits."""
        return one.test_id != ""


class WebhookListSerializer(serializers.Serializer[Any]):
    """All of an account: ten at most."""

    results = WebhookSerializer(many=True)


class SecretSerializer(serializers.Serializer[Any]):
    """What messages are signed with."""

    secrets = serializers.ListField(
        child=serializers.CharField(),
        help_text="Le plus récent d’abord\u00a0; deux pendant 24 heures.",
    )


class SubscribeSerializer(Body):
    """Where, of what."""

    url = serializers.CharField(max_length=LONGEST_URL, help_text="https, vers une adresse publique.")
    types = DistinctListField(
        child=OneOfField(choices=EventType.choices()),
        required=False,
        default=list,
        max_length=len(EventType),
        help_text="Absent\u00a0: tous.",
    )

    def validate_url(self, url: str) -> str:
        """As delivery reads it. Raises ValidationError."""
        try:
            require_target(url)
        except RegisterError as error:
            raise serializers.ValidationError(str(error), code="no_public_address") from None
        return url


class ReplaySerializer(Body):
    """From when on."""

    since = InstantField()


class EmptySerializer(Body):
    """An act that says all by its address."""


class WebhooksView(CallerView):
    """Those of this account."""

    permission_classes = (IsSomebody,)

    @extend_schema(operation_id="webhooks", summary="Ses webhooks", responses=answers(WebhookListSerializer, *READ))
    def get(self, request: Request) -> Response:
        """Answer them."""
        mine = WebhookSubscription.objects.filter(holder=request.user.pk).order_by("id")
        return Response({"results": [WebhookSerializer(one).data for one in mine]})

    @extend_schema(
        operation_id="webhook_subscribe",
        summary="Être averti à une adresse",
        description="De ce qui change désormais et que les clés du compte peuvent voir, comme events/. "
        "Messages signés (Standard Webhooks), dans l’ordre, chacun jusqu’à une réponse 2xx.",
        parameters=[IDEMPOTENCY_KEY],
        request=SubscribeSerializer,
        responses=answers(WebhookSerializer, *ACT, status=201),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Subscribe."""
        asked = SubscribeSerializer.read(request)
        types = [EventType(text) for text in asked["types"]]
        made = subscribe(holder=self.by, url=asked["url"], types=types, now=self.unmoved)
        location = reverse("api:webhook", kwargs={"webhook_id": made.pk}, request=request)
        return Response(WebhookSerializer(made).data, status=201, headers={"Location": location})


class OneWebhookView(CallerView):
    """A view of one of this account's; another's is as if absent (I14)."""

    permission_classes = (IsSomebody,)
    webhook: WebhookSubscription

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        found = WebhookSubscription.objects.filter(pk=kwargs["webhook_id"], holder=request.user.pk).first()
        if found is None:
            raise NotFound
        self.webhook = found


class WebhookView(OneWebhookView):
    """One."""

    @extend_schema(
        operation_id="webhook", summary="Un webhook", responses=answers(WebhookSerializer, ProblemCode.NOT_FOUND, *READ)
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """Answer it."""
        return Response(WebhookSerializer(self.webhook).data)

    @extend_schema(
        operation_id="webhook_delete",
        summary="Ne plus être averti",
        description="Répond ce qui vient d’être supprimé.",
        parameters=[OPTIONAL_IDEMPOTENCY_KEY],
        responses=answers(WebhookSerializer, *ACT),
    )
    @acts_once
    def delete(self, request: Request, webhook_id: str) -> Response:
        """Delete it."""
        shown = WebhookSerializer(self.webhook).data
        self.webhook.delete()
        return Response(shown)


class WebhookSecretView(OneWebhookView):
    """What its messages are signed with."""

    @extend_schema(
        operation_id="webhook_secret",
        summary="Secret de signature",
        responses=answers(SecretSerializer, ProblemCode.NOT_FOUND, *READ),
    )
    def get(self, request: Request, webhook_id: str) -> Response:
        """Answer it."""
        return Response({"secrets": secrets_of(self.webhook, self.unmoved)})


def _act(name: str, summary: str, description: str, body: type[Body] = EmptySerializer) -> Callable[[F], F]:
    described: Callable[[F], F] = extend_schema(
        operation_id=name,
        summary=summary,
        description=description,
        parameters=[IDEMPOTENCY_KEY],
        request=body,
        responses=answers(WebhookSerializer, *ACT),
    )
    return described


class WebhookRotateView(OneWebhookView):
    """Another secret."""

    @_act("webhook_rotate", "Changer de secret", "Pendant 24 heures chaque message porte les deux signatures.")
    @acts_once
    def post(self, request: Request, webhook_id: str) -> Response:
        """Rotate."""
        EmptySerializer.read(request)
        return Response(WebhookSerializer(rotate_secret(subscription=self.webhook, now=self.unmoved)).data)


class WebhookTestView(OneWebhookView):
    """Is it well?"""

    @_act("webhook_test", "Demander un essai", "Un message webhook.test part dans la minute\u00a0; voyez last_status.")
    @acts_once
    def post(self, request: Request, webhook_id: str) -> Response:
        """Ask for one."""
        EmptySerializer.read(request)
        return Response(WebhookSerializer(ask_for_test(subscription=self.webhook, now=self.unmoved)).data)


class WebhookEnableView(OneWebhookView):
    """Switched off, and on again."""

    @_act("webhook_enable", "Remettre en service", "Reprend là où il s’est arrêté, tant que c’est gardé (30 jours).")
    @acts_once
    def post(self, request: Request, webhook_id: str) -> Response:
        """Enable."""
        EmptySerializer.read(request)
        return Response(WebhookSerializer(enable(subscription=self.webhook, now=self.unmoved)).data)


class WebhookReplayView(OneWebhookView):
    """Once more."""

    @_act("webhook_replay", "Redire", "Tout depuis cet instant, dans l’ordre et sous les mêmes id.", ReplaySerializer)
    @acts_once
    def post(self, request: Request, webhook_id: str) -> Response:
        """Replay."""
        since = ReplaySerializer.read(request)["since"]
        return Response(WebhookSerializer(replay(subscription=self.webhook, since=since, now=self.unmoved)).data)
