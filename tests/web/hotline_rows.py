"""The hotline's addresses for the test of every page: by whom, how they are reached, and what they show."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hotline.models import Complaint, Incident
from tests.factories import ComplaintFactory, IncidentFactory
from tests.web.stage import NUMBER, Stage

ON_THE_PHONE = frozenset({"hotline_agent", "hotline_lead", "hotline_extra", "registry_officer", "administrator"})
EVERYBODY = ON_THE_PHONE | {"auditor", "approver"}
AUDITS = frozenset({"auditor", "hotline_lead", "administrator"})
LEADS = frozenset({"hotline_lead", "administrator"})
ANSWERS = frozenset({"hotline_lead", "registry_officer", "approver", "administrator"})


@dataclass(frozen=True)
class HotlineRow:
    """One address, as `Row` of the test of every page."""

    path: Callable[[Stage], str]
    by: frozenset[str]
    method: str = "get"
    done: int = 200


def at(path: str) -> Callable[[Stage], str]:
    return lambda _: path


def complaint(rest: str = "") -> Callable[[Stage], str]:
    """A complaint about the stage's batch, made where there is none."""

    def path(stage: Stage) -> str:
        made = Complaint.objects.first() or ComplaintFactory(batch=stage.batch, intermediary=stage.durand)
        return f"/assistance/reclamations/{made.number}/{rest}"

    return path


def incident(stage: Stage) -> str:
    return f"/assistance/incidents/{(Incident.objects.first() or IncidentFactory(batch=stage.batch)).pk}/"


HOTLINE_ROWS: dict[str, HotlineRow] = {
    "desk": HotlineRow(at(f"/assistance/?q={NUMBER}"), EVERYBODY),
    "ringing": HotlineRow(at("/assistance/appel/"), ON_THE_PHONE),
    "desk_check": HotlineRow(at("/assistance/verifier/"), ON_THE_PHONE, "post", 409),
    "desk_log": HotlineRow(at("/assistance/noter/"), ON_THE_PHONE, "post", 409),
    "call_backs": HotlineRow(at("/assistance/rappels/"), EVERYBODY),
    "look_ups": HotlineRow(at("/assistance/consultations/"), AUDITS),
    "line": HotlineRow(at("/assistance/ligne/"), EVERYBODY),
    "wallboard": HotlineRow(at("/assistance/tableau/"), EVERYBODY),
    "extra_agents": HotlineRow(at("/assistance/renforts/"), LEADS),
    "incidents": HotlineRow(at("/assistance/incidents/"), EVERYBODY),
    "incident": HotlineRow(incident, EVERYBODY),
    "complaint_list": HotlineRow(at("/assistance/reclamations/"), EVERYBODY),
    "complaint_new": HotlineRow(at("/assistance/reclamations/nouvelle/"), ON_THE_PHONE),
    "synthesis": HotlineRow(at("/assistance/reclamations/synthese/"), EVERYBODY),
    "synthesis_pdf": HotlineRow(at("/assistance/reclamations/synthese.pdf"), EVERYBODY),
    "synthesis_csv": HotlineRow(at("/assistance/reclamations/synthese.csv"), EVERYBODY),
    "complaint": HotlineRow(complaint(), EVERYBODY),
    "complaint_act": HotlineRow(complaint("accuser/"), ANSWERS, "post", 409),
}
"""By name; those that are no page are left out where pages are looked at."""
NO_PAGES = frozenset({"ringing", "synthesis_pdf", "synthesis_csv"})
