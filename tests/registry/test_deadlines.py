"""Signed decisions about deadlines: two evaluators of the dates, what the database refuses, what was believed when."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from random import Random
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import DatabaseError, IntegrityError, connection, transaction

from registry import findings
from registry.actions import RegisterError, freeze_deadlines, revert_decision, shift_campaign
from registry.facts import load_reference
from registry.models import DeadlineDecision, Registration, RenewalCampaign, StoredFinding
from registry.rules.campaigns import CampaignDates
from registry.rules.deadlines import MOVABLE, DeadlineAct, after_freezes
from tests.factories import CoverFactory, DeadlineDecisionFactory, RegistrationFactory, UserFactory, shifted
from tests.registry.register_files import query, snapshot, versions

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 2, 10, 9, 30, tzinfo=UTC)
LATER = {"due_on": date(2026, 3, 31), "tolerated_until": date(2026, 3, 31)}
WHY: dict[str, Any] = {"reason": "tolérance", "now": NOW}
OUTAGE: dict[str, Any] = {"from_on": date(2026, 2, 20), "until_on": date(2026, 2, 22)}


@pytest.fixture
def user() -> User:
    return UserFactory.create()


def by_sql() -> list[CampaignDates]:
    return [CampaignDates(*row) for row in query("SELECT * FROM registry_campaigndates ORDER BY year")]


def campaign(year: int = 2026, at: datetime | None = None) -> CampaignDates:
    return next(c for c in load_reference(at=at).campaigns if c.year == year)


def shift(user: User, **dates: date) -> DeadlineDecision:
    return shift_campaign(by=user, act_reference="CI-2026-D1", **WHY, year=2026, dates=dates or LATER)


# --- two evaluators ---------------------------------------------------------------------------------------


def deal(random: Random, user: User) -> None:
    """Some decisions, as far as the database lets them be; some of them reverted."""
    for _ in range(random.randrange(1, 7)):
        day = date(2025, 12, 20) + timedelta(random.randrange(110))
        days = random.randrange(1, 12)
        moved = {name: day + timedelta(random.randrange(30)) for name in random.sample(MOVABLE, random.randint(1, 5))}
        freeze = {"freeze": True, "from_on": day, "until_on": day + timedelta(days - 1), "days_lost": days}
        values: dict[str, Any] = random.choice([moved, {"year": 2027, **moved}, freeze, freeze])
        try:
            with transaction.atomic():
                made = DeadlineDecisionFactory.create(signed_by=user, **values)
                if random.random() < 0.3:
                    DeadlineDecisionFactory.create(reversal=True, reverts=made, signed_by=user)
        except IntegrityError:
            continue


@pytest.mark.parametrize("seed", range(12))
def test_i5_the_view_and_the_rules_fold_the_decisions_alike(seed: int, user: User) -> None:
    """Fails without any one line of `registry_dates_in_force` or `registry_after_freezes`."""
    deal(Random(seed), user)  # noqa: S311
    reference = load_reference()
    assert by_sql() == list(reference.campaigns)
    for last_on, opened_on in ((date(2026, 2, 28), date(2025, 12, 30)), (date(2026, 1, 15), date(2026, 1, 2))):
        [(moved,)] = query("SELECT registry_after_freezes(%s, %s)", last_on, opened_on)
        assert moved == after_freezes(last_on, opened_on, reference.freezes)


@pytest.mark.parametrize("year", [2026, 2028])
@pytest.mark.parametrize("opens_on", ["12-15", "01-01", "01-20"])
def test_i3_the_set_based_pass_has_the_first_validity_at_its_edges_as_the_rules_have_it(
    year: int, opens_on: str
) -> None:
    """Fails with the opening, or the term, for 1 January in assessment.sql's `newcomer`, or in `concerns`."""
    shifted(year, opens_on=date.fromisoformat(f"{year - (opens_on > '06')}-{opens_on}"))
    term = campaign(year).term
    edges = [date(year - 1, 12, 31), date(year, 1, 1), date(year, 2, 28), term, term + timedelta(1)]
    for registered_on in edges:
        one = RegistrationFactory.create(registered_on=registered_on)
        CoverFactory.create(intermediary=one.intermediary, starts_on=date(year - 1, 3, 1), ends_on=term)
    for day in (term, term + timedelta(1)):
        findings.refresh_findings(as_of=day)
        assert [d for chunk in findings.verify_findings(day=day) for d in chunk.differences] == []
        found = StoredFinding.objects.filter(kind="RC_PRO").order_by("registration__registered_on")
        told = dict(found.values_list("registration__registered_on", "first_validity"))
        assert told == {edge: edge.year == year for edge in edges if edge <= day}


# --- acts -------------------------------------------------------------------------------------------------


def test_a_shift_moves_the_due_days_of_those_it_concerns_and_no_term(user: User) -> None:
    """Fails without `refresh_findings` in `_sign`. The term stands, so that no wave goes out twice (I2)."""
    registration = RegistrationFactory.create()
    CoverFactory.create(intermediary=registration.intermediary)
    findings.refresh_findings(as_of=NOW.date())
    before = versions()
    made = shift(user)
    finding = StoredFinding.objects.get(registration=registration, kind="RC_PRO")
    assert (finding.due_on, finding.term) == (date(2026, 3, 31), date(2026, 2, 28))
    # No fact of any file has changed, and none says so: the common facts have (I9).
    assert versions() == before
    assert findings.stale_files() == 0
    revert_decision(by=user, reason="annulée", now=NOW, number=made.pk)
    finding.refresh_from_db()
    assert (finding.due_on, finding.term) == (date(2026, 2, 28), date(2026, 2, 28))
    assert DeadlineDecision.objects.count() == 2


def test_what_was_believed_at_a_past_instant_can_be_told(user: User) -> None:
    made = shift(user)
    freeze_deadlines(by=user, reason="panne", now=NOW + timedelta(days=12), **OUTAGE)
    revert_decision(by=user, reason="annulée", now=NOW + timedelta(days=20), number=made.pk)
    told = [campaign(at=NOW + timedelta(days=n)).due_on for n in (-1, 0, 12, 20)]
    assert told == [date(2026, 2, 28), date(2026, 3, 31), date(2026, 4, 3), date(2026, 3, 3)]
    assert campaign().due_on == date(2026, 3, 3)
    assert RenewalCampaign.objects.get(year=2026).due_on == date(2026, 2, 28)


REFUSALS: dict[str, Callable[[User], Any]] = {
    "Dates de campagne inconnues\u00a0: term": lambda u: shift(u, term=NOW.date()),
    "Aucune campagne 1999": lambda u: shift_campaign(by=u, act_reference="A", **WHY, year=1999, dates=LATER),
    "cite l’acte": lambda u: shift_campaign(by=u, act_reference=" ", **WHY, year=2026, dates=LATER),
    "dit pourquoi": lambda u: freeze_deadlines(by=u, reason="", now=NOW, **OUTAGE),
    "a déjà ces dates": lambda u: shift(u, due_on=date(2026, 2, 28)),
    "Rien à décaler\u00a0": lambda u: shift_campaign(by=u, act_reference="A", **WHY, year=2026, dates={}),
    "ne se suivraient plus": lambda u: shift(u, due_on=date(2026, 1, 2)),
    "un gel en compte de 1 à 366": lambda u: freeze_deadlines(
        by=u, **WHY, from_on=date(2026, 2, 2), until_on=date(2026, 2, 1)
    ),
    "déjà en vigueur": lambda u: [freeze_deadlines(by=u, **WHY, **OUTAGE) for _ in "ab"],
    "Aucune décision 4711 sur": lambda u: revert_decision(by=u, **WHY, number=4711),
    r"\(gel des délais\)": lambda u: revert_decision(by=u, **WHY, number=shift(u).pk, kind=DeadlineAct.FREEZE),
    "est une annulation": lambda u: revert_decision(
        by=u, **WHY, number=revert_decision(by=u, **WHY, number=shift(u).pk).pk
    ),
    "déjà annulée": lambda u: [revert_decision(by=u, **WHY, number=n) for n in [shift(u).pk] * 2],
}


@pytest.mark.parametrize("said", REFUSALS)
def test_what_cannot_be_decided_is_told_in_words(said: str, user: User) -> None:
    with pytest.raises(RegisterError, match=said):
        REFUSALS[said](user)


def test_a_refused_decision_leaves_nothing(user: User) -> None:
    before = snapshot()
    with pytest.raises(RegisterError):
        shift(user, due_on=date(2026, 1, 2))
    assert snapshot() == before


def test_a_reversal_that_would_leave_the_dates_out_of_order_is_told(user: User) -> None:
    """Fails without `without=` in `_require_order`."""
    first = shift(user)
    shift(user, principals_due_on=date(2026, 3, 15))
    with pytest.raises(RegisterError, match="ne se suivraient plus"):
        revert_decision(by=user, **WHY, number=first.pk)


# --- the database -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("column", ["year", *MOVABLE])
def test_the_dates_a_campaign_started_from_never_change(column: str) -> None:
    """Fails without the trigger `campaign_dates_move_by_decision`, or that column in it."""
    with pytest.raises(DatabaseError, match="what was frozen stays"), transaction.atomic():
        RenewalCampaign.objects.filter(year=2040).update(**{column: 2100 if column == "year" else date(2040, 1, 5)})


@pytest.mark.parametrize(
    "act", ["DELETE FROM registry_deadlinedecision", "UPDATE registry_deadlinedecision SET reason = 'x'"]
)
def test_a_decision_is_kept_as_it_was_signed(act: str) -> None:
    """Fails without the trigger `deadline_decision_is_kept`, or one of its operations."""
    shifted(2026, due_on=date(2026, 2, 20))
    with (
        pytest.raises(DatabaseError, match="rows from registry_deadlinedecision"),
        transaction.atomic(),
        connection.cursor() as c,
    ):
        c.execute(act)


@pytest.mark.parametrize(
    ("constraint", "write"),
    [
        ("deadline_dates_stay_in_order", lambda: shifted(2026, due_on=date(2026, 1, 2))),
        ("deadline_dates_stay_in_order", lambda: shifted(2026, opens_on=date(2026, 2, 2))),
        ("deadline_dates_stay_in_order", lambda: shifted(2026, tolerated_until=date(2026, 2, 2))),
        ("deadline_freezes_do_not_overlap", lambda: [DeadlineDecisionFactory.create(freeze=True) for _ in "ab"]),
        (
            "deadline_reversal_is_not_reverted",
            lambda: DeadlineDecisionFactory.create(
                reversal=True,
                reverts=DeadlineDecisionFactory.create(reversal=True, reverts=shifted(2026, due_on=date(2026, 2, 20))),
            ),
        ),
    ],
)  # fmt: skip
def test_what_decisions_would_make_of_the_dates_is_refused_by_trigger(constraint: str, write: Callable) -> None:
    """Fails without that check in the triggers of `DeadlineDecision`."""
    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        write()
    assert refused.value.__cause__.diag.constraint_name == constraint  # type: ignore[union-attr]


def test_a_freeze_that_was_reverted_may_be_signed_anew(user: User) -> None:
    made = freeze_deadlines(by=user, **WHY, **OUTAGE)
    revert_decision(by=user, **WHY, number=made.pk)
    freeze_deadlines(by=user, **WHY, from_on=date(2026, 2, 21), until_on=date(2026, 2, 21))
    assert campaign().due_on == date(2026, 3, 1)
    assert Registration.objects.count() == 0
