"""I15: every unsafe call can be repeated with its Idempotency-Key, and acts once."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from api import idempotency
from api.models import KeptAnswer
from registry import clock
from registry.models import Cover, Intermediary
from tests.api.callers import Keyed, holder_of
from tests.factories import IntermediaryFactory, RegistrationFactory
from tests.reminders.scenes import at_once

pytestmark = pytest.mark.django_db
DEPOSIT = {
    "kind": "RC_PRO",
    "categories": ["COA"],
    "issuer": "Mutuelle d’essai",
    "starts_on": "2026-03-01",
    "ends_on": "2027-02-28",
    "amount_cents": 156_461_000,
    "annual_cents": 231_561_000,
}


@pytest.fixture
def mine() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number="08000051")).intermediary


@pytest.fixture
def program(mine: Intermediary) -> Keyed:
    return Keyed(holder_of(mine), "file:read", "file:write")


COVERS = "/api/v1/intermediaries/08000051/covers/"


def test_i15_the_same_call_again_acts_once_and_is_answered_the_same(program: Keyed) -> None:
    """Fails without `_kept`."""
    first = program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    again = program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.content == again.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Location"] == first.headers["Location"]
    assert Cover.objects.count() == 1


def test_i15_an_answer_given_again_says_in_which_language_it_is(program: Keyed) -> None:
    """Fails where its header is that of the second request: French words were called English."""
    program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    again = program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1", Accept_Language="en")
    assert (again.headers["Content-Language"], again.json()["status_label"]) == ("fr", "Déposée, en contrôle")


def test_i15_another_key_of_the_same_account_is_answered_the_same(program: Keyed) -> None:
    second = Keyed(program.key.holder, "file:read", "file:write")
    first = program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    assert second.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").content == first.content
    assert Cover.objects.count() == 1


def test_i15_another_account_s_key_is_its_own(program: Keyed, mine: Intermediary) -> None:
    other = Keyed(holder_of(mine, name="autre"), "file:write")
    program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    assert other.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").status_code == 201
    assert Cover.objects.count() == 2


@pytest.mark.parametrize(
    ("path", "body"), [(COVERS, DEPOSIT | {"issuer": "Autre"}), ("/api/v1/webhooks/", {"url": "https://hook.example/"})]
)
def test_i15_the_key_of_another_request_is_refused(program: Keyed, path: str, body: dict[str, Any]) -> None:
    """Fails without the comparison of fingerprints."""
    program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    answer = program.act("post", path, body, Idempotency_Key="k-1")
    assert (answer.status_code, answer.json()["code"]) == (422, "idempotency_key_reused")
    assert Cover.objects.count() == 1


@pytest.mark.parametrize("key", ["", " ", "é", "a b", "x" * 256])
def test_i15_a_post_without_a_usable_key_is_refused(program: Keyed, key: str) -> None:
    answer = program.act("post", COVERS, DEPOSIT, Idempotency_Key=key)
    assert (answer.status_code, answer.json()["code"]) == (400, "idempotency_key_required")


def test_i15_what_was_refused_may_be_asked_again(program: Keyed) -> None:
    """Nothing was done, so nothing is kept."""
    bad = program.act("post", COVERS, DEPOSIT | {"ends_on": "2020-01-01"}, Idempotency_Key="k-1")
    assert bad.status_code == 400
    assert not KeptAnswer.objects.exists()
    assert program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").status_code == 201


def test_i15_the_answer_is_kept_in_the_transaction_of_the_effect(
    program: Keyed, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fails without the transaction in `acts_once`: the certificate would stay, and be deposited again."""

    def lost(*_: Any) -> None:
        raise RuntimeError("the server dies here")

    program.raise_request_exception = False
    with monkeypatch.context() as patch:
        patch.setattr(idempotency, "_keep", lost)
        assert program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").status_code == 500
    assert not Cover.objects.exists()
    assert program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").status_code == 201


def test_i15_a_key_is_free_again_after_seven_days(program: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1")
    later = clock.now() + timedelta(days=7, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert "Idempotent-Replayed" not in program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").headers
    assert KeptAnswer.objects.count() == 1


def test_i15_a_kept_answer_stays_as_it_was(program: Keyed) -> None:
    program.act("post", COVERS, DEPOSIT)
    with pytest.raises(DatabaseError), transaction.atomic():
        KeptAnswer.objects.update(body="{}")


def test_i15_a_repeated_change_is_answered_the_same_though_its_version_is_past(program: Keyed) -> None:
    path = "/api/v1/intermediaries/08000051/"
    etag = program.get(path).headers["ETag"]
    given = {"If_Match": etag, "Idempotency_Key": "k-2"}
    first = program.act("patch", path, {"town": "Brest"}, **given)
    again = program.act("patch", path, {"town": "Brest"}, **given)
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.content, again.headers["ETag"]) == (first.content, first.headers["ETag"])


@pytest.mark.django_db(transaction=True)
def test_i15_two_at_once_act_once(mine: Intermediary) -> None:
    """Fails without `_lock` (the second would wait, holding a worker) and without the unique row behind it."""
    holder = holder_of(mine)
    programs = [Keyed(holder, "file:write"), Keyed(holder, "file:write")]
    answers = at_once(*(lambda p=p: p.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1") for p in programs))
    statuses = sorted(answer.status_code for answer in answers)  # type: ignore[union-attr]
    # Together: one acts and the other is told to wait; one just after the other: both are answered the same.
    assert statuses in ([201, 409], [201, 201])
    assert Cover.objects.count() == KeptAnswer.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_i15_while_the_same_call_runs_another_is_told_to_wait(mine: Intermediary) -> None:
    """Fails without `_lock`."""
    program = Keyed(holder_of(mine), "file:write")
    with transaction.atomic():
        assert idempotency._lock(str(program.key.holder_id), "k-1")
        (answer,) = at_once(lambda: program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1"))
    assert (answer.status_code, answer.json()["code"]) == (409, "already_running")  # type: ignore[union-attr]
    assert answer.headers["Retry-After"] == "2"  # type: ignore[union-attr]
    assert program.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1").status_code == 201


@pytest.mark.django_db(transaction=True)
def test_i15_without_the_lock_the_unique_row_still_lets_one_act(
    mine: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(idempotency, "_lock", lambda *_: True)
    holder = holder_of(mine)
    programs = [Keyed(holder, "file:write"), Keyed(holder, "file:write")]
    for program in programs:
        program.raise_request_exception = False
    at_once(*(lambda p=p: p.act("post", COVERS, DEPOSIT, Idempotency_Key="k-1") for p in programs))
    assert Cover.objects.count() == KeptAnswer.objects.count() == 1
    connection.close()
