"""Whoever of the staff reads English reads no French of removals, the commission, orders, destruction and signals."""

from __future__ import annotations

from datetime import date

import pytest
from django.test import Client

from registry import clock
from registry.actions.purging import place_hold
from registry.models import AuthorityOrder, CommissionSession
from registry.rules.removals import CaseState, Ground
from tests.factories import SignalFactory, UserFactory
from tests.removing import Procedure, all_for, at, lapsed, members, ordered
from tests.web.staff_english import Ask, french_of, get, post
from tests.web.staff_rows import the_certificate
from tests.web.staff_stage import as_role

pytestmark = pytest.mark.django_db
SPACE = "/espace/"
DAY = date(2027, 5, 28)
LONG_AGO = date(2020, 5, 4)
PEOPLE = (*(f"Membre {n}" for n in range(1, 6)), "Mme Dupont", ".pdf")


@pytest.fixture(autouse=True)
def _on_the_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(DAY))


def french_left(asked: dict[str, Ask], browser: Client | None = None) -> dict[str, list[str]]:
    return french_of(asked, browser, *PEOPLE)


def procedures(count: int) -> list[Procedure]:
    """Of as many files, each with people of its own."""
    return [
        Procedure(lapsed(), clerk=UserFactory(username=f"clerk{n}"), signer=UserFactory(username=f"signer{n}"))
        for n in range(count)
    ]


def test_removals_are_english_throughout() -> None:
    """Fails for a word of a state, an act or a refusal: one case in each state that has its own."""
    members()
    opened, noticed, formal, told, held, withdrawn = made = procedures(6)
    opened.open(DAY)
    noticed.open(DAY)
    noticed.send(DAY, CaseState.NOTICE)
    formal.formally(date(2027, 5, 20))
    told.told(date(2027, 5, 20))
    for one, name in ((held, "suspendre"), (withdrawn, "retirer")):
        one.open(DAY)
        as_role("administrator").post(
            f"{SPACE}suppressions/{one.case.pk}/{name}/", {"state": "OPEN", "reason": "vu avec eux"}
        )
    base = f"{SPACE}suppressions/"
    asked = {f"case {n}": get(f"{base}{one.case.pk}/") for n, one in enumerate(made)}
    case, early, letter = f"{base}{opened.case.pk}/", f"{base}{noticed.case.pk}/", {"state": "NOTICE"}
    mine = {"number": opened.registration.intermediary.orias_number, "ground": "COVER", "reason": "x"}
    asked |= {
        "list": get(base),
        "open": get(f"{base}ouvrir/"),
        "moved on": post(f"{case}avis/", state="FORMAL"),
        "no reminder": post(f"{case}relance/", state="OPEN"),
        "no reason": post(f"{case}suspendre/", state="OPEN"),
        "no reason to withdraw": post(f"{case}retirer/", state="OPEN"),
        "not proved": post(f"{early}demeure/", **letter),
        "no letter": post(f"{early}preuve/", **letter),
        "too early": post(f"{base}{formal.case.pk}/notifier/", state="FORMAL"),
        "nobody": post(f"{base}ouvrir/", **mine | {"number": "99999999"}),
        "no category": post(f"{base}ouvrir/", **mine, category="CIF"),
        "no ground": post(f"{base}ouvrir/", **mine | {"ground": "X"}),
        "no year": post(f"{base}ouvrir/", **mine | {"ground": Ground.FEE.value}),
        "under way": post(f"{base}ouvrir/", **mine, category="COA"),
    }
    assert french_left(asked) == {}
    opener = as_role("auditor", told.clerk.get_username())
    told.clerk.is_staff = told.clerk.is_superuser = True
    told.clerk.save()
    assert french_left({"opener": get(f"{base}{told.case.pk}/")}, opener) == {}


def test_sessions_are_english_throughout() -> None:
    base = f"{SPACE}commission/"
    assert french_left({"none": get(base), "no members": get(f"{base}saisir/")}) == {}
    members()
    assert french_left({"no case": get(f"{base}saisir/")}) == {}
    ripe, early, voted = procedures(3)
    ripe.formally(date(2027, 5, 3))
    early.formally(date(2027, 5, 20))
    voted.formally(date(2027, 5, 3))
    session = voted.session(DAY, all_for("m1", "m2", "m3") | {})
    voice = {"held_on": DAY.isoformat(), f"v-{ripe.case.pk}-m1": "FOR", f"v-{ripe.case.pk}-m2": "CONFLICT"}
    member = {"code": "dupont", "name": "Mme Dupont", "named_on": "2027-01-01", "reason": "arrêté"}
    asked = {
        "index": get(base),
        "agenda": get(f"{base}saisir/"),
        "too early": get(f"{base}saisir/?held_on=2027-05-10"),
        "no day": get(f"{base}saisir/?held_on=demain"),
        "to come": get(f"{base}saisir/?held_on=2027-05-29"),
        "counted": post(f"{base}saisir/", **voice, reason="feuille"),
        "no votes": post(f"{base}saisir/", held_on=DAY.isoformat(), reason="feuille"),
        "no reason": post(f"{base}saisir/", **voice),
        "not as shown": post(f"{base}saisir/", **voice, reason="feuille", digest="0" * 64),
        "session": get(f"{base}{session.number}/"),
        "other votes": post(f"{base}{session.number}/signer/", digest="0" * 64),
        "no code": post(f"{base}membres/", **member | {"code": "Mme Dupont"}),
        "no name": post(f"{base}membres/", **member | {"name": ""}),
        "no first day": post(f"{base}membres/", **member | {"named_on": ""}),
        "ends before": post(f"{base}membres/", **member | {"ends_on": "2026-01-01"}),
    }
    assert french_left(asked) == {}
    assert french_left({"reader": get(f"{base}{session.number}/")}, as_role("auditor")) == {}
    browser = as_role("administrator")
    browser.cookies["langue"] = "en"
    given = {"digest": CommissionSession.objects.get().digest}
    answer = browser.post(f"{base}{session.number}/signer/", given, follow=True)
    assert f"Session {session.number} signed: its minutes are in the register." in answer.text
    assert french_left({"signed": get(f"{base}{session.number}/"), "index": get(base)}) == {}


def test_orders_are_english_throughout() -> None:
    base, mine, gone = f"{SPACE}ordres/", lapsed(), lapsed()
    person = {"number": mine.intermediary.orias_number, "category": "COA"}
    order = person | {"kind": "SUSPENSION", "authority": "ACPR", "act": "2027-C-3", "dated_on": "2027-04-30"}
    order |= {"ends_on": "2027-12-31", "barred_until": "2028-01-31", "reason": "manquements"}
    assert french_left({"none": get(base)}) == {}
    ordered(gone, date(2027, 4, 5), barred_until=date(2029, 4, 5))
    as_role("registry_officer").post(f"{base}saisir/", order | {"sure": "oui"})
    entered = AuthorityOrder.objects.latest("pk")
    anew = {"number": gone.intermediary.orias_number, "category": "COA", "registered_on": "2027-05-10", "act": "CI-7"}
    asked = {
        "index": get(base),
        "enter": get(f"{base}saisir/"),
        "reenter": get(f"{base}reinscrire/"),
        "to confirm": get(f"{base}{entered.pk}/"),
        "done": get(f"{base}{entered.pk - 1}/"),
        "preview": post(f"{base}saisir/", **order),
        "striking off": post(f"{base}saisir/", **order | {"kind": "STRIKING_OFF", "ends_on": ""}),
        "other act": post(f"{base}{entered.pk}/", act="2027-C-4"),
        "barred": post(f"{base}reinscrire/", **anew, reason="retour"),
        "no reason": post(f"{base}reinscrire/", **anew),
        "nothing to follow": post(f"{base}reinscrire/", **anew | person, reason="retour"),
    }
    wrong = ({"number": "9"}, {"category": "CIF"}, {"kind": "X"}, {"authority": "X"}, {"authority": "COMMISSION"},
             {"act": " "}, {"dated_on": "hier"}, {"dated_on": "2027-06-04"}, {"effective_on": "x"}, {"ends_on": "x"},
             {"ends_on": "2027-01-01"}, {"barred_until": "x"}, {"reason": ""})  # fmt: skip
    asked |= {f"wrong {one}": post(f"{base}saisir/", **order | one) for one in wrong}
    assert french_left(asked) == {}
    author = as_role("registry_officer")
    assert french_left({"author": get(f"{base}{entered.pk}/")}, author) == {}
    assert french_left({"signer": get(f"{base}{entered.pk}/")}, as_role("approver")) == {}


def test_destruction_and_signals_are_english_throughout() -> None:
    base = f"{SPACE}destructions/"
    assert french_left({"none": get(base), "no signal": get(f"{SPACE}signalements/")}) == {}
    the_certificate()
    ordered(lapsed(), LONG_AGO)
    held = lapsed().intermediary
    place_hold(by=UserFactory(username="root"), why="une plainte", now=at(DAY), intermediary=held)
    signer = as_role("administrator", "ada")
    SignalFactory()
    SignalFactory(settled=True)
    settle = SignalFactory()
    shown = signer.get(base)
    digest = str(shown.context["listed"].hash)
    where = str(signer.post(f"{base}signer/", {"hash": digest, "reason": "purge"}).headers["Location"])
    asked = {
        "index": get(base),
        "agreement": get(where),
        "too many": post(where, count="12"),
        "no number": post(where, count="un"),
        "not the list": post(f"{base}signer/", hash="0" * 64, reason="x"),
        "no reason": post(f"{base}signer/", hash=digest),
        "held": post(f"{base}conserver/", number=held.orias_number, reason="x"),
        "not held": post(f"{base}conserver/", number=held.orias_number[:-1] + "0", reason="x", act="lift"),
        "no why": post(f"{base}conserver/", number=held.orias_number),
        "signals": get(f"{SPACE}signalements/"),
        "not said": post(f"{SPACE}signalements/{settle.pk}/", outcome=" "),
        "settled": post(f"{SPACE}signalements/999999/", outcome="x"),
    }
    assert french_left(asked) == {}
    assert french_left({"signer": get(where), "herself": post(where, count="1")}, signer) == {}
    assert french_left({"reader": get(base), "reads": get(where)}, as_role("auditor")) == {}
    ordered(lapsed(), LONG_AGO)
    assert french_left({"changed": get(where)}) == {}
