"""Processes of their own on the test's database, and what a real mail server got from them."""

from __future__ import annotations

import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from reminders.sending.transport import SmtpSession
from settings.embedded import BASE_DIR
from settings.mail import SmtpSettings
from tests.factories import NOW
from tests.reminders.scenes import header
from tests.smtp_server import SmtpServer

PATIENCE = 45.0


def worker_env(database_env: Mapping[str, str], server: SmtpServer) -> dict[str, str]:
    """The environment of a worker: the scene's instant, no window, no steps, the test's mail server."""
    return {
        **database_env,
        "REGISTER_NOW": NOW.isoformat(),
        "SMTP_URL": f"smtp://{server.host}:{server.port}",
        "SEND_WINDOW": "always",
        "RELEASE_STEPS": "none",
        "PACE_PER_HOUR": "0",
        "PYTHONWARNINGS": "ignore",
    }


@contextmanager
def running(*arguments: str, env: Mapping[str, str], **options: Any) -> Iterator[subprocess.Popen[str]]:
    """Python with these arguments, in the project's directory; killed at the end if it still runs."""
    with subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=dict(env),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    ) as process:
        try:
            yield process
        finally:
            process.kill()


def session(server: SmtpServer) -> SmtpSession:
    """The real transport, to a test's server."""
    return SmtpSession(SmtpSettings(server.host, server.port))


def accepted_keys(server: SmtpServer) -> Counter[str]:
    """How often the server has accepted each notice."""
    return Counter(header(mail.data, "X-Reminder-Key") for mail in server.mails if mail.accepted)
