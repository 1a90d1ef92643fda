import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.fr import siren as stdnum_siren

from registry.rules.identifiers import parse_email, parse_orias_number, parse_siren
from registry.rules.problems import Problem, Reading

OWN = "18001054"


def refused(outcome: object) -> Problem:
    assert isinstance(outcome, Problem)
    assert outcome.message.startswith(f"{outcome.field}\u00a0: ")
    return outcome


def warned(outcome: object) -> tuple[object, str]:
    assert isinstance(outcome, Reading)
    return outcome.value, outcome.warning.code if outcome.warning else ""


@pytest.mark.parametrize(("text", "number"), [("07001056", "07001056"), (" 07 001 056\u00a0", "07001056")])
def test_an_orias_number_is_eight_digits_of_text(text: str, number: str) -> None:
    assert parse_orias_number(text) == number


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "required"),
        ("ABC12345", "orias_number_format"),
        ("00000000", "orias_number_format"),
        ("٠٧٠٠١٠٥٦", "orias_number_format"),
        ("7001056", "orias_number_leading_zero"),
        ("701056", "orias_number_length"),
        ("070010560", "orias_number_length"),
        ("1" * 5000, "orias_number_length"),
    ],
)
def test_any_other_orias_number_is_refused(text: str, code: str) -> None:
    assert refused(parse_orias_number(text)).code == code


def test_a_dropped_leading_zero_is_proposed_back() -> None:
    message = refused(parse_orias_number("7001056")).message
    assert "«\u00a007001056\u00a0»" in message
    assert "format texte" in message


@pytest.mark.parametrize(
    ("text", "value", "warning"),
    [
        ("732829320", "732829320", ""),
        ("241 787 027", "241787027", ""),
        ("241\u00a0787\u202f027", "241787027", ""),
        ("732829321", "732829321", "siren_checksum"),
        ("", "", "siren_missing"),
        ("A18001054", "A18001054", "siren_pseudo"),
        ("a 18001054", "A18001054", "siren_pseudo"),
    ],
)
def test_a_siren_is_kept_with_a_warning_where_it_is_doubtful(text: str, value: str, warning: str) -> None:
    assert warned(parse_siren(text, OWN)) == (value, warning)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("12345678", "siren_length"),
        ("1234567890", "siren_length"),
        ("73282932000074", "siren_is_siret"),
        ("A18001055", "siren_pseudo_mismatch"),
        ("A1800105", "siren_format"),
        ("000000000", "siren_format"),
        ("73282932X", "siren_format"),
        ("٧٣٢٨٢٩٣٢٠", "siren_format"),
    ],
)
def test_a_siren_that_is_none_is_refused(text: str, code: str) -> None:
    assert refused(parse_siren(text, OWN)).code == code


def test_a_pseudo_siren_is_not_blamed_where_the_orias_number_already_is() -> None:
    assert warned(parse_siren("A18001054", "")) == ("A18001054", "siren_pseudo")


@given(st.from_regex(r"[0-9]{9}", fullmatch=True).filter(lambda digits: int(digits) > 0))
def test_the_check_digit_agrees_with_python_stdnum(digits: str) -> None:
    warning = "" if stdnum_siren.is_valid(digits) else "siren_checksum"
    assert warned(parse_siren(digits, OWN)) == (digits, warning)


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("contact@cabinet.fr", "contact@cabinet.fr"),
        ("  Contact@Cabinet-Exemple.EXAMPLE ", "Contact@cabinet-exemple.example"),
        ("a.b+c'd@x.co", "a.b+c'd@x.co"),
        ("contact@Société.fr", "contact@xn--socit-esab.fr"),
        ("c@xn--socit-esab.fr", "c@xn--socit-esab.fr"),
        (f"{'a' * 64}@{'b' * 63}.fr", f"{'a' * 64}@{'b' * 63}.fr"),
    ],
)
def test_an_address_is_trimmed_and_its_domain_alone_lower_cased(text: str, address: str) -> None:
    assert warned(parse_email(text)) == (address, "")


@pytest.mark.parametrize("text", ["", "   "])
def test_a_missing_address_can_be_imported_but_not_reminded(text: str) -> None:
    assert warned(parse_email(text)) == ("", "email_missing")


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("contact.cabinet.example", "email_no_at"),
        ("a@b@c.fr", "email_format"),
        ("a@b.fr, c@d.fr", "email_format"),
        ("a@localhost", "email_format"),
        ("@cabinet.fr", "email_format"),
        ("contact@", "email_format"),
        ("con tact@cabinet.fr", "email_format"),
        ("contact@cabinet.fr\nBcc: x@y.fr", "email_format"),
        (".a@cabinet.fr", "email_format"),
        ("a..b@cabinet.fr", "email_format"),
        ("a@-cabinet.fr", "email_format"),
        ("a@cabinet..fr", "email_format"),
        ("a@cabinet.1", "email_format"),
        ("hélène@cabinet.fr", "email_format"),
        ("a@\u2024\u2024.fr", "email_format"),
        ("A <a@cabinet.fr>", "email_format"),
        (f"{'a' * 65}@cabinet.fr", "email_too_long"),
        (f"{'a' * 60}@{'b.' * 100}fr", "email_too_long"),
    ],
)
def test_an_address_that_no_server_takes_is_refused(text: str, code: str) -> None:
    assert refused(parse_email(text)).code == code


@given(st.text(st.characters(codec=None)))
@example("a@\ud800.fr")
@example("a@" + "é" * 200 + ".fr")
@example("\x00@\u202e.fr")
def test_parsers_never_raise(text: str) -> None:
    parse_orias_number(text)
    parse_siren(text, OWN)
    parse_email(text)


def test_a_domain_that_has_no_ascii_form_is_refused() -> None:
    refused = parse_email("contact@" + "é" * 64 + ".example")
    assert isinstance(refused, Problem)
    assert refused.code == "email_format"
