"""X-Service-Notice: what every answer says during an incident; read again every ten seconds."""

from __future__ import annotations

import time
from datetime import datetime
from typing import NamedTuple
from urllib.parse import quote

from django.contrib.auth.models import User
from django.db import DatabaseError

from api.service_models import LONGEST_NOTICE, ServiceNotice
from registry.actions import RegisterError, recording

READ_EVERY = 10.0
"""Seconds until every process says it."""


class _Read(NamedTuple):
    text: str
    until: float


_last: list[_Read] = []


def notice_header() -> str:
    """The notice as a header may hold it: percent-encoded UTF-8 (RFC 3986) beyond ASCII; empty: none."""
    for read in _last:
        if time.monotonic() < read.until:
            return read.text
    try:
        text = ServiceNotice.objects.values_list("text", flat=True).first() or ""
    except DatabaseError:
        # An answer that tells of a database that is away must not fail for asking it.
        text = _last[0].text if _last else ""
    remember(quote(text, safe=" !\"#$&'()*+,-./:;<=>?@[]^_`{|}~"))
    return _last[0].text


def remember(header: str) -> None:
    """Say this for the next seconds without asking."""
    _last[:] = [_Read(header, time.monotonic() + READ_EVERY)]


def set_notice(*, text: str, by: User, now: datetime) -> ServiceNotice:
    """Say it on every answer; an empty text ends it. Raises RegisterError."""
    words = " ".join(text.split())
    if len(words) > LONGEST_NOTICE or not words.isprintable():
        raise RegisterError(f"Un message de service a {LONGEST_NOTICE} caractères au plus, tous visibles.")
    with recording(by=by, why="message de service" if words else "message de service retiré"):
        made, _ = ServiceNotice.objects.update_or_create(id=1, defaults={"text": words, "set_by": by, "set_at": now})
    _last.clear()
    return made
