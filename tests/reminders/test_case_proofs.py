"""A reminder of the ledger as the notice of a removal case: the same cover, the same term, accepted."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import IntegrityError, transaction

from registry.actions import RegisterError, cases
from registry.models import CaseProof, RemovalCase
from registry.removals import proofs_of
from registry.rules.removals import CaseState, CaseStep
from reminders.errors import ReminderError
from reminders.models import Bounce, Notice
from reminders.planning.proofs import find_mail
from reminders.rules.bounces import RETURNED_KINDS, BounceKind
from reminders.rules.states import NoticeState
from tests.factories import AttemptFactory, NoticeFactory, reach
from tests.removing import Procedure, at, lapsed

pytestmark = pytest.mark.django_db

OPENED = date(2027, 3, 5)
MAILED_AT = datetime(2027, 2, 15, 23, 30, tzinfo=UTC)
MAILED_ON = date(2027, 2, 16)
"""Past midnight in Paris."""


def mailed(procedure: Procedure, state: NoticeState = NoticeState.ACCEPTED, **item: Any) -> Notice:
    told = {"kind": "RC_PRO", "categories": ["COA"], "term": "2027-02-28"} | item
    notice = NoticeFactory.create(intermediary=procedure.registration.intermediary, items=[told], key="a" * 40)
    AttemptFactory.create(notice=notice, finished_at=MAILED_AT, verdict="ACCEPTED", stage="REPLY", code=250)
    return reach(notice, state)


def reported(notice: Notice, kind: BounceKind) -> None:
    """A report about a mail, an hour after it left."""
    Bounce.objects.create(notice=notice, kind=kind, reported_at=MAILED_AT, stored_at=MAILED_AT, digest="b" * 64)


@pytest.fixture
def procedure() -> Procedure:
    made = Procedure(lapsed())
    made.open(OPENED)
    return made


def test_i11_the_reminder_that_told_of_it_is_the_notice_and_its_time_runs(procedure: Procedure, settings: Any) -> None:
    """By the command; the formal notice may follow twenty days after the mail left, not after today."""
    mailed(procedure)
    settings.REGISTER_NOW = at(OPENED)
    call_command("create_user", "alice", "--role", "registry_officer", stdout=StringIO())
    out = StringIO()
    call_command("prove_case_notice", procedure.case.pk, "--by", "alice", "--json", stdout=out)
    told = json.loads(out.getvalue())
    assert (told["state"], told["proved_on"], told["not_before"]) == ("NOTICE", {"NOTICE": "2027-02-16"}, "2027-03-08")
    procedure.case.refresh_from_db()
    assert procedure.send(date(2027, 3, 8), CaseState.FORMAL).state == CaseState.FORMAL


@pytest.mark.parametrize(
    ("state", "item"),
    [
        (NoticeState.UNCERTAIN, {}),
        (NoticeState.REFUSED, {}),
        (NoticeState.ACCEPTED, {"categories": ["IOB"]}),
        (NoticeState.ACCEPTED, {"term": "2026-02-28"}),
        (NoticeState.ACCEPTED, {"kind": "FINANCIAL_GUARANTEE"}),
    ],
    ids=str,
)
def test_a_mail_about_something_else_or_that_may_not_have_left_proves_nothing(
    procedure: Procedure, state: NoticeState, item: dict[str, Any]
) -> None:
    mailed(procedure, state, **item)
    with pytest.raises(ReminderError, match="adressez l’avis par lettre"):
        find_mail(procedure.case, OPENED)


@pytest.mark.parametrize(
    ("state", "item", "day"),
    [
        (NoticeState.UNCERTAIN, {}, MAILED_ON),
        (NoticeState.ACCEPTED, {"categories": ["IOB"]}, MAILED_ON),
        (NoticeState.ACCEPTED, {"term": "2026-02-28"}, MAILED_ON),
        (NoticeState.ACCEPTED, {}, date(2027, 2, 15)),
    ],
    ids=str,
)
def test_i11_the_database_asks_the_ledger(
    procedure: Procedure, state: NoticeState, item: dict[str, Any], day: date
) -> None:
    """Fails without `registry_mail_proves` in the reminders' migration, or one of its questions."""
    key = mailed(procedure, state, **item).key
    with pytest.raises(IntegrityError, match="nothing in the ledger proves"), transaction.atomic():
        cases.notify_by_mail(
            by=procedure.clerk, why="essai", now=at(OPENED), case=procedure.case, key=key, mailed_on=day
        )
    assert not CaseProof.objects.exists()


@pytest.mark.parametrize("kind", sorted(RETURNED_KINDS))
def test_i11_a_mail_that_came_back_proves_nothing_and_the_database_says_so_too(
    procedure: Procedure, kind: BounceKind
) -> None:
    """Fails without `returned` in find_mail, or without its question in `registry_mail_proves`."""
    notice = mailed(procedure)
    reported(notice, kind)
    with pytest.raises(ReminderError, match=r"jamais revenue.*adressez l’avis par lettre"):
        find_mail(procedure.case, OPENED)
    with pytest.raises(IntegrityError, match="nothing in the ledger proves"), transaction.atomic():
        cases.notify_by_mail(
            by=procedure.clerk, why="essai", now=at(OPENED), case=procedure.case, key=notice.key, mailed_on=MAILED_ON
        )


def test_i11_a_mail_that_comes_back_after_it_was_taken_for_the_notice_leaves_the_next_step_unproved(
    procedure: Procedure,
) -> None:
    """Fails without the last question of `registry_proved_on` (the database), or `_STILL_PROVES` (the rules)."""
    notice = mailed(procedure)
    cases.notify_by_mail(
        by=procedure.clerk, why="essai", now=at(OPENED), case=procedure.case, key=notice.key, mailed_on=MAILED_ON
    )
    procedure.case.refresh_from_db()
    assert proofs_of(procedure.case) == {CaseStep.NOTICE: MAILED_ON}
    reported(notice, BounceKind.HARD_ADDRESS)
    assert proofs_of(procedure.case) == {}
    with pytest.raises(RegisterError):
        procedure.send(date(2027, 3, 8), CaseState.FORMAL)
    with pytest.raises(IntegrityError, match="no proof of NOTICE"), transaction.atomic():
        RemovalCase.objects.update(state="FORMAL", since_on=date(2027, 3, 8))


@pytest.mark.parametrize("kind", sorted({BounceKind.DELIVERED, BounceKind.DELAYED, BounceKind.AUTO_REPLY}))
def test_a_mail_that_something_else_was_said_of_proves_what_it_told(procedure: Procedure, kind: BounceKind) -> None:
    """Fails if any report about it counted."""
    notice = mailed(procedure)
    reported(notice, kind)
    assert find_mail(procedure.case, OPENED).key == notice.key
    cases.notify_by_mail(
        by=procedure.clerk, why="essai", now=at(OPENED), case=procedure.case, key=notice.key, mailed_on=MAILED_ON
    )
    assert CaseProof.objects.get().mail_key == notice.key


def test_another_person_s_mail_proves_nothing(procedure: Procedure) -> None:
    other = Procedure(lapsed(), clerk=procedure.clerk, signer=procedure.signer)
    key = mailed(other).key
    with pytest.raises(IntegrityError, match="nothing in the ledger proves"), transaction.atomic():
        cases.notify_by_mail(
            by=procedure.clerk, why="essai", now=at(OPENED), case=procedure.case, key=key, mailed_on=MAILED_ON
        )
