"""What an intermediary has still to do, as a list with its next step, and the two dates to know."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.rules.campaigns import CampaignDates
from registry.rules.categories import Category
from registry.rules.covers import CoverFinding
from registry.rules.facts import CoverFacts
from registry.rules.labels import LabelledEnum
from registry.rules.renewals import (
    GRAVITY,
    ItemKind,
    ItemReason,
    ItemState,
    Renewal,
    RenewalItem,
    assess_cover_item,
)

OPEN_ITEMS = frozenset({ItemState.TO_DO, ItemState.PROBLEM})


class DateKind(LabelledEnum):
    """What happens on a date."""

    TO_DO_BY = "TO_DO_BY", "dernier jour pour ce qui reste à faire", "last day for what is still to be done"
    NEXT_TO_DO_BY = "NEXT_TO_DO_BY", "dernier jour pour la suite", "last day for what comes after"
    EXPIRES_ON = (
        "EXPIRES_ON",
        "fin de validité de ce qui n’est pas renouvelé",
        "end of validity of what is not renewed",
    )
    COVERED_UNTIL = "COVERED_UNTIL", "fin de la couverture", "end of the cover"


@dataclass(frozen=True, slots=True)
class KeyDate:
    """A day, what happens on it, and how many days away it is (negative: gone by)."""

    kind: DateKind
    day: date
    days_away: int


@dataclass(frozen=True, slots=True)
class Task:
    """One item of one category."""

    category: Category
    item: RenewalItem

    @property
    def is_open(self) -> bool:
        """Whether the intermediary must act. A fee that is paid with the request is no act of its own."""
        return self.item.state in OPEN_ITEMS and not self.comes_with_another

    @property
    def comes_with_another(self) -> bool:
        """Whether it is done by doing another: it is not counted, nor told as a thing to do."""
        return self.item.state in OPEN_ITEMS and ItemReason.FEE_WITH_REQUEST in self.item.reasons


@dataclass(frozen=True, slots=True)
class TaskList:
    """All items, the dates to know (two at most, the first one first), and what to do next (None: nothing)."""

    tasks: tuple[Task, ...]
    dates: tuple[KeyDate, ...]
    next_task: Task | None

    @property
    def to_do(self) -> int:
        """How many are still to be done."""
        return sum(task.is_open for task in self.tasks)


def tasks_of_renewals(renewals: Iterable[Renewal]) -> tuple[Task, ...]:
    """The items of each renewal."""
    return tuple(Task(renewal.category, item) for renewal in renewals for item in renewal.items)


def tasks_of_findings(
    findings: Iterable[CoverFinding], covers: Iterable[CoverFacts], day: date, *, beside: Iterable[Task] = ()
) -> tuple[Task, ...]:
    """The covers as items: of categories that no renewal tells of already (`beside`)."""
    told, papers = {task.category for task in beside}, tuple(covers)
    mine = (f for f in findings if f.category not in told)
    return tuple(Task(f.category, assess_cover_item(f, papers, day)) for f in mine)


def make_task_list(
    tasks: Iterable[Task], findings: Iterable[CoverFinding], campaign: CampaignDates | None, day: date
) -> TaskList:
    """The list as of `day`; `campaign` is the one that the renewals are of (None: there is none)."""
    all_of_them = tuple(tasks)
    return TaskList(all_of_them, _dates(all_of_them, tuple(findings), campaign, day), _next(all_of_them))


def _next(tasks: tuple[Task, ...]) -> Task | None:
    """A problem first, then what is due first; a fee after all that is done here."""
    waiting = [task for task in tasks if task.is_open]
    return min(waiting, key=_urgency, default=None)


def _urgency(task: Task) -> tuple[bool, int, date]:
    item = task.item
    return item.kind is ItemKind.FEE, -GRAVITY[item.state], item.due_on or date.max


def _dates(
    tasks: tuple[Task, ...], findings: tuple[CoverFinding, ...], campaign: CampaignDates | None, day: date
) -> tuple[KeyDate, ...]:
    due = sorted({task.item.due_on for task in tasks if task.is_open and task.item.due_on})
    first = [(DateKind.TO_DO_BY, due[0])] if due else []
    later = [(DateKind.NEXT_TO_DO_BY, one) for one in due[1:2]]
    open_renewal = any(task.is_open and task.item.kind is ItemKind.REQUEST for task in tasks)
    if campaign is not None and open_renewal:
        later.append((DateKind.EXPIRES_ON, campaign.expires_on))
    ends = [f.covered_until for f in findings if f.covered_until and f.covered_until >= day]
    later += [(DateKind.COVERED_UNTIL, min(ends))] if ends else []
    after = sorted((one for one in later if one[1] >= day and one not in first), key=lambda one: one[1])
    return tuple(KeyDate(kind, when, (when - day).days) for kind, when in [*first, *after][:2])


def days_in_words(days: int) -> tuple[str, str]:
    """How far away a day is, in French and in English."""
    near = {0: ("aujourd’hui", "today"), 1: ("demain", "tomorrow"), -1: ("hier", "yesterday")}
    if days in near:
        return near[days]
    return (
        (f"dans {days}\u00a0jours", f"in {days} days")
        if days > 0
        else (
            f"il y a {-days}\u00a0jours",
            f"{-days} days ago",
        )
    )
