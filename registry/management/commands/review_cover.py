"""Accept a certificate, refuse it for a coded reason, or ask for a correction."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import CommandParser

from registry import clock
from registry.actions import accept_cover, ask_correction, refuse_cover
from registry.management.console import RegisterCommand, WrongUse, acting_user, add_by, add_json, require
from registry.management.reviews import PERMISSION, add_cover, add_reason, find_cover, plain_row, reason_in_words, told
from registry.models import Cover
from registry.reviews import clocks_of, rows_of
from registry.rules.reviews import ReviewReason


class Command(RegisterCommand):
    """Decide."""

    help = (
        "Decide on a certificate under review. refuse and ask take the code of a reason, which its intermediary reads "
        "as a text with what to do; ask sends it back and stops the two months until the answer; show only looks."
    )
    examples = """
  manage.py review_cover 4711 show
  manage.py review_cover 4711 accept --by alice
  manage.py review_cover 4711 refuse --reason OLD_PERIOD --by alice
  manage.py review_cover 4711 ask --reason UNREADABLE --note 'la page 2 est coupée' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which, what, why."""
        add_cover(parser)
        parser.add_argument("act", choices=["show", "accept", "refuse", "ask"], help="what to do with it")
        add_reason(parser)
        add_by(parser, required=False)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        cover = find_cover(options["cover"])
        if options["act"] != "show":
            self._decide(cover, options)
        cover.refresh_from_db()
        day = clock.local_day(clock.now())
        [row] = rows_of([cover.pk], clocks_of([(cover.pk, cover.deposited_on)], day))
        if options["json"]:
            self.print_json(plain_row(row) | {"status": cover.status})
            return
        self.stdout.write(f"{told(cover)}.")
        if options["reason"]:
            self.stdout.write(f"  Dit à l’intermédiaire\u00a0: {reason_in_words(options['reason'])} {options['note']}")
        for finding in row.findings:
            self.stdout.write(f"  {finding.level.label}\u00a0: {finding.in_words[0]}")

    def _decide(self, cover: Cover, options: dict[str, Any]) -> None:
        if not options["by"]:
            raise WrongUse("Une décision a un auteur\u00a0: ajoutez --by.")
        if (options["act"] == "accept") is not (options["reason"] is None):
            raise WrongUse("Un refus ou une demande donne un motif (--reason), une acceptation n’en donne pas.")
        by = acting_user(options["by"])
        require(by, PERMISSION)
        _act(options["act"], cover, by, options)


def _act(act: str, cover: Cover, by: User, options: dict[str, Any]) -> None:
    day = clock.local_day(clock.now())
    if act == "accept":
        accept_cover(by=by, why=options["note"] or "attestation acceptée", day=day, cover=cover)
        return
    reason, note = ReviewReason(options["reason"]), options["note"]
    if reason is ReviewReason.OTHER and not note.strip():
        raise WrongUse("Le motif OTHER demande une précision\u00a0: ajoutez --note.")
    write = refuse_cover if act == "refuse" else ask_correction
    write(by=by, why=note or reason.label, day=day, cover=cover, reason=reason, note=note)
