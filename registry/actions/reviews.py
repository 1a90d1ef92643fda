"""Writers of the review: who looks, what is asked back and answered, and many accepted at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from django.contrib.auth.models import AbstractBaseUser
from django.db import IntegrityError
from django.db.models import QuerySet

from registry.actions.covers import accept_cover, end_correction, lock_under_review, require_readable
from registry.actions.documents import attach_documents
from registry.actions.recording import RegisterError, recording
from registry.findings import refresh_findings, store_findings
from registry.models import CorrectionRequest, Cover, CoverReview, Document, Intermediary
from registry.reviews import findings_of, papers_of, shown_mark
from registry.rules.facts import CoverStatus
from registry.rules.labels import LabelledEnum
from registry.rules.papers import PaperFinding, PaperLevel
from registry.rules.reviews import ReviewReason

CORRECTABLE = ("categories", "issuer", "policy", "starts_on", "ends_on", "amount_cents", "annual_cents")
"""What an answer to a correction request may change of a certificate; never its kind, nor the day of its deposit."""
MOST_AT_ONCE = 500


def assign_review(
    *,
    by: AbstractBaseUser,
    why: str,
    day: date,
    cover: Cover,
    to: AbstractBaseUser | None,
    take_over: bool = False,
) -> CoverReview:
    """Give the review of a certificate to somebody, or to nobody (None).

    Raises RegisterError where it is not under review, or somebody else has it and `take_over` is not said.
    """
    with recording(by=by, why=why):
        lock_under_review(cover)
        review, _ = CoverReview.objects.get_or_create(cover=cover)
        holder = review.assigned_to
        if holder and not take_over and holder.pk not in (by.pk, to.pk if to else None):
            raise RegisterError(
                f"L’attestation {cover.pk} est confiée à {holder.get_username()} depuis le {review.assigned_on}\u00a0: "
                "voyez avec cette personne, ou reprenez-la expressément."
            )
        review.assigned_to_id, review.assigned_on = (to.pk, day) if to else (None, None)
        review.save()
        return review


def ask_correction(
    *, by: AbstractBaseUser, why: str, day: date, cover: Cover, reason: ReviewReason, note: str = ""
) -> CorrectionRequest:
    """Send a certificate that waits for us back to its intermediary: our two months stand still until it answers.

    The day of its deposit stays (I12); since the ball is with them, reminders may go again. Raises RegisterError where
    it does not wait for us, or OTHER says nothing.
    """
    if reason is ReviewReason.OTHER and not note.strip():
        raise RegisterError("Le motif OTHER demande une précision\u00a0: dites ce qu’il faut corriger.")
    with recording(by=by, why=why):
        lock_under_review(cover, CoverStatus.DEPOSITED)
        asked = CorrectionRequest.objects.create(
            cover=cover, reason=reason.value, note=note.strip(), asked_on=day, asked_by_id=by.pk
        )
        Cover.objects.filter(pk=cover.pk).update(status=CoverStatus.RETURNED.value)
        store_findings(cover.intermediary_id, as_of=day)
        return asked


def answer_correction(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    cover: Cover,
    documents: Sequence[Document] = (),
    **changes: object,
) -> None:
    """Answer what was asked back, with documents, corrected values (CORRECTABLE) or both: it waits for us again, and
    counts from the day of its first deposit (I12). Raises RegisterError where nothing was asked, or nothing is said."""
    if foreign := set(changes) - set(CORRECTABLE):
        raise RegisterError(f"Champs non modifiables ici\u00a0: {', '.join(sorted(foreign))}.")
    if not changes and not documents:
        raise RegisterError("Une correction apporte un document ou une valeur\u00a0: indiquez au moins l’un des deux.")
    with recording(by=by, why=why):
        corrected = lock_under_review(cover, CoverStatus.RETURNED)
        for name, value in changes.items():
            setattr(corrected, name, value)
        if corrected.ends_on < corrected.starts_on:
            raise RegisterError("Le dernier jour ne peut pas précéder le premier\u00a0: corrigez la période.")
        end_correction(cover, day)
        corrected.status = CoverStatus.DEPOSITED.value
        corrected.save(update_fields=[*changes, "status"])
        attach_documents(cover=corrected, documents=list(documents), day=day)
        store_findings(corrected.intermediary_id, as_of=day)


@contextmanager
def as_shown(*, by: AbstractBaseUser, why: str, cover: Cover, mark: str) -> Iterator[None]:
    """One transaction in which a certificate under review is what the reviewer looked at, by its `shown_mark`.

    Raises RegisterError where it is decided already, or its file or its paper is not what was shown.
    """
    with recording(by=by, why=why):
        locked = lock_under_review(cover)
        # After the certificate, as its own change does: what would raise the version waits.
        locked.intermediary = Intermediary.objects.select_for_update(of=("self",), no_key=True).get(
            pk=locked.intermediary_id
        )
        if shown_mark(locked, papers_of([locked.pk]).get(locked.pk)) != mark:
            raise RegisterError(
                "Le dossier ou le document a changé depuis que vous les avez sous les yeux\u00a0: "
                "les voici tels qu’ils sont, relisez avant de décider."
            )
        yield


class Fate(LabelledEnum):
    """What became of one certificate of a lot."""

    ACCEPTED = "ACCEPTED", "acceptée", "accepted"
    ALREADY = "ALREADY", "déjà acceptée", "accepted already"
    NOT_WAITING = "NOT_WAITING", "n’attend pas notre contrôle", "does not wait for our review"
    NOT_FOUND = "NOT_FOUND", "introuvable", "not found"
    FOUND_WANTING = "FOUND_WANTING", "à regarder par une personne", "to be looked at by a person"
    OF_SOMEBODY_ELSE = "OF_SOMEBODY_ELSE", "confiée à quelqu’un d’autre", "somebody else's"
    REFUSED_BY_REGISTER = "REFUSED_BY_REGISTER", "refusée par le registre", "refused by the register"

    @property
    def is_good(self) -> bool:
        """Whether the certificate is accepted now."""
        return self in (Fate.ACCEPTED, Fate.ALREADY)


@dataclass(frozen=True, slots=True)
class LineFate:
    """One line of a lot: the certificate, what became of it, and why."""

    cover_id: int
    fate: Fate
    detail: str = ""
    detail_en: str = ""
    """The same in English, where it is made of findings."""


def accept_covers(*, by: AbstractBaseUser, why: str, day: date, ids: Sequence[int]) -> Iterator[LineFate]:
    """Accept these certificates one by one, each looked at again at that moment and in a transaction of its own.

    One with any finding that is wrong or doubtful, or somebody else's, is left for a person. To be repeated freely:
    what was accepted is told so. Raises RegisterError, before anything is done, for more than MOST_AT_ONCE.
    """
    return (_accept_one(by, why, day, pk) for pk in _wanted(ids))


def accept_lot(*, by: AbstractBaseUser, why: str, day: date, ids: Sequence[int]) -> list[LineFate]:
    """As `accept_covers`, in one transaction and by sets: for a caller that keeps the answer beside the effects (I15).

    All certificates are locked first, then their files, each in the order of the keys: who reviews a single one locks
    in that order too, and no two lots wait for each other. Under these locks all are looked at again.
    """
    wanted = _wanted(ids)
    with recording(by=by, why=why):
        covers = {cover.pk: cover for cover in _locked().filter(pk__in=wanted).order_by("id")}
        files = {cover.intermediary_id for cover in covers.values()}
        list(Intermediary.objects.select_for_update(of=("self",)).filter(pk__in=files).order_by("id").values("id"))
        fates = _judged(by, covers)
        good = [pk for pk, line in fates.items() if line.fate is Fate.ACCEPTED]
        Cover.objects.filter(pk__in=good).update(status=CoverStatus.ACCEPTED.value)
        if good:
            refresh_findings(as_of=day, ids=sorted({covers[pk].intermediary_id for pk in good}))
        return [fates.get(pk) or LineFate(pk, Fate.NOT_FOUND) for pk in wanted]


def _locked() -> QuerySet[Cover]:
    """Certificates locked, each read with its intermediary, which is not."""
    return Cover.objects.select_for_update(of=("self",), no_key=True).select_related("intermediary")


def _wanted(ids: Sequence[int]) -> list[int]:
    wanted = list(dict.fromkeys(ids))
    if len(wanted) > MOST_AT_ONCE:
        raise RegisterError(
            f"{len(wanted)} attestations dans ce lot\u00a0: au plus {MOST_AT_ONCE}, partagez-le en plusieurs."
        )
    return wanted


def _judged(by: AbstractBaseUser, covers: Mapping[int, Cover]) -> dict[int, LineFate]:
    """The fate of each of these locked certificates: ACCEPTED is of those to accept now."""
    reviews = CoverReview.objects.filter(cover__in=covers, assigned_to__isnull=False)
    holders = {
        pk: (name, key) for pk, name, key in reviews.values_list("cover", "assigned_to__username", "assigned_to")
    }
    findings = findings_of([c for c in covers.values() if c.status == CoverStatus.DEPOSITED])
    return {pk: _fate_of(by, cover, holders.get(pk), findings.get(pk, ())) for pk, cover in covers.items()}


def _fate_of(
    by: AbstractBaseUser, cover: Cover, holder: tuple[str, int] | None, findings: Iterable[PaperFinding]
) -> LineFate:
    if cover.status == CoverStatus.ACCEPTED:
        return LineFate(cover.pk, Fate.ALREADY)
    if cover.status != CoverStatus.DEPOSITED:
        return LineFate(cover.pk, Fate.NOT_WAITING, CoverStatus(cover.status).label)
    if holder and holder[1] != by.pk:
        return LineFate(cover.pk, Fate.OF_SOMEBODY_ELSE, holder[0])
    bad = [f.in_words for f in findings if f.level in (PaperLevel.WRONG, PaperLevel.DOUBT)]
    if bad:
        return LineFate(cover.pk, Fate.FOUND_WANTING, *("; ".join(words) for words in zip(*bad, strict=True)))
    try:
        require_readable(cover)
    except RegisterError as error:
        return LineFate(cover.pk, Fate.REFUSED_BY_REGISTER, str(error))
    return LineFate(cover.pk, Fate.ACCEPTED)


def _accept_one(by: AbstractBaseUser, why: str, day: date, pk: int) -> LineFate:
    try:
        with recording(by=by, why=why):
            cover = _locked().filter(pk=pk).first()
            if cover is None:
                return LineFate(pk, Fate.NOT_FOUND)
            line = _judged(by, {pk: cover})[pk]
            if line.fate is Fate.ACCEPTED:
                accept_cover(by=by, why=why, day=day, cover=cover)
            return line
    except (RegisterError, IntegrityError) as error:
        return LineFate(pk, Fate.REFUSED_BY_REGISTER, str(error))
