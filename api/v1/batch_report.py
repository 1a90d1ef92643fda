"""What the API says of one batch: the account that `show_batch --json` gives, member by member."""

from __future__ import annotations

from typing import Any

from rest_framework import serializers

from api.fields import CodeField, LabelField
from api.problems import label_of
from registry.rules.labels import LabelledEnum
from reminders.models import BatchKind
from reminders.models.batch import PauseReason
from reminders.rules.brakes import BrakeLevel
from reminders.rules.states import BatchState
from reminders.rules.watch import AlarmCode


class BrakeSerializer(serializers.Serializer[Any]):
    """One brake."""

    code = serializers.CharField()
    level = CodeField(BrakeLevel)
    message = serializers.CharField()


class SampleSerializer(serializers.Serializer[Any]):
    """One message as it would leave now."""

    rank = serializers.IntegerField()
    orias_number = serializers.CharField()
    email = serializers.CharField()
    subject = serializers.CharField()
    text = serializers.CharField()


class SumsSerializer(serializers.Serializer[Any]):
    """planned + left_out = registered."""

    planned = serializers.IntegerField()
    left_out = serializers.IntegerField()
    registered = serializers.IntegerField()


class ChangesSerializer(serializers.Serializer[Any]):
    """Since the batch before."""

    previous = serializers.IntegerField(allow_null=True, help_text="Le lot d’avant\u00a0; null\u00a0: aucun.")
    new = serializers.IntegerField()
    same = serializers.IntegerField()
    gone = serializers.IntegerField()


class BatchWatchSerializer(serializers.Serializer[Any]):
    """How long a step is watched before the next."""

    until = serializers.DateTimeField(allow_null=True, help_text="Fin de celle en cours\u00a0; null\u00a0: aucune.")
    minutes = serializers.IntegerField(help_text="Durée réglée.")


class BatchAlarmSerializer(serializers.Serializer[Any]):
    """What held a release, and what became of it."""

    code = CodeField(AlarmCode)
    level = serializers.CharField()
    message = serializers.CharField()
    remedy = serializers.CharField(help_text="Que faire.")
    facts = serializers.DictField(help_text="Ce qui a été compté.")
    step = serializers.IntegerField(allow_null=True)
    raised_at = serializers.DateTimeField()
    closed_at = serializers.DateTimeField(allow_null=True)
    closed_by = serializers.CharField(allow_null=True)
    close_reason = serializers.CharField()


class PlannedSerializer(serializers.Serializer[Any]):
    """The account of a batch just prepared."""

    batch = serializers.IntegerField(allow_null=True, help_text="null\u00a0: personne à relancer.")
    state = CodeField(BatchState, allow_null=True)
    state_label = LabelField(BatchState, source="state", allow_null=True)
    hash = serializers.CharField(allow_null=True, help_text="Empreinte de la liste, à donner pour approuver.")
    as_of = serializers.DateField()
    waves = serializers.ListField(child=serializers.CharField())
    planned = serializers.IntegerField()
    skipped = serializers.DictField(child=serializers.IntegerField(), help_text="Écartés, par motif.")
    by_category = serializers.DictField(child=serializers.IntegerField())
    by_item = serializers.DictField(child=serializers.IntegerField())
    brakes = BrakeSerializer(many=True)
    counts = serializers.DictField(child=serializers.IntegerField(), help_text="Messages par état.")
    registered = serializers.IntegerField(allow_null=True, help_text="null\u00a0: un rectificatif.")
    kind = CodeField(BatchKind, required=False, help_text="Comme ce qui suit, absent quand personne n’est à relancer.")
    kind_label = LabelField(BatchKind, source="kind", required=False)
    conservation = serializers.DictField(child=SumsSerializer(), required=False, help_text="Le compte, par catégorie.")
    changes = ChangesSerializer(required=False)
    pace_per_hour = serializers.IntegerField(required=False, help_text="0\u00a0: sans limite.")
    expected_calls_per_hour = serializers.IntegerField(required=False, help_text="À l’heure la plus chargée.")
    agents_needed = serializers.IntegerField(required=False)
    agents = serializers.IntegerField(required=False, help_text="Au réglage.")
    answered_share = serializers.FloatField(required=False, help_text="Part des appels décrochés à temps, de 0 à 1.")
    steps = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="Paliers d’envoi.")
    ceiling = serializers.IntegerField(required=False, help_text="Rang jusqu’où les messages peuvent partir.")
    author = serializers.CharField(allow_null=True, required=False, help_text="null\u00a0: le système.")
    approved_by = serializers.CharField(allow_null=True, required=False)
    released_by = serializers.CharField(allow_null=True, required=False)
    pause_reason = CodeField(PauseReason, required=False, allow_blank=True)
    pause_reason_label = LabelField(PauseReason, source="pause_reason", required=False)
    pause_detail = serializers.CharField(required=False)
    created_at = serializers.DateTimeField(required=False)
    ended_at = serializers.DateTimeField(allow_null=True, required=False)
    recalls = serializers.ListField(child=serializers.IntegerField(), required=False, help_text="Rectificatifs du lot.")
    created = serializers.BooleanField(required=False, help_text="Faux\u00a0: le lot était déjà préparé.")
    corrects = serializers.IntegerField(
        required=False, help_text="Lot rectifié. Comme ce qui suit\u00a0: d’un rectificatif."
    )
    reason = serializers.CharField(required=False)
    by_class = serializers.DictField(child=serializers.IntegerField(), required=False)
    reached = serializers.IntegerField(required=False, help_text="Ont reçu le lot rectifié, ou peut-être.")
    corrected_before = serializers.IntegerField(required=False)
    left_to_correct = serializers.IntegerField(required=False)


_CODES: dict[str, type[LabelledEnum]] = {"kind": BatchKind, "state": BatchState, "pause_reason": PauseReason}


def report_told(report: dict[str, Any]) -> dict[str, Any]:
    """An account as the commands give it, with labels in the language of the request."""
    found = {name: codes for name, codes in _CODES.items() if report.get(name)}
    return report | {f"{name}_label": label_of(codes(report[name])) for name, codes in found.items()}


class BatchReportSerializer(PlannedSerializer):
    """The account of a batch at any time."""

    created = None  # type: ignore[assignment]
    samples = SampleSerializer(many=True)
    watch = BatchWatchSerializer()
    alarms = BatchAlarmSerializer(many=True)
    sending_off = serializers.CharField(help_text="Pourquoi rien ne part\u00a0; vide\u00a0: les envois sont ouverts.")
