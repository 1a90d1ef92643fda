"""Documents go with a merge and come back with its undoing; what is under way under a number stands against it."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from registry.actions import RegisterError, attach_document, cases, merge_intermediaries, orders, undo_merge
from registry.merges import preview_merge
from registry.models import Cover, Document, Intermediary, IntermediaryMerge, Registration
from registry.models.registration import Authority, DecisionKind
from registry.rules.removals import Ground
from tests.factories import (
    NOW,
    CoverFactory,
    CoverPaperFactory,
    DocumentFactory,
    IntermediaryFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 29)
KEEP, DROP = "08000041", "08000042"


@pytest.fixture
def keep() -> Intermediary:
    return RegistrationFactory(iob=True, intermediary=IntermediaryFactory(orias_number=KEEP)).intermediary


@pytest.fixture
def drop(keep: Intermediary) -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number=DROP)).intermediary


@pytest.fixture
def cover(drop: Intermediary) -> Cover:
    """Under review, with its document."""
    made: Cover = CoverPaperFactory(cover__intermediary=drop, cover__categories=["COA"]).cover
    return made


@pytest.fixture
def two() -> tuple[User, User]:
    return UserFactory(username="alice", is_superuser=True), UserFactory(username="bruno", is_superuser=True)


def merged(two: tuple[User, User]) -> IntermediaryMerge:
    shown = preview_merge(KEEP, DROP)
    return merge_intermediaries(
        by=two[0], approved_by=two[1], why="inscrit deux fois", now=NOW, day=DAY, keep=KEEP, drop=DROP,
        preview_hash=shown.hash,
    )  # fmt: skip


def undone(two: tuple[User, User], merge: IntermediaryMerge) -> None:
    undo_merge(by=two[0], why="deux cabinets", now=NOW + timedelta(days=3), day=DAY, merge_id=merge.pk)


def whose() -> dict[int, str]:
    return dict(Document.objects.values_list("pk", "intermediary__orias_number"))


def test_documents_go_with_the_merge_and_back_with_its_undoing(
    keep: Intermediary, cover: Cover, two: tuple[User, User]
) -> None:
    """Fails without the move in `_move`, or in `_move_back`: the paper of a certificate would be of another file."""
    loose, mine = DocumentFactory(intermediary=cover.intermediary), DocumentFactory(intermediary=keep)
    paper = cover.papers.get().document_id
    merge = merged(two)
    assert whose() == {paper: KEEP, loose.pk: KEEP, mine.pk: KEEP}
    # A scan that ends meanwhile is no change of the merge's.
    Document.objects.filter(pk=loose.pk).update(state="SCANNING")
    undone(two, merge)
    assert whose() == {paper: DROP, loose.pk: DROP, mine.pk: KEEP}


def test_a_certificate_that_moved_takes_another_paper_of_the_number_kept(
    keep: Intermediary, cover: Cover, two: tuple[User, User]
) -> None:
    """What the two now share keeps the merge from being undone. Fails without `_attached_since`."""
    merge = merged(two)
    cover.refresh_from_db()
    newer = DocumentFactory(intermediary=keep)
    attach_document(by=None, why="complément", day=DAY, cover=cover, document=newer)
    with pytest.raises(RegisterError, match=f"le document {newer.pk} a été joint à l’attestation {cover.pk}"):
        undone(two, merge)


def test_what_is_filed_apart_afterwards_stays_where_it_was_filed(
    keep: Intermediary, cover: Cover, two: tuple[User, User]
) -> None:
    merge = merged(two)
    later = CoverPaperFactory(cover__intermediary=keep, cover__categories=["IOB"])
    undone(two, merge)
    assert whose()[later.document_id] == KEEP


def test_the_paper_of_a_twin_stays_with_it(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    twins = [CoverFactory(intermediary=one, imported=True, categories=["COA"]) for one in (keep, drop)]
    paper = CoverPaperFactory(cover=twins[1])
    assert preview_merge(KEEP, DROP).plan.stays["documents"] == (paper.document_id,)
    merged(two)
    assert whose() == {paper.document_id: DROP}


def test_raw_sql_gives_a_document_to_nobody_else(keep: Intermediary, cover: Cover, two: tuple[User, User]) -> None:
    """Fails without each half of `document_moves_with_a_merge`, and without `stays_out_of_merged` on documents."""
    third = IntermediaryFactory()
    with pytest.raises(IntegrityError, match="with a merge alone"), transaction.atomic():
        Document.objects.update(intermediary=third)
    merged(two)
    own = DocumentFactory(intermediary=keep)
    for one in (own, cover.papers.get().document):
        with pytest.raises(IntegrityError, match="with a merge alone"), transaction.atomic():
            Document.objects.filter(pk=one.pk).update(intermediary=third)
    with pytest.raises(IntegrityError, match="with a merge alone"), transaction.atomic():
        Document.objects.filter(pk=own.pk).update(intermediary=cover.intermediary_id)
    with pytest.raises(IntegrityError, match="merged number takes nothing"), transaction.atomic():
        DocumentFactory(intermediary_id=cover.intermediary_id)


def test_the_preview_names_the_documents(keep: Intermediary, cover: Cover, two: tuple[User, User]) -> None:
    answer = run("merge_intermediaries", KEEP, DROP)
    assert (answer.code, "1 document" in answer.out) == (0, True)
    told: Any = json.loads(run("merge_intermediaries", KEEP, DROP, "--json").out)
    assert told["moves"]["documents"] == [cover.papers.get().document_id]


# --- what is under way -------------------------------------------------------------------------------------


def open_case(drop: Intermediary) -> None:
    mine = Registration.objects.get(intermediary=drop)
    cases.open_case(
        by=UserFactory(), now=NOW, intermediary=drop, registration=mine, ground=Ground.CONDITION, reason="essai"
    )


def record_order(drop: Intermediary) -> None:
    orders.record_order(
        by=UserFactory(), now=NOW, intermediary=drop, registration=None, kind=DecisionKind.STRIKING_OFF,
        authority=Authority.ACPR, act_reference="2026-C-7", dated_on=DAY, effective_on=DAY, reason="essai",
    )  # fmt: skip


@pytest.mark.parametrize(("begin", "code"), [(open_case, "CASE_UNDER_WAY"), (record_order, "UNDER_AN_ORDER")])
def test_i11_what_is_under_way_under_the_number_given_up_stands_against_it(
    drop: Intermediary, two: tuple[User, User], begin: Any, code: str
) -> None:
    """Fails without the conflict: the case would find a merged number, take it for cured, and be withdrawn."""
    begin(drop)
    assert [c.value for c, _ in preview_merge(KEEP, DROP).plan.conflicts] == [code]
    with pytest.raises(RegisterError, match="fusionnez dans l’autre sens"):
        merged(two)


def test_i11_the_database_merges_no_number_with_a_live_case(drop: Intermediary, keep: Intermediary) -> None:
    """Fails without the case in `merged_file_is_empty`."""
    open_case(drop)
    Registration.objects.filter(intermediary=drop).update(intermediary=keep)
    Intermediary.objects.filter(pk=drop.pk).update(merged_into=keep)
    with (
        pytest.raises(IntegrityError, match="nor a live case"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Intermediary.objects.filter(pk=drop.pk).update(merged_into=None)
