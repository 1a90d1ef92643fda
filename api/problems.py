"""What can go wrong with a request, as RFC 9457 tells it: `application/problem+json` with a stable `code`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language

from registry.rules.labels import LabelledEnum
from registry.rules.problems import typographic

MEDIA_TYPE = "application/problem+json"


def in_english() -> bool:
    """Whether this request is answered in English (Accept-Language); French otherwise."""
    return (get_language() or "").startswith("en")


def said(french: str, english: str) -> str:
    """What is said to this caller, in its language."""
    return english if in_english() else typographic(french)


def label_of(member: LabelledEnum) -> str:
    """The member's label in the language of this request."""
    return said(member.label, member.label_en)


class ProblemCode(LabelledEnum):
    """The codes of all problems, with their titles. A code is never renamed."""

    MALFORMED_REQUEST = "malformed_request", "Requête illisible", "Unreadable request"
    INVALID_PARAMETER = "invalid_parameter", "Paramètre invalide", "Invalid parameter"
    NOT_AUTHENTICATED = "not_authenticated", "Connexion requise", "Login required"
    PERMISSION_DENIED = "permission_denied", "Action non permise", "Action not permitted"
    NOT_FOUND = "not_found", "Introuvable", "Not found"
    METHOD_NOT_ALLOWED = "method_not_allowed", "Méthode non admise", "Method not allowed"
    NOT_ACCEPTABLE = "not_acceptable", "Format de réponse non disponible", "Response format not available"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "Format de requête non admis", "Unsupported media type"
    TOO_MANY_REQUESTS = "too_many_requests", "Trop de requêtes", "Too many requests"
    INTERNAL_ERROR = "internal_error", "Erreur de notre côté", "An error on our side"
    UNAVAILABLE = "unavailable", "Service momentanément indisponible", "Service temporarily unavailable"


@dataclass(frozen=True, slots=True)
class ProblemText:
    """A problem's HTTP status, and what happened and what to do about it, in French and in English."""

    status: HTTPStatus
    detail: str
    detail_en: str


TEXTS: dict[ProblemCode, ProblemText] = {
    ProblemCode.MALFORMED_REQUEST: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Le corps de la requête ne peut être lu dans le format annoncé. Vérifiez-le et renvoyez-la.",
        "The body of the request cannot be read in the format announced. Check it and send it again.",
    ),
    ProblemCode.INVALID_PARAMETER: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Une valeur ne peut être acceptée : voyez « errors », corrigez-la et renvoyez la requête.",
        "A value cannot be accepted: see “errors”, correct it and send the request again.",
    ),
    ProblemCode.NOT_AUTHENTICATED: ProblemText(
        HTTPStatus.FORBIDDEN,
        "Cette adresse demande une session ouverte. Connectez-vous, puis recommencez.",
        "This address asks for an open session. Log in, then try again.",
    ),
    ProblemCode.PERMISSION_DENIED: ProblemText(
        HTTPStatus.FORBIDDEN,
        "Votre compte ne permet pas cette action. Demandez à un administrateur le rôle qui la permet.",
        "Your account does not permit this action. Ask an administrator for the role that does.",
    ),
    ProblemCode.NOT_FOUND: ProblemText(
        HTTPStatus.NOT_FOUND,
        "Rien à cette adresse, ou rien que vous puissiez voir. Vérifiez le numéro et l’adresse.",
        "There is nothing here, or nothing that you may see. Check the number and the address.",
    ),
    ProblemCode.METHOD_NOT_ALLOWED: ProblemText(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "Cette adresse n’admet pas cette méthode HTTP. L’en-tête Allow donne celles qu’elle admet.",
        "This address does not allow this HTTP method. The Allow header names those it does.",
    ),
    ProblemCode.NOT_ACCEPTABLE: ProblemText(
        HTTPStatus.NOT_ACCEPTABLE,
        "L’en-tête Accept exclut tous les formats disponibles ici. Demandez application/json.",
        "The Accept header excludes every format available here. Ask for application/json.",
    ),
    ProblemCode.UNSUPPORTED_MEDIA_TYPE: ProblemText(
        HTTPStatus.UNSUPPORTED_MEDIA_TYPE,
        "Le corps n’est pas dans un format admis. Envoyez application/json et l’en-tête Content-Type.",
        "The body is not in an accepted format. Send application/json and its Content-Type header.",
    ),
    ProblemCode.TOO_MANY_REQUESTS: ProblemText(
        HTTPStatus.TOO_MANY_REQUESTS,
        "Vous avez dépassé le nombre de requêtes admis. Attendez le délai donné par Retry-After.",
        "You have exceeded the number of requests allowed. Wait for the time given by Retry-After.",
    ),
    ProblemCode.INTERNAL_ERROR: ProblemText(
        HTTPStatus.INTERNAL_SERVER_ERROR,
        "La requête n’a pas abouti par notre faute. Réessayez ; sinon, citez-nous « request_id ».",
        "The request failed through our fault. Try again; if it persists, quote “request_id” to us.",
    ),
    ProblemCode.UNAVAILABLE: ProblemText(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "La base de données ne répond pas. Réessayez après le délai donné par Retry-After.",
        "The database does not answer. Try again after the time given by Retry-After.",
    ),
}


def problem_page(code: ProblemCode) -> dict[str, Any]:
    """What the page of a code says, in the language of this request."""
    text = TEXTS[code]
    return {
        "code": code.value,
        "title": label_of(code),
        "status": text.status.value,
        "detail": said(text.detail, text.detail_en),
    }


def problem_response(
    request: HttpRequest, code: ProblemCode, *, errors: Sequence[dict[str, str]] = (), **members: str
) -> JsonResponse:
    """The answer that tells of a problem; `errors` names the values at fault, `members` come beside."""
    page = problem_page(code)
    type_uri = request.build_absolute_uri(reverse("api:problem", kwargs={"code": code.value}))
    body: dict[str, Any] = {"type": type_uri, **page, "instance": request.path, **members}
    if errors:
        body["errors"] = list(errors)
    options = {"ensure_ascii": False}
    response = JsonResponse(body, status=page["status"], content_type=MEDIA_TYPE, json_dumps_params=options)
    response.headers["Cache-Control"] = "no-store"
    return response
