"""Removal cases as their rows stand, judged by the pure rules: the next step, from when, and what is in its way."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import BooleanField, Func, Q

from registry.facts import load_files, load_papers_of, load_reference
from registry.models import CaseProof, Letter, ProcedureTerm, RemovalCase
from registry.renewals import assess_renewals, load_requests
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, assess_cover
from registry.rules.facts import FileFacts, Reference, RegistrationFacts
from registry.rules.removals import (
    CASE_TRANSITIONS,
    NOTIFIED_WITHIN,
    PROOF_BEFORE,
    SENDING_PROOFS,
    CaseFacts,
    CaseState,
    CaseStep,
    Ground,
    ProofKind,
    Standing,
    StepDecision,
    assess_ground,
    block_in_words,
    decide_step,
)
from registry.rules.renewals import Renewal, RequestFacts

_STILL_PROVES = Func("case_id", "mail_key", "happened_on", function="registry_mail_proves", output_field=BooleanField())
_ONWARD: Mapping[CaseState, CaseState] = {
    CaseState.OPEN: CaseState.NOTICE,
    CaseState.NOTICE: CaseState.FORMAL,
    CaseState.FORMAL: CaseState.DECIDED,
    CaseState.DECIDED: CaseState.LETTER,
    CaseState.LETTER: CaseState.PUBLISHED,
}


@dataclass(frozen=True, slots=True)
class GroundFacts:
    """The file of a case on a day: whom it is about, what is found there, and whether the ground stands."""

    scope: tuple[RegistrationFacts, ...]
    findings: tuple[CoverFinding, ...]
    standing: Standing


@dataclass(frozen=True, slots=True)
class NextStep:
    """What comes next for a case (None: nothing, or where it was), the decision about it on a day, whether the ground
    stands (None: the case is over, and nobody looks), and our own term."""

    target: CaseState | None
    decision: StepDecision
    standing: Standing | None
    late_since: date | None = None


def read_ground(case: RemovalCase, day: date) -> GroundFacts:
    """The ground of a case on the source rows as they are now."""
    facts = load_files([case.intermediary_id])[case.intermediary_id]
    requests = _requests([case]).get((case.intermediary_id, case.year), ())
    return _ground(case, facts, requests, load_reference(), day)


def _requests(cases: Iterable[RemovalCase]) -> dict[tuple[int, int | None], tuple[RequestFacts, ...]]:
    """The requests that the cases about a renewal are about, by intermediary and year: one query a year."""
    wanted: dict[int, set[int]] = defaultdict(set)
    for case in cases:
        if Ground(case.ground).is_of_a_renewal and case.year:
            wanted[case.year].add(case.intermediary_id)
    return {(pk, year): of for year, ids in wanted.items() for pk, of in load_requests(ids, year=year).items()}


def _ground(
    case: RemovalCase, facts: FileFacts, requests: tuple[RequestFacts, ...], reference: Reference, day: date
) -> GroundFacts:
    scope = _scope(case, facts, day)
    findings = _findings(scope, facts, reference, day)
    ground = Ground(case.ground)
    renewals: tuple[Renewal, ...] = ()
    if ground.is_of_a_renewal and case.year:
        renewals = assess_renewals(facts, requests, reference, day)
    standing = assess_ground(ground, [r.category for r in scope], findings, renewals, reference.campaigns, day)
    return GroundFacts(scope, findings, standing)


def _scope(case: RemovalCase, facts: FileFacts, day: date) -> tuple[RegistrationFacts, ...]:
    wanted = Category(case.registration.category) if case.registration else None
    return tuple(
        r
        for r in facts.registrations
        if not r.is_removed(day) and r.registered_on <= day and wanted in (None, r.category)
    )


def _findings(
    scope: tuple[RegistrationFacts, ...], facts: FileFacts, reference: Reference, day: date
) -> tuple[CoverFinding, ...]:
    return tuple(assess_cover(r, kind, facts.covers, reference, day) for r in scope for kind in CoverKind)


def proofs_of(case: RemovalCase) -> dict[CaseStep, date]:
    """For each step the day on which its letter or mail is proved to have left; one that came back proves nothing."""
    return _proofs([case.pk]).get(case.pk, {})


def _proofs(ids: Iterable[int]) -> dict[int, dict[CaseStep, date]]:
    proved: dict[int, dict[CaseStep, date]] = defaultdict(dict)
    # A mail may come back after it was taken for the notice.
    rows = CaseProof.objects.filter(~Q(kind=ProofKind.MAILED.value) | Q(_STILL_PROVES), case__in=list(ids))
    for pk, text, kind, happened_on in rows.order_by("id").values_list("case_id", "step", "kind", "happened_on"):
        step = CaseStep(text)
        if kind == ProofKind.RETURNED:
            proved[pk].pop(step, None)
        elif ProofKind(kind) in SENDING_PROOFS:
            proved[pk][step] = min(happened_on, proved[pk].get(step, happened_on))
    return proved


def days_after(step: CaseStep, proved_on: date) -> int:
    """How many days old the proof of a step must be, by the row in force when it was sent.

    Raises ProcedureTerm.DoesNotExist where none is: then no step may follow.
    """
    return _days(list(ProcedureTerm.objects.all()), step, proved_on)


def _days(terms: Iterable[ProcedureTerm], step: CaseStep, proved_on: date) -> int:
    found = [t for t in terms if t.step == step and t.valid_from <= proved_on]
    if not found:
        raise ProcedureTerm.DoesNotExist(f"Aucun délai de procédure pour l’étape {step} au {proved_on}.")
    return int(max(found, key=lambda t: t.valid_from).days)


def decide_next(case: RemovalCase, target: CaseState, standing: Standing, day: date) -> StepDecision:
    """Whether a case may move to `target` on `day`, by the rules, on its rows."""
    terms = list(ProcedureTerm.objects.all())
    return _decide(case, target, standing, proofs_of(case), terms, load_reference(), day)


def _decide(
    case: RemovalCase,
    target: CaseState,
    standing: Standing,
    proved: Mapping[CaseStep, date],
    terms: Iterable[ProcedureTerm],
    reference: Reference,
    day: date,
) -> StepDecision:
    days = {step: _days(terms, step, on) for step, on in proved.items()}
    facts = CaseFacts(CaseState(case.state), proved, standing)
    return decide_step(facts, target, days, reference.freezes, day)


def next_step(case: RemovalCase, day: date) -> NextStep:
    """What comes next for a case, for the worklist."""
    return next_steps([case], day)[case.pk]


def next_steps(cases: Sequence[RemovalCase], day: date, *, reference: Reference | None = None) -> dict[int, NextStep]:
    """What comes next for each of these cases, read with their intermediary and registration, by id: five queries or so
    for all, and the common facts where they are not given."""
    reference = reference or load_reference()
    files = load_papers_of({case.intermediary_id: case.intermediary for case in cases}.values())
    requests, proofs = _requests(cases), _proofs([case.pk for case in cases])
    terms = list(ProcedureTerm.objects.all())
    found = {}
    for case in cases:
        asked = requests.get((case.intermediary_id, case.year), ())
        standing = None
        if CASE_TRANSITIONS[CaseState(case.state)]:
            standing = _ground(case, files[case.intermediary_id], asked, reference, day).standing
        found[case.pk] = _next(case, standing, proofs.get(case.pk, {}), terms, reference, day)
    return found


def _next(
    case: RemovalCase,
    standing: Standing | None,
    proved: Mapping[CaseStep, date],
    terms: Iterable[ProcedureTerm],
    reference: Reference,
    day: date,
) -> NextStep:
    state = CaseState(case.state)
    target = _ONWARD.get(state)
    if target is None or standing is None:
        return NextStep(None, StepDecision(None), standing)
    late = case.since_on + NOTIFIED_WITHIN if state is CaseState.DECIDED else None
    late_since = late if late and day > late else None
    return NextStep(target, _decide(case, target, standing, proved, terms, reference, day), standing, late_since)


def step_to_prove(case: RemovalCase) -> CaseStep | None:
    """The step whose proof a case waits for in its state; None where it waits for none."""
    target = _ONWARD.get(CaseState(case.state))
    return PROOF_BEFORE.get(target) if target else None


def plain_case(case: RemovalCase, day: date) -> dict[str, Any]:
    """A case as plain data: where it stands, what comes next, from when, and what is in the way on `day`."""
    state, step = CaseState(case.state), next_step(case, day)
    letters = Letter.objects.filter(case=case).order_by("id").values_list("number", flat=True)
    words = block_in_words(step.decision)
    return {
        "case": case.pk,
        "orias_number": case.intermediary.orias_number,
        "category": case.registration.category if case.registration else None,
        "kind": case.kind,
        "ground": case.ground,
        "ground_label": Ground(case.ground).label,
        "state": state,
        "state_label": state.label,
        "since_on": case.since_on,
        "standing": step.standing,
        "next": step.target,
        "not_before": step.decision.not_before,
        "block": step.decision.block,
        "block_label": words[0] if words else None,
        "late_since": step.late_since,
        "proved_on": proofs_of(case),
        "letters": list(letters),
        "note": case.note,
    }
