"""Files: their names as data, their states, and who may read them when."""

from __future__ import annotations

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.documents import (
    DOCUMENT_TRANSITIONS,
    LONGEST_NAME,
    USABLE,
    DocumentState,
    DocumentType,
    download_name,
    neutral_name,
    why_hidden,
)

S = DocumentState


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("attestation 2027.pdf", "attestation 2027.pdf"),
        ("../../etc/passwd", "passwd"),
        ("C:\\Documents\\rc.pdf", "rc.pdf"),
        ("attestation\u202efdp.exe", "attestation\ufffdfdp.exe"),
        ("a\r\nX-Injected: 1\x00.pdf", "a\ufffd\ufffdX-Injected: 1\ufffd.pdf"),
        ("e\u0301tat.pdf", "état.pdf"),
        ("\ud800.pdf", "\ufffd.pdf"),
        ("   ", "sans-nom"),
        ("", "sans-nom"),
    ],
)
def test_a_name_is_data_and_turns_nothing_around(name: str, kept: str) -> None:
    assert neutral_name(name) == kept


@pytest.mark.parametrize("ending", [".pdf", ".JPEG", ""])
def test_a_long_name_is_cut_before_its_ending(ending: str) -> None:
    kept = neutral_name("x" * 300 + ending)
    assert len(kept) == LONGEST_NAME
    assert kept.endswith(ending)


@given(st.text(max_size=300))
def test_any_name_becomes_one_printable_line(name: str) -> None:
    kept = neutral_name(name)
    assert 0 < len(kept) <= LONGEST_NAME
    assert not any(char in kept for char in "/\\\r\n\x00\u202e\u2066\u200f")


@pytest.mark.parametrize(
    ("name", "kind", "called"),
    [
        ("rc.pdf", DocumentType.PDF, "rc.pdf"),
        ("rc.jpg", DocumentType.PDF, "rc.pdf"),
        ("rc.exe", DocumentType.PDF, "rc.exe.pdf"),
        ("rc.jpeg", DocumentType.JPEG, "rc.jpg"),
        ("rc", DocumentType.PNG, "rc.png"),
    ],
)
def test_a_download_is_called_by_what_it_is(name: str, kind: DocumentType, called: str) -> None:
    assert download_name(name, kind) == called


def test_types_as_http_names_them() -> None:
    assert [kind.media_type for kind in DocumentType] == ["application/pdf", "image/jpeg", "image/png"]


def test_every_state_has_its_next_ones_and_what_is_broken_stays_so() -> None:
    assert set(DOCUMENT_TRANSITIONS) == set(S)
    assert not DOCUMENT_TRANSITIONS[S.BROKEN]
    assert frozenset(S) - USABLE == {S.INFECTED, S.BROKEN}


@pytest.mark.parametrize(("state", "scanner", "reviewer", "knows"), list(product(S, *[(True, False)] * 3)))
def test_nobody_reads_a_file_before_it_is_clean(state: S, scanner: bool, reviewer: bool, knows: bool) -> None:
    """But a reviewer where there is no scanner, having said so."""
    hidden = why_hidden(state, has_scanner=scanner, is_reviewer=reviewer, knows_the_risk=knows)
    at_own_risk = state is S.NOT_SCANNED and not scanner and reviewer and knows
    assert (hidden is None) == (state is S.CLEAN or at_own_risk)
    if hidden and state is S.NOT_SCANNED and reviewer and not scanner:
        assert "accept_unscanned" in hidden[0]
        assert "accept_unscanned" in hidden[1]
