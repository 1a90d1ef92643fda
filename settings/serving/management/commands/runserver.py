"""Django's own server, which keeps no connection to the database when a visitor's is over."""

from __future__ import annotations

from typing import Any

from django.contrib.staticfiles.management.commands.runserver import Command as DjangoServer
from django.core.servers.basehttp import WSGIServer
from django.db import connections


class ClosingServer(WSGIServer):
    """Each visitor has a thread of its own, and nobody uses its connection again: a hundred of them fill PostgreSQL."""

    def close_request(self, request: Any) -> None:
        """Called in that thread, at its end."""
        connections.close_all()
        super().close_request(request)


class Command(DjangoServer):
    """Serve on this machine."""

    server_cls = ClosingServer
