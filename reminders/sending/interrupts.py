"""Ctrl-C, put off while a message is under way: its dialogue ends within its deadline, and its outcome is known.

Cut off between the commit of an intent and the server's answer, a message would be uncertain for nothing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType, TracebackType

_ENDING = (signal.SIGINT, signal.SIGTERM)


class Interrupts:
    """What is done with a signal while it is in these hands; within a `with` block of it, it is put off."""

    __slots__ = ("_came", "_put_off")

    def __init__(self) -> None:
        self._put_off = self._came = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        """Raise KeyboardInterrupt, but for the first one that is put off."""
        if self._came or not self._put_off:
            signal.default_int_handler(number, frame)
        self._came = True

    def __enter__(self) -> None:
        self._came, self._put_off = False, True

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # First of all: whichever comes from now on raises by itself, and none is forgotten.
        self._put_off = False
        if self._came and kind is None:
            raise KeyboardInterrupt


@contextmanager
def interrupts_taken() -> Iterator[Interrupts]:
    """Take the signals in hand for as long as messages are sent: a system call for each message would be many.

    Only those that would raise KeyboardInterrupt, and in the main thread: what else is done with a signal stays as it
    is, and then nothing is put off.
    """
    interrupts = Interrupts()
    taken = [number for number in _ENDING if signal.getsignal(number) is signal.default_int_handler]
    if threading.current_thread() is not threading.main_thread():
        taken = []
    for number in taken:
        signal.signal(number, interrupts)
    try:
        yield interrupts
    finally:
        for number in taken:
            signal.signal(number, signal.default_int_handler)
