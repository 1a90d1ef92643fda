"""Test runs without their start: one process that has imported what no guard is in, and forks for each run.

    python -m bench.mutants.runner

A job is a line of JSON on stdin: the words for pytest, the constraint to drop, the seconds it may take. Its answer is
one too: pytest's exit code (-1 where time was over), the first test that failed and what it said, and the output's end.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import tempfile
import time
import traceback
from contextlib import suppress
from importlib import import_module
from typing import Any

import pytest

from settings.embedded import BASE_DIR, Cluster, ensure_running

FIRST = (
    "django.db.models", "django.test", "django.template.loader", "django.forms", "django.db.backends.postgresql.base",
    "psycopg", "lxml.etree", "cryptography.x509",
)  # fmt: skip
TIME_IS_OVER = -1
TOLD = 300


class Failures:
    """A plugin of pytest's that keeps the first test that failed in its own body."""

    def __init__(self) -> None:
        """Nothing has failed."""
        self.first, self.said = "", ""

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """A fault of the setup is not a test that failed."""
        if report.failed and report.when == "call" and not self.first:
            crash = getattr(report.longrepr, "reprcrash", None)
            self.first, self.said = report.nodeid, str(crash and crash.message)[:TOLD]


def run(job: dict[str, Any]) -> dict[str, Any]:
    """One run in this process."""
    os.environ["UNGUARDED"] = job["constraint"]
    failures = Failures()
    code = pytest.main(job["words"], plugins=[failures])
    return {"code": int(code), "failed": failures.first, "said": failures.said}


def fork(job: dict[str, Any]) -> dict[str, Any]:
    """One run in a process of its own: its answer, or that its time was over."""
    with tempfile.TemporaryFile("w+") as output, tempfile.TemporaryFile("w+") as answer:
        pid = os.fork()
        if pid == 0:
            os.setsid()
            for descriptor in (1, 2):
                os.dup2(output.fileno(), descriptor)
            try:
                json.dump(run(job), answer)
                answer.flush()
            except BaseException:  # noqa: BLE001
                traceback.print_exc()
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(0)
        ended = _wait(pid, job["seconds"])
        answer.seek(0)
        output.seek(0)
        written = answer.read()
        told: dict[str, Any] = json.loads(written) if ended and written else {"code": TIME_IS_OVER, "failed": ""}
        return {"said": "", **told, "output": output.read()[-2000:]}


def _wait(pid: int, seconds: float) -> bool:
    """Whether it ended in time; else it and what it started are killed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if os.waitpid(pid, os.WNOHANG)[0]:
            return True
        time.sleep(0.05)
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    return False


def main() -> None:
    """Do jobs until there are no more; the server of the tests runs as long."""
    for name in FIRST:
        with suppress(ImportError):
            import_module(name)
    ensure_running(Cluster(BASE_DIR / "var" / "postgres-test", durable=False))
    for line in sys.stdin:
        print(json.dumps(fork(json.loads(line))), flush=True)


if __name__ == "__main__":
    main()
