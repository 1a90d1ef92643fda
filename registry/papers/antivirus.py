"""Asking clamd about a file, over its socket; a scanner that does not answer says nothing of the file."""

from __future__ import annotations

import io
from dataclasses import dataclass

from clamav_client.clamd import ClamdError, ClamdNetworkSocket, ClamdUnixSocket
from django.conf import settings

TIMEOUT = 30
"""Seconds."""


class ScannerSilent(Exception):
    """The scanner cannot be reached or does not answer as one."""


@dataclass(frozen=True, slots=True)
class ScanVerdict:
    """The name of what was found; "": nothing."""

    signature: str

    @property
    def is_clean(self) -> bool:
        """Whether nothing was found."""
        return not self.signature


def has_scanner() -> bool:
    """Whether one is configured."""
    return settings.CLAMD is not None


def scan(content: bytes) -> ScanVerdict:
    """What clamd says of this content. Raises ScannerSilent."""
    try:
        answers = _client().instream(io.BytesIO(content))
        [(status, name)] = answers.values()
    except (ClamdError, OSError, ValueError, TypeError, AttributeError) as error:
        raise ScannerSilent(str(error) or type(error).__name__) from error
    if status == "FOUND":
        return ScanVerdict((name or "?")[:120])
    if status != "OK":
        raise ScannerSilent(f"{status} {name}")
    return ScanVerdict("")


def _client() -> ClamdNetworkSocket | ClamdUnixSocket:
    address = settings.CLAMD
    if address is None:
        raise ScannerSilent("CLAMD_URL is not set")
    if address.path:
        return ClamdUnixSocket(path=address.path, timeout=TIMEOUT)
    return ClamdNetworkSocket(host=address.host, port=address.port, timeout=TIMEOUT)
