"""issuer/covers/ and issuer/events/ : what insurers and guarantors push about their own policies, in lots."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar, cast

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.bodies import Body
from api.english import told_of
from api.errors import pointed
from api.fields import CodeField, DayField, DistinctListField, LabelField, NumberField, OneOfField
from api.idempotency import acts_once
from api.issuers import IsIssuer
from api.problems import said
from api.schema import ACTS, IDEMPOTENCY_KEY, answers
from api.v1.covers import MOST_CENTS
from api.views import CallerView
from registry.actions.pushes import push_lot
from registry.models import Issuer
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind
from registry.rules.issuers import policy_key
from registry.rules.problems import Problem
from registry.rules.pushes import Fate, LotChecker, Pushed, PushedCover, PushedEvent, Ruling
from registry.rules.text import clean_cell

MOST_ROWS = 1000
LARGEST_LOT = 1024 * 1024
_MEMBERS = {
    "numero_orias": "orias_number",
    "police": "policy",
    "categories": "categories",
    "montant": "amount_cents",
    "date_effet": "effective_on",
}
"""The members of a body by the column that a rule's problem names."""


class PolicySerializer(Body):
    """Which policy of which intermediary."""

    orias_number = NumberField()
    kind = OneOfField(choices=CoverKind.choices())
    policy = serializers.CharField(max_length=60)

    def validate_policy(self, text: str) -> str:
        """One spelling, without invisible characters, in which something can be compared."""
        cleaned = clean_cell(text, "")
        if isinstance(cleaned, Problem):
            raise serializers.ValidationError(cleaned.message, code=cleaned.code)
        if not policy_key(cleaned):
            message = said("Ce n’est pas un numéro de police.", "This is no policy number.")
            raise serializers.ValidationError(message, code="policy_format")
        return cleaned


class IssuerCoverSerializer(PolicySerializer):
    """A certificate. Days included, sums in euro cents."""

    categories = DistinctListField(child=OneOfField(choices=Category.choices()), min_length=1, max_length=len(Category))
    starts_on = DayField()
    ends_on = DayField(help_text="Dernier jour couvert.")
    amount_cents = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_CENTS, help_text="Par sinistre, ou garanti."
    )
    annual_cents = serializers.IntegerField(
        required=False, allow_null=True, min_value=0, max_value=MOST_CENTS, help_text="Par an."
    )

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """Days in their order."""
        if attrs["ends_on"] < attrs["starts_on"]:
            message = said("Le dernier jour précède le premier.", "The last day is before the first.")
            raise serializers.ValidationError({"ends_on": [message]}, code="ends_before_it_starts")
        return attrs


class IssuerEventSerializer(PolicySerializer):
    """A word about a policy."""

    event = OneOfField(choices=CoverEventKind.choices())
    effective_on = DayField(
        help_text="Premier jour sans garantie\u00a0; pour une remise en vigueur, premier jour à nouveau garanti."
    )


class IssuerCoversSerializer(Body):
    """A lot of certificates."""

    rows = serializers.ListField(child=IssuerCoverSerializer(), min_length=1, max_length=MOST_ROWS)


class IssuerEventsSerializer(Body):
    """A lot of words."""

    rows = serializers.ListField(child=IssuerEventSerializer(), min_length=1, max_length=MOST_ROWS)


class LotSerializer(Body):
    """What every lot is, before any row is looked at."""

    rows = serializers.ListField(child=serializers.JSONField(allow_null=True), min_length=1, max_length=MOST_ROWS)


class DoubtSerializer(serializers.Serializer[Any]):
    """What is to be said about one member of a row."""

    pointer = serializers.CharField(help_text="Pointeur JSON dans le corps envoyé.")
    code = serializers.CharField(help_text="Code stable.")
    detail = serializers.CharField()


class RowFateSerializer(serializers.Serializer[Any]):
    """What became of one row."""

    index = serializers.IntegerField(help_text="Rang dans l’envoi, depuis 0.")
    fate = CodeField(Fate)
    fate_label = LabelField(Fate, source="fate")
    effective_on = serializers.DateField(allow_null=True, help_text="D’un avis\u00a0: le jour où il compte.")
    errors = DoubtSerializer(many=True, help_text="Pourquoi elle est refusée.")  # type: ignore[assignment]
    warnings = DoubtSerializer(many=True, help_text="Ce qui est gardé avec un doute.")


class LotFateSerializer(serializers.Serializer[Any]):
    """What became of a lot."""

    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Lignes par sort.")
    rows = RowFateSerializer(many=True)


class IssuerLotView(CallerView, ABC):
    """A lot of rows in one transaction: what is refused leaves the others alone, what breaks takes all with it."""

    permission_classes = (IsIssuer,)
    largest_body = LARGEST_LOT
    row: ClassVar[type[PolicySerializer]]
    issuer: Issuer

    @abstractmethod
    def pushed(self, values: Mapping[str, Any]) -> Pushed:
        """What a valid row pushes."""

    def take(self, request: Request, act: str) -> Response:
        """Read the rows, push what stands for itself, tell the fate of each."""
        rows = LotSerializer.read(request)["rows"]
        fates: dict[int, dict[str, Any]] = {}
        pushed = dict(self._readable(rows, fates))
        places = list(pushed)
        rulings = push_lot(
            by=self.by, why=self.why(act), now=self.now, issuer=self.issuer, rows=[pushed[place] for place in places]
        )
        fates |= {place: _fate(place, ruling) for place, ruling in zip(places, rulings, strict=True)}
        told = [fates[place] for place in range(len(rows))]
        counts = dict.fromkeys((fate.value for fate in Fate), 0) | Counter(row["fate"] for row in told)
        return Response(LotFateSerializer({"counts": counts, "rows": told}).data)

    def _readable(self, rows: list[Any], fates: dict[int, dict[str, Any]]) -> Iterator[tuple[int, Pushed]]:
        serializer, checker = self.row(), LotChecker()
        for place, row in enumerate(rows):
            try:
                one = self.pushed(cast(dict[str, Any], serializer.run_validation(row)))
            except serializers.ValidationError as error:
                fates[place] = _unreadable(place, error)
                continue
            if ruling := checker.check(one):
                fates[place] = _fate(place, ruling)
            else:
                yield place, one


class IssuerCoversView(IssuerLotView):
    """Certificates."""

    row = IssuerCoverSerializer

    @extend_schema(
        operation_id="issuer_covers",
        summary="Transmettre des attestations",
        description="Assureurs et garants, pour leurs propres polices\u00a0; 1\u00a0000 lignes au plus, en une "
        "transaction. Acceptées sans contrôle\u00a0; le sort de chaque ligne est dit.",
        parameters=[IDEMPOTENCY_KEY],
        request=IssuerCoversSerializer,
        responses=answers(LotFateSerializer, *ACTS),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Push them."""
        return self.take(request, f"attestations de {self.issuer.code}")

    def pushed(self, values: Mapping[str, Any]) -> Pushed:
        """A certificate."""
        return PushedCover(
            **_named(values),
            categories=frozenset(map(Category, values["categories"])),
            starts_on=values["starts_on"],
            ends_on=values["ends_on"],
            amount_cents=values.get("amount_cents"),
            annual_cents=values.get("annual_cents"),
        )


class IssuerEventsView(IssuerLotView):
    """Words."""

    row = IssuerEventSerializer

    @extend_schema(
        operation_id="issuer_events",
        summary="Annoncer suspensions, dénonciations, résiliations",
        description="Assureurs et garants, pour leurs propres polices\u00a0; celle d’un autre est répondue comme "
        "inconnue. Une garantie ne prend fin que trois jours francs après l’avis (CA R512-17).",
        parameters=[IDEMPOTENCY_KEY],
        request=IssuerEventsSerializer,
        responses=answers(LotFateSerializer, *ACTS),
    )
    @acts_once
    def post(self, request: Request) -> Response:
        """Push them."""
        return self.take(request, f"avis de {self.issuer.code}")

    def pushed(self, values: Mapping[str, Any]) -> Pushed:
        """A word."""
        return PushedEvent(**_named(values), event=CoverEventKind(values["event"]), effective_on=values["effective_on"])


def _named(values: Mapping[str, Any]) -> dict[str, Any]:
    policy = values["policy"]
    named = {"orias_number": values["orias_number"], "kind": CoverKind(values["kind"])}
    return named | {"policy": policy, "policy_key": policy_key(policy)}


def _fate(place: int, ruling: Ruling) -> dict[str, Any]:
    return {
        "index": place,
        "fate": ruling.fate.value,
        "effective_on": ruling.effective_on,
        "errors": [_doubt(place, ruling.problem)] if ruling.problem else [],
        "warnings": [_doubt(place, warning) for warning in ruling.warnings],
    }


def _doubt(place: int, found: Problem) -> dict[str, str]:
    pointer = f"#/rows/{place}/{_MEMBERS[found.field]}"
    return {"pointer": pointer, "code": found.code, "detail": told_of(found)}


def _unreadable(place: int, error: serializers.ValidationError) -> dict[str, Any]:
    """A row that is none, each member at fault told as a refused body is."""
    told = [one | {"pointer": f"#/rows/{place}{one['pointer'][1:]}"} for one in pointed(error)]
    return {"index": place, "fate": Fate.REFUSED.value, "effective_on": None, "errors": told, "warnings": []}
