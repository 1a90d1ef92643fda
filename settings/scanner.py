"""Where clamd listens: CLAMD_URL taken apart. Asking it is the work of registry.papers."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urlsplit

DEFAULT_PORT = 3310


@dataclass(frozen=True, slots=True)
class ClamdAddress:
    """The path of a Unix socket, or a host and a port."""

    path: str = ""
    host: str = ""
    port: int = 0


def parse_clamd(text: str) -> ClamdAddress:
    """Take ``tcp://host:3310`` or ``unix:///run/clamav/clamd.ctl`` apart.

    Raises:
        ValueError: not such an address, with what is wrong.
    """
    parts = urlsplit(text)
    extra = parts.query or parts.fragment or parts.username
    if parts.scheme == "unix" and not parts.netloc and parts.path.startswith("/") and not extra:
        return ClamdAddress(path=parts.path)
    if parts.scheme == "tcp" and parts.hostname and parts.path in ("", "/") and not extra:
        return ClamdAddress(host=parts.hostname, port=parts.port or DEFAULT_PORT)
    raise ValueError("elle doit ressembler à tcp://127.0.0.1:3310 ou à unix:///run/clamav/clamd.ctl")
