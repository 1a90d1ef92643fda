"""May this machine send for this database? The sender's identity, judged from what is known of both (I13).

What proves that a database is the one that sends: the cluster's system identifier (a dump restored elsewhere has
another), the database's number in it (so has a copy made by `CREATE DATABASE … TEMPLATE`), the timeline (a promoted
standby and a recovery to a point in time begin a new one), the version of the identity's own row (a dump restored
into the same database writes it anew), and the epoch, kept in a file outside the database. What none of these shows,
a snapshot put back below the database, the journal shows, which then knows of mails that the ledger does not, and the
memory of machine and directory, which know of more passes than the database has counted. The journal says itself for
whom it is kept: of two databases that both believe themselves armed, it is the later one's.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from registry.rules.labels import LabelledEnum
from reminders.rules.journal import End


class Disarmed(LabelledEnum):
    """Why nothing may be sent from here."""

    NO_IDENTITY = "NO_IDENTITY", "la base n’a pas d’identité d’expéditeur", "the database has no sender's identity"
    OTHER_DATABASE = (
        "OTHER_DATABASE",
        "cette base est une copie ou une restauration\u00a0: elle n’est pas celle qui a été armée",
        "this database is a copy or a restoration: it is not the one that was armed",
    )
    OTHER_TIMELINE = (
        "OTHER_TIMELINE",
        "le serveur de base de données a été restauré à un instant passé, ou un secours a pris sa place",
        "the database server was recovered to a point in time, or a standby has taken its place",
    )
    ROW_RESTORED = (
        "ROW_RESTORED",
        "une sauvegarde a été restaurée dans cette base",
        "a backup was restored into this database",
    )
    LEDGER_BEHIND = (
        "LEDGER_BEHIND",
        "le journal connaît des envois que la base ignore\u00a0: elle est revenue en arrière",
        "the journal knows of mails that the database does not: it has gone back in time",
    )
    GONE_BACK = (
        "GONE_BACK",
        "la base est revenue en arrière, ou une copie d’elle envoie aussi\u00a0: elle ne connaît pas le dernier "
        "passage d’une machine",
        "the database has gone back in time, or a copy of it sends too: it does not know some machine's last pass",
    )
    JOURNAL_OF_ANOTHER = (
        "JOURNAL_OF_ANOTHER",
        "le journal n’est pas au nom de cette base\u00a0: une autre a été armée depuis, il a été déclaré perdu, ou son "
        "fichier armed.json manque ou ne se lit pas",
        "the journal is not in this database's name: another was armed since, it was declared lost, or its file "
        "armed.json is missing or unreadable",
    )
    JOURNAL_LOST = (
        "JOURNAL_LOST",
        "le journal manque, ou il est plus court que la base ne l’a connu",
        "the journal is missing, or shorter than the database knew it",
    )
    JOURNAL_DAMAGED = "JOURNAL_DAMAGED", "le journal est abîmé ou illisible", "the journal is damaged or unreadable"
    NO_FILE = (
        "NO_FILE",
        "cette machine n’a pas l’identité de l’expéditeur (EPOCH_FILE)",
        "this machine does not hold the sender's identity (EPOCH_FILE)",
    )
    FILE_COPIED = (
        "FILE_COPIED",
        "le fichier EPOCH_FILE a été copié d’ailleurs ou modifié, ou ne se lit pas",
        "the file EPOCH_FILE was copied from elsewhere or changed, or cannot be read",
    )
    OTHER_EPOCH = (
        "OTHER_EPOCH",
        "l’expéditeur a été réarmé ailleurs depuis",
        "the sender has been armed elsewhere since",
    )


ABOUT_THE_DATABASE = frozenset(
    {
        Disarmed.NO_IDENTITY,
        Disarmed.OTHER_DATABASE,
        Disarmed.OTHER_TIMELINE,
        Disarmed.ROW_RESTORED,
        Disarmed.LEDGER_BEHIND,
        Disarmed.GONE_BACK,
    }
)
"""True on every machine."""

OF_THIS_MACHINE = frozenset({Disarmed.NO_FILE, Disarmed.FILE_COPIED, Disarmed.OTHER_EPOCH})
"""Put right by giving this machine the identity that the database has already."""


@dataclass(frozen=True, slots=True)
class Place:
    """Which database, in which cluster, on which timeline."""

    system_identifier: int
    database_oid: int
    timeline: int


@dataclass(frozen=True, slots=True)
class Armed:
    """The identity in the database: what was true when a person, or the system at first, armed it.

    `version` is the transaction that wrote the row: a restoration, which writes it again, cannot keep it.
    """

    epoch: str
    version: str
    place: Place


@dataclass(frozen=True, slots=True)
class Held:
    """The identity in a machine's file. `in_place` is whether the file is the very one that was written."""

    epoch: str
    version: str
    in_place: bool


@dataclass(frozen=True, slots=True)
class Owner:
    """For whom a journal is kept: the epoch armed last, and whether anything was ever written. No epoch: nobody is
    armed, since a person has declared it lost."""

    epoch: str
    begun: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """What machine and directory remember of the last pass: under which epoch, how many passes of all machines the
    database had counted, and how many entries each of the journal's chains had for certain."""

    epoch: str
    machine: str
    passes: int
    entries: Mapping[str, int]


def judge_database(armed: Armed | None, here: Place) -> Disarmed | None:
    """Whether this database is the one that was armed."""
    if armed is None:
        return Disarmed.NO_IDENTITY
    there = armed.place
    if (there.system_identifier, there.database_oid) != (here.system_identifier, here.database_oid):
        return Disarmed.OTHER_DATABASE
    return Disarmed.OTHER_TIMELINE if there.timeline != here.timeline else None


def judge_file(armed: Armed, held: Held | None) -> Disarmed | None:
    """Whether this machine holds the database's identity."""
    if held is None:
        return Disarmed.NO_FILE
    if not held.in_place:
        return Disarmed.FILE_COPIED
    if held.epoch != armed.epoch:
        return Disarmed.OTHER_EPOCH
    return Disarmed.ROW_RESTORED if held.version != armed.version else None


def judge_passes(epoch: str, memories: Iterable[Seen], passes: int) -> Disarmed | None:
    """Whether the database, armed with this epoch, knows as many passes as is remembered outside: each is counted there
    first."""
    ahead_of_it = any(seen.epoch == epoch and passes < seen.passes for seen in memories)
    return Disarmed.GONE_BACK if ahead_of_it else None


def judge_owner(armed: Armed, owner: Owner | None, found: Collection[str]) -> Disarmed | None:
    """Whether the journal is this database's; one that says nothing of itself, and of which nothing is there, is judged
    as a journal."""
    if owner is None:
        return Disarmed.JOURNAL_OF_ANOTHER if found else None
    return Disarmed.JOURNAL_OF_ANOTHER if owner.epoch != armed.epoch else None


def stops_every_machine(why: Disarmed, owner: Owner | None, *, enrolled: bool) -> bool:
    """Whether what one machine found holds for all. So does a journal that another database has been armed with, where
    the machine is one of this database's: should an older copy of the journal be put back, in this one's name again,
    the two would both send. Of a machine that is none of its own it says that its JOURNAL_DIR is wrong."""
    taken_over = why is Disarmed.JOURNAL_OF_ANOTHER and bool(owner and owner.epoch) and enrolled
    return taken_over or why in ABOUT_THE_DATABASE


def remembered(owner: Owner | None, memories: Iterable[Seen]) -> dict[str, int]:
    """By sender, the most entries that are remembered of its chain. What was seen before the journal's owner was armed,
    a person has answered for since."""
    most: dict[str, int] = {}
    for seen in memories:
        if owner and seen.epoch == owner.epoch:
            most |= {sender: max(number, most.get(sender, 0)) for sender, number in seen.entries.items()}
    return most


def judge_journal(
    found: Mapping[str, End], known: Mapping[str, End], seen: Mapping[str, int], *, expected: bool
) -> Disarmed | None:
    """Whether the journal is all there: by sender, where its chain ends, where the database knew it to end, and how
    many entries were seen in it.

    `expected` says that something was written once, so that an empty journal is a lost one.
    """
    if not found and expected:
        return Disarmed.JOURNAL_LOST
    return Disarmed.JOURNAL_LOST if missing(found, known, seen) else None


def missing(found: Mapping[str, End], known: Mapping[str, End], seen: Mapping[str, int]) -> tuple[str, ...]:
    """The senders whose chains are not there, or shorter than they were."""
    short = {name for name, end in known.items() if _is_short(found.get(name), end)}
    return tuple(sorted(short | {name for name, least in seen.items() if found.get(name, End()).sequence < least}))


def ahead(found: Mapping[str, End], known: Mapping[str, End]) -> tuple[str, ...]:
    """The senders whose chains go further than the database has recorded, or it does not know at all."""
    return tuple(sorted(name for name, end in found.items() if known.get(name, End()) != end))


def is_read_to_its_end(found: Mapping[str, End], known: Mapping[str, End]) -> bool:
    """Whether the database has recorded the end of every chain that is there, and of no other."""
    written = [{name: end for name, end in ends.items() if end.sequence} for ends in (found, known)]
    return written[0] == written[1]


def _is_short(found: End | None, known: End) -> bool:
    # One in which nothing was ever written may be gone.
    there = found or End()
    return there.sequence < known.sequence or (there.sequence == known.sequence and there.hash != known.hash)
