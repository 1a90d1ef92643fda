"""Files destroyed five years after the removal (CA R512-3 VII, CMF R546-1 IV): previewed, approved, certified.

Whatever table leads to an intermediary by foreign keys is emptied of its rows, history included, unless its app keeps
them without the person (`keep_without_the_person`): a table added later is destroyed by default. The database lets
nothing be deleted but what the certificate that is open in this very transaction names.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from itertools import islice
from typing import Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import AbstractBaseUser
from django.db import connection, models, transaction
from django.db.models import Q

from registry.actions.documents import forget_content
from registry.actions.letters import paper_number
from registry.actions.recording import RegisterError, recording
from registry.clock import local_day
from registry.models import Document, Intermediary, LegalHold, PurgeCertificate, PurgedFile
from registry.models.intermediary import FACTS
from registry.paper import Sheet, print_sheet
from registry.rules.french import counted, day_in_words

CHUNK = 200
"""Files destroyed at once; all are of one transaction."""
NAME_AFTER = "Dossier détruit"
_BLANK = {name: "" for name in FACTS if name not in ("orias_number", "name", "language", "merged_into")} | {
    "name": NAME_AFTER
}

Advance = Callable[[int], None]
Eraser = Callable[[list[int]], dict[str, int]]
_KEPT: set[str] = {"registry.PurgedFile", "registry.PurgeCertificate"}
_ERASERS: list[Eraser] = []


def keep_without_the_person(labels: Iterable[str], eraser: Eraser) -> None:
    """Have the rows of these models stay: `eraser` takes the person out of them, and counts them by table."""
    if eraser not in _ERASERS:
        _ERASERS.append(eraser)
    _KEPT.update(labels)


@dataclass(frozen=True, slots=True)
class PurgeList:
    """The files that may be destroyed on a day: numbers with the day from which each may, and the list's SHA-256."""

    as_of: date
    files: tuple[tuple[int, str, date], ...]

    @property
    def hash(self) -> str:
        """What the approval is bound to."""
        lines = [f"{number};{from_on}" for _, number, from_on in self.files]
        return hashlib.sha256("\n".join([self.as_of.isoformat(), *lines]).encode()).hexdigest()


def list_purgeable(*, as_of: date) -> PurgeList:
    """The files whose every registration was removed more than five years before, that nothing keeps."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT i.id, i.orias_number, p.purge_from FROM registry_purgeable p"
            " JOIN registry_intermediary i ON i.id = p.intermediary_id"
            " WHERE p.purge_from <= %s ORDER BY i.orias_number",
            [as_of],
        )
        return PurgeList(as_of, tuple(cursor.fetchall()))


def purge_files(
    *,
    by: AbstractBaseUser,
    approved_by: AbstractBaseUser,
    now: datetime,
    as_of: date,
    list_hash: str,
    advance: Advance = lambda _: None,
) -> PurgeCertificate:
    """Destroy the files of the previewed list, whole or not at all, and certify it.

    Raises RegisterError where one person would do it alone, the day has not come, or the list is not the one approved.
    """
    if by.pk == approved_by.pk:
        raise RegisterError("Une destruction est approuvée par une autre personne que celle qui la demande.")
    if as_of > local_day(now):
        raise RegisterError(f"Le {as_of} n’est pas encore venu\u00a0: rien n’est détruit d’avance.")
    with recording(by=by, why="destruction de dossiers après cinq ans"):
        listed = list_purgeable(as_of=as_of)
        if not listed.files:
            raise RegisterError(f"Aucun dossier à détruire au {as_of}.")
        if listed.hash != list_hash:
            raise RegisterError("La liste n’est pas celle qui a été approuvée\u00a0: faites-la relire (purge_files).")
        certificate = PurgeCertificate.objects.create(
            number=paper_number(local_day(now), "CD-"),
            as_of=as_of,
            list_hash=list_hash,
            files=len(listed.files),
            asked_by_id=by.pk,
            approved_by_id=approved_by.pk,
            executed_at=now,
        )
        return _close(certificate, _destroy([pk for pk, _, _ in listed.files], certificate, advance))


def _destroy(ids: list[int], certificate: PurgeCertificate, advance: Advance) -> Counter[str]:
    destroyed: Counter[str] = Counter()
    # All are named first: whether a merged number may go is asked of the file it leads to, while that is still there.
    PurgedFile.objects.bulk_create(
        (PurgedFile(intermediary_id=pk, certificate=certificate) for pk in ids), batch_size=1_000
    )
    queue = iter(ids)
    while chunk := list(islice(queue, CHUNK)):
        contents = set(Document.objects.filter(intermediary__in=chunk).values_list("kept_sha256", flat=True))
        for eraser in _ERASERS:
            destroyed.update(eraser(chunk))
        destroyed["registry_issuerlot"] += _forget_in_lots(chunk)
        destroyed.update(_erase(chunk))
        for digest in contents - {""}:
            transaction.on_commit(partial(forget_content, digest))
        advance(len(chunk))
    return destroyed


_FORGET_IN_LOTS = """
WITH numbers AS (SELECT array_agg(orias_number::text) AS gone FROM registry_intermediary WHERE id = ANY (%s))
UPDATE registry_issuerlot l
SET fates = (
    SELECT jsonb_agg(
        CASE WHEN f.fate ->> 'orias_number' = ANY (n.gone) THEN f.fate || %s::jsonb ELSE f.fate END ORDER BY f.place
    )
    FROM jsonb_array_elements(l.fates) WITH ORDINALITY f (fate, place)
)
FROM numbers n
WHERE EXISTS (SELECT FROM jsonb_array_elements(l.fates) f WHERE f ->> 'orias_number' = ANY (n.gone))
"""
_FATE_AFTER: dict[str, object] = {
    "orias_number": "",
    "field": "",
    "code": "",
    "message": "",
    "effective_on": None,
    "warnings": [],
}


def _forget_in_lots(ids: list[int]) -> int:
    """Of what issuers' files said of these intermediaries leave that a row had this fate: how many lots were changed.

    The rows lead to nobody by a foreign key, only by the number that the file names.
    """
    with connection.cursor() as cursor:
        cursor.execute(_FORGET_IN_LOTS, [ids, json.dumps(_FATE_AFTER)])
        return int(cursor.rowcount)


def _erase(ids: list[int]) -> Counter[str]:
    """Delete what belongs to these intermediaries, children first, then its history; leave each a bare number."""
    owned = _owned_models()
    rows = _rows_of(owned, ids)
    destroyed: Counter[str] = Counter()
    for model in reversed(owned):
        destroyed[model._meta.db_table] += _delete(model, "pk__in", rows[model])
    contexts: set[Any] = set()
    everything: list[type[models.Model]] = [*reversed(owned), Intermediary]
    for model in everything:
        history = _history_of(model)
        if history is not None:
            mine = history._default_manager.filter(id__in=rows[model])
            contexts.update(mine.values_list("pgh_context_id", flat=True))
            destroyed[history._meta.db_table] += _delete(history, "id__in", rows[model])
    destroyed["pghistory_context"] += _delete_contexts(contexts - {None})
    destroyed["registry_intermediary"] += Intermediary.objects.filter(pk__in=ids).update(**_BLANK)
    return destroyed


def _delete(model: type[models.Model], lookup: str, keys: set[Any]) -> int:
    """Row by row as SQL has it: no cascade of Django's reaches further than what is meant."""
    found: Any = model._default_manager.filter(**{lookup: keys})
    return int(found._raw_delete(connection.alias) or 0)


def _delete_contexts(contexts: set[Any]) -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "DELETE FROM pghistory_context WHERE id = ANY (%s) AND register_context_is_free(id)", [list(contexts)]
        )
        return int(cursor.rowcount)


def _rows_of(owned: list[type[models.Model]], ids: list[int]) -> dict[type[models.Model], set[Any]]:
    """The keys of every row that belongs to these intermediaries, rows that only the history remembers included."""
    found: dict[type[models.Model], set[Any]] = {Intermediary: set(ids)}
    for model in owned:
        links = [f for f in _links(model) if f.related_model in found]
        mine = Q(*((f"{f.attname}__in", found[f.related_model]) for f in links), _connector=Q.OR)
        keys = set(model._default_manager.filter(mine).values_list("pk", flat=True))
        history = _history_of(model)
        if history is not None:
            keys |= set(history._default_manager.filter(mine).values_list("id", flat=True))
        found[model] = keys
    return found


def _owned_models() -> list[type[models.Model]]:
    """The models whose rows belong to an intermediary, parents before children."""
    left = [m for m in apps.get_models() if _may_be_owned(m)]
    owned: set[type[models.Model]] = {Intermediary}
    while more := {m for m in left if any(f.related_model in owned for f in _links(m))} - owned:
        owned |= more
    ordered: list[type[models.Model]] = [Intermediary]
    while waiting := [m for m in left if m in owned and m not in ordered]:
        ordered += [
            m for m in waiting if all(f.related_model in ordered for f in _links(m) if f.related_model in owned)
        ]
    return ordered[1:]


def _may_be_owned(model: type[models.Model]) -> bool:
    is_history = any(f.name == "pgh_id" for f in model._meta.concrete_fields)
    return model._meta.managed and not is_history and model._meta.label not in _KEPT and model is not Intermediary


def _links(model: type[models.Model]) -> Iterator[Any]:
    return (f for f in model._meta.concrete_fields if f.is_relation and f.related_model is not model)


def _history_of(model: type[models.Model]) -> type[models.Model] | None:
    name = f"{model.__name__}history".lower()
    return apps.all_models[model._meta.app_label].get(name)


def _close(certificate: PurgeCertificate, destroyed: Counter[str]) -> PurgeCertificate:
    certificate.counts = {table: n for table, n in sorted(destroyed.items()) if n}
    certificate.pdf = print_sheet(_sheet(certificate))
    certificate.sha256 = hashlib.sha256(certificate.pdf).hexdigest()
    certificate.save(update_fields=["counts", "pdf", "sha256"])
    return certificate


def _sheet(certificate: PurgeCertificate) -> Sheet:
    day = local_day(certificate.executed_at)
    return Sheet(
        heading=settings.SITE_NAME,
        dated_on=day,
        title=f"Certificat de destruction {certificate.number}",
        paragraphs=(
            f"Le {day_in_words(day)}, {counted(certificate.files, 'dossier')} dont toute inscription a été supprimée "
            "depuis plus de cinq ans ont été détruits (CA R512-3 VII, CMF R546-1 IV). Seuls leurs numéros restent au "
            "registre, pour n’être jamais donnés à nouveau.",
            f"Liste arrêtée au {day_in_words(certificate.as_of)}, d’empreinte SHA-256 {certificate.list_hash}.",
            f"Demandée par {certificate.asked_by.get_username()}, approuvée par "
            f"{certificate.approved_by.get_username()}.",
            "Lignes détruites, ou privées de tout ce qui désigne la personne, par table\u00a0:",
            *(f"- {table}\u00a0: {n}" for table, n in certificate.counts.items()),
        ),
        references=(f"Certificat {certificate.number}",),
    )


def place_hold(*, by: AbstractBaseUser, why: str, now: datetime, intermediary: Intermediary) -> LegalHold:
    """Keep a file whatever its age. Raises RegisterError without a reason, or where it is kept already."""
    if not why.strip():
        raise RegisterError("Une conservation imposée dit pourquoi\u00a0: indiquez un motif.")
    with recording(by=by, why=why):
        if LegalHold.objects.filter(intermediary=intermediary, lifted_at__isnull=True).exists():
            raise RegisterError(f"Le dossier {intermediary.orias_number} est déjà conservé.")
        return LegalHold.objects.create(intermediary=intermediary, reason=why, placed_by_id=by.pk, placed_at=now)


def lift_hold(*, by: AbstractBaseUser, why: str, now: datetime, intermediary: Intermediary) -> LegalHold:
    """Let a file's age count again. Raises RegisterError where it is not kept."""
    with recording(by=by, why=why):
        held = LegalHold.objects.select_for_update().filter(intermediary=intermediary, lifted_at__isnull=True).first()
        if held is None:
            raise RegisterError(f"Le dossier {intermediary.orias_number} n’est pas conservé.")
        held.lifted_by_id, held.lifted_at = by.pk, now
        held.save(update_fields=["lifted_by", "lifted_at"])
        return held
