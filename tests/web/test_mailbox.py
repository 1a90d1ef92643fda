"""The demonstration's mail server keeps what it is sent, and its counts can be trusted."""

import mailbox
import os
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from email import policy
from email.message import EmailMessage
from pathlib import Path
from threading import Thread
from urllib.parse import urlsplit

import pytest

from web.demo.mailbox import HOST, KeptMail, Mailbox, MailboxError, MailboxProcess, main

ROOT = Path(__file__).resolve().parents[2]
KEY = "0123456789abcdef" * 4


def reminder(address: str, key: str | None = None, text: str = "Il manque une attestation.\n") -> EmailMessage:
    message = EmailMessage()
    message["From"] = "Registre <registre@orias.example>"
    message["To"] = address
    message["Subject"] = "Votre dossier : à compléter"
    if key is not None:
        message["X-Reminder-Key"] = key
    message.set_content(text)
    return message


def port_of(url: str) -> int:
    return urlsplit(url).port or 0


def send(url: str, *messages: EmailMessage) -> None:
    with smtplib.SMTP(HOST, port_of(url)) as client:
        for message in messages:
            to = [address.addr_spec for address in message["To"].addresses]
            # Not send_message(), which puts a ">" before "From " by itself.
            client.sendmail("registre@orias.example", to, message.as_bytes(policy=policy.SMTP))


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Mailbox]:
    with Mailbox(tmp_path / "mail") as box:
        yield box


def test_an_empty_mailbox_holds_nothing(box: Mailbox) -> None:
    assert (box.received, box.duplicates) == (0, 0)
    assert box.sample("anne@cabinet.example") is None


def test_a_folder_that_does_not_exist_holds_nothing(tmp_path: Path) -> None:
    assert KeptMail(tmp_path / "nowhere").received == 0


def test_a_message_is_kept_as_sent(box: Mailbox) -> None:
    send(box.smtp_url, reminder("anne@cabinet.example", KEY, "Bonjour Anaïs,\nil manque une pièce.\n"))
    kept = box.sample("anne@cabinet.example")
    assert kept is not None
    assert kept["Subject"] == "Votre dossier : à compléter"
    assert kept["X-Reminder-Key"].strip() == KEY
    assert kept.get_content() == "Bonjour Anaïs,\nil manque une pièce.\n"
    assert box.received == 1


def test_a_person_is_found_whatever_the_case_of_the_address(box: Mailbox) -> None:
    send(box.smtp_url, reminder("Anne@Cabinet.example"))
    assert box.sample("anne@cabinet.EXAMPLE") is not None
    assert box.sample("bruno@cabinet.example") is None


def test_the_last_of_several_messages_to_a_person_is_the_sample(box: Mailbox) -> None:
    other = reminder("bruno@cabinet.example")
    send(box.smtp_url, *(reminder("anne@cabinet.example", text=f"n° {n}\n") for n in (1, 2)), other)
    kept = box.sample("anne@cabinet.example")
    assert kept is not None
    assert kept.get_content() == "n° 2\n"


@pytest.mark.parametrize("line", ["From Paris with love", ">From Lyon", ".", "..two dots", "From"])
def test_a_line_that_a_mailbox_or_smtp_gives_a_meaning_comes_back_unchanged(box: Mailbox, line: str) -> None:
    text = f"first\n{line}\n\n{line}\nlast\n"
    send(box.smtp_url, reminder("anne@cabinet.example", text=text), reminder("bruno@cabinet.example"))
    kept = box.sample("anne@cabinet.example")
    assert kept is not None
    assert kept.get_content() == text
    with closing(mailbox.mbox(box.mbox)) as opened:
        assert len(opened) == box.received == 2


def test_the_folder_can_be_opened_by_a_mail_reader(box: Mailbox) -> None:
    send(box.smtp_url, reminder("anne@cabinet.example"), reminder("bruno@cabinet.example"))
    with closing(mailbox.mbox(box.mbox)) as opened:
        recipients = [message["Delivered-To"] for message in opened]
    assert recipients == ["anne@cabinet.example", "bruno@cabinet.example"]


@pytest.mark.parametrize(
    ("keys", "duplicates"),
    [
        ([KEY, "another"], 0),
        ([KEY, KEY], 1),
        ([KEY, KEY, KEY, "another"], 2),
        ([None, None], 0),
        ([None, KEY], 0),
    ],
)
def test_a_duplicate_repeats_the_key_of_an_earlier_one(box: Mailbox, keys: list[str | None], duplicates: int) -> None:
    send(box.smtp_url, *(reminder("anne@cabinet.example", key) for key in keys))
    assert (box.received, box.duplicates) == (len(keys), duplicates)


def test_a_folded_key_is_the_same_key(box: Mailbox) -> None:
    with smtplib.SMTP(HOST, box.port) as client:
        for header in (f"X-Reminder-Key: {KEY}", f"x-reminder-key:\r\n {KEY}"):
            client.sendmail("", ["anne@cabinet.example"], f"Subject: x\r\n{header}\r\n\r\ntext\r\n")
    assert box.duplicates == 1


def test_a_key_quoted_in_the_body_is_no_key(box: Mailbox) -> None:
    send(box.smtp_url, *[reminder("anne@cabinet.example", text=f"X-Reminder-Key: {KEY}\n")] * 2)
    assert (box.received, box.duplicates) == (2, 0)


def test_a_message_to_two_people_is_two_deliveries(box: Mailbox) -> None:
    send(box.smtp_url, reminder("anne@cabinet.example, bruno@cabinet.example"))
    assert box.received == 2
    assert box.sample("anne@cabinet.example") is not None
    assert box.sample("bruno@cabinet.example") is not None


def test_connections_at_the_same_time_lose_and_mix_nothing(box: Mailbox) -> None:
    def sender(number: int) -> None:
        to = f"p{number}@cabinet.example"
        send(box.smtp_url, *(reminder(to, f"{number}-{n}", f"{number} {n}\n" * 200) for n in range(40)))

    threads = [Thread(target=sender, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (box.received, box.duplicates) == (160, 0)
    for number in range(4):
        kept = box.sample(f"p{number}@cabinet.example")
        assert kept is not None
        assert kept.get_content() == f"{number} 39\n" * 200


def test_counts_go_on_after_a_restart(tmp_path: Path) -> None:
    for _ in range(2):
        with Mailbox(tmp_path) as box:
            send(box.smtp_url, reminder("anne@cabinet.example", KEY))
    assert (KeptMail(tmp_path).received, KeptMail(tmp_path).duplicates) == (2, 1)


def test_a_line_of_the_index_that_is_still_being_written_does_not_count(box: Mailbox) -> None:
    send(box.smtp_url, reminder("anne@cabinet.example"))
    with box.index.open("a") as index:
        index.write("12 34")
    assert box.received == 1


def test_a_full_disk_refuses_for_now_and_counts_nothing(tmp_path: Path) -> None:
    (tmp_path / "mail.mbox").symlink_to("/dev/full")
    with Mailbox(tmp_path) as box:
        with pytest.raises(smtplib.SMTPDataError) as refusal:
            send(box.smtp_url, reminder("anne@cabinet.example"))
        assert refusal.value.smtp_code == 452
        assert box.received == 0


def test_a_taken_port_is_named_with_a_way_out(box: Mailbox, tmp_path: Path) -> None:
    with (
        pytest.raises(MailboxError, match=rf"127\.0\.0\.1:{box.port}.*another port"),
        Mailbox(tmp_path / "other", box.port),
    ):
        pytest.fail("two servers on a port")


def test_the_port_is_free_after_the_block_even_with_a_client_left(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as box:
        client = smtplib.SMTP(HOST, box.port)
    client.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((HOST, box.port), timeout=1)
    with Mailbox(tmp_path, box.port) as again:
        send(again.smtp_url, reminder("anne@cabinet.example"))


# --- in a process of its own ---


def refuses(port: int) -> bool:
    try:
        socket.create_connection((HOST, port), timeout=1).close()
    except ConnectionRefusedError:
        return True
    return False


def eventually(condition: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def test_a_process_of_its_own_keeps_mail_until_the_end_of_the_block(tmp_path: Path) -> None:
    with MailboxProcess(tmp_path) as box:
        assert box.pid != os.getpid()
        send(box.smtp_url, *[reminder("anne@cabinet.example", KEY)] * 2)
        assert (box.received, box.duplicates) == (2, 1)
    assert refuses(box.port)
    assert box.sample("anne@cabinet.example") is not None


def test_a_process_takes_the_port_it_is_given(tmp_path: Path) -> None:
    with Mailbox(tmp_path) as first:
        port = first.port
    with MailboxProcess(tmp_path, port) as box:
        assert box.smtp_url == f"smtp://127.0.0.1:{port}"


def test_a_process_that_cannot_listen_is_an_error(box: Mailbox, tmp_path: Path) -> None:
    with pytest.raises(MailboxError, match=f"port {box.port}"), MailboxProcess(tmp_path / "other", box.port):
        pytest.fail("two servers on a port")


def test_a_process_ends_with_the_one_that_started_it(tmp_path: Path) -> None:
    script = (
        "import os, sys; from web.demo.mailbox import MailboxProcess\n"
        "box = MailboxProcess(sys.argv[1]).__enter__()\n"
        "print(box.port, flush=True); os._exit(9)\n"
    )
    starter = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert starter.returncode == 9
    assert eventually(lambda: refuses(int(starter.stdout)))


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_from_the_command_line_it_runs_until_a_signal(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "web.demo.mailbox", "--dir", str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        send(server.stdout.readline().strip(), reminder("anne@cabinet.example"))
        server.send_signal(number)
        assert server.wait(10) == 0
    assert KeptMail(tmp_path).received == 1


def test_the_command_says_why_it_cannot_start(box: Mailbox, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--dir", str(tmp_path / "other"), "--port", str(box.port)]) == 1
    assert "Choose another port" in capsys.readouterr().err
