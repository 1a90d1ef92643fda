"""What anyone may see of the register: no address, no telephone, no certificate."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, Prefetch, Q, QuerySet
from django.db.models.functions import Coalesce, JSONObject

from registry.facts import load_decisions
from registry.models import Affiliation, Intermediary, PastRegistration, Registration
from registry.rules.affiliations import BodyKind
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
class PublicPeriod:
    """An earlier period of a registration, over by a removal on `until`. Why it was removed is not published."""

    since: date
    until: date


@dataclass(frozen=True, slots=True)
class PublicRegistration:
    """One category: since when, until when (the day of removal), and whether client funds are collected."""

    category: Category
    since: date
    until: date | None
    collects_funds: bool
    status: PublicStatus
    earlier: tuple[PublicPeriod, ...] = ()


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
    former_numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Principal:
    """For whom an agent acts (mandant)."""

    siren: str
    name: str


_EARLIER = ArraySubquery(
    PastRegistration.objects.filter(registration=OuterRef("pk"))
    .order_by("registered_on")
    .values(period=JSONObject(since="registered_on", until="removed_on"))
)


def published() -> QuerySet[Intermediary]:
    """The intermediaries with a registration, past ones included, and their public columns: two queries.

    A number that was merged is published under the one it leads to, with what was removed under it.
    """
    registrations = Registration.objects.order_by("category").annotate(earlier_periods=_EARLIER)
    return (
        Intermediary.objects.filter(
            Exists(Registration.objects.filter(intermediary=OuterRef("pk"))), merged_into__isnull=True
        )
        .only(*PUBLIC_FIELDS)
        .annotate(**_of_former_numbers())
        .prefetch_related(Prefetch("registrations", registrations))
    )


def _of_former_numbers() -> dict[str, ArraySubquery]:
    merged = Intermediary.objects.filter(merged_into=OuterRef("pk")).order_by("orias_number")
    theirs = Registration.objects.filter(intermediary__merged_into=OuterRef("pk")).order_by("category", "pk")
    return {
        "former_numbers": ArraySubquery(merged.values("orias_number")),
        "former_inscriptions": ArraySubquery(theirs.values(columns=_columns())),
    }


def _columns() -> JSONObject:
    names = ("category", "registered_on", "removed_on", "suspended_on", "suspended_until", "holds_client_funds")
    return JSONObject(**{name: name for name in names}, earlier_periods=_EARLIER)


def published_by_number(numbers: Iterable[str], day: date) -> dict[str, PublicEntry]:
    """What is published of these numbers, as of `day`: one query, however many they are. One that was merged tells of
    the number it leads to."""
    asked = set(numbers)
    led = Intermediary.objects.filter(orias_number__in=asked).values(end=Coalesce("merged_into_id", "pk"))
    found: dict[str, PublicEntry] = {}
    for entry in _published_of(Q(pk__in=led), day):
        found |= dict.fromkeys(asked & {entry.orias_number, *entry.former_numbers}, entry)
    return found


def every_entry(day: date) -> Iterator[PublicEntry]:
    """All that is published, as of `day`, by number: one statement, so of one instant; memory stays flat."""
    return _entries(_rows_of(Q(merged_into=None)).order_by("orias_number").iterator(chunk_size=1000), day)


def principals_of(numbers: Iterable[str], day: date) -> dict[tuple[str, Category], list[Principal]]:
    """By number and category, the principals whose mandate is in force on `day`: one query, however many they are."""
    mandates = Affiliation.objects.filter(
        Q(ends_on=None) | Q(ends_on__gte=day),
        starts_on__lte=day,
        body__kind=BodyKind.PRINCIPAL.value,
        registration__intermediary__orias_number__in=set(numbers),
    ).order_by("body__name", "pk")
    columns = ("registration__intermediary__orias_number", "registration__category", "body__siren", "body__name")
    found: dict[tuple[str, Category], list[Principal]] = {}
    for number, category, siren, name in mandates.values_list(*columns):
        found.setdefault((number, Category[category]), []).append(Principal(siren, name))
    return found


def published_by_siren(sirens: Iterable[str], day: date) -> dict[str, PublicEntry]:
    """What is published of these SIREN (none empty), as of `day`: one query, however many they are."""
    whose = Q(siren__in=list(sirens), merged_into=None) & ~Q(siren="")
    return {entry.siren: entry for entry in _published_of(whose, day)}


def _published_of(whose: Q, day: date) -> Iterator[PublicEntry]:
    return _entries(_rows_of(whose), day)


def _entries(rows: Iterable[Any], day: date) -> Iterator[PublicEntry]:
    return (_entry(row, map(_as_registration, row.inscriptions), day) for row in rows)


def _rows_of(whose: Q) -> QuerySet[Any]:
    mine = Registration.objects.filter(intermediary=OuterRef("pk")).order_by("category")
    return (
        Intermediary.objects.filter(whose)
        .only(*PUBLIC_FIELDS)
        .annotate(inscriptions=ArraySubquery(mine.values(columns=_columns())), **_of_former_numbers())
        .exclude(inscriptions=[])
    )


def _as_registration(columns: dict[str, Any]) -> Registration:
    periods = columns.pop("earlier_periods")
    dates = {name: value and date.fromisoformat(value) for name, value in columns.items() if name in _DATES}
    row = Registration(**columns | dates)
    row.earlier_periods = periods  # type: ignore[attr-defined]
    return row


_DATES = frozenset({"registered_on", "removed_on", "suspended_on", "suspended_until"})


def public_entry(intermediary: Intermediary, day: date) -> PublicEntry:
    """What is published of one of `published()`, as of `day`."""
    return _entry(intermediary, intermediary.registrations.all(), day)


def _entry(intermediary: Any, registrations: Iterable[Registration], day: date) -> PublicEntry:
    former = map(_as_registration, intermediary.former_inscriptions)
    return entry_of(intermediary, [*registrations, *former], tuple(intermediary.former_numbers), day)


def entry_of(row: Any, registrations: Iterable[Any], former_numbers: tuple[str, ...], day: date) -> PublicEntry:
    """What is published of a row with the public columns and its registrations: of now, or of a past instant."""
    return PublicEntry(
        orias_number=row.orias_number,
        siren=row.siren,
        name=row.name,
        trade_name=row.trade_name,
        legal_form=row.legal_form,
        town=row.town,
        categories=tuple(_registration(r, day) for r in registrations),
        former_numbers=former_numbers,
    )


def _registration(row: Registration, day: date) -> PublicRegistration:
    return PublicRegistration(
        category=Category[row.category],
        since=row.registered_on,
        until=row.removed_on,
        collects_funds=row.holds_client_funds,
        status=_status(row, day),
        earlier=_earlier(row),
    )


def _earlier(row: Registration) -> tuple[PublicPeriod, ...]:
    """The periods before this one, read with the row."""
    periods: list[dict[str, str]] = row.earlier_periods  # type: ignore[attr-defined]
    return tuple(PublicPeriod(*(date.fromisoformat(p[name]) for name in ("since", "until"))) for p in periods)


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
