"""Where reports about mails come back: BOUNCES_URL taken apart. Reading it is the work of reminders.sending."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from settings.mail import Tls

DEFAULT_PORTS: dict[str, int] = {"none": 143, "starttls": 143, "tls": 993}


@dataclass(frozen=True, slots=True)
class MailboxSettings:
    """One mailbox: a Maildir, an mbox or one mail at `path`, or a folder of an IMAP server."""

    path: Path | None = None
    host: str = ""
    port: int = 0
    username: str = ""
    password: str = field(default="", repr=False)
    folder: str = "INBOX"
    tls: Tls = "tls"

    def __str__(self) -> str:
        """What may be shown: never the password."""
        return str(self.path) if self.path else f"{self.host}/{self.folder}"


def parse_mailbox(text: str) -> MailboxSettings:
    """Take ``imaps://user:password@host:port/folder`` apart, or ``imap://…?tls=starttls`` (or none); else it is a path.

    Raises:
        ValueError: not such an address, with what is wrong and never with the password.
    """
    if "://" not in text:
        return MailboxSettings(path=Path(text).expanduser())
    parts = urlsplit(text)
    if parts.scheme not in {"imap", "imaps"}:
        raise ValueError("elle doit commencer par imap:// ou imaps://\u00a0; un chemin, par aucun des deux")
    if not parts.hostname or not parts.username:
        raise ValueError("elle doit nommer un utilisateur et un serveur")
    tls = _tls(parts.query, "tls" if parts.scheme == "imaps" else "starttls")
    return MailboxSettings(
        host=parts.hostname,
        port=parts.port or DEFAULT_PORTS[tls],
        username=unquote(parts.username),
        password=unquote(parts.password or ""),
        folder=unquote(parts.path.strip("/")) or "INBOX",
        tls=tls,
    )


def _tls(query: str, default: str) -> Tls:
    options = dict(parse_qsl(query, keep_blank_values=True))
    text = options.pop("tls", default)
    if options:
        raise ValueError("elle porte une option inconnue\u00a0; il n’y a que tls")
    match text:
        case "none" | "starttls" | "tls":
            return text
    raise ValueError("tls doit être none, starttls ou tls")
