"""Register files for tests of the import, and the register seen row by row."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

from django.apps import apps
from django.db import connection

from registry.intake.applying import Comparison, Permissions, apply_file
from registry.intake.reading import open_register
from registry.rules.rows import COLUMNS
from tests.factories import NOW
from tests.rules.register_rows import cells

DATA = Path(__file__).parent.parent / "data"
CLEAN, MESSY = DATA / "register-clean.csv", DATA / "register-messy.csv"

SIRENS = ("732829320", "356000000", "552100554", "552081317", "542051180", "542065479", "775670417", "780129987")
"""Nine digits that pass Luhn's check; one for each of the people of `people`."""


def row(person: int, category: str = "COA", **changes: str) -> list[str]:
    """A right record of the person of that rank, without guarantee; CIF and IOB hold no funds."""
    plain = {
        "numero_orias": f"07{person:06d}",
        "siren": SIRENS[person] if person < len(SIRENS) else "",
        "denomination": f"Cabinet {person}",
        "email": f"contact{person}@cabinet.example",
        "categorie": category,
        "encaissement_fonds": "NON",
        "gf_garant": "",
        "gf_numero": "",
        "gf_debut": "",
        "gf_fin": "",
        "gf_montant": "",
        "rcpro_fin": "2026-02-28",
    }
    return cells(**(plain | changes))


GUARANTEE = {
    "encaissement_fonds": "OUI",
    "gf_garant": "Banque d'Exemple",
    "gf_numero": "GF1",
    "gf_debut": "2025-03-01",
    "gf_fin": "2026-02-28",
    "gf_montant": "115000",
}


def removed(on: str = "2026-01-09", status: str = "SUPPRIME") -> dict[str, str]:
    """The cells of a registration that was removed."""
    return {"statut": status, "date_suppression": on}


def written(path: Path, *rows: list[str], delimiter: str = ";", encoding: str = "utf-8", header: Any = COLUMNS) -> Path:
    """Write a register file; return its path."""
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([header, *rows])
    path.write_bytes(out.getvalue().encode(encoding))
    return path


def apply(path: Path, by: Any = None, **allow: bool) -> Comparison:
    """Apply a file as the command does."""
    return apply_file(open_register(path), by=by, now=NOW, allow=Permissions(**allow))


def commit() -> None:
    """Run what the commit would run: the deferred checks."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def query(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    """What the database answers."""
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return list(cursor.fetchall()) if cursor.description else []


TABLES = sorted(model._meta.db_table for model in apps.get_app_config("registry").get_models())


def snapshot(*tables: str) -> dict[str, list[tuple[Any, ...]]]:
    """Every row version of these tables (none named: the register, its history and the contexts): who wrote it,
    where it lies, what it says. A row written again, even with the same values, shows."""
    wanted = tables or (*TABLES, "pghistory_context")
    rows = " UNION ALL ".join(f"SELECT '{t}', xmin::text, ctid, t::text FROM {t} t" for t in wanted)
    found: dict[str, list[tuple[Any, ...]]] = {table: [] for table in wanted}
    for table, *row in query(f"{rows} ORDER BY 1, 3"):
        found[table].append(tuple(row))
    return found


def facts() -> dict[str, list[tuple[Any, ...]]]:
    """What the register says, whatever the ids: people, registrations and covers."""
    return {
        "people": query(
            "SELECT orias_number, siren, name, trade_name, legal_form, email, phone_e164, phone_key, address,"
            " postcode, town FROM registry_intermediary ORDER BY orias_number"
        ),
        "registrations": query(
            "SELECT orias_number, category, filer, holds_client_funds, principal_bears_liability, registered_on,"
            " removed_on FROM registry_registration r JOIN registry_intermediary i ON i.id = r.intermediary_id"
            " ORDER BY 1, 2"
        ),
        "covers": query(
            "SELECT orias_number, kind, categories, issuer, policy, starts_on, ends_on, amount_cents, annual_cents,"
            " status, channel FROM registry_cover c JOIN registry_intermediary i ON i.id = c.intermediary_id"
            " ORDER BY 1, 2, 3, 6"
        ),
    }


def versions() -> dict[str, int]:
    """The facts_version of each intermediary, by number."""
    return dict(query("SELECT orias_number, facts_version FROM registry_intermediary"))
