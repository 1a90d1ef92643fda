"""What the commands about memberships and mandates share."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry.management.arguments import orias_number
from registry.management.console import Failed
from registry.models import FilingBody, Registration
from registry.rules.categories import Category
from registry.rules.problems import shown


def add_parties(parser: CommandParser) -> None:
    """Give a command the registration and the body."""
    parser.add_argument("number", type=orias_number, metavar="ORIAS_NUMBER", help="whose")
    parser.add_argument("category", choices=[c.value for c in Category], help="which registration")
    parser.add_argument("body", metavar="BODY", help="code of the association or principal")


def parties(options: dict[str, Any]) -> tuple[Registration, FilingBody]:
    """The registration and the body that were named. Raises Failed."""
    number, category, code = options["number"], options["category"], options["body"]
    registration = Registration.objects.filter(intermediary__orias_number=number, category=category).first()
    if registration is None:
        raise Failed(f"{number} n’a pas d’inscription {category} au registre\u00a0: vérifiez le numéro.")
    body = FilingBody.objects.filter(code=code).first()
    if body is None:
        raise Failed(f"Aucun organisme de code «\u00a0{shown(code)}\u00a0»\u00a0: créez-le avec record_body.")
    return registration, body
