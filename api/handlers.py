"""What is refused before any view of the API is asked: told as a problem too, where a page of HTML would be."""

from __future__ import annotations

from django.core.exceptions import DisallowedHost
from django.http import HttpRequest, HttpResponseBase
from django.views import defaults

from api.problems import ProblemCode, problem_response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """A request that Django itself refuses: a problem under the API's addresses, a page elsewhere."""
    if not request.path.startswith("/api/"):
        return defaults.bad_request(request, exception)
    return refused_early(request, exception)


def refused_early(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """The problem that tells of it."""
    is_host = isinstance(exception, DisallowedHost)
    return problem_response(request, ProblemCode.WRONG_HOST if is_host else ProblemCode.MALFORMED_REQUEST)


def absent(request: HttpRequest, exception: Exception) -> HttpResponseBase:
    """Where no view answers at all."""
    return problem_response(request, ProblemCode.NOT_FOUND)


def broken(request: HttpRequest) -> HttpResponseBase:
    """What failed outside the views of the API."""
    return problem_response(request, ProblemCode.INTERNAL_ERROR)
