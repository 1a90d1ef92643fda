"""An address is written as it is, in ASCII, or refused with words that help."""

import pytest

from reminders.messages.addresses import wire_address


@pytest.mark.parametrize(
    ("email", "written"),
    [
        ("contact@cabinet.example", "contact@cabinet.example"),
        (" contact@cabinet.example\n", "contact@cabinet.example"),
        ("O'Brien+orias@a-b.example", "O'Brien+orias@a-b.example"),
        ("Contact@Cabinet.EXAMPLE", "Contact@Cabinet.EXAMPLE"),
        ("contact@éléonore.example", "contact@xn--lonore-9uab.example"),
        ("root@localhost", "root@localhost"),
    ],
)
def test_an_address_is_written_in_ascii(email: str, written: str) -> None:
    assert wire_address(email) == written


@pytest.mark.parametrize(
    "email",
    [
        "",
        "cabinet.example",
        "@cabinet.example",
        "contact@",
        "a b@cabinet.example",
        "a@b@cabinet.example",
        "a@b.example,c@d.example",
        "Cabinet <a@b.example>",
        '"a b"@cabinet.example',
        "é@cabinet.example",
        "a..b@cabinet.example",
        ".a@cabinet.example",
        "a@-b.example",
        "a@b_c.example",
        "a@b.example.",
        "a@b.example\r\nBcc: c@d.example",
        "a\x00@b.example",
        "a@" + "é" * 70 + ".example",
        "a@\u202eb.example",
        "a" * 64 + "@" + ".".join(["b" * 60] * 4),
    ],
)
def test_what_mail_cannot_be_sent_to_is_refused_and_named(email: str) -> None:
    with pytest.raises(ValueError, match="is not an e-mail address that mail can be sent to") as caught:
        wire_address(email)
    assert repr(email) in str(caught.value)
