"""Real processes that use an embedded server, to be killed at will."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import ClassVar

import psycopg

from settings.embedded import BASE_DIR, PORT, SUPERUSER, Cluster, is_locked

SCRIPT = """
import sys
from pathlib import Path
from typing import ClassVar
from settings.embedded import Cluster, EmbeddedPostgresError, ensure_running
cluster = Cluster(Path(sys.argv[1]), durable=sys.argv[2] == "True", linger=float(sys.argv[3]))
try:
    ensure_running(cluster)
except EmbeddedPostgresError as error:
    sys.exit(str(error))
print("up", flush=True)
sys.stdin.read()
"""


class User:
    """A process that holds the server up until ``leave`` or ``kill``."""

    all: ClassVar[list["User"]] = []

    def __init__(self, cluster: Cluster, *prefix: str) -> None:
        self.process = subprocess.Popen(
            [
                *prefix,
                sys.executable,
                "-c",
                SCRIPT,
                str(cluster.home),
                str(cluster.durable),
                str(cluster.linger),
            ],
            cwd=BASE_DIR,
            env=os.environ | {"PYTHONDONTWRITEBYTECODE": "1"},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        self.all.append(self)

    def up(self) -> "User":
        assert self.process.stdout
        assert self.process.stdout.readline() == "up\n", self.process.communicate(timeout=5)
        return self

    def leave(self) -> None:
        self.process.communicate(timeout=10)

    def kill(self) -> None:
        self.process.kill()
        self.process.communicate(timeout=10)


def postmaster(cluster: Cluster) -> int:
    return int((cluster.data / "postmaster.pid").read_text().split("\n", 1)[0])


def keepers(cluster: Cluster) -> list[int]:
    """The keepers of this home, by what the system says of its processes."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            words = (entry / "cmdline").read_bytes().split(b"\0")
        except (FileNotFoundError, ProcessLookupError):
            continue
        if b"settings.embedded_keeper" in words and os.fsencode(cluster.home) in words:
            found.append(int(entry.name))
    return found


def kill(*pids: int) -> None:
    for pid in pids:
        os.kill(pid, signal.SIGKILL)


def ask(cluster: Cluster, query: str) -> object:
    """One value, over a new connection."""
    where = f"host='{cluster.socket_dir}' port={PORT} user={SUPERUSER} dbname=register"
    with psycopg.connect(where, autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        row = cursor.fetchone() if cursor.description else None
        return row[0] if row else None


def end(cluster: Cluster) -> None:
    """Leave nothing behind, whatever a test did."""
    while User.all:
        User.all.pop().kill()
    pids = keepers(cluster)
    with contextlib.suppress(FileNotFoundError, ValueError):
        pids.append(postmaster(cluster))
    for pid in pids:
        with contextlib.suppress(ProcessLookupError):
            kill(pid)


def wait(what: Callable[[], bool], seconds: float = 15.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if what():
            return True
        time.sleep(0.02)
    return False


def stopped(cluster: Cluster) -> bool:
    return not (cluster.data / "postmaster.pid").exists() and not is_locked(cluster.keeper_lock)
