"""Rows of the ledger of reminders, each brought to its state by the moves that the database allows."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from factory.declarations import (
    LazyAttribute,
    LazyFunction,
    RelatedFactory,
    SelfAttribute,
    Sequence,
    SubFactory,
    Trait,
)
from factory.django import DjangoModelFactory

from reminders.models import (
    Alarm,
    Attempt,
    Batch,
    DomainPace,
    LeftOut,
    Notice,
    NoticeItem,
    Pace,
    StopSwitch,
    Tick,
    Watch,
    Wave,
    WrongReport,
)
from reminders.rules.identity import WaveKey, notice_key
from reminders.rules.states import BatchState, NoticeState
from tests.factories.common import HASH, NOW, TERM, UserFactory
from tests.factories.register import IntermediaryFactory


class WaveFactory(DjangoModelFactory[Wave]):
    """A wave beside the default ones."""

    class Meta:
        model = Wave

    code = Sequence(lambda n: f"W{n}")
    first_offset = -60
    last_offset = -46


class BatchFactory(DjangoModelFactory[Batch]):
    """A draft without a hash, so that notices may still be added; `reach` takes it further."""

    class Meta:
        model = Batch

    class Params:
        sealed = Trait(hash=HASH)

    as_of = Sequence(lambda n: date(2026, 1, 30) + timedelta(days=n))
    author = SubFactory(UserFactory)
    created_at = NOW
    planned = 10
    steps = LazyAttribute(lambda o: [o.planned])


class NoticeFactory(DjangoModelFactory[Notice]):
    """A planned notice with the wave it discharges; `reach` takes it further."""

    class Meta:
        model = Notice
        skip_postgeneration_save = True

    batch = SubFactory(BatchFactory)
    intermediary = SubFactory(IntermediaryFactory)
    rank = Sequence(lambda n: n + 1)
    state = "PLANNED"
    key = LazyAttribute(
        lambda o: notice_key(o.intermediary.orias_number, [WaveKey("RC_PRO", TERM, "D-30")])  # type: ignore[arg-type]
    )
    email = SelfAttribute("intermediary.email")
    items = LazyFunction(list)
    facts_version = 1
    not_after = datetime(2026, 2, 12, 16, tzinfo=UTC)
    discharges = RelatedFactory("tests.factories.NoticeItemFactory", "notice")


class NoticeItemFactory(DjangoModelFactory[NoticeItem]):
    """The wave D-30 of an RC Pro that ends with the campaign of 2026."""

    class Meta:
        model = NoticeItem

    notice = SubFactory(NoticeFactory, discharges=None)
    intermediary = SelfAttribute("notice.intermediary")
    kind = "RC_PRO"
    term = TERM
    wave = "D-30"


class AttemptFactory(DjangoModelFactory[Attempt]):
    """A try that is under way. Trait: `done`."""

    class Meta:
        model = Attempt

    class Params:
        done = Trait(finished_at=NOW, verdict="ACCEPTED", stage="REPLY", code=250)

    notice = SubFactory(NoticeFactory)
    number = Sequence(lambda n: n + 1)
    fence = 1
    worker = "essai-1"
    started_at = NOW


class LeftOutFactory(DjangoModelFactory[LeftOut]):
    """Somebody whose file is complete."""

    class Meta:
        model = LeftOut

    batch = SubFactory(BatchFactory)
    intermediary = SubFactory(IntermediaryFactory)
    reason = "COMPLETE"
    evidence = LazyFunction(dict)


class TickFactory(DjangoModelFactory[Tick]):
    """A minute that was acted on."""

    class Meta:
        model = Tick

    name = "deliver"
    intended_at = Sequence(lambda n: NOW + timedelta(minutes=n))


class WatchFactory(DjangoModelFactory[Watch]):
    """Of a batch that goes."""

    class Meta:
        model = Watch

    batch = SubFactory(BatchFactory)
    going_since = NOW


class AlarmFactory(DjangoModelFactory[Alarm]):
    """Open. Trait: `closed`."""

    class Meta:
        model = Alarm

    class Params:
        closed = Trait(closed_at=NOW, closed_by=SubFactory(UserFactory))

    batch = SubFactory(BatchFactory)
    code = "BOUNCED_TOO_MANY"
    level = "RED"
    message = "3 adresses hors d’usage dans le palier, sur 25 envois"
    facts = LazyFunction(dict)
    step = 25
    raised_at = NOW


class WrongReportFactory(DjangoModelFactory[WrongReport]):
    """By the link, and true. Trait: `by_phone`."""

    class Meta:
        model = WrongReport

    class Params:
        by_phone = Trait(source="HOTLINE", reported_by=SubFactory(UserFactory))

    notice = SubFactory(NoticeFactory)
    source = "LINK"
    verdict = "WRONG"
    facts = LazyFunction(dict)
    reported_at = NOW


class DomainPaceFactory(DjangoModelFactory[DomainPace]):
    """A domain that is left alone for a minute."""

    class Meta:
        model = DomainPace

    domain = Sequence(lambda n: f"domaine-{n}.example")
    not_before = NOW + timedelta(minutes=1)
    updated_at = NOW


def the_switch() -> StopSwitch:
    """The one row; a new register has it, and sends."""
    return StopSwitch.objects.get()


def the_pace() -> Pace:
    """The one row."""
    return Pace.objects.get()


# --- states ------------------------------------------------------------------------------------------------

BATCH_PATHS: dict[str, tuple[str, ...]] = {
    "DRAFT": (),
    "APPROVED": ("APPROVED",),
    "RELEASING": ("APPROVED", "RELEASING"),
    "PAUSED": ("APPROVED", "RELEASING", "PAUSED"),
    "COMPLETED": ("APPROVED", "RELEASING", "COMPLETED"),
    "CANCELLED": ("CANCELLED",),
    "STALE": ("STALE",),
}
NOTICE_PATHS: dict[str, tuple[str, ...]] = {
    "PLANNED": (),
    "CLAIMED": ("CLAIMED",),
    "SENDING": ("CLAIMED", "SENDING"),
    "DEFERRED": ("CLAIMED", "SENDING", "DEFERRED"),
    "ACCEPTED": ("CLAIMED", "SENDING", "ACCEPTED"),
    "UNCERTAIN": ("CLAIMED", "SENDING", "UNCERTAIN"),
    "REFUSED": ("CLAIMED", "SENDING", "REFUSED"),
    "SKIPPED": ("CLAIMED", "SKIPPED"),
    "EXPIRED": ("EXPIRED",),
    "CANCELLED": ("CANCELLED",),
}


def batch_in(state: BatchState, **values: Any) -> Batch:
    """A batch that has come to `state` by allowed steps, approved by a second person on the way."""
    batch = BatchFactory.create(sealed=bool(BATCH_PATHS[state]), **values)
    for step in BATCH_PATHS[state]:
        Batch.objects.filter(pk=batch.pk).update(state=step, **_batch_columns(step))
    batch.refresh_from_db()
    return batch


def reach(notice: Notice, state: NoticeState) -> Notice:
    """Take a planned notice to `state` by allowed steps."""
    for step in NOTICE_PATHS[state]:
        Notice.objects.filter(pk=notice.pk).update(state=step, **notice_columns(step))
    notice.refresh_from_db()
    return notice


def _batch_columns(state: str) -> dict[str, Any]:
    if state == "APPROVED":
        return {"approved_by": UserFactory.create(), "approved_at": NOW}
    if state == "RELEASING":
        return {"released_by": UserFactory.create(), "released_at": NOW, "ceiling": 10}
    return {"pause_reason": "PERSON"} if state == "PAUSED" else {}


def notice_columns(state: str) -> dict[str, Any]:
    """What the database asks for beside the state."""
    if state in ("CLAIMED", "SENDING"):
        return {"lease_until": NOW + timedelta(minutes=5), "worker": "essai-1"}
    return {"reason": "COMPLETE"} if state == "SKIPPED" else {}
