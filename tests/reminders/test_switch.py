"""The stop switch: one row, with who, when and why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.apps import apps
from django.db import IntegrityError, transaction

from reminders.errors import ReminderError
from reminders.models import StopSwitch
from reminders.planning.switch import resume_sending, stop_sending
from tests.factories import the_switch
from tests.reminders.scenes import NOW, RecordingTransport, lose_the_row, person, released_batch, send, states

pytestmark = pytest.mark.django_db


def test_i7_a_stop_says_who_when_and_why() -> None:
    stop_sending(reason="  des dossiers complets sont relancés ", by=person("alice"), now=NOW)
    row = the_switch()
    assert (row.stopped, row.reason) == (True, "des dossiers complets sont relancés")
    assert (row.changed_by, row.changed_at) == (person("alice"), NOW)


@pytest.mark.parametrize("reason", ["", "   ", "\n"])
def test_a_stop_without_a_reason_is_refused_and_changes_nothing(reason: str) -> None:
    with pytest.raises(ReminderError, match="Dites pourquoi"):
        stop_sending(reason=reason, by=None, now=NOW)
    assert not the_switch().stopped


def test_i7_a_stop_works_also_where_the_row_was_lost() -> None:
    """Fails where stop_sending updates a row instead of making sure there is one."""
    lose_the_row(StopSwitch)
    stop_sending(reason="essai", by=None, now=NOW)
    assert the_switch().stopped


def test_a_long_reason_is_cut_and_not_refused() -> None:
    stop_sending(reason="x" * 1000, by=None, now=NOW)
    assert len(the_switch().reason) == 300


def test_sending_is_open_again_with_the_name_of_who_opened_it() -> None:
    stop_sending(reason="essai", by=None, now=NOW)
    resume_sending(by=person("alice"), now=NOW + timedelta(minutes=5))
    row = the_switch()
    assert (row.stopped, row.reason, row.changed_by) == (False, "", person("alice"))
    assert row.changed_at == NOW + timedelta(minutes=5)


def test_i9_every_change_of_the_switch_is_in_the_history_with_who_and_why() -> None:
    stop_sending(reason="première alerte", by=person("alice"), now=NOW)
    resume_sending(by=person("bruno"), now=NOW)
    history = apps.get_model("reminders", "StopSwitchHistory").objects.order_by("pgh_id")
    stopped, opened = list(history)[-2:]
    assert (stopped.stopped, stopped.reason, opened.stopped) == (True, "première alerte", False)
    assert [row.pgh_context.metadata["user"] for row in (stopped, opened)] == [person("alice").pk, person("bruno").pk]
    assert [row.pgh_context.metadata["why"] for row in (stopped, opened)] == ["première alerte", "reprise des envois"]


def test_there_is_never_a_second_switch() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        StopSwitch.objects.create(id=2, stopped=False)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lost", [False, True])
def test_i7_nothing_leaves_while_the_switch_is_on_or_missing(lost: bool) -> None:
    """Fails where a missing row is taken for "go on"."""
    batch = released_batch(3)
    if lost:
        lose_the_row(StopSwitch)
    else:
        stop_sending(reason="essai", by=None, now=NOW)
    transport = RecordingTransport()
    send(transport)
    assert transport.sent == []
    assert states(batch) == {"PLANNED": 3}


@pytest.mark.django_db(transaction=True)
def test_i7_a_stop_in_the_midst_of_a_batch_lets_no_further_message_leave() -> None:
    batch = released_batch(4)

    def stop_after_one(sent: int) -> None:
        if sent == 1:
            stop_sending(reason="essai", by=None, now=NOW)

    transport = RecordingTransport(before=stop_after_one)
    send(transport)
    # The second was handed over already when the stop was committed.
    assert len(transport.sent) == 2
    resume_sending(by=person("alice"), now=NOW)
    send(transport)
    assert states(batch) == {"ACCEPTED": 4}
    assert len(set(transport.recipients)) == 4
