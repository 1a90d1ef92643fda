"""The house keeps its shape: imports go one way, the clock is read at the edges, functions stay small."""

import ast
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

BASE_DIR = Path(__file__).resolve().parent.parent
APPS = ("registry", "reminders", "hotline", "api", "web", "settings")
LONGEST_MODULE = 350
LONGEST_FUNCTION = 45

CLOCK_READERS = {
    "registry/clock.py",
    "reminders/tasks.py",
    "*/management/commands/*",
    "*/admin.py",
    "*/admin/*",
    "api/v1/*",
    "api/tasks.py",
    "api/views.py",
    "web/access.py",
    "web/views*",
    "tests/**",
    "bench/**",
}


def modules(*roots: str) -> Iterator[Path]:
    for root in roots:
        for path in sorted((BASE_DIR / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path


def functions(path: Path) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def lint_imports(directory: Path, cache: Path | None = None) -> subprocess.CompletedProcess[str]:
    """With a cache, only modules that have changed since are read again."""
    kept = f"cache_dir={str(cache)!r}" if cache else "no_cache=True"
    script = f"from importlinter.cli import lint_imports; raise SystemExit(lint_imports({kept}))"
    command = [sys.executable, "-c", script]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False)


def lint(directory: Path, *paths: str) -> str:
    command = [sys.executable, "-m", "ruff", "check", "--no-cache", "--output-format=concise", *paths]
    return subprocess.run(command, cwd=directory, capture_output=True, text=True, check=False).stdout


@pytest.fixture(scope="module")
def copy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the project to plant faults in."""
    directory = tmp_path_factory.mktemp("copy")
    ignored = shutil.ignore_patterns("__pycache__", "migrations", "static", "templates")
    for app in APPS:
        shutil.copytree(BASE_DIR / app, directory / app, ignore=ignored)
    shutil.copy(BASE_DIR / "pyproject.toml", directory)
    return directory


def plant(directory: Path, place: str, line: str) -> str:
    """Add a line to a module, which is made if it is not there; return what it held."""
    path = directory / place
    for package in reversed(path.relative_to(directory).parents[:-1]):
        (directory / package).mkdir(exist_ok=True)
        (directory / package / "__init__.py").touch()
    before = path.read_text(encoding="utf-8") if path.exists() else ""
    path.write_text(f"{before}\n{line}\n", encoding="utf-8")
    return before


def test_imports_go_one_way() -> None:
    done = lint_imports(BASE_DIR)
    assert done.returncode == 0, done.stdout


PLANTED = [
    ("registry/models/planted.py", "import reminders.apps"),
    ("registry/rules/planted.py", "import django.db"),
    ("registry/rules/planted.py", "import os"),
    ("registry/rules/planted.py", "import registry.clock"),
    ("registry/rules/planted.py", "import registry.models.planted"),
    ("reminders/rules/planted.py", "import random"),
    ("reminders/models/planted.py", "import reminders.planning.planted"),
    ("reminders/planning/planted.py", "import reminders.sending.planted"),
    ("reminders/planning/planted.py", "import api.v1.urls"),
    ("reminders/planning/planted.py", "import hotline.errors"),
    ("hotline/rules/planted.py", "import django.db"),
    ("hotline/models/planted.py", "import hotline.actions.planted"),
    ("hotline/actions/planted.py", "import api.v1.urls"),
    ("registry/utils.py", ""),
]


@pytest.mark.slow
@pytest.mark.parametrize(("place", "line"), PLANTED)
def test_a_planted_import_is_caught(copy: Path, place: str, line: str) -> None:
    target = line.removeprefix("import ").replace(".", "/")
    if target.endswith("/planted"):
        plant(copy, f"{target}.py", "")
    plant(copy, place, line)
    try:
        done = lint_imports(copy, copy / ".cache")
        assert done.returncode == 1, done.stdout
        assert place.removesuffix(".py").replace("/", ".").split(".")[-1] in done.stdout
    finally:
        (copy / place).unlink()


READINGS = [
    "import datetime\n\nnow = datetime.datetime.now(datetime.UTC)",
    "from datetime import UTC, datetime\n\nnow = datetime.now(UTC)",
    "from datetime import date\n\nday = date.today()",
    "from django.utils import timezone\n\nnow = timezone.now()",
    "from django.utils import timezone\n\ndefault = timezone.now",
    "from django.utils.timezone import localdate\n\nday = localdate()",
    "import time\n\nnow = time.time()",
    "from registry import clock\n\nnow = clock.now()",
    "from registry.clock import now\n\ninstant = now()",
]


@pytest.mark.parametrize("reading", READINGS)
@pytest.mark.parametrize(
    "place", ["registry/actions/planted.py", "reminders/sending/planted.py", "registry/rules/planted.py"]
)
def test_the_clock_is_read_nowhere_but_at_the_edges(copy: Path, place: str, reading: str) -> None:
    plant(copy, place, reading)
    try:
        assert "TID251" in lint(copy, place)
    finally:
        (copy / place).unlink()


@pytest.mark.parametrize(
    "place", ["reminders/tasks.py", "reminders/management/commands/planted.py", "api/v1/planted.py"]
)
def test_the_edges_may_read_the_clock(copy: Path, place: str) -> None:
    before = plant(copy, place, "from registry import clock\n\nnow = clock.now()")
    try:
        assert "TID251" not in lint(copy, place)
    finally:
        (copy / place).write_text(before, encoding="utf-8")


def test_the_list_of_who_may_read_the_clock_is_this_one() -> None:
    ruff = tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["ruff"]
    ignores = ruff["lint"]["per-file-ignores"]
    assert {place for place, codes in ignores.items() if "TID251" in codes} == CLOCK_READERS


def test_no_line_lifts_the_ban_for_itself() -> None:
    lifted = [path for path in modules(*APPS) if "noqa: TID251" in path.read_text(encoding="utf-8")]
    assert lifted == []


@pytest.mark.parametrize("path", sorted(modules(*APPS)), ids=lambda path: str(path.relative_to(BASE_DIR)))
def test_modules_and_functions_stay_small_and_every_function_is_annotated(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) < LONGEST_MODULE
    for function in functions(path):
        name = f"{path.name}:{function.lineno} {function.name}"
        assert function.end_lineno
        assert function.end_lineno - function.lineno < LONGEST_FUNCTION, f"{name} is too long: split it"
        arguments = [*function.args.posonlyargs, *function.args.args, *function.args.kwonlyargs]
        bare = [argument.arg for argument in arguments if not argument.annotation]
        assert function.returns is not None, f"{name} says not what it returns"
        assert set(bare) <= {"self", "cls"}, f"{name}: {bare} have no type"


def test_half_of_all_functions_are_seven_lines_or_shorter() -> None:
    lengths = sorted(
        (function.end_lineno or 0) - function.lineno + 1 for path in modules(*APPS) for function in functions(path)
    )
    assert lengths[len(lengths) // 2] <= 8


def test_only_env_reads_the_environment() -> None:
    allowed = {"settings/env_variable.py", "settings/wsgi.py", "settings/test.py", "settings/embedded_account.py"}
    readers = {
        str(path.relative_to(BASE_DIR))
        for path in modules(*APPS)
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in {"environ", "getenv"}
    }
    assert readers <= allowed
