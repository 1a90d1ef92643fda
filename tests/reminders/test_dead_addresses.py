"""An address that no longer works: a worklist, and no reminder until it is changed or confirmed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.db import connection

from registry.actions import change_contact
from registry.models import Intermediary
from reminders.errors import ReminderError
from reminders.ledger import load_ledger
from reminders.models import LeftOut, Notice
from reminders.planning.dead_addresses import confirm_address, dead_address_rows, dead_addresses
from tests.factories import NOW, AttemptFactory, UserFactory
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import (
    ACCEPTED,
    DAY,
    NO_SUCH_USER,
    POLICY,
    RecordingTransport,
    due_file,
    person,
    planned_batch,
    released_batch,
    send,
    states,
)

pytestmark = pytest.mark.django_db


def dead() -> list[str]:
    return [row["orias_number"] for row in dead_address_rows()]


def mailed_before(someone: Intermediary) -> Notice:
    """A notice of long ago, of a wave that is not asked again."""
    notice = mailed(person=someone, discharges=None, batch__created_at=NOW - timedelta(60))
    Notice.objects.filter(pk=notice.pk).update(settled_at=NOW - timedelta(60))
    return notice


def move(someone: Intermediary, email: str) -> None:
    change_contact(intermediary=someone, email=email, by=None, why="essai", day=DAY)


# --- what makes one dead ---


@pytest.mark.parametrize(
    ("name", "is_dead"),
    [
        ("postfix_unknown_user", True),
        ("postfix_no_such_domain", True),
        ("postfix_policy", False),
        ("postfix_expired", False),
        ("postfix_delayed", False),
        ("postfix_delivered", False),
        ("out_of_office_fr", False),
        ("complaint_arf", False),
    ],
)
def test_one_clear_word_makes_an_address_dead_and_nothing_else_does(name: str, is_dead: bool) -> None:
    notice = mailed()
    came_back(notice, name)
    assert dead() == ([notice.intermediary.orias_number] if is_dead else [])


def test_mail_that_came_back_for_now_on_three_days_makes_an_address_dead() -> None:
    """Fails if reports of one day were counted each, or with two days instead of three."""
    notice = mailed(batch__created_at=NOW - timedelta(1))
    for hours in (0, 3, 24, 30):
        came_back(notice, "postfix_expired", NOW + timedelta(hours=hours))
    assert dead() == []
    came_back(notice, "postfix_expired", NOW, days=2)
    (row,) = dead_address_rows()
    assert (row["hard"], row["soft_days"], row["orias_number"]) == (0, 3, notice.intermediary.orias_number)


def test_the_number_of_days_is_a_setting_that_list_plan_and_delivery_share(settings: object) -> None:
    someone = due_file()
    came_back(mailed_before(someone), "postfix_expired")
    assert dead() == []
    settings.SOFT_DAYS_MAKE_DEAD = 1  # type: ignore[attr-defined]
    assert dead() == [someone.orias_number]
    due_file()
    assert LeftOut.objects.get(batch=planned_batch(), intermediary=someone).reason == "ADDRESS_DEAD"


@pytest.mark.django_db(transaction=True)
def test_an_address_refused_at_the_door_is_dead_too_and_one_refused_for_our_fault_is_not() -> None:
    batch = released_batch(3)
    send(RecordingTransport(replies=[ACCEPTED, POLICY, NO_SUCH_USER]))
    assert states(batch) == {"ACCEPTED": 1, "REFUSED": 2}
    last = Notice.objects.select_related("intermediary").get(rank=3)
    assert dead() == [last.intermediary.orias_number]
    (row,) = dead_address_rows()
    assert row["said"] == NO_SUCH_USER.text


def test_a_report_of_an_address_it_was_forwarded_to_says_nothing_of_ours() -> None:
    notice = mailed()
    came_back(notice, "postfix_forwarded")
    assert dead() == []


def test_a_report_that_names_no_mail_of_ours_makes_nothing_dead() -> None:
    notice = mailed()
    bounce = came_back(notice)
    assert bounce.notice == notice
    other = mailed(person=None)
    assert other.intermediary.orias_number not in dead()


# --- what it means ---


def test_i5_a_dead_address_is_left_out_of_the_plan_with_its_reason_and_evidence() -> None:
    """Fails without `ADDRESS_DEAD` in audience.sql."""
    someone, other = due_file(), due_file()
    came_back(mailed_before(someone))
    batch = planned_batch()
    assert list(batch.notices.values_list("intermediary", flat=True)) == [other.pk]
    row = LeftOut.objects.get(batch=batch, intermediary=someone)
    assert row.reason == "ADDRESS_DEAD"
    assert (row.evidence["hard"], row.evidence["soft_days"]) == (1, 0)
    assert batch.skipped["ADDRESS_DEAD"] == 1


@pytest.mark.django_db(transaction=True)
def test_i1_an_address_that_died_after_the_plan_is_not_written_to() -> None:
    """Fails without `trouble` in `load_ledger`: the delivery decides on what the ledger holds at that moment."""
    someone, other = due_file(), due_file()
    old = mailed_before(someone)
    released_batch()
    came_back(old)
    transport = RecordingTransport()
    send(transport)
    assert transport.recipients == [other.email]
    skipped = Notice.objects.filter(intermediary=someone).latest("id")
    assert (skipped.state, skipped.reason) == ("SKIPPED", "ADDRESS_DEAD")


# --- healed ---


def test_a_changed_address_has_no_past_and_the_old_one_taken_back_has_its_own() -> None:
    someone = due_file()
    old = someone.email
    came_back(mailed_before(someone))
    assert dead() == [someone.orias_number]
    move(someone, "nouvelle@cabinet.example")
    assert dead() == []
    assert list(planned_batch().notices.values_list("intermediary", flat=True)) == [someone.pk]
    move(someone, old.upper())
    assert dead() == [someone.orias_number]


def test_an_address_that_somebody_made_sure_of_works_until_mail_comes_back_again() -> None:
    """Fails without the confirmations in the view, or if they held for what comes later."""
    someone = due_file()
    notice = mailed_before(someone)
    came_back(notice)
    by = UserFactory.create()
    later = NOW + timedelta(hours=1)
    confirm_address(orias_number=someone.orias_number, reason="boîte vidée", by=by, now=later)
    assert dead() == []
    assert load_ledger([someone.pk])[someone.pk].trouble is None
    came_back(notice, days=1)
    assert dead() == [someone.orias_number]


def test_a_confirmation_is_of_that_address_only() -> None:
    someone = due_file()
    came_back(mailed_before(someone))
    by = UserFactory.create()
    confirm_address(orias_number=someone.orias_number, reason="vu", by=by, now=NOW)
    move(someone, "nouvelle@cabinet.example")
    came_back(mailed(person=Intermediary.objects.get(pk=someone.pk), discharges=None), days=-1)
    assert dead() == [someone.orias_number]


@pytest.mark.parametrize(
    ("number", "reason", "told"),
    [
        ("07001003", " ", "motif est obligatoire"),
        ("00000000", "vu", "pas au registre"),
        ("07001003", "vu", "en défaut"),
    ],
)
def test_a_confirmation_that_says_nothing_is_refused(number: str, reason: str, told: str) -> None:
    due_file("07001003")
    with pytest.raises(ReminderError, match=told):
        confirm_address(orias_number=number, reason=reason, by=person("odile"), now=NOW)


# --- the worklist ---


def test_the_worklist_says_whom_to_call_and_what_was_said() -> None:
    one, other = due_file("09000001"), due_file("07000001", email="b@cabinet.example")
    for someone in (one, other):
        came_back(mailed_before(someone))
    assert dead() == ["07000001", "09000001"]
    row = next(dead_address_rows())
    assert (row["email"], row["name"]) == ("b@cabinet.example", other.name)
    assert "5.1.1" in row["said"]
    assert row["since"] == row["last"]


def test_one_person_is_on_the_worklist_once_however_much_came_back() -> None:
    notice = mailed("REFUSED")
    AttemptFactory(notice=notice, finished_at=NOW, verdict="REFUSED_ADDRESS", stage="RCPT", code=550)
    for day in range(3):
        came_back(notice, days=day)
    assert dead_addresses().count() == 1
    assert dead_addresses().get().hard == 4


def test_the_ledger_of_a_few_is_read_by_their_keys_however_long_it_is() -> None:
    """Fails with a view that is not grouped by the column of what came back: then every chunk that a worker takes would
    read the whole ledger."""
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT * FROM reminders_addresstrouble WHERE intermediary_id = ANY (ARRAY[1, 2, 3])")
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert plan.count("(intermediary_id = ANY") >= 2, plan
