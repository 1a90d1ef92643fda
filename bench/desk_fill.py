"""A register for the desk's benchmark, by SQL: names of many words, telephones, certificates, and a mailing."""

from __future__ import annotations

from bench.place import NOW

PASSPORT = "a-secret-of-the-benchmarks-alone-which-signs-their-sessions-and-links"  # noqa: S105 - of a throwaway site
MAILED = 18_000
"""As in 2014."""

_PEOPLE = """
INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164, phone_key,
    address, postcode, town, language)
SELECT lpad((7000000 + g)::text, 8, '0'), (100000000 + g)::text,
    'Cabinet ' || initcap(translate(substr(md5((g %% 40000)::text), 1, 7), '0123456789', 'aeiouyrstl'))
        || ' ' || initcap(translate(substr(md5('x' || g %% 7919), 1, 6), '0123456789', 'aeiouylnmr')),
    '', 'SARL', 'contact' || g || '@cabinet-' || g %% 5000 || '.example', '+33' || (100000000 + g),
    (100000000 + g)::text, '', '', 'Lyon', 'fr'
FROM generate_series(1, %s) g
"""
_REST = (
    """
    INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,
        principal_bears_liability, registered_on)
    SELECT id, 'COA', 'SELF', false, false, false, '2010-01-01' FROM registry_intermediary
    """,
    """
    INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on, amount_cents,
        annual_cents, status, channel, deposited_on)
    SELECT id, 'RC_PRO', ARRAY['COA'], 'Assurances Imaginaires', 'RC' || id, '2025-03-01', '2026-02-28', 156461000,
        231561000, 'ACCEPTED', 'IMPORT', '2025-02-01' FROM registry_intermediary
    """,
    """
    INSERT INTO registry_namewords (intermediary_id, words)
    SELECT id, registry_words(name || ' ' || trade_name) FROM registry_intermediary
    """,
    """
    INSERT INTO registry_nameword (word)
    SELECT DISTINCT word FROM registry_namewords, unnest(words) AS word ON CONFLICT DO NOTHING
    """,
)
_ITEMS = (
    '[{"kind": "RC_PRO", "categories": ["COA"], "state": "DUE", "term": "2026-02-28", "due_on": "2026-02-28",'
    ' "wave": "D-7"}]'
)
_NOTICES = """
INSERT INTO reminders_notice (batch_id, intermediary_id, rank, state, key, email, items, body_digest, facts_version,
    not_after, fence, worker, attempts, reason, settled_at, recall_class, live)
SELECT %(batch)s, i.id, row_number() OVER (ORDER BY i.id), 'ACCEPTED',
    left(encode(sha256(i.orias_number::bytea), 'hex'), 40), i.email, %(items)s, '',
    i.facts_version, %(now)s, 0, '', 1, '', %(now)s, '', false
FROM registry_intermediary i ORDER BY i.id LIMIT %(most)s
"""


def fill(people: int) -> None:
    """So many COAs, the words of their names, and the mailing that 18,000 of them got. The triggers rest, which takes
    a superuser and saves minutes at 1,000,000: what they would write is written here."""
    from django.db import connection, transaction

    from reminders.models import Batch

    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute("TRUNCATE registry_namewords, registry_nameword, hotline_lookup CASCADE")
        cursor.execute(_PEOPLE, [people])
        for statement in _REST:
            cursor.execute(statement)
        batch = Batch.objects.create(as_of=NOW.date(), created_at=NOW)
        cursor.execute(_NOTICES, {"batch": batch.pk, "items": _ITEMS, "now": NOW, "most": MAILED})
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
