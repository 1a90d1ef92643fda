"""Ctrl-C, put off while a message is under way: its dialogue ends within its deadline, and its outcome is known.

Cut off between the commit of an intent and the server's answer, a message would be uncertain for nothing.
"""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def interrupts_put_off() -> Iterator[None]:
    """Raise KeyboardInterrupt after the block and not in it, the first time; the second time at once.

    Only where the signal would raise it, and in the main thread: what else is done with a signal stays as it is.
    """
    raised = [number for number in _ENDING if signal.getsignal(number) is signal.default_int_handler]
    if not raised or threading.current_thread() is not threading.main_thread():
        yield
        return
    came: list[int] = []

    def put_off(number: int, frame: FrameType | None) -> None:
        if came:
            signal.default_int_handler(number, frame)
        came.append(number)

    for number in raised:
        signal.signal(number, put_off)
    try:
        yield
    finally:
        for number in raised:
            signal.signal(number, signal.default_int_handler)
    if came:
        raise KeyboardInterrupt
