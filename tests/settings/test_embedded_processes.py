"""The embedded server among real processes: any of them may be killed at any instant.

Linux only where /proc is read; each test has a server of its own in a temporary directory.
"""

import os
import shutil
import stat
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from settings import embedded_server
from settings.embedded import Cluster, answers
from settings.embedded_account import LEND_PASSAGE, choose_account
from settings.embedded_server import Server, prepare
from tests.settings.users import User, ask, end, keepers, kill, postmaster, stopped, wait

pytestmark = pytest.mark.slow
as_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
LINGER = 0.3
AS_NOBODY = ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *LEND_PASSAGE, "--")


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    cluster = Cluster(tmp_path / "postgres", durable=False, linger=LINGER)
    yield cluster
    end(cluster)


@pytest.fixture
def durable(cluster: Cluster) -> Cluster:
    return replace(cluster, durable=True)


def test_a_crowd_starting_at_once_shares_one_server(cluster: Cluster) -> None:
    crowd = [User(cluster) for _ in range(6)]
    for user in crowd:
        user.up()
    assert len(keepers(cluster)) == 1
    assert ask(cluster, "SELECT current_database()") == "register"
    assert ask(cluster, "SHOW server_encoding") == "UTF8"
    assert ask(cluster, "SHOW listen_addresses") == ""
    assert stat.S_IMODE(cluster.socket_dir.stat().st_mode) == 0o700
    for user in crowd:
        user.leave()


def test_it_stops_with_its_last_user_even_where_that_one_is_killed(cluster: Cluster) -> None:
    first, last = User(cluster).up(), User(cluster).up()
    first.leave()
    assert not wait(lambda: stopped(cluster), LINGER + 0.7)
    last.kill()
    assert wait(lambda: stopped(cluster))
    assert wait(lambda: keepers(cluster) == [])
    User(cluster).up().leave()


def test_kill_9_of_the_starter_harms_no_other_user(cluster: Cluster) -> None:
    starter = User(cluster).up()
    other = User(cluster).up()
    server = postmaster(cluster)
    starter.kill()
    assert not wait(lambda: not answers(cluster), LINGER + 0.7)
    assert postmaster(cluster) == server
    other.leave()


def test_after_kill_9_of_the_keeper_the_next_user_adopts_the_running_server(cluster: Cluster) -> None:
    first = User(cluster).up()
    server, keeper = postmaster(cluster), keepers(cluster)
    kill(*keeper)
    second = User(cluster).up()
    assert postmaster(cluster) == server
    assert len(keepers(cluster)) == 1
    assert keepers(cluster) != keeper
    first.leave()
    second.leave()
    assert wait(lambda: stopped(cluster)), "the adopted server stops with its last user too"


def test_after_kill_9_of_the_server_it_comes_back_with_what_was_committed(durable: Cluster) -> None:
    user = User(durable).up()
    ask(durable, "CREATE TABLE proof AS SELECT 42 AS answer")
    server = postmaster(durable)
    kill(server)
    assert wait(lambda: answers(durable) and postmaster(durable) != server), durable.log.read_text()
    assert ask(durable, "SELECT answer FROM proof") == 42
    user.leave()


def test_a_server_that_is_killed_before_it_answered_is_started_again(
    cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `_was_killed`: its keeper gave up, and nobody started it until its next user came."""
    cluster.home.mkdir()
    account = choose_account(cluster)
    prepare(cluster, account)
    server = Server(cluster, account)
    killed: list[int] = []

    def kill_the_first(asked: Cluster) -> bool:
        is_up = answers(asked)
        if killed or not is_up:
            return is_up
        killed.append(postmaster(asked))
        kill(*killed)
        return False

    monkeypatch.setattr(embedded_server, "answers", kill_the_first)
    server.start()
    assert killed
    assert postmaster(cluster) not in killed
    assert ask(cluster, "SELECT 42") == 42
    server.stop()


def test_after_kill_9_of_everything_the_next_start_recovers(durable: Cluster) -> None:
    user = User(durable).up()
    ask(durable, "CREATE TABLE proof AS SELECT 42 AS answer")
    kill(*keepers(durable), postmaster(durable))
    user.kill()
    next_user = User(durable).up()
    assert ask(durable, "SELECT answer FROM proof") == 42
    next_user.leave()


def test_a_stale_pid_file_with_the_number_of_a_stranger_stops_nothing(cluster: Cluster) -> None:
    user = User(cluster).up()
    pid_file = (cluster.data / "postmaster.pid").read_text()
    kill(*keepers(cluster), postmaster(cluster))
    user.kill()
    (cluster.data / "postmaster.pid").write_text(pid_file.replace(pid_file.split("\n", 1)[0], str(os.getpid()), 1))
    User(cluster).up().leave()


def test_a_kill_in_the_middle_of_initdb_leaves_nothing_in_the_way(cluster: Cluster) -> None:
    user = User(cluster)
    assert wait(lambda: any(cluster.home.glob("new-*/global")))
    kill(*keepers(cluster))
    user.kill()
    assert not cluster.data.exists()
    second = User(cluster).up()
    assert ask(cluster, "SELECT 1") == 1
    assert [path.name for path in cluster.home.glob("new-*/PG_VERSION")] == []
    second.leave()


def test_a_connection_wanted_after_the_server_died_finds_it_again(cluster: Cluster) -> None:
    user = User(cluster).up()
    kill(*keepers(cluster), postmaster(cluster))
    with pytest.raises(psycopg.OperationalError):
        ask(cluster, "SELECT 1")
    User(cluster).up().leave()
    user.leave()


def test_a_path_too_long_for_a_socket_is_served_from_the_temporary_directory(tmp_path: Path) -> None:
    cluster = Cluster(
        tmp_path / "a-directory-with-a-rather-long-name" / ("long" * 20) / "postgres",
        durable=False,
        linger=LINGER,
    )
    assert cluster.socket_dir.parent == Path("/tmp")
    try:
        user = User(cluster).up()
        assert ask(cluster, "SELECT 1") == 1
        user.leave()
    finally:
        end(cluster)
        shutil.rmtree(cluster.socket_dir, ignore_errors=True)


@as_root
def test_root_is_served_in_a_directory_that_only_root_may_enter(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    cluster = Cluster(closed / "var" / "postgres", durable=False, linger=LINGER)
    try:
        user = User(cluster).up()
        assert Path(f"/proc/{postmaster(cluster)}").stat().st_uid != 0
        assert stat.S_IMODE(closed.stat().st_mode) == 0o700, "nobody's directory is opened"
        user.leave()
    finally:
        end(cluster)


@as_root
def test_an_ordinary_user_is_served_and_root_after_it(tmp_path: Path) -> None:
    home = tmp_path / "of-nobody" / "postgres"
    home.parent.mkdir()
    shutil.chown(home.parent, "nobody", "nogroup")
    cluster = Cluster(home, durable=False, linger=LINGER)
    try:
        User(cluster, *AS_NOBODY).up().leave()
        assert wait(lambda: stopped(cluster))
        User(cluster).up().leave()
        assert wait(lambda: stopped(cluster))
        User(cluster, *AS_NOBODY).up().leave()
    finally:
        end(cluster)
