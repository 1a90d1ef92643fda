"""What is refused before any view of the API is asked: told as a problem too, where a page of HTML would be."""

from __future__ import annotations

import logging

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.urls import is_valid_path
from django.views import defaults

from api.instants import numbered
from api.problems import ProblemCode, problem_response, said

logger = logging.getLogger("api.requests")


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A request that Django itself refuses: a problem under the API's addresses, a page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return refused_early(request, exception)


def refused_early(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The problem that tells of it."""
    is_host = isinstance(exception, DisallowedHost)
    return _told(request, ProblemCode.WRONG_HOST if is_host else ProblemCode.MALFORMED_REQUEST)


def page_not_found(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """What is not there: a problem under the API's addresses, a page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.page_not_found(request, exception)
    return absent(request, exception)


def absent(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Where no view answers at all; to an act whose address lacks its slash, that it does."""
    if not request.path.endswith("/") and is_valid_path(f"{request.path_info}/"):
        reason = said("Cette adresse se termine par «\u00a0/\u00a0».", "This address ends with “/”.")
        return _told(request, ProblemCode.NOT_FOUND, reason=reason)
    return _told(request, ProblemCode.NOT_FOUND)


def broken(request: HttpRequest) -> HttpResponseBase:
    """What failed outside the views of the API."""
    return _told(request, ProblemCode.INTERNAL_ERROR)


def _told(request: HttpRequest, code: ProblemCode, reason: str | None = None) -> HttpResponseBase:
    """The problem under a number of its own, which stands in the log: no view has given the request one."""
    number = numbered(request)
    answer = problem_response(request, code, reason=reason) if reason else problem_response(request, code)
    answer.headers["X-Request-Id"] = number
    logger.info("%s %s %s request_id=%s", request.method, request.path, answer.status_code, number)
    return answer
