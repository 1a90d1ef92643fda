"""One message for one recipient, in the words and bytes of SMTP."""

import re

from reminders.messages.addresses import wire_address
from reminders.rules.smtp_replies import SmtpReply, Stage

_LONE_LINE_END = re.compile(rb"\r(?!\n)|(?<!\r)\n")


class RefusedHereError(Exception):
    """There is no point in going on; carries the reply that says why."""

    def __init__(self, reply: SmtpReply) -> None:
        super().__init__(reply)
        self.reply = reply


def announcement(sender: str, recipient: str) -> dict[Stage, bytes]:
    """Return what announces a message, by stage; an address that cannot be written is refused here."""
    return {
        Stage.MAIL: b"MAIL FROM:<%b>\r\n" % _written(sender, Stage.MAIL, "5.1.7"),
        Stage.RCPT: b"RCPT TO:<%b>\r\n" % _written(recipient, Stage.RCPT, "5.1.3"),
        Stage.DATA: b"DATA\r\n",
    }


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
