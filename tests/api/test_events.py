"""events/ : every change that a caller may see, in the order in which it could first be seen, each once."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import F
from django.db.models.functions import Now
from django_q.models import Schedule

from api import tasks
from api.event_types import EventType
from api.feed import forget_events, number_events, plain_event
from api.models import ChangeEvent, FeedState
from api.throttling import ByBudget
from registry import actions
from registry.models import Cover, Intermediary
from registry.models.deadline import DeadlineDecision
from registry.rules.reviews import ReviewReason
from reminders.rules.states import NoticeState
from reminders.sending.arming import arm
from tests.api.callers import Keyed, holder_of, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.factories import (
    NOW,
    ContactFactory,
    CoverEventFactory,
    CoverFactory,
    DeadlineDecisionFactory,
    IntermediaryFactory,
    NoticeFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    UserFactory,
    reach,
)
from tests.reminders.scenes import at_once, engine

pytestmark = pytest.mark.django_db
EVENTS = "/api/v1/events/"


@pytest.fixture
def mine() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000121")).intermediary


@pytest.fixture
def other() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000122")).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


@pytest.fixture
def officer(db: None) -> Keyed:
    return Keyed(staff_in("registry_officer"), "staff:*")


def latest(program: Keyed) -> int:
    told = program.get(EVENTS, {"after": "latest"}).json()
    assert told["results"] == []
    place: int = told["after"]
    return place


def since(program: Keyed, after: int, **query: Any) -> list[tuple[str, str | None]]:
    told = program.get(EVENTS, {"after": after} | query).json()
    return [(event["type"], event["data"]["orias_number"]) for event in told["results"]]


# --- what is told ---------------------------------------------------------------------------------------


def change(row: Any, **values: Any) -> None:
    """By plain SQL: the triggers tell."""
    type(row).objects.filter(pk=row.pk).update(**values)


CHANGES: dict[str, tuple[Any, list[str]]] = {
    "name": (lambda m: change(m, name="Cabinet Neuf"), ["register.changed"]),
    "address": (lambda m: change(m, address="1 rue Neuve"), ["file.changed"]),
    "nothing": (lambda m: change(m, name=m.name, email=m.email), []),
    "version": (lambda m: change(m, facts_version=F("facts_version") + 1), []),
    "suspension": (lambda m: change(m.registrations.get(), suspended_on=date(2026, 1, 5)), ["register.changed"]),
    "terms": (lambda m: change(m.registrations.get(), funds_mandate=True), ["file.changed"]),
    "category": (lambda m: RegistrationFactory(intermediary=m, category="CIF"), ["register.changed"]),
    "no category": (lambda m: m.registrations.all().delete(), ["register.changed"]),
    "cover": (lambda m: CoverFactory(intermediary=m), ["cover.changed"]),
    "contact": (lambda m: ContactFactory(intermediary=m), ["file.changed"]),
    "renewal": (lambda m: RenewalRequestFactory(registration=m.registrations.get()), ["renewal.changed"]),
    "sent": (lambda m: reach(NoticeFactory(intermediary=m), NoticeState.ACCEPTED), ["notice.sent"]),
}


@pytest.mark.parametrize("name", CHANGES)
def test_every_change_of_a_file_is_told_by_its_kind_and_nothing_else_is(
    name: str, program: Keyed, mine: Intermediary, other: Intermediary
) -> None:
    """Fails without the trigger of that table."""
    act, kinds = CHANGES[name]
    before = latest(program)
    act(mine)
    assert since(program, before) == [(kind, "08000121") for kind in kinds]


def test_what_happens_to_a_certificate_is_told_and_leads_to_it(program: Keyed, mine: Intermediary) -> None:
    cover = CoverFactory(intermediary=mine)
    before = latest(program)
    change(cover, policy="RC-9")
    CoverEventFactory(cover=cover)
    change(cover, policy="RC-9")
    told = program.get(EVENTS, {"after": before}).json()["results"]
    assert [event["type"] for event in told] == ["cover.changed"] * 2
    assert {event["data"]["url"] for event in told} == {
        f"http://127.0.0.1:8000/api/v1/intermediaries/08000121/covers/{cover.pk}/"
    }


def test_what_is_refused_or_sent_back_is_told_to_the_program_of_its_file(program: Keyed, mine: Intermediary) -> None:
    """No mail tells of a review by itself (decision 0026): the feed and its webhooks do, at once."""
    day = date(2026, 1, 29)
    covers: list[Cover] = [CoverFactory(intermediary=mine, renewed=True, deposited=True) for _ in range(2)]
    before = latest(program)
    actions.refuse_cover(by=None, why="x", day=day, cover=covers[0], reason=ReviewReason.OLD_PERIOD)
    reviewer = UserFactory()
    actions.ask_correction(by=reviewer, why="x", day=day, cover=covers[1], reason=ReviewReason.UNREADABLE)
    told = [event["data"]["url"] for event in program.get(EVENTS, {"after": before}).json()["results"]]
    assert [url.rstrip("/").rpartition("/")[2] for url in told] == [str(cover.pk) for cover in covers]
    seen = [program.get(url.removeprefix("http://127.0.0.1:8000")).json() for url in told]
    assert seen[0]["refusal"]["code"] == "OLD_PERIOD"
    assert seen[1]["correction"]["code"] == "UNREADABLE"


def test_moved_deadlines_concern_everybody(program: Keyed) -> None:
    before = latest(program)
    DeadlineDecisionFactory(opens_on=date(2026, 1, 2))
    assert DeadlineDecision.objects.count() == 1
    assert since(program, before) == [("deadlines.changed", None)]


def test_an_event_tells_where_to_look_and_nothing_of_what_is_there(program: Keyed, mine: Intermediary) -> None:
    before = latest(program)
    change(mine, email="secret@prive.example", address="3 rue Cachée")
    answer = program.get(EVENTS, {"after": before})
    [event] = answer.json()["results"]
    assert set(event) == {"id", "type", "timestamp", "data"}
    assert "secret" not in answer.text
    assert "Cachée" not in answer.text


@pytest.mark.parametrize(("month", "offset"), [(1, "+01:00"), (7, "+02:00")])
def test_the_instant_of_an_event_has_our_offset_as_everywhere(month: int, offset: str, mine: Intermediary) -> None:
    """In the feed and by webhook alike. Fails without `told_at`: the database's own is UTC."""
    at = datetime(2026, month, 1, 11, 30, tzinfo=UTC)
    told = plain_event(ChangeEvent(position=1, type=EventType.FILE.value, intermediary=mine, at=at))
    assert told["timestamp"] == f"2026-0{month}-01T1{2 if month == 1 else 3}:30:00{offset}"
    assert datetime.fromisoformat(told["timestamp"]) == at


def test_a_deposit_by_the_api_is_told_with_it_and_a_refused_one_is_not(program: Keyed) -> None:
    """In the transaction of the change: what is rolled back is told to nobody."""
    before = latest(program)
    covers = "/api/v1/intermediaries/08000121/covers/"
    assert program.act("post", covers, DEPOSIT).status_code == 201
    with transaction.atomic():
        CoverFactory(intermediary__orias_number="08000129")
        transaction.set_rollback(True)
    assert since(program, before) == [("cover.changed", "08000121")]


# --- to whom --------------------------------------------------------------------------------------------


def test_i14_a_program_is_told_of_its_own_files_and_of_what_is_public(
    program: Keyed, officer: Keyed, mine: Intermediary, other: Intermediary
) -> None:
    """Fails without `visible_files` in `visible_events`."""
    insurer = Keyed(holder_of(name="assureur"), "issuer:write")
    before = latest(program)
    for file in (mine, other):
        change(file, address="1 rue Neuve")
        CoverFactory(intermediary=file)
        change(file, town="Brest")
    public = [("register.changed", "08000121"), ("register.changed", "08000122")]
    own = [("file.changed", "08000121"), ("cover.changed", "08000121")]
    assert since(insurer, before) == public
    assert since(program, before) == [*own, *public]
    assert len(since(officer, before)) == 6
    assert since(program, before, type="cover.changed") == [own[1]]


def test_i14_a_mandate_that_has_ended_shows_nothing_any_more(mine: Intermediary) -> None:
    program = Keyed(holder_of(mine, ends_on=date(2021, 1, 1)), "file:read")
    before = latest(program)
    change(mine, address="1 rue Neuve")
    assert since(program, before) == []


# --- in order, none twice, none left out ----------------------------------------------------------------


def test_pages_follow_one_another_and_the_cursor_passes_over_what_others_have(
    program: Keyed, mine: Intermediary, other: Intermediary
) -> None:
    before = latest(program)
    for n in range(3):
        change(mine, address=f"{n} rue Neuve")
        change(other, address=f"{n} rue Neuve")
    first = program.get(EVENTS, {"after": before, "limit": 2}).json()
    assert (len(first["results"]), first["more"], first["after"]) == (2, True, first["results"][1]["id"])
    second = program.get(EVENTS, {"after": first["after"], "limit": 2}).json()
    assert (len(second["results"]), second["more"], second["after"]) == (1, False, before + 6)
    assert len(program.get(EVENTS).json()["results"]) >= 3


@pytest.mark.django_db(transaction=True)
def test_a_change_committed_late_is_told_late_and_never_passed_over() -> None:
    """Two real connections: the first to write is the last to commit. Fails where a place is given by a sequence in
    the transaction itself: the reader would have gone past it."""
    early, late = (RegistrationFactory().intermediary for _ in range(2))
    officer = Keyed(staff_in("registry_officer"), "staff:*")
    before = latest(officer)
    written, go_on = threading.Event(), threading.Event()

    def slow() -> None:
        with transaction.atomic():
            change(early, address="1 rue Lente")
            written.set()
            assert go_on.wait(20)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    assert written.wait(20)
    change(late, address="1 rue Vive")
    seen = officer.get(EVENTS, {"after": before}).json()
    go_on.set()
    thread.join()
    assert [event["data"]["orias_number"] for event in seen["results"]] == [late.orias_number]
    assert since(officer, seen["after"]) == [("file.changed", early.orias_number)]
    assert ChangeEvent.objects.get(intermediary=early, type="file.changed").pk < ChangeEvent.objects.get(
        intermediary=late, type="file.changed"
    ).pk  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_readers_and_writers_at_once_are_told_each_change_once_and_in_one_order() -> None:
    """Fails without FOR UPDATE in `api_number_events`: two give the same place."""
    files = [RegistrationFactory().intermediary for _ in range(3)]
    users = [staff_in("registry_officer", f"lecteur-{n}") for n in range(2)]
    readers = [Keyed(user, "staff:*") for user in users]
    before = latest(readers[0])
    done = threading.Event()

    def write(file: Intermediary) -> None:
        for n in range(12):
            change(file, address=f"{n} rue Neuve")

    def read(reader: Keyed) -> list[int]:
        seen: list[int] = []
        after = before
        while not (done.is_set() and len(seen) >= 36):
            told = reader.get(EVENTS, {"after": after, "limit": 5}).json()
            if "results" not in told:
                raise AssertionError(told)
            seen += [event["id"] for event in told["results"]]
            after = told["after"]
        return seen

    def write_all() -> None:
        at_once(*(lambda f=f: write(f) for f in files))
        done.set()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ByBudget, "allow_request", lambda *_: True)
        outcomes = at_once(write_all, *(lambda r=r: read(r) for r in readers))
    assert outcomes[1] == outcomes[2] == list(range(before + 1, before + 37))


@pytest.mark.django_db(transaction=True)
def test_while_another_numbers_nobody_waits() -> None:
    """Fails without SKIP LOCKED: the reader would hang for as long as the other takes."""
    RegistrationFactory()
    with transaction.atomic():
        FeedState.objects.select_for_update().get()
        assert at_once(number_events) == [0]
    assert number_events() == 1


# --- for thirty days ------------------------------------------------------------------------------------


def test_what_is_older_than_thirty_days_is_forgotten_and_its_cursor_is_gone(program: Keyed, mine: Intermediary) -> None:
    """Fails without the comparison with `forgotten_through`."""
    before = latest(program)
    ChangeEvent.objects.all().delete()
    age = [timedelta(days=31), timedelta(days=30, minutes=1), timedelta(days=29, hours=23)]
    for one in age:
        ChangeEvent.objects.create(type="file.changed", intermediary=mine, at=Now() - one)
    number_events()
    assert forget_events() == 2
    answer = program.get(EVENTS, {"after": before})
    assert (answer.status_code, answer.json()["code"]) == (410, "events_gone")
    assert "after=latest" in answer.json()["detail"]
    assert since(program, before + 2)[0] == ("file.changed", "08000121")
    assert program.get(EVENTS).json()["results"][0]["id"] == before + 3


def test_latest_passes_over_all_that_was_there_however_much(
    program: Keyed, mine: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where it numbers once only."""
    latest(program)
    monkeypatch.setattr("api.feed.MOST_NUMBERED", 2)
    for _ in range(5):
        ChangeEvent.objects.create(type="file.changed", intermediary=mine)
    assert since(program, latest(program)) == []
    assert not ChangeEvent.objects.filter(position=None).exists()


def test_a_cursor_of_a_database_that_was_put_back_is_gone_too(program: Keyed) -> None:
    assert program.get(EVENTS, {"after": latest(program) + 1}).status_code == 410


def test_after_a_restoration_no_place_is_given_twice_and_every_cursor_of_before_is_gone(
    program: Keyed, mine: Intermediary
) -> None:
    """Fails without `feed_begins_anew`: once the feed had grown past it, a cursor of the lost days was taken again."""
    Intermediary.objects.filter(pk=mine.pk).update(address="1 rue Neuve")
    before = latest(program)
    arm(engine(), by=None, now=NOW)
    for n in range(9):
        Intermediary.objects.filter(pk=mine.pk).update(address=f"{n} rue Haute")
    assert latest(program) == before + 1_000_000_000 + 9
    for old in (before, before + 5, before + 500):
        assert program.get(EVENTS, {"after": old}).status_code == 410
    assert len(program.get(EVENTS).json()["results"]) == 9


def test_to_arm_a_new_register_leaves_its_feed_at_its_beginning() -> None:
    assert FeedState.objects.get().numbered_through == 0
    arm(engine(), by=None, now=NOW)
    assert FeedState.objects.get().numbered_through == 0


@pytest.mark.parametrize("after", ["-1", "x", "1.5", "²", str(2**63)])
def test_a_cursor_that_is_none_is_pointed_at(program: Keyed, after: str) -> None:
    answer = program.get(EVENTS, {"after": after})
    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "invalid_cursor")


def test_what_was_told_stays_as_it_was_told(mine: Intermediary) -> None:
    """Fails without the trigger `changeevent_is_numbered_once`."""
    number_events()
    for values in ({"type": "file.changed"}, {"position": F("position") + 1000}, {"at": Now()}):
        with pytest.raises(DatabaseError), transaction.atomic():
            ChangeEvent.objects.filter(intermediary=mine).update(**values)
    with pytest.raises(DatabaseError), transaction.atomic():
        FeedState.objects.update(numbered_through=0, forgotten_through=0)


def test_the_feed_costs_six_queries(officer: Keyed, django_assert_max_num_queries: Any) -> None:
    RegistrationFactory()
    officer.get(EVENTS)
    with django_assert_max_num_queries(6):
        assert officer.get(EVENTS).json()["results"]


def test_the_nightly_tick_forgets_once_and_is_installed_with_the_others(mine: Intermediary) -> None:
    """Fails without `OTHERS.append` in the app's start."""
    ChangeEvent.objects.all().delete()
    ChangeEvent.objects.create(type="file.changed", intermediary=mine, at=Now() - timedelta(days=31))
    call_command("schedule_ticks", stdout=StringIO())
    schedule = Schedule.objects.get(name="feed")
    # The queue's own time, whatever the register's clock says.
    instant = datetime.now(UTC).isoformat()
    assert [getattr(tasks, schedule.func.rpartition(".")[2])("feed", instant) for _ in range(2)] == [
        "1 forgotten", "already taken"
    ]  # fmt: skip
