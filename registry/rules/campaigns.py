"""The renewal campaign: five dates a year, data that a signed decision can move."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from registry.rules.categories import Category, Filer


@dataclass(frozen=True, slots=True)
class CampaignDates:
    """The five dates of the campaign of one `year`, local dates, all inclusive.

    Source: CA A512-2 (renewal takes effect on 1 March, asked at least a month before);
    ORIAS's FAQ (principals and CIF associations by 31 January). See `default_campaign`.
    """

    year: int
    opens_on: date
    principals_due_on: date
    due_on: date
    tolerated_until: date
    expires_on: date

    def filing_day(self, category: Category, filer: Filer) -> date:
        """The last day to file. A CIF always files by its association (CMF L541-4)."""
        by_another = category is Category.CIF or filer is not Filer.SELF
        return self.principals_due_on if by_another else self.due_on

    @property
    def term(self) -> date:
        """The last day of the covers renewed in this campaign: the end of February, wherever a decision moves
        the deadlines, since renewal takes effect on 1 March (CA A512-2)."""
        return last_of_february(self.year)

    def concerns(self, registered_on: date) -> bool:
        """Whether a registration of that day is renewed in this campaign.

        One made from 1 January on runs to the end of February of the *next* year, wherever a decision moves
        the opening: a first validity lasts from 2 to 14 months (ORIAS's FAQ).
        """
        return registered_on < date(self.year, 1, 1)


@lru_cache(maxsize=256)
def last_of_february(year: int) -> date:
    """28 or 29 February."""
    return date(year, 2, monthrange(year, 2)[1])


def default_campaign(year: int) -> CampaignDates:
    """The dates a campaign starts from before any decision moves them.

    1 January, 31 January, then the last day of February for the ordinary date, the tolerance and the expiry.
    """
    end = last_of_february(year)
    return CampaignDates(year, date(year, 1, 1), date(year, 1, 31), end, end, end)


def campaign_ending(term: date, campaigns: Iterable[CampaignDates]) -> CampaignDates | None:
    """The campaign with which a cover whose last day is `term` ends, if any."""
    for campaign in campaigns:
        if campaign.year == term.year and campaign.term == term:
            return campaign
    return None


def campaign_to_come(day: date, campaigns: Iterable[CampaignDates]) -> CampaignDates | None:
    """The first campaign whose covers have not ended on `day`, open already or not."""
    first = None
    for campaign in campaigns:
        if first is None or campaign.year < first.year:
            to_come = campaign.year > day.year or (campaign.year == day.year and day <= campaign.term)
            first = campaign if to_come else first
    return first


def campaign_ahead(day: date, registered_on: date, campaigns: Iterable[CampaignDates]) -> CampaignDates | None:
    """The first campaign not over on `day` that concerns a registration made on `registered_on`."""
    ahead = (c for c in campaigns if c.expires_on >= day and c.concerns(registered_on))
    return min(ahead, key=lambda c: c.expires_on, default=None)
