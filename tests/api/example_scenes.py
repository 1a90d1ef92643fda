"""The scenes of the examples: each asks for a few operations, in the order in which a caller would.

The bodies here are those of a recording; otherwise the examples' own are sent.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.test import Client

from api.feed import number_all_events
from api.open_data import create_signing_key, publish_register
from registry.models import Cover, Intermediary
from tests.api.callers import Keyed, holder_of, issuer_account
from tests.api.example_runs import Run
from tests.factories import (
    NOW,
    CoverFactory,
    IntermediaryFactory,
    IssuerFactory,
    RegistrationFactory,
    RenewalRequestFactory,
)

NUMBER = "08000042"
ISSUER = "Mutuelle des Abers"
CERTIFICATE = {
    "kind": "RC_PRO",
    "categories": ["COA"],
    "issuer": ISSUER,
    "policy": "RC-2026-0042",
    "starts_on": "2026-03-01",
    "ends_on": "2027-02-28",
    "amount_cents": 156_461_000,
    "annual_cents": 231_561_000,
}


def broker() -> Intermediary:
    """A broker whose certificate and registration end with February."""
    one = IntermediaryFactory.create(
        orias_number=NUMBER,
        name="Armorique Courtage",
        siren="000000042",
        legal_form="SARL",
        email="contact@armorique-courtage.example",
        phone_e164="+33199001234",
        phone_key="199001234",
        address="12 quai de la Douane",
        postcode="29200",
        town="Brest",
    )
    RegistrationFactory.create(intermediary=one)
    certificate(one, imported=True)
    return one


def certificate(one: Intermediary, **values: Any) -> Cover:
    made: Cover = CoverFactory.create(
        intermediary=one, **{"categories": ["COA"], "issuer": ISSUER, "policy": "RC-2025-0042"} | values
    )
    return made


def program(one: Intermediary) -> Keyed:
    return Keyed(holder_of(one, name="armorique"), "file:read", "file:write", name="logiciel du cabinet")


# --- public, and an intermediary's own -------------------------------------------------------------------------


def the_public_reads(run: Run) -> None:
    broker()
    create_signing_key()
    publish_register(NOW)
    anybody = Client()
    run("status", anybody)
    run("problems", anybody)
    run("problem", anybody, code="precondition_failed")
    run("register_search", anybody, query="?q=armorique")
    run("register_entry", anybody, orias_number=NUMBER)
    run("register_check", anybody, {"numbers": [NUMBER]})
    run("register_exports", anybody)


def a_program_reads_and_changes_a_file(run: Run) -> None:
    mine = program(broker())
    own = {"orias_number": NUMBER}
    run("me", mine)
    run("intermediary", mine, **own)
    run("intermediary_state", mine, **own)
    run("intermediary_contact", mine, {"address": "3 rue du Château", "town": "Brest"}, **own)
    person = {"role": "COMPLIANCE", "name": "Camille Martin", "email": "conformite@armorique-courtage.example"}
    own["contact_id"] = run("contact_add", mine, person, **own)["id"]
    run("contacts", mine, **own)
    run("contact", mine, **own)
    run("contact_change", mine, {"phone": "01 99 00 12 35"}, **own)
    run("contact_remove", mine, **own)
    number_all_events()
    run("events", mine, query="?limit=1")


def a_program_deposits_a_certificate(run: Run) -> None:
    mine = program(broker())
    own: dict[str, Any] = {"orias_number": NUMBER}
    own["document_id"] = run("document_upload", mine, **own)["id"]
    run("documents", mine, **own)
    run("document", mine, **own)
    own["cover_id"] = run("cover_deposit", mine, CERTIFICATE | {"documents": [own["document_id"]]}, **own)["id"]
    run("covers", mine, query="?limit=1", **own)
    run("cover", mine, **own)
    run("cover_withdraw", mine, **own)


def a_program_files_a_renewal(run: Run) -> None:
    one = broker()
    RenewalRequestFactory.create(registration=one.registrations.get())
    mine = program(one)
    own: dict[str, Any] = {"orias_number": NUMBER}
    own["renewal_id"] = run("renewals", mine, **own)["results"][0]["id"]
    version = run("renewal", mine, **own)["facts_version"]
    filing = {"category": "COA", "still_true": True, "facts_version": version, "changes": {"phone": "01 99 00 12 36"}}
    run("renewal_file", mine, filing, **own)


def a_program_is_told_of_changes(run: Run) -> None:
    mine = program(broker())
    types = ["cover.changed"]
    hook = {"url": "https://logiciel.armorique-courtage.example/registre", "types": types}
    mine_too = {"webhook_id": run("webhook_subscribe", mine, hook)["id"]}
    run("webhooks", mine)
    for act in ("webhook", "webhook_secret", "webhook_rotate", "webhook_test", "webhook_enable"):
        run(act, mine, **mine_too)
    run("webhook_replay", mine, {"since": "2026-01-29T08:00:00+01:00"}, **mine_too)
    run("webhook_delete", mine, **mine_too)


def an_insurer_tells_of_its_policies(run: Run) -> None:
    broker()
    insurer = Keyed(issuer_account(IssuerFactory.create(code="ABERS", name=ISSUER)), "issuer:write")
    policy = {"orias_number": NUMBER} | {name: CERTIFICATE[name] for name in CERTIFICATE if name != "issuer"}
    run("issuer_covers", insurer, {"rows": [policy]})
    end = {"orias_number": NUMBER, "kind": "RC_PRO", "policy": "RC-2026-0042"}
    run("issuer_events", insurer, {"rows": [end | {"event": "TERMINATED", "effective_on": "2026-06-01"}]})


OF_FILES: tuple[Callable[[Run], None], ...] = (
    the_public_reads,
    a_program_reads_and_changes_a_file,
    a_program_deposits_a_certificate,
    a_program_files_a_renewal,
    a_program_is_told_of_changes,
    an_insurer_tells_of_its_policies,
)
