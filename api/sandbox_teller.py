"""The sandbox's process tells its webhooks by itself, in a thread beside its answers: no worker runs there, and whoever
tries the API must see its messages come without asking anybody."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable
from typing import Any

from django.db import DatabaseError, connections

from api.tasks import tell_webhooks

logger = logging.getLogger(__name__)

EVERY = 5.0
"""Seconds between two looks at what waits for another try; what an act has just changed is told at once."""
READS = frozenset({"GET", "HEAD", "OPTIONS"})

Application = Callable[[dict[str, Any], Any], Iterable[bytes]]


class TellsWebhooks:
    """A WSGI application that answers as the one within, and tells what waits after each act and every few seconds.

    A server that forks its workers takes no thread along: each request looks whether there is one.
    """

    def __init__(self, within: Application, tell: Callable[[], object] = tell_webhooks) -> None:
        self._within, self._tell = within, tell
        self._ended, self._acted = threading.Event(), threading.Event()
        self._lock = threading.Lock()
        self._thread: threading.Thread | None = None

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Answer; then wake whoever tells, unless nothing can have changed."""
        self._see_to_it()
        try:
            return self._within(environ, start_response)
        finally:
            if environ.get("REQUEST_METHOD") not in READS:
                self._acted.set()

    def end(self) -> None:
        """Tell no more; waits for what is under way."""
        self._ended.set()
        self._acted.set()
        if self._thread:
            self._thread.join()

    def _see_to_it(self) -> None:
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._go_on, name="webhooks", daemon=True)
                self._thread.start()

    def _go_on(self) -> None:
        while not self._ended.is_set():
            self._acted.clear()
            try:
                self._tell()
            except DatabaseError:
                logger.warning("what waits cannot be told: the database does not answer", exc_info=True)
            finally:
                # Nobody else closes this thread's.
                connections.close_all()
            self._acted.wait(EVERY)
