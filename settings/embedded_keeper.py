"""The keeper of an embedded PostgreSQL: starts it, watches it, and stops it with its last user.

``settings.embedded`` starts it as ``python -m settings.embedded_keeper HOME``. It returns to its starter as
soon as it holds keeper.lock (or another keeper does), and goes on detached, in a session of its own.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import time
from pathlib import Path

from settings.embedded import Cluster, EmbeddedPostgresError, is_locked, open_lock
from settings.embedded_account import choose_account
from settings.embedded_server import Server, prepare

POLL_SECONDS = 0.2


def main() -> None:
    """Take keeper.lock or leave it to who has it; then fork, so that the starter need not wait."""
    cluster = _cluster_from_arguments()
    keeper_lock = open_lock(cluster.keeper_lock)
    while not try_exclusive(keeper_lock):
        if is_locked(cluster.keeper_lock):
            return
        # Not a keeper, but someone who at this instant looks whether there is one.
        time.sleep(0.005)
    cluster.problem.unlink(missing_ok=True)
    if os.fork():
        # The child holds the lock too: it is of the open file, not of the process.
        os._exit(0)
    _detach()
    try:
        keep(cluster)
    except EmbeddedPostgresError as error:
        cluster.problem.write_text(f"{error}\n", encoding="utf-8")
    except OSError as error:
        cluster.problem.write_text(f"Le PostgreSQL embarqué de {cluster.home}\u00a0: {error}.\n", encoding="utf-8")
    finally:
        os.close(keeper_lock)


def keep(cluster: Cluster) -> None:
    """Run the server until nobody holds users.lock.

    It is stopped *while* users.lock is held alone, so a newcomer waits for the end of the stop. That lock
    goes last, with the process, after keeper.lock: so the newcomer finds no keeper, and starts the next.
    """
    account = choose_account(cluster)
    prepare(cluster, account)
    server = Server(cluster, account)
    server.start()
    users = open_lock(cluster.users_lock)
    while not _deserted(users, cluster.linger):
        if not server.alive():
            server.start()
        time.sleep(POLL_SECONDS)
    server.stop()


def try_exclusive(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _deserted(users: int, linger: float) -> bool:
    """Whether there is no user now and there was none a moment ago; if so the lock is held."""
    if not try_exclusive(users):
        return False
    fcntl.flock(users, fcntl.LOCK_UN)
    time.sleep(linger)
    return try_exclusive(users)


def _cluster_from_arguments() -> Cluster:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("home", type=Path)
    parser.add_argument("--linger", type=float, required=True)
    parser.add_argument("--not-durable", action="store_true")
    arguments = parser.parse_args()
    return Cluster(arguments.home, durable=not arguments.not_durable, linger=arguments.linger)


def _detach() -> None:
    os.setsid()
    os.chdir("/")
    sink = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(sink, descriptor)


if __name__ == "__main__":
    main()
