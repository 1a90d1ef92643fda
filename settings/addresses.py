"""Addresses of servers and sites, taken apart; what is wrong is said in French, and never with what it reads."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit


def split_address(text: str) -> SplitResult:
    """Take an address apart, its port known to be a number.

    Raises:
        ValueError: it is none; the message quotes nothing, because a piece of it may be of a password.
    """
    try:
        parts = urlsplit(text)
    except ValueError:
        raise ValueError("son nom de serveur ne se lit pas") from None
    try:
        usable = parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise ValueError("son port n’est pas un nombre de 1 à 65535")
    return parts
