"""What the pages of a batch show: the funnel, the reasons, the brakes, and where the release stands."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.safestring import SafeString

from api.problems import in_english, label_of, said
from registry.clock import PARIS
from registry.rules.categories import Category, CoverKind
from reminders.config import EngineSettings
from reminders.models import Batch, BatchKind
from reminders.models.batch import PauseReason
from reminders.planning.curve import Progress, progress_of
from reminders.planning.preview import calls_report, changes_since_previous, in_order
from reminders.rules.brakes import BrakeLevel
from reminders.rules.eligibility import SkipReason
from reminders.rules.funnel import funnel
from reminders.rules.recalls import RecallClass
from reminders.rules.states import BatchState, NoticeState
from web import pictures
from web.pictures import Bar, Line

DRAWN = (
    (NoticeState.ACCEPTED, ("acceptés", "accepted"), "ok"),
    (NoticeState.SKIPPED, ("écartés au dernier moment", "left out at the last moment"), "wait"),
    (NoticeState.REFUSED, ("refusés", "refused"), "gap"),
)
_BRAKE_TAGS = {
    BrakeLevel.GREEN: ("passe", "passes"),
    BrakeLevel.AMBER: ("à confirmer", "to confirm"),
    BrakeLevel.RED: ("bloque", "blocks"),
}
TICKS = 5


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture and the rows of its table."""

    svg: SafeString
    rows: list[Bar]


def funnel_of(batch: Batch) -> Picture:
    """Who is left at each stage; of a correction, who got the message and who gets it corrected."""
    if batch.kind == BatchKind.RECALL:
        reached = batch.conservation.get("reached", batch.planned)
        rows = [
            Bar(said("Ont reçu le message", "Received the message"), reached),
            Bar(said("Recevront le rectificatif", "Will get the correction"), batch.planned),
        ]
    else:
        told = funnel(batch.skipped, batch.planned)
        rows = [
            Bar(said("Au registre", "In the register"), told.registered),
            Bar(said("Une pièce est due", "A paper is due"), told.due),
            Bar(said("Relance à faire", "Reminder to be sent"), told.not_yet_reminded),
            Bar(said("Recevront le message", "Will get the message"), told.will_receive),
        ]
    title = said("Du registre aux destinataires", "From the register to the recipients")
    return Picture(pictures.funnel(rows, title, english=in_english()), rows)


def reasons_of(batch: Batch) -> Picture:
    """Why the others get nothing, the most frequent reason first."""
    rows = [Bar(_capital(label_of(SkipReason(code))), n) for code, n in pictures.shares(batch.skipped).items()]
    title = said("Écartés, par motif", "Left out, by reason")
    return Picture(pictures.bars(rows, title, english=in_english()), rows)


def preview_of(batch: Batch, engine: EngineSettings) -> dict[str, Any]:
    """All that is shown of a batch before anyone approves it."""
    changes = changes_since_previous(batch) if batch.state in (BatchState.DRAFT, BatchState.APPROVED) else None
    return {
        "batch": batch,
        "state": BatchState(batch.state),
        "kind": BatchKind(batch.kind),
        "funnel": funnel_of(batch),
        "reasons": reasons_of(batch),
        "brakes": [_brake(brake) for brake in _worst_first(batch.brakes)],
        "red": any(brake["level"] == BrakeLevel.RED for brake in batch.brakes),
        "amber": any(brake["level"] == BrakeLevel.AMBER for brake in batch.brakes),
        "by_category": [(Category(code), n) for code, n in in_order(batch.by_category, Category).items()],
        "by_item": [(CoverKind(code), n) for code, n in in_order(batch.by_item, CoverKind).items()],
        "by_class": [(RecallClass(code), n) for code, n in in_order(batch.by_class, RecallClass).items() if n],
        "changes": changes,
        "calls": calls_report(batch.planned, engine.pace_per_hour, engine.hotline),
        "is_over": batch.state in (BatchState.COMPLETED, BatchState.CANCELLED, BatchState.STALE),
    }


def _worst_first(brakes: list[Mapping[str, str]]) -> list[Mapping[str, str]]:
    levels = list(BrakeLevel)
    return sorted(brakes, key=lambda brake: -levels.index(BrakeLevel(brake["level"])))


def _brake(brake: Mapping[str, str]) -> dict[str, str]:
    level = BrakeLevel(brake["level"])
    return {"level": level.value.lower(), "word": said(*_BRAKE_TAGS[level]), "message": brake["message"]}


def live_of(batch: Batch, now: datetime) -> dict[str, Any]:
    """Where the release stands, with its curve."""
    progress = progress_of(batch, now)
    state = BatchState(batch.state)
    return {
        "batch": batch,
        "state": state,
        "kind": BatchKind(batch.kind),
        "now": now,
        "counts": [(NoticeState(code), n) for code, n in progress.counts.items() if n],
        "totals": {code: progress.counts[code] for code in progress.counts},
        "waiting": _waiting(progress),
        "curve": _curve(progress),
        "table": _table(progress),
        "pause": PauseReason(batch.pause_reason) if batch.pause_reason else None,
        "goes_on": state in (BatchState.RELEASING, BatchState.PAUSED),
        "is_over": batch.state in (BatchState.COMPLETED, BatchState.CANCELLED, BatchState.STALE),
    }


def _waiting(progress: Progress) -> int:
    waiting = (NoticeState.PLANNED, NoticeState.CLAIMED, NoticeState.SENDING, NoticeState.DEFERRED)
    return sum(progress.counts[state.value] for state in waiting)


def _curve(progress: Progress) -> SafeString:
    lines = [Line(said(*names), style, progress.grown[state.value]) for state, names, style in DRAWN]
    ticks = [(place, _clock(progress, place)) for place in _places(progress, TICKS)]
    title = said("Messages depuis le lancement", "Messages since the release")
    return pictures.curve(lines, ticks, title, english=in_english())


def _table(progress: Progress) -> list[tuple[str, list[int]]]:
    """The same at a few instants; of one minute, its end."""
    last = {_clock(progress, place): place for place in _places(progress, 10)}
    return [(at, [progress.grown[state.value][place] for state, _, _ in DRAWN]) for at, place in last.items()]


def _places(progress: Progress, count: int) -> list[int]:
    return sorted({round(n * (progress.places - 1) / (count - 1)) for n in range(count)})


def _clock(progress: Progress, place: int) -> str:
    """As its own clock shows it; with seconds where minutes would be the same."""
    local = progress.at(place).astimezone(PARIS)
    return f"{local:%H:%M:%S}" if progress.size.total_seconds() < TICKS * 4 else f"{local:%H:%M}"


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]
