"""The bytes of a message, read back by the standard library's parser."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from email.header import decode_header, make_header
from email.message import EmailMessage, Message
from email.utils import parsedate_to_datetime

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from reminders.messages.content import clean
from reminders.messages.message import Rendered, body_digest, compose, message_id, render
from reminders.messages.tokens import mail_token
from tests.reminders.test_message_wording import CONTENT, LETTERHEAD

KEY = "0123456789abcdef0123456789abcdef01234567"
SENT_AT = datetime(2026, 1, 14, 9, 30, 15, 123456, tzinfo=UTC)
HOSTILE_NAMES = [
    "Cabinet\r\nBcc: victime@exemple.fr",
    "Cabinet\nSubject: gagné",
    'Cabinet "O\'Connor" \\ Fils',
    "<script>alert(1)</script>",
    "=?utf-8?q?=0D=0ABcc:_x@y.fr?=",
    "שלום \u202eevil",
    "Zoë 🧑‍⚖️ & associés",
    "\x00\x1b[31m\u2028\u2029\x85",
    "\ud800 seul",
    ".",
    "é" * 250,
    "W" * 250,
    "",
]
NAMES = st.text(max_size=250) | st.sampled_from(HOSTILE_NAMES)


def parse(raw: bytes) -> EmailMessage:
    return message_from_bytes(raw, policy=policy.default)


def read(part: Message) -> str:
    """Return a part's text, its lines ended as the parser's user wants them and not as the wire does."""
    return str(part.get_content()).replace("\r\n", "\n")  # type: ignore[attr-defined]


def composed(name: str = CONTENT.name, **changes: object) -> tuple[Rendered, bytes]:
    content = replace(CONTENT, name=name, **changes)  # type: ignore[arg-type]
    rendered = render(content, LETTERHEAD)
    return rendered, compose(rendered, content, LETTERHEAD, KEY, SENT_AT)


def defects(message: EmailMessage) -> list[object]:
    found: list[object] = [*message.defects]
    for part in message.walk():
        found += part.defects
        found += [defect for header in part.values() for defect in header.defects]
    return found


def test_the_headers_say_what_this_is_and_whose() -> None:
    _, raw = composed()
    message = parse(raw)
    assert {name: str(message[name]) for name in message if name != "Content-Type"} == {
        "To": "Cabinet Éléonore <contact@cabinet.example>",
        "Subject": ("Dossier n°\u00a007001234\u00a0: attestation RC Pro à déposer au plus tard le 28 février 2026"),
        "Date": "Wed, 14 Jan 2026 10:30:15 +0100",
        "Message-ID": f"<{mail_token(KEY)}@registre.example>",
        "X-Reminder-Key": KEY,
        "From": "Registre des intermédiaires <ne-pas-repondre@registre.example>",
        "Reply-To": "assistance@registre.example",
        "Auto-Submitted": "auto-generated",
        "Content-Language": "fr",
        "MIME-Version": "1.0",
    }
    assert message.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in message.iter_parts()] == ["text/plain", "text/html"]


def test_there_is_no_way_to_unsubscribe_from_a_statutory_notice() -> None:
    assert b"unsubscribe" not in composed()[1].lower()


@given(name=NAMES, language=st.sampled_from(["fr", "en"]))
@example(name=HOSTILE_NAMES[0], language="fr")
def test_any_name_comes_back_as_it_was_written_and_adds_no_header(name: str, language: str) -> None:
    rendered, raw = composed(name, language=language)
    message = parse(raw)
    plain, html = message.iter_parts()
    assert defects(message) == []
    assert message["Subject"] == rendered.subject
    assert (read(plain), read(html)) == (rendered.text, rendered.html)
    assert sorted(message.keys()) == sorted(parse(composed()[1]).keys())
    assert [str(address.addr_spec) for address in message["To"].addresses] == ["contact@cabinet.example"]


@given(name=NAMES)
def test_the_name_reaches_the_to_header_whole(name: str) -> None:
    raw = composed(name)[1]
    header = raw.split(b"\r\nSubject:")[0].removeprefix(b"To: ").decode("ascii").replace("\r\n", "")
    shown = header.removesuffix("<contact@cabinet.example>").rstrip().removeprefix('"').removesuffix('"')
    assert str(make_header(decode_header(shown))) == clean(name) or header == "contact@cabinet.example"


@given(name=NAMES)
def test_what_goes_on_the_wire_is_ascii_in_short_lines(name: str) -> None:
    raw = composed(name)[1]
    lines = raw.split(b"\r\n")
    assert raw.isascii()
    assert raw.endswith(b"\r\n")
    assert not any(b"\r" in line or b"\n" in line or b"\0" in line for line in lines)
    assert max(map(len, lines)) <= 78


def test_a_long_address_alone_may_make_a_line_longer_than_78_and_never_than_998() -> None:
    email = "a" * 64 + "@" + ".".join(["b" * 55] * 3) + ".example"
    assert max(map(len, composed(email=email)[1].split(b"\r\n"))) < 300


@given(name=st.text(max_size=60))
def test_a_name_is_never_markup(name: str) -> None:
    assert len(render(replace(CONTENT, name=name), LETTERHEAD).html.split("<")) == len(
        render(CONTENT, LETTERHEAD).html.split("<")
    )


def test_a_script_in_a_name_or_a_token_is_text() -> None:
    hostile = '"><script>alert(1)</script>'
    rendered = render(replace(CONTENT, name=hostile, why_token=hostile, orias_number=hostile), LETTERHEAD)
    assert "<script" not in rendered.html
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in rendered.html
    assert "https://registre.example/dossier/%22%3E%3Cscript" in rendered.text


@pytest.mark.parametrize(
    ("name", "cleaned"),
    [
        ("Cabinet  Martin\t", "Cabinet Martin"),
        (" Martin ", "Martin"),
        ("a\r\nb", "a b"),
        ("a\u2028b\u00a0c", "a b c"),
        ("x\u202eevil\u202c", "xevil"),
        ("x\x00\x1by", "xy"),
        ("👩‍⚖️ Zoë", "👩‍⚖️ Zoë"),
        ("\ud800", ""),
    ],
)
def test_a_name_is_put_on_one_line_and_kept_otherwise(name: str, cleaned: str) -> None:
    assert clean(name) == cleaned


# -- identity ------------------------------------------------------------------------------------------------


@given(
    key=st.from_regex(r"[0-9a-f]{40}", fullmatch=True),
    seconds=st.integers(0, 10**8),
)
def test_key_and_date_are_not_part_of_what_is_read(key: str, seconds: int) -> None:
    rendered = render(CONTENT, LETTERHEAD)
    sent_at = SENT_AT + timedelta(seconds=seconds)
    message = parse(compose(rendered, CONTENT, LETTERHEAD, key, sent_at))
    plain, html = map(read, message.iter_parts())
    assert body_digest(Rendered(str(message["Subject"]), plain, html)) == body_digest(rendered)
    assert message["Message-ID"] == message_id(key, LETTERHEAD) == f"<{mail_token(key)}@registre.example>"
    assert parsedate_to_datetime(str(message["Date"])) == sent_at.replace(microsecond=0)


def test_the_digest_tells_every_word_apart_and_where_it_stands() -> None:
    rendered = render(CONTENT, LETTERHEAD)
    changed = [
        replace(rendered, subject=rendered.subject + "."),
        replace(rendered, text=rendered.text + "."),
        replace(rendered, html=rendered.html + "."),
        Rendered(rendered.subject + rendered.text, "", rendered.html),
        Rendered(rendered.text, rendered.subject, rendered.html),
    ]
    assert len({body_digest(each) for each in [rendered, *changed]}) == 6
    assert len(body_digest(rendered)) == 64


@pytest.mark.parametrize(
    ("sent_at", "shown"),
    [
        (datetime(2026, 3, 29, 0, 59, 59, tzinfo=UTC), "Sun, 29 Mar 2026 01:59:59 +0100"),
        (datetime(2026, 3, 29, 1, 0, 0, tzinfo=UTC), "Sun, 29 Mar 2026 03:00:00 +0200"),
        (datetime(2026, 10, 25, 0, 30, 0, tzinfo=UTC), "Sun, 25 Oct 2026 02:30:00 +0200"),
        (datetime(2026, 10, 25, 1, 30, 0, tzinfo=UTC), "Sun, 25 Oct 2026 02:30:00 +0100"),
    ],
)
def test_the_date_is_that_of_paris_in_the_nights_that_change_the_clocks(sent_at: datetime, shown: str) -> None:
    rendered = render(CONTENT, LETTERHEAD)
    raw = compose(rendered, CONTENT, LETTERHEAD, KEY, sent_at)
    assert f"\r\nDate: {shown}\r\n".encode() in raw


@pytest.mark.parametrize("key", ["", "short", KEY + "\r\nBcc: x@y.fr", "a" * 129, "é" * 40, KEY + "\n"])
def test_a_key_that_is_none_is_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a notice key"):
        message_id(key, LETTERHEAD)


def test_an_instant_without_a_zone_is_refused() -> None:
    rendered = render(CONTENT, LETTERHEAD)
    with pytest.raises(ValueError, match="aware"):
        compose(rendered, CONTENT, LETTERHEAD, KEY, SENT_AT.replace(tzinfo=None))


@given(email=st.text(max_size=80) | st.builds("{}@{}".format, st.text(max_size=20), st.text(max_size=20)))
@example(email="a@b.fr\r\nBcc: x@y.fr")
@example(email="a@b.fr>, <x@y.fr")
def test_any_address_is_written_whole_or_refused(email: str) -> None:
    try:
        _, raw = composed(email=email)
    except ValueError:
        return
    message = parse(raw)
    assert defects(message) == []
    assert len(message["To"].addresses) == 1
    assert sorted(message.keys()) == sorted(parse(composed()[1]).keys())


def test_a_letterhead_without_names_signs_with_the_name_of_the_site() -> None:
    bare = replace(LETTERHEAD, sender="registre@registre.example", reply_to="Aide <aide@registre.example>")
    message = parse(compose(render(CONTENT, bare), CONTENT, bare, KEY, SENT_AT))
    assert str(message["From"]) == "Registre des intermédiaires <registre@registre.example>"
    assert str(message["Reply-To"]) == "Aide <aide@registre.example>"
    assert "Pour nous écrire\u00a0: aide@registre.example." in render(CONTENT, bare).text


def test_no_text_can_hold_the_boundary_between_the_parts() -> None:
    _, raw = composed("--=_reminder_part--")
    assert raw.count(b"--=_reminder_part") == 3
