import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.problems import SHOWN_LENGTH, Problem, problem, shown, typographic
from registry.rules.text import CellRules, clean_cell, clean_cells, is_unseen

RULES = CellRules.of({"nom": 20, "ville": 5})


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("  Crédit  Océan ", "Crédit Océan"),
        ("Cabinet\r\nSuite\tFin", "Cabinet Suite Fin"),
        ("Le\u0301a", "Léa"),
        ("Zo\u200be\ufeff\u00ad\u200e", "Zoe"),
        ("1\u00a0564\u202f610", "1 564 610"),
        ("=HYPERLINK()", "=HYPERLINK()"),
    ],
)
def test_text_has_one_spelling(text: str, kept: str) -> None:
    assert clean_cell(text, "nom") == kept


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a\x00b", "nul_character"),
        ("a\x1bb", "control_character"),
        ("a\x85b", "control_character"),
        ("a\u202eb", "bidi_character"),
        ("a\u2066b", "bidi_character"),
        ("a\ud800b", "invalid_character"),
    ],
)
def test_dangerous_characters_are_refused_and_shown_as_escapes(text: str, code: str) -> None:
    outcome = clean_cell(text, "nom")
    assert isinstance(outcome, Problem)
    assert (outcome.field, outcome.code, outcome.value) == ("nom", code, text)
    assert outcome.message.isascii() or outcome.message.replace("\u00a0", " ").isprintable()
    assert text not in outcome.message


@given(st.lists(st.text(st.characters(codec=None), max_size=30), min_size=2, max_size=2))
@example(["a|b", "c"])
@example([" Zoe", "é "])
@example(["e\u0301", "œ"])
@example(["a  b", ""])
@example(["\ud800", "x" * 6])
def test_the_quick_look_at_a_whole_record_never_differs_from_cell_by_cell(cells: list[str]) -> None:
    texts, problems = clean_cells(cells, RULES)
    for cell, text, (field, limit) in zip(cells, texts, RULES.limits.items(), strict=True):
        outcome = clean_cell(cell, field)
        refused = isinstance(outcome, Problem) or len(outcome) > limit
        assert refused == (field in {found.field for found in problems})
        assert text == ("" if refused else outcome)
        assert text == unicodedata.normalize("NFC", text).strip()


def test_a_cell_too_long_is_refused_with_both_lengths() -> None:
    texts, problems = clean_cells(["ok", "Saint-Denis"], RULES)
    assert texts == ["ok", ""]
    assert [found.code for found in problems] == ["too_long"]
    assert "11 caractères" in problems[0].message
    assert "maximum est 5" in problems[0].message


def test_a_message_names_the_field_quotes_the_value_and_is_set_as_in_print() -> None:
    found = problem("siren", "x", "1 2 ; {value}", "« {value} » compte {n} chiffres ; vrai ?", n=3)
    assert found.message == "siren\u00a0: «\u00a01 2 ; {value}\u00a0» compte 3 chiffres\u00a0; vrai\u00a0?"
    assert problem("", "x", "", "rien").message == "rien"
    assert typographic("non !") == "non\u00a0!"


@given(st.text(st.characters(codec=None), max_size=200))
def test_a_value_shown_is_short_and_printable(text: str) -> None:
    result = shown(text)
    assert result.isprintable()
    if text.isprintable():
        assert len(result) <= SHOWN_LENGTH
        assert result == text or result.endswith("…")


@pytest.mark.parametrize("text", ["\u200b", "\u00ad \u2060", "\u3164", "\u2800\u180e", "\u034f\ufe0f", "\u00a0\u200d"])
def test_signs_that_nobody_sees(text: str) -> None:
    assert is_unseen(text)


@pytest.mark.parametrize("text", ["", " ", "\u00a0\t", "a", "\u200bé", "é\u0301", "٣", "—", "👨\u200d👩"])
def test_what_is_empty_or_has_a_sign_that_is_seen_is_another_thing(text: str) -> None:
    assert not is_unseen(text)
