"""Why people call, what came of it, and when there are so many that something must be wrong."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from registry.rules.labels import LabelledEnum


class CallReason(LabelledEnum):
    """Why somebody called."""

    WHY_MAIL = "WHY_MAIL", "Pourquoi ce courriel", "Why this mail"
    FILE_STATE = "FILE_STATE", "État du dossier", "State of the file"
    HOW_TO_FILE = "HOW_TO_FILE", "Comment déposer", "How to file"
    DEADLINE = "DEADLINE", "Échéance", "Deadline"
    CONTACT = "CONTACT", "Changement de coordonnées", "Change of contact"
    SITE = "SITE", "Difficulté avec le site", "Trouble with the site"
    COMPLAINT = "COMPLAINT", "Mécontentement", "Dissatisfaction"
    OTHER = "OTHER", "Autre", "Other"


class CallOutcome(LabelledEnum):
    """What came of it."""

    ANSWERED = "ANSWERED", "Répondu", "Answered"
    ESCALATED = "ESCALATED", "Transmis à un gestionnaire", "Handed to an officer"
    CALL_BACK = "CALL_BACK", "À rappeler", "To be called back"
    COMPLAINT = "COMPLAINT", "Réclamation enregistrée", "Complaint recorded"
    LOST = "LOST", "Raccroché avant la réponse", "Hung up before an answer"


class LineEvent(LabelledEnum):
    """What the telephone system tells."""

    RING = "RING", "sonne", "rings"
    ANSWER = "ANSWER", "décroché", "answered"
    HANGUP = "HANGUP", "raccroché", "hung up"


FRESH_MAIL = timedelta(days=14)
"""Later on nobody calls about a mail (own judgement)."""


def likely_reason(mailed_on: date | None, day: date) -> CallReason:
    """What a call is about before it is said: the mail that left lately, else where the file stands."""
    fresh = mailed_on is not None and day - mailed_on <= FRESH_MAIL
    return CallReason.WHY_MAIL if fresh else CallReason.FILE_STATE


WINDOW = timedelta(minutes=5)
TIMES_USUAL = 3.0
AT_LEAST = 5
"""Calls in the window; fewer are no surge, however few are usual (own judgement)."""
SHARE_OF_BATCH = 0.005
CALLERS_AT_LEAST = 2
"""As for reports that a reminder was wrong: one alone may be mistaken."""


@dataclass(frozen=True, slots=True)
class BatchCallers:
    """Of those whom a batch's mail reached (`mailed`), how many called about it; how many read on the page why they got
    it (`readers`), and how many of these called about anything from then on (`called_after`)."""

    batch: int
    mailed: int
    callers: int
    readers: int = 0
    called_after: int = 0

    @property
    def calls_per_mail(self) -> float:
        """What CALLS_PER_MAIL can be set to."""
        return self.callers / self.mailed if self.mailed else 0.0

    @property
    def spared(self) -> int:
        """Those who read why and have not called since."""
        return self.readers - self.called_after

    @property
    def spared_share(self) -> float | None:
        """Of those who read why, the part that has not called since, in percent; None where nobody did."""
        return 100 * self.spared / self.readers if self.readers else None


@dataclass(frozen=True, slots=True)
class LineFacts:
    """Calls in the last five minutes, in the same five of earlier weeks' same weekday, and about recent batches; the
    same of the files opened at the desk (`look_ups`)."""

    calls: int
    usual: tuple[int, ...] = ()
    batches: tuple[BatchCallers, ...] = ()
    look_ups: int = 0
    usual_look_ups: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Surge:
    """Whether the lead should be asked to declare an incident: over three times the usual calls or look-ups, or
    `batches` that over 0.5 % of their recipients call about."""

    calls: int
    usual: float
    over_usual: bool
    batches: tuple[int, ...]
    look_ups: int = 0
    usual_look_ups: float = 0.0
    looked_up_over_usual: bool = False

    @property
    def prompts(self) -> bool:
        """Whether to ask."""
        return self.over_usual or self.looked_up_over_usual or bool(self.batches)


def judge_line(facts: LineFacts) -> Surge:
    """Compare the line with its usual load, and each batch with its size."""
    return Surge(
        calls=facts.calls,
        usual=mean(facts.usual),
        over_usual=_is_over(facts.calls, facts.usual),
        batches=tuple(_troubling(facts.batches)),
        look_ups=facts.look_ups,
        usual_look_ups=mean(facts.usual_look_ups),
        looked_up_over_usual=_is_over(facts.look_ups, facts.usual_look_ups),
    )


def _is_over(count: int, usual: Sequence[int]) -> bool:
    return count >= AT_LEAST and count > TIMES_USUAL * mean(usual)


def mean(counts: Sequence[int]) -> float:
    """The mean; 0 of nothing."""
    return sum(counts) / len(counts) if counts else 0.0


def _troubling(batches: Sequence[BatchCallers]) -> Iterator[int]:
    for one in batches:
        if one.callers >= CALLERS_AT_LEAST and one.callers > SHARE_OF_BATCH * one.mailed:
            yield one.batch
