"""A destroyed file of which every part of the register holds something: contacts, papers, merges, issuers, calls."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, connection, transaction

from registry.actions.purging import _links, _owned_models, list_purgeable, purge_files
from registry.models import Document, Intermediary, IssuerLot, Registration
from registry.papers import store
from tests.factories import (
    AddressCheckFactory,
    AffiliationFactory,
    CallFactory,
    ComplaintFactory,
    ContactFactory,
    CorrectionRequestFactory,
    CoverPaperFactory,
    CoverReviewFactory,
    DocumentFactory,
    DuplicateDismissalFactory,
    IntermediaryFactory,
    IntermediaryMergeFactory,
    IssuedCoverFactory,
    IssuerLotFactory,
    LookUpFactory,
    SignalFactory,
    UserFactory,
)
from tests.removing import at, lapsed, ordered

pytestmark = pytest.mark.django_db

REMOVED = date(2027, 5, 4)
FIRST = date(2032, 5, 5)
MERGED = "08999999"


@pytest.fixture
def digest(tmp_path: Path) -> str:
    with store.scratch() as path:
        path.write_bytes(b"une attestation")
        return store.keep(path)


@pytest.fixture
def removed(digest: str) -> Registration:
    """Somebody removed on 4 May 2027, with papers, contacts, a merged number, pushed covers, calls and complaints."""
    mine = lapsed()
    person = mine.intermediary
    paper = CoverPaperFactory(cover__intermediary=person, document__kept_sha256=digest)
    CorrectionRequestFactory(cover=paper.cover, ended=True)
    CoverReviewFactory(cover=paper.cover)
    IssuedCoverFactory(cover__intermediary=person)
    SignalFactory(affiliation=AffiliationFactory(registration=mine))
    ContactFactory(intermediary=person)
    AddressCheckFactory(intermediary=person, email="ancienne@example.org")
    ordered(mine, REMOVED)
    double = IntermediaryFactory(orias_number=MERGED, name="Second nom", email="second@example.org")
    IntermediaryMergeFactory(keep=person, drop=double)
    Intermediary.objects.filter(pk=double.pk).update(merged_into=person)
    people: list[Intermediary] = [person, IntermediaryFactory()]
    first, second = sorted(people, key=lambda one: one.pk)
    DuplicateDismissalFactory(first=first, second=second)
    CallFactory(intermediary=person)
    ComplaintFactory(intermediary=person)
    LookUpFactory(intermediary=person)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    return mine


def purge(by: User) -> dict[str, int]:
    listed = list_purgeable(as_of=FIRST)
    made = purge_files(by=by, approved_by=UserFactory(), now=at(FIRST), as_of=FIRST, list_hash=listed.hash)
    counts: dict[str, int] = made.counts
    return counts


def leading_to(person: int) -> dict[str, int]:
    """How many rows lead straight to this intermediary, by table, of those that a purge destroys."""
    found = {}
    for model in _owned_models():
        columns = [f.attname for f in _links(model) if f.related_model is Intermediary]
        rows = sum(model._default_manager.filter(**{column: person}).count() for column in columns)
        if columns and rows and model._meta.db_table not in TOLD:
            found[model._meta.db_table] = rows
    return found


def test_whatever_leads_to_the_person_is_destroyed(removed: Registration) -> None:
    """Fails where a guard of such a table knows no certificate of destruction (`pgtrigger.Protect` for `kept`)."""
    person = removed.intermediary_id
    before = leading_to(person)
    assert {"registry_contact", "registry_document", "registry_issuedcover", "hotline_call", "hotline_lookup"} <= set(
        before
    )
    counts = purge(UserFactory())
    assert leading_to(person) == {}
    for table in ("registry_coverreview", "registry_correctionrequest", "registry_affiliation", "registry_signal"):
        assert counts[table] == 1, table


def test_a_merged_number_goes_with_the_file_it_leads_to(removed: Registration) -> None:
    """Fails without `led` in `registry_purgeable`: its name and address would stay for ever."""
    assert MERGED in [number for _, number, _ in list_purgeable(as_of=FIRST).files]
    purge(UserFactory())
    double = Intermediary.objects.get(orias_number=MERGED)
    assert (double.name, double.email, double.merged_into_id) == ("Dossier détruit", "", removed.intermediary_id)


def test_a_merged_number_stays_as_long_as_the_file_it_leads_to() -> None:
    keep = lapsed().intermediary
    drop = lapsed()
    ordered(drop, date(2020, 1, 3))
    assert drop.intermediary.orias_number in [n for _, n, _ in list_purgeable(as_of=FIRST).files]
    drop.intermediary.covers.update(intermediary=keep)
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    Intermediary.objects.filter(pk=drop.intermediary_id).update(merged_into=keep)
    assert list_purgeable(as_of=FIRST).files == ()


@pytest.mark.parametrize("shared", [False, True])
def test_the_papers_leave_the_store_but_those_that_another_file_names(
    removed: Registration, digest: str, shared: bool, django_capture_on_commit_callbacks: object
) -> None:
    """Fails without `forget_content`: the row would be gone, and the paper would not."""
    if shared:
        DocumentFactory(kept_sha256=digest)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[operator]
        purge(UserFactory())
    assert store.path_of(digest).exists() is shared
    assert Document.objects.filter(kept_sha256=digest).count() == shared


def told(number: str) -> dict[str, object]:
    """A row of an issuer's file, refused, as it is kept."""
    said = {"field": "police", "code": "policy_unknown", "message": "police RC-UNIQUE inconnue"}
    return {"line": 2, "orias_number": number, "fate": "REFUSED", **said, "effective_on": None, "warnings": [said]}


def test_issuers_files_forget_the_person_and_keep_their_counts(removed: Registration) -> None:
    """Fails without `_forget_in_lots`: those rows lead to the person by no foreign key."""
    other = IntermediaryFactory().orias_number
    lot = IssuerLotFactory(fates=[told(other), told(removed.intermediary.orias_number), told("99999999")])
    counts = purge(UserFactory())
    lot.refresh_from_db()
    assert [fate["orias_number"] for fate in lot.fates] == [other, "", "99999999"]
    assert (lot.fates[1]["fate"], lot.fates[1]["message"], lot.fates[1]["warnings"]) == ("REFUSED", "", [])
    assert (lot.fates[0], lot.fates[2]) == (told(other), told("99999999"))
    assert counts["registry_issuerlot"] == 1


@pytest.mark.parametrize("change", ["another fate", "one less", "another number"])
def test_the_fates_of_a_lot_stay_but_for_a_file_that_is_being_destroyed(removed: Registration, change: str) -> None:
    """Fails without each part of `issuerlot_stays`."""
    lot = IssuerLotFactory(fates=[told(removed.intermediary.orias_number)])
    changed: dict[str, Any] = {
        "another fate": {"fates": [told("")]},
        "one less": {"fates": []},
        "another number": {"number": 7},
    }
    with pytest.raises(DatabaseError, match="the fates of a lot stay"), transaction.atomic():
        IssuerLot.objects.filter(pk=lot.pk).update(**changed[change])
    with pytest.raises(DatabaseError, match="Cannot delete"), transaction.atomic():
        IssuerLot.objects.filter(pk=lot.pk).delete()


def test_nothing_of_it_is_deleted_without_a_certificate(removed: Registration) -> None:
    """Fails without `kept` in the models."""
    for table in leading_to(removed.intermediary_id):
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT count(*) FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid WHERE t.tgrelid = %s::regclass"
                " AND p.prosrc LIKE '%%register_purging%%'",
                [table],
            )
            guarded = cursor.fetchone()[0]
        assert guarded or table in UNGUARDED, table


UNGUARDED = {
    "registry_contact",
    "registry_cover",
    "registry_document",
    "registry_namewords",
    "registry_registration",
}
"""What ordinary writers may take away, what its references keep, or what triggers write."""
TOLD = {"api_changeevent"}
"""That something of a number changed, without a word of what: gone by itself after thirty days."""
