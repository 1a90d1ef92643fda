"""The server processes of the embedded PostgreSQL: make its data, start it, look whether it lives, stop it.

Only the keeper calls this, one at a time, under keeper.lock.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from settings.embedded import DATABASE, PORT, SUPERUSER, Cluster, EmbeddedPostgresError, answers
from settings.embedded_account import BINARIES, FOREIGN_SERVER, Account, plain_environment

STOP_SECONDS = 30.0
RETRY_SECONDS = 10.0
LARGEST_LOG = 10_000_000

SERVER_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "100",
    "shared_buffers": "256MB",
    "work_mem": "16MB",
    "maintenance_work_mem": "128MB",
    "effective_cache_size": "2GB",
    "max_wal_size": "2GB",
    "random_page_cost": "1.1",
    "jit": "off",
    "timezone": "UTC",
    "log_timezone": "UTC",
}
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on"}
FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


@dataclass(slots=True)
class Server:
    """One postmaster and the account that runs it."""

    cluster: Cluster
    account: Account
    child: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def start(self) -> None:
        """Adopt the running server or start one; returns when it answers.

        After ``kill -9`` of a postmaster its last backends may hold the shared memory for a moment more, so a
        start refused for that reason is tried again; so is one that was killed before it answered, as it says nothing.
        """
        deadline = time.monotonic() + RETRY_SECONDS
        while not self._started():
            reason = _tail(self.cluster.log)
            passing = self._was_killed() or "still in use" in reason or "lock file" in reason
            if not passing or time.monotonic() > deadline:
                raise EmbeddedPostgresError(
                    f"Le PostgreSQL embarqué n’a pas démarré. Corrigez ce que nomme son journal, ou "
                    f"{FOREIGN_SERVER}. La fin du journal {self.cluster.log}\u00a0:\n{reason}"
                )
            time.sleep(0.25)

    def alive(self) -> bool:
        if self.child is not None:
            return self.child.poll() is None
        pid = self._recorded_pid()
        return pid is not None and _is_postmaster(pid, self.cluster.data)

    def stop(self) -> None:
        """Fast shutdown; after STOP_SECONDS an immediate one, from which the next start recovers."""
        for order, seconds in ((signal.SIGINT, STOP_SECONDS), (signal.SIGQUIT, STOP_SECONDS)):
            pid = self.child.pid if self.child else self._recorded_pid()
            if not self.alive() or pid is None:
                return
            os.kill(pid, order)
            deadline = time.monotonic() + seconds
            while self.alive() and time.monotonic() < deadline:
                time.sleep(0.02)

    def _started(self) -> bool:
        if not self.alive():
            self.child = None
        if not self.alive():
            self._launch()
        while self.alive():
            if answers(self.cluster):
                return True
            time.sleep(0.02)
        return False

    def _was_killed(self) -> bool:
        """Also of one that another keeper had started: how it ended is not known here."""
        return self.child is None or (self.child.poll() or 0) < 0

    def _launch(self) -> None:
        """Start a postmaster in a session of its own, so that no Ctrl-C meant for a user of it reaches it."""
        if self._recorded_pid() is not None:
            # Not alive, so stale; and after a restart of the machine the number may be anyone's, which would
            # keep postgres from starting for good.
            self._pid_file.unlink(missing_ok=True)
        with _open_log(self.cluster) as log:
            self.child = subprocess.Popen(  # noqa: S603
                self.account.command(BINARIES / "postgres", "-D", self.cluster.data, *_options(self.cluster)),
                cwd="/",
                env=plain_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def _pid_file(self) -> Path:
        return self.cluster.data / "postmaster.pid"

    def _recorded_pid(self) -> int | None:
        try:
            return int(self._pid_file.read_text().split("\n", 1)[0])
        except (FileNotFoundError, ValueError):
            return None


def prepare(cluster: Cluster, account: Account) -> None:
    """Make the data directory where there is none, and the socket's directory.

    The data are made aside and renamed when whole: a kill at any instant leaves a complete directory or none.
    """
    _prepare_socket_dir(cluster, account)
    for leftover in cluster.home.glob("new-*"):
        shutil.rmtree(leftover, ignore_errors=True)
    if cluster.data.exists():
        _refuse_other_version(cluster)
    else:
        fresh = Path(tempfile.mkdtemp(prefix="new-", dir=cluster.home))
        os.chown(fresh, account.uid, account.gid)
        _initialise(fresh, cluster, account)
        fresh.rename(cluster.data)
        _sync(cluster.home)


def _initialise(directory: Path, cluster: Cluster, account: Account) -> None:
    """A whole cluster with its database: made in single-user mode, before anyone can connect."""
    locale = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
    choices = (
        "-U",
        SUPERUSER,
        "-E",
        "UTF8",
        "--auth=trust",
        *locale,
        *(() if cluster.durable else ("--no-sync",)),
    )
    _run(account.command(BINARIES / "initdb", "-D", directory, *choices))
    single = account.command(BINARIES / "postgres", "--single", "-D", directory, "postgres")
    _run(single, f"CREATE DATABASE {DATABASE};\n")


def _prepare_socket_dir(cluster: Cluster, account: Account) -> None:
    cluster.socket_dir.mkdir(mode=0o700, exist_ok=True)
    if cluster.socket_dir.is_symlink() or cluster.socket_dir.stat().st_uid not in {os.geteuid(), account.uid}:
        raise EmbeddedPostgresError(
            f"{cluster.socket_dir}, la place du connecteur de la base, appartient à quelqu’un d’autre. "
            f"Supprimez-le, ou {FOREIGN_SERVER}."
        )
    if os.geteuid() == 0:
        os.chown(cluster.socket_dir, account.uid, account.gid)
    cluster.socket_dir.chmod(0o700)


def _refuse_other_version(cluster: Cluster) -> None:
    written = (cluster.data / "PG_VERSION").read_text().strip()
    version = _run([str(BINARIES / "postgres"), "--version"]).split()[-1].partition(".")[0]
    if written != version:
        raise EmbeddedPostgresError(
            f"{cluster.data} a été écrit par PostgreSQL {written}, et celui qui est installé est le {version}. "
            "Revenez aux dépendances d’alors et videz-le avec pg_dump, "
            f"ou supprimez {cluster.home} s’il ne contient rien de précieux."
        )


def _run(command: list[str], text: str = "") -> str:
    done = subprocess.run(  # noqa: S603
        command, cwd="/", env=plain_environment(), input=text, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise EmbeddedPostgresError(
            f"Les données du PostgreSQL embarqué n’ont pas pu être créées\u00a0:\n{done.stderr.strip()}\n"
            f"Corrigez ce qui est nommé (disque plein, dossier fermé en écriture…), ou {FOREIGN_SERVER}."
        )
    return done.stdout


def _is_postmaster(pid: int, data: Path) -> bool:
    """Whether this process serves these data: no stranger that got its number, nor one dead but unburied."""
    try:
        return os.fsencode(data) in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        return not Path("/proc/self").exists() and _exists(pid)


def _exists(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _options(cluster: Cluster) -> list[str]:
    settings = SERVER_SETTINGS | (DURABLE if cluster.durable else FAST)
    place = ["-k", str(cluster.socket_dir), "-p", str(PORT)]
    return place + [text for name, value in settings.items() for text in ("-c", f"{name}={value}")]


def _open_log(cluster: Cluster) -> BinaryIO:
    if cluster.log.exists() and cluster.log.stat().st_size > LARGEST_LOG:
        cluster.log.replace(cluster.log.with_suffix(".log.1"))
    log = cluster.log.open("ab")
    if os.geteuid() == 0:
        owner = cluster.home.stat()
        os.fchown(log.fileno(), owner.st_uid, owner.st_gid)
    return log


def _tail(path: Path, lines: int = 8) -> str:
    if not path.exists():
        return "(vide)"
    return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
