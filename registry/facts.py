"""The source rows of a file, read in bulk and handed to the rules as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from django.db.models import F, Min, Q

from registry.models import Cover, Intermediary, ReferenceVersion, Registration, RenewalCampaign, Requirement
from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.facts import (
    ENDING_EVENTS,
    CoverFacts,
    CoverStatus,
    FileFacts,
    Reference,
    RegistrationFacts,
)
from registry.rules.facts import Requirement as RequirementRow

_CATEGORIES = {c.value: c for c in Category}
_KINDS = {k.value: k for k in CoverKind}
_STATUSES = {s.value: s for s in CoverStatus}
_FILERS = {f.value: f for f in Filer}


def load_reference() -> Reference:
    """Requirement rows and campaigns, with the version that counts their changes.

    The version is read first: a change made meanwhile makes it look old, never fresh. Raises
    ReferenceVersion.DoesNotExist where the one row is missing, since then nothing can be trusted to be current.
    """
    version = ReferenceVersion.objects.values_list("version", flat=True).get(id=1)
    requirements = Requirement.objects.order_by("category", "kind", "valid_from").values_list(
        "category", "kind", "valid_from", "valid_until", "amount_cents", "annual_cents", "legal_text"
    )
    campaigns = RenewalCampaign.objects.order_by("year").values_list(
        "year", "opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on"
    )
    return Reference(
        requirements=tuple(RequirementRow(_CATEGORIES[r[0]], _KINDS[r[1]], *r[2:]) for r in requirements),
        campaigns=tuple(CampaignDates(*row) for row in campaigns),
        version=version,
    )


def load_files(ids: Iterable[int]) -> dict[int, FileFacts]:
    """The files of these intermediaries by id: four queries, however many they are.

    `facts_version` is read before the rest, so that a change made meanwhile makes the file look old, never fresh.
    """
    wanted = list(ids)
    people = list(
        Intermediary.objects.filter(id__in=wanted).values_list(
            "id", "orias_number", "name", "email", "language", "facts_version"
        )
    )
    registrations = _registrations(wanted)
    covers = _covers(wanted)
    return {
        pk: FileFacts(number, name, email, language, registrations.get(pk, ()), covers.get(pk, ()), version)
        for pk, number, name, email, language, version in people
    }


def load_file(orias_number: str) -> FileFacts | None:
    """One file by its number, or None where the register does not hold it."""
    pk = Intermediary.objects.filter(orias_number=orias_number).values_list("id", flat=True).first()
    return load_files([pk]).get(pk) if pk is not None else None


def _registrations(ids: list[int]) -> Mapping[int, tuple[RegistrationFacts, ...]]:
    rows = (
        Registration.objects.filter(intermediary__in=ids)
        .order_by("intermediary", "category")
        .values_list(
            "intermediary",
            "category",
            "registered_on",
            "removed_on",
            "suspended_on",
            "suspended_until",
            "holds_client_funds",
            "funds_mandate",
            "filer",
            "principal_bears_liability",
        )
    )
    found: dict[int, list[RegistrationFacts]] = defaultdict(list)
    for pk, category, since, removed, suspended, until, funds, mandate, filer, principal in rows:
        found[pk].append(
            RegistrationFacts(
                _CATEGORIES[category], since, removed, suspended, until, funds, mandate, _FILERS[filer], principal
            )
        )
    return {pk: tuple(facts) for pk, facts in found.items()}


def _covers(ids: list[int]) -> Mapping[int, tuple[CoverFacts, ...]]:
    ending = Q(events__kind__in=sorted(k.value for k in ENDING_EVENTS))
    rows = (
        Cover.objects.filter(intermediary__in=ids)
        .annotate(ended_on=Min("events__effective_on", filter=ending))
        .order_by(F("intermediary"), F("starts_on"), F("id"))
        .values_list(
            "intermediary",
            "kind",
            "categories",
            "starts_on",
            "ends_on",
            "status",
            "amount_cents",
            "annual_cents",
            "ended_on",
            "deposited_on",
        )
    )
    found: dict[int, list[CoverFacts]] = defaultdict(list)
    for pk, kind, categories, starts_on, ends_on, status, *rest in rows:
        codes = frozenset(_CATEGORIES[c] for c in categories)
        found[pk].append(CoverFacts(_KINDS[kind], codes, starts_on, ends_on, _STATUSES[status], *rest))
    return {pk: tuple(facts) for pk, facts in found.items()}
