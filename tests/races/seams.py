"""The seams of a delivery: every place at which the engine changes something outside its process, called by name.

An effect is a statement that writes, a commit, a write or fsync of the journal, a word said to the mail server or
heard from it. It is named by the function of the engine that has it done: `claim.claim statement`,
`journal.intend fsync`. Nothing in the engine knows of this: what it calls is wrapped from outside.
"""

from __future__ import annotations

import fcntl
import os
import re
import stat
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import FrameType
from typing import Any
from unittest.mock import patch

from django.db import connection
from django.db.backends.postgresql.base import DatabaseWrapper

from reminders.sending.prepared import Prepared
from reminders.sending.wire import Wire

HALF = ", half of it"
_WRITES = re.compile(r"\b(INSERT|UPDATE|DELETE|MERGE|TRUNCATE)\b(?! OF\b)", re.IGNORECASE)
_SEES_THROUGH = frozenset(f"reminders.sending.{name}" for name in ("files", "prepared", "wire"))
_SPECIAL = {b".\r\n": "dot", b"rset\r\n": "reset"}

At = Callable[[str], None]


@contextmanager
def watched(before: At, after: At, wants: Callable[[str], bool] = lambda _: False) -> Iterator[set[str]]:
    """Call `before` and `after` round each effect that the engine has in this thread, with its name.

    Where `wants` says so of a write's name with HALF, half of it is written and `after` called with that name. Gives
    the functions that were seen at work, filled as they are.
    """
    seams = _Seams(before, after, wants)
    with ExitStack() as stack:
        for place, name, wrapped in seams.wrapped():
            stack.enter_context(patch.object(place, name, wrapped))
        stack.enter_context(connection.execute_wrapper(seams.statement))
        yield seams.functions


class _Seams:
    def __init__(self, before: At, after: At, wants: Callable[[str], bool]) -> None:
        self.before, self.after, self.wants = before, after, wants
        self.functions: set[str] = set()
        self.thread = threading.get_ident()

    def wrapped(self) -> Iterator[tuple[Any, str, Any]]:
        yield Prepared, "row", self._step(Prepared.row)
        yield DatabaseWrapper, "_commit", self._plain("commit", DatabaseWrapper._commit)  # type: ignore[attr-defined]
        for name in ("replace", "ftruncate"):
            yield os, name, self._plain(name, getattr(os, name))
        yield os, "open", self._opened(os.open)
        yield os, "fsync", self._synced(os.fsync)
        yield os, "write", self._written(os.write)
        yield fcntl, "flock", self._plain("flock", fcntl.flock)
        for name, verb in (("open", "connect"), ("read_reply", "heard"), ("close", "hang up")):
            yield Wire, name, self._plain(verb, getattr(Wire, name))
        yield Wire, "write", self._said(Wire.write)

    def statement(self, execute: Any, sql: str, params: Any, many: bool, context: Mapping[str, Any]) -> Any:
        if not _WRITES.search(sql):
            return execute(sql, params, many, context)
        return self._around("statement", lambda: execute(sql, params, many, context))

    def _plain(self, verb: str, real: Any) -> Any:
        def wrapped(*args: Any, **values: Any) -> Any:
            return self._around(verb, lambda: real(*args, **values))

        return wrapped

    def _step(self, real: Any) -> Any:
        def wrapped(prepared: Any, values: Mapping[str, Any]) -> Any:
            parts = [part for part, key in (("outcome", "done_id"), ("intent", "id")) if values.get(key) is not None]
            return self._around(" and ".join(parts), lambda: real(prepared, values))

        return wrapped

    def _opened(self, real: Any) -> Any:
        def wrapped(path: str | Path, flags: int, *args: Any, **values: Any) -> int:
            made = bool(flags & os.O_CREAT) and _of_the_engine()
            act = lambda: real(path, flags, *args, **values)  # noqa: E731
            return self._around("open", act) if made else act()

        return wrapped

    def _synced(self, real: Any) -> Any:
        def wrapped(descriptor: int) -> None:
            of = " directory" if stat.S_ISDIR(os.fstat(descriptor).st_mode) else ""
            self._around(f"fsync{of}", lambda: real(descriptor))

        return wrapped

    def _written(self, real: Any) -> Any:
        def wrapped(descriptor: int, data: bytes) -> int:
            half = lambda: real(descriptor, data[: len(data) // 2])  # noqa: E731
            return self._around("write", lambda: real(descriptor, data), half)

        return wrapped

    def _said(self, real: Any) -> Any:
        def wrapped(wire: Wire, data: bytes, seconds: float, *, more: bool = False) -> None:
            half = lambda: real(wire, data[: len(data) // 2], seconds)  # noqa: E731
            verb = "body" if more else _SPECIAL.get(data, "said")
            self._around(verb, lambda: real(wire, data, seconds, more=more), half if more else None)

        return wrapped

    def _around(self, verb: str, act: Callable[[], Any], half: Callable[[], Any] | None = None) -> Any:
        function = _of_the_engine() if threading.get_ident() == self.thread else None
        if function is None:
            return act()
        self.functions.add(_innermost())
        name = f"{function} {verb}"
        self.before(name)
        if half and self.wants(name + HALF):
            half()
            self.after(name + HALF)
        answer = act()
        self.after(name)
        return answer


def _of_the_engine() -> str | None:
    """The function by which the engine entered the module at work, with the point of the dialogue where there is one;
    None where something else than the engine is at work."""
    frame: FrameType | None = sys._getframe(2)
    while frame and not _module(frame):
        frame = frame.f_back
    if frame is None:
        return None
    module, entry, above = _module(frame), frame, frame.f_back
    while above and _module(above) in (module, ""):
        entry, above = (above if _module(above) else entry), above.f_back
    name = f"{module.rpartition('.')[2]}.{entry.f_code.co_qualname.rpartition('.')[2]}"
    return f"{name} {entry.f_locals['self']._stage.value}" if name == "transport.send" else name


def _module(frame: FrameType) -> str:
    """Its module, where that is the engine's own; a statement's wrappers and smtplib are seen through."""
    name: str = frame.f_globals.get("__name__", "")
    return name if name.startswith("reminders.") and name not in _SEES_THROUGH else ""


def _innermost() -> str:
    """The engine's function nearest to what is done, as `journal.Journal._write`."""
    frame: FrameType | None = sys._getframe(2)
    while frame and not _module(frame):
        frame = frame.f_back
    assert frame is not None
    return f"{_module(frame).rpartition('.')[2]}.{frame.f_code.co_qualname}"
