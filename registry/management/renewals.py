"""What the commands on renewal requests share: their arguments, and how a request is told."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any, ClassVar

from django.core.management.base import CommandParser

from registry.management.arguments import YEARS, iso_day, orias_number
from registry.management.console import RegisterCommand, add_by, add_json, whole_number
from registry.models import RenewalRequest
from registry.renewals import renewals_of
from registry.rules.categories import Category
from registry.rules.problems import shown
from registry.rules.renewals import Renewal, RenewalState

PERMISSION = "registry.change_registration"
LATEST_MONTH = 6
"""Up to June one means the campaign of the year; from July on that of the next."""


class RequestCommand(RegisterCommand):
    """A command on the request of one registration in one campaign."""

    day_argument: ClassVar[tuple[str, str]] = ("", "")

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose request, by whom, and the one day that the act is about."""
        add_request(parser)
        if self.day_argument[0]:
            flag, meaning = self.day_argument
            parser.add_argument(flag, type=iso_day, required=True, metavar="DAY", help=meaning)
        parser.add_argument("--reason", default="", metavar="TEXT", help="why, for the record")
        add_by(parser)
        add_json(parser)

    def tell(self, request: RenewalRequest, day: date, options: Mapping[str, Any]) -> None:
        """Say where the renewal stands after the act."""
        category = Category(request.registration.category)
        renewals = renewals_of([request.registration.intermediary_id], year=request.campaign.year, day=day)
        [mine] = [r for one in renewals.values() for r in one if r.category is category]
        if options["json"]:
            self.print_json(plain_request(request) | plain_renewal(mine))
            return
        number = request.registration.intermediary.orias_number
        self.stdout.write(f"{number} {category} {request.campaign.year}\u00a0: {RenewalState(request.state).label}.")
        self.stdout.write("\n".join(in_words(mine)))


def add_request(parser: CommandParser) -> None:
    """The number, the category, the year."""
    parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
    names = [c.value for c in Category]
    parser.add_argument("--category", choices=names, required=True, help="which registration")
    add_year(parser)


def add_year(parser: CommandParser) -> None:
    """`--year`, read with `year_of`."""
    year = whole_number(YEARS[0], YEARS[-1])
    parser.add_argument("--year", type=year, metavar="YEAR", help="the campaign (default: the one of these months)")


def year_of(options: Mapping[str, Any], day: date) -> int:
    """The campaign asked for, or the one that people mean on that day."""
    return options["year"] or day.year + (day.month > LATEST_MONTH)


def euros(text: str) -> int:
    """A sum for argparse, in euro cents: "25", "25,00", "25.50"."""
    said = f"«\u00a0{shown(text)}\u00a0»"
    try:
        cents = Decimal(text.replace(",", ".")) * 100
    except InvalidOperation:
        raise ArgumentTypeError(f"{said} n’est pas un montant\u00a0: écrivez-le comme 25,00") from None
    if not cents.is_finite() or cents != cents.to_integral_value() or not 0 < cents < 10**8:
        raise ArgumentTypeError(f"{said} n’est pas un montant en euros et centimes\u00a0: écrivez-le comme 25,00")
    return int(cents)


def plain_request(request: RenewalRequest) -> dict[str, Any]:
    """A request for scripts."""
    return {
        "orias_number": request.registration.intermediary.orias_number,
        "category": request.registration.category,
        "year": request.campaign.year,
        "request_state": request.state,
        "channel": request.channel or None,
        "filed_on": request.filed_on,
        "entered_on": request.entered_on,
        "fee_cents": request.fee_cents,
        "paid_on": request.paid_on,
    }


def plain_renewal(renewal: Renewal) -> dict[str, Any]:
    """A renewal for scripts, item by item."""
    items = [
        {
            "kind": item.kind,
            "state": item.state,
            "state_label": item.state.label,
            "due_on": item.due_on,
            "reasons": [{"code": reason, "label": reason.label} for reason in item.reasons],
        }
        for item in renewal.items
    ]
    return {"state": renewal.state, "state_label": renewal.state.label, "items": items}


def in_words(renewal: Renewal) -> list[str]:
    """A renewal for people, one item a line."""
    return [
        f"  {item.kind.label}\u00a0: {item.state.label}"
        + (f" avant le {item.due_on}" if item.due_on else "")
        + f" ({', '.join(reason.label for reason in item.reasons)})"
        for item in renewal.items
    ]
