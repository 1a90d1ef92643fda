"""The embedded server's edges that need no server: accounts, foreign data, old data, what starts nothing."""

import os
import socket
import subprocess
import sys
from pathlib import Path
from threading import Thread

import pytest
from django.core.exceptions import ImproperlyConfigured

from settings.embedded import BASE_DIR, PORT, Cluster, EmbeddedPostgresError, answers, ensure_running
from settings.embedded_account import Account, choose_account


def test_data_of_another_user_are_refused_with_a_remedy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cluster = Cluster(tmp_path / "postgres")
    cluster.data.mkdir(parents=True)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 4711)
    with pytest.raises(EmbeddedPostgresError, match="désignez par DATABASE_URL"):
        ensure_running(cluster)


def test_data_of_another_version_are_refused_with_a_remedy(tmp_path: Path) -> None:
    cluster = Cluster(tmp_path / "postgres", linger=0)
    cluster.data.mkdir(parents=True)
    (cluster.data / "PG_VERSION").write_text("9\n")
    with pytest.raises(EmbeddedPostgresError, match=r"écrit par PostgreSQL 9, .*pg_dump"):
        ensure_running(cluster)


def test_a_home_that_cannot_be_written_is_refused_with_a_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(EmbeddedPostgresError, match="désignez par DATABASE_URL"):
        ensure_running(Cluster(tmp_path / "file" / "postgres"))


def test_an_error_of_the_embedded_server_is_one_of_configuration() -> None:
    assert issubclass(EmbeddedPostgresError, ImproperlyConfigured)


def test_an_ordinary_user_runs_the_server_itself(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 4711)
    assert choose_account(Cluster(tmp_path)) == Account(4711, os.getegid())


@pytest.mark.skipif(os.geteuid() != 0, reason="only root lends rights")
def test_the_server_of_root_may_pass_where_only_root_may_and_access_says_so(tmp_path: Path) -> None:
    closed = tmp_path / "closed"
    closed.mkdir(mode=0o700)
    (closed / "file").touch(mode=0o600)
    account = choose_account(Cluster(closed))
    assert account.uid != 0
    script = "import os, sys; sys.exit(not os.access(sys.argv[1], os.R_OK))"
    assert subprocess.run(account.command(sys.executable, "-c", script, closed / "file"), check=False).returncode == 0
    assert (closed.stat().st_mode & 0o777, (closed / "file").stat().st_mode & 0o777) == (0o700, 0o600)


def test_root_without_setpriv_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(EmbeddedPostgresError, match="util-linux"):
        choose_account(Cluster(tmp_path))


def test_root_that_cannot_become_another_is_told_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    refusing = tmp_path / "setpriv"
    refusing.write_text("#!/bin/sh\necho 'setpriv: setresuid failed' >&2\nexit 1\n")
    refusing.chmod(0o755)
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.defpath}")
    with pytest.raises(EmbeddedPostgresError, match="setresuid failed.*compte ordinaire"):
        choose_account(Cluster(tmp_path))


def test_a_command_that_needs_no_database_starts_none() -> None:
    script = (
        "import django; django.setup()\n"
        "from django.core.management import call_command\n"
        "call_command('check')\n"
        "from settings import embedded\n"
        "print(embedded._held)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=BASE_DIR,
        env={key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
        | {"DJANGO_SETTINGS_MODULE": "settings.local"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stdout.splitlines()[-1:] == ["{}"], done.stderr


def test_a_server_whose_connections_are_all_taken_is_there(tmp_path: Path) -> None:
    """Fails without `TOO_MANY`: it was waited for a minute, and called away."""
    cluster = Cluster(tmp_path / "postgres")
    cluster.socket_dir.mkdir(parents=True)
    full = b"E\0\0\0\x40SFATAL\0VFATAL\0C53300\0Msorry, too many clients already\0\0"
    starting = full.replace(b"53300", b"57P03")
    for told, there in ((full, True), (starting, False)):
        path = cluster.socket_dir / f".s.PGSQL.{PORT}"
        path.unlink(missing_ok=True)
        with socket.socket(socket.AF_UNIX) as door:
            door.bind(str(path))
            door.listen()
            thread = Thread(target=_tell, args=(door, told))
            thread.start()
            assert answers(cluster) == there
            thread.join()


def _tell(door: socket.socket, told: bytes) -> None:
    with door.accept()[0] as visitor:
        visitor.recv(4096)
        visitor.sendall(told)
