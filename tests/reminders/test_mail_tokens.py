"""The signed identity in a Message-ID: what a report must show to be believed."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from datetime import date
from typing import Any

from django.utils.crypto import salted_hmac
from hypothesis import given
from hypothesis import strategies as st

from registry.rules.categories import CoverKind
from reminders.messages.links import why_token
from reminders.messages.message import message_id
from reminders.messages.tokens import mail_token, read_mail_token
from reminders.rules.identity import WaveKey, notice_key
from tests.reminders.test_message_wording import LETTERHEAD

KEYS = st.text("0123456789abcdef", min_size=40, max_size=40)


def test_i4_a_message_id_cannot_be_computed_from_what_is_public() -> None:
    """Fails without the signature: the identity is a hash of an ORIAS number, a day and a wave."""
    key = notice_key("07001003", [WaveKey(CoverKind.RC_PRO, date(2026, 2, 28), "D-30")])
    unsigned = urlsafe_b64encode(bytes.fromhex(key)).decode()[:27]
    assert mail_token(key).startswith(unsigned)
    for guess in (key, unsigned, unsigned + "A" * 20, mail_token("0" * 40)[:27] + mail_token(key)[27:]):
        assert read_mail_token(guess) is None
    assert message_id(key, LETTERHEAD) == f"<{mail_token(key)}@{LETTERHEAD.mail_domain}>"


@given(KEYS)
def test_a_token_is_the_same_each_time_and_reads_back(key: str) -> None:
    assert mail_token(key) == mail_token(key)
    assert read_mail_token(mail_token(key)) == key


@given(KEYS, st.integers(0, 46), st.characters(min_codepoint=33, max_codepoint=126))
def test_a_token_changed_at_one_place_reads_as_nothing(key: str, place: int, sign: str) -> None:
    token = mail_token(key)
    changed = token[:place] + sign + token[place + 1 :]
    assert (read_mail_token(changed) is None) == (changed != token)


def test_the_token_of_the_link_in_the_mail_is_another_one() -> None:
    """Who was shown the link, the hotline say, cannot forge a report. Fails with one salt for both."""
    signature = salted_hmac("reminders.why", bytes.fromhex("a" * 40), algorithm="sha256").digest()
    forged = mail_token("a" * 40)[:27] + urlsafe_b64encode(signature).decode()[:20]
    assert read_mail_token(forged) is None
    assert read_mail_token(why_token("a" * 40)) is None


@given(st.text(max_size=60) | st.text("ab", min_size=47, max_size=47))
def test_whatever_is_no_token_reads_as_nothing(text: str) -> None:
    assert read_mail_token(text) is None


def test_a_former_secret_key_is_believed_for_reports_that_come_late(settings: Any) -> None:
    token, former = mail_token("a" * 40), settings.SECRET_KEY
    settings.SECRET_KEY = "another-secret"
    assert read_mail_token(token) is None
    settings.SECRET_KEY_FALLBACKS = [former]
    assert read_mail_token(token) == "a" * 40


def test_it_may_stand_in_a_message_id_and_as_an_envelope_identifier_as_it_is() -> None:
    token = mail_token("a" * 40)
    assert len(f"Message-ID: <{token}@registre.example>") <= 78
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")
