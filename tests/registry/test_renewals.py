"""Renewal requests: opened for all concerned, filed by each way, a paper by two people, paid, pre-filled."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db import DatabaseError, IntegrityError, transaction

from registry import actions, clock
from registry.actions import RegisterError
from registry.facts import load_files, load_reference
from registry.findings import stale_files
from registry.models import Intermediary, Registration, RenewalRequest
from registry.renewals import load_requests, prefill_request, renewals_of
from registry.rules.categories import Category
from registry.rules.prefill import AnswerState
from registry.rules.renewals import FilingChannel, ItemKind, ItemState, RenewalState, RequestFacts, is_concerned
from tests.factories import (
    NOW,
    CoverFactory,
    DecisionFactory,
    RegistrationFactory,
    RenewalRequestFactory,
    UserFactory,
    shifted,
)
from tests.registry.commands import Answer, run
from tests.registry.register_files import commit, snapshot

pytestmark = pytest.mark.django_db

DAY = date(2026, 1, 29)
WHY: dict[str, Any] = {"why": "essai", "day": DAY}


@pytest.fixture
def alice() -> User:
    return UserFactory.create(username="alice")


@pytest.fixture
def bruno() -> User:
    return UserFactory.create(username="bruno")


def registered(number: str, registered_on: date = date(2015, 6, 5), **values: Any) -> Registration:
    made: Registration = RegistrationFactory.create(
        intermediary__orias_number=number, registered_on=registered_on, **values
    )
    return made


def open_2026(day: date = DAY) -> Any:
    return actions.open_renewals(by=None, why="ouverture", day=day, year=2026)


# --- opening ----------------------------------------------------------------------------------------------


def test_i3_a_request_is_opened_for_everyone_concerned_as_the_rule_has_it_and_once() -> None:
    """Fails without any one condition of `_CONCERNED`, or without ON CONFLICT."""
    edges = [date(2025, 12, 31), date(2026, 1, 1), date(2026, 1, 28), date(2026, 2, 28), date(2015, 6, 5)]
    for n, edge in enumerate(edges):
        registered(f"0700000{n}", edge)
    registered("07000006", suspended=True)
    for n, removed_on in ((7, DAY), (8, date(2026, 1, 30))):
        gone = registered(f"0700000{n}", removed_on=removed_on)
        DecisionFactory.create(registration=gone, decided_on=removed_on)
    commit()
    registered("07000009", cif=True)
    campaign = next(c for c in load_reference().campaigns if c.year == 2026)
    files = load_files(Intermediary.objects.values_list("id", flat=True))
    expected = {f.orias_number for f in files.values() for r in f.registrations if is_concerned(r, campaign, DAY)}
    assert expected == {"07000000", "07000004", "07000006", "07000008", "07000009"}
    before = snapshot()
    assert actions.renewals.count_renewals(year=2026, day=DAY).to_open == {"CIF": 1, "COA": 4}
    assert snapshot() == before
    opening = open_2026()
    assert (opening.to_open, opening.there_before) == ({"CIF": 1, "COA": 4}, {"CIF": 0, "COA": 0})
    made = RenewalRequest.objects.values_list("registration__intermediary__orias_number", flat=True)
    assert sorted(made) == sorted(expected)
    assert stale_files() == 0
    registered("07000010")
    again = open_2026()
    assert (again.to_open, again.there_before) == ({"CIF": 0, "COA": 1}, {"CIF": 1, "COA": 4})
    assert RenewalRequest.objects.count() == 6


def test_no_request_is_opened_before_its_campaign_wherever_a_decision_moved_the_opening() -> None:
    registered("07000001")
    with pytest.raises(RegisterError, match="n’ouvre que le 2026-01-01"):
        open_2026(date(2025, 12, 31))
    shifted(2026, opens_on=date(2026, 1, 30))
    with pytest.raises(RegisterError, match="n’ouvre que le 2026-01-30"):
        open_2026()
    with pytest.raises(RegisterError, match="Aucune campagne 1999"):
        actions.open_renewals(by=None, **WHY, year=1999)


# --- filing -----------------------------------------------------------------------------------------------


def file(by: User | None = None, number: str = "07000001", category: Category = Category.COA, **values: Any) -> Any:
    given: dict[str, Any] = {"channel": FilingChannel.ONLINE, "filed_on": date(2026, 1, 20), "year": 2026}
    return actions.file_renewal(by=by, **WHY, orias_number=number, category=category, **given | values)


def facts() -> RequestFacts:
    """The one request, as the rules are given it."""
    [[one]] = load_requests(Intermediary.objects.values_list("id", flat=True), year=2026).values()
    return one


def test_a_request_filed_online_counts_from_its_day_and_owes_the_fee_of_that_day() -> None:
    registered("07000001")
    open_2026()
    file()
    one = facts()
    assert (one.state, one.counts_from, one.entered_on, one.fee_cents) == ("FILED", date(2026, 1, 20), DAY, 2_500)


def test_i12_a_paper_counts_from_its_day_of_deposit_once_another_person_has_confirmed_it(
    alice: User, bruno: User
) -> None:
    """Fails without the comparison of the two people, or of the two days, in `confirm_paper`."""
    registered("07000001")
    open_2026()
    request = file(alice, channel=FilingChannel.PAPER)
    assert (facts().state, facts().counts_from) == ("ENTERED", None)
    confirm: dict[str, Any] = {**WHY, "request": request, "filed_on": date(2026, 1, 20)}
    with pytest.raises(RegisterError, match="autre personne que celle qui l’a saisi"):
        actions.confirm_paper(by=alice, **confirm)
    with pytest.raises(RegisterError, match="saisi au 2026-01-20, et vous lisez 2026-01-21"):
        actions.confirm_paper(by=bruno, **confirm | {"filed_on": date(2026, 1, 21)})
    actions.confirm_paper(by=bruno, **confirm)
    assert facts().counts_from == date(2026, 1, 20)
    with pytest.raises(RegisterError, match="«\u00a0déposée\u00a0»"):
        actions.confirm_paper(by=bruno, **confirm)


def test_i12_the_database_refuses_that_one_person_enters_and_confirms(alice: User) -> None:
    """Fails without `confirmed_by` ≠ `entered_by` in `renewal_paper_has_two_people`."""
    request = RenewalRequestFactory.create(entered=True, entered_by=alice)
    with pytest.raises(IntegrityError, match="renewal_paper_has_two_people"), transaction.atomic():
        RenewalRequest.objects.filter(pk=request.pk).update(state="FILED", confirmed_by=alice, confirmed_on=DAY)


def test_a_paper_entered_wrongly_is_sent_back_and_entered_anew(alice: User, bruno: User) -> None:
    registered("07000001")
    open_2026()
    request = file(alice, channel=FilingChannel.PAPER)
    actions.send_back_paper(by=bruno, **WHY, request=request)
    assert (facts().state, facts().filed_on, facts().channel) == ("OPEN", None, None)
    file(bruno, channel=FilingChannel.PAPER, filed_on=date(2026, 1, 19))
    assert facts().filed_on == date(2026, 1, 19)


@pytest.mark.parametrize(
    "change",
    [
        {"filed_on": date(2026, 1, 19)},
        {"channel": "API"},
        {"fee_cents": 0},
        {"state": "OPEN"},
        {"opened_on": date(2026, 1, 3)},
        {"registration": "another"},
    ],
)
def test_i12_a_deposit_that_counts_stays_as_it_is(change: dict[str, Any]) -> None:
    """Fails without `renewal_deposit_stays`, `renewal_state_follows` or `renewal_stays_with_its_registration`."""
    request = RenewalRequestFactory.create(filed=True)
    values = {k: RegistrationFactory.create(iob=True) if k == "registration" else v for k, v in change.items()}
    with pytest.raises(DatabaseError), transaction.atomic():
        RenewalRequest.objects.filter(pk=request.pk).update(**values)
    with pytest.raises(DatabaseError, match="Cannot delete rows"), transaction.atomic():
        RenewalRequest.objects.filter(pk=request.pk).delete()


def test_the_states_a_request_may_take_are_those_of_the_table() -> None:
    for before in RenewalState:
        traits = {"OPEN": {}, "ENTERED": {"entered": True}, "FILED": {"filed": True}}[before.value]
        assert RenewalRequestFactory.create(**traits).state == before
    one = RenewalRequestFactory.create(filed=True)
    with pytest.raises(DatabaseError, match="Invalid transition|stays as it is"), transaction.atomic():
        RenewalRequest.objects.filter(pk=one.pk).update(state="ENTERED")


REFUSED: dict[str, Callable[[], Any]] = {
    "Aucune demande 2026 ouverte pour 07000009": lambda: file(number="07000009"),
    "Aucune demande 2026 ouverte pour 07000001 en CIF": lambda: file(category=Category.CIF),
    "déjà «\u00a0déposée": lambda: [file() for _ in "ab"],
    "après sa saisie": lambda: file(filed_on=date(2026, 1, 30)),
    "saisi par une personne": lambda: file(channel=FilingChannel.PAPER),
    "ce n’est pas le mandant qui dépose": lambda: file(channel=FilingChannel.PRINCIPAL),
    "ce n’est pas l’association qui dépose": lambda: file(channel=FilingChannel.ASSOCIATION),
}


@pytest.mark.parametrize("said", REFUSED)
def test_what_cannot_be_filed_is_told_in_words(said: str) -> None:
    registered("07000001")
    open_2026()
    with pytest.raises(RegisterError, match=said):
        REFUSED[said]()


def test_what_was_removed_since_is_not_filed() -> None:
    mine = registered("07000001")
    open_2026()
    DecisionFactory.create(registration=mine, decided_on=DAY)
    Registration.objects.filter(pk=mine.pk).update(removed_on=DAY)
    commit()
    with pytest.raises(RegisterError, match="est supprimée"):
        file()
    assert renewals_of([mine.intermediary_id], year=2026, day=DAY)[mine.intermediary_id] == ()


def test_an_association_files_in_bulk_and_each_line_has_its_fate(alice: User) -> None:
    registered("07000001", cif=True)
    registered("07000002", cif=True)
    registered("07000003")
    open_2026()
    lines = [(f"0700000{n}", Category.CIF if n < 3 else Category.COA) for n in (1, 2, 3)] + [("07000004", Category.CIF)]
    told = actions.file_renewals(
        by=alice, **WHY, year=2026, lines=lines, channel=FilingChannel.ASSOCIATION, filed_on=DAY
    )
    assert [(one.orias_number, one.request is not None) for one in told] == [
        ("07000001", True), ("07000002", True), ("07000003", False), ("07000004", False),
    ]  # fmt: skip
    assert "ce n’est pas l’association" in told[2].refusal
    assert "Aucune demande 2026 ouverte" in told[3].refusal
    assert RenewalRequest.objects.filter(state="FILED", channel="ASSOCIATION").count() == 2
    assert stale_files() == 0


# --- the fee ----------------------------------------------------------------------------------------------


def test_a_fee_is_recorded_once_and_whole(alice: User) -> None:
    request = RenewalRequestFactory.create(filed=True)
    pay: dict[str, Any] = {"by": alice, **WHY, "request": request, "reference": "CB-1"}
    for amount, paid_on, reference, said in (
        (2_499, DAY, "CB-1", "Les frais sont de 25,00\u00a0€"),
        (2_500, date(2026, 1, 30), "CB-1", "après aujourd’hui"),
        (2_500, DAY, " ", "a une référence"),
    ):
        with pytest.raises(RegisterError, match=said):
            actions.record_fee(**pay | {"reference": reference}, amount_cents=amount, paid_on=paid_on)
    actions.record_fee(**pay, amount_cents=2_500, paid_on=DAY)
    with pytest.raises(RegisterError, match="déjà enregistré"):
        actions.record_fee(**pay, amount_cents=2_500, paid_on=DAY)
    with pytest.raises(RegisterError, match="rien à réclamer"):
        actions.record_fee_notice(by=alice, **WHY, request=request, informed_on=DAY)
    opened = RenewalRequestFactory.create(registration=RegistrationFactory.create(iob=True))
    with pytest.raises(RegisterError, match="déposez-la d’abord"):
        actions.record_fee(**pay | {"request": opened}, amount_cents=2_500, paid_on=DAY)


def test_the_notice_of_an_unpaid_fee_starts_the_thirty_days_once(alice: User) -> None:
    request = RenewalRequestFactory.create(filed=True)
    notice: dict[str, Any] = {"by": alice, **WHY, "request": request}
    for informed_on in (date(2026, 1, 19), date(2026, 1, 30)):
        with pytest.raises(RegisterError, match="entre le dépôt et aujourd’hui"):
            actions.record_fee_notice(**notice, informed_on=informed_on)
    actions.record_fee_notice(**notice, informed_on=DAY)
    with pytest.raises(RegisterError, match="le délai court déjà"):
        actions.record_fee_notice(**notice, informed_on=DAY)
    person = request.registration.intermediary_id
    for day, state in ((date(2026, 2, 28), ItemState.TO_DO), (date(2026, 3, 1), ItemState.PROBLEM)):
        [renewal] = renewals_of([person], year=2026, day=day)[person]
        [fee] = [i for i in renewal.items if i.kind is ItemKind.FEE]
        assert (fee.state, fee.due_on) == (state, date(2026, 2, 28))


# --- pre-filled -------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_what_has_changed_since_the_last_request_was_filed_is_told() -> None:
    """Fails if the register of another instant were compared: changes before the filing are not told."""
    mine = registered("07000001", intermediary__town="Lille")
    last = RenewalRequestFactory.create(registration=mine, year=2025)
    this = RenewalRequestFactory.create(registration=mine)
    assert prefill_request(this).since is None
    Intermediary.objects.update(town="Lyon")
    RenewalRequest.objects.filter(pk=last.pk).update(
        state="FILED", channel="API", filed_on=date(2025, 2, 1), entered_on=date(2025, 2, 1)
    )
    Intermediary.objects.update(town="Nantes")
    Registration.objects.update(holds_client_funds=True)
    RenewalRequest.objects.filter(pk=last.pk).update(informed_on=date(2025, 2, 3))
    prefilled = prefill_request(this)
    assert prefilled.since is not None
    changed = {a.field: (a.then, a.now) for a in prefilled.answers if a.state is AnswerState.CHANGED}
    assert changed == {"town": ("Lyon", "Nantes"), "holds_client_funds": (False, True)}
    assert not [a for a in prefilled.answers if a.state is AnswerState.TO_CONFIRM]


# --- the commands -----------------------------------------------------------------------------------------

COA = ("07000001", "--category", "COA")


@pytest.fixture
def _staff(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    for name, role in {"odile": "registry_officer", "paul": "administrator", "hugo": "hotline_agent"}.items():
        UserFactory.create(username=name).groups.add(Group.objects.get(name=role))
    mine = registered("07000001")
    CoverFactory.create(intermediary=mine.intermediary)


def done(*arguments: object) -> Answer:
    answer = run(*arguments)  # type: ignore[arg-type]
    assert answer.code == 0, answer.err
    return answer


@pytest.mark.usefixtures("_staff")
def test_a_renewal_is_opened_filed_on_paper_confirmed_and_paid_by_commands() -> None:
    assert "1 demande à ouvrir (1 COA). Rien n’est écrit." in done("open_renewals", 2026, "--by", "odile").out
    assert RenewalRequest.objects.count() == 0
    told = done("open_renewals", 2026, "--by", "odile", "--apply", "--json").json
    assert told == {
        "year": 2026,
        "applied": True,
        "concerned": {"COA": 1},
        "opened": {"COA": 1},
        "there_before": {"COA": 0},
    }
    assert "0 demande ouverte (aucune)" in done("open_renewals", 2026, "--by", "odile", "--apply").out
    paper = ("--channel", "PAPER", "--filed-on", "2026-01-20", "--by", "odile")
    filed = done("file_renewal", *COA, *paper).out
    assert "Papier saisi, à confirmer" in filed
    assert "demande de renouvellement\u00a0: En contrôle" in filed
    assert "autre personne" in run("confirm_paper", *COA, "--filed-on", "2026-01-20", "--by", "odile").err
    assert done("confirm_paper", *COA, "--send-back", "--by", "paul", "--json").json["request_state"] == "OPEN"
    done("file_renewal", *COA, *paper)
    assert done("confirm_paper", *COA, "--filed-on", "2026-01-20", "--by", "paul", "--json").json["state"] == "TO_DO"
    assert "frais non réglés" in done("record_fee", *COA, "--informed-on", "2026-01-29", "--by", "odile").out
    pay = ("--amount", "25,00", "--paid-on", "2026-01-29", "--reference", "CB-1", "--by", "odile")
    assert "frais d’inscription\u00a0: Complet (frais réglés)" in done("record_fee", *COA, *pay).out
    [shown] = done("show_renewal", "07000001", "--json").json
    assert {i["kind"]: i["state"] for i in shown["items"]} == {
        "REQUEST": "COMPLETE", "RC_PRO": "TO_DO", "FINANCIAL_GUARANTEE": "COMPLETE", "FEE": "COMPLETE",
    }  # fmt: skip
    assert (shown["filed_on"], shown["entered_on"], shown["state_label"]) == ("2026-01-20", "2026-01-29", "À faire")
    assert "Jamais confirmé\u00a0: tout est à relire." in done("show_renewal", "07000001").out


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (("open_renewals", 2026, "--by", "hugo"), 1, "n’a pas la permission registry.change_registration"),
        (("open_renewals", 2027, "--by", "odile"), 1, "n’ouvre que le 2027-01-01"),
        (("show_renewal", "07000001"), 1, "Aucune demande 2026 pour 07000001"),
        (("confirm_paper", *COA, "--by", "odile"), 2, "soit --filed-on"),
        (("record_fee", *COA, "--amount", "25", "--by", "odile"), 2, "soit --informed-on"),
        (("record_fee", *COA, "--informed-on", "2026-01-29", "--by", "odile"), 1, "Aucune demande 2026 ouverte"),
    ],
)
@pytest.mark.usefixtures("_staff")
def test_what_is_wrongly_asked_for_is_told(arguments: tuple[Any, ...], code: int, said: str) -> None:
    answer = run(*arguments)
    assert answer.code == code
    assert said in answer.err


@pytest.mark.parametrize("amount", ["abc", "25,001", "-1", "0", "NaN", "1e99"])
@pytest.mark.usefixtures("_staff")
def test_a_sum_that_is_none_is_told(amount: str) -> None:
    with pytest.raises(SystemExit):
        run("record_fee", *COA, "--amount", amount, "--paid-on", "2026-01-29", "--by", "odile")
