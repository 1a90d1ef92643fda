"""A hostile mail server: it takes most messages, and defers, refuses, hangs up or falls silent at others.

`python -m bench.torture.sink SEED MOODS MS` prints its port, then serves; MOODS is how many visits in 10,000 each mood
is drawn for, MS how long an acceptance takes. On SIGTERM it prints, as JSON, how often it took each notice
(X-Reminder-Key) and how often it was in each mood. A message is *taken* once its final dot has come and the server did
not refuse it, whether or not the client was told.
"""

from __future__ import annotations

import asyncio
import json
import random
import re
import signal
import sys
from collections import Counter

KEY = re.compile(rb"^X-Reminder-Key:\s*(\S+)", re.MULTILINE)
HANG_SECONDS = 600

BEFORE_ANY = ("refused_at_greeting",)
AT_RECIPIENT = ("deferred_at_recipient", "refused_address")
IN_MESSAGE = ("hung_up_before_the_dot",)
AT_DOT = ("deferred_at_dot", "refused_at_dot", "hung_up_after_the_dot", "silent_after_the_dot", "hung_up_after_reply")
LIMITED = {"refused_at_greeting": 2, "silent_after_the_dot": 2}
"""What costs a person's help or a minute of a worker's time happens so often at most."""

REPLIES = {
    "refused_at_greeting": b"421 4.3.2 shutting down\r\n",
    "deferred_at_recipient": b"450 4.2.1 try again later\r\n",
    "refused_address": b"550 5.1.1 no such user\r\n",
    "deferred_at_dot": b"451 4.3.0 try again later\r\n",
    "refused_at_dot": b"554 5.6.0 not like this\r\n",
}


class Moods:
    """Which mood a visit meets, drawn from the seed."""

    def __init__(self, seed: int, weights: dict[str, int]) -> None:
        self._random = random.Random(seed)
        self._weights = weights
        self.met: Counter[str] = Counter()

    def draw(self, among: tuple[str, ...]) -> str | None:
        """One of these moods, or None: the server behaves."""
        ticket = self._random.randrange(10_000)
        for mood in among:
            ticket -= self._weights.get(mood, 0)
            if ticket < 0 and self.met[mood] < LIMITED.get(mood, sys.maxsize):
                self.met[mood] += 1
                return mood
            if ticket < 0:
                return None
        return None


class Sink(asyncio.Protocol):
    """One connection."""

    moods: Moods
    answer_seconds = 0.0
    taken: Counter[str] = Counter()  # noqa: RUF012

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Greet, or not."""
        self.transport: asyncio.Transport = transport  # type: ignore[assignment]
        self.buffer = bytearray()
        self.in_message = self.deaf = False
        mood = self.moods.draw(BEFORE_ANY)
        self.transport.write(REPLIES[mood] if mood else b"220 sink\r\n")
        if mood:
            self._hang_up()

    def data_received(self, data: bytes) -> None:
        """Take commands and messages as they come."""
        self.buffer += data
        while not self.deaf and self._one():
            pass

    def _one(self) -> bool:
        end = self.buffer.find(b"\r\n.\r\n") if self.in_message else self.buffer.find(b"\r\n")
        if end < 0:
            return False
        read, skip = bytes(self.buffer[:end]), end + (5 if self.in_message else 2)
        del self.buffer[:skip]
        if self.in_message:
            self._message(read)
        else:
            self._command(read)
        return True

    def _command(self, line: bytes) -> None:
        match line[:4].upper():
            case b"EHLO":
                self.transport.write(b"250-sink\r\n250-ENHANCEDSTATUSCODES\r\n250 PIPELINING\r\n")
            case b"RCPT":
                mood = self.moods.draw(AT_RECIPIENT)
                self.refused = mood is not None
                self.transport.write(REPLIES[mood] if mood else b"250 2.1.5 ok\r\n")
            case b"DATA":
                self._data()
            case b"QUIT":
                self.transport.write(b"221 2.0.0 bye\r\n")
                self._hang_up()
            case _:
                self.transport.write(b"250 2.0.0 ok\r\n")

    def _data(self) -> None:
        if self.refused:
            self.transport.write(b"503 5.5.1 no valid recipients\r\n")
        elif self.moods.draw(IN_MESSAGE):
            self.transport.write(b"354 go\r\n")
            self._hang_up()
        else:
            self.in_message = True
            self.transport.write(b"354 go\r\n")

    def _message(self, message: bytes) -> None:
        self.in_message = False
        mood = self.moods.draw(AT_DOT)
        if mood in REPLIES:
            self.transport.write(REPLIES[mood])
            return
        found = KEY.search(message)
        self.taken[found[1].decode() if found else "without a key"] += 1
        if mood == "silent_after_the_dot":
            self.deaf = True
            asyncio.get_running_loop().call_later(HANG_SECONDS, self.transport.abort)
            return
        if mood == "hung_up_after_the_dot":
            self._hang_up()
        elif self.answer_seconds:
            asyncio.get_running_loop().call_later(self.answer_seconds, self._accept, mood)
        else:
            self._accept(mood)

    def _accept(self, mood: str | None) -> None:
        self.transport.write(b"250 2.0.0 kept\r\n")
        if mood:
            self._hang_up()

    def _hang_up(self) -> None:
        self.deaf = True
        self.transport.close()


async def serve(moods: Moods) -> None:
    """Serve on a free loopback port until SIGTERM."""
    Sink.moods = moods
    loop = asyncio.get_running_loop()
    server = await loop.create_server(Sink, "127.0.0.1", 0)
    done = asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, done.set)
    print(server.sockets[0].getsockname()[1], flush=True)
    await done.wait()
    server.close()
    print(json.dumps({"taken": Sink.taken, "moods": moods.met}), flush=True)


if __name__ == "__main__":
    Sink.answer_seconds = int(sys.argv[3]) / 1000
    asyncio.run(serve(Moods(int(sys.argv[1]), json.loads(sys.argv[2]))))
