"""Writers of associations and principals: who belongs to whom, its end, and the signals that staff settle."""

from __future__ import annotations

import re
from datetime import date

from django.contrib.auth.models import AbstractBaseUser, User
from django.db import IntegrityError, transaction

from registry.actions.recording import RegisterError, recording
from registry.findings import store_findings
from registry.models import Affiliation, FilingBody, Registration, Signal
from registry.rules.affiliations import (
    AffiliationFacts,
    BodyKind,
    SignalKind,
    filer_on,
    is_left_without,
    to_show_by,
)
from registry.rules.categories import Category
from registry.rules.issuers import CODE_PATTERN
from registry.rules.problems import shown


def record_body(
    *, by: AbstractBaseUser | None, why: str, code: str, kind: BodyKind, name: str, siren: str = ""
) -> FilingBody:
    """Enter an association or a principal, or give one that is there another name or SIREN.

    Raises RegisterError for a code that is none, an empty name, and a code that is of the other kind.
    """
    if not re.fullmatch(CODE_PATTERN, code):
        raise RegisterError(
            f"«\u00a0{shown(code)}\u00a0» n’est pas un code\u00a0: 2 à 30 capitales, chiffres ou tirets."
        )
    if not name.strip():
        raise RegisterError("La dénomination est vide\u00a0: donnez celle de l’association ou du mandant.")
    with recording(by=by, why=why):
        body, made = FilingBody.objects.get_or_create(
            code=code, defaults={"kind": kind.value, "name": name, "siren": siren}
        )
        if body.kind != kind.value:
            raise RegisterError(f"{body} est déjà enregistré, et d’une autre nature\u00a0: prenez un autre code.")
        if not made and (body.name, body.siren) != (name, siren):
            body.name, body.siren = name, siren
            body.save(update_fields=["name", "siren"])
        return body


def record_membership(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    registration: Registration,
    body: FilingBody,
    starts_on: date,
    files: bool = False,
) -> Affiliation:
    """Record a membership or mandate that begins on `starts_on`; with `files` the body files the renewal.

    Raises RegisterError where it is on record already, or a CIF is given a principal.
    """
    if registration.category == Category.CIF.value and body.kind == BodyKind.PRINCIPAL.value:
        raise RegisterError("Un CIF adhère à une association et n’a pas de mandant (CMF L541-4).")
    with recording(by=by, why=why):
        try:
            with transaction.atomic():
                made = Affiliation.objects.create(
                    registration=registration, body=body, starts_on=starts_on, files=files
                )
        except IntegrityError:
            raise RegisterError(f"{registration} est déjà rattaché à {body}, sans fin annoncée.") from None
        _set_filer(registration, day)
        store_findings(registration.intermediary_id, as_of=day)
        return made


def record_membership_end(
    *,
    by: AbstractBaseUser | None,
    why: str,
    day: date,
    registration: Registration,
    body: FilingBody,
    ends_on: date,
    told_on: date,
) -> Signal | None:
    """Record that a membership or mandate ends after `ends_on`, as its association or principal told on `told_on`.

    Opens a signal unless another body of that kind is there within the month (CMF R546-3, CA R512-5). Raises
    RegisterError where none is open, the end is before the start, or the notice is dated in the future.
    """
    if told_on > day:
        raise RegisterError(f"L’annonce serait reçue le {told_on:%d/%m/%Y}, après aujourd’hui\u00a0: corrigez le jour.")
    with recording(by=by, why=why):
        open_one = Affiliation.objects.select_for_update(of=("self",), no_key=True).filter(
            registration=registration, body=body, ends_on=None
        )
        found = open_one.first()
        if found is None:
            raise RegisterError(f"{registration} n’a pas d’adhésion ni de mandat en cours auprès de {body}.")
        if ends_on < found.starts_on:
            raise RegisterError(f"La fin précède le début, le {found.starts_on:%d/%m/%Y}\u00a0: corrigez le jour.")
        Affiliation.objects.filter(pk=found.pk).update(ends_on=ends_on, end_told_on=told_on)
        _set_filer(registration, day)
        store_findings(registration.intermediary_id, as_of=day)
        return _signal(found, body, day, ends_on, told_on)


def settle_signal(*, by: User, why: str, day: date, signal_id: int, outcome: str) -> Signal:
    """Close a signal with what was done about it. Raises RegisterError where it is closed, absent, or says nothing."""
    if not outcome.strip():
        raise RegisterError("Dites quelle suite a été donnée au signalement.")
    with recording(by=by, why=why):
        waiting = Signal.objects.filter(pk=signal_id, settled_on=None)
        if not waiting.update(settled_on=day, settled_by=by, outcome=outcome):
            raise RegisterError(f"Le signalement {signal_id} n’existe pas, ou il est déjà réglé.")
        signal = Signal.objects.select_related("affiliation__registration").get(pk=signal_id)
        if signal.affiliation:
            # An end that lay ahead when it was told may have come since.
            _set_filer(signal.affiliation.registration, day)
            store_findings(signal.intermediary_id, as_of=day)
        return signal


def _held(registration: Registration) -> list[tuple[int, AffiliationFacts]]:
    rows = Affiliation.objects.filter(registration=registration).order_by("starts_on", "id")
    return [
        (pk, AffiliationFacts(BodyKind(kind), starts_on, ends_on, files))
        for pk, kind, starts_on, ends_on, files in rows.values_list("id", "body__kind", "starts_on", "ends_on", "files")
    ]


def _set_filer(registration: Registration, day: date) -> None:
    filer = filer_on(day, Category(registration.category), [facts for _, facts in _held(registration)])
    Registration.objects.filter(pk=registration.pk).exclude(filer=filer.value).update(filer=filer.value)


def _signal(ended: Affiliation, body: FilingBody, day: date, ends_on: date, told_on: date) -> Signal | None:
    kind = BodyKind(body.kind)
    others = [facts for pk, facts in _held(ended.registration) if pk != ended.pk]
    if not is_left_without(kind, ends_on, others):
        return None
    return Signal.objects.create(
        intermediary_id=ended.registration.intermediary_id,
        kind=SignalKind.of_the_end(kind).value,
        affiliation=ended,
        told_by=str(body)[:250],
        opened_on=day,
        due_on=to_show_by(ends_on, told_on),
    )
