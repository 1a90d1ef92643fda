"""Record a file that came to us otherwise than on line, and attach it to a certificate."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

from django.core.management.base import CommandParser

from registry import clock
from registry.actions.documents import attach_document
from registry.intake.papers import receive_document
from registry.management.arguments import orias_number
from registry.management.console import (
    Failed,
    RegisterCommand,
    acting_user,
    add_by,
    add_json,
    require,
    require_readable,
    whole_number,
)
from registry.management.reviews import BIGGEST, PERMISSION, find_cover
from registry.models import Document, Intermediary
from registry.models.cover import Channel
from registry.papers import store
from registry.rules.documents import DocumentFault, DocumentState


class Command(RegisterCommand):
    """Record it."""

    help = (
        "Record a scanned letter or a file that came by mail: PDF, JPEG or PNG, checked in a process of its own. "
        "--cover attaches it to a certificate under review as its evidence."
    )
    examples = "  manage.py receive_document 07001003 attestation.pdf --cover 4711 --by alice"

    def add_arguments(self, parser: CommandParser) -> None:
        """Whose, which file, for which certificate."""
        parser.add_argument("orias_number", type=orias_number, metavar="ORIAS_NUMBER", help="eight digits")
        parser.add_argument("file", type=Path, metavar="FILE", help="PDF, JPEG or PNG, up to 10 MB and 50 pages")
        parser.add_argument("--cover", type=whole_number(1, BIGGEST), metavar="ID", help="the certificate it proves")
        add_by(parser)
        add_json(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Read the clock, check and record, tell."""
        by = acting_user(options["by"])
        require(by, PERMISSION)
        require_readable(options["file"])
        whose = Intermediary.objects.filter(orias_number=options["orias_number"]).first()
        if whose is None:
            raise Failed(f"Le registre ne connaît pas le numéro {options['orias_number']}\u00a0: vérifiez-le.")
        cover = find_cover(options["cover"]) if options["cover"] else None
        now = clock.now()
        with store.scratch() as copy:
            shutil.copyfile(options["file"], copy)
            document = receive_document(
                by=by,
                why="pièce reçue hors ligne",
                now=now,
                intermediary=whose,
                name=options["file"].name,
                source=copy,
                channel=Channel.PAPER,
            )
        if cover and document.state != DocumentState.BROKEN:
            attach_document(
                by=by, why="pièce reçue hors ligne", day=clock.local_day(now), cover=cover, document=document
            )
        self._tell(document, options)

    def _tell(self, document: Document, options: dict[str, Any]) -> None:
        state, fault = DocumentState(document.state), document.fault
        if options["json"]:
            self.print_json({"document": document.pk, "state": state, "fault": fault or None, "kind": document.kind})
        else:
            self.stdout.write(f"Document {document.pk}\u00a0: {state.label}.")
        if fault:
            raise Failed(DocumentFault(fault).label)
