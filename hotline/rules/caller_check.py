"""Whether a caller is who they say: public facts are for anyone, private ones after two proofs of four."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations

from registry.rules.labels import LabelledEnum

ENOUGH = 2
_POLICY_END = 4
_SHORTEST_NAME = 3
_CIVILITIES = frozenset({"madame", "monsieur", "mme", "mlle", "maitre", "mrs"})


class CallerProof(LabelledEnum):
    """What a caller said that the public register alone does not give, or must at least be known."""

    NUMBER = "NUMBER", "Numéro ORIAS", "ORIAS number"
    SIREN = "SIREN", "SIREN", "SIREN"
    CONTACT = "CONTACT", "Nom d’un contact", "Name of a contact"
    POLICY = "POLICY", "Fin du numéro de police", "End of the policy number"


@dataclass(frozen=True, slots=True)
class Said:
    """What the caller said: number and SIREN as the agent compared them, the rest as it was typed."""

    number: bool = False
    siren: bool = False
    contact: str = ""
    policy: str = ""


@dataclass(frozen=True, slots=True)
class Held:
    """What the file holds to compare it with."""

    siren: str = ""
    contacts: tuple[str, ...] = ()
    policies: tuple[str, ...] = ()


def proofs_of(said: Said, held: Held) -> tuple[CallerProof, ...]:
    """What the caller has proved, in the order of the codes."""
    return tuple(_proofs(said, held))


def _proofs(said: Said, held: Held) -> Iterator[CallerProof]:
    if said.number:
        yield CallerProof.NUMBER
    if said.siren and held.siren:
        yield CallerProof.SIREN
    if any(_is_named(said.contact, name) for name in held.contacts):
        yield CallerProof.CONTACT
    if any(_ends_so(said.policy, policy) for policy in held.policies):
        yield CallerProof.POLICY


def is_enough(proofs: tuple[CallerProof, ...]) -> bool:
    """Whether private facts may be told."""
    return len(set(proofs)) >= ENOUGH


SUFFICIENT = tuple(
    ",".join(proof.value for proof in some)
    for count in range(ENOUGH, len(CallerProof) + 1)
    for some in combinations(CallerProof, count)
)
"""Every way to have proved enough, as it is stored."""


def _is_named(said: str, name: str) -> bool:
    """Whether all that was said is part of the name, and says something: a civility alone names nobody."""
    words = _words(said) - _CIVILITIES
    return any(len(word) >= _SHORTEST_NAME for word in words) and words <= _words(name)


def _words(name: str) -> frozenset[str]:
    letters = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(letter for letter in letters if not unicodedata.combining(letter))
    return frozenset(re.findall(r"\w+", plain))


def _ends_so(said: str, policy: str) -> bool:
    """Whether exactly the last four letters or digits of the policy were said."""
    typed, whole = (re.sub(r"[\W_]", "", text).upper() for text in (said, policy))
    return len(typed) == _POLICY_END and whole.endswith(typed)
