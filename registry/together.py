"""Several lists of rows read in one statement: one trip to the server, and all of them of the same instant."""

from __future__ import annotations

import json
from typing import Any

from django.db import connection
from django.db.models import QuerySet


def read_together(*asked: QuerySet[Any]) -> list[list[Any]]:
    """The rows that each of these would give, in its order, as instances of its model with its annotations.

    For models of numbers, texts, days and instants: what JSON bears unharmed. No `values`, no `select_related`.
    """
    made = [queryset.query.sql_with_params() for queryset in asked]
    columns = ", ".join(f"to_jsonb(ARRAY(SELECT one FROM ({sql}) one))" for sql, _ in made)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {columns}", [value for _, values in made for value in values])
        found = cursor.fetchone()
    return [[_instance(queryset, row) for row in json.loads(rows)] for queryset, rows in zip(asked, found, strict=True)]


def _instance(queryset: QuerySet[Any], row: dict[str, Any]) -> Any:
    fields = {f.attname: f.to_python(row[f.column]) for f in queryset.model._meta.concrete_fields}
    made = queryset.model(**fields)
    for name, annotation in queryset.query.annotations.items():
        value = row[name]
        setattr(made, name, value if value is None else annotation.output_field.to_python(value))
    return made
