"""Numbers that may be one person: pairs that share something rare, compared and weighed.

Comparing each with each would take 5,000,000,000 comparisons for 100,000 files. So each file is put under a few keys
(its address, its telephones, the rare words of its name, postcode and beginning of the name), and only files under one
key are compared; a key that too many share says nothing of a person, and is left aside. The work grows with the
register, not with its square.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection, transaction

from registry.findings import joined_by_sets
from registry.rules.duplicates import CLOSE_NAME, Alike, Likeness, weigh

MOST_UNDER_ONE_KEY = 20
"""An accountant's telephone, a head office's address or a frequent name is shared by more."""
GENERIC = (
    "SARL|SAS|SASU|EURL|SA|SNC|SCP|SELARL|EI|EIRL|ETS|STE|SOCIETE|CABINET|CIE|COMPAGNIE|GROUPE|AGENCE|ASSURANCE|"
    "ASSURANCES|COURTAGE|COURTIER|COURTIERS|CONSEIL|CONSEILS|FINANCE|FINANCES|PATRIMOINE|GESTION|ET|DE|DU|DES|"
    "MONSIEUR|MADAME|M|MME"
)
"""Words of a name that tell nobody from another."""

_FOLDED = (
    "CREATE TEMPORARY TABLE alike_file ON COMMIT DROP AS"
    " SELECT i.id, i.orias_number, i.siren, lower(i.email) AS email, i.postcode, i.name,"
    " btrim(regexp_replace(regexp_replace(regexp_replace(upper(unaccent(i.name)), '[^A-Z0-9]+', ' ', 'g'),"
    " '\\m(' || %(generic)s || ')\\M', ' ', 'g'), ' +', ' ', 'g')) AS folded"
    " FROM registry_intermediary i WHERE i.merged_into_id IS NULL"
)
_KEYS = """
CREATE TEMPORARY TABLE alike_key ON COMMIT DROP AS
WITH said AS (
    SELECT id, 'M' || email AS key FROM alike_file WHERE email <> ''
    UNION SELECT intermediary_id, 'M' || lower(email) FROM registry_contact WHERE email <> ''
    UNION SELECT i.id, 'T' || i.phone_key FROM registry_intermediary i
          WHERE i.phone_key <> '' AND i.merged_into_id IS NULL
    UNION SELECT intermediary_id, 'T' || phone_key FROM registry_contact WHERE phone_key <> ''
    UNION SELECT id, 'W' || word FROM alike_file, unnest(string_to_array(folded, ' ')) word WHERE length(word) > 2
    UNION SELECT id, 'P' || postcode || left(replace(folded, ' ', ''), 3) FROM alike_file
          WHERE postcode <> '' AND length(folded) > 2
)
SELECT s.id, s.key
FROM said s
JOIN (SELECT key FROM said GROUP BY key HAVING count(*) BETWEEN 2 AND %(most)s) k ON k.key = s.key
"""
_PAIRS = """
WITH pair AS (
    SELECT a.id AS first, b.id AS second,
           bool_or(a.key LIKE 'M%%') AS same_email, bool_or(a.key LIKE 'T%%') AS same_phone
    FROM alike_key a JOIN alike_key b ON b.key = a.key AND b.id > a.id
    GROUP BY a.id, b.id
)
SELECT f.orias_number, s.orias_number, f.name, s.name, p.same_email, p.same_phone, closeness.it,
       f.postcode <> '' AND f.postcode = s.postcode, f.siren, s.siren,
       EXISTS (SELECT FROM registry_registration x JOIN registry_registration y ON y.category = x.category
               WHERE x.intermediary_id = p.first AND y.intermediary_id = p.second
                 AND x.removed_on IS NULL AND y.removed_on IS NULL)
FROM pair p
JOIN alike_file f ON f.id = p.first
JOIN alike_file s ON s.id = p.second
-- "LE GOFF" and "LEGOFF" are close in one of the two.
CROSS JOIN LATERAL (
    SELECT greatest(similarity(f.folded, s.folded),
                    similarity(replace(f.folded, ' ', ''), replace(s.folded, ' ', ''))) AS it OFFSET 0
) closeness
WHERE (p.same_email OR p.same_phone OR closeness.it >= %(close)s)
  AND NOT EXISTS (SELECT FROM registry_duplicatedismissal d WHERE d.first_id = p.first AND d.second_id = p.second)
"""


@dataclass(frozen=True, slots=True)
class Suggestion:
    """Two numbers that may be one person, and how much they look like it."""

    numbers: tuple[str, str]
    names: tuple[str, str]
    likeness: Likeness


def suggest_duplicates() -> list[Suggestion]:
    """The pairs worth a look, the likeliest first; none that was dismissed, none already merged."""
    found = [one for one in _compared() if one.likeness.is_worth_a_look]
    return sorted(found, key=lambda one: (-one.likeness.points, one.numbers))


def _compared() -> Iterator[Suggestion]:
    parameters: dict[str, str | int | float] = {"generic": GENERIC, "most": MOST_UNDER_ONE_KEY, "close": CLOSE_NAME}
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DROP TABLE IF EXISTS pg_temp.alike_file, pg_temp.alike_key")
        for statement in (_FOLDED, "ANALYZE alike_file", _KEYS, "ANALYZE alike_key"):
            cursor.execute(statement, parameters)
        with joined_by_sets():
            cursor.execute(_PAIRS, parameters)
            rows = cursor.fetchall()
    for first, second, name, other, email, phone, similarity, place, siren, its, category in rows:
        alike = Alike(email, phone, similarity, place, (siren, its), category)
        yield Suggestion((first, second), (name, other), weigh(alike))
