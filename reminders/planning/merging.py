"""What a merge of two numbers means for their reminders: notices under way, and waves that both have been told of."""

from __future__ import annotations

from typing import Any

from registry.merges import MergePreview
from reminders.models import Notice, NoticeItem
from reminders.rules.states import NoticeState


def told_of_merge(preview: MergePreview) -> dict[str, Any]:
    """The preview as plain data, for scripts and for people; the notices as they stand at this moment."""
    plan = preview.plan
    return {
        "keep": _person(preview.keep),
        "drop": _person(preview.drop),
        "possible": not plan.conflicts,
        "conflicts": [
            {"code": c.value, "label": c.label, "category": category or None} for c, category in plan.conflicts
        ],
        "moves": {
            "registrations": list(plan.registrations),
            "covers": list(plan.covers),
            "contacts": list(plan.contacts),
            "documents": list(plan.documents),
            "numbers": list(plan.absorbed),
            "filled": dict(plan.filled),
        },
        "stays": {name: list(keys) for name, keys in plan.stays.items()},
        "under_way": _under_way(preview),
        "waves_of_both": _waves_of_both(preview),
        "hash": preview.hash,
    }


def _person(one: Any) -> dict[str, str]:
    return {"orias_number": one.orias_number, "name": one.name, "siren": one.siren, "email": one.email}


def _under_way(preview: MergePreview) -> list[dict[str, Any]]:
    """What would be decided again at the moment of sending: under the number given up it is then withdrawn."""
    both = [preview.keep.pk, preview.drop.pk]
    rows = Notice.objects.filter(intermediary__in=both, live=True).select_related("intermediary", "batch")
    return [
        {
            "notice": n.pk,
            "batch": n.batch_id,
            "batch_state": n.batch.state,
            "orias_number": n.intermediary.orias_number,
            "state": n.state,
            "state_label": NoticeState(n.state).label,
            "withdrawn": n.intermediary_id == preview.drop.pk and n.state != NoticeState.SENDING,
        }
        for n in rows.order_by("pk")
    ]


def _waves_of_both(preview: MergePreview) -> list[str]:
    """The waves held under either number: none of them leaves again (I2)."""
    held = NoticeItem.objects.filter(intermediary__in=[preview.keep.pk, preview.drop.pk], held=True)
    return sorted({f"{kind}/{term}/{wave}" for kind, term, wave in held.values_list("kind", "term", "wave")})
