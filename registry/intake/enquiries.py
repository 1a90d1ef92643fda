"""The January enquiry: which policies of an insurer or guarantor are to be confirmed for the next year, as CSV."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from pathlib import Path
from typing import Any

from django.db import connection

from registry.actions.issuers import keys_of
from registry.facts import load_reference
from registry.intake.reporting import WholeFile
from registry.intake.spreadsheet import neutralised
from registry.models import Issuer
from registry.rules.campaigns import campaign_to_come
from registry.rules.categories import CoverKind
from registry.rules.issuer_rows import ENQUIRY_ROWS
from registry.rules.issuers import issuer_key, policy_key

# Accepted, in the issuer's name, to the end of the campaign to come and not ended before, of somebody
# registered; without a certificate of the same policy for the year after.
_OPEN = """
SELECT i.orias_number, i.name, c.kind, c.policy, c.categories, c.starts_on, c.ends_on, c.amount_cents, c.annual_cents
FROM registry_cover c
JOIN registry_intermediary i ON i.id = c.intermediary_id
LEFT JOIN registry_issuedcover s ON s.cover_id = c.id
LEFT JOIN registry_coverword w ON w.cover_id = c.id
WHERE c.status = 'ACCEPTED' AND c.policy <> ''
  AND (s.issuer_id = %(issuer)s OR s.issuer_id IS NULL AND c.issuer = ANY (%(names)s))
  AND c.ends_on IN (%(term)s, make_date(extract(year FROM %(term)s::date)::integer, 2, 28))
  AND NOT coalesce(w.lost && daterange(%(term)s, NULL), false)
  AND EXISTS (
      SELECT FROM registry_registration r
      WHERE r.intermediary_id = c.intermediary_id AND r.category = ANY (c.categories)
        AND r.registered_on <= %(day)s AND (r.removed_on IS NULL OR r.removed_on > %(day)s)
  )
  AND NOT EXISTS (
      SELECT FROM registry_cover n
      WHERE n.intermediary_id = c.intermediary_id AND n.kind = c.kind AND n.status = 'ACCEPTED'
        AND n.starts_on = %(term)s::date + 1
        AND regexp_replace(lower(n.policy), '[^a-z0-9]', '', 'g')
            = regexp_replace(lower(c.policy), '[^a-z0-9]', '', 'g')
  )
ORDER BY i.orias_number, c.kind, c.policy, c.starts_on
"""
_SHORT = {CoverKind.RC_PRO.value: "RC_PRO", CoverKind.FINANCIAL_GUARANTEE.value: "GF"}


class _EnquiryCsv(WholeFile):
    """Opens in a spreadsheet (UTF-8 with BOM) and runs no formula."""

    encoding = "utf-8-sig"
    rows = 0

    def begin(self) -> None:
        self._writer = csv.writer(self._file, delimiter=";")
        self._writer.writerow(ENQUIRY_ROWS.columns)

    def add(self, cells: list[str]) -> None:
        """Append a policy."""
        self._writer.writerow([neutralised(cell) for cell in cells])
        self.rows += 1


def export_enquiry(issuer: Issuer, day: date, path: Path) -> int:
    """Write the policies whose tacit renewal on 1 January is to be confirmed (CA R512-14, R512-15; CMF R519-16,
    R519-17), the column « reponse » left to fill; how many."""
    with _EnquiryCsv(path) as file:
        for row in _one_a_policy(_open_covers(issuer, day)):
            file.add(row)
    return file.rows


def _open_covers(issuer: Issuer, day: date) -> Iterator[tuple[Any, ...]]:
    campaign = campaign_to_come(day, load_reference().campaigns)
    if campaign is None:
        return
    keys = keys_of(issuer)
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT issuer FROM registry_cover")
        names = [name for (name,) in cursor.fetchall() if issuer_key(name) in keys]
        cursor.execute(_OPEN, {"issuer": issuer.pk, "names": names, "term": campaign.term, "day": day})
        yield from cursor.fetchall()


def _one_a_policy(rows: Iterable[tuple[Any, ...]]) -> Iterator[list[str]]:
    """One row for each policy, where a register file has made a certificate of it for each category."""
    for (number, name, kind, _), same in groupby(rows, key=lambda r: (r[0], r[1], r[2], policy_key(r[3]))):
        covers = list(same)
        categories = sorted({code for cover in covers for code in cover[4]})
        amount, annual = (max((c[n] for c in covers if c[n] is not None), default=None) for n in (7, 8))
        first = covers[0]
        days = [min(c[5] for c in covers).isoformat(), max(c[6] for c in covers).isoformat()]
        yield [number, name, _SHORT[kind], first[3], " ".join(categories), *days, _euros(amount), _euros(annual), ""]


def _euros(cents: int | None) -> str:
    return "" if cents is None else f"{cents // 100},{cents % 100:02d}"
