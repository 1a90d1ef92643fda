"""The review of a certificate: why it is refused or sent back, and the statutory two months with their pauses."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from types import MappingProxyType

from registry.rules.deadlines import Freeze
from registry.rules.labels import LabelledEnum

REVIEW_MONTHS = 2
"""A complete file is handled within two months (CA R512-5, CMF R546-3)."""
_DECEMBER = 12


class ReviewReason(LabelledEnum):
    """Why a certificate is refused, or sent back for correction; REASON_TEXTS says it to its intermediary."""

    OLD_PERIOD = "OLD_PERIOD", "attestation de l’ancienne période", "certificate of the old period"
    PERIOD_INCOMPLETE = "PERIOD_INCOMPLETE", "période incomplète", "incomplete period"
    AMOUNT_TOO_LOW = "AMOUNT_TOO_LOW", "montants insuffisants", "amounts too low"
    CATEGORY_MISSING = "CATEGORY_MISSING", "catégorie absente", "category missing"
    WRONG_HOLDER = "WRONG_HOLDER", "autre titulaire", "another holder"
    ISSUER_NOT_ENTITLED = "ISSUER_NOT_ENTITLED", "émetteur non habilité", "issuer not entitled"
    DATA_DIFFER = "DATA_DIFFER", "saisie différente du document", "data differ from the document"
    NOT_SIGNED = "NOT_SIGNED", "ni datée ni signée", "neither dated nor signed"
    UNREADABLE = "UNREADABLE", "document illisible", "unreadable document"
    DOCUMENT_MISSING = "DOCUMENT_MISSING", "document absent", "document missing"
    NOT_A_CERTIFICATE = "NOT_A_CERTIFICATE", "ce n’est pas une attestation", "not a certificate"
    OTHER = "OTHER", "autre motif", "another reason"


_R = ReviewReason
REASON_TEXTS: Mapping[ReviewReason, tuple[str, str]] = MappingProxyType(
    {
        _R.OLD_PERIOD: (
            "L’attestation est celle de la période qui s’achève. Demandez à votre assureur ou garant celle de la "
            "période qui commence le 1er mars, jusqu’à la fin de février de l’année suivante, et déposez-la.",
            "The certificate is that of the period now ending. Ask your insurer or guarantor for that of the period "
            "from 1 March to the end of February of the following year, and file it.",
        ),
        _R.PERIOD_INCOMPLETE: (
            "L’attestation ne couvre pas toute la période, du 1er mars à la fin de février de l’année suivante. "
            "Demandez à votre assureur ou garant une attestation pour la période entière.",
            "The certificate does not cover the whole period from 1 March to the end of February of the following "
            "year. Ask your insurer or guarantor for one that does.",
        ),
        _R.AMOUNT_TOO_LOW: (
            "Les montants garantis sont inférieurs au minimum réglementaire. Demandez à votre assureur ou garant de "
            "les porter à ce minimum et d’établir une nouvelle attestation.",
            "The amounts are below the legal minimum. Ask your insurer or guarantor to raise them and to issue a new "
            "certificate.",
        ),
        _R.CATEGORY_MISSING: (
            "L’attestation ne cite pas toutes les catégories déclarées. Demandez à votre assureur ou garant de les "
            "nommer, ou corrigez les catégories de votre dépôt.",
            "The certificate does not name every category declared. Ask your insurer or guarantor to name them, or "
            "correct the categories you filed.",
        ),
        _R.WRONG_HOLDER: (
            "L’attestation est établie à un autre nom que le vôtre. Déposez celle qui porte votre dénomination.",
            "The certificate is made out to somebody else. File the one that bears your name.",
        ),
        _R.ISSUER_NOT_ENTITLED: (
            "L’attestation doit émaner de l’assureur ou du garant lui-même, ou d’un courtier qui joint son mandat.",
            "The certificate must come from the insurer or guarantor, or from a broker who encloses its mandate.",
        ),
        _R.DATA_DIFFER: (
            "Ce qui a été saisi diffère du document (numéro, dates ou montants). Corrigez la saisie d’après lui.",
            "What was entered differs from the document (number, dates or amounts). Correct it accordingly.",
        ),
        _R.NOT_SIGNED: (
            "L’attestation n’est ni datée ni signée par son émetteur. Demandez-lui un exemplaire daté et signé.",
            "The certificate is neither dated nor signed by its issuer. Ask for a dated and signed copy.",
        ),
        _R.UNREADABLE: (
            "Le document ne peut pas être lu. Numérisez-le de nouveau, en entier et à l’endroit, et déposez-le.",
            "The document cannot be read. Scan it again, whole and upright, and file it.",
        ),
        _R.DOCUMENT_MISSING: (
            "Aucun document n’accompagne la saisie. Déposez l’attestation elle-même, en PDF ou en image.",
            "No document came with the data. File the certificate itself, as a PDF or an image.",
        ),
        _R.NOT_A_CERTIFICATE: (
            "Le document n’est pas une attestation d’assurance ou de garantie. Déposez celle de votre émetteur.",
            "The document is no certificate of insurance or guarantee. File the one made out by your issuer.",
        ),
        _R.OTHER: (
            "Voyez la précision donnée par notre service.",
            "See what our service says about it.",
        ),
    }
)
"""What the intermediary is told, in French and in English: what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Wait:
    """While the ball was with them: asked on one day, answered on another (None: not yet). Local days."""

    asked_on: date
    answered_on: date | None = None


@dataclass(frozen=True, slots=True)
class ReviewClock:
    """Where the two months stand: the last day to decide, days left on it, since when it is paused (None: it runs).

    While it is paused, `due_on` is the day it would be if they answered today.
    """

    due_on: date
    days_left: int
    paused_since: date | None

    @property
    def is_late(self) -> bool:
        """Whether we should have decided: never while we wait for them."""
        return self.paused_since is None and self.days_left < 0

    @property
    def in_words(self) -> tuple[str, str]:
        """What is said of it, in French and in English."""
        if self.paused_since:
            left = max(0, self.days_left)
            return (
                f"Délai suspendu depuis le {self.paused_since:%d/%m/%Y}, dans l’attente de votre correction\u00a0; "
                f"à sa réception, il nous restera {left} jour{'s' if left > 1 else ''}.",
                f"The time limit is suspended since {self.paused_since:%d/%m/%Y}, until your correction comes; we "
                f"shall then have {left} day{'' if left == 1 else 's'} left.",
            )
        return (
            f"Nous avons jusqu’au {self.due_on:%d/%m/%Y} pour nous prononcer (deux mois à compter du dépôt, hors "
            "attente de vos corrections).",
            f"We have until {self.due_on:%d/%m/%Y} to decide (two months from the deposit, waiting for your "
            "corrections not counted).",
        )


def months_after(day: date, months: int) -> date:
    """The same day number that many months later, or the last day of that month (CPC 641)."""
    year, month = divmod(day.year * _DECEMBER + day.month - 1 + months, _DECEMBER)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def assess_clock(deposited_on: date, waits: Iterable[Wait], freezes: Iterable[Freeze], day: date) -> ReviewClock:
    """The two months for a certificate deposited on `deposited_on`, as of `day`.

    Each wait that began in time gives its days back, and so does each freeze of ours while the clock ran: the days of
    a freeze in which we were waiting for them anyway are given back once.
    """
    known = [wait for wait in waits if wait.asked_on <= day]
    stops = [(w.asked_on, (_until(w, day) - w.asked_on).days, w.asked_on) for w in known]
    for freeze in freezes:
        stops.append((freeze.from_on, freeze.days_lost - sum(_shared(freeze, w, day) for w in known), freeze.until_on))
    due_on = months_after(deposited_on, REVIEW_MONTHS)
    for first, days, last in sorted(stops):
        if first <= due_on and deposited_on <= last:
            due_on += timedelta(days=days)
    paused_since = next((w.asked_on for w in known if w.answered_on is None or w.answered_on > day), None)
    return ReviewClock(due_on, (due_on - day).days, paused_since)


def _until(wait: Wait, day: date) -> date:
    """The first day on which the clock runs again: that of the answer; of a wait that lasts, `day`."""
    return wait.answered_on if wait.answered_on and wait.answered_on <= day else day


def _shared(freeze: Freeze, wait: Wait, day: date) -> int:
    """How many days of an outage fall in a wait."""
    first, last = max(freeze.from_on, wait.asked_on), min(freeze.until_on, _until(wait, day) - timedelta(days=1))
    return max(0, (last - first).days + 1)
