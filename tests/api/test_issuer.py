"""issuer/covers/ and issuer/events/ : an insurer's own policies, each row's fate, once."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from api.issuers import end_issuer, grant_issuer
from api.models import IssuerMandate
from api.v1.issuer import MOST_ROWS
from registry import clock
from registry.actions import RegisterError
from registry.management.console import Failed
from registry.models import Cover, CoverEvent, Intermediary, Issuer
from tests.api.callers import Keyed, holder_of, issuer_account, staff_in
from tests.factories import NOW, CoverFactory, IntermediaryFactory, IssuerFactory, RegistrationFactory, UserFactory
from tests.reminders.scenes import at_once

pytestmark = pytest.mark.django_db

COVERS, EVENTS = "/api/v1/issuer/covers/", "/api/v1/issuer/events/"
NUMBER = "08000201"
COVER = {
    "orias_number": NUMBER,
    "kind": "RC_PRO",
    "policy": "RC-1",
    "categories": ["COA"],
    "starts_on": "2026-03-01",
    "ends_on": "2027-02-28",
    "amount_cents": 156_461_000,
    "annual_cents": 231_561_000,
}
EVENT = {
    "orias_number": NUMBER,
    "kind": "RC_PRO",
    "policy": "RC-1",
    "event": "TERMINATED",
    "effective_on": "2026-06-01",
}


@pytest.fixture(autouse=True)
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.fixture
def issuer() -> Issuer:
    return IssuerFactory(code="MUTUELLE", name="Mutuelle d’essai")


@pytest.fixture
def person() -> Intermediary:
    return RegistrationFactory(intermediary=IntermediaryFactory(orias_number=NUMBER)).intermediary


@pytest.fixture
def insurer(issuer: Issuer) -> Keyed:
    return Keyed(issuer_account(issuer), "issuer:write")


def pushed(program: Keyed, address: str, *rows: Any, **headers: str) -> list[dict[str, Any]]:
    answer = program.act("post", address, {"rows": list(rows)}, **headers)
    assert answer.status_code == 200, answer.text
    told: list[dict[str, Any]] = answer.json()["rows"]
    return told


def fates(told: list[dict[str, Any]]) -> list[str]:
    return [row["errors"][0]["code"] if row["errors"] else row["fate"] for row in told]


def test_an_insurer_pushes_a_certificate_without_a_person(insurer: Keyed, person: Intermediary) -> None:
    (row,) = pushed(insurer, COVERS, COVER)
    assert (row["index"], row["fate"], row["fate_label"], row["warnings"]) == (0, "NEW", "enregistrée", [])
    cover = Cover.objects.get()
    assert (cover.status, cover.channel, cover.deposited_on) == ("ACCEPTED", "ISSUER", date(2026, 1, 29))
    context = apps.get_model("registry", "CoverHistory").objects.get(id=cover.pk).pgh_context.metadata
    assert context["user"] == insurer.key.holder_id
    assert context["why"] == f"attestations de MUTUELLE, par l’API (clé {insurer.key.key_id})"


def test_each_row_has_its_fate_and_a_wrong_one_leaves_the_others(insurer: Keyed, person: Intermediary) -> None:
    rows: list[Any] = [
        COVER,
        COVER,
        COVER | {"amount_cents": 1},
        COVER | {"orias_number": "99999999"},
        COVER | {"policy": "RC-2", "amount_cents": 1},
        COVER | {"ends_on": "2026-01-01"},
        COVER | {"policy": "\u202e1", "starts_on": "hier"},
        COVER | {"policy": "--"},
        COVER | {"starts_on": "1066-10-14"},
        COVER | {"montant": 1},
        "RC-1",
        None,
        {},
    ]
    told = pushed(insurer, COVERS, *rows)
    assert fates(told) == [
        "NEW", "DUPLICATE", "contradicts_an_earlier_row", "intermediary_unknown", "NEW", "ends_before_it_starts",
        "bidi_character", "policy_format", "date_year", "unknown_field", "invalid", "null", "required",
    ]  # fmt: skip
    assert [one["pointer"] for one in told[6]["errors"]] == ["#/rows/6/policy", "#/rows/6/starts_on"]
    assert told[3]["errors"][0]["pointer"] == "#/rows/3/orias_number"
    (doubt,) = told[4]["warnings"]
    assert (doubt["code"], doubt["pointer"]) == ("amount_below_minimum", "#/rows/4/amount_cents")
    assert doubt["detail"].startswith("Inférieur au minimum pour «\u00a0COA\u00a0»")
    assert Cover.objects.count() == 2


def test_the_fates_are_counted_and_told_in_english(insurer: Keyed, person: Intermediary) -> None:
    headers = {"Idempotency_Key": "k", "Accept_Language": "en"}
    answer = insurer.act("post", COVERS, {"rows": [COVER, COVER]}, **headers).json()
    assert answer["counts"] == {"NEW": 1, "CHANGED": 0, "UNCHANGED": 0, "DUPLICATE": 1, "IGNORED": 0, "REFUSED": 0}
    assert [row["fate_label"] for row in answer["rows"]] == ["recorded", "duplicate"]


@pytest.mark.parametrize(
    "body", [{}, {"rows": []}, {"rows": {}}, {"rows": [COVER] * (MOST_ROWS + 1)}, {"rows": [COVER], "x": 1}, [COVER]]
)
def test_a_lot_that_is_none_is_refused_whole(insurer: Keyed, person: Intermediary, body: Any) -> None:
    assert insurer.act("post", COVERS, body).status_code == 400
    assert Cover.objects.count() == 0


def test_a_thousand_rows_are_taken_in_as_many_queries_as_two(insurer: Keyed, person: Intermediary) -> None:
    """Fails with the body's limit of other addresses, or with a query a row."""
    unknown = [COVER | {"orias_number": f"09{n:06d}", "policy": "P" * 55 + f"{n:04d}"} for n in range(MOST_ROWS)]
    # The first call of a key writes when it was used.
    pushed(insurer, COVERS, COVER)
    spent = []
    for rows in (unknown[:2], unknown):
        with CaptureQueriesContext(connection) as queries:
            assert fates(pushed(insurer, COVERS, *rows)) == ["intermediary_unknown"] * len(rows)
        spent.append(len(queries))
    assert spent[0] == spent[1]


def test_an_insurers_word_reopens_a_file_and_says_when_it_counts(insurer: Keyed, person: Intermediary) -> None:
    pushed(insurer, COVERS, COVER, COVER | {"kind": "FINANCIAL_GUARANTEE", "policy": "GF", "starts_on": "2025-03-01"})
    told = pushed(
        insurer, EVENTS, EVENT, EVENT | {"kind": "FINANCIAL_GUARANTEE", "policy": "gf", "effective_on": "2026-01-30"}
    )
    assert fates(told) == ["NEW", "NEW"]
    assert [row["effective_on"] for row in told] == ["2026-06-01", "2026-02-02"]
    assert [w["code"] for w in told[1]["warnings"]] == ["put_off_to_three_clear_days"]
    assert list(CoverEvent.objects.order_by("id").values_list("effective_on", flat=True)) == [
        date(2026, 6, 1), date(2026, 2, 2)
    ]  # fmt: skip


def test_i14_anothers_policy_answers_as_an_absent_one(insurer: Keyed, person: Intermediary) -> None:
    """Fails if the register were asked for more than the issuer's own."""
    other = Keyed(issuer_account(name="autre"), "issuer:write")
    assert fates(pushed(other, COVERS, COVER)) == ["NEW"]
    CoverFactory(intermediary=person, issuer="Quelqu’un", policy="RC-7", renewed=True)
    rows = (EVENT, EVENT | {"policy": "RC-7"}, EVENT | {"orias_number": "99999999"})
    told = [row["errors"] for row in pushed(insurer, EVENTS, *rows)]
    assert {errors[0]["code"] for errors in told} == {"policy_unknown"}
    assert told[0][0]["detail"] == told[2][0]["detail"]
    assert CoverEvent.objects.count() == 0


def test_i15_the_same_call_again_acts_once(insurer: Keyed, person: Intermediary) -> None:
    first = insurer.act("post", COVERS, {"rows": [COVER]}, Idempotency_Key="k-1")
    again = insurer.act("post", COVERS, {"rows": [COVER]}, Idempotency_Key="k-1")
    assert (again.content, again.headers["Idempotent-Replayed"]) == (first.content, "true")
    before = Intermediary.objects.get().facts_version
    assert fates(pushed(insurer, COVERS, COVER)) == ["UNCHANGED"]
    assert Intermediary.objects.get().facts_version == before


@pytest.mark.django_db(transaction=True)
def test_i15_the_same_push_twice_at_once_acts_once(insurer: Keyed, person: Intermediary) -> None:
    """Under two keys, so that nothing but the lock on the file keeps them apart. Fails without the FOR UPDATE of
    `lock_files`: the second then breaks on `issuedcover_once`."""
    outcomes = at_once(*[lambda: fates(pushed(insurer, COVERS, COVER)) for _ in range(3)])
    assert sorted(map(str, outcomes)) == ["['NEW']", "['UNCHANGED']", "['UNCHANGED']"]
    assert Cover.objects.count() == 1


# --- who ----------------------------------------------------------------------------------------------------


def test_i14_to_those_who_act_as_no_issuer_there_is_nothing(person: Intermediary, issuer: Issuer) -> None:
    user = issuer_account(issuer)
    callers = {
        "another's account": Keyed(holder_of(person), "issuer:write"),
        "staff": Keyed(staff_in("administrator"), "staff:*"),
    }
    for name, program in callers.items():
        assert program.act("post", COVERS, {"rows": [COVER]}).status_code == 404, name
    narrow = Keyed(user, "file:read")
    answer = narrow.act("post", COVERS, {"rows": [COVER]})
    assert (answer.status_code, answer.json()["scope"]) == (403, "issuer:write")


def test_an_account_acts_from_its_first_day_to_its_last(
    insurer: Keyed, person: Intermediary, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = insurer.key.holder
    assert insurer.get("/api/v1/me/").json()["issuer"] == "MUTUELLE"
    assert end_issuer(holder=user, last_day=date(2026, 1, 29), by=user, why="essai") == 1
    assert fates(pushed(insurer, COVERS, COVER)) == ["NEW"]
    monkeypatch.setattr(clock, "now", lambda: NOW + timedelta(days=1))
    assert insurer.act("post", COVERS, {"rows": [COVER]}).status_code == 404
    assert insurer.get("/api/v1/me/").json()["issuer"] is None
    grant_issuer(holder=user, issuer=Issuer.objects.get(), starts_on=date(2026, 2, 1), by=user, why="essai")
    assert insurer.act("post", COVERS, {"rows": [COVER]}).status_code == 404


def test_an_account_acts_as_one_issuer_only_and_staff_as_none(insurer: Keyed, issuer: Issuer) -> None:
    day: dict[str, Any] = {"starts_on": date(2026, 1, 1), "by": insurer.key.holder, "why": "essai"}
    with pytest.raises(RegisterError, match="agit déjà"):
        grant_issuer(holder=insurer.key.holder, issuer=IssuerFactory(), **day)
    with pytest.raises(RegisterError, match="du personnel"):
        grant_issuer(holder=staff_in("approver"), issuer=issuer, **day)


def test_the_database_keeps_who_acted_for_whom(insurer: Keyed) -> None:
    """Fails without `issuermandate_ends_after_it_starts`, `…_stays_of_its_parties` or `…_is_kept`."""
    held = IssuerMandate.objects.all()
    for act in (
        lambda: held.update(ends_on=date(2019, 1, 1)),
        lambda: held.update(starts_on=date(2021, 1, 1)),
        held.delete,
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            act()
    assert apps.get_model("api", "IssuerMandateHistory").objects.count() == 1


def test_the_commands_make_an_account_act_and_end_it(issuer: Issuer, capsys: pytest.CaptureFixture[str]) -> None:
    staff_in("administrator", "alice")
    call_command("grant_issuer", "mutuelle", "MUTUELLE", "--new", "--by", "alice")
    assert "mutuelle agit pour MUTUELLE" in capsys.readouterr().out
    call_command("end_issuer", "mutuelle", "--by", "alice")
    assert IssuerMandate.objects.get().ends_on == clock.local_day(NOW)
    with pytest.raises(Failed, match="n’agit pour aucun"):
        call_command("end_issuer", "mutuelle", "--by", "alice")
    with pytest.raises(Failed, match="Aucun assureur"):
        call_command("grant_issuer", "mutuelle", "AUTRE", "--by", "alice")
    UserFactory(username="bruno")
    with pytest.raises(Failed, match="pas la permission"):
        call_command("grant_issuer", "mutuelle", "MUTUELLE", "--by", "bruno")


def test_an_event_may_be_lifted_by_the_api(insurer: Keyed, person: Intermediary) -> None:
    pushed(insurer, COVERS, COVER)
    assert fates(pushed(insurer, EVENTS, EVENT | {"event": "SUSPENDED"})) == ["NEW"]
    assert fates(pushed(insurer, EVENTS, EVENT | {"event": "REINSTATED", "effective_on": "2026-07-01"})) == ["NEW"]
    assert isinstance(CoverEvent.objects.latest("id").received_at, datetime)
