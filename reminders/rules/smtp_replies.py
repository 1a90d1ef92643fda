"""What a server's reply, or its silence, means for one message to one recipient.

Two mistakes cost most and set the direction of every doubt: to believe a message delivered that was not, and
to send again one that may have been (RFC 1047: after the final dot both may hold it). So only 2yz to the
final dot is ACCEPTED, and whatever is not understood after the dot is UNCERTAIN. An address is called dead
only on a clear word about *this recipient*: refusals about the sender, the content or the server are ours to
mend. A server that refuses our sender, or several messages running and none of them for its recipient, refuses
all; one that puts several off running by its own trouble puts all off: that is SYSTEMIC, holds the batch, and is held
against no recipient.

Sources: RFC 5321 (4.2 replies, 4.5.4 retries), RFC 3463 and RFC 7505 (enhanced status), RFC 4954 (530, 534,
535, 538), RFC 7504 (521, 556).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import takewhile
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

    @property
    def told(self) -> str:
        """In words: where, and what was said."""
        said = f"{self.code or ''} {self.text}".strip()
        return f"{self.stage.label}\u00a0: {said}"


SESSION_STAGES: Final = frozenset({Stage.CONNECT, Stage.GREETING, Stage.HELLO, Stage.TLS, Stage.AUTH})
"""Before any message is named: what fails here fails for every message."""

AUTH_CODES: Final = frozenset({530, 534, 535, 538})
"""Authentication required or refused, whatever command was so answered (RFC 4954, 6)."""

REFUSES_ALL: Final = 3
"""So many refusals running, none for its recipient, are a server that refuses all."""

PUTS_OFF_ALL: Final = 5
"""So many messages put off running, none for its recipient, are a server that puts all off: more than refusals, since a
moment's trouble is usual, and a message that is put off loses minutes."""

ABOUT_NO_RECIPIENT: Final = frozenset({Stage.MAIL, Stage.DATA, Stage.BODY})
"""Where a "not now", or a lost connection, is the server's own trouble: at MAIL nobody has been named, after RCPT the
recipient has been taken. At RCPT it may be greylisting, and so it may after the dot, where filters greylist."""

_ENHANCED = re.compile(r"([245])\.(\d{1,3})\.(\d{1,3})(?=\s|$)", re.ASCII)

_RECIPIENT_SUBJECTS: Final = frozenset({"1", "2"})
_NOT_THE_RECIPIENT: Final = frozenset({"1.7", "1.8", "2.3"})
"""Of the subjects 1 (address) and 2 (mailbox), what is not about the recipient: a bad sender address (x.1.7,
x.1.8) and a message too long for the mailbox (x.2.3)."""

_FOR_GOOD: Final = 5
_PUT_OFF: Final = frozenset({Verdict.DEFERRED, Verdict.SYSTEMIC})
_REFUSED_OR_PUT_OFF: Final = _PUT_OFF | {Verdict.REFUSED_OURS}

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
class Said:
    """What the server said of one message, and of which mail domain its recipient is."""

    verdict: Verdict
    reply: SmtpReply
    domain: str = ""


@dataclass(frozen=True, slots=True)
class Company:
    """What the server said of the batch's other messages just before: whether it took one, and since then how many it
    has refused running, and how many it has put off by its own trouble, none of them for its recipient.

    `domains`: those to which it told its trouble in answer to a recipient's name, or to the dot.
    """

    took_one: bool = False
    refused: int = 0
    put_off: int = 0
    domains: frozenset[str] = frozenset()


def is_servers_trouble(said: Said) -> bool:
    """Whether a message was put off and it was not for its recipient: by the point of the dialogue, or by a reply that
    names the mail system (4.3.z, RFC 3463), or a connection that was lost."""
    reply = said.reply
    if said.verdict not in _PUT_OFF or _reply_class(reply.code) == _FOR_GOOD:
        return False
    told_of_system = reply.code is None or (reply.enhanced or "").startswith("4.3.")
    return reply.stage in ABOUT_NO_RECIPIENT or told_of_system


def company_of(others: Iterable[Said]) -> Company:
    """What the others' answers, the latest first, say of the next one."""
    others = list(others)
    since = list(takewhile(lambda said: said.verdict is not Verdict.ACCEPTED, others))
    troubles = [said for said in since if is_servers_trouble(said)]
    return Company(
        took_one=len(since) < len(others),
        refused=sum(map(_is_no_ones_refusal, since)),
        put_off=sum(said.reply.stage in ABOUT_NO_RECIPIENT for said in troubles),
        domains=frozenset(said.domain for said in troubles if said.reply.stage not in ABOUT_NO_RECIPIENT),
    )


def judge_in_company(said: Said, others: Company) -> Verdict:
    """Whether a message was refused or put off for itself, or as everybody is."""
    if said.verdict is Verdict.REFUSED_OURS:
        return _judge_refusal(others)
    if said.verdict is Verdict.DEFERRED and is_servers_trouble(said):
        return _judge_trouble(said, others)
    return said.verdict


def _judge_refusal(others: Company) -> Verdict:
    """One reply cannot tell (5.7.1 means either), so it is believed of this message alone only where the server took
    the one before. Else the message is put off, and the third such refusal running is SYSTEMIC."""
    if others.took_one and not others.refused:
        return Verdict.REFUSED_OURS
    return Verdict.SYSTEMIC if others.refused + 1 >= REFUSES_ALL else Verdict.DEFERRED


def _judge_trouble(said: Said, others: Company) -> Verdict:
    """The fifth trouble running is SYSTEMIC. What was told to one domain's recipients counts once: a relay may pass on
    the words of that domain's own server."""
    at_large = said.reply.stage in ABOUT_NO_RECIPIENT
    domains = others.domains if at_large else others.domains | {said.domain}
    running = others.put_off + at_large + len(domains)
    return Verdict.SYSTEMIC if running >= PUTS_OFF_ALL else Verdict.DEFERRED


def _is_no_ones_refusal(said: Said) -> bool:
    """Put off with a 5yz: a refusal that nobody was sure of. One for its recipient says nothing of the others."""
    return said.verdict in _REFUSED_OR_PUT_OFF and _reply_class(said.reply.code) == _FOR_GOOD


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
