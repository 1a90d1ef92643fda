"""Renewal requests read in bulk, assessed by the pure rules, and pre-filled from the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from registry.facts import load_files, load_reference
from registry.models import FeeRate, Intermediary, Registration, RenewalRequest
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import assess_cover
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import registrations_in_force
from registry.rules.prefill import FIELDS, Answer, prefill
from registry.rules.renewals import (
    FeeRate as FeeRateRow,
)
from registry.rules.renewals import (
    FilingChannel,
    Renewal,
    RenewalState,
    RequestFacts,
    assess_renewal,
)

_REQUEST = (
    "registration__category", "campaign__year", "state", "channel", "filed_on", "entered_on", "fee_cents",
    "paid_cents", "paid_on", "informed_on",
)  # fmt: skip
_OF_THE_PERSON = ("name", "trade_name", "legal_form", "email", "phone_e164", "address", "postcode", "town")
_OF_THE_REGISTRATION = tuple(name for name in FIELDS if name not in _OF_THE_PERSON)


def load_fee_rates() -> tuple[FeeRateRow, ...]:
    """What each category costs, from when until when."""
    rows = FeeRate.objects.order_by("category", "valid_from")
    values = rows.values_list("category", "valid_from", "valid_until", "amount_cents")
    return tuple(FeeRateRow(Category(row[0]), *row[1:]) for row in values)


def load_requests(ids: Iterable[int], *, year: int) -> dict[int, tuple[RequestFacts, ...]]:
    """The requests of these intermediaries in the campaign of `year`, by intermediary."""
    rows = RenewalRequest.objects.filter(registration__intermediary__in=list(ids), campaign__year=year)
    found: dict[int, list[RequestFacts]] = defaultdict(list)
    for pk, *values in rows.order_by("registration__category").values_list("registration__intermediary", *_REQUEST):
        found[pk].append(_facts(dict(zip(_REQUEST, values, strict=True))))
    return {pk: tuple(requests) for pk, requests in found.items()}


def _facts(row: dict[str, Any]) -> RequestFacts:
    channel = row.pop("channel")
    return RequestFacts(
        category=Category(row.pop("registration__category")),
        year=row.pop("campaign__year"),
        state=RenewalState(row.pop("state")),
        channel=FilingChannel(channel) if channel else None,
        **row,
    )


def renewals_of(ids: Iterable[int], *, year: int, day: date) -> dict[int, tuple[Renewal, ...]]:
    """The renewals of these intermediaries in the campaign of `year`, item by item, as of `day`."""
    wanted = list(ids)
    reference, files, requests = load_reference(), load_files(wanted), load_requests(wanted, year=year)
    return {pk: assess_renewals(files[pk], requests.get(pk, ()), reference, day) for pk in files}


def assess_renewals(
    facts: FileFacts, requests: Iterable[RequestFacts], reference: Reference, day: date
) -> tuple[Renewal, ...]:
    """The renewals of one file: one for each request whose registration is not removed."""
    campaigns = {c.year: c for c in reference.campaigns}
    registrations = {r.category: r for r in facts.registrations if not r.is_removed(day)}
    findings = [
        assess_cover(registration, kind, facts.covers, reference, day)
        for registration in registrations_in_force(facts, day)[0]
        for kind in CoverKind
    ]
    return tuple(
        assess_renewal(
            request,
            registrations[request.category],
            campaigns[request.year],
            findings,
            facts.covers,
            reference.freezes,
            day,
        )
        for request in requests
        if request.category in registrations
    )


@dataclass(frozen=True, slots=True)
class Prefilled:
    """The answers of a request before it is filed; `since` is when the last one was (None: there is none)."""

    since: datetime | None
    answers: tuple[Answer, ...]


def prefill_request(request: RenewalRequest) -> Prefilled:
    """What the register says, and what of it has changed since the same registration was last renewed."""
    registration = request.registration
    since = _last_filed(request)
    now = _said(Intermediary.objects.get(pk=registration.intermediary_id), _OF_THE_PERSON)
    now |= _said(Registration.objects.get(pk=registration.pk), _OF_THE_REGISTRATION)
    return Prefilled(since, prefill(now, _said_then(registration, since) if since else None))


def _said(row: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


def _last_filed(request: RenewalRequest) -> datetime | None:
    """When the request of the latest campaign before this one was filed, by the history's clock."""
    mine: Any = request
    filed = mine.history.model.objects.filter(
        registration=request.registration_id,
        campaign__year__lt=request.campaign.year,
        state=RenewalState.FILED.value,
    )
    first = filed.order_by("-campaign__year", "pgh_id").values_list("pgh_created_at", flat=True).first()
    return first if isinstance(first, datetime) else None


def _said_then(registration: Registration, at: datetime) -> dict[str, object] | None:
    """What the history holds of that instant; None where the register is younger than it."""
    person: Any = registration.intermediary
    mine: Any = registration
    rows = [
        (person.history.filter(pgh_created_at__lte=at).order_by("-pgh_id").first(), _OF_THE_PERSON),
        (mine.history.filter(pgh_created_at__lte=at).order_by("-pgh_id").first(), _OF_THE_REGISTRATION),
    ]
    said: dict[str, object] = {}
    for row, names in rows:
        if row is None:
            return None
        said |= _said(row, names)
    return said
