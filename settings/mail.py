"""Where mail leaves: SMTP_URL taken apart. The dialogue itself is in reminders.sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote

from settings.addresses import split_address

Tls = Literal["none", "starttls", "tls"]
DEFAULT_PORTS: dict[str, int] = {"none": 25, "starttls": 587, "tls": 465}
LOCAL_SMTP_URL = "smtp://127.0.0.1:1025"
VERIFY = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}


@dataclass(frozen=True, slots=True)
class SmtpSettings:
    """One relay. ``verify``: whether its certificate is checked, with ``starttls`` and ``tls``."""

    host: str
    port: int
    username: str = ""
    password: str = field(default="", repr=False)
    tls: Tls = "none"
    verify: bool = True


class NoRelay:
    """Where mail leaves in the sandbox: nowhere. Asked for a server to call, it refuses before a socket is opened."""

    port = 0
    username = ""
    password = ""
    tls: Tls = "none"
    verify = True

    @property
    def host(self) -> str:
        """Raises RuntimeError."""
        raise RuntimeError("The sandbox sends no mail.")


def parse_smtp_url(text: str) -> SmtpSettings:
    """Take ``smtp://user:password@host:port?tls=starttls&verify=yes`` apart; ``smtps://`` means ``tls=tls``.

    Raises:
        ValueError: not such an address, with what is wrong and never with the password.
    """
    parts = split_address(text)
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError("elle ne commence ni par smtp:// ni par smtps://")
    if not parts.hostname or " " in parts.hostname:
        raise ValueError("elle ne nomme aucun serveur")
    if parts.path not in {"", "/"}:
        raise ValueError("il n’y a de place après le serveur que pour des options")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = _tls(options.pop("tls", "tls" if parts.scheme == "smtps" else "none"))
    verify = _verify(options.pop("verify", "yes"))
    if options:
        raise ValueError("il n’y a d’options que tls et verify")
    return SmtpSettings(
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[tls],
        username=unquote(parts.username or ""),
        password=unquote(parts.password or ""),
        tls=tls,
        verify=verify,
    )


def _tls(text: str) -> Tls:
    match text:
        case "none" | "starttls" | "tls":
            return text
    raise ValueError("tls doit être none, starttls ou tls")


def _verify(text: str) -> bool:
    if text not in VERIFY:
        raise ValueError("verify doit être yes ou no")
    return VERIFY[text]
