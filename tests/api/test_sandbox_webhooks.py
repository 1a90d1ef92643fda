"""The sandbox tells its webhooks by itself: nobody runs a worker or a command there."""

from __future__ import annotations

import runpy
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from django.core.handlers.wsgi import WSGIHandler
from django.db import OperationalError

from api.sandbox_outcomes import Outcome
from api.sandbox_teller import TellsWebhooks
from api.webhook_delivery import deliver_webhooks
from api.webhook_transport import post
from tests.api.test_sandbox import Trial, in_sandbox  # noqa: F401 - this process as the sandbox's
from tests.receiver import Receiver

POST: dict[str, Any] = {"REQUEST_METHOD": "POST"}
GET: dict[str, Any] = {"REQUEST_METHOD": "GET"}
PATIENCE = 10.0


@pytest.fixture
def receiver(settings: Any) -> Iterator[Receiver]:
    settings.WEBHOOKS_TO_LOOPBACK = True
    with Receiver() as one:
        yield one


def within(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    return [b"answered"]


class Telling:
    """Counts how often it was asked to tell, and can be waited for."""

    def __init__(self, *errors: Exception) -> None:
        self.errors, self.told = list(errors), threading.Semaphore(0)
        self.threads: set[int] = set()

    def __call__(self) -> None:
        self.threads.add(threading.get_ident())
        self.told.release()
        if self.errors:
            raise self.errors.pop()

    def again(self) -> bool:
        return self.told.acquire(timeout=PATIENCE)


@pytest.mark.django_db(transaction=True)
def test_a_partner_gets_its_message_without_anybody_delivering(in_sandbox: None, receiver: Receiver) -> None:  # noqa: F811
    """Also where the webhook was asked for at a moved instant, months ahead of the real time. Fails without the
    thread, or where `next_at` is the moved instant, or where the key's end is compared with the real time."""
    tester = Trial()
    headers = {"Idempotency-Key": "k", "Sandbox-Now": "2026-12-30T09:00:00+01:00"}
    body = {"url": receiver.url}
    made = tester.post("/api/v1/webhooks/", body, content_type="application/json", headers=headers)
    assert made.status_code == 201, made.text
    telling = TellsWebhooks(within)
    try:
        list(telling(POST, None))
        number = tester.numbers[Outcome.DUE]
        address = f"/api/v1/intermediaries/{number}/"
        tag = tester.get(address).headers["ETag"]
        tester.patch(address, {"town": "Dinan"}, content_type="application/json", headers={"If-Match": tag})
        list(telling(POST, None))
        until = time.monotonic() + PATIENCE
        while not receiver.messages and time.monotonic() < until:
            time.sleep(0.01)
    finally:
        telling.end()
    assert receiver.messages[0].json()["data"]["orias_number"] == number


@pytest.mark.django_db
def test_keys_of_the_sandbox_are_judged_where_its_clock_stands(in_sandbox: None, receiver: Receiver) -> None:  # noqa: F811
    """In a year to come they are still good: fails where `_claim` compares their end with the real time."""
    tester = Trial()
    body = {"url": receiver.url}
    made = tester.post("/api/v1/webhooks/", body, content_type="application/json", headers={"Idempotency-Key": "k"})
    tester.post(
        f"{made.headers['Location']}test/", {}, content_type="application/json", headers={"Idempotency-Key": "t"}
    )
    told = deliver_webhooks(clock=lambda: datetime(2031, 1, 1, tzinfo=UTC), post=post, is_over=lambda: False)
    assert told.taken == 1


def test_it_tells_after_each_act_and_not_because_somebody_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("api.sandbox_teller.EVERY", 60.0)
    telling = Telling()
    within_it = TellsWebhooks(within, telling)
    assert list(within_it(GET, None)) == [b"answered"]
    assert telling.again()
    list(within_it(GET, None))
    assert not telling.told.acquire(timeout=0.05)
    list(within_it(POST, None))
    assert telling.again()
    within_it.end()
    assert len(telling.threads) == 1


def test_it_goes_on_after_a_database_that_was_away(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also by itself, without a request: what was not taken is tried again. Fails without the `except`."""
    monkeypatch.setattr("api.sandbox_teller.EVERY", 0.01)
    telling = Telling(OperationalError("away"))
    within_it = TellsWebhooks(within, telling)
    list(within_it(GET, None))
    assert telling.again()
    assert telling.again()
    within_it.end()


def test_the_sandboxs_process_is_the_one_that_tells(settings: Any) -> None:
    """Fails where settings.wsgi does not wrap it; the register's own has its workers."""
    assert isinstance(runpy.run_module("settings.wsgi")["application"], WSGIHandler)
    settings.SANDBOX = True
    assert isinstance(runpy.run_module("settings.wsgi")["application"], TellsWebhooks)
