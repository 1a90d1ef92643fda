"""A register file on pages: compared without a trace, signed by one, applied by another, and gone."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Any

import pghistory.models
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from registry.intake import uploads
from registry.models import Intermediary, RegisterImport
from tests.factories import NOW, RegistrationFactory
from tests.registry.register_files import row, written
from tests.web.staff_stage import as_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
IMPORTS = "/espace/imports/"
ORIGIN = {"reason": "reçu de l’ORIAS"}


@pytest.fixture
def good(tmp_path: Path) -> bytes:
    return written(tmp_path / "r.csv", row(1), row(2)).read_bytes()


@pytest.fixture
def faulty(tmp_path: Path) -> bytes:
    return written(tmp_path / "f.csv", row(1), row(2, email="sans arobase")).read_bytes()


def deposited(content: bytes, name: str = "../registre.csv", role: str = "registry_officer") -> Any:
    return as_role(role).post(f"{IMPORTS}deposer/", {"file": SimpleUploadedFile(name, content)})


def signed(content: bytes, role: str = "registry_officer", **given: str) -> str:
    """The address of what was signed."""
    where = deposited(content, role=role).headers["Location"]
    return str(as_role(role).post(f"{where}signer/", ORIGIN | given).headers["Location"])


def kept() -> list[Path]:
    return list(uploads._directory().iterdir())


def test_a_file_is_compared_and_nothing_is_written(good: bytes) -> None:
    answer = deposited(good)
    assert answer.status_code == 303
    page = as_role("registry_officer").get(answer.headers["Location"])
    assert "<h1>registre.csv</h1>" in page.text
    assert "<dt>Nouvelles inscriptions</dt><dd>2</dd>" in page.text
    assert "Signer ce décompte" in page.text
    assert not Intermediary.objects.exists()


def test_one_signs_another_applies_and_the_file_is_gone(good: bytes) -> None:
    where = signed(good)
    assert "une autre personne l’applique" in as_role("registry_officer").get(where).text
    assert as_role("approver").post(where).headers["Location"] == IMPORTS
    done = RegisterImport.objects.select_related("prepared_by", "applied_by").get()
    assert done.prepared_by is not None
    assert done.applied_by is not None
    assert (done.prepared_by.username, done.applied_by.username) == ("registry_officer", "approver")
    assert (Intermediary.objects.count(), kept()) == (2, [])
    said = pghistory.models.Context.objects.latest("created_at").metadata["why"]
    assert said.endswith(f"préparé par registry_officer\u00a0: {ORIGIN['reason']}")
    again = as_role("approver").post(where)
    assert again.status_code == 409
    assert "n’est plus là" in again.text
    assert "registre.csv" in as_role("auditor").get(IMPORTS).text


def test_who_prepared_it_does_not_apply_it(good: bytes) -> None:
    """Fails without the second person in `apply_file`; the database refuses it too."""
    where = signed(good, role="administrator")
    answer = as_role("administrator").post(where)
    assert answer.status_code == 409
    assert "autre personne" in answer.text
    assert as_role("registry_officer").post(where).status_code == 403
    assert not Intermediary.objects.exists()


def test_what_was_signed_is_what_is_applied(good: bytes) -> None:
    """Fails without the counts in `apply_file`: the register has changed since it was compared."""
    where = signed(good)
    RegistrationFactory(intermediary__orias_number="07000001", intermediary__siren="356000000")
    answer = as_role("approver").post(where)
    assert answer.status_code == 409
    assert "Le registre a changé depuis" in answer.text
    assert RegisterImport.objects.count() == 0


def test_a_file_put_in_the_place_of_the_signed_one_is_not_applied(good: bytes, faulty: bytes) -> None:
    """Fails without the digest in `_apply`."""
    where = signed(good)
    [place] = kept()
    next(path for path in place.iterdir() if path.name == "registre.csv").write_bytes(faulty)
    answer = as_role("approver").post(where)
    assert answer.status_code == 409
    assert "pas le fichier qui a été signé" in answer.text


def test_rows_in_error_are_told_handed_back_and_left_aside_where_it_was_signed(faulty: bytes) -> None:
    where = deposited(faulty).headers["Location"]
    client = as_role("registry_officer")
    assert "arobase" in client.get(where).text
    file = client.get(f"{where}a-corriger.csv").content.decode("utf-8-sig")
    assert file.startswith("numero_orias;")
    assert "erreur_message" in file
    assert as_role("approver").post(signed(faulty)).status_code == 409
    assert as_role("approver").post(signed(faulty, skip_errors="on")).status_code == 303
    assert Intermediary.objects.count() == 1


def test_what_was_ticked_stays_ticked_where_the_reason_is_missing(faulty: bytes) -> None:
    where = deposited(faulty).headers["Location"]
    refused = as_role("registry_officer").post(f"{where}signer/", {"reason": "", "skip_errors": "on"})
    assert refused.status_code == 409
    assert 'name="skip_errors" type="checkbox" checked' in refused.text


def test_a_signature_is_of_who_deposited_and_says_where_the_file_comes_from(good: bytes) -> None:
    where = deposited(good).headers["Location"]
    assert as_role("administrator").post(f"{where}signer/", ORIGIN).status_code == 403
    answer = as_role("registry_officer").post(f"{where}signer/", {"reason": " "})
    assert answer.status_code == 409
    assert "D’où vient ce fichier" in answer.text
    assert as_role("approver").get(where.replace("comparaison", "accord")).status_code == 404


@pytest.mark.parametrize(
    ("content", "said"),
    [(b"", "Choisissez un fichier"), (b"PK\x03\x04 classeur", "Excel"), (b"x" * 2000, "import_register")],
)
def test_what_is_no_register_file_is_refused_in_words(
    content: bytes, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(uploads, "MOST_BYTES", 1999)
    client = as_role("registry_officer")
    given = {"file": SimpleUploadedFile("r.csv", content)} if content else {}
    answer = client.post(f"{IMPORTS}deposer/", given)
    assert answer.status_code == 409
    assert said in answer.text


def test_what_is_a_week_old_goes_and_names_are_plain(good: bytes) -> None:
    old = uploads.keep_upload("..", [b"a"], NOW)
    assert old.name == "registre.csv"
    assert old.stat().st_mode & 0o077 == old.parent.stat().st_mode & 0o077 == 0
    then = (NOW - uploads.KEPT_FOR - timedelta(seconds=1)).timestamp()
    os.utime(old.parent, (then, then))
    new = uploads.keep_upload("a/b\\r\x00.csv", [good], NOW)
    assert kept() == [new.parent]
    assert new.name == "r\ufffd.csv"
