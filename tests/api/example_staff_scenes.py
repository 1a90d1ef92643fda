"""The scenes of the examples in which staff act: reviews, reminders, the hotline, removals."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from registry.findings import refresh_findings
from registry.models import Cover, Intermediary, Registration
from registry.rules.removals import CaseState
from reminders.models import Batch
from reminders.rules.states import NoticeState
from tests.api.callers import Keyed, staff_in
from tests.api.example_runs import Run
from tests.api.example_scenes import NUMBER, broker, certificate, program
from tests.factories import (
    NOW,
    AttemptFactory,
    CoverPaperFactory,
    DocumentFactory,
    NoticeFactory,
    RenewalRequestFactory,
    reach,
)
from tests.reminders.scenes import notice_of, released_batch
from tests.removing import Procedure, at, members

KEY = "c0fd57e1e59f9697d2651fd8be5785780fe0796b"
MARCH = date(2027, 3, 1)


def deposited(one: Intermediary) -> Cover:
    """Its next certificate, with its paper, to be reviewed."""
    days = {"renewed": True, "deposited": True, "deposited_on": date(2026, 1, 12), "policy": "RC-2026-0042"}
    made = certificate(one, **days)
    CoverPaperFactory.create(cover=made)
    return made


def officer() -> Keyed:
    return Keyed(staff_in("registry_officer", "alice"), "staff:*")


def approver() -> Keyed:
    return Keyed(staff_in("approver", "bruno"), "staff:*")


# --- reviews and renewals by staff ------------------------------------------------------------------------------


def an_officer_reviews(run: Run) -> None:
    one, alice = broker(), officer()
    own: dict[str, Any] = {"orias_number": NUMBER, "cover_id": deposited(one).pk}
    run("reviews", alice)
    run("cover_assign", alice, {"to": "alice"}, **own)
    run("cover_ask", alice, {"code": "UNREADABLE", "note": "La page 2 manque."}, **own)
    better = DocumentFactory.create(intermediary=one, name="attestation-complete.pdf").pk
    run("cover_correct", program(one), {"documents": [better]}, **own)
    run("cover_accept", alice, **own)


def an_officer_refuses_one_and_accepts_a_lot(run: Run) -> None:
    one, alice = broker(), officer()
    first, second = deposited(one), deposited(one)
    refusal = {"code": "OLD_PERIOD", "reason": "L’attestation est celle de 2025."}
    run("cover_refuse", alice, refusal, orias_number=NUMBER, cover_id=first.pk)
    run("reviews_accept", alice, {"covers": [second.pk]})


def staff_confirm_a_paper_request(run: Run) -> None:
    alice, bruno = officer(), Keyed(staff_in("registry_officer", "chloe"), "staff:*")
    registration = broker().registrations.get()
    entered = RenewalRequestFactory.create(registration=registration, entered=True)
    own = {"orias_number": NUMBER, "renewal_id": entered.pk}
    run("renewal_confirm", bruno, {"filed_on": "2026-01-20"}, **own)
    run("renewal_fee_notice", alice, {"informed_on": "2026-01-28"}, **own)
    paid = {"amount_cents": 2500, "paid_on": "2026-01-29", "reference": "VIR-2026-0042"}
    run("renewal_fee", alice, paid, **own)


def staff_send_a_paper_request_back(run: Run) -> None:
    entered = RenewalRequestFactory.create(registration=broker().registrations.get(), entered=True)
    why = {"reason": "Saisie au nom d’un autre cabinet."}
    run("renewal_send_back", officer(), why, orias_number=NUMBER, renewal_id=entered.pk)


# --- reminders --------------------------------------------------------------------------------------------------


def a_batch_goes_from_its_plan_to_its_end(run: Run) -> None:
    one, alice, bruno = broker(), officer(), approver()
    refresh_findings(as_of=NOW.date())
    report = run("batch_plan", alice, {"as_of": "2026-01-29"})
    batch = {"batch_id": report["batch"]}
    run("batch_notices", alice, **batch)
    run("batch_approve", bruno, {"hash": report["hash"], "count": report["planned"]}, **batch)
    run("batch_release", alice, **batch)
    run("batch_pause", alice, {"reason": "Des dossiers complets ont été relancés."}, **batch)
    run("batch_resume", alice, {"reason": "Vérifié\u00a0: ils ne l’étaient pas."}, **batch)
    run("batches", alice)
    run("batch", alice, **batch)
    run("batch_cancel", alice, **batch)
    run("intermediary_notices", program(one), orias_number=NUMBER)


def a_batch_is_recalled(run: Run) -> None:
    one, alice = broker(), officer()
    wrong = released_batch()
    notice = notice_of(one)
    AttemptFactory.create(notice=notice, done=True)
    reach(notice, NoticeState.ACCEPTED)
    Batch.objects.filter(pk=wrong.pk).update(state="COMPLETED")
    run("batch_recall", alice, {"reason": "Relances parties à tort."}, batch_id=wrong.pk)


def sending_is_stopped(run: Run) -> None:
    alice = officer()
    run("sending_turn", alice, {"stopped": True, "reason": "Le relais refuse nos messages."})
    run("sending", alice)


# --- the hotline ------------------------------------------------------------------------------------------------


def the_hotline_takes_calls(run: Run) -> None:
    broker()
    agent = Keyed(staff_in("hotline_agent", "hugo"), "staff:*")
    ring = {"event": "RING", "line_id": "20260129-0017", "caller": "01 99 00 12 34", "agent": "hugo"}
    run("hotline_event", agent, ring)
    run("hotline_lookup", agent, query=f"?q={NUMBER}")
    call = {"reason": "DEADLINE", "outcome": "ANSWERED", "orias_number": NUMBER, "caller": "01 99 00 12 34"}
    run("hotline_call_record", agent, call | {"duration_seconds": 140})
    run("hotline_calls", agent)


def a_complaint_is_answered(run: Run) -> None:
    broker()
    lead = Keyed(staff_in("hotline_lead", "lea"), "staff:*")
    letter = {
        "channel": "LETTER",
        "matter": "UNWANTED_MAIL",
        "text": "Nous avons été relancés alors que notre attestation est déposée.",
        "complainant": "Armorique Courtage",
        "orias_number": NUMBER,
        "on": "2026-01-20",
    }
    number = {"complaint_number": run("hotline_complaint_record", lead, letter)["number"]}
    run("hotline_complaint_acknowledge", lead, {"on": "2026-01-29"}, **number)
    answer = {"outcome": "PARTLY", "text": "Votre attestation est arrivée le jour de l’envoi. Nos excuses."}
    run("hotline_complaint_answer", lead, answer, **number)
    run("hotline_complaints", lead)


def an_incident_is_told_of(run: Run) -> None:
    lead = Keyed(staff_in("hotline_lead", "lea"), "staff:*")
    wrong = {"message": "Des relances sont parties à tort.", "next_update_at": "2026-01-29T12:00:00+01:00"}
    incident = run("hotline_incident_declare", lead, wrong | {"stop": True})["incident"]
    news = {"state": "RESOLVED", "message": "Les envois reprennent.", "cause": "Une règle de calcul fautive."}
    run("hotline_incident_update", lead, news, incident_id=incident)
    run("hotline_incidents", lead)


# --- removals ---------------------------------------------------------------------------------------------------


def lapsed_broker() -> Registration:
    """The broker a year later, with nothing filed since."""
    one = broker()
    certificate(one, renewed=True, policy="RC-2026-0042")
    return one.registrations.get()


def a_case_is_opened_held_and_withdrawn(run: Run) -> None:
    run.now = at(MARCH)
    alice = officer()
    lapsed_broker()
    opening = {"orias_number": NUMBER, "category": "COA", "ground": "COVER", "reason": "Aucune attestation pour 2027."}
    case = {"case_id": run("removal_open", alice, opening)["case"]}
    run("removal_hold", alice, {"reason": "Un recours est déposé."}, **case)
    run("removal_resume", alice, {"reason": "Le recours est rejeté."}, **case)
    run("removal_advance", alice, {"to": "NOTICE"}, **case)
    run("removals", alice)
    letter = case | {"letter_number": run("removal", alice, **case)["letters"][0]}
    run("removal_letter", alice, **letter)
    posted = {"kind": "POSTED", "happened_on": "2027-03-01", "reference": "1A 234 567 8901 2"}
    run("removal_letter_proof", alice, posted, **letter)
    run("removal_withdraw", alice, {"reason": "L’attestation est arrivée."}, **case)


def a_mail_is_the_notice_of_a_case(run: Run) -> None:
    procedure = Procedure(lapsed_broker())
    run.now = at(MARCH)
    alice = officer()
    procedure.open(MARCH)
    told = {"kind": "RC_PRO", "categories": ["COA"], "term": "2027-02-28"}
    notice = NoticeFactory.create(intermediary=procedure.registration.intermediary, items=[told], key=KEY)
    AttemptFactory.create(notice=notice, done=True, finished_at=at(MARCH - timedelta(days=14)))
    reach(notice, NoticeState.ACCEPTED)
    run("removal_mailed", alice, case_id=procedure.case.pk)


def a_commission_decides(run: Run) -> None:
    members()
    procedure, day = Procedure(lapsed_broker()), MARCH + timedelta(days=60)
    procedure.formally(day - timedelta(days=20))
    run.now = at(day)
    alice, bruno = officer(), approver()
    votes = {"case": procedure.case.pk, "for": ["m1", "m2", "m3"], "conflict": ["m4"]}
    made = run("session_record", alice, {"held_on": str(day), "cases": [votes]})
    session = {"session_number": made["session"]}
    run("session_sign", bruno, {"digest": made["digest"]}, **session)
    run("session", alice, **session)
    run("sessions", alice)
    procedure.case.refresh_from_db()
    procedure.send(day, CaseState.LETTER)
    procedure.prove(day)
    run("removal_publish", bruno, case_id=procedure.case.pk)


OF_STAFF: tuple[Callable[[Run], None], ...] = (
    an_officer_reviews,
    an_officer_refuses_one_and_accepts_a_lot,
    staff_confirm_a_paper_request,
    staff_send_a_paper_request_back,
    a_batch_goes_from_its_plan_to_its_end,
    a_batch_is_recalled,
    sending_is_stopped,
    the_hotline_takes_calls,
    a_complaint_is_answered,
    an_incident_is_told_of,
    a_case_is_opened_held_and_withdrawn,
    a_mail_is_the_notice_of_a_case,
    a_commission_decides,
)
