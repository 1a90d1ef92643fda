"""Documents on the site: what is sent is checked and told of at once; then the certificate is declared with it."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from registry import clock
from registry.actions import ask_correction
from registry.models import Cover, Document
from registry.papers import store
from registry.rules.reviews import ReviewReason
from tests.factories import NOW, CoverFactory, DocumentFactory
from tests.papers import altered, pdf, script
from tests.reminders.scenes import person
from tests.web.people import MINE, Desk

pytestmark = pytest.mark.django_db
PAPERS = f"/mon-espace/{MINE}/pieces"
DECLARED = {
    "kind": "RC_PRO",
    "categories": ["COA", "IOB"],
    "issuer": "Mutuelle d'essai",
    "policy": "RC-2026/77",
    "starts_on": "2026-03-01",
    "ends_on": "2027-02-28",
    "amount": "1564610",
    "annual": "2315610",
}
TEXT = (
    "Attestation d'assurance de responsabilite civile professionnelle",
    f"Mutuelle d'essai atteste que le cabinet {MINE} est couvert par le contrat RC-2026/77",
    "du 01/03/2026 au 28/02/2027, 1 564 610 EUR par sinistre et 2 315 610 EUR par an.",
)


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


def token(client: Client, path: str) -> str:
    found = re.search(r'name="once" value="([0-9a-f]{32})"', client.get(path).text)
    assert found
    return found[1]


def send(client: Client, content: bytes | None, name: str = "attestation.pdf", **extra: Any) -> Any:
    given: dict[str, Any] = {"once": token(client, f"{PAPERS}/deposer/"), "piece": "RC_PRO"} | extra
    if content is not None:
        given["file"] = SimpleUploadedFile(name, content)
    return client.post(f"{PAPERS}/deposer/", given)


def declare(client: Client, page: str, **change: Any) -> Any:
    return client.post(page, DECLARED | {"once": token(client, page)} | change)


def test_a_certificate_is_sent_checked_told_of_and_declared(marie: Client) -> None:
    sent = send(marie, pdf(*TEXT))
    document = Document.objects.latest("id")
    page = f"{PAPERS}/{document.pk}/"
    assert (sent.status_code, sent.headers["Location"]) == (303, f"{page}?piece=RC_PRO")
    told = marie.get(f"{page}?piece=RC_PRO").text
    assert f"confirme\u00a0: numéro «\u00a0{MINE}" in told or "le texte du document confirme" in told
    assert '<option value="RC_PRO" selected>' in told
    assert declare(marie, page).status_code == 303
    cover = Cover.objects.latest("id")
    assert (cover.deposited_on, cover.channel, cover.status) == (date(2026, 1, 29), "PORTAL", "DEPOSITED")
    assert [paper.document_id for paper in cover.papers.all()] == [document.pk]
    after = marie.get(page).text
    assert "Attestation reçue le 29\u00a0janvier\u00a02026" in after
    assert "couvre toute la période" in after
    assert "En contrôle" in marie.get(f"/mon-espace/{MINE}/").text
    assert document.received_by is not None
    assert store.read(document.kept_sha256)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (altered(script), "contient un programme"),
        (b"PK\x03\x04 no paper", "ni un PDF, ni une image"),
        (b"", "est vide"),
    ],
)
def test_what_is_refused_is_told_at_once_with_what_to_do(marie: Client, content: bytes, words: str) -> None:
    page = send(marie, content).headers["Location"]
    told = marie.get(page).text
    assert "Ce fichier est refusé" in told
    assert words in told
    assert 'name="kind"' not in told
    assert marie.get(f"{PAPERS}/").text.count(words) == 1


def test_the_certificate_of_the_old_period_is_told_before_anybody_reads_it(marie: Client) -> None:
    old = (*TEXT[:2], "du 1er mars 2025 au 28 fevrier 2026, 1 564 610 EUR par sinistre.")
    assert "ancienne période" in marie.get(send(marie, pdf(*old)).headers["Location"]).text


def test_no_file_and_one_too_large_are_told_and_nothing_is_kept(marie: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    nothing = send(marie, None)
    assert nothing.status_code == 400
    assert "Choisissez" in nothing.text
    monkeypatch.setattr("api.uploads.MOST_BYTES", 100)
    large = send(marie, b"x" * 200)
    assert large.status_code == 413
    assert "dépasse 10 Mo" in large.text
    monkeypatch.setattr("web.views.people_papers.MOST_BYTES", -100_000)
    assert send(marie, b"x").status_code == 413
    assert Document.objects.count() == 2


def test_two_files_at_once_are_one_too_many(marie: Client) -> None:
    files = [SimpleUploadedFile(f"{n}.pdf", b"%PDF-") for n in "ab"]
    answer = marie.post(f"{PAPERS}/deposer/", {"once": "0" * 32, "file": files[0], "other": files[1]})
    assert answer.status_code == 400
    assert "Un seul fichier" in answer.text


def test_a_day_takes_so_many_files(marie: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.actions.documents.MOST_A_DAY", 0)
    answer = send(marie, b"%PDF-")
    assert answer.status_code == 409
    assert "a déjà reçu" in answer.text


def test_i15_a_file_sent_twice_by_one_click_too_many_is_one_document(marie: Client) -> None:
    """Fails without `act_once`."""
    once = token(marie, f"{PAPERS}/deposer/")
    places = {send(marie, b"no paper", once=once).headers["Location"] for _ in range(2)}
    assert len(places) == 1
    assert Document.objects.filter(intermediary__orias_number=MINE).count() == 2


def test_i15_a_certificate_declared_twice_is_one(marie: Client, desk: Desk) -> None:
    """By the same form once; by another the file is filed already."""
    page = f"{PAPERS}/{desk.paper.pk}/"
    form = DECLARED | {"once": token(marie, page)}
    assert [marie.post(page, form).status_code for _ in range(2)] == [303, 303]
    again = marie.post(page, DECLARED | {"once": "0" * 32})
    assert again.status_code == 409
    assert "déjà joint" in again.text
    assert Cover.objects.filter(status="DEPOSITED").count() == 1


def test_what_is_wrong_with_a_declaration_is_told_and_what_was_typed_stays(marie: Client, desk: Desk) -> None:
    answer = declare(marie, f"{PAPERS}/{desk.paper.pk}/", ends_on="2025-01-01", amount="beaucoup", issuer="Ma Mutuelle")
    assert answer.status_code == 400
    assert 'href="#amount"' in answer.text
    assert 'value="Ma Mutuelle"' in answer.text
    assert not Cover.objects.filter(status="DEPOSITED").exists()


def test_a_category_without_registration_cannot_be_declared(marie: Client, desk: Desk) -> None:
    assert declare(marie, f"{PAPERS}/{desk.paper.pk}/", categories=["CIF"]).status_code == 400


def test_a_broken_file_cannot_be_declared_by_any_form(marie: Client, desk: Desk) -> None:
    broken = DocumentFactory(intermediary=desk.mine, broken=True)
    answer = marie.post(f"{PAPERS}/{broken.pk}/", DECLARED | {"once": "0" * 32})
    assert answer.status_code == 409
    assert "ne peut pas être joint" in answer.text


def sent_back(desk: Desk, **values: Any) -> Cover:
    cover: Cover = CoverFactory(intermediary=desk.mine, renewed=True, deposited=True, **values)
    by = person("officer")
    ask_correction(by=by, why="essai", day=date(2026, 1, 28), cover=cover, reason=ReviewReason.NOT_SIGNED)
    return cover


def test_what_was_sent_back_is_told_why_and_answered_with_a_file(marie: Client, desk: Desk) -> None:
    cover = sent_back(desk)
    assert "ni datée" in marie.get(f"{PAPERS}/").text or "sign" in marie.get(f"{PAPERS}/").text
    page = f"{PAPERS}/{desk.paper.pk}/"
    assert "Ce fichier y répond" in marie.get(page).text
    assert marie.post(page, {"once": token(marie, page), "answers": str(cover.pk)}).status_code == 303
    cover.refresh_from_db()
    assert (cover.status, cover.papers.get().document_id) == ("DEPOSITED", desk.paper.pk)


def test_i14_what_was_sent_back_to_somebody_else_is_absent(marie: Client, desk: Desk) -> None:
    others = CoverFactory(intermediary=desk.others, renewed=True, deposited=True)
    page = f"{PAPERS}/{desk.paper.pk}/"
    for wanted in (str(others.pk), "999999", "x", "9" * 30):
        assert marie.post(page, {"once": "0" * 32, "answers": wanted}).status_code == 404


def test_i14_a_file_for_somebody_else_is_not_even_read(marie: Client, desk: Desk) -> None:
    answer = marie.post(
        f"/mon-espace/{desk.others.orias_number}/pieces/deposer/", {"file": SimpleUploadedFile("a", b"x")}
    )
    assert answer.status_code == 404
    assert Document.objects.count() == 2
