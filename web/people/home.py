"""What the home page of a file says: its facts read in few queries, judged by the rules."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import Intermediary
from registry.renewals import assess_renewals, load_requests
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import FileState, assess_file
from registry.rules.renewals import ItemKind, Renewal, RequestFacts
from registry.rules.tasks import Task, TaskList, make_task_list, tasks_of_findings, tasks_of_renewals

LATEST_MONTH = 6
"""Up to June one means the campaign of the year; from July on that of the next, as the API does."""


@dataclass(frozen=True, slots=True)
class Standing:
    """One file as of a day: facts, state, requests and renewals of the campaign of `year`, and what is to be done."""

    facts: FileFacts
    reference: Reference
    state: FileState
    year: int
    requests: tuple[RequestFacts, ...]
    renewals: tuple[Renewal, ...]
    list: TaskList


@dataclass(frozen=True, slots=True)
class Group:
    """The tasks of one category."""

    category: Category
    tasks: tuple[Task, ...]


def campaign_year(day: date) -> int:
    """The campaign that people mean on that day."""
    return day.year + (day.month > LATEST_MONTH)


def standing_of(whose: Intermediary, day: date) -> Standing:
    """Where a file stands: four queries. `whose` comes from `web.people.access.find_file`."""
    year = campaign_year(day)
    reference = reference_of(whose.reference_version)  # type: ignore[attr-defined]
    facts = load_papers(whose)
    requests = load_requests([whose.pk], year=year).get(whose.pk, ())
    renewals = assess_renewals(facts, requests, reference, day)
    state = assess_file(facts, reference, day)
    asked = tasks_of_renewals(renewals)
    tasks = (*asked, *tasks_of_findings(state.findings, facts.covers, day, beside=asked))
    campaign = next((c for c in reference.campaigns if c.year == year), None)
    told = make_task_list(tasks, state.findings, campaign, day)
    return Standing(facts, reference, state, year, requests, renewals, told)


def by_category(tasks: Iterable[Task]) -> list[Group]:
    """The tasks under their categories, in the order of these."""
    given = tuple(tasks)
    names = dict.fromkeys(task.category for task in given)
    return [Group(name, tuple(task for task in given if task.category is name)) for name in names]


def kind_of(task: Task) -> CoverKind | None:
    """The cover that a task asks for; None for a request or a fee."""
    covers = (ItemKind.RC_PRO, ItemKind.FINANCIAL_GUARANTEE)
    return CoverKind(task.item.kind.value) if task.item.kind in covers else None
