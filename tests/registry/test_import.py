"""What an import does to the register, and what it leaves alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from pathlib import Path
from random import Random
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from registry.clock import local_day
from registry.findings import stale_files, verify_findings
from registry.intake import applying
from registry.intake.applying import compare_file
from registry.intake.reading import judged_rows, open_register
from registry.models import (
    Cover,
    Decision,
    Intermediary,
    RegisterImport,
    Registration,
    StoredFinding,
)
from registry.models.triggers import BUMPED_AT_THE_END
from tests.factories import NOW, CoverFactory, UserFactory
from tests.registry.register_files import (
    CLEAN,
    GUARANTEE,
    apply,
    commit,
    facts,
    query,
    removed,
    row,
    snapshot,
    versions,
    written,
)

pytestmark = pytest.mark.django_db
DAY = local_day(NOW)


def differences() -> list[Any]:
    return [found for chunk in verify_findings(day=DAY) for found in chunk.differences]


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    return lambda *rows, **how: written(tmp_path / "registre.csv", *rows, **how)


THREE = [row(1), row(2, **GUARANTEE), row(3, "CIF"), row(3, "IOB")]


# --- whole files ------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_whole_clean_sample_is_imported_and_verifies_without_a_difference() -> None:
    counts = apply(CLEAN).as_json()
    commit()
    assert (counts["records"], counts["new"], counts["error"], counts["applied"]) == (1422, 1422, 0, True)
    assert Registration.objects.count() == 1422
    assert Intermediary.objects.count() == len({number for number, *_ in facts()["people"]})
    assert StoredFinding.objects.exists()
    assert differences() == []
    assert stale_files() == 0


def test_a_removal_dated_before_the_registration_is_kept_with_a_warning() -> None:
    [odd] = [p for p, _ in judged_rows(open_register(CLEAN)) if p.line == 1311]
    assert [w.code for w in odd.warnings] == ["removed_before_registered"]
    apply(CLEAN)
    commit()
    number = odd.orias_number_as_given
    [kept] = Registration.objects.filter(intermediary__orias_number=number, removed_on__isnull=False)
    assert kept.removed_on is not None
    assert kept.removed_on < kept.registered_on
    assert Decision.objects.filter(registration=kept, decided_on=kept.removed_on).exists()


def test_every_right_record_of_the_file_is_in_the_register_as_it_was_read() -> None:
    """Compares with the reader's own values, not with what the staging makes of them."""
    apply(CLEAN)
    read = [p.row for p, _ in judged_rows(open_register(CLEAN)) if p.row]
    assert facts()["registrations"] == sorted(
        (
            r.person.orias_number,
            r.category.value,
            r.filer.value,
            r.holds_client_funds,
            r.principal_bears_liability,
            r.registered_on,
            r.removed_on,
        )
        for r in read
    )
    papers = {
        (r.person.orias_number, c.kind.value, (r.category.value,), *c[1:])
        for r in read
        for c in (r.rc_pro, r.guarantee)
        if c
    }
    assert {(n, k, tuple(cs), *rest[:-2]) for n, k, cs, *rest in facts()["covers"]} == papers
    first = {r.person.orias_number: r.person[:-1] for r in reversed(read)}
    assert {p[0]: p for p in facts()["people"]} == first


@pytest.mark.parametrize("delimiter", [";", ","])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_delimiter_and_encoding_change_nothing_of_what_is_imported(
    file: Callable[..., Path], delimiter: str, encoding: str
) -> None:
    text = {"denomination": 'Œuvre « Été » ; "Fils", \\N \\. \\t', "ville": "Orléans", "rcpro_police": "a\\b,c;d"}
    apply(file(row(1, **text), row(2), delimiter=delimiter, encoding=encoding))
    first, _ = facts()["people"]
    assert (first[2], first[-1]) == (text["denomination"], "Orléans")
    assert facts()["covers"][0][4] == text["rcpro_police"]


@pytest.mark.parametrize("empty", ["siren", "nom_commercial", "forme_juridique", "email", "telephone", "adresse"])
def test_an_empty_cell_is_an_empty_text_and_never_null(file: Callable[..., Path], empty: str) -> None:
    """Fails without `FORCE_NOT_NULL` in the COPY of the staging table."""
    assert apply(file(row(1, **{empty: ""}), row(2))).new == 2


def test_a_cover_without_issuer_or_policy_is_a_cover(file: Callable[..., Path]) -> None:
    apply(file(row(1, rcpro_assureur="", rcpro_police="", rcpro_montant_annuel="")))
    [cover] = Cover.objects.all()
    assert (cover.issuer, cover.policy, cover.annual_cents) == ("", "", None)


# --- the same again ---------------------------------------------------------------------------------------


def test_the_same_file_twice_writes_nothing_at_all() -> None:
    """Fails without `if comparison.new or comparison.changed` in apply_file: RegisterImport would show."""
    apply(CLEAN)
    before = snapshot()
    counts = apply(CLEAN).as_json()
    assert snapshot() == before
    assert (counts["unchanged"], counts["new"], counts["changed"], counts["applied"]) == (1422, 0, 0, True)
    assert RegisterImport.objects.count() == 1


def test_the_same_facts_written_otherwise_change_nothing(file: Callable[..., Path]) -> None:
    apply(file(*THREE))
    before = snapshot()
    otherwise = {"date_inscription": "20/01/2007", "rcpro_montant_sinistre": "1 564 610,00 €"}
    assert apply(file(row(1, **otherwise), *THREE[1:], encoding="cp1252")).unchanged == 4
    assert snapshot() == before


def test_a_dry_comparison_writes_nothing_at_all(file: Callable[..., Path]) -> None:
    apply(file(*THREE))
    before = snapshot()
    changes = [row(1, denomination="Autre"), row(2, **removed()), row(5)]
    counts = compare_file(open_register(file(*changes))).as_json()
    assert snapshot() == before
    assert (counts["new"], counts["changed"], counts["applied"]) == (1, 2, False)


def test_a_comparison_can_be_repeated_and_followed_by_its_application(file: Callable[..., Path]) -> None:
    """Fails without ON COMMIT DROP and the rollback: the second would find the first one's tables."""
    path = file(*THREE)
    first, second = compare_file(open_register(path)).as_json(), compare_file(open_register(path)).as_json()
    applied = apply(path).as_json()
    assert first == second == applied | {"applied": False}


# --- one change -------------------------------------------------------------------------------------------

CHANGES: dict[str, dict[str, str]] = {
    "name": {"denomination": "Nouveau nom"},
    "siren": {"siren": "780129987"},
    "email": {"email": "autre@cabinet.example"},
    "phone": {"telephone": "0261919998"},
    "registered_on": {"date_inscription": "2008-02-01"},
    "funds": {"encaissement_fonds": "OUI"},
    "removal": removed(),
    "cover_end": {"rcpro_fin": "2027-02-28"},
    "cover_amount": {"rcpro_montant_annuel": "9000000"},
    "next_cover": {"rcpro_debut": "2026-03-01", "rcpro_fin": "2027-02-28"},
    "guarantee": GUARANTEE,
}


@pytest.mark.parametrize("change", CHANGES)
def test_i9_a_changed_row_changes_its_own_intermediary_only_and_raises_its_version(
    file: Callable[..., Path], change: str
) -> None:
    """Fails without `bump` after the statements whose triggers stood aside, or without a column in `changed`."""
    apply(file(*THREE))
    [[mine]] = query("SELECT id FROM registry_intermediary WHERE orias_number = '07000001'")
    old_versions, old = versions(), rows_of_others(mine)
    counts = apply(file(row(1, **CHANGES[change]), *THREE[1:])).as_json()
    commit()
    assert (counts["new"], counts["changed"], counts["unchanged"]) == (0, 1, 3)
    assert rows_of_others(mine) == old
    new_versions = versions()
    assert new_versions.pop("07000001") == old_versions.pop("07000001") + 1
    assert new_versions == old_versions
    assert differences() == []


def rows_of_others(mine: int) -> list[list[tuple[Any, ...]]]:
    """Every row version that belongs to another intermediary."""
    theirs = {
        "registry_intermediary": "id <> {0}",
        "registry_registration": "intermediary_id <> {0}",
        "registry_cover": "intermediary_id <> {0}",
        "registry_decision": "intermediary_id <> {0}",
        "registry_intermediaryhistory": "pgh_obj_id <> {0}",
        "registry_registrationhistory": "intermediary_id <> {0}",
        "registry_coverhistory": "intermediary_id <> {0}",
        "registry_storedfinding": "registration_id NOT IN (SELECT id FROM registry_registration"
        " WHERE intermediary_id = {0})",
    }
    return [
        query(f"SELECT xmin::text, ctid::text, t::text FROM {table} t WHERE {where.format(mine)} ORDER BY 2")
        for table, where in theirs.items()
    ]


def test_a_registration_that_changes_hands_between_bank_categories_changes_its_filer_too(
    file: Callable[..., Path],
) -> None:
    """Fails without `filer` among the columns compared and updated."""
    apply(file(row(1, "COBSP")))
    assert Registration.objects.get().filer == "SELF"
    apply(file(row(1, "MIOBSP")))
    changed = Registration.objects.get()
    assert (changed.filer, changed.principal_bears_liability) == ("PRINCIPAL", True)


def test_a_new_period_stands_beside_the_old_one(file: Callable[..., Path]) -> None:
    apply(file(row(1)))
    apply(file(row(1, **CHANGES["next_cover"])))
    assert list(Cover.objects.order_by("starts_on").values_list("ends_on", flat=True)) == [
        date(2026, 2, 28),
        date(2027, 2, 28),
    ]


def test_what_was_deposited_otherwise_is_left_alone(file: Callable[..., Path]) -> None:
    """Fails without `c.channel = 'IMPORT'` in the comparison of covers."""
    apply(file(row(1)))
    mine = CoverFactory.create(
        intermediary=Intermediary.objects.get(), categories=["COA"], starts_on=date(2025, 3, 1), deposited=True
    )
    before = snapshot("registry_cover")
    apply(file(row(1)))
    assert snapshot("registry_cover") == before
    mine.refresh_from_db()
    assert mine.status == "DEPOSITED"


def test_people_who_are_not_in_the_file_stay_as_they_are(file: Callable[..., Path]) -> None:
    apply(file(*THREE))
    before = snapshot()
    assert apply(file(THREE[0])).unchanged == 1
    assert snapshot() == before


def test_the_counts_are_right_for_an_empty_register_after_an_import_and_after_a_change(
    file: Callable[..., Path],
) -> None:
    empty = compare_file(open_register(file(*THREE, [], THREE[0], row(4, email="x"), row(5, siren="")))).as_json()
    assert empty == {
        "records": 8,
        "ok": 5,
        "error": 1,
        "duplicate": 1,
        "ignored": 1,
        "warnings": 1,
        "new": 5,
        "changed": 0,
        "unchanged": 0,
        "removed": 0,
        "applied": False,
    }
    apply(file(*THREE))
    counts = apply(file(*THREE, row(3, "COA"), row(6))).as_json()
    assert [counts[k] for k in ("records", "ok", "new", "changed", "unchanged", "applied")] == [6, 6, 2, 0, 4, True]
    counts = apply(file(row(3, "CIF", denomination="Autre"), row(3, "IOB", denomination="Autre"))).as_json()
    assert [counts[k] for k in ("new", "changed", "unchanged")] == [0, 2, 0]


# --- removals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("status", "kind"), [("SUPPRIME", "REMOVAL"), ("RADIE", "STRIKING_OFF")])
@pytest.mark.parametrize("known", [True, False], ids=["known", "new"])
def test_i11_a_removal_in_the_file_is_recorded_as_a_decision(
    file: Callable[..., Path], status: str, kind: str, known: bool
) -> None:
    """Fails without `insert_decisions`: the deferred trigger refuses the removal at the commit."""
    user = UserFactory.create()
    if known:
        apply(file(row(1)), by=user)
    apply(file(row(1, **removed(status=status))), by=user)
    commit()
    [decision] = Decision.objects.all()
    assert (decision.kind, decision.decided_on, decision.authority) == (kind, date(2026, 1, 9), "COMMISSION")
    assert decision.registration == Registration.objects.get(removed_on=date(2026, 1, 9))
    assert decision.recorded_by_id == user.pk
    assert "registre.csv" in decision.act_reference
    assert not StoredFinding.objects.exists()


def test_a_removed_registration_that_comes_back_is_in_force_again(file: Callable[..., Path]) -> None:
    apply(file(row(1, **removed())))
    assert not StoredFinding.objects.exists()
    apply(file(row(1)))
    commit()
    assert Registration.objects.get().removed_on is None
    assert StoredFinding.objects.count() == 2
    assert Decision.objects.count() == 1
    assert differences() == []


# --- history ----------------------------------------------------------------------------------------------


def test_i9_every_row_that_an_import_writes_is_in_the_history_with_who_and_why(file: Callable[..., Path]) -> None:
    """Fails without `recording` around the writes in apply_file."""
    user = UserFactory.create()
    apply(file(*THREE), by=user)
    apply(file(row(1, **CHANGES["email"]), row(2, **GUARANTEE, **removed()), *THREE[2:]), by=user)
    seen = 0
    for name in ("Intermediary", "Registration", "Cover", "Decision"):
        history = apps.get_model("registry", f"{name}History").objects
        model = apps.get_model("registry", name)
        assert history.filter(pgh_label="insert").count() == model.objects.count()
        for entry in history.select_related("pgh_context"):
            assert entry.pgh_context.metadata["user"] == user.pk
            assert entry.pgh_context.metadata["why"].startswith("import de registre.csv (sha256 ")
            seen += 1
    assert seen == (3 + 4 + 5 + 0) + (1 + 1 + 1)


def test_the_import_itself_is_remembered(file: Callable[..., Path]) -> None:
    user = UserFactory.create()
    path = file(*THREE)
    apply(path, by=user)
    [kept] = RegisterImport.objects.all()
    assert (kept.file_name, kept.sha256) == ("registre.csv", open_register(path).sha256)
    assert (kept.applied_by_id, kept.applied_at) == (user.pk, NOW)
    assert (kept.counts["new"], kept.counts["applied"]) == (4, True)


# --- versions, raised once at the end ---------------------------------------------------------------------


NAMES = ("intermediary", "registration", "cover")


def test_i9_no_intermediary_with_a_change_in_its_history_keeps_its_version(file: Callable[..., Path]) -> None:
    """Fails without any one line of `bump`: of registrations, of covers, of those that are new.

    Sixty people, changed at random three times: whoever has a new entry in any history has a higher version.
    """
    random = Random(2014)
    apply(file(*some_register(random)))
    for _ in range(3):
        before, [[last]] = versions(), query("SELECT max(pgh_created_at) FROM registry_coverhistory")
        marks = {name: query(f"SELECT coalesce(max(pgh_id), 0) FROM registry_{name}history")[0][0] for name in NAMES}
        apply(file(*some_register(random)), mass_change=True)
        written_now = query(
            "SELECT orias_number FROM registry_intermediary WHERE id IN ("
            f" SELECT pgh_obj_id FROM registry_intermediaryhistory WHERE pgh_id > {marks['intermediary']} UNION"
            f" SELECT intermediary_id FROM registry_registrationhistory WHERE pgh_id > {marks['registration']} UNION"
            f" SELECT intermediary_id FROM registry_coverhistory WHERE pgh_id > {marks['cover']})"
        )
        after = versions()
        raised = {number for number in before if after[number] > before[number]}
        assert raised == {number for (number,) in written_now} & set(before)
        assert {after[number] for number in after.keys() - before.keys()} <= {1}
        assert len(raised) > 10
        assert last is not None
    assert stale_files() == 0


def some_register(random: Random) -> list[list[str]]:
    """About sixty people with one to three categories; each fact is one of two."""
    rows = []
    for person in random.sample(range(10, 80), 60):
        name = {"denomination": random.choice(["Un", "Deux"]) if random.random() < 0.2 else "Un"}
        for category in random.sample(["COA", "IOB", "CIF"], random.choice([1, 1, 2, 3])):
            changes = dict(random.choice([{}, {}, {}, {"rcpro_fin": "2027-02-28"}, CHANGES["next_cover"], removed()]))
            rows.append(row(person, category, **name, **changes))
    return rows


def test_i9_after_an_import_the_triggers_raise_versions_at_once_again(file: Callable[..., Path]) -> None:
    """Fails without `bump_at_once_again`: here test and import share one transaction."""
    apply(file(*THREE))
    before = versions()
    query("UPDATE registry_cover SET issuer = 'Autre'")
    assert {number: version + 1 for number, version in before.items()} == versions()


def test_i9_an_import_that_fails_half_way_leaves_nothing_and_the_triggers_as_they_were(
    file: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    apply(file(*THREE))
    before, old = snapshot(), versions()
    monkeypatch.setattr(applying, "refresh_findings", lambda **_: 1 / 0)
    monkeypatch.setitem(applying._SQL, "bump_at_once_again", "SELECT 1")
    with pytest.raises(ZeroDivisionError):
        apply(file(row(1, **removed()), row(2), *THREE[2:], row(7)))
    assert snapshot() == before
    query("UPDATE registry_cover SET issuer = 'Autre'")
    assert {number: version + 1 for number, version in old.items()} == versions()


@pytest.mark.parametrize("value", ["import", "on", "1", "0"])
def test_i9_the_triggers_stand_aside_for_no_other_transaction(file: Callable[..., Path], value: str) -> None:
    """Fails if the trigger took any value of the setting: it must be this transaction's own number."""
    apply(file(*THREE))
    before = versions()
    with connection.cursor() as cursor:
        cursor.execute(f"SET {BUMPED_AT_THE_END} = '{value}'")
        cursor.execute("UPDATE registry_registration SET holds_client_funds = false, funds_mandate = true")
        cursor.execute(f"RESET {BUMPED_AT_THE_END}")
    assert {number: version + 1 for number, version in before.items()} == versions()


def test_i9_versions_raised_at_the_end_are_raised_before_the_findings_are_computed(
    file: Callable[..., Path],
) -> None:
    """Fails if `bump` ran after refresh_findings: every changed file would be stale at once."""
    apply(file(*THREE))
    apply(file(row(1, **GUARANTEE), *THREE[1:]))
    assert stale_files() == 0
    assert versions()["07000001"] == 2
    assert StoredFinding.objects.filter(facts_version=2).count() == 2


def test_the_setting_is_spelt_alike_in_the_trigger_and_in_the_import() -> None:
    assert BUMPED_AT_THE_END in applying._SQL["bump_at_the_end"]
    assert BUMPED_AT_THE_END in applying._SQL["bump_at_once_again"]
