"""The watch over a release: what became of its mails so far, and whether more may follow.

Own judgement, after what large senders are held to: they are reviewed at 5 % of dead addresses. A share alone would
stop a first step of 25 for one old address, so each limit is a share *and* a smallest number.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType

from registry.rules.french import counted, grouped
from registry.rules.labels import LabelledEnum


class AlarmCode(LabelledEnum):
    """What stops a release, or keeps it from going on by itself."""

    REFUSED_TOO_MANY = (
        "REFUSED_TOO_MANY",
        "trop de refus à corriger de notre côté",
        "too many refusals, ours to correct",
    )
    BOUNCED_TOO_MANY = "BOUNCED_TOO_MANY", "trop d’adresses hors d’usage", "too many addresses that do not work"
    UNCERTAIN_TOO_MANY = "UNCERTAIN_TOO_MANY", "trop d’envois incertains", "too many uncertain messages"
    REPORTED_WRONG = "REPORTED_WRONG", "relances à tort, signalées et vérifiées", "reported as wrong, and true"
    STALLED = "STALLED", "envoi immobile sans raison", "stands still without a reason"
    SMTP_DOWN = "SMTP_DOWN", "serveur de messagerie indisponible", "mail server unavailable"
    TOO_LITTLE = "TOO_LITTLE", "trop peu d’envois pour juger le palier", "too little was sent to judge the step"


REMEDIES: Mapping[AlarmCode, str] = MappingProxyType(
    {
        AlarmCode.REFUSED_TOO_MANY: "lisez les réponses du serveur (tentatives du lot), faites corriger l’envoi",
        AlarmCode.BOUNCED_TOO_MANY: "vérifiez d’où viennent les adresses, écartez une mauvaise importation",
        AlarmCode.UNCERTAIN_TOO_MANY: "voyez avec le serveur de messagerie ce qu’il a pris, avant tout autre envoi",
        AlarmCode.REPORTED_WRONG: "comparez ces dossiers (explain) avec la règle\u00a0; au moindre doute, cancel_batch",
        AlarmCode.STALLED: "vérifiez les exécutants (qcluster) et le serveur de messagerie",
        AlarmCode.SMTP_DOWN: "rétablissez le serveur de messagerie",
        AlarmCode.TOO_LITTLE: "regardez pourquoi si peu est parti (show_batch), puis décidez",
    }
)
"""What to do first; `resume_batch` by a person comes after it."""

OVERRULED: frozenset[AlarmCode] = frozenset(
    {
        AlarmCode.REFUSED_TOO_MANY,
        AlarmCode.BOUNCED_TOO_MANY,
        AlarmCode.UNCERTAIN_TOO_MANY,
        AlarmCode.REPORTED_WRONG,
    }
)
"""Who goes on in spite of one of these says why; from there on they count anew."""


@dataclass(frozen=True, slots=True)
class WatchLimits:
    """How long each step is watched, and what is too much: shares of what was sent, and at least so many.

    `at_least`: below three, one mishap would be a rate. `needed` is the share of a step that must have been sent before
    it says anything of the next; `reports`: so many true ones stop a release; `stalled`: how long one may stand still.
    Greylisting is over after a try or two, or is one domain's: `tries` by recipients of so many `domains` are none.
    """

    watch: timedelta = timedelta(minutes=30)
    stalled: timedelta = timedelta(minutes=15)
    bounced: float = 0.05
    refused: float = 0.05
    uncertain: float = 0.01
    at_least: int = 3
    needed: float = 0.5
    reports: int = 2
    tries: int = 3
    domains: int = 3


@dataclass(frozen=True, slots=True)
class Outcomes:
    """What became of the mails of a step, or of a batch. `dead`: refused because the address does not work."""

    accepted: int = 0
    refused: int = 0
    dead: int = 0
    uncertain: int = 0
    true_reports: int = 0

    @property
    def sent(self) -> int:
        """How many were handed to the mail server and have their answer, or never will."""
        return self.accepted + self.refused + self.dead + self.uncertain


@dataclass(frozen=True, slots=True)
class ReleaseFacts:
    """What the watch looks at. `step_ended_at`: None while the step is being sent.

    `ready_since`: since when something could have left and nothing was accepted; None where nothing could.
    """

    step: Outcomes
    batch: Outcomes
    step_size: int
    step_ended_at: datetime | None = None
    ready_since: datetime | None = None


@dataclass(frozen=True, slots=True)
class Alert:
    """An alarm to be raised, in words and in figures."""

    code: AlarmCode
    message: str
    facts: Mapping[str, object]


class Judgement(LabelledEnum):
    """What the watch says of a release."""

    RUNNING = "RUNNING", "palier en cours, rien à signaler", "step under way, nothing to report"
    GREEN = "GREEN", "palier jugé bon", "step judged good"
    HOLD = "HOLD", "attente", "waiting"
    ALARM = "ALARM", "alarme", "alarm"


@dataclass(frozen=True, slots=True)
class Verdict:
    """HOLD either waits (`until`) or has too little to judge by (`alert`), so that a person decides."""

    judgement: Judgement
    alert: Alert | None = None
    until: datetime | None = None


def judge_release(facts: ReleaseFacts, limits: WatchLimits, now: datetime) -> Verdict:
    """Whether a release may go on; asked throughout, and after each step for the next one."""
    if alert := next(_alerts(facts, limits, now), None):
        return Verdict(Judgement.ALARM, alert)
    if facts.step_ended_at is None:
        return Verdict(Judgement.RUNNING)
    until = facts.step_ended_at + limits.watch
    if now < until:
        return Verdict(Judgement.HOLD, until=until)
    if not facts.step.accepted or not is_enough(facts.step.sent, facts.step_size, limits):
        return Verdict(Judgement.HOLD, _too_little(facts))
    return Verdict(Judgement.GREEN)


def is_enough(sent: int, step_size: int, limits: WatchLimits) -> bool:
    """Whether so many mails of a step say something of the next one."""
    return sent >= max(1.0, limits.needed * step_size)


def reported_wrong(numbers: tuple[str, ...]) -> Alert:
    """The alarm for reports that were checked against the file and are true, named by their ORIAS numbers."""
    named = ", ".join(numbers[:10]) + (" …" if len(numbers) > 10 else "")  # noqa: PLR2004
    message = f"{_verified(len(numbers))}\u00a0: {named}"
    return Alert(AlarmCode.REPORTED_WRONG, message, {"true_reports": len(numbers), "orias_numbers": list(numbers)})


def _verified(reports: int) -> str:
    return counted(reports, "relance à tort vérifiée", "relances à tort vérifiées")


def wrong_reminders_of(batch: int) -> str:
    """How the list that was reported as wrong is named where another is to be approved."""
    return f"relances à tort du lot {batch}"


def smtp_down(detail: str) -> Alert:
    """The alarm for a mail server that takes nobody's mail."""
    return Alert(AlarmCode.SMTP_DOWN, detail, {"reply": detail})


def uncertain_running(count: int, detail: str) -> Alert:
    """The alarm for messages that one after the other may or may not have left."""
    message = f"{count} envois incertains de suite, le dernier\u00a0: {detail}"
    return Alert(AlarmCode.UNCERTAIN_TOO_MANY, message, {"count": count, "reply": detail})


def _alerts(facts: ReleaseFacts, limits: WatchLimits, now: datetime) -> Iterator[Alert]:
    """Every alarm there is, the gravest first."""
    if facts.batch.true_reports >= limits.reports:
        told = _verified(facts.batch.true_reports)
        yield Alert(AlarmCode.REPORTED_WRONG, told, {"true_reports": facts.batch.true_reports})
    for where, outcomes in (("palier", facts.step), ("lot", facts.batch)):
        for code, count, share, what in (
            (AlarmCode.UNCERTAIN_TOO_MANY, outcomes.uncertain, limits.uncertain, "envois incertains"),
            (AlarmCode.REFUSED_TOO_MANY, outcomes.refused, limits.refused, "refus à corriger"),
            (AlarmCode.BOUNCED_TOO_MANY, outcomes.dead, limits.bounced, "adresses hors d’usage"),
        ):
            if count >= limits.at_least and count > share * outcomes.sent:
                yield _too_many(code, count, outcomes.sent, share, f"{what} dans le {where}")
    if facts.ready_since and now - facts.ready_since >= limits.stalled:
        yield _stalled(facts.ready_since, now)


def _too_many(code: AlarmCode, count: int, sent: int, limit: float, what: str) -> Alert:
    message = f"{count} {what}, sur {sent} envois ({_percent(count / sent)}, limite {_percent(limit)})"
    return Alert(code, message, {"count": count, "sent": sent, "limit": limit})


def _stalled(since: datetime, now: datetime) -> Alert:
    minutes = int((now - since).total_seconds() // 60)
    message = f"aucun message n’a été accepté depuis {minutes} minutes alors que tout permet l’envoi"
    return Alert(AlarmCode.STALLED, message, {"since": since.isoformat(), "minutes": minutes})


def _too_little(facts: ReleaseFacts) -> Alert:
    sent, size = facts.step.sent, facts.step_size
    message = f"partis d’un palier de {grouped(size)}\u00a0: {grouped(sent)} seulement"
    if not facts.step.accepted:
        message = f"aucun message d’un palier de {grouped(size)} n’a été accepté"
    return Alert(AlarmCode.TOO_LITTLE, message, {"sent": sent, "step_size": size})


def _percent(share: float) -> str:
    return f"{100 * share:.1f}\u00a0%".replace(".", ",")
