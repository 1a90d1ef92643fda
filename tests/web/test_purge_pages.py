"""Files destroyed after five years on pages: the list, two people, the certificate; and the holds that keep a file."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection

from registry import clock
from registry.actions.purging import list_purgeable
from registry.models import Intermediary, LegalHold, PurgeCertificate
from tests.removing import at, lapsed, ordered
from tests.web.staff_stage import as_role
from web.views import purges

pytestmark = pytest.mark.django_db
GONE, DAY = date(2027, 5, 4), date(2032, 5, 5)
PURGES = "/espace/destructions/"


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(DAY))


@pytest.fixture
def gone() -> Intermediary:
    mine = lapsed()
    ordered(mine, GONE)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE; SET CONSTRAINTS ALL DEFERRED")
    return mine.intermediary


def signed(**given: str) -> Any:
    shown = {"hash": list_purgeable(as_of=DAY).hash, "reason": "purge annuelle"}
    return as_role("administrator", "ada").post(f"{PURGES}signer/", shown | given)


def second(where: str, count: str = "1", name: str = "root") -> Any:
    return as_role("administrator", name).post(where, {"count": count})


def test_the_page_lists_what_is_due_and_says_where_nothing_is() -> None:
    assert "Aucun dossier n’a atteint cinq ans" in as_role("auditor").get(PURGES).text
    mine = lapsed()
    ordered(mine, GONE)
    text = as_role("auditor").get(PURGES).text
    assert mine.intermediary.orias_number in text
    assert "Un administrateur signe la liste" in text


def test_two_people_destroy_exactly_the_list_that_was_shown(gone: Intermediary) -> None:
    """Fails without the second person of `purge_files`, the list's hash, or the number typed."""
    for wrong in ({"hash": "0" * 64}, {"reason": ""}):
        assert signed(**wrong).status_code == 409, wrong
    where = signed().headers["Location"]
    assert "une autre personne l’approuve" in as_role("administrator", "ada").get(where).text
    assert second(where, name="ada").status_code == 409
    assert as_role("approver").post(where, {"count": "1"}).status_code == 403
    for count in ("2", "", "un"):
        assert second(where, count).status_code == 409, count
        assert Intermediary.objects.get(pk=gone.pk).name != "Dossier détruit"
    assert not PurgeCertificate.objects.exists()
    assert second(where).status_code == 303
    made = PurgeCertificate.objects.get()
    assert (made.files, made.asked_by.username, made.approved_by.username) == (1, "ada", "root")
    assert Intermediary.objects.get(pk=gone.pk).name == "Dossier détruit"
    assert "Ce n’est plus la liste" in as_role("administrator", "root").get(where).text
    assert second(where).status_code == 409
    pdf = as_role("auditor").get(f"{PURGES}{made.number}.pdf")
    assert pdf.content == bytes(made.pdf)
    assert made.number in as_role("auditor").get(PURGES).text
    assert as_role("auditor").get(f"{PURGES}CD-2032-999999.pdf").status_code == 404


def test_a_list_that_changed_since_it_was_signed_is_not_destroyed(gone: Intermediary) -> None:
    """Fails without the hash in the token: a second file would go with the first."""
    where = signed().headers["Location"]
    ordered(lapsed(), GONE)
    assert "Ce n’est plus la liste" in as_role("administrator", "root").get(where).text
    assert second(where, "2").status_code == 409
    assert not PurgeCertificate.objects.exists()


def test_a_forged_address_or_a_signer_without_the_right_is_no_agreement(gone: Intermediary) -> None:
    where = signed().headers["Location"]
    assert as_role("administrator", "root").get(f"{where[:-3]}x/").status_code == 404
    User.objects.get(username="ada").groups.clear()
    assert as_role("administrator", "root").get(where).status_code == 404


def test_more_files_than_a_request_bears_are_left_to_the_command(
    gone: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = signed().headers["Location"]
    monkeypatch.setattr(purges, "MOST_AT_ONCE", 0)
    assert "purge_files" in as_role("administrator", "ada").get(PURGES).text
    assert second(where).status_code == 409
    assert not PurgeCertificate.objects.exists()


def test_a_file_is_kept_whatever_its_age_until_the_hold_is_lifted(gone: Intermediary) -> None:
    given = {"number": gone.orias_number, "reason": "recours"}
    post = as_role("approver").post
    for wrong in ({"number": "99999999"}, {"reason": ""}):
        assert post(f"{PURGES}conserver/", given | wrong).status_code == 409, wrong
    assert as_role("registry_officer").post(f"{PURGES}conserver/", given).status_code == 403
    assert post(f"{PURGES}conserver/", given).status_code == 303
    assert post(f"{PURGES}conserver/", given).status_code == 409
    text = as_role("approver").get(PURGES).text
    assert "Aucun dossier n’a atteint cinq ans" in text
    assert "recours" in text
    assert signed().status_code == 409
    assert post(f"{PURGES}conserver/", given | {"act": "lift", "reason": "jugement rendu"}).status_code == 303
    assert LegalHold.objects.get().lifted_by == User.objects.get(username="approver")
    assert gone.orias_number in as_role("auditor").get(PURGES).text
