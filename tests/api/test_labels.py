"""Beside each code that a person would read stands its label, in the caller's language."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from django.test import Client

from hotline.rules.calls import CallOutcome, CallReason
from hotline.rules.complaints import ComplaintChannel, ComplaintState, Duty, Matter
from hotline.rules.incidents import IncidentState
from registry import clock
from registry.models.cover import Channel
from registry.models.registration import DecisionKind
from registry.rules.categories import Category
from registry.rules.labels import LabelledEnum
from registry.rules.removals import CaseState, Ground, Standing
from tests.api.callers import Keyed, holder_of, staff_in
from tests.factories import NOW, CallFactory, ComplaintFactory, CoverFactory, IncidentFactory, IntermediaryFactory
from tests.removing import at, lapsed

pytestmark = pytest.mark.django_db

IN_WORDS_BESIDE = {
    "Brake.level",
    "BatchAlarm.code",
    "PaperFinding.code",
    "Reasoned.code",
}
"""Codes that a sentence of their own stands beside, or a `label`."""
FOR_PROGRAMS = {"Event.type"}
"""Names that programs choose by."""


def coded(shapes: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Each member of an answer whose values are a closed list of codes."""
    for shape, described in shapes.items():
        members = described.get("properties", {})
        for name, member in members.items():
            if member.get("readOnly") and "Enum" in str(member):
                yield shape, name, members


def labels_of(name: str) -> set[str]:
    return {f"{name}_label", f"{name}_labels"}


def test_every_code_of_an_answer_has_its_label_beside_it(client: Client) -> None:
    """Fails for a member added as a code alone."""
    shapes = client.get("/api/v1/schema/?format=json").json()["components"]["schemas"]
    found = list(coded(shapes))
    assert len(found) > len(IN_WORDS_BESIDE | FOR_PROGRAMS)
    bare = {f"{shape}.{name}" for shape, name, members in found if not labels_of(name) & set(members)}
    assert bare == IN_WORDS_BESIDE | FOR_PROGRAMS


# --- in both languages ------------------------------------------------------------------------------------------


def labels(document: dict[str, Any], codes: dict[str, type[LabelledEnum]]) -> dict[str, tuple[Any, Any]]:
    """Of each member: its label as told, and as its code has it in English."""
    return {
        name: (document[f"{name}_label"], kind(document[name]).label_en if document[name] else None)
        for name, kind in codes.items()
    }


def in_english(program: Keyed, path: str) -> Any:
    answer = program.get(f"/api/v1/{path}", headers={"accept-language": "en"})
    assert answer.status_code == 200, answer.text
    return answer.json()


@pytest.fixture
def officer() -> Keyed:
    return Keyed(staff_in("administrator"), "staff:*")


@pytest.fixture
def _that_morning(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)


@pytest.mark.usefixtures("_that_morning")
def test_what_the_hotline_keeps_is_labelled_in_the_caller_s_language(officer: Keyed) -> None:
    CallFactory()
    ComplaintFactory()
    IncidentFactory()
    [call] = in_english(officer, "hotline/calls/")["results"]
    [complaint] = in_english(officer, "hotline/complaints/")["results"]
    [incident] = in_english(officer, "hotline/incidents/")["results"]
    told = (
        labels(call, {"reason": CallReason, "outcome": CallOutcome})
        | labels(complaint, {"state": ComplaintState, "channel": ComplaintChannel, "matter": Matter})
        | {"incident": labels(incident, {"state": IncidentState})["state"]}
    )
    assert {name for name, (found, wanted) in told.items() if found != wanted or not found} == set()
    assert complaint["outcome_label"] is None
    assert complaint["duties_labels"] == [Duty(code).label_en for code in complaint["duties"]]
    assert complaint["duties"]


def test_a_removal_case_is_labelled_in_the_caller_s_language(officer: Keyed, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: at(date(2027, 3, 1)))
    number = lapsed().intermediary.orias_number
    asked = {"orias_number": number, "category": "COA", "ground": "COVER", "reason": "aucune attestation"}
    french = officer.act("post", "/api/v1/removals/", asked).json()
    told = in_english(officer, f"removals/{french['case']}/")
    codes: dict[str, type[LabelledEnum]] = {
        "category": Category,
        "kind": DecisionKind,
        "ground": Ground,
        "state": CaseState,
        "standing": Standing,
        "next": CaseState,
    }
    found = labels(told, codes)
    assert {name for name, (one, wanted) in found.items() if one != wanted} == set()
    assert (french["kind_label"], french["next_label"]) == (DecisionKind.REMOVAL.label, CaseState.NOTICE.label)


@pytest.mark.usefixtures("_that_morning")
def test_a_certificate_is_labelled_in_the_caller_s_language() -> None:
    cover = CoverFactory(intermediary=IntermediaryFactory(orias_number="08000301"))
    program = Keyed(holder_of(cover.intermediary), "file:read")
    told = in_english(program, f"intermediaries/08000301/covers/{cover.pk}/")
    assert told["channel_label"] == Channel(told["channel"]).label_en
    assert told["categories_labels"] == [Category(code).label_en for code in told["categories"]]
