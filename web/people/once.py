"""A form that is sent twice acts once: what it led to is kept in the transaction of its effect (I15)."""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Callable
from datetime import datetime

from django.contrib.auth.models import User
from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect

from api.idempotency import KEPT
from api.models import KeptAnswer
from api.problems import said
from registry.actions import RegisterError
from registry.locks import lock_name

FIELD = "once"
_TOKEN = re.compile(r"[0-9a-f]{32}")


def new_token() -> str:
    """What a page puts into its form."""
    return secrets.token_hex(16)


def act_once(request: HttpRequest, by: User, now: datetime, act: Callable[[], str]) -> HttpResponse:
    """Do `act`, which gives the address to go to; the same form again only goes there. What `act` raises undoes it all.

    Raises RegisterError where the form has no token of ours.
    """
    token = request.POST.get(FIELD, "")
    if not _TOKEN.fullmatch(token):
        raise RegisterError(
            said(
                "Ce formulaire est incomplet\u00a0: rechargez la page et recommencez.",
                "This form is incomplete: load the page again and start over.",
            )
        )
    asked = hashlib.sha256(f"{request.method} {request.path}".encode()).hexdigest()
    key = f"page:{token}:{asked}"
    with transaction.atomic():
        # A double click's second half waits for the first, and then finds what it led to.
        lock_name(f"{by.pk}:{key}")
        mine = KeptAnswer.objects.filter(holder=by)
        mine.filter(kept_at__lt=now - KEPT).delete()
        kept = mine.filter(key=key).first()
        where = str(kept.headers["Location"]) if kept else act()
        if kept is None:
            headers = {"Location": where}
            KeptAnswer.objects.create(holder=by, key=key, fingerprint=asked, status=204, headers=headers, kept_at=now)
    return HttpResponseRedirect(where, status=303)
