"""What can go wrong with a request, as RFC 9457 tells it: `application/problem+json` with a stable `code`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, JsonResponse
from django.urls import reverse
from django.utils.translation import get_language

from api.instants import request_id
from registry.rules.labels import LabelledEnum
from registry.rules.problems import shown, typographic

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
    DUPLICATE_MEMBER = "duplicate_member", "Membre en double", "Member given twice"
    INVALID_PARAMETER = "invalid_parameter", "Paramètre invalide", "Invalid parameter"
    UNKNOWN_PARAMETER = "unknown_parameter", "Paramètre inconnu", "Unknown parameter"
    BODY_TOO_LARGE = "body_too_large", "Requête trop longue", "Request too large"
    FILE_TOO_LARGE = "file_too_large", "Fichier trop lourd", "File too large"
    LENGTH_REQUIRED = "length_required", "Longueur attendue", "Length required"
    NOT_AUTHENTICATED = "not_authenticated", "Connexion requise", "Login required"
    INVALID_KEY = "invalid_key", "Clé refusée", "Key refused"
    KEY_EXPIRED = "key_expired", "Clé expirée", "Key expired"
    KEY_REVOKED = "key_revoked", "Clé révoquée", "Key revoked"
    NETWORK_NOT_ALLOWED = "network_not_allowed", "Réseau non admis", "Network not allowed"
    INSUFFICIENT_SCOPE = "insufficient_scope", "Droit absent de la clé", "Scope missing from the key"
    PERMISSION_DENIED = "permission_denied", "Action non permise", "Action not permitted"
    CSRF_FAILED = "csrf_failed", "Jeton de session absent", "Session token missing"
    NOT_FOUND = "not_found", "Introuvable", "Not found"
    EVENTS_GONE = "events_gone", "Changements qui ne sont plus gardés", "Changes no longer kept"
    WRONG_HOST = "wrong_host", "Hôte inconnu", "Unknown host"
    METHOD_NOT_ALLOWED = "method_not_allowed", "Méthode non admise", "Method not allowed"
    NOT_ACCEPTABLE = "not_acceptable", "Format de réponse non disponible", "Response format not available"
    UNSUPPORTED_MEDIA_TYPE = "unsupported_media_type", "Format de requête non admis", "Unsupported media type"
    IDEMPOTENCY_KEY_REQUIRED = "idempotency_key_required", "Idempotency-Key attendue", "Idempotency-Key required"
    IDEMPOTENCY_KEY_REUSED = "idempotency_key_reused", "Idempotency-Key déjà employée", "Idempotency-Key used before"
    ALREADY_RUNNING = "already_running", "Requête déjà en cours", "Request already running"
    PRECONDITION_REQUIRED = "precondition_required", "If-Match attendu", "If-Match required"
    PRECONDITION_FAILED = "precondition_failed", "Modifié entre-temps", "Changed meanwhile"
    REGISTER_REFUSES = "register_refuses", "Refusé par le registre", "Refused by the register"
    REMINDERS_REFUSE = "reminders_refuse", "Refusé par le moteur de relances", "Refused by the reminder engine"
    HOTLINE_REFUSES = "hotline_refuses", "Refusé par la ligne téléphonique", "Refused by the hotline"
    WRONG_REQUEST = "wrong_request", "Demande qui ne peut être comprise", "A request that cannot be meant"
    KEY_OF_OTHER_WORLD = "key_of_other_world", "Clé de l’autre monde", "Key of the other world"
    SANDBOX_ONLY = "sandbox_only", "Réservé au bac à sable", "For the sandbox only"
    TOO_MANY_REQUESTS = "too_many_requests", "Trop de requêtes", "Too many requests"
    INTERNAL_ERROR = "internal_error", "Erreur de notre côté", "An error on our side"
    UNAVAILABLE = "unavailable", "Service momentanément indisponible", "Service temporarily unavailable"


class Refused(Exception):
    """Why a request is not answered as it was meant: `members` stand beside the code, `headers` on the answer;
    `errors` name the values at fault."""

    def __init__(
        self,
        code: ProblemCode,
        *,
        headers: dict[str, str] | None = None,
        errors: Sequence[dict[str, str]] = (),
        **members: str,
    ) -> None:
        super().__init__(code.value)
        self.code, self.headers, self.errors, self.members = code, headers or {}, errors, members


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
    ProblemCode.DUPLICATE_MEMBER: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Un objet JSON du corps donne un nom deux fois, et rien n’a été fait : voyez « errors », n’en gardez qu’un.",
        "An object of the JSON body has one name twice, and nothing was done: see “errors”, keep one of them.",
    ),
    ProblemCode.INVALID_PARAMETER: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Une valeur ne peut être acceptée : voyez « errors », corrigez-la et renvoyez la requête.",
        "A value cannot be accepted: see “errors”, correct it and send the request again.",
    ),
    ProblemCode.UNKNOWN_PARAMETER: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "L’adresse porte un paramètre que cette opération n’a pas, et rien n’a été fait : voyez « errors », corrigez "
        "son nom ou retirez-le.",
        "The address has a parameter that this operation does not take, and nothing was done: see “errors”, correct "
        "its name or remove it.",
    ),
    ProblemCode.BODY_TOO_LARGE: ProblemText(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Le corps dépasse 256 Ko. Envoyez moins à la fois, en plusieurs requêtes.",
        "The body is larger than 256 kB. Send less at a time, in several requests.",
    ),
    ProblemCode.FILE_TOO_LARGE: ProblemText(
        HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
        "Le fichier dépasse 10 Mo, et rien n’en a été gardé. Réduisez la résolution de la numérisation.",
        "The file is larger than 10 MB, and nothing of it was kept. Scan it at a lower resolution.",
    ),
    ProblemCode.LENGTH_REQUIRED: ProblemText(
        HTTPStatus.LENGTH_REQUIRED,
        "Le corps arrive par morceaux, sans sa longueur ; il n’a pas été lu. Envoyez-le entier, avec Content-Length.",
        "The body comes in chunks, without its length, and was not read. Send it whole, with Content-Length.",
    ),
    ProblemCode.NOT_AUTHENTICATED: ProblemText(
        HTTPStatus.UNAUTHORIZED,
        "Cette adresse demande une clé (Authorization: Bearer) ou une session ouverte. Donnez-en une.",
        "This address asks for a key (Authorization: Bearer) or an open session. Give one.",
    ),
    ProblemCode.INVALID_KEY: ProblemText(
        HTTPStatus.UNAUTHORIZED,
        "La clé présentée n’ouvre rien. Vérifiez qu’elle est entière ; sinon, demandez-en une autre.",
        "The key shown opens nothing. Check that it is whole; otherwise ask for another.",
    ),
    ProblemCode.KEY_EXPIRED: ProblemText(
        HTTPStatus.UNAUTHORIZED,
        "La clé a atteint sa fin. Demandez-en une autre avant de recommencer.",
        "The key has come to its end. Ask for another before you try again.",
    ),
    ProblemCode.KEY_REVOKED: ProblemText(
        HTTPStatus.UNAUTHORIZED,
        "La clé a été révoquée. Demandez-en une autre si vous ne savez pas pourquoi.",
        "The key has been revoked. Ask for another if you do not know why.",
    ),
    ProblemCode.NETWORK_NOT_ALLOWED: ProblemText(
        HTTPStatus.FORBIDDEN,
        "La clé n’est admise que depuis les réseaux donnés à sa création. Appelez de là, ou demandez-en une autre.",
        "The key is allowed only from the networks given when it was made. Call from there, or ask for another.",
    ),
    ProblemCode.INSUFFICIENT_SCOPE: ProblemText(
        HTTPStatus.FORBIDDEN,
        "La clé n’a pas le droit nommé dans « scope ». Demandez une clé qui l’a ; GET me/ donne ceux de celle-ci.",
        "The key lacks the scope named in “scope”. Ask for a key that has it; GET me/ tells those of this one.",
    ),
    ProblemCode.PERMISSION_DENIED: ProblemText(
        HTTPStatus.FORBIDDEN,
        "Votre compte ne permet pas cette action. Demandez à un administrateur le rôle qui la permet.",
        "Your account does not permit this action. Ask an administrator for the role that does.",
    ),
    ProblemCode.CSRF_FAILED: ProblemText(
        HTTPStatus.FORBIDDEN,
        "Ouverte par une session, cette action doit porter le jeton de la page (X-CSRFToken). Rechargez la page et "
        "recommencez ; un programme montre une clé.",
        "Under a session this action must carry the page’s token (X-CSRFToken). Reload the page and try again; a "
        "program shows a key.",
    ),
    ProblemCode.NOT_FOUND: ProblemText(
        HTTPStatus.NOT_FOUND,
        "Rien à cette adresse, ou rien que vous puissiez voir. Vérifiez le numéro et l’adresse.",
        "There is nothing here, or nothing that you may see. Check the number and the address.",
    ),
    ProblemCode.EVENTS_GONE: ProblemText(
        HTTPStatus.GONE,
        "Ce « after » a plus de 30 jours, ou n’est pas de ce flux. Relisez tout ce que vous suivez, puis reprenez avec "
        "after=latest.",
        "This “after” is older than 30 days, or not of this feed. Read anew all that you follow, then go on with "
        "after=latest.",
    ),
    ProblemCode.WRONG_HOST: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "L’en-tête Host nomme un hôte qui n’est pas celui-ci. Appelez l’adresse que la documentation donne.",
        "The Host header names a host that is not this one. Call the address that the documentation gives.",
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
        "Le corps n’est pas dans un format admis. Envoyez application/json (un fichier : multipart/form-data) et "
        "l’en-tête Content-Type.",
        "The body is not in an accepted format. Send application/json (a file: multipart/form-data) and its "
        "Content-Type header.",
    ),
    ProblemCode.IDEMPOTENCY_KEY_REQUIRED: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Ce POST demande un en-tête Idempotency-Key (1 à 255 caractères ASCII visibles). Tirez-en un au hasard.",
        "This POST asks for an Idempotency-Key header (1 to 255 visible ASCII characters). Draw one at random.",
    ),
    ProblemCode.IDEMPOTENCY_KEY_REUSED: ProblemText(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Cette Idempotency-Key a servi à une autre requête. Prenez-en une nouvelle pour chaque acte.",
        "This Idempotency-Key served another request. Take a new one for each act.",
    ),
    ProblemCode.ALREADY_RUNNING: ProblemText(
        HTTPStatus.CONFLICT,
        "La même requête est en cours. Attendez le délai donné par Retry-After, puis renvoyez-la telle quelle.",
        "The same request is running. Wait for the time given by Retry-After, then send it again as it is.",
    ),
    ProblemCode.PRECONDITION_REQUIRED: ProblemText(
        HTTPStatus.PRECONDITION_REQUIRED,
        "Une modification demande un en-tête If-Match. Lisez d’abord la ressource et rendez son ETag.",
        "A change asks for an If-Match header. Read the resource first and give its ETag back.",
    ),
    ProblemCode.PRECONDITION_FAILED: ProblemText(
        HTTPStatus.PRECONDITION_FAILED,
        "La ressource a changé depuis votre lecture. Relisez-la, puis refaites votre modification.",
        "The resource has changed since you read it. Read it again, then make your change anew.",
    ),
    ProblemCode.REGISTER_REFUSES: ProblemText(
        HTTPStatus.CONFLICT,
        "Le registre refuse cet acte, et rien n’a été changé. « reason » dit pourquoi et que faire.",
        "The register refuses this act, and nothing was changed. “reason” says why and what to do.",
    ),
    ProblemCode.REMINDERS_REFUSE: ProblemText(
        HTTPStatus.CONFLICT,
        "Le moteur de relances refuse cet acte, et rien n’a été changé. « reason » dit pourquoi et que faire.",
        "The reminder engine refuses this act, and nothing was changed. “reason” says why and what to do.",
    ),
    ProblemCode.HOTLINE_REFUSES: ProblemText(
        HTTPStatus.CONFLICT,
        "Cet acte ne va pas avec ce qui est noté à la ligne, et rien n’a été changé. « reason » dit pourquoi.",
        "This act does not fit what the hotline has on record, and nothing was changed. “reason” says why.",
    ),
    ProblemCode.WRONG_REQUEST: ProblemText(
        HTTPStatus.UNPROCESSABLE_ENTITY,
        "Ce qui est demandé ne peut être voulu. « reason » dit pourquoi ; corrigez et recommencez.",
        "What is asked for cannot be meant. “reason” says why; correct it and try again.",
    ),
    ProblemCode.KEY_OF_OTHER_WORLD: ProblemText(
        HTTPStatus.UNAUTHORIZED,
        "Une clé d’essai (orl_test_…) n’ouvre que le bac à sable, toute autre que le vrai registre : celle-ci n’est "
        "pas d’ici, et rien n’a été lu ni changé. Changez de clé, ou d’adresse.",
        "A test key (orl_test_…) opens the sandbox only, any other the real register only: this one is not from here, "
        "and nothing was read or changed. Take another key, or the other address.",
    ),
    ProblemCode.SANDBOX_ONLY: ProblemText(
        HTTPStatus.BAD_REQUEST,
        "Ceci est le vrai registre : Sandbox-Now n’y vaut rien, et rien n’a été lu ni changé. Adressez-vous au bac à "
        "sable.",
        "This is the real register: Sandbox-Now means nothing here, and nothing was read or changed. Turn to the "
        "sandbox.",
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
    page_of_code = reverse("api:problem", kwargs={"code": code.value})
    # What the Host header says is not repeated where that is the fault.
    is_ours = code is not ProblemCode.WRONG_HOST
    type_uri = request.build_absolute_uri(page_of_code) if is_ours else f"{settings.SITE_URL}{page_of_code}"
    body: dict[str, Any] = {"type": type_uri, **page, "instance": request.path, "request_id": request_id(request)}
    body |= members
    if errors:
        body["errors"] = list(errors)
    options = {"ensure_ascii": False}
    response = JsonResponse(body, status=page["status"], content_type=MEDIA_TYPE, json_dumps_params=options)
    response.headers["Cache-Control"] = "no-store"
    return response


def pointer(path: Iterable[str]) -> str:
    """Where a value stands in a body (RFC 6901), fit to be shown."""
    steps = (shown(step).replace("~", "~0").replace("/", "~1") for step in path)
    return "#" + "".join(f"/{step}" for step in steps)
