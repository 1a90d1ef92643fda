"""Who may send: this database, from this machine, with the journal that belongs to it (I13).

`examine` looks; `take_identity` looks, remembers this pass and signs the connection, so that `step` sends only while
the row it signed with is the very one that is there. Giving the identity is a person's act (`arming`).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from django.db import connection
from django.db.models import Exists, OuterRef, Q

from reminders.config import EngineSettings
from reminders.errors import ReminderError
from reminders.models import Attempt, JournalMark, SenderIdentity, SendingMachine, StopSwitch
from reminders.planning.switch import stop_sending
from reminders.rules.journal import DamagedJournal, End, surely_on_disk
from reminders.rules.sender import (
    OF_THIS_MACHINE,
    Armed,
    Disarmed,
    Held,
    Place,
    Seen,
    ahead,
    judge_database,
    judge_file,
    judge_journal,
    judge_owner,
    judge_passes,
    remembered,
    stops_every_machine,
)
from reminders.sending.journal import Journal, JournalError, Latest, chains, files_of
from reminders.sending.memory import (
    Others,
    mark_new,
    memories,
    note_refusal,
    one_at_a_time,
    passes_counted,
    read_epoch_file,
    read_owner,
    remember,
    write_epoch_file,
)
from reminders.sending.prepared import DATABASE_ERRORS

# The timeline of what is being written now: after a promotion, pg_control's may be minutes late.
_PLACE = """
SELECT (SELECT system_identifier FROM pg_control_system()),
       (SELECT oid FROM pg_database WHERE datname = current_database())::bigint,
       CASE WHEN pg_is_in_recovery() THEN 0
            ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::integer END
"""
_ARMED = """
SELECT epoch::text, xmin::text, system_identifier, database_oid, timeline FROM reminders_senderidentity WHERE id = 1
"""
A_WHILE = timedelta(minutes=10)
"""In which a machine that has nothing in its way passes several times: the queue rings every minute."""

# Whatever the statistics say of a ledger that was empty, what is asked of it for each message goes by an index: a plan
# made then and kept would read all attempts for each of the first thousands.
_SIGN = "SELECT set_config('register.sender', %s, false), set_config('enable_seqscan', 'off', false)"
_GIVE_BACK = "SELECT set_config(name, reset_val, false) FROM pg_settings WHERE name = 'enable_seqscan'"


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why nothing may be sent, for people."""

    why: Disarmed
    detail: str = ""

    def __str__(self) -> str:
        return f"{self.why.label}{f' ({self.detail})' if self.detail else ''}. {_remedy(self.why)}"


def _remedy(why: Disarmed) -> str:
    if why in OF_THIS_MACHINE:
        return "Sur cette machine\u00a0: manage.py resume_sending --by NOM"
    if why in (Disarmed.GONE_BACK, Disarmed.JOURNAL_OF_ANOTHER):
        return (
            "Si une autre base envoie à présent, ne faites rien ici. Si c’est bien à celle-ci d’envoyer\u00a0: "
            "manage.py reconcile_journal --by NOM, puis resume_sending --by NOM"
        )
    if why in (Disarmed.JOURNAL_LOST, Disarmed.JOURNAL_DAMAGED):
        return (
            "Remettez en place le dossier JOURNAL_DIR\u00a0; s’il est perdu, ou si rien n’a jamais été envoyé\u00a0: "
            "manage.py reconcile_journal --journal-lost RAISON --by NOM, puis resume_sending --by NOM"
        )
    return "Rapprochez le journal\u00a0: manage.py reconcile_journal --by NOM, puis resume_sending --by NOM"


def this_place() -> Place:
    """Which database this connection is to."""
    with connection.cursor() as cursor:
        cursor.execute(_PLACE)
        return Place(*cursor.fetchone())


def load_armed() -> Armed | None:
    """The identity in the database, or None where there is none."""
    with connection.cursor() as cursor:
        cursor.execute(_ARMED)
        row = cursor.fetchone()
    return Armed(row[0], row[1], Place(*row[2:])) if row else None


def database_trouble() -> Disarmed | None:
    """What stands against sending from this database, as any machine may see it: no file and no journal is read."""
    return judge_database(load_armed(), this_place())


def why_sending_is_off() -> str:
    """Why nothing leaves, on any machine, for staff; nothing where sending is on."""
    if why := database_trouble():
        return str(Trouble(why))
    switch = StopSwitch.objects.first()
    if switch is None:
        return "L’arrêt d’urgence manque en base. Pour rouvrir\u00a0: manage.py resume_sending --by NOM"
    return switch.reason if switch.stopped else _every_machine_s_refusal()


def _every_machine_s_refusal() -> str:
    """What each machine lacks, where none has passed since, or just before, that found nothing in its way."""
    refused = SendingMachine.objects.exclude(refused_at=None)
    passed = SendingMachine.objects.filter(refused_at=None, passed_at__gt=OuterRef("refused_at") - A_WHILE)
    told = refused.filter(~Exists(passed)).order_by("host").values_list("host", "refusal")
    return " ".join(f"La machine {host} n’envoie pas\u00a0: {refusal}" for host, refusal in told)


def examine(engine: EngineSettings) -> Trouble | None:
    """What stands against sending from here, or None: the database first, then the journal, then this machine."""
    armed = load_armed()
    why = judge_database(armed, this_place())
    if why or armed is None:
        return Trouble(why or Disarmed.NO_IDENTITY)
    held = read_epoch_file(engine.epoch_file)
    if why := _gone_back(armed, held, memories(engine)):
        return Trouble(why)
    try:
        found = files_of(engine.journal_dir)
    except OSError as error:
        return Trouble(Disarmed.JOURNAL_DAMAGED, str(error))
    if why := judge_owner(armed, read_owner(engine.journal_dir), found):
        return Trouble(why, str(engine.journal_dir))
    if trouble := examine_journal(engine):
        return trouble
    if held is None:
        if never_sent() and not files_of(engine.journal_dir):
            _enrol_the_first(engine, armed)
        # Else another process of this machine may have enrolled it, and begun to send, since the file was looked for.
        held = read_epoch_file(engine.epoch_file)
    why = judge_file(armed, held)
    return Trouble(why, str(engine.epoch_file)) if why else None


def _gone_back(armed: Armed, held: Held | None, seen: list[Seen]) -> Disarmed | None:
    """Whether this database is an earlier state of itself, by what this machine holds, and what is remembered."""
    if held and held.in_place and judge_file(armed, held) is Disarmed.ROW_RESTORED:
        return Disarmed.ROW_RESTORED
    return judge_passes(armed.epoch, seen, passes_counted())


def examine_journal(engine: EngineSettings) -> Trouble | None:
    """Compare the journal with what the database knows, and what is remembered: all there, and no mail that the ledger
    does not hold."""
    directory = engine.journal_dir
    # First what is known of it: others begin to write at any time.
    known, expected = marks(), journal_is_expected(engine)
    seen = entries_remembered(engine)
    try:
        found = chains(directory)
    except (DamagedJournal, OSError) as error:
        return Trouble(Disarmed.JOURNAL_DAMAGED, str(error))
    ends = {sender: latest.end for sender, latest in found.items()}
    if why := judge_journal(ends, known, seen, expected=expected):
        return Trouble(why, str(directory))
    unknown = _unknown_intents([found[sender] for sender in ahead(ends, known)], known)
    return Trouble(Disarmed.LEDGER_BEHIND, ", ".join(unknown)) if unknown else None


def entries_remembered(engine: EngineSettings) -> Mapping[str, int]:
    """How many entries each of the journal's chains is remembered to have had, where that still counts."""
    return remembered(read_owner(engine.journal_dir), memories(engine))


def journal_is_expected(engine: EngineSettings) -> bool:
    """Whether something was written once, so that an empty journal is a lost one. A directory that says nothing of
    itself is another one, unless this is a new register where it was made."""
    owner = read_owner(engine.journal_dir)
    return owner.begun if owner else not (never_sent() and _is_where_it_was_made(engine))


def _is_where_it_was_made(engine: EngineSettings) -> bool:
    armed, held = load_armed(), read_epoch_file(engine.epoch_file)
    if armed is None or judge_database(armed, this_place()):
        return False
    return held is None or judge_file(armed, held) is None


def marks() -> dict[str, End]:
    """How far the database knows each sender's chain."""
    rows = JournalMark.objects.values_list("sender", "sequence", "hash")
    return {sender: End(sequence, own) for sender, sequence, own in rows}


def record_mark(sender: str, file: str, end: End, now: datetime) -> None:
    """Remember how far a chain is known here."""
    values = {"file": file, "sequence": end.sequence, "hash": end.hash, "recorded_at": now}
    JournalMark.objects.update_or_create(sender=sender, defaults=values)


def never_sent() -> bool:
    """Whether this is a new register: armed by the system, no attempt, no mark. Its first sender needs nobody."""
    armed_by_the_system = SenderIdentity.objects.filter(armed_by=None).exists()
    return armed_by_the_system and not (Attempt.objects.exists() or JournalMark.objects.exists())


def take_identity(engine: EngineSettings, *, now: datetime) -> Trouble | None:
    """Examine, and sign this connection as the sender's: what it signs with is asked again at each message.

    What is true of the database stops every machine, by the switch; what is not is kept with the machine.
    """
    trouble = examine(engine) or _begin_pass(engine, now=now)
    if trouble and not _is_for_all(trouble, engine):
        note_refusal(engine, str(trouble), now=now)
    elif trouble and StopSwitch.objects.filter(stopped=False).exists():
        stop_sending(reason=str(trouble), by=None, now=now)
    return trouble


def _begin_pass(engine: EngineSettings, *, now: datetime) -> Trouble | None:
    """Have this pass known to others, then look whether one of them has sent before it could see that."""
    held = read_epoch_file(engine.epoch_file)
    if held is None:
        return Trouble(Disarmed.NO_FILE, str(engine.epoch_file))
    with one_at_a_time(engine.journal_dir):
        # Of two clones that were examined at the same time, the second.
        if why := judge_passes(held.epoch, memories(engine), passes_counted()):
            return Trouble(why)
        remember(engine, held.epoch, _entries_on_disk(engine.journal_dir), now=now)
    sign(held.epoch, held.version)
    return examine_journal(engine)


def _entries_on_disk(directory: Path) -> dict[str, int]:
    """Of each chain, what is there for certain; of a journal that cannot be read any more, nothing."""
    with suppress(DamagedJournal, OSError):
        return {sender: surely_on_disk(latest.end) for sender, latest in chains(directory).items()}
    return {}


def _is_for_all(trouble: Trouble, engine: EngineSettings) -> bool:
    armed = load_armed()
    enrolled = armed is not None and judge_file(armed, read_epoch_file(engine.epoch_file)) is None
    return stops_every_machine(trouble.why, read_owner(engine.journal_dir), enrolled=enrolled)


def sign(epoch: str, version: str) -> None:
    """Sign this connection: `step` begins only where the identity's row is this one."""
    with connection.cursor() as cursor:
        cursor.execute(_SIGN, [f"{epoch}/{version}"])


def give_back_connection() -> None:
    """Whoever has this connection next, one that goes through the whole register say, has all of PostgreSQL's plans
    again; where it was lost there is nothing to give back."""
    if connection.is_usable():
        with connection.cursor() as cursor:
            cursor.execute(_GIVE_BACK)


def journal_of(engine: EngineSettings, worker: str) -> Journal:
    """The journal of a worker whose identity was taken."""
    identity = SenderIdentity.objects.get()
    epoch, others = str(identity.epoch), Others(engine)
    return Journal(
        engine.journal_dir, worker, epoch, identity.system_identifier, partial(_require_alone, engine, epoch, others)
    )


def _require_alone(engine: EngineSettings, epoch: str, others: Others) -> None:
    """Raises JournalError where a clone of this database has begun a pass, or it cannot be told."""
    if not others.may_have_begun():
        return
    try:
        why = judge_passes(epoch, memories(engine), passes_counted())
    except DATABASE_ERRORS as error:
        raise JournalError(f"la base ne répond pas\u00a0: {error}") from error
    if why:
        raise JournalError(str(Trouble(why)))


def _enrol_the_first(engine: EngineSettings, armed: Armed) -> None:
    """The first machine of a new register: its journal is known for one before anything is written."""
    write_epoch_file(engine.epoch_file, armed)
    # Where it cannot be, neither can the journal, whose writer says so.
    with suppress(ReminderError):
        mark_new(engine.journal_dir, armed.epoch)


def _unknown_intents(latest: list[Latest], known: Mapping[str, End]) -> list[str]:
    """The files whose last intent, written since the mark, the ledger does not hold."""
    return [one.file for one in latest if one.intent and _is_unknown(one, known)]


def _is_unknown(one: Latest, known: Mapping[str, End]) -> bool:
    sender = one.file.rsplit(".", 2)[0]
    if one.intent is None or one.intent.end.sequence <= known.get(sender, End()).sequence:
        return False
    told = one.intent.body
    mine = Attempt.objects.filter(notice__key=told["key"], worker=told["worker"])
    # One that was written anew has other numbers, and begins when the journal says.
    at = datetime.fromisoformat(told["at"])
    this_one = Q(notice=told["notice"], number=told["attempt"]) | Q(started_at=at)
    return not mine.filter(this_one).exists()
