"""Where mail leaves: SMTP_URL taken apart. The dialogue itself is in reminders.sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal
from urllib.parse import parse_qsl, unquote, urlsplit

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


def parse_smtp_url(text: str) -> SmtpSettings:
    """Take ``smtp://user:password@host:port?tls=starttls&verify=yes`` apart; ``smtps://`` means ``tls=tls``.

    Raises:
        ValueError: not such an address, with what is wrong and never with the password.
    """
    parts = urlsplit(text)
    if parts.scheme not in {"smtp", "smtps"}:
        raise ValueError(f"the scheme must be smtp or smtps, not {parts.scheme!r}")
    if not parts.hostname:
        raise ValueError("it names no host")
    if parts.path not in {"", "/"}:
        raise ValueError(f"nothing belongs after the host but options, and it has {parts.path!r}")
    options = dict(parse_qsl(parts.query, keep_blank_values=True))
    tls = _tls(options.pop("tls", "tls" if parts.scheme == "smtps" else "none"))
    verify = _verify(options.pop("verify", "yes"))
    if options:
        raise ValueError(f"the option {min(options)!r} is unknown; there are tls and verify")
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
    raise ValueError(f"tls must be none, starttls or tls, not {text!r}")


def _verify(text: str) -> bool:
    if text not in VERIFY:
        raise ValueError(f"verify must be yes or no, not {text!r}")
    return VERIFY[text]
