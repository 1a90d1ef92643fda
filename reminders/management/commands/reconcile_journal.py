"""Bring the ledger forward to the journal kept outside the database, after a restoration."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.console import Failed, WrongUse, acting_user, add_by, add_json, require, text_up_to
from registry.rules.french import counted, grouped
from reminders.config import engine_settings
from reminders.management.shared import BatchCommand, told_of
from reminders.rules.states import NoticeState
from reminders.sending.reconcile import Reconciled, reconcile


class Command(BatchCommand):
    """Read, verify, bring forward."""

    help = (
        "After a backup was restored, verify the whole journal of sent mails and bring the ledger forward to it: what "
        "left is ACCEPTED, what may have left UNCERTAIN, and neither is sent again. Running it twice changes nothing. "
        "Then open sending with resume_sending."
    )
    examples = """
  manage.py reconcile_journal --by alice --dry-run
  manage.py reconcile_journal --by alice
  manage.py reconcile_journal --journal-lost 'disque détruit le 3 mars' --by alice
"""

    def add_arguments(self, parser: CommandParser) -> None:
        """Which journal, who answers for it, and whether it is known to be lost."""
        add_by(parser)
        add_json(parser)
        parser.add_argument("--dir", type=Path, metavar="D", help="the journal's directory (default: JOURNAL_DIR)")
        parser.add_argument("--dry-run", action="store_true", help="tell what would be changed, and change nothing")
        parser.add_argument(
            "--journal-lost",
            type=text_up_to(300),
            metavar="REASON",
            help="go on although the journal is missing, short or damaged: why, on record with your name. "
            "Mails that only the lost part knew may then leave a second time",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Reconcile, then say what was done."""
        by = acting_user(options["by"])
        require(by, "reminders.stop_sending")
        engine = engine_settings()
        if options["dir"] and not options["dir"].is_dir():
            raise WrongUse(f"«\u00a0{options['dir']}\u00a0» n’est pas un dossier\u00a0: donnez celui du journal.")
        if options["journal_lost"] == "":
            raise WrongUse("--journal-lost\u00a0: dites pourquoi le journal est perdu\u00a0; la raison est gardée.")
        done = reconcile(
            directory=options["dir"] or engine.journal_dir,
            by=by,
            now=clock.now(),
            engine=engine,
            lost_reason=options["journal_lost"] or "",
            dry_run=options["dry_run"],
        )
        if options["json"]:
            self.print_json(done.report() | {"dry_run": options["dry_run"]})
        else:
            self._tell(done, dry_run=options["dry_run"])
        if done.brought.unknown:
            raise Failed(_who_is_missing(done.brought.unknown))

    def _tell(self, done: Reconciled, *, dry_run: bool) -> None:
        for chain in done.chains.values():
            torn = f", ligne coupée de {chain.torn} octets écartée" if chain.torn else ""
            kept = f", abîmé ({chain.damage})" if chain.damage else ""
            self.stdout.write(f"{chain.file}\u00a0: {counted(chain.end.sequence, 'écriture')}{torn}{kept}")
        brought = done.brought
        settled = ", ".join(told_of(NoticeState(s), n) for s, n in sorted(brought.states.items()))
        left, written, withdrawn = (grouped(n) for n in (done.intents, brought.written, brought.withdrawn))
        self.stdout.write(f"Départs au journal\u00a0: {left}. Remises à jour\u00a0: {settled or 'aucune'}.")
        self.stdout.write(f"Relances réécrites\u00a0: {written}\u00a0; en attente retirées\u00a0: {withdrawn}.")
        if brought.unlinked:
            self.stdout.write(
                f"Rectificatifs repris sans le message qu’ils rectifient, que le registre ne connaît pas\u00a0: "
                f"{brought.unlinked}."
            )
        if brought.nameless:
            self.stdout.write(
                f"Issues dont le départ est illisible et que le registre ne connaît pas\u00a0: "
                f"{grouped(brought.nameless)}. Voyez dans le relevé du serveur de messagerie à qui ces messages sont "
                "partis\u00a0: une nouvelle liste les compterait comme dus."
            )
        if dry_run:
            self.stdout.write("Essai\u00a0: rien n’a été écrit.")
        elif not brought.unknown:
            if brought.states:
                self.stdout.write(
                    "Les lots en cours sont en pause\u00a0: avant de les reprendre, voyez lesquels ont été arrêtés "
                    "depuis la sauvegarde."
                )
                again = "manage.py read_bounces --again"
                self.stdout.write(
                    f"Les retours lus depuis la sauvegarde sont oubliés\u00a0; pour les relire\u00a0: {again}"
                )
            self.stdout.write("Pour rouvrir les envois\u00a0: manage.py resume_sending --by NOM")


def _who_is_missing(unknown: list[str]) -> str:
    shown = ", ".join(unknown[:10]) + (" …" if len(unknown) > 10 else "")  # noqa: PLR2004
    return (
        f"Le registre ne connaît pas {len(unknown)} des destinataires du journal ({shown})\u00a0: la restauration les "
        "a perdus. Importez de nouveau le registre (import_register), puis relancez reconcile_journal."
    )
