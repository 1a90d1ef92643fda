"""The token in a mail's footer."""

from __future__ import annotations

from typing import Any

from django.core import signing
from hypothesis import given
from hypothesis import strategies as st

from reminders.messages.links import read_why_token, why_token

KEYS = st.text("0123456789abcdef", min_size=40, max_size=40)


@given(KEYS)
def test_a_token_is_the_same_each_time_and_reads_back(key: str) -> None:
    assert why_token(key) == why_token(key)
    assert read_why_token(why_token(key)) == key


@given(KEYS, st.integers(0, 83), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_token_changed_at_one_place_reads_as_nothing(key: str, place: int, sign: str) -> None:
    token = why_token(key)
    changed = token[:place] + sign + token[place + 1 :]
    assert (read_why_token(changed) is None) == (changed != token)


@given(st.text(max_size=100))
def test_whatever_is_no_token_reads_as_nothing(text: str) -> None:
    assert read_why_token(text) is None


def test_a_signature_made_for_something_else_is_refused() -> None:
    assert read_why_token(signing.Signer(sep=".").sign("a" * 40)) is None
    assert read_why_token(signing.Signer(salt="reminders.why", sep=".").sign("not a key")) is None


def test_a_token_of_another_installation_is_refused(settings: Any) -> None:
    token = why_token("a" * 40)
    settings.SECRET_KEY = "another-secret"
    assert read_why_token(token) is None
    settings.SECRET_KEY_FALLBACKS = ["not-a-secret-tests-only-58c1d6e07f3b92a4cbd05e71638fa29e"]
    assert read_why_token(token) == "a" * 40


def test_it_fits_into_a_link_that_mail_programs_leave_whole() -> None:
    token = why_token("a" * 40)
    assert len(token) <= 100
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")
