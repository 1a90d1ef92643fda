"""The repository agrees with itself: what is pinned, what is documented, what is ignored."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from settings import env
from settings.embedded import BASE_DIR
from settings.env_variable import Variable

LOCKS = ("requirements.txt", "requirements-dev.txt")
OURS = ("registry", "reminders", "hotline", "api", "web")
TEXTS = {".py", ".toml", ".txt", ".md", ".html", ".cfg", ".yml", ".yaml", ".json", ""}
MACHINE_PATHS = re.compile(r"(?<![\w.])/(?:opt|root|work|home/\w+)/\w")
PIN = re.compile(r"^([a-z0-9][a-z0-9._-]*)==([^ ]+) \\$", re.MULTILINE)


def pyproject() -> dict[str, dict]:
    return tomllib.loads((BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))


def pins(name: str) -> dict[str, str]:
    return dict(PIN.findall((BASE_DIR / name).read_text(encoding="utf-8")))


def normal(requirement: str) -> str:
    """The name of a requirement, as indexes compare names."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[<>=!~; ]", requirement, maxsplit=1)[0]).lower()


def own_files() -> list[Path]:
    """What would be committed: git says it where there is git, else the tree without what it ignores."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "-z"],
        cwd=BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    if listed.returncode == 0 and listed.stdout:
        return [path for name in listed.stdout.split("\0") if name and (path := BASE_DIR / name).is_file()]
    skipped = {
        ".venv",
        "var",
        ".git",
        ".mypy_cache",
        ".ruff_cache",
        ".pytest_cache",
        ".hypothesis",
        "__pycache__",
    }
    return [path for path in BASE_DIR.rglob("*") if path.is_file() and not skipped & set(path.parts)]


@pytest.mark.parametrize("name", LOCKS)
def test_every_package_is_pinned_with_its_hashes(name: str) -> None:
    text = (BASE_DIR / name).read_text(encoding="utf-8")
    entries = [entry for entry in re.split(r"\n(?=\S)", text.strip()) if not entry.startswith("#")]
    assert len(entries) == len(pins(name)) > 10
    for entry in entries:
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), entry


@pytest.mark.parametrize("name", LOCKS)
def test_a_lock_names_no_address_and_no_place_on_a_machine(name: str) -> None:
    text = (BASE_DIR / name).read_text(encoding="utf-8")
    for trace in ("://", "-index-url", "--find-links", "--trusted-host", "file:/", "/", "# via"):
        assert trace not in text, f"{name} holds {trace!r}: make lock"


def test_the_locks_hold_what_the_project_asks_for() -> None:
    project = pyproject()["project"]
    runtime = {normal(requirement) for requirement in project["dependencies"]}
    dev = {normal(requirement) for requirement in project["optional-dependencies"]["dev"]}
    assert runtime <= {normal(name) for name in pins("requirements.txt")}
    assert runtime | dev <= {normal(name) for name in pins("requirements-dev.txt")}
    assert not dev & {normal(name) for name in pins("requirements.txt")}


def test_the_tests_run_on_the_versions_that_run_in_production() -> None:
    runtime, dev = pins("requirements.txt"), pins("requirements-dev.txt")
    assert {name: dev.get(name) for name in runtime} == runtime


def test_every_runtime_dependency_has_its_reason() -> None:
    reasons = (BASE_DIR / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    for requirement in pyproject()["project"]["dependencies"]:
        assert f"`{re.split('[<>=]', requirement)[0]}`" in reasons, f"{requirement} has no line in dependencies.md"


def test_no_file_names_a_place_on_a_machine() -> None:
    found = [
        f"{path.relative_to(BASE_DIR)}: {match.group()}"
        for path in own_files()
        if path.suffix in TEXTS and path != Path(__file__)
        for match in MACHINE_PATHS.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


@pytest.mark.parametrize("variable", env.VARIABLES, ids=lambda variable: variable.name)
def test_every_variable_is_in_the_table_of_operations(variable: Variable) -> None:
    operations = (BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    row = re.search(rf"^\| `{variable.name}` \|(.*)$", operations, re.MULTILINE)
    assert row, f"docs/operations.md has no row for {variable.name}"
    assert variable.meaning in row.group(1), f"docs/operations.md: the row of {variable.name} says something else"


def test_operations_names_no_variable_that_is_not_read() -> None:
    operations = (BASE_DIR / "docs" / "operations.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Z_]+)` \|", operations, re.MULTILINE))
    assert named == {variable.name for variable in env.VARIABLES}


def verbs() -> set[str]:
    makefile = (BASE_DIR / "Makefile").read_text(encoding="utf-8")
    return set(re.findall(r"^([a-z]+):.*## ", makefile, re.MULTILINE))


def test_make_has_its_verbs() -> None:
    assert {"demo", "run", "test", "check", "fix", "bench", "lock", "help"} <= verbs()


def test_make_alone_lists_the_verbs() -> None:
    done = subprocess.run(["make"], cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    for verb in verbs():
        assert f"make {verb}" in done.stdout


def test_the_readme_names_every_verb_that_a_newcomer_needs() -> None:
    readme = BASE_DIR / "README.md"
    if not readme.exists():
        pytest.skip("no README yet")
    text = readme.read_text(encoding="utf-8")
    for verb in ("demo", "run", "test", "check", "fix", "bench"):
        assert f"make {verb}" in text, f"the README does not name make {verb}"


def test_migrations_are_one_line_an_app() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    assert loader.detect_conflicts() == {}
    for app in OURS:
        own = {key for key in loader.disk_migrations if key[0] == app}
        parents = [parent for key in own for parent in loader.disk_migrations[key].dependencies if parent[0] == app]
        assert len(parents) == len(set(parents)), f"two migrations of {app} follow the same one"


def test_no_migration_imports_the_code_of_an_app() -> None:
    for app in OURS:
        for path in (BASE_DIR / app / "migrations").glob("0*.py"):
            imports = re.findall(r"^(?:from|import) ([\w.]+)", path.read_text(encoding="utf-8"), re.MULTILINE)
            ours = {name for name in imports if name.partition(".")[0] in OURS} - {"registry.migrating"}
            assert not ours, f"{path.name} imports code that will change under it"


def test_every_app_is_installed() -> None:
    assert {config.name for config in apps.get_app_configs()} >= set(OURS)


def test_manage_says_what_to_do_where_nothing_is_installed() -> None:
    command = [sys.executable, "-S", "-I", str(BASE_DIR / "manage.py"), "check"]
    done = subprocess.run(command, cwd=BASE_DIR, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "make test" in done.stderr
    assert "Traceback" not in done.stderr


def test_what_the_project_makes_for_itself_is_not_committed() -> None:
    ignored = (BASE_DIR / ".gitignore").read_text(encoding="utf-8").splitlines()
    assert {"/.venv/", "/var/", "__pycache__/"} <= set(ignored)


def test_a_browser_test_waits_for_what_it_asserts_of_a_page() -> None:
    """A look at the page as it is now (`assert … is_visible()`) may still see the one before the click."""
    looks = re.compile(r"assert .*\.(is_visible|is_hidden|inner_text|text_content|all_inner_texts)\(")
    sources = (BASE_DIR / "tests/browser").glob("test_*.py")
    found = [
        f"{path.name}: {line.strip()}"
        for path in sources
        for line in path.read_text().splitlines()
        if looks.search(line)
    ]
    assert found == []
