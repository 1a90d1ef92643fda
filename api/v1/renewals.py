"""intermediaries/{orias_number}/renewals/ : the requests of a campaign, item by item, and their filing."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.exceptions import NotFound
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from api.access import Need, Reach
from api.bodies import FIELDS, Body, chosen_of_each
from api.fields import CodeField, CodeSerializer, CountField, LabelField, OneOfField, WrittenDayField
from api.idempotency import acts_once
from api.problems import ProblemCode, Refused, said
from api.schema import ACTS, CALLERS, IDEMPOTENCY_KEY, answers
from api.scopes import Scope
from api.v1.intermediary import ContactSerializer
from api.views import FileView
from registry.actions import change_contact, file_renewal
from registry.models import Intermediary, RenewalRequest
from registry.renewals import prefill_request, renewals_of
from registry.rules.categories import Category
from registry.rules.prefill import FIELDS_IN_ENGLISH, Answer, AnswerState
from registry.rules.renewals import FilingChannel, ItemKind, ItemState, Renewal, RenewalItem, RenewalState

FIRST_YEAR, LAST_YEAR = 2000, 2199
LATEST_MONTH = 6
"""Up to June one means the campaign of the year; from July on that of the next."""
FILES = Need("registry.change_registration", Scope.STAFF_REGISTER, Scope.FILE_WRITE)
FOR_STAFF = ("channel", "filed_on")


class RenewalItemSerializer(serializers.Serializer[RenewalItem]):
    """One item: the request itself, a cover, the fee."""

    kind = CodeField(ItemKind)
    kind_label = LabelField(ItemKind, source="kind")
    state = CodeField(ItemState)
    state_label = LabelField(ItemState, source="state")
    due_on = serializers.DateField(allow_null=True, help_text="Dernier jour pour agir, s’il reste à faire.")
    reasons = CodeSerializer(many=True)


class RenewalSerializer(serializers.Serializer[Any]):
    """The request of one registration in one campaign, and where it stands."""

    id = serializers.IntegerField(source="request.pk")
    category = CodeField(Category, source="renewal.category")
    category_label = LabelField(Category, source="renewal.category")
    year = serializers.IntegerField(source="renewal.year", help_text="Année de la campagne.")
    request_state = CodeField(RenewalState, source="request.state")
    request_state_label = LabelField(RenewalState, source="request.state")
    state = CodeField(ItemState, source="renewal.state", help_text="Celui du plus grave de ses éléments.")
    state_label = LabelField(ItemState, source="renewal.state")
    items = RenewalItemSerializer(source="renewal.items", many=True)
    channel = serializers.ChoiceField(
        source="request.channel", choices=FilingChannel.choices(), allow_blank=True, help_text="Vide avant le dépôt."
    )
    channel_label = LabelField(FilingChannel, source="request.channel")
    filed_on = serializers.DateField(source="request.filed_on", allow_null=True, help_text="Le jour qui compte.")
    entered_on = serializers.DateField(source="request.entered_on", allow_null=True)
    confirmed_on = serializers.DateField(
        source="request.confirmed_on", allow_null=True, help_text="Sur papier\u00a0: par une seconde personne."
    )
    fee_cents = serializers.IntegerField(source="request.fee_cents", allow_null=True, help_text="Frais demandés.")
    paid_on = serializers.DateField(source="request.paid_on", allow_null=True)
    informed_on = serializers.DateField(
        source="request.informed_on", allow_null=True, help_text="Jour où le défaut de paiement fut signalé."
    )


class AnswerSerializer(serializers.Serializer[Answer]):
    """One thing that the request confirms."""

    field = serializers.CharField()
    label = serializers.SerializerMethodField()  # type: ignore[assignment]
    state = CodeField(AnswerState)
    state_label = LabelField(AnswerState, source="state")
    now = serializers.JSONField(help_text="Ce que dit le registre.")
    then = serializers.JSONField(help_text="Ce qu’il disait au dépôt de confirmed_at\u00a0; nul\u00a0: aucun.")

    def get_label(self, answer: Answer) -> str:
        """In the language of the request."""
        return said(answer.label, FIELDS_IN_ENGLISH[answer.field])


class RenewalDetailSerializer(RenewalSerializer):
    """One renewal, with what it asks to confirm."""

    facts_version = serializers.IntegerField(help_text="À rendre en déposant.")
    confirmed_at = serializers.DateTimeField(
        allow_null=True,
        help_text="Dernier dépôt d’une campagne antérieure, auquel answers compare\u00a0; null\u00a0: aucun. Celui de "
        "cette campagne est filed_on.",
    )
    answers = AnswerSerializer(many=True)


class RenewalListSerializer(serializers.Serializer[Any]):
    """All of a campaign: one for each category."""

    results = RenewalSerializer(many=True)


class RenewalsQuery(serializers.Serializer[Any]):
    """Which campaign."""

    year = CountField(
        required=False,
        min_value=FIRST_YEAR,
        max_value=LAST_YEAR,
        help_text="Campagne\u00a0; absente\u00a0: celle de l’année, à partir de juillet celle de la suivante.",
    )


class FilingSerializer(Body):
    """A request as its filer makes it: all that is shown is still true, but for `changes`."""

    category = OneOfField(choices=Category.choices())
    year = serializers.IntegerField(required=False, min_value=FIRST_YEAR, max_value=LAST_YEAR)
    still_true = serializers.BooleanField(help_text="Vrai\u00a0: ce que montre la demande est exact, après changes.")
    facts_version = serializers.IntegerField(
        min_value=0, max_value=2**62, help_text="Celle de la demande telle que vous l’avez lue."
    )
    changes = ContactSerializer(required=False, help_text="Coordonnées qui ont changé.")
    channel = OneOfField(
        choices=FilingChannel.choices(),
        required=False,
        help_text="Personnel seulement\u00a0; PAPER attend une seconde personne.",
    )
    filed_on = WrittenDayField(required=False, help_text="Personnel seulement\u00a0: jour du dépôt.")

    def validate_still_true(self, value: bool) -> bool:
        """A request that confirms nothing is none."""
        if value:
            return value
        message = said(
            "Une demande confirme ce qu’elle montre : corrigez d’abord ce qui est faux.",
            "A request confirms what it shows: correct first what is wrong.",
        )
        raise serializers.ValidationError(message, code="not_confirmed")


class RenewalsView(FileView):
    """The renewals of one file."""

    needs: ClassVar = {"POST": FILES}

    @extend_schema(
        operation_id="renewals",
        summary="Renouvellements d’un dossier",
        description="Une demande par catégorie inscrite, élément par élément\u00a0: demande, couvertures, frais.",
        parameters=[RenewalsQuery, FIELDS],
        responses=answers(RenewalListSerializer, ProblemCode.INVALID_PARAMETER, *CALLERS),
    )
    def get(self, request: Request, orias_number: str) -> Response:
        """Answer those of a campaign."""
        asked = RenewalsQuery(data=request.query_params)
        asked.is_valid(raise_exception=True)
        year = asked.validated_data.get("year") or year_meant(self.day)
        shown = standing(self.whose, year, self.day)
        return Response({"results": chosen_of_each(request, RenewalSerializer, shown)})

    @extend_schema(
        operation_id="renewal_file",
        summary="Déposer une demande de renouvellement",
        description="Lisez d’abord la demande\u00a0: ce qu’elle montre est confirmé d’un mot, ce qui a changé va dans "
        "changes. Le jour de ce dépôt est celui qui compte. 412 si le dossier a changé depuis votre lecture.",
        parameters=[IDEMPOTENCY_KEY],
        request=FilingSerializer,
        responses=answers(
            RenewalDetailSerializer, ProblemCode.REGISTER_REFUSES, ProblemCode.PRECONDITION_FAILED, *ACTS, status=201
        ),
    )
    @acts_once
    def post(self, request: Request, orias_number: str) -> Response:
        """File it, if the file is as it was seen."""
        asked = FilingSerializer.read(request)
        channel, filed_on = self._deposit(asked)
        locked = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(pk=self.whose.pk)
        if locked.facts_version != asked["facts_version"]:
            raise Refused(ProblemCode.PRECONDITION_FAILED)
        why = self.why("dépôt d’une demande de renouvellement")
        if changes := asked.get("changes"):
            change_contact(by=self.by, why=why, day=self.day, intermediary=locked, **changes)
        filed = file_renewal(
            by=self.by,
            why=why,
            day=self.day,
            year=asked.get("year") or year_meant(self.day),
            orias_number=orias_number,
            category=Category(asked["category"]),
            channel=channel,
            filed_on=filed_on,
        )
        where = {"orias_number": orias_number, "renewal_id": filed.pk}
        location = reverse("api:renewal", kwargs=where, request=request)
        return Response(detail(self.whose, filed, self.day), status=201, headers={"Location": location})

    def _deposit(self, asked: dict[str, Any]) -> tuple[FilingChannel, date]:
        """By which way, on which day: staff say so; nobody dates an own deposit (I12)."""
        if self.reach is Reach.ALL:
            return FilingChannel(asked.get("channel") or FilingChannel.ONLINE), asked.get("filed_on") or self.day
        if given := [name for name in FOR_STAFF if name in asked]:
            message = said("Seul le personnel le donne. Retirez ce membre.", "Only staff give it. Remove this member.")
            raise serializers.ValidationError({name: [message] for name in given}, code="not_yours_to_date")
        return FilingChannel.API, self.day


class OneRenewalView(FileView):
    """A view of one renewal of the file; one of another file is as if absent (I14)."""

    renewal: RenewalRequest

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Find it."""
        super().initial(request, *args, **kwargs)
        found = _requests(self.whose).filter(pk=kwargs["renewal_id"]).first()
        if found is None:
            raise NotFound
        self.renewal = found

    def shown(self) -> Response:
        """The renewal as it now is."""
        return Response(detail(self.whose, self.renewal, self.day))


class RenewalView(OneRenewalView):
    """One renewal."""

    @extend_schema(
        operation_id="renewal",
        summary="Un renouvellement",
        description="Avec ce que dit le registre, ce qui a changé depuis la demande d’une campagne antérieure, et la "
        "version à rendre.",
        responses=answers(RenewalDetailSerializer, *CALLERS),
    )
    def get(self, request: Request, orias_number: str, renewal_id: str) -> Response:
        """Answer it."""
        return self.shown()


def year_meant(day: date) -> int:
    """The campaign that people mean on that day."""
    return day.year + (day.month > LATEST_MONTH)


def standing(whose: Intermediary, year: int, day: date) -> list[dict[str, Any]]:
    """The requests of a file in a campaign, each with where it stands; those of a removed registration are past."""
    requests = {r.registration.category: r for r in _requests(whose).filter(campaign__year=year)}
    renewals: tuple[Renewal, ...] = renewals_of([whose.pk], year=year, day=day)[whose.pk] if requests else ()
    return [{"request": requests[r.category], "renewal": r} for r in renewals]


def detail(whose: Intermediary, request: RenewalRequest, day: date) -> dict[str, Any]:
    """One renewal in full. Raises NotFound where its registration is removed."""
    year, category = request.campaign.year, request.registration.category
    mine = next((s for s in standing(whose, year, day) if s["renewal"].category == category), None)
    if mine is None:
        raise NotFound
    prefilled = prefill_request(request)
    version = Intermediary.objects.values_list("facts_version", flat=True).get(pk=whose.pk)
    told = mine | {"confirmed_at": prefilled.since, "answers": prefilled.answers, "facts_version": version}
    return dict(RenewalDetailSerializer(told).data)


def _requests(whose: Intermediary) -> QuerySet[RenewalRequest]:
    mine = RenewalRequest.objects.filter(registration__intermediary=whose.pk)
    return mine.select_related("registration__intermediary", "campaign")
