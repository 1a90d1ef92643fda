"""webhooks/ : the feed pushed, over real sockets: signed, in order, each until it is taken, for days."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.db.models import F
from standardwebhooks import Webhook, WebhookVerificationError

from api import webhook_delivery
from api.feed import number_events, read_feed
from api.keys import revoke_key
from api.models import ChangeEvent, FeedState, KeptAnswer, WebhookSubscription
from api.webhook_delivery import Told, deliver_webhooks
from api.webhook_schedule import DELAYS, JITTER, asked_wait, delay_after
from api.webhook_transport import Outcome, post
from registry.models import Intermediary
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import IntermediaryFactory, RegistrationFactory
from tests.receiver import Receiver
from tests.reminders.scenes import at_once

pytestmark = pytest.mark.django_db
WEBHOOKS = "/api/v1/webhooks/"


@pytest.fixture(autouse=True)
def _to_this_machine(settings: Any) -> None:
    settings.WEBHOOKS_TO_LOOPBACK = True


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as one:
        yield one


@pytest.fixture
def mine() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000131")).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


def subscribed(program: Keyed, url: str, **values: Any) -> str:
    answer = program.act("post", WEBHOOKS, {"url": url} | values)
    assert answer.status_code == 201, answer.text
    return f"{WEBHOOKS}{answer.json()['id']}/"


def move(file: Intermediary, n: int = 1) -> None:
    Intermediary.objects.filter(pk=file.pk).update(address=f"{n} rue Neuve")


def tell(now: datetime | None = None, **how: Any) -> Told:
    return deliver_webhooks(clock=lambda: now or datetime.now(UTC), **({"post": post, "is_over": lambda: False} | how))


def only() -> WebhookSubscription:
    return WebhookSubscription.objects.get()


def test_a_new_webhook_is_told_nothing_of_before_however_much_there_was(
    program: Keyed, mine: Intermediary, receiver: Receiver, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where `subscribe` numbers once only."""
    monkeypatch.setattr("api.feed.MOST_NUMBERED", 2)
    for _ in range(5):
        ChangeEvent.objects.create(type="file.changed", intermediary=mine)
    subscribed(program, receiver.url)
    assert only().after == FeedState.objects.get().numbered_through
    assert not ChangeEvent.objects.filter(position=None).exists()


# --- signed, the same as the feed -----------------------------------------------------------------------


def test_a_message_is_the_event_of_the_feed_signed_so_that_any_library_verifies_it(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    hook = subscribed(program, receiver.url)
    move(mine)
    assert tell().taken == 1
    [message] = receiver.messages
    event = program.get("/api/v1/events/").json()["results"][-1]
    assert (message.path, message.id, message.json()) == ("/hook?k=1", f"evt_{event['id']}", event)
    [secret] = program.get(f"{hook}secret/").json()["secrets"]
    assert Webhook(secret).verify(message.body, message.headers) == event
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(message.body + b" ", message.headers)
    assert "rue Neuve" not in message.body.decode()
    told = program.get(hook).json()
    assert (told["last_status"], told["after"], told["state"]) == (204, event["id"], "ACTIVE")
    assert tell().taken == 0


def test_a_rotated_secret_and_the_one_before_it_both_verify_for_a_day(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    hook = subscribed(program, receiver.url)
    [old] = program.get(f"{hook}secret/").json()["secrets"]
    assert program.act("post", f"{hook}rotate/").status_code == 200
    new, *others = program.get(f"{hook}secret/").json()["secrets"]
    assert others == [old]
    assert new != old
    move(mine)
    tell()
    for secret in (new, old):
        Webhook(secret).verify(receiver.messages[0].body, receiver.messages[0].headers)
    WebhookSubscription.objects.update(old_until=datetime.now(UTC))
    move(mine, 2)
    tell()
    with pytest.raises(WebhookVerificationError):
        Webhook(old).verify(receiver.messages[1].body, receiver.messages[1].headers)


def test_no_secret_is_in_the_database_or_in_a_kept_answer(program: Keyed, receiver: Receiver) -> None:
    hook = subscribed(program, receiver.url)
    [secret] = program.get(f"{hook}secret/").json()["secrets"]
    assert secret[6:] not in str(list(WebhookSubscription.objects.values()))
    assert "whsec_" not in str(list(KeptAnswer.objects.values()))


# --- to whom --------------------------------------------------------------------------------------------


def test_i14_a_subscriber_is_told_of_what_its_live_keys_may_see_at_that_moment(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    """Fails without `holder_rights`, or with rights taken when it subscribed."""
    other = RegistrationFactory(intermediary__orias_number="08000132").intermediary
    subscribed(program, receiver.url)
    for file in (mine, other):
        move(file)
        Intermediary.objects.filter(pk=file.pk).update(town="Brest")
    tell()
    seen = [(m.json()["type"], m.json()["data"]["orias_number"]) for m in receiver.messages]
    assert seen == [("file.changed", "08000131"), ("register.changed", "08000131"), ("register.changed", "08000132")]
    revoke_key(key_id=program.key.key_id, by=program.key.holder, now=datetime.now(UTC))
    Intermediary.objects.filter(pk=other.pk).update(town="Rennes")
    move(mine, 2)
    assert tell() == Told()
    Keyed(program.key.holder, "issuer:write")
    assert tell() == Told(taken=1)
    assert receiver.messages[-1].json()["type"] == "register.changed"


def test_i14_another_account_s_subscription_is_absent(program: Keyed, receiver: Receiver) -> None:
    """Fails without the holder in the query of `OneWebhookView`."""
    hook = subscribed(program, receiver.url)
    other = Keyed(staff_in("administrator"), "staff:*")
    assert other.get(WEBHOOKS).json()["results"] == []
    assert other.get(f"{hook}secret/").status_code == 404
    assert other.act("delete", hook).status_code == 404


def test_only_the_types_asked_for(program: Keyed, mine: Intermediary, receiver: Receiver) -> None:
    subscribed(program, receiver.url, types=["register.changed"])
    move(mine)
    Intermediary.objects.filter(pk=mine.pk).update(town="Brest")
    tell()
    assert [m.json()["type"] for m in receiver.messages] == ["register.changed"]


# --- until it is taken ----------------------------------------------------------------------------------


def test_a_message_that_is_not_taken_comes_again_under_its_id_before_any_other(
    program: Keyed, mine: Intermediary
) -> None:
    with Receiver(500, 302) as receiver:
        subscribed(program, receiver.url)
        move(mine)
        move(mine, 2)
        now = datetime.now(UTC)
        assert tell(now) == Told(failed=1)
        assert tell(now) == Told()
        for minutes in (1, 60):
            tell(now + timedelta(minutes=minutes))
    ids = [message.id for message in receiver.messages]
    assert (len(ids), len(set(ids[:3])), ids == sorted(ids)) == (4, 1, True)
    assert {message.path for message in receiver.messages} == {"/hook?k=1"}
    assert receiver.messages[0].body == receiver.messages[2].body
    assert (only().failures, only().last_error) == (0, "")


def test_the_schedule_is_three_days_long_and_then_ends() -> None:
    assert sum(DELAYS, timedelta()) > timedelta(days=3)
    assert delay_after(1, 0.0) == DELAYS[0]
    assert DELAYS[1] < (delay_after(2, 0.999) or timedelta()) < DELAYS[1] * (1 + JITTER)
    assert delay_after(len(DELAYS), 0.5) is not None
    assert delay_after(len(DELAYS) + 1, 0.5) is None


@pytest.mark.parametrize(
    ("retry_after", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("Tue, 24 Feb 2026 08:02:00 GMT", 120),
        ("Tue, 24 Feb 2026 07:00:00 GMT", 0),
        ("Tue, 31 Dec 9999 23:59:59 GMT", 86_400),
        ("9" * 400, 86_400),
        ("-5", 0),
        ("soon", 0),
        ("٣", 0),
        ("", 0),
    ],
)
def test_a_receiver_may_ask_for_a_wait_of_a_day_at_most(retry_after: str, seconds: int) -> None:
    now = datetime(2026, 2, 24, 8, 0, tzinfo=UTC)
    assert asked_wait(retry_after, now) == timedelta(seconds=seconds)


def test_the_next_try_waits_as_long_as_the_receiver_asks_and_no_less_than_the_schedule(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    subscribed(program, receiver.url)
    move(mine)
    now = datetime.now(UTC)
    tell(now, post=lambda *_, **__: Outcome(503, "a répondu 503", "3600"))
    assert only().next_at == now + timedelta(hours=1)
    tell(now + timedelta(hours=1), post=lambda *_, **__: Outcome(429, "a répondu 429", "1"))
    assert only().next_at >= now + timedelta(hours=1) + DELAYS[1]


def test_after_days_of_failure_it_is_switched_off_listed_and_goes_on_where_it_stopped(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    hook = subscribed(program, receiver.url)
    move(mine)
    now = datetime.now(UTC)
    failing = {"post": lambda *_, **__: Outcome(None, "pas de réponse à temps")}
    for _ in DELAYS:
        assert tell(now, **failing).switched_off == []
        now = only().next_at
    assert tell(now, **failing).switched_off == [only().pk]
    assert tell(now + timedelta(days=9), **failing) == Told()
    told = program.get(hook).json()
    assert (told["state"], told["failures"], told["last_error"]) == ("FAILING", 9, "pas de réponse à temps")
    listed = StringIO()
    call_command("list_webhooks", "--failing", "--json", stdout=listed)
    assert '"behind": 1' in listed.getvalue()
    assert program.act("post", f"{hook}enable/").json()["state"] == "ACTIVE"
    assert tell() == Told(taken=1)


def test_a_webhook_whose_holder_has_no_live_key_any_more_is_listed(program: Keyed, receiver: Receiver) -> None:
    """It is told nothing, and nothing fails: nobody would look."""
    subscribed(program, receiver.url)
    revoke_key(key_id=program.key.key_id, by=program.key.holder, now=datetime.now(UTC))
    listed = StringIO()
    call_command("list_webhooks", "--failing", "--json", stdout=listed)
    assert '"keyed": false' in listed.getvalue()


def test_a_receiver_that_says_gone_is_left_alone(program: Keyed, mine: Intermediary) -> None:
    with Receiver(410) as receiver:
        subscribed(program, receiver.url)
        move(mine)
        assert tell().switched_off == [only().pk]
    assert only().state == "GONE"


def test_what_was_told_is_told_again_on_request_in_order_under_the_same_ids(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    hook = subscribed(program, receiver.url)
    for n in range(3):
        move(mine, n)
    tell()
    since = ChangeEvent.objects.get(position=int(receiver.messages[0].id[4:])).at.isoformat()
    assert program.act("post", f"{hook}replay/", {"since": since}).status_code == 200
    tell()
    ids = [message.id for message in receiver.messages]
    assert ids[-3:] == ids[:3]
    later = (datetime.now(UTC) + timedelta(hours=1)).isoformat()
    assert program.act("post", f"{hook}replay/", {"since": later}).json()["code"] == "register_refuses"


def test_a_test_is_sent_and_its_outcome_shown(program: Keyed, receiver: Receiver) -> None:
    hook = subscribed(program, receiver.url)
    assert program.act("post", f"{hook}test/").json()["test_waiting"] is True
    out = StringIO()
    call_command("deliver_webhooks", "--until-empty", stdout=out)
    assert out.getvalue() == "Messages reçus\u00a0: 1\u00a0; non reçus\u00a0: 0.\n"
    [message] = receiver.messages
    assert (message.json()["type"], message.id[:5]) == ("webhook.test", "test_")
    told = program.get(hook).json()
    assert (told["test_waiting"], told["last_status"]) == (False, 204)


def test_a_slow_receiver_does_not_hold_up_the_others(program: Keyed, mine: Intermediary, receiver: Receiver) -> None:
    """Fails without the failed one's lease given back and its turn put off."""
    with Receiver(503) as bad:
        subscribed(program, bad.url)
        subscribed(program, receiver.url)
        move(mine)
        assert tell() == Told(taken=1, failed=1)


class Simulated:
    """A clock that goes on by what each post takes: seconds by a part of the address."""

    def __init__(self, **seconds: float) -> None:
        self.start = self.now = datetime.now(UTC)
        self.seconds = seconds
        self.order: list[str] = []

    def post(self, url: str, *_: Any, **__: Any) -> Outcome:
        [(name, taken)] = [(name, taken) for name, taken in self.seconds.items() if name in url]
        self.now += timedelta(seconds=taken)
        self.order.append(name)
        return Outcome(200)

    def tick(self, number: int) -> None:
        """One of the queue's: it begins with its minute, and no message is begun in its last five seconds."""
        self.now = max(self.now, self.start + timedelta(minutes=number))
        until = self.now + timedelta(seconds=55)
        deliver_webhooks(clock=lambda: self.now, post=self.post, is_over=lambda: self.now >= until)


@pytest.mark.parametrize("seconds", [3.0, 9.5])
def test_who_answers_slowly_keeps_nobody_waiting_for_its_own_backlog(
    program: Keyed, mine: Intermediary, seconds: float
) -> None:
    """Fails without TURN, and without `next_at` where a turn is cut: the slow ones' backlog goes first."""
    for place in ("slow1", "slow2", "slow3", "quick"):
        subscribed(program, f"http://127.0.0.1:9000/{place}")
    for n in range(40):
        move(mine, n)
    world = Simulated(slow=seconds, quick=0.05)
    world.tick(0)
    first = world.order.index("quick")
    assert first <= 3 * 2
    assert world.order[first:].count("quick") >= min(20, len(world.order) - first)


def test_a_reading_that_takes_long_takes_nothing_from_the_turn(
    program: Keyed, mine: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails where a turn is counted from before the reading: no message would ever leave a slow database."""
    subscribed(program, "http://127.0.0.1:9000/quick")
    move(mine)
    world = Simulated(quick=0.05)

    def slow(*given: Any) -> Any:
        world.now += timedelta(seconds=6)
        return read_feed(*given)

    monkeypatch.setattr(webhook_delivery, "read_feed", slow)
    world.tick(0)
    assert world.order == ["quick"]


def test_a_trial_counts_for_nothing_but_itself(program: Keyed, mine: Intermediary) -> None:
    """Fails where a trial is a try of the message that waits: nine in a minute then switched a webhook off."""
    hook = subscribed(program, "http://127.0.0.1:9000/")
    move(mine)
    down: dict[str, Any] = {"post": lambda *_, **__: Outcome(500)}
    assert tell(**down) == Told(failed=1)
    waits = only().next_at
    for _ in range(9):
        assert program.act("post", f"{hook}test/").status_code == 200
        assert tell(**down) == Told(failed=1)
    assert (only().failures, only().state, only().next_at, only().last_status) == (1, "ACTIVE", waits, 500)


def test_a_trial_is_made_of_a_webhook_that_is_switched_off(program: Keyed, receiver: Receiver) -> None:
    hook = subscribed(program, receiver.url)
    WebhookSubscription.objects.update(state="FAILING")
    assert program.act("post", f"{hook}test/").json()["test_waiting"]
    assert tell() == Told(taken=1)
    assert [message.json()["type"] for message in receiver.messages] == ["webhook.test"]
    assert (only().state, only().test_id) == ("FAILING", "")


@pytest.mark.parametrize("asked", ["test", "enable"])
def test_what_its_owner_asks_while_a_message_is_under_way_is_not_undone(
    program: Keyed, mine: Intermediary, asked: str
) -> None:
    """Fails where a failed message takes a trial away, and where `enable` leaves the worker its turn."""
    hook = subscribed(program, "http://127.0.0.1:9000/")
    move(mine)
    WebhookSubscription.objects.update(failures=8)

    sent: list[str] = []

    def meanwhile(url: str, *_: Any, **__: Any) -> Outcome:
        sent.append(url)
        assert program.act("post", f"{hook}{asked}/").status_code == 200
        return Outcome(500)

    tell(post=meanwhile, is_over=lambda: bool(sent))
    if asked == "test":
        assert only().test_id
    else:
        assert (only().state, only().failures, only().lease_until) == ("ACTIVE", 0, None)


def test_who_was_away_for_too_long_is_told_so_first(program: Keyed, mine: Intermediary, receiver: Receiver) -> None:
    """Fails without `_tell_gap`: what was forgotten was passed over without a word."""
    hook = subscribed(program, receiver.url)
    WebhookSubscription.objects.update(state="GONE")
    for n in range(3):
        move(mine, n)
    number_events()
    FeedState.objects.update(forgotten_through=F("numbered_through"))
    move(mine, 4)
    assert program.act("post", f"{hook}enable/").status_code == 200
    assert tell() == Told(taken=2)
    gap, event = receiver.messages
    assert gap.json()["type"] == "webhook.gap"
    assert gap.json()["data"]["url"].endswith(hook)
    assert event.json()["type"] == "file.changed"
    assert tell() == Told()


def test_who_is_interrupted_leaves_the_message_to_the_next(
    program: Keyed, mine: Intermediary, receiver: Receiver
) -> None:
    """Fails where the lease stays: five minutes of silence after each ordered end."""

    def interrupted(*_: Any, **__: Any) -> Outcome:
        raise KeyboardInterrupt

    subscribed(program, receiver.url)
    move(mine)
    with pytest.raises(KeyboardInterrupt):
        tell(post=interrupted)
    assert only().lease_until is None
    assert tell().taken == 1


def test_what_another_holds_is_said(program: Keyed, mine: Intermediary, receiver: Receiver) -> None:
    subscribed(program, receiver.url)
    move(mine)
    WebhookSubscription.objects.update(lease_until=datetime.now(UTC) + timedelta(minutes=4))
    out = StringIO()
    call_command("deliver_webhooks", "--until-empty", stdout=out)
    assert "Webhooks qu’un autre envoi tient, cinq minutes au plus\u00a0: 1." in out.getvalue()


def test_a_subscription_stays_where_it_is(program: Keyed, receiver: Receiver) -> None:
    """Fails without the trigger `webhook_stays_where_it_is`."""
    subscribed(program, receiver.url)
    with pytest.raises(DatabaseError), transaction.atomic():
        WebhookSubscription.objects.update(url="https://elsewhere.example/")


def test_no_more_than_ten_and_none_twice(program: Keyed) -> None:
    for n in range(10):
        subscribed(program, f"https://hook.example/{n}")
    answer = program.act("post", WEBHOOKS, {"url": "https://hook.example/10"})
    assert "10 webhooks au plus" in answer.json()["reason"]
    assert program.act("delete", f"{WEBHOOKS}{WebhookSubscription.objects.order_by('id')[0].pk}/").status_code == 200
    assert "déjà" in program.act("post", WEBHOOKS, {"url": "https://hook.example/5"}).json()["reason"]


def test_an_address_that_delivery_would_refuse_is_refused_at_once(program: Keyed, settings: Any) -> None:
    """Fails without `validate_url`: the register's own refusal names no member."""
    settings.WEBHOOKS_TO_LOOPBACK = False
    for url in ("https://localhost/", "https://127.1/", "http://hook.example/", "https://10.0.0.1/"):
        answer = program.act("post", WEBHOOKS, {"url": url}, **{"Accept-Language": "en"})
        [error] = answer.json()["errors"]
        assert (answer.status_code, error["pointer"], error["code"]) == (400, "#/url", "no_public_address")
        assert error["detail"].startswith("This address cannot receive messages: it ")
    assert not WebhookSubscription.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_while_one_worker_has_it_no_other_takes_it() -> None:
    """Fails without the lease in `_claim`."""
    file = RegistrationFactory(intermediary__orias_number="08000139").intermediary
    program = Keyed(holder_of(file), "file:read")
    subscribed(program, "https://hook.example/")
    move(file)
    now, others = datetime.now(UTC), []

    def meanwhile(*_: Any, **__: Any) -> Outcome:
        others.extend(at_once(lambda: tell(now, post=lambda *_, **__: Outcome(204))))
        return Outcome(204)

    assert tell(now, post=meanwhile) == Told(taken=1)
    assert others == [Told()]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_comes_back_late_changes_nothing_any_more() -> None:
    """Fails without the fence in `_note`: what another has told since would be told again."""
    file = RegistrationFactory(intermediary__orias_number="08000138").intermediary
    program = Keyed(holder_of(file), "file:read")
    subscribed(program, "https://hook.example/")
    move(file)
    now = datetime.now(UTC)
    started, go_on = threading.Event(), threading.Event()

    def hangs(*_: Any, **__: Any) -> Outcome:
        started.set()
        assert go_on.wait(20)
        return Outcome(500, "a répondu 500")

    def other() -> None:
        assert started.wait(20)
        later = now + timedelta(minutes=6)
        assert tell(later, post=lambda *_, **__: Outcome(204)).taken == 1
        go_on.set()

    at_once(lambda: tell(now, post=hangs), other)
    assert (only().failures, only().last_status) == (0, 204)
