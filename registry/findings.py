"""Stored findings: kept beside the facts for lists and searches, in the transaction that changed the facts.

Sets are decided in SQL (`assessment.sql`), single files by the pure rules; a test proves that the two agree.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from registry.facts import load_files, load_reference
from registry.models import Intermediary, Registration, StoredFinding
from registry.rules.covers import RENEWAL_NOTICE, CoverFinding
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import assess_file
from registry.rules.labels import LabelledEnum

FINDING_CTES = (Path(__file__).parent / "assessment.sql").read_text(encoding="utf-8")
"""Common table expressions ending in `finding`; parameters as `assessment_parameters` makes them."""

CHUNK = 1000
_VALUES = ("state", "covered_until", "term", "due_on", "first_validity", "reasons")


def assessment_parameters(day: date, ids: Sequence[int] | None = None, *, with_exempt: bool = True) -> dict[str, Any]:
    """The parameters of FINDING_CTES: the day, the intermediaries (None: all), whether what is NOT_REQUIRED is to be a
    finding too, and the rules' own constant."""
    return {
        "day": day,
        "ids": None if ids is None else list(ids),
        "with_exempt": with_exempt,
        "renewal_notice": RENEWAL_NOTICE.days,
    }


_REFRESH = f"""
WITH {FINDING_CTES},
fresh AS (
    SELECT f.registration_id, f.kind, f.state, f.covered_until, f.term, f.due_on, f.first_validity, f.reasons,
           %(day)s::date AS as_of, i.facts_version, v.version AS reference_version
    FROM finding f
    JOIN registry_intermediary i ON i.id = f.intermediary_id
    CROSS JOIN registry_referenceversion v
),
gone AS (
    DELETE FROM registry_storedfinding s
    USING registry_registration r
    WHERE r.id = s.registration_id
      AND (%(ids)s::bigint[] IS NULL OR r.intermediary_id = ANY (%(ids)s::bigint[]))
      AND NOT EXISTS (SELECT FROM active a WHERE a.id = r.id)
)
INSERT INTO registry_storedfinding AS s (
    registration_id, kind, state, covered_until, term, due_on, first_validity, reasons, as_of, facts_version,
    reference_version
)
SELECT * FROM fresh
ON CONFLICT (registration_id, kind) DO UPDATE SET
    state = excluded.state, covered_until = excluded.covered_until, term = excluded.term,
    due_on = excluded.due_on, first_validity = excluded.first_validity, reasons = excluded.reasons,
    as_of = excluded.as_of, facts_version = excluded.facts_version, reference_version = excluded.reference_version
WHERE (s.state, s.covered_until, s.term, s.due_on, s.first_validity, s.reasons, s.facts_version, s.reference_version)
      IS DISTINCT FROM
      (excluded.state, excluded.covered_until, excluded.term, excluded.due_on, excluded.first_validity,
       excluded.reasons, excluded.facts_version, excluded.reference_version)
"""


@contextmanager
def joined_by_sets() -> Iterator[None]:
    """Have PostgreSQL join sets by hashing within this block, which needs a transaction.

    Inside one statement it guesses how many rows a step gives; where a table's statistics are not there yet it
    guesses one, and a loop over a few hundred files took minutes.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")


def refresh_findings(*, as_of: date, ids: Sequence[int] | None = None) -> int:
    """Bring the stored findings of these intermediaries (None: all) to `as_of`; the number of rows that changed."""
    with transaction.atomic(), joined_by_sets(), connection.cursor() as cursor:
        cursor.execute(_REFRESH, assessment_parameters(as_of, ids))
        return int(cursor.rowcount)


def store_findings(intermediary_id: int, *, as_of: date) -> None:
    """Bring one intermediary's stored findings to `as_of` by the pure rules."""
    reference = load_reference()
    facts = load_files([intermediary_id])[intermediary_id]
    registrations = dict(Registration.objects.filter(intermediary=intermediary_id).values_list("category", "id"))
    findings = assess_file(facts, reference, as_of).findings
    in_force = {registrations[f.category] for f in findings}
    # By the registrations that were read, not by a join: planned without statistics, that was a loop in a loop.
    StoredFinding.objects.filter(registration__in=set(registrations.values()) - in_force).delete()
    StoredFinding.objects.bulk_create(
        [_stored(registrations[f.category], f, facts, reference, as_of) for f in findings],
        update_conflicts=True,
        unique_fields=["registration", "kind"],
        update_fields=[*_VALUES, "as_of", "facts_version", "reference_version"],
    )


def _stored(
    registration_id: int, finding: CoverFinding, facts: FileFacts, reference: Reference, as_of: date
) -> StoredFinding:
    return StoredFinding(
        registration_id=registration_id,
        kind=finding.kind.value,
        **_values(finding),
        as_of=as_of,
        facts_version=facts.facts_version,
        reference_version=reference.version,
    )


def _values(finding: CoverFinding) -> dict[str, object]:
    return {
        "state": finding.state.value,
        "covered_until": finding.covered_until,
        "term": finding.term,
        "due_on": finding.due_on,
        "first_validity": finding.first_validity,
        "reasons": [r.value for r in finding.reasons],
    }


class DifferenceKind(LabelledEnum):
    """How a stored finding departs from what the rules say."""

    STALE = "STALE", "calculé sur des faits plus anciens", "computed from older facts"
    WRONG = "WRONG", "contraire aux règles", "not what the rules say"
    ABSENT = "ABSENT", "constat absent", "finding absent"
    SURPLUS = "SURPLUS", "constat sans inscription en vigueur", "finding without a registration in force"


@dataclass(frozen=True, slots=True)
class Difference:
    """One stored finding that is not what the pure rules say of the source rows."""

    orias_number: str
    category: str
    kind: str
    difference: DifferenceKind
    stored: str | None
    computed: str | None


@dataclass(slots=True)
class Verification:
    """The outcome of a verification: files checked, differences, and findings that a new day has outdated."""

    checked: int
    outdated: int
    differences: list[Difference]


def verify_findings(*, day: date) -> Iterator[Verification]:
    """Recompute every file by the pure rules and compare with what is stored; one Verification per chunk of files.

    A stored finding is compared on the day for which it was stored: that time has passed since makes it outdated,
    not different. So is one that is not there yet, where on the last day for which any was stored none was due.
    """
    reference = load_reference()
    last_stored = StoredFinding.objects.aggregate(last=Max("as_of"))["last"]
    ids = Intermediary.objects.order_by("id").values_list("id", flat=True).iterator(chunk_size=CHUNK)
    while chunk := list(islice(ids, CHUNK)):
        yield _verify_chunk(chunk, reference, day, last_stored or day)


def _verify_chunk(ids: list[int], reference: Reference, day: date, last_stored: date) -> Verification:
    stored: dict[int, list[StoredFinding]] = defaultdict(list)
    rows = StoredFinding.objects.filter(registration__intermediary__in=ids).select_related("registration")
    for row in rows:
        stored[row.registration.intermediary_id].append(row)
    outcome = Verification(len(ids), 0, [])
    for pk, facts in load_files(ids).items():
        outdated, differences = _verify_file(facts, stored[pk], reference, day, last_stored)
        outcome.outdated += outdated
        outcome.differences.extend(differences)
    return outcome


def _verify_file(
    facts: FileFacts, stored: list[StoredFinding], reference: Reference, day: date, last_stored: date
) -> tuple[int, list[Difference]]:
    today = _by_key(assess_file(facts, reference, day).findings)
    seen = {(row.registration.category, row.kind): row for row in stored}
    computed_on = {row.as_of: _by_key(assess_file(facts, reference, row.as_of).findings) for row in stored}
    differences = []
    outdated = 0
    for key, row in seen.items():
        difference = _difference(row, computed_on[row.as_of].get(key), facts, reference)
        if difference:
            differences.append(_describe(facts, key, difference, row, computed_on[row.as_of].get(key)))
        elif today.get(key) is None or _values(today[key]) != _stored_values(row):
            outdated += 1
    not_there = today.keys() - seen.keys()
    absent = not_there and not_there & _by_key(assess_file(facts, reference, last_stored).findings).keys()
    differences += [_describe(facts, k, DifferenceKind.ABSENT, None, today[k]) for k in sorted(absent)]
    return outdated + len(not_there) - len(absent), differences


def _by_key(findings: Iterable[CoverFinding]) -> dict[tuple[str, str], CoverFinding]:
    return {(f.category.value, f.kind.value): f for f in findings}


def _stored_values(row: StoredFinding) -> dict[str, object]:
    return {name: getattr(row, name) for name in _VALUES}


def _difference(
    row: StoredFinding, computed: CoverFinding | None, facts: FileFacts, reference: Reference
) -> DifferenceKind | None:
    if (row.facts_version, row.reference_version) != (facts.facts_version, reference.version):
        return DifferenceKind.STALE
    if computed is None:
        return DifferenceKind.SURPLUS
    return None if _values(computed) == _stored_values(row) else DifferenceKind.WRONG


def _describe(
    facts: FileFacts,
    key: tuple[str, str],
    kind: DifferenceKind,
    row: StoredFinding | None,
    computed: CoverFinding | None,
) -> Difference:
    return Difference(
        orias_number=facts.orias_number,
        category=key[0],
        kind=key[1],
        difference=kind,
        stored=row.state if row else None,
        computed=computed.state.value if computed else None,
    )


def stale_files() -> int:
    """How many intermediaries have a stored finding that was computed from older facts (I9)."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(DISTINCT r.intermediary_id) FROM registry_storedfinding s"
            " JOIN registry_registration r ON r.id = s.registration_id"
            " JOIN registry_intermediary i ON i.id = r.intermediary_id"
            " CROSS JOIN registry_referenceversion v"
            " WHERE s.facts_version <> i.facts_version OR s.reference_version <> v.version"
        )
        return int(cursor.fetchone()[0])
