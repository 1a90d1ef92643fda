"""From a complete file to a reminder that an insurer's termination made due, and its next certificate calls off."""

from __future__ import annotations

import pytest

from registry import clock
from registry.facts import load_file, load_reference
from registry.models import Intermediary
from registry.rules.file_state import assess_file
from reminders.models import Notice, NoticeItem
from tests.api.callers import Keyed, issuer_account
from tests.api.test_issuer import COVER, COVERS, EVENT, EVENTS, NUMBER, fates, pushed
from tests.factories import NOW, CoverFactory, IntermediaryFactory, IssuerFactory, RegistrationFactory
from tests.reminders.scenes import (
    DAY,
    RecordingTransport,
    released_batch,
    send,
    sign_as_the_sender,
)

pytestmark = pytest.mark.django_db(transaction=True)


def is_complete() -> bool:
    facts = load_file(NUMBER)
    assert facts
    return assess_file(facts, load_reference(), DAY).is_complete


@pytest.fixture
def insurer(monkeypatch: pytest.MonkeyPatch) -> Keyed:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    return Keyed(issuer_account(IssuerFactory(name="Mutuelle d’essai")), "issuer:write")


@pytest.fixture
def broker() -> Intermediary:
    """Complete: covered to the end of February, and for the year after, by one policy."""
    broker: Intermediary = RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER)).intermediary
    for renewed in (False, True):
        CoverFactory(intermediary=broker, policy="RC-1", renewed=renewed, categories=["COA"])
    return broker


def test_i1_i3_a_termination_makes_a_reminder_due_and_a_new_certificate_calls_it_off(
    insurer: Keyed, broker: Intermediary
) -> None:
    """Fails if a termination ended the running certificate alone, or if the new one waited for a person."""
    sign_as_the_sender()
    assert is_complete()
    assert fates(pushed(insurer, EVENTS, EVENT | {"effective_on": "2026-02-27"})) == ["NEW"]
    assert not is_complete()
    batch = released_batch()
    item = NoticeItem.objects.get(notice__batch=batch)
    assert (item.kind, str(item.term)) == ("RC_PRO", "2026-02-26")
    assert fates(pushed(insurer, COVERS, COVER | {"starts_on": "2026-02-27", "policy": "RC-2"})) == ["NEW"]
    assert is_complete()
    transport = RecordingTransport()
    send(transport)
    assert transport.sent == []
    notice = Notice.objects.get()
    assert (notice.state, notice.reason) == ("SKIPPED", "COMPLETE")


def test_without_the_new_certificate_the_reminder_leaves(insurer: Keyed, broker: Intermediary) -> None:
    """What the test above would not show if nothing ever left."""
    sign_as_the_sender()
    pushed(insurer, EVENTS, EVENT | {"effective_on": "2026-02-27"})
    released_batch()
    transport = RecordingTransport()
    send(transport)
    assert [sent.recipient for sent in transport.sent] == [broker.email]
