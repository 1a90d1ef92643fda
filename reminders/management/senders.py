"""Processes that deliver side by side for `manage.py deliver`: each a worker of its own, their accounts added up."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from registry.management.console import progress
from reminders.rules.states import NoticeState
from reminders.sending.deliver import Halt
from reminders.sending.standing import waiting

MANAGE = Path(__file__).resolve().parents[2] / "manage.py"
TOLD = {
    "accepted": NoticeState.ACCEPTED,
    "skipped": NoticeState.SKIPPED,
    "refused": NoticeState.REFUSED,
    "uncertain": NoticeState.UNCERTAIN,
    "deferred": NoticeState.DEFERRED,
    "expired": NoticeState.EXPIRED,
    "cancelled": NoticeState.CANCELLED,
}
"""How the account names the states that a delivery gives."""


@dataclass(slots=True)
class Account:
    """What was done, why it stopped early if it did, and the last words of processes that gave no account."""

    counts: Counter[NoticeState] = field(default_factory=Counter)
    halt: Halt | None = None
    detail: str = ""
    lost: list[str] = field(default_factory=list)

    def add(self, other: Account) -> None:
        """Put another's account to this one; the later word on why it stopped is the one that counts."""
        self.counts.update(other.counts)
        self.halt, self.detail = other.halt, other.detail
        self.lost += other.lost


def deliver_in_processes(number: int, look: Callable[[], None], *, batch_id: int | None, until_empty: bool) -> Account:
    """Run so many processes to their end and add up their accounts; `look` is called now and then meanwhile."""
    words = ["deliver", "--workers", "1", "--no-watch", "--json", "--parent", str(os.getpid())]
    words += ["--until-empty"] if until_empty else []
    words += ["--batch", str(batch_id)] if batch_id else []
    children = [_Child(words) for _ in range(number)]
    try:
        _watch(children, look, batch_id)
        return _sum(children)
    finally:
        for child in children:
            child.end()


def ends_with(parent: int) -> Callable[..., None]:
    """What a process that has a parent calls between two messages: without it nobody watches, so it ends as after
    Ctrl-C."""

    def look(*_: object) -> None:
        if os.getppid() != parent:
            raise KeyboardInterrupt

    return look


class _Child:
    """One process; what it writes goes to files, so that it never waits for us to read."""

    def __init__(self, words: Sequence[str]) -> None:
        self._out, self._err = TemporaryFile(), TemporaryFile()  # noqa: SIM115 (closed by `end`)
        # A session of its own: Ctrl-C reaches this process alone, which then tells each child once.
        self.process = subprocess.Popen(  # noqa: S603
            [sys.executable, str(MANAGE), *words], stdout=self._out, stderr=self._err, start_new_session=True
        )

    def account(self) -> Account:
        """Its account, or its last words where it ended without one."""
        self.process.wait()
        told = _read(self._out)
        if not told.strip():
            return Account(lost=[_last_line(_read(self._err)) or f"code {self.process.returncode}"])
        report = json.loads(told)
        counts = Counter({state: report[name] for name, state in TOLD.items()})
        return Account(counts, Halt(report["halt"]) if report["halt"] else None, report["detail"])

    def end(self) -> None:
        """Have it put its notices in order and end, as after Ctrl-C, where it still runs."""
        with self.process, self._out, self._err:
            if self.process.poll() is None:
                self.process.send_signal(signal.SIGINT)


def _watch(children: list[_Child], look: Callable[[], None], batch_id: int | None) -> None:
    left = waiting(batch_id)
    with progress("Envoi", total=left) as advance:
        while any(child.process.poll() is None for child in children):
            time.sleep(0.3)
            look()
            now_left = waiting(batch_id)
            advance(max(0, left - now_left))
            left = min(left, now_left)


def _sum(children: list[_Child]) -> Account:
    total = Account()
    # Those that were stopped last: what stopped one is the word on all.
    for account in sorted((child.account() for child in children), key=lambda a: a.halt is not None):
        total.add(account)
    return total


def _read(file: IO[bytes]) -> str:
    file.seek(0)
    return file.read().decode("utf-8", "replace")


def _last_line(text: str) -> str:
    lines = text.strip().splitlines()
    return lines[-1] if lines else ""
