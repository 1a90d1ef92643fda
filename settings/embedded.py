"""The embedded PostgreSQL as its users see it: where it lives, and making sure that it runs.

No process ids are kept anywhere, because they go stale after ``kill -9``. Three locks of the kernel, which
releases them however a process ends, say everything:

* ``users.lock``: every process that uses the server holds it shared for as long as it lives;
* ``keeper.lock``: held by the keeper, the small detached process that starts, watches and stops the server;
* ``start.lock``: held by the user who is bringing a keeper up, so that a crowd at once starts one.

See docs/decisions/0001-embedded-postgresql.md.
"""

from __future__ import annotations

import fcntl
import hashlib
import os
import socket
import struct
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

BASE_DIR = Path(__file__).resolve().parent.parent
SUPERUSER = "register"
DATABASE = "register"
PORT = 5432

# sockaddr_un holds 107 characters; the server's own lock file beside the socket adds five.
LONGEST_SOCKET_PATH = 100
START_TIMEOUT_SECONDS = 60.0
KEEPER_TRIES = 3
PROBE_SECONDS = 5.0
PROTOCOL_3_0 = 196608
AUTHENTICATED = b"R"
TOO_MANY = b"C53300\0"
"""The field of an error that says: all connections are taken. The server is there; who connects is told why not."""
TERMINATE = b"X\0\0\0\4"

_held: dict[Path, int] = {}


class EmbeddedPostgresError(ImproperlyConfigured):
    """The embedded server cannot be used; the message says why and what to do about it."""


@dataclass(frozen=True, slots=True)
class Cluster:
    """One embedded server: the directory that holds all of it, and how it is run.

    ``linger`` is how many seconds it stays after its last user: two commands in a row need no stop and start.
    ``durable=False`` turns fsync off: for the tests' own server, whose data nobody needs after a power cut.
    """

    home: Path
    durable: bool = True
    linger: float = 2.0

    @property
    def data(self) -> Path:
        return self.home / "data"

    @property
    def users_lock(self) -> Path:
        return self.home / "users.lock"

    @property
    def keeper_lock(self) -> Path:
        return self.home / "keeper.lock"

    @property
    def start_lock(self) -> Path:
        return self.home / "start.lock"

    @property
    def problem(self) -> Path:
        """What stopped the last keeper, in words for a person; absent when all went well."""
        return self.home / "problem.txt"

    @property
    def log(self) -> Path:
        return self.home / "server.log"

    @property
    def socket_dir(self) -> Path:
        """Where the socket is: beside the data, or under /tmp when that path is too long for a socket."""
        beside = self.home / "run"
        if len(os.fsencode(beside / f".s.PGSQL.{PORT}")) <= LONGEST_SOCKET_PATH:
            return beside
        digest = hashlib.sha256(os.fsencode(self.home)).hexdigest()[:16]
        # Not $TMPDIR where /tmp will do: two users of one server must find the same directory.
        temporary = Path("/tmp") if Path("/tmp").is_dir() else Path(tempfile.gettempdir())  # noqa: S108
        return temporary / f"register-{digest}"

    def url(self, database: str = DATABASE) -> str:
        """The DATABASE_URL of a database of this server, for a process started from this one."""
        host = str(self.socket_dir).replace("%", "%25").replace("/", "%2F")
        return f"postgresql://{SUPERUSER}@{host}:{PORT}/{database}"


def ensure_running(cluster: Cluster) -> None:
    """Return when the server answers; start a keeper for it where there is none.

    Cheap when it runs (under a millisecond), so it is called before every new connection.

    Raises:
        EmbeddedPostgresError: it cannot be started, with the reason and the remedy.
    """
    _refuse_foreign_data(cluster)
    _hold(cluster)
    if not _is_up(cluster):
        with _exclusive(cluster.start_lock):
            _bring_up(cluster)


def answers(cluster: Cluster) -> bool:
    """Whether the server accepts connections now (not while it starts, recovers or stops)."""
    # By hand, as importing psycopg for this one question would triple the time a keeper needs to start.
    fields = b"".join(f"{word}\0".encode() for word in ("user", SUPERUSER, "database", "postgres", ""))
    with socket.socket(socket.AF_UNIX) as connection:
        connection.settimeout(PROBE_SECONDS)
        try:
            connection.connect(str(cluster.socket_dir / f".s.PGSQL.{PORT}"))
            connection.sendall(struct.pack("!II", len(fields) + 8, PROTOCOL_3_0) + fields)
            answer = connection.recv(4096)
            if TOO_MANY in answer:
                return True
            connection.sendall(TERMINATE)
            while connection.recv(4096):
                pass
            return answer.startswith(AUTHENTICATED)
        except OSError:
            return False


def is_locked(path: Path) -> bool:
    """Whether some process holds the lock exclusively."""
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def open_lock(path: Path) -> int:
    """Open a lock file read-only, making it if need be: enough for flock(), also on another user's file."""
    _make_directory(path.parent)
    return os.open(path, os.O_RDONLY | os.O_CREAT | os.O_NOFOLLOW, 0o644)


def _make_directory(path: Path) -> None:
    """Make it, for whom its parent belongs to: root may run in the project of an ordinary user."""
    if path.is_dir():
        return
    _make_directory(path.parent)
    path.mkdir(exist_ok=True)
    if os.geteuid() == 0:
        owner = path.parent.stat()
        os.chown(path, owner.st_uid, owner.st_gid)


def _hold(cluster: Cluster) -> None:
    """Become a user of the server until this process and all its forked children have ended.

    Waits while a keeper is stopping the server: it holds the lock alone until that is done.
    """
    if cluster.home in _held and _same_file(_held[cluster.home], cluster.users_lock):
        return
    try:
        descriptor = open_lock(cluster.users_lock)
    except OSError as error:
        raise EmbeddedPostgresError(
            f"Le PostgreSQL embarqué a besoin de {cluster.home}, qui ne peut pas être écrit ({error.strerror}). "
            "Donnez à ce compte le droit d’y écrire, ou désignez par DATABASE_URL un serveur PostgreSQL à vous."
        ) from None
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    _held[cluster.home] = descriptor


def _same_file(descriptor: int, path: Path) -> bool:
    """Whether the open lock is still the one on disk: someone may delete var/ under a running process."""
    return path.exists() and os.path.samestat(os.fstat(descriptor), path.stat())


def _is_up(cluster: Cluster) -> bool:
    return is_locked(cluster.keeper_lock) and answers(cluster)


def _bring_up(cluster: Cluster) -> None:
    deadline = time.monotonic() + START_TIMEOUT_SECONDS
    started = 0
    while not _is_up(cluster):
        if not is_locked(cluster.keeper_lock):
            if started == KEEPER_TRIES or (started and cluster.problem.exists()):
                raise EmbeddedPostgresError(_last_words(cluster))
            started += 1
            _start_keeper(cluster)
        if time.monotonic() > deadline:
            raise EmbeddedPostgresError(
                f"Le PostgreSQL embarqué ne répond pas depuis {START_TIMEOUT_SECONDS:.0f}\u00a0s. Il se remet "
                f"peut-être d’un arrêt brutal\u00a0: recommencez dans une minute. Son journal est {cluster.log}."
            )
        time.sleep(0.02)


def _start_keeper(cluster: Cluster) -> None:
    """Start a keeper; when this returns it holds keeper.lock, or has left its reason in the problem file."""
    command = [
        sys.executable,
        "-m",
        "settings.embedded_keeper",
        str(cluster.home),
        f"--linger={cluster.linger}",
    ]
    if not cluster.durable:
        command.append("--not-durable")
    result = subprocess.run(  # noqa: S603
        command, cwd=BASE_DIR, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False
    )
    if result.returncode:
        raise EmbeddedPostgresError(f"Le PostgreSQL embarqué n’a pas pu être lancé\u00a0: {result.stderr.strip()}")


def _last_words(cluster: Cluster) -> str:
    try:
        return cluster.problem.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        return f"Le PostgreSQL embarqué s’est arrêté aussitôt lancé. Son journal est {cluster.log}."


def _refuse_foreign_data(cluster: Cluster) -> None:
    try:
        owner = cluster.data.stat().st_uid
    except OSError:
        return
    if os.geteuid() not in {0, owner}:
        raise EmbeddedPostgresError(
            f"{cluster.data} appartient au compte numéro {owner} et non au vôtre (numéro {os.geteuid()})\u00a0: le "
            f"projet a déjà tourné sous un autre compte. Reprenez ce compte, supprimez {cluster.home} pour repartir "
            "d’une base vide, ou désignez par DATABASE_URL un serveur PostgreSQL à vous."
        )


@contextmanager
def _exclusive(path: Path) -> Iterator[None]:
    descriptor = open_lock(path)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
