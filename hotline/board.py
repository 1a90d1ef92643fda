"""The line over the day, and the figures of the wallboard."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from django.db import connection
from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q

from hotline.desk import WEEKS, weeks_ago
from hotline.models import Call, LineCall
from hotline.rules.calls import WINDOW, CallReason, mean
from hotline.rules.look_ups import OF_NO_CALL, RINGING
from registry.clock import PARIS

OPENS, CLOSES = time(8), time(19)
PIECES = 11 * 60 // 5
"""Of five minutes each, from opening to closing."""
MOST_REASONS = 5

_PIECES = """
SELECT x.kind, w.week, floor(extract(epoch FROM x.at - w.first) / %(seconds)s)::int AS piece, count(*)
FROM unnest(%(weeks)s::int[], %(firsts)s::timestamptz[], %(lasts)s::timestamptz[]) AS w (week, first, last)
CROSS JOIN LATERAL (
    SELECT 'rang' AS kind, rang_at AS at FROM hotline_linecall WHERE rang_at >= w.first AND rang_at < w.last
    UNION ALL SELECT 'noted', started_at FROM hotline_call WHERE started_at >= w.first AND started_at < w.last
    UNION ALL SELECT 'looked', at FROM hotline_lookup
    WHERE at >= w.first AND at < w.last AND NOT purpose = ANY (%(of_no_call)s)
) x
GROUP BY 1, 2, 3
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """Five minutes of the day: calls and look-ups, and how many there are usually on this weekday."""

    begins: datetime
    calls: int
    usual_calls: float
    look_ups: int
    usual_look_ups: float


def day_load(now: datetime) -> list[Piece]:
    """The day so far beside the same weekday of earlier weeks, by the clock of Paris: one query."""
    firsts = [_opening(weeks_ago(now, week)) for week in range(WEEKS + 1)]
    asked: dict[str, Any] = {
        "weeks": list(range(WEEKS + 1)),
        "firsts": firsts,
        "lasts": [first + PIECES * WINDOW for first in firsts],
        "seconds": WINDOW.total_seconds(),
        "of_no_call": [purpose.value for purpose in OF_NO_CALL],
    }
    with connection.cursor() as cursor:
        cursor.execute(_PIECES, asked)
        counts = {(kind, week, piece): count for kind, week, piece, count in cursor.fetchall()}
    return [_piece(counts, piece, firsts[0] + piece * WINDOW) for piece in range(PIECES)]


def _opening(local: datetime) -> datetime:
    return datetime.combine(local.astimezone(PARIS).date(), OPENS, tzinfo=PARIS)


def _piece(counts: dict[tuple[str, int, int], int], piece: int, begins: datetime) -> Piece:
    def calls(week: int) -> int:
        """Those that the telephone system told of, else those that agents logged."""
        return counts.get(("rang", week, piece), 0) or counts.get(("noted", week, piece), 0)

    def looked(week: int) -> int:
        return counts.get(("looked", week, piece), 0)

    earlier = range(1, WEEKS + 1)
    usual, usually_looked = mean([calls(week) for week in earlier]), mean([looked(week) for week in earlier])
    return Piece(begins, calls(0), usual, looked(0), usually_looked)


@dataclass(frozen=True, slots=True)
class Board:
    """The day's figures. `answered_share` and `mean_seconds` are None where nothing was told."""

    waiting: int
    talking: int
    answered: int
    lost: int
    mean_seconds: float | None
    reasons: tuple[tuple[CallReason, int], ...]
    logged: int
    agents: int

    @property
    def answered_share(self) -> float | None:
        """Of the calls that ended or were answered, the part that was answered, in percent."""
        ended = self.answered + self.lost
        return 100 * self.answered / ended if ended else None


def board(now: datetime) -> Board:
    """What happens on the line, and what happened today: three queries."""
    first = datetime.combine(now.astimezone(PARIS).date(), time(0), tzinfo=PARIS)
    lines = _lines(first, now)
    calls = Call.objects.filter(started_at__gte=first, started_at__lte=now)
    by_reason = calls.order_by().values_list("reason").annotate(n=Count("id")).order_by("-n", "reason")
    reasons = tuple((CallReason(code), n) for code, n in by_reason)
    told: dict[str, Any] = calls.aggregate(agents=Count("agent", distinct=True), length=Avg("duration_seconds"))
    length = lines["length"].total_seconds() if lines["length"] else told["length"]
    return Board(
        waiting=lines["waiting"],
        talking=lines["talking"],
        answered=lines["answered"],
        lost=lines["lost"],
        mean_seconds=float(length) if length is not None else None,
        reasons=reasons[:MOST_REASONS],
        logged=sum(n for _, n in reasons),
        agents=told["agents"],
    )


def _lines(first: datetime, now: datetime) -> dict[str, Any]:
    open_ones = Q(hung_up_at=None, rang_at__gt=now - RINGING)
    talk = ExpressionWrapper(F("hung_up_at") - F("answered_at"), output_field=DurationField())
    return LineCall.objects.filter(rang_at__gte=first, rang_at__lte=now).aggregate(
        waiting=Count("pk", filter=open_ones & Q(answered_at=None)),
        talking=Count("pk", filter=open_ones & Q(answered_at__isnull=False)),
        answered=Count("pk", filter=Q(answered_at__isnull=False)),
        lost=Count("pk", filter=Q(answered_at=None, hung_up_at__isnull=False)),
        length=Avg(talk, filter=Q(answered_at__isnull=False, hung_up_at__gte=F("answered_at"))),
    )


def pieces_until(pieces: list[Piece], now: datetime) -> list[Piece]:
    """Those that have begun."""
    return [piece for piece in pieces if piece.begins <= now]


HALF_HOUR = timedelta(minutes=30)


def by_half_hour(pieces: list[Piece]) -> list[Piece]:
    """The same summed by half-hours, for a table that can be read."""
    whole = HALF_HOUR // WINDOW
    groups = [pieces[n : n + whole] for n in range(0, len(pieces), whole)]
    return [
        Piece(
            group[0].begins,
            sum(p.calls for p in group),
            sum(p.usual_calls for p in group),
            sum(p.look_ups for p in group),
            sum(p.usual_look_ups for p in group),
        )
        for group in groups
    ]
