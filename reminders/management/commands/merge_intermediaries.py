"""Merge two numbers that are one person: previewed, then signed by two people."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions import merge_intermediaries
from registry.management.arguments import orias_number
from registry.management.console import Failed, WrongUse, acting_user, add_json, require, text_up_to
from registry.merges import merge_told, preview_merge
from registry.rules.french import counted
from reminders.management.shared import BatchCommand
from reminders.planning.merging import told_of_merge

SIGNS, APPROVES = "registry.change_intermediary", "registry.approve_intermediarymerge"
_PARTS = {
    "registrations": ("inscription", "inscriptions"),
    "covers": ("attestation", "attestations"),
    "contacts": ("contact", "contacts"),
    "documents": ("document", "documents"),
    "numbers": ("numéro fusionné auparavant", "numéros fusionnés auparavant"),
}


class Command(BatchCommand):
    """Preview, or merge."""

    help = (
        "Merge DROP into KEEP, two numbers of one person. Without --apply nothing is written: what moves, what stays, "
        "what stands against it (then the exit code is 1) and the notices under way are shown, with a hash. With it "
        "two people sign exactly that preview. The number given up leads to the one kept and is never used again; what "
        "was sent stays where it was sent. undo_merge undoes it within thirty days."
    )
    examples = """
  manage.py merge_intermediaries 07001003 07004711
  manage.py merge_intermediaries 07001003 07004711 --apply --hash H --reason 'inscrit deux fois' --by alice \\
      --approved-by bruno
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which two; who signs."""
        parser.add_argument("keep", type=orias_number, metavar="KEEP", help="the number that stays")
        parser.add_argument("drop", type=orias_number, metavar="DROP", help="the number that will lead to it")
        parser.add_argument("--apply", action="store_true", help="merge; without this it is only shown")
        parser.add_argument("--hash", metavar="H", help="the hash of the preview that both have read")
        parser.add_argument("--reason", type=text_up_to(500), metavar="TEXT", help="why, for the record")
        parser.add_argument("--by", metavar="USER", help="who signs")
        parser.add_argument("--approved-by", metavar="USER", help="the second person")
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, make one call, tell."""
        if options["apply"]:
            self._apply(options)
            return
        told = told_of_merge(preview_merge(options["keep"], options["drop"]))
        if options["json"]:
            self.print_json(told)
        else:
            self.stdout.write("\n".join(_in_words(told)))
        if not told["possible"]:
            raise Failed("Rien ne peut être fusionné tel quel\u00a0: levez ce qui s’y oppose, puis recommencez.")

    def _apply(self, options: dict[str, Any]) -> None:
        missing = [
            f"--{name.replace('_', '-')}" for name in ("hash", "reason", "by", "approved_by") if not options[name]
        ]
        if missing:
            raise WrongUse(f"Il manque {', '.join(missing)}\u00a0: deux personnes signent l’aperçu qu’elles ont lu.")
        by, approved_by = acting_user(options["by"]), acting_user(options["approved_by"])
        require(by, SIGNS)
        require(approved_by, APPROVES)
        now = clock.now()
        merge = merge_intermediaries(
            by=by,
            approved_by=approved_by,
            why=options["reason"],
            now=now,
            day=clock.local_day(now),
            keep=options["keep"],
            drop=options["drop"],
            preview_hash=options["hash"],
        )
        told = merge_told(merge, now)
        if options["json"]:
            self.print_json(told)
            return
        until = str(told["undo_until"])[:10]
        self.stdout.write(
            f"{options['drop']} est fusionné avec {options['keep']}. Pour revenir en arrière jusqu’au {until}\u00a0: "
            f"undo_merge {merge.pk}"
        )


def _in_words(told: dict[str, Any]) -> list[str]:
    keep, drop = told["keep"], told["drop"]
    lines = [
        f"Gardé\u00a0:     {keep['orias_number']} {keep['name']}",
        f"Abandonné\u00a0: {drop['orias_number']} {drop['name']}",
    ]
    if not told["possible"]:
        return [*lines, "Fusion impossible\u00a0:", *(f"  {_conflict(one)}" for one in told["conflicts"])]
    moves = [counted(len(told["moves"][name]), *words) for name, words in _PARTS.items() if told["moves"][name]]
    lines.append(f"Passe à {keep['orias_number']}\u00a0: {', '.join(moves) or 'rien'}.")
    lines += [f"  {name} repris\u00a0: {value}" for name, value in told["moves"]["filled"].items() if value]
    stays = [counted(len(keys), *_PARTS[name]) for name, keys in told["stays"].items() if keys]
    lines += [f"Reste à {drop['orias_number']}\u00a0: {', '.join(stays)}."] if stays else []
    lines += [_notice(one) for one in told["under_way"]]
    lines += [f"Déjà dit sous l’un des deux numéros, et pas redit\u00a0: {', '.join(told['waves_of_both'])}."] * bool(
        told["waves_of_both"]
    )
    return [*lines, f"Empreinte\u00a0: {told['hash']}", "Rien n’est écrit. Pour fusionner\u00a0: --apply --hash …"]


def _conflict(one: dict[str, Any]) -> str:
    return f"{one['label']} ({one['category']})" if one["category"] else str(one["label"])


def _notice(one: dict[str, Any]) -> str:
    fate = "sera écartée au moment de l’envoi" if one["withdrawn"] else "sera jugée de nouveau au moment de l’envoi"
    return f"Relance {one['notice']} du lot {one['batch']} ({one['orias_number']}, {one['state_label']})\u00a0: {fate}."
