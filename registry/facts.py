"""The source rows of a file, read in bulk and handed to the rules as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import connection

from registry.models import Intermediary, ReferenceVersion, RenewalCampaign, Requirement
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

_PEOPLE = """
SELECT id, orias_number, name, email, language, facts_version FROM registry_intermediary WHERE id = ANY (%(ids)s)
"""
_OF_REGISTRATION = """
r.category, r.registered_on, r.removed_on, r.suspended_on, r.suspended_until, r.holds_client_funds, r.funds_mandate,
r.filer, r.principal_bears_liability
"""
_OF_COVER = f"""
c.kind, c.categories, c.starts_on, c.ends_on, c.status, c.amount_cents, c.annual_cents,
(SELECT min(e.effective_on) FROM registry_coverevent e
 WHERE e.cover_id = c.id AND e.kind IN ({", ".join(f"'{kind.value}'" for kind in sorted(ENDING_EVENTS))})),
c.deposited_on
"""
_REGISTRATIONS = f"""
SELECT r.intermediary_id, {_OF_REGISTRATION}
FROM registry_registration r WHERE r.intermediary_id = ANY (%(ids)s)
ORDER BY r.intermediary_id, r.category
"""
_COVERS = f"""
SELECT c.intermediary_id, {_OF_COVER}
FROM registry_cover c WHERE c.intermediary_id = ANY (%(ids)s)
ORDER BY c.intermediary_id, c.starts_on, c.id
"""
SOURCE_CTES = f"""
registrations AS (
    SELECT r.intermediary_id, string_agg(ROW({_OF_REGISTRATION})::text, '' ORDER BY r.category) AS source_rows
    FROM registry_registration r GROUP BY r.intermediary_id
),
covers AS (
    SELECT c.intermediary_id, string_agg(ROW({_OF_COVER})::text, '' ORDER BY c.starts_on, c.id) AS source_rows
    FROM registry_cover c GROUP BY c.intermediary_id
)
"""
"""Common table expressions `registrations` and `covers`: everything `load_files` reads of these of one intermediary, as
one text. Made of the same columns, so that equal texts are equal facts."""


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
    people = _rows(_PEOPLE, wanted)
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


def _rows(statement: str, ids: list[int]) -> list[tuple[Any, ...]]:
    """Straight from the driver: at the moment of sending, the ORM would take longer than the rules."""
    with connection.cursor() as cursor:
        cursor.execute(statement, {"ids": ids})
        return list(cursor.fetchall())


def _registrations(ids: list[int]) -> Mapping[int, tuple[RegistrationFacts, ...]]:
    found: dict[int, list[RegistrationFacts]] = defaultdict(list)
    for pk, category, since, removed, suspended, until, funds, mandate, filer, principal in _rows(_REGISTRATIONS, ids):
        found[pk].append(
            RegistrationFacts(
                _CATEGORIES[category], since, removed, suspended, until, funds, mandate, _FILERS[filer], principal
            )
        )
    return {pk: tuple(facts) for pk, facts in found.items()}


def _covers(ids: list[int]) -> Mapping[int, tuple[CoverFacts, ...]]:
    found: dict[int, list[CoverFacts]] = defaultdict(list)
    for pk, kind, categories, starts_on, ends_on, status, *rest in _rows(_COVERS, ids):
        codes = frozenset(_CATEGORIES[c] for c in categories)
        found[pk].append(CoverFacts(_KINDS[kind], codes, starts_on, ends_on, _STATUSES[status], *rest))
    return {pk: tuple(facts) for pk, facts in found.items()}
