"""Signals on a page: the earliest day first, settled once with what was done."""

from __future__ import annotations

from typing import Any

import pytest

from registry.models import Signal
from tests.factories import SignalFactory
from tests.web.staff_stage import as_role

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("at_nine_thirty")]
SIGNALS = "/espace/signalements/"


def settle(signal: Signal, outcome: str, role: str = "registry_officer") -> Any:
    return as_role(role).post(f"{SIGNALS}{signal.pk}/", {"outcome": outcome})


def test_a_signal_is_settled_once_with_what_was_done() -> None:
    assert "Aucun signalement n’attend" in as_role("auditor").get(SIGNALS).text
    signal = SignalFactory()
    assert signal.intermediary.orias_number in as_role("auditor").get(SIGNALS).text
    assert settle(signal, "vu", "auditor").status_code == 403
    assert settle(signal, " ").status_code == 409
    assert settle(signal, "adhère à une autre association").status_code == 303
    assert settle(signal, "encore").status_code == 409
    found = Signal.objects.get()
    assert found.settled_by
    assert (found.settled_by.username, found.outcome) == ("registry_officer", "adhère à une autre association")
    text = as_role("auditor").get(SIGNALS).text
    assert "adhère à une autre association" in text
    assert "Aucun signalement n’attend" in text
