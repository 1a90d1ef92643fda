"""Make a test key, with numbers of its own."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.sandbox_outcomes import Outcome, TestKind, numbers_of
from api.sandbox_world import add_test_key, make_test_key
from registry.management.console import RegisterCommand, add_json


class Command(RegisterCommand):
    """`create_test_key NAME`."""

    help = (
        "Make an account of the sandbox with a test key, shown this once, and numbers of its own that force each "
        "outcome. For DJANGO_SETTINGS_MODULE=settings.sandbox only; prepare_sandbox comes first."
    )
    examples = """
  DJANGO_SETTINGS_MODULE=settings.sandbox manage.py create_test_key cabinet-durand
  DJANGO_SETTINGS_MODULE=settings.sandbox manage.py create_test_key mutuelle-ouest --as issuer
  DJANGO_SETTINGS_MODULE=settings.sandbox manage.py create_test_key cabinet-durand --another
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, and as whom."""
        parser.add_argument("name", metavar="NAME", help="the account to make")
        kinds = [kind.value for kind in TestKind]
        parser.add_argument("--as", dest="kind", choices=kinds, default="intermediary", help="whom it stands for")
        parser.add_argument(
            "--another", action="store_true", help="another key for an account made before; its numbers stay"
        )
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Make it, show it."""
        if options["another"]:
            key, token = add_test_key(name=options["name"])
            numbers = {Outcome(one["outcome"]): one["orias_number"] for one in numbers_of(key.holder)}
        else:
            key, token, numbers = make_test_key(name=options["name"], kind=TestKind(options["kind"]))
        if options["json"]:
            told = {"id": key.key_id, "holder": options["name"], "token": token}
            self.print_json(told | {"numbers": {outcome.name: number for outcome, number in numbers.items()}})
            return
        self.stdout.write(f"Clé d’essai, affichée cette seule fois\u00a0: {token}")
        tell_numbers(self, numbers)


def tell_numbers(command: RegisterCommand, numbers: dict[Outcome, str]) -> None:
    """Each number with what it stands for."""
    for outcome, number in numbers.items():
        command.stdout.write(f"  {number}  {outcome.label}")
