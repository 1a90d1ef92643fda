"""What a call or a complaint is about, as bodies name it: an intermediary, a batch, a notice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.db.models import Model, QuerySet
from rest_framework import serializers

from api.bodies import Body
from api.fields import NumberField
from api.problems import said
from registry.models import Intermediary
from reminders.models import Batch, Notice

M = TypeVar("M", bound=Model)
MOST = 2**31 - 1


class AboutSerializer(Body):
    """None of them need be known."""

    orias_number = NumberField(required=False, allow_null=True)
    batch = serializers.IntegerField(min_value=1, max_value=MOST, required=False, allow_null=True)
    notice = serializers.IntegerField(min_value=1, max_value=MOST, required=False, allow_null=True)


@dataclass(frozen=True, slots=True)
class About:
    """Found; None: not named."""

    intermediary: Intermediary | None
    batch: Batch | None
    notice: Notice | None

    @classmethod
    def read(cls, asked: dict[str, Any]) -> About:
        """Find what a body names. Raises ValidationError for what there is not."""
        notices = Notice.objects.select_related("batch", "intermediary")
        return cls(
            _found(Intermediary.objects.all(), "orias_number", asked, "orias_number"),
            _found(Batch.objects.all(), "pk", asked, "batch"),
            _found(notices, "pk", asked, "notice"),
        )


def _found(rows: QuerySet[M], column: str, asked: dict[str, Any], name: str) -> M | None:
    value = asked.get(name)
    if value is None:
        return None
    found = rows.filter(**{column: value}).first()
    if found is None:
        message = said("Rien ne porte ce numéro.", "Nothing has this number.")
        raise serializers.ValidationError({name: [message]}, code="does_not_exist")
    return found
