"""Which world a request is of: the register, or the sandbox, which is another process (settings.sandbox).

A test key begins otherwise and is looked for in the sandbox's database only; the header that moves the clock is heard
there only. Shown to the register, either is refused before anything is read: a program that takes the register for the
sandbox must do nothing there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from rest_framework import serializers

from api.problems import ProblemCode, Refused, said
from api.sandbox_history import date_by
from registry import clock

PREFIX, TEST_PREFIX = "orl_", "orl_test_"
CLOCK_HEADER = "Sandbox-Now"
STARTS_AT = datetime.fromisoformat("2026-02-10T09:00:00+01:00")
"""Where the sandbox's clock stands unless the header says otherwise."""
FIRST, LAST = datetime.fromisoformat("2026-01-01T00:00:00+01:00"), datetime.fromisoformat("2026-12-31T23:59:59+01:00")
"""Between these it can be moved: the campaign of the fictional register."""
CLOCK_WORDS = (
    f"{CLOCK_HEADER} : un instant de 2026 écrit comme {STARTS_AT.isoformat()}, décalage compris (ou Z).",
    f"{CLOCK_HEADER}: an instant of 2026 written as {STARTS_AT.isoformat()}, with its offset (or Z).",
)
_WRITTEN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:Z|[+-]\d\d:\d\d)", re.ASCII)
RETRY_SECONDS = 2
"""How long a forced answer asks to wait: as long as the register asks where the same call is running, and less than it
asks of a budget that is spent (up to a minute) or for a database that is away (30 s), so that a trial takes no time."""

FORCED: Mapping[str, ProblemCode] = {
    "90": ProblemCode.TOO_MANY_REQUESTS,
    "91": ProblemCode.UNAVAILABLE,
    "92": ProblemCode.INTERNAL_ERROR,
    "93": ProblemCode.ALREADY_RUNNING,
}
"""What every request is answered in the sandbox whose address or body names a test number with this ending."""
_WAITED_FOR = frozenset(FORCED.values()) - {ProblemCode.INTERNAL_ERROR}
"""A failure that nobody has foreseen says no time, as in the register."""


def key_prefix() -> str:
    """How the tokens of this world begin."""
    return TEST_PREFIX if settings.SANDBOX else PREFIX


def require_this_world(request: HttpRequest) -> None:
    """Let a request pass that is meant for this world; in the sandbox, have what it writes be dated by its clock.
    Raises Refused, or ValidationError for a clock out of reach."""
    require_own_key(_token_of(request))
    given = request.headers.get(CLOCK_HEADER)
    if settings.SANDBOX:
        date_by(_read_instant(given))
    elif given is not None:
        raise Refused(ProblemCode.SANDBOX_ONLY)


def require_own_key(token: str) -> None:
    """Let a token pass that begins as those of this world; which of the other's it is, is not asked. Raises Refused."""
    if token.startswith(PREFIX) and token.startswith(TEST_PREFIX) is not settings.SANDBOX:
        raise Refused(ProblemCode.KEY_OF_OTHER_WORLD)


def rights_instant(now: datetime) -> datetime:
    """When keys and mandates are judged while nobody asks, for work that goes by the real time: now; in the sandbox,
    whose keys are good for the year of its register only, where its clock stands."""
    return STARTS_AT if settings.SANDBOX else now


def _token_of(request: HttpRequest) -> str:
    return str(request.META.get("HTTP_AUTHORIZATION", "")).partition(" ")[2].strip()


def outcome_of(orias_number: str) -> str:
    """The ending of a test number, which says what is forced; "": none is, or this is not the sandbox."""
    return orias_number[-2:] if settings.SANDBOX and orias_number.startswith("9") else ""


def force_outcome(named: Mapping[str, Any]) -> None:
    """In the sandbox, answer as the first number that an address or a body names and that forces an outcome says.
    Raises Refused."""
    for number in _numbers_in(named) if settings.SANDBOX else ():
        if code := FORCED.get(outcome_of(number)):
            raise Refused(code, headers={"Retry-After": str(RETRY_SECONDS)} if code in _WAITED_FOR else {})


def _numbers_in(named: Mapping[str, Any]) -> Iterator[str]:
    """That of whom it is about, those asked for, and those of the rows of a lot, which are read one by one later."""
    yield str(named.get("orias_number", ""))
    yield from map(str, named.get("numbers", ()))
    for row in named.get("rows", ()):
        yield str(row.get("orias_number", "")) if isinstance(row, Mapping) else ""


def _read_instant(text: str | None) -> datetime:
    """The instant of the header. Raises ValidationError."""
    if text is None:
        return STARTS_AT
    try:
        instant = datetime.fromisoformat(text) if _WRITTEN.fullmatch(text) else None
    except ValueError:
        instant = None
    if instant is not None and FIRST <= instant <= LAST:
        return instant
    raise serializers.ValidationError({CLOCK_HEADER: [said(*CLOCK_WORDS)]}, code="not_an_instant")


class SandboxClock:
    """In the sandbox's process: has the clock of each request stand where its header says, and tells of it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer at that instant; one that cannot be read is refused by the view."""
        try:
            instant = _read_instant(request.headers.get(CLOCK_HEADER))
        except serializers.ValidationError:
            instant = STARTS_AT
        with clock.moved_to(instant):
            response = self.get_response(request)
        response.headers[CLOCK_HEADER] = instant.isoformat()
        return response


_SHOWS = """
SELECT to_regclass('sandbox.world') IS NOT NULL,
       NOT EXISTS (SELECT FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r')
"""


def require_sandbox_database(connection: Any, **_: Any) -> None:
    """On each new connection of the sandbox's process: go on only with a database marked as a sandbox, or with an
    empty one, which `prepare_sandbox` marks before anything is put in. Raises ImproperlyConfigured."""
    with connection.cursor() as cursor:
        cursor.execute(_SHOWS)
        is_marked, is_empty = cursor.fetchone()
    if not (is_marked or is_empty):
        connection.close()
        raise ImproperlyConfigured(
            "SANDBOX_DATABASE_URL mène à une base qui n’est pas un bac à sable\u00a0: nommez une base vide, puis "
            "manage.py prepare_sandbox."
        )
