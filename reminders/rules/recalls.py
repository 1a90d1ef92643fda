"""Recall (rectification): what one who got a message of a batch gone wrong must be told, by the state of today."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import FileState, FileStatus, assess_file
from registry.rules.french import counted, grouped
from registry.rules.labels import LabelledEnum
from registry.rules.working_days import next_working_day
from reminders.rules.brakes import Brake, BrakeLevel, flag, import_brake, window_brake
from reminders.rules.eligibility import DueItem, due_items

USEFUL_WORKING_DAYS = 5
"""How many working days after its own day a corrective notice may still leave (own choice): an apology that comes later
is planned anew, from the files of that day."""


class RecallClass(LabelledEnum):
    """What a corrective notice says: the true state of the file, or nothing of it."""

    COMPLETE = "COMPLETE", "dossier complet, rien à faire", "file complete, nothing to do"
    IN_REVIEW = "IN_REVIEW", "pièces reçues, à nous de les contrôler", "papers received, ours to check"
    DUE = "DUE", "pièces bien attendues", "papers truly due"
    OTHER = "OTHER", "excuses sans détail du dossier", "apology without details of the file"


@dataclass(frozen=True, slots=True)
class Corrected:
    """The message that went wrong: its identity, the address it went to, the local day it left or may have left."""

    key: str
    email: str
    mailed_on: date
    is_uncertain: bool


@dataclass(frozen=True, slots=True)
class RecallDecision:
    """What to tell one person: the class, the state it comes from, and the items that are due (DUE only)."""

    recall_class: RecallClass
    state: FileState
    items: tuple[DueItem, ...] = ()


def decide_recall(facts: FileFacts, corrected: Corrected, reference: Reference, day: date) -> RecallDecision:
    """What to tell the one who got `corrected`, from the source facts as of `day`.

    No check of a reminder applies: whoever got a wrong message is owed a word. Nothing of the file is told to an
    address that is no longer the file's.
    """
    state = assess_file(facts, reference, day)
    if facts.email != corrected.email:
        return RecallDecision(RecallClass.OTHER, state)
    if items := tuple(due_items(state, (), day)):
        return RecallDecision(RecallClass.DUE, state, items)
    return RecallDecision(_CLASSES.get(state.status, RecallClass.OTHER), state)


_CLASSES = {FileStatus.IN_ORDER: RecallClass.COMPLETE, FileStatus.UNDER_REVIEW: RecallClass.IN_REVIEW}
"""A file that is open without anything dated to file (a first registration, no campaign) is told no more than an
apology, and so is one without a registration in force."""


def last_useful_day(day: date) -> date:
    """The last day on which a corrective notice planned for `day` may leave."""
    for _ in range(USEFUL_WORKING_DAYS):
        day = next_working_day(day)
    return day


# --- its brakes ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class RecallFacts:
    """What the brakes of a recall look at. `reached` are those who got the message, counted apart from the list."""

    reached: int
    planned: int
    left_out: int
    corrected_before: int
    still_due: int
    import_in_progress: bool
    sending_stopped: bool
    may_leave_that_day: bool
    rules_changed: bool


STILL_DUE_SHARE = 0.5
"""Above this share of recipients to whom the message was right after all, an approver is asked to think again."""


def judge_recall(facts: RecallFacts) -> tuple[Brake, ...]:
    """Every brake of a recall, in the order in which an approver should read them."""
    return tuple(_judgements(facts))


def _judgements(facts: RecallFacts) -> Iterator[Brake]:
    yield _conservation(facts)
    yield _left_out(facts.left_out)
    yield _still_due(facts)
    yield import_brake(facts.import_in_progress)
    yield flag("SENDING_STOPPED", facts.sending_stopped, "les envois sont ouverts", "l’arrêt d’urgence est enclenché")
    yield window_brake(facts.may_leave_that_day)
    yield flag(
        "RULES_CHANGED",
        facts.rules_changed,
        "règles et textes inchangés depuis le lot rectifié",
        "règles ou textes modifiés depuis le lot rectifié\u00a0: relisez les exemples",
    )


def _conservation(facts: RecallFacts) -> Brake:
    told = (
        f"{counted(facts.planned, 'prévu')} + {counted(facts.left_out, 'écarté')} + "
        f"{counted(facts.corrected_before, 'déjà rectifié', 'déjà rectifiés')} = {counted(facts.reached, 'touché')}"
    )
    adds_up = facts.planned + facts.left_out + facts.corrected_before == facts.reached
    message = told if adds_up else f"le compte n’y est pas\u00a0: {told}"
    return Brake("CONSERVATION", BrakeLevel.GREEN if adds_up else BrakeLevel.RED, message)


def _left_out(left_out: int) -> Brake:
    told = grouped(left_out)
    bad = f"en attente dans un autre lot, donc écartés\u00a0: {told}\u00a0; annulez-le, puis rectifiez de nouveau"
    return flag("IN_LIVE_BATCH", left_out > 0, "aucun destinataire n’attend dans un autre lot", bad)


def _still_due(facts: RecallFacts) -> Brake:
    share = facts.still_due / facts.planned if facts.planned else 0.0
    due = counted(facts.still_due, "destinataire")
    told = f"une pièce est bien attendue de {due} sur {grouped(facts.planned)}"
    bad = f"{told}\u00a0: vérifiez que le lot était fautif, et que les règles ne le sont pas"
    return flag("STILL_DUE", share > STILL_DUE_SHARE, told, bad)
