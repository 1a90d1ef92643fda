"""Complaints (réclamations) and their clocks: recommendation ACPR 2024-R-02 of 2 July 2024, adopted as a standard of
service.

A complaint is an expression of dissatisfaction, by anyone and in any way; a request for a service, information or an
opinion is none. Every clock runs from the day on which the writing was *sent*, never from its arrival or its entry.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from registry.rules.labels import LabelledEnum
from registry.rules.working_days import add_business_days

ACKNOWLEDGE_WITHIN = 10
"""Jours ouvrables from the sending."""
ANSWER_WITHIN = 2
"""Months from the sending; the day after them the person may go elsewhere, answered or not."""


class ComplaintState(LabelledEnum):
    """Where a complaint stands. Only a written one has clocks."""

    SPOKEN = "SPOKEN", "Orale, la personne est invitée à écrire", "Spoken, the person was invited to write"
    SATISFIED = "SATISFIED", "Orale, satisfaite aussitôt", "Spoken, satisfied at once"
    RECEIVED = "RECEIVED", "Écrite, à accuser", "Written, to be acknowledged"
    ACKNOWLEDGED = "ACKNOWLEDGED", "Accusée, à répondre", "Acknowledged, to be answered"
    ANSWERED = "ANSWERED", "Répondue", "Answered"
    REQUALIFIED = "REQUALIFIED", "Requalifiée en demande", "Found to be a request"


class ComplaintChannel(LabelledEnum):
    """By which way it came."""

    PHONE = "PHONE", "Téléphone", "Telephone"
    COUNTER = "COUNTER", "Sur place", "In person"
    CHAT = "CHAT", "Conversation sans copie datée", "Chat without a dated copy"
    FORM = "FORM", "Formulaire en ligne", "Online form"
    EMAIL = "EMAIL", "Courriel", "E-mail"
    LETTER = "LETTER", "Lettre", "Letter"

    @property
    def is_spoken(self) -> bool:
        """Whether it leaves the person nothing durable and dated: such a one is invited to write."""
        return self in SPOKEN_CHANNELS


SPOKEN_CHANNELS = frozenset({ComplaintChannel.PHONE, ComplaintChannel.COUNTER, ComplaintChannel.CHAT})


class Matter(LabelledEnum):
    """What it is about."""

    UNWANTED_MAIL = "UNWANTED_MAIL", "Message reçu à tort", "Unwanted message"
    DELAY = "DELAY", "Retard ou absence de traitement", "Delay or lack of handling"
    REPLY_QUALITY = "REPLY_QUALITY", "Qualité d’une réponse", "Quality of a reply"
    WELCOME = "WELCOME", "Accueil", "Welcome"
    REFUSAL = "REFUSAL", "Refus ou décision", "Refusal or decision"
    OTHER = "OTHER", "Autre", "Other"


class ComplaintOutcome(LabelledEnum):
    """What the answer gives."""

    GRANTED = "GRANTED", "Satisfaction donnée", "Granted"
    PARTLY = "PARTLY", "Satisfaction partielle", "Partly granted"
    REFUSED = "REFUSED", "Refus motivé", "Refused with reasons"


class Duty(LabelledEnum):
    """What is to be done, or said to the person, now."""

    ACKNOWLEDGE = "ACKNOWLEDGE", "accuser réception", "acknowledge"
    ANSWER = "ANSWER", "répondre", "answer"
    TELL_LATE = "TELL_LATE", "prévenir la personne du retard", "tell the person that we are late"


S = ComplaintState
COMPLAINT_TRANSITIONS: Mapping[ComplaintState, frozenset[ComplaintState]] = MappingProxyType(
    {
        S.SPOKEN: frozenset({S.RECEIVED, S.ANSWERED, S.REQUALIFIED}),
        S.SATISFIED: frozenset(),
        S.RECEIVED: frozenset({S.ACKNOWLEDGED, S.ANSWERED, S.REQUALIFIED}),
        S.ACKNOWLEDGED: frozenset({S.ANSWERED, S.REQUALIFIED}),
        S.ANSWERED: frozenset(),
        S.REQUALIFIED: frozenset(),
    }
)
"""An answer before the acknowledgement makes that one needless."""

OPEN_STATES = frozenset(state for state, after in COMPLAINT_TRANSITIONS.items() if after)


@dataclass(frozen=True, slots=True)
class ComplaintFacts:
    """What the clocks look at; days local. `sent_on` is None while nothing is in writing."""

    state: ComplaintState
    sent_on: date | None
    acknowledged_on: date | None = None
    answered_on: date | None = None
    told_late_on: date | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """A complaint on a day: until when (both days included), what is late, what is to be done, the most urgent first.

    `recourse_open`: the two months are over, so the person may go elsewhere, answered or not.
    """

    acknowledge_by: date | None = None
    answer_by: date | None = None
    acknowledged_late: bool = False
    answered_late: bool = False
    recourse_open: bool = False
    duties: tuple[Duty, ...] = ()

    @property
    def is_late(self) -> bool:
        """Whether one of the clocks has run out."""
        return self.acknowledged_late or self.answered_late


def acknowledge_by(sent_on: date, subdivision: str | None = None) -> date:
    """The last day to acknowledge: the tenth jour ouvrable after the day of sending."""
    return add_business_days(sent_on, ACKNOWLEDGE_WITHIN, subdivision)


def answer_by(sent_on: date) -> date:
    """The last day to answer: the same day two months on, or that month's last. A service limit: it rolls over no
    Sunday and no holiday."""
    years, month = divmod(sent_on.month - 1 + ANSWER_WITHIN, 12)
    year, month = sent_on.year + years, month + 1
    return date(year, month, min(sent_on.day, monthrange(year, month)[1]))


def assess_complaint(facts: ComplaintFacts, *, day: date, subdivision: str | None = None) -> Standing:
    """How a complaint stands on `day`; `subdivision` adds local holidays to the count."""
    if facts.sent_on is None or facts.state is S.REQUALIFIED:
        return Standing()
    first, last = acknowledge_by(facts.sent_on, subdivision), answer_by(facts.sent_on)
    noticed = min((d for d in (facts.acknowledged_on, facts.answered_on) if d), default=day)
    return Standing(
        acknowledge_by=first,
        answer_by=last,
        acknowledged_late=noticed > first,
        answered_late=(facts.answered_on or day) > last,
        recourse_open=day > last,
        duties=tuple(_duties(facts, day > last)),
    )


def _duties(facts: ComplaintFacts, late: bool) -> Iterator[Duty]:
    if facts.state not in OPEN_STATES:
        return
    if late and facts.told_late_on is None:
        yield Duty.TELL_LATE
    if facts.state is S.RECEIVED:
        yield Duty.ACKNOWLEDGE
    yield Duty.ANSWER


def needs_recourse(outcome: ComplaintOutcome) -> bool:
    """Whether the answer must say where else the person may turn: whatever it refuses, in whole or in part."""
    return outcome is not ComplaintOutcome.GRANTED
