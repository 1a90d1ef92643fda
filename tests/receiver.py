"""A receiver of webhooks for tests, over a real socket, that answers as a test tells it to."""

from __future__ import annotations

import json
import ssl
import threading
import time
from collections import deque
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Message:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes

    @property
    def id(self) -> str:
        return self.headers["webhook-id"]

    def json(self) -> Any:
        return json.loads(self.body)


class Receiver:
    """Keeps every request. `answers`: the statuses to come (then 204); `delay`: seconds before each answer;
    `drip`: dribbles a header for ever instead of answering."""

    def __init__(self, *answers: int, delay: float = 0, drip: bool = False, tls: ssl.SSLContext | None = None) -> None:
        self.answers, self.delay, self.drip = deque(answers), delay, drip
        self.messages: list[Message] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                receiver.take(self)

            def log_message(self, *_: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        if tls:
            self._server.socket = tls.wrap_socket(self._server.socket, server_side=True)
        self.port = self._server.server_port
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook?k=1"

    def take(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length", 0)))
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.messages.append(Message(request.path, headers, body))
        if self.drip:
            self._drip(request)
            return
        time.sleep(self.delay)
        request.send_response(self.answers.popleft() if self.answers else 204)
        request.send_header("Location", f"http://127.0.0.1:{self.port}/elsewhere")
        request.end_headers()

    def _drip(self, request: BaseHTTPRequestHandler) -> None:
        try:
            while True:
                request.wfile.write(b"H")
                request.wfile.flush()
                time.sleep(0.02)
        except OSError:
            return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
