"""intermediaries/{orias_number}/documents/ : a file comes in by HTTP, is checked at once, and is shown once clean."""

from __future__ import annotations

import json
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import clock
from registry.intake import papers as intake
from registry.intake.papers import scan_papers
from registry.models import Cover, Document, Intermediary
from registry.papers import store
from registry.papers.checking import Checked
from registry.rules.documents import MOST_BYTES, DocumentFault, DocumentType
from settings.scanner import ClamdAddress
from tests import papers
from tests.api.callers import Keyed, holder_of, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.factories import NOW, DocumentFactory, IntermediaryFactory, RegistrationFactory

pytestmark = pytest.mark.django_db
FILE = "/api/v1/intermediaries/08000101/"
DOCUMENTS = f"{FILE}documents/"


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def mine() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000101")).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.fixture
def officer(mine: Intermediary) -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


@pytest.fixture
def at_once(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """No process: every file is a good PDF; how often that was asked."""
    asked: list[int] = []

    def check(*_: Any) -> Checked:
        asked.append(1)
        return Checked(None, DocumentType.PDF, 1, text=" ".join(papers.TEXT))

    monkeypatch.setattr(intake, "check_file", check)
    return asked


def send(client: Client, content: bytes, name: str = "attestation.pdf", key: str = "", **more: Any) -> Any:
    headers = {"Idempotency-Key": key or uuid4().hex}
    return client.post(DOCUMENTS, data={"file": SimpleUploadedFile(name, content)} | more, headers=headers)


def test_a_file_is_checked_at_once_and_named_by_a_certificate(program: Keyed) -> None:
    """The two steps, with the real child."""
    answer = send(program, papers.pdf())
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert (made["state"], made["kind"], made["pages"], made["fault"]) == ("NOT_SCANNED", "PDF", 1, "")
    assert made["findings"] == [
        {
            "code": "TEXT_AGREES",
            "level": "GOOD",
            "level_label": "conforme",
            "detail": "le texte du document confirme\u00a0: numéro 08000101",
        }
    ]
    assert answer.headers["Location"] == f"http://testserver{DOCUMENTS}{made['id']}/"
    cover = program.act("post", f"{FILE}covers/", DEPOSIT | {"documents": [made["id"]], "policy": "RC-2026/77"}).json()
    assert cover["documents"] == [made["id"]]
    assert {f["code"] for f in cover["findings"]} == {
        "PERIOD_WHOLE", "AMOUNTS_MET", "CATEGORIES_COVERED", "ISSUER_UNKNOWN", "TEXT_AGREES",
    }  # fmt: skip
    assert program.get(DOCUMENTS).json()["results"][0]["id"] == made["id"]


def test_the_attestation_of_the_old_period_is_told_at_the_upload_and_at_the_deposit(program: Keyed) -> None:
    """The classic error, before anybody of staff has looked."""
    made = send(program, papers.pdf(*papers.OLD_TEXT)).json()
    assert [f["code"] for f in made["findings"]] == ["TEXT_AGREES", "TEXT_OLD_PERIOD"]
    assert "du 01/03/2026 au 28/02/2027" in made["findings"][1]["detail"]
    old = {"starts_on": "2025-03-01", "ends_on": "2026-02-28", "documents": [made["id"]]}
    cover = program.act("post", f"{FILE}covers/", DEPOSIT | old).json()
    assert (cover["findings"][0]["code"], cover["findings"][0]["level"]) == ("PERIOD_OLD", "WRONG")


@pytest.mark.parametrize(
    ("content", "fault"), [(b"", "EMPTY"), (papers.EICAR, "UNKNOWN_TYPE"), (b"%PDF-1.7\n%%EOF", "DAMAGED")]
)
def test_a_broken_file_is_answered_with_what_to_do_and_cannot_be_filed(
    content: bytes, fault: str, program: Keyed
) -> None:
    made = send(program, content).json()
    assert (made["state"], made["fault"], made["kind"]) == ("BROKEN", fault, "")
    assert made["fault_label"] == DocumentFault(fault).label
    answer = program.act("post", f"{FILE}covers/", DEPOSIT | {"documents": [made["id"]]})
    assert (answer.status_code, answer.json()["code"]) == (409, "register_refuses")
    assert Cover.objects.count() == 0


def test_the_type_is_that_of_the_content_whatever_its_name_says(program: Keyed, officer: Keyed) -> None:
    made = send(program, papers.image("JPEG"), name="at\u202eftestation.exe").json()
    assert (made["kind"], made["name"]) == ("JPEG", "atftestation.exe")
    shown = officer.get(f"{DOCUMENTS}{made['id']}/content/", {"accept_unscanned": "true"})
    assert shown.headers["Content-Type"] == "image/jpeg"
    assert shown.headers["Content-Disposition"].endswith("testation.exe.jpg")


# --- what is refused before it is looked at ---------------------------------------------------------------


def test_a_file_that_is_too_large_is_refused_before_it_is_read(program: Keyed, at_once: list[int]) -> None:
    """By its announced length, and where that lies by the bytes that come."""
    announced = program.post(
        DOCUMENTS, data=b"x", content_type="multipart/form-data; boundary=b", headers={"Idempotency-Key": "a"},
        CONTENT_LENGTH=str(11 * 1024 * 1024),
    )  # fmt: skip
    for answer in (announced, send(program, bytes(MOST_BYTES + 1))):
        assert (answer.status_code, answer.json()["code"]) == (413, "file_too_large")
        assert answer.headers["Content-Type"] == "application/problem+json"
    assert Document.objects.count() == len(at_once) == 0
    assert list(store.incoming().iterdir()) == []


@pytest.mark.parametrize("more", [{"kind": "PDF"}, {"second": SimpleUploadedFile("b.pdf", b"x")}])
def test_one_file_and_nothing_else(more: dict[str, Any], program: Keyed, at_once: list[int]) -> None:
    answer = send(program, b"x", **more)
    assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (400, "#/file")
    nothing = program.post(DOCUMENTS, data={}, headers={"Idempotency-Key": "b"})
    assert nothing.json()["errors"][0]["code"] == "file_expected"
    assert at_once == []


def test_json_is_no_file(program: Keyed) -> None:
    assert program.act("post", DOCUMENTS, {"file": "x"}).status_code == 415


def test_uploads_have_a_budget_of_their_own(program: Keyed, at_once: list[int]) -> None:
    answers = [send(program, b"x").status_code for _ in range(11)]
    assert answers == [201] * 10 + [429]


# --- acting once ------------------------------------------------------------------------------------------


def test_i15_the_same_file_again_acts_once_and_another_under_its_key_is_refused(
    program: Keyed, at_once: list[int]
) -> None:
    """Fails without UPLOAD_DIGEST in the fingerprint."""
    first, again = send(program, b"one", key="k"), send(program, b"one", key="k")
    assert (first.status_code, json.loads(again.content), again.headers["Idempotent-Replayed"]) == (
        201, first.json(), "true",
    )  # fmt: skip
    assert send(program, b"two", key="k").json()["code"] == "idempotency_key_reused"
    assert send(program, b"one", name="b.pdf", key="k").json()["code"] == "idempotency_key_reused"
    assert Document.objects.count() == 1


def test_i14_a_document_of_another_file_is_absent(program: Keyed, officer: Keyed) -> None:
    foreign = DocumentFactory().pk
    for path in (f"{DOCUMENTS}{foreign}/", f"{DOCUMENTS}{foreign}/content/"):
        assert officer.get(path).status_code == 404
    answer = program.act("post", f"{FILE}covers/", DEPOSIT | {"documents": [foreign]})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "unknown_document")


def test_a_browser_s_session_may_send_one_too(mine: Intermediary, at_once: list[int]) -> None:
    """Its CSRF check reads the form before the view does: the file must be streamed all the same."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(holder_of(mine))
    browser.get("/")
    refused = send(browser, b"x")
    assert refused.status_code == 403
    browser.cookies["csrftoken"] = token = "a" * 32
    assert send(browser, b"x", csrfmiddlewaretoken=token).status_code == 201


# --- who reads it -----------------------------------------------------------------------------------------


def content(client: Client, **query: str) -> Any:
    return client.get(f"{DOCUMENTS}{Document.objects.get().pk}/content/", query)


def test_without_a_scanner_only_a_reviewer_reads_it_having_said_so(
    program: Keyed, officer: Keyed, at_once: list[int]
) -> None:
    send(program, b"%PDF-bytes")
    assert content(program, accept_unscanned="true").json()["code"] == "register_refuses"
    warned = content(officer)
    assert (warned.status_code, "accept_unscanned=true" in warned.json()["reason"]) == (409, True)
    auditor = Keyed(staff_in("auditor"), "staff:*")
    assert content(auditor, accept_unscanned="true").status_code == 409
    assert content(officer, accept_unscanned="true").content == b"%PDF-bytes"


def test_with_a_scanner_nobody_reads_it_before_it_is_clean(
    program: Keyed, officer: Keyed, at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `why_hidden`. Filing does not wait."""
    with papers.clamd() as port:
        monkeypatch.setattr(settings, "CLAMD", ClamdAddress(host="127.0.0.1", port=port))
        made = send(program, b"%PDF-bytes").json()
        assert made["state"] == "SCANNING"
        assert program.act("post", f"{FILE}covers/", DEPOSIT | {"documents": [made["id"]]}).status_code == 201
        assert content(officer, accept_unscanned="true").status_code == 409
        scan_papers(clock=lambda: NOW)
        shown = content(program)
    assert shown.content == b"%PDF-bytes"
    assert shown.headers["Content-Type"] == "application/pdf"
    assert shown.headers["Content-Disposition"] == "attachment; filename*=UTF-8''attestation.pdf"
    assert shown.headers["X-Content-Type-Options"] == "nosniff"
    assert shown.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert shown.headers["Cache-Control"] == "private, no-store"


def test_an_infected_file_is_read_by_nobody(
    program: Keyed, officer: Keyed, at_once: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with papers.clamd() as port:
        monkeypatch.setattr(settings, "CLAMD", ClamdAddress(host="127.0.0.1", port=port))
        send(program, b"%PDF-" + papers.EICAR)
        scan_papers(clock=lambda: NOW)
    monkeypatch.setattr(settings, "CLAMD", None)
    for client in (program, officer):
        assert "Écarté par l’antivirus".lower() in content(client, accept_unscanned="true").json()["reason"]


def test_a_kept_file_that_is_damaged_is_not_served(program: Keyed, officer: Keyed, at_once: list[int]) -> None:
    send(program, b"%PDF-bytes")
    store.path_of(Document.objects.get().kept_sha256).unlink()
    assert "introuvable ou abîmé" in content(officer, accept_unscanned="true").json()["reason"]
