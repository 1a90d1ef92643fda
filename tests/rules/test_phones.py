import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.rules.phones import Phone, nine_digit_key, parse_phone
from registry.rules.problems import Problem, Reading

OVERSEAS_REGIONS = ("GP", "BL", "MF", "GF", "MQ", "RE", "YT")


def e164(text: str) -> tuple[str, str]:
    outcome = parse_phone(text)
    assert isinstance(outcome, Reading), outcome
    assert outcome.value is not None
    assert outcome.value.key == nine_digit_key(outcome.value.e164)
    return outcome.value.e164, outcome.warning.code if outcome.warning else ""


@pytest.mark.parametrize(
    "text",
    [
        "0199001234",
        "01 99 00 12 34",
        "01.99.00.12.34",
        "01-99-00-12-34",
        "01\u00a099\u202f00\u201112\u201334",
        "+33 (0)1 99 00 12 34",
        "+33199001234",
        "0033 1 99 00 12 34",
        "+33 01 99 00 12 34",
        "33199001234",
        "199001234",
    ],
)
def test_one_number_in_all_its_writings_is_one_number(text: str) -> None:
    assert e164(text) == ("+33199001234", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0690 12 34 56", "+590690123456"),
        ("0691 22 34 56", "+590691223456"),
        ("0590 20 34 56", "+590590203456"),
        ("0694 20 34 56", "+594694203456"),
        ("0594 30 34 56", "+594594303456"),
        ("0696 12 34 56", "+596696123456"),
        ("0697 12 34 56", "+596697123456"),
        ("0596 50 34 56", "+596596503456"),
        ("0692 12 34 56", "+262692123456"),
        ("0693 30 34 56", "+262693303456"),
        ("0639 01 23 45", "+262639012345"),
        ("0262 20 34 56", "+262262203456"),
        ("0269 60 34 56", "+262269603456"),
        ("0598 71 23 45", "+590598712345"),
        ("0598 81 23 45", "+594598812345"),
        ("0598 91 23 45", "+596598912345"),
        ("0508 41 23 45", "+508412345"),
        ("0708 40 12 34", "+508708401234"),
        ("0709 00 12 34", "+590709001234"),
        ("0709 11 23 45", "+596709112345"),
        ("0709 22 34 56", "+262709223456"),
        ("0709 30 12 34", "+594709301234"),
        ("0709 35 12 34", "+262709351234"),
    ],
)
def test_an_overseas_number_written_the_french_way_gets_the_code_of_its_territory(text: str, expected: str) -> None:
    assert e164(text) == (expected, "")
    assert phonenumbers.is_valid_number(phonenumbers.parse(expected))


@pytest.mark.parametrize("text", ["+33 690 12 34 56", "+33 (0)690 12 34 56", "0033690123456", "33690123456"])
def test_an_overseas_number_dialled_with_33_is_put_right(text: str) -> None:
    assert e164(text)[0] == "+590690123456"


@pytest.mark.parametrize("text", ["+262 692 12 34 56", "00262692123456", "+262 (0)692 12 34 56"])
def test_an_overseas_number_written_internationally_is_kept(text: str) -> None:
    assert e164(text) == ("+262692123456", "")


@pytest.mark.parametrize(
    "text",
    ["0199001234", "0261911234", "0353011234", "0465711234", "0536491234", "0639981234"],
)
def test_the_ranges_reserved_for_fiction_are_french_and_accepted(text: str) -> None:
    assert e164(text) == (f"+33{text[1:]}", "")


def test_a_foreign_number_is_kept() -> None:
    assert e164("+32 2 555 12 12") == ("+3225551212", "")
    assert e164("+508 41 23 45") == ("+508412345", "")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0691 12 34 56", "+590691123456"),
        ("0596 12 34 56", "+596596123456"),
        ("+32 2 123 45 67", "+3221234567"),
    ],
)
def test_a_number_of_the_right_length_that_no_table_knows_is_kept_with_a_warning(text: str, expected: str) -> None:
    assert e164(text) == (expected, "phone_unassigned")


@pytest.mark.parametrize("text", ["", " ", "-"])
def test_no_number_is_no_problem(text: str) -> None:
    assert parse_phone(text) == Reading(None)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("01 99 00", "phone_length"),
        ("0199001234/0199001235", "phone_length"),
        ("+33", "phone_length"),
        ("+999 123 456 789", "phone_length"),
        ("0000000000", "phone_length"),
        ("3631", "phone_length"),
        ("0199001234 poste 12", "phone_format"),
        ("0199001234abc", "phone_format"),
        ("٠١٩٩٠٠١٢٣٤", "phone_format"),
        ("+", "phone_format"),
        ("0199001234\x00", "phone_format"),
        ("+" + "1" * 60, "phone_format"),
    ],
)
def test_what_cannot_be_dialled_is_refused_by_name(text: str, code: str) -> None:
    outcome = parse_phone(text)
    assert isinstance(outcome, Problem)
    assert outcome.code == code
    assert outcome.field == "telephone"


def test_a_caller_is_found_by_nine_digits_however_the_network_shows_the_number() -> None:
    shown_by_networks = ["+590690123456", "+33690123456", "0690123456", "00590690123456"]
    assert {nine_digit_key(number) for number in shown_by_networks} == {"690123456"}


@given(st.from_regex(r"0[1-9][0-9]{8}", fullmatch=True))
@example("0800123456")
@example("0970123456")
def test_plain_french_numbers_agree_with_the_library_s_full_parse(text: str) -> None:
    number, warning = e164(text)
    parsed = phonenumbers.parse(number)
    assert phonenumbers.is_possible_number(parsed)
    assert phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164) == number
    fictional = number.startswith("+3363998")
    assert (warning == "") == (phonenumbers.is_valid_number(parsed) or fictional)
    if number.startswith("+33"):
        assert parsed == phonenumbers.parse(text, "FR")


@pytest.mark.parametrize("region", OVERSEAS_REGIONS)
@given(data=st.data())
def test_every_fixed_or_mobile_number_of_a_territory_gets_its_code(region: str, data: st.DataObject) -> None:
    metadata = phonenumbers.PhoneMetadata.metadata_for_region(region)
    assert metadata is not None
    kinds = [kind.national_number_pattern for kind in (metadata.fixed_line, metadata.mobile) if kind]
    # What 80x and 09x share with the mainland is left to the mainland.
    national = data.draw(st.from_regex(rf"(?a:(?![89])(?:{'|'.join(map(str, kinds))}))", fullmatch=True))
    assert e164(f"0{national}") == (f"+{metadata.country_code}{national}", "")


@given(st.text(st.characters(codec=None)) | st.text("+0123456789 .()-/", max_size=30))
@example("\ud800")
@example("\x00")
@example("+")
def test_parsing_never_raises_and_never_makes_an_unstorable_number(text: str) -> None:
    outcome = parse_phone(text)
    if isinstance(outcome, Reading) and outcome.value is not None:
        assert isinstance(outcome.value, Phone)
        assert len(outcome.value.e164) <= 16
        assert 1 <= len(outcome.value.key) <= 9
