"""What a server's reply, or its silence, means for one message to one recipient.

Two mistakes cost most and set the direction of every doubt: to believe a message delivered that was not, and
to send again one that may have been (RFC 1047: after the final dot both may hold it). So only 2yz to the
final dot is ACCEPTED, and whatever is not understood after the dot is UNCERTAIN. An address is called dead
only on a clear word about *this recipient*: refusals about the sender, the content or the server are ours to
mend. A server that refuses our sender, or several messages running and none of them for its recipient, refuses
all: that is SYSTEMIC, holds the batch, and is held against no recipient.

Sources: RFC 5321 (4.2 replies, 4.5.4 retries), RFC 3463 and RFC 7505 (enhanced status), RFC 4954 (530, 534,
535, 538), RFC 7504 (521, 556).
"""

import re
from dataclasses import dataclass
from typing import Final

from registry.rules.labels import LabelledEnum


class Stage(LabelledEnum):
    """The point of the dialogue at which a reply was given, or awaited in vain."""

    CONNECT = "CONNECT", "connexion", "connecting"
    GREETING = "GREETING", "accueil du serveur", "server greeting"
    HELLO = "HELLO", "présentation (EHLO)", "hello (EHLO)"
    TLS = "TLS", "chiffrement (TLS)", "encryption (TLS)"
    AUTH = "AUTH", "authentification", "authentication"
    MAIL = "MAIL", "expéditeur (MAIL)", "sender (MAIL)"
    RCPT = "RCPT", "destinataire (RCPT)", "recipient (RCPT)"
    DATA = "DATA", "annonce du message (DATA)", "announcing the message (DATA)"
    BODY = "BODY", "envoi du message, avant le point final", "message being sent, before the final dot"
    DOT = "DOT", "point final envoyé", "final dot sent"


class Verdict(LabelledEnum):
    """What became of the message, and whose turn it is."""

    ACCEPTED = "ACCEPTED", "Accepté par le serveur", "Accepted by the server"
    DEFERRED = "DEFERRED", "Non remis, à réessayer", "Not delivered, to be tried again"
    REFUSED_ADDRESS = "REFUSED_ADDRESS", "Refusé\u00a0: adresse hors d’usage", "Refused: the address does not work"
    REFUSED_OURS = "REFUSED_OURS", "Refusé\u00a0: à corriger de notre côté", "Refused: ours to correct"
    UNCERTAIN = "UNCERTAIN", "Incertain\u00a0: peut-être remis", "Uncertain: may have been delivered"
    SYSTEMIC = "SYSTEMIC", "Envoi impossible pour tous", "Sending is impossible for all"


@dataclass(frozen=True, slots=True)
class SmtpReply:
    """A reply at a stage; ``code`` is ``None`` when the connection was lost, cut or timed out there."""

    stage: Stage
    code: int | None
    enhanced: str | None
    text: str


SESSION_STAGES: Final = frozenset({Stage.CONNECT, Stage.GREETING, Stage.HELLO, Stage.TLS, Stage.AUTH})
"""Before any message is named: what fails here fails for every message."""

AUTH_CODES: Final = frozenset({530, 534, 535, 538})
"""Authentication required or refused, whatever command was so answered (RFC 4954, 6)."""

REFUSES_ALL: Final = 3
"""So many refusals running, none for its recipient, are a server that refuses all."""

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)", re.ASCII)

_RECIPIENT_SUBJECTS: Final = frozenset({"1", "2"})
_NOT_THE_RECIPIENT: Final = frozenset({"1.7", "1.8", "2.3"})
"""Of the subjects 1 (address) and 2 (mailbox), what is not about the recipient: a bad sender address (x.1.7,
x.1.8) and a message too long for the mailbox (x.2.3)."""

_BARE_ADDRESS_CODES: Final = frozenset({550, 551, 553, 556})

_POLICY_WORDS: Final = re.compile(
    r"\b(?:polic(?:y|ies)|spam\w*|block\w*|blacklist\w*|listed|reputation|relay\w*|denied|spf|dkim|dmarc|rate|"
    r"authenticat\w*|sender)\b",
    re.ASCII | re.IGNORECASE,
)


def parse_enhanced(code: int | None, text: str) -> str | None:
    """Return the enhanced status at the head of a reply text ("5.1.1"), or ``None``.

    RFC 2034 wants its class to be the first digit of the reply code; one that contradicts it is ignored.
    """
    found = _ENHANCED.match(text)
    if found is None or code is None or str(code)[0] != found[1]:
        return None
    return found[0]


def classify(reply: SmtpReply) -> Verdict:
    """Decide what one reply means; every reply, however odd, has exactly one verdict."""
    if reply.stage in SESSION_STAGES:
        return Verdict.SYSTEMIC
    match _reply_class(reply.code):
        case 2 if reply.stage is Stage.DOT:
            return Verdict.ACCEPTED
        case 4:
            return Verdict.DEFERRED
        case 5:
            return _classify_refusal(reply)
        case _:
            return Verdict.UNCERTAIN if reply.stage is Stage.DOT else Verdict.DEFERRED


def _reply_class(code: int | None) -> int | None:
    return code // 100 if code is not None else None


@dataclass(frozen=True, slots=True)
class Company:
    """What the server said of the batch's other messages just before: whether it took one, and how many it has refused
    running since then, none of them for its recipient."""

    took_one: bool
    refused: int


def judge_in_company(verdict: Verdict, others: Company) -> Verdict:
    """Whether a refusal of ours to correct is this message's own, or is the server's answer to everybody.

    One reply cannot tell (5.7.1 means either), so it is believed of this message alone only where the server took the
    one before. Else the message is put off, and the third such refusal running is SYSTEMIC.
    """
    if verdict is not Verdict.REFUSED_OURS or (others.took_one and not others.refused):
        return verdict
    return Verdict.SYSTEMIC if others.refused + 1 >= REFUSES_ALL else Verdict.DEFERRED


def _classify_refusal(reply: SmtpReply) -> Verdict:
    """At MAIL only our sender has been named, and it is the same for all."""
    if reply.code in AUTH_CODES or reply.stage is Stage.MAIL:
        return Verdict.SYSTEMIC
    if reply.stage in {Stage.RCPT, Stage.DOT} and _blames_recipient(reply):
        return Verdict.REFUSED_ADDRESS
    return Verdict.REFUSED_OURS


def _blames_recipient(reply: SmtpReply) -> bool:
    """Tell whether a 5yz says that this recipient's address does not work.

    x.1.0 and x.2.0 say only "something about an address or a mailbox"; and without an enhanced status only
    the reply to RCPT can blame the recipient, but 550 there also means policy (RFC 5321, 4.2.3). In these
    cases the text may clear it.
    """
    cleared_by_text = _POLICY_WORDS.search(reply.text) is not None
    if reply.enhanced is None:
        return reply.stage is Stage.RCPT and reply.code in _BARE_ADDRESS_CODES and not cleared_by_text
    status = reply.enhanced.partition(".")[2]
    subject, _, detail = status.partition(".")
    if subject not in _RECIPIENT_SUBJECTS or status in _NOT_THE_RECIPIENT:
        return False
    return detail != "0" or not cleared_by_text
