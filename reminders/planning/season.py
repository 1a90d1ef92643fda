"""How a campaign goes on: how many files hold the paper of the coming year, by the day on which they filed it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import accumulate

from django.db import connection

from registry.rules.campaigns import CampaignDates
from registry.rules.facts import CoverStatus

FIRST, LAST = -90, 30
"""The days of a season, counted from the last day of the term."""

# The first paper of each that goes on the day after the term: an intermediary counts once.
_FILED = """
SELECT first_on - %(term)s::date, count(*) FROM (
    SELECT intermediary_id, min(deposited_on) AS first_on FROM registry_cover
    WHERE kind = 'RC_PRO' AND status = ANY (%(counts)s) AND starts_on <= %(term)s::date + 1 AND ends_on > %(term)s
    GROUP BY intermediary_id
) filed GROUP BY 1
"""


@dataclass(frozen=True, slots=True)
class Season:
    """One campaign: from the day FIRST on, how many had filed by then; `values` ends with today."""

    year: int
    term: date
    values: Sequence[int]

    @property
    def filed(self) -> int:
        """So many up to now."""
        return self.values[-1] if self.values else 0


def season_of(campaign: CampaignDates, day: date) -> Season:
    """The season of a campaign as known on `day`: one query. Those who filed before the first day count on it."""
    last = min(LAST, (day - campaign.term).days)
    with connection.cursor() as cursor:
        counts = [CoverStatus.ACCEPTED.value, CoverStatus.DEPOSITED.value]
        cursor.execute(_FILED, {"term": campaign.term, "counts": counts})
        found = dict(cursor.fetchall())
    days = [0] * max(0, last - FIRST + 1)
    for offset, count in found.items():
        if days and offset <= last:
            days[max(0, offset - FIRST)] += count
    return Season(campaign.year, campaign.term, list(accumulate(days)))


def day_of(season: Season, place: int) -> date:
    """The day of a place."""
    return season.term + timedelta(days=FIRST + place)
