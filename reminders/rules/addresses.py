"""Which addresses a mail can be written to: one pattern for the rules, for PostgreSQL and for the wire."""

from __future__ import annotations

import re
from functools import lru_cache

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS_PATTERN = rf"^(?:{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*)$"
"""One ASCII address (RFC 5321, without quotes), in what Python's and PostgreSQL's expressions have in common."""

PLAIN_ADDRESS_PATTERN = r"^(?:[a-z0-9]+(?:[._-][a-z0-9]+)*@[a-z0-9]+(?:[.-][a-z0-9]+)*)$"
"""Most addresses: of those within PLAIN_ADDRESS_LENGTH each fits ADDRESS_PATTERN too, which takes PostgreSQL ten times
as long to match."""
PLAIN_ADDRESS_LENGTH = 64

_ADDRESS = re.compile(ADDRESS_PATTERN, re.ASCII)


@lru_cache(maxsize=4096)
def is_writable(email: str) -> bool:
    """Whether a mail can be addressed so: no space, no line end, no quote, no accent, and one address only.

    The answer is kept: it is asked of each address by the rules, the letter, its header and the envelope.
    """
    return _ADDRESS.fullmatch(email) is not None
