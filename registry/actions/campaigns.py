"""Writer of campaign dates: data, moved by a decision."""

from __future__ import annotations

from datetime import date

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import refresh_findings
from registry.models import RenewalCampaign

MOVABLE = frozenset({"opens_on", "principals_due_on", "due_on", "tolerated_until", "expires_on"})


def move_campaign(*, by: AbstractBaseUser | None, why: str, day: date, year: int, **dates: date) -> None:
    """Move dates of a year's campaign; every stored finding follows in the same transaction.

    A wave already sent is not sent again: its identity is the term of the cover, which does not move (I2).
    """
    if foreign := set(dates) - MOVABLE:
        raise RegisterError(f"Dates de campagne inconnues\u00a0: {', '.join(sorted(foreign))}.")
    with recording(by=by, why=why):
        if not RenewalCampaign.objects.filter(year=year).update(**dates):
            raise RegisterError(f"Aucune campagne {year} au registre\u00a0: créez-la d’abord.")
        refresh_findings(as_of=day)
