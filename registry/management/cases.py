"""What the commands on removal cases share: their arguments, and how a case is told."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.core.management.base import CommandParser

from registry.management.arguments import orias_number
from registry.management.console import Failed, RegisterCommand, add_by, add_json, text_up_to, whole_number
from registry.models import Intermediary, Registration, RemovalCase
from registry.removals import plain_case
from registry.rules.categories import Category
from registry.rules.removals import CaseState

OPEN_PERMISSION = "registry.change_registration"
SIGN_PERMISSION = "registry.sign_removal"
PURGE_PERMISSION = "registry.purge_files"

case_number = whole_number(1, 2**31 - 1)


class CaseCommand(RegisterCommand):
    """A command that does one thing to one case and tells where it stands."""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which case, why, by whom."""
        parser.add_argument(
            "case", type=case_number, metavar="ID", help="number of the case (removal_cases lists them)"
        )
        parser.add_argument("--reason", type=text_up_to(500), default="", metavar="TEXT", help="why, for the record")
        add_by(parser)
        add_json(parser)

    def tell(self, case: RemovalCase, day: date, options: Mapping[str, Any]) -> None:
        """Say where the case stands after the act; a case that the act withdrew instead fails the command."""
        told = plain_case(case, day)
        if options["json"]:
            self.print_json(told)
        else:
            self.stdout.write(in_one_line(told))

    def require_not_withdrawn(self, case: RemovalCase) -> None:
        """Raises Failed where the act found the file back in good standing, and withdrew the case."""
        if case.state == CaseState.WITHDRAWN:
            raise Failed(f"L’affaire {case.pk} est retirée\u00a0: {case.note}. Aucune étape n’a été faite.")


def find_case(number: int) -> RemovalCase:
    """The case of that number. Raises Failed where there is none."""
    found = RemovalCase.objects.select_related("intermediary", "registration").filter(pk=number).first()
    if found is None:
        raise Failed(f"Aucune affaire {number}\u00a0: removal_cases en donne la liste.")
    return found


def find_person(number: str) -> Intermediary:
    """The intermediary of that number. Raises Failed where there is none."""
    found = Intermediary.objects.filter(orias_number=number).first()
    if found is None:
        raise Failed(f"Le numéro ORIAS {number} n’est pas au registre\u00a0: vérifiez ses huit chiffres.")
    return found


def find_registration(person: Intermediary, category: str) -> Registration:
    """Its registration in a category. Raises Failed where there is none."""
    found = Registration.objects.filter(intermediary=person, category=category).first()
    if found is None:
        raise Failed(f"{person.orias_number} n’a jamais été inscrit en {category}.")
    return found


def add_person(parser: CommandParser) -> None:
    """The number, and `--category` or `--person`."""
    parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
    whom = parser.add_mutually_exclusive_group(required=True)
    whom.add_argument("--category", choices=[c.value for c in Category], help="which registration")
    whom.add_argument("--person", action="store_true", help="the person, struck off with every registration")


def in_one_line(told: Mapping[str, Any]) -> str:
    """A case for people."""
    what = told["category"] or "radiation"
    line = (
        f"Affaire {told['case']} – {told['orias_number']} {what} – {told['ground_label']}\u00a0: {told['state_label']}"
    )
    line += f" (depuis le {told['since_on']})."
    if told["next"]:
        when = told["block_label"] or "possible aujourd’hui."
        line += f" Ensuite\u00a0: {CaseState(told['next']).label.lower()}, {when}"
    if told["late_since"]:
        line += f" EN RETARD\u00a0: la décision devait être notifiée avant le {told['late_since']}."
    return line
