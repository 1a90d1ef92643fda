"""Writers of the commission's sessions: votes entered by one person, signed by another on exactly what was entered."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser

from registry.actions.cases import lock_case
from registry.actions.letters import paper_number
from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.models import Ballot, CommissionMember, CommissionSession, RemovalCase, Resolution
from registry.paper import Sheet, print_sheet
from registry.removals import decide_next, read_ground
from registry.rules.commission import Choice, Outcome, Vote, count_vote
from registry.rules.french import counted, day_in_words
from registry.rules.removals import CaseState, Ground, Standing, refusal_in_words
from registry.sessions import votes_of

TERM_OF_OFFICE = 5
"""Years."""

Votes = Mapping[int, Mapping[str, Choice]]
"""By case, the choice of each member who was present, by the member's code."""


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case in a session that was signed: the vote, and the state the case came to."""

    case: RemovalCase
    vote: Vote
    state: CaseState


def record_session(*, by: AbstractBaseUser, why: str, now: datetime, held_on: date, votes: Votes) -> CommissionSession:
    """Enter a session with its votes; nothing is decided until another person signs it (`sign_session`).

    Raises RegisterError where it has no case, is of the future, a voice is of nobody in office, or a case may not be
    decided on that day.
    """
    day = local_day(now)
    if not votes:
        raise RegisterError("Une séance délibère au moins sur une affaire.")
    if held_on > day:
        raise RegisterError(f"Une séance du {held_on} n’a pas encore été tenue ({day}).")
    with recording(by=by, why=why):
        members = _members(held_on)
        for pk, choices in votes.items():
            _require_in_office(choices, members, held_on)
            _require_ripe(pk, held_on, day)
        session = CommissionSession.objects.create(
            number=paper_number(held_on, "CI-"),
            held_on=held_on,
            seats=len(members),
            digest=votes_digest(held_on, len(members), votes),
            prepared_by_id=by.pk,
            prepared_at=now,
        )
        for pk, choices in sorted(votes.items()):
            resolution = Resolution.objects.create(session=session, case_id=pk)
            Ballot.objects.bulk_create(
                Ballot(resolution=resolution, member=members[code], choice=choice.value)
                for code, choice in sorted(choices.items())
            )
        return session


def _members(day: date) -> dict[str, CommissionMember]:
    return {m.code: m for m in CommissionMember.objects.filter(named_on__lte=day, ends_on__gte=day)}


def _require_in_office(choices: Mapping[str, Choice], members: Mapping[str, CommissionMember], day: date) -> None:
    if strangers := sorted(set(choices) - set(members)):
        raise RegisterError(
            f"Pas en fonction le {day}\u00a0: {', '.join(strangers)}. Membres\u00a0: {', '.join(sorted(members))}."
        )


def _require_ripe(pk: int, held_on: date, day: date) -> None:
    case = RemovalCase.objects.filter(pk=pk).first()
    if case is None:
        raise RegisterError(f"Aucune affaire {pk}\u00a0: removal_cases en donne la liste.")
    decision = decide_next(case, CaseState.DECIDED, read_ground(case, day).standing, held_on)
    if decision.block:
        raise RegisterError(
            f"Affaire {pk}\u00a0: {refusal_in_words(decision)} Ôtez-la de la séance (removal_cases dit quand)."
        )


def votes_digest(held_on: date, seats: int, votes: Votes) -> str:
    """What a signature is bound to: the SHA-256 of the day, the seats and every voice."""
    told = {str(pk): {code: str(choice) for code, choice in sorted(c.items())} for pk, c in sorted(votes.items())}
    text = json.dumps({"held_on": held_on.isoformat(), "seats": seats, "votes": told}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def sign_session(
    *, by: AbstractBaseUser, why: str, now: datetime, session: CommissionSession, digest: str
) -> list[Result]:
    """Sign a session: what its votes carry is decided, what they reject is over; without a quorum nothing moves.

    A case that came back into good standing meanwhile is withdrawn, one whose paper waits for us stays as it is.
    Raises RegisterError for the same person, another digest, or a session that is signed.
    """
    with recording(by=by, why=why):
        locked = CommissionSession.objects.select_for_update(of=("self",)).get(pk=session.pk)
        votes = votes_of(locked)
        _require_signable(by, locked, votes, digest)
        cases = {pk: lock_case(pk) for pk in sorted(votes)}
        locked.signed_by_id, locked.signed_at = by.pk, now
        counted_votes = {pk: count_vote(locked.seats, choices.values()) for pk, choices in votes.items()}
        states = {
            pk: _state_after(case, counted_votes[pk], locked.held_on, local_day(now)) for pk, case in cases.items()
        }
        results = [Result(cases[pk], counted_votes[pk], states[pk]) for pk in cases]
        locked.minutes = print_sheet(_minutes(locked, results, votes))
        locked.minutes_sha256 = hashlib.sha256(locked.minutes).hexdigest()
        locked.save(update_fields=["signed_by", "signed_at", "minutes", "minutes_sha256"])
        for result in results:
            _settle(by, locked, result, local_day(now))
        return results


def _require_signable(by: AbstractBaseUser, session: CommissionSession, votes: Votes, digest: str) -> None:
    if session.signed_by_id:
        raise RegisterError(f"La séance {session.number} est déjà signée.")
    if session.prepared_by_id == by.pk:
        raise RegisterError("Une séance est signée par une autre personne que celle qui l’a saisie.")
    if digest != session.digest or digest != votes_digest(session.held_on, session.seats, votes):
        raise RegisterError("Cette empreinte n’est pas celle des votes saisis\u00a0: relisez la séance (show_session).")
    if RemovalCase.objects.filter(pk__in=votes, opened_by_id=by.pk).exists():
        raise RegisterError("Qui a ouvert une affaire n’en signe pas la décision\u00a0: une autre personne signe.")


def _state_after(case: RemovalCase, vote: Vote, held_on: date, day: date) -> CaseState:
    """The state a case comes to by its vote, on its file as it is at the signature."""
    standing = read_ground(case, day).standing
    block = decide_next(case, CaseState.DECIDED, standing, held_on).block
    if block and standing is Standing.CURED and case.state == CaseState.FORMAL:
        return CaseState.WITHDRAWN
    if block or vote.outcome is Outcome.NO_QUORUM:
        return CaseState(case.state)
    return CaseState.DECIDED if vote.outcome is Outcome.CARRIED else CaseState.DISMISSED


def _settle(by: AbstractBaseUser, session: CommissionSession, result: Result, day: date) -> None:
    case, target = result.case, result.state
    if case.state == target:
        return
    withdrawn = target is CaseState.WITHDRAWN
    case.state, case.moved_by_id = target.value, by.pk
    # The decision is of the session's day; from it the fifteen days of its letter are counted.
    case.since_on = day if withdrawn else session.held_on
    case.note = Standing.CURED.label if withdrawn else f"séance {session.number}"
    case.save(update_fields=["state", "moved_by", "since_on", "note"])


def _minutes(session: CommissionSession, results: list[Result], votes: Votes) -> Sheet:
    """The procès-verbal: members and numbers, and no name of an intermediary, so that it outlives every file."""
    present = sorted({code for choices in votes.values() for code in choices})
    names = dict(CommissionMember.objects.filter(code__in=present).values_list("code", "name"))
    return Sheet(
        heading=f"{settings.SITE_NAME} – Commission d’immatriculation",
        dated_on=session.held_on,
        title=f"Procès-verbal de la séance {session.number} du {day_in_words(session.held_on)}",
        paragraphs=(
            f"Membres en fonction\u00a0: {session.seats}. Présents\u00a0: {', '.join(names[c] for c in present)}.",
            "Le quorum est de la moitié des membres, sans compter ceux qui ont déclaré un intérêt\u202f; les décisions "
            "sont prises aux deux tiers des voix exprimées, sans procuration (CA R512-3 V).",
            *(line for result in results for line in _of_a_result(result, votes[result.case.pk], names)),
        ),
        references=(f"Procès-verbal {session.number}", f"Empreinte des votes\u00a0: {session.digest}"),
        closing=(
            f"Séance saisie par {session.prepared_by.get_username()}, signée par un second\u00a0: voir le registre.",
        ),
    )


def _of_a_result(result: Result, choices: Mapping[str, Choice], names: Mapping[str, str]) -> list[str]:
    case, vote = result.case, result.vote
    where = f", {case.registration.category}" if case.registration else ", toutes inscriptions"
    told = [
        f"Affaire {case.pk} – numéro ORIAS {case.intermediary.orias_number}{where} – {Ground(case.ground).label}.",
        f"- {counted(vote.votes_for, 'voix pour', 'voix pour')}, {vote.votes_against} contre, "
        f"{counted(vote.abstained, 'abstention')}, {counted(vote.sitting, 'membre siégeant', 'membres siégeant')}.",
    ]
    away = sorted(names[code] for code, choice in choices.items() if choice is Choice.CONFLICT)
    if away:
        told.append(f"- Intérêt déclaré, n’a pas siégé\u00a0: {', '.join(away)}.")
    return [*told, f"- {vote.outcome.label}. État de l’affaire\u00a0: {result.state.label.lower()}."]


def name_member(
    *, by: AbstractBaseUser, why: str, code: str, name: str, named_on: date, ends_on: date | None = None
) -> CommissionMember:
    """Name a member of the commission, for five years unless said otherwise (CA R512-3), or change until when.

    Who leaves gets a last day; sessions already held keep the seats they counted.
    """
    last = ends_on or named_on.replace(year=named_on.year + TERM_OF_OFFICE, day=min(named_on.day, 28))
    with recording(by=by, why=why):
        member, _ = CommissionMember.objects.update_or_create(
            code=code, defaults={"name": name, "named_on": named_on, "ends_on": last}
        )
        return member
