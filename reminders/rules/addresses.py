"""Which addresses a mail can be written to: one pattern for the rules, for PostgreSQL and for the wire."""

from __future__ import annotations

import re

_ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
ADDRESS_PATTERN = rf"^(?:{_ATOM}(?:\.{_ATOM})*@{_LABEL}(?:\.{_LABEL})*)$"
"""One ASCII address (RFC 5321, without quotes), in what Python's and PostgreSQL's expressions have in common."""

_ADDRESS = re.compile(ADDRESS_PATTERN, re.ASCII)


def is_writable(email: str) -> bool:
    """Whether a mail can be addressed so: no space, no line end, no quote, no accent, and one address only."""
    return _ADDRESS.fullmatch(email) is not None
