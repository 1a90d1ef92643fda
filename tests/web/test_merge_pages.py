"""A merge on pages: previewed, signed by one, agreed to by another; undone; pairs said to be two persons."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.merges import preview_merge
from registry.models import DuplicateDismissal, Intermediary, IntermediaryMerge
from tests.factories import CoverFactory, IntermediaryFactory, RegistrationFactory
from tests.web.staff_stage import as_role
from web.agreements import VALID_FOR

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
KEEP, DROP = "08000071", "08000072"
FUSIONS = "/espace/fusions/"
PREVIEW_QUERIES = 15
"""The preview reads both files as the merge does; signing in is not counted."""


@pytest.fixture
def two() -> tuple[Intermediary, Intermediary]:
    """One person under two numbers: an IOB, and a COA with a certificate."""
    keep = RegistrationFactory(
        iob=True, intermediary=IntermediaryFactory(orias_number=KEEP, name="Cabinet Martin", email="m@example.org")
    ).intermediary
    drop = RegistrationFactory(
        intermediary=IntermediaryFactory(orias_number=DROP, name="Cabinet Martin", email="m@example.org")
    ).intermediary
    CoverFactory(intermediary=drop, categories=["COA"])
    return keep, drop


def signed(**given: str) -> Any:
    shown = {"keep": KEEP, "drop": DROP, "hash": preview_merge(KEEP, DROP).hash, "reason": "inscrit deux fois"}
    return as_role("registry_officer").post(f"{FUSIONS}signer/", shown | given)


def agreed(where: str, role: str = "approver") -> Any:
    return as_role(role).post(where)


def test_the_preview_tells_what_moves_and_writes_nothing(two: tuple[Intermediary, Intermediary]) -> None:
    client = as_role("auditor")
    with CaptureQueriesContext(connection) as asked:
        text = client.get(f"{FUSIONS}apercu/?garde={KEEP}&abandonne={DROP}").text
    assert preview_merge(KEEP, DROP).hash in text
    assert "1 inscription, 1 attestation" in text
    assert "Signer" not in text
    assert len(asked) <= PREVIEW_QUERIES
    answer = client.get(f"{FUSIONS}apercu/?garde={KEEP}&abandonne=99999999")
    assert answer.status_code == 404
    assert "n’est pas au registre" in answer.text


def test_one_signs_and_another_agrees_once(two: tuple[Intermediary, Intermediary]) -> None:
    """The database holds both names; a second press finds it done."""
    where = signed().headers["Location"]
    assert "une autre personne l’approuve" in as_role("registry_officer").get(where).text
    assert not IntermediaryMerge.objects.exists()
    assert agreed(where).headers["Location"] == FUSIONS
    made = IntermediaryMerge.objects.select_related("signed_by", "approved_by").get()
    assert (made.signed_by.username, made.approved_by.username) == ("registry_officer", "approver")
    assert made.reason == "inscrit deux fois"
    again = agreed(where)
    assert again.status_code == 409
    assert "Ce n’est plus ce qui a été signé" in again.text
    assert IntermediaryMerge.objects.count() == 1


def test_who_signed_does_not_agree(two: tuple[Intermediary, Intermediary]) -> None:
    """Fails without the second person in the writer and in the database."""
    shown = {"keep": KEEP, "drop": DROP, "hash": preview_merge(KEEP, DROP).hash, "reason": "x"}
    where = as_role("administrator").post(f"{FUSIONS}signer/", shown).headers["Location"]
    answer = agreed(where, "administrator")
    assert answer.status_code == 409
    assert "autre personne" in answer.text
    assert agreed(where, "registry_officer").status_code == agreed(where, "auditor").status_code == 403
    assert not IntermediaryMerge.objects.exists()


def test_what_has_changed_since_is_neither_signed_nor_agreed_to(two: tuple[Intermediary, Intermediary]) -> None:
    """Fails without the hash in the token."""
    where = signed().headers["Location"]
    CoverFactory(intermediary=two[1], categories=["COA"], renewed=True)
    assert "Ce n’est plus ce qui a été signé" in as_role("approver").get(where).text
    assert agreed(where).status_code == 409
    assert signed(hash="0" * 64).status_code == 409
    assert signed(reason=" ").status_code == 409
    assert signed(keep="99999999").status_code == 404
    RegistrationFactory(intermediary=two[0])
    impossible = signed()
    assert impossible.status_code == 409
    assert "Fusion impossible" in impossible.text.partition("Empreinte")[0], "before what would be done"
    assert not IntermediaryMerge.objects.exists()


def test_an_agreement_that_nobody_signed_is_not_found(
    two: tuple[Intermediary, Intermediary], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Forged, older than a week, or of an account that may sign no more: fails without each check in `read_signed`."""
    where = signed().headers["Location"]
    assert as_role("approver").get(where[:-3] + "xx/").status_code == 404
    monkeypatch.setattr("web.agreements.VALID_FOR", -timedelta(seconds=1))
    assert as_role("approver").get(where).status_code == 404
    monkeypatch.setattr("web.agreements.VALID_FOR", VALID_FOR)
    assert as_role("approver").get(where).status_code == 200
    User.objects.get(username="registry_officer").groups.clear()
    assert agreed(where).status_code == 404
    assert not IntermediaryMerge.objects.exists()


def test_a_merge_is_undone_with_a_reason(two: tuple[Intermediary, Intermediary]) -> None:
    agreed(signed().headers["Location"])
    made = IntermediaryMerge.objects.get()
    undo = lambda **given: as_role("registry_officer").post(f"{FUSIONS}{made.pk}/defaire/", given)  # noqa: E731
    assert "Défaire, jusqu’au" in as_role("registry_officer").get(FUSIONS).text
    assert undo().status_code == 409
    assert undo(reason="deux cabinets").status_code == 303
    assert undo(reason="encore").status_code == 409
    made.refresh_from_db()
    assert made.undo_reason == "deux cabinets"
    assert "Défaite" in as_role("auditor").get(FUSIONS).text


def test_pairs_are_suggested_on_request_and_dismissed_once(two: tuple[Intermediary, Intermediary]) -> None:
    client = as_role("registry_officer")
    assert "points" not in client.get(FUSIONS).text
    assert f"{KEEP} et {DROP}" in client.get(f"{FUSIONS}?doublons=oui").text
    pair = {"first": KEEP, "second": DROP}
    assert client.post(f"{FUSIONS}ecarter/", pair).status_code == 409
    assert client.post(f"{FUSIONS}ecarter/", pair | {"reason": "père et fils"}).status_code == 303
    assert "Aucune paire" in client.get(f"{FUSIONS}?doublons=oui").text
    assert client.post(f"{FUSIONS}ecarter/", pair | {"reason": "encore"}).status_code == 409
    assert DuplicateDismissal.objects.count() == 1


def test_who_may_only_look_signs_nothing(two: tuple[Intermediary, Intermediary]) -> None:
    client = as_role("approver")
    for where in ("signer/", "ecarter/", "1/defaire/"):
        assert client.post(f"{FUSIONS}{where}").status_code == 403
