"""Turn sending on again: a person's act, and where the database is another than the one armed, only once its ledger
has been reconciled with the journal (I13)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from uuid import uuid4

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import transaction

from registry.rules.labels import LabelledEnum
from reminders.config import EngineSettings
from reminders.errors import ReminderError
from reminders.models import SenderIdentity, StopSwitch
from reminders.models.batch import PauseReason
from reminders.planning import switch
from reminders.planning.approval import hold_all
from reminders.rules.sender import OF_THIS_MACHINE, Disarmed, Owner, is_read_to_its_end
from reminders.sending.identity import examine, examine_journal, load_armed, marks, this_place
from reminders.sending.journal import chains, files_of, nobody_writes
from reminders.sending.memory import read_owner, write_epoch_file, write_owner
from reminders.sending.reconcile import require_departures_known

_REARMED_BY_A_PERSON = frozenset(
    {
        Disarmed.NO_IDENTITY,
        Disarmed.OTHER_DATABASE,
        Disarmed.OTHER_TIMELINE,
        Disarmed.ROW_RESTORED,
        Disarmed.GONE_BACK,
        Disarmed.JOURNAL_OF_ANOTHER,
    }
)


class Resumed(LabelledEnum):
    """What it took to turn sending on."""

    WAS_OPEN = "WAS_OPEN", "Les envois étaient déjà ouverts\u00a0: rien n’a changé", "Sending was open: nothing changed"
    OPENED = "OPENED", "Envois rouverts", "Sending is open again"
    ENROLLED = (
        "ENROLLED",
        "Envois rouverts\u00a0; cette machine a reçu l’identité de l’expéditeur. Les lots en cours sont en "
        "pause\u00a0: avant de les reprendre, assurez-vous que la base n’a pas été restaurée",
        "Sending is open again; this machine was given the sender's identity. Batches under way are held: before you "
        "resume them, make sure that the database was not restored",
    )
    ARMED = (
        "ARMED",
        "Envois rouverts\u00a0; cette base est désormais la seule à envoyer, depuis cette machine. Les lots qu’elle "
        "croit en cours sont en pause\u00a0: avant de les reprendre, voyez lesquels ont été arrêtés depuis la "
        "sauvegarde",
        "Sending is open again; this database is now the only one that sends, from this machine. The batches that it "
        "believes under way are held: before you resume them, see which were stopped since the backup",
    )


def resume_sending(*, by: AbstractBaseUser, now: datetime, engine: EngineSettings) -> Resumed:
    """Open sending; arm this database or enrol this machine where need be.

    Raises ReminderError where the journal stands against it.
    """
    resumed = _rearm(by=by, now=now, engine=engine)
    if resumed is Resumed.OPENED and StopSwitch.objects.filter(stopped=False).exists():
        return Resumed.WAS_OPEN
    switch.resume_sending(by=by, now=now)
    return resumed


def _rearm(*, by: AbstractBaseUser, now: datetime, engine: EngineSettings) -> Resumed:
    trouble = examine(engine)
    if trouble is None or trouble.why in OF_THIS_MACHINE:
        require_departures_known(engine)
    if trouble is None:
        return Resumed.OPENED
    if trouble.why in OF_THIS_MACHINE:
        # A backup that is put back a second time, or where no file is, looks like a machine that is new here. They are
        # held before it is given anything: what cuts this off must not leave it sending.
        hold_all(reason=PauseReason.RESTORED, by=by)
        enrol(engine)
        return Resumed.ENROLLED
    if trouble.why not in _REARMED_BY_A_PERSON:
        raise ReminderError(f"Les envois restent arrêtés\u00a0: {trouble}")
    _require_reconciled(engine)
    with transaction.atomic():
        # What was paused, cancelled or corrected since the backup is not known here: nothing goes on by itself.
        hold_all(reason=PauseReason.RESTORED, by=by)
        arm(engine, by=by, now=now)
    return Resumed.ARMED


def _require_reconciled(engine: EngineSettings) -> None:
    if trouble := examine_journal(engine):
        raise ReminderError(f"Les envois restent arrêtés\u00a0: {trouble}")
    ends = {sender: latest.end for sender, latest in chains(engine.journal_dir).items()}
    if not is_read_to_its_end(ends, marks()):
        raise ReminderError(
            "Les envois restent arrêtés\u00a0: le journal n’a pas été lu jusqu’au bout depuis la restauration. "
            "D’abord\u00a0: manage.py reconcile_journal --by NOM"
        )
    require_departures_known(engine)


def arm(engine: EngineSettings, *, by: AbstractBaseUser | None, now: datetime) -> None:
    """Make this database the one that sends, from this machine, under a new epoch: every other holder is disarmed.

    Raises ReminderError where somebody writes the journal, as an old server that still sends.
    """
    place = this_place()
    with transaction.atomic(), pghistory.context(user=by.pk if by else None, why="armement de l’expéditeur"):
        SenderIdentity.objects.update_or_create(
            id=1,
            defaults={
                "epoch": uuid4(),
                "system_identifier": place.system_identifier,
                "database_oid": place.database_oid,
                "timeline": place.timeline,
                "armed_at": now,
                "armed_by_id": by.pk if by else None,
            },
        )
        armed = load_armed()
        if armed is None:
            raise RuntimeError("the identity's row is gone")
        with _handed_over(engine.journal_dir, armed.epoch):
            write_epoch_file(engine.epoch_file, armed)


def enrol(engine: EngineSettings) -> None:
    """Give this machine the identity that the database has."""
    armed = load_armed()
    if armed is None:
        raise RuntimeError("enrol() before arm()")
    write_epoch_file(engine.epoch_file, armed)


@contextmanager
def _handed_over(directory: Path, epoch: str) -> Iterator[None]:
    """The journal is this epoch's from here on. That is written first, for those who begin to send now; then it is
    seen whether anybody had begun before. Where anything fails it is its earlier owner's again."""
    before = read_owner(directory)
    write_owner(directory, Owner(epoch, begun=bool(files_of(directory)) or bool(before and before.begun)))
    try:
        with nobody_writes(directory):
            yield
    except BaseException:
        mine = read_owner(directory)
        if mine and mine.epoch == epoch:
            write_owner(directory, before)
        raise
