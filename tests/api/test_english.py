"""Whoever asks for English is told all in English: codes, fields, and the register's own refusals.

What the API may be told is read from the source: every sentence that a refusal is raised with, or that a rule says of a
value, must have its English in `api.english`.
"""

from __future__ import annotations

import ast
import functools
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.utils import translation

from api import english
from api.english import TEXTS, english_of, of_brakes, of_worklists, told
from api.problems import TEXTS as PROBLEMS
from api.problems import ProblemCode
from registry.rules.categories import CoverKind
from registry.rules.file_state import FileStatus
from settings.embedded import BASE_DIR
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.api.test_issuer import COVER
from tests.factories import IntermediaryFactory, RegistrationFactory
from tests.test_french import named

ERRORS = {"RegisterError", "ReminderError", "HotlineError", "WrongRequest", "PastError", "BadTargetError", "Outcome"}
ROOTS = ("registry", "reminders", "hotline", "api")
FOR_STAFF = ("management", "admin", "migrations")
"""Commands and the admin, which speak French."""
BY_COMMAND_OR_PAGE = {
    "api/issuers.py",
    "api/keys.py",
    "api/open_data.py",
    "api/sandbox_world.py",
    "api/service_notice.py",
    "hotline/actions/extra_agents.py",
    "hotline/actions/look_ups.py",
    "registry/actions/affiliations.py",
    "registry/actions/deadlines.py",
    "registry/actions/issuers.py",
    "registry/actions/merges.py",
    "registry/actions/orders.py",
    "registry/actions/purging.py",
    "registry/intake/applying.py",
    "registry/intake/issuer_files.py",
    "registry/intake/uploads.py",
    "reminders/config.py",
    "reminders/planning/dead_addresses.py",
    "reminders/planning/deadlines.py",
    "reminders/planning/erasing.py",
    "reminders/planning/explain.py",
    "reminders/planning/incident.py",
    "reminders/planning/reports.py",
    "reminders/planning/settling.py",
    "reminders/sending/arming.py",
    "reminders/sending/identity.py",
    "reminders/sending/journal.py",
    "reminders/sending/memory.py",
    "reminders/sending/reconcile.py",
}
"""Whose acts no address of the API does."""
REFUSES_NOTHING = {"give_cards", "engine_settings", "database_trouble", "why_sending_is_off"}
"""Of those modules what an address does call."""
SAID_BY = {
    "registry/actions/cases.py": {"_proof_refusal"},
    "registry/actions/pushes.py": {"_of_one_policy"},
    "registry/actions/renewal_fees.py": {"_payment_refusal"},
    "registry/actions/renewals.py": {"_refusal"},
    "registry/rules/contact.py": {"_read", "_parsed", "_email"},
    "registry/rules/contacts.py": {"_read", "_parsed"},
    "registry/rules/identifiers.py": {"parse_email"},
    "registry/rules/phones.py": {"parse_phone", "_anywhere", "_reading"},
    "reminders/errors.py": {"no_such_batch"},
    "reminders/planning/approval.py": {"_refused"},
    "reminders/planning/recall.py": {"_corrected_in_words"},
}
"""Functions whose sentences become part of a refusal."""
WHOLE = {"registry/rules/pushes.py"}
"""Modules whose every sentence is one."""
QUOTED = "« {} » "
"""What `clean_cell` puts before each of its sentences."""
PUT_TOGETHER = {
    "le délai n’est pas écoulé, à partir du {}.",
    "{}, à partir du {}.",
    *of_brakes.COUNTED,
    *of_worklists.PUT_TOGETHER,
}
"""Of a label and more (`refusal_in_words`), or of a number and its word (tests/web/test_staff_sentences.py)."""
SPEAKS = re.compile(
    r"\w*Error\(|WrongRequest\(|DoesNotExist\(|(?:Outcome|Sample)\(|^from registry\.actions", re.MULTILINE
)
SAYS = re.compile(r"[^\W\d_]{3}")
SENTENCE = re.compile(r"[^\W\d_].* .*[.…]")


def text_of(node: ast.AST) -> str | None:
    """A string as its template is written in `api.english`: `{}` for what is put in, ordinary spaces."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return re.sub(r"\{\w+\}", "{}", node.value).replace("\u00a0", " ").replace("\u202f", " ")
    if isinstance(node, ast.JoinedStr):
        parts = (str(one.value) if isinstance(one, ast.Constant) else "{}" for one in node.values)
        return "".join(parts).replace("\u00a0", " ").replace("\u202f", " ")
    return None


@functools.cache
def modules() -> list[tuple[str, ast.Module]]:
    """Those that may say something, or are asked what they import; the catalogue itself is none."""
    paths = [path for root in ROOTS for path in sorted((BASE_DIR / root).rglob("*.py"))]
    places = [
        p.relative_to(BASE_DIR) for p in paths if not set(p.relative_to(BASE_DIR).parts) & {*FOR_STAFF, "english"}
    ]
    texts = {place.as_posix(): (BASE_DIR / place).read_text(encoding="utf-8") for place in places}
    return [(place, ast.parse(text)) for place, text in texts.items() if SPEAKS.search(text) or "/rules/" in place]


def raised(tree: ast.AST) -> Iterator[str]:
    """The sentences with which errors are made."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and named(node.func) in ERRORS and node.args:
            text = text_of(node.args[-1])
            if text is not None and SAYS.search(text):
                yield text


def sentences(tree: ast.AST) -> Iterator[str]:
    """All sentences but those of docstrings."""
    said = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        text = text_of(node) if id(node) not in said | inside else None
        if text is not None and SENTENCE.search(text) and not text.isascii():
            yield text


def sayable() -> dict[str, str]:
    """Each sentence that a caller may be told, and where it is written."""
    found: dict[str, str] = {}
    for place, tree in modules():
        if place in BY_COMMAND_OR_PAGE:
            continue
        texts = set(raised(tree))
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef) and node.name in SAID_BY.get(place, ()):
                texts |= set(sentences(node))
        texts |= set(sentences(tree)) if place in WHOLE else set()
        if place == "registry/rules/text.py":
            texts |= {QUOTED + text for text in sentences(tree) if text.startswith("contient")}
        found |= dict.fromkeys(texts, place)
    return found


# --- the catalogue ----------------------------------------------------------------------------------------------


def test_every_sentence_that_a_caller_may_be_told_has_its_english() -> None:
    """Fails for a refusal that nobody has translated."""
    missing = {text: place for text, place in sayable().items() if text not in TEXTS}
    assert missing == {}


def test_no_english_is_kept_of_what_nobody_says_any_more() -> None:
    paths = [*sorted((BASE_DIR / "web").rglob("*.py")), BASE_DIR / "hotline/management/synthesis_pdf.py"]
    pages = [ast.parse(path.read_text(encoding="utf-8")) for path in paths]
    source = "\n".join(sorted({text for tree in [*(tree for _, tree in modules()), *pages] for text in every(tree)}))
    gone = [text for text in TEXTS if text.removeprefix(QUOTED) not in source and text not in PUT_TOGETHER]
    assert gone == []


def every(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        text = text_of(node)
        if text:
            yield text


def test_what_is_left_out_is_done_by_no_address_of_the_api() -> None:
    """Fails where a writer of a module left out is imported by a view, also by way of `registry.actions`."""
    imports = {place: set(imported(tree)) for place, tree in modules()}
    again = {name: module for module, name in imports["registry/actions/__init__.py"]}
    asked = {pair for place, pairs in imports.items() if place.startswith("api/v1/") for pair in pairs}
    asked |= {(again[name], name) for module, name in asked if module == "registry.actions" and name in again}
    left_out = {place.removesuffix(".py").replace("/", ".") for place in BY_COMMAND_OR_PAGE if "api/" not in place}
    assert left_out & {module for module, name in asked if name not in REFUSES_NOTHING} == set()


def imported(tree: ast.AST) -> Iterator[tuple[str, str]]:
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom):
            yield from ((node.module or "", alias.name) for alias in node.names)


def test_each_template_takes_as_many_parts_in_both_languages() -> None:
    wrong = [french for french, words in TEXTS.items() if french.count("{}") != words.count("{}")]
    assert wrong == []
    assert not [words for words in TEXTS.values() if re.search(r"[éèàçùôî«»’]", words)]


# --- as it is told ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("french", "in_english"),
    [
        ("Ce numéro a été fusionné avec 07001003\u00a0: écrivez à celui-là.", "This number was merged into 07001003"),
        ("07001003 COA\u00a0: un dépôt papier est saisi par une personne\u00a0: indiquez qui.",
         "07001003 COA: a deposit"),
        ("Affaire 12\u00a0: le délai n’est pas écoulé, à partir du 2026-04-01.", "Case 12: the time is not over; from"),
        ("Affaire 12\u00a0: l’étape précédente n’est pas prouvée.", "Case 12: the step before is not proved."),
        ("telephone\u00a0: «\u00a0x\u00a0» n’est pas un numéro de téléphone. Écrire un seul numéro, en chiffres.",
         "“x” is no"),
        ("email\u00a0: «\u00a0a : b\u00a0» n’a pas d’@. Écrire une adresse comme nom@cabinet.fr.", "“a : b” has no @."),
        ("Le lot 4 est annulé\u00a0: il ne peut pas être approuvé\u00a0; préparez-en un autre (plan_reminders).",
         "Batch 4 is cancelled: it cannot be approved; prepare another (POST batches/)."),
        ("Le lot 4 n’existe pas. Le dernier lot est le 3.", "There is no batch 4. The last batch is 3."),
    ],
)  # fmt: skip
def test_a_refusal_is_put_together_again_in_english(french: str, in_english: str) -> None:
    with translation.override("en"):
        assert told(french).startswith(in_english)
    with translation.override("fr"):
        assert told(french) == french


def test_what_has_no_english_is_told_as_it_is() -> None:
    with translation.override("en"):
        assert told("Une phrase que personne n’a traduite.") == "Une phrase que personne n’a traduite."
    assert english_of("") == ""
    # Fails without LONGEST: minutes of looking, at a caller's wish.
    assert english_of("a " * 100_000 + "x") == ""
    assert english_of(FileStatus.IN_ORDER.label) == FileStatus.IN_ORDER.label_en
    assert english_of(CoverKind.RC_PRO.label.lower()) == CoverKind.RC_PRO.label_en.lower()


@pytest.mark.django_db
def test_refusals_of_every_kind_are_english_over_http() -> None:
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000141")).intermediary
    program, officer = Keyed(holder_of(mine), "file:read", "file:write"), Keyed(staff_in("administrator"), "staff:*")
    insurer = Keyed(issuer_account(), "issuer:write")
    file = "/api/v1/intermediaries/08000141/"
    asked: list[Any] = [
        program.act("patch", file, {"phone": "x", "email": "nobody"}, If_Match="*", Accept_Language="en"),
        program.act("post", f"{file}contacts/", {"role": "COMPLIANCE"}, Accept_Language="en"),
        program.act("post", "/api/v1/webhooks/", {"url": "http://x"}, Accept_Language="en"),
        program.get(f"{file}covers/?as_of=2019-01-01", headers={"accept-language": "en"}),
        program.get(f"{file}?as_of=soon", headers={"accept-language": "en"}),
        officer.act("post", "/api/v1/batches/", {"as_of": "2020-01-01"}, Accept_Language="en"),
        officer.act("post", "/api/v1/batches/999999/approve/", {"hash": "0" * 64, "count": 1}, Accept_Language="en"),
        officer.act("post", "/api/v1/hotline/incidents/", {"message": "x", "next_update_at": "2020-01-01T00:00:00Z"},
                    Accept_Language="en"),
        insurer.act("post", "/api/v1/issuer/covers/", {"rows": [COVER | {"orias_number": "99999999"}]},
                    Accept_Language="en"),
    ]  # fmt: skip
    for answer in asked:
        words = list(spoken(answer.json()))
        assert words, answer.text
        assert not [one for one in words if re.search(r"[éèàçùôîÉ«»’\u00a0]", one)], answer.text


def spoken(document: Any, name: str = "") -> Iterator[str]:
    """What is said to people in an answer."""
    if isinstance(document, dict):
        for key, value in document.items():
            yield from spoken(value, key)
    elif isinstance(document, list):
        for value in document:
            yield from spoken(value, name)
    elif name in ("detail", "reason", "title"):
        yield document


@pytest.mark.django_db
def test_the_pages_of_the_codes_are_english_for_whoever_asks() -> None:
    listed = Client().get("/api/v1/problems/", headers={"accept-language": "en"}).json()
    assert [page["detail"] for page in listed] == [PROBLEMS[code].detail_en for code in ProblemCode]
    assert not [page for page in listed if "French" in page["detail"]]


def test_the_catalogue_is_one() -> None:
    """Fails where two parts say the same sentence."""
    assert sum(len(part.TEXTS) for part in english.PARTS) == len(TEXTS)
    modules_of_it = {path.stem for path in Path(english.__file__).parent.glob("of_*.py")}
    assert {part.__name__.rpartition(".")[2] for part in english.PARTS} == modules_of_it
