"""From an exception to a problem: one table, and nothing that escapes as a page of HTML."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.core.signals import got_request_exception
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.http import Http404, HttpRequest, JsonResponse
from psycopg.errors import RaiseException
from rest_framework import exceptions
from rest_framework.views import set_rollback

from api.english import told
from api.instants import request_id
from api.problems import ProblemCode, Refused, pointer, problem_response, said
from hotline.errors import HotlineError
from registry.actions import RegisterError
from reminders.errors import ReminderError, WrongRequest

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
    (RequestDataTooBig, ProblemCode.BODY_TOO_LARGE),
    (SuspiciousOperation, ProblemCode.MALFORMED_REQUEST),
    (RegisterError, ProblemCode.REGISTER_REFUSES),
    (WrongRequest, ProblemCode.WRONG_REQUEST),
    (ReminderError, ProblemCode.REMINDERS_REFUSE),
    (HotlineError, ProblemCode.HOTLINE_REFUSES),
    (OperationalError, ProblemCode.UNAVAILABLE),
    (InterfaceError, ProblemCode.UNAVAILABLE),
)


def answer_problem(error: Exception, context: dict[str, Any]) -> JsonResponse:
    """Answer an exception raised in a view of the API; what was not foreseen is logged, and told as a 500."""
    set_rollback()
    request: HttpRequest = context["request"]._request
    code = code_of(error)
    if code is ProblemCode.INTERNAL_ERROR:
        _note_unforeseen(request)
    elif refused_by_the_database(error):
        logger.exception("Refused by the database, request_id=%s", request_id(request))
    response = problem_response(request, code, errors=list(_errors(error, request)), **_members(error))
    for name, value in _headers(error, code).items():
        response.headers[name] = value
    return response


def code_of(error: Exception) -> ProblemCode:
    """The code under which an exception is told."""
    if isinstance(error, Refused):
        return error.code
    if refused_by_the_database(error):
        return ProblemCode.REGISTER_REFUSES
    return next((code for kind, code in _CODES if isinstance(error, kind)), ProblemCode.INTERNAL_ERROR)


def refused_by_the_database(error: Exception) -> bool:
    """Whether a constraint, a type or a trigger of the database refuses a caller's own act, where no check before it
    foresaw it: no bug of the caller's program, and nothing was done."""
    return isinstance(error, IntegrityError | DataError) or isinstance(error.__cause__, RaiseException)


def _note_unforeseen(request: HttpRequest) -> None:
    logger.exception("Unforeseen error, request_id=%s, %s %s", request_id(request), request.method, request.path)
    # Whoever watches for failed requests is told, as by Django itself.
    got_request_exception.send(sender=None, request=request)


def _members(error: Exception) -> dict[str, str]:
    """What stands beside: of a refusal of the domain, its own words."""
    if isinstance(error, Refused):
        return error.members
    if refused_by_the_database(error):
        # Its own words name tables and values.
        return {"reason": told("La base de données refuse cette écriture\u00a0: relisez le dossier, puis recommencez.")}
    return {"reason": told(str(error))} if isinstance(error, RegisterError | ReminderError | HotlineError) else {}


def _headers(error: Exception, code: ProblemCode) -> dict[str, str]:
    headers = dict(error.headers) if isinstance(error, Refused) else {}
    if isinstance(error, exceptions.Throttled):
        headers["Retry-After"] = str(max(1, int(getattr(error, "wait", None) or 0)))
    elif code is ProblemCode.UNAVAILABLE:
        headers.setdefault("Retry-After", str(RETRY_SECONDS))
    elif code in _ASKING_FOR_A_KEY:
        headers["WWW-Authenticate"] = "Bearer"
    return headers


_ASKING_FOR_A_KEY = frozenset(
    {
        ProblemCode.NOT_AUTHENTICATED,
        ProblemCode.INVALID_KEY,
        ProblemCode.KEY_EXPIRED,
        ProblemCode.KEY_REVOKED,
        ProblemCode.KEY_OF_OTHER_WORLD,
    }
)


def _errors(error: Exception, request: HttpRequest) -> Iterator[dict[str, str]]:
    """Each value at fault: those of a parameter by its name, under which they are raised; those of a body where they
    stand in it."""
    if isinstance(error, Refused):
        yield from error.errors
    if not isinstance(error, exceptions.ValidationError):
        return
    if request.method not in ("GET", "HEAD"):
        yield from pointed(error)
        return
    for path, one in _leaves(error.get_full_details(), ()):
        yield {"parameter": path[0] if path else "", "code": str(one["code"]), "detail": _worded(one)}


def pointed(error: exceptions.ValidationError) -> Iterator[dict[str, str]]:
    """Each value at fault of a body, by a pointer to where it stands in it."""
    for path, one in _leaves(error.get_full_details(), ()):
        yield {"pointer": pointer(path), "code": str(one["code"]), "detail": _worded(one)}


def _worded(one: Mapping[str, Any]) -> str:
    """What is said of a value: for people, where the library's words are meant for who wrote the program."""
    code, message = str(one["code"]), str(one["message"])
    if code == "not_a_list":
        return said("Une liste est attendue ici : [ … ].", "A list is expected here: [ … ].")
    if code not in ("min_length", "max_length") or not (found := _OF_ITEMS.search(message)):
        return told(message)
    most, items = code == "max_length", int(found[1])
    french = f"{items} élément{'s' * (items > 1)} au {'plus' if most else 'moins'}"
    english = f"{'at most' if most else 'at least'} {items} item{'s' * (items != 1)}"
    return said(f"Donnez {french}.", f"Give {english}.")


_OF_ITEMS = re.compile(r"(\d+) [eé]l[eé]ments?\b")


def _leaves(found: Any, path: tuple[str, ...]) -> Iterator[tuple[tuple[str, ...], dict[str, Any]]]:
    if isinstance(found, list):
        for place, inner in enumerate(found):
            yield from _leaves(inner, path if _is_leaf(inner) else (*path, str(place)))
    elif _is_leaf(found):
        yield path, found
    else:
        for name, inner in found.items():
            yield from _leaves(inner, path if name == "non_field_errors" else (*path, str(name)))


def _is_leaf(found: Any) -> bool:
    return isinstance(found, dict) and set(found) == {"message", "code"} and isinstance(found["code"], str)
