"""The suite cannot reach the network: a test that tried would fail, not send a mail or hang."""

import smtplib
import socket
import urllib.request

import pytest
from pytest_socket import SocketConnectBlockedError

ELSEWHERE = "192.0.2.1"  # RFC 5737: an address that is nobody's


def test_no_test_reaches_another_machine() -> None:
    with socket.socket() as connection, pytest.raises(SocketConnectBlockedError):
        connection.connect((ELSEWHERE, 80))


def test_no_test_sends_a_mail_to_another_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        smtplib.SMTP(ELSEWHERE, 25, timeout=1)


def test_no_test_reads_a_page_of_another_machine() -> None:
    with pytest.raises(SocketConnectBlockedError):
        urllib.request.urlopen(f"http://{ELSEWHERE}/", timeout=1)


def test_a_server_of_the_test_itself_can_be_reached() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as server,
        socket.create_connection(server.getsockname()) as client,
    ):
        client.sendall(b"on this machine")
        accepted, _ = server.accept()
        with accepted:
            assert accepted.recv(100) == b"on this machine"
