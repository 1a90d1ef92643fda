"""docs/states.md is what the program runs on."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from hotline.management.commands.document_states import states_page
from hotline.rules.complaints import COMPLAINT_TRANSITIONS, ComplaintState
from hotline.rules.incidents import INCIDENT_TRANSITIONS, IncidentState
from registry.management.console import Failed
from registry.rules.removals import CASE_TRANSITIONS, CaseState
from registry.rules.renewals import RENEWAL_TRANSITIONS, RenewalState
from reminders.rules.states import BATCH_TRANSITIONS, NOTICE_TRANSITIONS, BatchState, NoticeState, edges
from settings.embedded import BASE_DIR

PAGE = BASE_DIR / "docs" / "states.md"


def test_the_committed_page_is_what_the_code_says() -> None:
    """Fails when a transition changes and the page does not: run `make fix`."""
    assert PAGE.read_text(encoding="utf-8") == states_page()
    call_command("document_states", "--check")


def test_every_state_has_its_row_and_every_transition_its_arrow() -> None:
    page = states_page()
    for state in (*BatchState, *NoticeState, *RenewalState, *CaseState, *ComplaintState, *IncidentState):
        assert f"| `{state}` | {state.label} | {state.label_en} |" in page
    arrows = [line.strip() for line in page.splitlines() if "-->" in line and "[*]" not in line]
    machines: list[Any] = [
        BATCH_TRANSITIONS,
        NOTICE_TRANSITIONS,
        RENEWAL_TRANSITIONS,
        CASE_TRANSITIONS,
        COMPLAINT_TRANSITIONS,
        INCIDENT_TRANSITIONS,
    ]
    allowed = [edge for machine in machines for edge in edges(machine)]
    assert sorted(arrows) == sorted(f"{a} --> {b}" for a, b in allowed)


def test_a_page_that_differs_is_told_line_by_line_and_left_as_it_is(tmp_path: Path) -> None:
    page = tmp_path / "states.md"
    page.write_text(states_page().replace("Périmé", "Vieux"), encoding="utf-8")
    before = page.read_bytes()
    with pytest.raises(Failed) as refused:
        call_command("document_states", "--check", "--output", str(page))
    assert refused.value.returncode == 1
    assert "-| `STALE` | Vieux" in str(refused.value)
    assert "+| `STALE` | Périmé" in str(refused.value)
    assert page.read_bytes() == before


def test_a_page_that_is_not_there_differs_and_is_written_when_asked(tmp_path: Path) -> None:
    page = tmp_path / "states.md"
    with pytest.raises(Failed):
        call_command("document_states", "--check", "--output", str(page))
    out = StringIO()
    call_command("document_states", "--output", str(page), stdout=out)
    assert "is written" in out.getvalue()
    assert page.read_text(encoding="utf-8") == states_page()
    again = StringIO()
    call_command("document_states", "--output", str(page), stdout=again)
    assert again.getvalue() == ""
