"""A removal case lived through with explicit days: what each step asks for, and what stops it."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from registry.actions import RegisterError, cases, sessions
from registry.models import CaseProof, CommissionSession, Decision, Letter, Registration, RemovalCase
from registry.public import PublicStatus, public_entry, published
from registry.rules.commission import Choice
from registry.rules.deadlines import Freeze
from registry.rules.removals import CaseState, Ground, ProofKind
from tests.factories import CoverFactory, DeadlineDecisionFactory, UserFactory
from tests.removing import Procedure, all_for, at, lapsed, members, ordered

pytestmark = pytest.mark.django_db

OPENED = date(2027, 3, 1)
S = CaseState


@pytest.fixture
def procedure() -> Procedure:
    members()
    return Procedure(lapsed())


def status(registration: Registration, day: date) -> PublicStatus:
    row = published().get(pk=registration.intermediary_id)
    return public_entry(row, day).categories[0].status


def commit() -> None:
    """Run what the commit would run: the deferred checks."""
    with transaction.get_connection().cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def test_i11_a_case_is_lived_from_the_missing_cover_to_the_publication(procedure: Procedure) -> None:
    """Day by day: nothing follows from a date alone, each step waits for the proof of the one before."""
    mine = procedure.registration
    with pytest.raises(RegisterError, match="revenu en règle"):
        procedure.open(date(2027, 2, 28))
    procedure.open(date(2027, 3, 1))
    procedure.send(date(2027, 3, 2), S.NOTICE)
    with pytest.raises(RegisterError, match="n’est pas prouvée"):
        procedure.send(date(2027, 4, 30), S.FORMAL)
    procedure.prove(date(2027, 3, 3))
    with pytest.raises(RegisterError, match="à partir du 2027-03-23"):
        procedure.send(date(2027, 3, 22), S.FORMAL)
    procedure.send(date(2027, 3, 23), S.FORMAL)
    with pytest.raises(RegisterError, match="n’est pas prouvée"):
        procedure.session(date(2027, 4, 16))
    procedure.prove(date(2027, 3, 25))
    with pytest.raises(RegisterError, match="à partir du 2027-04-14"):
        procedure.session(date(2027, 4, 13))
    session = procedure.session(date(2027, 4, 16))
    assert RemovalCase.objects.get().state == S.FORMAL
    procedure.sign(date(2027, 4, 19), session)
    assert (procedure.case.state, procedure.case.since_on) == (S.DECIDED, date(2027, 4, 16))
    assert status(mine, date(2027, 4, 19)) is PublicStatus.REGISTERED
    procedure.send(date(2027, 4, 20), S.LETTER)
    with pytest.raises(RegisterError, match="n’est pas prouvée"):
        procedure.publish(date(2027, 4, 23))
    procedure.prove(date(2027, 4, 22))
    procedure.publish(date(2027, 4, 23))
    commit()
    mine.refresh_from_db()
    [decision] = Decision.objects.all()
    assert mine.removed_on == date(2027, 4, 23)
    assert (decision.decided_on, decision.effective_on) == (date(2027, 4, 16), date(2027, 4, 23))
    assert (decision.case, decision.act_reference) == (procedure.case, CommissionSession.objects.get().number)
    assert [status(mine, date(2027, 4, n)) for n in (22, 23)] == [PublicStatus.REGISTERED, PublicStatus.REMOVED]
    assert list(Letter.objects.order_by("id").values_list("kind", flat=True)) == ["NOTICE", "FORMAL", "LETTER"]


def test_a_cover_on_the_last_day_withdraws_the_case(procedure: Procedure) -> None:
    """Fails without the re-reading of the file in `_take_step`: the registration would be removed."""
    procedure.told(date(2027, 5, 3))
    CoverFactory.create(
        intermediary=procedure.registration.intermediary,
        starts_on=date(2027, 3, 1),
        ends_on=date(2028, 2, 29),
        categories=["COA"],
        deposited_on=date(2027, 5, 3),
    )
    procedure.publish(date(2027, 5, 4))
    procedure.registration.refresh_from_db()
    assert (procedure.case.state, procedure.registration.removed_on) == (S.WITHDRAWN, None)
    assert not Decision.objects.exists()


@pytest.mark.parametrize("target", [S.NOTICE, S.FORMAL, S.LETTER])
def test_a_paper_that_waits_for_us_blocks_and_withdraws_nothing(procedure: Procedure, target: CaseState) -> None:
    if target is S.NOTICE:
        procedure.open(OPENED)
    elif target is S.FORMAL:
        procedure.open(OPENED)
        procedure.send(OPENED, S.NOTICE)
        procedure.prove(OPENED)
    else:
        procedure.decided(date(2027, 5, 3))
    before = procedure.case.state
    CoverFactory.create(
        intermediary=procedure.registration.intermediary,
        starts_on=date(2027, 3, 1),
        ends_on=date(2028, 2, 29),
        categories=["COA"],
        deposited=True,
    )
    with pytest.raises(RegisterError, match="attend notre contrôle"):
        procedure.send(date(2027, 6, 1), target)
    procedure.case.refresh_from_db()
    assert procedure.case.state == before
    assert not Letter.objects.filter(dated_on=date(2027, 6, 1)).exists()


def test_at_the_signature_a_file_in_order_is_withdrawn_not_decided(procedure: Procedure) -> None:
    """Fails without `read_ground` in `_state_after`."""
    procedure.formally(date(2027, 4, 1))
    session = procedure.session(date(2027, 4, 21))
    CoverFactory.create(
        intermediary=procedure.registration.intermediary,
        starts_on=date(2027, 3, 1),
        ends_on=date(2028, 2, 29),
        categories=["COA"],
    )
    assert procedure.sign(date(2027, 4, 22), session).state == S.WITHDRAWN


def test_a_freeze_of_deadlines_gives_the_days_back(procedure: Procedure) -> None:
    """Fails without the freezes in `first_day_after`, or in `registry_not_before`."""
    DeadlineDecisionFactory.create(
        freeze=True,
        from_on=date(2027, 3, 10),
        until_on=date(2027, 3, 12),
        days_lost=Freeze(date(2027, 3, 10), date(2027, 3, 12)).days_lost,
    )
    procedure.open(OPENED)
    procedure.send(OPENED, S.NOTICE)
    procedure.prove(date(2027, 3, 1))
    with pytest.raises(RegisterError, match="à partir du 2027-03-24"):
        procedure.send(date(2027, 3, 23), S.FORMAL)
    with pytest.raises(IntegrityError, match="not old enough before 2027-03-24"), transaction.atomic():
        RemovalCase.objects.update(state="FORMAL", since_on=date(2027, 3, 23))
    assert procedure.send(date(2027, 3, 24), S.FORMAL).state == S.FORMAL


def test_a_letter_that_came_back_is_written_anew_and_proves_nothing(procedure: Procedure) -> None:
    """Fails without `RETURNED` in `proofs_of`, or the move to ERROR."""
    procedure.formally(date(2027, 4, 1))
    procedure.prove(date(2027, 4, 8), ProofKind.RETURNED)
    assert (procedure.case.state, procedure.case.resumes_as) == (S.ERROR, S.NOTICE)
    cases.resume_case(by=procedure.clerk, why="nouvelle adresse", now=at(date(2027, 4, 9)), case=procedure.case)
    procedure.send(date(2027, 4, 9), S.FORMAL)
    with pytest.raises(RegisterError, match="n’est pas prouvée"):
        procedure.session(date(2027, 5, 3))
    with pytest.raises(IntegrityError, match="no proof of FORMAL"), transaction.atomic():
        RemovalCase.objects.update(state="DECIDED", since_on=date(2027, 5, 3))
    procedure.prove(date(2027, 4, 10))
    procedure.sign(date(2027, 5, 3), procedure.session(date(2027, 5, 3)))
    assert procedure.case.state == S.DECIDED


def test_an_unclaimed_letter_was_sent_all_the_same(procedure: Procedure) -> None:
    procedure.formally(date(2027, 4, 1))
    procedure.prove(date(2027, 4, 17), ProofKind.UNCLAIMED)
    procedure.sign(date(2027, 4, 21), procedure.session(date(2027, 4, 21)))
    assert procedure.case.state == S.DECIDED


def test_a_held_case_takes_no_step_and_goes_on_where_it_was(procedure: Procedure) -> None:
    procedure.formally(date(2027, 4, 1))
    held = cases.hold_case(by=procedure.clerk, why="recours", now=at(date(2027, 4, 2)), case=procedure.case)
    assert (held.state, held.resumes_as) == (S.HELD, S.FORMAL)
    with pytest.raises(RegisterError, match="ne suit pas"):
        procedure.session(date(2027, 5, 3))
    with pytest.raises(RegisterError, match="ne suit pas"):
        cases.hold_case(by=procedure.clerk, why="encore", now=at(date(2027, 4, 2)), case=procedure.case)
    with pytest.raises(DatabaseError, match="goes back to where it was"), transaction.atomic():
        RemovalCase.objects.update(state="DECIDED", resumes_as="")
    resumed = cases.resume_case(by=procedure.clerk, why="rejeté", now=at(date(2027, 5, 3)), case=procedure.case)
    assert (resumed.state, resumed.resumes_as) == (S.FORMAL, "")
    with pytest.raises(RegisterError, match="rien n’est à reprendre"):
        cases.resume_case(by=procedure.clerk, why="encore", now=at(date(2027, 5, 3)), case=procedure.case)


def test_a_withdrawn_case_is_over_and_another_may_be_opened(procedure: Procedure) -> None:
    procedure.open(OPENED)
    with pytest.raises(RegisterError, match="déjà en cours"):
        procedure.open(OPENED)
    with pytest.raises(RegisterError, match="indiquez un motif"):
        cases.withdraw_case(by=procedure.clerk, why=" ", now=at(OPENED), case=procedure.case)
    cases.withdraw_case(by=procedure.clerk, why="erreur", now=at(OPENED), case=procedure.case)
    with pytest.raises(RegisterError, match="ne suit pas"):
        cases.withdraw_case(by=procedure.clerk, why="encore", now=at(OPENED), case=procedure.case)
    assert procedure.open(OPENED).state == S.OPEN


def test_the_case_of_a_person_strikes_off_every_registration() -> None:
    members()
    mine = lapsed()
    other = Registration.objects.create(intermediary=mine.intermediary, category="IOB", registered_on=date(2015, 6, 5))
    procedure = Procedure(mine)
    procedure.case = cases.open_case(
        by=procedure.clerk,
        now=at(OPENED),
        intermediary=mine.intermediary,
        registration=None,
        ground=Ground.CONDITION,
        reason="condamnation inscrite au bulletin n°\u202f2",
    )
    procedure.send(OPENED, S.NOTICE)
    procedure.prove(OPENED)
    procedure.send(OPENED + timedelta(days=20), S.FORMAL)
    procedure.prove(OPENED + timedelta(days=20))
    day = OPENED + timedelta(days=40)
    procedure.sign(day, procedure.session(day))
    procedure.send(day, S.LETTER)
    procedure.prove(day)
    procedure.publish(day)
    commit()
    assert set(Registration.objects.values_list("removed_on", flat=True)) == {day}
    assert Decision.objects.get().kind == "STRIKING_OFF"
    assert other.pk in Registration.objects.values_list("pk", flat=True)


# --- two people, votes ------------------------------------------------------------------------------------


def test_who_opened_the_case_neither_signs_nor_publishes(procedure: Procedure) -> None:
    """Fails without the refusals of the actions; the database's own are tried below."""
    procedure.formally(date(2027, 4, 1))
    other = UserFactory.create()
    session = sessions.record_session(
        by=other,
        why="séance",
        now=at(date(2027, 4, 21)),
        held_on=date(2027, 4, 21),
        votes={procedure.case.pk: all_for()},
    )
    for by, told in ((other, "celle qui l’a saisie"), (procedure.clerk, "a ouvert une affaire")):
        with pytest.raises(RegisterError, match=told):
            sessions.sign_session(by=by, why="", now=at(date(2027, 4, 21)), session=session, digest=session.digest)
    with pytest.raises(RegisterError, match="n’est pas celle des votes"):
        sessions.sign_session(by=procedure.signer, why="", now=at(date(2027, 4, 21)), session=session, digest="0" * 64)
    procedure.sign(date(2027, 4, 21), session)
    with pytest.raises(RegisterError, match="déjà signée"):
        procedure.sign(date(2027, 4, 21), session)
    procedure.send(date(2027, 4, 21), S.LETTER)
    procedure.prove(date(2027, 4, 21))
    with pytest.raises(RegisterError, match="publiée par une autre personne"):
        cases.publish_case(by=procedure.clerk, why="", now=at(date(2027, 4, 22)), case=procedure.case)
    with pytest.raises(IntegrityError, match="does not publish it"), transaction.atomic():
        RemovalCase.objects.update(state="PUBLISHED", moved_by=procedure.clerk, since_on=date(2027, 4, 22))


@pytest.mark.parametrize(
    ("choices", "state"),
    [
        ({"m1": "FOR", "m2": "FOR", "m3": "AGAINST"}, S.DECIDED),
        ({"m1": "FOR", "m2": "AGAINST", "m3": "ABSTAINED"}, S.DISMISSED),
        ({"m1": "ABSTAINED", "m2": "ABSTAINED", "m3": "ABSTAINED"}, S.DISMISSED),
        ({"m1": "FOR", "m2": "FOR"}, S.FORMAL),
        ({"m1": "FOR", "m2": "FOR", "m3": "CONFLICT"}, S.FORMAL),
        ({"m1": "FOR", "m2": "FOR", "m3": "FOR", "m4": "CONFLICT"}, S.DECIDED),
    ],
    ids=str,
)
def test_what_a_vote_comes_to(procedure: Procedure, choices: dict[str, str], state: CaseState) -> None:
    """Of five in office three must sit, without who declared an interest; two thirds of the votes cast decide."""
    procedure.formally(date(2027, 4, 1))
    session = procedure.session(date(2027, 4, 21), {code: Choice(c) for code, c in choices.items()})
    assert procedure.sign(date(2027, 4, 21), session).state == state
    session.refresh_from_db()
    assert bytes(session.minutes).startswith(b"%PDF-")


def test_a_session_has_cases_members_in_office_and_a_day_that_has_come(procedure: Procedure) -> None:
    procedure.formally(date(2027, 4, 1))
    day = date(2027, 4, 21)
    with pytest.raises(RegisterError, match="au moins sur une affaire"):
        sessions.record_session(by=procedure.clerk, why="", now=at(day), held_on=day, votes={})
    with pytest.raises(RegisterError, match="pas encore été tenue"):
        sessions.record_session(
            by=procedure.clerk, why="", now=at(day), held_on=date(2027, 4, 22), votes={procedure.case.pk: all_for()}
        )
    with pytest.raises(RegisterError, match="Pas en fonction"):
        procedure.session(day, all_for("m1", "inconnu"))
    with pytest.raises(RegisterError, match="Aucune affaire 0"):
        sessions.record_session(by=procedure.clerk, why="", now=at(day), held_on=day, votes={0: all_for()})


# --- what the database refuses ----------------------------------------------------------------------------


def test_i11_raw_sql_takes_no_step_without_its_proof(procedure: Procedure) -> None:
    """Fails without the trigger `removalcase_step_is_proved`."""
    procedure.open(OPENED)
    procedure.send(OPENED, S.NOTICE)
    with pytest.raises(IntegrityError, match="no proof of NOTICE"), transaction.atomic():
        RemovalCase.objects.update(state="FORMAL", since_on=date(2027, 12, 31))
    procedure.prove(OPENED)
    with pytest.raises(IntegrityError, match="not old enough before 2027-03-21"), transaction.atomic():
        RemovalCase.objects.update(state="FORMAL", since_on=date(2027, 3, 20))
    procedure.send(date(2027, 3, 21), S.FORMAL)
    procedure.prove(date(2027, 3, 21))
    with pytest.raises(IntegrityError, match="no signed session"), transaction.atomic():
        RemovalCase.objects.update(state="DECIDED", since_on=date(2027, 5, 1))
    session = procedure.session(date(2027, 5, 1), {"m1": Choice.FOR, "m2": Choice.FOR})
    procedure.sign(date(2027, 5, 1), session)
    with pytest.raises(IntegrityError, match="no signed session"), transaction.atomic():
        RemovalCase.objects.update(state="DECIDED", since_on=date(2027, 5, 1))


@pytest.mark.parametrize("stage", ["open", "decided", "told"])
def test_i11_a_decision_of_a_case_that_is_not_published_and_proved_is_refused(procedure: Procedure, stage: str) -> None:
    """Fails without `decision_of_a_proved_case` in the trigger `decision_comes_by_its_way`."""
    day = date(2027, 5, 3)
    getattr(procedure, stage)(day)
    with pytest.raises(IntegrityError, match="published and proved"), transaction.atomic():
        Decision.objects.create(
            intermediary=procedure.registration.intermediary,
            registration=procedure.registration,
            kind="REMOVAL",
            authority="COMMISSION",
            decided_on=day,
            effective_on=day,
            case=procedure.case,
            act_reference="CI",
        )


def test_i11_a_removal_names_its_case_its_order_or_its_file(procedure: Procedure) -> None:
    """Fails without the constraint `decision_adverse_names_its_way`."""
    with pytest.raises(IntegrityError, match="decision_adverse_names_its_way"), transaction.atomic():
        Decision.objects.create(
            intermediary=procedure.registration.intermediary,
            registration=procedure.registration,
            kind="REMOVAL",
            authority="COMMISSION",
            decided_on=OPENED,
            act_reference="CI",
        )


@pytest.mark.parametrize(
    "change",
    [
        {"ground": "CONDITION"},
        {"opened_on": date(2027, 2, 1)},
        {"state": "PUBLISHED"},
        {"state": "ERROR", "resumes_as": "OPEN"},
        {"since_on": date(2027, 2, 1)},
    ],
    ids=str,
)
def test_a_case_is_not_rewritten(procedure: Procedure, change: dict[str, object]) -> None:
    procedure.open(OPENED)
    with pytest.raises(DatabaseError), transaction.atomic():
        RemovalCase.objects.update(**change)
    with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
        RemovalCase.objects.all().delete()


def test_a_proof_is_of_its_own_letter_and_stays(procedure: Procedure) -> None:
    """Fails without the trigger `caseproof_is_true` or `caseproof_is_kept`."""
    procedure.formally(date(2027, 4, 1))
    proof = CaseProof.objects.order_by("id")[0]
    with pytest.raises(IntegrityError, match="nothing in the ledger proves"), transaction.atomic():
        CaseProof.objects.create(
            case=procedure.case, step="LETTER", kind="DELIVERED", letter=proof.letter,
            happened_on=OPENED, recorded_on=date(2027, 4, 1), recorded_by=procedure.clerk,
        )  # fmt: skip
    with pytest.raises(IntegrityError, match="nothing in the ledger proves"), transaction.atomic():
        CaseProof.objects.create(
            case=procedure.case, step="NOTICE", kind="MAILED", mail_key="0" * 40,
            happened_on=OPENED, recorded_on=date(2027, 4, 1), recorded_by=procedure.clerk,
        )  # fmt: skip
    for act in (lambda: CaseProof.objects.update(happened_on=OPENED), lambda: CaseProof.objects.all().delete()):
        with pytest.raises(DatabaseError, match="stays"), transaction.atomic():
            act()


@pytest.mark.parametrize(
    ("kind", "day", "told"),
    [
        (ProofKind.MAILED, date(2027, 3, 1), "n’est pas un courriel"),
        (ProofKind.POSTED, date(2027, 2, 28), "hors de la période"),
        (ProofKind.DELIVERED, date(2027, 3, 1), "pas encore enregistré"),
    ],
)
def test_a_proof_that_cannot_be_is_refused(procedure: Procedure, kind: ProofKind, day: date, told: str) -> None:
    procedure.open(OPENED)
    procedure.send(OPENED, S.NOTICE)
    with pytest.raises(RegisterError, match=told):
        procedure.prove(day, kind)
    procedure.prove(OPENED)
    with pytest.raises(RegisterError, match="déjà enregistré"):
        procedure.prove(OPENED)


def test_an_order_ends_the_case_about_the_same(procedure: Procedure) -> None:
    procedure.formally(date(2027, 4, 1))
    ordered(procedure.registration, date(2027, 4, 2))
    procedure.case.refresh_from_db()
    assert procedure.case.state == S.WITHDRAWN
