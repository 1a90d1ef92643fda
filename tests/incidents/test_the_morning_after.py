"""The morning after a night that went wrong: the first step of 25 left to complete files, and each gets one correction.

360 files, all complete. The faulty machine is the one of `test_the_night_of_february_2014`, with no guard at all, but
for the steps that a release goes by: it stops after 25.
"""

from __future__ import annotations

from datetime import timedelta
from email import message_from_bytes, policy

import pytest

from reminders.errors import ReminderError
from reminders.models import Notice
from reminders.planning.approval import approve_batch, cancel_batch, release_batch
from reminders.planning.recall import recall_batch
from reminders.sending.deliver import Halt
from tests.incidents.night import (
    FEW,
    NIGHT,
    deliver_at_night,
    fill_register,
    forced_batch,
    no_eligibility,
    usual_hours,
)
from tests.reminders.scenes import RecordingTransport, engine, person, states

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]

MORNING = NIGHT + timedelta(hours=8)


def test_i6_i8_the_25_who_were_written_to_by_mistake_and_nobody_else_are_told_that_all_is_well() -> None:
    """Fails where a recall went to the list and not to those it reached, or believed the faulty list."""
    fill_register(FEW)
    batch = forced_batch(FEW, steps=(25,))
    night = RecordingTransport()
    with pytest.MonkeyPatch.context() as patch:
        no_eligibility(patch)
        deliver_at_night(night)
    assert len(night.sent) == 25

    with pytest.raises(ReminderError, match="pourrait repartir"):
        recall_batch(batch_id=batch.pk, by=person("planner"), now=MORNING, engine=engine())
    cancel_batch(batch_id=batch.pk, by=person("planner"), now=MORNING)
    assert states(batch) == {"ACCEPTED": 25, "CANCELLED": 335}
    recall = recall_batch(
        batch_id=batch.pk, by=person("planner"), now=MORNING, engine=engine(), reason="dossiers complets relancés"
    ).batch
    assert recall.planned == 25
    assert recall.by_class == {"COMPLETE": 25, "IN_REVIEW": 0, "DUE": 0, "OTHER": 0}
    approve_batch(batch_id=recall.pk, by=person("approver"), list_hash=recall.hash, count=25, now=MORNING)
    release_batch(batch_id=recall.pk, by=person("planner"), now=MORNING)

    morning = RecordingTransport()
    assert deliver_at_night(morning, window=usual_hours()).halt is Halt.WINDOW
    deliver_at_night(morning, MORNING, window=usual_hours())
    assert sorted(morning.recipients) == sorted(night.recipients)
    assert states(recall) == {"ACCEPTED": 25}
    for sent in morning.sent:
        message = message_from_bytes(sent.message, policy=policy.default)
        assert str(message["Subject"]).startswith("Rectificatif\u00a0: vous n’avez rien à faire")
        text = message.get_body(("plain",))
        assert text
        assert "Le 25 février 2014, vous avez reçu à tort un message de rappel" in text.get_content()

    with pytest.raises(ReminderError, match="est déjà rectifié"):
        recall_batch(batch_id=batch.pk, by=person("planner"), now=MORNING, engine=engine())
    assert Notice.objects.filter(batch__corrects=batch).count() == 25
