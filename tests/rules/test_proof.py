"""The code of a proof: read again it is the same, and nothing else can be read."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import Category
from registry.rules.proof import EPOCH, Proven, ProvenLine, pack, read_code, unpack, write_code

DAYS = st.dates(date(1950, 1, 1), date(2100, 1, 1))
LINES = st.builds(ProvenLine, st.sampled_from(Category), st.integers(0, 3), DAYS, st.none() | DAYS, st.booleans())
PROOFS = st.builds(
    Proven,
    st.integers(0, 99_999_999).map("{:08d}".format),
    st.integers(0, 2**26 - 1).map(lambda n: EPOCH + timedelta(minutes=n)),
    st.integers(0, 2**24 - 1),
    st.lists(LINES, max_size=3).map(tuple),
)
PROVEN = Proven(
    "07001234",
    datetime(2026, 2, 25, 8, 30, tzinfo=UTC),
    0xABCDEF,
    (
        ProvenLine(Category.COA, 0, date(2008, 3, 28), None, True),
        ProvenLine(Category.CIF, 2, date(2013, 7, 5), date(2026, 1, 1), False),
    ),
)


def test_what_was_packed_is_unpacked() -> None:
    assert unpack(pack(PROVEN)) == PROVEN


@given(PROOFS, st.binary(min_size=10, max_size=10))
def test_any_proof_is_read_again_from_what_is_typed(proven: Proven, seal: bytes) -> None:
    code = write_code(pack(proven) + seal)
    read = read_code(code.lower().replace("-", "\u00a0").replace("1", "l").replace("0", "o"))
    assert read == pack(proven) + seal
    assert unpack(read[:-10]) == proven


def test_a_code_is_short_enough_to_be_typed() -> None:
    assert len(write_code(pack(PROVEN) + bytes(10)).replace("-", "")) < 50


def test_seconds_are_not_kept() -> None:
    later = Proven(PROVEN.orias_number, PROVEN.made_at + timedelta(seconds=59), PROVEN.name_digest, PROVEN.lines)
    assert unpack(pack(later)) == PROVEN


@pytest.mark.parametrize("made_at", [EPOCH - timedelta(minutes=1), EPOCH + timedelta(minutes=2**26)])
def test_what_has_no_place_is_refused(made_at: datetime) -> None:
    with pytest.raises(ValueError, match="no place"):
        pack(Proven("07001234", made_at, 0, ()))


def test_bytes_that_end_early_or_name_no_category_are_refused() -> None:
    with pytest.raises(ValueError, match="too short"):
        unpack(pack(PROVEN)[:-3])
    with pytest.raises(ValueError, match="no such category"):
        unpack(b"\xff" * 40)


@pytest.mark.parametrize("text", ["ABC!", "É", "Z", "ZZZ"])
def test_what_is_no_code_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"substring not found|more than its bytes"):
        read_code(text)


def test_groups_and_letters_taken_for_digits_do_not_matter() -> None:
    code = write_code(bytes(10) + b"\x21")
    assert read_code(f" {code.lower().replace('0', 'o').replace('1', 'I')} ") == bytes(10) + b"\x21"
