"""Writers of certificates: deposited, reviewed, withdrawn, and what their issuers say afterwards."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.documents import attach_documents
from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import CorrectionRequest, Cover, CoverEvent, CoverPaper, CoverReview, Document, Intermediary
from registry.models.cover import Channel
from registry.rules.categories import Category, CoverKind
from registry.rules.documents import DocumentState
from registry.rules.facts import UNDER_REVIEW, CoverEventKind, CoverStatus
from registry.rules.reviews import ReviewReason

LONGEST_NOTE = 300


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
    documents: Sequence[Document] = (),
) -> Cover:
    """Enter a certificate (days inclusive, sums in euro cents); it waits for review unless said otherwise.

    `deposited_on` is the day that counts for its intermediary (I12; CRPA L112-1). `documents` are its evidence; raises
    RegisterError for one that cannot be.
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
        attach_documents(cover=cover, documents=list(documents), day=day)
        store_findings(intermediary.pk, as_of=day)
        return cover


def accept_cover(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover) -> None:
    """Accept a certificate under review; its deposit day stays as it is (I12).

    Raises RegisterError where its latest document cannot be read yet, or at all: nobody accepts what nobody has seen.
    """
    with recording(by=by, why=why):
        _decide(day=day, cover=cover, status=CoverStatus.ACCEPTED)
        require_readable(cover)
        store_findings(cover.intermediary_id, as_of=day)


def refuse_cover(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    cover: Cover,
    reason: ReviewReason = ReviewReason.OTHER,
    note: str = "",
) -> None:
    """Refuse a certificate under review for a coded reason, with words for its intermediary; OTHER without a note is
    told by `why`."""
    told = note.strip() or (why.strip()[:LONGEST_NOTE] if reason is ReviewReason.OTHER else "")
    with recording(by=by, why=why):
        _decide(day=day, cover=cover, status=CoverStatus.REFUSED)
        refusal = {"reason": reason.value, "note": told, "refused_on": day}
        CoverReview.objects.update_or_create(cover=cover, defaults=refusal)
        store_findings(cover.intermediary_id, as_of=day)


def withdraw_cover(*, by: AbstractBaseUser | None, why: str, day: date, cover: Cover) -> None:
    """Take back a certificate under review."""
    with recording(by=by, why=why):
        _decide(day=day, cover=cover, status=CoverStatus.WITHDRAWN)
        store_findings(cover.intermediary_id, as_of=day)


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


def lock_under_review(cover: Cover, *states: CoverStatus) -> Cover:
    """The row of a certificate in one of these states, locked. Raises RegisterError where it is in none of them."""
    values = [state.value for state in states or UNDER_REVIEW]
    locked = Cover.objects.select_for_update(of=("self",), no_key=True).filter(pk=cover.pk, status__in=values).first()
    if locked is None:
        raise RegisterError(
            f"L’attestation {cover.pk} n’attend plus de contrôle\u00a0: rechargez le dossier pour voir son état."
        )
    return locked


def end_correction(cover: Cover, day: date) -> bool:
    """Close what was asked back, if anything was; inside the writer's transaction."""
    return bool(CorrectionRequest.objects.filter(cover=cover.pk, ended_on=None).update(ended_on=day))


def _decide(*, day: date, cover: Cover, status: CoverStatus) -> None:
    lock_under_review(cover)
    end_correction(cover, day)
    Cover.objects.filter(pk=cover.pk).update(status=status.value)


def require_readable(cover: Cover) -> None:
    """Raises RegisterError where the latest document of a certificate cannot be read yet, or at all."""
    papers = CoverPaper.objects.filter(cover=cover.pk).order_by("-id")
    # Locked, so that a scan that ends now comes before or after.
    latest = Document.objects.select_for_update(of=("self",), no_key=True).filter(pk__in=papers.values("document")[:1])
    document = latest.defer("text").first()
    if document and document.state not in (DocumentState.CLEAN, DocumentState.NOT_SCANNED):
        state = DocumentState(document.state).label.lower()
        raise RegisterError(
            f"Le document {document.pk} de l’attestation {cover.pk} ne peut pas être lu ({state})\u00a0: "
            "attendez son analyse, ou demandez-en un autre."
        )
