"""Two numbers made one: previewed, signed by two, undone while it is still true; the old number leads to the new."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import IntegrityError, connection, transaction

from registry.actions import RegisterError, merge_intermediaries, undo_merge
from registry.facts import load_file, load_reference
from registry.merges import preview_merge
from registry.models import (
    Cover,
    Intermediary,
    IntermediaryMerge,
    Registration,
    StoredFinding,
)
from registry.past import kept, load_files_at
from registry.rules.file_state import FileStatus, assess_file
from registry.rules.merging import Conflict
from tests.factories import (
    NOW,
    CoverFactory,
    IntermediaryFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.registry.commands import run
from tests.registry.register_files import row, written
from tests.removing import ordered, raw_case

pytestmark = pytest.mark.django_db
DAY = date(2026, 1, 29)
KEEP, DROP = "08000041", "08000042"


@pytest.fixture
def keep() -> Intermediary:
    """An IOB without SIREN nor telephone."""
    return RegistrationFactory(iob=True, intermediary=IntermediaryFactory(orias_number=KEEP)).intermediary


@pytest.fixture
def drop(keep: Intermediary) -> Intermediary:
    """The same person as a COA, under a second number, with a SIREN and a certificate."""
    other = IntermediaryFactory(orias_number=DROP, siren="552100554")
    RegistrationFactory(intermediary=other)
    CoverFactory(intermediary=other, categories=["COA"])
    return other


@pytest.fixture
def two() -> tuple[User, User]:
    return UserFactory(username="alice", is_superuser=True), UserFactory(username="bruno", is_superuser=True)


def merged(two: tuple[User, User], **changes: Any) -> IntermediaryMerge:
    shown = preview_merge(KEEP, DROP)
    given: dict[str, Any] = {
        "by": two[0], "approved_by": two[1], "why": "inscrit deux fois", "now": NOW, "day": DAY, "keep": KEEP,
        "drop": DROP, "preview_hash": shown.hash,
    }  # fmt: skip
    return merge_intermediaries(**given | changes)


def undone(two: tuple[User, User], merge: IntermediaryMerge, **changes: Any) -> IntermediaryMerge:
    given: dict[str, Any] = {"by": two[0], "why": "deux cabinets", "now": NOW, "day": DAY, "merge_id": merge.pk}
    return undo_merge(**given | changes)


def check_what_waits() -> None:
    """What the database would ask at the commit."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def lead_away(one: Intermediary) -> None:
    Registration.objects.filter(intermediary=one).delete()
    Intermediary.objects.filter(pk=one.pk).update(merged_into=IntermediaryFactory())


def status_of(number: str) -> FileStatus:
    facts = load_file(number)
    assert facts is not None
    return assess_file(facts, load_reference(), DAY).status


def test_what_is_in_force_moves_and_the_old_number_leads_on(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User]
) -> None:
    merge = merged(two)
    facts, old = load_file(KEEP), load_file(DROP)
    assert facts is not None
    assert old is not None
    assert [r.category for r in facts.registrations] == ["COA", "IOB"]
    assert len(facts.covers) == 1
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.siren, drop.siren, drop.merged_into_id) == ("552100554", "", keep.pk)
    assert (old.merged_into, old.registrations, status_of(DROP)) == (KEEP, (), FileStatus.MERGED)
    assert merge.moved["filled"] == {"siren": "552100554"}
    # What is stored follows in the same transaction.
    assert set(StoredFinding.objects.values_list("registration__intermediary", flat=True)) == {keep.pk}


def test_both_files_are_seen_to_have_changed(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    """I9. Fails where the number it leads to were no fact: a delivery that read the file before would not notice."""
    before = [Intermediary.objects.get(pk=one.pk).facts_version for one in (keep, drop)]
    merged(two)
    after = [Intermediary.objects.get(pk=one.pk).facts_version for one in (keep, drop)]
    assert all(b < a for b, a in zip(before, after, strict=True))


def test_a_removal_stays_where_it_was_decided(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    """I11. The decision names that file."""
    gone = RegistrationFactory(intermediary=drop, cif=True, removed=True)
    merged(two)
    gone.refresh_from_db()
    assert gone.intermediary_id == drop.pk


@pytest.mark.parametrize(
    ("prepare", "code"),
    [
        (lambda keep, drop: RegistrationFactory(intermediary=keep), "BOTH_IN_FORCE"),
        (lambda keep, drop: RegistrationFactory(intermediary=keep, removed=True), "REMOVED_IN_KEPT"),
        (lambda keep, drop: Intermediary.objects.filter(pk=keep.pk).update(siren="732829320"), "TWO_SIRENS"),
        (lambda keep, drop: lead_away(keep), "ALREADY_MERGED"),
    ],
)
def test_what_stands_against_it_is_said_and_refuses_it(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User], prepare: Any, code: str
) -> None:
    prepare(keep, drop)
    assert [c.value for c, _ in preview_merge(KEEP, DROP).plan.conflicts] == [code]
    with pytest.raises(RegisterError, match="Fusion impossible"):
        merged(two)


def test_one_number_is_not_merged_with_itself(keep: Intermediary) -> None:
    assert [c.value for c, _ in preview_merge(KEEP, KEEP).plan.conflicts] == ["SAME_NUMBER"]


def test_i6_two_people_sign_exactly_what_they_have_read(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User]
) -> None:
    """Fails without `_require_two`, and without the comparison of the hash."""
    with pytest.raises(RegisterError, match="autre personne"):
        merged(two, approved_by=two[0])
    shown = preview_merge(KEEP, DROP).hash
    CoverFactory(intermediary=drop)
    with pytest.raises(RegisterError, match="aperçu"):
        merged(two, preview_hash=shown)
    with pytest.raises(RegisterError, match="motif"):
        merged(two, why=" ")


def test_an_imported_twin_stays_behind(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    """Fails without `twins`: the database holds an imported certificate once in a file."""
    for one in (keep, drop):
        CoverFactory(intermediary=one, imported=True, categories=["IOB"])
    merged(two)
    assert Cover.objects.filter(intermediary=keep).count() == 2
    assert Cover.objects.filter(intermediary=drop).count() == 1


# --- the database ------------------------------------------------------------------------------------------


def test_the_database_refuses_that_one_person_signs_twice(keep: Intermediary, drop: Intermediary) -> None:
    one = UserFactory()
    with pytest.raises(IntegrityError, match="merge_has_two_people"), transaction.atomic():
        IntermediaryMerge.objects.create(
            keep=keep, drop=drop, preview_hash="0" * 64, moved={}, reason="x", signed_by=one, approved_by=one,
            merged_at=NOW,
        )  # fmt: skip


@pytest.mark.parametrize("of", [RegistrationFactory, CoverFactory])
def test_the_database_gives_a_merged_number_nothing_any_more(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User], of: Any
) -> None:
    """Fails without `stays_out_of_merged`: a certificate would be filed where nobody looks."""
    merged(two)
    with pytest.raises(IntegrityError, match="merged number takes nothing"), transaction.atomic():
        of(intermediary=drop)


@pytest.mark.parametrize("chain", ["itself", "one that is merged", "one that others lead to", "one in force"])
def test_the_database_lets_a_number_lead_to_one_that_stands(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User], chain: str
) -> None:
    """Fails without `merged_file_is_empty`, each line of it."""
    merged(two)
    third = IntermediaryFactory()
    wrong = {
        "itself": (third, third),
        "one that is merged": (third, drop),
        "one that others lead to": (keep, third),
        "one in force": (RegistrationFactory().intermediary, third),
    }
    who, whom = wrong[chain]
    if chain == "one that others lead to":
        Registration.objects.filter(intermediary=keep).delete()
    Intermediary.objects.filter(pk=who.pk).update(merged_into=whom)
    with pytest.raises(IntegrityError, match="leads to one that is none"), transaction.atomic():
        check_what_waits()
    Intermediary.objects.filter(pk=who.pk).update(merged_into=None)


# --- undone ------------------------------------------------------------------------------------------------


def test_undone_both_are_what_they_were(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    before = load_file(KEEP), load_file(DROP)
    merge = undone(two, merged(two))
    after = load_file(KEEP), load_file(DROP)
    for one, other in zip(before, after, strict=True):
        assert one is not None
        assert other is not None
        assert replace(one, facts_version=0) == replace(other, facts_version=0)
    keep.refresh_from_db()
    drop.refresh_from_db()
    assert (keep.siren, drop.siren) == ("", "552100554")
    assert (merge.undone_at, merge.undone_by) == (NOW, two[0])
    with pytest.raises(RegisterError, match="déjà défaite"):
        undone(two, merge)


def test_after_thirty_days_it_stays(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    """Fails without the question in `undo_merge`; the database refuses it too."""
    merge = merged(two)
    late = NOW + timedelta(days=30, seconds=1)
    with pytest.raises(RegisterError, match="jusqu’au 2026-02-28"):
        undone(two, merge, now=late)
    with pytest.raises(IntegrityError, match="merge_is_undone_in_time"), transaction.atomic():
        IntermediaryMerge.objects.filter(pk=merge.pk).update(undone_at=late, undone_by=two[0], undo_reason="x")
    undone(two, merge, now=NOW + timedelta(days=30))


@pytest.mark.usefixtures("keep", "drop")
def test_a_clock_that_was_set_back_keeps_nobody_from_undoing_it(two: tuple[User, User]) -> None:
    """Fails if the instant were the clock's: the database refuses one from before the merge, and nobody was told."""
    assert undone(two, merged(two), now=NOW - timedelta(days=1)).undone_at == NOW


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda keep: Registration.objects.filter(category="COA").update(holds_client_funds=True), "l’inscription"),
        (lambda keep: Cover.objects.update(issuer="Autre"), "l’attestation"),
        (lambda keep: CoverFactory(intermediary=keep, categories=["COA"]), "a été déposée"),
        (lambda keep: Intermediary.objects.filter(pk=keep.pk).update(siren="732829320"), "siren"),
    ],
)
def test_what_has_changed_since_is_named_and_keeps_it_from_being_undone(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User], change: Any, said: str
) -> None:
    """Fails without each part of `_changed_since`."""
    merge = merged(two)
    change(keep)
    with pytest.raises(RegisterError, match=said):
        undone(two, merge)


def test_what_has_nothing_to_do_with_it_does_not(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User]
) -> None:
    merge = merged(two)
    CoverFactory(intermediary=keep, categories=["IOB"])
    Intermediary.objects.filter(pk=keep.pk).update(town="Brest")
    undone(two, merge)


def test_merged_on_all_lead_to_the_last_and_go_back_in_turn(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User]
) -> None:
    """Fails without `absorbed`: a number would lead to one that leads on."""
    first = merged(two)
    third = IntermediaryFactory(orias_number="08000043", siren="")
    second = merged(two, keep="08000043", drop=KEEP, preview_hash=preview_merge("08000043", KEEP).hash)
    ends = Intermediary.objects.filter(merged_into=third).values_list("orias_number", flat=True)
    assert set(ends) == {KEEP, DROP}
    with pytest.raises(RegisterError, match="lui-même été fusionné"):
        undone(two, first)
    undone(two, second)
    undone(two, first)
    assert not Intermediary.objects.filter(merged_into__isnull=False).exists()


@pytest.mark.django_db(transaction=True)
def test_the_past_still_tells_of_two(two: tuple[User, User]) -> None:
    one = RegistrationFactory(iob=True, intermediary=IntermediaryFactory(orias_number=KEEP)).intermediary
    other = RegistrationFactory(intermediary=IntermediaryFactory(orias_number=DROP)).intermediary
    CoverFactory(intermediary=other)
    before = kept().now
    merged(two)
    then, now = (load_files_at([one.pk, other.pk], at) for at in (before, kept().now))
    assert [len(then[pk].covers) for pk in (one.pk, other.pk)] == [0, 1]
    assert [len(now[pk].covers) for pk in (one.pk, other.pk)] == [1, 0]
    assert (then[other.pk].merged_into, now[other.pk].merged_into) == ("", KEEP)


def test_a_register_file_that_names_the_old_number_is_told_the_new(
    keep: Intermediary, drop: Intermediary, two: tuple[User, User], tmp_path: Path
) -> None:
    """Fails without `merged` in the staging: the database would refuse the whole file in its own words."""
    merged(two)
    file = written(tmp_path / "registre.csv", row(1, numero_orias=DROP), row(3))
    run("import_register", file, "--report", tmp_path / "verdicts.json")
    first, second = json.loads((tmp_path / "verdicts.json").read_text(encoding="utf-8"))["records"]
    assert (first["code"], second["code"]) == ("number_was_merged", "")
    assert KEEP in first["message"]


def test_what_stands_against_a_merge_is_read_with_the_files(keep: Intermediary, drop: Intermediary) -> None:
    """Fails without the live case, or the order that waits or bars, in `_both`."""
    assert not preview_merge(KEEP, DROP).plan.conflicts
    raw_case(drop.registrations.get())
    ordered(RegistrationFactory(intermediary=drop, category="CIF"), date(2026, 1, 5), barred_until=date(2030, 1, 1))
    found = {conflict for conflict, _ in preview_merge(KEEP, DROP).plan.conflicts}
    assert {Conflict.CASE_UNDER_WAY, Conflict.UNDER_AN_ORDER} <= found


# --- the commands ------------------------------------------------------------------------------------------


def test_undo_merge_at_the_command_line(keep: Intermediary, drop: Intermediary, two: tuple[User, User]) -> None:
    UserFactory(username="hugo")
    merge = IntermediaryMerge.objects.get(pk=merged(two).pk)
    assert run("undo_merge", merge.pk, "--reason", "x", "--by", "hugo").code == 1
    late = run("undo_merge", merge.pk, "--reason", "x", "--by", "alice")
    assert late.code == 1
    assert "pouvait être défaite" in late.err
    assert run("undo_merge", 999_999, "--reason", "x", "--by", "alice").code == 1
