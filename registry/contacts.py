"""Whose principal address is to be confirmed, and by which telephones an intermediary can be reached."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import connection

from registry.models import Contact
from registry.rules.contacts import CHECKED_EVERY, ContactRole

# The set-based twin of registry.rules.contacts.is_to_check, of those registered on the day. Only a confirmation of the
# address as it now is counts.
_TO_CHECK = """
SELECT i.id, i.orias_number, i.name, i.email, i.phone_e164, r.since, c.checked_on
FROM registry_intermediary i
JOIN (
    SELECT intermediary_id, min(registered_on) AS since
    FROM registry_registration
    WHERE registered_on <= %(day)s AND (removed_on IS NULL OR removed_on > %(day)s)
    GROUP BY intermediary_id
) r ON r.intermediary_id = i.id
LEFT JOIN (
    SELECT intermediary_id, email, max(checked_on) AS checked_on
    FROM registry_addresscheck GROUP BY intermediary_id, email
) c ON c.intermediary_id = i.id AND c.email = i.email
WHERE i.email <> '' AND greatest(coalesce(c.checked_on, r.since), r.since) <= %(limit)s
ORDER BY c.checked_on NULLS FIRST, r.since, i.orias_number
"""


@dataclass(frozen=True, slots=True)
class ToCheck:
    """One whose address nobody has confirmed for a year: since when registered, last confirmed on (None: never)."""

    orias_number: str
    name: str
    email: str
    phones: tuple[str, ...]
    registered_on: date
    checked_on: date | None


def addresses_to_check(day: date) -> list[ToCheck]:
    """Those whose principal address is to be confirmed on `day`, the longest unconfirmed first: two queries."""
    with connection.cursor() as cursor:
        cursor.execute(_TO_CHECK, {"day": day, "limit": day - CHECKED_EVERY})
        rows = cursor.fetchall()
    phones = phones_of([row[0] for row in rows])
    return [
        ToCheck(number, name, email, tuple(p for p in (own, *phones.get(pk, ())) if p), since, checked)
        for pk, number, name, email, own, since, checked in rows
    ]


def phones_of(ids: Iterable[int]) -> dict[int, list[str]]:
    """The telephones of these intermediaries' contacts, with whom one reaches there: one query."""
    found: dict[int, list[str]] = defaultdict(list)
    rows = Contact.objects.filter(intermediary__in=list(ids)).exclude(phone_e164="").order_by("intermediary", "id")
    for pk, phone, role, name in rows.values_list("intermediary_id", "phone_e164", "role", "name"):
        found[pk].append(f"{phone} ({', '.join(filter(None, [name, ContactRole(role).label]))})")
    return found
