"""What a renewal asks again: all that was said a year ago is shown; only what has changed since is to be looked at."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from registry.rules.labels import LabelledEnum

FIELDS: Mapping[str, str] = {
    "name": "dénomination",
    "trade_name": "nom commercial",
    "legal_form": "forme juridique",
    "email": "courriel",
    "phone_e164": "téléphone",
    "address": "adresse",
    "postcode": "code postal",
    "town": "ville",
    "filer": "qui dépose",
    "holds_client_funds": "encaisse des fonds",
    "funds_mandate": "mandat écrit d’encaissement",
    "principal_bears_liability": "le mandant répond de l’activité",
}
"""What a renewal confirms (CA A512-2), in the order in which it is asked."""

FIELDS_IN_ENGLISH: Mapping[str, str] = {
    "name": "name",
    "trade_name": "trade name",
    "legal_form": "legal form",
    "email": "e-mail",
    "phone_e164": "telephone",
    "address": "address",
    "postcode": "postcode",
    "town": "town",
    "filer": "who files",
    "holds_client_funds": "holds clients’ funds",
    "funds_mandate": "written mandate to collect funds",
    "principal_bears_liability": "the principal is liable for the activity",
}


class AnswerState(LabelledEnum):
    """Whether a field needs the filer's eye."""

    STILL_TRUE = "STILL_TRUE", "inchangé depuis la dernière demande", "as in the last request"
    CHANGED = "CHANGED", "modifié depuis la dernière demande", "changed since the last request"
    TO_CONFIRM = "TO_CONFIRM", "jamais confirmé", "never confirmed"


@dataclass(frozen=True, slots=True)
class Answer:
    """One field: what the register says now, what it said when the last request was filed (None: there is none)."""

    field: str
    label: str
    state: AnswerState
    now: object
    then: object = None


def prefill(now: Mapping[str, object], then: Mapping[str, object] | None) -> tuple[Answer, ...]:
    """Each field with what it says now; against `then`, what the filer of the last request had confirmed."""
    return tuple(_answer(name, label, now[name], then) for name, label in FIELDS.items())


def _answer(name: str, label: str, value: object, then: Mapping[str, object] | None) -> Answer:
    if then is None:
        return Answer(name, label, AnswerState.TO_CONFIRM, value)
    state = AnswerState.STILL_TRUE if then[name] == value else AnswerState.CHANGED
    return Answer(name, label, state, value, then[name])
