"""Rows of the hotline."""

from __future__ import annotations

from datetime import timedelta

from factory.declarations import (
    Sequence,
    SubFactory,
    Trait,
)
from factory.django import DjangoModelFactory

from hotline.models import Call, Complaint, Incident, LookUp
from tests.factories.common import NOW, UserFactory
from tests.factories.register import IntermediaryFactory


class ComplaintFactory(DjangoModelFactory[Complaint]):
    """A letter of NOW's day. Trait: `spoken` (the person was invited to write)."""

    class Meta:
        model = Complaint

    class Params:
        spoken = Trait(channel="PHONE", state="SPOKEN", sent_on=None, spoken_on=NOW.date(), invited_on=NOW.date())

    number = Sequence(lambda n: f"R-2025-{n + 1:05d}")
    state = "RECEIVED"
    channel = "LETTER"
    matter = "UNWANTED_MAIL"
    text = "une relance alors que tout est déposé"
    complainant = "Cabinet Durand"
    sent_on = NOW.date()
    entered_on = NOW.date()
    entered_at = NOW
    entered_by = SubFactory(UserFactory)


class CallFactory(DjangoModelFactory[Call]):
    """A question answered at NOW. Trait: `promised` (to be called back within the hour)."""

    class Meta:
        model = Call

    class Params:
        promised = Trait(outcome="CALL_BACK", call_back_by=NOW + timedelta(hours=1), caller_key="199001234")

    started_at = NOW
    reason = "FILE_STATE"
    outcome = "ANSWERED"
    agent = SubFactory(UserFactory)
    entered_at = NOW


class LookUpFactory(DjangoModelFactory[LookUp]):
    """A file opened at NOW for a caller who said its number."""

    class Meta:
        model = LookUp

    at = NOW
    agent = SubFactory(UserFactory)
    intermediary = SubFactory(IntermediaryFactory)
    purpose = "CALLER"
    way = "NUMBER"


class IncidentFactory(DjangoModelFactory[Incident]):
    """Declared at NOW; the next word is due in an hour. Trait: `over`."""

    class Meta:
        model = Incident

    class Params:
        over = Trait(state="RESOLVED", cause="règle fautive", next_update_at=None, resolved_at=NOW)

    state = "INVESTIGATING"
    message = "Des relances sont parties à tort."
    next_update_at = NOW + timedelta(hours=1)
    declared_at = NOW
    declared_by = SubFactory(UserFactory)
    updated_at = NOW
