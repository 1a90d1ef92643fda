"""register/exports/ : one signed file a day, of public fields, checkable by anybody's tools."""

from __future__ import annotations

import csv
import gc
import re
import shlex
import shutil
import subprocess
import tracemalloc
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.serialization import load_pem_public_key
from django.conf import settings
from django.test import Client

from api import open_data, tasks
from api.open_data import COLUMNS, create_signing_key, daily_file, daily_files, publish_register, signing_key
from registry import clock
from registry.actions import RegisterError
from registry.public import PUBLIC_FIELDS, PublicEntry, PublicRegistration, PublicStatus, every_entry
from registry.rules.categories import Category
from settings.embedded import BASE_DIR
from settings.garbage import look_seldom
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-01-29T09:00:00+01:00")
TODAY = "/api/v1/register/exports/2026-01-29/"


@pytest.fixture
def key() -> None:
    create_signing_key()


def table() -> list[dict[str, str]]:
    file = daily_file(NOW.date())
    assert file
    with file.table.open(encoding="utf-8-sig", newline="") as opened:
        return list(csv.DictReader(opened, delimiter=";"))


def bytes_of(path: str) -> bytes:
    answer: Any = Client().get(path)
    assert answer.status_code == 200
    return b"".join(answer.streaming_content)


def test_it_holds_what_is_public_and_no_formula(key: None) -> None:
    """Fails without `neutralised`, or with a field more."""
    one = IntermediaryFactory(
        orias_number="07001003", name="=HYPERLINK(1)", email="secret@x.example", address="12 rue", phone_key="690123456"
    )
    RegistrationFactory(intermediary=one, with_funds=True)
    RegistrationFactory(intermediary=one, iob=True, removed=True)
    CoverFactory(intermediary=one)
    IntermediaryFactory(orias_number="07001004")  # no registration: not published
    made = publish_register(NOW)
    assert made
    assert made.rows == 2
    first, second = table()
    assert set(first) == set(COLUMNS)
    assert first["denomination"] == "'=HYPERLINK(1)"
    assert (first["numero_orias"], first["categorie"], first["statut"], first["encaissement_fonds"]) == (
        "07001003",
        "COA",
        "REGISTERED",
        "oui",
    )
    assert (second["categorie"], second["statut"], second["date_suppression"]) == ("IOB", "REMOVED", "2025-03-07")
    text = made.file.table.read_text(encoding="utf-8")
    assert not re.search(r"secret|12 rue|690123456|Mutuelle", text)
    assert len(COLUMNS) == len(PUBLIC_FIELDS) - 1 + 6


def test_its_signature_is_of_its_checksum_with_the_day_in_it(key: None) -> None:
    RegistrationFactory()
    publish_register(NOW)
    line, signature = bytes_of(f"{TODAY}checksum/"), bytes_of(f"{TODAY}signature/")
    public: Any = load_pem_public_key(bytes_of(f"{TODAY}key/"))
    public.verify(signature, line)
    with pytest.raises(InvalidSignature):
        public.verify(signature, line.replace(b"2026-01-29", b"2026-01-30"))
    listed = Client().get("/api/v1/register/exports/").json()["results"]
    assert [(one["day"], one["sha256"]) for one in listed] == [("2026-01-29", line.decode()[:64])]
    assert bytes_of(listed[0]["table"].removeprefix("http://testserver")).startswith(b"\xef\xbb\xbfnumero_orias;")


@pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not on this machine")
@pytest.mark.parametrize("is_tampered", [False, True])
def test_the_page_s_own_lines_check_it_with_openssl(is_tampered: bool, key: None, tmp_path: Path) -> None:
    RegistrationFactory()
    made = publish_register(NOW)
    assert made
    for path in made.file.place.iterdir():
        shutil.copy(path, tmp_path)
    copy = tmp_path / made.file.table.name
    if is_tampered:
        copy.write_bytes(copy.read_bytes().replace(b"REGISTERED", b"REMOVED   "))
    page = (BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    lines = re.findall(r"^(?:openssl|sha256sum) .*$", page, re.MULTILINE)
    ends = [subprocess.run(shlex.split(line), cwd=tmp_path, capture_output=True, check=False) for line in lines]
    assert [end.returncode for end in ends] == [0, int(is_tampered)], ends


def test_a_day_s_file_is_written_once_and_old_ones_go(key: None) -> None:
    """Fails where a published day is written anew, or nothing is removed."""
    RegistrationFactory()
    days = settings.OPEN_DATA_DAYS
    for ago in (days + 1, days, 1):
        assert publish_register(NOW - timedelta(days=ago))
    before = publish_register(NOW)
    assert before
    written = before.file.table.stat().st_mtime_ns
    RegistrationFactory()
    assert publish_register(NOW) is None
    assert before.file.table.stat().st_mtime_ns == written
    assert [file.day for file in daily_files()] == [NOW.date(), NOW.date() - timedelta(days=1)]
    assert {path.name for path in Path(settings.OPEN_DATA_DIR).iterdir()} == {"2026-01-29", "2026-01-28"}


def test_two_at_once_leave_one_whole_file(key: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fails where the second one writes into the place of the first."""
    RegistrationFactory()
    monkeypatch.setattr(open_data, "daily_file", lambda _: None)
    first = publish_register(NOW)
    assert first
    assert publish_register(NOW) is None
    assert first.file.sha256 == open_data._digest(first.file.table)


def test_it_is_one_statement_and_memory_stays_flat(
    key: None, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    RegistrationFactory.create_batch(3)
    with django_assert_num_queries(1):
        assert len(list(every_entry(NOW.date()))) == 3

    one = PublicRegistration(Category.COA, date(2015, 6, 5), None, False, PublicStatus.REGISTERED)

    def many(day: date) -> Iterator[PublicEntry]:
        for n in range(30_000 if day == NOW.date() else 3_000):
            yield PublicEntry(f"{n:08d}", "", "Cabinet " + "x" * 200, "", "SARL", "Brest", (one,))

    monkeypatch.setattr(open_data, "every_entry", many)
    assert publish_register(NOW - timedelta(days=1)), "what is loaded once is not of the file"
    # What is held, without what only waits to be looked through for garbage.
    gc.set_threshold(700)
    tracemalloc.start()
    made = publish_register(NOW)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    look_seldom()
    assert made
    assert made.file.table.stat().st_size > 7_000_000
    assert peak < 3_000_000


def test_what_the_caller_has_is_not_sent_again_nor_counted(key: None) -> None:
    RegistrationFactory()
    publish_register(NOW)
    browser = Client()
    first: Any = browser.get(TODAY)
    list(first)
    assert "immutable" in first.headers["Cache-Control"]
    again = browser.get(TODAY, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
    assert (first.headers["RateLimit"].split(";")[1], again.headers["RateLimit"].split(";")[1]) == ("r=19", "r=19")


@pytest.mark.parametrize("day", ["2026-01-28", "2026-02-30", "0000-00-00"])
def test_a_day_without_a_file_is_absent(day: str) -> None:
    assert Client().get(f"/api/v1/register/exports/{day}/").status_code == 404


def test_the_key_is_for_its_owner_and_never_overwritten() -> None:
    """Fails without O_EXCL, or with another mode."""
    made = run("create_signing_key")
    path = Path(settings.OPEN_DATA_KEY_FILE)
    assert (made.code, path.stat().st_mode & 0o777) == (0, 0o600)
    assert made.out == open_data.public_pem(signing_key().public_key()).decode()
    before = path.read_bytes()
    again = run("create_signing_key")
    assert (again.code, path.read_bytes()) == (1, before)
    assert "déjà" in again.err


def test_without_a_key_that_can_be_used_nothing_is_published(caplog: pytest.LogCaptureFixture) -> None:
    assert run("publish_register").code == 1
    assert tasks.publish_today() == "not written"
    path = Path(settings.OPEN_DATA_KEY_FILE)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("no key")
    with pytest.raises(RegisterError, match="Ed25519"):
        publish_register(NOW)
    assert daily_files() == []


def test_nowhere_to_write_is_told(key: None) -> None:
    Path(settings.OPEN_DATA_DIR).write_text("a file in the way")
    with pytest.raises(RegisterError, match="ne peut pas être écrit"):
        publish_register(NOW)


def test_the_nightly_tick_publishes_once(key: None) -> None:
    RegistrationFactory()
    intended = clock.unmoved().isoformat()
    assert tasks.tick("open_data", intended) == "1 rows"
    assert tasks.tick("open_data", intended) == "already taken"
    assert run("publish_register").out.startswith("Le fichier du jour est déjà là")
    assert run("publish_register", "--json").json["written"] is False
