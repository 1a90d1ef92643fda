"""What bodies and queries share: nothing unknown is passed over, and only the fields asked for are answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, TypeVar, cast

from django.http import QueryDict
from drf_spectacular.utils import OpenApiParameter
from rest_framework import serializers
from rest_framework.request import Request

from api.english import told_of
from api.parameters import unknown_name
from api.problems import said
from api.sandbox import force_outcome
from registry.rules.problems import Problem, shown
from registry.rules.text import clean_cell, is_unseen

T = TypeVar("T")


class Body(serializers.Serializer[Any]):
    """A body of which every member is known: one that is misspelt must not look as if it had been heard."""

    def to_internal_value(self, data: Any) -> Any:
        """Read it. Raises ValidationError, for unknown members too."""
        if not isinstance(data, Mapping):
            raise _no_object(data)
        if unknown := sorted(set(data) - set(self.fields)):
            known = sorted(self.fields)
            told = {name: [unknown_name(name, known, ("Membre inconnu", "Unknown member"))] for name in unknown}
            raise serializers.ValidationError(told, code="unknown_field")
        wrong = self._unseen(data) | _errors(list(_unreadable(data))) | self._quoted(data)
        try:
            values = super().to_internal_value(data)
        except serializers.ValidationError as error:
            raise serializers.ValidationError(cast(dict[str, Any], error.detail) | wrong) from None
        if wrong:
            raise serializers.ValidationError(wrong)
        return values

    def _quoted(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Members that are to be true or false, or a number, and are words: `"no"` opens no stop switch. A form has
        nothing but words."""
        if isinstance(data, QueryDict):
            return {}
        told = {name: _no_json(field, data[name]) for name, field in self.fields.items() if name in data}
        return {name: found for name, found in told.items() if found}

    def _unseen(self, data: Mapping[str, Any]) -> dict[str, list[Any]]:
        """Texts of nothing but signs that nobody sees: what looks filled in must not empty a field."""
        found = {}
        for name, field in self.fields.items():
            if isinstance(field, serializers.CharField) and isinstance(data.get(name), str) and is_unseen(data[name]):
                message = said(
                    "Ce texte n’a que des signes invisibles : retapez-le.",
                    "This text has nothing but invisible signs: type it again.",
                )
                code = "invisible_characters" if field.allow_blank else "blank"
                found[name] = [serializers.ErrorDetail(message, code=code)]
        return found

    @classmethod
    def read(cls, request: Request) -> dict[str, Any]:
        """The values of a request's body. Raises ValidationError; Refused where a number forces that in the sandbox."""
        if not isinstance(request.data, Mapping):
            raise _no_object(request.data)
        asked = cls(data=request.data)
        asked.is_valid(raise_exception=True)
        values: dict[str, Any] = asked.validated_data
        force_outcome(values)
        return values


def _no_json(field: Any, value: Any) -> Any:
    """What is said of a value that should be JSON's own true, false or number; of a list, by the place in it."""
    if isinstance(field, serializers.BooleanField) and not isinstance(value, bool):
        return [said("Écrivez true ou false, sans guillemets.", "Write true or false, without quotes.")]
    if isinstance(field, serializers.IntegerField) and isinstance(value, str):
        return [said("Écrivez un nombre entier, sans guillemets.", "Write a whole number, without quotes.")]
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        told = {str(place): _no_json(field.child, one) for place, one in enumerate(value)}
        return {place: found for place, found in told.items() if found}
    return None


def _no_object(data: Any) -> serializers.ValidationError:
    words = said("Un objet JSON est attendu ici : { … }.", "A JSON object is expected here: { … }.")
    return serializers.ValidationError({"non_field_errors": [words]}, code="null" if data is None else "invalid")


def _unreadable(data: Mapping[str, Any]) -> Iterator[Problem]:
    """Its texts with characters that command or mislead: what the register takes from no file, it takes from no body.
    NUL is each field's own to refuse."""
    for name, value in data.items():
        if isinstance(value, str) and "\0" not in value and isinstance(found := clean_cell(value, name), Problem):
            yield found


def refused_values(problems: list[Problem], names: Mapping[str, str] | None = None) -> serializers.ValidationError:
    """The error that tells what the register's rules find wrong with a body, each with the rule's own code."""
    return serializers.ValidationError(_errors(problems, names))


def _errors(problems: list[Problem], names: Mapping[str, str] | None = None) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = {}
    for one in problems:
        detail = serializers.ErrorDetail(told_of(one), code=one.code)
        found.setdefault((names or {}).get(one.field, one.field), []).append(detail)
    return found


FIELDS = OpenApiParameter(
    "fields", str, description="Membres voulus, séparés par des virgules\u00a0; absent\u00a0: tous."
)
"""Declared by each endpoint that answers by `chosen`."""


def chosen(request: Request, document: Mapping[str, T]) -> dict[str, T]:
    """The members of a document that `?fields=a,b` names; all without it. Raises ValidationError for unknown ones."""
    return {name: document[name] for name in _asked(request, document)}


def chosen_of_each(request: Request, shape: type[serializers.Serializer[Any]], rows: Iterable[Any]) -> list[Any]:
    """The same of each row of a list; a name that is unknown is refused also where the list is empty."""
    names = _asked(request, shape().fields)
    documents = (shape(row).data for row in rows)
    return [{name: one[name] for name in names} for one in documents]


def _asked(request: Request, known: Iterable[str]) -> list[str]:
    """The names asked for, in the order asked; all that are known where none is. Raises ValidationError."""
    asked = request.query_params.get("fields")
    if asked is None:
        return list(known)
    names = [name.strip() for name in asked.split(",") if name.strip()]
    if not names:
        message = said("Nommez au moins un membre.", "Name one member at least.")
        raise serializers.ValidationError({"fields": [message]}, code="blank")
    if unknown := [name for name in names if name not in set(known)]:
        told, here = shown(", ".join(unknown)), ", ".join(sorted(known))
        message = said(
            f"Champs inconnus : {told}. Ceux d’ici : {here}.", f"Unknown fields: {told}. Those known here: {here}."
        )
        raise serializers.ValidationError({"fields": [message]}, code="unknown_field")
    return names
