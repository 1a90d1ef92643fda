"""The register's and the engine's own sentences in English, as the staff's pages of batches, campaigns, imports and
merges may show them: found by walking the source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from itertools import product

import pytest
from django.utils import translation

from api.english import LITERAL, TEXTS, english_of, of_brakes, told
from registry.rules.deadlines import MOVABLE
from reminders.planning.incident import CORRECTIONS, EVENTS
from reminders.rules import brakes, recalls, watch
from reminders.rules.brakes import Brake
from settings.embedded import BASE_DIR
from tests.factories import NOW
from tests.reaching import modules_under, reached, template
from tests.web.languages import FRENCH
from web import batch_reports
from web.views.deadlines import DATES_IN_ENGLISH

VIEWS = (
    "batches",
    "batch_acts",
    "seasons",
    "staff",
    "exceptions",
    "imports",
    "reports",
    "deadlines",
    "renewals",
    "fees",
)
PAGES = (*(f"web/views/{name}.py" for name in (*VIEWS, "merges")), "web/batches.py", "web/seasons.py", "web/given.py")
WAYS = reached(modules_under(*PAGES))
REFUSES = {"RegisterError", "ReminderError", "WrongRequest", "RegisterFileError", "UploadError", "DoesNotExist"}
SAY = {"_unreadable", "_open_quote", "_settled_already", "_changed_since", "_unsigned", "no_such_batch"}
"""Functions whose sentences become part of a refusal."""
ROWS = ("registry.rules.", "registry.intake.applying")
"""Where what is wrong with a row of a register file is found."""


def plain(text: str | None) -> str:
    """As `api.english` has it."""
    bare = (text or "").replace("\u00a0", " ").replace("\u202f", " ")
    return re.sub(r"\{\w+\}", "{}", bare)


def sentences(node: ast.AST) -> Iterator[str]:
    """The texts in it, but docstrings."""
    told_of = {id(one.value) for one in ast.walk(node) if isinstance(one, ast.Expr)}
    inside = {id(part) for one in ast.walk(node) if isinstance(one, ast.JoinedStr) for part in one.values}
    for one in ast.walk(node):
        if isinstance(one, ast.Constant | ast.JoinedStr) and id(one) not in told_of | inside:
            yield plain(template(one))


def refused() -> dict[str, tuple[str, str]]:
    """Every text with which a refusal is made that these pages may come to, and where."""
    found = {}
    for place, node in WAYS.items():
        for one in ast.walk(node):
            if (
                isinstance(one, ast.Call)
                and _name(one.func) in REFUSES
                and one.args
                and (text := template(one.args[-1]))
            ):
                found[plain(text)] = place
        if place[1] in SAY:
            found |= {text: place for text in sentences(node) if " " in text and FRENCH.search(text)}
    return found


def counts_told() -> set[str]:
    """What such a refusal counts, of one and of two: « 1 destinataire », « 2 destinataires »."""
    return {
        f"{number} {word}"
        for node in WAYS.values()
        for refusal in ast.walk(node)
        if isinstance(refusal, ast.Call) and _name(refusal.func) in REFUSES
        for one in ast.walk(refusal)
        if isinstance(one, ast.Call) and _name(one.func) == "counted"
        for number, word in enumerate(_words(one), 1)
    }


def _words(count: ast.Call) -> tuple[str, str]:
    words = [str(one.value) for one in count.args[1:] if isinstance(one, ast.Constant)]
    return words[0], words[1] if len(words) > 1 else f"{words[0]}s"


def _name(node: ast.expr) -> str:
    return str(getattr(node, "id", "") or getattr(node, "attr", ""))


def wrong_with_a_row() -> dict[str, tuple[str, str]]:
    """Every sentence of the rules that look at a row, and where: those that end like one."""
    places = {place: node for place, node in reached(modules_under("registry/intake/applying.py")).items()}
    return {
        text: place
        for place, node in places.items()
        if place[0].startswith(ROWS) and place[1] not in ("_REASONS", "CellRules")
        for text in sentences(node)
        if re.search(r"[^\W\d_].* .*\.$", text) and FRENCH.search(text)
    }


def test_the_walk_sees_what_these_pages_come_to() -> None:
    """Fails where the walk would lose its way: these lie two and three modules away."""
    places = set(refused().values()) | set(wrong_with_a_row().values())
    assert {("registry.actions.merges", "_require_two"), ("registry.rules.row_parts", "_removal")} <= places
    assert {("reminders.errors", "no_such_batch"), ("registry.intake.uploads", "find_upload")} <= places


def test_every_refusal_that_these_pages_can_come_to_has_its_english() -> None:
    """Fails for a refusal that is written tomorrow: add its English to api.english."""
    assert {text: place for text, place in refused().items() if text not in TEXTS and not english_of(text)} == {}


def test_what_a_refusal_counts_has_its_english() -> None:
    assert "2 destinataires" in counts_told()
    assert {count for count in counts_told() if not english_of(count)} == set()


def test_whatever_is_wrong_with_a_row_has_its_english() -> None:
    assert {text: place for text, place in wrong_with_a_row().items() if text not in TEXTS} == {}


@pytest.mark.parametrize("french", sorted(refused() | wrong_with_a_row()))
def test_a_sentence_is_told_in_english_with_each_value_in_its_place(french: str) -> None:
    values = [f"V{n}" for n in range(french.count("{}"))]
    if french in TEXTS and len(french) >= LITERAL:
        with translation.override("en"):
            english = told(french.format(*values))
        assert not FRENCH.search(english)
        assert all(value in english for value in values)


# --- brakes and alarms -------------------------------------------------------------------------------------


FACTS = brakes.DraftFacts(
    registered=4, planned=3, left_out=1, same_wave_last_year=None, disagreements=(), complete_recipients=(),
    mailed_lately=0, stale_files=0, import_in_progress=False, sending_stopped=False, may_leave_that_day=True,
    most_shared_address=1, most_used_domain=1, rules_changed=None,
)  # fmt: skip
DRAFTS = (
    FACTS,
    replace(FACTS, planned=1, left_out=3, same_wave_last_year=3, disagreements=("1",), complete_recipients=("1", "2"),
            mailed_lately=1, stale_files=1, import_in_progress=True, sending_stopped=True, may_leave_that_day=False),
    replace(FACTS, planned=9, left_out=0, same_wave_last_year=4, disagreements=("1", "2"), complete_recipients=("1",),
            mailed_lately=2, stale_files=2, rules_changed=False, open_incidents=("Incident 1",)),
    replace(FACTS, planned=1, left_out=1),
    replace(FACTS, planned=2, left_out=2),
    replace(FACTS, planned=90, same_wave_last_year=4, most_shared_address=30, rules_changed=True),
    replace(FACTS, planned=1_800, registered=2_000, left_out=1, same_wave_last_year=1_700),
)  # fmt: skip
RECALLS = tuple(
    recalls.RecallFacts(*counts, *[bool(counts[0] % 2)] * 4)
    for counts in product((0, 1, 2), (1, 2), (0, 2), (1, 2), (1, 2))
)


def judged() -> set[str]:
    """What brakes say in every way."""
    found: set[Brake] = {brake for facts in DRAFTS for brake in brakes.judge(facts)}
    found |= {brake for facts in RECALLS for brake in recalls.judge_recall(facts)}
    return {brake.message for brake in found}


def alarms() -> set[str]:
    """What the watch says in every way."""
    many = watch.Outcomes(accepted=1, uncertain=50, refused=50, dead=50, true_reports=9)
    facts = watch.ReleaseFacts(step=many, batch=many, step_size=200, ready_since=NOW - timedelta(hours=2))
    found = {alert.message for alert in watch._alerts(facts, watch.WatchLimits(), NOW)}
    small = replace(facts, step=watch.Outcomes(), batch=watch.Outcomes(), ready_since=None, step_ended_at=NOW)
    late = watch.judge_release(small, watch.WatchLimits(), NOW + timedelta(days=1)).alert
    assert late
    one = replace(facts, batch=watch.Outcomes(accepted=1, true_reports=1))
    found |= {alert.message for alert in watch._alerts(one, watch.WatchLimits(reports=1), NOW)}
    return found | {late.message} | {watch.reported_wrong(("08000041",) * n).message for n in (1, 2)}


def test_every_brake_and_alarm_is_told_in_english() -> None:
    """Fails for one whose words change: they are written in French when they are judged, and read later."""
    with translation.override("en"):
        left = {text: words for text in judged() | alarms() if FRENCH.search(words := told(text)) or words == text}
    assert left == {}


def test_english_is_put_together_for_brakes_that_are_judged_alone() -> None:
    """Fails for English of a brake that says something else by now."""
    said = "\n".join(judged() | alarms()).replace("\u00a0", " ").replace("\u202f", " ")
    gone = [text for text in of_brakes.COUNTED if not re.search(re.escape(text).replace(r"\{\}", ".+?"), said)]
    assert gone == []


def test_sentences_in_a_row_are_english_where_each_of_them_is() -> None:
    both = "les deux numéros n’en font qu’un\u00a0; l’un des deux est déjà fusionné (COA)"
    assert english_of(both) == "the two numbers are one; one of them has been merged before (COA)"
    moved = "La fusion 3 ne se défait plus\u00a0: depuis, l’inscription 4 a changé, le numéro 08000041 mène ailleurs. "
    english = english_of(f"{moved}Défaites d’abord ce qui peut l’être.")
    assert "since then, registration 4 has changed, number 08000041 leads elsewhere" in english
    assert english_of("aucun import en cours, autre chose") == ""


def test_events_corrections_and_dates_have_their_english() -> None:
    assert batch_reports.EVENTS_IN_ENGLISH.keys() == EVENTS.keys()
    assert batch_reports.CORRECTIONS_IN_ENGLISH.keys() == CORRECTIONS.keys()
    assert set(DATES_IN_ENGLISH) == set(MOVABLE)
    assert not [text for text in DATES_IN_ENGLISH.values() if FRENCH.search(text)]


def test_no_page_of_staff_shows_a_refusal_as_the_register_said_it() -> None:
    """Fails for `{{ error }}` in a template, which only `_told.html` tells."""
    pages = sorted((BASE_DIR / "web/templates/web/staff").rglob("*.html"))
    raw = [page.name for page in pages if re.search(r"\{\{ (?:error|message)(?!\|told)[ |}]", page.read_text("utf-8"))]
    assert raw == []
