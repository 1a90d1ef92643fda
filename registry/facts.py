"""The source rows of a file, read in bulk and handed to the rules as values."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection
from django.db.models import F, QuerySet
from psycopg.types.multirange import Multirange

from registry.models import DeadlineDecision, Intermediary, ReferenceVersion, RenewalCampaign, Requirement
from registry.planned import run_planned
from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category, CoverKind, Filer
from registry.rules.deadlines import (
    MOVABLE,
    DeadlineAct,
    Freeze,
    Shift,
    SignedDecision,
    acts_in_force,
    dates_in_force,
)
from registry.rules.facts import (
    CoverFacts,
    CoverStatus,
    FileFacts,
    Reference,
    RegistrationFacts,
)
from registry.rules.facts import Requirement as RequirementRow
from registry.rules.periods import Period
from registry.together import read_together

_CATEGORIES = {c.value: c for c in Category}
_KINDS = {k.value: k for k in CoverKind}
_STATUSES = {s.value: s for s in CoverStatus}
_FILERS = {f.value: f for f in Filer}

_PEOPLE = """
SELECT i.id, i.orias_number, i.name, i.email, i.language, i.facts_version,
       CASE WHEN i.merged_into_id IS NULL THEN ''
            ELSE (SELECT k.orias_number FROM registry_intermediary k WHERE k.id = i.merged_into_id) END
FROM registry_intermediary i WHERE i.id = ANY (%s)
"""
_OF_REGISTRATION = """
r.category, r.registered_on, r.removed_on, r.suspended_on, r.suspended_until, r.holds_client_funds, r.funds_mandate,
r.filer, r.principal_bears_liability
"""
_OF_COVER = """
c.kind, c.categories, c.starts_on, c.ends_on, c.status, c.amount_cents, c.annual_cents, c.deposited_on,
(SELECT w.lost FROM registry_coverword w WHERE w.cover_id = c.id)
"""
_REGISTRATIONS = f"""
SELECT r.intermediary_id, {_OF_REGISTRATION}
FROM registry_registration r WHERE r.intermediary_id = ANY (%s)
ORDER BY r.intermediary_id, r.category
"""
_COVERS = f"""
SELECT c.intermediary_id, {_OF_COVER}
FROM registry_cover c WHERE c.intermediary_id = ANY (%s)
ORDER BY c.intermediary_id, c.starts_on, c.id
"""
_ALIKE = _OF_REGISTRATION.replace(
    "r.registered_on",
    "CASE WHEN r.registered_on <= %(day)s THEN date_trunc('year', r.registered_on)::date ELSE r.registered_on END",
)
SOURCE_CTES = f"""
registrations AS (
    SELECT r.intermediary_id, string_agg(ROW({_ALIKE})::text, '' ORDER BY r.category) AS source_rows
    FROM registry_registration r GROUP BY r.intermediary_id
),
covers AS (
    SELECT c.intermediary_id, string_agg(ROW({_OF_COVER})::text, '' ORDER BY c.starts_on, c.id) AS source_rows
    FROM registry_cover c GROUP BY c.intermediary_id
)
"""
"""Common table expressions `registrations` and `covers`: everything `load_files` reads of these of one intermediary, as
one text. Made of the same columns, so that equal texts are equal facts, but for one thing: of a registration that has
begun on %(day)s the rules ask in which year it did (`CampaignDates.concerns`), never on which day of it."""


def load_reference(*, at: datetime | None = None) -> Reference:
    """Requirement rows, campaigns as signed decisions have left them, freezes; the version that counts their changes:
    one query, so that all is of one instant.

    `at` takes the decisions that counted at that instant instead of those that count now: what was believed then.
    Raises ReferenceVersion.DoesNotExist where the one row is missing, since then nothing can be trusted to be current.
    """
    versions, requirements, signed, campaigns = read_together(
        ReferenceVersion.objects.filter(id=1),
        Requirement.objects.order_by("category", "kind", "valid_from"),
        signed_decisions(),
        RenewalCampaign.objects.order_by("year"),
    )
    if not versions:
        raise ReferenceVersion.DoesNotExist
    acts = acts_in_force(as_signed(signed), at)
    return Reference(
        requirements=tuple(requirement_row(row) for row in requirements),
        campaigns=tuple(dates_in_force(campaign_dates(row), acts) for row in campaigns),
        version=versions[0].version,
        freezes=tuple(act for act in acts if isinstance(act, Freeze)),
    )


def requirement_row(row: Any) -> RequirementRow:
    """A requirement, of now or of the history, as the rules are given it."""
    return RequirementRow(
        _CATEGORIES[row.category],
        _KINDS[row.kind],
        row.valid_from,
        row.valid_until,
        row.amount_cents,
        row.annual_cents,
        row.legal_text,
    )


def campaign_dates(row: Any) -> CampaignDates:
    """The dates of a campaign, of now or of the history, before any decision."""
    return CampaignDates(row.year, *(getattr(row, name) for name in MOVABLE))


def load_original_campaigns() -> list[CampaignDates]:
    """The dates that each campaign started from, before any decision, by year."""
    return [campaign_dates(row) for row in RenewalCampaign.objects.order_by("year")]


def signed_decisions() -> QuerySet[Any]:
    """The rows of `as_signed`: every decision about deadlines ever signed, reverted ones included, in that order."""
    signed = DeadlineDecision.objects.exclude(kind=DeadlineAct.REVERSAL.value).order_by("id")
    return signed.annotate(year=F("campaign__year"), reversed_at=F("reversal__signed_at"))


def load_decisions() -> list[SignedDecision]:
    """Every decision about deadlines ever signed, reverted ones included, in the order of signing."""
    return as_signed(signed_decisions())


def as_signed(rows: Iterable[Any]) -> list[SignedDecision]:
    """These rows of `signed_decisions` as the rules are given them."""
    return [SignedDecision(row.pk, _act(row), row.signed_at, row.reversed_at) for row in rows]


def _act(row: Any) -> Shift | Freeze:
    if row.kind == DeadlineAct.FREEZE:
        return Freeze(row.from_on, row.until_on)
    moved = {name: getattr(row, name) for name in MOVABLE}
    return Shift(row.year, {name: day for name, day in moved.items() if day is not None})


def load_files(ids: Iterable[int]) -> dict[int, FileFacts]:
    """The files of these intermediaries by id: three queries, however many they are.

    `facts_version` is read before the rest, so that a change made meanwhile makes the file look old, never fresh.
    """
    wanted = list(ids)
    people = _rows(_PEOPLE, wanted)
    registrations = load_registrations(wanted)
    covers = _covers(wanted)
    return {
        pk: FileFacts(number, name, email, language, registrations.get(pk, ()), covers.get(pk, ()), version, leads_to)
        for pk, number, name, email, language, version, leads_to in people
    }


def load_file(orias_number: str) -> FileFacts | None:
    """One file by its number, or None where the register does not hold it."""
    pk = Intermediary.objects.filter(orias_number=orias_number).values_list("id", flat=True).first()
    return load_files([pk]).get(pk) if pk is not None else None


def load_papers(person: Intermediary) -> FileFacts:
    """The file of a row just read: two queries. Its `facts_version` is that of the row, so that a change made meanwhile
    makes the file look old, never fresh."""
    return load_papers_of([person])[person.pk]


def load_papers_of(people: Iterable[Intermediary]) -> dict[int, FileFacts]:
    """Likewise those of rows just read, by id: two queries, however many they are."""
    rows = {person.pk: person for person in people}
    registrations, covers = load_registrations([*rows]), _covers([*rows])
    return {
        pk: FileFacts(
            person.orias_number,
            person.name,
            person.email,
            person.language,
            registrations.get(pk, ()),
            covers.get(pk, ()),
            person.facts_version,
            person.merged_into.orias_number if person.merged_into else "",
        )
        for pk, person in rows.items()
    }


def _rows(statement: str, ids: list[int]) -> list[tuple[Any, ...]]:
    """Straight from the driver: at the moment of sending, the ORM would take longer than the rules."""
    with connection.cursor() as cursor:
        run_planned(cursor, statement, [ids])
        return list(cursor.fetchall())


def load_registrations(ids: list[int]) -> Mapping[int, tuple[RegistrationFacts, ...]]:
    """The registrations of these intermediaries alone, by id: one query."""
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
    for pk, kind, categories, starts_on, ends_on, status, amount, annual, deposited_on, lost in _rows(_COVERS, ids):
        codes = frozenset(_CATEGORIES[c] for c in categories)
        ended_on, gaps = _lost(lost) if lost else (None, ())
        found[pk].append(
            CoverFacts(
                _KINDS[kind], codes, starts_on, ends_on, _STATUSES[status], amount, annual, ended_on, deposited_on, gaps
            )
        )
    return {pk: tuple(facts) for pk, facts in found.items()}


def _lost(days: Multirange[date]) -> tuple[date | None, tuple[Period, ...]]:
    """The first day of what has no end, and the stretches that have one: as the rules are given an issuer's word."""
    gaps = tuple(Period(r.lower, r.upper) for r in days if r.lower and r.upper)
    return next((r.lower for r in days if r.upper is None), None), gaps
