"""Whoever of the staff reads English reads no French on the pages of batches, worklists, campaigns, imports, merges."""

from __future__ import annotations

import ast
import html
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from django.core.cache import cache
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import translation

from api.english import LITERAL, TEXTS, english_of, told
from registry import clock, kept
from registry.intake import reading
from registry.merges import preview_merge
from registry.models import Intermediary, RegisterImport, RenewalCampaign
from reminders.models import Alarm, Batch, BatchKind, Notice, StopSwitch
from reminders.planning.approval import cancel_batch, pause_batch
from reminders.rules import brakes, watch
from tests.factories import (
    NOW,
    AttemptFactory,
    DeadlineDecisionFactory,
    IntermediaryFactory,
    RegistrationFactory,
    RenewalRequestFactory,
)
from tests.reaching import modules_under, reached, template
from tests.registry.register_files import row, written
from tests.reminders.returned import came_back, mailed
from tests.reminders.scenes import due_file, person
from tests.web.languages import FRENCH, in_both, left_in_french, pieces, switches
from tests.web.staff_stage import a_comparison, an_agreement, as_role
from tests.web.stage import Stage, approved, released, set_stage

MINE = (
    "web/batches.py", "web/seasons.py", "web/given.py",
    *(f"web/views/{name}.py" for name in (
        "batches", "batch_acts", "seasons", "staff", "exceptions", "imports", "reports", "deadlines", "renewals", "fees",
        "merges",
    )),
)  # fmt: skip
Asked = dict[str, Callable[[Client], Any]]


@pytest.fixture(autouse=True)
def _at_nine_thirty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: NOW)
    cache.clear()
    kept.forget()


@pytest.fixture
def stage(db: None) -> Stage:
    return set_stage()


def get(path: str) -> Callable[[Client], Any]:
    return lambda browser: browser.get(path)


def post(path: str, **given: Any) -> Callable[[Client], Any]:
    return lambda browser: browser.post(path, given)


def names() -> list[str]:
    """What is called something, in any language."""
    called = {name for pair in Intermediary.objects.values_list("name", "town", "email") for name in pair}
    return sorted(filter(None, called))


def french_of(asked: Asked, browser: Client | None = None) -> dict[str, list[str]]:
    """By request, what a page in English still says in French."""
    browser = browser or as_role("administrator")
    known, left = names(), {}
    for name, ask in asked.items():
        english, french = in_both(browser, ask)
        assert english.status_code == french.status_code in (200, 403, 404, 409), name
        if found := left_in_french(english.text, french.text, *known):
            left[name] = found
    return left


# --- pages -------------------------------------------------------------------------------------------------


def fill() -> None:
    """Something in every list."""
    for state in ("UNCERTAIN", "REFUSED"):
        stage = {"UNCERTAIN": "DOT", "REFUSED": "DATA"}[state]
        verdict = {"UNCERTAIN": "UNCERTAIN", "REFUSED": "REFUSED_OURS"}[state]
        AttemptFactory(notice=mailed(state), finished_at=NOW, verdict=verdict, stage=stage, code=554, reply="")
    came_back(mailed(person=due_file("08000061"), discharges=None))
    DeadlineDecisionFactory(reason="")
    RenewalRequestFactory(entered=True)
    RenewalRequestFactory(filed=True)
    for number in ("08000071", "08000072"):
        pair = IntermediaryFactory(orias_number=number, name="Cabinet Martin", email="m@example.org")
        RegistrationFactory(intermediary=pair, iob=number.endswith("1"))


LISTS = {
    "work": "/espace/",
    "switch": "/espace/arret/",
    "batches": "/espace/lots/",
    "plan": "/espace/lots/preparer/",
    "forecast": "/espace/prevision/",
    "campaign": "/espace/campagne/",
    "uncertain": "/espace/exceptions/incertains/",
    "refused": "/espace/exceptions/refuses/",
    "addresses": "/espace/exceptions/adresses/",
    "deadlines": "/espace/delais/",
    "renewals": "/espace/demandes/?annee=2026",
    "fees": "/espace/frais/?annee=2026",
    "merges": "/espace/fusions/?doublons=oui",
    "merge": "/espace/fusions/apercu/?garde=08000071&abandonne=08000072",
    "no merge": "/espace/fusions/apercu/?garde=08000042&abandonne=08000043",
    "imports": "/espace/imports/",
    "reports": "/espace/rapports/",
}


@pytest.mark.django_db
def test_every_list_is_english_throughout(stage: Stage) -> None:
    """Fails for a word that a template or a label forgot."""
    fill()
    assert french_of({name: get(path) for name, path in LISTS.items()}) == {}
