"""The history of one object in words: each change, its instant, author and reason, and what it changed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.db.models import Model

MOST_CHANGES = 200
"""A page shows so many changes, the latest first."""

_ACTS = {"insert": "Création", "update": "Modification", "delete": "Suppression"}


@dataclass(frozen=True, slots=True)
class FieldChange:
    """One field before and after."""

    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded act. `who` and `why` are empty where it was made by SQL, outside the program."""

    at: datetime
    act: str
    who: str
    why: str
    fields: tuple[FieldChange, ...]


def changes_of(obj: Model) -> list[Change]:
    """The latest changes of an object of a tracked model, newest first: two queries."""
    events: Any = obj.history  # type: ignore[attr-defined]
    rows = list(events.order_by("-pgh_id").select_related("pgh_context")[: MOST_CHANGES + 1])
    names = _names(row.pgh_context for row in rows)
    older = [*rows[1:], None]
    return [_change(row, before, names) for row, before in zip(rows, older, strict=True)][:MOST_CHANGES]


def _names(contexts: Iterable[Any]) -> Mapping[int, str]:
    """The names of those who are recorded by the key of their account."""
    found = {c.metadata.get("user") for c in contexts if c is not None}
    keys = [key for key in found if isinstance(key, int)]
    return dict(User.objects.filter(pk__in=keys).values_list("pk", "username")) if keys else {}


def _change(row: Any, before: Any | None, names: Mapping[int, str]) -> Change:
    metadata = row.pgh_context.metadata if row.pgh_context else {}
    user: Any = metadata.get("user") or ""
    return Change(
        at=row.pgh_created_at,
        act=_ACTS.get(row.pgh_label, row.pgh_label),
        who=str(names.get(user, user)),
        why=str(metadata.get("why") or ""),
        fields=tuple(_fields(row, before)) if row.pgh_label != "delete" else (),
    )


def _fields(row: Any, before: Any | None) -> Iterable[FieldChange]:
    for field in row._meta.concrete_fields:
        if field.name.startswith("pgh_") or field.name == "id":
            continue
        old = getattr(before, field.attname) if before is not None else None
        new = getattr(row, field.attname)
        if old != new and (before is not None or new not in (None, "")):
            yield FieldChange(str(field.verbose_name), _shown(before, field), _shown(row, field))


def _shown(row: Any | None, field: Any) -> str:
    value = None if row is None else getattr(row, field.attname)
    if value is None or value in ("", []):
        return "—"
    if isinstance(value, bool):
        return "oui" if value else "non"
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(dict(field.flatchoices).get(value, value))
