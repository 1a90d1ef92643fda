"""Forms of pages sent twice at once, and codes asked for by many at once."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import monotonic, sleep
from typing import TypeVar

import pytest
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.test import RequestFactory

from tests.factories import NOW, UserFactory
from web.models import CodeAsked
from web.people.limits import PER_ADDRESS, note_code
from web.people.once import FIELD, act_once, new_token

T = TypeVar("T")
pytestmark = pytest.mark.django_db(transaction=True)


def one_waits() -> None:
    """Until somebody waits for a lock by name."""
    end = monotonic() + 20
    while monotonic() < end:
        with connection.cursor() as cursor:
            cursor.execute("SELECT FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
            if cursor.rowcount:
                return
        sleep(0.01)
    raise AssertionError("nobody waited")


def alone(work: Callable[[], T]) -> T:
    """In a thread of its own, with a connection of its own."""
    try:
        return work()
    finally:
        connection.close()


def test_the_second_half_of_a_double_click_goes_where_the_first_went() -> None:
    """Fails without `lock_name` in `act_once`: the second acts as well, and then finds the answer kept already."""
    marie: User = UserFactory()
    form = {FIELD: new_token()}
    inside, on = Event(), Event()
    acted: list[int] = []

    def act() -> str:
        acted.append(1)
        inside.set()
        assert on.wait(20)
        return "/recu/"

    def click() -> str:
        return act_once(RequestFactory().post("/renouveler/", form), marie, NOW, act)["Location"]

    with ThreadPoolExecutor(2) as pool:
        first = pool.submit(alone, click)
        assert inside.wait(20)
        second = pool.submit(alone, click)
        try:
            one_waits()
        finally:
            on.set()
        assert (first.result(), second.result(), acted) == ("/recu/", "/recu/", [1])


def test_who_asks_for_codes_at_once_is_counted_like_one_after_the_other() -> None:
    """Fails without `lock_name` in `web.people.limits`: each counts before the other has written."""
    address, most = "marie@cabinet.example", PER_ADDRESS[0][1]
    for _ in range(most - 1):
        assert note_code(address, "192.0.2.1", NOW)
    with ThreadPoolExecutor(1) as pool:
        with transaction.atomic():
            # The last that is allowed is noted, but not yet to be seen by others.
            assert note_code(address, "192.0.2.2", NOW)
            other = pool.submit(alone, lambda: note_code(address, "192.0.2.3", NOW))
            one_waits()
        assert (other.result(), CodeAsked.objects.count()) == (False, most)
