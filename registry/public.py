"""What anyone may see of the register: no address, no telephone, no certificate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import JSONObject

from registry.facts import load_decisions
from registry.models import Intermediary, Registration
from registry.rules.categories import Category
from registry.rules.deadlines import Freeze, acts_in_force
from registry.rules.facts import RegistrationFacts
from registry.rules.labels import LabelledEnum

PUBLIC_FIELDS = ("id", "orias_number", "siren", "name", "trade_name", "legal_form", "town")


class PublicStatus(LabelledEnum):
    """Where a registration stands, in the public's words."""

    REGISTERED = "REGISTERED", "Inscrit", "Registered"
    SUSPENDED = "SUSPENDED", "Suspendu", "Suspended"
    REMOVED = "REMOVED", "Supprimé", "Removed"
    NOT_YET_REGISTERED = "NOT_YET_REGISTERED", "Pas encore inscrit", "Not yet registered"


@dataclass(frozen=True, slots=True)
class PublicRegistration:
    """One category: since when, until when (the day of removal), and whether client funds are collected."""

    category: Category
    since: date
    until: date | None
    collects_funds: bool
    status: PublicStatus


@dataclass(frozen=True, slots=True)
class PublicEntry:
    """One intermediary as published."""

    orias_number: str
    siren: str
    name: str
    trade_name: str
    legal_form: str
    town: str
    categories: tuple[PublicRegistration, ...]


def published() -> QuerySet[Intermediary]:
    """The intermediaries with a registration, past ones included, and their public columns: two queries."""
    registrations = Registration.objects.order_by("category")
    return (
        Intermediary.objects.filter(Exists(Registration.objects.filter(intermediary=OuterRef("pk"))))
        .only(*PUBLIC_FIELDS)
        .prefetch_related(Prefetch("registrations", registrations))
    )


def published_by_number(numbers: Iterable[str], day: date) -> dict[str, PublicEntry]:
    """What is published of these numbers, as of `day`: one query, however many they are."""
    return {entry.orias_number: entry for entry in _published_of(Q(orias_number__in=list(numbers)), day)}


def published_by_siren(sirens: Iterable[str], day: date) -> dict[str, PublicEntry]:
    """What is published of these SIREN (none empty), as of `day`: one query, however many they are."""
    return {entry.siren: entry for entry in _published_of(Q(siren__in=list(sirens)) & ~Q(siren=""), day)}


def _published_of(whose: Q, day: date) -> Iterator[PublicEntry]:
    columns = ("category", "registered_on", "removed_on", "suspended_on", "suspended_until", "holds_client_funds")
    mine = Registration.objects.filter(intermediary=OuterRef("pk")).order_by("category")
    rows = (
        Intermediary.objects.filter(whose)
        .only(*PUBLIC_FIELDS)
        .annotate(inscriptions=ArraySubquery(mine.values(columns=JSONObject(**{name: name for name in columns}))))
        .exclude(inscriptions=[])
    )
    return (_entry(row, map(_as_registration, row.inscriptions), day) for row in rows)


def _as_registration(columns: dict[str, Any]) -> Registration:
    dates = {name: value and date.fromisoformat(value) for name, value in columns.items() if name in _DATES}
    return Registration(**columns | dates)


_DATES = frozenset({"registered_on", "removed_on", "suspended_on", "suspended_until"})


def public_entry(intermediary: Intermediary, day: date) -> PublicEntry:
    """What is published of one of `published()`, as of `day`."""
    return _entry(intermediary, intermediary.registrations.all(), day)


def _entry(intermediary: Intermediary, registrations: Iterable[Registration], day: date) -> PublicEntry:
    return PublicEntry(
        orias_number=intermediary.orias_number,
        siren=intermediary.siren,
        name=intermediary.name,
        trade_name=intermediary.trade_name,
        legal_form=intermediary.legal_form,
        town=intermediary.town,
        categories=tuple(_registration(r, day) for r in registrations),
    )


def _registration(row: Registration, day: date) -> PublicRegistration:
    return PublicRegistration(
        category=Category[row.category],
        since=row.registered_on,
        until=row.removed_on,
        collects_funds=row.holds_client_funds,
        status=_status(row, day),
    )


def _status(row: Registration, day: date) -> PublicStatus:
    facts = RegistrationFacts(
        Category[row.category], row.registered_on, row.removed_on, row.suspended_on, row.suspended_until
    )
    if facts.is_removed(day):
        return PublicStatus.REMOVED
    if facts.registered_on > day:
        return PublicStatus.NOT_YET_REGISTERED
    return PublicStatus.SUSPENDED if facts.is_suspended(day) else PublicStatus.REGISTERED


def freezes_told(day: date) -> list[Freeze]:
    """The freezes of deadlines that the public is told of on `day`; `freeze_in_words` says it."""
    return [act for act in acts_in_force(load_decisions()) if isinstance(act, Freeze) and act.is_shown(day)]
