"""A right record of a register file, to be spoilt one cell at a time."""

from registry.rules.rows import COLUMNS

RIGHT = {
    "numero_orias": "07001003",
    "siren": "732829320",
    "denomination": "Atlantique Alpes",
    "nom_commercial": "",
    "forme_juridique": "SARL",
    "categorie": "COA",
    "statut": "INSCRIT",
    "date_inscription": "2007-01-20",
    "date_suppression": "",
    "encaissement_fonds": "OUI",
    "email": "contact@cabinet.example",
    "telephone": "0261919999",
    "adresse": "85 rue de la République",
    "code_postal": "33000",
    "ville": "Bordeaux",
    "rcpro_assureur": "Compagnie d'Exemple",
    "rcpro_police": "RC1",
    "rcpro_debut": "2025-03-01",
    "rcpro_fin": "2027-02-28",
    "rcpro_montant_sinistre": "1564610",
    "rcpro_montant_annuel": "2315610",
    "gf_garant": "Banque d'Exemple",
    "gf_numero": "GF1",
    "gf_debut": "2025-03-01",
    "gf_fin": "2027-02-28",
    "gf_montant": "115000",
}

assert tuple(RIGHT) == COLUMNS


def cells(**changes: str) -> list[str]:
    """The right record with these cells instead."""
    assert set(changes) <= set(RIGHT)
    return list((RIGHT | changes).values())
