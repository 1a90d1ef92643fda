"""docs/quickstart.md runs: its blocks against a live server, as they stand; also where the API has grown meanwhile."""

from __future__ import annotations

import json
import os
import random
import re
import runpy
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.http import HttpRequest, HttpResponse
from fpdf import FPDF
from pytest_django.fixtures import Settings

from api.models import KeptAnswer
from api.sandbox_outcomes import OFFICER, Outcome, TestKind
from api.sandbox_world import make_test_key
from registry import clock
from registry.models import Cover, CoverEvent, CoverPaper, Intermediary
from registry.rules.documents import MOST_BYTES, DocumentState
from reminders.models import Batch, StopSwitch
from settings.embedded import BASE_DIR
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.api.test_sandbox import in_sandbox  # noqa: F401 - this process as the sandbox's
from tests.factories import NOW, CoverFactory, IntermediaryFactory, RegistrationFactory
from tests.serving import serving

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]
PAGE = (BASE_DIR / "docs" / "quickstart.md").read_text(encoding="utf-8")
BLOCKS = {(b[0], b[1]): b[2] for b in re.findall(r"^```(bash|python) (\w+)\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)}
USERS = ("intermediary", "insurer", "staff")
NUMBER = "07001003"


@pytest.fixture
def mine(monkeypatch: pytest.MonkeyPatch) -> Intermediary:
    """A COA whose RC Pro is due, and another whose certificate waits for review."""
    monkeypatch.setattr(clock, "now", lambda: NOW)
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER)).intermediary
    CoverFactory(intermediary=mine)
    other = RegistrationFactory().intermediary
    CoverFactory(intermediary=other, deposited=True, renewed=True)
    return mine


def key_of(user: str, mine: Intermediary) -> str:
    if user == "intermediary":
        return Keyed(holder_of(mine), "file:read", "file:write").token
    if user == "insurer":
        return Keyed(issuer_account(), "issuer:write").token
    return Keyed(staff_in("registry_officer"), "staff:*").token


def run_block(language: str, user: str, place: Path, site: str, token: str, number: str = NUMBER) -> str:
    """Run it in a directory that holds what the page speaks of; what it printed."""
    (place / "client.py").write_text(BLOCKS["python", "client"], encoding="utf-8")
    if not (place / "attestation.pdf").exists():
        paper = FPDF()
        paper.add_page()
        paper.output(str(place / "attestation.pdf"))
    script = place / f"{user}.{language}"
    script.write_text(BLOCKS[language, user], encoding="utf-8")
    given = {"API": f"{site}/api/v1", "KEY": token, "NUMBER": number, "PATH": os.environ["PATH"]}
    command = ["bash", "-euo", "pipefail"] if language == "bash" else [sys.executable]
    words = [*command, str(script)]
    done = subprocess.run(words, cwd=place, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def require_done(user: str, language: str, mine: Intermediary) -> None:
    """What the block was to do is done."""
    mine.refresh_from_db()
    if user == "intermediary":
        assert mine.email == "cabinet@durand.example"
        assert mine.documents.count() == 1
        papers = CoverPaper.objects.filter(cover__policy="RC-17", document__intermediary=mine)
        assert papers.count() == mine.documents.count()
    if user in ("intermediary", "insurer"):
        assert Cover.objects.filter(intermediary=mine, policy="RC-17").count() == 1
    if user == "insurer":
        assert CoverEvent.objects.filter(cover__intermediary=mine).count() == 1
    if user == "staff":
        assert Batch.objects.exclude(author__username=OFFICER).count() == 1
        assert StopSwitch.objects.get().stopped is (language == "bash")


@pytest.mark.parametrize("user", USERS)
def test_each_block_does_what_the_page_says_and_once(user: str, mine: Intermediary, tmp_path: Path) -> None:
    """Each twice: what an Idempotency-Key names is done once, in whichever language it is asked for again."""
    token = key_of(user, mine)
    with serving() as site:
        run_block("bash", user, tmp_path, site, token)
        require_done(user, "bash", mine)
        kept = KeptAnswer.objects.count()
        run_block("bash", user, tmp_path, site, token)
        assert KeptAnswer.objects.count() == kept


@pytest.mark.parametrize("language", ["bash", "python"])
def test_a_refused_paper_is_put_right_and_sent_again(language: str, mine: Intermediary, tmp_path: Path) -> None:
    """Fails where a key names the paper by its year: the good one was another body under the key of the refused one,
    and in the shell a certificate was deposited without any."""
    (tmp_path / "attestation.pdf").write_bytes(b"%PDF-1.4 broken")
    token = key_of("intermediary", mine)
    with serving() as site:
        with pytest.raises(AssertionError):
            run_block(language, "intermediary", tmp_path, site, token)
        assert not Cover.objects.filter(policy="RC-17").exists()
        (tmp_path / "attestation.pdf").unlink()
        run_block(language, "intermediary", tmp_path, site, token)
    assert CoverPaper.objects.get(cover__policy="RC-17").document.state != DocumentState.BROKEN


class Growing:
    """The API of some years from now: every object in its answers has members that nobody knows yet, in any order."""

    dice = random.Random(5)

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        if "json" in response.headers.get("Content-Type", ""):
            response.content = json.dumps(self.grown(json.loads(response.content))).encode()
            response.headers["Content-Length"] = str(len(response.content))
        return response

    def grown(self, found: Any) -> Any:
        if isinstance(found, list):
            return [self.grown(one) for one in found]
        if not isinstance(found, dict):
            return found
        new: dict[str, Any] = {
            f"x_{self.dice.getrandbits(32):x}": self.dice.choice([None, 1, "NEW_CODE", [], {"a": 1}])
        }
        members = [*((name, self.grown(value)) for name, value in found.items()), *new.items()]
        self.dice.shuffle(members)
        return dict(members)


@pytest.mark.parametrize("user", USERS)
def test_the_python_clients_read_tolerantly(user: str, mine: Intermediary, tmp_path: Path, settings: Settings) -> None:
    settings.MIDDLEWARE = [f"{__name__}.Growing", *settings.MIDDLEWARE]
    with serving() as site:
        told = run_block("python", user, tmp_path, site, key_of(user, mine))
    require_done(user, "python", mine)
    assert told.strip()


def test_the_client_waits_and_acts_once(mine: Intermediary, tmp_path: Path, settings: Settings) -> None:
    """Its retries: a 503 first, the same request again."""
    settings.MIDDLEWARE = [f"{__name__}.BusyAtFirst", *settings.MIDDLEWARE]
    BusyAtFirst.busy = iter([True, False] * 20)
    with serving() as site:
        run_block("python", "insurer", tmp_path, site, key_of("insurer", mine))
    require_done("insurer", "python", mine)
    assert KeptAnswer.objects.count() == 2


class BusyAtFirst:
    """Answers 503 when its turn comes, after the act is done: the answer is lost on its way."""

    busy: Iterator[bool] = iter(())

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self.get_response(request)
        return HttpResponse(status=503, headers={"Retry-After": "0"}) if next(self.busy) else response


def test_the_client_sends_no_file_that_will_never_be_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails without the look at the size: the connection is closed while it sends, which it took for a bad line."""
    monkeypatch.setenv("API", "https://registre.example/api/v1")
    monkeypatch.setenv("KEY", "orl_x")
    (tmp_path / "client.py").write_text(BLOCKS["python", "client"], encoding="utf-8")
    client = runpy.run_path(str(tmp_path / "client.py"))
    with pytest.raises(SystemExit, match="file_too_large"):
        client["upload"]("documents/", "attestation.pdf", bytes(MOST_BYTES + 1))
    assert client["LARGEST_FILE"] == MOST_BYTES


@pytest.mark.parametrize(
    ("user", "kind"),
    [("intermediary", TestKind.INTERMEDIARY), ("insurer", TestKind.ISSUER), ("staff", TestKind.STAFF)],
)
def test_the_same_blocks_run_in_the_sandbox(
    user: str,
    kind: TestKind,
    in_sandbox: None,  # noqa: F811
    tmp_path: Path,
) -> None:
    _, token, numbers = make_test_key(name="essai", kind=kind)
    with serving() as site:
        run_block("python", user, tmp_path, site, token, numbers[Outcome.DUE])
    require_done(user, "python", Intermediary.objects.get(orias_number=numbers[Outcome.DUE]))


def test_every_block_of_the_page_is_run_here() -> None:
    """Fails for a block that nobody runs."""
    assert set(BLOCKS) == {(language, user) for language in ("bash", "python") for user in USERS} | {
        ("bash", "setup"),
        ("python", "client"),
    }
    assert PAGE.count("```") == 2 * len(BLOCKS)
