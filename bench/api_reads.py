"""File state and the hotline's look-up over a large register, each beside a minimal DRF view of the same run.

Asked one after the other through the whole of Django (WSGI in, WSGI out; no network), in turns, so that what else the
machine does meets all alike. Size: BENCH_INTERMEDIARIES, by default 1,000,000; on request only.
"""

from __future__ import annotations

import io
import logging
import os
import random
import time
from collections.abc import Callable, Iterator
from math import ceil
from typing import Any
from urllib.parse import quote

from bench.place import NOW, Row, empty, say, set_up, stopwatch
from settings.garbage import keep_what_is_loaded

SIZE = int(os.environ.get("BENCH_INTERMEDIARIES", "1000000"))
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "1000"))
WARM_UP = 50
MANDATES = 2000
AIM = "p99 ≤ 3 ×"
AIM_OF_NAMES = "p95 ≤ 100 ms"
FIRST_NUMBER = 7_000_000

Asker = Callable[[], tuple[str, str]]


def fill(people: int) -> None:
    """COA with names, telephones and addresses of their own, an RC Pro to February 2026, renewed by three in four;
    findings and words of names as the register keeps them. No history, no trigger: minutes at 1,000,000."""
    from django.db import connection, transaction

    from registry.findings import refresh_findings
    from registry.intake.fiction_words import SURNAMES, TOWNS

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        for statement in _FILL.split(";\n\n"):
            given = {
                "people": people,
                "first": FIRST_NUMBER,
                "surnames": list(SURNAMES),
                "towns": [town for _, town in TOWNS],
            }
            cursor.execute(statement, given)
    refresh_findings(as_of=NOW.date())
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


_FILL = """
INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164,
    phone_key, address, postcode, town, language)
SELECT lpad((%(first)s + g)::text, 8, '0'), lpad((300000000 + g)::text, 9, '0'),
    'Cabinet ' || (%(surnames)s::text[])[1 + (hashint8extended(g, 1) & 65535) %% cardinality(%(surnames)s::text[])]
        || ' ' || (%(surnames)s::text[])[1 + (hashint8extended(g, 2) & 65535) %% cardinality(%(surnames)s::text[])]
        || ' ' || (%(towns)s::text[])[1 + (hashint8extended(g, 3) & 65535) %% cardinality(%(towns)s::text[])],
    '', 'SARL', 'contact' || g || '@cabinet-' || g %% 5000 || '.example',
    '+336' || lpad((g %% 100000000)::text, 8, '0'),
    '6' || lpad((g %% 100000000)::text, 8, '0'), '', '',
    (%(towns)s::text[])[1 + g %% cardinality(%(towns)s::text[])], 'fr'
FROM generate_series(1, %(people)s::bigint) g;

INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,
    principal_bears_liability, registered_on)
SELECT id, 'COA', 'SELF', false, false, false, '2010-01-01' FROM registry_intermediary;

INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on,
    amount_cents, annual_cents, status, channel, deposited_on)
SELECT id, 'RC_PRO', ARRAY['COA'], 'Assurances Imaginaires', 'RC1', '2025-03-01', '2026-02-28',
    156461000, 231561000, 'ACCEPTED', 'IMPORT', '2025-02-01' FROM registry_intermediary;

INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on,
    amount_cents, annual_cents, status, channel, deposited_on)
SELECT id, 'RC_PRO', ARRAY['COA'], 'Assurances Imaginaires', 'RC1', '2026-03-01', '2027-02-28',
    156461000, 231561000, 'ACCEPTED', 'IMPORT', '2026-02-01' FROM registry_intermediary WHERE id %% 4 > 0;

INSERT INTO registry_namewords (intermediary_id, words)
SELECT id, registry_words(name || ' ' || trade_name) FROM registry_intermediary;

INSERT INTO registry_nameword (word)
SELECT DISTINCT word FROM registry_namewords, unnest(words) AS word ON CONFLICT DO NOTHING
"""


def make_callers() -> tuple[str, str]:
    """The tokens of an intermediary's program, with mandates for the first files, and of a hotline screen's."""
    from django.contrib.auth.models import Group, User
    from django.db import connection

    from api.keys import create_key
    from api.models import ApiKey
    from api.scopes import Scope

    holder, _ = User.objects.get_or_create(username="bench-logiciel")
    agent, _ = User.objects.get_or_create(username="bench-agent", is_staff=True)
    agent.groups.add(Group.objects.get(name="hotline_agent"))
    live = ApiKey.objects.filter(holder__in=(holder, agent), revoked_at=None)
    live.update(revoked_at=NOW, revoked_by=agent)
    _, own = create_key(holder=holder, name="bench", scopes=[Scope.FILE_READ], by=holder, now=NOW)
    _, desk = create_key(holder=agent, name="bench", scopes=[Scope.STAFF_READ], by=agent, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO api_mandate (holder_id, intermediary_id, starts_on)"
            " SELECT %s, id, '2020-01-01' FROM registry_intermediary ORDER BY id LIMIT %s ON CONFLICT DO NOTHING",
            [holder.pk, MANDATES],
        )
    return own, desk


class Site:
    """The whole of Django as a server calls it, with its log written and thrown away."""

    def __init__(self) -> None:
        from django.core.handlers.wsgi import WSGIHandler

        self.answer = WSGIHandler()

    def seconds(self, address: str, token: str) -> float:
        """How long one GET takes; raises RuntimeError for an answer that is none."""
        path, _, query = address.partition("?")
        environ = {
            "REQUEST_METHOD": "GET", "PATH_INFO": path, "QUERY_STRING": query, "SERVER_NAME": "127.0.0.1",
            "SERVER_PORT": "80", "SERVER_PROTOCOL": "HTTP/1.1", "HTTP_HOST": "127.0.0.1", "REMOTE_ADDR": "127.0.0.1",
            "wsgi.input": io.BytesIO(), "wsgi.errors": io.StringIO(), "wsgi.url_scheme": "http",
        }  # fmt: skip
        if token:
            environ["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        told: list[str] = []
        started = time.perf_counter()
        response: Any = self.answer(environ, lambda status, headers: told.append(status))
        body = b"".join(response)
        response.close()
        taken = time.perf_counter() - started
        if not told[0].startswith("200"):
            raise RuntimeError(f"{address}: {told[0]} {body[:200]!r}")
        return taken


def askers(people: int, own: str, desk: str) -> dict[str, Asker]:
    """What is asked, each time of somebody else; the same people on every run."""
    from registry.models import Intermediary

    dice = random.Random(2014)
    mandated = list(Intermediary.objects.order_by("id").values_list("orias_number", flat=True)[:MANDATES])
    pool = [dice.randrange(1, people + 1) for _ in range(500)]
    numbers = [f"{FIRST_NUMBER + g:08d}" for g in pool]
    known = Intermediary.objects.filter(orias_number__in=numbers)
    names = [name.removeprefix("Cabinet ") for name in known.values_list("name", flat=True)]
    keys = list(known.values_list("pk", flat=True))

    def lookup(text: str) -> tuple[str, str]:
        return f"/api/v1/hotline/lookup/?q={quote(text)}", desk

    return {
        "minimal view": lambda: (f"/bench/{dice.choice(keys)}/", ""),
        "file state, its own": lambda: (f"/api/v1/intermediaries/{dice.choice(mandated)}/state/", own),
        "file state, staff": lambda: (f"/api/v1/intermediaries/{dice.choice(numbers)}/state/", desk),
        "look-up by number": lambda: lookup(dice.choice(numbers)),
        "look-up by SIREN": lambda: lookup(f"{300_000_000 + dice.choice(pool):09d}"),
        "look-up by telephone": lambda: lookup(f"06{dice.choice(pool):08d}"),
        "look-up by e-mail": lambda: lookup(_email(dice.choice(pool))),
        "look-up by name": lambda: lookup(dice.choice(names)),
        "look-up by a misspelt name": lambda: lookup(_misspelt(dice.choice(names), dice)),
    }


def _email(g: int) -> str:
    return f"contact{g}@cabinet-{g % 5000}.example"


def _misspelt(name: str, dice: random.Random) -> str:
    """Two letters of its longest word changed places."""
    word = max(name.split(), key=len)
    place = dice.randrange(1, len(word) - 1)
    return name.replace(word, word[:place] + word[place + 1] + word[place] + word[place + 2 :])


def measure(asked: dict[str, Asker], rounds: int) -> dict[str, list[float]]:
    """Seconds of each, in turns; as in the process of a server, what is loaded is not looked through for garbage."""
    site = Site()
    taken: dict[str, list[float]] = {name: [] for name in asked}
    for turn in range(WARM_UP + rounds):
        if turn == WARM_UP:
            keep_what_is_loaded()
        for name, make in asked.items():
            seconds = site.seconds(*make())
            if turn >= WARM_UP:
                taken[name].append(seconds)
    return {name: sorted(times) for name, times in taken.items()}


def percentile(ordered: list[float], percent: float) -> float:
    """Of a sorted list, by the nearest rank."""
    return ordered[max(0, ceil(len(ordered) * percent / 100) - 1)]


def prepare() -> None:
    """Budgets are drawn as ever, but hold more; the log is written, to nowhere; a view of the peer's."""
    from django.conf import settings

    from api import throttling

    plenty = throttling.draw
    throttling.draw = lambda budget, who, now: plenty(budget._replace(quota=10**9), who, now)
    log = logging.getLogger("api.requests")
    log.handlers, log.propagate = [logging.StreamHandler(open(os.devnull, "w", encoding="utf-8"))], False  # noqa: SIM115
    settings.ROOT_URLCONF = "bench.api_reads_urls"
    settings.ALLOWED_HOSTS = ["127.0.0.1"]


def rows(taken: dict[str, list[float]], people: int) -> Iterator[Row]:
    """Each beside the minimal view."""
    peer = taken.pop("minimal view")
    limit = _told(peer)
    for name, times in taken.items():
        ratio = percentile(times, 99) / percentile(peer, 99)
        median = percentile(times, 50) / percentile(peer, 50)
        figure = _told(times)
        aim = AIM_OF_NAMES if "name" in name else AIM
        yield Row(f"{name}, {people:,} intermediaries", figure, limit, f"p99 {ratio:.1f} ×, p50 {median:.1f} ×", aim)


def _told(times: list[float]) -> str:
    return " / ".join(f"{percentile(times, p) * 1000:.1f}" for p in (50, 95, 99)) + " ms (p50/p95/p99)"


def run(people: int = SIZE, rounds: int = ROUNDS) -> list[Row]:
    """Fill, then ask."""
    set_up()
    prepare()
    empty()
    say(f"  filling a register of {people}")
    with stopwatch() as filling:
        fill(people)
    say(f"  filled in {filling[0]:.0f} s; asking {rounds} times each")
    return list(rows(measure(askers(people, *make_callers()), rounds), people))
