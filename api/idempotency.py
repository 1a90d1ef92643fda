"""The same call again acts once (I15): its answer is kept in the transaction of its effect, and given again."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import wraps
from typing import Any, TypeVar, cast

from django.contrib.auth.models import User
from django.db import connection, transaction
from django.http import HttpResponse
from django.utils.translation import get_language
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import KeptAnswer
from api.problems import ProblemCode, Refused

KEPT = timedelta(days=7)
"""How long an answer is kept, and so how long a call may be repeated: by the clock that nobody moves."""
_KEY = re.compile(r"[!-~]{1,255}")
UPLOAD_DIGEST = "upload_digest"
"""Under this name a request carries what stands for the body of an upload."""
_KEPT_HEADERS = ("ETag", "Location")
_RUNNING_SECONDS = 2

Handler = TypeVar("Handler", bound=Callable[..., Any])


def acts_once(handler: Handler) -> Handler:
    """A handler of an unsafe method: one transaction, and the answer kept in it under the caller's Idempotency-Key.

    What is refused is not kept, since nothing was done: the same key may be used once the cause is gone.
    """

    @wraps(handler)
    def acting(view: Any, request: Request, *args: Any, **kwargs: Any) -> Any:
        key = _key_of(request)
        with view.preparing(request), transaction.atomic():
            if key is None:
                return handler(view, request, *args, **kwargs)
            if kept := _kept(request, key, view.unmoved):
                return kept
            response = handler(view, request, *args, **kwargs)
            _keep(request, key, response, view.unmoved)
            return response

    acting.acts_once = True  # type: ignore[attr-defined]
    return acting  # type: ignore[return-value]


def _key_of(request: Request) -> str | None:
    """Required of a POST; a PUT or a PATCH says by itself what is to be, and may do without."""
    key = request.headers.get("Idempotency-Key", "").strip()
    if not key and request.method != "POST":
        return None
    if not _KEY.fullmatch(key):
        raise Refused(ProblemCode.IDEMPOTENCY_KEY_REQUIRED)
    return key


def _kept(request: Request, key: str, now: datetime) -> HttpResponse | None:
    """The answer given before. Raises Refused where the key served something else, or the same call is running."""
    if not _lock(str(request.user.pk), key):
        raise Refused(ProblemCode.ALREADY_RUNNING, headers={"Retry-After": str(_RUNNING_SECONDS)})
    mine = KeptAnswer.objects.filter(holder=request.user.pk)
    mine.filter(kept_at__lt=now - KEPT).delete()
    kept = mine.filter(key=key).first()
    if kept is None:
        return None
    if kept.fingerprint != _fingerprint(request):
        raise Refused(ProblemCode.IDEMPOTENCY_KEY_REUSED)
    headers = kept.headers | {"Idempotent-Replayed": "true"}
    return HttpResponse(kept.body, status=kept.status, content_type="application/json", headers=headers)


def _keep(request: Request, key: str, response: Response, now: datetime) -> None:
    KeptAnswer.objects.create(
        holder=cast(User, request.user),
        key=key,
        fingerprint=_fingerprint(request),
        status=response.status_code,
        headers={name: response.headers[name] for name in _KEPT_HEADERS if name in response.headers}
        | {"Content-Language": get_language()},
        body=JSONRenderer().render(response.data).decode(),
        kept_at=now,
    )


def _fingerprint(request: Request) -> str:
    """What was asked: method, address and body; of an upload, which is read once, what was noted of it."""
    http = request._request
    asked = f"{http.method} {http.get_full_path()}\n".encode()
    uploaded: bytes | None = http.__dict__.get(UPLOAD_DIGEST)
    return hashlib.sha256(asked + (http.body if uploaded is None else uploaded)).hexdigest()


def _lock(holder: str, key: str) -> bool:
    """Until the transaction ends nobody else runs the same call. A lock and no row: a row that is not committed
    cannot be seen, and whoever waits for it holds a worker."""
    name = hashlib.sha256(f"{holder}:{key}".encode()).digest()[:8]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [int.from_bytes(name, "big", signed=True)])
        return bool(cursor.fetchone()[0])
