"""make run: two processes that begin and end together."""

import os
import signal
import subprocess
import sys
import time

import pytest

from settings.site_and_workers import main

SLEEP = [sys.executable, "-c", "import os, time; os.write(1, b'on\\n'); time.sleep(60)"]
FAIL = [sys.executable, "-c", "raise SystemExit(3)"]


def test_where_one_ends_the_other_is_ended(capfd: pytest.CaptureFixture[str]) -> None:
    begun = time.monotonic()
    assert main((SLEEP, FAIL)) == 3
    assert time.monotonic() - begun < 20
    assert "arrêt de l’autre" in capfd.readouterr().err


def test_ctrl_c_ends_both() -> None:
    script = f"from settings.site_and_workers import main; raise SystemExit(main(({SLEEP!r}, {SLEEP!r})))"
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout
        assert [process.stdout.readline() for _ in range(2)] == ["on\n", "on\n"]
        os.kill(process.pid, signal.SIGINT)
        assert process.stdout.read() == "", "both have closed their output: they have ended"
    assert process.returncode == 0
