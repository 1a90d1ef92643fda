"""SMTP_URL taken apart."""

import pytest

from settings.mail import SmtpSettings, parse_smtp_url

URLS = [
    ("smtp://127.0.0.1:1025", SmtpSettings("127.0.0.1", 1025)),
    ("smtp://relay.example", SmtpSettings("relay.example", 25)),
    ("smtp://relay.example?tls=starttls", SmtpSettings("relay.example", 587, tls="starttls")),
    ("smtp://relay.example?tls=tls", SmtpSettings("relay.example", 465, tls="tls")),
    ("smtps://relay.example", SmtpSettings("relay.example", 465, tls="tls")),
    ("smtp://[::1]:1025/", SmtpSettings("::1", 1025)),
    (
        "smtp://anna%40registre.example:p%3Ass@relay.example:2525?tls=starttls&verify=no",
        SmtpSettings("relay.example", 2525, "anna@registre.example", "p:ss", "starttls", verify=False),
    ),
]
REFUSED = [
    ("relay.example:25", "smtp://"),
    ("http://relay.example", "smtp://"),
    ("smtp://", "aucun serveur"),
    ("smtp://relay.example/box", "après le serveur"),
    ("smtp://relay.example?tls=maybe", "starttls"),
    ("smtp://relay.example?tls=", "starttls"),
    ("smtp://relay.example?verify=maybe", "verify"),
    ("smtp://relay.example?ssl=yes", "que tls et verify"),
    ("smtp://relay.example:70000", "port"),
    ("smtp://relay.example:0", "port"),
    ("smtp://relay example", "aucun serveur"),
]


@pytest.mark.parametrize(("text", "settings"), URLS)
def test_an_address_is_taken_apart(text: str, settings: SmtpSettings) -> None:
    assert parse_smtp_url(text) == settings


@pytest.mark.parametrize(("text", "reason"), REFUSED)
def test_what_is_no_address_of_a_relay_is_refused(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_smtp_url(text)


def test_a_certificate_is_checked_unless_one_says_otherwise() -> None:
    assert parse_smtp_url("smtp://relay.example?tls=starttls").verify


def test_a_password_is_in_no_representation() -> None:
    assert "hunter2" not in repr(parse_smtp_url("smtp://anna:hunter2@relay.example"))
