"""The site after the story, on the loopback interface, until Ctrl-C."""

from __future__ import annotations

import errno
from typing import Any

from django.core.servers.basehttp import (
    ThreadedWSGIServer,
    WSGIRequestHandler,
    get_internal_wsgi_application,
)

from web.demo.errors import DemoError

HOST, PORT, PORTS = "127.0.0.1", 8000, 10


class _Handler(WSGIRequestHandler):
    """Answers without a line for each request: the story stays on the screen."""

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Say nothing."""


class Site:
    """The site's port, taken before the story begins, because the mails' links name it."""

    def __init__(self, wanted: int = PORT) -> None:
        """Take `wanted`, or the first free port after it. Raises DemoError where all of ten are taken."""
        self._server = _listen(wanted)
        self.port: int = self._server.server_port
        self.is_elsewhere = self.port != wanted

    @property
    def url(self) -> str:
        """Where it is."""
        return f"http://{HOST}:{self.port}"

    def serve(self) -> None:
        """Answer until Ctrl-C."""
        self._server.set_app(get_internal_wsgi_application())
        try:
            self._server.serve_forever()
        except KeyboardInterrupt:
            return

    def close(self) -> None:
        """Give the port back."""
        self._server.server_close()


def _listen(wanted: int) -> ThreadedWSGIServer:
    for port in range(wanted, wanted + PORTS):
        try:
            return ThreadedWSGIServer((HOST, port), _Handler)
        except OSError as error:
            if error.errno not in {errno.EADDRINUSE, errno.EACCES}:
                raise
    raise DemoError(
        f"Les ports {wanted} à {wanted + PORTS - 1} de {HOST} sont tous pris : libérez-en un, ou lancez "
        "make demo SERVE=0, qui s’en passe."
    )
