"""Files kept by their content, recorded as they came, scanned when a scanner is there, not lost for lack of one."""

from __future__ import annotations

import hashlib
import logging
import os
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import DatabaseError, transaction

from registry import actions
from registry.actions import RegisterError
from registry.intake import papers as intake
from registry.intake.papers import receive_document, scan_papers
from registry.models import Cover, Document, Intermediary
from registry.papers import store
from registry.papers.checking import Checked
from registry.rules.documents import MOST_A_DAY, DocumentFault, DocumentType
from settings.scanner import ClamdAddress
from tests import papers
from tests.factories import CoverFactory, DocumentFactory, IntermediaryFactory
from tests.registry.paper_writers import GOOD, NOW, recorded, waiting_for_a_check

pytestmark = pytest.mark.django_db


@pytest.fixture
def cover() -> Cover:
    made: Cover = CoverFactory.create(deposited=True, renewed=True)
    return made


@pytest.fixture
def scanner(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with papers.clamd() as port:
        monkeypatch.setattr(settings, "CLAMD", ClamdAddress(host="127.0.0.1", port=port))
        yield


def kept() -> list[Path]:
    return [path for path in store.directory().rglob("*") if path.is_file() and "incoming" not in path.parts]


# --- the store --------------------------------------------------------------------------------------------


def test_a_file_is_kept_under_its_digest_for_us_alone(tmp_path: Path) -> None:
    source = tmp_path / "x"
    source.write_bytes(b"content")
    digest = store.keep(source)
    assert digest == hashlib.sha256(b"content").hexdigest()
    assert store.read(digest) == b"content"
    place = store.path_of(digest)
    assert [oct(path.stat().st_mode)[-3:] for path in (place, place.parent, store.directory())] == ["600", "700", "700"]
    assert list(store.incoming().iterdir()) == []


def test_what_is_kept_is_never_overwritten_and_proved_at_reading(tmp_path: Path) -> None:
    """Fails without the digest in `read`, or with a replace instead of a link."""
    source = tmp_path / "x"
    source.write_bytes(b"content")
    place = store.path_of(store.keep(source))
    place.chmod(0o600)
    place.write_bytes(b"another")
    assert store.keep(source) == place.name
    assert place.read_bytes() == b"another"
    with pytest.raises(store.DamagedStore, match="another one"):
        store.read(place.name)
    with pytest.raises(store.DamagedStore):
        store.read("0" * 64)


def test_the_store_is_outside_what_the_web_server_publishes() -> None:
    assert not Path(settings.DOCUMENT_DIR).is_relative_to(settings.STATIC_ROOT)


# --- recorded ---------------------------------------------------------------------------------------------


def test_a_good_file_is_recorded_and_kept(cover: Cover) -> None:
    document = recorded(cover, None, name="../\u202efdp.exe")
    assert (document.name, document.state, document.kind, document.size) == ("\ufffdfdp.exe", "NOT_SCANNED", "PDF", 5)
    assert document.kept_sha256 == document.received_sha256 == hashlib.sha256(b"%PDF-").hexdigest()
    assert [path.name for path in kept()] == [document.kept_sha256]


def test_a_broken_file_is_on_record_and_nothing_of_it_is_kept(cover: Cover) -> None:
    document = recorded(cover, None, checked=Checked(DocumentFault.ACTIVE_CONTENT))
    assert (document.state, document.fault, document.kept_sha256) == ("BROKEN", "ACTIVE_CONTENT", "")
    assert kept() == []


def test_the_file_written_anew_is_the_one_kept(cover: Cover, tmp_path: Path) -> None:
    clean = tmp_path / "clean"
    clean.write_bytes(b"clean")
    image = Checked(None, DocumentType.PNG, 1, 2, 2, rewritten=True)
    document = recorded(cover, None, checked=image, rewritten=clean)
    assert store.read(document.kept_sha256) == b"clean"
    assert document.received_sha256 != document.kept_sha256


def test_a_file_takes_so_many_documents_in_a_day_of_paris(cover: Cover) -> None:
    """Fails without `require_room`: broken ones count too, those of yesterday and of others do not."""
    whose = cover.intermediary
    DocumentFactory.create_batch(MOST_A_DAY - 1, intermediary=whose, broken=True)
    DocumentFactory.create(intermediary=whose, received_at=NOW - timedelta(days=1))
    DocumentFactory.create()
    recorded(cover, None)
    with pytest.raises(RegisterError, match="20 fichiers aujourd’hui"):
        recorded(cover, None)


def test_where_no_process_can_be_started_the_file_is_kept_and_checked_later(
    cover: Cover, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def none_left(*_: Any) -> Checked:
        raise OSError("Cannot allocate memory")

    monkeypatch.setattr(intake, "check_file", none_left)
    with store.scratch() as source:
        source.write_bytes(papers.pdf())
        document = receive_document(
            by=None, why="essai", now=NOW, intermediary=cover.intermediary, name="a.pdf", source=source
        )
    assert (document.state, document.pages) == ("RECEIVED", None)
    monkeypatch.setattr(intake, "check_file", lambda *_: GOOD)
    assert scan_papers(clock=lambda: NOW).checked == 1
    document.refresh_from_db()
    assert (document.state, document.kind) == ("NOT_SCANNED", "PDF")


@pytest.mark.parametrize(
    "verdict", [Checked(DocumentFault.DAMAGED), Checked(None, DocumentType.PNG, 1, rewritten=True)]
)
def test_what_was_kept_for_the_check_and_is_not_after_it_is_gone(
    verdict: Checked, cover: Cover, tmp_path: Path
) -> None:
    """Fails without `_forget`; what another row names stays."""
    clean = tmp_path / "clean"
    clean.write_bytes(b"clean")
    first, second = waiting_for_a_check(cover), waiting_for_a_check(cover)
    check: dict[str, Any] = {"now": NOW, "checked": verdict, "rewritten": clean, "has_scanner": False}
    assert actions.record_check(document=first, **check)
    assert store.read(second.kept_sha256) == b"%PDF-"
    assert actions.record_check(document=second, **check)
    assert not store.path_of(second.kept_sha256).exists()
    assert not actions.record_check(document=second, **check)


# --- what the database refuses ----------------------------------------------------------------------------


def refused(match: str, **values: Any) -> None:
    with pytest.raises(DatabaseError, match=match), transaction.atomic():
        Document.objects.update(**values)


def test_what_came_and_what_was_found_stay_and_states_follow_one_another(cover: Cover) -> None:
    """Fails without the three triggers of Document."""
    recorded(cover, None)
    refused("frozen stays", received_sha256="1" * 64)
    refused("changes its file with a merge alone", intermediary=IntermediaryFactory.create())
    refused("found in a document stays", kept_sha256="1" * 64)
    refused("found in a document stays", text="autre chose")
    refused("Invalid transition", state="RECEIVED")
    Document.objects.update(state="INFECTED", signature="x", scanned_at=NOW)
    refused("Invalid transition", state="NOT_SCANNED", signature="")


def test_the_text_is_not_kept_again_with_each_change(cover: Cover) -> None:
    from registry.models import DocumentHistory  # type: ignore[attr-defined]  # noqa: PLC0415

    recorded(cover, None)
    assert "text" not in {field.name for field in DocumentHistory._meta.get_fields()}


# --- scanned ----------------------------------------------------------------------------------------------


def stored(whose: Intermediary, content: bytes, **values: Any) -> Document:
    with store.scratch() as source:
        source.write_bytes(content)
        digest = store.keep(source)
    made: Document = DocumentFactory.create(intermediary=whose, kept_sha256=digest, **values)
    return made


def states() -> list[str]:
    return list(Document.objects.order_by("id").values_list("state", flat=True))


def test_a_scanner_tells_clean_from_infected_over_its_socket(cover: Cover, scanner: None) -> None:
    whose = cover.intermediary
    stored(whose, papers.pdf(), scanning=True)
    stored(whose, papers.pdf() + papers.EICAR, scanning=True)
    stored(whose, b"deposited while there was none")
    done = scan_papers(clock=lambda: NOW)
    assert (done.clean, len(done.infected), done.silent) == (2, 1, "")
    assert states() == ["CLEAN", "INFECTED", "CLEAN"]
    assert Document.objects.get(state="INFECTED").signature == "Eicar-Signature"


def test_without_a_scanner_nothing_waits_for_one(cover: Cover) -> None:
    stored(cover.intermediary, b"x", scanning=True)
    assert scan_papers(clock=lambda: NOW).not_scanned == 1
    assert states() == ["NOT_SCANNED"]


def test_a_silent_scanner_changes_nothing_and_the_log_says_so(
    cover: Cover, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(settings, "CLAMD", ClamdAddress(path="/nonexistent/clamd.ctl"))
    stored(cover.intermediary, b"x", scanning=True)
    stored(cover.intermediary, b"y", scanning=True)
    with caplog.at_level(logging.WARNING):
        done = scan_papers(clock=lambda: NOW + timedelta(minutes=16))
    assert "clamd.ctl" in done.silent
    assert states() == ["SCANNING", "SCANNING"]
    assert "2 documents have been waiting" in caplog.text


@pytest.mark.parametrize("answer", [b"", b"nonsense\n", b"stream: Access denied. ERROR\n", b"\xff\xfe\n"])
def test_a_scanner_that_talks_nonsense_clears_nobody(
    answer: bytes, cover: Cover, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where anything but OK passes for clean."""
    stored(cover.intermediary, b"x", scanning=True)
    with papers.clamd(lambda content: answer) as port:
        monkeypatch.setattr(settings, "CLAMD", ClamdAddress(host="127.0.0.1", port=port))
        assert scan_papers(clock=lambda: NOW).silent
    assert states() == ["SCANNING"]


def test_what_was_clean_is_scanned_again_and_a_false_alarm_is_lifted(cover: Cover, scanner: None) -> None:
    whose = cover.intermediary
    stored(whose, papers.EICAR, clean=True)
    stored(whose, b"harmless", infected=True)
    assert scan_papers(clock=lambda: NOW).clean == 0
    scan_papers(clock=lambda: NOW + timedelta(days=31), again_before=NOW + timedelta(days=1))
    assert states() == ["INFECTED", "CLEAN"]


def test_a_kept_file_that_is_missing_is_told(cover: Cover, scanner: None) -> None:
    gone = stored(cover.intermediary, b"x", scanning=True)
    os.unlink(store.path_of(gone.kept_sha256))
    stored(cover.intermediary, b"y", scanning=True)
    done = scan_papers(clock=lambda: NOW)
    assert (done.missing, done.clean) == ([gone.pk], 1)


def test_a_scan_of_what_has_moved_meanwhile_is_dropped(cover: Cover) -> None:
    document = DocumentFactory.create(scanning=True)
    Document.objects.update(state="NOT_SCANNED")
    assert not actions.record_scan(now=NOW, document=document, signature="")


def test_a_pass_ends_when_its_time_is_over(cover: Cover, scanner: None) -> None:
    stored(cover.intermediary, b"x", scanning=True)
    assert scan_papers(clock=lambda: NOW, is_over=lambda: True).clean == 0


def test_the_clock_is_read_for_each_file(cover: Cover, scanner: None) -> None:
    instants = iter([NOW, NOW + timedelta(hours=1), NOW])

    def clock() -> datetime:
        return next(instants)

    for content in (b"x", b"y"):
        stored(cover.intermediary, content, scanning=True)
    scan_papers(clock=clock)
    assert len(set(Document.objects.values_list("scanned_at", flat=True))) == 2
