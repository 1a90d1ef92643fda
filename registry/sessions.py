"""Sessions of the commission as their rows stand: each vote, and what it comes to."""

from __future__ import annotations

from typing import Any

from registry.models import Ballot, CommissionSession
from registry.rules.commission import Choice, count_vote


def votes_of(session: CommissionSession) -> dict[int, dict[str, Choice]]:
    """The votes of a session as their rows are."""
    found: dict[int, dict[str, Choice]] = {pk: {} for pk in session.resolutions.values_list("case", flat=True)}
    rows = Ballot.objects.filter(resolution__session=session).order_by("member__code")
    for pk, code, choice in rows.values_list("resolution__case", "member__code", "choice"):
        found[pk][code] = Choice(choice)
    return found


def plain_session(session: CommissionSession) -> dict[str, Any]:
    """A session as plain data, with what each vote comes to; `digest` is what its signature is bound to."""
    votes = votes_of(session)
    states = dict(session.resolutions.values_list("case", "case__state"))
    return {
        "session": session.number,
        "held_on": session.held_on,
        "seats": session.seats,
        "digest": session.digest,
        "signed": session.signed_by_id is not None,
        "minutes_sha256": session.minutes_sha256 or None,
        "cases": [
            {
                "case": pk,
                "outcome": (vote := count_vote(session.seats, choices.values())).outcome,
                "outcome_label": vote.outcome.label,
                "sitting": vote.sitting,
                "for": vote.votes_for,
                "against": vote.votes_against,
                "abstained": vote.abstained,
                "conflict": vote.conflicts,
                "state": states[pk],
            }
            for pk, choices in sorted(votes.items())
        ],
    }
