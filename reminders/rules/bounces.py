"""What a report about a mail means: delivered, late, back for now, back for good, or no report at all.

As with a server's reply, every doubt goes one way: an address is called dead only on a clear word about the address we
wrote to. What a report says in its own words for people is never read; its fields are.

Sources: RFC 3464 (delivery reports), RFC 3463 (status codes), RFC 5965 (complaints), RFC 8098 (read receipts), RFC 3834
(automatic replies).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.rules.labels import LabelledEnum
from reminders.rules.smtp_replies import SmtpReply, Stage, Verdict, classify


class ReportForm(LabelledEnum):
    """In which form a report came."""

    DELIVERY = "DELIVERY", "rapport de remise", "delivery report"
    FEEDBACK = "FEEDBACK", "plainte d’un destinataire", "feedback report"
    AUTO_REPLY = "AUTO_REPLY", "réponse automatique", "automatic reply"
    UNKNOWN = "UNKNOWN", "rapport d’une autre forme", "report of another form"
    NONE = "NONE", "pas un rapport", "no report"


class BounceKind(LabelledEnum):
    """What a report says of the mail it is about."""

    HARD_ADDRESS = "HARD_ADDRESS", "Retour définitif\u00a0: adresse hors d’usage", "Returned: the address does not work"
    HARD_FORWARD = (
        "HARD_FORWARD",
        "Retour définitif d’une adresse de réexpédition",
        "Returned by an address it was forwarded to",
    )
    HARD_OURS = "HARD_OURS", "Retour définitif\u00a0: refus d’une autre cause", "Returned: refused for another cause"
    SOFT = "SOFT", "Retour passager\u00a0: abandonné après plusieurs essais", "Returned: given up for now"
    DELAYED = "DELAYED", "Retardé, encore en cours de remise", "Delayed, still being tried"
    DELIVERED = "DELIVERED", "Remis dans la boîte", "Delivered to the mailbox"
    RELAYED = "RELAYED", "Transmis à un serveur qui n’en dira pas plus", "Passed on to a server that says no more"
    AUTO_REPLY = "AUTO_REPLY", "Réponse automatique", "Automatic reply"
    COMPLAINT = "COMPLAINT", "Signalé comme indésirable", "Complained about"
    OTHER = "OTHER", "Rapport à lire par une personne", "A report for a person to read"
    NOT_A_REPORT = "NOT_A_REPORT", "Pas un rapport", "No report"


RETURNED_KINDS: Final = frozenset(
    {BounceKind.HARD_ADDRESS, BounceKind.HARD_FORWARD, BounceKind.HARD_OURS, BounceKind.SOFT}
)
"""The mail came back: whoever it was for has not got it."""


@dataclass(frozen=True, slots=True)
class RecipientFields:
    """What a delivery report says of one recipient (RFC 3464, 2.3); each empty where it says nothing."""

    action: str = ""
    status: str = ""
    diagnostic: str = ""
    final: str = ""
    original: str = ""

    def names(self, address: str) -> bool:
        """Whether it is about that address."""
        return address.lower() in {self.final.lower(), self.original.lower()}

    @property
    def is_nameless(self) -> bool:
        """Whether it does not say whom it is about."""
        return not (self.final or self.original)


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """A report as values.

    `references` are the left parts of the Message-IDs, and the envelope identifiers, it names; `digest` is the SHA-256
    of its bytes in hex, `message_id` its own, `written_at` what it says of its date, `feedback` a complaint's type.
    """

    form: ReportForm
    digest: str
    references: tuple[str, ...] = ()
    recipients: tuple[RecipientFields, ...] = ()
    message_id: str = ""
    reporter: str = ""
    feedback: str = ""
    written_at: datetime | None = None


_GRAVEST_FIRST: Final = (
    BounceKind.HARD_ADDRESS,
    BounceKind.HARD_OURS,
    BounceKind.SOFT,
    BounceKind.DELAYED,
    BounceKind.RELAYED,
    BounceKind.DELIVERED,
)
_ACTIONS: Final = {
    "delayed": BounceKind.DELAYED,
    "delivered": BounceKind.DELIVERED,
    "relayed": BounceKind.RELAYED,
    "expanded": BounceKind.RELAYED,
}
_STATUS_CLASSES: Final = {"2": BounceKind.DELIVERED, "4": BounceKind.DELAYED}
_COMPLAINTS: Final = frozenset({"abuse", "fraud", "virus", "other"})

_CODE = re.compile(r"(?<![\d.])([245]\d\d)(?=[ -]|$)", re.ASCII)
_ENHANCED = re.compile(r"(?<![\d.])([245])\.(\d{1,3})\.(\d{1,3})(?![\d.])", re.ASCII)
_NO_STATUS = re.compile(r"[245]\.0\.0", re.ASCII)

_PASSING: Final = frozenset({"5.2.2", "5.4.7", "5.4.300", "5.4.316"})
"""Permanent by their digit only: a full mailbox may be emptied, and a server that gave up may find the way next time
(5.4.7; 5.4.300 and 5.4.316 in Exchange's words)."""

_NO_SUCH_DOMAIN: Final = frozenset({"5.4.4", "5.4.310"})
"""No route to the domain, since it does not exist (Postfix; Exchange): nobody will ever read there."""

_NO_SUCH_RECIPIENT: Final = re.compile(
    r"\b(?:no such (?:user|recipient|mailbox|account|address)|(?:user|recipient|mailbox|account|address) (?:is )?"
    r"(?:unknown|not found|does(?: not|n't) exist)|unknown (?:user|recipient|mailbox|account|address)|"
    r"mailbox unavailable|invalid (?:recipient|mailbox)|no mailbox here)\b",
    re.ASCII | re.IGNORECASE,
)


def classify_bounce(report: DeliveryReport, written_to: str | None = None) -> BounceKind:
    """What a report means; `written_to` is the address of the notice it was matched to.

    Where a mailbox passes its mail on, the report may be about an address we never wrote to: that one's death is not
    the death of ours.
    """
    match report.form:
        case ReportForm.DELIVERY:
            return _classify_recipients(report.recipients, written_to)
        case ReportForm.FEEDBACK:
            return BounceKind.COMPLAINT if report.feedback.lower() in _COMPLAINTS else BounceKind.OTHER
        case ReportForm.AUTO_REPLY:
            return BounceKind.AUTO_REPLY
        case ReportForm.UNKNOWN:
            return BounceKind.OTHER
        case _:
            return BounceKind.NOT_A_REPORT


def decisive(recipients: tuple[RecipientFields, ...], written_to: str | None) -> RecipientFields | None:
    """The recipient that decides: of those about the address we wrote to, else of all, the one it went worst for."""
    ours = [r for r in recipients if written_to and r.names(written_to)] or recipients
    ranked = [(_GRAVEST_FIRST.index(kind), r) for r in ours if (kind := _kind(r)) in _GRAVEST_FIRST]
    return min(ranked, key=lambda pair: pair[0], default=(0, None))[1]


def _classify_recipients(recipients: tuple[RecipientFields, ...], written_to: str | None) -> BounceKind:
    one = decisive(recipients, written_to)
    if one is None:
        return BounceKind.OTHER
    kind = _kind(one)
    elsewhere = written_to is not None and not one.is_nameless and not one.names(written_to)
    return BounceKind.HARD_FORWARD if kind is BounceKind.HARD_ADDRESS and elsewhere else kind


def _kind(one: RecipientFields) -> BounceKind:
    action = one.action.lower()
    if action in _ACTIONS:
        return _ACTIONS[action]
    failed = action == "failed" or one.status.startswith("5")
    return _classify_failure(one) if failed else _STATUS_CLASSES.get(one.status[:1], BounceKind.OTHER)


def _classify_failure(one: RecipientFields) -> BounceKind:
    """The remote server's own status, where its words are told, outweighs that of who wrote the report."""
    code, said = _CODE.search(one.diagnostic), _ENHANCED.search(one.diagnostic)
    status = said[0] if said else one.status
    if status in _PASSING or "4" in {status[:1], one.status[:1], code[1][:1] if code else ""}:
        return BounceKind.SOFT
    if status in _NO_SUCH_DOMAIN:
        return BounceKind.HARD_ADDRESS
    if _NO_STATUS.fullmatch(status) or not status:
        return BounceKind.HARD_ADDRESS if _NO_SUCH_RECIPIENT.search(one.diagnostic) else BounceKind.HARD_OURS
    verdict = classify(SmtpReply(Stage.RCPT, 550, status, one.diagnostic))
    return BounceKind.HARD_ADDRESS if verdict is Verdict.REFUSED_ADDRESS else BounceKind.HARD_OURS


@dataclass(frozen=True, slots=True)
class AddressTrouble:
    """What came back from an address: `hard` clear words that it does not work, and on how many days others."""

    email: str
    hard: int = 0
    soft_days: int = 0


def is_dead(trouble: AddressTrouble | None, email: str, soft_days_make_dead: int) -> bool:
    """Whether an address is not to be written to any more; a changed one has no past."""
    if trouble is None or trouble.email.lower() != email.lower():
        return False
    return trouble.hard > 0 or trouble.soft_days >= soft_days_make_dead
