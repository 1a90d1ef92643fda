"""Writers of certificates: deposited, reviewed, withdrawn, and what their issuers say afterwards."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import Cover, CoverEvent, Intermediary
from registry.models.cover import Channel
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind, CoverStatus


def record_cover(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    intermediary: Intermediary,
    kind: CoverKind,
    categories: Iterable[Category],
    starts_on: date,
    ends_on: date,
    deposited_on: date,
    amount_cents: int | None = None,
    annual_cents: int | None = None,
    issuer: str = "",
    policy: str = "",
    channel: Channel = Channel.PORTAL,
    status: CoverStatus = CoverStatus.DEPOSITED,
) -> Cover:
    """Enter a certificate (days inclusive, sums in euro cents); it waits for review unless said otherwise.

    `deposited_on` is the day that counts for its intermediary (I12; CRPA L112-1).
    """
    with recording(by=by, why=why):
        cover = Cover.objects.create(
            intermediary=intermediary,
            kind=kind.value,
            categories=sorted(c.value for c in categories),
            starts_on=starts_on,
            ends_on=ends_on,
            deposited_on=deposited_on,
            amount_cents=amount_cents,
            annual_cents=annual_cents,
            issuer=issuer,
            policy=policy,
            channel=channel.value,
            status=status.value,
        )
        store_findings(intermediary.pk, as_of=day)
        return cover


def accept_cover(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover) -> None:
    """Accept a certificate that was waiting for review; its deposit day stays as it is (I12)."""
    _review(by=by, why=why, day=day, cover=cover, status=CoverStatus.ACCEPTED)


def refuse_cover(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover) -> None:
    """Refuse a certificate that was waiting for review; `why` is the reason."""
    _review(by=by, why=why, day=day, cover=cover, status=CoverStatus.REFUSED)


def withdraw_cover(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover) -> None:
    """Take back a certificate that was waiting for review."""
    _review(by=by, why=why, day=day, cover=cover, status=CoverStatus.WITHDRAWN)


def record_cover_event(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    cover: Cover,
    kind: CoverEventKind,
    effective_on: date,
    received_at: datetime,
) -> CoverEvent:
    """Record the issuer's word; `effective_on` is the first day without cover (CA R512-14, R512-17)."""
    with recording(by=by, why=why):
        event = CoverEvent.objects.create(
            cover=cover, kind=kind.value, effective_on=effective_on, received_at=received_at
        )
        store_findings(cover.intermediary_id, as_of=day)
        return event


def _review(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover, status: CoverStatus) -> None:
    with recording(by=by, why=why):
        waiting = Cover.objects.filter(pk=cover.pk, status=CoverStatus.DEPOSITED.value)
        if not waiting.update(status=status.value):
            raise RegisterError(
                f"L’attestation {cover.pk} n’attend plus de contrôle\u00a0: rechargez le dossier pour voir son état."
            )
        store_findings(cover.intermediary_id, as_of=day)
