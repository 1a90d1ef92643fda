"""The desk under the load of the public, and the morning of 2014: gunicorn as production runs it, over a real socket.

BENCH_DESK_PEOPLE intermediaries (1,000,000), BENCH_DESK_SECONDS of load (60) with BENCH_DESK_PUBLIC requests of the
public a second (50), BENCH_DESK_WORKERS of gunicorn (3), BENCH_MORNING_SECONDS for the hour of 2014 (600),
BENCH_MORNING_SHARE of its 1,000 look-ups and 10,000 views (1).
"""

from __future__ import annotations

import http.client
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote

from bench.desk_fill import MAILED, PASSPORT, fill
from bench.place import Row, empty, say, set_up, stopwatch

PEOPLE = int(os.environ.get("BENCH_DESK_PEOPLE", "1000000"))
SECONDS = float(os.environ.get("BENCH_DESK_SECONDS", "60"))
WORKERS = int(os.environ.get("BENCH_DESK_WORKERS", "3"))
MORNING_SECONDS = float(os.environ.get("BENCH_MORNING_SECONDS", "600"))
MORNING_SHARE = float(os.environ.get("BENCH_MORNING_SHARE", "1"))
PUBLIC_A_SECOND = float(os.environ.get("BENCH_DESK_PUBLIC", "50"))
DESK_A_SECOND, REFERENCE_A_SECOND = 3, 3
LOOK_UPS, VIEWS = 1000, 10_000
HOUR = (22, 18, 14, 11, 9, 7, 5, 4, 3, 3, 2, 2)
"""The hour from nine to ten by five minutes, in percent: everybody at once, then fewer."""
AGENTS, THREADS, PORT = 40, 48, 18_412
TIMEOUT = 30.0
SMALLEST = "/reclamations/"
"""The smallest page that asks the database anything: the reference of the same run."""


@dataclass
class Tally:
    """What became of the requests of one kind: milliseconds of each, and what failed."""

    taken: list[float] = field(default_factory=list)
    failed: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, milliseconds: float, trouble: str) -> None:
        """One more."""
        with self.lock:
            self.taken.append(milliseconds)
            if trouble:
                self.failed.append(trouble)

    def share(self, part: float) -> float:
        """The time within which that part of them was answered, in milliseconds."""
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, int(part * len(ordered)))] if ordered else float("nan")


@dataclass(frozen=True)
class Ask:
    """A request to make: when (seconds from the start), what for, how."""

    at: float
    tally: Tally
    path: str
    cookie: str = ""
    wants: str = ""


def ask(one: Ask, began: float) -> None:
    """Make it at its time; a late start counts as waiting, as it does for whoever asks."""
    due = began + one.at
    time.sleep(max(0.0, due - time.perf_counter()))
    try:
        status, text = _get(one)
        trouble = "" if status == 200 and one.wants in text else f"{status} {one.path}"
    except (OSError, http.client.HTTPException) as error:
        trouble = f"{type(error).__name__} {one.path}"
    one.tally.add((time.perf_counter() - due) * 1000, trouble)


def _get(one: Ask) -> tuple[int, str]:
    """On a connection of its own, as a proxy in front makes them by default."""
    connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=TIMEOUT)
    # The proxy's words: each caller has an address of its own, and TLS ended there.
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-For": _address(), "Host": "registre.example"}
    try:
        connection.request("GET", one.path, headers=headers | ({"Cookie": one.cookie} if one.cookie else {}))
        answer = connection.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        connection.close()


def _address() -> str:
    return ".".join(str(random.randrange(1, 255)) for _ in range(4))


def play(asks: Sequence[Ask]) -> float:
    """Make all of them in their order; how late the last began, in seconds."""
    began = time.perf_counter() + 0.5
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(lambda one: ask(one, began), sorted(asks, key=lambda one: one.at)))
    return max(0.0, time.perf_counter() - began - max(one.at for one in asks))


@contextmanager
def gunicorn(place: Path) -> Iterator[None]:
    """The site as production serves it, until the end of the block. Raises RuntimeError where it does not answer."""
    environment = production(place)
    command = [sys.executable, "manage.py", "collectstatic", "--no-input", "--verbosity", "0"]
    subprocess.run(command, env=environment, check=True)
    serve = [sys.executable, "-m", "gunicorn", "settings.wsgi", "--bind", f"127.0.0.1:{PORT}"]
    serve += ["--workers", str(WORKERS), "--threads", "4", "--log-level", "error"]
    server = subprocess.Popen(serve, env=environment)
    try:
        _wait_for(Ask(0, Tally(), SMALLEST))
        yield
    finally:
        server.terminate()
        server.wait(30)


def production(place: Path) -> dict[str, str]:
    """What production requires, with the benchmarks' own database."""
    from django.db import connection

    at = connection.settings_dict
    host = str(at["HOST"]).replace("%", "%25").replace("/", "%2F")
    named = {
        "DJANGO_SETTINGS_MODULE": "settings.production",
        "DATABASE_URL": f"postgresql://{at['USER']}@{host}:{at['PORT']}/{at['NAME']}",
        "SECRET_KEY": PASSPORT,
        "ALLOWED_HOSTS": "registre.example",
        "SITE_URL": "https://registre.example",
        "SMTP_URL": "smtp://127.0.0.1:1025",
        "MAIL_FROM": "Registre <ne-pas-repondre@registre.example>",
        "REPLY_TO": "assistance@registre.example",
        "JOURNAL_DIR": str(place / "journal"),
        "EPOCH_FILE": str(place / "epoch"),
        "DOCUMENT_DIR": str(place / "documents"),
    }
    return dict(os.environ) | named


def _wait_for(one: Ask) -> None:
    for _ in range(100):
        try:
            if _get(one)[0] == 200:
                return
        except (OSError, http.client.HTTPException):
            time.sleep(0.2)
    raise RuntimeError("gunicorn does not answer")


def sessions() -> list[str]:
    """Cookies of agents who have signed in."""
    from django.contrib.auth.models import Group, User
    from django.contrib.sessions.backends.db import SessionStore

    found = []
    for n in range(AGENTS):
        agent, _ = User.objects.get_or_create(username=f"bench-agent-{n}", defaults={"is_staff": True})
        agent.groups.add(Group.objects.get(name="hotline_agent"))
        store = SessionStore()
        store["_auth_user_id"], store["_auth_user_hash"] = str(agent.pk), agent.get_session_auth_hash()
        store["_auth_user_backend"] = "django.contrib.auth.backends.ModelBackend"
        store.save()
        found.append(f"sessionid={store.session_key}")
    return found


@dataclass(frozen=True)
class Known:
    """Somebody on the benchmarks' register, by all that a caller may say."""

    number: str
    siren: str
    phone: str
    email: str
    name: str
    token: str


def sample(size: int) -> list[Known]:
    """So many of those who got a mail, drawn evenly."""
    from registry.models import Intermediary
    from reminders.messages.links import why_token
    from reminders.models import Notice

    rows = Notice.objects.order_by("id").values_list("key", "intermediary_id")
    step = max(1, rows.count() // size)
    keys = {pk: key for key, pk in list(rows)[::step]}
    people = Intermediary.objects.filter(pk__in=keys)
    return [Known(p.orias_number, p.siren, f"0{p.phone_key}", p.email, p.name, why_token(keys[p.pk])) for p in people]


SAYS: tuple[tuple[str, Callable[[Known], str]], ...] = (
    ("number", lambda one: one.number),
    ("SIREN", lambda one: one.siren),
    ("telephone", lambda one: one.phone),
    ("address", lambda one: one.email),
    ("name", lambda one: one.name),
    ("misspelt name", lambda one: _misspelt(one.name)),
)


def _misspelt(name: str) -> str:
    """The longest word with two of its letters changed places, and the rest as it is."""
    longest = max(name.split(), key=len)
    slip = longest[:2] + longest[3] + longest[2] + longest[4:]
    return name.replace(longest, slip)


def desk_asks(known: Sequence[Known], cookies: Sequence[str], tallies: dict[str, Tally]) -> Iterator[Ask]:
    """Agents who look somebody up, each way in turn, so many a second."""
    for n in range(int(DESK_A_SECOND * SECONDS)):
        how, says = SAYS[n % len(SAYS)]
        path = f"/assistance/?q={quote(says(known[n % len(known)]))}"
        yield Ask(n / DESK_A_SECOND, tallies[how], path, cookies[n % len(cookies)], "Assistance")


def public_asks(known: Sequence[Known], tally: Tally) -> Iterator[Ask]:
    """The public: files, reasons, searches by name, the first page."""
    for n in range(int(PUBLIC_A_SECOND * SECONDS)):
        one = known[(7 * n) % len(known)]
        paths = (f"/dossier/{one.number}/", f"/pourquoi/{one.token}/", f"/recherche/?q={quote(one.name)}", "/")
        yield Ask(n / PUBLIC_A_SECOND, tally, paths[(0, 1, 0, 1, 2, 3)[n % 6]])


def under_load(known: Sequence[Known], cookies: Sequence[str]) -> list[Row]:
    """Desk look-ups while the public asks, beside the smallest page asked just as often at the same time."""
    by_way = {how: Tally() for how, _ in SAYS}
    public, reference = Tally(), Tally()
    smallest = [Ask(n / REFERENCE_A_SECOND, reference, SMALLEST) for n in range(int(REFERENCE_A_SECOND * SECONDS))]
    play([*desk_asks(known, cookies, by_way), *public_asks(known, public), *smallest])
    every = Tally([t for one in by_way.values() for t in one.taken], [f for one in by_way.values() for f in one.failed])
    limit = f"the smallest page {reference.share(0.5):.0f} ms, p95 {reference.share(0.95):.0f} ms"
    rows = [_row(f"desk look-up at {PEOPLE:,}, {PUBLIC_A_SECOND:g} public requests a second", every, limit, reference)]
    rows += [_row(f"the same, by {how}", tally, limit, reference) for how, tally in by_way.items()]
    return [*rows, _row("the public meanwhile", public, limit, reference, aim="0 errors")]


def _row(work: str, tally: Tally, limit: str, reference: Tally, aim: str = "p95 ≤ 300 ms, 0 errors") -> Row:
    for trouble in tally.failed[:3]:
        say(f"  failed: {trouble}")
    times = f"p50 {tally.share(0.5):.0f} ms, p95 {tally.share(0.95):.0f} ms, p99 {tally.share(0.99):.0f} ms"
    figure = f"{times}, {len(tally.failed)} errors of {len(tally.taken):,}"
    return Row(work, figure, limit, f"{tally.share(0.95) / reference.share(0.95):.1f} × at p95", aim)


def at_the_hours_pace(count: int) -> Iterator[float]:
    """When each of so many comes, in seconds of the compressed hour."""
    piece = MORNING_SECONDS / len(HOUR)
    for place, percent in enumerate(HOUR):
        here = round(count * percent / sum(HOUR))
        yield from (piece * (place + n / max(1, here)) for n in range(here))


def morning(known: Sequence[Known], cookies: Sequence[str]) -> list[Row]:
    """A thousand callers looked up and ten thousand people who look for themselves, within the hour of 2014."""
    desk, public, reference = Tally(), Tally(), Tally()
    calls = list(at_the_hours_pace(int(LOOK_UPS * MORNING_SHARE)))
    views = list(at_the_hours_pace(int(VIEWS * MORNING_SHARE)))
    asks = [
        Ask(at, desk, f"/assistance/?q={known[n % len(known)].number}", cookies[n % len(cookies)], "À lire")
        for n, at in enumerate(calls)
    ]
    asks += [Ask(at, public, f"/pourquoi/{known[(3 * n) % len(known)].token}/") for n, at in enumerate(views)]
    asks += [Ask(at, reference, SMALLEST) for at in calls[::4]]
    late = play(asks)
    limit = f"the smallest page p95 {reference.share(0.95):.0f} ms"
    told = f"the hour in {MORNING_SECONDS:.0f} s, the last answer {late:.1f} s after it was asked for"
    return [
        _row(f"the morning of 2014: {len(calls):,} look-ups ({told})", desk, limit, reference),
        _row(f"and {len(views):,} views of « pourquoi ce message »", public, limit, reference, aim="0 errors"),
    ]


def run() -> list[Row]:
    """Fill, serve, warm up, measure."""
    os.environ["SECRET_KEY"] = PASSPORT
    set_up()
    empty()
    say(f"  {PEOPLE:,} intermediaries")
    with stopwatch() as taken:
        fill(PEOPLE)
    say(f"  filled in {taken[0]:.0f} s, {min(MAILED, PEOPLE):,} of them mailed")
    cookies, known = sessions(), sample(2000)
    with tempfile.TemporaryDirectory() as place, gunicorn(Path(place)):
        warm: dict[str, Any] = {how: Tally() for how, _ in SAYS}
        play([*list(desk_asks(known, cookies, warm))[:60], *list(public_asks(known, Tally()))[:200]])
        say("  under load …")
        rows = under_load(known, cookies)
        say("  the morning of 2014 …")
        return rows + morning(known, cookies)


if __name__ == "__main__":
    for row in run():
        print(" | ".join(asdict(row).values()))
