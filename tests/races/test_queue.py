"""The whole of it: a real cluster of the queue, the doorbell of release_batch, a real mail server."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.db import transaction
from django_q.models import OrmQ

from reminders.bell import ring_delivery
from tests.factories import NOW
from tests.races.processes import PATIENCE, accepted_keys, running, worker_env
from tests.reminders.scenes import approved_batch, due_file, person, states
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def until(done: Callable[[], bool], what: str) -> None:
    """Wait for it."""
    end = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < end, f"{what} did not happen"
        time.sleep(0.05)


def of_session(leader: int) -> list[int]:
    """Processes of a session that are not dead (a zombie that nobody has waited for is)."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            state, _, _, session = stat.read_text().rpartition(") ")[2].split()[:4]
        except (FileNotFoundError, ProcessLookupError):
            continue
        if int(session) == leader and state != "Z":
            found.append(int(stat.parent.name))
    return found


def end_all(cluster: subprocess.Popen[str]) -> None:
    for pid in of_session(cluster.pid):
        os.kill(pid, signal.SIGKILL)


def test_a_batch_released_by_command_is_sent_by_the_cluster_which_then_ends_and_leaves_nothing_behind(
    database_env: dict[str, str], settings: pytest.FixtureRequest
) -> None:
    """Fails without the ring in release_batch (no schedule is installed here), or if a task needed arguments."""
    settings.REGISTER_NOW = NOW  # type: ignore[attr-defined]
    for _ in range(5):
        due_file()
    batch = approved_batch()
    Group.objects.get(name="registry_officer").user_set.add(person("planner"))
    with SmtpServer() as server:
        env = worker_env(database_env, server)
        with running("manage.py", "qcluster", env=env, start_new_session=True) as cluster:
            try:
                until(lambda: len(of_session(cluster.pid)) > 3, "the cluster's start")
                call_command("release_batch", str(batch.pk), by="planner")
                until(lambda: states(batch)["ACCEPTED"] == 5, "the delivery")
                cluster.send_signal(signal.SIGTERM)
                assert cluster.wait(PATIENCE) == 0
                until(lambda: of_session(cluster.pid) == [], "the end of all of the cluster's processes")
            finally:
                end_all(cluster)
    assert set(accepted_keys(server).values()) == {1}
    assert len(accepted_keys(server)) == 5
    assert OrmQ.objects.count() == 0
    batch.refresh_from_db()
    assert batch.state == "COMPLETED"


def test_a_ring_is_part_of_the_transaction_that_rings() -> None:
    """Fails if the broker were not the same database: a release rolled back would have woken the workers."""

    class RolledBackError(Exception):
        pass

    def ring_and_fail() -> None:
        with transaction.atomic():
            ring_delivery()
            raise RolledBackError

    with pytest.raises(RolledBackError):
        ring_and_fail()
    assert OrmQ.objects.count() == 0
    with transaction.atomic():
        ring_delivery()
    assert OrmQ.objects.count() == 1
