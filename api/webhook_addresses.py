"""Where a webhook may go: to the public internet and nowhere else, however its name is dressed (SSRF)."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import NamedTuple
from urllib.parse import urlsplit

_NAT64 = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
_COMPATIBLE = IPv6Network("::/96")
_SPECIAL = (
    IPv4Network("192.0.0.0/24"),
    IPv4Network("192.88.99.0/24"),
    IPv4Network("168.63.129.16/32"),
    IPv6Network("2001::/23"),
    IPv6Network("3fff::/20"),
)
"""Of the registries of special-purpose addresses (RFC 6890, 7526, 9637) what Python calls global, and an address of a
cloud for its own machines."""
_INSIDE = frozenset({"localhost", "local", "internal", "localdomain", "intranet", "lan", "corp", "home", "arpa"})
"""Ends of names that no public name has (RFC 6761, 6762, 8375; `.internal` kept out by ICANN, the others by use)."""
_USUAL = {"https": 443, "http": 80}
_FIRST_FREE = 1024
"""Below it other services listen (mail, shells, databases), that nobody needs us to knock at."""
_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_NUMBER = re.compile(r"\d+|0x[0-9a-f]*", re.IGNORECASE)


class BadTargetError(Exception):
    """An address that no message is sent to, in words for who gave it."""


class Target(NamedTuple):
    """Where to connect: `path` begins with a slash and has the query."""

    secure: bool
    host: str
    port: int
    path: str


def read_target(url: str, *, loopback: bool) -> Target:
    """The parts of an address; http only where loopback is allowed. No name service is asked. Raises BadTargetError."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise BadTargetError("n’est pas une adresse") from None
    if not url.isascii() or any(c <= " " for c in url):
        raise BadTargetError("a des signes qu’une adresse n’a pas")
    if parts.scheme != "https" and not (loopback and parts.scheme == "http"):
        raise BadTargetError("ne commence pas par https://")
    if "[" in parts.netloc and ":" not in (parts.hostname or ""):
        raise BadTargetError("n’est pas une adresse")
    if parts.username is not None or parts.fragment or not parts.hostname:
        raise BadTargetError("doit avoir un nom d’hôte, sans compte ni fragment")
    _require_public_literal(parts.hostname, loopback=loopback)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    # The dot that may end a name is in no certificate.
    host = parts.hostname.removesuffix(".")
    return Target(parts.scheme == "https", host, _read_port(parts.scheme, port), path)


def _read_port(scheme: str, port: int | None) -> int:
    usual = _USUAL[scheme]
    if port is not None and port < _FIRST_FREE and port != usual:
        raise BadTargetError("ne peut avoir que le port 443, ou l’un de 1024 à 65535")
    return usual if port is None else port


def _require_public_literal(host: str, *, loopback: bool) -> None:
    """An address is judged at once, and a name that cannot be public; any other once it is resolved."""
    try:
        found = ip_address(host)
    except ValueError:
        may = _may_be_public(host, loopback=loopback)
    else:
        may = may_connect(found, loopback=loopback)
    if not may:
        raise BadTargetError("n’est pas une adresse publique")


def _may_be_public(host: str, *, loopback: bool) -> bool:
    """Whether a name can be one of the public internet. `127.1`, `2130706433` and `0x7f000001` are no names: the
    system reads addresses in them."""
    labels = host.lower().removesuffix(".").split(".")
    if labels[-1] == "localhost":
        return loopback
    return (
        len(labels) > 1
        and all(_LABEL.fullmatch(one) for one in labels)
        and labels[-1] not in _INSIDE
        and not _NUMBER.fullmatch(labels[-1])
    )


def may_connect(address: IPv4Address | IPv6Address, *, loopback: bool) -> bool:
    """Whether an address is public; none of a private network, of this machine, of the cloud's metadata, and none
    that hides an IPv4 address inside an IPv6 one."""
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return may_connect(address.ipv4_mapped, loopback=loopback)
        if loopback and address.is_loopback:
            return True
        wrapped = address.sixtofour or address.teredo or address.is_site_local or address.scope_id
        if wrapped or address in _COMPATIBLE or any(address in network for network in _NAT64):
            return False
    if address.is_loopback:
        return loopback
    if any(address in network for network in _SPECIAL if network.version == address.version):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved and not address.is_unspecified
