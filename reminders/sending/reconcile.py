"""Reconcile: read the whole journal, verify it, and bring the ledger forward to it; only then may sending be on (I13).

Everything is one transaction, under the planners' lock and with every sender's place taken, so that nobody sends
meanwhile. A second run finds nothing to do.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pghistory
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, transaction
from psycopg.types.json import Jsonb

from registry.rules.french import counted
from reminders.config import EngineSettings
from reminders.errors import ReminderError
from reminders.models import JournalMark, Reconciliation
from reminders.models.batch import PauseReason
from reminders.planning.approval import hold_all
from reminders.planning.locks import lock_planning
from reminders.rules.journal import ChainReader, DamagedJournal, End, Entry, Told, attempts
from reminders.rules.sender import judge_journal
from reminders.sending.bringing import COPY_TOLD, TOLD, Brought, bring_forward, lost_departures
from reminders.sending.identity import marks, record_mark, sent_since_the_last_loss
from reminders.sending.journal import files_of, files_set_aside, lock_sender, set_aside


@dataclass(slots=True)
class Chain:
    """One sender's chain as it was read: its last file, its end, what was torn, and where it is damaged."""

    file: str
    end: End = field(default_factory=End)
    torn: int = 0
    damage: str = ""


@dataclass(slots=True)
class Reconciled:
    """What was read, and what that changed."""

    chains: dict[str, Chain] = field(default_factory=dict)
    intents: int = 0
    brought: Brought = field(default_factory=Brought)
    changed: bool = False

    def report(self) -> dict[str, Any]:
        """As plain data, for scripts and for the record."""
        return {
            "files": [
                {"sender": s, "file": c.file, "sequence": c.end.sequence, "hash": c.end.hash, "torn": c.torn}
                for s, c in self.chains.items()
            ],
            "intents": self.intents,
            "settled": {state.value: n for state, n in sorted(self.brought.states.items())},
            "written": self.brought.written,
            "withdrawn": self.brought.withdrawn,
            "unlinked": self.brought.unlinked,
            "batches": self.brought.batches,
            "unknown": self.brought.unknown,
            "damaged": [f"{c.file}\u00a0: {c.damage}" for c in self.chains.values() if c.damage],
            "changed": self.changed,
        }


def reconcile(
    *,
    directory: Path,
    by: AbstractBaseUser,
    now: datetime,
    engine: EngineSettings,
    lost_reason: str = "",
    dry_run: bool = False,
) -> Reconciled:
    """Bring the ledger forward to the journal in `directory`.

    `lost_reason` says why the journal is not whole, and goes on without what is missing; damaged chains are set aside.
    Raises ReminderError where a sender is at work, or the journal is missing, short or damaged and no reason is given.
    """
    done = Reconciled()
    # The places are let go last of all: who begins to send before finds a chain that is about to be another.
    with ExitStack() as held:
        with transaction.atomic(), pghistory.context(user=by.pk, why="rapprochement avec le journal"):
            lock_planning()
            _take_all_places(directory, held)
            known = marks()
            _read(directory, done, known, tolerant=bool(lost_reason))
            if not lost_reason:
                _require_whole(directory, done, known)
            _bring_forward(done, by=by, now=now, engine=engine)
            _record(done, known, by=by, now=now, lost_reason=lost_reason)
            if dry_run:
                transaction.set_rollback(True)
        if not dry_run:
            _set_damaged_aside(directory, done)
    return done


def _bring_forward(done: Reconciled, *, by: AbstractBaseUser, now: datetime, engine: EngineSettings) -> None:
    done.brought = bring_forward(by=by, now=now, engine=engine)
    if done.brought.states:
        # The ledger had gone back in time: what was stopped or cancelled since is not known here.
        hold_all(reason=PauseReason.RESTORED, by=by)


def require_departures_known(directory: Path) -> None:
    """Compare the whole journal with the ledger, whatever the marks say: notices may be gone and the marks there.

    Raises ReminderError where it knows of mails that the ledger does not hold, or is damaged.
    """
    with transaction.atomic():
        _read(directory, Reconciled(), marks(), tolerant=False)
        lost, last = lost_departures()
    if lost:
        raise ReminderError(
            f"Les envois restent arrêtés\u00a0: le journal connaît {counted(lost, 'départ')} que la base ne connaît "
            f"pas (le dernier\u00a0: {last}). D’abord\u00a0: manage.py reconcile_journal --by NOM"
        )


def _take_all_places(directory: Path, held: ExitStack) -> None:
    for sender in files_of(directory):
        lock = lock_sender(directory, sender, fcntl.LOCK_SH)
        if lock is None:
            raise ReminderError(
                f"L’exécutant {sender} envoie encore\u00a0: arrêtez d’abord les envois (stop_sending), "
                "puis recommencez."
            )
        held.callback(os.close, lock)


def _read(directory: Path, done: Reconciled, known: dict[str, End], *, tolerant: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        with cursor.copy(COPY_TOLD) as copy:
            for sender, paths in files_of(directory).items():
                chain = done.chains[sender] = Chain(paths[-1].name)
                for told in attempts(_entries(paths, chain, known.get(sender, End()), tolerant=tolerant)):
                    done.intents += 1
                    copy.write_row(_row(told))
            # What a person let go on without part of: the rest is known to the ledger, unless it was put back since.
            for told in attempts(_entries(files_set_aside(directory), Chain(""), End(), tolerant=True)):
                done.intents += 1
                copy.write_row(_row(told))


def _entries(paths: list[Path], chain: Chain, known: End, *, tolerant: bool) -> Iterator[Entry]:
    """One chain's entries, verified to its end; where it is damaged and that may be, all that are whole."""
    reader = ChainReader(known, tolerant)
    for path in paths:
        with _damage(path, chain, tolerant=tolerant), path.open("rb") as file:
            for entry in reader.read(file):
                chain.end = entry.end
                yield entry
        if reader.damage and not chain.damage:
            chain.damage = f"{path.name}, {reader.damage}"
    chain.torn = len(reader.torn)


@contextmanager
def _damage(path: Path, chain: Chain, *, tolerant: bool) -> Iterator[None]:
    try:
        yield
    except (DamagedJournal, OSError) as error:
        if not tolerant:
            raise ReminderError(
                f"Le journal est abîmé ({path}, {error}). Remettez en place une copie de ce qui manque\u00a0; s’il n’y "
                "en a pas\u00a0: reconcile_journal --journal-lost RAISON --by NOM reprend tout ce qui est lisible."
            ) from None
        chain.damage = chain.damage or f"{path.name}, {error}"


def _row(told: Told) -> tuple[Any, ...]:
    intent, outcome = told.intent, told.outcome or {}
    return (
        intent["key"],
        intent["notice"],
        intent["orias"],
        intent["at"],
        intent["worker"],
        Jsonb(intent["items"], dumps=json.dumps),
        intent["email"],
        intent["attempt"],
        told.leaves.value if told.leaves else None,
        outcome.get("verdict", ""),
        outcome.get("stage", ""),
        outcome.get("code"),
        outcome.get("at"),
        intent.get("recall_class", ""),
    )


def _require_whole(directory: Path, done: Reconciled, known: dict[str, End]) -> None:
    ends = {sender: chain.end for sender, chain in done.chains.items()}
    if judge_journal(ends, known, expected=not ends and sent_since_the_last_loss()):
        missing = ", ".join(sorted(s for s in known if ends.get(s, End()).sequence < known[s].sequence)) or directory
        raise ReminderError(
            f"Le journal manque ou il est trop court ({missing})\u00a0: la base l’a connu plus long. Remettez en place "
            f"«\u00a0{directory}\u00a0» (JOURNAL_DIR)\u00a0; s’il est perdu pour de bon, dites-le\u00a0: "
            "reconcile_journal --journal-lost RAISON --by NOM"
        )


def _record(done: Reconciled, known: dict[str, End], *, by: AbstractBaseUser, now: datetime, lost_reason: str) -> None:
    """Remember how far the journal was read, unless some of it could not be brought forward."""
    if done.brought.unknown:
        return
    whole = {sender: chain for sender, chain in done.chains.items() if not chain.damage}
    moved = {s: c for s, c in whole.items() if known.get(s) != c.end}
    gone = set(known) - set(whole)
    done.changed = bool(moved or gone or done.brought.states or lost_reason)
    for sender, chain in moved.items():
        record_mark(sender, chain.file, chain.end, now)
    JournalMark.objects.filter(sender__in=gone).delete()
    if done.changed:
        Reconciliation.objects.create(
            made_at=now, made_by_id=by.pk, lost_reason=lost_reason[:300], report=done.report()
        )


def _set_damaged_aside(directory: Path, done: Reconciled) -> None:
    """Keep the files of a damaged chain under another name: the sender begins a new one."""
    for sender, paths in files_of(directory).items():
        if sender in done.chains and done.chains[sender].damage:
            for path in paths:
                set_aside(path)
