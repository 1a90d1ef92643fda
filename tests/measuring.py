"""Which lines and branches the tests run: `pytest -p tests.measuring` measures, and judges where all tests ran.

By instrumented bytecode (slipcover): Python 3.11's tracing halves the speed of everything it watches. Each process
of pytest-xdist measures what it runs; what processes of the tests' own run is not seen.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from fnmatch import fnmatch
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from types import FunctionType
from typing import Any

import pytest
from slipcover import FileMatcher, ImportManager, Slipcover, merge_coverage

ROOT = Path(__file__).parent.parent
PACKAGES = ("registry", "reminders", "hotline", "api", "web", "settings")
MEASURED = [str(ROOT / name) for name in PACKAGES]
# The keeper and its server run in processes of their own that are killed on purpose: tests/settings proves them. wsgi
# is read by gunicorn alone.
OMITTED = [
    "*/migrations/*",
    "*/settings/embedded_keeper.py",
    "*/settings/embedded_server.py",
    "*/settings/wsgi.py",
]
NOT_COUNTED = ["if TYPE_CHECKING:", "@abstractmethod", r"assert_never\("]
LEAST = {"*/rules/*": 100.0, "*": 90.0}
"""The least percentage of lines and branches, by pattern of a file's path."""

PLACE = "COVERAGE_PLACE"
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "")

FIRST = WORKER in ("", "gw0")
"""Who also looks for the files that nobody loaded: reading them takes seconds, and once is enough."""

if not WORKER:
    os.environ[PLACE] = mkdtemp(prefix="coverage-")
_seen = Slipcover(branch=True, source=MEASURED if FIRST else None, omit=OMITTED, exclude_also=NOT_COUNTED)


def _functions(items: Iterable[object], seen: set[object]) -> list[FunctionType]:
    """The functions among these and in the measured packages' own classes, each once.

    In place of slipcover's, which takes each class of every library apart, attribute by attribute, whenever lines that
    were seen are given back their plain code: a twentieth of the suite's time.
    """
    found: list[FunctionType] = []
    for item in items:
        inner = item.__func__ if isinstance(item, (classmethod, staticmethod)) else item
        if type(inner) is FunctionType and inner not in seen:
            seen.add(inner)
            found.append(inner)
        elif isinstance(inner, type) and inner not in seen and _is_measured(inner):
            seen.add(inner)
            found += _functions(vars(inner).values(), seen)
    return found


def _is_measured(known: type) -> bool:
    return str(vars(known).get("__module__")).partition(".")[0] in PACKAGES


Slipcover.find_functions = staticmethod(_functions)  # type: ignore[method-assign]


@pytest.hookimpl(wrapper=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Generator[None, Any, Any]:
    """Before Django is loaded: watch what is imported from now on. The controller of xdist's processes runs no test."""
    if WORKER or not early_config.known_args_namespace.numprocesses:
        ImportManager(_seen, FileMatcher(sources=MEASURED, omit=OMITTED)).__enter__()
    return (yield)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In a process of xdist: leave what was run. In the controller, which ends last: put all together and judge."""
    if WORKER:
        Path(os.environ[PLACE], f"{WORKER}.json").write_text(json.dumps(_seen.get_coverage()), encoding="utf-8")
        return
    session.config.stash[_TOLD] = told = list(_judged(_files()))
    if _all_ran(session.config) and any(short for _, short in told) and not session.exitstatus:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Name the files that are not wholly run, then the percentages."""
    terminalreporter.section("coverage of lines and branches")
    for line, short in config.stash.get(_TOLD, []):
        terminalreporter.line(line, red=short)


_TOLD = pytest.StashKey[list[tuple[str, bool]]]()


def _all_ran(config: pytest.Config) -> bool:
    """Part of the tests is no measure of what they all run."""
    option = config.option
    return config.args == config.getini("testpaths") and not (option.keyword or option.markexpr or option.lf)


def _files() -> dict[str, Any]:
    """What this process and those of xdist saw."""
    place = Path(os.environ[PLACE])
    parts = [json.loads(part.read_text(encoding="utf-8")) for part in place.glob("*.json")] or [_seen.get_coverage()]
    rmtree(place)
    whole = parts[0]
    for part in parts[1:]:
        merge_coverage(whole, part)
    files: dict[str, Any] = whole["files"]
    return files


def _judged(files: dict[str, Any]) -> list[tuple[str, bool]]:
    """A line for each file with something that was not run, then one for each pattern; and whether it falls short."""
    lines = [(_missing(name, files[name]), False) for name in sorted(files) if _percentage([files[name]]) < 100]
    for pattern, least in LEAST.items():
        reached = _percentage([found for name, found in files.items() if fnmatch(name, pattern)])
        lines.append((f"{pattern:12} {reached:6.2f} % (at least {least:.0f} %)", reached < least))
    return lines


def _percentage(files: list[dict[str, Any]]) -> float:
    done, missing = (sum(len(f[f"{what}_lines"]) + len(f[f"{what}_branches"]) for f in files) for what in PARTS)
    return 100 * done / (done + missing) if done + missing else 100.0


PARTS = ("executed", "missing")


def _missing(name: str, found: dict[str, Any]) -> str:
    branches = [f"{a}->{b or 'exit'}" for a, b in found["missing_branches"] if a not in found["missing_lines"]]
    return f"{name} {_percentage([found]):.0f} %: {', '.join([*map(str, found['missing_lines']), *branches])}"
