"""``make run``: the site and the workers together, until Ctrl-C ends both."""

from __future__ import annotations

import signal
import subprocess
import sys
import time

from settings.embedded import BASE_DIR

SITE = [sys.executable, "manage.py", "runserver", "--noreload", "127.0.0.1:8000"]
WORKERS = [sys.executable, "manage.py", "qcluster"]
STOP_SECONDS = 30.0


def main(commands: tuple[list[str], ...] = (SITE, WORKERS)) -> int:
    """Run until one of them ends or a person ends both; return 0 in the latter case, else a failure."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    # Sessions of their own: Ctrl-C reaches only this process. A django-q2 cluster whose workers are told to
    # end beside their main process hangs, so only the main process is told.
    running = [subprocess.Popen(command, cwd=BASE_DIR, start_new_session=True) for command in commands]  # noqa: S603
    try:
        code = _first_to_end(running)
        sys.stderr.write("L’un des deux, site ou exécutants, s’est arrêté (voyez plus haut)\u00a0: arrêt de l’autre.\n")
        return code or 1
    except KeyboardInterrupt:
        return 0
    finally:
        for process in running:
            _end(process)


def _first_to_end(running: list[subprocess.Popen[bytes]]) -> int:
    while True:
        for process in running:
            code = process.poll()
            if code is not None:
                return code
        time.sleep(0.2)


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is not None:
        return
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


if __name__ == "__main__":
    sys.exit(main())
