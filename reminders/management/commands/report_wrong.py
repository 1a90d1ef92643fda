"""Take a caller's word that a reminder was wrong, and check it."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.management.arguments import orias_number
from registry.management.console import acting_user, add_by, add_json, require
from reminders.config import engine_settings
from reminders.management.shared import BatchCommand
from reminders.planning.reports import correction_of, last_mailed, record_report
from reminders.rules.reports import ReportSource, ReportVerdict

SAID = {
    ReportVerdict.WRONG: "Rien n’était attendu au départ du courriel\u00a0: relance à tort. Présentez nos excuses.",
    ReportVerdict.COMPLETED_SINCE: "Le dossier est complet aujourd’hui\u00a0; il ne l’était pas au départ du courriel.",
    ReportVerdict.STILL_DUE: "Le registre attend encore une pièce\u00a0: voyez explain pour la nommer.",
}


class Command(BatchCommand):
    """The hotline's way to report."""

    help = (
        "Record that somebody on the phone calls their latest reminder wrong, and check it against the file as the "
        "register holds it. Two that are true stop the release at once."
    )
    examples = "  manage.py report_wrong 07001003 --by hugo"

    def add_arguments(self, parser: CommandParser) -> None:
        """Who calls and who answers."""
        parser.add_argument(
            "orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="the caller's number, eight digits"
        )
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the mail, record, answer."""
        by = acting_user(options["by"])
        require(by, "reminders.add_wrongreport")
        notice = last_mailed(options["orias_number"])
        limits = engine_settings().watch
        report = record_report(notice_id=notice.pk, source=ReportSource.HOTLINE, limits=limits, now=clock.now(), by=by)
        notice.batch.refresh_from_db()
        if options["json"]:
            told = {"notice": notice.pk, "batch": notice.batch_id, "state": notice.batch.state}
            self.print_json(told | {"verdict": report.verdict, "facts": report.facts})
            return
        self.stdout.write(SAID[ReportVerdict(report.verdict)])
        if correction := correction_of(notice):
            self.stdout.write(f"Un rectificatif l’a suivi (lot {correction.batch_id})\u00a0: il ne se signale pas.")
        if notice.batch.pause_reason:
            self.stdout.write(f"Lot {notice.batch_id} en pause\u00a0: {notice.batch.pause_detail}.")
