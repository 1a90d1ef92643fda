"""python -m bench.mutants: take each guard of the engine away in a copy of the tree; its test must fail.

Exit code 0 where every guard's test failed without it, 1 where one did not, or a guard is no longer found.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.mutants.guards import GUARDS
from bench.mutants.table import Guard, NotFoundError

ROOT = Path(__file__).parent.parent.parent
SECONDS_A_GUARD = 120
SECONDS_IN_ALL = 3600
"""For all of their tests, once, with every guard in its place."""
WORDS = ("-q", "-x", "--tb=short", "-p", "no:randomly", "-p", "no:cacheprovider", "-p", "bench.mutants.unguarded")
TESTS_FAILED = 1


def main() -> int:
    """Each guard in turn, or those whose names hold a word."""
    parser = argparse.ArgumentParser(prog="python -m bench.mutants", description=__doc__)
    parser.add_argument("words", nargs="*", help="only guards whose name or file holds one of these")
    words = parser.parse_args().words
    chosen = [g for g in GUARDS if not words or any(word in f"{g.name} {g.file}" for word in words)]
    with tempfile.TemporaryDirectory(prefix="mutants-") as directory, tree(Path(directory) / "tree") as copy:
        if not copy.is_sound(chosen):
            return 1
        survivors = [guard for guard in chosen if not copy.misses(guard)]
    for guard in survivors:
        print(f"SURVIVES: {guard.name}: {guard.test} passes without it")
    print(f"{len(chosen)} guards taken away, {len(chosen) - len(survivors)} seen to be gone by their tests")
    return 1 if survivors or not chosen else 0


@dataclass
class Tree:
    """A copy of the project, and a process that runs tests in it."""

    path: Path
    runner: subprocess.Popen[str]

    def is_sound(self, guards: list[Guard]) -> bool:
        """Whether the tests pass while every guard is there: a test that fails anyway tells nothing."""
        tests = list(dict.fromkeys(test for guard in guards for test in guard.test.split()))
        told = self._ask(tests, "", SECONDS_IN_ALL)
        if told["code"] != 0:
            why = f"{told['failed']}: {told['said']}" if told["failed"] else "they could not be run to their end"
            print(f"No guard was taken away, because with all of them the tests do not pass: {why}\n{told['output']}")
        return bool(told["code"] == 0)

    def misses(self, guard: Guard) -> bool:
        """Whether the guard's test fails without it."""
        started = time.monotonic()
        path = self.path / guard.file if guard.file else None
        whole = path.read_text(encoding="utf-8") if path else ""
        try:
            if path:
                path.write_text(guard.cut(whole), encoding="utf-8")
            told = self._failing(guard)
        except NotFoundError as error:
            print(error, flush=True)
            return False
        finally:
            if path:
                path.write_text(whole, encoding="utf-8")
        seen = f"seen by {told['failed']} ({' '.join(told['said'].split())})" if told["failed"] else "NOT SEEN"
        print(f"{guard.name}: {seen} {time.monotonic() - started:.0f} s", flush=True)
        return bool(told["failed"])

    def _failing(self, guard: Guard) -> dict[str, Any]:
        told = self._ask(guard.test.split(), guard.constraint, SECONDS_A_GUARD)
        if told["code"] != 0 and not (told["code"] == TESTS_FAILED and told["failed"]):
            raise NotFoundError(f"{guard.name}: the test could not be run to its end: {told['output']}")
        return told

    def _ask(self, tests: list[str], constraint: str, seconds: int) -> dict[str, Any]:
        assert self.runner.stdin is not None
        assert self.runner.stdout is not None
        job = {"words": [*WORDS, *tests], "constraint": constraint, "seconds": seconds}
        self.runner.stdin.write(json.dumps(job) + "\n")
        self.runner.stdin.flush()
        told: dict[str, Any] = json.loads(self.runner.stdout.readline())
        return told


@contextmanager
def tree(to: Path) -> Iterator[Tree]:
    """What would be committed, compiled, and its runner."""
    command = ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    for name in filter(None, listed.stdout.split("\0")):
        if (ROOT / name).is_file():
            (to / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, to / name)
    # A mutant's own code is written to no cache: the next one would run it.
    subprocess.run(
        [sys.executable, "-m", "compileall", "-q", "registry", "reminders", "hotline", "settings", "web"],
        cwd=to,
        check=True,
    )
    with subprocess.Popen(
        [sys.executable, "-m", "bench.mutants.runner"],
        cwd=to,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as runner:
        yield Tree(to, runner)
        assert runner.stdin is not None
        runner.stdin.close()


if __name__ == "__main__":
    sys.exit(main())
