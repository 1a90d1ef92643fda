"""What functions of the project a page can come to: found in the source, so that nothing new is forgotten."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from settings.embedded import BASE_DIR

APPS = ("registry", "reminders", "hotline", "api", "web")


@cache
def _module(name: str) -> tuple[dict[str, ast.AST], dict[str, str]]:
    """The functions, classes and values of a module by name, and where each name that it imports comes from."""
    path = BASE_DIR / name.replace(".", "/")
    source = path.with_suffix(".py") if path.with_suffix(".py").exists() else path / "__init__.py"
    if not source.exists():
        return {}, {}
    made: dict[str, ast.AST] = {}
    taken: dict[str, str] = {}
    for node in ast.parse(source.read_text(encoding="utf-8")).body:
        match node:
            case ast.FunctionDef(name=named) | ast.ClassDef(name=named):
                made[named] = node
            case ast.Assign(targets=[ast.Name(id=named)]) | ast.AnnAssign(target=ast.Name(id=named)):
                made[named] = node
            case ast.ImportFrom(module=str(where), names=names) if where.split(".")[0] in APPS:
                taken |= {one.asname or one.name: f"{where}:{one.name}" for one in names}
    return made, taken


@cache
def _names(node: ast.AST) -> tuple[str, ...]:
    """What a piece of source names; walked once, though several lists of pages come to it."""
    return tuple(_named(node))


def _named(node: ast.AST) -> Iterator[str]:
    for one in ast.walk(node):
        if isinstance(one, ast.Name):
            yield one.id
        elif isinstance(one, ast.Attribute) and isinstance(one.value, ast.Name):
            yield f"{one.value.id}.{one.attr}"


def _leads_to(module: str, name: str) -> tuple[str, str] | None:
    """Where a name in a module is made; None for one that is not of the project."""
    made, taken = _module(module)
    first, _, rest = name.partition(".")
    if not rest and first in made:
        return module, first
    if first not in taken:
        return None
    where, original = taken[first].split(":")
    inner, _ = _module(f"{where}.{original}")
    if rest and rest in inner:
        return f"{where}.{original}", rest
    return (where, original) if where == module else _leads_to(where, original)


def reached(modules: list[str]) -> dict[tuple[str, str], ast.AST]:
    """Whatever is named by what is made in these modules, by what that names, and so on; by (module, name)."""
    waiting = [(module, name) for module in modules for name in _module(module)[0]]
    found: dict[tuple[str, str], ast.AST] = {}
    while waiting:
        module, name = waiting.pop()
        if (module, name) in found or name not in _module(module)[0]:
            continue
        node = found[module, name] = _module(module)[0][name]
        waiting += [place for used in _names(node) if (place := _leads_to(module, used))]
    return found


def template(node: ast.expr) -> str | None:
    """A text as it is written, `{}` for each value in it; None for what is no text."""
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in parts)
        case _:
            return None


def modules_under(*folders: str) -> list[str]:
    """The names of the modules that match these patterns."""
    paths = sorted(path for folder in folders for path in Path(BASE_DIR).glob(folder))
    return [".".join(path.relative_to(BASE_DIR).with_suffix("").parts) for path in paths]
