"""What the pages of the commission show: the cases a session may take, votes as a form holds them, votes counted."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Subquery

from registry.actions.sessions import Votes
from registry.kept import reference_of
from registry.models import Ballot, CommissionMember, CommissionSession, ReferenceVersion, RemovalCase, Resolution
from registry.removals import next_steps
from registry.rules.commission import Choice, Vote, count_vote
from registry.rules.removals import CaseState, Ground, refusal_in_words

MOST_CASES = 40
"""A session of the form takes so many; a longer one is for record_session."""


@dataclass(frozen=True, slots=True)
class OnAgenda:
    """A case that was put on formal notice: whether a session of that day may decide it, and if not, why."""

    case: RemovalCase
    ground: Ground
    block: str


@dataclass(frozen=True, slots=True)
class Voted:
    """A case with its votes: each member's word, and what they come to."""

    case: Any
    ground: Ground
    choices: tuple[tuple[str, Choice], ...]
    vote: Vote


def agenda_of(day: date) -> list[OnAgenda]:
    """The cases on formal notice, by age, each judged on that day."""
    version = Subquery(ReferenceVersion.objects.filter(id=1).values("version"))
    waiting = RemovalCase.objects.filter(state=CaseState.FORMAL.value).annotate(reference_version=version)
    people = ("intermediary__merged_into", "registration", "opened_by")
    cases = list(waiting.select_related(*people).order_by("since_on", "id")[:MOST_CASES])
    if not cases:
        return []
    steps = next_steps(cases, day, reference=reference_of(cases[0].reference_version))
    return [OnAgenda(case, Ground(case.ground), refusal_in_words(steps[case.pk].decision)) for case in cases]


def members_on(day: date) -> list[CommissionMember]:
    """The members in office on a day: the seats of a session."""
    return list(CommissionMember.objects.filter(named_on__lte=day, ends_on__gte=day).order_by("name", "id"))


def votes_in(form: Mapping[str, str], cases: Iterable[int], codes: Iterable[str]) -> Votes:
    """What the form says of these cases; who is left out was not there, a case without any voice was not examined."""
    known = list(codes)
    votes = {pk: {code: said for code in known if (said := _choice(form, pk, code))} for pk in cases}
    return {pk: choices for pk, choices in votes.items() if choices}


def _choice(form: Mapping[str, str], pk: int, code: str) -> Choice | None:
    said = form.get(f"v-{pk}-{code}", "")
    return Choice(said) if said in Choice.__members__ else None


def voted(session: CommissionSession) -> list[Voted]:
    """The votes of a session as their rows stand, by case: two queries."""
    resolutions = Resolution.objects.filter(session=session).select_related("case__intermediary", "case__registration")
    ballots: dict[int, list[tuple[str, Choice]]] = {}
    rows = Ballot.objects.filter(resolution__session=session).order_by("member__name", "member_id")
    for pk, name, choice in rows.values_list("resolution__case", "member__name", "choice"):
        ballots.setdefault(pk, []).append((name, Choice(choice)))
    return [
        counted_case(one.case, ballots.get(one.case_id, []), session.seats) for one in resolutions.order_by("case_id")
    ]


def counted_case(case: RemovalCase, choices: Iterable[tuple[str, Choice]], seats: int) -> Voted:
    """A case with its votes counted."""
    said = tuple(choices)
    return Voted(case, Ground(case.ground), said, count_vote(seats, (choice for _, choice in said)))
