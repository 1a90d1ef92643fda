"""Writers of insurers and guarantors: who they are, and by which spellings certificates name them."""

from __future__ import annotations

import re
from collections.abc import Iterable

from django.contrib.auth.models import AbstractBaseUser

from registry.actions.recording import RegisterError, recording
from registry.models import Issuer, IssuerName
from registry.rules.issuers import CODE_PATTERN, issuer_key
from registry.rules.problems import shown


def record_issuer(
    *, by: AbstractBaseUser | None, why: str, code: str, name: str, aliases: Iterable[str] = ()
) -> Issuer:
    """Enter an insurer or guarantor, or give one that is there another name and more aliases.

    Raises RegisterError for a code that is none, a name without a letter, and a spelling that means another issuer.
    """
    if not re.fullmatch(CODE_PATTERN, code):
        raise RegisterError(
            f"«\u00a0{shown(code)}\u00a0» n’est pas un code\u00a0: 2 à 30 capitales, chiffres ou tirets."
        )
    with recording(by=by, why=why):
        issuer, made = Issuer.objects.get_or_create(code=code, defaults={"name": name})
        if not made and issuer.name != name:
            issuer.name = name
            issuer.save(update_fields=["name"])
        for spelling in dict.fromkeys([name, *aliases]):
            _add_name(issuer, spelling)
        return issuer


def _add_name(issuer: Issuer, name: str) -> None:
    key = issuer_key(name)
    if not key:
        raise RegisterError(f"«\u00a0{shown(name)}\u00a0» ne contient ni lettre ni chiffre\u00a0: donnez un vrai nom.")
    kept, _ = IssuerName.objects.get_or_create(key=key, defaults={"issuer": issuer, "name": name})
    if kept.issuer_id != issuer.pk:
        raise RegisterError(
            f"«\u00a0{shown(name)}\u00a0» désigne déjà {kept.issuer}\u00a0: un nom ne désigne qu’un assureur ou garant."
        )


def find_issuer(code: str) -> Issuer:
    """The issuer of that code. Raises RegisterError where there is none."""
    found = Issuer.objects.filter(code=code).first()
    if found is None:
        raise RegisterError(
            f"Aucun assureur ni garant de code «\u00a0{shown(code)}\u00a0»\u00a0: créez-le avec record_issuer."
        )
    return found


def keys_of(issuer: Issuer) -> frozenset[str]:
    """The compared spellings that mean this issuer."""
    return frozenset(IssuerName.objects.filter(issuer=issuer).values_list("key", flat=True))
