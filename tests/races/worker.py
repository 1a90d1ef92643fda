"""A worker process that stops at a chosen point, says so on stdout, and waits to be killed or told to go on.

    python -m tests.races.worker POINT AFTER

It runs the real deliver() with the real SMTP session; AFTER messages go through first. Points: `claimed`, just before
the intent is committed; `intent`, between that commit and the first word to the server; `replied`, between the
server's answer and the commit of the outcome.
"""

from __future__ import annotations

import sys
from typing import Any

import django


def here() -> None:
    """Tell the parent, and wait for what it will do: a kill, or a line that means go on."""
    sys.stdout.write("here\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        raise SystemExit("nobody killed this worker")


def main(point: str, after: int) -> None:
    """Deliver until the point is reached."""
    from django.conf import settings  # noqa: PLC0415

    from registry import clock  # noqa: PLC0415
    from reminders.config import engine_settings  # noqa: PLC0415
    from reminders.sending import deliver as engine  # noqa: PLC0415
    from reminders.sending.step import step  # noqa: PLC0415
    from reminders.sending.transport import SmtpSession  # noqa: PLC0415

    class Stopping(SmtpSession):
        sent = 0

        def send(self, *args: Any, **values: Any) -> Any:
            if point == "intent" and self.sent == after:
                here()
            reply = super().send(*args, **values)
            if point == "replied" and self.sent == after:
                here()
            self.sent += 1
            return reply

    transport = Stopping(settings.SMTP)

    def stopping_step(**values: Any) -> Any:
        if point == "claimed" and values["intent"] and transport.sent == after:
            here()
        return step(**values)

    setattr(engine, "step", stopping_step)  # noqa: B010
    engine.deliver(worker="doomed", engine=engine_settings(), transport=transport, clock=clock.now)
    sys.stdout.write("done\n")


if __name__ == "__main__":
    django.setup()
    main(sys.argv[1], int(sys.argv[2]))
