"""Where the benchmarks work: Django set up on a database of their own, emptied, filled set-based."""

from __future__ import annotations

import os
import resource
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime

DAY = date(2026, 2, 24)
NOW = datetime(2026, 2, 24, 9, 0, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results: what was done, how fast, the limit or peer of the same run, and the aim."""

    work: str
    figure: str
    limit: str
    ratio: str
    aim: str


def set_up() -> None:
    """Django on the benchmarks' own database, migrated."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "settings.bench"
    import django

    django.setup()
    from django.core.management import call_command

    call_command("migrate", verbosity=0)


def empty() -> None:
    """No file, no batch, no journal; the rows that migrations put in stay."""
    from django.db import connection

    from reminders.config import engine_settings
    from reminders.sending.arming import arm

    with connection.cursor() as cursor:
        # The register refuses to be emptied; this one holds nobody.
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND relname ~ '^(registry|reminders)_.*history$'"
        )
        histories = [name for (name,) in cursor.fetchall()]
        tables = ["registry_intermediary", "registry_storedfinding", "registry_registerimport", "reminders_batch"]
        tables += ["reminders_journalmark", "django_q_ormq", *histories]
        cursor.execute(f"TRUNCATE {', '.join(tables)} CASCADE")
        cursor.execute("SET session_replication_role = DEFAULT")
    engine = engine_settings()
    shutil.rmtree(engine.journal_dir, ignore_errors=True)
    arm(engine, by=None, now=NOW)


def fill_with_due_files(people: int, *, with_history: bool = True) -> None:
    """So many COA whose RC Pro ends with the campaign of 2026 and is not renewed: all due on DAY.

    Without history the triggers that write it rest, which takes a superuser and saves minutes at 1,000,000.
    """
    from django.db import connection, transaction

    with transaction.atomic(), connection.cursor() as cursor:
        if not with_history:
            cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            "INSERT INTO registry_intermediary (orias_number, siren, name, trade_name, legal_form, email, phone_e164,"
            " phone_key, address, postcode, town, language)"
            " SELECT lpad((7000000 + g)::text, 8, '0'), '', 'Cabinet Étoile ' || g, '', 'SARL',"
            " 'contact' || g || '@cabinet-' || g %% 5000 || '.example', '', '', '', '', '', 'fr'"
            " FROM generate_series(1, %s) g",
            [people],
        )
        cursor.execute(
            "INSERT INTO registry_registration (intermediary_id, category, filer, holds_client_funds, funds_mandate,"
            " principal_bears_liability, registered_on)"
            " SELECT id, 'COA', 'SELF', false, false, false, '2010-01-01' FROM registry_intermediary"
        )
        cursor.execute(
            "INSERT INTO registry_cover (intermediary_id, kind, categories, issuer, policy, starts_on, ends_on,"
            " amount_cents, annual_cents, status, channel, deposited_on)"
            " SELECT id, 'RC_PRO', ARRAY['COA'], 'Assurances Imaginaires', 'RC1', '2025-03-01', '2026-02-28',"
            " 156461000, 231561000, 'ACCEPTED', 'IMPORT', '2025-02-01' FROM registry_intermediary"
        )
        cursor.execute("ANALYZE")


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Seconds of the block, in a list of one that is filled when it ends."""
    taken: list[float] = []
    started = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - started)


def peak_megabytes() -> float:
    """The largest resident size of this process so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def say(text: str) -> None:
    """Progress, on stderr."""
    print(text, file=sys.stderr, flush=True)
