"""I4: a database that goes away for a moment under a worker leaves nothing uncertain that the worker knows."""

from __future__ import annotations

from typing import Any

import psycopg
import pytest
from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from reminders.models import Attempt
from reminders.rules.states import NoticeState
from reminders.sending import deliver as engine_module
from reminders.sending.deliver import Delivery, deliver
from reminders.sending.step import step
from tests.races.processes import accepted_keys, session
from tests.reminders.scenes import clock_at, engine, released_batch, states
from tests.smtp_server import SmtpServer

pytestmark = pytest.mark.django_db(transaction=True)

PLANNED = 4


def cut_the_connection() -> None:
    """As a restart of PostgreSQL does to everyone: this process's server process is told to end."""
    pid = connection.connection.info.backend_pid
    settings = {**connection.get_connection_params(), "cursor_factory": None, "context": None}
    known = {key: settings[key] for key in ("dbname", "user", "password", "host", "port") if settings.get(key)}
    with psycopg.connect(**known, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])


def run(server: SmtpServer) -> Delivery:
    return deliver(worker="w", engine=engine(), transport=session(server), clock=clock_at())


def test_i4_an_outcome_that_could_not_be_written_is_written_when_the_database_is_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without the wait in `_leave`: the second message would be SENDING, and uncertain once its lease is over."""
    steps = 0

    def cut_before_the_third(**values: Any) -> Any:
        nonlocal steps
        steps += 1
        if steps == 3:
            cut_the_connection()
        return step(**values)

    monkeypatch.setattr(engine_module, "step", cut_before_the_third)
    with SmtpServer() as server:
        batch = released_batch(PLANNED)
        delivery = run(server)
    assert states(batch) == {"ACCEPTED": PLANNED}
    assert list(accepted_keys(server).values()) == [1] * PLANNED
    assert delivery.counts[NoticeState.ACCEPTED] == PLANNED


def test_i4_an_intent_whose_commit_was_not_answered_is_taken_back_as_nobody_was_spoken_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Fails without `_withdraw_doubtful`: the notice would stay SENDING, and nothing of it had left."""
    steps = 0

    def cut_after_the_second(**values: Any) -> Any:
        nonlocal steps
        steps += 1
        answer = step(**values)
        if steps == 2:
            cut_the_connection()
            raise psycopg.OperationalError("the answer was lost")
        return answer

    monkeypatch.setattr(engine_module, "step", cut_after_the_second)
    with SmtpServer() as server:
        batch = released_batch(PLANNED)
        run(server)
    assert states(batch) == {"ACCEPTED": PLANNED}
    assert list(accepted_keys(server).values()) == [1] * PLANNED
    lost = Attempt.objects.get(stage="CONNECT")
    assert (lost.number, lost.verdict) == (1, "DEFERRED")
    assert list(lost.notice.tries.order_by("number").values_list("verdict", flat=True)) == ["DEFERRED", "ACCEPTED"]


def test_a_database_that_stays_away_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails if `_leave` waited for ever: the worker would hold its process and say nothing."""
    monkeypatch.setattr(engine_module, "DATABASE_BACK_WITHIN", engine_module.BETWEEN_LOOKS)

    def gone(**_: Any) -> Any:
        connection.close()
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(engine_module, "step", gone)
    monkeypatch.setattr(DatabaseWrapper, "is_usable", lambda _: False)
    with SmtpServer() as server:
        released_batch(PLANNED)
        monkeypatch.setattr(engine_module, "return_claims", gone)
        with pytest.raises(psycopg.OperationalError, match="gone"):
            run(server)
    assert server.mails == []
