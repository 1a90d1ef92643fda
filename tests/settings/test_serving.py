"""The server of `make run`: what a visitor's thread held of the database goes with it."""

from __future__ import annotations

import gc
import urllib.request
from collections.abc import Iterable
from socketserver import ThreadingMixIn
from threading import Thread
from typing import Any

import pytest
from django.core.management import get_commands
from django.core.servers.basehttp import WSGIRequestHandler
from django.db import connection

from settings.serving.management.commands.runserver import ClosingServer, Command


class Quiet(WSGIRequestHandler):
    def log_message(self, *_: Any) -> None:
        """Nothing."""


class Server(ThreadingMixIn, ClosingServer):
    """As `runserver` makes it, but that its end waits for those of its visitors' threads."""


@pytest.mark.django_db(transaction=True)
def test_no_connection_outlives_its_visitor() -> None:
    """Fails without `close_request`: they stayed until Python looked for garbage, and filled PostgreSQL."""
    held = []

    def site(_: Any, start: Any) -> Iterable[bytes]:
        connection.ensure_connection()
        held.append(connection.connection)
        start("200 OK", [("Content-Length", "2")])
        return [b"ok"]

    gc.disable()
    try:
        with Server(("127.0.0.1", 0), Quiet) as server:
            server.set_app(site)
            for _ in range(3):
                server.timeout = 5
                with urllib.request.urlopen(_answering(server)) as answer:  # noqa: S310
                    assert answer.read() == b"ok"
    finally:
        gc.enable()
    assert [one.closed for one in held] == [True, True, True]


def _answering(server: Server) -> str:
    Thread(target=server.handle_request, daemon=True).start()
    return f"http://127.0.0.1:{server.server_port}/"


def test_it_is_the_one_that_runserver_starts() -> None:
    assert get_commands()["runserver"] == "settings.serving"
    assert Command.server_cls is ClosingServer
