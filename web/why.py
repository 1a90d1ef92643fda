"""What the page « pourquoi ce message » says: the mail's items, the rule, and the file as it is now.

For a correction also what it corrects, and for a message gone wrong that it was corrected.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, IntegerField, OuterRef, Subquery, When

from registry import clock
from registry.facts import load_papers
from registry.kept import reference_of
from registry.models import ReferenceVersion
from registry.rules.categories import Category, CoverKind
from registry.rules.covers import CoverFinding, CoverState
from registry.rules.facts import FileFacts, Reference
from registry.rules.file_state import FileState, assess_file
from reminders.messages.links import why_token
from reminders.models import Notice, Wave, WrongReport
from reminders.rules.recalls import RecallClass
from reminders.rules.reports import ReportSource, ReportVerdict
from reminders.rules.states import MAILED_STATES, NoticeState

_MAY_HAVE_LEFT = [*(s.value for s in MAILED_STATES), NoticeState.SENDING.value]


@dataclass(frozen=True, slots=True)
class WhyItem:
    """One item of the mail: what it asked for then, by which texts, and what the file says of it now.

    `days_before` is how long before the filing day the wave begins (negative: after it); None: it came along
    with another item's wave.
    """

    kind: CoverKind
    categories: tuple[Category, ...]
    state_then: CoverState
    term: date
    due_on: date
    days_before: int | None
    legal_texts: tuple[str, ...]
    now: tuple[CoverFinding, ...]


@dataclass(frozen=True, slots=True)
class Other:
    """The message on the other side of a correction: the local day it left or may have left, and its page's token."""

    mailed_on: date | None
    token: str


@dataclass(frozen=True, slots=True)
class Why:
    """One message and its reasons. `mailed_on`: the local day it left or may have left; None: it did not.

    `corrects` is what a correction corrects, `corrected_by` the correction that followed. `tells_file`: a correction
    that tells nothing of the file leads to a page that tells nothing of it either.

    `report`: what the file said when its reader reported it as wrong by the link; None: nobody has.
    """

    notice_id: int
    orias_number: str
    language: str
    state: NoticeState
    planned_for: date
    mailed_on: date | None
    items: tuple[WhyItem, ...]
    file: FileState
    corrects: Other | None
    corrected_by: Other | None
    tells_file: bool
    report: ReportVerdict | None
    facts: FileFacts
    reference: Reference

    @property
    def left(self) -> bool:
        """Whether the message left, or may have."""
        return self.state in _MAY_HAVE_LEFT


def explain_notice(key: str, day: date) -> Why | None:
    """The page of the notice with that identity, as of `day`; None where there is none.

    The identity may be planned again after a notice that never left: the one that left counts.
    """
    left_first = Case(When(state__in=_MAY_HAVE_LEFT, then=0), default=1, output_field=IntegerField())
    found = Notice.objects.filter(key=key).select_related("batch", "intermediary", "corrects__batch")
    version = ReferenceVersion.objects.filter(id=1).values("version")
    said = WrongReport.objects.filter(notice=OuterRef("pk"), source=ReportSource.LINK.value)
    told = said.order_by("-id").values("verdict")[:1]
    found = found.annotate(reference_version=Subquery(version), told_by_link=Subquery(told))
    notice = found.order_by(left_first, "-id").first()
    if notice is None:
        return None
    reference = reference_of(notice.reference_version)
    facts = load_papers(notice.intermediary)
    state = assess_file(facts, reference, day)
    return Why(
        notice_id=notice.pk,
        orias_number=facts.orias_number,
        language=facts.language,
        state=NoticeState[notice.state],
        planned_for=notice.batch.as_of,
        mailed_on=_mailed_on(notice),
        items=tuple(_items(notice, reference, state)),
        file=state,
        corrects=_other(notice.corrects),
        corrected_by=None if notice.corrects else _other(_correction_of(notice)),
        tells_file=notice.recall_class != RecallClass.OTHER,
        report=ReportVerdict(notice.told_by_link) if notice.told_by_link else None,
        facts=facts,
        reference=reference,
    )


def _other(notice: Notice | None) -> Other | None:
    return Other(_mailed_on(notice), why_token(notice.key)) if notice else None


def _correction_of(notice: Notice) -> Notice | None:
    """The correction that left; one that did not says nothing to anyone."""
    followed = Notice.objects.filter(corrects=notice.pk, unsent=False)
    return followed.filter(state__in=_MAY_HAVE_LEFT).select_related("batch").first()


def _mailed_on(notice: Notice) -> date | None:
    if notice.state not in _MAY_HAVE_LEFT:
        return None
    return clock.local_day(notice.settled_at) if notice.settled_at else notice.batch.as_of


def _items(notice: Notice, reference: Reference, state: FileState) -> list[WhyItem]:
    offsets = dict(Wave.objects.values_list("code", "first_offset"))
    return [_item(item, notice.batch.as_of, offsets, reference, state) for item in notice.items]


def _item(
    item: dict[str, Any], planned_for: date, offsets: dict[str, int], reference: Reference, state: FileState
) -> WhyItem:
    kind = CoverKind[item["kind"]]
    categories = tuple(Category[code] for code in item["categories"])
    offset = offsets.get(item.get("wave") or "")
    rules = (reference.requirement(category, kind, planned_for) for category in categories)
    return WhyItem(
        kind=kind,
        categories=categories,
        state_then=CoverState[item["state"]],
        term=date.fromisoformat(item["term"]),
        due_on=date.fromisoformat(item["due_on"]),
        days_before=None if offset is None else -offset,
        legal_texts=tuple(rule.legal_text for rule in rules if rule),
        now=tuple(f for f in state.findings if f.kind is kind and f.category in categories),
    )
