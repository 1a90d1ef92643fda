"""Whatever comes to the bounce mailbox is read as values: what servers write, and what enemies do."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reminders.rules.bounces import BounceKind, ReportForm, classify_bounce
from reminders.sending import reports
from reminders.sending.reports import LARGEST, MOST_BOUNDARIES, MOST_REFERENCES, read_report
from tests.reminders.returned import ADDRESS, SAMPLES, UNKNOWN, sample

K = BounceKind
KINDS = {
    "answer_of_a_person": K.NOT_A_REPORT,
    "complaint_arf": K.COMPLAINT,
    "exchange_online_mailbox_full": K.SOFT,
    "exchange_online_unknown_user": K.HARD_ADDRESS,
    "exim_old_text": K.OTHER,
    "exim_unknown_user": K.HARD_ADDRESS,
    "gmail_unknown_user": K.HARD_ADDRESS,
    "newsletter": K.NOT_A_REPORT,
    "out_of_office_fr": K.AUTO_REPLY,
    "postfix_by_envelope_id": K.HARD_ADDRESS,
    "postfix_delayed": K.DELAYED,
    "postfix_delivered": K.DELIVERED,
    "postfix_expired": K.SOFT,
    "postfix_forwarded": K.HARD_FORWARD,
    "postfix_no_such_domain": K.HARD_ADDRESS,
    "postfix_policy": K.HARD_OURS,
    "postfix_relayed": K.RELAYED,
    "postfix_unknown_user": K.HARD_ADDRESS,
    "qmail_unknown_user": K.HARD_ADDRESS,
    "read_receipt_fr": K.OTHER,
    "vacation_without_thread_fr": K.AUTO_REPLY,
}
NAMES_NOTHING = {"newsletter", "vacation_without_thread_fr"}


def test_every_sample_is_asked_about() -> None:
    assert {path.stem for path in SAMPLES.glob("*.eml")} == set(KINDS)


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_each_server_is_understood(name: str, kind: BounceKind) -> None:
    report = read_report(sample(name))
    assert classify_bounce(report, ADDRESS) is kind
    assert (UNKNOWN in report.references) == (name not in NAMES_NOTHING)


@pytest.mark.parametrize(("name", "kind"), KINDS.items(), ids=KINDS)
def test_line_ends_of_the_wire_change_nothing_but_the_digest(name: str, kind: BounceKind) -> None:
    report = read_report(sample(name).replace(b"\n", b"\r\n"))
    assert classify_bounce(report, ADDRESS) is kind
    assert (UNKNOWN in report.references) == (name not in NAMES_NOTHING)


def test_what_a_report_says_is_kept_in_its_fields() -> None:
    report = read_report(sample("postfix_unknown_user"))
    (one,) = [r for r in report.recipients if r.action]
    assert (one.action, one.status, one.final, one.original) == ("failed", "5.1.1", ADDRESS, ADDRESS)
    assert one.diagnostic.startswith("smtp; 550 5.1.1 <contact@cabinet.example>")
    assert report.reporter == "relay.registre.example"
    assert report.message_id == "<20260129093004.4F2A1C0017@relay.registre.example>"
    assert report.written_at == datetime(2026, 1, 29, 9, 30, 4, tzinfo=UTC)


def test_a_qmail_report_names_its_recipient_and_the_code_at_the_end_of_the_reason() -> None:
    (one,) = read_report(sample("qmail_unknown_user")).recipients
    assert (one.final, one.status, one.diagnostic) == (
        ADDRESS, "5.1.1", "Sorry, no mailbox here by that name. (#5.1.1)",
    )  # fmt: skip


def test_the_returned_mail_is_found_by_its_head_and_not_by_its_words() -> None:
    """Fails if anything but identifiers in their fields were searched."""
    raw = sample("postfix_unknown_user", "a" * 47)
    hidden = raw.replace(b"This is the mail system", b"<" + UNKNOWN.encode() + b"@registre.example>")
    assert UNKNOWN not in read_report(hidden).references


def test_a_delivery_status_in_another_alphabet_is_read() -> None:
    raw = sample("postfix_unknown_user").replace(b"message/delivery-status", b"message/global-delivery-status")
    assert classify_bounce(read_report(raw), ADDRESS) is K.HARD_ADDRESS


@pytest.mark.parametrize(
    ("headers", "form"),
    [
        (b"Auto-Submitted: auto-replied", ReportForm.AUTO_REPLY),
        (b"Auto-Submitted: Auto-Replied (vacation)", ReportForm.AUTO_REPLY),
        (b"Auto-Submitted: auto-replied; owner-email=x@y.example", ReportForm.AUTO_REPLY),
        (b"Auto-Submitted: no\nIn-Reply-To: <a@b>", ReportForm.NONE),
        (b"Auto-Submitted: auto-generated", ReportForm.NONE),
        (b"Auto-Submitted: auto-generated\nReferences: <a@b>", ReportForm.AUTO_REPLY),
        (b"X-Autoreply: yes", ReportForm.AUTO_REPLY),
        (b"Precedence: auto_reply", ReportForm.AUTO_REPLY),
        (b"Precedence: bulk", ReportForm.NONE),
        (b"X-Failed-Recipients: a@b.example\nAuto-Submitted: auto-replied", ReportForm.UNKNOWN),
        (b"Subject: Undelivered Mail Returned to Sender", ReportForm.NONE),
    ],
)
def test_an_automatic_reply_says_so_in_its_head(headers: bytes, form: ReportForm) -> None:
    assert read_report(headers + b"\n\nJe suis absent.\n").form is form


def test_of_a_thread_the_message_answered_comes_first_and_then_what_that_one_answered() -> None:
    """Fails if References were read from their beginning (RFC 5322, 3.6.4: the last is the message answered)."""
    thread = b"References: " + b" ".join(b"<%s%03d@x>" % (b"y" * 200, n) for n in range(30)) + b" <mine@x>\n"
    head = b"Auto-Submitted: auto-replied\n"
    assert read_report(head + b"References: <first@x> <second@x>\n\n").references == ("second", "first")
    answered = head + b"References: <first@x> <second@x>\nIn-Reply-To: <third@x>\n\n"
    assert read_report(answered).references == ("third", "second", "first")
    assert read_report(head + thread + b"\n").references[0] == "mine", "the end of a long thread is cut"


# --- hostile ---


def nested(depth: int) -> bytes:
    head = b"".join(b'Content-Type: multipart/mixed; boundary="b%d"\n\n--b%d\n' % (n, n) for n in range(depth))
    return b"In-Reply-To: <" + UNKNOWN.encode() + b"@x>\nAuto-Submitted: auto-replied\n" + head + b"\n" * 200_000


def russian_dolls(depth: int) -> bytes:
    return b"Auto-Submitted: auto-replied\n" + b"Content-Type: message/rfc822\n\n" * depth


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\0" * 1000,
        b"\xff\xfe" * 1000,
        b"From: \xff\nSubject: =?x-unknown?b?////?=\nDate: not a date\nMessage-ID: \xe9\n\n\xff",
        b"Date: Thu, 99 Jan 99999999999 99:99:99 +9999\nAuto-Submitted: auto-replied\n\n",
        b"Content-Type: multipart/report; report-type*0=\"de\"; boundary=\n\n--\n",
        b"Content-Type: multipart/report; report-type=delivery-status; boundary=a\n\n--a\nContent-Type: "
        b"message/delivery-status\nContent-Transfer-Encoding: base64\n\n!!!!\n--a--\n",
        b"Content-Type: text/rfc822-headers; charset=klingon\n\nMessage-ID: <a@b>\n",
        b"A" * 10**6,
        b"A: b\n" * 10**5,
        b": \n" * 10**5,
        nested(MOST_BOUNDARIES - 3),
        nested(5000),
        russian_dolls(50),
        russian_dolls(8000),
        b"References: " + b"<a@b> " * 10**5 + b"\nAuto-Submitted: auto-replied\n\n",
        b"Hi. This is \n" + b"<a@b>:\nx\n\n" * 10**4 + b"--- Below this line is a copy of the message.\n",
        b"\n\n" + b"-" * 200_000,
        b'Content-Type: multipart/report; a="' + b";" * 260_000 + b"\n\n",
        b'Content-Type: multipart/mixed; a="' + b";" * 70 + b"\n " + b";\n " * 80_000 + b"\n\n",
    ],
    ids=lambda raw: f"{raw[:20]!r}…{len(raw)}",
)  # fmt: skip
def test_hostile_mail_is_read_without_an_error_in_little_time(raw: bytes) -> None:
    """Fails without the bound on boundaries: each level costs a comparison for every line, minutes in all; or without
    that on headers: the parameters of one take a minute."""
    started = time.process_time()
    report = read_report(raw)
    assert time.process_time() - started < 5
    assert len(report.references) <= MOST_REFERENCES
    assert classify_bounce(report, ADDRESS) not in {K.HARD_ADDRESS, K.DELIVERED}


@pytest.mark.parametrize("raw", [nested(5000), b"In-Reply-To: <" + UNKNOWN.encode() + b"@x>\n" + russian_dolls(8000)])
def test_of_a_mail_nested_too_deep_the_head_is_still_read(raw: bytes) -> None:
    """Fails without what `_parsed` does for it: an enemy's wrapping would hide what it is about."""
    report = read_report(raw)
    assert (report.form, report.references) == (ReportForm.AUTO_REPLY, (UNKNOWN,))


def test_a_fault_of_the_parser_itself_is_no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the last word of `read_report`: no such mail is known today, and one would stop all reading."""

    def fail(_: bytes) -> None:
        raise IndexError("string index out of range")

    monkeypatch.setattr(reports, "message_from_bytes", fail)
    assert read_report(sample("postfix_unknown_user")).form is ReportForm.NONE


@pytest.mark.parametrize("name", ["postfix_unknown_user", "gmail_unknown_user", "qmail_unknown_user", "complaint_arf"])
def test_a_report_cut_anywhere_is_read_as_far_as_it_goes(name: str) -> None:
    raw = sample(name)
    for end in range(0, len(raw), 37):
        assert classify_bounce(read_report(raw[:end]), ADDRESS) in {KINDS[name], K.OTHER, K.AUTO_REPLY, K.NOT_A_REPORT}


def test_a_delivery_report_without_its_status_is_for_a_person() -> None:
    raw = sample("postfix_unknown_user")
    cut = raw[: raw.index(b"Reporting-MTA")].replace(b"message/delivery-status", b"text/plain")
    assert classify_bounce(read_report(cut)) is K.OTHER


def test_a_sign_that_no_database_keeps_is_not_kept_of_an_address_either() -> None:
    """Fails without `_clean` in `_qmail_recipients`."""
    raw = sample("qmail_unknown_user")
    (one,) = read_report(raw).recipients
    (spoilt,) = read_report(
        raw.replace(f"<{one.final}>:".encode(), f"<{one.final[:3]}\0{one.final[3:]}>:".encode())
    ).recipients
    assert spoilt.final.isprintable()


def test_no_more_is_read_than_the_limit_and_what_is_kept_is_short_and_printable() -> None:
    raw = sample("postfix_unknown_user").replace(b"User unknown", b"\x00\x1b[31m" + b"x" * 10_000)
    report = read_report(raw)
    (one,) = [r for r in report.recipients if r.action]
    assert len(one.diagnostic) == 500
    assert one.diagnostic.isprintable()
    assert read_report(raw + b"y" * LARGEST) == read_report(raw + b"y" * LARGEST + b"z")


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_report_spoilt_at_any_places_is_read_without_an_error(data: st.DataObject) -> None:
    raw = bytearray(sample(data.draw(st.sampled_from(sorted(KINDS)))))
    for _ in range(data.draw(st.integers(1, 8))):
        place = data.draw(st.integers(0, len(raw) - 1))
        raw[place : place + data.draw(st.integers(0, 5))] = data.draw(st.binary(max_size=6))
    report = read_report(bytes(raw))
    kept = [report.message_id, report.reporter, report.feedback, *report.references]
    kept += [text for r in report.recipients for text in (r.action, r.status, r.diagnostic, r.final, r.original)]
    assert all(text.isprintable() and text == text.encode().decode() for text in kept)
