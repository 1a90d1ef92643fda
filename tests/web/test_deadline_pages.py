"""Decisions about deadlines on pages: shown, signed exactly as shown, taken back."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from registry.facts import load_reference
from registry.models import DeadlineDecision
from tests.factories import CoverFactory
from tests.web.staff_stage import as_role
from tests.web.stage import set_stage

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
DELAIS = "/espace/delais/"
SHIFT = {
    "what": "shift", "year": "2026", "due_on": "2026-03-31", "tolerated_until": "2026-03-31", "expires_on": "",
    "reason": "tempête", "act_reference": "CI-2026-014",
}  # fmt: skip


def asked(role: str = "administrator", **given: str) -> Any:
    return as_role(role).post(f"{DELAIS}decider/", SHIFT | given)


def hash_of(answer: Any) -> str:
    return str(re.search(r'name="hash" value="([0-9a-f]{64})"', answer.text)[1])  # type: ignore[index]


def due_on() -> date:
    return next(c.due_on for c in load_reference().campaigns if c.year == 2026)


def test_a_shift_is_shown_without_a_trace_then_signed_and_taken_back() -> None:
    set_stage()
    before = due_on()
    answer = asked()
    assert answer.status_code == 200
    assert "31\u00a0mars\u00a02026" in answer.text
    assert "Inscriptions COA concernées" in answer.text
    assert (due_on(), DeadlineDecision.objects.count()) == (before, 0)
    assert asked(hash=hash_of(answer)).status_code == 303
    assert due_on() == date(2026, 3, 31)
    signed = DeadlineDecision.objects.select_related("signed_by").get()
    assert (signed.signed_by.username, signed.act_reference) == ("administrator", "CI-2026-014")
    again = asked(hash=hash_of(answer))
    assert again.status_code == 409, "a second press finds nothing to move"
    back = {"what": "revert", "number": str(signed.pk), "reason": "annulé par le juge"}
    assert asked(**back, hash=hash_of(asked(**back))).status_code == 303
    assert due_on() == before
    assert "annulée par la décision" in as_role("auditor").get(DELAIS).text


def test_what_it_would_change_now_is_what_was_read() -> None:
    """Fails without `shown` in `decide_deadlines`: somebody has renewed since the preview was read."""
    stage = set_stage()
    shown = hash_of(asked())
    CoverFactory(intermediary=stage.durand, renewed=True)
    answer = asked(hash=shown)
    assert answer.status_code == 409
    assert "n’est plus ce que vous avez lu" in answer.text
    assert not DeadlineDecision.objects.exists()


def test_days_of_our_outage_are_given_back() -> None:
    set_stage()
    given = {"what": "freeze", "from_on": "2026-01-26", "until_on": "2026-01-27", "reason": "panne"}
    answer = asked(**given)
    assert "À publier" in answer.text
    assert asked(**given, hash=hash_of(answer)).status_code == 303
    assert DeadlineDecision.objects.get().days_lost == 2


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"act_reference": ""}, "référence"),
        ({"reason": ""}, "motif"),
        ({"year": "deux mille"}, "en chiffres"),
        ({"due_on": "le 31"}, "comme 2027-03-31"),
        ({"due_on": "", "tolerated_until": ""}, "Rien à décaler"),
        ({"what": "autre"}, "Choisissez une décision"),
        ({"what": "revert", "number": "987"}, "Aucune décision 987"),
    ],
)
def test_what_cannot_be_decided_is_refused_in_words(given: dict[str, str], said: str) -> None:
    answer = asked(**given)
    assert answer.status_code == 409
    assert said in answer.text


def test_who_may_only_look_decides_nothing() -> None:
    for role in ("approver", "registry_officer", "auditor"):
        assert asked(role).status_code == 403
        assert "Décaler une campagne" not in as_role(role).get(DELAIS).text


def test_a_refusal_leaves_what_was_typed_in_its_own_form() -> None:
    """Fails without `_typed`: six fields would have to be typed again."""
    answer = asked(due_on="2026-13-45")
    assert answer.status_code == 409
    assert answer.text.count('<th scope="col"') >= 6, "the dates of the campaigns have their names"
    for typed in ('name="due_on" type="date" value="2026-13-45"', 'value="CI-2026-014"', 'value="2026"'):
        assert typed in answer.text, typed
    answer = asked(what="freeze", from_on="2026-01-26", until_on="x", reason="panne du site")
    assert 'id="from_on" name="from_on" type="date" required value="2026-01-26"' in answer.text
    assert answer.text.count('value="panne du site"') == 1
