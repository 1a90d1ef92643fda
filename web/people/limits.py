"""How many codes may be asked for: by address, so that nobody's mailbox is flooded, and by place of the network. And
how many passwords of the staff may be tried: by name and place together, so that nobody elsewhere is kept out.

Counted in the database and not in a cache: a cache of each process's own would grant as many times the number, and
forgets under pressure.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_address, ip_network

from django.db import transaction
from django.db.models import QuerySet
from django.utils.crypto import salted_hmac

from registry.locks import lock_name
from web.models import CodeAsked

Limits = tuple[tuple[timedelta, int], ...]

PER_ADDRESS: Limits = ((timedelta(minutes=15), 3), (timedelta(days=1), 10))
PER_PLACE: Limits = ((timedelta(minutes=1), 10), (timedelta(days=1), 200))
"""A firm's whole staff may come from one address of the network."""
PASSWORDS_PER_NAME: Limits = ((timedelta(minutes=15), 10), (timedelta(days=1), 50))
PASSWORDS_PER_PLACE: Limits = ((timedelta(minutes=1), 20), (timedelta(days=1), 500))
_LONGEST = timedelta(days=1)
_NETWORK_BITS = 64


def note_code(address: str, caller: str, now: datetime) -> bool:
    """Note that a code is asked for, unless a limit is reached: then False, and no code may leave.

    `caller` is the address that the proxy tells. Who asks for what nobody has is counted alike.
    """
    return not _note(_digest(address), place_of(caller), PER_ADDRESS, PER_PLACE, now)


def note_password(name: str, caller: str, now: datetime) -> timedelta:
    """Note that a password is tried for an account of the staff, unless a limit is reached: then how long to wait, and
    it is not looked at. A right one counts too: nobody signs in so often."""
    place = place_of(caller)
    return _note(_digest(f"password {place} {name}"), f"p {place}", PASSWORDS_PER_NAME, PASSWORDS_PER_PLACE, now)


def _note(digest: str, origin: str, for_digest: Limits, for_origin: Limits, now: datetime) -> timedelta:
    """Note it, or tell how long to wait."""
    with transaction.atomic():
        for name in sorted((digest, origin)):
            # Two at once count each other.
            lock_name(f"code:{name}")
        CodeAsked.objects.filter(asked_at__lt=now - _LONGEST).delete()
        asked = CodeAsked.objects.all()
        wait = _wait(asked.filter(address_digest=digest), for_digest, now)
        wait = wait or _wait(asked.filter(origin=origin), for_origin, now)
        if not wait:
            CodeAsked.objects.create(address_digest=digest, origin=origin, asked_at=now)
        return wait


def place_of(caller: str) -> str:
    """An IPv4 address, or the network of 64 bits of an IPv6 one, which is one subscriber's; "" where none is told."""
    try:
        found = ip_address(caller)
    except ValueError:
        return ""
    if isinstance(found, IPv6Address) and found.ipv4_mapped is None:
        return str(ip_network((found.packed[: _NETWORK_BITS // 8] + bytes(8), _NETWORK_BITS)))
    return str(getattr(found, "ipv4_mapped", None) or found)


def _wait(asked: QuerySet[CodeAsked], limits: Limits, now: datetime) -> timedelta:
    """Until fewer than the limits were within their time; nothing where none is reached."""
    latest = asked.order_by("-asked_at").values_list("asked_at", flat=True)
    full = (at + span - now for span, most in limits for at in latest.filter(asked_at__gt=now - span)[most - 1 : most])
    return max(full, default=timedelta())


def _digest(address: str) -> str:
    return salted_hmac("web.people.limits", address.lower(), algorithm="sha256").hexdigest()
