"""I4: a worker killed at any instant loses nothing and repeats nothing."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from reminders.models import Notice
from reminders.sending.deliver import CHUNK, Delivery, deliver
from tests.races.processes import PATIENCE, accepted_keys, running, session, worker_env
from tests.reminders.scenes import (
    clock_at,
    due_file,
    engine,
    released_batch,
    renew,
    run_leases_out,
    states,
    verdicts,
)
from tests.smtp_server import SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

PLANNED = 4


def second_worker(server: SmtpServer) -> Delivery:
    """The real thing, in this process."""
    return deliver(worker="second", engine=engine(), transport=session(server), clock=clock_at())


@pytest.mark.parametrize(
    ("point", "after", "left_behind", "uncertain", "mails"),
    [
        ("claimed", 0, {"CLAIMED": 4}, 0, 4),
        ("intent", 1, {"ACCEPTED": 1, "SENDING": 1, "CLAIMED": 2}, 1, 3),
        ("replied", 1, {"ACCEPTED": 1, "SENDING": 1, "CLAIMED": 2}, 1, 4),
    ],
)
def test_i4_i2_a_worker_killed_loses_nobody_and_writes_to_nobody_twice(
    database_env: dict[str, str],
    point: str,
    after: int,
    left_behind: dict[str, int],
    uncertain: int,
    mails: int,
) -> None:
    """Fails without `reap` (claims would be lost), or if it gave SENDING back (the third would get two mails)."""
    with SmtpServer() as server:
        batch = released_batch(PLANNED)
        with running("-m", "tests.races.worker", point, str(after), env=worker_env(database_env, server)) as doomed:
            assert doomed.stdout is not None
            assert doomed.stdout.readline() == "here\n", doomed.stderr and doomed.stderr.read()
            doomed.kill()
            doomed.wait(5)
        assert states(batch) == left_behind
        second_worker(server)
        assert states(batch) == left_behind, "another's claims were taken before their leases were over"
        run_leases_out(batch)
        second_worker(server)
    assert states(batch) == {"ACCEPTED": PLANNED - uncertain} | ({"UNCERTAIN": 1} if uncertain else {})
    assert set(accepted_keys(server).values()) == {1}
    assert len(accepted_keys(server)) == mails
    assert verdicts(batch)[""] == uncertain
    batch.refresh_from_db()
    assert batch.state == "COMPLETED"


def test_i4_i1_what_a_dead_worker_held_is_decided_again_before_it_leaves(database_env: dict[str, str]) -> None:
    """Fails if a claim taken back were sent on the dead worker's decision."""
    with SmtpServer() as server:
        someone = due_file()
        batch = released_batch(1)
        with running("-m", "tests.races.worker", "claimed", "0", env=worker_env(database_env, server)) as doomed:
            assert doomed.stdout is not None
            assert doomed.stdout.readline() == "here\n"
        renew(someone)
        run_leases_out(batch)
        second_worker(server)
    assert someone.email not in server.recipients
    assert Notice.objects.get(intermediary=someone).reason == "COMPLETE"
    assert states(batch) == {"ACCEPTED": 1, "SKIPPED": 1}


def test_i4_when_a_delivery_is_killed_its_processes_end_and_give_back_what_they_have(
    database_env: dict[str, str],
) -> None:
    """Fails without `--parent` in `deliver_in_processes`: nobody watched, and they sent the list to its end."""
    arguments = ("manage.py", "deliver", "--until-empty", "--workers", "2")
    with SmtpServer() as server:
        batch = released_batch(3 * CHUNK)
        env = {**worker_env(database_env, server), "PACE_PER_HOUR": "18000"}
        with running(*arguments, env=env) as parent:
            wait_until(lambda: len(server.mails) >= 3)
            parent.kill()
        left = len(server.mails)
        wait_until(lambda: not {"CLAIMED", "SENDING"} & set(states(batch)))
        assert len(server.mails) <= left + 4, "each ends the message in hand, and may have begun another"
    assert states(batch) == {"ACCEPTED": len(server.mails), "PLANNED": 3 * CHUNK - len(server.mails)}


def wait_until(come: Callable[[], bool]) -> None:
    until = time.monotonic() + PATIENCE
    while not come():
        assert time.monotonic() < until
        time.sleep(0.05)
