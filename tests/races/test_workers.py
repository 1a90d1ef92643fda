"""I2: however many workers, each notice is accepted once by a real mail server."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

import pytest

from reminders.models import Notice
from reminders.rules.states import NoticeState
from reminders.sending import deliver as engine_module
from reminders.sending.claim import reap
from reminders.sending.deliver import Delivery, deliver
from tests.factories import NOW
from tests.races.processes import PATIENCE, accepted_keys, running, session, worker_env
from tests.reminders.scenes import at_once, clock_at, elsewhere, engine, released_batch, states
from tests.smtp_server import Reply, SmtpServer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def worker(name: str, server: SmtpServer) -> Callable[[], Delivery]:
    return lambda: deliver(worker=name, engine=engine(), transport=session(server), clock=clock_at())


def everyone_once(server: SmtpServer) -> None:
    keys = set(Notice.objects.values_list("key", flat=True))
    assert dict(accepted_keys(server)) == dict.fromkeys(keys, 1)


def test_i2_i8_four_workers_at_once_send_each_notice_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without SKIP LOCKED and the compare-and-set on state and fence: each worker would send what it saw."""
    monkeypatch.setattr(engine_module, "CHUNK", 4)
    batch = released_batch(60)
    with SmtpServer() as server:
        server.always("DOT", Reply("250 2.0.0 queued", delay=0.003))
        outcomes = at_once(*(worker(f"w{n}", server) for n in range(4)))
    deliveries = [o for o in outcomes if isinstance(o, Delivery)]
    assert len(deliveries) == 4, outcomes
    assert states(batch) == {"ACCEPTED": 60}
    everyone_once(server)
    accepted = [d.counts[NoticeState.ACCEPTED] for d in deliveries]
    assert sum(accepted) == 60
    assert max(accepted) < 60, "the workers did not share the work"


def test_i2_workers_whose_claims_are_reaped_under_them_still_send_each_notice_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `n.fence = …` in `_STEP`: a worker that was slow would go on with what is another's by now."""
    monkeypatch.setattr(engine_module, "CHUNK", 8)
    batch = released_batch(30)

    def reaper() -> None:
        for _ in range(8):
            threading.Event().wait(0.03)
            Notice.objects.filter(batch=batch, state="CLAIMED").update(lease_until=NOW.replace(year=2000))
            reap(now=NOW)

    with SmtpServer() as server:
        server.always("DOT", Reply("250 2.0.0 queued", delay=0.005))
        outcomes: list[Any] = at_once(reaper, worker("w1", server), worker("w2", server))
        elsewhere(worker("w3", server))
    assert outcomes[0] is None, outcomes
    assert max(Notice.objects.values_list("fence", flat=True)) > 1, "nothing was reaped in time"
    assert states(batch) == {"ACCEPTED": 30}
    everyone_once(server)


def test_i2_two_processes_send_each_notice_once(database_env: dict[str, str]) -> None:
    """Both hold claims before either sends; fails as the threads' test does."""
    batch = released_batch(50)
    with SmtpServer() as server:
        env = worker_env(database_env, server)
        arguments = ("-m", "tests.races.worker", "claimed", "0")
        with running(*arguments, env=env) as one, running(*arguments, env=env) as other:
            for process in (one, other):
                assert process.stdout is not None
                assert process.stdout.readline() == "here\n"
            assert states(batch) == {"CLAIMED": 50}
            answers = [process.communicate("go on\n", timeout=PATIENCE) for process in (one, other)]
    assert [answer for answer, _ in answers] == ["done\n"] * 2, answers
    assert states(batch) == {"ACCEPTED": 50}
    everyone_once(server)


def test_the_command_with_two_workers_tells_the_sum_of_both(database_env: dict[str, str]) -> None:
    """Fails without `_sum` in the command."""
    batch = released_batch(10)
    with SmtpServer() as server:
        env = worker_env(database_env, server)
        arguments = ("manage.py", "deliver", "--until-empty", "--workers", "2", "--json")
        with running(*arguments, env=env) as command:
            answer, errors = command.communicate(timeout=2 * PATIENCE)
    assert command.returncode == 0, errors
    report = json.loads(answer)
    assert (report["accepted"], report["waiting"], report["halt"]) == (10, 0, None)
    assert states(batch) == {"ACCEPTED": 10}
    everyone_once(server)
