"""Who calls: keys with scopes, networks and an end; what they are kept as; rotation and revocation."""

from __future__ import annotations

import hmac
import json
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.db import DatabaseError, transaction
from django.test import Client

from api.keys import create_key, digest, end_mandate, find_key, revoke_key
from api.models import ApiKey, Mandate
from api.scopes import Scope
from registry import clock
from registry.actions import RegisterError
from registry.management.console import Failed, WrongUse
from registry.models import Intermediary
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import IntermediaryFactory, RegistrationFactory, UserFactory

pytestmark = pytest.mark.django_db
ME = "/api/v1/me/"


@pytest.fixture
def mine() -> Intermediary:
    return IntermediaryFactory(orias_number="08000041")


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


def page(one: Intermediary) -> str:
    return f"/api/v1/intermediaries/{one.orias_number}/"


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_a_key_reads_the_file_of_its_mandate_and_no_other(program: Keyed, mine: Intermediary) -> None:
    """I14. Fails without `visible_files`."""
    assert program.get(page(mine)).json()["orias_number"] == "08000041"
    assert code(program.get(page(IntermediaryFactory()))) == (404, "not_found")


def test_i14_another_s_file_and_an_absent_one_differ_in_nothing_not_even_in_queries(
    program: Keyed, django_assert_num_queries: Any
) -> None:
    other, absent = page(IntermediaryFactory()), "/api/v1/intermediaries/99999999/"
    number = {"x-request-id": "the-same-for-both"}
    program.get(other)
    for method in ("get", "head", "options", "patch", "put", "delete", "post"):
        answers = []
        for path in (other, absent):
            # The key, then the file.
            with django_assert_num_queries(2):
                answers.append(getattr(program, method)(path, headers=number))
        assert {answer.status_code for answer in answers} == {404}
        assert answers[0].content.replace(other.encode(), absent.encode()) == answers[1].content


def test_only_the_hash_of_the_secret_is_kept(program: Keyed) -> None:
    secret = program.token.split("_", 2)[2]
    row = ApiKey.objects.values().get(pk=program.key.pk)
    assert secret not in json.dumps(row, default=str)
    assert row["digest"] == digest(secret)
    assert len(secret) == 43


def test_a_key_is_compared_in_constant_time_even_where_there_is_none(
    program: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    compared: list[tuple[str, str]] = []

    def compare(given: str, kept: str) -> bool:
        compared.append((given, kept))
        return given == kept

    monkeypatch.setattr(hmac, "compare_digest", compare)
    assert find_key(program.token) == program.key
    assert find_key(f"orl_{'a' * 12}_{'b' * 43}") is None
    assert len(compared) == 2


@pytest.mark.parametrize(
    "shown",
    ["", "orl_", "orl_aaaaaaaaaaaa_" + "b" * 43, "x" * 5000, "orl_aaaaaaaaaaaa_\u00e9", "\x00"],
)
def test_a_key_that_is_none_is_refused_and_never_taken_for_nobody(client: Client, shown: str) -> None:
    answer = client.get(ME, headers={"authorization": f"Bearer {shown}"})
    assert code(answer) == (401, "invalid_key")
    assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_a_wrong_secret_opens_nothing(program: Keyed, client: Client) -> None:
    token = program.token[:-1] + ("A" if program.token[-1] != "A" else "B")
    assert code(client.get(ME, headers={"authorization": f"Bearer {token}"})) == (401, "invalid_key")


def test_a_closed_account_s_key_opens_nothing(program: Keyed) -> None:
    User.objects.update(is_active=False)
    assert code(program.get(ME)) == (401, "invalid_key")


def test_revocation_counts_at_once(program: Keyed) -> None:
    """Fails without the check in `_require_usable`."""
    assert program.get(ME).status_code == 200
    revoke_key(key_id=program.key.key_id, by=program.key.holder, now=clock.now())
    assert code(program.get(ME)) == (401, "key_revoked")


def test_an_account_revokes_its_own_keys_and_staff_anyone_s(program: Keyed) -> None:
    with pytest.raises(RegisterError, match="Aucune clé"):
        revoke_key(key_id=program.key.key_id, by=UserFactory(), now=clock.now())
    assert revoke_key(key_id=program.key.key_id, by=staff_in("hotline_agent"), now=clock.now())[1]


def test_a_key_ends(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    end = program.key.expires_at
    monkeypatch.setattr(clock, "now", lambda: end - timedelta(seconds=1))
    assert program.get(ME).status_code == 200
    monkeypatch.setattr(clock, "now", lambda: end)
    assert code(program.get(ME)) == (401, "key_expired")


def test_who_calls_is_warned_of_the_end(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "X-Key-Expires" not in program.get(ME).headers
    monkeypatch.setattr(clock, "now", lambda: program.key.expires_at - timedelta(days=29))
    answer = program.get(ME)
    # In our time, as everywhere: fails where it is told as the database gives it.
    assert answer.headers["X-Key-Expires"] == answer.json()["key"]["expires_at"]
    assert datetime.fromisoformat(answer.headers["X-Key-Expires"]) == program.key.expires_at
    assert answer.json()["key"]["expires_soon"] is True


@pytest.mark.parametrize(
    ("address", "status"),
    [("192.0.2.9", 200), ("2001:db8::7", 200), ("::ffff:192.0.2.9", 200), ("198.51.100.1", 403), ("", 403)],
)
def test_a_key_is_used_from_its_networks_only(mine: Intermediary, address: str, status: int) -> None:
    program = Keyed(holder_of(mine), "file:read", networks=["192.0.2.0/24", "2001:db8::/32"])
    assert program.get(ME, REMOTE_ADDR=address).status_code == status


def test_the_last_use_is_written_once_a_minute(
    program: Keyed, monkeypatch: pytest.MonkeyPatch, django_assert_num_queries: Any
) -> None:
    start = datetime(2026, 1, 29, 10, tzinfo=UTC)
    ApiKey.objects.filter(pk=program.key.pk)
    program.key.refresh_from_db()
    monkeypatch.setattr(clock, "now", lambda: program.key.created_at + timedelta(seconds=1))
    program.get(ME)
    program.key.refresh_from_db()
    first = program.key.last_used_at
    assert first is not None
    assert first > start
    assert program.key.last_used_from == "127.0.0.1"
    monkeypatch.setattr(clock, "now", lambda: first + timedelta(seconds=59))
    with django_assert_num_queries(3):
        program.get(ME)
    monkeypatch.setattr(clock, "now", lambda: first + timedelta(seconds=60))
    with django_assert_num_queries(4):
        program.get(ME)


def test_two_keys_of_a_name_live_beside_each_other_and_no_third(program: Keyed) -> None:
    holder = program.key.holder
    second = Keyed(holder, "file:read")
    assert {program.get(ME).status_code, second.get(ME).status_code} == {200}
    with pytest.raises(RegisterError, match="déjà 2 clés"):
        Keyed(holder, "file:read")
    revoke_key(key_id=program.key.key_id, by=holder, now=clock.now())
    assert Keyed(holder, "file:read").get(ME).status_code == 200


def test_a_scope_that_the_key_lacks_is_named(mine: Intermediary) -> None:
    program = Keyed(holder_of(mine), "file:read")
    answer = program.act("patch", page(mine), {"town": "Brest"}, If_Match="*")
    assert code(answer) == (403, "insufficient_scope")
    assert answer.json()["scope"] == "file:write"


def test_a_key_of_staff_is_narrowed_by_its_scopes(mine: Intermediary) -> None:
    officer = staff_in("registry_officer")
    assert Keyed(officer, "staff:read").get(page(mine)).status_code == 200
    assert Keyed(officer, "staff:*", name="tout").get(page(mine)).status_code == 200
    answer = Keyed(officer, "staff:sending", name="arrêt").get(page(mine))
    assert (*code(answer), answer.json()["scope"]) == (403, "insufficient_scope", "staff:read")


def test_i6_nobody_makes_a_key_of_staff_for_somebody_else() -> None:
    """Fails without `_require_own_scopes`: its maker could approve in the other's name."""
    alice, bruno = staff_in("registry_officer", "alice"), staff_in("approver", "bruno")
    with pytest.raises(RegisterError, match="pour soi-même"):
        create_key(holder=bruno, name="x", scopes=[Scope.STAFF_BATCHES], by=alice, now=clock.now())
    with pytest.raises(RegisterError, match="pas du personnel"):
        create_key(holder=holder_of(), name="x", scopes=[Scope.STAFF_READ], by=alice, now=clock.now())


@pytest.mark.parametrize(
    ("starts_on", "ends_on", "status"),
    [
        (date(2026, 1, 29), None, 200),
        (date(2026, 1, 1), date(2026, 1, 29), 200),
        (date(2026, 1, 30), None, 404),
        (date(2026, 1, 1), date(2026, 1, 28), 404),
    ],
)
def test_a_mandate_holds_from_its_first_day_to_its_last(
    mine: Intermediary, monkeypatch: pytest.MonkeyPatch, starts_on: date, ends_on: date | None, status: int
) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 1, 29, 9, tzinfo=UTC))
    program = Keyed(holder_of(mine, starts_on=starts_on, ends_on=ends_on), "file:read")
    assert program.get(page(mine)).status_code == status


def test_a_mandate_that_is_ended_shows_nothing_the_day_after(program: Keyed, mine: Intermediary) -> None:
    holder, today = program.key.holder, clock.local_day(clock.now())
    ending: dict[str, Any] = {"holder": holder, "intermediary": mine, "by": holder, "why": "fin"}
    assert end_mandate(last_day=today, **ending) == 1
    assert program.get(page(mine)).status_code == 200
    assert end_mandate(last_day=today - timedelta(days=1), **ending) == 1
    assert program.get(page(mine)).status_code == 404


def test_a_mandate_given_for_the_wrong_number_is_taken_back_at_once(
    program: Keyed, mine: Intermediary, capsys: pytest.CaptureFixture[str]
) -> None:
    """Fails without `--now`: a stranger's file would stay open until midnight."""
    staff_in("administrator", name="ada")
    other = RegistrationFactory.create().intermediary
    username = program.key.holder.username
    run("grant_mandate", username, other.orias_number, "--by", "ada", capsys=capsys)
    assert program.get(page(other)).status_code == 200
    run("end_mandate", username, other.orias_number, "--now", "--by", "ada", capsys=capsys)
    assert program.get(page(other)).status_code == 404
    assert program.get(page(mine)).status_code == 200


def test_staff_act_by_their_role_and_not_by_mandate(mine: Intermediary) -> None:
    with pytest.raises(RegisterError, match="par son rôle"):
        holder_of(mine, name=staff_in("registry_officer").username)


def test_a_mandate_is_given_once(program: Keyed, mine: Intermediary) -> None:
    with pytest.raises(RegisterError, match="déjà un mandat"):
        holder_of(mine)


def test_me_tells_rights_and_limits(program: Keyed) -> None:
    told = program.get(ME).json()
    assert told["key"]["id"] == program.key.key_id
    assert told["key"]["scopes"] == ["file:read", "file:write"]
    assert told["mandates"] == [{"orias_number": "08000041", "starts_on": "2020-01-01", "ends_on": None}]
    assert {"name": "read", "quota": 120, "window": 60} in told["limits"]
    assert [limit["name"] for limit in told["limits"]] == ["read", "write", "upload", "keys"]
    assert (told["staff"], told["permissions"]) == (False, [])


def test_me_tells_staff_the_limits_of_staff(staff: Client) -> None:
    assert [limit["name"] for limit in staff.get(ME).json()["limits"]] == [
        "read",
        "write",
        "upload",
        "prepare",
        "lookup",
    ]


def test_me_of_a_session_has_no_key(staff: Client) -> None:
    told = staff.get(ME).json()
    assert told["key"] is None
    assert "registry.view_intermediary" in told["permissions"]


def test_a_session_acts_with_its_csrf_token_only(mine: Intermediary) -> None:
    """A key needs none: no browser sends it by itself."""
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(holder_of(mine))
    answer = browser.patch(page(mine), {"town": "Brest"}, content_type="application/json", headers={"if-match": "*"})
    assert code(answer) == (403, "csrf_failed")
    program = Keyed(User.objects.get(username="logiciel"), "file:write")
    assert program.act("patch", page(mine), {"town": "Brest"}, If_Match="*").status_code == 200


def test_nobody_is_asked_for_a_key(client: Client) -> None:
    assert code(client.get(ME)) == (401, "not_authenticated")


REFUSED: list[dict[str, Any]] = [
    {"digest": "0" * 64},
    {"scopes": ["file:read", "staff:*"]},
    {"expires_at": datetime(2030, 1, 1, tzinfo=UTC)},
    {"networks": []},
    {"revoked_at": datetime(2026, 1, 1, tzinfo=UTC)},
]


@pytest.mark.parametrize("change", REFUSED)
def test_the_database_keeps_a_key_as_it_was_made(mine: Intermediary, change: dict[str, Any]) -> None:
    key = Keyed(holder_of(mine), "file:read", networks=["192.0.2.0/24"]).key
    with pytest.raises(DatabaseError), transaction.atomic():
        ApiKey.objects.filter(pk=key.pk).update(**change)


def test_the_database_keeps_keys_mandates_and_revocations(program: Keyed) -> None:
    revoke_key(key_id=program.token, by=program.key.holder, now=clock.now())
    acts = [
        lambda: ApiKey.objects.update(revoked_at=None, revoked_by=None),
        lambda: ApiKey.objects.all().delete(),
        lambda: Mandate.objects.all().delete(),
    ]
    for act in acts:
        with pytest.raises(DatabaseError), transaction.atomic():
            act()


def test_a_year_at_most(mine: Intermediary) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        Keyed(holder_of(mine), "file:read", days=366)


# --- commands ------------------------------------------------------------------------------------------------


def run(*words: str, capsys: pytest.CaptureFixture[str]) -> str:
    call_command(*words)
    return capsys.readouterr().out


def test_the_commands_make_list_and_revoke(mine: Intermediary, capsys: pytest.CaptureFixture[str]) -> None:
    staff_in("registry_officer", "alice")
    told = run("grant_mandate", "durand", "08000041", "--new", "--by", "alice", capsys=capsys)
    assert told.startswith("durand agit pour 08000041")
    words = ("create_api_key", "durand", "--name", "gestion", "--scope", "file:read", "--by", "alice")
    made = json.loads(run(*words, "--json", capsys=capsys))
    assert Client().get(page(mine), headers={"authorization": f"Bearer {made['token']}"}).status_code == 200
    assert "affichée cette seule fois\u00a0: orl_" in run(*words[:5], "file:write", *words[4:], capsys=capsys)
    listed = json.loads(run("list_api_keys", "--json", capsys=capsys))
    assert {row["holder"] for row in listed} == {"durand"}
    assert made["token"] not in json.dumps(listed)
    assert "révoquée" in run("revoke_api_key", made["id"], "--by", "alice", capsys=capsys)
    assert "déjà révoquée" in run("revoke_api_key", made["id"], "--by", "alice", capsys=capsys)
    assert len(json.loads(run("list_api_keys", "--json", capsys=capsys))) == 1
    assert "n’agit plus" in run("end_mandate", "durand", "08000041", "--by", "alice", capsys=capsys)


def test_the_id_of_a_key_is_shown_whole_however_narrow_the_terminal(
    program: Keyed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without `no_wrap`: what revoke_api_key asks for was cut."""
    monkeypatch.setenv("COLUMNS", "60")
    assert program.key.key_id in run("list_api_keys", capsys=capsys)


def test_keys_that_end_soon_are_said_to(program: Keyed, capsys: pytest.CaptureFixture[str]) -> None:
    assert "bientôt" not in run("list_api_keys", capsys=capsys)
    Keyed(program.key.holder, "file:read", days=20, name="courte")
    assert "bientôt" in run("list_api_keys", capsys=capsys)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("revoke_api_key", "nulle", "--by", "alice"), "Aucune clé"),
        (("grant_mandate", "bruno", "99999999", "--by", "alice"), "n’est pas au registre"),
        (("grant_mandate", "cabinet", "08000041", "--by", "alice"), "grant_mandate cabinet NUMÉRO --new"),
        (
            ("create_api_key", "cabinet", "--name", "x", "--scope", "file:read", "--by", "alice"),
            "grant_mandate cabinet NUMÉRO --new",
        ),
        (
            ("create_api_key", "bruno", "--name", "x" * 61, "--scope", "file:read", "--by", "alice"),
            "60 caractères au plus, celui-ci 61",
        ),
        (("end_mandate", "bruno", "08000041", "--by", "alice"), "n’a pas de mandat"),
        (("grant_mandate", "bruno", "08000041", "--by", "bruno"), "n’a pas la permission"),
        (
            ("create_api_key", "alice", "--name", "x", "--scope", "file:read", "--network", "ici", "--by", "alice"),
            "pas un réseau",
        ),
        (("create_api_key", "bruno", "--name", "x", "--scope", "file:read", "--by", "bruno"), "pas la permission"),
    ],
)
def test_what_the_commands_refuse(mine: Intermediary, words: tuple[str, ...], told: str) -> None:
    staff_in("registry_officer", "alice")
    UserFactory(username="bruno")
    with pytest.raises((Failed, WrongUse), match=told):
        call_command(*words)
