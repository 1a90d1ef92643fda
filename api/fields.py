"""Serializer fields for codes and their labels, and for instants that callers give."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import Any, NoReturn

from rest_framework import serializers

from api.numbers import what_is_no_number
from api.problems import label_of, said
from registry.rules import parsing
from registry.rules.labels import LabelledEnum
from registry.rules.problems import shown

FIRST_YEAR, LAST_YEAR = 1900, 2200
MOST_CHOICES = 20
"""Named of what is allowed."""
_PLUS = re.compile(r"(?<=\d) (?=\d\d:?\d\d$)")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"-?[0-9]+")


class InstantField(serializers.DateTimeField):
    """An instant that a caller gives, with its offset, of a year that can be meant."""

    def enforce_timezone(self, value: datetime) -> datetime:
        """In our time. Raises ValidationError for one without an offset: nobody knows which instant is meant."""
        if value.tzinfo is None:
            message = said(
                "Donnez l’instant avec son décalage : 2026-02-24T23:00+01:00, ou Z à la fin.",
                "Give the instant with its offset: 2026-02-24T23:00+01:00, or Z at the end.",
            )
            raise serializers.ValidationError(message, code="no_offset")
        moved: datetime = super().enforce_timezone(value)
        return moved

    def to_internal_value(self, value: Any) -> datetime:
        """The instant. Raises ValidationError, also where the calendar itself ends."""
        if isinstance(value, str):
            # A `+` that an address holds as it is arrives as a space.
            value = _PLUS.sub("+", value)
            if not value.isascii():
                # The library takes the digits of other scripts, which no description of ours names.
                self.fail("invalid", format="YYYY-MM-DDThh:mm[:ss]+HH:MM|Z")
        try:
            found = super().to_internal_value(value)
        except OverflowError:
            found = None
        if found is None or not FIRST_YEAR <= found.year <= LAST_YEAR:
            message = said(
                f"Donnez un instant des années {FIRST_YEAR} à {LAST_YEAR}.",
                f"Give an instant of the years {FIRST_YEAR} to {LAST_YEAR}.",
            )
            raise serializers.ValidationError(message, code="date_year")
        return found


class WrittenDayField(serializers.DateField):
    """A day as the description says that it is written: `2026-03-01`, and neither `2026-3-1` nor `20260301`, which the
    library takes too."""

    def to_internal_value(self, value: Any) -> date:
        """Read it. Raises ValidationError."""
        if isinstance(value, str) and not _DAY.fullmatch(value):
            self.fail("invalid", format="YYYY-MM-DD")
        day: date = super().to_internal_value(value)
        return day


class CountField(serializers.IntegerField):
    """A whole number in an address, where everything is words: in the digits 0 to 9, and in no other script's."""

    def to_internal_value(self, data: Any) -> int:
        """Read it. Raises ValidationError."""
        if isinstance(data, str) and len(data) <= self.MAX_STRING_LENGTH and not _WHOLE.fullmatch(data):
            self.fail("invalid")
        return int(super().to_internal_value(data))


class DayField(WrittenDayField):
    """A day of the years that files of the register may name."""

    def to_internal_value(self, value: Any) -> date:
        """Read it. Raises ValidationError."""
        day = super().to_internal_value(value)
        if parsing.FIRST_YEAR <= day.year <= parsing.LAST_YEAR:
            return day
        first, last = parsing.FIRST_YEAR, parsing.LAST_YEAR
        message = said(f"Donnez un jour des années {first} à {last}.", f"Give a day of the years {first} to {last}.")
        raise serializers.ValidationError(message, code="date_year")


class OneOfField(serializers.ChoiceField):
    """One of these codes; what is none of them is told which there are."""

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        """Raises ValidationError."""
        if key != "invalid_choice":
            super().fail(key, **kwargs)
        codes = [str(code) for code in self.choices if code != ""]
        told = ", ".join(codes[:MOST_CHOICES]) + ("…" if len(codes) > MOST_CHOICES else "")
        given = shown(str(kwargs["input"]))
        message = said(f"« {given} » n’est pas admis ici. Choix : {told}.", f"“{given}” is none of these: {told}.")
        raise serializers.ValidationError(message, code=key)


class FlagField(serializers.BooleanField):
    """Yes or no, in an address or a form, where everything is words."""

    def fail(self, key: str, **kwargs: Any) -> NoReturn:
        """Raises ValidationError."""
        if key != "invalid":
            super().fail(key, **kwargs)
        raise serializers.ValidationError(said("Écrivez true ou false.", "Write true or false."), code=key)


class NumberField(serializers.RegexField):
    """A number of the register; what is none is told how one is written."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(r"\A[0-9]{8}\Z", trim_whitespace=False, **kwargs)

    def to_internal_value(self, data: Any) -> str:
        """The text. Raises ValidationError for a number in JSON, which has no leading zero."""
        if isinstance(data, str):
            return str(super().to_internal_value(data))
        raise serializers.ValidationError(what_is_no_number(str(data)), code="invalid")

    def run_validators(self, value: Any) -> None:
        """Raises ValidationError."""
        try:
            super().run_validators(value)
        except serializers.ValidationError:
            raise serializers.ValidationError(what_is_no_number(str(value)), code="invalid") from None


class RuledTextField(serializers.CharField):
    """A text that the register's own rules clean and judge. Longer by far than they keep, it is not even cleaned: it is
    then told the same limit as they tell, in characters."""

    def __init__(self, longest: int, **kwargs: Any) -> None:
        super().__init__(trim_whitespace=False, max_length=4 * longest, **kwargs)
        self.longest = longest

    def to_internal_value(self, data: Any) -> str:
        """The text as it is. Raises ValidationError."""
        text: str = super().to_internal_value(data)
        if len(text) <= 4 * self.longest:
            return text
        message = said(
            f"Plus de {self.longest} caractères. Abréger.", f"More than {self.longest} characters. Shorten it."
        )
        raise serializers.ValidationError(message, code="max_length")


class DistinctListField(serializers.ListField):
    """A list in which nothing stands twice; the schema says `uniqueItems`."""

    def to_internal_value(self, data: Any) -> list[Any]:
        """The values. Raises ValidationError, which points at each that stands there already."""
        values: list[Any] = super().to_internal_value(data)
        if again := [place for place, value in enumerate(values) if value in values[:place]]:
            message = said("Cette valeur est déjà dans la liste.", "This value is in the list already.")
            told = [serializers.ErrorDetail(message, code="duplicate")]
            raise serializers.ValidationError({str(place): told for place in again})
        return values


class CodeField(serializers.ChoiceField):
    """A stored code; the schema lists them all with their French labels."""

    def __init__(self, codes: type[LabelledEnum], **kwargs: Any) -> None:
        super().__init__(choices=codes.choices(), read_only=True, **kwargs)


class LabelField(serializers.CharField):
    """The label of a code, in the language of the request."""

    def __init__(self, codes: type[LabelledEnum], source: str, **kwargs: Any) -> None:
        super().__init__(source=source, read_only=True, **kwargs)
        self._codes = codes

    def to_representation(self, value: Any) -> str:
        """The label; nothing for an empty code."""
        return label_of(self._codes(value)) if value else ""


class LabelsField(serializers.ListField):
    """The labels of a list of codes, in its order, in the language of the request."""

    child = serializers.CharField()

    def __init__(self, codes: type[LabelledEnum], source: str) -> None:
        super().__init__(source=source, read_only=True)
        self._codes = codes

    def to_representation(self, data: Any) -> list[str]:
        """Each label."""
        return [label_of(self._codes(value)) for value in data]


class CodeSerializer(serializers.Serializer[LabelledEnum]):
    """A code with its label."""

    code = serializers.CharField(source="value", read_only=True)
    label = serializers.SerializerMethodField()  # type: ignore[assignment]

    def get_label(self, member: LabelledEnum) -> str:
        """In the language of the request."""
        return label_of(member)
