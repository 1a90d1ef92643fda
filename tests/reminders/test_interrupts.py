"""Ctrl-C while a message is under way: it ends first, and nothing is uncertain that need not be."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import pytest

from reminders.models import Attempt
from reminders.rules.smtp_replies import SmtpReply
from reminders.sending import deliver as engine_module
from reminders.sending.interrupts import Interrupts, interrupts_taken
from reminders.sending.step import step
from tests.reminders.scenes import RecordingTransport, released_batch, send, states, verdicts


@pytest.fixture(params=[signal.SIGINT, signal.SIGTERM])
def number(request: pytest.FixtureRequest) -> Iterator[int]:
    before = signal.signal(request.param, signal.default_int_handler)
    yield request.param
    signal.signal(request.param, before)


@contextmanager
def interrupts_put_off() -> Iterator[None]:
    with interrupts_taken() as interrupts, interrupts:
        yield


def press(number: int) -> None:
    os.kill(os.getpid(), number)


def test_what_is_under_way_ends_and_then_comes_the_interrupt(number: int) -> None:
    done: list[str] = []

    def interrupted() -> None:
        with interrupts_put_off():
            press(number)
            done.append("inside")
        done.append("after")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == ["inside"]
    assert signal.getsignal(number) is signal.default_int_handler


def test_the_second_one_is_not_put_off(number: int) -> None:
    """Fails without `if came`: a person who presses again means it."""
    done: list[str] = []

    def interrupted() -> None:
        with interrupts_put_off():
            press(number)
            press(number)
            done.append("inside")

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert done == []
    assert signal.getsignal(number) is signal.default_int_handler


def test_between_two_messages_an_interrupt_comes_at_once_and_the_next_is_put_off_again(number: int) -> None:
    """Fails where what came for one message were kept for the next, or put off without a message."""
    done: list[str] = []

    def one_message(interrupts: Interrupts) -> None:
        with interrupts:
            press(number)
            done.append("inside")

    with interrupts_taken() as interrupts:
        for _ in "ab":
            with pytest.raises(KeyboardInterrupt):
                one_message(interrupts)
        with pytest.raises(KeyboardInterrupt):
            press(number)
    assert done == ["inside"] * 2
    assert signal.getsignal(number) is signal.default_int_handler


def test_an_error_inside_comes_out_as_itself(number: int) -> None:
    def failing() -> None:
        with interrupts_put_off():
            raise ValueError("inside")

    with pytest.raises(ValueError, match="inside"):
        failing()
    assert signal.getsignal(number) is signal.default_int_handler


def test_what_others_do_with_a_signal_stays_as_it_is() -> None:
    """A queue's worker ignores Ctrl-C, and another thread has no say in signals."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with interrupts_put_off():
            assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

    def in_a_thread() -> object:
        with interrupts_put_off():
            return signal.getsignal(signal.SIGINT)

    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with ThreadPoolExecutor(1) as pool:
            assert pool.submit(in_a_thread).result() is signal.default_int_handler
    finally:
        signal.signal(signal.SIGINT, before)


@pytest.mark.django_db(transaction=True)
def test_i4_ctrl_c_in_the_middle_of_a_dialogue_leaves_nothing_uncertain(number: int) -> None:
    """Fails without `with self.interrupts` in `_begin`: the message would be SENDING until its lease runs out, and then
    for a person to settle, though the server had answered."""
    batch = released_batch(4)

    def third(already: int) -> None:
        if already == 2:
            press(number)

    with pytest.raises(KeyboardInterrupt):
        send(RecordingTransport(before=third))
    assert (states(batch), verdicts(batch)) == ({"ACCEPTED": 3, "PLANNED": 1}, {"ACCEPTED": 3})


@pytest.mark.django_db(transaction=True)
def test_i4_ctrl_c_while_an_intent_is_being_committed_loses_no_outcome(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if only the dialogue were put off: the outcome that the commit takes along would be lost with it."""
    batch = released_batch(3)

    def second(**values: Any) -> tuple[int | None, bool]:
        if values["done"] and values["intent"]:
            press(number)
        return step(**values)

    monkeypatch.setattr(engine_module, "step", second)
    with pytest.raises(KeyboardInterrupt):
        send()
    assert states(batch) == {"ACCEPTED": 2, "PLANNED": 1}


@pytest.mark.django_db(transaction=True)
def test_i4_a_second_ctrl_c_ends_the_dialogue_and_its_message_may_have_left(number: int) -> None:
    batch = released_batch(2)

    class Stubborn(RecordingTransport):
        def send(self, *args: Any, **values: Any) -> SmtpReply:
            press(number)
            press(number)
            return super().send(*args, **values)

    with pytest.raises(KeyboardInterrupt):
        send(Stubborn())
    assert states(batch) == {"SENDING": 1, "PLANNED": 1}
    assert Attempt.objects.get().verdict == ""
