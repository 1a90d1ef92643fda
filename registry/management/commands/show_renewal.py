"""Show where the renewals of an intermediary stand, and what is to be confirmed."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.arguments import orias_number
from registry.management.console import Failed, RegisterCommand, add_json
from registry.management.renewals import add_year, in_words, plain_renewal, plain_request, year_of
from registry.models import RenewalRequest
from registry.renewals import Prefilled, prefill_request, renewals_of
from registry.rules.prefill import AnswerState
from registry.rules.renewals import Renewal, RenewalState


class Command(RegisterCommand):
    """Show them."""

    help = (
        "Show the renewal requests of an intermediary: each item with its state and why, and what has changed since it "
        "last filed."
    )
    examples = "  manage.py show_renewal 07001003 --year 2027 --json"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which year."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        add_year(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, look, tell."""
        day = clock.local_day(clock.now())
        number, year = options["orias_number"], year_of(options, day)
        requests = {r.registration.category: r for r in _requests(number, year)}
        if not requests:
            raise Failed(f"Aucune demande {year} pour {number}\u00a0: open_renewals {year} --apply les ouvre.")
        person = next(iter(requests.values())).registration.intermediary_id
        told = [
            (requests[r.category], r, prefill_request(requests[r.category]))
            for r in renewals_of([person], year=year, day=day)[person]
        ]
        if options["json"]:
            self.print_json([plain_request(q) | plain_renewal(r) | _plain_answers(p) for q, r, p in told])
            return
        for request, renewal, prefilled in told:
            self._tell(request, renewal, prefilled)

    def _tell(self, request: RenewalRequest, renewal: Renewal, prefilled: Prefilled) -> None:
        state = RenewalState(request.state).label
        self.stdout.write(f"{renewal.category} {renewal.year}\u00a0: {renewal.state.label} (demande\u00a0: {state})")
        self.stdout.write("\n".join(in_words(renewal)))
        changed = [a for a in prefilled.answers if a.state is AnswerState.CHANGED]
        if prefilled.since is None:
            self.stdout.write("  Jamais confirmé\u00a0: tout est à relire.")
        for answer in changed:
            moved = f"{answer.label} ({answer.then} → {answer.now})"
            self.stdout.write(f"  Modifié depuis la dernière demande\u00a0: {moved}")


def _requests(number: str, year: int) -> list[RenewalRequest]:
    mine = RenewalRequest.objects.filter(registration__intermediary__orias_number=number, campaign__year=year)
    return list(mine.select_related("registration__intermediary", "campaign"))


def _plain_answers(prefilled: Prefilled) -> dict[str, Any]:
    answers = [
        {"field": a.field, "label": a.label, "state": a.state, "now": a.now, "then": a.then} for a in prefilled.answers
    ]
    return {"confirmed_at": prefilled.since, "answers": answers}
