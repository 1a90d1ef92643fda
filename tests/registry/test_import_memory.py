"""A large file takes no more memory than a small one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from settings.embedded import BASE_DIR
from tests.registry.register_files import row, written

IMPORT = """
import re, sys
import django
django.setup()
from datetime import datetime, UTC
from registry.intake.applying import apply_file
from registry.intake.reading import open_register
done = apply_file(open_register(sys.argv[1]), by=None, now=datetime(2026, 1, 29, 9, tzinfo=UTC))
# Not getrusage: its peak is also that of the process that started this one.
print(done.new, re.search(r"VmHWM:\\s+(\\d+) kB", open("/proc/self/status").read())[1])
"""

SMALL, LARGE = 1_500, 15_000
GROWTH_MB = 10


def peak_mb(path: Path, rows: int, env: dict[str, str]) -> float:
    """The peak memory of a process that imports the file of so many rows."""
    command = [sys.executable, "-c", IMPORT, str(path)]
    done = subprocess.run(command, cwd=BASE_DIR, env=env, capture_output=True, text=True, timeout=110, check=True)
    new, kilobytes = map(int, done.stdout.split())
    assert new == rows
    return kilobytes / 1024


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_ten_times_the_rows_take_less_than_ten_megabytes_more(database_env: dict[str, str], tmp_path: Path) -> None:
    """Fails if the rows, their verdicts or the ids of the touched were gathered in memory."""
    small, large = (
        peak_mb(written(tmp_path / f"{size}.csv", *(row(size + n) for n in range(size))), size, database_env)
        for size in (SMALL, LARGE)
    )
    assert large - small < GROWTH_MB, f"{small:.0f} MB, then {large:.0f} MB"
