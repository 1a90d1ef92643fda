"""Where bounces are read from: each mail once, marked as read only by who has stored it."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from typing import Any, Literal

import pytest

from reminders.sending.mailboxes import MailboxError, letters
from reminders.sending.reports import LARGEST
from settings.mailbox import MailboxSettings
from tests.imap_server import HOST, imap_server


@pytest.fixture
def maildir(tmp_path: Path) -> Path:
    """An empty Maildir."""
    for name in ("new", "cur", "tmp"):
        (tmp_path / "box" / name).mkdir(parents=True)
    return tmp_path / "box"


def raws(path: Path, *, again: bool = False, mark: bool = False) -> list[bytes]:
    with letters(MailboxSettings(path=path), again=again) as found:
        return [_raw(letter, mark) for letter in found]


def _raw(letter: object, mark: bool) -> bytes:
    if mark:
        letter.mark()  # type: ignore[attr-defined]
    return letter.raw  # type: ignore[attr-defined, no-any-return]


# --- Maildir ---


def test_a_maildir_is_read_without_what_was_read_already(maildir: Path) -> None:
    (maildir / "new" / "1.a.host").write_bytes(b"one")
    (maildir / "cur" / "2.b.host:2,").write_bytes(b"two")
    (maildir / "cur" / "3.c.host:2,FS").write_bytes(b"three")
    (maildir / "tmp" / "4.d.host").write_bytes(b"half written")
    assert sorted(raws(maildir)) == [b"one", b"two"]
    assert sorted(raws(maildir, again=True)) == [b"one", b"three", b"two"]


def test_a_mail_is_moved_and_flagged_by_its_mark_alone(maildir: Path) -> None:
    (maildir / "new" / "1.a.host").write_bytes(b"one")
    (maildir / "cur" / "2.b.host:2,F").write_bytes(b"two")
    assert sorted(raws(maildir)) == sorted(raws(maildir)) == [b"one", b"two"]
    assert sorted(raws(maildir, mark=True)) == [b"one", b"two"]
    assert sorted(p.name for p in (maildir / "cur").iterdir()) == ["1.a.host:2,S", "2.b.host:2,FS"]
    assert list((maildir / "new").iterdir()) == []
    assert raws(maildir) == []


def test_what_is_left_unread_for_people_is_not_in_the_way_for_ever(maildir: Path) -> None:
    """Fails without `_in_turn`: a reader with little time would begin with the same ones each time."""
    for n in range(4):
        (maildir / "new" / f"{n}.host").write_bytes(b"%d" % n)
    first = set()
    for _ in range(200):
        with letters(MailboxSettings(path=maildir)) as found:
            first.add(next(found).raw)
    assert first == {b"0", b"1", b"2", b"3"}


def test_a_mail_that_may_not_be_read_keeps_nobody_from_the_others(
    maildir: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    for n in range(3):
        (maildir / "new" / f"{n}.host").write_bytes(b"%d" % n)
    opened = Path.open

    def refused(path: Path, *words: Any, **more: Any) -> Any:
        if path.name == "1.host":
            raise PermissionError(13, "Permission denied")
        return opened(path, *words, **more)

    monkeypatch.setattr(Path, "open", refused)
    assert sorted(raws(maildir)) == [b"0", b"2"]
    assert "1.host cannot be read" in caplog.text


def test_a_mail_that_another_reader_took_is_no_error(maildir: Path) -> None:
    for n in range(2):
        (maildir / "new" / f"{n}.host").write_bytes(b"x")
    with letters(MailboxSettings(path=maildir)) as found:
        first = next(found)
        for path in (maildir / "new").iterdir():
            path.unlink()
        first.mark()
        assert list(found) == []


def test_links_folders_and_hidden_files_are_no_mails(maildir: Path, tmp_path: Path) -> None:
    """Fails without the look at links: one could lead out of the mailbox."""
    (tmp_path / "secret").write_bytes(b"secret")
    (maildir / "new" / "link").symlink_to(tmp_path / "secret")
    (maildir / "new" / ".hidden").write_bytes(b"x")
    (maildir / "new" / "folder").mkdir()
    os.mkfifo(maildir / "new" / "pipe")
    assert raws(maildir) == []


def test_a_huge_mail_is_read_up_to_the_limit(maildir: Path, tmp_path: Path) -> None:
    (maildir / "new" / "1.host").write_bytes(b"x" * (LARGEST + 5))
    assert [len(raw) for raw in raws(maildir)] == [LARGEST]
    box = tmp_path / "mbox"
    box.write_bytes(b"From a\n" + b"y" * (3 * LARGEST) + b"\n\nFrom b\n" + b"z\n" * LARGEST + b"\nFrom c\nend\n")
    assert [len(raw) for raw in raws(box)] == [LARGEST, LARGEST, 4]


# --- mbox ---


def test_an_mbox_is_cut_at_its_from_lines_and_never_written(tmp_path: Path) -> None:
    box = tmp_path / "mbox"
    content = b"From a Thu\nSubject: 1\n\nFrom the body\n>From quoted\n\nFrom b Thu\nSubject: 2\n\nx\n"
    box.write_bytes(content)
    # "From the body" follows an empty line: mbox cannot tell, and what is cut so is no report.
    assert raws(box, mark=True) == [b"Subject: 1\n\n", b">From quoted\n\n", b"Subject: 2\n\nx\n"]
    assert box.read_bytes() == content


def test_one_mail_in_a_file_is_one_mail(tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(b"Subject: 1\r\n\r\nbody\r\n")
    assert raws(tmp_path / "mail.eml") == [b"Subject: 1\r\n\r\nbody\r\n"]
    (tmp_path / "empty").touch()
    assert raws(tmp_path / "empty") == []


@pytest.mark.parametrize(("place", "told"), [("nowhere", "n’existe pas"), ("", "sans new/ ni cur/")])
def test_what_is_no_mailbox_is_refused_in_words(tmp_path: Path, place: str, told: str) -> None:
    with pytest.raises(MailboxError, match=told):
        raws(tmp_path / place)


# --- IMAP ---


def at(port: int, password: str = "secret", folder: str = "INBOX") -> MailboxSettings:
    return MailboxSettings(host=HOST, port=port, username="rejets", password=password, folder=folder, tls="none")


def test_an_imap_folder_is_read_without_touching_it_and_marked_one_by_one() -> None:
    with imap_server(b"one\r\n", b"x" * (LARGEST + 9)) as server:
        with letters(at(server.port)) as found:
            both = {len(letter.raw): letter for letter in found}
            assert (set(both), server.seen) == ({5, LARGEST}, set())
            both[5].mark()
            assert server.seen == {1}
        with letters(at(server.port)) as found:
            assert [len(letter.raw) for letter in found] == [LARGEST]
        assert server.seen == {1}
        with letters(at(server.port), again=True) as found:
            assert len(list(found)) == 2
    assert server.asked[-1] == "LOGOUT"


def test_a_server_that_refuses_is_told_without_the_password() -> None:
    with imap_server(b"one") as server:
        for mailbox, told in (
            (at(server.port, password="hunter2"), "wrong user or password"),
            (at(server.port, folder="Rejets"), "no such folder"),
        ):
            with pytest.raises(MailboxError, match=told) as refusal, letters(mailbox) as found:
                list(found)
            assert "hunter2" not in str(refusal.value)
        server.refuses_to_mark = True
        with pytest.raises(MailboxError, match="read only"), letters(at(server.port)) as found:
            next(found).mark()


def test_a_server_that_is_not_there_is_told() -> None:
    with imap_server() as server:
        port = server.port
    with pytest.raises(MailboxError, match="ne peut pas être lue"), letters(at(port)) as found:
        list(found)


def test_a_name_of_a_folder_cannot_end_the_command() -> None:
    with imap_server() as server:
        with pytest.raises(MailboxError, match="no such folder"), letters(at(server.port, folder='a"b\\c')) as found:
            list(found)
        assert r'SELECT "a\"b\\c"' in server.asked
        with (
            pytest.raises(MailboxError, match="no such folder"),
            letters(at(server.port, folder="Reçus\r\n&")) as found,
        ):
            list(found)
        assert server.asked[-2] == 'SELECT "Re&AOc-us&AA0ACg-&-"'


@pytest.mark.parametrize("tls", ["tls", "starttls"])
def test_a_password_is_not_said_to_a_server_that_does_not_encrypt(tls: Literal["tls", "starttls"]) -> None:
    """Fails if reading went on in clear where the address asks for encryption."""
    with imap_server(b"one") as server:
        mailbox = replace(at(server.port), tls=tls)
        with pytest.raises(MailboxError), letters(mailbox) as found:
            list(found)
    assert not [command for command in server.asked if "LOGIN" in command]
