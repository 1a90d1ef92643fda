"""Writers of signed decisions about deadlines: campaign shifts, freezes, reversals. Nothing is changed or deleted.

A wave already sent is not sent again, however the deadlines move: its identity is the term of the cover (I2).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.facts import load_decisions, load_original_campaigns
from registry.findings import refresh_findings
from registry.models import DeadlineDecision, ReferenceVersion, RenewalCampaign
from registry.rules.campaigns import CampaignDates
from registry.rules.deadlines import (
    MOVABLE,
    DeadlineAct,
    Freeze,
    Shift,
    acts_in_force,
    are_in_order,
    dates_in_force,
)

LONGEST_FREEZE = 366
"""Days. A longer one is a slip of the pen."""


def shift_campaign(
    *,
    by: AbstractBaseUser,
    reason: str,
    act_reference: str,
    now: datetime,
    year: int,
    dates: Mapping[str, date],
    refresh: bool = True,
) -> DeadlineDecision:
    """Set some of the five dates (keys of MOVABLE) of a year's campaign to new days, by the act cited.

    The stored findings follow in the same transaction, unless `refresh` is False: for a preview, which rolls back.
    Raises RegisterError for an unknown campaign or date, dates that stay as they are, or that would not follow one
    another.
    """
    if foreign := set(dates) - set(MOVABLE):
        raise RegisterError(
            f"Dates de campagne inconnues\u00a0: {', '.join(sorted(foreign))}. "
            f"Dates connues\u00a0: {', '.join(MOVABLE)}."
        )
    if not act_reference.strip():
        raise RegisterError("Un décalage cite l’acte dont il procède\u00a0: indiquez sa référence.")
    with _signing(by, reason):
        campaign = RenewalCampaign.objects.filter(year=year).first()
        if campaign is None:
            raise RegisterError(f"Aucune campagne {year} au registre\u00a0: créez-la d’abord.")
        _require_change(year, dates)
        _require_order(added=Shift(year, dates))
        return _sign(
            by, reason, now, refresh, kind=DeadlineAct.SHIFT, campaign=campaign, act_reference=act_reference, **dates
        )


def freeze_deadlines(
    *,
    by: AbstractBaseUser,
    reason: str,
    now: datetime,
    from_on: date,
    until_on: date,
    act_reference: str = "",
    refresh: bool = True,
) -> DeadlineDecision:
    """Give back the days lost to our own outage, both included: every legal clock that ran is moved by as many.

    `refresh` as for `shift_campaign`. Raises RegisterError for days in the wrong order, too many, or frozen already.
    """
    freeze = Freeze(from_on, until_on)
    if not 1 <= freeze.days_lost <= LONGEST_FREEZE:
        raise RegisterError(
            f"Du {from_on} au {until_on} il y a {freeze.days_lost} jours\u00a0: "
            f"un gel en compte de 1 à {LONGEST_FREEZE}."
        )
    with _signing(by, reason):
        frozen = [act for act in acts_in_force(load_decisions()) if isinstance(act, Freeze)]
        if twice := next((other for other in frozen if freeze.overlaps(other)), None):
            raise RegisterError(
                f"Le gel du {twice.from_on} au {twice.until_on} est déjà en vigueur\u00a0: "
                "annulez-le d’abord, ou indiquez d’autres jours."
            )
        return _sign(
            by,
            reason,
            now,
            refresh,
            kind=DeadlineAct.FREEZE,
            from_on=from_on,
            until_on=until_on,
            days_lost=freeze.days_lost,
            act_reference=act_reference,
        )


def revert_decision(
    *,
    by: AbstractBaseUser,
    reason: str,
    now: datetime,
    number: int,
    act_reference: str = "",
    kind: DeadlineAct | None = None,
    refresh: bool = True,
) -> DeadlineDecision:
    """Sign the reversal of decision `number`: from `now` on it counts for nothing; both stay on record.

    `refresh` as for `shift_campaign`. Raises RegisterError where there is no such decision (of that `kind`, if one is
    named), it is reverted already, is itself a reversal, or the dates would not follow one another without it.
    """
    with _signing(by, reason):
        decision = DeadlineDecision.objects.filter(pk=number).select_related("reversal").first()
        if decision is None or kind not in (None, decision.kind):
            what = f" ({kind.label.lower()})" if kind else ""
            raise RegisterError(f"Aucune décision {number}{what} sur les délais\u00a0: vérifiez son numéro.")
        if decision.kind == DeadlineAct.REVERSAL:
            raise RegisterError(f"La décision {number} est une annulation\u00a0: signez à nouveau la décision annulée.")
        if hasattr(decision, "reversal"):
            raise RegisterError(f"La décision {number} est déjà annulée, par la décision {decision.reversal.pk}.")
        _require_order(without=number)
        return _sign(by, reason, now, refresh, kind=DeadlineAct.REVERSAL, reverts=decision, act_reference=act_reference)


@contextmanager
def _signing(by: AbstractBaseUser, reason: str) -> Iterator[None]:
    """`recording`, for one decision at a time: they queue at the reference version, so each sees those before it."""
    if not reason.strip():
        raise RegisterError("Une décision sur les délais dit pourquoi\u00a0: indiquez un motif.")
    with recording(by=by, why=reason):
        ReferenceVersion.objects.select_for_update().get(id=1)
        yield


def _sign(
    by: AbstractBaseUser, reason: str, now: datetime, refresh: bool, *, kind: DeadlineAct, **values: object
) -> DeadlineDecision:
    decision = DeadlineDecision.objects.create(
        kind=kind.value, reason=reason, signed_by_id=by.pk, signed_at=now, **values
    )
    if refresh:
        refresh_findings(as_of=local_day(now))
    return decision


def _require_change(year: int, dates: Mapping[str, date]) -> None:
    today = next(c for c in _campaigns(acts_in_force(load_decisions())) if c.year == year)
    same = [name for name in MOVABLE if name in dates and dates[name] == getattr(today, name)]
    if not dates or same:
        told = f" ({', '.join(same)})" if same else ""
        raise RegisterError(f"Rien à décaler{told}\u00a0: la campagne {year} a déjà ces dates.")


def _require_order(*, added: Shift | None = None, without: int | None = None) -> None:
    decisions = [d for d in load_decisions() if d.number != without]
    acts = (*acts_in_force(decisions), *([added] if added else []))
    for dates in _campaigns(acts):
        if not are_in_order(dates):
            told = ", ".join(f"{name} {getattr(dates, name)}" for name in MOVABLE)
            raise RegisterError(
                f"Les dates de la campagne {dates.year} ne se suivraient plus ({told})\u00a0: décalez aussi les autres."
            )


def _campaigns(acts: tuple[Shift | Freeze, ...]) -> list[CampaignDates]:
    return [dates_in_force(original, acts) for original in load_original_campaigns()]
