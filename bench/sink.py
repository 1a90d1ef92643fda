"""A mail server that accepts everything and keeps nothing but counts: lean, so that it is not what is measured.

`python -m bench.sink` prints its port, then serves; on SIGTERM it prints how many messages and distinct keys it took.
"""

from __future__ import annotations

import asyncio
import re
import signal

KEY = re.compile(rb"^X-Reminder-Key:\s*(\S+)", re.MULTILINE)


class Sink(asyncio.Protocol):
    """One connection: replies at once to whatever has arrived, so that pipelining works."""

    messages = 0
    keys: set[bytes] = set()  # noqa: RUF012

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = bytearray()
        self.in_data = self.ended = False
        self.transport.write(b"220 sink\r\n")

    def data_received(self, data: bytes) -> None:
        """Take commands and messages as they come."""
        self.buffer += data
        self.replies = b""
        while self._one():
            pass
        # In one write, as RFC 2920 (3.2) asks of a server: whoever waits for each reply sees no difference.
        if self.replies:
            self.transport.write(self.replies)
        if self.ended:
            self.transport.close()

    def _one(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n") if self.in_data else self.buffer.find(b"\r\n")
        if end < 0:
            return False
        if self.in_data:
            self._message(bytes(self.buffer[:end]))
            del self.buffer[: end + 5]
        else:
            self._command(bytes(self.buffer[:end]))
            del self.buffer[: end + 2]
        return True

    def _message(self, message: bytes) -> None:
        Sink.messages += 1
        if found := KEY.search(message):
            Sink.keys.add(found[1])
        self.in_data = False
        self.replies += b"250 2.0.0 kept\r\n"

    def _command(self, line: bytes) -> None:
        verb = line[:4].upper()
        if verb == b"EHLO":
            self.replies += b"250-sink\r\n250-8BITMIME\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n"
        elif verb == b"DATA":
            self.in_data = True
            self.replies += b"354 go\r\n"
        elif verb == b"QUIT":
            self.replies += b"221 2.0.0 bye\r\n"
            self.ended = True
        else:
            self.replies += b"250 2.0.0 ok\r\n"


async def serve() -> None:
    """Serve on a free loopback port until SIGTERM."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
    server.close()
    print(Sink.messages, len(Sink.keys), flush=True)


if __name__ == "__main__":
    asyncio.run(serve())
