"""What issuers push, written: accepted at once, once, for their own policies only, with who and why."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.test.utils import CaptureQueriesContext

from registry.actions.issuers import record_issuer
from registry.actions.pushes import push_lot
from registry.actions.recording import RegisterError
from registry.facts import load_file, load_reference
from registry.findings import verify_findings
from registry.models import (
    Cover,
    CoverEvent,
    Intermediary,
    IssuedCover,
    Issuer,
    IssuerName,
    Signal,
    StoredFinding,
)
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverEventKind
from registry.rules.file_state import assess_file
from registry.rules.pushes import Pushed, Ruling, UnknownPolicy
from tests.factories import (
    NOW,
    CoverEventFactory,
    CoverFactory,
    IntermediaryFactory,
    IntermediaryMergeFactory,
    IssuerFactory,
    IssuerNameFactory,
    RegistrationFactory,
    UserFactory,
)
from tests.rules.pushed import NAMED, PUSHED, word

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 29)
SUSPENDED, NOT_RENEWED, TERMINATED, REINSTATED = CoverEventKind


@pytest.fixture
def issuer() -> Issuer:
    return IssuerFactory.create(code="MUTUELLE", name="Mutuelle d’essai")


@pytest.fixture
def person() -> Intermediary:
    return RegistrationFactory.create(intermediary=IntermediaryFactory.create(orias_number=NAMED[0])).intermediary


def push(issuer: Issuer, *rows: Pushed, by: Any = None, later: int = 0) -> list[Ruling]:
    return push_lot(by=by, why="essai", now=NOW + timedelta(days=later), issuer=issuer, rows=rows)


def history() -> Any:
    return apps.get_model("registry", "CoverHistory")


def fates(*rulings: Ruling) -> list[str]:
    return [ruling.problem.code if ruling.problem else ruling.fate.value for ruling in rulings]


def state(day: date = DAY) -> str:
    facts = load_file(NAMED[0])
    assert facts
    return assess_file(facts, load_reference(), day).status.value


def versions() -> dict[int, int]:
    return dict(Intermediary.objects.values_list("id", "facts_version"))


def stored() -> list[str]:
    """The stored states, which must be those of the rules."""
    for verification in verify_findings(day=DAY):
        assert verification.differences == []
    return list(StoredFinding.objects.filter(kind="RC_PRO").values_list("state", flat=True))


def test_a_pushed_certificate_counts_at_once_and_says_where_it_came_from(issuer: Issuer, person: Intermediary) -> None:
    CoverFactory.create(intermediary=person)
    assert state() == "TO_COMPLETE"
    officer = UserFactory.create()
    assert fates(*push(issuer, PUSHED, by=officer)) == ["NEW"]
    cover = Cover.objects.get(channel="ISSUER")
    assert (cover.status, cover.deposited_on, cover.issuer, cover.policy) == ("ACCEPTED", DAY, issuer.name, "RC-1")
    assert (cover.categories, cover.amount_cents, cover.annual_cents) == (["COA"], 156_461_000, 231_561_000)
    assert (state(), stored()) == ("IN_ORDER", ["IN_FORCE"])
    assert IssuedCover.objects.get(cover=cover).issuer == issuer
    context = history().objects.get(id=cover.pk).pgh_context.metadata
    assert (context["user"], context["why"]) == (officer.pk, "essai")


def test_i15_the_same_lot_again_changes_nothing_not_even_a_version(issuer: Issuer, person: Intermediary) -> None:
    """Fails if a known row were written again."""
    rows = [PUSHED, replace(PUSHED, kind=CoverKind.FINANCIAL_GUARANTEE, policy_key="gf", policy="GF")]
    push(issuer, *rows)
    before, kept = versions(), history().objects.count()
    assert fates(*push(issuer, *rows, later=3)) == ["UNCHANGED", "UNCHANGED"]
    assert (versions(), history().objects.count(), Cover.objects.count()) == (before, kept, 2)


def test_a_corrected_certificate_replaces_its_own_and_keeps_the_day_of_deposit(
    issuer: Issuer, person: Intermediary
) -> None:
    first = replace(PUSHED, starts_on=date(2025, 3, 1))
    push(issuer, first)
    both = frozenset({Category.COA, Category.IOB})
    assert fates(*push(issuer, replace(first, amount_cents=1, categories=both), later=5)) == ["CHANGED"]
    cover = Cover.objects.get()
    assert (cover.amount_cents, cover.categories, cover.deposited_on) == (1, ["COA", "IOB"], DAY)
    assert stored() == ["BELOW_MINIMUM"]


def test_a_certificate_on_record_in_the_issuers_name_is_its_own(issuer: Issuer, person: Intermediary) -> None:
    """By any spelling that it is known by; one that says the same is known already."""
    IssuerNameFactory.create(issuer=issuer, name="M.E. Assurances")
    values: dict[str, Any] = {"policy": "rc 1", "imported": True, "renewed": True, "categories": ["COA"]}
    CoverFactory.create(intermediary=person, issuer="m e ASSURANCES", **values)
    before = versions()
    assert fates(*push(issuer, PUSHED)) == ["UNCHANGED"]
    assert versions() == before
    assert fates(*push(issuer, word(TERMINATED, date(2026, 6, 1)))) == ["NEW"]


def test_i14_anothers_policy_is_as_if_it_were_not_there(issuer: Issuer, person: Intermediary) -> None:
    """Fails without the question for the pusher, or for the name, in `_held`."""
    other = IssuerFactory.create()
    push(other, PUSHED)
    # Even one that spells itself like the first cannot take over what another has pushed.
    Cover.objects.update(issuer=issuer.name)
    CoverFactory.create(intermediary=person, issuer="Quelqu’un d’autre", policy="RC-2")
    end = word(TERMINATED, date(2026, 6, 1))
    absent = replace(end, orias_number="99999999")
    found = push(issuer, end, replace(end, policy="RC-2", policy_key="rc2"), absent)
    assert fates(*found) == ["policy_unknown"] * 3
    assert found[0].problem == found[2].problem
    assert CoverEvent.objects.count() == 0
    assert fates(*push(issuer, PUSHED)) == ["NEW"]
    assert IssuedCover.objects.filter(issuer=other).count() == 1


def test_a_refused_row_leaves_the_others_alone(issuer: Issuer, person: Intermediary) -> None:
    rows: list[Pushed] = [replace(PUSHED, orias_number="99999999"), PUSHED, word(REINSTATED, DAY)]
    assert fates(*push(issuer, *rows)) == ["intermediary_unknown", "NEW", "nothing_suspended"]


def test_a_row_finds_what_the_one_before_it_has_said(issuer: Issuer, person: Intermediary) -> None:
    """Fails without rounds: the register would be asked for all rows before any is written."""
    rows: list[Pushed] = [
        PUSHED,
        word(SUSPENDED, date(2026, 4, 1)),
        word(REINSTATED, date(2026, 5, 1)),
        word(TERMINATED, date(2026, 9, 1)),
    ]
    assert fates(*push(issuer, *rows)) == ["NEW"] * 4
    told = [(state(day), day) for day in (date(2026, 4, 15), date(2026, 5, 1), date(2026, 9, 1))]
    assert [s for s, _ in told] == ["OVERDUE", "IN_ORDER", "OVERDUE"]


def test_too_many_rows_of_one_policy_are_refused(issuer: Issuer, person: Intermediary) -> None:
    rows = [replace(PUSHED, starts_on=date(2026, 3, 1 + n)) for n in range(14)]
    assert fates(*push(issuer, *rows))[11:] == ["NEW", "too_many_of_one_policy", "too_many_of_one_policy"]


def test_a_termination_reopens_a_complete_file_and_a_new_certificate_closes_it(
    issuer: Issuer, person: Intermediary
) -> None:
    push(issuer, replace(PUSHED, starts_on=date(2025, 3, 1)))
    assert (state(), stored()) == ("IN_ORDER", ["IN_FORCE"])
    assert fates(*push(issuer, word(TERMINATED, date(2026, 2, 20)))) == ["NEW"]
    assert stored() == ["DUE"]
    finding = StoredFinding.objects.get(kind="RC_PRO")
    assert (finding.term, finding.due_on) == (date(2026, 2, 19), date(2026, 2, 19))
    event = CoverEvent.objects.get()
    assert (event.received_at, event.effective_on) == (NOW, date(2026, 2, 20))
    new = replace(PUSHED, starts_on=date(2026, 2, 20), policy="RC-9", policy_key="rc9")
    assert fates(*push(issuer, new)) == ["NEW"]
    assert (state(), stored()) == ("IN_ORDER", ["IN_FORCE"])


def test_what_is_not_renewed_covers_the_next_year_no_more(issuer: Issuer, person: Intermediary) -> None:
    """Fails if NOT_RENEWED ended nothing: the certificate of the next year would keep the file complete."""
    push(issuer, replace(PUSHED, starts_on=date(2025, 3, 1), ends_on=date(2026, 2, 28)), PUSHED)
    assert state() == "IN_ORDER"
    assert fates(*push(issuer, word(NOT_RENEWED, date(2026, 3, 1)))) == ["NEW"]
    assert (state(), stored()) == ("TO_COMPLETE", ["DUE"])
    assert StoredFinding.objects.get(kind="RC_PRO").term == date(2026, 2, 28)
    assert fates(*push(issuer, word(NOT_RENEWED, date(2026, 3, 1)), later=2)) == ["UNCHANGED"]


def test_a_guarantor_that_speaks_late_is_told_from_when_its_word_counts(issuer: Issuer, person: Intermediary) -> None:
    named = {"kind": CoverKind.FINANCIAL_GUARANTEE, "policy": "GF-1", "policy_key": "gf1"}
    (guarantee,) = CoverFactory.create_batch(1, intermediary=person, guarantee=True, issuer=issuer.name, policy="GF-1")
    (ruling,) = push(issuer, word(TERMINATED, DAY, **named))
    assert (ruling.effective_on, [w.code for w in ruling.warnings]) == (
        date(2026, 2, 2), ["put_off_to_three_clear_days"]
    )  # fmt: skip
    assert CoverEvent.objects.get(cover=guarantee).effective_on == date(2026, 2, 2)
    assert fates(*push(issuer, word(TERMINATED, DAY, **named), later=4)) == ["UNCHANGED"]


def test_a_policy_that_the_issuer_does_not_know_is_a_signal_and_changes_no_fact(
    issuer: Issuer, person: Intermediary
) -> None:
    cover = CoverFactory.create(intermediary=person, issuer=issuer.name, policy="RC-1")
    before = versions()
    assert fates(*push(issuer, UnknownPolicy(*NAMED)), *push(issuer, UnknownPolicy(*NAMED))) == ["NEW", "UNCHANGED"]
    signal = Signal.objects.get()
    assert (signal.kind, signal.cover, signal.due_on) == ("POLICY_UNKNOWN", cover, date(2026, 2, 28))
    assert versions() == before


def test_a_lot_costs_as_many_queries_for_one_row_as_for_fifty(issuer: Issuer) -> None:
    def spent(count: int, first: int) -> int:
        numbers = [f"09{n:06d}" for n in range(first, first + count)]
        for number in numbers:
            RegistrationFactory.create(intermediary=IntermediaryFactory.create(orias_number=number))
        with CaptureQueriesContext(connection) as queries:
            push(issuer, *[replace(PUSHED, orias_number=number) for number in numbers])
        return len(queries)

    assert spent(1, 0) == spent(50, 100)


# --- issuers ------------------------------------------------------------------------------------------------


def test_an_issuer_is_entered_once_and_learns_spellings() -> None:
    first = record_issuer(by=None, why="essai", code="MO", name="Mutuelle de l’Ouest", aliases=["MO Assurances"])
    again = record_issuer(by=None, why="essai", code="MO", name="Mutuelle Ouest", aliases=["mo assurances"])
    assert first == again
    assert (again.name, IssuerName.objects.filter(issuer=again).count()) == ("Mutuelle Ouest", 3)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"code": "mo"}, "n’est pas un code"),
        ({"name": "– –"}, "ni lettre ni chiffre"),
        ({"name": "MUTUELLE D'ESSAI"}, "désigne déjà MUTUELLE"),
    ],
)
def test_a_spelling_means_one_issuer_only(issuer: Issuer, values: dict[str, str], words: str) -> None:
    with pytest.raises(RegisterError, match=words):
        record_issuer(by=None, why="essai", **({"code": "MO", "name": "Autre"} | values))
    assert Issuer.objects.count() == 1


def test_a_lift_of_a_suspension_is_told_of_each_certificate_that_was_suspended(
    issuer: Issuer, person: Intermediary
) -> None:
    covers = [
        CoverFactory.create(intermediary=person, issuer=issuer.name, policy="RC-1", renewed=n > 0) for n in (0, 1)
    ]
    CoverEventFactory.create(cover=covers[1], suspension=True, effective_on=date(2026, 4, 1))
    assert push(issuer, word(REINSTATED, date(2026, 4, 10)))[0].targets == (covers[1].pk,)


def test_a_number_that_was_merged_stands_for_the_one_that_was_kept(issuer: Issuer, person: Intermediary) -> None:
    """Fails without `merged_into_id` in `lock_files`: the database lets nothing into a file that was merged."""
    IntermediaryMergeFactory.create(keep=person, drop__orias_number="09000001")
    Intermediary.objects.filter(orias_number="09000001").update(merged_into=person)
    old = replace(PUSHED, orias_number="09000001")
    assert fates(*push(issuer, old, PUSHED)) == ["NEW", "UNCHANGED"]
    assert Cover.objects.get().intermediary == person
