"""The sandbox and the register know nothing of each other: keys, clock, database, mail."""

from __future__ import annotations

import runpy
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ImproperlyConfigured
from django.db import connection
from django.test import Client
from pytest_django import DjangoAssertNumQueries
from pytest_django.fixtures import Settings

from api import sandbox, sandbox_world
from api.keys import create_key, find_key
from api.models import ApiKey
from api.problems import ProblemCode
from api.sandbox import FORCED, STARTS_AT, require_sandbox_database
from api.sandbox_outcomes import APPROVER, OFFICER, Outcome, TestKind
from api.sandbox_world import give_numbers, make_test_key
from api.scopes import Scope
from registry import clock
from registry.actions import RegisterError
from registry.models import Intermediary
from reminders.sending.transport import SmtpSession
from settings import base
from settings.embedded import BASE_DIR
from tests.api.callers import Keyed, holder_of, staff_in
from tests.api.test_idempotency import DEPOSIT
from tests.api.test_matrix import Scene, operations, scene  # noqa: F401 - the matrix's own scene
from tests.api.test_partner_soap import BY_NUMBER, ENVELOPE, REQUEST
from tests.factories import IntermediaryFactory, RegistrationFactory, UserFactory
from tests.registry.commands import run

pytestmark = pytest.mark.django_db
TEST_TOKEN = "orl_test_aaaaaaaaaaaa_" + "A" * 43


# --- shown to the register ---------------------------------------------------------------------------------


@pytest.mark.parametrize("shown", ["a test key", "the clock's header"])
def test_every_operation_of_the_register_refuses_it_before_it_asks_the_database(
    shown: str,
    scene: Scene,  # noqa: F811
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    """Fails without `require_this_world` in ProblemsMixin.initial: a real key would act, at another time than meant."""
    real = Keyed(staff_in("administrator"), "staff:*")
    token = TEST_TOKEN if shown == "a test key" else real.token
    headers = {"Authorization": f"Bearer {token}", "Idempotency-Key": "k", "If-Match": "*"}
    if shown == "the clock's header":
        headers["Sandbox-Now"] = "2026-02-28T09:00:00+01:00"
    Client().get("/api/v1/status/")
    expected = (401, "key_of_other_world") if shown == "a test key" else (400, "sandbox_only")
    wrong = []
    for operation, (method, path) in operations().items():
        with django_assert_num_queries(0):
            answer = Client().generic(method.upper(), scene.address(path, "own"), "{}", headers=headers)
        if (answer.status_code, answer.json()["code"]) != expected:
            wrong.append((operation, answer.status_code))
    assert wrong == []


def test_the_clock_of_the_register_cannot_be_moved_by_anybody() -> None:
    """Fails without the question in `moved_to`."""
    with pytest.raises(RuntimeError, match="sandbox"), clock.moved_to(STARTS_AT):
        pytest.fail("moved")


def test_the_register_makes_no_test_key(capsys: pytest.CaptureFixture[str]) -> None:
    for command in (("prepare_sandbox",), ("create_test_key", "x"), ("renew_test_numbers", "x")):
        answer = run(*command)
        assert (answer.code, "settings.sandbox" in answer.err) == (1, True), answer.err
    assert not ApiKey.objects.exists()


# --- the sandbox ---------------------------------------------------------------------------------------------


@pytest.fixture
def in_sandbox(settings: Settings) -> Iterator[None]:
    """This process as the sandbox's, on this test's database."""
    real_middleware = list(django_settings.MIDDLEWARE)
    settings.SANDBOX = True
    settings.ROOT_URLCONF = "settings.sandbox_urls"
    settings.MIDDLEWARE = ["api.sandbox.SandboxClock", *real_middleware]
    staff_in("registry_officer", OFFICER)
    staff_in("approver", APPROVER)
    yield
    assert clock._moved.get() is None


class Trial(Client):
    """A program with a test key."""

    def __init__(self, kind: TestKind = TestKind.INTERMEDIARY) -> None:
        self.key, self.token, self.numbers = make_test_key(name=f"essai-{kind.value}", kind=kind)
        super().__init__(headers={"authorization": f"Bearer {self.token}"}, raise_request_exception=False)

    def state(self, outcome: Outcome, **headers: str) -> Any:
        return self.get(f"/api/v1/intermediaries/{self.numbers[outcome]}/state/", headers=headers)


STATES = {
    Outcome.COMPLETE: ("IN_ORDER", ["IN_FORCE"]),
    Outcome.DUE: ("TO_COMPLETE", ["DUE"]),
    Outcome.AWAITING_REVIEW: ("UNDER_REVIEW", ["AWAITING_REVIEW"]),
    Outcome.RETURNED: ("TO_COMPLETE", ["DUE"]),
    Outcome.LAPSED: ("OVERDUE", ["LAPSED"]),
    Outcome.MISSING: ("TO_COMPLETE", ["MISSING"]),
    Outcome.BELOW_MINIMUM: ("TO_COMPLETE", ["BELOW_MINIMUM"]),
    Outcome.GUARANTEE_DUE: ("TO_COMPLETE", ["IN_FORCE", "DUE"]),
    Outcome.SUSPENDED: ("SUSPENDED", []),
    Outcome.REMOVED: ("REMOVED", []),
    Outcome.GAP: ("TO_COMPLETE", ["DUE"]),
    Outcome.RENEWAL_FILED: ("IN_ORDER", ["IN_FORCE"]),
    Outcome.REMOVAL_CASE: ("IN_ORDER", ["IN_FORCE"]),
    **dict.fromkeys([outcome for outcome in Outcome if "13" <= outcome.value <= "19"], ("TO_COMPLETE", ["DUE"])),
}


def test_each_number_forces_its_outcome_and_the_header_moves_the_clock(in_sandbox: None) -> None:
    tester = Trial()
    assert {outcome.value for outcome in Outcome} == {o.value for o in STATES} | set(FORCED) | {"20"}
    found = {}
    for outcome in STATES:
        told = tester.state(outcome).json()
        found[outcome] = (told["state"], [f["state"] for f in told["findings"] if f["state"] != "NOT_REQUIRED"])
    assert found == STATES
    assert tester.state(Outcome.NOT_YOURS).status_code == 404
    for outcome in Outcome:
        if code := FORCED.get(outcome.value):
            answer = tester.state(outcome)
            assert answer.json()["code"] == code.value
            # As at the register: a failure that nobody has foreseen says no time.
            assert answer.headers.get("Retry-After") == (None if answer.status_code == 500 else "2"), code
    # The clock: two days after the end of February the same file has lapsed.
    later = tester.state(Outcome.DUE, **{"Sandbox-Now": "2026-03-02T09:00:00+01:00"})
    assert later.json()["findings"][0]["state"] == "LAPSED"
    assert (later.json()["as_of"], later.headers["Sandbox-Now"]) == ("2026-03-02", "2026-03-02T09:00:00+01:00")
    assert tester.state(Outcome.DUE).json()["as_of"] == "2026-02-10"
    assert tester.get("/api/v1/me/").json()["sandbox"] is True


@pytest.mark.parametrize(
    "text",
    [
        "soon",
        "2026-02-28",
        "2026-02-28T09:00:00",
        "2031-01-01T00:00:00Z",
        "",
        "2026-02-28 09:00:00+01:00",
        "20260228T090000+0100",
        "2026-W09-6T09:00:00Z",
        "2026-02-28T09:00+01:00",
        "2026-02-28T09:00:00.5+01:00",
        "2026-02-30T09:00:00Z",
        "2026-02-28T09:00:00+01",
        "2026-02-28t09:00:00z",
    ],
)
def test_a_clock_that_is_out_of_reach_or_not_written_as_told_is_refused(text: str, in_sandbox: None) -> None:
    """Fails without `_WRITTEN`: Python reads more than the page says."""
    answer = Client().get("/api/v1/status/", headers={"Sandbox-Now": text})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_parameter")
    assert answer.json()["errors"][0]["parameter"] == "Sandbox-Now"


def test_a_budget_is_not_refilled_by_moving_the_clock(in_sandbox: None) -> None:
    """Fails where the throttle draws at the moved instant."""
    tester = Client()
    left = [
        tester.get("/api/v1/register/", headers={"Sandbox-Now": f"2026-0{month}-01T09:00:00+01:00"}).headers[
            "RateLimit"
        ]
        for month in (3, 5, 4)
    ]
    assert [part.split(";")[1] for part in left] == ["r=29", "r=28", "r=27"]


def test_new_numbers_take_the_place_of_the_old_ones(in_sandbox: None) -> None:
    tester = Trial()
    fresh = give_numbers(tester.key.holder)
    assert tester.state(Outcome.COMPLETE).status_code == 404
    assert set(fresh.values()).isdisjoint(tester.numbers.values())
    tester.numbers = fresh
    assert tester.state(Outcome.COMPLETE).status_code == 200
    with pytest.raises(RegisterError, match="existe déjà"):
        Trial()


def test_an_act_is_kept_for_seven_days_of_the_real_clock_wherever_that_of_the_sandbox_stands(in_sandbox: None) -> None:
    """Fails where `acts_once` forgets by the clock that the header moves: the same call would act again."""
    tester = Trial()
    path = f"/api/v1/intermediaries/{tester.numbers[Outcome.DUE]}/covers/"
    told = []
    for day in ("02-10", "03-02", "12-30", "01-02"):
        headers = {"Idempotency-Key": "k", "Sandbox-Now": f"2026-{day}T09:00:00+01:00"}
        answer = tester.post(path, DEPOSIT, content_type="application/json", headers=headers)
        told.append((answer.status_code, answer.json()["id"], answer.headers.get("Idempotent-Replayed")))
    assert told == [told[0], *[(201, told[0][1], "true")] * 3]


def test_an_account_is_given_another_key_with_the_same_rights_and_numbers(in_sandbox: None) -> None:
    tester = Trial(TestKind.ISSUER)
    name = tester.key.holder.get_username()
    told = run("create_test_key", name, "--another", "--json").json
    assert told["numbers"] == {outcome.name: number for outcome, number in tester.numbers.items()}
    for token in (tester.token, told["token"]):
        me = Client(headers={"authorization": f"Bearer {token}"}).get("/api/v1/me/").json()
        assert ([one["orias_number"] for one in me["test_numbers"]], me["key"]["scopes"]) == (
            list(tester.numbers.values()),
            ["issuer:write"],
        )
    third = run("create_test_key", name, "--another")
    assert (third.code, "révoquez-en une" in third.err) == (1, True)
    again = run("create_test_key", name)
    assert (again.code, f"create_test_key {name} --another" in again.err) == (1, True)
    for command in (("renew_test_numbers", OFFICER), ("create_test_key", OFFICER, "--another")):
        answer = run(*command)
        assert (answer.code, "Aucun compte d’essai" in answer.err) == (1, True), answer.err


def test_numbers_in_a_body_force_the_answer_too(in_sandbox: None) -> None:
    """Fails without `force_outcome` in `Body.read`: to insurers these numbers were like any other."""
    tester = Trial(TestKind.ISSUER)
    headers, found, expected = {"Idempotency-Key": "k"}, [], []
    for ending, code in FORCED.items():
        number = tester.numbers[Outcome(ending)]
        rows = [7, {"orias_number": tester.numbers[Outcome.COMPLETE]}, {"orias_number": number}]
        bodies: dict[str, Any] = {"issuer/covers/": {"rows": rows}, "issuer/events/": {"rows": rows}}
        for path, body in (bodies | {"register/check/": {"numbers": [number]}}).items():
            answer = tester.post(f"/api/v1/{path}", body, content_type="application/json", headers=headers)
            found.append((answer.json()["code"], answer.headers.get("Retry-After")))
            expected.append((code.value, None if code is ProblemCode.INTERNAL_ERROR else "2"))
    assert found == expected


def test_the_insurer_of_a_test_key_tells_of_its_own_policies(in_sandbox: None) -> None:
    tester = Trial(TestKind.ISSUER)
    number = tester.numbers[Outcome.COMPLETE]
    row = {"orias_number": number, "kind": "RC_PRO", "policy": f"RC-{number}", "event": "TERMINATED"}
    answer = tester.post(
        "/api/v1/issuer/events/",
        {"rows": [row | {"effective_on": "2026-02-09"}]},
        content_type="application/json",
        headers={"Idempotency-Key": "k"},
    )
    assert answer.json()["rows"][0]["fate"] == "NEW", answer.text


def test_the_partner_web_service_hears_the_clock_and_the_numbers(in_sandbox: None) -> None:
    """Fails where the header is passed over there, or a wrong one is."""
    tester = Trial()

    def ask(outcome: Outcome, now: str) -> Any:
        body = REQUEST.format(tester.token, BY_NUMBER.format(tester.numbers[outcome]))
        envelope = ENVELOPE.format(body).encode()
        return Client().post("/ws/service/", envelope, content_type="text/xml", headers={"Sandbox-Now": now})

    before, after = (ask(Outcome.REMOVED, f"2026-{day}T09:00:00+01:00") for day in ("01-15", "03-01"))
    assert "<status>INSCRIT</status>" in before.text
    assert "<status>SUPPRIME</status>" in after.text
    assert after.headers["Sandbox-Now"] == "2026-03-01T09:00:00+01:00"
    wrong, busy = ask(Outcome.REMOVED, "soon"), ask(Outcome.UNAVAILABLE, "2026-03-01T09:00:00+01:00")
    assert "Sandbox-Now\u00a0: un instant de 2026" in wrong.text
    assert "<soap:Fault><faultcode>soap:Server</faultcode>" in busy.text
    assert busy.headers["Retry-After"] == "2"


# --- neither's key opens the other -------------------------------------------------------------------------


def test_a_key_of_one_world_is_not_even_looked_for_in_the_other(
    settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    """Fails where `find_key` takes either prefix."""
    mine = RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000091")).intermediary
    real = Keyed(holder_of(mine), "file:read")
    settings.SANDBOX = True
    user = UserFactory(username="essai")
    _, test = create_key(holder=user, name="essai", scopes=[Scope.FILE_READ], by=user, now=STARTS_AT)
    assert test.startswith("orl_test_")
    with django_assert_num_queries(0):
        assert find_key(real.token) is None
        answers = [
            Client().get(path, headers={"authorization": f"Bearer {token}"})
            for path in ("/api/v1/me/", "/api/v1/register/")
            for token in (real.token, "orl_aaaaaaaaaaaa_" + "A" * 43)
        ]
    # Whether there is such a key, nothing tells.
    codes = {(one.status_code, one.json()["code"], one.headers["WWW-Authenticate"]) for one in answers}
    assert codes == {(401, "key_of_other_world", "Bearer")}
    settings.SANDBOX = False
    with django_assert_num_queries(0):
        assert find_key(test) is None


# --- the process ----------------------------------------------------------------------------------------------


def test_its_process_is_told_nothing_of_the_register_and_signs_otherwise() -> None:
    its = runpy.run_module("settings.sandbox")
    real = vars(base)
    assert its["SECRET_KEY"] != real["SECRET_KEY"]
    assert set(its["DATABASES"]) == {"default"}
    for name in ("JOURNAL_DIR", "EPOCH_FILE", "DOCUMENT_DIR", "OPEN_DATA_DIR", "OPEN_DATA_KEY_FILE"):
        assert its[name] != real[name]
    assert its["DATABASES"]["default"]["HOST"] != real["DATABASES"]["default"]["HOST"]
    assert (its["SANDBOX"], real["SANDBOX"]) == (True, False)
    assert "api.sandbox.SandboxClock" not in real["MIDDLEWARE"]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("DATABASE_URL", "postgresql://register@db.example/register"),
        ("DATABASE_REPLICA_URL", "postgresql://register@db.example/register"),
        ("SMTP_URL", "smtp://relay.example"),
        ("BOUNCES_URL", "/srv/mail/rejets"),
        ("JOURNAL_DIR", "/srv/journal"),
        ("EPOCH_FILE", "/srv/epoch"),
        ("DOCUMENT_DIR", "/srv/documents"),
        ("OPEN_DATA_DIR", "/srv/open-data"),
        ("OPEN_DATA_KEY_FILE", "/srv/key.pem"),
        ("REGISTER_NOW", "2026-02-24T09:00:00+01:00"),
    ],
)
def test_its_process_does_not_start_with_what_is_the_registers(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(ImproperlyConfigured, match=name):
        runpy.run_module("settings.sandbox")


def test_no_mail_leaves_it_and_no_socket_is_opened() -> None:
    """pytest-socket would raise another error. Fails where SMTP is a relay."""
    relay = runpy.run_module("settings.sandbox")["SMTP"]
    with pytest.raises(RuntimeError, match="sends no mail"):
        SmtpSession(relay).send("a@registre.example", "b@cabinet.example", b"x")


def test_only_a_database_that_is_marked_or_empty_is_worked_on() -> None:
    """Fails without the question in `require_sandbox_database`."""
    other = connection.copy()
    try:
        with pytest.raises(ImproperlyConfigured, match="SANDBOX_DATABASE_URL"):
            require_sandbox_database(other)
        assert other.connection is None
        other.set_autocommit(False)
        with other.cursor() as cursor:
            cursor.execute(sandbox_world._MARK)
        require_sandbox_database(other)
        other.rollback()
    finally:
        other.close()


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_a_sandbox_that_is_led_to_the_register_stops_with_nothing_read_or_written(
    database_env: dict[str, str],
) -> None:
    """Fails without the guard on new connections."""
    IntermediaryFactory(orias_number="08000091")
    url = database_env.pop("DATABASE_URL")
    for name in ("JOURNAL_DIR", "EPOCH_FILE", "DOCUMENT_DIR"):
        database_env.pop(name)
    given = database_env | {"SANDBOX_DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "settings.sandbox"}
    words = [sys.executable, "manage.py", "create_test_key", "essai"]
    done = subprocess.run(words, cwd=BASE_DIR, env=given, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert "SANDBOX_DATABASE_URL" in done.stderr
    assert "Traceback" not in done.stderr
    assert not ApiKey.objects.exists()
    assert Intermediary.objects.count() == 1


def test_forced_endings_are_forced_only_in_the_sandbox() -> None:
    """Fails where `force_outcome` does not ask which world this is."""
    RegistrationFactory(intermediary=IntermediaryFactory(orias_number="90000191"))
    assert Client().get("/api/v1/register/90000191/").status_code == 200
    assert sandbox.key_prefix() == "orl_"


def test_the_page_lists_the_numbers_as_they_are() -> None:
    page = (BASE_DIR / "docs" / "api.md").read_text(encoding="utf-8")
    rows = "\n".join(f"| {outcome.value} | {outcome.label_en} |" for outcome in Outcome)
    assert rows in page
    for kind in TestKind:
        assert kind is TestKind.INTERMEDIARY or f"--as {kind.value}" in page
