"""The identity of a reminder (I2): the same for ever, and different for anything that differs."""

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from reminders.rules.identity import WaveKey, notice_key
from tests.rules.strategies import GUARANTEE, RC_PRO, wave_keys

D30 = WaveKey(RC_PRO, date(2026, 2, 28), "D-30")
numbers = st.text("0123456789", min_size=8, max_size=8)


def test_a_key_reads_as_kind_term_and_wave() -> None:
    assert str(D30) == "RC_PRO/2026-02-28/D-30"
    assert str(WaveKey(GUARANTEE, date(2028, 2, 29), "D+1")) == "FINANCIAL_GUARANTEE/2028-02-29/D+1"


def test_i2_the_identity_of_a_notice_is_the_same_in_every_version_of_the_program() -> None:
    """Fails with any change of the text that `notice_key` hashes: an old ledger would not know its mails."""
    both = [D30, WaveKey(GUARANTEE, date(2026, 2, 28), "D-30")]
    assert notice_key("07000001", [D30]) == "439f295e16a4f3b7f48644535b65063de8f92d45"
    assert notice_key("07000001", both) == "1e1c8aaa2f9d7d98aeebf1bcbb4aa3f82db8be25"


@given(numbers, st.lists(wave_keys(), min_size=1, max_size=5))
def test_i2_the_identity_does_not_depend_on_the_order_of_the_items(number: str, keys: list[WaveKey]) -> None:
    """Fails without `sorted` in `notice_key`."""
    key = notice_key(number, keys)
    assert notice_key(number, keys[::-1]) == key
    assert len(key) == 40
    assert set(key) <= set("0123456789abcdef")


@given(numbers, numbers, st.sets(wave_keys(), max_size=4), st.sets(wave_keys(), max_size=4))
def test_i2_two_reminders_share_an_identity_only_if_they_are_the_same_reminder(
    one: str, other: str, keys: set[WaveKey], others: set[WaveKey]
) -> None:
    """Fails without `orias_number` in `notice_key`, or any part of `WaveKey.__str__`."""
    assert (notice_key(one, keys) == notice_key(other, others)) == ((one, keys) == (other, others))


def test_i2_each_part_of_a_key_makes_another_reminder() -> None:
    """Fails without the kind, the term or the wave in `WaveKey.__str__`."""
    near = [
        WaveKey(GUARANTEE, D30.term, D30.wave),
        WaveKey(RC_PRO, date(2026, 2, 27), D30.wave),
        WaveKey(RC_PRO, D30.term, "D-15"),
    ]
    assert len({notice_key("07000001", [key]) for key in [D30, *near]}) == 4
    assert notice_key("07000002", [D30]) != notice_key("07000001", [D30])


def test_keys_are_ordered_by_kind_then_term_then_wave() -> None:
    later = WaveKey(RC_PRO, date(2026, 3, 1), "D-15")
    assert sorted([later, D30, WaveKey(GUARANTEE, later.term, "D-7")])[1:] == [D30, later]
