"""Reconcile: read the whole journal, verify it, and bring the ledger forward to it; only then may sending be on (I13).

Everything is one transaction, under the planners' lock and while nobody writes any of the chains that are there. A
second run finds nothing to do.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
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
from reminders.rules.sender import Owner, judge_journal, missing
from reminders.sending.bringing import COPY_TOLD, TOLD, Brought, bring_forward, lost_departures
from reminders.sending.identity import entries_remembered, journal_is_expected, marks, record_mark
from reminders.sending.journal import chains, files_of, files_set_aside, nobody_writes, set_aside
from reminders.sending.memory import write_owner


@dataclass(slots=True)
class Chain:
    """One sender's chain as it was read: its last file, its end, what was torn, and where it is damaged."""

    file: str
    end: End = field(default_factory=End)
    torn: int = 0
    damage: str = ""


@dataclass(slots=True)
class Reconciled:
    """What was read, and what that changed. `aside`: the chains that were set aside."""

    directory: Path
    chains: dict[str, Chain] = field(default_factory=dict)
    aside: dict[str, Chain] = field(default_factory=dict)
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
            "nameless": self.brought.nameless,
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
    done = Reconciled(directory)
    with nobody_writes(directory):
        with transaction.atomic(), pghistory.context(user=by.pk, why="rapprochement avec le journal"):
            lock_planning()
            known = marks()
            _read(done, known, tolerant=bool(lost_reason))
            if not lost_reason:
                _require_whole(done, known, engine)
            _bring_forward(done, by=by, now=now, engine=engine)
            _record(done, known, by=by, now=now, lost_reason=lost_reason)
            if dry_run:
                transaction.set_rollback(True)
            elif lost_reason:
                # Before the commit: where that does not come, all of it can be said once more.
                _set_damaged_aside(done)
        if lost_reason and not dry_run:
            # After it: until the reason is on record, what is remembered counts.
            write_owner(directory, Owner("", begun=False))
    return done


def _bring_forward(done: Reconciled, *, by: AbstractBaseUser, now: datetime, engine: EngineSettings) -> None:
    done.brought = bring_forward(by=by, now=now, engine=engine)
    if done.brought.states:
        # The ledger had gone back in time: what was stopped or cancelled since is not known here.
        hold_all(reason=PauseReason.RESTORED, by=by)


def require_departures_known(engine: EngineSettings) -> None:
    """Compare the whole journal with the ledger, whatever the marks say: notices may be gone and the marks there.

    Raises ReminderError where it knows of mails that the ledger does not hold, is damaged, or not all there.
    """
    done = Reconciled(engine.journal_dir)
    with transaction.atomic():
        known = marks()
        _read(done, known, tolerant=False)
        lost, last = lost_departures()
    _require_whole(done, known, engine)
    if lost:
        raise ReminderError(
            f"Les envois restent arrêtés\u00a0: le journal connaît {counted(lost, 'départ')} que la base ne connaît "
            f"pas (le dernier\u00a0: {last}). D’abord\u00a0: manage.py reconcile_journal --by NOM"
        )


def _read(done: Reconciled, known: dict[str, End], *, tolerant: bool) -> None:
    with connection.cursor() as cursor:
        cursor.execute(TOLD)
        with cursor.copy(COPY_TOLD) as copy:
            for told in _told(done, known, tolerant=tolerant):
                done.intents += 1
                copy.write_row(_row(told))


def _told(done: Reconciled, known: dict[str, End], *, tolerant: bool) -> Iterator[Told]:
    for sender, paths in files_of(done.directory).items():
        chain = done.chains[sender] = Chain(paths[-1].name)
        reader = ChainReader(known.get(sender, End()), tolerant)
        yield from attempts(_entries(paths, chain, reader))
    # What a person let go on without part of: the rest is known to the ledger, unless it was put back since.
    for sender, paths in files_set_aside(done.directory).items():
        chain = done.aside[sender] = Chain(paths[-1].name)
        yield from attempts(_entries(paths, chain, ChainReader(tolerant=True)))


def _entries(paths: list[Path], chain: Chain, reader: ChainReader) -> Iterator[Entry]:
    """One chain's entries, verified to its end; where it is damaged and that may be, all that are whole."""
    for path in paths:
        with _damage(path, chain, tolerant=reader.tolerant), path.open("rb") as file:
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


def _require_whole(done: Reconciled, known: Mapping[str, End], engine: EngineSettings) -> None:
    """Raises ReminderError where the chains do not go as far as they are known to, here or in files set aside."""
    # First what is remembered: others may write meanwhile.
    seen = entries_remembered(engine)
    aside = {sender: chain.end for sender, chain in done.aside.items()}
    there = aside | {sender: latest.end for sender, latest in chains(done.directory).items()}
    if judge_journal(there, known, seen, expected=journal_is_expected(engine)):
        lacking = ", ".join(missing(there, known, seen))
        raise ReminderError(
            f"Le journal manque ou il est trop court ({lacking or done.directory})\u00a0: il a été connu plus long. "
            f"Remettez en place «\u00a0{done.directory}\u00a0» (JOURNAL_DIR)\u00a0; s’il est perdu pour de bon, ou si "
            "rien n’a jamais été envoyé, dites-le\u00a0: reconcile_journal --journal-lost RAISON --by NOM"
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


def _set_damaged_aside(done: Reconciled) -> None:
    """Keep the files of a damaged chain under another name: the sender begins a new one."""
    for sender, paths in files_of(done.directory).items():
        if sender in done.chains and done.chains[sender].damage:
            for path in paths:
                set_aside(path)
