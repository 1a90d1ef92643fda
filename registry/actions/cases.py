"""Writers of removal cases: opened, moved step by step, held, withdrawn. Each act reads the file anew (I1, I11).

Where the file is back in good standing, an act that would go on withdraws the case instead, and says so.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime

from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.actions.letters import STEP_OF, write_case_letter
from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.findings import store_findings
from registry.models import (
    CaseProof,
    CommissionSession,
    Decision,
    Intermediary,
    Letter,
    Registration,
    RemovalCase,
)
from registry.models.registration import Authority, DecisionKind
from registry.removals import GroundFacts, decide_next, read_ground, step_to_prove
from registry.rules.removals import (
    CASE_TRANSITIONS,
    LIVE_CASE_STATES,
    REDONE_FROM,
    Block,
    CaseState,
    CaseStep,
    Ground,
    ProofKind,
    Standing,
    refusal_in_words,
)


def open_case(
    *,
    by: AbstractBaseUser,
    now: datetime,
    intermediary: Intermediary,
    registration: Registration | None,
    ground: Ground,
    reason: str,
    year: int | None = None,
) -> RemovalCase:
    """Open a case about one registration, or (None) about the person. Nothing is told to anyone yet.

    Raises RegisterError where the ground does not stand today, or a case about the same is under way.
    """
    if not reason.strip():
        raise RegisterError("Une affaire s’ouvre sur un exposé des faits\u00a0: indiquez-le.")
    if ground.is_of_a_renewal and year is None:
        raise RegisterError(f"Le motif «\u00a0{ground.label}\u00a0» est celui d’une campagne\u00a0: indiquez l’année.")
    day = local_day(now)
    case = RemovalCase(
        intermediary=intermediary,
        registration=registration,
        kind=(DecisionKind.REMOVAL if registration else DecisionKind.STRIKING_OFF).value,
        ground=ground.value,
        year=year if ground.is_of_a_renewal else None,
        reason=reason,
        since_on=day,
        opened_on=day,
        opened_by_id=by.pk,
        moved_by_id=by.pk,
    )
    with recording(by=by, why=reason):
        _lock_file(intermediary.pk)
        _require_none_under_way(case)
        standing = read_ground(case, day).standing
        if standing is not Standing.STANDS:
            raise RegisterError(f"Aucune affaire à ouvrir pour {intermediary.orias_number}\u00a0: {standing.label}.")
        case.save(force_insert=True)
        return case


def _require_none_under_way(case: RemovalCase) -> None:
    live = [state.value for state in LIVE_CASE_STATES]
    same = RemovalCase.objects.filter(
        intermediary=case.intermediary, registration=case.registration, state__in=live
    ).first()
    if same:
        raise RegisterError(f"L’affaire {same.pk} est déjà en cours pour le même objet\u00a0: poursuivez-la.")


def send_step(*, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase, target: CaseState) -> RemovalCase:
    """Write the letter of the step that leads to `target` (NOTICE, FORMAL, LETTER), and move the case there.

    The letter proves nothing until its deposit is recorded. Raises RegisterError with what is in the way.
    """
    if target not in STEP_OF:
        raise RegisterError(f"«\u00a0{target.label}\u00a0» ne se fait pas par lettre.")

    def act(locked: RemovalCase, ground: GroundFacts) -> None:
        write_case_letter(by=by, now=now, case=locked, step=STEP_OF[target], ground=ground)

    return _take_step(by, why, local_day(now), case, target, act)


def notify_by_mail(
    *, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase, key: str, mailed_on: date
) -> RemovalCase:
    """Take for the notice a mail of the reminders' ledger that told of the same; the database asks that ledger.

    `key` is the notice's identity. No letter is written.
    """
    day = local_day(now)

    def act(locked: RemovalCase, ground: GroundFacts) -> None:
        CaseProof.objects.create(
            case=locked,
            step=CaseStep.NOTICE.value,
            kind=ProofKind.MAILED.value,
            mail_key=key,
            happened_on=mailed_on,
            recorded_on=day,
            recorded_by_id=by.pk,
        )

    return _take_step(by, why, day, case, CaseState.NOTICE, act)


def publish_case(*, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase) -> RemovalCase:
    """Publish the removal: from today the registration, or every one of a person struck off, is removed.

    By another person than the one who opened the case. Raises RegisterError with what is in the way.
    """
    day = local_day(now)

    def act(locked: RemovalCase, ground: GroundFacts) -> None:
        if locked.opened_by_id == by.pk:
            raise RegisterError("Une suppression est publiée par une autre personne que celle qui a ouvert l’affaire.")

    return _take_step(by, why, day, case, CaseState.PUBLISHED, act, then=lambda locked: _remove(by, why, day, locked))


def _remove(by: AbstractBaseUser, why: str, day: date, case: RemovalCase) -> None:
    session = CommissionSession.objects.filter(resolutions__case=case, signed_by__isnull=False).order_by("-id")[0]
    mine = Registration.objects.filter(intermediary=case.intermediary_id, removed_on__isnull=True)
    if case.registration_id:
        mine = mine.filter(pk=case.registration_id)
    mine.update(removed_on=day)
    Decision.objects.create(
        intermediary_id=case.intermediary_id,
        registration_id=case.registration_id,
        kind=case.kind,
        authority=Authority.COMMISSION.value,
        decided_on=session.held_on,
        effective_on=day,
        case=case,
        act_reference=session.number,
        reason=case.reason,
        recorded_by_id=by.pk,
    )
    store_findings(case.intermediary_id, as_of=day)


def record_letter_proof(
    *, by: AbstractBaseUser, why: str, now: datetime, letter: Letter, kind: ProofKind, happened_on: date, reference: str
) -> CaseProof:
    """Record what became of a case's letter. One that came back takes the case into error: the step is done again.

    Raises RegisterError for a letter of no case, a day before the letter or after today, or a letter posted already.
    """
    day = local_day(now)
    with recording(by=by, why=why):
        if letter.case_id is None:
            raise RegisterError(f"La lettre {letter.number} n’est pas celle d’une affaire\u00a0: rien n’est à prouver.")
        case = _lock(letter.case_id)
        refusal = _proof_refusal(letter, kind, happened_on, reference, day)
        if refusal:
            raise RegisterError(f"Lettre {letter.number}\u00a0: {refusal}")
        proof = CaseProof.objects.create(
            case=case,
            step=letter.kind,
            kind=kind.value,
            letter=letter,
            reference=reference,
            happened_on=happened_on,
            recorded_on=day,
            recorded_by_id=by.pk,
        )
        if kind is ProofKind.RETURNED and step_to_prove(case) == letter.kind:
            _move(by, why, day, case, CaseState.ERROR, resumes_as=REDONE_FROM[CaseState(case.state)])
        return proof


def _proof_refusal(letter: Letter, kind: ProofKind, happened_on: date, reference: str, day: date) -> str:
    if kind is ProofKind.MAILED:
        return "une lettre n’est pas un courriel."
    if not letter.dated_on <= happened_on <= day:
        return f"la preuve est datée du {happened_on}, hors de la période du {letter.dated_on} à aujourd’hui ({day})."
    posted = letter.proofs.filter(kind=ProofKind.POSTED.value).first()
    if kind is ProofKind.POSTED:
        if posted:
            return f"son dépôt est déjà enregistré, du {posted.happened_on}."
        return "" if reference.strip() else "indiquez le numéro de recommandé."
    return "" if posted else "son dépôt n’est pas encore enregistré."


def hold_case(*, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase) -> RemovalCase:
    """Hold a case: no step until it is resumed, where it was."""
    with recording(by=by, why=why):
        locked = _lock(case.pk)
        _require_edge(locked, CaseState.HELD)
        return _move(by, why, local_day(now), locked, CaseState.HELD, resumes_as=CaseState(locked.state))


def resume_case(*, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase) -> RemovalCase:
    """Go on with a case held or in error, from where it was, or from before the step that failed."""
    with recording(by=by, why=why):
        locked = _lock(case.pk)
        if not locked.resumes_as:
            raise RegisterError(f"L’affaire {locked.pk} n’est ni suspendue ni en erreur\u00a0: rien n’est à reprendre.")
        return _move(by, why, local_day(now), locked, CaseState(locked.resumes_as))


def withdraw_case(*, by: AbstractBaseUser, why: str, now: datetime, case: RemovalCase) -> RemovalCase:
    """End a case without a removal. Raises RegisterError without a reason, or where it is over."""
    if not why.strip():
        raise RegisterError("Un retrait dit pourquoi\u00a0: indiquez un motif.")
    with recording(by=by, why=why):
        locked = _lock(case.pk)
        _require_edge(locked, CaseState.WITHDRAWN)
        return _move(by, why, local_day(now), locked, CaseState.WITHDRAWN)


def _take_step(
    by: AbstractBaseUser,
    why: str,
    day: date,
    case: RemovalCase,
    target: CaseState,
    act: Callable[[RemovalCase, GroundFacts], None],
    then: Callable[[RemovalCase], None] = lambda _: None,
) -> RemovalCase:
    """One step of a case, judged on its file as it is now, under its lock."""
    with recording(by=by, why=why):
        locked = _lock(case.pk)
        ground = read_ground(locked, day)
        decision = decide_next(locked, target, ground.standing, day)
        if decision.block is Block.CURED:
            return _move(by, Standing.CURED.label, day, locked, CaseState.WITHDRAWN)
        if decision.block:
            raise RegisterError(f"Affaire {locked.pk}\u00a0: {refusal_in_words(decision)}")
        act(locked, ground)
        moved = _move(by, why, day, locked, target)
        then(moved)
        return moved


def _require_edge(case: RemovalCase, target: CaseState) -> None:
    if target not in CASE_TRANSITIONS[CaseState(case.state)]:
        state = CaseState(case.state).label.lower()
        raise RegisterError(f"L’affaire {case.pk} est «\u00a0{state}\u00a0»\u00a0: {Block.FORBIDDEN.label}.")


def _move(
    by: AbstractBaseUser,
    why: str,
    day: date,
    case: RemovalCase,
    target: CaseState,
    *,
    resumes_as: CaseState | None = None,
) -> RemovalCase:
    case.state, case.resumes_as = target.value, resumes_as.value if resumes_as else ""
    case.since_on, case.moved_by_id, case.note = day, by.pk, why[:500]
    case.save(update_fields=["state", "resumes_as", "since_on", "moved_by", "note"])
    return case


def lock_case(pk: int) -> RemovalCase:
    """The case, its row and its person's file locked, in the caller's transaction."""
    return _lock(pk)


def _lock(pk: int) -> RemovalCase:
    case = RemovalCase.objects.select_for_update(of=("self",)).select_related("intermediary", "registration").get(pk=pk)
    _lock_file(case.intermediary_id)
    return case


def _lock_file(intermediary_id: int) -> None:
    """Who writes a fact of the file writes this row too (`facts_version`): it waits, or was there before."""
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a file is locked in a transaction")
    Intermediary.objects.select_for_update(of=("self",)).only("id").get(pk=intermediary_id)
