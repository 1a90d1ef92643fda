"""From an exception to a problem: one table, and nothing that escapes as a page of HTML."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

from django.core.exceptions import PermissionDenied
from django.core.signals import got_request_exception
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from rest_framework import exceptions
from rest_framework.views import set_rollback

from api.problems import ProblemCode, problem_response

logger = logging.getLogger(__name__)

RETRY_SECONDS = 30
"""How long to wait for a database that does not answer."""

# A subclass stands before its class: the first match counts.
_CODES: tuple[tuple[type[Exception], ProblemCode], ...] = (
    (exceptions.ParseError, ProblemCode.MALFORMED_REQUEST),
    (exceptions.ValidationError, ProblemCode.INVALID_PARAMETER),
    (exceptions.AuthenticationFailed, ProblemCode.NOT_AUTHENTICATED),
    (exceptions.NotAuthenticated, ProblemCode.NOT_AUTHENTICATED),
    (exceptions.PermissionDenied, ProblemCode.PERMISSION_DENIED),
    (PermissionDenied, ProblemCode.PERMISSION_DENIED),
    (exceptions.NotFound, ProblemCode.NOT_FOUND),
    (Http404, ProblemCode.NOT_FOUND),
    (exceptions.MethodNotAllowed, ProblemCode.METHOD_NOT_ALLOWED),
    (exceptions.NotAcceptable, ProblemCode.NOT_ACCEPTABLE),
    (exceptions.UnsupportedMediaType, ProblemCode.UNSUPPORTED_MEDIA_TYPE),
    (exceptions.Throttled, ProblemCode.TOO_MANY_REQUESTS),
    (OperationalError, ProblemCode.UNAVAILABLE),
    (InterfaceError, ProblemCode.UNAVAILABLE),
)


def answer_problem(error: Exception, context: dict[str, Any]) -> JsonResponse:
    """Answer an exception raised in a view of the API; what was not foreseen is logged, and told as a 500."""
    set_rollback()
    request: HttpRequest = context["request"]._request
    code = next((code for kind, code in _CODES if isinstance(error, kind)), ProblemCode.INTERNAL_ERROR)
    if code is ProblemCode.INTERNAL_ERROR:
        return _unforeseen(request)
    response = problem_response(request, code, errors=list(_errors(error, request)))
    if (wait := _retry_after(error, code)) is not None:
        response.headers["Retry-After"] = str(wait)
    return response


def _unforeseen(request: HttpRequest) -> JsonResponse:
    request_id = uuid4().hex
    logger.exception("Unforeseen error, request_id=%s, %s %s", request_id, request.method, request.path)
    # Whoever watches for failed requests is told, as by Django itself.
    got_request_exception.send(sender=None, request=request)
    return problem_response(request, ProblemCode.INTERNAL_ERROR, request_id=request_id)


def _retry_after(error: Exception, code: ProblemCode) -> int | None:
    if isinstance(error, exceptions.Throttled):
        return max(1, int(getattr(error, "wait", None) or 0))
    return RETRY_SECONDS if code is ProblemCode.UNAVAILABLE else None


def _errors(error: Exception, request: HttpRequest) -> Iterator[dict[str, str]]:
    """Each value at fault: by the name of its parameter, or by a pointer into the body."""
    if not isinstance(error, exceptions.ValidationError):
        return
    details: Any = error.get_full_details()
    fields = details if isinstance(details, dict) else {"": details}
    for name, found in fields.items():
        where = {"parameter": name} if request.method in ("GET", "HEAD") else {"pointer": f"#/{name}"}
        for one in found if isinstance(found, list) else [found]:
            yield where | {"code": str(one["code"]), "detail": str(one["message"])}
