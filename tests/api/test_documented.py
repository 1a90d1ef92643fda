"""What docs/api.md says is true: its examples run, its scopes and budgets are those there are."""

from __future__ import annotations

import re
import shlex

import pytest
from django.core.management import call_command
from django.test import Client

from api.scopes import Scope
from api.throttling import (
    KEYS_TOGETHER,
    LOOKUPS,
    PREPARATIONS,
    PUBLIC_CHECKS,
    PUBLIC_DOWNLOADS,
    PUBLIC_READS,
    PUBLIC_SEARCHES,
    READS,
    UPLOADS,
    WRITES,
)
from registry import clock
from settings.embedded import BASE_DIR
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.factories import NOW, BatchFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
TEXT = (BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\n(.*?)^```", TEXT, re.MULTILINE | re.DOTALL)
WITH_ARGUMENT = {"-H", "-d", "-X"}


def commands(first_word: str) -> list[list[str]]:
    """The lines of all examples that begin so, as a shell reads them."""
    lines = [line for block in BLOCKS for line in block.replace("\\\n", " ").splitlines()]
    return [shlex.split(line, comments=True) for line in lines if line.startswith(first_word)]


def asked(words: list[str], token: str, batch: int) -> tuple[str, str, dict[str, str], str]:
    """What a curl of the page asks: method, address, headers, body."""
    headers, body, method, address = {}, "", "", ""
    rest = iter(words[1:])
    for word in rest:
        if word == "-H":
            name, _, value = next(rest).partition(": ")
            headers[name] = value.replace("$KEY", token).replace("$(uuidgen)", "0b9d4a34")
        elif word == "-d":
            body = next(rest)
        elif word == "-F":
            field, _, name = next(rest).partition("=@")
            part = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'
            body = f"--b\r\n{part}\r\n\r\n%PDF-\r\n--b--\r\n"
            headers["Content-Type"] = "multipart/form-data; boundary=b"
        elif word == "-X":
            method = next(rest)
        elif word.startswith("$API"):
            address = word.replace("$API", "/api/v1").replace("/batches/12/", f"/batches/{batch}/")
    return method or ("POST" if body else "GET"), address, headers, body


@pytest.mark.parametrize("words", commands("curl"), ids=lambda words: words[-1])
def test_each_example_of_a_call_is_answered_well(words: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="07001003")).intermediary
    if re.search(r"/(?:batches|sending)/", words[-1]):
        program = Keyed(staff_in("registry_officer"), "staff:*")
    elif "/issuer/" in words[-1]:
        program = Keyed(issuer_account(), "issuer:write")
    else:
        program = Keyed(holder_of(mine), "file:read", "file:write")
    method, address, headers, body = asked(words, program.token, BatchFactory(sealed=True).pk)
    if "If-Match" in headers:
        headers["If-Match"] = program.get(address).headers["ETag"]
    media = headers.pop("Content-Type", "application/json")
    answer = Client().generic(method, address, body, content_type=media, headers=headers)
    assert 200 <= answer.status_code < 300, answer.content


def test_each_example_of_a_command_runs(capsys: pytest.CaptureFixture[str]) -> None:
    staff_in("registry_officer", "alice")
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="07001003"))
    for words in commands("manage.py"):
        call_command(*words[1:])
    assert capsys.readouterr().out.count("orl_") == 3


def test_the_scopes_and_budgets_of_the_page_are_those_there_are() -> None:
    told = {scope for row in re.findall(r"^\| (`.*?) \|", TEXT, re.MULTILINE) for scope in re.findall(r"`(.*?)`", row)}
    assert told == {scope.value for scope in Scope}
    acts = f"{READS.quota} reads, {WRITES.quota} acts, {UPLOADS.quota} files"
    staff = f"{acts}, {PREPARATIONS.quota} plans, recalls or lots of reviews, {LOOKUPS.quota} look-ups"
    read = f"{PUBLIC_READS.quota} reads, {PUBLIC_SEARCHES.quota} searches"
    public = f"{read}, {PUBLIC_CHECKS.quota} checks, {PUBLIC_DOWNLOADS.quota} downloads"
    for words in (staff, public, f"({KEYS_TOGETHER.quota:,} a minute"):
        assert words in TEXT
