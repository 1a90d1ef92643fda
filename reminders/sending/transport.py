"""The one place that talks SMTP: one message to one recipient, and always the point reached in the dialogue.

RFC 1047: from the final dot until the client reads the reply, both sides may hold the message. So the final
dot is written alone, last, and by itself decides: a failure before that write is stage BODY or earlier, and
the message has surely not been delivered; a failure in or after it is stage DOT without a code, and it may
have been. Nothing here ever sends a message's dot twice.
"""

import smtplib
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from types import TracebackType
from typing import Literal, Protocol, Self

from reminders.rules.smtp_replies import SmtpReply, Stage, parse_enhanced
from reminders.sending.envelope import Announcements, RefusedHereError, announcements, stuffed
from reminders.sending.wire import Wire, tls_context

LONGEST_TEXT = 500
"""How much of a reply's text is kept."""

CLOSING = 421
"""The server ends the connection after this reply, whatever command it answers (RFC 5321, 3.8)."""

_READY, _GO_AHEAD = 220, 354
_DONE, _FOR_GOOD = 2, 5
_REFUSALS = frozenset({4, 5})
_ANNOUNCING = frozenset({Stage.MAIL, Stage.RCPT, Stage.DATA})


class SmtpLike(Protocol):
    """Where mail leaves; ``settings.mail.SmtpSettings`` is one."""

    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def username(self) -> str: ...
    @property
    def password(self) -> str: ...
    @property
    def tls(self) -> Literal["none", "starttls", "tls"]: ...
    @property
    def verify(self) -> bool: ...


class Transport(Protocol):
    """What a delivery needs of a transport; tests give one that only records."""

    def send(
        self, sender: str, recipient: str, message: bytes, deadline: float | None = None, envelope_id: str = ""
    ) -> SmtpReply:
        """Send one message to one recipient; see ``SmtpSession.send``."""

    def close(self) -> None:
        """End the connection, if there is one."""


@dataclass(frozen=True, slots=True)
class Timeouts:
    """Seconds to wait: to connect, for a command's reply, to hand the body over, for the reply to the final
    dot.

    RFC 5321, 4.5.3.2.6 grants a server 10 minutes for the last one. We stop waiting after 60 seconds and call
    the message uncertain, because a worker's lease must outlast its wait.
    """

    connect: float = 10.0
    command: float = 30.0
    body: float = 60.0
    dot: float = 60.0


DEFAULT_TIMEOUTS = Timeouts()


class SmtpSession:
    """A connection made when first needed and renewed after ``max_messages`` or any doubt about its state.

    Not to be shared between threads or across a fork.
    """

    def __init__(
        self,
        settings: SmtpLike,
        timeouts: Timeouts = DEFAULT_TIMEOUTS,
        max_messages: int = 20,
        local_hostname: str | None = None,
    ) -> None:
        """Keep the settings; nothing is opened yet."""
        self._settings = settings
        self._timeouts = timeouts
        self._max_messages = max_messages
        self._local_hostname = local_hostname or socket.getfqdn()
        self._wire: Wire | None = None
        self._stage = Stage.CONNECT
        self._sent = 0
        self._needs_reset = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def send(
        self, sender: str, recipient: str, message: bytes, deadline: float | None = None, envelope_id: str = ""
    ) -> SmtpReply:
        """Send one message to one recipient and return the reply that decides its fate.

        Whatever goes wrong comes back as a reply; ``code`` is ``None`` when there was none. ``deadline``, a
        value of ``time.monotonic()``, is checked last just before the final dot is written: once it is past
        the message is not sent. ``envelope_id`` is what reports about it are asked to name.
        """
        try:
            commands = announcements(sender, recipient, envelope_id)
        except RefusedHereError as error:
            return error.reply
        body = stuffed(message)
        reused = self._wire is not None
        reply = self._attempt(commands, body, deadline)
        if reused and _is_tired(reply) and not _is_past(deadline):
            # The server had tired of an old connection before it knew of this message: a new one may do.
            self.close()
            reply = self._attempt(commands, body, deadline)
        return reply

    def close(self) -> None:
        """Say QUIT and hang up; what happens then no longer matters to any message."""
        if self._wire is None:
            return
        try:
            self._wire.write(b"QUIT\r\n", 1.0)
            self._wire.read_reply(1.0)
        except OSError:
            pass
        finally:
            self._drop()

    def _attempt(self, commands: Announcements, body: bytes, deadline: float | None) -> SmtpReply:
        try:
            reply = self._transact(self._ready(), commands, body, deadline)
        except RefusedHereError as error:
            reply = error.reply
        except smtplib.SMTPResponseException as error:
            reply = _reply(self._stage, error.smtp_code, error.smtp_error)
        except (OSError, ValueError) as error:
            reply = _lost(self._stage, error)
        except BaseException:
            self._drop()
            raise
        self._settle(reply)
        return reply

    def _settle(self, reply: SmtpReply) -> None:
        """Decide whether the connection can be used again."""
        refused = _class(reply.code) in _REFUSALS and reply.code != CLOSING
        accepted = reply.stage is Stage.DOT and _class(reply.code) == _DONE
        if refused and reply.stage in _ANNOUNCING:
            self._needs_reset = True
        elif not accepted and not (refused and reply.stage is Stage.DOT):
            self._drop()
        self._sent += 1
        if self._sent >= self._max_messages:
            self.close()

    # -- before any message ----------------------------------------------------------------------------------

    def _ready(self) -> Wire:
        """Return a connection on which a transaction can begin."""
        if self._wire is not None and not self._is_usable(self._wire):
            self._drop()
        if self._wire is None:
            self._wire = self._connect()
        return self._wire

    def _is_usable(self, wire: Wire) -> bool:
        """Tell whether the server still listens and owes us nothing: a reply left over would answer the wrong
        question from here on."""
        try:
            if wire.unasked():
                return False
            if self._needs_reset:
                self._needs_reset = False
                return wire.rset()[0] // 100 == _DONE
        except OSError:
            return False
        return True

    def _connect(self) -> Wire:
        wire = Wire(self._local_hostname, self._timeouts.command)
        try:
            self._set_up(wire)
        except BaseException:
            wire.close()
            raise
        self._sent = 0
        return wire

    def _set_up(self, wire: Wire) -> None:
        settings = self._settings
        self._stage = Stage.CONNECT
        wire.open(settings.host, settings.port, self._timeouts.connect)
        if settings.tls == "tls":
            self._encrypt(wire)
        self._stage = Stage.GREETING
        self._require(wire.getreply(), _READY)
        self._stage = Stage.HELLO
        wire.ehlo_or_helo_if_needed()
        if settings.tls == "starttls":
            self._start_tls(wire)
        if settings.username:
            self._stage = Stage.AUTH
            wire.login(settings.username, settings.password)

    def _start_tls(self, wire: Wire) -> None:
        self._stage = Stage.TLS
        if not wire.has_extn("starttls"):
            raise RefusedHereError(_lost(Stage.TLS, "the server does not offer STARTTLS, which SMTP_URL asks for"))
        self._require(wire.docmd("STARTTLS"), _READY)
        self._encrypt(wire)
        self._stage = Stage.HELLO
        wire.ehlo_or_helo_if_needed()

    def _encrypt(self, wire: Wire) -> None:
        self._stage = Stage.TLS
        wire.encrypt(tls_context(self._settings.verify), self._settings.host)

    def _require(self, answer: tuple[int, bytes], code: int) -> None:
        if answer[0] != code:
            raise RefusedHereError(_reply(self._stage, *answer))

    # -- one message -----------------------------------------------------------------------------------------

    def _transact(self, wire: Wire, commands: Announcements, body: bytes, deadline: float | None) -> SmtpReply:
        announce = self._announce_at_once if wire.has_extn("pipelining") else self._announce_in_turn
        refusal = announce(wire, commands[wire.has_extn("dsn")], deadline)
        if refusal is not None:
            return refusal
        self._stage = Stage.BODY
        wire.write(body, self._patience(self._timeouts.body, deadline), more=True)
        if wire.unasked():
            return self._read(wire, self._timeouts.command)
        if _is_past(deadline):
            return _lost(Stage.BODY, "the time allowed for this message was over before its final dot")
        self._stage = Stage.DOT
        wire.write(b".\r\n", self._timeouts.dot)
        return self._read(wire, self._timeouts.dot)

    def _announce_in_turn(
        self, wire: Wire, commands: Mapping[Stage, bytes], deadline: float | None
    ) -> SmtpReply | None:
        for stage, command in commands.items():
            self._stage = stage
            wire.write(command, self._patience(self._timeouts.command, deadline))
            reply = self._read(wire, self._patience(self._timeouts.command, deadline))
            if not _goes_on(stage, reply.code):
                return reply
        return None

    def _announce_at_once(
        self, wire: Wire, commands: Mapping[Stage, bytes], deadline: float | None
    ) -> SmtpReply | None:
        """Write all commands, then read their replies one by one; the first that is no "go on" decides."""
        self._stage = Stage.MAIL
        wire.write(b"".join(commands.values()), self._patience(self._timeouts.command, deadline))
        refusal, last = None, None
        for self._stage in commands:
            try:
                last, text = wire.read_reply(self._patience(self._timeouts.command, deadline))
            except OSError as error:
                self._drop()
                return refusal or _lost(self._stage, error)
            if refusal is None and not _goes_on(self._stage, last):
                refusal = _reply(self._stage, last, text)
        if refusal is not None and last == _GO_AHEAD:
            self._end_empty_message(wire)
        return refusal

    def _end_empty_message(self, wire: Wire) -> None:
        """End a message that was announced by DATA although MAIL or RCPT was refused: a dot and nothing
        before it (RFC 2920, 3.1). Nobody is its recipient, so its reply is of no interest."""
        try:
            wire.write(b".\r\n", self._timeouts.command)
            wire.read_reply(self._timeouts.command)
        except OSError:
            self._drop()

    # -- small things ----------------------------------------------------------------------------------------

    def _read(self, wire: Wire, seconds: float) -> SmtpReply:
        return _reply(self._stage, *wire.read_reply(seconds))

    def _patience(self, seconds: float, deadline: float | None) -> float:
        return seconds if deadline is None else min(seconds, deadline - monotonic())

    def _drop(self) -> None:
        if self._wire is not None:
            self._wire.close()
        self._wire = None
        self._needs_reset = False


def _reply(stage: Stage, code: int, text: bytes | str) -> SmtpReply:
    words = text.decode(errors="replace") if isinstance(text, bytes) else text
    return SmtpReply(stage, code, parse_enhanced(code, words), words[:LONGEST_TEXT])


def _lost(stage: Stage, why: Exception | str) -> SmtpReply:
    words = why if isinstance(why, str) else f"{type(why).__name__}: {why}"
    return SmtpReply(stage, None, None, words[:LONGEST_TEXT])


def _class(code: int | None) -> int:
    return (code or 0) // 100


def _goes_on(stage: Stage, code: int | None) -> bool:
    return code == _GO_AHEAD if stage is Stage.DATA else _class(code) == _DONE


def _is_tired(reply: SmtpReply) -> bool:
    """Whether a connection ended, or was refused for good, at the first word about a message: that it has carried too
    many is said in all these ways."""
    return reply.stage is Stage.MAIL and (reply.code in {None, CLOSING} or _class(reply.code) == _FOR_GOOD)


def _is_past(deadline: float | None) -> bool:
    return deadline is not None and monotonic() >= deadline
