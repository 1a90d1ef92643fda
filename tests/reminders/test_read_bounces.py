"""Reports are stored once, tied to the notice whose mail they show to have seen, and change nothing else."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as configured
from django.db import connection

from registry import clock
from registry.models import Intermediary
from reminders import tasks
from reminders.messages.tokens import mail_token
from reminders.models import Bounce, Notice, NoticeItem, Settlement
from reminders.rules.bounces import BounceKind
from reminders.rules.identity import notice_key
from reminders.sending import bounces as module
from reminders.sending.bounces import Reading, find_notice, read_bounces, record_bounce
from reminders.sending.mailboxes import MailboxError
from reminders.sending.reports import read_report
from settings.mailbox import MailboxSettings
from tests.factories import NOW, IntermediaryFactory, NoticeFactory
from tests.reminders.returned import ADDRESS, UNKNOWN, about, mailed, sample
from tests.reminders.scenes import RecordingTransport, at_once, header, released_batch, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """An empty Maildir."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def put(box: Path, *raws: bytes) -> None:
    count = len(list((box / "new").iterdir())) + len(list((box / "cur").iterdir()))
    for n, raw in enumerate(raws, count):
        (box / "new" / f"{n:03}.host").write_bytes(raw)


def read(box: Path, **options: Any) -> Reading:
    return read_bounces(MailboxSettings(path=box), now=NOW, **options)


def told(reading: Reading) -> tuple[int, int, int, int, int]:
    return reading.read, reading.stored, reading.matched, reading.known, reading.left_alone


# --- stored once ---


def test_each_report_is_stored_with_its_notice_and_marked_and_others_are_left_alone(box: Path) -> None:
    notice = mailed()
    names = ("postfix_unknown_user", "complaint_arf", "newsletter", "vacation_without_thread_fr", "answer_of_a_person")
    put(box, *[about(notice, name) for name in names])
    reading = read(box)
    assert told(reading) == (5, 3, 2, 0, 2)
    assert reading.by_kind == {BounceKind.HARD_ADDRESS: 1, BounceKind.COMPLAINT: 1, BounceKind.AUTO_REPLY: 1}
    assert {(b.kind, b.notice) for b in Bounce.objects.all()} == {
        ("HARD_ADDRESS", notice),
        ("COMPLAINT", notice),
        ("AUTO_REPLY", None),
    }
    assert len(list((box / "new").iterdir())) == 2


def test_reading_the_same_mailbox_again_stores_nothing_new(box: Path) -> None:
    """Fails without the unique digest, or without the report's own identifier where a relay changed its head."""
    notice = mailed()
    raw = about(notice)
    put(box, raw)
    assert told(read(box)) == (1, 1, 1, 0, 0)
    put(box, raw, b"Received: by another.example\n" + raw)
    assert told(read(box)) == (2, 0, 0, 2, 0)
    assert told(read(box)) == (0, 0, 0, 0, 0)
    assert told(read(box, again=True)) == (3, 0, 0, 3, 0)
    assert Bounce.objects.count() == 1


def test_a_report_without_an_identifier_of_its_own_is_known_by_its_bytes(box: Path) -> None:
    notice = mailed()
    raw = about(notice, "qmail_unknown_user")
    put(box, raw, raw, about(mailed(), "qmail_unknown_user"))
    assert told(read(box)) == (3, 2, 2, 1, 0)


@pytest.mark.django_db(transaction=True)
def test_two_workers_that_read_one_mailbox_at_once_store_each_report_once(box: Path) -> None:
    """Fails without the unique constraints: both look, neither finds it."""
    notices = [mailed(key=f"{n:040x}") for n in range(6)]
    put(box, *[about(n, "qmail_unknown_user") for n in notices])
    outcomes = at_once(*[lambda: read(box, again=True)] * 3)
    assert all(isinstance(one, Reading) for one in outcomes), outcomes
    assert Bounce.objects.count() == 6


@pytest.mark.django_db(transaction=True)
def test_i4_a_crash_before_the_mark_leaves_the_mail_and_the_next_reading_finds_it_known(
    box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails if a mail were marked before its report was stored."""
    put(box, about(mailed()))

    def crash(*_: Any, **__: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Bounce, "save", crash)
        with pytest.raises(KeyboardInterrupt):
            read(box)
    assert (Bounce.objects.count(), len(list((box / "new").iterdir()))) == (0, 1)
    with monkeypatch.context() as broken:
        broken.setattr("reminders.sending.mailboxes._mark_in_maildir", crash)
        with pytest.raises(KeyboardInterrupt):
            read(box)
    assert (Bounce.objects.count(), len(list((box / "new").iterdir()))) == (1, 1)
    assert told(read(box)) == (1, 0, 0, 1, 0)
    assert list((box / "new").iterdir()) == []


def test_one_reading_ends_when_its_time_is_over(box: Path) -> None:
    put(box, *[about(mailed(key=f"{n:040x}"), "qmail_unknown_user") for n in range(3)])
    answers = iter([False, True])
    assert told(read(box, is_over=lambda: next(answers))) == (1, 1, 1, 0, 0)


# --- tied to its notice ---


@pytest.mark.django_db(transaction=True)
def test_a_report_on_a_mail_as_it_was_really_sent_finds_its_notice(box: Path) -> None:
    released_batch(2)
    transport = RecordingTransport()
    send(transport)
    for sent in transport.sent:
        head = sent.message.partition(b"\r\n\r\n")[0]
        returned = b"Content-Type: multipart/report; boundary=x\n\n--x\nContent-Type: message/delivery-status\n\n"
        returned += b"Reporting-MTA: dns; x\n\nAction: delayed\nStatus: 4.4.1\n\n--x\nContent-Type: text/rfc822-headers"
        put(box, returned + b"\n\n" + head.replace(b"\r\n", b"\n") + b"\n\n--x--\n")
    assert told(read(box)) == (2, 2, 2, 0, 0)
    by_key = {header(s.message, "X-Reminder-Key") for s in transport.sent}
    assert {b.notice.key for b in Bounce.objects.select_related("notice") if b.notice} == by_key


@pytest.mark.parametrize("name", ["postfix_by_envelope_id", "read_receipt_fr", "out_of_office_fr", "exim_old_text"])
def test_a_notice_is_found_by_its_envelope_identifier_and_wherever_else_its_message_id_stands(name: str) -> None:
    notice = mailed()
    bounce = record_bounce(read_report(about(notice, name)), now=NOW)
    assert bounce is not None
    assert bounce.notice == notice


def test_an_address_a_subject_or_an_identity_without_its_signature_finds_nobody() -> None:
    """Fails if a reference were looked up as it is: the identity is a hash of what is public."""
    notice = mailed()
    unsigned = mail_token(notice.key)[:27]
    for forged in (notice.key, unsigned, unsigned + "A" * 20, ADDRESS, notice.intermediary.orias_number, UNKNOWN):
        assert find_notice([forged]) is None
    assert find_notice([UNKNOWN, mail_token(notice.key)]) == notice


def test_a_notice_that_never_began_to_leave_is_not_what_came_back() -> None:
    """A list given up and planned anew makes two notices of one identity."""
    one = IntermediaryFactory.create(email=ADDRESS)
    sent = mailed(person=one)
    NoticeFactory.create(intermediary=one, key=sent.key, discharges=None)
    assert find_notice([mail_token(sent.key)]) == sent
    assert find_notice([mail_token(notice_key("09000009", ["x"]))]) is None


def test_of_two_that_left_under_one_identity_the_later_is_meant() -> None:
    one = IntermediaryFactory.create(email=ADDRESS)
    first = mailed(person=one)
    second = mailed(person=one, key=first.key, discharges=None)
    assert find_notice([mail_token(first.key)]) == second


# --- forged ---


def test_a_forged_report_changes_nothing_and_is_kept_for_people(box: Path) -> None:
    notice = mailed("UNCERTAIN")
    before = list(Notice.objects.values()), list(NoticeItem.objects.values()), list(Intermediary.objects.values())
    put(box, sample("postfix_unknown_user", notice.key), sample("postfix_delivered", mail_token(notice.key)[:46] + "A"))
    assert told(read(box)) == (2, 2, 0, 0, 0)
    after = list(Notice.objects.values()), list(NoticeItem.objects.values()), list(Intermediary.objects.values())
    assert (after, Settlement.objects.count()) == (before, 0)


def test_a_forged_report_cannot_take_the_place_of_the_true_one(box: Path) -> None:
    """Fails if the report's own identifier alone, which can be guessed, were unique."""
    notice = mailed()
    put(box, sample("postfix_unknown_user"), about(notice))
    assert told(read(box)) == (2, 2, 1, 0, 0)


def test_even_a_true_report_changes_no_notice(box: Path) -> None:
    notice = mailed("UNCERTAIN")
    before = Notice.objects.values().get(pk=notice.pk)
    put(box, about(notice, "postfix_delivered"))
    assert read(box).settled == 1
    assert Notice.objects.values().get(pk=notice.pk) == before


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("Thu, 29 Jan 2026 10:29:00 +0100", NOW - timedelta(minutes=1)),
        ("Thu, 29 Jan 2099 10:30:04 +0100", NOW),
        ("Mon, 01 Jan 0001 00:00:00 +0000", NOW),
        ("yesterday", NOW),
    ],
)
def test_a_date_that_cannot_be_is_not_believed(written: str, kept: datetime) -> None:
    """Fails without the bounds of `_reported_at`: soft returns "on three days" could come in one mail each."""
    notice = mailed(batch__created_at=NOW - timedelta(hours=1))
    raw = about(notice).replace(b"Thu, 29 Jan 2026 10:30:04 +0100 (CET)", written.encode())
    bounce = record_bounce(read_report(raw), now=NOW)
    assert bounce is not None
    assert bounce.reported_at == kept.astimezone(UTC)


def test_words_too_long_or_odd_for_the_database_are_cut() -> None:
    raw = sample("postfix_unknown_user").replace(b"rfc822; contact", b"rfc822; " + b"c" * 4000 + b"\x00\xff")
    bounce = record_bounce(read_report(raw.replace(b"<20260129", b"<" + b"9" * 600)), now=NOW)
    assert bounce is not None
    bounce.refresh_from_db()
    assert (len(bounce.recipient), len(bounce.message_id)) == (254, 255)


def test_a_fault_of_the_database_is_not_taken_for_a_report_known_before(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the look of `_is_known`: the mail would be marked, and its report lost."""
    monkeypatch.setattr(module, "classify_bounce", lambda *_: None)
    with pytest.raises(AttributeError):
        record_bounce(read_report(sample("postfix_unknown_user")), now=NOW)
    monkeypatch.undo()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE reminders_bounce ADD CONSTRAINT never CHECK (digest = '')")
    with pytest.raises(Exception, match="never"):
        record_bounce(read_report(sample("postfix_unknown_user")), now=NOW)


# --- the tick ---


@pytest.fixture
def work(monkeypatch: pytest.MonkeyPatch, settings: Any) -> Callable[[MailboxSettings | None], str]:
    """The task, with a mailbox of our own."""
    monkeypatch.setattr(clock, "now", lambda: NOW)

    def run(mailbox: MailboxSettings | None) -> str:
        settings.BOUNCES = mailbox
        return tasks.read_bounces_now()

    return run


def test_the_tick_reads_the_mailbox_that_is_set(box: Path, work: Callable[[MailboxSettings | None], str]) -> None:
    put(box, about(mailed("UNCERTAIN")))
    assert work(MailboxSettings(path=box)) == "1 read, 1 stored, 1 matched, 1 settled"
    assert work(None) == "no mailbox"
    assert configured.BOUNCES is None


def test_a_mailbox_that_is_not_there_is_told_and_breaks_nothing(
    tmp_path: Path, work: Callable[[MailboxSettings | None], str]
) -> None:
    assert "n’existe pas" in work(MailboxSettings(path=tmp_path / "nowhere"))
    with pytest.raises(MailboxError):
        read(tmp_path / "nowhere")
