"""One message for one recipient, in the words and bytes of SMTP."""

import re
from collections.abc import Mapping

from reminders.messages.addresses import wire_address
from reminders.rules.smtp_replies import SmtpReply, Stage

_LONE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class RefusedHereError(Exception):
    """There is no point in going on; carries the reply that says why."""

    def __init__(self, reply: SmtpReply) -> None:
        super().__init__(reply)
        self.reply = reply


Announcements = Mapping[bool, Mapping[Stage, bytes]]
"""What announces a message, by stage; under True for a server that writes delivery reports as asked (DSN)."""

_NOT_IN_XTEXT = re.compile(rb"[^!-*,-<>-~]")


def announcements(sender: str, recipient: str, envelope_id: str = "") -> Announcements:
    """Return what announces a message; an address that cannot be written is refused here.

    Reports are asked to name `envelope_id` and the recipient as we wrote it, to come for failures and delays only, and
    to bring the message's head and not its text (RFC 3461, 4). It is a sign that needs no encoding.
    """
    from_whom = _written(sender, Stage.MAIL, "5.1.7")
    to_whom = _written(recipient, Stage.RCPT, "5.1.3")
    plain = _announcement(from_whom, to_whom)
    if not envelope_id:
        return {False: plain, True: plain}
    on_mail = b" RET=HDRS ENVID=%b" % envelope_id.encode("ascii")
    on_rcpt = b" NOTIFY=FAILURE,DELAY ORCPT=rfc822;%b" % _xtext(to_whom)
    return {False: plain, True: _announcement(from_whom, to_whom, on_mail, on_rcpt)}


def _announcement(from_whom: bytes, to_whom: bytes, on_mail: bytes = b"", on_rcpt: bytes = b"") -> dict[Stage, bytes]:
    return {
        Stage.MAIL: b"MAIL FROM:<%b>%b\r\n" % (from_whom, on_mail),
        Stage.RCPT: b"RCPT TO:<%b>%b\r\n" % (to_whom, on_rcpt),
        Stage.DATA: b"DATA\r\n",
    }


def _xtext(text: bytes) -> bytes:
    """Text as a parameter's value: `+`, `=` and what is not printable ASCII as `+` and two hex digits."""
    return _NOT_IN_XTEXT.sub(lambda sign: b"+%02X" % ord(sign[0]), text)


def _written(address: str, stage: Stage, enhanced: str) -> bytes:
    try:
        return wire_address(address).encode("ascii")
    except ValueError as error:
        raise RefusedHereError(SmtpReply(stage, 501, enhanced, f"{enhanced} {error}")) from error


def stuffed(message: bytes) -> bytes:
    """Return the message as it goes on the wire, up to its final dot (RFC 5321, 4.5.2).

    A line end that is not CRLF is made one: servers disagree on what a lone one means next to a dot.
    """
    if not message.count(b"\r") == message.count(b"\n") == message.count(b"\r\n"):
        message = _LONE_LINE_END.sub(b"\r\n", message)
    if not message.endswith(b"\r\n"):
        message += b"\r\n"
    body = message.replace(b"\r\n.", b"\r\n..")
    return b"." + body if body.startswith(b".") else body
