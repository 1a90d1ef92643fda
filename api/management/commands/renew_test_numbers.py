"""Give an account of the sandbox its numbers anew."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from api.management.commands.create_test_key import tell_numbers
from api.sandbox_world import account_of_trials, give_numbers
from registry.management.console import RegisterCommand, add_json


class Command(RegisterCommand):
    """`renew_test_numbers NAME`."""

    help = (
        "Give an account of the sandbox a fresh set of test numbers in place of those that its trials have changed. "
        "Its keys stay; create_test_key NAME --another gives it another. For DJANGO_SETTINGS_MODULE=settings.sandbox "
        "only."
    )
    examples = "  DJANGO_SETTINGS_MODULE=settings.sandbox manage.py renew_test_numbers cabinet-durand"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose."""
        parser.add_argument("name", metavar="NAME", help="the account of the test key")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Give them."""
        numbers = give_numbers(account_of_trials(options["name"]))
        if options["json"]:
            self.print_json({"numbers": {outcome.name: number for outcome, number in numbers.items()}})
            return
        tell_numbers(self, numbers)
