"""Who sends: the name that a claim carries, so that a person can find the process that held it."""

from __future__ import annotations

import os
import secrets
import socket


def worker_name() -> str:
    """Machine, process and a random part: no two runs share a name, also where process numbers come round."""
    return f"{socket.gethostname()[:40]}:{os.getpid()}:{secrets.token_hex(4)}"
