"""Two brokers who renew between the approval of the list and the moment of sending: the heart of the story."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.contrib.auth.models import User

from registry.actions import accept_cover
from registry.clock import local_day
from registry.models import Cover, Intermediary
from registry.rules.categories import Category, CoverKind
from registry.rules.facts import CoverStatus
from reminders.models import Batch, Notice
from web.demo.papers import deposit, follow_up


@dataclass(frozen=True, slots=True)
class Renewer:
    """One on the approved list who lacks nothing but the RC Pro of the coming year."""

    intermediary: Intermediary
    categories: tuple[Category, ...]
    term: date

    @property
    def label(self) -> str:
        """Number and name."""
        return f"{self.intermediary.orias_number} {self.intermediary.name}"


def renewers(batch: Batch) -> tuple[Renewer, Renewer]:
    """The first two of the frozen list who lack their RC Pro alone: they are in its first step."""
    notices = Notice.objects.filter(batch=batch.pk).select_related("intermediary").order_by("rank")
    alone = (n for n in notices.iterator() if [item["kind"] for item in n.items] == [CoverKind.RC_PRO])
    return _renewer(next(alone)), _renewer(next(alone))


def deposit_renewal(renewer: Renewer, *, now: datetime) -> None:
    """The broker sends next year's certificate, with its paper, by the web site."""
    deposit(follow_up(renewer.intermediary, CoverKind.RC_PRO, renewer.categories, renewer.term), now=now)


def accept_renewal(renewer: Renewer, *, by: User, now: datetime) -> None:
    """A registry officer accepts what the broker has deposited."""
    waiting = Cover.objects.get(intermediary=renewer.intermediary, status=CoverStatus.DEPOSITED)
    accept_cover(by=by, why="attestation conforme", day=local_day(now), cover=waiting)


def _renewer(notice: Notice) -> Renewer:
    item = notice.items[0]
    categories = tuple(Category(code) for code in item["categories"])
    return Renewer(notice.intermediary, categories, date.fromisoformat(item["term"]))
