"""What staff read at a terminal is French, and set as French is: no-break spaces, guillemets, curly apostrophes."""

import ast
import re
from collections.abc import Iterator

import pytest

from registry.intake.reading import RegisterFileError
from registry.intake.reporting import ReportError
from settings.embedded import BASE_DIR

ROOTS = ("registry", "reminders", "hotline", "settings", "web/management", "api/management")
FOR_DEVELOPERS = {"hotline/management/commands/document_states.py"}
"""Speaks English: nobody but who changes the code runs it."""

ERRORS = {
    "RegisterError", "ReminderError", "HotlineError", "WrongRequest", "Failed", "WrongUse", "CommandError",
    "ArgumentTypeError", "ImproperlyConfigured", "EmbeddedPostgresError", "unusable",
}  # fmt: skip
TERMINALS = {"stdout", "stderr", "console"}
SET_LATER = {"problem", "refuse", "warn", "RegisterFileError", "ReportError"}
"""They put the no-break spaces in themselves (`registry.rules.problems.typographic`): who calls them need not."""
SET_LATER_IN = {"registry/intake/reading.py", "registry/intake/reporting.py", "registry/rules/problems.py"}

FAULTS = {
    "an ordinary space before : ; ! ? » or after «": re.compile(r" [:;!?»]|« "),
    "no space before : ; ! ?": re.compile(r"[^\s\u00a0\u202f:;!?][:;!?](?=\s|$)"),
    "no space inside « »": re.compile(r"«(?![\u00a0\u202f ])|(?<![\u00a0\u202f ])»"),
    "a straight apostrophe": re.compile(r"(?<=\w)'(?=\w)"),
    "English": re.compile(
        r"(?<!-)\b(the|is|are|was|of|and|not|no|there|with|for|this|that|must|may|cannot|already)\b", re.IGNORECASE
    ),
}
ORDINARY_SPACE = next(iter(FAULTS))

Text = tuple[int, str]


def modules() -> Iterator[tuple[str, ast.Module]]:
    for root in ROOTS:
        for path in sorted((BASE_DIR / root).rglob("*.py")):
            if "migrations" not in path.parts:
                yield str(path.relative_to(BASE_DIR)), ast.parse(path.read_text(encoding="utf-8"))


def named(function: ast.expr) -> str:
    """The last name of what is called: `Failed`, `write`."""
    return function.id if isinstance(function, ast.Name) else getattr(function, "attr", "")


def calls(node: ast.AST) -> set[str]:
    return {named(inner.func) for inner in ast.walk(node) if isinstance(inner, ast.Call)}


def is_for_others(node: ast.AST) -> bool:
    """Docstrings, patterns, and functions whose texts are set later."""
    if isinstance(node, ast.FunctionDef):
        return bool(calls(node) & SET_LATER)
    if isinstance(node, ast.Call):
        return named(node.func) == "compile"
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def texts(node: ast.AST) -> Iterator[Text]:
    """Every text inside, whole; 0 stands for what an f-string puts in."""
    if is_for_others(node):
        return
    inner = list(ast.iter_child_nodes(node))
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    elif isinstance(node, ast.JoinedStr):
        yield node.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "0" for part in node.values)
        inner = [part for part in node.values if isinstance(part, ast.FormattedValue)]
    for child in inner:
        yield from texts(child)


def speaks(node: ast.AST) -> bool:
    """Whether it is an error for staff, or writes to the terminal."""
    if not isinstance(node, ast.Call):
        return False
    if named(node.func) in ERRORS:
        return True
    if isinstance(node.func, ast.Attribute) and node.func.attr in {"write", "print"}:
        return named(node.func.value) in TERMINALS
    return False


def spoken(module: ast.Module) -> Iterator[Text]:
    """The texts of every function that speaks, and of those whose answers are spoken."""
    functions = {node.name: node for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    speakers = {name for name, node in functions.items() if any(map(speaks, ast.walk(node)))}
    answers = {name for call in ast.walk(module) if speaks(call) for name in calls(call)}
    for name in sorted((speakers | answers) & set(functions)):
        yield from texts(functions[name])


def faults(name: str, found: Iterator[Text], *kinds: str) -> list[str]:
    return [
        f"{name}:{line}: {kind}: {text!r}"
        for line, text in found
        for kind in kinds or FAULTS
        if FAULTS[kind].search(text)
    ]


def test_no_text_has_a_space_where_french_forbids_a_break() -> None:
    """Labels, brakes, errors, answers: English never has a space there, so every text can be asked."""
    assert [
        fault
        for name, module in modules()
        if name not in SET_LATER_IN
        for fault in faults(name, texts(module), ORDINARY_SPACE)
    ] == []


def test_what_is_said_to_staff_is_french_and_well_set() -> None:
    assert [
        fault for name, module in modules() if name not in FOR_DEVELOPERS for fault in faults(name, spoken(module))
    ] == []


def test_the_texts_are_found() -> None:
    """Neither test above holds because it looks at nothing."""
    found = [text for _, module in modules() for _, text in spoken(module)]
    assert len(found) > 100
    for beginning in ("Le lot 0 n’existe pas.", "Le lot 0 est déjà lancé", "Aucun utilisateur", "Envois arrêtés"):
        assert any(text.startswith(beginning) for text in found), beginning


@pytest.mark.parametrize("error", [RegisterFileError, ReportError])
def test_what_is_set_later_is_set(error: type[Exception]) -> None:
    assert str(error("« a » : b ; c !")) == "«\u00a0a\u00a0»\u00a0: b\u00a0; c\u00a0!"


@pytest.mark.parametrize(
    ("source", "kind"),
    [
        ('raise Failed("Lot 3 : rien")', "an ordinary space before : ; ! ? » or after «"),
        ('raise Failed("Lot 3: rien")', "no space before : ; ! ?"),
        ('raise Failed(f"Lot {3}: rien")', "no space before : ; ! ?"),
        ('raise Failed(f"Lot «{3}\\u00a0»")', "no space inside « »"),
        ('raise Failed("C\'est fini.")', "a straight apostrophe"),
        ('raise Failed(f"L\'{3} est fini.")', "a straight apostrophe"),
        ('raise Failed("There is none.")', "English"),
        ('self.stdout.write("Fini !")', "an ordinary space before : ; ! ? » or after «"),
        ('console.print(", ".join(f"{n}: {m}" for n, m in x))', "no space before : ; ! ?"),
        ('told = "Quoi?"\n    raise Failed(told)', "no space before : ; ! ?"),
        ("raise Failed(_told())\ndef _told():\n    return 'Quoi?'", "no space before : ; ! ?"),
    ],
)
def test_a_fault_is_found(source: str, kind: str) -> None:
    module = ast.parse(f"def act():\n    {source}")
    assert faults("x", spoken(module), kind)


@pytest.mark.parametrize(
    "source",
    [
        'raise Failed(f"Lot «\\u00a0{3}\\u00a0»\\u00a0: à 17:30, voyez http://registre.example/a?b=c\\u00a0!")',
        'raise Failed("L’arrêt est levé\\u00a0; lancez deliver --batch 3.")',
        'problem("siren", "x", "« {value} » : non")',
        '"""A docstring: the English of the code."""\n    raise Failed("Fini.")',
        'parser.add_argument("--by", help="the user: who answers for it")',
    ],
)
def test_what_is_right_or_not_for_staff_is_left_alone(source: str) -> None:
    assert faults("x", spoken(ast.parse(f"def act():\n    {source}"))) == []
