"""Writers of merges: two numbers of one person made one by two people, and undone while nothing else has moved."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from django.contrib.auth.models import AbstractBaseUser
from django.db.models import Max, Model

from registry.actions.recording import RegisterError, recording
from registry.clock import PARIS
from registry.findings import store_findings
from registry.merges import preview_merge
from registry.models import (
    Contact,
    Cover,
    CoverPaper,
    Document,
    DuplicateDismissal,
    Intermediary,
    IntermediaryMerge,
    Registration,
)
from registry.past import history_of
from registry.rules.merging import Plan, undo_until

_MOVED: tuple[tuple[str, type[Model]], ...] = (
    ("registrations", Registration),
    ("covers", Cover),
    ("contacts", Contact),
)


def merge_intermediaries(
    *,
    by: AbstractBaseUser,
    approved_by: AbstractBaseUser,
    why: str,
    now: datetime,
    day: date,
    keep: str,
    drop: str,
    preview_hash: str,
) -> IntermediaryMerge:
    """Merge `drop` into `keep` (ORIAS numbers), exactly as the preview of that hash showed.

    Registrations in force, certificates, contacts and documents move; the ledger stays as it is. Raises RegisterError
    where the files have moved since, something stands against it, no reason is given, or one person would sign alone.
    """
    _require_two(by, approved_by, why)
    with recording(by=by, why=why):
        _lock([keep, drop])
        preview = preview_merge(keep, drop)
        _require_no_conflict(preview.plan)
        if preview.hash != preview_hash:
            raise RegisterError(
                "L’aperçu n’est plus celui que vous avez vu\u00a0: l’un des deux dossiers a changé. "
                "Affichez-le de nouveau, relisez, et donnez son empreinte."
            )
        moved = _move(preview.keep, preview.drop, preview.plan)
        merge = IntermediaryMerge.objects.create(
            keep=preview.keep,
            drop=preview.drop,
            preview_hash=preview_hash,
            moved=moved,
            reason=why[:500],
            signed_by_id=by.pk,
            approved_by_id=approved_by.pk,
            merged_at=now,
        )
        _refresh((preview.keep, preview.drop), day)
        return merge


def undo_merge(*, by: AbstractBaseUser, why: str, now: datetime, day: date, merge_id: int) -> IntermediaryMerge:
    """Undo a merge: what moved goes back, what was filled in is emptied, the number stands by itself again.

    Raises RegisterError where there is none, it was undone before, its thirty days are over, no reason is given, or
    something has changed since that would make the undoing untrue; the message says what.
    """
    if not why.strip():
        raise RegisterError("Dites pourquoi\u00a0: le motif est obligatoire.")
    with recording(by=by, why=why):
        merge = IntermediaryMerge.objects.select_for_update().filter(pk=merge_id).first()
        if merge is None or merge.undone_at is not None:
            raise RegisterError(f"La fusion {merge_id} n’existe pas, ou est déjà défaite.")
        if now > (until := undo_until(merge.merged_at)):
            raise RegisterError(
                f"La fusion {merge_id} pouvait être défaite jusqu’au {until.astimezone(PARIS):%Y-%m-%d %H:%M}. "
                "Passez par des écritures ordinaires, chacune avec son motif."
            )
        _lock([merge.keep.orias_number, merge.drop.orias_number])
        merge.keep.refresh_from_db()
        if changed := list(_changed_since(merge)):
            raise RegisterError(
                f"La fusion {merge_id} ne se défait plus\u00a0: depuis, {', '.join(changed)}. "
                "Défaites d’abord ce qui peut l’être."
            )
        _move_back(merge)
        # Never before the merge itself, though the clock has been set back since.
        merge.undone_at, merge.undone_by_id, merge.undo_reason = max(now, merge.merged_at), by.pk, why[:500]
        merge.save(update_fields=["undone_at", "undone_by", "undo_reason"])
        _refresh((merge.keep, merge.drop), day)
        return merge


def dismiss_duplicate(*, by: AbstractBaseUser, why: str, now: datetime, numbers: tuple[str, str]) -> DuplicateDismissal:
    """Say that two numbers are two persons: the pair is not suggested again.

    Raises RegisterError for an unknown number, twice the same, no reason, or a pair that was dismissed before.
    """
    if not why.strip():
        raise RegisterError("Dites pourquoi\u00a0: le motif est obligatoire.")
    found = dict(Intermediary.objects.filter(orias_number__in=numbers).values_list("orias_number", "id"))
    missing = [number for number in numbers if number not in found]
    if missing or len(found) != len(numbers):
        raise RegisterError(f"Donnez deux numéros différents du registre ({', '.join(missing or numbers)}).")
    first, second = sorted(found.values())
    if DuplicateDismissal.objects.filter(first=first, second=second).exists():
        raise RegisterError("Cette paire est déjà écartée.")
    with recording(by=by, why=why):
        return DuplicateDismissal.objects.create(
            first_id=first, second_id=second, reason=why.strip()[:500], dismissed_by_id=by.pk, dismissed_at=now
        )


def _require_two(by: AbstractBaseUser, approved_by: AbstractBaseUser, why: str) -> None:
    if by.pk == approved_by.pk:
        raise RegisterError("Une fusion est approuvée par une autre personne que celle qui la signe.")
    if not why.strip():
        raise RegisterError("Dites pourquoi\u00a0: le motif est obligatoire.")


def _require_no_conflict(plan: Plan) -> None:
    if plan.conflicts:
        told = "\u00a0; ".join(f"{c.label}{f' ({category})' if category else ''}" for c, category in plan.conflicts)
        raise RegisterError(f"Fusion impossible\u00a0: {told}.")


def _lock(numbers: list[str]) -> None:
    """Both rows, in one order for everybody: a message about to leave and an import wait, or are waited for."""
    list(Intermediary.objects.select_for_update().filter(orias_number__in=numbers).order_by("id").values("id"))


def _move(keep: Intermediary, drop: Intermediary, plan: Plan) -> dict[str, Any]:
    """Move what the plan says; what an undoing needs: each row's last event, and what was there before."""
    keys: Mapping[str, Iterable[int]] = {
        "registrations": plan.registrations,
        "covers": plan.covers,
        "contacts": plan.contacts,
    }
    for name, model in _MOVED:
        model._default_manager.filter(pk__in=keys[name]).update(intermediary=keep)
    Intermediary.objects.filter(pk__in=plan.absorbed).update(merged_into=keep)
    given_up = {"siren": ""} if "siren" in plan.filled else {}
    Intermediary.objects.filter(pk=drop.pk).update(merged_into=keep, **given_up)
    if plan.filled:
        Intermediary.objects.filter(pk=keep.pk).update(**plan.filled)
    # After the number leads on: until then the database refuses that a document changes its file.
    Document.objects.filter(pk__in=plan.documents).update(intermediary=keep)
    return {
        **{name: _last_events(model, keys[name]) for name, model in _MOVED},
        "documents": list(plan.documents),
        "absorbed": list(plan.absorbed),
        "filled": dict(plan.filled),
        "siren": drop.siren,
        "last_cover": Cover.objects.aggregate(last=Max("pk"))["last"] or 0,
        "last_paper": CoverPaper.objects.aggregate(last=Max("pk"))["last"] or 0,
    }


def _last_events(of: type[Model], keys: Iterable[int]) -> dict[str, int]:
    """The last event of each of these rows."""
    last = history_of(of).filter(pgh_obj__in=list(keys)).values("pgh_obj").annotate(last=Max("pgh_id"))
    return {str(row["pgh_obj"]): row["last"] for row in last}


def _changed_since(merge: IntermediaryMerge) -> Iterable[str]:
    """What has changed since a merge, in words."""
    keep, drop = merge.keep, Intermediary.objects.get(pk=merge.drop_id)
    if keep.merged_into_id is not None:
        yield f"le numéro {keep.orias_number} a lui-même été fusionné"
    if drop.merged_into_id != keep.pk:
        yield f"le numéro {drop.orias_number} mène ailleurs"
    for name, model in _MOVED:
        yield from (f"{_WORDS[name]} {key} a changé" for key in _not_as_moved(model, merge.moved[name]))
    yield from (
        f"{name} du numéro gardé a changé"
        for name, value in merge.moved["filled"].items()
        if getattr(keep, name) != value
    )
    yield from _deposited_since(merge)
    if "documents" in merge.moved:
        yield from _attached_since(merge)


def _not_as_moved(of: type[Model], events: Mapping[str, int]) -> list[str]:
    """The rows that are not as the event of their move left them; one that went on and came back is."""
    last = _last_events(of, map(int, events))
    told = history_of(of).in_bulk([*events.values(), *last.values()])
    return [key for key, event in events.items() if _facts(told[event]) != _facts(told.get(last.get(key, 0)))]


def _facts(event: Any | None) -> dict[str, Any]:
    """What an event says of its row; nothing where the row is gone."""
    if event is None or event.pgh_label == "delete":
        return {}
    fields = (f.attname for f in event._meta.concrete_fields)
    return {name: getattr(event, name) for name in fields if not name.startswith("pgh_")}


_WORDS = {"registrations": "l’inscription", "covers": "l’attestation", "contacts": "le contact"}


def _deposited_since(merge: IntermediaryMerge) -> Iterable[str]:
    """Certificates that came since and may be of a registration that would go back: nobody could tell whose."""
    moving = Registration.objects.filter(pk__in=map(int, merge.moved["registrations"])).values_list(
        "category", flat=True
    )
    newer = Cover.objects.filter(
        intermediary=merge.keep_id, pk__gt=merge.moved["last_cover"], categories__overlap=list(moving)
    )
    for key in newer.order_by("pk").values_list("pk", flat=True):
        yield f"l’attestation {key} a été déposée"


def _attached_since(merge: IntermediaryMerge) -> Iterable[str]:
    """Documents that have since been filed as evidence across the two: a certificate would lose its paper."""
    covers, documents = set(map(int, merge.moved["covers"])), set(_documents_moved(merge))
    newer = CoverPaper.objects.filter(pk__gt=merge.moved.get("last_paper", 0), cover__intermediary=merge.keep_id)
    for cover, document in newer.order_by("pk").values_list("cover_id", "document_id"):
        if (cover in covers) != (document in documents):
            yield f"le document {document} a été joint à l’attestation {cover}"


def _documents_moved(merge: IntermediaryMerge) -> list[int]:
    """None in a merge of the time when documents stayed where they were."""
    return [int(key) for key in merge.moved.get("documents", ())]


def _move_back(merge: IntermediaryMerge) -> None:
    emptied = {name: "" for name in merge.moved["filled"]}
    if emptied:
        Intermediary.objects.filter(pk=merge.keep_id).update(**emptied)
    Intermediary.objects.filter(pk=merge.drop_id).update(merged_into=None, siren=merge.moved["siren"])
    Intermediary.objects.filter(pk__in=merge.moved["absorbed"], merged_into=merge.keep_id).update(
        merged_into=merge.drop_id
    )
    for name, model in _MOVED:
        model._default_manager.filter(pk__in=map(int, merge.moved[name])).update(intermediary=merge.drop_id)
    Document.objects.filter(pk__in=_documents_moved(merge)).update(intermediary=merge.drop_id)


def _refresh(both: Iterable[Intermediary], day: date) -> None:
    for one in both:
        store_findings(one.pk, as_of=day)
