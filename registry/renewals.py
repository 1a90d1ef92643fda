"""Renewal requests read in bulk, assessed by the pure rules, and pre-filled from the history."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
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
    person = Intermediary.objects.get(pk=request.registration.intermediary_id)
    request.registration = Registration.objects.get(pk=request.registration_id)
    return prefill_requests(person, [request])[request.pk]


def prefill_requests(person: Intermediary, requests: Sequence[RenewalRequest]) -> dict[int, Prefilled]:
    """The same for several requests of one person in one campaign, rows just read: three queries, where all of them
    were last filed at once."""
    since = _last_filed(requests)
    said_then = {at: _said_then(person, requests, at) for at in set(since.values())}
    found = {}
    for request in requests:
        mine, at = request.registration_id, since.get(request.registration_id)
        now = _said(person, _OF_THE_PERSON) | _said(request.registration, _OF_THE_REGISTRATION)
        found[request.pk] = Prefilled(at, prefill(now, said_then[at].get(mine) if at else None))
    return found


def _said(row: object, names: Iterable[str]) -> dict[str, object]:
    return {name: getattr(row, name) for name in names}


def _last_filed(requests: Sequence[RenewalRequest]) -> dict[int, datetime]:
    """By registration, when the request of the latest campaign before this one was filed, by the history's clock."""
    history: Any = RenewalRequest.history.rel.related_model  # type: ignore[attr-defined]
    filed = history.objects.filter(
        registration__in=[request.registration_id for request in requests],
        campaign__year__lt=max(request.campaign.year for request in requests),
        state=RenewalState.FILED.value,
    )
    rows = filed.order_by("registration", "-campaign__year", "pgh_id").distinct("registration")
    return dict(rows.values_list("registration", "pgh_created_at"))


def _said_then(person: Intermediary, requests: Sequence[RenewalRequest], at: datetime) -> dict[int, dict[str, object]]:
    """What the history holds of that instant, by registration; nothing where the register is younger than it."""
    mine: Any = person
    row = mine.history.filter(pgh_created_at__lte=at).order_by("-pgh_id").first()
    history: Any = Registration.history.rel.related_model  # type: ignore[attr-defined]
    wanted = [request.registration_id for request in requests]
    events = history.objects.filter(pgh_obj__in=wanted, pgh_created_at__lte=at)
    told = _said(row, _OF_THE_PERSON) if row is not None else {}
    return {
        event.pgh_obj_id: told | _said(event, _OF_THE_REGISTRATION)
        for event in events.order_by("pgh_obj", "-pgh_id").distinct("pgh_obj")
        if told
    }
