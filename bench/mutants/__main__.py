"""python -m bench.mutants: take each guard of the engine away in a copy of the tree; its test must fail.

Exit code 0 where every guard's test failed without it, 1 where one did not, or a guard is no longer found.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from bench.mutants.guards import GUARDS
from bench.mutants.table import Guard, NotFoundError

ROOT = Path(__file__).parent.parent.parent
SECONDS_A_TEST = 600
TESTS_FAILED = 1


def main() -> int:
    """Each guard in turn, or those whose names hold a word."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose name or file holds one of these")
    words = parser.parse_args().words
    chosen = [g for g in GUARDS if not words or any(word in f"{g.name} {g.file}" for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory:
        copy = copied(Path(directory) / "tree")
        survivors = [guard for guard in chosen if not is_seen(guard, copy)]
    for guard in survivors:
        print(f"SURVIVES: {guard.name}: {guard.test} passes without it")
    print(f"{len(chosen)} guards taken away, {len(chosen) - len(survivors)} missed by their tests")
    return 1 if survivors or not chosen else 0


def copied(to: Path) -> Path:
    """What would be committed, and the installed packages."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    return to


def is_seen(guard: Guard, copy: Path) -> bool:
    """Whether the guard's test fails in the copy without it."""
    started = time.monotonic()
    path = copy / guard.file if guard.file else None
    whole = path.read_text(encoding="utf-8") if path else ""
    try:
        if path:
            path.write_text(guard.cut(whole), encoding="utf-8")
        seen_by = failing(guard, copy)
    except NotFoundError as error:
        print(error)
        return False
    finally:
        if path:
            path.write_text(whole, encoding="utf-8")
    seen = f"seen by {seen_by}" if seen_by else "NOT SEEN"
    print(f"{guard.name}: {seen} ({time.monotonic() - started:.0f} s)", flush=True)
    return bool(seen_by)


def failing(guard: Guard, copy: Path) -> str:
    """Run the guard's test in the copy: the first test that failed, or nothing."""
    words = ["-q", "-x", "--tb=no", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "bench.mutants.unguarded"]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", *words, *guard.test.split()],
        cwd=copy,
        env={**os.environ, "UNGUARDED": guard.constraint, "PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        timeout=SECONDS_A_TEST,
        check=False,
    )
    failed = re.findall(r"^FAILED (\S+)", done.stdout, re.MULTILINE)
    if done.returncode != 0 and not (done.returncode == TESTS_FAILED and failed):
        raise NotFoundError(f"{guard.name}: the test could not be run: {done.stdout[-2000:]}{done.stderr[-500:]}")
    return failed[0] if failed else ""


if __name__ == "__main__":
    sys.exit(main())
